"""Where a case goes on by itself whose payer says that somebody else, or another channel, has to be asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from gateway.contract.destination import Destination, Mode
from gateway.engine.detours import Blocked, Detour, Detours, gone
from gateway.engine.handing import PAYER
from gateway.engine.scripts import Scripts
from gateway.engine.whole import handed_on, restated, together
from gateway.engine.wording import carded
from gateway.model.outcome import Answer, FollowUp, LineResult, Outcome
from gateway.model.people import Pharmacy
from gateway.model.reasons import NextAction, Reason, Word
from gateway.model.request import PARequest
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.directory import Directory, named
from gateway.profiles.layers import Variants
from gateway.profiles.library import Library
from gateway.profiles.reference import Reference
from gateway.routing.decision import Result, Rule
from gateway.store.numbers import ControlNumbers
from gateway.store.records import Case, Due, Rerouted, Step, Submission, Verb
from tests.unit.api_house import NoSettings, Parrot
from tests.unit.engine_material import CANCEL, NOW, an_attempt
from tests.unit.routing_material import HOLDS, PROVENANCE, a_payer, a_route, a_row, an_ndc, ask

CARD = {"bin": "999001", "pcn": "RXPCN", "group": "GRP1"}
NAMED = "999002/OSP/"
ROWS = (a_row(), a_row(bin="999002", payer="osprey_rx"), a_row(bin="999003", payer="merlin_rx"))
CHANNELS = {"clearinghouse": "pigeon", "larkspur": "pigeon", "osprey": "pigeon", "merlin": "pigeon", "paper": "raven"}


class Numbers:
    async def take(self, sender: str, receiver: str) -> int:
        return 7


def a_library(
    *, rows: tuple[dict[str, Any], ...] = ROWS, paper: bool = False, of_merlin: Any = None, **of_larkspur: Any
) -> Library:
    ways = [a_route("larkspur", "pharmacy"), *([a_route("paper", "pharmacy", priority=2)] if paper else [])]
    payers = (
        a_payer("evergreen_health", a_route("clearinghouse")),
        a_payer("larkspur_rx", *ways, **of_larkspur),
        a_payer("osprey_rx", a_route("osprey", "pharmacy")),
        a_payer("merlin_rx", a_route("merlin", "pharmacy"), **(of_merlin or {})),
    )
    connections = {
        name: ConnectionProfile.model_validate(
            {
                "connection": name,
                "channel": channel,
                "mode": "test",
                "provenance": PROVENANCE,
                "endpoint": "https://a.example",
            }
        )
        for name, channel in CHANNELS.items()
    }
    destinations = {
        (payer.payer, route.connection): Variants.of(
            Destination(
                payer=payer.payer,
                payer_name=payer.name,
                connection=route.connection,
                mode=Mode.TEST,
                endpoint="https://a.example",
                payer_settings=NoSettings(),
                connection_settings=NoSettings(),
                tables={},
            )
        )
        for payer in payers
        for route in payer.routes
    }
    reference = Reference(rows=named([Directory.model_validate({"directory": "cards", "rows": rows})]))
    return Library({payer.payer: payer for payer in payers}, connections, destinations, reference=reference)


def a_request(**over: Any) -> PARequest:
    return ask(an_ndc(id="1", benefit="pharmacy"), card=CARD, **over)


def closed_by(
    payer: str = "larkspur_rx", connection: str = "larkspur", place: int = 1, work: Rerouted | None = None
) -> Submission:
    name = uuid4()
    filing = replace(an_attempt(delivery=Delivery.APP_ACKED, sent=9), submission_id=name, work=work)
    return Submission(
        id=name,
        place=place,
        payer=payer,
        connection=connection,
        channel=CHANNELS[connection],
        benefit="pharmacy",
        line_ids=("1",),
        status=CaseStatus.CLOSED_BY_PAYER,
        attention=Attention.PROVIDER,
        attention_why="another processor has to be asked",
        attempts=(filing,),
    )


def a_case(*submissions: Submission, request: PARequest | None = None) -> Case:
    return Case(
        id=UUID(int=7),
        tenant="default",
        mode=Mode.TEST,
        request=request or a_request(),
        status=CaseStatus.SUBMITTING,
        attention=Attention.PAYER,
        attention_why=None,
        standing=None,
        created_at=NOW,
        updated_at=NOW,
        journal_count=4,
        submissions=submissions,
    )


def closure(*words: Word, code: str | None = NAMED) -> Outcome:
    return Outcome(
        answer=Answer.CLOSED,
        reasons=tuple(Reason(word=word) for word in words or (Word.WRONG_PAYER_OR_DELEGATE,)),
        follow_up=(FollowUp(action=NextAction.REROUTE, code=code, code_system="bin/pcn/group" if code else None),),
    )


async def find(
    case: Case, outcome: Outcome | None = None, library: Library | None = None, *before: Heard
) -> Detour | Blocked | None:
    library, outcome = library or a_library(), outcome or closure()
    adapters = {"pigeon": Parrot(), "raven": Parrot()}
    scripts = Scripts(library, adapters, cast(ControlNumbers, Numbers()), lambda: NOW)
    detours = Detours(library, adapters, scripts, lambda: NOW)
    return await detours.find(case, case.submissions[-1], outcome, (*before, Heard(outcome, NOW)))


async def test_the_processor_that_is_named_is_asked_with_its_card_in_the_place_of_the_requests() -> None:
    closed = closed_by()
    case = a_case(closed)
    found = await find(case)
    assert isinstance(found, Detour)
    new = found.submissions[0]
    assert (new.payer, new.connection, new.place, new.line_ids) == ("osprey_rx", "osprey", 2, ("1",))
    assert (new.status, new.due_for, new.due_at) == (CaseStatus.QUEUED, Due.RETRY, NOW)
    assert new.rerouted == Rerouted(instead_of=closed.id, card=Pharmacy(bin="999002", pcn="OSP"))
    assert carded(case, new).coverages[0].pharmacy == Pharmacy(bin="999002", pcn="OSP")
    assert carded(case, closed).coverages[0].pharmacy == case.request.coverages[0].pharmacy
    [filing] = new.attempts
    assert (filing.verb, filing.delivery) == (Verb.SUBMIT, Delivery.PLANNED)


def handed_to(payer: str) -> Outcome:
    """A closure whose way on is a payer of the library."""
    step = FollowUp(action=NextAction.REROUTE, code=payer, code_system=PAYER)
    return closure().model_copy(update={"follow_up": (step,)})


async def test_a_payer_of_the_library_is_asked_under_the_same_benefit_whatever_the_rules_say() -> None:
    closed = closed_by()
    case = a_case(closed)
    found = await find(case, handed_to("merlin_rx"))
    assert isinstance(found, Detour)
    [new] = found.submissions
    assert (new.payer, new.connection, new.benefit, new.line_ids) == ("merlin_rx", "merlin", "pharmacy", ("1",))
    assert new.rerouted == Rerouted(instead_of=closed.id)
    assert carded(case, new) == case.request, "no card was named"
    [side] = found.decision.sides
    assert [(step.rule, step.result) for step in side.steps] == [(Rule.HANDED_ON, Result.DECIDES)]


@pytest.mark.parametrize(
    ("payer", "why"),
    [("larkspur_rx", "It was asked before"), ("evergreen_health", "a coverage of the request")],
)
async def test_a_payer_that_was_asked_or_is_of_a_coverage_is_a_persons(payer: str, why: str) -> None:
    assert why in await blocked(a_case(closed_by()), handed_to(payer))


async def test_lines_that_the_next_payer_takes_singly_go_in_several_submissions_or_none() -> None:
    two = ask(an_ndc(id="1", benefit="pharmacy"), an_ndc("99999052130", id="2", benefit="pharmacy"), card=CARD)
    closed = replace(closed_by(), line_ids=("1", "2"))
    case = a_case(closed, request=two)
    library = a_library(of_merlin={"requests": [{**HOLDS, "bundling": "per_service"}]})
    found = await find(case, handed_to("merlin_rx"), library)
    assert isinstance(found, Detour)
    assert [(new.place, new.line_ids) for new in found.submissions] == [(2, ("1",)), (3, ("2",))]
    step, _ = gone(case, Step(case.id, submissions=(closed,)), closed, (), found)
    assert [json.loads(entry.body)["plan"]["line_ids"] for entry in step.entries] == [["1"], ["2"]]
    assert [one.status for one in step.submissions[1:]] == [CaseStatus.QUEUED] * 2
    assert len(step.attempts) == 2
    mixed = two.model_copy(update={"lines": (two.lines[0], two.lines[1].model_copy(update={"role": "supportive"}))})
    drugs = a_route("merlin", "pharmacy", roles=["drug"])
    alone = a_library(of_merlin={"routes": [drugs]})
    assert "No route" in await blocked(a_case(closed, request=mixed), handed_to("merlin_rx"), alone)


async def test_a_payer_that_takes_it_over_another_channel_only_is_asked_over_that() -> None:
    outcome = closure(Word.CHANNEL_NOT_SUPPORTED, code=None)
    found = await find(a_case(closed_by()), outcome, a_library(paper=True))
    assert isinstance(found, Detour)
    assert (found.submissions[0].payer, found.submissions[0].channel) == ("larkspur_rx", "raven")
    assert found.submissions[0].rerouted is not None
    assert found.submissions[0].rerouted.card is None
    assert isinstance(await find(a_case(closed_by()), outcome), Blocked)


async def test_the_patients_number_with_the_new_processor_goes_with_its_card_and_no_group_of_the_old_one() -> None:
    first = a_request().coverages[0].model_copy(update={"group_number": "OLDGROUP"})
    case = a_case(closed_by(), request=a_request().model_copy(update={"coverages": (first,)}))
    found = await find(case)
    assert isinstance(found, Detour)
    own = carded(case, found.submissions[0]).coverages[0]
    assert (own.member_id, own.group_number) == (first.member_id, None)
    named = closure(code=f"{NAMED}/OSP777")
    [step] = named.follow_up
    step = step.model_copy(update={"code_system": "bin/pcn/group/cardholder"})
    found = await find(case, named.model_copy(update={"follow_up": (step,)}))
    assert isinstance(found, Detour)
    other = carded(case, found.submissions[0]).coverages[0]
    assert (other.member_id, other.pharmacy) == ("OSP777", Pharmacy(bin="999002", pcn="OSP"))


async def blocked(case: Case, outcome: Outcome | None = None, library: Library | None = None, *before: Heard) -> str:
    found = await find(case, outcome, library, *before)
    assert isinstance(found, Blocked), found
    return found.why


async def test_a_person_goes_on_where_anything_is_left_to_guess() -> None:
    case = a_case(closed_by())
    assert "leaves it to a person" in await blocked(case, library=a_library(reroute="person"))
    assert "no row" in await blocked(case, closure(code="888888//"))
    tied = (*ROWS, a_row(bin="999002", payer="merlin_rx"))
    assert "fit the card alike" in await blocked(case, library=a_library(rows=tied))
    paper = (*ROWS, a_row(bin="999002", pcn="OSP", payer="osprey_rx", supports=[]))
    assert "takes no electronic request" in await blocked(case, library=a_library(rows=paper))
    assert "does not name one processor" in await blocked(case, closure(code=None))
    for code in ("999002", "99/OSP/", "//", "999002/OSP/G/1"):
        assert "no BIN, PCN and group" in await blocked(case, closure(code=code))
    mixed = closure(Word.WRONG_PAYER_OR_DELEGATE, Word.COVERAGE_INACTIVE)
    assert "more than another way" in await blocked(case, mixed)
    second = {"payer": "osprey_rx", "member_id": "OSP1", "line_of_business": "commercial"}
    first = a_request().coverages[0].model_dump(mode="json")
    two = PARequest.model_validate(a_request().model_dump(mode="json") | {"coverages": [first, second]})
    assert "another coverage" in await blocked(a_case(closed_by(), request=two))
    delegation = {
        "delegation": "oral",
        "benefit": "pharmacy",
        "payer": "merlin_rx",
        "effective": {"start": "2026-01-01"},
        "source": "a test",
    }
    unstated = ask(an_ndc(id="1", supply="self_administered"), card=CARD)
    library = a_library()
    plan = library.payer("evergreen_health").model_dump(mode="json") | {"benefits": {"delegations": [delegation]}}
    own = a_payer(payer="evergreen_health", **{k: v for k, v in plan.items() if k != "payer"})
    payers = {one.payer: one for one in library.payers()} | {"evergreen_health": own}
    delegating = Library(payers, library._connections, library._destinations, reference=library.reference)
    assert "somebody else than is named" in await blocked(a_case(closed_by(), request=unstated), library=delegating)


async def test_a_closure_that_an_operator_must_look_at_first_leads_nowhere_by_itself() -> None:
    """It may be about somebody else: a second request for this patient would be filed on the word of another's."""
    twin = {"attention": Attention.OPERATOR, "attention_why": "the payer names a patient of another first name"}
    assert "operator must look first" in await blocked(a_case(closed_by()), closure().model_copy(update=twin))
    contradicted = replace(closed_by(), attention=Attention.OPERATOR)
    assert "operator must look first" in await blocked(a_case(contradicted))


