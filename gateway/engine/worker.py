"""A worker: runs the queue's jobs, delivers webhooks, and sweeps up what is due.

Any number of workers may share a database; row locks and the queue keep them apart. A webhook's job is its own row:
written with its event, taken for a while by who delivers it, and due again when nothing came of that.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from gateway.engine import metrics
from gateway.engine.links import Links
from gateway.engine.mailroom import Mailroom
from gateway.engine.pulse import Pulse
from gateway.engine.queue import Queue, Walk
from gateway.engine.walk import Walker
from gateway.notify.delivery import Courier
from gateway.store.cases import claim_due, claim_overdue
from gateway.store.database import Database
from gateway.store.recent import Once
from gateway.store.records import Due
from gateway.store.reminders import claim_reminders
from gateway.store.talks import claim_talks

_log = structlog.get_logger("engine.worker")
_SWEEP_BATCH = 500


class Worker:
    """Runs until ``stop``. ``sweep_seconds`` is how often due timers are looked for, ``pulse`` beats when they were.
    Without ``concurrency`` it takes no jobs and delivers nothing: others do."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        walker: Walker,
        links: Links,
        courier: Courier,
        pulse: Pulse,
        mailroom: Mailroom | None = None,
        *,
        concurrency: int = 64,
        sweep_seconds: float = 1.0,
    ) -> None:
        self._database = database
        self._queue = queue
        self._walker = walker
        self._links = links
        self._courier = courier
        self._pulse = pulse
        self._mailroom = mailroom
        self._concurrency = concurrency
        self._sweep_seconds = sweep_seconds
        self._stopping = asyncio.Event()
        self._told: Once[UUID] = Once()

    async def run(self) -> None:
        """Take jobs, deliver and ring timers until ``stop``; then let what runs finish."""
        if not self._concurrency:
            await self._stopping.wait()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweep())
            group.create_task(self._courier.run(self._queue.letters, self._stopping, self._sweep_seconds))
            group.create_task(self._run_queue())
            if self._mailroom is not None:
                group.create_task(self._mailroom.run(self._stopping))

    async def _run_queue(self) -> None:
        await self._queue.run(self._database, self._walker.walk, self._links, concurrency=self._concurrency)

    def stop(self) -> None:
        """Take nothing new."""
        self._stopping.set()
        self._queue.stop()
        self._queue.letters.set()

    async def _sweep(self) -> None:
        while not self._stopping.is_set():
            try:
                found = 0
                if self._database.is_ours:
                    found = await self.ring()
                    self._pulse.beat()
            except Exception as error:  # the next sweep tries again; readiness shows a long silence
                _log.error("sweep_failed", exc_info=error)
                found = 0
            if found < _SWEEP_BATCH:
                try:
                    await asyncio.wait_for(self._stopping.wait(), self._sweep_seconds)
                except TimeoutError:
                    continue

    async def ring(self) -> int:
        """Enqueue what is due, in the transaction that marks it as taken. The number found. A timer of a kind that this
        version does not know is left to others: it rings again after its lease."""
        async with self._database.transaction() as connection:
            due = await claim_due(self._database, connection, _SWEEP_BATCH)
            over = await claim_overdue(self._database, connection, _SWEEP_BATCH)
            due += [(case, submission, Due.DECIDED_BY) for case, submission in over]
            talks = await claim_talks(self._database, connection, _SWEEP_BATCH)
            due += [(case, submission, Due.TALK) for case, submission in talks]
            reminded = await claim_reminders(self._database, connection, _SWEEP_BATCH)
            walks = [Walk(case, submission, why) for case, submission, why in due if why is not None]
            walks += [Walk(case, due=Due.EXPIRING) for case in reminded]
            await self._queue.put_walks(connection, walks)
        if walks:
            self._queue.wake(self._database)
        for case, submission, why in due:
            if why is not None:
                metrics.DUE.labels(why).inc()
            elif self._told.is_news(submission):
                _log.error("timer_not_known", case_id=case, submission_id=submission, where="submissions.due_for")
        for _ in reminded:
            metrics.DUE.labels(Due.EXPIRING).inc()
        return len(due) + len(reminded)
