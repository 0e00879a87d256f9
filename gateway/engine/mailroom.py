"""The mailroom: looks into the mailboxes of connections, and picks up what lies there for us.

A file is taken once it stood still between two looks, kept (sealed, committed), and only then tidied away; what was
kept is opened (``sorting``). Killed between any two of these, the next look goes on: what is kept is not kept again,
and what was not tidied is fetched again and found to be kept. One worker at a time looks into a mailbox, and each
mailbox has a task of its own, so that trouble with one holds up no other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from gateway.contract.errors import ExchangeError, NeedsPerson, NotSent, Unreadable
from gateway.engine import metrics
from gateway.engine.attempts import word_of
from gateway.engine.links import Links, Shut
from gateway.engine.sorting import Sorter
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.library import Library
from gateway.profiles.mailbox import MailboxProfile
from gateway.store.database import Database
from gateway.store.mailroom import State, count_stuck, find_files, keep, leave_mailbox, renew_mailbox, take_mailbox
from gateway.transport.mailbox import CredentialsRefused, HostChanged, Lying, Pickup

_log = structlog.get_logger("engine.mailroom")
_LONGEST_PAUSE = 5.0
"""Seconds after which a worker asks whether it is time to look, and its turn."""
_MARGIN = 60.0
_FAILURES = 3
"""After so many files that cannot be taken a visit is over: it may be the line."""


class Mailroom:
    def __init__(self, database: Database, library: Library, links: Links, sorter: Sorter) -> None:
        self._database = database
        self._library = library
        self._links = links
        self._sorter = sorter
        self._failed: dict[str, set[Lying]] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Tend every mailbox until then."""
        async with asyncio.TaskGroup() as group:
            for profile in self._library.connections():
                if profile.mailbox is not None:
                    group.create_task(self._tend(profile, profile.mailbox, stopping))

    async def _tend(self, profile: ConnectionProfile, box: MailboxProfile, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                if self._database.is_ours:
                    await self.visit(profile, box, stopping)
            except Exception as error:  # the next visit tries again
                _log.error("mailbox_not_visited", connection=profile.connection, exc_info=error)
            try:
                await asyncio.wait_for(stopping.wait(), min(box.look_seconds, _LONGEST_PAUSE))
            except TimeoutError:
                continue

    async def visit(self, profile: ConnectionProfile, box: MailboxProfile, stopping: asyncio.Event) -> bool:
        """Open what waits, pick up what lies there, open that. False where it is not time, or somebody else's turn."""
        connection, now = profile.connection, self._database.now()
        lease = timedelta(seconds=profile.deadline_seconds + _MARGIN)
        ours, seen = await take_mailbox(self._database, connection, now + lease)
        if not ours:
            return False
        look_at, found, trouble = now + timedelta(seconds=box.look_seconds), Found(), "the visit broke off"
        try:
            await self._sorter.sort_all(connection, profile.channel, stopping)
            await self._pick_up(profile, box, read_seen(seen), lease, stopping, found)
            await self._sorter.sort_all(connection, profile.channel, stopping)
            trouble = "" if found.failure is None else word_of(found.failure)
        except Shut as shut:
            look_at, trouble = max(look_at, shut.until), shut.why or str(shut)
        except ExchangeError as error:
            trouble = word_of(error)
            _log.warning("mailbox_not_reached", connection=connection, error=type(error).__name__)
        finally:
            lies = None if found.lying is None else write_seen(found.lying)
            metrics.MAILBOX.labels(connection).set(0 if lies is None else 1)
            await leave_mailbox(self._database, connection, look_at, lies, trouble or None)
        metrics.STUCK.labels(connection).set(await count_stuck(self._database, connection))
        return True

    async def _pick_up(
        self,
        profile: ConnectionProfile,
        box: MailboxProfile,
        seen: frozenset[Lying],
        lease: timedelta,
        stopping: asyncio.Event,
        found: Found,
    ) -> None:
        """Take what stood still since the last look. What could not be taken before comes last, so that it holds up
        nothing for ever."""
        connection = profile.connection
        failed = self._failed.setdefault(connection, set())
        async with self._links.turn(connection, profile.mode) as turn, turn.visit() as pickup:
            found.lying = lying = await pickup.list()
            still = [each for each in lying if each in seen]
            known = await find_files(self._database, connection, [name_of(each) for each in still])
            failed &= set(lying)
            missed = 0
            for each in sorted(still, key=failed.__contains__):
                if stopping.is_set() or missed >= _FAILURES:
                    break
                if name_of(each) in known and box.tidy == "leave":
                    continue
                await renew_mailbox(self._database, connection, self._database.now() + lease)
                try:
                    await self._take(connection, box, each, pickup)
                except (NotSent, Unreadable) as error:  # of this file, for all that is known: it stays where it is
                    failed.add(each)
                    missed += isinstance(error, NotSent)
                    found.failure = found.failure or error
                    metrics.ARRIVALS.labels(connection, "not_taken").inc()
                    _log.warning("file_not_taken", connection=connection, bytes=each.size, error=type(error).__name__)
                except Untidy as untidy:
                    found.failure = untidy.why

    async def _take(self, connection: str, box: MailboxProfile, lying: Lying, pickup: Pickup) -> None:
        """Fetch one, keep it, and only then tidy it away. One that is too long, or grew since, stays where it is."""
        body = await pickup.fetch(lying, box.max_file_bytes)
        if len(body) != lying.size:
            return
        state = await keep(self._database, connection, lying.name, name_of(lying), body)
        if state is not None:
            _log.info("file_came", connection=connection, bytes=len(body), status=state)
        if state is State.REPEATED:
            metrics.ARRIVALS.labels(connection, state).inc()
        if box.tidy != "leave":
            try:
                await pickup.tidy(lying)
            except (CredentialsRefused, HostChanged):
                raise
            except NeedsPerson as error:  # those behind it are to be kept all the same
                raise Untidy(error) from error


@dataclass
class Found:
    """What a visit found, however it ends: what lies there once that was read, and what a person must know of it."""

    lying: Sequence[Lying] | None = None
    failure: ExchangeError | None = None


class Untidy(Exception):
    """A file is kept, and could not be put away."""

    def __init__(self, why: NeedsPerson) -> None:
        super().__init__(str(why))
        self.why = why


def name_of(lying: Lying) -> str:
    """What tells a file apart from every other that lay, or will lie, under its name."""
    return "\x1f".join((lying.directory, lying.name, str(lying.size), str(lying.modified)))


def write_seen(lying: Iterable[Lying]) -> bytes:
    return json.dumps([[each.directory, each.name, each.size, each.modified] for each in lying]).encode()


def read_seen(seen: bytes | None) -> frozenset[Lying]:
    """What ``write_seen`` wrote; nothing before the first look."""
    return frozenset(Lying(*each) for each in json.loads(seen or b"[]"))
