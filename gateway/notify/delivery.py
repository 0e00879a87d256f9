"""Delivering events to endpoints: takes what is due, signs, sends, judges, and says when to try again.

What is kept of deliveries is behind ``Ledger``. A delivery may be sent twice (a process died after sending): its
webhook-id is the event's, so a receiver can tell.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter as Count
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from prometheus_client import Counter

from gateway.notify.payload import Event
from gateway.notify.schedule import wait_after
from gateway.notify.sender import Fate, Sender, Try
from gateway.notify.signature import sign

AT_ONCE = 16
"""Deliveries to one endpoint at a time in this process."""

TURN_SECONDS = 1.0
"""How long a delivery waits for its turn. Then it is let go, so that a receiver that hangs holds few others up; the
ledger hands it out again by itself."""

ROOM = 64
"""Deliveries under way at a time in this process."""

PAUSE_SECONDS = 0.05
"""Between two looks into the ledger, and two entries in it: what comes up meanwhile is taken together."""

DELIVERIES = Counter("gateway_webhook_tries_total", "Webhooks tried, by what became of them.", ["fate"])
DEAD = Counter("gateway_webhook_dead_total", "Webhooks given up.")

_log = structlog.get_logger("notify.delivery")


@dataclass(frozen=True)
class Letter:
    """A delivery that is due. ``secrets`` are those in force, the newest first; ``tries`` counts those that failed."""

    delivery_id: UUID
    endpoint_id: UUID
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    live: bool
    tries: int
    event: Event


@dataclass(frozen=True)
class Tried:
    """What became of a try: ``why`` it failed and when the next ``due_at`` is, if there is one. Without a ``why`` it
    arrived."""

    letter: Letter
    http_status: int | None
    why: str | None = None
    due_at: datetime | None = None


class Ledger(Protocol):
    """What is kept of deliveries."""

    async def take(self, room: int, busy: Collection[UUID]) -> Sequence[Letter]:
        """So many letters that are due, none of them to a ``busy`` endpoint.

        One that was taken and of which nothing was said is due again after a while.
        """

    async def keep(self, tried: Sequence[Tried]) -> None:
        """Write down what became of letters that were taken."""

    async def disable(self, letter: Letter, why: str) -> None:
        """Send nothing more to its endpoint."""


class Courier:
    """Delivers. ``clock`` gives the time in UTC, ``chance`` a number from 0 to 1."""

    def __init__(
        self,
        ledger: Ledger,
        sender: Sender,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._ledger = ledger
        self._sender = sender
        self._clock = clock
        self._chance = chance
        self._turns: defaultdict[UUID, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._held: Count[UUID] = Count()
        self._tried: list[Tried] = []
        self._keeping: asyncio.Task[None] | None = None

    async def run(self, woken: asyncio.Event, stopping: asyncio.Event, seconds: float) -> None:
        """Deliver what is due, looking when ``woken`` and every so many seconds, until ``stopping`` is set."""
        under_way: set[asyncio.Task[None]] = set()
        while not stopping.is_set():
            woken.clear()
            letters = await self._take(ROOM - len(under_way))
            for letter in letters:
                task = asyncio.create_task(self._deliver(letter))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await asyncio.sleep(PAUSE_SECONDS)
            if len(under_way) >= ROOM:
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            elif not letters:
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), seconds)
        await self._finish(under_way)

    async def deliver_due(self) -> None:
        """Try everything that is due now, once."""
        await self._finish([asyncio.create_task(self._deliver(letter)) for letter in await self._take(ROOM)])

    async def _finish(self, under_way: Collection[asyncio.Task[None]]) -> None:
        await asyncio.gather(*under_way)
        if self._keeping is not None:
            await self._keeping

    async def _take(self, room: int) -> Sequence[Letter]:
        return await self._ledger.take(room, [endpoint for endpoint, held in self._held.items() if held >= AT_ONCE])

    async def _deliver(self, letter: Letter) -> None:
        endpoint = letter.endpoint_id
        turn = self._turns[endpoint]
        self._held[endpoint] += 1
        try:
            if turn.locked():
                await asyncio.wait_for(turn.acquire(), TURN_SECONDS)
            else:
                await turn.acquire()
            try:
                result = await self._send(letter)
            finally:
                turn.release()
        except TimeoutError:  # of waiting; the sender raises none
            return
        finally:
            self._held[endpoint] -= 1
        self._tried.append(self._judge(letter, result))
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep())
        if result.fate is Fate.GONE:
            await self._ledger.disable(letter, "the receiver answered 410")

    async def _send(self, letter: Letter) -> Try:
        body = letter.event.model_dump_json().encode()
        headers = {
            **sign(letter.secrets, str(letter.event.id), self._clock(), body),
            "Content-Type": "application/json",
            "User-Agent": "payer-gateway",
        }
        return await self._sender.send(letter.url, headers, body, live=letter.live)

    def _judge(self, letter: Letter, result: Try) -> Tried:
        DELIVERIES.labels(result.fate).inc()
        _log.info(
            "webhook_tried",
            delivery_id=letter.delivery_id,
            endpoint_id=letter.endpoint_id,
            answer=result.fate,
            http_status=result.http_status,
            tries=letter.tries + 1,
        )
        if result.fate is Fate.DELIVERED:
            return Tried(letter, result.http_status)
        wait = None if result.fate is Fate.GONE else wait_after(letter.tries + 1, self._chance(), result.retry_after)
        if wait is None:
            DEAD.inc()
        due_at = None if wait is None else self._clock() + timedelta(seconds=wait)
        return Tried(letter, result.http_status, result.fate, due_at)

    async def _keep(self) -> None:
        while self._tried:
            await asyncio.sleep(PAUSE_SECONDS)
            tried, self._tried = self._tried, []
            await self._ledger.keep(tried)
