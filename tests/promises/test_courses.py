"""Courses of treatment: rows 6, 7, 8 and 11 of what was promised."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from tests.promises.treating import (
    DENIED,
    PENDED,
    START,
    Json,
    answered,
    day,
    event,
    granted,
    ledger_of,
    order,
    posted,
    preview,
    taken,
    timeline_of,
    told,
)
from tests.running.requests import BLUESTEM, EVERGREEN, compose
from tests.unit.api_house import House

CEDAR = "cedar_valley"
DOSE, EVERY = 200, 9
ENDS = (179, 359, 560)
MORE = {"value": 960, "unit": "units"}


async def course_of_sixty(house: House, member: str) -> str:
    """Three authorizations one after the other over eighteen months, each of 4000 units. The patient."""
    for n, (start, end) in enumerate(((0, 179), (180, 359), (360, 560)), start=1):
        case_id, patient = await taken(house, order(member, quantity=4000, start=start, end=end))
        await answered(house, case_id, granted(f"AUTH-{n}", 4000))
    return patient


def sixty() -> list[Json]:
    """An administration every nine days, of which the thirtieth is one too many at another place."""
    events = [event(f"E{n:02}", n * EVERY) for n in range(60)]
    events[29] |= {"place_of_service": "22"}
    return events


def expected() -> dict[str, tuple[str, int] | None]:
    """By event, the number it is given under and what is left then: counted as one counts by hand."""
    left = dict.fromkeys(("AUTH-1", "AUTH-2", "AUTH-3"), 4000)
    found: dict[str, tuple[str, int] | None] = {}
    for n in range(60):
        number = next(f"AUTH-{k}" for k, end in enumerate(ENDS, start=1) if n * EVERY <= end)
        if n == 29:
            found[f"E{n:02}"] = None
            continue
        left[number] -= DOSE
        found[f"E{n:02}"] = number, left[number]
    return found


@pytest.mark.parametrize("seed", [1, 2])
async def test_row_1_06_sixty_events_come_shuffled_and_twice_and_the_timeline_is_right(house: House, seed: int) -> None:
    patient = await course_of_sixty(house, f"EVGSIXTY{seed}")
    dice = random.Random(seed)  # noqa: S311 - which order they come in is no secret
    events = sixty()
    sent = [*events, *dice.choices(events, k=20)]
    dice.shuffle(sent)
    first: dict[str, Json] = {}
    for one in sent:
        answer = await told(house, patient, one)
        assert first.setdefault(one["id"], answer) == answer, "the same event is answered as it was"
    timeline = await timeline_of(house, patient)
    treated = [one for one in timeline if one["what"] == "treated"]
    assert [one["event"]["id"] for one in treated] == [one["id"] for one in events]
    seen = {
        one["event"]["id"]: (one["advice"]["authorization_number"], int(one["advice"]["units_left"]))
        if one["advice"]["kind"] == "covered"
        else None
        for one in treated
    }
    assert seen == expected()
    assert [one["on"] for one in timeline] == sorted(one["on"] for one in timeline)
    ledger = await ledger_of(house, patient)
    uses = {use["event"]: account["authorization_number"] for account in ledger["data"] for use in account["uses"]}
    assert uses == {name: found[0] for name, found in expected().items() if found}
    assert [one["event"] for one in ledger["apart"]] == ["E29"]
    assert ledger["apart"][0]["why"][-1] in ("other_place", "after_its_end", "before_its_start")
    for account in ledger["data"]:
        assert int(account["used"]) + int(account["left"]) == 4000


async def test_row_1_06_another_patient_has_another_timeline(house: House) -> None:
    _, one = await taken(house, order("EVGTWINS"))
    other = order("EVGTWINS")
    other["patient"]["birth_date"] = "1990-01-01"
    _, twin = await taken(house, other)
    assert one != twin
    assert one[:32] == twin[:32], "they share a member id"
    await told(house, one, event("E1", 3))
    assert [each["what"] for each in await timeline_of(house, twin)] == ["asked"]
    assert (await house.call("GET", f"/v1/patients/{'0' * 64}/timeline")).status == 404
    assert (await house.call("GET", "/v1/patients/ada/timeline")).status == 404
    stranger = await house.key(tenant="another-clinic")
    assert (await house.call("GET", f"/v1/patients/{one}/timeline", token=stranger)).status == 404


async def test_row_1_07_a_cycle_is_covered_with_units_and_dates_left(house: House) -> None:
    case_id, patient = await taken(house, order("EVGCYCLE"))
    await answered(house, case_id, granted("AUTH-7", 800))
    given = await told(house, patient, event("A1", 3))
    assert (given["kind"], given["rule"], given["units_left"]) == ("covered", "fits_authorization", "600")
    cycle = await told(house, patient, event("C4", 63, "cycle_started", cycle=4, quantity={"value": 200}))
    assert cycle["kind"] == "covered"
    assert (cycle["authorization_number"], cycle["case_id"], cycle["line"]) == ("AUTH-7", str(case_id), "1")
    assert (cycle["units_left"], cycle["unit"], cycle["ends_on"], cycle["days_left"]) == ("600", "units", day(180), 117)
    assert cycle["draft"] is None
    assert await told(house, patient, event("C4", 63, "cycle_started", cycle=4, quantity={"value": 200})) == cycle
    refused = await house.call("POST", f"/v1/patients/{patient}/events", event("C4", 64, "cycle_started", cycle=4))
    assert refused.status == 409
    assert (await refused.json())["type"].endswith("event-known")
    short = event("A3", 64)["quantity"] | {"value": 500}
    assert (await told(house, patient, event("A3", 64, quantity=short)))["units_left"] == "100"
    for name, on, kind in (("C5", 64, "covered"), ("C6", 66, "renewal")):  # on 3 it took 200, on 64 it takes 500
        assert (await told(house, patient, event(name, on, "cycle_started", cycle=5)))["kind"] == kind
    foreign = event("A2", 5, case_id="00000000-0000-0000-0000-000000000007")
    refused = await house.call("POST", f"/v1/patients/{patient}/events", foreign)
    assert (refused.status, (await refused.json())["faults"][0]["pointer"]) == (422, "/case_id")
    assert [one["event"]["id"] for one in (await timeline_of(house, patient)) if one["event"]] == [
        "A1",
        "C4",
        "A3",
        "C5",
        "C6",
    ]


async def test_row_1_07_a_course_that_outlasts_its_authorization_is_renewed(house: House) -> None:
    case_id, patient = await taken(house, order("EVGRENEW"))
    await answered(house, case_id, granted("AUTH-8", 800))
    late = await told(house, patient, event("C8", 150, "cycle_started", cycle=8, until=day(300)))
    assert (late["kind"], late["rule"], late["pointers"][-1]) == (
        "renewal",
        "course_outlasts_authorization",
        "/until",
    )
    case = await posted(house, late["draft"])
    assert case["follows"] == str(case_id)
    assert late["draft"]["intent"] == "renewal"
    assert late["draft"]["previous_authorization"] == "AUTH-8"
    assert late["draft"]["lines"][0]["dates"] == {"start": day(181), "end": day(300)}
    after = await told(house, patient, event("A9", 200))
    assert (after["kind"], after["case_id"]) == ("awaited", case["id"]), "the renewal asks for it already"
    much = await told(house, patient, event("A10", 20, quantity={"value": 900}))
    assert (much["kind"], much["why_not"]) == ("renewal", "used_up")


async def test_row_1_07_a_drug_swapped_is_a_new_request_that_follows_the_case(house: House) -> None:
    case_id, patient = await taken(house, order("EVGSWAP"))
    await answered(house, case_id, granted("AUTH-9", 800))
    old, new = ({"system": "hcpcs", "code": code} for code in ("J9271", "J9299"))
    swap = await told(house, patient, event("S1", 70, "drug_swapped", code=new, instead_of=old, quantity=MORE))
    assert (swap["kind"], swap["rule"]) == ("new", "payer_permits_no_such_change")
    assert (swap["draft"]["lines"][0]["code"], swap["draft"]["lines"][0]["quantity"]["value"]) == (new, "960")
    refused = await house.call(
        "POST", f"/v1/patients/{patient}/events", event("S2", 70, "drug_swapped", code=new, instead_of=old)
    )
    assert (refused.status, (await refused.json())["faults"][0]["code"]) == (422, "quantity"), "of the new drug"
    case = await posted(house, swap["draft"])
    assert (case["follows"], case["patient"]) == (str(case_id), patient)
    assert swap["draft"].get("intent", "initial") == "initial"


async def test_row_1_08_a_change_is_an_update_while_pended_and_a_new_request_after_a_denial(house: House) -> None:
    case_id, patient = await taken(house, order("EVGCHANGE"))
    await answered(house, case_id, PENDED, references=[{"kind": "review", "value": "REV-1"}])
    moved = await told(house, patient, event("M1", 10, "site_changed", place_of_service="12"))
    assert (moved["kind"], moved["rule"], moved["pointers"]) == (
        "update",
        "open_case_may_be_updated",
        ["/place_of_service"],
    )
    draft = moved["draft"]
    assert (draft["intent"], draft["previous_review"], draft["follows"]) == ("revision", "REV-1", str(case_id))
    assert draft["site"]["place_of_service"] == "12"
    assert (await told(house, patient, event("M2", 10, "site_changed", place_of_service="11")))["kind"] == "awaited"
    await answered(house, case_id, DENIED)
    denied = await told(house, patient, event("M3", 11, "site_changed", place_of_service="12"))
    assert (denied["kind"], denied["rule"]) == ("new", "denied_is_asked_anew")
    assert "previous_review" not in denied["draft"]
    assert (await posted(house, denied["draft"]))["follows"] == str(case_id)


async def test_row_1_08_after_an_approval_only_what_the_payer_permits_is_updated(house: House) -> None:
    kinds: dict[str, Any] = {}
    for payer in (EVERGREEN, BLUESTEM):
        case_id, patient = await taken(house, order(f"CHG{payer}", payer=payer))
        await answered(house, case_id, granted("AUTH-1", 800))
        moved = await told(house, patient, event("M1", 10, "site_changed", place_of_service="22"))
        old, new = ({"system": "hcpcs", "code": code} for code in ("J9271", "J9299"))
        swap = await told(house, patient, event("S1", 20, "drug_swapped", code=new, instead_of=old, quantity=MORE))
        kinds[payer] = moved["kind"], swap["kind"]
        if payer == BLUESTEM:
            assert (moved["draft"]["intent"], moved["draft"]["previous_authorization"]) == ("revision", "AUTH-1")
            assert (await posted(house, moved["draft"]))["follows"] == str(case_id)
    assert kinds == {EVERGREEN: ("new", "new"), BLUESTEM: ("update", "new")}
    open_case, patient = await taken(house, order("CHGOPEN", payer=CEDAR))
    await answered(house, open_case, PENDED)
    moved = await told(house, patient, event("M1", 10, "site_changed", place_of_service="12"))
    assert (moved["kind"], moved["rule"]) == ("new", "open_case_takes_no_update")


async def test_row_1_08_a_later_decision_changes_what_is_left_and_not_what_was_used(house: House) -> None:
    case_id, patient = await taken(house, order("EVGCUT"))
    await answered(house, case_id, granted("AUTH-1", 800), on=START)
    for n in range(3):
        await told(house, patient, event(f"A{n}", 10 + n))
    cut = granted("AUTH-1", 400, outcome="certified_modified")
    await answered(house, case_id, cut, on=START + timedelta(days=60))
    [account] = (await ledger_of(house, patient))["data"]
    assert (account["granted"], account["used"], account["left"], account["decisions"]) == ("400", "600", "0", 2)
    more = await told(house, patient, event("A9", 70))
    assert (more["kind"], more["why_not"]) == ("renewal", "used_up")
    decided = [one["status"] for one in await timeline_of(house, patient) if one["what"] == "decided"]
    assert decided == ["approved", "approved_modified"]


async def test_row_1_11_a_supportive_drug_is_its_own_line_and_may_go_another_way(house: House) -> None:
    request = compose("EVGSUPPORT")
    request["coverages"][0]["pharmacy"] = {"bin": "999801"}
    drug = request["lines"][0]
    support = {**drug, "id": "2", "role": "supportive", "quantity": {"value": 6, "unit": "units"}}
    in_office = {**support, "code": {"system": "hcpcs", "code": "J2506"}}
    at_home = {**support, "code": {"system": "ndc", "code": "99999052130"}, "supply": "self_administered"}
    at_home |= {"description": "supportinib 40 mg tablet"}
    together = await preview(house, {**request, "lines": [drug, in_office]})
    assert together == [("medical", ["1", "2"])], "given in the office it goes with the drug that it supports"
    apart = await preview(house, {**request, "lines": [drug, at_home]})
    assert apart == [("medical", ["1"]), ("pharmacy", ["2"])]


async def test_row_1_07_a_case_follows_one_of_the_same_tenant_only(house: House) -> None:
    stranger = order("EVGALONE") | {"follows": "00000000-0000-0000-0000-000000000007"}
    refused = await house.call("POST", "/v1/requests", stranger)
    assert refused.status == 422
    assert [fault["pointer"] for fault in (await refused.json())["faults"]] == ["/follows"]
