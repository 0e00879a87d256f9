"""Which lines of one way go in one submission: parted only for a cause that is told, and none lost or repeated."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.model.request import Intent, PARequest, Review
from gateway.profiles.bundling import Bundle
from gateway.profiles.library import Library
from gateway.routing.decision import Decision, Plan, Rule
from gateway.routing.parting import Terms, part
from tests.unit.routing_material import DAYS, HOLDS, a_hcpcs, a_library, a_route, a_row, an_ndc, ask, decide
from tests.unit.routing_material import a_payer as profile
from tests.x12_material import line as a_line

JUNE = {"start": "2026-12-01", "end": "2027-06-30"}


def a_bundle(**over: Any) -> Bundle:
    return Bundle.model_validate({**HOLDS, **over})


def terms(*, most_lines: int | None = None, one_line: bool = False, **bundle: Any) -> Terms:
    row = (0, a_bundle(**bundle)) if bundle else None
    return Terms("onco_plan", "clearinghouse", one_line, row, most_lines)


def parts(request: PARequest, of: Terms) -> list[str]:
    found, _ = part(request, request.lines, of)
    return ["".join(line.id for line in piece) for piece in found]


def drug(name: str, code: str = "J9271", **over: Any) -> dict[str, Any]:
    return a_hcpcs(code, id=name, **over)


def given_by(name: str, code: str = "96413", **over: Any) -> dict[str, Any]:
    return a_line(code, "cpt", id=name, role="administration", **({"dates": DAYS} | over))


REGIMEN = (drug("a"), given_by("b"), drug("c", "J9035"), drug("d", "J9299", role="supportive"), given_by("e"))


def test_without_a_cause_all_lines_go_together() -> None:
    assert parts(ask(*REGIMEN), terms()) == ["abcde"]
    assert parts(ask(*REGIMEN), terms(most_lines=5, max_codes=4)) == ["abcde"]


def test_per_service_is_a_drug_with_what_gives_it_and_one_line_is_one_line() -> None:
    assert parts(ask(*REGIMEN), terms(bundling="per_service")) == ["ab", "c", "de"]
    assert parts(ask(*REGIMEN), terms(one_line=True, max_codes=2)) == ["a", "b", "c", "d", "e"]


def test_an_administration_goes_with_the_drug_before_it_or_with_the_next_or_alone() -> None:
    request = ask(given_by("a"), drug("b"), given_by("c"), drug("d"))
    assert parts(request, terms(bundling="per_service")) == ["abc", "d"]
    assert parts(ask(given_by("a"), given_by("b")), terms(bundling="per_service")) == ["a", "b"]


@pytest.mark.parametrize(
    ("most", "found"), [(5, ["abcde"]), (4, ["abc", "de"]), (3, ["abc", "de"]), (2, ["ab", "c", "de"])]
)
def test_a_limit_of_lines_keeps_a_drug_and_what_gives_it_together(most: int, found: list[str]) -> None:
    assert parts(ask(*REGIMEN), terms(most_lines=most)) == found


def test_what_no_request_has_room_for_together_is_taken_apart_and_fills_what_is_left() -> None:
    request = ask(drug("a"), given_by("b"), given_by("c"), drug("d"))
    assert parts(request, terms(most_lines=2)) == ["ab", "cd"]
    assert parts(request, terms(most_lines=1)) == ["a", "b", "c", "d"]


def test_a_limit_of_codes_counts_different_codes() -> None:
    request = ask(drug("a"), drug("b"), drug("c", "J9035"), drug("d"), drug("e", "J9299"))
    assert parts(request, terms(max_codes=2)) == ["abcd", "e"]
    assert parts(request, terms(max_codes=2, most_lines=3)) == ["abc", "d", "e"]


def test_lines_of_other_dates_or_of_another_place_go_apart() -> None:
    facility = {"role": "facility", "npi": "1234567893", "last_name": "Sample Infusion Center"}
    request = ask(
        drug("a"),
        drug("b", dates=JUNE),
        drug("c", place_of_service="22"),
        drug("d", dates=JUNE, place_of_service="11"),
        drug("e", servicing=[facility]),
    )
    assert parts(request, terms(same_dates=True)) == ["ace", "bd"]
    assert parts(request, terms(same_place=True)) == ["abc", "d", "e"]
    assert parts(request, terms(same_dates=True, same_place=True)) == ["ac", "b", "d", "e"]


def test_a_day_with_its_end_and_without_are_the_same_dates() -> None:
    day = {"start": "2026-12-01", "end": "2026-12-01"}
    assert parts(ask(drug("a"), drug("b", dates=day)), terms(same_dates=True)) == ["ab"]


@pytest.mark.parametrize(
    "over", [{"review": Review.ADMISSION}, {"intent": Intent.REVISION}, {"intent": Intent.APPEAL}], ids=str
)
def test_a_stay_and_what_is_about_one_earlier_review_are_never_parted(over: dict[str, Any]) -> None:
    request = ask(*REGIMEN).model_copy(update=over)
    assert parts(request, terms(bundling="per_service", most_lines=2)) == ["abcde"]


def test_each_parting_has_its_reason_its_parts_and_the_row_that_wants_it() -> None:
    request = ask(*REGIMEN, drug("f", dates=JUNE))
    _, splits = part(request, request.lines, terms(same_dates=True, max_codes=3, most_lines=4))
    told = [(split.why.rule, ["".join(piece) for piece in split.parts], split.data) for split in splits]
    assert told == [
        (Rule.SAME_DATES, ["abcde", "f"], ("onco_plan#/requests/0/same_dates",)),
        (Rule.MOST_CODES, ["abc", "de"], ("onco_plan#/requests/0/max_codes",)),
    ]
    assert "3 different codes" in splits[1].why.says


@given(data=st.data())
def test_no_line_is_lost_or_repeated_and_each_part_is_one_that_the_payer_takes(data: st.DataObject) -> None:
    roles = st.sampled_from(["drug", "administration", "supportive", "imaging", "other"])
    lines = [
        drug(
            str(number),
            data.draw(st.sampled_from(["J9271", "J9035", "J9299", "J1745"])),
            role=data.draw(roles),
            dates=data.draw(st.sampled_from([JUNE, {"start": "2026-12-01"}])),
            place_of_service=data.draw(st.sampled_from([None, "11", "22"])),
        )
        for number in range(1, data.draw(st.integers(1, 14)) + 1)
    ]
    limit = st.none() | st.integers(1, 6)
    bundle: dict[str, Any] = {
        "bundling": data.draw(st.sampled_from(["regimen", "per_service"])),
        "max_codes": data.draw(st.integers(1, 6)),
        "same_dates": data.draw(st.booleans()),
        "same_place": data.draw(st.booleans()),
    }
    of = terms(most_lines=data.draw(limit), one_line=data.draw(st.booleans()), **bundle)
    request = ask(*lines)
    found, splits = part(request, request.lines, of)
    assert (found, splits) == part(request, request.lines, of)
    places = {line.id: place for place, line in enumerate(request.lines)}
    assert sorted((line.id for piece in found for line in piece), key=int) == [line.id for line in request.lines]
    assert [piece[0] for piece in found] == sorted((piece[0] for piece in found), key=lambda line: places[line.id])
    assert (len(found) > 1) == bool(splits), "several parts have a reason, and one has none"
    for piece in found:
        assert list(piece) == sorted(piece, key=lambda line: places[line.id])
        assert len(piece) <= (1 if of.one_line else of.most_lines or len(lines))
        if not of.one_line:
            assert len({line.code for line in piece}) <= bundle["max_codes"]
            assert not bundle["same_dates"] or len({line.dates for line in piece}) == 1


# within a decision


def lines_of(decision: Decision) -> list[tuple[str, str]]:
    return [(plan.benefit, "".join(plan.line_ids)) for plan in decision.plans]


BOTH = {**HOLDS, "delegation": "oncology", "benefit": "medical", "payer": "onco_review", "also": "pharmacy"}


def test_a_decision_tells_why_there_are_several_plans_from_the_widest_parting_on() -> None:
    request = ask(drug("a"), an_ndc(id="b", benefit="pharmacy"), an_ndc("99999052130", id="c", benefit="pharmacy"))
    decision = decide(request, a_library(a_route("clearinghouse"), a_route("manager", "pharmacy", priority=2)))
    assert lines_of(decision) == [("medical", "a"), ("pharmacy", "b"), ("pharmacy", "c")]
    assert [(split.why.rule, split.parts) for split in decision.splits] == [
        (Rule.SEVERAL_BENEFITS, (("a",), ("b", "c"))),
        (Rule.ONE_LINE, (("b",), ("c",))),
    ]
    assert decide(ask(drug("a"))).splits == ()


def test_a_line_under_both_benefits_goes_under_neither_where_one_of_its_parts_cannot_be_said() -> None:
    def not_b_by_the_manager(plan: Plan) -> None:
        if plan.connection == "manager" and plan.line_ids == ("b",):
            raise CannotExpress(Inexpressible("/lines/0/code", "no such code", "Send another."))

    card = {"bin": "999001", "pcn": "RXPCN", "group": "GRP1"}
    request = ask(drug("a"), drug("b", "J9035"), card=card)
    library = a_library(rows=(a_row(),), delegations=[{**BOTH, "also": "pharmacy"}])
    whole = decide(request, library)
    assert lines_of(whole) == [("medical", "ab"), ("pharmacy", "a"), ("pharmacy", "b")]
    halved = decide(request, library, not_b_by_the_manager)
    assert lines_of(halved) == [("medical", "a"), ("pharmacy", "a")]
    counted = Counter(line for gap in halved.unrouted for line in gap.line_ids)
    assert counted["b"] >= 1
    assert counted["a"] == 0
    assert [split.why.rule for split in halved.splits] == [Rule.SEVERAL_BENEFITS], "one line is not parted"


def test_a_split_of_which_one_part_goes_nowhere_parts_nothing() -> None:
    def only_a(plan: Plan) -> None:
        if plan.line_ids != ("a",):
            raise CannotExpress(Inexpressible("/lines/0/code", "no such code", "Send another."))

    request = ask(an_ndc(id="a", benefit="pharmacy"), an_ndc("99999052130", id="b", benefit="pharmacy"))
    decision = decide(request, a_library(a_route("manager", "pharmacy"), rows=()), only_a)
    assert lines_of(decision) == [("pharmacy", "a")]
    assert decision.splits == ()


@given(data=st.data())
def test_of_a_whole_decision_each_line_goes_once_under_each_benefit_or_nowhere_with_a_reason(
    data: st.DataObject,
) -> None:
    """Whatever its payers take in one request, and whichever parts a channel cannot say."""
    codes = st.sampled_from(["J9271", "J9035", "J9299", "J1745"])
    number = data.draw(st.integers(1, 9))
    lines = [drug(str(n), data.draw(codes), dates=data.draw(st.sampled_from([JUNE, DAYS]))) for n in range(number)]
    unsayable = data.draw(st.frozensets(st.sampled_from([str(n) for n in range(number)]), max_size=2))
    over = data.draw(st.sampled_from(["clearinghouse", "reviewer", "manager"]))

    def attempt(plan: Plan) -> None:
        if plan.connection == over and unsayable.intersection(plan.line_ids):
            raise CannotExpress(Inexpressible("/lines/0/code", "no such code", "Send another."))

    card = {"bin": "999001", "pcn": "RXPCN", "group": "GRP1"}
    of_some = {**BOTH, "codes": [{"system": "hcpcs", "first": "J9271"}]}
    limit: dict[str, Any] = {**HOLDS, "max_codes": data.draw(st.integers(1, 4)), "same_dates": data.draw(st.booleans())}
    library = a_library(delegations=[of_some])
    payers = {
        one.payer: one.model_copy(update={"requests": (Bundle.model_validate(limit),)}) for one in library.payers()
    }
    library = Library(payers, {one.connection: one for one in library.connections()}, {}, reference=library.reference)
    decision = decide(ask(*lines, card=card), library, attempt)
    assert decision == decide(ask(*lines, card=card), library, attempt)
    going = Counter((line, plan.benefit) for plan in decision.plans for line in plan.line_ids)
    assert set(going.values()) <= {1}, "no line goes twice under one benefit"
    left = {line for gap in decision.unrouted for line in gap.line_ids}
    for line in lines:
        wanted = {side.benefit for side in decision.sides if side.line_id == line["id"]}
        found = {benefit for name, benefit in going if name == line["id"]}
        assert found == wanted or (found == set() and line["id"] in left), "under all of its benefits, or under none"
    assert (len(decision.plans) > 1) == bool(decision.splits)


# the profile


@pytest.mark.parametrize(
    "rows",
    [
        [{**HOLDS}],
        [{**HOLDS, "max_codes": 0}],
        [{**HOLDS, "bundling": "per_service"}, {**HOLDS, "same_dates": True}],
        [{**HOLDS, "same_dates": "yes"}],
    ],
    ids=["says nothing", "no codes", "two at once", "no truth"],
)
def test_a_row_that_says_nothing_and_rows_that_tie_are_faults(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        profile("onco_plan", a_route("clearinghouse"), requests=rows)


def test_rows_of_other_days_and_other_lines_of_business_stand_beside_each_other() -> None:
    rows = [
        {**HOLDS, "bundling": "per_service", "lines_of_business": ["commercial"]},
        {**HOLDS, "same_dates": True, "lines_of_business": ["medicare_advantage"]},
    ]
    assert len(profile("onco_plan", a_route("clearinghouse"), requests=rows).requests) == 2
