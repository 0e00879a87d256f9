"""The durable queue, in one file: PgQueuer on the store's database.

Jobs carry ids only. A job is put in the queue in the transaction that writes the state it belongs to, so neither can
exist without the other. A job may run twice (its worker died); whatever it does must be safe to begin again.

Workers are woken after the commit, by ``wake``: a NOTIFY inside a transaction holds a lock of the whole server until
its commit is on disk, so that commits go one by one. Who is not woken, because the process died just then, looks
every few seconds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

import asyncpg
import structlog
from pgqueuer import Queries, QueueManager
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver, Driver
from pgqueuer.domain.models import TableChangedEvent, TracebackRecord
from pgqueuer.domain.settings import db_settings
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pgqueuer.types import JOB_STATUS, QueueEntrypoint, QueueManagerId

from gateway.engine.pulse import Pulse
from gateway.store.database import Database
from gateway.store.errors import StoreError
from gateway.store.queries import SQL
from gateway.store.records import Due

_WALK = "walk"
_OF = ":"
"""Between the job's name and the connection in whose line it stands."""
_LOOK_AGAIN = timedelta(seconds=2)
_BETWEEN_WAKES = 0.05
_BEGIN_ANEW = 1.0
_CLOSING = 5.0
_LONGEST_RETRY = 300.0
_SILENT = 30.0
_log = structlog.get_logger("engine.queue")


@dataclass(frozen=True)
class Walk:
    """Look at a case, or at one submission of it, and do what is next. ``due`` says which timer rang, and ``line`` in
    which connection's line it stands: it is taken up when that connection has a place. ``failed`` is how often this job
    failed before."""

    case_id: UUID
    submission_id: UUID | None = None
    due: Due | None = None
    line: str | None = None
    failed: int = 0


class Lines(Protocol):
    """The connections in whose lines walks may stand."""

    def places(self) -> Mapping[str, int]:
        """How many walks each connection takes at once in this process."""

    def busy(self, connection: str) -> bool:
        """True while all its places are taken."""


class Queue:
    """Puts jobs in and runs them. ``heartbeat`` in seconds: a worker silent for longer loses its jobs to others."""

    def __init__(self, url: str, *, heartbeat: float = 30.0) -> None:
        self._url = url
        self._heartbeat = timedelta(seconds=heartbeat)
        self._running: QueueManager | None = None
        self.pulse = Pulse(_SILENT)
        """Beats whenever jobs were looked for."""
        self._stopping = asyncio.Event()
        self.letters = asyncio.Event()
        """Set by who committed webhook deliveries; a worker of this process takes them up."""
        self._waking: asyncio.Task[None] | None = None
        self._wake_again = False

    async def put_walks(self, connection: asyncpg.Connection, walks: Sequence[Walk]) -> None:
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
        if payloads:
            entrypoints = [_entrypoint(walk.line) for walk in walks]
            await Queries(AsyncpgDriver(connection)).enqueue(entrypoints, list(payloads), [0] * len(payloads))

    @asynccontextmanager
    async def transaction(self, database: Database) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that puts jobs in; whoever works on them is woken when it has committed."""
        async with database.transaction() as connection:
            yield connection
        self.wake(database)

    def wake(self, database: Database) -> None:
        """Tell every worker that there are jobs. Call it when the transaction that put them in has committed."""
        self.letters.set()
        self._wake_again = True
        if self._waking is None or self._waking.done():
            self._waking = asyncio.create_task(self._wake(database))

    async def _wake(self, database: Database) -> None:
        while self._wake_again:
            self._wake_again = False
            try:
                await database.fetch(SQL["notify"], db_settings().channel, _changed().model_dump_json())
            except StoreError as error:
                _log.warning("workers_not_woken", error=type(error).__name__)
            await asyncio.sleep(_BETWEEN_WAKES)

    async def run(
        self, database: Database, walk: Callable[[Walk], Awaitable[None]], lines: Lines, *, concurrency: int = 64
    ) -> None:
        """Run jobs until ``stop``, beginning anew when the database went away. At most ``concurrency`` at once in this
        process, besides those that have a connection's place."""
        while not self._stopping.is_set():
            try:
                await self._run(database, walk, lines, concurrency)
            except Exception as error:
                self.pulse.stop()
                _log.error("queue_lost", exc_info=error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), _BEGIN_ANEW)

    async def _run(
        self, database: Database, walk: Callable[[Walk], Awaitable[None]], lines: Lines, concurrency: int
    ) -> None:
        async with _pool(self._url) as pool:
            jobs = _Jobs(AsyncpgPoolDriver(pool), self.pulse, lines, database)
            runner = QueueManager(jobs)
            places = lines.places()
            entrypoints = [_entrypoint(line) for line in (None, *places)]
            # Whoever stands in the line of a connection that is no more is told so by the walk.
            await pool.execute(SQL["leave_lines"], _WALK, entrypoints)

            async def run_walk(job: Job) -> None:
                try:
                    await _guard(job, walk)
                finally:
                    if jobs.held_back:
                        self.wake(database)

            for entrypoint in entrypoints:
                runner.entrypoint(entrypoint, accepts_context=False)(run_walk)
            self._running = runner
            if self._stopping.is_set():
                return
            await runner.run(
                batch_size=min(16, concurrency // 2),
                max_concurrent_tasks=concurrency + sum(places.values()),
                heartbeat_timeout=self._heartbeat,
                dequeue_timeout=_LOOK_AGAIN,
                # A lost probe at the start is no lost database; who is not notified looks again by itself.
                shutdown_on_listener_failure=False,
            )

    def stop(self) -> None:
        """Take no more jobs; those running finish."""
        self._stopping.set()
        if self._running is not None:
            self._running.shutdown.set()


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    """PgQueuer's own connections. One that broke is never given back to the pool, so closing waits only so long."""
    pool = await asyncpg.create_pool(url, min_size=2, max_size=4, reset=_leave)
    try:
        yield pool
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), _CLOSING)


