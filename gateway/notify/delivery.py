"""One delivery of one event to one endpoint: signs, sends, judges, and says when to try again.

What is kept of deliveries is behind ``Ledger``; the store keeps it, the queue calls ``deliver`` with an id. A delivery
may be sent twice (a worker died after sending): its webhook-id is the event's, so a receiver can tell.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
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
"""How long a delivery waits for its turn. Then it lets go of its worker, so that a receiver that hangs holds few of
them; the ledger hands it out again by itself."""

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


class Ledger(Protocol):
    """What is kept of deliveries."""

    async def open(self, delivery_id: UUID) -> Letter | None:
        """The delivery, or None when there is nothing to send: delivered, given up, or its endpoint disabled.

        One that was opened and of which nothing was said is handed out again after a while.
        """

    async def delivered(self, letter: Letter, http_status: int) -> None:
        """It arrived."""

    async def failed(self, letter: Letter, why: str, http_status: int | None, due_at: datetime | None) -> None:
        """A try failed; the next is at ``due_at``, or there is none and the letter is dead."""

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

    async def deliver(self, delivery_id: UUID) -> None:
        """Try a delivery once. Safe to run again, at any time."""
        letter = await self._ledger.open(delivery_id)
        if letter is None:
            return
        turn = self._turns[letter.endpoint_id]
        try:
            await asyncio.wait_for(turn.acquire(), TURN_SECONDS)
        except TimeoutError:
            return
        try:
            result = await self._send(letter)
        finally:
            turn.release()
        await self._keep(letter, result)

    async def _send(self, letter: Letter) -> Try:
        body = letter.event.model_dump_json().encode()
        headers = {
            **sign(letter.secrets, str(letter.event.id), self._clock(), body),
            "Content-Type": "application/json",
            "User-Agent": "payer-gateway",
        }
        return await self._sender.send(letter.url, headers, body, live=letter.live)

    async def _keep(self, letter: Letter, result: Try) -> None:
        DELIVERIES.labels(result.fate).inc()
        _log.info(
            "webhook_tried",
            delivery_id=letter.delivery_id,
            endpoint_id=letter.endpoint_id,
            answer=result.fate,
            http_status=result.http_status,
            tries=letter.tries + 1,
        )
        if result.fate is Fate.DELIVERED and result.http_status is not None:
            await self._ledger.delivered(letter, result.http_status)
            return
        wait = None if result.fate is Fate.GONE else wait_after(letter.tries + 1, self._chance(), result.retry_after)
        due_at = None if wait is None else self._clock() + timedelta(seconds=wait)
        await self._ledger.failed(letter, result.fate, result.http_status, due_at)
        if due_at is None:
            DEAD.inc()
        if result.fate is Fate.GONE:
            await self._ledger.disable(letter, "the receiver answered 410")
