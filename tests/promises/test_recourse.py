"""What may be done about a denial: row 33 of what was promised, where a payer has denied."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.end_to_end.conftest import Town, member
from tests.end_to_end.test_appeals import appeal, denied, states, until
from tests.running.customer import Customer, open_customer
from tests.running.requests import compose


async def recourse(customer: Customer, case_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = await customer.get(f"/v1/requests/{case_id}/recourse")
    return shown


async def test_row_1_33_a_clinical_denial_offers_a_talk_of_peers_the_appeal_and_what_its_policy_wanted(
    town: Town, customer: Customer, tenant: Callable[[], str]
) -> None:
    case_id = await denied(customer, "DENY")
    shown = await recourse(customer, case_id)
    case = await customer.case(case_id)
    [line] = shown["lines"]
    ways = {way["kind"]: way for way in line["ways"]}
    assert {reason["clinical"] for reason in case["lines"][0]["reasons"]} == {True}
    assert ways.keys() == {"peer_to_peer", "reconsideration", "appeal"}
    talk, first = ways["peer_to_peer"], ways["appeal"]
    assert (talk["window"], talk["phones"], talk["rule"]) == ("open", ["5555550142"], "evergreen_talk")
    noticed, ends = (datetime.fromisoformat(each) for each in (line["noticed_at"], first["until"]))
    assert timedelta(days=179) < ends - noticed < timedelta(days=181)
    assert (first["level"], first["name"], first["decided_by"]) == (1, "internal appeal", "payer")
    assert first["source"].startswith("29 CFR 2560.503-1(h)(3)(i)")
    evidence = shown["evidence"]
    assert [each["line"] for each in evidence["lines"]] == ["1"]
    assert evidence["policies"]
    [wanted, *_] = evidence["lines"][0]["requirements"]
    assert (wanted["state"], bool(wanted["rule"]["citation"]["source"])) == ("missing", True)
    assert all(each["line"] == "1" and each["fix"] for each in evidence["findings"])
    async with open_customer(town.url, tenant()) as stranger:
        assert (await stranger.call("GET", f"/v1/requests/{case_id}/recourse")).status == 404
    assert (await customer.call("GET", f"/v1/requests/{uuid4()}/recourse")).status == 404


async def test_row_1_33_an_appeal_has_its_level_and_what_is_upheld_leads_to_the_next(customer: Customer) -> None:
    case_id = await denied(customer, "APPEALDENY")
    assert (await appeal(customer, case_id)).status == 202
    await until(customer, case_id, lambda case: states(case) == ["under_review"])
    going = await recourse(customer, case_id)
    assert {way["kind"] for way in going["lines"][0]["ways"]} <= {"resubmit"}, "one appeal at a time"
    await until(customer, case_id, lambda case: states(case) == ["upheld"])
    shown = await recourse(customer, case_id)
    [one] = shown["appeals"]
    assert (one["level"], one["name"], one["late"], one["warning"]) == (1, "internal appeal", False, None)
    [way] = [way for way in shown["lines"][0]["ways"] if way["kind"] == "appeal"]
    assert (way["level"], way["name"], way["decided_by"]) == (2, "external review", "independent")
    assert "peer_to_peer" not in {way["kind"] for way in shown["lines"][0]["ways"]}
    assert datetime.fromisoformat(shown["lines"][0]["noticed_at"]) >= datetime.fromisoformat(
        one["asked_at"]
    ) - timedelta(minutes=2)


async def test_row_1_33_what_is_granted_or_open_has_nothing_to_be_done_about(customer: Customer) -> None:
    case_id = await customer.submit(compose(member("APPROVE")))
    await customer.until(case_id, "approved")
    shown = await recourse(customer, case_id)
    assert (shown["lines"], shown["appeals"], shown["evidence"]) == ([], [], None)
