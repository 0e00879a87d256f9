"""Requests over every carrier but SOAP, which all other journeys take: in a form (CORE MIME), and as X12 in JSON."""

from __future__ import annotations

import asyncio
import base64

import pytest

from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer
from tests.running.requests import compose

CEDAR, DOGWOOD = "cedar_valley", "dogwood_plan"
"""Over MIME, and over JSON."""
BOTH = pytest.mark.parametrize("payer", [CEDAR, DOGWOOD])


@pytest.mark.proves("AU-05", "RT-11")
@BOTH
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("APPROVE", "approved"),
        ("DENY", "denied"),
        ("PEND", "approved"),
        ("PARTIAL", "partially_approved"),
        ("NOTFOUND", "rejected"),
        ("GUIDE", "rejected"),
        ("BUSY", "approved"),
        ("HTML", "approved"),
        ("DROP", "approved"),
        ("TRUNCATED", "approved"),
        ("LOST", "approved"),
        ("EXPIRED", "approved"),
    ],
)
async def test_a_request_comes_to_its_decision_and_is_filed_once(
    town: Town, customer: Customer, payer: str, word: str, status: str
) -> None:
    name = member(word)
    case_id = await customer.submit(compose(name, payer=payer, lines=3))
    await customer.until(case_id, status)
    unfiled = word in ("NOTFOUND", "GUIDE")
    assert (await town.payer.filings())[name] == (0 if unfiled else 1)


async def test_documents_go_in_a_form(town: Town, customer: Customer) -> None:
    case_id = await customer.submit(compose(member("DOCS"), payer=CEDAR))
    case = await customer.until(case_id, "needs_information")
    asked = [item["kind"] for item in case["requested"] if item["control_number"]]
    content = base64.b64encode(b"Synthetic notes; a ~ and a * and a line\r\nbreak.\r\n--").decode()
    document = {"title": "Synthetic notes", "media_type": "text/plain", "content": content}
    attachments = [{**document, "id": f"d{place}", "kind": kind} for place, kind in enumerate(asked)]
    given = await customer.call("POST", f"/v1/requests/{case_id}/answers", {"attachments": attachments})
    assert given.status == 202
    await customer.until(case_id, "approved")


@pytest.mark.proves("AU-05")
async def test_a_token_that_ends_while_the_gateway_runs_is_replaced_without_a_person(
    town: Town, customer: Customer
) -> None:
    await customer.until(await customer.submit(compose(member("APPROVE"), payer=DOGWOOD)), "approved")
    given = await town.payer.tokens(forget=True)
    names = [member("APPROVE") for _ in range(5)]
    cases = await asyncio.gather(*(customer.submit(compose(name, payer=DOGWOOD)) for name in names))
    for case_id in cases:
        await customer.until(case_id, "approved")
    filings = await town.payer.filings()
    assert [filings[name] for name in names] == [1] * 5
    assert await town.payer.tokens() == given + 1
    refused = 0
    for case_id in cases:  # each message that left is in the journal, with what it was answered
        said = await customer.entries(case_id, "frame", "submit")
        heard = [entry["meta"]["status"] for entry in await customer.entries(case_id, "reply")]
        assert heard[: len(said)] == [401] * (len(said) - 1) + [200]
        refused += len(said) - 1
    assert refused >= 1  # whichever of them went first


@pytest.mark.proves("LO-01")
async def test_no_token_and_no_secret_is_in_a_log_or_in_the_journal(town: Town, customer: Customer) -> None:
    case_id = await customer.submit(compose(member("APPROVE"), payer=DOGWOOD))
    await customer.until(case_id, "approved")
    frames = [*await customer.entries(case_id, "frame"), *await customer.entries(case_id, "reply")]
    raw = [await customer.raw(case_id, entry["n"]) for entry in frames]
    logs = [path.read_bytes() for path in town.house.logs.glob("*.log")]
    assert any(b"x12" in text for text in raw)
    for text in (*raw, *logs, str(frames).encode()):
        assert b"demo-client-secret" not in text
        assert b"bearer" not in text.lower()
