"""Documents that come with a request: announced in the filing, sent after it, counted at the payer."""

from __future__ import annotations

import asyncio
import base64
import re
import time
from typing import Any

from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer
from tests.running.processes import PATIENCE
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


def announced(kind: str, name: str) -> dict[str, Any]:
    content = base64.b64encode(f"Synthetic {name}. No real person.".encode()).decode()
    return {"id": name, "kind": kind, "title": f"Synthetic {name}", "media_type": "text/plain", "content": content}


async def sent_documents(customer: Customer, case_id: str) -> list[tuple[str, list[str]]]:
    """Of each 275 that left: BGN01, and the TRN of each document."""
    sent = []
    for entry in await customer.entries(case_id, "frame", "answer"):
        segments = re.findall(r"(?:BGN|TRN)\*[^~]*", (await customer.raw(case_id, entry["n"])).decode())
        sent.append((segments[0].split("*")[1], [segment for segment in segments if segment.startswith("TRN")]))
    return sent


async def test_announced_documents_are_no_answer_to_what_else_the_payer_asks_for(customer: Customer) -> None:
    """It asks for laboratory results and a note; a pathology report and a plan were announced."""
    patient = member("DOCS")
    documents = [announced("pathology_report", "path"), announced("treatment_plan", "plan")]
    case_id = await customer.submit({**compose(patient), "attachments": documents})
    case = await customer.until(case_id, "needs_information")
    await until_sent(customer, case_id, 1)
    [(purpose, traces)] = await sent_documents(customer, case_id)
    assert purpose == "02"
    assert [trace.split("*")[1] for trace in traces] == ["1", "1"]
    [heard] = await customer.entries(case_id, "outcome", "answer")
    assert heard["meta"]["answer"] == "received"
    case = await customer.case(case_id)
    assert case["attention"]["who"] == "provider"
    numbers = {item["kind"]: item["control_number"] for item in case["requested"] if item["control_number"]}
    path = f"/v1/requests/{case_id}/answers"
    notes = next(kind for kind in numbers if kind != "laboratory_results")
    labs, note = announced("laboratory_results", "labs"), announced(notes, "note")
    unknown = await customer.call("POST", path, {"attachments": [labs], "control_numbers": {"labs": "TYPO"}})
    assert unknown.status == 422
    [fault] = unknown.json()["faults"]
    assert fault["pointer"] == "/control_numbers/labs"
    assert numbers["laboratory_results"] in fault["fix"]
    noted = await customer.call("POST", path, {"attachments": [labs], "note": "Never done."})
    assert (noted.status, [fault["pointer"] for fault in noted.json()["faults"]]) == (422, ["/note"])
    assert (await customer.call("POST", path, {"attachments": [labs]})).status == 202
    await until_sent(customer, case_id, 2)
    left = (await customer.case(case_id))["requested"]
    assert [item["control_number"] for item in left if item["control_number"]] == [numbers[notes]]
    assert (await customer.call("POST", path, {"attachments": [note]})).status == 202
    await customer.until(case_id, "approved")
    answers = (await sent_documents(customer, case_id))[1:]
    assert answers == [("11", [f"TRN*2*{numbers[kind]}"]) for kind in ("laboratory_results", notes)]


async def test_an_announced_document_that_is_asked_for_goes_under_the_payers_number_and_the_others_apart(
    customer: Customer,
) -> None:
    patient = member("DOCS")
    documents = [announced("treatment_plan", "plan"), announced("laboratory_results", "labs")]
    case_id = await customer.submit({**compose(patient), "attachments": documents})
    await until_sent(customer, case_id, 2)
    first, second = await sent_documents(customer, case_id)
    assert (first[0], [trace.split("*")[1] for trace in first[1]]) == ("11", ["2"])
    assert (second[0], [trace.split("*")[1] for trace in second[1]]) == ("02", ["1"])
    heard = await customer.entries(case_id, "outcome", "answer")
    assert [entry["meta"]["answer"] for entry in heard] == ["received", "received"]


async def test_all_twenty_documents_are_announced_and_taken(town: Town, customer: Customer) -> None:
    patient = member("PEND")
    documents = [announced("clinical_notes", f"doc-{place}") for place in range(20)]
    preview = await customer.call("POST", "/v1/preview", {**compose(patient), "attachments": documents})
    losses = [loss for rendering in preview.json()["renderings"] for loss in rendering["losses"]]
    assert losses
    assert not [loss for loss in losses if loss["kept"] == "dropped" and loss["pointer"].startswith("/attachments")]
    case_id = await customer.submit({**compose(patient), "attachments": documents})
    await customer.until(case_id, "approved")
    [(purpose, traces)] = await sent_documents(customer, case_id)
    assert (purpose, len(set(traces))) == ("02", 20)
    [heard] = await customer.entries(case_id, "outcome", "answer")
    assert heard["meta"]["answer"] == "received"
    assert (await town.payer.filings())[patient] == 1


async def until_sent(customer: Customer, case_id: str, messages: int) -> None:
    """Wait until the payer has answered so many messages with documents."""
    deadline = time.monotonic() + PATIENCE
    while len(await customer.entries(case_id, "outcome", "answer")) < messages:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
