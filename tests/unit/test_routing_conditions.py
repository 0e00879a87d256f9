"""The conditions of delegations: each holds, fails, or is asked about where the request leaves it open."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.people import plain_county, plain_group
from gateway.model.request import PARequest
from gateway.routing.decision import Decision, Rule
from tests.unit.routing_material import a_hcpcs, a_library, decide, side_of, step
from tests.unit.test_routing_delegation import delegation
from tests.x12_material import request

PUMP = a_hcpcs("96416", system="cpt", role="administration")
GROUPS = [
    {"group": "north", "names": ["North Shore Physicians", "NSP-1"]},
    {"group": "lake", "names": ["Lakeside"]},
]
HOME = {"city": "Testville", "state": "FL", "zip_code": "33101"}


def member(**over: Any) -> dict[str, Any]:
    coverage = {"payer": "evergreen_health", "member_id": "EGH100001", "line_of_business": "commercial"}
    return {"coverages": [coverage | over]}


def asking(*lines: dict[str, Any], **over: Any) -> PARequest:
    """A request at place of service 11, of a requester without a specialty."""
    plain = {"site": {"place_of_service": "11"}, "requester": {"npi": "1234567893", "last_name": "Example Oncology"}}
    return request(**(plain | member() | {"lines": list(lines)} | over))


def living(**address: Any) -> dict[str, Any]:
    person = {"last_name": "Sampleton", "first_name": "Ada", "birth_date": "1961-04-12", "gender": "female"}
    return {"patient": person | ({"address": HOME | address} if address.pop("known", True) else {})}


def earlier(intent: str, **decision: str) -> dict[str, Any]:
    told: dict[str, Any] = {"intent": intent, "previous_authorization": "A1"}
    return told | ({"previous_decision": decision} if decision else {})


def unless(**conditions: Any) -> dict[str, Any]:
    return {"unless": [{"exception": "kept", **conditions}]}


TABLE: list[tuple[str, dict[str, Any], list[dict[str, Any]], dict[str, Any], bool | str]] = [
    ("place", {"places_of_service": ["11", "22"]}, [a_hcpcs()], {}, True),
    ("place", {"places_of_service": ["22"]}, [a_hcpcs()], {}, False),
    ("place", {"places_of_service": ["22"]}, [a_hcpcs(place_of_service="22")], {}, True),
    ("with_codes", {"with_codes": [{"system": "cpt", "first": "96416"}]}, [a_hcpcs(), PUMP], {}, True),
    ("with_codes", {"with_codes": [{"system": "cpt", "first": "96416"}]}, [a_hcpcs()], {}, False),
    ("unless", unless(with_codes=[{"system": "cpt", "first": "96416"}]), [a_hcpcs(), PUMP], {}, False),
    ("unless", unless(with_codes=[{"system": "cpt", "first": "96416"}]), [a_hcpcs()], {}, True),
    ("unless both", unless(places_of_service=["11"], ages={"most": 17}), [a_hcpcs()], {}, True),
    ("unless open", unless(specialties=["207RX0202X"]), [a_hcpcs()], {}, "/requester/taxonomy"),
    (
        "unless over",
        unless(specialties=["207RX0202X"], places_of_service=["21"]),
        [a_hcpcs()],
        {},
        True,
    ),
    (
        "beside",
        {"diagnoses": [{"first": "R11", "beside": [{"first": "C00", "last": "D49"}]}]},
        [a_hcpcs(diagnoses=[1])],
        {"diagnoses": [{"code": "R11.2"}, {"code": "C34.11"}]},
        True,
    ),
    (
        "beside itself",
        {"diagnoses": [{"first": "C34", "beside": [{"first": "C00", "last": "D49"}]}]},
        [a_hcpcs(diagnoses=[1])],
        {"diagnoses": [{"code": "C34.11"}]},
        False,
    ),
    ("state", {"areas": [{"state": "FL"}]}, [a_hcpcs()], living(), True),
    ("state", {"areas": [{"state": "GA"}]}, [a_hcpcs()], living(), False),
    ("state", {"areas": [{"state": "FL"}]}, [a_hcpcs()], living(known=False), "/patient/address"),
    ("county", {"areas": [{"state": "FL", "counties": ["Lee"]}]}, [a_hcpcs()], living(county="LEE COUNTY"), True),
    ("county", {"areas": [{"state": "FL", "counties": ["Lee"]}]}, [a_hcpcs()], living(county="Leon"), False),
    ("county", {"areas": [{"state": "FL", "counties": ["Lee"]}]}, [a_hcpcs()], living(), "/patient/address/county"),
    ("county", {"areas": [{"state": "GA", "counties": ["Lee"]}]}, [a_hcpcs()], living(county="Lee"), False),
    ("group", {"medical_groups": ["north"]}, [a_hcpcs()], member(medical_group="nsp 1"), True),
    ("group", {"medical_groups": ["north"]}, [a_hcpcs()], member(medical_group="Lakeside"), False),
    ("group", {"medical_groups": ["north"]}, [a_hcpcs()], member(medical_group="None"), False),
    ("group", {"medical_groups": ["north"]}, [a_hcpcs()], member(), "/coverages/0/medical_group"),
    (
        "group",
        {"medical_groups": ["north"]},
        [a_hcpcs()],
        member(medical_group="Northshore"),
        "/coverages/0/medical_group",
    ),
    ("new", {"earlier_stay": True}, [a_hcpcs()], {}, True),
    ("renewal", {"earlier_stay": True}, [a_hcpcs()], earlier("renewal"), True),
    ("revision", {"earlier_stay": True}, [a_hcpcs()], earlier("revision"), "/previous_decision"),
    (
        "revision",
        {"earlier_stay": True},
        [a_hcpcs()],
        earlier("revision", decided_on="2025-12-31"),
        "/previous_decision/ends_on",
    ),
    (
        "running",
        {"earlier_stay": True},
        [a_hcpcs()],
        earlier("revision", decided_on="2025-12-31", ends_on="2026-12-01"),
        False,
    ),
    (
        "ended",
        {"earlier_stay": True},
        [a_hcpcs()],
        earlier("extension", decided_on="2025-12-31", ends_on="2026-11-30"),
        True,
    ),
    ("since", {"earlier_stay": True}, [a_hcpcs()], earlier("revision", decided_on="2026-01-01"), True),
    ("appeal", {"earlier_stay": True}, [a_hcpcs()], earlier("appeal", decided_on="2025-12-31"), False),
    (
        "open review",
        {"earlier_stay": True},
        [a_hcpcs()],
        {"intent": "revision", "previous_review": "R1", "previous_decision": {"decided_on": "2025-12-31"}},
        False,
    ),
    ("stays not", {}, [a_hcpcs()], earlier("revision"), True),
]


@pytest.mark.parametrize(
    ("conditions", "lines", "over", "comes_to"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_condition_holds_fails_or_is_asked_about(
    conditions: dict[str, Any], lines: list[dict[str, Any]], over: dict[str, Any], comes_to: bool | str
) -> None:
    library = a_library(delegations=[delegation(roles=["drug"], **conditions)], medical_groups=GROUPS)
    decision = decide(asking(*lines, **over), library)
    if isinstance(comes_to, str):
        assert {gap.why.pointer for gap in decision.unrouted if "1" in gap.line_ids} == {comes_to}
        assert decision.sides[0].why.rule is Rule.DELEGATED
        assert decision.sides[0].why.fix
    else:
        payers = {line: plan.payer for plan in decision.plans for line in plan.line_ids}
        assert payers["1"] == ("onco_review" if comes_to else "evergreen_health")


def test_what_kept_a_delegation_from_holding_and_what_would_have_changed_it_are_told() -> None:
    pump = delegation(with_codes=[{"system": "cpt", "first": "96416"}], **unless(places_of_service=["11"]))
    library = a_library(delegations=[pump])
    kept = step(decide(asking(a_hcpcs(supply="buy_and_bill"), PUMP), library).sides[0], Rule.DELEGATED)
    assert kept.otherwise == "The delegation oncology fails by the exception kept alone."
    wanted = asking(a_hcpcs(supply="buy_and_bill", place_of_service="22"), PUMP)
    taken = step(decide(wanted, library).sides[0], Rule.DELEGATED)
    assert taken.otherwise is not None
    assert "exception kept" in taken.otherwise
    assert {"/lines/1/code", "/lines/0/place_of_service", "/site/place_of_service"} <= set(taken.inputs)


def test_a_group_is_asked_for_by_the_names_that_matter() -> None:
    library = a_library(delegations=[delegation(medical_groups=["lake"])], medical_groups=GROUPS)
    fix = side_of(asking(a_hcpcs()), library).why.fix or ""
    assert "Lakeside" in fix
    assert "North" not in fix
    assert "none" in fix


def test_counties_and_groups_are_compared_as_people_write_them() -> None:
    same = ["Saint Johns", "St. Johns County", "st johns", "ST JOHNS"]
    assert len({plain_county(name) for name in same}) == 1
    assert len({plain_county(name) for name in ("Orleans Parish", "Orleans")}) == 1
    assert plain_county("County") == "county"
    assert plain_county("Miami-Dade") == plain_county("miami dade")
    assert plain_group("NSP-1") == plain_group("nsp 1") != plain_group("nsp 11")


@given(st.sampled_from(TABLE), st.sampled_from(TABLE))
def test_whatever_two_delegations_want_it_is_decided_the_same_again_and_no_step_tells_a_value(
    one: tuple[Any, ...], other: tuple[Any, ...]
) -> None:
    rows = [delegation(delegation=f"d{number}", **row[1]) for number, row in enumerate((one, other))]
    library = a_library(delegations=rows, medical_groups=GROUPS)
    wanted = asking(*one[2], **(other[3] | one[3]))
    decision = decide(wanted, library)
    assert decide(wanted, library) == decision
    assert Decision.model_validate_json(decision.as_json()) == decision
    told = decision.as_json().decode()
    secret = [wanted.patient.birth_date.isoformat(), wanted.coverages[0].member_id, "Sampleton", "Leon", "Northshore"]
    assert not [value for value in secret if value in told]
