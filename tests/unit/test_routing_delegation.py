"""Who reviews in a payer's place, one line asked under both benefits, and whom a pharmacy card leads to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.model.request import PARequest
from gateway.routing.decision import Decision, Plan, Rule, Tried, Verdict
from tests.unit.routing_material import (
    HOLDS,
    a_hcpcs,
    a_library,
    a_route,
    a_row,
    an_ndc,
    ask,
    decide,
    side_of,
    step,
)

CARD = {"bin": "999001", "pcn": "RXPCN", "group": "GRP1"}


def delegation(**over: Any) -> dict[str, Any]:
    return {"delegation": "oncology", "benefit": "medical", "payer": "onco_review", **HOLDS} | over


ONCOLOGY = delegation(
    codes=[{"system": "hcpcs", "first": "J9000", "last": "J9999"}],
    diagnoses=[{"first": "C00", "last": "D49"}],
    ages={"least": 18},
    specialties=["207RX0202X"],
    roles=["drug"],
    lines_of_business=["commercial"],
)


def oncologist(**over: Any) -> dict[str, Any]:
    """A requester of the delegation's specialty."""
    return {"requester": {"npi": "1234567893", "last_name": "Example Oncology", "taxonomy": "207RX0202X"} | over}


def born(day: str) -> dict[str, Any]:
    return {"patient": {"last_name": "Sampleton", "first_name": "Ada", "birth_date": day, "gender": "female"}}


def plans_of(decision: Decision) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(plan.payer, plan.connection, plan.benefit, plan.line_ids) for plan in decision.plans]


def test_a_delegate_is_asked_in_the_payers_place_over_its_own_routes() -> None:
    wanted = ask(a_hcpcs(), a_hcpcs("96413", system="cpt", role="administration"), **oncologist())
    decision = decide(wanted, a_library(delegations=[ONCOLOGY]))
    assert plans_of(decision) == [
        ("evergreen_health", "clearinghouse", "medical", ("2",)),
        ("onco_review", "reviewer", "medical", ("1",)),
    ]
    drug = decision.sides[0]
    assert (drug.payer, drug.why.rule) == ("onco_review", Rule.DELEGATED)
    told = step(drug, Rule.DELEGATED)
    assert told.data == ("evergreen_health#/benefits/delegations/0",)
    assert {"/patient/birth_date", "/requester/taxonomy", "/diagnoses/0/code", "/lines/0/code"} <= set(told.inputs)
    assert [tried.payer for tried in decision.tried] == ["evergreen_health", "onco_review"]


@pytest.mark.parametrize(
    ("line", "over", "of"),
    [
        (a_hcpcs("J1745"), {}, "code"),
        (a_hcpcs(role="supportive"), {}, "role of the line"),
        (a_hcpcs(), {"business": "medicare_advantage"}, "line of business"),
        (a_hcpcs(), {"diagnoses": [{"code": "M05.79"}]}, "diagnosis"),
        (a_hcpcs(), born("2008-12-02"), "age"),
        (a_hcpcs(), oncologist(taxonomy="207RR0500X"), "specialty of the requester"),
        (a_hcpcs(dates={"start": "2025-12-31"}), {}, "day of service"),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
def test_each_condition_keeps_a_delegation_from_holding_and_is_named_where_it_alone_does(
    line: dict[str, Any], over: dict[str, Any], of: str
) -> None:
    decision = decide(ask(line, **(oncologist() | over)), a_library(delegations=[ONCOLOGY]))
    assert [plan.payer for plan in decision.plans] == ["evergreen_health"]
    told = step(decision.sides[0], Rule.DELEGATED)
    assert told.otherwise == f"The delegation oncology fails by the {of} alone."


@pytest.mark.parametrize("day", ["2008-12-01", "1926-12-01"])
def test_the_age_is_that_on_the_day_of_service(day: str) -> None:
    assert side_of(ask(a_hcpcs(), **oncologist(), **born(day)), a_library(delegations=[ONCOLOGY])).payer


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"requester": {"npi": "1234567893", "last_name": "Example Oncology"}}, "/requester/taxonomy"),
        (oncologist() | {"diagnoses": [{"code": "M05.79"}, {"code": "C34.11"}]}, "/lines/0/diagnoses"),
    ],
)
def test_what_a_delegation_turns_on_and_the_request_leaves_open_is_asked(over: dict[str, Any], pointer: str) -> None:
    decision = decide(ask(a_hcpcs(), **over), a_library(delegations=[ONCOLOGY]))
    assert decision.plans == ()
    assert [(item.why.rule, item.why.pointer) for item in decision.unrouted] == [(Rule.DELEGATED, pointer)]


def test_of_two_delegations_that_hold_neither_is_followed_and_both_are_named() -> None:
    library = a_library(delegations=[delegation(), delegation(delegation="imaging", roles=["drug"])])
    (left,) = decide(ask(a_hcpcs()), library).unrouted
    assert "oncology and imaging" in left.why.says


