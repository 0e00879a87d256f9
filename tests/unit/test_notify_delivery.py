"""Delivering: what is sent, when it is tried again, and when it is given up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from gateway.model.status import CaseStatus, LineOutcome
from gateway.notify.delivery import AT_ONCE, ROOM, TURN_SECONDS, Courier, Letter, Tried
from gateway.notify.payload import describe
from gateway.notify.reach import Reach
from gateway.notify.schedule import LONGEST_WAIT, MAX_TRIES, STEPS, wait_after
from gateway.notify.sender import Sender
from gateway.notify.signature import draw_secret
from tests.unit.test_notify_sender import serving


@pytest.fixture(autouse=True)
def _now() -> None:
    """The time a test begins. A receiver refuses what was signed minutes ago, as a long run's imports were."""
    global NOW
    NOW = datetime.now(UTC)


NOW = datetime.now(UTC)


@dataclass
class Book:
    """A ledger in memory. A letter whose try failed is due at once; one of which nothing is said is not due again."""

    due: list[Letter]
    written: list[tuple[object, ...]] = field(default_factory=list)
    busy: list[Collection[UUID]] = field(default_factory=list)

    async def take(self, room: int, busy: Collection[UUID]) -> Sequence[Letter]:
        self.busy.append(busy)
        free = [letter for letter in self.due if letter.endpoint_id not in busy][:room]
        self.due = [letter for letter in self.due if letter not in free]
        return free

    async def keep(self, tried: Sequence[Tried]) -> None:
        for one in tried:
            if one.why is None:
                self.written.append(("delivered", one.http_status))
                continue
            self.written.append(("failed", one.why, one.http_status, one.due_at))
            if one.due_at:
                self.due.append(replace(one.letter, tries=one.letter.tries + 1))

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
        book = Book([letter])
        await courier(book, sender).deliver_due()
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
        book = Book([letter])
        messenger = courier(book, sender)
        for _ in range(4):
            await messenger.deliver_due()
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
        book = Book([letter])
        await courier(book, sender).deliver_due()
    assert book.written == [("failed", "status", 500, None)]


async def test_a_410_disables_the_endpoint_and_ends_the_letter(sender: Sender) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=410)

    async with serving(handler) as url:
        letter = letter_to(url)
        book = Book([letter])
        await courier(book, sender).deliver_due()
    assert sorted(entry[0] for entry in book.written) == ["disabled", "failed"]
    assert ("failed", "gone", 410, None) in book.written
    assert ("disabled", "the receiver answered 410") in book.written


async def test_while_a_receiver_hangs_others_get_theirs(sender: Sender) -> None:
    gate, quick_one = asyncio.Event(), asyncio.Event()
    hanging_ones: list[str] = []

    async def hanging(request: web.Request) -> web.Response:
        hanging_ones.append(request.headers["webhook-id"])
        await gate.wait()
        return web.Response()

    async def quick(request: web.Request) -> web.Response:
        quick_one.set()
        return web.Response()

    async with serving(hanging) as slow_url, serving(quick) as quick_url:
        slow = letter_to(slow_url)
        book = Book([replace(slow, delivery_id=uuid4()) for _ in range(ROOM)])
        woken, stopping = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(courier(book, sender).run(woken, stopping, 0.05))
        await asyncio.sleep(TURN_SECONDS + 0.3)
        assert len(hanging_ones) == AT_ONCE
        book.due.append(letter_to(quick_url))
        await asyncio.wait_for(quick_one.wait(), 5)
        assert book.busy[-1] == [slow.endpoint_id], "nothing more is taken for it meanwhile"
        stopping.set()
        gate.set()
        await running
    assert book.written == [("delivered", 200)] * (AT_ONCE + 1), "what waited too long was let go, and is due again"


async def test_what_is_due_is_taken_as_soon_as_somebody_says_so(sender: Sender) -> None:
    arrived = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        arrived.set()
        return web.Response()

    async with serving(handler) as url:
        book = Book([])
        woken, stopping = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(courier(book, sender).run(woken, stopping, 3600))
        await asyncio.sleep(0.2)
        book.due.append(letter_to(url))
        woken.set()
        await asyncio.wait_for(arrived.wait(), 5)
        stopping.set()
        woken.set()
        await asyncio.wait_for(running, 5)
    assert book.written == [("delivered", 200)], "and what is under way is finished before it ends"


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
