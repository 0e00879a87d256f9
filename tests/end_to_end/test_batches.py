"""Requests that go in batches (CORE SOAP with MTOM) and are fetched until they are decided, over a payer's mishaps."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer
from tests.running.processes import PATIENCE
from tests.running.requests import compose

GOLDENROD = "goldenrod_health"


async def said(town: Town, verb: str, name: str = "") -> list[str]:
    """What became of each message of this verb, oldest first; of requests, those of this member."""
    told = [each for each in await town.payer.exchanges() if each["verb"] == verb]
    return [each["outcome"] for each in told if name.encode() in each["received"]]


@pytest.mark.proves("AK-02", "BA-05")
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("APPROVE", "approved"),
        ("DENY", "denied"),
        ("PEND", "approved"),
        ("PARTIAL", "partially_approved"),
        ("NOTFOUND", "rejected"),
        ("GUIDE", "rejected"),
        ("INTERCHANGE", "rejected"),
        ("DOWN", "rejected"),
        ("HTMLFILED", "approved"),
        ("DROP", "approved"),
        ("TRUNCATED", "approved"),
    ],
)
async def test_a_request_comes_to_its_decision_and_is_filed_once(
    town: Town, customer: Customer, word: str, status: str
) -> None:
    name = member(word)
    case_id = await customer.submit(compose(name, payer=GOLDENROD, lines=3))
    await customer.until(case_id, status)
    unfiled = word in ("NOTFOUND", "GUIDE", "INTERCHANGE", "DOWN")
    assert (await town.payer.filings())[name] == (0 if unfiled else 1)


@pytest.mark.proves("AK-03", "BA-04", "BA-07")
@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        ("acknowledged_at_once", "receipt"),
        ("no_file", "acknowledgement"),
        ("no_file", "results"),
        ("wrong_checksum", "results"),
        ("broken_reference", "results"),
        ("results_twice", "results"),
        ("qualified_children", "results"),
        ("drop_before_recording", "results"),
        ("truncated", "acknowledgement"),
        ("drop_after_recording", "confirmation"),
        ("drop_before_recording", "confirmation"),
    ],
)
async def test_what_goes_wrong_once_keeps_no_request_from_its_decision(
    town: Town, customer: Customer, kind: str, verb: str
) -> None:
    name = member("APPROVE")
    await town.payer.order(kind, payer=GOLDENROD, verb=verb, count=1)
    case_id = await customer.submit(compose(name, payer=GOLDENROD))
    case = await customer.until(case_id, "approved")
    assert case["lines"][0]["authorization_number"]
    assert (await town.payer.filings())[name] == 1


@pytest.mark.proves("BA-06")
async def test_an_answer_whose_file_is_gone_once_it_is_confirmed_is_not_lost_with_the_confirmation(
    town: Town, customer: Customer
) -> None:
    before = len(await said(town, "confirmation"))
    await town.payer.order("confirmed_gone", payer=GOLDENROD, verb="confirmation", count=1)
    case_id = await customer.submit(compose(member("APPROVE"), payer=GOLDENROD))
    await customer.until(case_id, "approved")  # which is so before anything is confirmed
    deadline = time.monotonic() + PATIENCE
    while len(await said(town, "confirmation")) == before:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    case = await customer.case(case_id)
    assert (case["status"], case["attention"]["who"]) == ("approved", "none")
    assert len(await said(town, "confirmation")) == before + 1


async def test_a_file_that_holds_answers_of_others_is_read_and_not_confirmed_and_an_operator_is_called(
    town: Town, customer: Customer
) -> None:
    before = len(await said(town, "confirmation"))
    await town.payer.order("others_results", payer=GOLDENROD, verb="results", count=1)
    case_id = await customer.submit(compose(member("DENY"), payer=GOLDENROD))
    case = await customer.until(case_id, "denied")
    assert case["attention"]["who"] == "operator"
    assert len(await said(town, "confirmation")) == before


@pytest.mark.proves("BA-05")
async def test_a_batch_that_nobody_knows_is_never_filed_again_and_an_operator_is_called(
    town: Town, customer: Customer
) -> None:
    name = member("LOST")
    case_id = await customer.submit(compose(name, payer=GOLDENROD))
    deadline = time.monotonic() + PATIENCE
    while (case := await customer.case(case_id))["attention"]["who"] != "operator":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    assert case["status"] == "uncertain"
    await asyncio.sleep(4)  # the settle time, and an inquiry after it
    assert (await town.payer.filings())[name] == 0
    assert (await customer.case(case_id))["status"] == "uncertain"
    assert len(await customer.entries(case_id, "frame", "submit")) == 1


@pytest.mark.proves("BA-06")
async def test_what_was_fetched_lies_in_the_journal_before_its_receipt_is_confirmed(
    town: Town, customer: Customer
) -> None:
    case_id = await customer.submit(compose(member("APPROVE"), payer=GOLDENROD))
    await customer.until(case_id, "approved")
    entries = [*await customer.entries(case_id, "frame"), *await customer.entries(case_id, "reply")]
    bodies = {entry["n"]: await customer.raw(case_id, entry["n"]) for entry in entries}
    confirmed = next(n for n, body in bodies.items() if b"COREEnvelopeBatchResultsAckSubmission" in body)
    held = next(n for n, body in bodies.items() if b"HCR*A1" in body)
    outcomes = [entry["n"] for entry in await customer.entries(case_id, "outcome", "inquire")]
    assert held < outcomes[-1] < confirmed
    assert not any(n > confirmed for n in outcomes), "what is recorded is not recorded again"
    assert b"AK9*A" in bodies[confirmed]
    assert not any(b"demo-password" in body for body in bodies.values())
