"""Delivering: what is sent, when it is tried again, and when it is given up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from gateway.model.status import CaseStatus, LineOutcome
from gateway.notify.delivery import AT_ONCE, TURN_SECONDS, Courier, Letter
from gateway.notify.payload import describe
from gateway.notify.reach import Reach
from gateway.notify.schedule import LONGEST_WAIT, MAX_TRIES, STEPS, wait_after
from gateway.notify.sender import Sender
from gateway.notify.signature import draw_secret
from tests.unit.test_notify_sender import serving

NOW = datetime.now(UTC)


@dataclass
class Book:
    """A ledger of one letter, in memory."""

    letter: Letter | None
    written: list[tuple[object, ...]] = field(default_factory=list)

    async def open(self, delivery_id: UUID) -> Letter | None:
        return self.letter if self.letter and self.letter.delivery_id == delivery_id else None

    async def delivered(self, letter: Letter, http_status: int) -> None:
        self.written.append(("delivered", http_status))
        self.letter = None

    async def failed(self, letter: Letter, why: str, http_status: int | None, due_at: datetime | None) -> None:
        self.written.append(("failed", why, http_status, due_at))
        self.letter = replace(letter, tries=letter.tries + 1) if due_at else None

    async def disable(self, letter: Letter, why: str) -> None:
        self.written.append(("disabled", why))


def letter_to(url: str, *secrets: str) -> Letter:
    event = describe(
        uuid4(),
        "case.approved",
        NOW,
        uuid4(),
        7,
        False,
        {"status": "approved", "previous_status": "pended", "lines": {"1": "certified"}, "patient": "Testperson"},
    )
    return Letter(uuid4(), uuid4(), url, secrets or (draw_secret(),), False, 0, event)


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with Sender(Reach(private=True), seconds=2) as opened:
        yield opened


def courier(book: Book, sender: Sender, chance: float = 0.5) -> Courier:
    return Courier(book, sender, lambda: NOW, lambda: chance)


async def test_a_receiver_gets_a_signed_event_it_can_verify_and_order(sender: Sender) -> None:
    got: list[tuple[dict[str, str], bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        got.append((dict(request.headers), await request.read()))
        return web.Response(status=204)

    async with serving(handler) as url:
        letter = letter_to(url)
        book = Book(letter)
        await courier(book, sender).deliver(letter.delivery_id)
    [(headers, body)] = got
    event = Webhook(letter.secrets[0]).verify(body, headers)
    assert event == json.loads(body)
    lowered = {name.lower(): value for name, value in headers.items()}
    assert lowered["webhook-id"] == str(letter.event.id) == event["id"]
    assert event["type"] == "case.approved"
    assert event["data"]["case_id"] == str(letter.event.data.case_id)
    assert event["data"]["sequence"] == 7
    assert event["data"]["livemode"] is False
    assert event["data"]["status"] == CaseStatus.APPROVED
    assert event["data"]["previous_status"] == CaseStatus.PENDED
    assert event["data"]["lines"] == {"1": LineOutcome.CERTIFIED}
    assert b"Testperson" not in body, "only listed fields leave the house"
    assert book.written == [("delivered", 204)]


async def test_a_receiver_that_fails_three_times_gets_the_same_id_and_body_each_time(sender: Sender) -> None:
    got: list[tuple[str, bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        Webhook(secret).verify(body, dict(request.headers))
        got.append((request.headers["webhook-id"], body))
        return web.Response(status=500 if len(got) <= 3 else 200)

    secret = draw_secret()
    async with serving(handler) as url:
        letter = letter_to(url, secret)
        book = Book(letter)
        deliver = courier(book, sender).deliver
        for _ in range(4):
            await deliver(letter.delivery_id)
    assert len(got) == 4
    assert len(set(got)) == 1
    waits = [(entry[3] - NOW).total_seconds() for entry in book.written[:3]]  # type: ignore[operator]
    assert waits == [step * 0.5 for step in STEPS[:3]]
    assert book.written[3] == ("delivered", 200)


async def test_a_letter_is_dead_after_the_last_try(sender: Sender) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=500)

    async with serving(handler) as url:
        letter = replace(letter_to(url), tries=MAX_TRIES - 1)
        book = Book(letter)
        await courier(book, sender).deliver(letter.delivery_id)
    assert book.written == [("failed", "status", 500, None)]


async def test_a_410_disables_the_endpoint_and_ends_the_letter(sender: Sender) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=410)

    async with serving(handler) as url:
        letter = letter_to(url)
        book = Book(letter)
        await courier(book, sender).deliver(letter.delivery_id)
    assert book.written == [("failed", "gone", 410, None), ("disabled", "the receiver answered 410")]


async def test_a_delivery_that_is_no_longer_due_sends_nothing(sender: Sender) -> None:
    book = Book(None)
    await courier(book, sender).deliver(uuid4())
    assert book.written == []


async def test_a_slow_receiver_holds_only_so_many_workers(sender: Sender) -> None:
    gate = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        await gate.wait()
        return web.Response()

    async with serving(handler) as url:
        letter = letter_to(url)
        book = Book(letter)
        deliver = courier(book, sender).deliver
        waiting = [asyncio.create_task(deliver(letter.delivery_id)) for _ in range(AT_ONCE)]
        await asyncio.sleep(0.1)
        await asyncio.wait_for(deliver(letter.delivery_id), TURN_SECONDS + 0.5)
        assert book.written == [], "it lets go of its worker and leaves the letter as it is"
        gate.set()
        await asyncio.gather(*waiting)
        book.letter = letter
        await deliver(letter.delivery_id)
    assert book.written[-1] == ("delivered", 200), "and lets go of them when the receiver answers"


@given(st.integers(1, 30), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_waits_stay_within_their_step_and_honour_retry_after(tries: int, chance: float, asked: float | None) -> None:
    wait = wait_after(tries, chance, asked)
    if tries >= MAX_TRIES:
        assert wait is None
        return
    assert wait is not None
    least = min(asked or 0.0, LONGEST_WAIT)
    assert least <= wait <= max(STEPS[tries - 1], least)


def test_the_first_wait_is_seconds_and_the_last_is_hours() -> None:
    assert wait_after(1, 1.0) == 5.0
    assert wait_after(MAX_TRIES - 1, 1.0) == 12 * 3600.0
    assert wait_after(1, 0.0) == 0.0, "full jitter"


def test_a_letter_shown_in_an_error_hides_its_url_and_secret() -> None:
    letter = letter_to("https://hooks.example.org/token-abc", "whsec_c2VjcmV0")
    assert "token-abc" not in repr(letter)
    assert "c2VjcmV0" not in repr(letter)