class _Jobs(Queries):
    """PgQueuer's statements, but a job ends only when it is done.

    PgQueuer deletes one that was cancelled, and one that failed and could not be put back because the database was
    away just then. Such a job stays as it is: when its heartbeat is old, somebody takes it up again. And a job in the
    line of a connection whose places are all taken is let be: it would only take a place of this worker as well.
    """

    def __init__(self, driver: Driver, pulse: Pulse, lines: Lines, database: Database) -> None:
        super().__init__(driver)
        self._database = database
        self._pulse = pulse
        self._lines = lines
        self.held_back = False
        """True when the latest look passed some line over."""

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[Job]:
        # Called every few seconds at the least, even while this worker has its hands full.
        if not self._database.is_ours:
            return []
        free = {
            name: parameter
            for name, parameter in entrypoints.items()
            if (line := _line(name)) is None or not self._lines.busy(line)
        }
        self.held_back = len(free) < len(entrypoints)
        jobs = await super().dequeue(batch_size, free, queue_manager_id, global_concurrency_limit, heartbeat_timeout)
        self._pulse.beat()
        return jobs

    async def log_jobs(self, job_status: list[tuple[Job, JOB_STATUS, TracebackRecord | None]]) -> None:
        done = [ended for ended in job_status if ended[1] == "successful"]
        if done:
            await super().log_jobs(done)


def _entrypoint(line: str | None) -> str:
    return _WALK if line is None else f"{_WALK}{_OF}{line}"


def _line(entrypoint: str) -> str | None:
    return entrypoint.partition(_OF)[2] or None


def _changed() -> TableChangedEvent:
    """What PgQueuer's own trigger would say; gateway/store/schema.py has switched it off."""
    settings = db_settings()
    return TableChangedEvent(
        channel=settings.channel,
        operation="insert",
        sent_at=datetime.now(UTC),
        table=settings.queue_table,
        type="table_changed_event",
    )


async def _leave(connection: asyncpg.Connection) -> None:
    """Nothing, as in gateway/store/database.py: PgQueuer changes no session settings."""


def _step(job: Job) -> Walk:
    payload = json.loads(job.payload or b"{}")
    return Walk(
        UUID(payload["case"]),
        UUID(payload["submission"]) if "submission" in payload else None,
        Due(payload["due"]) if "due" in payload else None,
        _line(job.entrypoint),
        job.attempts,
    )


async def _guard(job: Job, walk: Callable[[Walk], Awaitable[None]]) -> None:
    """Run a job; when it breaks, or a later version wrote it, try again later and keep its exception's text out of the
    queue's tables.

    PgQueuer stores tracebacks, and an exception's text could hold a value of a message (law 8).
    """
    try:
        await walk(_step(job))
    except asyncio.CancelledError:
        raise
    except Exception as error:
        delay = min(_LONGEST_RETRY, 2.0 ** min(job.attempts, 9))
        _log.error("job_failed", job=job.entrypoint, attempt=job.attempts, exc_info=error)
        raise RetryRequested(delay=timedelta(seconds=delay), reason=type(error).__name__) from None
