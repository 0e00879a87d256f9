"""Requests over the service-review API: filed with 202, read at their address until somebody decided."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer
from tests.running.requests import compose

FERNBROOK = "fernbrook_health"


@pytest.mark.proves("RE-01")
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("APPROVE", "approved"),
        ("DENY", "denied"),
        ("PEND", "approved"),
        ("PARTIAL", "partially_approved"),
        ("MODIFY", "approved_modified"),
        ("NOTFOUND", "closed_by_payer"),
        ("HTML", "approved"),
        ("DROP", "approved"),
        ("LOST", "approved"),
        ("OTHERS", "approved"),
        ("GARBAGE", "approved"),
        ("BLIND", "approved"),
        ("EXPIRED", "approved"),
    ],
)
async def test_a_request_comes_to_its_decision_and_is_filed_once(
    town: Town, customer: Customer, word: str, status: str
) -> None:
    name = member(word)
    case_id = await customer.submit(compose(name, payer=FERNBROOK, lines=3))
    case = await customer.until(case_id, status)
    assert (await town.payer.filings())[name] == (0 if word == "NOTFOUND" else 1)
    if status == "approved":
        assert all(line["authorization_number"] for line in case["lines"])


@pytest.mark.proves("RE-03")
async def test_a_review_is_asked_for_at_our_endpoint_wherever_its_location_leads(
    town: Town, customer: Customer
) -> None:
    case_id = await customer.submit(compose(member("OTHERS"), payer=FERNBROOK))
    await customer.until(case_id, "approved")
    frames = await customer.entries(case_id, "frame")
    raw = [await customer.raw(case_id, entry["n"]) for entry in frames]
    assert not [text for text in raw if b"elsewhere" in text]


async def test_a_review_is_voided(town: Town, customer: Customer) -> None:
    name = member("APPROVE")
    case_id = await customer.submit(compose(name, payer=FERNBROOK))
    await customer.until(case_id, "approved")
    taken_back = await customer.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "Not needed."})
    assert taken_back.status in (200, 202), taken_back.body
    await customer.until(case_id, "cancelled")
