"""A request's life over HTTP: handed in once, followed, answered, renewed, taken back, and kept from strangers."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.end_to_end.conftest import Town, member
from tests.running.customer import Answer, Customer, Receiver, open_customer
from tests.running.requests import BLUESTEM, EVERGREEN, compose

Tenant = Callable[[], str]


async def test_a_request_is_approved_and_every_step_is_told_by_webhook(
    town: Town, customer: Customer, receiver: Receiver
) -> None:
    name = member("PEND")
    case_id = await customer.submit(compose(name))
    case = await customer.until(case_id, "approved")
    assert case["lines"][0]["outcome"] == "certified"
    assert case["lines"][0]["authorization_number"]
    assert case["attention"] == {"who": "none", "why": None}
    events = (await customer.get(f"/v1/requests/{case_id}/events"))["data"]
    assert [event["data"]["status"] for event in events] == ["queued", "submitting", "pended", "approved"]
    await receiver.until_taken([event["id"] for event in events])
    assert [receiver.events[case_id][place] for place in (1, 2, 3, 4)] == [event["data"] for event in events]
    assert receiver.refused == 0
    assert (await town.payer.filings())[name] == 1


async def test_webhooks_sent_again_keep_their_ids(customer: Customer, receiver: Receiver) -> None:
    case_id = await customer.submit(compose(member("DENY")))
    await customer.until(case_id, "denied")
    events = (await customer.get(f"/v1/requests/{case_id}/events"))["data"]
    await receiver.until_taken([event["id"] for event in events])
    [endpoint] = [made for made in (await customer.get("/v1/webhooks"))["data"] if made["url"] == receiver.url]
    before = dict(receiver.taken)
    receiver.taken.clear()
    again = await customer.call("POST", f"/v1/webhooks/{endpoint['id']}/resend", {"case_id": case_id})
    assert (again.status, again.json()["count"]) == (202, len(events))
    await receiver.until_taken(before)
    assert dict(receiver.taken) == before


async def test_the_event_feed_tells_everything_once_and_in_order(town: Town, tenant: Tenant) -> None:
    async with open_customer(town.url, tenant()) as customer:
        cases = [await customer.submit(compose(member(word))) for word in ("APPROVE", "DENY", "PEND")]
        seen: list[Any] = []
        cursor = ""
        while sum(event["data"]["status"] in ("approved", "denied") for event in seen) < len(cases):
            page = await customer.get(f"/v1/events?limit=2{cursor}")
            seen += page["data"]
            if page["next_cursor"]:
                cursor = f"&after={page['next_cursor']}"
            await asyncio.sleep(0.02)
        assert len({event["id"] for event in seen}) == len(seen)
        for case_id in cases:
            told = [event for event in seen if event["data"]["case_id"] == case_id]
            assert told == (await customer.get(f"/v1/requests/{case_id}/events"))["data"]


async def test_documents_the_payer_asks_for_are_sent_once_and_the_request_is_approved(
    town: Town, customer: Customer
) -> None:
    name = member("DOCS")
    case_id = await customer.submit(compose(name))
    case = await customer.until(case_id, "needs_information")
    assert case["attention"]["who"] == "provider"
    asked = [item for item in case["requested"] if item["control_number"]]
    assert len(asked) == 2
    body = {"attachments": [document(item["kind"], place) for place, item in enumerate(asked)]}
    headers = {"Idempotency-Key": str(uuid4())}
    path = f"/v1/requests/{case_id}/answers"
    answers = await asyncio.gather(*(customer.call("POST", path, body, headers=headers) for _ in range(4)))
    assert {answer.status for answer in answers} <= {202, 409}
    assert sum(_fresh(answer) for answer in answers) == 1
    await customer.until(case_id, "approved")
    sent = [exchange for exchange in await town.payer.exchanges() if exchange["verb"] == "attachment"]
    assert sum(asked[0]["control_number"].encode() in exchange["received"] for exchange in sent) == 1
    assert (await town.payer.filings())[name] == 1
    late = await customer.call("POST", path, body)
    assert late.status == 409
    assert late.json()["next_action"]


def document(kind: str, place: int) -> dict[str, str]:
    return {
        "id": f"document-{place}",
        "kind": kind,
        "title": "Synthetic note",
        "media_type": "text/plain",
        "content": base64.b64encode(b"Synthetic: no real person.").decode(),
    }


@pytest.mark.parametrize(("word", "before"), [("PENDDENY", "pended"), ("APPROVE", "approved")])
async def test_what_is_open_or_approved_can_be_taken_back_once(
    town: Town, customer: Customer, word: str, before: str
) -> None:
    name = member(word)
    case_id = await customer.submit(compose(name))
    await customer.until(case_id, before)
    headers = {"Idempotency-Key": str(uuid4())}
    path = f"/v1/requests/{case_id}/cancel"
    first = await customer.call("POST", path, {"reason": "The order was withdrawn."}, headers=headers)
    again = await customer.call("POST", path, {"reason": "The order was withdrawn."}, headers=headers)
    assert (first.status, again.status) == (202, 202)
    assert again.headers["Idempotent-Replayed"] == "true"
    case = await customer.until(case_id, "cancelled")
    assert {line["outcome"] for line in case["lines"]} == {"cancelled"}
    assert len(await customer.entries(case_id, "frame", "amend")) == 1
    assert (await customer.call("POST", path)).status == 409
    assert (await town.payer.filings())[name] == 1


async def test_a_cancellation_that_the_payer_refuses_leaves_the_approval_and_tells_a_person(customer: Customer) -> None:
    case_id = await customer.submit(compose(member("KEEP")))
    await customer.until(case_id, "approved")
    assert (await customer.call("POST", f"/v1/requests/{case_id}/cancel")).status == 202
    await customer.until_trail(case_id, "cancel_pending", "approved")
    case = await customer.case(case_id)
    assert case["attention"]["who"] == "provider"
    assert [line["outcome"] for line in case["lines"]] == ["certified"]


async def test_an_approval_is_renewed_under_its_number(town: Town, customer: Customer) -> None:
    name = member("APPROVE")
    case_id = await customer.submit(compose(name))
    number = (await customer.until(case_id, "approved"))["lines"][0]["authorization_number"]
    renewal = {**compose(name), "intent": "renewal", "previous_authorization": number}
    renewed = await customer.submit(renewal)
    case = await customer.until(renewed, "approved")
    assert case["lines"][0]["authorization_number"] != number
    [frame] = await customer.entries(renewed, "frame", "submit")
    assert f"REF*BB*{number}~".encode() in await customer.raw(renewed, frame["n"])
    assert (await town.payer.filings())[name] == 2  # two wishes, each filed once


async def test_the_same_key_and_body_get_the_same_answer_and_one_filing(town: Town, customer: Customer) -> None:
    name = member("APPROVE")
    request, headers = compose(name), {"Idempotency-Key": str(uuid4())}
    first = await customer.call("POST", "/v1/requests", request, headers=headers)
    await customer.until(first.json()["id"], "approved")
    # Spelled otherwise, meant alike.
    respelled = json.loads(json.dumps(dict(reversed(request.items())), indent=3))
    again = await customer.call("POST", "/v1/requests", respelled, headers=headers)
    assert (again.status, again.body) == (202, first.body)
    assert again.headers["Location"] == first.headers["Location"]
    assert (await town.payer.filings())[name] == 1


async def test_a_key_used_for_another_body_is_refused(town: Town, customer: Customer) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    other = member("APPROVE")
    assert (await customer.call("POST", "/v1/requests", compose(member("APPROVE")), headers=headers)).status == 202
    refused = await customer.call("POST", "/v1/requests", compose(other), headers=headers)
    assert (refused.status, refused.headers["Content-Type"]) == (422, "application/problem+json")
    assert (await town.payer.filings())[other] == 0


async def test_of_many_calls_at_once_with_one_key_one_is_taken(town: Town, customer: Customer) -> None:
    name = member("APPROVE")
    request, headers = compose(name), {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(
        *(customer.call("POST", "/v1/requests", request, headers=headers) for _ in range(30))
    )
    assert {answer.status for answer in answers} <= {202, 409}
    assert sum(_fresh(answer) for answer in answers) == 1
    ids = {answer.json()["id"] for answer in answers if answer.status == 202}
    assert len(ids) == 1
    await customer.until(ids.pop(), "approved")
    assert (await town.payer.filings())[name] == 1


def _fresh(answer: Answer) -> bool:
    return answer.status == 202 and "Idempotent-Replayed" not in answer.headers


async def test_every_fault_of_a_request_is_told_at_once_with_its_place_and_its_mend(
    town: Town, customer: Customer
) -> None:
    name = member("APPROVE")
    request = compose(name)
    request["patient"]["birth_date"] = "61-04-12"
    request["lines"][0]["code"]["code"] = "J92"
    request["requester"]["npi"] = "1234567890"
    refused = await customer.call("POST", "/v1/requests", request)
    assert (refused.status, refused.headers["Content-Type"]) == (422, "application/problem+json")
    faults = refused.json()["faults"]
    assert {fault["pointer"] for fault in faults} == {"/patient/birth_date", "/lines/0/code/code", "/requester/npi"}
    assert all(fault["fix"] for fault in faults)
    assert not [one for one in await town.payer.exchanges() if name.encode() in one["received"]]


async def test_a_preview_shows_what_would_be_said_and_says_nothing(town: Town, customer: Customer) -> None:
    before = await town.payer.exchanges()
    request = compose(member("APPROVE"))
    preview = await customer.call("POST", "/v1/preview", request)
    assert preview.status == 200
    assert b"ISA*00*" in preview.body
    assert request["coverages"][0]["member_id"].encode() in preview.body
    found = await customer.call("POST", "/v1/requests/search", {"reference": request["reference"]})
    assert found.json()["data"] == []
    await asyncio.sleep(0.5)
    new = {exchange["number"] for exchange in await town.payer.exchanges()} - {
        exchange["number"] for exchange in before
    }
    heard = [exchange for exchange in await town.payer.exchanges() if exchange["number"] in new]
    assert not any(request["coverages"][0]["member_id"].encode() in exchange["received"] for exchange in heard)


@pytest.mark.parametrize("payer", [EVERGREEN, BLUESTEM])
async def test_the_journal_holds_the_very_bytes_that_the_payer_got_and_gave(
    town: Town, customer: Customer, payer: str
) -> None:
    name = member("DROP")
    case_id = await customer.submit(compose(name, payer=payer))
    await customer.until(case_id, "approved")
    exchanges = [exchange for exchange in await town.payer.exchanges() if name.encode() in exchange["received"]]
    said = [await customer.raw(case_id, entry["n"]) for entry in await customer.entries(case_id, "frame")]
    heard = [await customer.raw(case_id, entry["n"]) for entry in await customer.entries(case_id, "reply")]
    assert len(said) == len(exchanges) == 2
    assert all(b"demo-password" not in body for body in said)
    filled = [
        body.replace(b"[secret core-username]", b"gateway").replace(b"[secret core-password]", b"demo-password")
        for body in said
    ]
    assert filled == [exchange["received"] for exchange in exchanges]
    assert heard == [exchanges[1]["sent"]]  # the first answer never left the payer


@pytest.mark.parametrize("payer", [EVERGREEN, BLUESTEM])
@pytest.mark.parametrize("word", ["APPROVE", "PARTIAL", "DENY", "DOCS", "CALL", "REASON"])
async def test_every_source_points_to_the_bytes_its_value_was_read_from(
    customer: Customer, word: str, payer: str
) -> None:
    case_id = await customer.submit(compose(member(word), payer=payer, lines=3 if word == "PARTIAL" else 1))
    case = await customer.until(
        case_id, "approved", "partially_approved", "denied", "needs_information", "contact_payer"
    )
    assert case["sources"]
    for pointer, source in case["sources"].items():
        document = await customer.raw(case_id, source["entry"])
        read = document[source["start"] : source["end"]].decode()
        value = _at(case, pointer)
        name = pointer.rpartition("/")[2]
        if name == "outcome":
            assert read in _OUTCOMES[value], pointer
        elif name in ("start", "end", "due"):
            assert read == value.replace("-", "")
        elif name in ("unit", "kind", "purpose"):
            assert read  # a code of the payer's, told in our word
        else:
            assert read == value, pointer


_OUTCOMES = {
    "certified": {"A1"},
    "not_certified": {"A3"},
    "certified_modified": {"A6"},
    "info_requested": {"A4"},
    "contact_payer": {"CT"},
}


def _at(document: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/"):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


async def test_one_tenant_sees_and_touches_nothing_of_another(town: Town, customer: Customer, tenant: Tenant) -> None:
    name, key = member("DOCS"), str(uuid4())
    request = compose(name)
    case_id = await customer.submit(request, key)
    await customer.until(case_id, "needs_information")
    async with open_customer(town.url, tenant()) as stranger:
        for method, path in (
            ("GET", ""),
            ("GET", "/events"),
            ("GET", "/raw"),
            ("GET", "/raw/1"),
            ("POST", "/cancel"),
        ):
            answer = await stranger.call(method, f"/v1/requests/{case_id}{path}")
            assert answer.status == 404, path
        answers = {"attachments": [document("clinical_notes", 1)]}
        assert (await stranger.call("POST", f"/v1/requests/{case_id}/answers", answers)).status == 404
        assert (await stranger.get("/v1/requests"))["data"] == []
        assert (await stranger.get("/v1/events"))["data"] == []
        for search in ({"member_id": name}, {"reference": request["reference"]}):
            assert (await stranger.call("POST", "/v1/requests/search", search)).json()["data"] == []
            assert len((await customer.call("POST", "/v1/requests/search", search)).json()["data"]) == 1
        # A key of the one is no key of the other.
        own = await stranger.submit(compose(member("APPROVE")), key)
        assert own != case_id
        await stranger.until(own, "approved")
        assert (await customer.call("GET", f"/v1/requests/{own}")).status == 404
    assert (await customer.case(case_id))["status"] == "needs_information"


async def test_a_key_does_only_what_its_scopes_say(town: Town, customer: Customer) -> None:
    case_id = await customer.submit(compose(member("APPROVE")))
    reading = town.new_key("default", "--scope", "cases:read")
    async with open_customer(town.url, reading) as reader:
        assert (await reader.call("GET", f"/v1/requests/{case_id}")).status == 200
        for method, path, body in (
            ("GET", f"/v1/requests/{case_id}/raw/1", None),
            ("POST", "/v1/requests", compose(member("APPROVE"))),
            ("POST", f"/v1/requests/{case_id}/cancel", None),
            ("POST", f"/v1/requests/{case_id}/appeal", {"reason": "It failed."}),
            ("POST", "/v1/webhooks", {"url": "http://127.0.0.1:1/hook"}),
            ("POST", "/v1/preview", compose(member("APPROVE"))),
            ("GET", "/v1/events", None),
        ):
            assert (await reader.call(method, path, body)).status == 403, path
    async with open_customer(town.url, "pgw_test_000000000000_" + "0" * 64) as nobody:
        assert (await nobody.call("GET", f"/v1/requests/{case_id}")).status == 401
