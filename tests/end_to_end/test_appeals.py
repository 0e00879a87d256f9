"""What an X12 payer denied is appealed: a review of its own, which names the payer's number and is said once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from tests.end_to_end.conftest import Town, member
from tests.end_to_end.test_documents import with_document
from tests.running.customer import Answer, Customer
from tests.running.processes import PATIENCE
from tests.running.requests import compose

REASON = "Two preferred agents failed, and both are in the chart with their dates."


async def appeal(customer: Customer, case_id: str, key: str | None = None, **body: Any) -> Answer:
    headers = {"Idempotency-Key": key} if key else None
    return await customer.call("POST", f"/v1/requests/{case_id}/appeal", {"reason": REASON, **body}, headers=headers)


async def denied(customer: Customer, word: str, payer: str = "evergreen_health") -> str:
    case_id = await customer.submit(compose(member(word), payer=payer))
    await customer.until(case_id, "denied")
    return case_id


async def until(customer: Customer, case_id: str, holds: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not holds(case := await customer.case(case_id)):
        assert time.monotonic() < deadline, (case["status"], case["attention"], case["appeals"])
        await asyncio.sleep(0.1)
    return case


def states(case: Any) -> list[str]:
    return [one["state"] for one in case["appeals"]]


async def said(customer: Customer, case_id: str) -> list[bytes]:
    entries = await customer.entries(case_id, "frame", "amend")
    return [await customer.raw(case_id, entry["n"]) for entry in entries]


async def test_a_denial_is_overturned_by_an_appeal_that_names_the_payers_number(customer: Customer) -> None:
    case_id = await denied(customer, "APPEAL")
    first = await appeal(customer, case_id, "one")
    again = await appeal(customer, case_id, "one")
    assert (first.status, again.status, again.headers.get("Idempotent-Replayed")) == (202, 202, "true")
    case = await customer.until(case_id, "approved")
    assert (states(case), case["lines"][0]["outcome"]) == (["overturned"], "certified")
    [message] = await said(customer, case_id)
    assert b"*HS*2*" in message
    assert b"REF*NT*" in message
    assert REASON.encode() in message
    events = (await customer.get(f"/v1/requests/{case_id}/events"))["data"]
    assert [event["data"]["appeals"] for event in events[-2:]] == [{"1": "asked"}, {"1": "overturned"}]
    late = await appeal(customer, case_id)
    assert late.status == 409, late.body


async def test_a_denial_stands_while_its_appeal_is_pended_and_is_told_from_an_inquiry(customer: Customer) -> None:
    cases = {word: await denied(customer, word) for word in ("APPEALPEND", "APPEALDENY")}
    for case_id in cases.values():
        assert (await appeal(customer, case_id)).status == 202
    for case_id in cases.values():
        await until(customer, case_id, lambda case: states(case) == ["under_review"])
        case = await customer.case(case_id)
        assert (case["status"], case["attention"]["who"], case["contradictions"]) == ("denied", "payer", 0)
        second = await appeal(customer, case_id)
        assert (second.status, "is under way" in second.json()["detail"]) == (409, True)
    overturned = await customer.until(cases["APPEALPEND"], "approved")
    assert states(overturned) == ["overturned"]
    upheld = await until(customer, cases["APPEALDENY"], lambda case: states(case) == ["upheld"])
    assert (upheld["status"], upheld["attention"]["who"], upheld["contradictions"]) == ("denied", "none", 0)
    assert [len(await said(customer, case_id)) for case_id in cases.values()] == [1, 1]
    assert (await customer.trail(cases["APPEALDENY"]))[-2:] == ["submitting", "denied"]


async def test_an_appeal_whose_answer_is_lost_is_asked_about_and_not_said_again(town: Town, customer: Customer) -> None:
    taken, lost = await denied(customer, "APPEALDROP"), await denied(customer, "APPEALLOST")
    for case_id in (taken, lost):
        assert (await appeal(customer, case_id)).status == 202
    case = await customer.until(taken, "approved")
    assert states(case) == ["overturned"]
    case = await until(customer, lost, lambda case: case["attention"]["who"] == "operator")
    assert (case["status"], states(case)) == ("denied", ["uncertain"])
    assert "whether the payer has the appeal is not known" in case["attention"]["why"]
    second = await appeal(customer, lost)
    assert (second.status, "ask the payer" in second.json()["detail"]) == (409, True)
    assert [len(await said(customer, case_id)) for case_id in (taken, lost)] == [1, 1]


async def test_only_the_denied_line_is_appealed_unless_lines_are_named(customer: Customer) -> None:
    case_id = await customer.submit(compose(member("MIXED"), lines=2))
    await customer.until(case_id, "partially_approved")
    wrong = await appeal(customer, case_id, lines=["1", "9"])
    assert wrong.status == 422, wrong.body
    assert [fault["pointer"] for fault in wrong.json()["faults"]] == ["/lines/1"]
    granted = await appeal(customer, case_id, lines=["1"])
    assert granted.status == 409, granted.body
    both = await appeal(customer, case_id, lines=["1", "2"])
    assert [fault["pointer"] for fault in both.json()["faults"]] == ["/lines/0"]
    assert (await appeal(customer, case_id)).status == 202
    case = await customer.until(case_id, "approved")
    assert [each["lines"] for each in case["appeals"]] == [["2"]]
    [message] = await said(customer, case_id)
    assert (message.count(b"*SS*"), b"J9035" in message, b"J9271" in message) == (1, True, False)


async def test_documents_that_go_with_an_appeal_follow_it_once(customer: Customer) -> None:
    case_id = await denied(customer, "APPEALPEND")
    document = {**with_document({})["attachments"][0], "id": "letter", "title": "Letter of appeal"}
    assert (await appeal(customer, case_id, attachments=[document])).status == 202
    await customer.until(case_id, "approved")
    [message] = await said(customer, case_id)
    control = message.split(b"*AC*")[1].split(b"*")[0]
    answers = await customer.entries(case_id, "frame", "answer")
    assert len(answers) == 1
    assert control in await customer.raw(case_id, answers[0]["n"])


async def test_a_case_that_is_not_denied_and_a_payer_that_takes_no_appeal_are_told_apart(customer: Customer) -> None:
    approved = await customer.submit(compose(member("APPROVE")))
    await customer.until(approved, "approved")
    refused = await appeal(customer, approved)
    assert (refused.status, "Nothing is denied" in refused.json()["detail"]) == (409, True)
    case_id = await denied(customer, "DENY", "fernbrook_health")
    refused = await appeal(customer, case_id)
    problem = refused.json()
    assert (refused.status, problem["type"]) == (422, "urn:payer-gateway:problem:cannot-be-told")
    assert all(fault["fix"] for fault in problem["faults"])
    assert (await customer.case(case_id))["appeals"] == []