async def test_what_the_practice_wanted_cancelled_is_brought_to_nobody_else() -> None:
    closed = closed_by()
    refused = an_attempt(Verb.AMEND, Delivery.REFUSED, 1, CANCEL)
    said_of_it = replace(closed, attempts=(*closed.attempts, refused))
    assert "wanted it cancelled" in await blocked(a_case(said_of_it))
    infused = closed_by("evergreen_health", "clearinghouse", 2)
    for other in (replace(infused, attempts=(refused,)), replace(infused, status=CaseStatus.CANCELLED)):
        case = a_case(other, closed)
        assert "wanted it cancelled" in await blocked(case), "the other part of one case"


async def test_a_closure_that_came_late_counts_for_nothing_once_the_payer_has_said_something_else() -> None:
    asks = LineResult(line="1", outcome=LineOutcome.INFO_REQUESTED)
    opening = Outcome(answer=Answer.REVIEWED, lines=(asks,), effective_at=NOW)
    anew = closure(Word.COVERAGE_INACTIVE, code=None).model_copy(update={"effective_at": NOW})
    old = closure().model_copy(update={"effective_at": NOW - timedelta(minutes=2)})
    case = a_case(closed_by())
    for later in (opening, anew, Outcome(answer=Answer.REJECTED, effective_at=NOW)):
        before = Heard(later, NOW - timedelta(seconds=5), posted=True)
        assert "not the last word" in await blocked(case, old, None, before)
    refused = Outcome(answer=Answer.REJECTED, effective_at=NOW)
    for later in (Heard(Outcome(answer=Answer.RECEIVED), NOW), Heard(refused, NOW, filing=False)):
        assert isinstance(await find(case, old, None, later), Detour), "neither says anything of the request"


