"""The one table of moves, and the roll-up of lines and submissions into one status."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.diagram import README, mermaid, section, table
from gateway.model.status import (
    DECIDED,
    LINE_DEMAND,
    MOVES,
    SETTLED,
    UNDER_REVIEW,
    CaseStatus,
    Ground,
    LineOutcome,
    may_move,
    of_line,
    of_lines,
    roll_up,
)

S = CaseStatus
L = LineOutcome
EVERY_GROUND = set(Ground)
GRANTED = DECIDED - {S.DENIED}
statuses = st.sampled_from(CaseStatus)


def test_every_status_has_a_row_and_no_row_names_a_stranger() -> None:
    assert set(MOVES) == set(CaseStatus)
    assert all(set(row) <= set(CaseStatus) for row in MOVES.values())


def test_every_status_can_be_reached_from_a_draft() -> None:
    reached, frontier = {S.DRAFT}, [S.DRAFT]
    while frontier:
        new = set(MOVES[frontier.pop()]) - reached
        reached |= new
        frontier += new
    assert reached == set(CaseStatus)


def test_from_every_status_the_case_can_end() -> None:
    for status in CaseStatus:
        reached, frontier = {status}, [status]
        while frontier:
            new = set(MOVES[frontier.pop()]) - reached
            reached |= new
            frontier += new
        assert reached & SETTLED, status


@pytest.mark.parametrize("before", sorted(GRANTED))
@pytest.mark.parametrize("after", sorted(UNDER_REVIEW))
def test_an_approval_never_goes_back_under_review(before: CaseStatus, after: CaseStatus) -> None:
    assert not may_move(before, after, EVERY_GROUND)


def test_a_denial_asks_for_information_only_on_new_evidence_from_the_payer() -> None:
    assert not may_move(S.DENIED, S.NEEDS_INFORMATION)
    assert not may_move(S.DENIED, S.NEEDS_INFORMATION, {Ground.ORDINARY, Ground.PROOF, Ground.DECISION})
    assert may_move(S.DENIED, S.NEEDS_INFORMATION, {Ground.EVIDENCE})


@pytest.mark.parametrize("before", [S.CANCELLED, S.NOT_REQUIRED, S.DUPLICATE, S.EXPIRED, S.RESCINDED])
@pytest.mark.parametrize("after", sorted(CaseStatus))
def test_nothing_leaves_an_ended_case_but_by_a_superseding_record(before: CaseStatus, after: CaseStatus) -> None:
    if after != before:
        assert not may_move(before, after, EVERY_GROUND - {Ground.DECISION})


@pytest.mark.parametrize("after", [S.SUBMITTING, S.QUEUED])
def test_an_uncertain_filing_is_sent_again_only_on_proof_that_it_is_absent(after: CaseStatus) -> None:
    assert not may_move(S.UNCERTAIN, after, EVERY_GROUND - {Ground.PROOF})
    assert may_move(S.UNCERTAIN, after, {Ground.PROOF})


@pytest.mark.parametrize("after", [S.QUEUED, S.SUBMITTING, S.READY, S.CANCEL_PENDING, S.CANCELLED])
def test_a_denied_request_is_not_updated_or_filed_again(after: CaseStatus) -> None:
    assert not may_move(S.DENIED, after, EVERY_GROUND)


@pytest.mark.parametrize("before", sorted(UNDER_REVIEW - {S.RECEIVED}))
def test_a_review_under_way_never_goes_back_to_received(before: CaseStatus) -> None:
    assert not may_move(before, S.RECEIVED, EVERY_GROUND)


@pytest.mark.parametrize("before", sorted(UNDER_REVIEW | DECIDED))
def test_nothing_the_payer_holds_becomes_uncertain_or_queued(before: CaseStatus) -> None:
    for after in (S.UNCERTAIN, S.QUEUED, S.SUBMITTING, S.DRAFT, S.READY):
        assert not may_move(before, after, EVERY_GROUND)


@pytest.mark.parametrize("before", sorted(DECIDED))
def test_a_decision_is_replaced_only_by_a_decision(before: CaseStatus) -> None:
    for after in DECIDED - {before}:
        assert may_move(before, after, {Ground.DECISION})
        assert not may_move(before, after, EVERY_GROUND - {Ground.DECISION})


@given(statuses)
def test_staying_needs_no_ground(status: CaseStatus) -> None:
    assert may_move(status, status, ())


@given(statuses, statuses, st.sets(st.sampled_from(Ground)), st.sets(st.sampled_from(Ground)))
def test_more_grounds_never_forbid(before: CaseStatus, after: CaseStatus, some: set[Ground], more: set[Ground]) -> None:
    assert may_move(before, after, some | more) >= may_move(before, after, some)


PARTS = st.lists(statuses, min_size=1, max_size=6)


@given(PARTS, st.randoms(use_true_random=False))
def test_roll_up_does_not_look_at_the_order(parts: list[CaseStatus], chance: random.Random) -> None:
    assert roll_up(parts) == roll_up(chance.sample(parts, len(parts)))


@given(PARTS)
def test_roll_up_of_its_own_result_is_itself(parts: list[CaseStatus]) -> None:
    whole = roll_up(parts)
    assert roll_up([whole]) == whole
    assert roll_up([*parts, whole]) == whole
    assert roll_up([*parts, *parts]) == whole


@given(PARTS, PARTS)
def test_roll_up_may_be_taken_in_steps(one: list[CaseStatus], other: list[CaseStatus]) -> None:
    assert roll_up([roll_up(one), roll_up(other)]) == roll_up([*one, *other])


@given(statuses)
def test_one_part_alone_is_the_whole(status: CaseStatus) -> None:
    assert roll_up([status]) == status


@given(PARTS)
def test_a_part_that_is_not_settled_keeps_the_whole_open(parts: list[CaseStatus]) -> None:
    if set(parts) - SETTLED:
        assert roll_up(parts) not in SETTLED - {S.FAILED}


def test_no_part_rolls_up_to_nothing() -> None:
    with pytest.raises(ValueError, match="no parts"):
        roll_up([])
    with pytest.raises(ValueError, match="no parts"):
        of_lines([])


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([L.CERTIFIED, L.CERTIFIED], S.APPROVED),
        ([L.CERTIFIED, L.CERTIFIED_MODIFIED], S.APPROVED_MODIFIED),
        ([L.CERTIFIED, L.NOT_CERTIFIED], S.PARTIALLY_APPROVED),
        ([L.CERTIFIED_MODIFIED, L.NOT_CERTIFIED], S.PARTIALLY_APPROVED),
        ([L.NOT_CERTIFIED, L.NOT_CERTIFIED], S.DENIED),
        ([L.NOT_CERTIFIED, L.NOT_REQUIRED], S.DENIED),
        ([L.CERTIFIED, L.NOT_REQUIRED], S.APPROVED),
        ([L.CERTIFIED, L.CANCELLED], S.APPROVED),
        ([L.NOT_REQUIRED, L.NOT_REQUIRED], S.NOT_REQUIRED),
        ([L.NOT_REQUIRED, L.CANCELLED], S.NOT_REQUIRED),
        ([L.CANCELLED, L.CANCELLED], S.CANCELLED),
        ([L.CERTIFIED, L.PENDING], S.PENDED),
        ([L.PENDING, L.INFO_REQUESTED], S.NEEDS_INFORMATION),
        ([L.PENDING, L.CONTACT_PAYER], S.CONTACT_PAYER),
        ([L.CONTACT_PAYER, L.INFO_REQUESTED], S.NEEDS_INFORMATION),
        ([L.CERTIFIED, L.UNKNOWN], S.RECEIVED),
        ([L.NOT_CERTIFIED, L.UNKNOWN], S.RECEIVED),
    ],
)
def test_lines_add_up(outcomes: list[LineOutcome], status: CaseStatus) -> None:
    assert of_lines(outcomes) == status
    assert of_lines(reversed(outcomes)) == status


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([S.APPROVED, S.FAILED], S.FAILED),
        ([S.APPROVED, S.UNCERTAIN], S.UNCERTAIN),
        ([S.UNCERTAIN, S.REJECTED], S.REJECTED),
        ([S.APPROVED, S.RESCINDED], S.PARTIALLY_APPROVED),
        ([S.DUPLICATE, S.APPROVED], S.APPROVED),
        ([S.DENIED, S.EXPIRED], S.DENIED),
        ([S.QUEUED, S.PENDED], S.QUEUED),
    ],
)
def test_submissions_add_up(parts: list[CaseStatus], status: CaseStatus) -> None:
    assert roll_up(parts) == status


def test_unknown_is_never_a_decision_and_never_pended() -> None:
    assert of_line(L.UNKNOWN) == S.RECEIVED


def test_every_line_outcome_has_a_status_and_a_rank() -> None:
    assert sorted(LINE_DEMAND) == sorted(LineOutcome)
    assert all(of_line(outcome) in CaseStatus for outcome in LineOutcome)


def _drawn() -> dict[tuple[str, str], str]:
    """The moves that the diagram's text says, read back from it."""
    text = mermaid()
    boxes = {name: tuple(label.split("<br>")) for name, label in re.findall(r'^ +(\w+)\["(.+)"\]$', text, re.M)}
    hubs: dict[str, list[str]] = {name: [] for name in re.findall(r"^ +(\w+)\{\{", text, re.M)}
    for hub, box in re.findall(r"^ +(\w+) -\.-> (\w+)$", text, re.M):
        hubs[hub] += boxes[box]
    moves = {}
    for source, ground, target in re.findall(r"^ +(\w+) -->(?:\|(\w+)\|)? (\w+)$", text, re.M):
        for before in boxes[source]:
            for after in hubs.get(target) or boxes[target]:
                if before != after:
                    moves[before, after] = ground or "ordinary"
    return moves


def _listed() -> dict[tuple[str, str], str]:
    """The moves that the Markdown table says, read back from it."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table().splitlines()]
    grounds = rows[0][1:]
    return {
        (row[0], after): ground
        for row in rows[2:]
        for ground, cell in zip(grounds, row[1:], strict=True)
        for after in cell.split(", ")
        if after
    }


def test_diagram_and_table_say_exactly_the_moves() -> None:
    moves = {
        (str(before), str(after)): ground.name.lower()
        for before, row in MOVES.items()
        for after, ground in row.items()
        if before != after
    }
    assert _drawn() == moves
    assert _listed() == moves


def test_the_readme_holds_the_diagram_and_the_table_of_today() -> None:
    assert section() in README.read_text(), "run: python -m gateway.model.diagram"
