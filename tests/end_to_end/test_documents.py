"""Documents that come with a request: announced in the filing, sent after it, counted at the payer."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer
from tests.running.requests import compose


def with_document(request: dict[str, Any]) -> dict[str, Any]:
    document = {
        "id": "notes",
        "kind": "clinical_notes",
        "title": "Synthetic clinical notes",
        "media_type": "text/plain",
        "content": base64.b64encode(b"Synthetic notes; a ~ and a * and a line\r\nbreak. No real person.").decode(),
    }
    return {**request, "attachments": [document]}


async def test_documents_of_a_request_follow_its_filing_once(town: Town, customer: Customer) -> None:
    patient = member("PEND")
    case_id = await customer.submit(with_document(compose(patient)))
    await customer.until(case_id, "approved")
    assert len(await customer.entries(case_id, "frame", "submit")) == 1
    [frame] = await customer.entries(case_id, "frame", "answer")
    sent = await customer.raw(case_id, frame["n"])
    assert b"ST*275*" in sent
    assert (await town.payer.filings())[patient] == 1
    [answer] = await customer.entries(case_id, "outcome", "answer")
    assert answer["meta"]["answer"] == "received"


async def test_documents_of_a_request_that_is_decided_at_once_are_not_sent(customer: Customer) -> None:
    case_id = await customer.submit(with_document(compose(member("APPROVE"))))
    await customer.until(case_id, "approved")
    assert await customer.entries(case_id, "frame", "answer") == []


async def test_the_same_documents_are_sent_once_however_often_they_are_given(customer: Customer) -> None:
    case_id = await customer.submit(compose(member("DOCS")))
    case = await customer.until(case_id, "needs_information")
    asked = [item for item in case["requested"] if item["control_number"]]
    document = with_document({})["attachments"][0]
    body = {"attachments": [{**document, "id": f"d{n}", "kind": item["kind"]} for n, item in enumerate(asked, start=1)]}
    calls = [customer.call("POST", f"/v1/requests/{case_id}/answers", body) for _ in range(4)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status for answer in answers) == [202, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    assert "given before" in refused.json()["detail"] or "asks for nothing" in refused.json()["detail"]
    await customer.until(case_id, "approved")
    assert len(await customer.entries(case_id, "frame", "answer")) == 1