async def test_a_card_that_is_named_in_the_place_of_another_coverages_than_the_first_is_a_persons_to_place() -> None:
    own = {"payer": "larkspur_rx", "member_id": "LRX1", "line_of_business": "commercial"}
    first = a_request().coverages[0].model_dump(mode="json")
    two = PARequest.model_validate(a_request().model_dump(mode="json") | {"coverages": [first, own]})
    assert "another coverage than the first" in await blocked(a_case(closed_by(), request=two))


async def test_what_is_said_of_the_closed_submission_and_not_answered_keeps_it_where_it_is() -> None:
    closed = closed_by()
    for delivery in (Delivery.PLANNED, Delivery.SENT, Delivery.LOST, Delivery.TRANSPORT_ACKED):
        answers = an_attempt(Verb.ANSWER, delivery, sent=1)
        case = a_case(replace(closed, attempts=(*closed.attempts, answers)))
        assert "under way still" in await blocked(case)


async def test_no_way_is_gone_twice_and_no_line_is_brought_to_more_than_three() -> None:
    first = closed_by()
    card = Pharmacy(bin="999002", pcn="OSP")
    second = closed_by("osprey_rx", "osprey", 2, Rerouted(instead_of=first.id, card=card))
    back = closure(code="999001/RXPCN/GRP1")
    assert "It was asked before" in await blocked(a_case(first, second), back)
    on = await find(a_case(first, second), closure(code="999003//"))
    assert isinstance(on, Detour)
    third = closed_by("merlin_rx", "merlin", 3, Rerouted(instead_of=second.id, card=Pharmacy(bin="999003")))
    assert "brought to 3 payers" in await blocked(a_case(first, second, third), closure(code="999004//"))


