"""Routing: which lines go where, why, and that nothing else decides."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.destination import Mode
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.model.request import PARequest
from gateway.model.schema import examples
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.library import Library
from gateway.profiles.payer import PayerProfile
from gateway.routing.decision import Decision, Rule, Tried, Verdict
from gateway.routing.plan import Plan, UnknownPayer, choose, unsayable
from tests.strategies import Json, requests

TODAY = date(2026, 11, 21)
PROVENANCE = {"source": "a test", "date": "2026-11-21", "by": "a test"}


def route(connection: str = "one", **over: Any) -> dict[str, Any]:
    return {"connection": connection, "benefits": ["medical"], "priority": 1} | over


def a_library(*routes: dict[str, Any], payer: str = "evergreen_health", **over: Any) -> Library:
    """A library of one payer and the connections one, two and three (test) and live."""
    wait = {"first_seconds": 1, "longest_seconds": 1, "give_up_seconds": 1}
    profile = {
        "payer": payer,
        "name": "A payer",
        "provenance": PROVENANCE,
        "lines_of_business": ["commercial", "medicare_advantage"],
        "effective": {"start": "2026-01-01"},
        "routes": routes or (route(),),
        "channels": {"pigeon": {}},
        "rhythm": {"settle_seconds": 0, "reconcile": [1], "poll": wait, "retry": wait},
    }
    connections = {
        name: ConnectionProfile(
            connection=name,
            channel="pigeon",
            mode=Mode.LIVE if name == "live" else Mode.TEST,
            provenance=PROVENANCE,  # type: ignore[arg-type]
            endpoint="https://example.org",
        )
        for name in ("one", "two", "three", "live")
    }
    return Library({payer: PayerProfile.model_validate(profile | over)}, connections, {})


def a_request(*lines: dict[str, Any], **over: Any) -> PARequest:
    document: Json = copy.deepcopy(examples("request")["pembrolizumab_lung_first_line"])
    if lines:
        document["lines"] = [
            {
                "role": "drug",
                "code": {"system": "hcpcs", "code": "J9271"},
                "quantity": {"value": 1},
                "dates": {"start": "2026-12-01"},
            }
            | line
            for line in lines
        ]
    return PARequest.model_validate(document | over)


def says_all(plan: Plan) -> None:
    """A channel that can say everything."""


def says_nothing(plan: Plan) -> None:
    raise CannotExpress(Inexpressible("/lines/0/code", "no such code", "Send another."))


def decide(
    library: Library | None = None,
    request: PARequest | None = None,
    attempt: Callable[[Plan], None] = says_all,
    mode: Mode = Mode.TEST,
    on: date = TODAY,
) -> Decision:
    return choose(request or a_request(), mode, on, library or a_library(), attempt)


def rules(tried: Tried) -> list[Rule]:
    return [why.rule for why in tried.reasons]


# routes


def test_all_lines_of_one_benefit_go_one_way_together() -> None:
    (plan,) = decide().plans
    assert (plan.payer, plan.connection, plan.channel, plan.benefit, plan.line_ids) == (
        "evergreen_health",
        "one",
        "pigeon",
        "medical",
        ("drug", "infusion"),
    )


def test_routes_are_tried_by_priority_whatever_their_order_in_the_file() -> None:
    library = a_library(route("two", priority=5), route("one", priority=7), route("three", priority=2))
    decision = decide(library, attempt=says_nothing)
    assert [tried.connection for tried in decision.tried] == ["three", "two", "one"]


def test_a_channel_that_cannot_say_it_gives_way_and_its_reasons_are_kept() -> None:
    def only_two(plan: Plan) -> None:
        if plan.connection != "two":
            says_nothing(plan)

    decision = decide(a_library(route(), route("two", priority=2)), attempt=only_two)
    assert [plan.connection for plan in decision.plans] == ["two"]
    assert [tried.verdict for tried in decision.tried] == [Verdict.CANNOT_EXPRESS, Verdict.CHOSEN]
    (why,) = decision.tried[0].reasons
    assert (why.rule, why.pointer, why.fix) == (Rule.CANNOT_EXPRESS, "/lines/0/code", "Send another.")


def test_routes_after_the_chosen_one_are_not_asked_and_it_is_said_why() -> None:
    asked: list[str] = []
    decision = decide(a_library(route(), route("two", priority=2)), attempt=lambda plan: asked.append(plan.connection))
    assert asked == ["one"]
    assert rules(decision.tried[1]) == [Rule.NOTHING_LEFT]


@pytest.mark.parametrize(("mode", "chosen"), [(Mode.TEST, "one"), (Mode.LIVE, "live")])
def test_a_request_reaches_connections_of_its_own_mode_only(mode: Mode, chosen: str) -> None:
    asked: list[str] = []
    library = a_library(route("live", priority=1), route("one", priority=2))
    decision = decide(library, attempt=lambda plan: asked.append(plan.connection), mode=mode)
    assert asked == [plan.connection for plan in decision.plans] == [chosen]


def test_a_test_request_is_never_tried_on_a_live_connection_even_when_it_is_the_only_one() -> None:
    decision = decide(a_library(route("live")), attempt=pytest.fail, mode=Mode.TEST)
    assert decision.plans == ()
    assert rules(decision.tried[0]) == [Rule.MODE]
    assert decision.unrouted[0].why.fix is not None
    assert "API key" in decision.unrouted[0].why.fix


@pytest.mark.parametrize(
    ("over", "rule"),
    [
        ({"effective": {"start": "2026-11-22"}}, Rule.DATES),
        ({"effective": {"start": "2026-01-01", "end": "2026-11-20"}}, Rule.DATES),
        ({"lines_of_business": ["medicare_advantage"]}, Rule.LINE_OF_BUSINESS),
        ({"roles": ["imaging"]}, Rule.ROLE),
        ({"benefits": ["pharmacy"]}, Rule.BENEFIT),
    ],
)
def test_a_route_whose_condition_fails_is_passed_over_with_the_reason(over: dict[str, Any], rule: Rule) -> None:
    decision = decide(a_library(route(**over), route("two", priority=2)), attempt=says_all)
    assert [plan.connection for plan in decision.plans] == ["two"]
    assert decision.tried[0].verdict is Verdict.SKIPPED
    assert rules(decision.tried[0]) == [rule]


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 11, 22)])
def test_a_route_holds_on_its_first_and_last_day(day: date) -> None:
    library = a_library(route(effective={"start": "2026-11-20", "end": "2026-11-22"}))
    assert decide(library, on=day).plans


@pytest.mark.parametrize(
    ("over", "rule"),
    [
        ({"effective": {"start": "2027-01-01"}}, Rule.PAYER_DATES),
        ({"lines_of_business": ["marketplace"]}, Rule.PAYER_LINE_OF_BUSINESS),
    ],
)
def test_a_payer_that_does_not_serve_this_is_not_asked(over: dict[str, Any], rule: Rule) -> None:
    decision = decide(a_library(**over), attempt=pytest.fail)
    assert rules(decision.tried[0]) == [rule]
    assert decision.unrouted


def test_everything_against_a_route_is_told_at_once() -> None:
    library = a_library(route("live", benefits=["pharmacy"], roles=["imaging"], effective={"start": "2027-01-01"}))
    assert rules(decide(library).tried[0]) == [Rule.MODE, Rule.DATES, Rule.BENEFIT, Rule.ROLE]


def test_lines_part_by_role_when_a_delegate_takes_some() -> None:
    request = a_request({"role": "imaging", "code": {"system": "cpt", "code": "78815"}}, {}, {"role": "supportive"})
    decision = decide(a_library(route("two", roles=["imaging"]), route("one", priority=2)), request)
    assert [(plan.connection, plan.line_ids) for plan in decision.plans] == [("two", ("1",)), ("one", ("2", "3"))]
    assert decision.unrouted == ()


def test_lines_that_no_route_takes_are_told_apart_from_those_that_go() -> None:
    request = a_request({"role": "imaging"}, {})
    decision = decide(a_library(route(roles=["imaging"])), request)
    assert [plan.line_ids for plan in decision.plans] == [("1",)]
    assert [item.line_ids for item in decision.unrouted] == [("2",)]


def test_lines_that_go_nowhere_say_why_the_nearest_route_does_not_take_them_and_what_to_do() -> None:
    (left,) = decide(a_library(route("live"))).unrouted
    assert left.why.says == (
        "No route takes these lines; live came nearest. It is a live connection and the request is a test one."
    )
    assert left.why.fix == "Use an API key of the other mode, or add a route of this mode to the payer's profile."
    (left,) = decide(attempt=says_nothing).unrouted
    assert left.why.says == "No route takes these lines; one came nearest. At /lines/0/code: No such code."
    assert (left.why.fix, left.why.pointer) == ("At /lines/0/code: Send another.", "/lines/0/code")


def says_drugs_only(plan: Plan) -> None:
    if plan.connection == "two":
        says_nothing(plan)


@pytest.mark.parametrize(
    ("routes", "attempt", "told"),
    [
        ([route()], says_nothing, ["/lines/0/code"]),
        ([route(), route("two", priority=2)], says_nothing, ["/lines/0/code"]),
        ([route("two"), route("one", priority=2)], says_drugs_only, []),
        ([route(roles=["drug"]), route("two", priority=2)], says_drugs_only, []),
        ([route(roles=["drug"])], says_nothing, []),
        ([route("live")], says_nothing, []),
    ],
    ids=["one_route", "two_routes", "the_next_route", "some_lines", "another_reason_beside", "no_route_at_all"],
)
def test_a_request_is_unsayable_where_every_line_is_kept_back_by_channels_alone(
    routes: list[dict[str, Any]], attempt: Callable[[Plan], None], told: list[str]
) -> None:
    against = unsayable(decide(a_library(*routes), attempt=attempt))
    assert [why.pointer for why in against] == told


def test_what_a_channel_cannot_say_of_some_lines_points_into_the_whole_request() -> None:
    def not_the_second(plan: Plan) -> None:
        where = "/lines/1/code" if plan.connection == "two" else "/lines/7/code"
        raise CannotExpress(Inexpressible(where, "no such code", "Send another."), Inexpressible("/note", "x", "y"))

    request = a_request({"role": "imaging"}, {}, {"role": "imaging"})
    decision = decide(a_library(route("two", roles=["imaging"]), route("one", priority=2)), request, not_the_second)
    pointers = [[why.pointer for why in tried.reasons] for tried in decision.tried]
    assert pointers == [["/lines/2/code", "/note"], ["/lines/7/code", "/note"]]


# benefit


@pytest.mark.parametrize(
    ("line", "supply", "benefit", "rule"),
    [
        ({}, None, "medical", Rule.GIVEN),
        ({}, "self_administered", None, Rule.BENEFIT_UNCLEAR),
        ({"code": {"system": "cpt", "code": "96413"}}, None, "medical", Rule.SERVICE_CODE),
        ({"code": {"system": "revenue", "code": "0636"}}, None, "medical", Rule.SERVICE_CODE),
        ({"code": {"system": "ndc", "code": "99999012330"}}, "self_administered", "pharmacy", Rule.SELF_ADMINISTERED),
        ({"code": {"system": "rxnorm", "code": "6851"}}, "self_administered", "pharmacy", Rule.SELF_ADMINISTERED),
        ({"code": {"system": "ndc", "code": "99999012330"}}, "buy_and_bill", "medical", Rule.BUY_AND_BILL),
        ({"code": {"system": "ndc", "code": "99999012330"}}, "specialty_pharmacy", None, Rule.BENEFIT_UNCLEAR),
        ({"code": {"system": "ndc", "code": "99999012330"}}, None, None, Rule.BENEFIT_UNCLEAR),
        ({"benefit": "pharmacy"}, None, "pharmacy", Rule.STATED),
        ({"code": {"system": "ndc", "code": "99999012330"}, "benefit": "medical"}, None, "medical", Rule.STATED),
    ],
)
def test_the_benefit_side_follows_from_what_the_request_says(
    line: dict[str, Any], supply: str | None, benefit: str | None, rule: Rule
) -> None:
    (side,) = decide(request=a_request(line, supply=supply)).sides
    assert (side.benefit, side.why.rule) == (benefit, rule)


def test_a_pharmacy_line_without_a_route_is_explained() -> None:
    request = PARequest.model_validate(examples("request")["expedited_self_administered_product"])
    decision = decide(request=request, attempt=pytest.fail)
    (item,) = decision.unrouted
    assert (item.benefit, item.why.rule) == ("pharmacy", Rule.NO_ROUTE)
    assert item.why.fix is not None
    assert "pharmacy manager" in item.why.fix


def test_a_line_of_no_clear_side_goes_nowhere_and_says_which_field_would_tell() -> None:
    request = a_request({}, {"code": {"system": "ndc", "code": "99999012330"}}, supply=None)
    decision = decide(request=request)
    assert [plan.line_ids for plan in decision.plans] == [("1",)]
    (item,) = decision.unrouted
    assert (item.line_ids, item.benefit, item.why.pointer) == (("2",), None, "/lines/1/benefit")


def test_both_sides_of_one_request_go_their_own_way() -> None:
    request = a_request({}, {"code": {"system": "ndc", "code": "99999012330"}, "benefit": "pharmacy"})
    decision = decide(a_library(route(), route("two", benefits=["pharmacy"])), request)
    assert [(plan.connection, plan.benefit, plan.line_ids) for plan in decision.plans] == [
        ("one", "medical", ("1",)),
        ("two", "pharmacy", ("2",)),
    ]


# the payer


def test_an_unknown_payer_is_a_fault_that_names_those_that_exist_in_this_mode() -> None:
    with pytest.raises(UnknownPayer) as caught:
        decide(a_library(route("live"), payer="bluestem_mutual"))
    assert caught.value.fault.fix == "Send an id that GET /v1/payers lists."
    with pytest.raises(UnknownPayer) as caught:
        decide(a_library(payer="bluestem_mutual"))
    fault = caught.value.fault
    assert (fault.pointer, fault.code, fault.fix) == (
        "/coverages/0/payer",
        "unknown_payer",
        "Send one of: bluestem_mutual.",
    )
    assert "evergreen" not in fault.message + fault.fix + str(caught.value)


def test_of_very_many_payers_the_nearest_are_named() -> None:
    whole = a_library()
    profile, connections = whole.payer("evergreen_health"), {one.connection: one for one in whole.connections()}

    def library(*names: str) -> Library:
        return Library({name: profile.model_copy(update={"payer": name}) for name in names}, connections, {})

    with pytest.raises(UnknownPayer) as caught:
        decide(library("evergreen_life", *(f"payer_{number}" for number in range(500))))
    assert "evergreen_life" in caught.value.fault.fix
    assert caught.value.fault.fix.count(",") < 10
    with pytest.raises(UnknownPayer) as caught:
        decide(library(*(f"x_{number}" for number in range(20))))
    assert caught.value.fault.fix == "Send an id that GET /v1/payers lists."


def test_other_trouble_of_an_adapter_is_not_taken_for_a_reason() -> None:
    def breaks(plan: Plan) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        decide(attempt=breaks)


# properties

_days = st.dates(date(2026, 10, 1), date(2027, 1, 31))
_routes = st.lists(
    st.builds(
        lambda connection, benefits, priority, roles, businesses, start: route(
            connection,
            benefits=benefits,
            priority=priority,
            roles=roles,
            lines_of_business=businesses,
            effective={"start": start.isoformat()},
        ),
        st.sampled_from(["one", "two", "three", "live"]),
        st.lists(st.sampled_from(["medical", "pharmacy"]), min_size=1, max_size=2, unique=True),
        st.integers(0, 3),
        st.none() | st.lists(st.sampled_from(["drug", "imaging", "supportive"]), min_size=1, max_size=2),
        st.none() | st.just(["commercial"]),
        _days,
    ),
    min_size=1,
    max_size=5,
)


@given(requests(), _routes, st.sampled_from(Mode), _days, st.sets(st.sampled_from(["one", "two", "three", "live"])))
def test_the_same_inputs_give_the_same_decision_and_no_line_is_lost_or_sent_twice(
    document: Json, routes: list[dict[str, Any]], mode: Mode, on: date, mute: set[str]
) -> None:
    def attempt(plan: Plan) -> None:
        assert library.connection(plan.connection).mode is mode
        if plan.connection in mute:
            says_nothing(plan)

    request, library = PARequest.model_validate(document), a_library(*routes)
    decision = choose(request, mode, on, library, attempt)
    assert choose(PARequest.model_validate(document), mode, on, a_library(*routes), attempt) == decision
    gone = [line for plan in decision.plans for line in plan.line_ids]
    left = [line for item in decision.unrouted for line in item.line_ids]
    assert sorted(gone + left) == sorted(line.id for line in request.lines)
    assert [side.line_id for side in decision.sides] == [line.id for line in request.lines]
    assert all(item.why.fix for item in decision.unrouted)
    assert all(tried.reasons for tried in decision.tried)


@given(requests(), _routes)
@settings(max_examples=settings().max_examples // 2)
def test_a_decision_is_json_without_anything_of_the_patient(document: Json, routes: list[dict[str, Any]]) -> None:
    canary = "Qz7canary"
    document["patient"]["last_name"] = document["reference"] = document["coverages"][0]["member_id"] = canary
    document["note"] = document["lines"][0]["dose"] = document["requester"]["last_name"] = canary
    decision = decide(a_library(*routes), PARequest.model_validate(document))
    assert canary.encode() not in decision.as_json()
    assert Decision.model_validate_json(decision.as_json()) == decision
