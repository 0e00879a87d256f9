"""Processes that die at a chosen point of one request's walk. For tests only; production code has no such hooks.

``doom`` runs in the new process before its command does, and wraps what the walk calls: at the point, for the first
case of that member, the process sends itself a signal. Nothing after that runs, no ``finally``, no rollback of ours.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pgqueuer import Queries

from gateway.contract.errors import ExchangeError
from gateway.engine import agenda, clerk, desk, links, walk
from gateway.store import cases, deliveries
from gateway.store.records import EntryKind


class Point(StrEnum):
    """Where a process dies. The first two are steps of the API, the others of the worker.

    ``AFTER_SENDING`` is nothing a process can tell: the test kills it from outside once the payer has the request.
    """

    ACCEPTANCE_WRITTEN = "the acceptance is written and not committed"
    ACCEPTANCE_UNANSWERED = "the acceptance is committed and not answered"
    BEFORE_JOURNAL = "nothing is journaled"
    UNJOURNALED = "the frame is made and not journaled"
    AFTER_JOURNAL = "the frame is journaled and not sent"
    AFTER_SENDING = "the frame is sent and the reply under way"
    AFTER_REPLY = "the reply is heard and not stored"
    AFTER_LOSS = "the frame arrived, its reply is lost, and that is not stored"
    REPLY_READ = "the reply is read and not stored"
    AFTER_STORE = "the reply is stored"


def hurry() -> None:
    """Make this process wait for seconds only until it takes others for dead, and what they had taken for its own."""
    agenda.LEASE_MARGIN = timedelta(seconds=2)
    cases.DUE_LEASE = timedelta(seconds=5)
    deliveries.DELIVERY_LEASE = timedelta(seconds=5)


def stumble() -> None:
    """Make this process lose its database for a moment in its first walk: the walk fails, and its job cannot be put
    back into the queue."""
    hurry()
    for owner, name in ((walk.Walker, "walk"), (Queries, "retry_job")):
        _fail_once(owner, name)


def _fail_once(owner: Any, name: str) -> None:
    real = getattr(owner, name)
    failed: list[bool] = []

    async def wrapped(*given: Any, **named: Any) -> Any:
        if not failed:
            failed.append(True)
            raise ConnectionResetError("gone for a moment")
        return await real(*given, **named)

    setattr(owner, name, wrapped)


def doom(
    point: Point,
    member: str,
    verb: str = "submit",
    number: signal.Signals = signal.SIGKILL,
    later: int = 0,
    place: int | None = None,
) -> None:
    """Make this process send itself ``number`` at ``point`` of the first attempt with this verb for this member, with
    ``later`` frames gone before in its exchange; where a ``place`` is told, of the submission there, once begun."""
    mine: ContextVar[bool] = ContextVar("mine", default=False)
    saying: ContextVar[str] = ContextVar("saying", default="submit" if place is None else "")
    gone_before: ContextVar[int] = ContextVar("gone_before", default=0)
    spared = [False]

    def reach(here: Point) -> None:
        if here is point and mine.get() and (saying.get(), gone_before.get()) == (verb, later) and not spared[0]:
            spared[0] = True  # who is only stopped goes on later, and once is enough
            os.kill(os.getpid(), number)

    def around(
        owner: Any,
        name: str,
        before: Callable[[tuple[Any, ...]], None] | None = None,
        after: Callable[[Any, tuple[Any, ...]], None] | None = None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        real: Callable[..., Awaitable[Any]] = getattr(owner, name)

        async def wrapped(*given: Any, **named: Any) -> Any:
            if before is not None:
                before(given)
            try:
                result = await real(*given, **named)
            except ExchangeError:
                failed()
                raise
            if after is not None:
                after(result, given)
            return result

        setattr(owner, name, wrapped)

    def loaded(case: Any, _given: tuple[Any, ...]) -> None:
        mine.set(case is not None and is_mine(case.request))

    def begun(exchange: Any, _given: tuple[Any, ...]) -> None:
        if exchange is not None:
            told = exchange.case.submission(exchange.attempt.submission_id).place
            saying.set(exchange.attempt.verb if place in (None, told) else "")
            gone_before.set(0)

    def goes_on(_result: Any, _given: tuple[Any, ...]) -> None:
        gone_before.set(gone_before.get() + 1)
        reach(Point.AFTER_JOURNAL)

    def writing(given: tuple[Any, ...]) -> None:
        kinds = {entry.kind for entry in given[3].entries}
        if EntryKind.FRAME in kinds:
            reach(Point.UNJOURNALED)
        if EntryKind.REPLY in kinds:
            reach(Point.REPLY_READ)

    def is_mine(request: Any) -> bool:
        return bool(request.coverages[0].member_id == member)

    def accepted(_result: Any, given: tuple[Any, ...]) -> None:
        mine.set(any(is_mine(new.request) for new in given[2]))
        reach(Point.ACCEPTANCE_WRITTEN)

    def answering(_result: Any, given: tuple[Any, ...]) -> None:
        mine.set(is_mine(given[1].request))
        reach(Point.ACCEPTANCE_UNANSWERED)

    around(desk.acceptance, "accept_all", after=accepted)
    around(desk.Desk, "accept", after=answering)
    around(walk, "load_case", after=loaded)
    around(walk.Walker, "_begin", before=lambda _: reach(Point.BEFORE_JOURNAL), after=begun)
    around(walk, "write", before=writing)
    around(clerk, "write", before=writing)
    around(
        walk.Walker,
        "_converse",
        before=lambda _: reach(Point.AFTER_JOURNAL),
        after=lambda *_: reach(Point.AFTER_STORE),
    )
    around(clerk.Clerk, "interim", after=goes_on)
    around(
        links.Place,
        "say",
        after=lambda *_: reach(Point.AFTER_REPLY),
        failed=lambda: reach(Point.AFTER_LOSS),
    )
