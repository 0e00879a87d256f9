"""Cancellations and documents that the payer cannot take, never gets, or whose answer is lost: none stands still."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.end_to_end.conftest import TEMPO, member
from tests.end_to_end.test_documents import with_document
from tests.running.customer import Customer, open_customer
from tests.running.house import open_house
from tests.running.payer import Payer, open_payer
from tests.running.processes import PATIENCE
from tests.running.requests import BLUESTEM, EVERGREEN, compose

pytestmark = pytest.mark.asyncio(loop_scope="module")
HASTY = {**TEMPO, "first_seconds": "0.3", "longest_seconds": "1", "give_up_seconds": "5"}


@dataclass(frozen=True)
class Place:
    """A payer that refuses an interchange number it has seen, and a gateway that calls an operator after 5 seconds."""

    payer: Payer
    customer: Customer

    async def asked_for_documents(self, payer: str = EVERGREEN) -> str:
        case_id = await self.customer.submit(compose(member("DOCS"), payer=payer))
        await self.customer.until(case_id, "needs_information")
        return case_id

    async def send_documents(self, case_id: str) -> None:
        case = await self.customer.case(case_id)
        asked = [item for item in case["requested"] if item["control_number"]]
        document = with_document({})["attachments"][0]
        body = {
            "attachments": [
                {**document, "id": f"d{place}", "kind": item["kind"]} for place, item in enumerate(asked, start=1)
            ]
        }
        answer = await self.customer.call("POST", f"/v1/requests/{case_id}/answers", body)
        assert answer.status == 202, answer.body

    async def approved(self, word: str = "APPROVE") -> str:
        case_id = await self.customer.submit(compose(member(word)))
        await self.customer.until(case_id, "approved")
        return case_id

    async def cancel(self, case_id: str) -> None:
        answer = await self.customer.call("POST", f"/v1/requests/{case_id}/cancel", {})
        assert answer.status == 202, answer.body

    async def said(self, case_id: str, verb: str) -> list[bytes]:
        """Every message of the verb as it was about to leave, in order."""
        frames = await self.customer.entries(case_id, "frame", verb)
        return [await self.customer.raw(case_id, frame["n"]) for frame in frames]

    async def until_said(self, case_id: str, verb: str, times: int) -> list[bytes]:
        deadline = time.monotonic() + PATIENCE
        while len(said := await self.said(case_id, verb)) < times:
            assert time.monotonic() < deadline, f"it was said {len(said)} times"
            await asyncio.sleep(0.1)
        return said

    async def calls(self, case_id: str) -> list[tuple[str, str | None]]:
        events = (await self.customer.get(f"/v1/requests/{case_id}/events"))["data"]
        return [(event["data"]["attention"], event["data"]["attention_why"]) for event in events]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    log = tmp_path_factory.mktemp("not_taken") / "payer.log"
    with open_payer(log, "--duplicates", "ta1") as payer, open_house(payer.url, HASTY) as house:
        gateway = house.serve()
        async with open_customer(gateway.address(), house.key) as customer:
            yield Place(payer, customer)


@pytest.mark.parametrize("payer", [EVERGREEN, BLUESTEM])
async def test_documents_the_payer_cannot_take_now_are_sent_again_until_it_takes_them(place: Place, payer: str) -> None:
    case_id = await place.asked_for_documents(payer)
    await place.payer.order("unavailable", verb="attachment", count=2)
    await place.send_documents(case_id)
    await place.customer.until(case_id, "approved")
    said = await place.said(case_id, "answer")
    assert len(said) == len(set(said)) == 3, "each under a number of its own: the payer has used up the others"
    waiting = [why for who, why in await place.calls(case_id) if who == "gateway" and why]
    assert any("documents" in why for why in waiting), waiting


async def test_a_cancellation_the_payer_cannot_take_now_is_said_again_until_it_does(place: Place) -> None:
    case_id = await place.approved()
    await place.payer.order("unavailable", verb="request", count=2)
    await place.cancel(case_id)
    await place.customer.until(case_id, "cancelled")
    said = await place.said(case_id, "amend")
    assert len(said) == len(set(said)) == 3


async def test_an_operator_is_called_after_too_many_tries_and_trying_goes_on(place: Place) -> None:
    case_id, documents = await place.approved(), await place.asked_for_documents()
    await place.payer.order("unavailable", verb="request", count=8)
    await place.payer.order("unavailable", verb="attachment", count=8)
    await place.cancel(case_id)
    await place.send_documents(documents)
    for held, name, end in ((case_id, "cancellation", "cancelled"), (documents, "documents", "approved")):
        case = await place.customer.until(held, end)
        assert case["attention"]["who"] == "none"
        reasons = [why for who, why in await place.calls(held) if who == "operator"]
        assert any(name in (why or "") for why in reasons), reasons


@pytest.mark.parametrize("kind", ["too_many", "refuse"])
async def test_what_could_not_be_sent_goes_again_byte_for_byte(place: Place, kind: str) -> None:
    case_id, documents = await place.approved(), await place.asked_for_documents()
    if kind == "refuse":
        await place.payer.order(kind, seconds=2)
        await asyncio.sleep(0.3)
    else:
        for verb in ("request", "attachment"):
            await place.payer.order(kind, verb=verb, count=2)
    await place.cancel(case_id)
    await place.send_documents(documents)
    await place.customer.until(case_id, "cancelled")
    await place.customer.until(documents, "approved")
    for held, verb in ((case_id, "amend"), (documents, "answer")):
        said = await place.said(held, verb)
        assert len(set(said)) == 1
        assert len(said) > 1


@pytest.mark.parametrize(("kind", "times"), [("drop_before_recording", 2), ("drop_after_recording", 1)])
async def test_what_may_have_arrived_is_asked_about_and_said_again_only_if_it_did_not(
    place: Place, kind: str, times: int
) -> None:
    case_id, documents = await place.approved(), await place.asked_for_documents()
    for verb in ("request", "attachment"):
        await place.payer.order(kind, verb=verb, count=1)
    await place.cancel(case_id)
    await place.send_documents(documents)
    await place.customer.until(case_id, "cancelled")
    await place.customer.until(documents, "approved")
    for held, verb in ((case_id, "amend"), (documents, "answer")):
        said = await place.said(held, verb)
        assert (len(said), len(set(said))) == (times, 1)
        assert await place.said(held, "inquire")


@pytest.mark.parametrize("kind", ["drop_before_recording", "drop_after_recording"])
async def test_lost_documents_that_nobody_asked_for_go_again_under_their_number(place: Place, kind: str) -> None:
    """No inquiry tells whether the payer has them; it knows the number if it does."""
    await place.payer.order(kind, verb="attachment", count=1)
    case_id = await place.customer.submit(with_document(compose(member("PEND"))))
    said = await place.until_said(case_id, "answer", 2)
    assert len(said) == 2
    assert len(set(said)) == 1
    deadline = time.monotonic() + PATIENCE
    while not (answers := await place.customer.entries(case_id, "outcome", "answer")):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    assert [answer["meta"]["answer"] for answer in answers] == ["received"]


async def test_what_is_said_again_stays_the_same_whatever_the_payer_said_since(place: Place) -> None:
    """The number of the approval comes between the two sendings of a cancellation that had to do without it."""
    case_id = await place.approved("NONUMBER")
    await place.payer.order("drop_before_recording", verb="request", count=1)
    await place.cancel(case_id)
    await place.until_said(case_id, "amend", 1)
    await place.payer.advance(60)
    await place.customer.until(case_id, "cancelled")
    case = await place.customer.case(case_id)
    first, again = await place.said(case_id, "amend")
    assert first == again
    assert any(reference["kind"] == "authorization" for reference in case["references"])


async def test_a_filing_the_payer_could_not_take_is_cancelled_without_telling_it(place: Place) -> None:
    name = member("DOWN")
    case_id = await place.customer.submit(compose(name))
    await place.until_said(case_id, "submit", 2)
    deadline = time.monotonic() + PATIENCE
    while (await place.customer.case(case_id))["status"] != "cancelled":
        assert time.monotonic() < deadline
        answer: Any = await place.customer.call("POST", f"/v1/requests/{case_id}/cancel", {})
        assert answer.status in (202, 409), answer.body
        await asyncio.sleep(0.05)
    sent = len(await place.said(case_id, "submit"))
    await asyncio.sleep(2.5)
    assert (await place.customer.case(case_id))["status"] == "cancelled"
    assert len(await place.said(case_id, "submit")) == sent
    assert await place.said(case_id, "amend") == []
    assert (await place.payer.filings())[name] == 0