def test_a_delegation_may_name_one_of_the_payers_own_connections() -> None:
    own = delegation(payer=None, connection="other")
    library = a_library(a_route("clearinghouse"), a_route("other", priority=2), delegations=[own])
    assert plans_of(decide(ask(a_hcpcs()), library)) == [("evergreen_health", "other", "medical", ("1",))]


def test_a_delegates_delegations_are_not_followed() -> None:
    library = a_library(delegations=[delegation()])
    decision = decide(ask(a_hcpcs()), library, attempt=refuse("reviewer"))
    assert decision.plans == ()
    assert [tried.connection for tried in decision.tried] == ["reviewer"]


# both benefits, on purpose

BOTH = delegation(also="pharmacy", codes=[{"system": "ndc", "first": "99999-0000-00", "last": "99999-9999-99"}])


def refuse(connection: str) -> Any:
    def attempt(plan: Plan) -> None:
        if plan.connection == connection:
            raise CannotExpress(Inexpressible("/lines/0/code", "no such code", "Send another."))

    return attempt


def test_a_line_its_payer_wants_under_both_benefits_makes_two_submissions() -> None:
    decision = decide(ask(an_ndc(), card=CARD), a_library(delegations=[BOTH]))
    assert plans_of(decision) == [
        ("onco_review", "reviewer", "medical", ("1",)),
        ("larkspur_rx", "manager", "pharmacy", ("1",)),
    ]
    assert [(side.line_id, side.benefit, side.why.rule) for side in decision.sides] == [
        ("1", "medical", Rule.DELEGATED),
        ("1", "pharmacy", Rule.ALSO),
    ]
    assert decision.unrouted == ()


@pytest.mark.parametrize("mute", ["reviewer", "manager"])
def test_a_line_of_both_benefits_goes_under_both_or_under_none_and_others_go_on(mute: str) -> None:
    asked: list[str] = []

    def attempt(plan: Plan) -> None:
        asked.append(plan.connection)
        refuse(mute)(plan)

    decision = decide(ask(an_ndc(), a_hcpcs("J1745"), card=CARD), a_library(delegations=[BOTH]), attempt=attempt)
    assert plans_of(decision) == [("evergreen_health", "clearinghouse", "medical", ("2",))]
    (left,) = decision.unrouted
    assert (left.line_ids, left.why.rule, left.why.pointer) == (("1",), Rule.ONE_WITHOUT_THE_OTHER, "/lines/0/code")
    assert "No such code." in left.why.says
    assert len(asked) == len(set(asked))  # to ask is to encode


# the card


def test_pharmacy_lines_go_to_whom_the_card_leads_to_and_one_by_one_where_the_connection_takes_one() -> None:
    lines = [an_ndc(f"9999901233{n}", supply="self_administered") for n in range(3)]
    decision = decide(ask(*lines, a_hcpcs(), card=CARD))
    assert plans_of(decision) == [
        ("evergreen_health", "clearinghouse", "medical", ("4",)),
        ("larkspur_rx", "manager", "pharmacy", ("1",)),
        ("larkspur_rx", "manager", "pharmacy", ("2",)),
        ("larkspur_rx", "manager", "pharmacy", ("3",)),
    ]
    told = step(decision.sides[0], Rule.CARD)
    assert (told.data, told.inputs[0]) == (("cards row 0",), "/coverages/0/pharmacy/bin")


def test_of_lines_that_go_one_by_one_those_that_cannot_be_said_are_told_by_their_own_place() -> None:
    def attempt(plan: Plan) -> None:
        if plan.line_ids == ("2",):
            raise CannotExpress(Inexpressible("/lines/0/code", "no such code", "Send another."))

    lines = [an_ndc(f"9999901233{n}", benefit="pharmacy") for n in range(3)]
    decision = decide(ask(*lines, card=CARD), attempt=attempt)
    assert [plan.line_ids for plan in decision.plans] == [("1",), ("3",)]
    (left,) = decision.unrouted
    assert (left.line_ids, left.why.pointer) == (("2",), "/lines/1/code")
    assert [tried.verdict for tried in decision.tried] == [Verdict.CHOSEN, Verdict.CANNOT_EXPRESS, Verdict.CHOSEN]


DISPENSED = an_ndc(benefit="pharmacy")


@pytest.mark.parametrize(
    ("rows", "leads_to"),
    [
        ([a_row(), a_row(pcn="RXPCN", payer="onco_review")], "onco_review"),
        ([a_row(pcn="RXPCN"), a_row(pcn="RXPCN", group="GRP1", payer="onco_review")], "onco_review"),
        ([a_row(), a_row(pcn="OTHER", payer="onco_review")], "larkspur_rx"),
        ([a_row(valid_to="2026-11-20"), a_row(valid_from="2026-11-21", payer="onco_review")], "onco_review"),
    ],
    ids=["pcn", "group", "another_pcn", "dates"],
)
def test_the_row_that_says_most_of_the_card_wins(rows: list[dict[str, Any]], leads_to: str) -> None:
    assert side_of(ask(DISPENSED, card=CARD), a_library(rows=rows)).payer == leads_to


