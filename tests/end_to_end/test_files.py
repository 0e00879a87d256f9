"""Requests that go in files over SFTP and are answered in files, over a payer's mishaps."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import pytest

from tests.end_to_end.conftest import Town, member
from tests.end_to_end.test_documents import with_document
from tests.running.customer import Customer
from tests.running.processes import PATIENCE
from tests.running.requests import compose

HAWTHORN = "hawthorn_health"


async def until_operator(customer: Customer, case_id: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while (case := await customer.case(case_id))["attention"]["who"] != "operator":
        assert time.monotonic() < deadline, case["status"]
        await asyncio.sleep(0.2)
    return case


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
    ],
)
async def test_a_request_comes_to_its_decision_and_is_filed_once(
    town: Town, customer: Customer, word: str, status: str
) -> None:
    name = member(word)
    case_id = await customer.submit(compose(name, payer=HAWTHORN, lines=3))
    await customer.until(case_id, status)
    unfiled = word in ("NOTFOUND", "GUIDE", "INTERCHANGE", "DOWN")
    assert (await town.payer.filings())[name] == (0 if unfiled else 1)


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        ("drop_before_recording", "receipt"),
        ("drop_after_recording", "receipt"),
        ("unavailable", "receipt"),
        ("no_file", "acknowledgement"),
        ("results_first", "results"),
        ("results_twice", "results"),
        ("growing", "results"),
    ],
)
@pytest.mark.proves("SF-01")
async def test_what_goes_wrong_once_keeps_no_request_from_its_decision(
    town: Town, customer: Customer, kind: str, verb: str
) -> None:
    name = member("APPROVE")
    await town.payer.order(kind, payer=HAWTHORN, verb=verb, count=1)
    case_id = await customer.submit(compose(name, payer=HAWTHORN))
    case = await customer.until(case_id, "approved")
    assert case["lines"][0]["authorization_number"]
    assert (await town.payer.filings())[name] == 1


@pytest.mark.proves("BA-09")
async def test_a_file_with_the_answers_of_two_tells_each_its_own_and_nothing_of_the_other(
    town: Town, customer: Customer
) -> None:
    await town.payer.order("mixed_results", payer=HAWTHORN, verb="results", count=1)
    names = [member("APPROVE"), member("DENY")]
    first = await customer.submit(compose(names[0], payer=HAWTHORN))
    await customer.until(first, "received", "in_review")
    second = await customer.submit(compose(names[1], payer=HAWTHORN))
    await customer.until(first, "approved")
    await customer.until(second, "denied")
    for case_id, other in ((first, names[1]), (second, names[0])):
        for entry in (await customer.get(f"/v1/requests/{case_id}/raw"))["data"]:
            assert other.encode() not in await customer.raw(case_id, entry["n"])


def quarantined(town: Town) -> set[str]:
    """What lies there of files that are nobody's, as an operator sees it."""
    command = town.house.command("arrivals", "list", "--state", "quarantined")
    command.join()
    return set(re.findall(r"(?m)^[0-9a-f-]{36}(?= )", command.said()))


@pytest.mark.parametrize("kind", ["orphan", "others_results", "truncated"])
@pytest.mark.proves("AK-01")
async def test_what_is_nobodys_or_not_whole_is_kept_for_an_operator_to_see(
    town: Town, customer: Customer, kind: str
) -> None:
    before = quarantined(town)
    await town.payer.order(kind, payer=HAWTHORN, verb="results", count=1)
    case_id = await customer.submit(compose(member("APPROVE"), payer=HAWTHORN))
    deadline = time.monotonic() + PATIENCE
    while not quarantined(town) - before:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    await customer.until(case_id, "received" if kind == "truncated" else "approved")


async def test_a_file_that_nobody_takes_is_no_filing_that_was_received_and_an_operator_is_called(
    town: Town, customer: Customer
) -> None:
    name = member("APPROVE")
    await town.payer.post(holding=True)
    try:
        case_id = await customer.submit(compose(name, payer=HAWTHORN))
        case = await until_operator(customer, case_id)
        assert case["status"] == "submitting"
        assert (await town.payer.filings())[name] == 0
    finally:
        await town.payer.post(holding=False)
    case = await customer.until(case_id, "approved")
    assert (await town.payer.filings())[name] == 1
    assert case["attention"]["who"] == "none"


async def test_a_file_that_vanishes_is_never_put_down_again_and_an_operator_is_called(
    town: Town, customer: Customer
) -> None:
    name = member("LOST")
    case_id = await customer.submit(compose(name, payer=HAWTHORN))
    await until_operator(customer, case_id)
    assert len(await customer.entries(case_id, "frame", "submit")) == 1
    assert (await town.payer.filings())[name] == 0


async def test_what_was_picked_up_is_moved_away_and_only_that(town: Town, customer: Customer) -> None:
    before = set((await town.payer.post())["done"])
    case_id = await customer.submit(compose(member("APPROVE"), payer=HAWTHORN))
    await customer.until(case_id, "approved")
    deadline = time.monotonic() + PATIENCE
    while len(set((await town.payer.post())["done"]) - before) < 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def test_documents_go_in_a_file_and_are_taken_when_the_payer_says_so(town: Town, customer: Customer) -> None:
    case_id = await customer.submit(compose(member("DOCS"), payer=HAWTHORN))
    case = await customer.until(case_id, "needs_information")
    asked = [item for item in case["requested"] if item["control_number"]]
    document = with_document({})["attachments"][0]
    body = {"attachments": [{**document, "id": f"d{n}", "kind": item["kind"]} for n, item in enumerate(asked, start=1)]}
    answer = await customer.call("POST", f"/v1/requests/{case_id}/answers", body)
    assert answer.status == 202, answer.body
    await customer.until(case_id, "approved")
    [frame] = await customer.entries(case_id, "frame", "answer")
    assert b"ST*275*" in await customer.raw(case_id, frame["n"])
    heard = [entry["meta"]["answer"] for entry in await customer.entries(case_id, "outcome", "answer")]
    assert heard[0] == "placed"
    assert "received" in heard


async def test_a_cancellation_goes_in_a_file_too(town: Town, customer: Customer) -> None:
    case_id = await customer.submit(compose(member("APPROVE"), payer=HAWTHORN))
    await customer.until(case_id, "approved")
    answer = await customer.call("POST", f"/v1/requests/{case_id}/cancel", {})
    assert answer.status in (200, 202), answer.body
    await customer.until(case_id, "cancelled")


async def test_a_preview_shows_the_file_that_would_be_put_down(town: Town, customer: Customer) -> None:
    name = member("APPROVE")
    answer = await customer.call("POST", "/v1/preview", compose(name, payer=HAWTHORN))
    assert answer.status == 200, answer.body
    [rendering] = answer.json()["renderings"]
    assert rendering["method"] == "DROP"
    assert rendering["url"].startswith("in/278_")
    assert (await town.payer.filings())[name] == 0
