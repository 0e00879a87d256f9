"""The mailroom: looks into the mailboxes of connections, and picks up what lies there for us.

A file is taken once it stood still between two looks, kept (sealed, committed), and only then tidied away, if all of it
can be read: what cannot may be half of a file, and stays where it is. What was kept is opened (``sorting``). Killed
between any two of these, the next look goes on: what is kept is not kept again, and what was not tidied is fetched
again and found to be kept. Only what was left there, or could not be put away, and has not changed since, is not
fetched again: it is known by its directory, name, size and time. One worker at a time looks into a mailbox
(``tenure``), and each mailbox has a task of its own, so that trouble with one holds up no other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from gateway.contract.errors import ExchangeError, NeedsPerson, NotSent, Unreadable
from gateway.contract.inbound import Collector
from gateway.engine import metrics
from gateway.engine.attempts import word_of
from gateway.engine.collecting import collect
from gateway.engine.links import Links, Shut
from gateway.engine.sorting import Sorter
from gateway.engine.tenure import Tenure
from gateway.profiles.connection import ConnectionProfile
from gateway.profiles.library import Library
from gateway.profiles.mailbox import MailboxProfile
from gateway.store.database import Database
from gateway.store.mailroom import State, count_stuck, find_files, keep, leave_mailbox, take_mailbox
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
                if profile.look_seconds is not None:
                    group.create_task(self._tend(profile, profile.look_seconds, stopping))

    async def _tend(self, profile: ConnectionProfile, look_seconds: float, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                if self._database.is_ours:
                    await self.visit(profile, look_seconds, stopping)
            except Exception as error:  # the next visit tries again
                _log.error("mailbox_not_visited", connection=profile.connection, exc_info=error)
            try:
                await asyncio.wait_for(stopping.wait(), min(look_seconds, _LONGEST_PAUSE))
            except TimeoutError:
                continue

    async def visit(self, profile: ConnectionProfile, look_seconds: float, stopping: asyncio.Event) -> bool:
        """Open what waits, pick up what lies there, open that. Over a connection whose other side comes to our door, it
        is there already. False where it is not time, or somebody else's turn."""
        connection, now = profile.connection, self._database.now()
        lease = timedelta(seconds=profile.deadline_seconds + _MARGIN)
        hold = await take_mailbox(self._database, connection, now + lease)
        if hold is None:
            return False
        tenure = Tenure(self._database, hold, lease, stopping)
        look_at, found, trouble = now + timedelta(seconds=look_seconds), Found(), "the visit broke off"
        try:
            async with tenure.renewed():
                await self._sorter.sort_all(connection, profile.channel, tenure.goes_on)
                if profile.mailbox is not None:
                    await self._pick_up(profile, profile.mailbox, tenure, found)
                if profile.polling is not None:
                    await self._ask(profile, profile.polling.most_messages, tenure, found)
                if profile.inbound is None:
                    await self._sorter.sort_all(connection, profile.channel, tenure.goes_on)
            trouble = "" if found.failure is None else word_of(found.failure)
        except Shut as shut:
            look_at, trouble = max(look_at, shut.until), shut.why or str(shut)
        except ExchangeError as error:
            trouble = word_of(error)
            _log.warning("mailbox_not_reached", connection=connection, error=type(error).__name__)
        finally:
            seen = found.receipt if found.lying is None else write_lying(found.lying)
            untidy = None if found.lying is None else write_lying(found.untidy, found.unread)
            metrics.MAILBOX.labels(connection).set(1 if seen is not None or profile.inbound else 0)
            await leave_mailbox(self._database, tenure.hold, look_at, seen, untidy, trouble or None)
        metrics.STUCK.labels(connection).set(await count_stuck(self._database, connection))
        return True

    async def _ask(self, profile: ConnectionProfile, most: int, tenure: Tenure, found: Found) -> None:
        """Ask for what messages there are, and keep them."""
        adapter = self._sorter.adapter(profile.channel)
        if not isinstance(adapter, Collector):
            raise NeedsPerson(f"connection {profile.connection}: its channel asks for no messages")
        partner = self._library.partner(profile.connection, self._database.now().date())
        receipt = (tenure.hold.seen or b"").decode() or None
        async with self._links.place(profile.connection, profile.mode) as place:
            async for given in collect(self._database, place, adapter, partner, receipt, most):
                found.receipt = given.encode()
                if not tenure.goes_on():
                    break

    async def _pick_up(self, profile: ConnectionProfile, box: MailboxProfile, tenure: Tenure, found: Found) -> None:
        """Take what stood still since the last look. What could not be taken before comes last, so that it holds up
        nothing for ever; what is kept and could not be put away is only put away."""
        connection, seen = profile.connection, frozenset(read_lying(tenure.hold.seen))
        failed = self._failed.setdefault(connection, set())
        async with self._links.place(connection, profile.mode) as place, place.visit() as pickup:
            found.lying = lying = await pickup.list()
            there = set(lying) if box.tidy != "leave" else set()
            found.untidy = dict.fromkeys(each for each in read_lying(tenure.hold.untidy) if each in there)
            found.unread = {each for each in read_lying(tenure.hold.untidy, left=True) if each in there}
            before, left = tuple(found.untidy), {*found.untidy, *found.unread}
            still = [each for each in lying if each in seen and not (each in left and each.modified)]
            known = await find_files(self._database, connection, [name_of(each) for each in still])
            failed &= set(lying)
            missed = 0
            for each in sorted(still, key=failed.__contains__):
                if not tenure.goes_on() or missed >= _FAILURES:
                    break
                if name_of(each) in known and box.tidy == "leave":
                    continue
                try:
                    body = await self._take(connection, box, each, pickup)
                    if body is None or box.tidy == "leave":
                        continue
                    if await self._sorter.opens(profile.channel, body):
                        await self._put_away(connection, each, pickup, found)
                    else:
                        found.unread.add(each)
                except (NotSent, Unreadable) as error:  # of this file, for all that is known: it stays where it is
                    failed.add(each)
                    missed += isinstance(error, NotSent)
                    found.tell(error)
                    metrics.ARRIVALS.labels(connection, "not_taken").inc()
                    _log.warning("file_not_taken", connection=connection, bytes=each.size, error=type(error).__name__)
            await self._put_away_at_last(connection, before, pickup, tenure, found)

    async def _take(self, connection: str, box: MailboxProfile, lying: Lying, pickup: Pickup) -> bytes | None:
        """Fetch one and keep it. None for one that is too long, or grew since: it stays where it is."""
        body = await pickup.fetch(lying, box.max_file_bytes)
        if len(body) != lying.size:
            return None
        state = await keep(self._database, connection, lying.name, name_of(lying), body)
        if state is not None:
            _log.info("file_came", connection=connection, bytes=len(body), status=state)
        if state is State.REPEATED:
            metrics.ARRIVALS.labels(connection, state).inc()
        return body

    async def _put_away(self, connection: str, lying: Lying, pickup: Pickup, found: Found) -> bool:
        """Tidy one away that is kept. False where that cannot be: those behind it are to be kept all the same."""
        told = found.untidy.pop(lying, False) is None
        try:
            await pickup.tidy(lying)
        except (CredentialsRefused, HostChanged):
            raise
        except (NeedsPerson, NotSent) as error:
            found.untidy[lying] = None
            found.tell(error)
            if not told:
                _log.warning("file_not_put_away", connection=connection, bytes=lying.size, error=type(error).__name__)
            return False
        return True

    async def _put_away_at_last(
        self, connection: str, untidy: Iterable[Lying], pickup: Pickup, tenure: Tenure, found: Found
    ) -> None:
        """Try again with some of what could not be put away before; the next look tries others."""
        refused = 0
        for each in untidy:
            if not tenure.goes_on() or refused >= _FAILURES:
                return
            if each.modified:
                refused += not await self._put_away(connection, each, pickup, found)