def test_a_tie_of_rows_is_an_error_that_names_both() -> None:
    rows = [a_row(pcn="RXPCN"), a_row(group="GRP1", payer="onco_review")]
    decision = decide(ask(DISPENSED, card=CARD), a_library(rows=rows), attempt=pytest.fail)
    (left,) = decision.unrouted
    assert (left.why.rule, left.why.pointer) == (Rule.CARD, "/coverages/0/pharmacy")
    assert "cards row 0 and cards row 1" in left.why.says


@pytest.mark.parametrize("supports", [[], ["appeal", "cancel", "attachments"]])
def test_a_manager_that_takes_no_electronic_request_is_not_asked(supports: list[str]) -> None:
    decision = decide(ask(DISPENSED, card=CARD), a_library(rows=[a_row(supports=supports)]), attempt=pytest.fail)
    assert decision.unrouted[0].why.fix == "File it by the manager's portal, telephone or fax."


@pytest.mark.parametrize("supports", [["initiation"], ["unsolicited"], ["appeal", "unsolicited"]])
def test_a_manager_that_takes_any_first_request_is_asked(supports: list[str]) -> None:
    decision = decide(ask(DISPENSED, card=CARD), a_library(rows=[a_row(supports=supports)]))
    assert plans_of(decision) == [("larkspur_rx", "manager", "pharmacy", ("1",))]


@pytest.mark.parametrize(("card", "says"), [(None, "BIN, PCN and group, sent as"), ({"bin": "123456"}, "Compare BIN")])
def test_a_card_that_leads_nowhere_is_asked_for_unless_the_payer_has_a_route_of_its_own(
    card: dict[str, str] | None, says: str
) -> None:
    (left,) = decide(ask(DISPENSED, card=card)).unrouted
    assert (left.why.rule, left.why.pointer) == (Rule.NO_ROUTE, "/coverages/0/pharmacy")
    assert left.why.fix is not None
    assert says in left.why.fix
    own = a_library(a_route("clearinghouse"), a_route("other", "pharmacy", priority=2))
    assert plans_of(decide(ask(DISPENSED, card=card), own)) == [("evergreen_health", "other", "pharmacy", ("1",))]


# properties

_lines = st.lists(
    st.builds(
        lambda line, supply, benefit, diagnoses: line | supply | benefit | diagnoses,
        st.sampled_from([a_hcpcs(), a_hcpcs("J8522"), a_hcpcs("Q0162"), an_ndc(), an_ndc("99999-0521-30")]),
        st.sampled_from([{}, {"supply": "self_administered"}, {"supply": "specialty_pharmacy"}]),
        st.sampled_from([{}, {"benefit": "medical"}, {"benefit": "pharmacy"}]),
        st.sampled_from([{}, {"diagnoses": [1]}, {"diagnoses": [2]}]),
    ),
    min_size=1,
    max_size=5,
)
_delegations = st.lists(
    st.builds(
        lambda base, also, ages: base | also | ages,
        st.sampled_from([BOTH | {"also": None}, ONCOLOGY | {"specialties": None}, delegation(roles=["drug"])]),
        st.sampled_from([{}, {"also": "pharmacy"}]),
        st.sampled_from([{}, {"ages": {"least": 65}}]),
    ),
    max_size=2,
).map(lambda found: [each | {"delegation": f"d{number}"} for number, each in enumerate(found)])


@st.composite
def _asked(draw: st.DrawFn) -> PARequest:
    return ask(
        *draw(_lines),
        business=draw(st.sampled_from(["commercial", "medicare_advantage"])),
        card=draw(st.sampled_from([None, CARD, {"bin": "123456"}])),
        supply=draw(st.sampled_from([None, "buy_and_bill", "self_administered"])),
        diagnoses=[{"code": "M05.79"}, {"code": "C34.11"}],
    )


@given(_asked(), _delegations, st.sets(st.sampled_from(["clearinghouse", "reviewer", "manager"])))
def test_no_line_goes_under_both_benefits_unless_its_payer_demands_it_and_then_under_both_or_none(
    wanted: PARequest, delegations: list[dict[str, Any]], mute: set[str]
) -> None:
    def attempt(plan: Plan) -> None:
        for connection in mute:
            refuse(connection)(plan)

    decision = decide(wanted, a_library(delegations=delegations), attempt)
    assert decide(wanted, a_library(delegations=delegations), attempt) == decision
    assert Decision.model_validate_json(decision.as_json()) == decision
    demanded = {side.line_id for side in decision.sides if side.why.rule is Rule.ALSO}
    left = {line for item in decision.unrouted for line in item.line_ids}
    for line in wanted.lines:
        benefits = [plan.benefit for plan in decision.plans if line.id in plan.line_ids]
        assert sorted(benefits) == (["medical", "pharmacy"] if line.id in demanded else benefits[:1]) or not benefits
        assert bool(benefits) is (line.id not in left)
        if line.benefit != "auto":
            assert line.id not in demanded
            assert set(benefits) <= {line.benefit}
    chosen: list[Tried] = [tried for tried in decision.tried if tried.verdict is Verdict.CHOSEN]
    assert [(one.payer, one.connection, one.line_ids) for one in chosen] == [
        (plan.payer, plan.connection, plan.line_ids) for plan in decision.plans
    ]
