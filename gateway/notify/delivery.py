"""Delivering events to endpoints: takes what is due, signs, sends, judges, and says when to try again.

What is kept of deliveries is behind ``Ledger``. A delivery may be sent twice (a process died after sending): its
webhook-id is the event's, so a receiver can tell.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from gateway.notify.letters import Bearing, Ledger, Letter, Tried
from gateway.notify.places import SLOW_SECONDS, Places
from gateway.notify.schedule import rest_after, wait_after
from gateway.notify.sender import Fate, Sender, Try
from gateway.notify.signature import sign

PAUSE_SECONDS = 0.05
"""Between two looks into the ledger, and two entries in it: what comes up meanwhile is taken together."""

DELIVERIES = Counter("gateway_webhook_tries_total", "Webhooks tried, by what became of them.", ["fate"])
DEAD = Counter("gateway_webhook_dead_total", "Webhooks given up.")

_ANSWERED = frozenset({Fate.DELIVERED, Fate.GONE, Fate.STATUS})
_log = structlog.get_logger("notify.delivery")


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
        self._places = Places()
        self._woken = asyncio.Event()
        self._tried: list[Tried] = []
        self._batch: asyncio.Task[None] | None = None
        self._keeping = asyncio.Lock()

    async def run(self, woken: asyncio.Event, stopping: asyncio.Event, seconds: float) -> None:
        """Deliver what is due, looking when ``woken`` and every so many seconds, until ``stopping`` is set. A look that
        fails ends nothing: the next one tries again."""
        self._woken = woken
        under_way: set[asyncio.Task[None]] = set()
        while not stopping.is_set():
            woken.clear()
            try:
                taken = self._take_up(await self._look())
            except Exception as error:
                _log.error("letters_not_looked_for", exc_info=error)
                taken = []
            for task in taken:
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await asyncio.sleep(PAUSE_SECONDS)
            if not taken:
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), seconds)
        await self._finish(under_way)

    async def deliver_due(self) -> None:
        """Try what is due now and has a place, once."""
        await self._finish(self._take_up(await self._look()))

    async def _look(self) -> Sequence[Letter]:
        room = self._places.room()
        return await self._ledger.take(room) if room.free else ()

    def _take_up(self, letters: Sequence[Letter]) -> list[asyncio.Task[None]]:
        for letter in letters:
            self._places.enter(letter)
        return [asyncio.create_task(self._deliver(letter)) for letter in letters]

    async def _finish(self, under_way: Collection[asyncio.Task[None]]) -> None:
        await asyncio.gather(*under_way)
        if self._batch is not None:
            await self._batch
        async with self._keeping:  # the batch before that
            return

    async def _deliver(self, letter: Letter) -> None:
        loop = asyncio.get_running_loop()
        slow = loop.call_later(SLOW_SECONDS, self._slow_down, letter)
        began = loop.time()
        try:
            result = await self._send(letter)
            slow.cancel()
            tried = await self._judge(letter, result, loop.time() - began)
            kept = self._keep_soon(tried)
            if tried.bearing is not Bearing.GOOD:
                # Until that is known, as many as before would be taken for its endpoint.
                await asyncio.wait([kept])
        except Exception as error:  # it is due again when its time with us is over
            _log.error("letter_not_sent", delivery_id=letter.delivery_id, exc_info=error)
        finally:
            slow.cancel()
            if self._places.leave(letter):
                self._woken.set()

    def _slow_down(self, letter: Letter) -> None:
        if self._places.slow_down(letter):
            self._woken.set()

    async def _send(self, letter: Letter) -> Try:
        body = letter.event.model_dump_json().encode()
        headers = {
            **sign(letter.secrets, str(letter.event.id), self._clock(), body),
            "Content-Type": "application/json",
            "User-Agent": "payer-gateway",
        }
        return await self._sender.send(letter.url, headers, body, live=letter.live)

    async def _judge(self, letter: Letter, result: Try, seconds: float) -> Tried:
        fate, status = result.fate, result.http_status
        DELIVERIES.labels(fate).inc()
        _log.info(
            "webhook_tried",
            delivery_id=letter.delivery_id,
            endpoint_id=letter.endpoint_id,
            answer=fate,
            http_status=status,
            tries=letter.tries + 1,
        )
        if fate is Fate.DELIVERED:
            return Tried(letter, Bearing.GOOD if seconds < SLOW_SECONDS else Bearing.POOR, status)
        given_up = await self._ledger.disable(letter, "the receiver answered 410") if fate is Fate.GONE else None
        wait = wait_after(letter.tries + 1, self._chance(), result.retry_after) if given_up is None else None
        if wait is None:
            DEAD.inc(1 if given_up is None else given_up)
        due_at = None if wait is None else self._clock() + timedelta(seconds=wait)
        if fate in _ANSWERED:
            return Tried(letter, Bearing.POOR, status, fate, due_at)
        rest = rest_after(letter.silences + 1)
        rests_until = None if rest is None else self._clock() + timedelta(seconds=rest)
        return Tried(letter, Bearing.SILENT, status, fate, due_at, rests_until)

    def _keep_soon(self, tried: Tried) -> asyncio.Task[None]:
        self._tried.append(tried)
        if self._batch is None:
            self._batch = asyncio.create_task(self._keep())
        return self._batch

    async def _keep(self) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        async with self._keeping:
            tried, self._tried, self._batch = self._tried, [], None
            try:
                await self._ledger.keep(tried)
            except Exception as error:  # they are due again when their time with us is over
                _log.error("tries_not_kept", count=len(tried), exc_info=error)