@dataclass
class Found:
    """What a visit found, however it ends: what lies there once that was read, what of it could not be put away (what
    was tried last comes last), what was left there since not all of it can be read, and what a person must know."""

    lying: Sequence[Lying] | None = None
    untidy: dict[Lying, None] = field(default_factory=dict)
    unread: set[Lying] = field(default_factory=set)
    failure: ExchangeError | None = None
    receipt: bytes | None = None
    """Of the message that was kept last, where messages are asked for; empty once there was no more."""

    def tell(self, failure: ExchangeError) -> None:
        """Of several the first counts, and what needs a person before all others."""
        if self.failure is None or (isinstance(failure, NeedsPerson) and not isinstance(self.failure, NeedsPerson)):
            self.failure = failure


def name_of(lying: Lying) -> str:
    """What tells a file apart from every other that lay, or will lie, under its name."""
    return "\x1f".join((lying.directory, lying.name, str(lying.size), str(lying.modified)))


def write_lying(lying: Iterable[Lying], left: Iterable[Lying] = ()) -> bytes:
    """``left`` is what was left there on purpose."""
    rows = [[each.directory, each.name, each.size, each.modified] for each in lying]
    return json.dumps([*rows, *([each.directory, each.name, each.size, each.modified, 1] for each in left)]).encode()


def read_lying(written: bytes | None, *, left: bool = False) -> tuple[Lying, ...]:
    """What ``write_lying`` wrote, one or the other; nothing before the first look."""
    return tuple(Lying(*each[:4]) for each in json.loads(written or b"[]") if bool(each[4:]) is left)