async def test_what_asks_for_no_other_way_and_what_was_handed_on_before_lead_nowhere() -> None:
    closed = closed_by()
    assert await find(a_case(closed), closure().model_copy(update={"follow_up": ()})) is None
    assert await find(a_case(replace(closed, status=CaseStatus.DENIED))) is None
    new = closed_by("osprey_rx", "osprey", 2, Rerouted(instead_of=closed.id))
    assert await find(a_case(new, closed)) is None


async def test_the_closure_and_the_new_filing_are_one_step_and_the_case_is_not_closed() -> None:
    closed = closed_by()
    case = a_case(closed)
    found = await find(case)
    assert isinstance(found, Detour)
    step, after = gone(case, Step(case.id, submissions=(closed,)), closed, (), found)
    assert [(one.payer, one.status) for one in step.submissions] == [
        ("larkspur_rx", CaseStatus.CLOSED_BY_PAYER),
        ("osprey_rx", CaseStatus.QUEUED),
    ]
    assert (after.attention, after.due_at) == (Attention.NONE, None)
    assert step.attempts == found.submissions[0].attempts
    assert step.standing is not None
    assert (step.standing.status, step.standing.attention) == (CaseStatus.QUEUED, Attention.GATEWAY)
    [entry] = step.entries
    assert (entry.meta["note"], json.loads(entry.body)["instead_of"]) == ("rerouted", str(closed.id))
    assert b"EGH100001" not in entry.body


async def test_why_a_person_must_go_on_is_kept() -> None:
    closed = closed_by()
    step, after = gone(a_case(closed), Step(UUID(int=7)), closed, (), Blocked("because"))
    assert [(entry.meta["note"], json.loads(entry.body)["why"]) for entry in step.entries] == [
        ("not_rerouted", "because")
    ]
    assert after.attention is Attention.PROVIDER


def test_a_closed_submission_in_whose_place_another_was_made_says_nothing_unless_it_is_decided_after_all() -> None:
    closed = closed_by()
    new = closed_by("osprey_rx", "osprey", 2, Rerouted(instead_of=closed.id))
    new = replace(new, status=CaseStatus.APPROVED, attention=Attention.NONE)
    case = a_case(closed, new)
    over, granted = Standing(closed.status, {}, Attention.PROVIDER), Standing(CaseStatus.APPROVED, {})
    assert handed_on(case.submissions) == {closed.id}
    assert together(case, case.submissions, (over, granted)).status is CaseStatus.APPROVED
    assert restated(case, new).attention is Attention.NONE
    refused = Standing(CaseStatus.DENIED, {})
    assert together(case, case.submissions, (refused, granted)).status is CaseStatus.PARTIALLY_APPROVED
