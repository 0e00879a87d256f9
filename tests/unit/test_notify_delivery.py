"""Delivering: what is sent, when it is tried again, and when it is given up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from standardwebhooks import Webhook

from gateway.model.status import CaseStatus, LineOutcome
from gateway.notify.delivery import Courier
from gateway.notify.letters import Bearing, Letter, Room, Tried
from gateway.notify.payload import describe
from gateway.notify.reach import Reach
from gateway.notify.schedule import LONGEST_REST, LONGEST_WAIT, MAX_TRIES, STEPS, rest_after, wait_after
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
    bearings: list[Bearing] = field(default_factory=list)
    unchanged: bool = True
    waiting: int = 0

    async def take(self, room: Room) -> Sequence[Letter]:
        taken = self.due[: room.free]
        self.due = self.due[room.free :]
        return taken

    async def keep(self, tried: Sequence[Tried]) -> None:
        for one in tried:
            self.bearings.append(one.bearing)
            if one.why is None:
                self.written.append(("delivered", one.http_status))
                continue
            self.written.append(("failed", one.why, one.http_status, one.due_at))
            if one.due_at:
                self.due.append(replace(one.letter, tries=one.letter.tries + 1))

    async def disable(self, letter: Letter, why: str) -> int | None:
        if not self.unchanged:
            return None
        self.written.append(("disabled", why))
        return 1 + self.waiting


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
    return Letter(uuid4(), uuid4(), url, secrets or (draw_secret(),), False, 0, event, NOW)


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


async def test_a_receiver_that_asks_for_patience_is_left_alone_for_as_long(sender: Sender) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "3600"})

    async with serving(handler) as url:
        book = Book([letter_to(url)])
        await courier(book, sender).deliver_due()
    assert book.written == [("failed", "status", 503, NOW + timedelta(hours=1))]


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


async def test_all_that_a_410_gives_up_is_counted(sender: Sender) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=410)

    before = REGISTRY.get_sample_value("gateway_webhook_dead_total")
    async with serving(handler) as url:
        await courier(Book([letter_to(url)], waiting=30), sender).deliver_due()
    after = REGISTRY.get_sample_value("gateway_webhook_dead_total")
    assert before is not None
    assert after == before + 31


async def test_a_410_of_an_endpoint_that_was_changed_meanwhile_is_tried_again(sender: Sender) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=410)

    async with serving(handler) as url:
        book = Book([letter_to(url)], unchanged=False)
        await courier(book, sender).deliver_due()
    [(what, why, status, due_at)] = book.written
    assert (what, why, status) == ("failed", "gone", 410)
    assert due_at is not None


@pytest.mark.parametrize(
    ("status", "seconds", "bearing"),
    [(204, 0.0, Bearing.GOOD), (204, 2.2, Bearing.POOR), (500, 0.0, Bearing.POOR), (204, 60, Bearing.SILENT)],
)
async def test_an_endpoint_is_good_only_when_it_says_yes_and_soon(
    status: int, seconds: float, bearing: Bearing
) -> None:
    done = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), seconds)
        return web.Response(status=status)

    async with serving(handler) as url, Sender(Reach(private=True), seconds=3) as patient:
        book = Book([letter_to(url)])
        await courier(book, patient).deliver_due()
        done.set()
    assert book.bearings == [bearing]


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


def test_an_endpoint_is_left_alone_for_longer_the_longer_it_is_silent_but_not_for_hours() -> None:
    assert rest_after(1) is None
    assert [rest_after(silences) for silences in (2, 3, 4)] == [5.0, 10.0, 20.0]
    assert rest_after(10_000) == LONGEST_REST


def test_a_letter_shown_in_an_error_hides_its_url_and_secret() -> None:
    letter = letter_to("https://hooks.example.org/token-abc", "whsec_c2VjcmV0")
    assert "token-abc" not in repr(letter)
    assert "c2VjcmV0" not in repr(letter)
