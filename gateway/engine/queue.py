"""The durable queue, in one file: PgQueuer on the store's database.

Jobs carry ids only. A job is put in the queue in the transaction that writes the state it belongs to, so neither can
exist without the other. A job may run twice (its worker died); whatever it does must be safe to begin again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog
from pgqueuer import Queries, QueueManager
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job

from gateway.store.records import Due

_WALK = "walk"
_DELIVER = "deliver"
_LONGEST_RETRY = 300.0
_log = structlog.get_logger("engine.queue")


@dataclass(frozen=True)
class Walk:
    """Look at a case, or at one submission of it, and do what is next. ``due`` says which timer rang."""

    case_id: UUID
    submission_id: UUID | None = None
    due: Due | None = None


class Queue:
    """Puts jobs in and runs them. ``heartbeat`` in seconds: a worker silent for longer loses its jobs to others."""

    def __init__(self, url: str, *, heartbeat: float = 30.0) -> None:
        self._url = url
        self._heartbeat = timedelta(seconds=heartbeat)
        self._running: QueueManager | None = None

    async def put_walks(self, connection: asyncpg.Connection, walks: Iterable[Walk]) -> None:
        """Enqueue walks in the caller's transaction."""
        payloads = [
            json.dumps(
                {
                    "case": str(walk.case_id),
                    **({"submission": str(walk.submission_id)} if walk.submission_id else {}),
                    **({"due": walk.due} if walk.due else {}),
                }
            ).encode()
            for walk in walks
        ]
        await _put(connection, _WALK, payloads)

    async def put_deliveries(self, connection: asyncpg.Connection, delivery_ids: Iterable[UUID]) -> None:
        """Enqueue webhook deliveries in the caller's transaction."""
        await _put(connection, _DELIVER, [str(delivery).encode() for delivery in delivery_ids])

    async def run(
        self,
        walk: Callable[[Walk], Awaitable[None]],
        deliver: Callable[[UUID], Awaitable[None]],
        *,
        concurrency: int = 64,
    ) -> None:
        """Run jobs until ``stop``. At most ``concurrency`` at once in this process."""
        async with asyncpg.create_pool(self._url, min_size=2, max_size=4) as pool:
            runner = QueueManager(Queries(AsyncpgPoolDriver(pool)))

            @runner.entrypoint(_WALK, accepts_context=False)
            async def run_walk(job: Job) -> None:
                payload = json.loads(job.payload or b"{}")
                step = Walk(
                    UUID(payload["case"]),
                    UUID(payload["submission"]) if "submission" in payload else None,
                    Due(payload["due"]) if "due" in payload else None,
                )
                await _guard(job, walk(step))

            @runner.entrypoint(_DELIVER, accepts_context=False)
            async def run_deliver(job: Job) -> None:
                await _guard(job, deliver(UUID((job.payload or b"").decode())))

            self._running = runner
            await runner.run(
                batch_size=min(16, concurrency // 2),
                max_concurrent_tasks=concurrency,
                heartbeat_timeout=self._heartbeat,
                dequeue_timeout=timedelta(seconds=5),
            )

    def stop(self) -> None:
        """Take no more jobs; those running finish."""
        if self._running is not None:
            self._running.shutdown.set()


async def _put(connection: asyncpg.Connection, entrypoint: str, payloads: list[bytes]) -> None:
    if payloads:
        count = len(payloads)
        queries = Queries(AsyncpgDriver(connection))
        await queries.enqueue([entrypoint] * count, list(payloads), [0] * count)


async def _guard(job: Job, work: Awaitable[None]) -> None:
    """Run a job; when it breaks, try again later and keep its exception's text out of the queue's tables.

    PgQueuer stores tracebacks, and an exception's text could hold a value of a message (law 8).
    """
    try:
        await work
    except asyncio.CancelledError:
        raise
    except Exception as error:
        delay = min(_LONGEST_RETRY, 2.0 ** min(job.attempts, 9))
        _log.error("job_failed", job=job.entrypoint, attempt=job.attempts, exc_info=error)
        raise RetryRequested(delay=timedelta(seconds=delay), reason=type(error).__name__) from None
