"""What an authorization is where several cases were given its number, and what is drafted: rows 6 to 8 of what was
promised."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

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
from tests.running.requests import BLUESTEM
from tests.unit.api_house import House

NIVOLUMAB = {"system": "hcpcs", "code": "J9299"}


async def test_row_1_07_one_number_that_two_cases_were_given_is_one_authorization(house: House) -> None:
    for name, changed in (("EVGMOVED", {"place_of_service": "22"}), ("EVGTWICE", {})):
        case_id, patient = await taken(house, order(name, payer=BLUESTEM))
        await answered(house, case_id, granted("AUTH-1", 800), on=START)
        await told(house, patient, event("A1", 5))
        draft = order(name, payer=BLUESTEM)
        if changed:
            draft = (await told(house, patient, event("M1", 10, "site_changed", **changed)))["draft"]
        again = UUID((await posted(house, draft))["id"])
        await answered(house, again, granted("AUTH-1", 800, **changed), on=START + timedelta(days=10))
        given = [await told(house, patient, event(f"B{n}", 20 + n, **changed)) for n in range(4)]
        assert [one["kind"] for one in given] == ["covered", "covered", "covered", "renewal"]
        [account] = (await ledger_of(house, patient))["data"]
        assert (account["case_id"], account["granted"], account["used"], account["left"]) == (
            str(again),
            "800",
            "800",
            "0",
        )
        assert given[0]["case_id"] == str(again), "by what the payer said last"
        named = await told(house, patient, event("B9", 12, case_id=str(case_id), **changed))
        assert (named["kind"], named["authorization_number"]) == ("covered", "AUTH-1")


async def test_row_1_07_a_change_confirmed_under_a_new_number_grants_nothing_more(house: House) -> None:
    case_id, patient = await taken(house, order("EVGREVISED", payer=BLUESTEM))
    await answered(house, case_id, granted("AUTH-1", 800), on=START)
    moved = await told(house, patient, event("M1", 10, "site_changed", place_of_service="22"))
    again = UUID((await posted(house, moved["draft"]))["id"])
    await answered(house, again, granted("AUTH-2", 800, place_of_service="22"), on=START + timedelta(days=10))
    given = [await told(house, patient, event(f"B{n}", 20 + n, place_of_service="22")) for n in range(5)]
    assert [one["kind"] for one in given] == ["covered"] * 4 + ["renewal"]
    assert (await told(house, patient, event("C1", 30)))["kind"] != "covered", "at the old place"
    [account] = (await ledger_of(house, patient))["data"]
    assert (account["authorization_number"], account["granted"], account["used"]) == ("AUTH-2", "800", "800")


@pytest.mark.parametrize("second", [granted("auth-1 ", 800), granted("AUTH-1", 800, code=NIVOLUMAB)])
async def test_row_1_07_one_number_is_one_however_it_is_written_and_what_it_is_changed_to(
    house: House, second: Json
) -> None:
    case_id, patient = await taken(house, order("EVGWRITTEN", payer=BLUESTEM))
    await answered(house, case_id, granted("AUTH-1", 800), on=START)
    again, _ = await taken(house, order("EVGWRITTEN", payer=BLUESTEM))
    await answered(house, again, second, on=START + timedelta(days=10))
    [account] = (await ledger_of(house, patient))["data"]
    assert (account["case_id"], account["granted"], account["in_force"]) == (str(again), "800", True)


async def test_row_1_07_a_change_to_another_drug_or_later_days_ends_what_it_changes(house: House) -> None:
    later = {"dates": {"start": day(190), "end": day(300)}}
    for name, change in (("EVGSWAPPED", {"code": NIVOLUMAB}), ("EVGLATER", later)):
        case_id, patient = await taken(house, order(name, payer=BLUESTEM))
        await answered(house, case_id, granted("AUTH-1", 800), on=START)
        await told(house, patient, event("A1", 5))
        draft = (await told(house, patient, event("M1", 10, "site_changed", place_of_service="22")))["draft"]
        assert draft["intent"] == "revision"
        draft["lines"][0] |= change
        again = UUID((await posted(house, draft))["id"])
        await answered(house, again, granted("AUTH-2", 800), on=START + timedelta(days=10))
        accounts = {one["authorization_number"]: one for one in (await ledger_of(house, patient))["data"]}
        assert {number: one["in_force"] for number, one in accounts.items()} == {"AUTH-1": False, "AUTH-2": True}
        assert (accounts["AUTH-1"]["used"], accounts["AUTH-1"]["left"]) == ("200", "0")
        assert (accounts["AUTH-2"]["used"], accounts["AUTH-2"]["left"]) == ("0", "800")
        assert (await told(house, patient, event("A2", 20)))["kind"] != "covered"


async def test_row_1_06_what_was_told_by_mistake_is_taken_back(house: House) -> None:
    case_id, patient = await taken(house, order("EVGMISTAKE"))
    await answered(house, case_id, granted("AUTH-1", 400))
    for name in ("A1", "A2"):
        await told(house, patient, event(name, 5))
    assert (await told(house, patient, event("A3", 6)))["kind"] == "renewal", "two were told, one of them by mistake"
    taken_back = await told(house, patient, event("R1", 7, "retracted", retracts="A2"))
    assert (taken_back["kind"], taken_back["rule"], taken_back["draft"]) == ("retracted", "event_was_retracted", None)
    ledger = await ledger_of(house, patient)
    assert [use["event"] for use in ledger["data"][0]["uses"]] == ["A1", "A3"]
    assert (ledger["data"][0]["left"], ledger["apart"]) == ("0", [])
    await told(house, patient, event("R2", 7, "retracted", retracts="A9"))
    assert (await told(house, patient, event("A9", 6)))["kind"] == "retracted", "that was told first"
    shown = {one["event"]["id"]: one["advice"]["kind"] for one in await timeline_of(house, patient) if one["event"]}
    assert shown == {name: "covered" if name in ("A1", "A3") else "retracted" for name in shown}
    for wrong in (
        event("R3", 8, "retracted", retracts="A1", code=NIVOLUMAB),
        event("R4", 8, "retracted", retracts="R1"),
        event("R5", 8, "retracted", retracts="R5"),
        event("R6", 8, "retracted"),
        event("R7", 8, retracts="A1"),
    ):
        refused = await house.call("POST", f"/v1/patients/{patient}/events", wrong)
        assert (refused.status, (await refused.json())["faults"][0]["code"]) == (422, "retracts")


async def test_row_1_07_what_a_renewal_grants_under_the_same_number_is_more(house: House) -> None:
    case_id, patient = await taken(house, order("EVGMORE"))
    await answered(house, case_id, granted("AUTH-1", 400))
    given = [await told(house, patient, event(f"A{n}", 10 + n)) for n in range(3)]
    assert [one["kind"] for one in given] == ["covered", "covered", "renewal"]
    await answered(house, UUID((await posted(house, given[-1]["draft"]))["id"]), granted("AUTH-1", 400))
    ledger = await ledger_of(house, patient)
    assert sorted(account["left"] for account in ledger["data"]) == ["0", "200"]
    assert ledger["apart"] == []


async def test_row_1_07_what_needs_no_authorization_is_not_asked_for_again(house: House) -> None:
    case_id, patient = await taken(house, order("EVGFREE"))
    await answered(house, case_id, {"line": "1", "outcome": "not_required"})
    free = await told(house, patient, event("A1", 5))
    assert (free["kind"], free["rule"], free["case_id"]) == ("not_required", "payer_said_none_needed", str(case_id))
    assert free["draft"] is None
    others: list[Json] = [{"place_of_service": "22"}, {"on": day(300)}, {"quantity": {"value": 1300}}]
    for n, other in enumerate(others, start=2):
        assert (await told(house, patient, event(f"A{n}", 5) | other))["kind"] == "new"


async def test_row_1_07_a_drug_that_nobody_asked_for_is_drafted_as_a_drug(house: House) -> None:
    _, patient = await taken(house, order("EVGSCAN"))
    scan = order("EVGSCAN")
    scan["lines"][0] |= {
        "role": "imaging",
        "code": {"system": "cpt", "code": "78815"},
        "quantity": {"value": 1, "unit": "units"},
    }
    await taken(house, scan)
    other: Json = {"code": {"system": "hcpcs", "code": "J9035"}, "quantity": {"value": 90}}
    [line] = (await told(house, patient, event("A1", 5, **other)))["draft"]["lines"]
    assert (line["role"], line["code"]["code"], line["quantity"]["value"]) == ("drug", "J9035", "90")
    _, scanned = await taken(house, scan | {"coverages": [{**scan["coverages"][0], "member_id": "EVGSCANNED"}]})
    [line] = (await told(house, scanned, event("A1", 5, **other)))["draft"]["lines"]
    assert line["role"] == "drug"


@pytest.mark.parametrize("said", [granted("AUTH-1"), PENDED])
async def test_row_1_08_a_drug_in_place_of_tablets_is_not_asked_for_as_tablets_are(house: House, said: Json) -> None:
    tablets = order(f"EVGORAL{said['outcome'].upper()}")
    tablets["coverages"][0]["pharmacy"] = {"bin": "999801"}
    old, new = {"system": "ndc", "code": "99999052130"}, {"system": "hcpcs", "code": "J9271"}
    tablets["lines"][0] |= {"code": old, "supply": "self_administered", "benefit": "pharmacy"}
    case_id, patient = await taken(house, tablets)
    await answered(house, case_id, said, references=[{"kind": "review", "value": "REV-1"}])
    swap = await told(
        house, patient, event("S1", 30, "drug_swapped", code=new, instead_of=old, quantity={"value": 400})
    )
    assert (swap["kind"], swap["draft"]["follows"]) == ("new", str(case_id))
    assert await preview(house, swap["draft"]) == [("medical", ["1"])]


async def test_row_1_07_one_dose_after_the_end_is_renewed_for_the_course(house: House) -> None:
    case_id, patient = await taken(house, order("EVGDOSE", quantity=800))
    await answered(house, case_id, granted("AUTH-1", 800))
    late = await told(house, patient, event("A1", 200))
    assert (late["rule"], late["draft"]["lines"][0]["quantity"]["value"]) == ("authorization_ended", "800")
    plan = await told(house, patient, event("D1", 201, "dose_changed", quantity={"value": 600}))
    assert plan["draft"]["lines"][0]["quantity"]["value"] == "600"


async def test_row_1_08_a_change_is_of_the_authorization_in_force_and_not_of_one_that_ended(house: House) -> None:
    for member, ends in (("EVGYEARS", 180), ("EVGUSEDUP", 300)):
        first, patient = await taken(house, order(member, payer=BLUESTEM, start=0, end=ends))
        await answered(house, first, granted("AUTH-1", 200))
        await told(house, patient, event("A1", 5))
        second, _ = await taken(house, order(member, payer=BLUESTEM, start=181, end=360))
        await answered(house, second, granted("AUTH-2", 800))
        moved = await told(house, patient, event("M1", 200, "site_changed", place_of_service="22"))
        assert (moved["kind"], moved["authorization_number"], moved["units_left"]) == ("update", "AUTH-2", "800")
        assert moved["draft"]["previous_authorization"] == "AUTH-2"
        given = await told(house, patient, event("A2", 210, place_of_service="22"))
        assert (given["kind"], given["why_not"], given["authorization_number"]) == ("update", "other_place", "AUTH-2")


async def test_row_1_08_a_change_that_was_denied_is_no_update_again(house: House) -> None:
    case_id, patient = await taken(house, order("EVGNOMOVE", payer=BLUESTEM))
    await answered(house, case_id, granted("AUTH-1", 800))
    moved = await told(house, patient, event("M1", 10, "site_changed", place_of_service="22"))
    change = UUID((await posted(house, moved["draft"]))["id"])
    await answered(house, change, DENIED)
    again = await told(house, patient, event("A1", 12, place_of_service="22"))
    assert (again["kind"], again["rule"], again["case_id"]) == ("new", "denied_is_asked_anew", str(change))
    assert "previous_authorization" not in again["draft"]
    assert (await told(house, patient, event("M2", 12, "site_changed", place_of_service="12")))["kind"] == "update"
    assert (await told(house, patient, event("A2", 13)))["kind"] == "covered"


async def test_row_1_07_a_course_is_renewed_once(house: House) -> None:
    case_id, patient = await taken(house, order("EVGONCE"))
    await answered(house, case_id, granted("AUTH-1", 800))
    first = await told(house, patient, event("C8", 150, "cycle_started", cycle=8, until=day(300)))
    assert first["rule"] == "course_outlasts_authorization"
    renewal = UUID((await posted(house, first["draft"]))["id"])
    second = await told(house, patient, event("C9", 160, "cycle_started", cycle=9, until=day(300)))
    assert (second["kind"], second["rule"]) == ("covered", "open_case_asks_for_the_rest")
    assert (second["case_id"], second["ends_on"], second["draft"]) == (str(case_id), day(180), None)
    moved = await told(house, patient, event("M1", 160, "site_changed", place_of_service="22", until=day(300)))
    assert moved["kind"] == "new", "nobody asked for it there"
    await answered(house, renewal, granted("AUTH-2", 800))
    third = await told(house, patient, event("C10", 170, "cycle_started", cycle=10, until=day(300)))
    assert (third["kind"], third["rule"]) == ("covered", "next_authorization_covers_the_rest")
    longer = await told(house, patient, event("C11", 171, "cycle_started", cycle=11, until=day(301)))
    assert longer["rule"] == "course_outlasts_authorization"


async def test_row_1_07_a_renewal_that_begins_too_late_leaves_days_to_ask_for(house: House) -> None:
    for member, start, rule in (
        ("EVGGAP", 182, "course_outlasts_authorization"),
        ("EVGNOGAP", 181, "next_authorization_covers_the_rest"),
    ):
        case_id, patient = await taken(house, order(member))
        await answered(house, case_id, granted("AUTH-1", 800))
        second, _ = await taken(house, order(member, start=start, end=300))
        await answered(house, second, granted("AUTH-2", 800))
        cycle = await told(house, patient, event("C8", 150, "cycle_started", cycle=8, until=day(300)))
        assert cycle["rule"] == rule


async def test_row_1_08_what_the_payer_refused_to_take_is_not_awaited(house: House) -> None:
    case_id, patient = await taken(house, order("EVGBOUNCED"))
    assert (await told(house, patient, event("A1", 5)))["kind"] == "awaited"
    await answered(house, case_id, answer="rejected")
    again = await told(house, patient, event("A2", 5))
    assert (again["kind"], again["rule"], again["draft"]["follows"]) == ("new", "nothing_was_asked", str(case_id))
