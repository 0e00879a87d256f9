"""What becomes of a file that came: opened, its letters placed among what was said, and each told to its case, once.

What is said of an attempt is recorded as any answer is, in one transaction with the note that this file has said it: so
whoever dies over a file hears nothing of it twice, and loses nothing of it. What cannot be placed is quarantined.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import structlog

from gateway.contract.adapter import Adapter
from gateway.contract.errors import ExchangeError, Unreadable
from gateway.contract.frames import Look
from gateway.contract.mailbox import Correspondent, Letter, Placed, Posted
from gateway.engine import metrics
from gateway.engine.aside import read_aside
from gateway.engine.clerk import Clerk
from gateway.engine.queue import Queue, Walk
from gateway.engine.scripts import Scripts
from gateway.engine.told import Told
from gateway.model.outcome import Outcome
from gateway.store.cases import load_case
from gateway.store.database import Database
from gateway.store.journal import read_sayings
from gateway.store.mailroom import (
    Arrival,
    State,
    claim_waiting,
    find_correspondents,
    hash_numbers,
    hear_once,
    read_arrival,
    register,
    settle_arrival,
)
from gateway.store.records import Attempt, Case, EntryKind, Submission

_log = structlog.get_logger("engine.sorting")
_AGAIN_AFTER = timedelta(minutes=1)
"""When a file is opened again that could not be, or over which somebody died."""
T = TypeVar("T")

UNREADABLE = "unreadable"
"""Why a file, or a letter of it, is quarantined that its channel cannot read."""
_NO_READER = "no_reader"
"""Why a file is quarantined of whose connection no channel reads files."""
_BROKEN = "adapter_failed"
_EMPTY = "empty"


class NotNow(Exception):
    """It cannot be told to its case with the profiles that this process has; it waits."""


@dataclass(frozen=True)
class Sorted:
    """What a file came to."""

    state: State
    reason: str | None
    findings: Sequence[Mapping[str, Any]]


class Sorter:
    """``adapters`` by channel."""

    def __init__(
        self, database: Database, queue: Queue, scripts: Scripts, clerk: Clerk, adapters: Mapping[str, Adapter]
    ) -> None:
        self._database = database
        self._queue = queue
        self._scripts = scripts
        self._clerk = clerk
        self._adapters = adapters

    def adapter(self, channel: str) -> Adapter | None:
        """Who reads what comes over connections of a channel."""
        return self._adapters.get(channel)

    async def sort_all(self, connection: str, channel: str, goes_on: Callable[[], bool]) -> None:
        """Open everything that came over a connection and waits, while it ``goes_on``. One that cannot be opened now
        holds up no other."""
        while goes_on():
            arrival_id = await claim_waiting(self._database, connection, self._database.now() + _AGAIN_AFTER)
            if arrival_id is None:
                return
            try:
                await self.sort(arrival_id, channel)
            except NotNow:
                _log.warning("arrival_waits", arrival_id=arrival_id, connection=connection)
            except Exception as error:  # the database, or a row that somebody changed: it stays where it is
                _log.error("arrival_not_sorted", arrival_id=arrival_id, connection=connection, exc_info=error)

    async def opens(self, channel: str, body: bytes) -> bool:
        """Whether all that is in a file can be read. What cannot may be half of one that is still being written."""
        adapter = self._adapters.get(channel)
        if not isinstance(adapter, Correspondent):
            return False
        try:
            letters = await asyncio.to_thread(adapter.open, body)
        except Exception:  # it is kept: what is wrong with it is told when it is sorted
            return False
        return all(letter.fault is None for letter in letters)

    async def sort(self, arrival_id: UUID, channel: str) -> None:
        """Open one that waits, tell what is in it to whom it is for, and write down what became of it."""
        arrival = await read_arrival(self._database, arrival_id)
        if arrival is None or arrival.state is not State.STORED:
            return
        adapter = self.adapter(channel)
        if not isinstance(adapter, Correspondent):
            done = Sorted(State.QUARANTINED, _NO_READER, ())
        else:
            done = await self._open(arrival, adapter)
        await settle_arrival(self._database, arrival.id, done.state, done.reason, done.findings)
        metrics.ARRIVALS.labels(arrival.connection, done.state).inc()
        if done.reason is not None:
            _log.warning(
                "arrival_quarantined", arrival_id=arrival.id, connection=arrival.connection, reason=done.reason
            )

    async def _open(self, arrival: Arrival, adapter: Correspondent) -> Sorted:
        try:
            letters = await self._keyed(arrival, await _asked(arrival, adapter.open, arrival.body))
            keys = frozenset[str]().union(*(letter.keys for letter in letters))
            found = await find_correspondents(self._database, arrival.connection, keys)
            senders = {str(attempt_id): (attempt_id, case_id) for attempt_id, case_id in found}
            known = {said: await self._posted(adapter, *said) for said in found}
            unheard = {said for said, posted in known.items() if posted is None}
            letters, waits = await self._without(unheard, arrival, letters)
            posted = [each for known_of in known.values() for each in known_of or ()]
            placed = await _asked(arrival, adapter.place, letters, posted)
        except Unreadable:
            return Sorted(State.QUARANTINED, UNREADABLE, ())
        except _Broken:
            return Sorted(State.QUARANTINED, _BROKEN, ())
        reasons = await self._tell_all(arrival, adapter, placed, senders)
        if waits:
            raise NotNow
        findings = tuple(_finding(each, reasons.get(each.handle)) for each in placed)
        why = next((str(finding["reason"]) for finding in findings if finding["reason"]), None)
        if not placed:
            why = _EMPTY
        return Sorted(State.QUARANTINED if why else State.HEARD, why, findings)

    async def _keyed(self, arrival: Arrival, letters: Sequence[Letter]) -> tuple[Letter, ...]:
        """The letters, with keys for the payer's own numbers too."""
        keys = [await hash_numbers(self._database, arrival.connection, letter.numbers) for letter in letters]
        return tuple(replace(letter, keys=letter.keys | own) for letter, own in zip(letters, keys, strict=True))

    async def _without(
        self, unheard: Set[tuple[UUID, UUID]], arrival: Arrival, letters: tuple[Letter, ...]
    ) -> tuple[tuple[Letter, ...], bool]:
        """The letters that cannot be about one of these, and whether there are others: among fewer than all that may be
        meant none is placed."""
        if not unheard:
            return letters, False
        left = [
            letter
            for letter in letters
            if not unheard & set(await find_correspondents(self._database, arrival.connection, letter.keys))
        ]
        return tuple(left), len(left) < len(letters)

    async def _posted(self, adapter: Correspondent, attempt_id: UUID, case_id: UUID) -> list[Posted] | None:
        """What an attempt said last: what it said before never left, and may differ from it. None where it cannot be
        told anything with the profiles there are."""
        async with self._database.connection() as connection:
            case = await load_case(self._database, connection, case_id)
            if case is None:
                return []
            said = await read_sayings(self._database, connection, case, attempt_id)
            submission = _submission_of(case, attempt_id)
            is_filing = submission.filing is not None and submission.filing.id == attempt_id
            standing = await self._clerk.stand(connection, case, submission) if is_filing else None
        if self._scripts.hindrance(case, submission):
            return None
        to = self._scripts.destination(case, submission, _attempt_of(submission, attempt_id))
        frames = [entry.body for entry in said if entry.kind is EntryKind.FRAME and entry.meta["method"] != Look.method]
        numbers = adapter.numbers(standing.references) if standing else frozenset[str]()
        return [Posted(str(attempt_id), body, to, str(case_id), numbers) for body in frames[-1:]]

    async def _tell_all(
        self,
        arrival: Arrival,
        adapter: Correspondent,
        placed: Sequence[Placed],
        senders: Mapping[str, tuple[UUID, UUID]],
    ) -> dict[str | None, str]:
        """Tell each attempt what the file says of it; why that could not be done, by attempt."""
        reasons: dict[str | None, str] = {}
        waits = False
        for handle in dict.fromkeys(each.handle for each in placed if each.handle is not None):
            letters = [each.letter for each in placed if each.handle == handle]
            try:
                await self._tell(arrival, adapter, *senders[handle], letters)
            except NotNow:
                waits = True
            except ExchangeError:
                reasons[handle] = UNREADABLE
            except _Broken:
                reasons[handle] = _BROKEN
        if waits:
            raise NotNow
        return reasons

    async def _tell(
        self, arrival: Arrival, adapter: Correspondent, attempt_id: UUID, case_id: UUID, letters: Sequence[Letter]
    ) -> None:
        async with self._queue.transaction(self._database) as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is None:
                raise LookupError("a case of which a file speaks is gone")
            bodies = [letter.body for letter in letters]
            new = await hear_once(self._database, connection, arrival.id, attempt_id, bodies)
            if not new:
                return
            letters = [letter for letter in letters if letter.body in new]
            for outcome in await self._hear(connection, arrival, adapter, case, attempt_id, letters):
                attempt = _attempt_of(_submission_of(case, attempt_id), attempt_id)
                told = Told(attempt, None, outcome, None, effect=False, arrival=arrival.id)
                after = await self._clerk.record(connection, case, told, held=True)
                await self._register_numbers(connection, adapter.numbers(outcome.references), case, after)
                case = await load_case(self._database, connection, case_id, lock=True) or case
            await self._queue.put_walks(connection, [Walk(case.id, _submission_of(case, attempt_id).id)])

    async def _register_numbers(
        self, connection: asyncpg.Connection, words: frozenset[str], case: Case, submission: Submission
    ) -> None:
        """What the payer calls the filing from now on leads to it."""
        if words and submission.filing is not None:
            keys = await hash_numbers(self._database, submission.connection, words)
            at = self._database.now()
            await register(connection, submission.connection, keys, submission.filing.id, case.id, at)

    async def _hear(
        self,
        connection: asyncpg.Connection,
        arrival: Arrival,
        adapter: Correspondent,
        case: Case,
        attempt_id: UUID,
        letters: Sequence[Letter],
    ) -> tuple[Outcome, ...]:
        submission = _submission_of(case, attempt_id)
        if self._scripts.hindrance(case, submission):
            raise NotNow
        attempt = _attempt_of(submission, attempt_id)
        standing = await self._clerk.stand(connection, case, submission)
        saying, to = self._scripts.saying(case, submission, attempt, standing)
        try:
            length = sum(len(letter.body) for letter in letters)
            return await read_aside(length, partial(adapter.hear, letters, saying, to))
        except ExchangeError:
            raise
        except Exception as failure:
            _log.error("adapter_failed", arrival_id=arrival.id, attempt_id=attempt_id, exc_info=failure)
            raise _Broken from failure


class _Broken(Exception):
    """The adapter failed on it."""


async def _asked(arrival: Arrival, ask: Callable[..., T], *given: object) -> T:
    """What an adapter says of a file, however long it takes it. Raises Unreadable and _Broken."""
    try:
        return await asyncio.to_thread(ask, *given)
    except Unreadable:
        raise
    except Exception as failure:
        _log.error("adapter_failed", arrival_id=arrival.id, exc_info=failure)
        raise _Broken from failure


def _submission_of(case: Case, attempt_id: UUID) -> Submission:
    return next(one for one in case.submissions if any(held.id == attempt_id for held in one.attempts))


def _attempt_of(submission: Submission, attempt_id: UUID) -> Attempt:
    return next(held for held in submission.attempts if held.id == attempt_id)


def _finding(placed: Placed, why: str | None) -> Mapping[str, Any]:
    """What a letter came to, in our words."""
    return {
        "what": placed.letter.what,
        "place": placed.letter.place,
        "attempt": placed.handle,
        "reason": placed.reason or why,
        "candidates": list(placed.candidates),
    }
