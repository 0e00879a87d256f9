"""What came in files: each is kept once, sealed under a key of the house, with what became of it; and under which keys
what was said may be named.

Knows no file format and no payer. Names of files are sealed too: payers write names of patients into them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from gateway.store.database import Database
from gateway.store.queries import SQL
from gateway.store.records import EntryKind
from gateway.store.sealing import TenantKey, place

HOUSE = ".house"
"""Whose key seals what may be about patients of several tenants. No tenant's name begins with a point."""


MOST_TRIES = 3
"""What was opened so often and still waits will not open by itself: a person looks."""


CONTRADICTS = "contradicts"
"""Why a message is quarantined under whose id another one came before."""


class State(StrEnum):
    """What became of a file that came."""

    STORED = "stored"
    """It lies here and was not opened yet."""
    HEARD = "heard"
    """All that is in it was told to whom it is for."""
    QUARANTINED = "quarantined"
    """Something in it is nobody's, as far as is known. What was placed is heard all the same."""
    REPEATED = "repeated"
    """The same bytes came before."""
    DISMISSED = "dismissed"
    """A person has put it away."""


@dataclass(frozen=True)
class Arrival:
    """A file that came. ``findings`` say in our words what each letter in it came to; ``first_id`` is the one that had
    the same bytes before."""

    id: UUID
    connection: str
    size: int
    at: datetime
    state: State
    reason: str | None
    findings: Sequence[Mapping[str, Any]]
    first_id: UUID | None = None
    tries: int = 0
    name: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)
    dismissal: str | None = field(default=None, repr=False)

    @property
    def is_stuck(self) -> bool:
        """True for one that waits though it was tried often enough."""
        return self.state is State.STORED and self.tries > MOST_TRIES


@dataclass(frozen=True)
class Hold:
    """A worker's turn at a mailbox, ``until`` then, which no other turn at it has. ``seen`` is what lay there when it
    was looked at last, and ``untidy`` what of that is kept and still lies there."""

    connection: str
    until: datetime
    seen: bytes | None = field(default=None, repr=False)
    untidy: bytes | None = field(default=None, repr=False)


async def register(
    held: asyncpg.Connection, connection: str, keys: Collection[str], attempt_id: UUID, case_id: UUID, at: datetime
) -> None:
    """Keep the keys under which an answer may name what an attempt says over a payer's connection."""
    await held.execute(SQL["register_keys"], connection, sorted(keys), attempt_id, case_id, at)


async def hash_numbers(database: Database, connection: str, words: Collection[str]) -> frozenset[str]:
    """Keys for what are words for a payer's own numbers: nobody without the key can try which number it is."""
    key = await database.key_of(HOUSE)
    return frozenset(key.index("correspondence.number", f"{connection}\x1f{word}".encode()).hex() for word in words)


async def find_correspondents(
    database: Database, connection: str, keys: Collection[str]
) -> tuple[tuple[UUID, UUID], ...]:
    """What was said over a connection and may be named by one of these keys, as attempt and case."""
    rows = await database.fetch(SQL["find_correspondents"], connection, sorted(keys), EntryKind.FRAME)
    return tuple((row["attempt_id"], row["request_id"]) for row in rows)


async def take_mailbox(database: Database, connection: str, until: datetime) -> Hold | None:
    """Our turn to look into a mailbox; None where it is not time, or somebody else's."""
    row = await database.fetchrow(SQL["take_mailbox"], connection, database.now(), until)
    if row is None:
        return None
    key = await database.key_of(HOUSE)
    known = {
        name: None if row[name] is None else key.open(row[name], place(f"mailboxes.{name}", connection.encode()))
        for name in ("seen", "untidy")
    }
    return Hold(connection, until, **known)


async def renew_mailbox(database: Database, hold: Hold, until: datetime) -> Hold | None:
    """Our turn for longer; None where it is ours no more."""
    row = await database.fetchrow(SQL["renew_mailbox"], hold.connection, hold.until, until)
    return None if row is None else replace(hold, until=until)


async def leave_mailbox(
    database: Database,
    hold: Hold,
    look_at: datetime,
    seen: bytes | None = None,
    untidy: bytes | None = None,
    trouble: str | None = None,
) -> None:
    """Our turn is over, unless it is somebody else's by now. ``seen`` is what lies there, where that could be seen, and
    ``untidy`` what of it is kept and still lies there; ``trouble`` what a person must know, in our words."""
    key = await database.key_of(HOUSE)
    sealed = [
        None if told is None else key.seal(told, place(f"mailboxes.{name}", hold.connection.encode()))
        for name, told in (("seen", seen), ("untidy", untidy))
    ]
    await database.fetch(SQL["leave_mailbox"], hold.connection, hold.until, look_at, *sealed, trouble, database.now())


async def list_mailboxes(database: Database) -> Sequence[asyncpg.Record]:
    """Every mailbox that was looked into: its connection, when it is next and was last looked at, and what is wrong."""
    return await database.fetch(SQL["list_mailboxes"])


async def count_stuck(database: Database, connection: str) -> int:
    """How many files of a connection wait though they were tried often enough."""
    row = await database.fetchrow(SQL["count_stuck"], connection, MOST_TRIES)
    return 0 if row is None else row["count"]


async def find_files(database: Database, connection: str, files: Collection[str]) -> frozenset[str]:
    """Those of these files, by what tells them apart, that were kept before."""
    key = await database.key_of(HOUSE)
    indexes = {_file_index(key, file): file for file in files}
    rows = await database.fetch(SQL["find_files"], connection, list(indexes))
    return frozenset(indexes[row["file_index"]] for row in rows)


async def keep(database: Database, connection: str, name: str, file: str, body: bytes) -> State | None:
    """Keep a file, committed when this returns. ``file`` tells it apart from other files of that name. REPEATED for
    bytes that came before, which are placed anew where not all of them was heard, or a person has put them away; None
    for a file that is kept already."""
    key = await database.key_of(HOUSE)
    digest = key.tag(place("arrivals.digest", connection.encode(), hashlib.sha256(body).digest()))
    index = _file_index(key, file)
    async with database.transaction() as held:
        await held.fetch(SQL["lock_arrival"], digest)
        before = await held.fetch(SQL["find_arrival"], connection, digest)
        if any(row["file_index"] == index for row in before):
            return None
        number, state = uuid4(), State.REPEATED if before else State.STORED
        await held.execute(
            SQL["keep_arrival"],
            number,
            connection,
            key.seal(name.encode(), place("arrivals.name", number.bytes)),
            index,
            len(body),
            digest,
            None if before else key.seal(body, place("arrivals.body", number.bytes)),
            before[0]["id"] if before else None,
            database.now(),
            state,
        )
        if before:
            await held.fetch(SQL["place_arrival_again"], before[0]["id"], database.now())
    return state


@dataclass(frozen=True)
class Kept:
    """A message that is kept: since when, whether this was its first coming, and whether what came now is it."""

    id: UUID
    at: datetime
    fresh: bool
    same: bool


async def keep_message(
    database: Database, connection: str, message: str, body: bytes, sender: str = "", *, beside: bool = False
) -> Kept:
    """Keep what came under an id that tells it apart from every other message of its sender, committed when this
    returns. Of what came before under that id nothing is changed; ``beside`` keeps another message beside it, in
    quarantine."""
    key = await database.key_of(HOUSE)
    told = (sender, message, *((hashlib.sha256(body).hexdigest(),) if beside else ()))
    index = _file_index(key, "\x1f".join(told))
    digest = key.tag(place("arrivals.digest", connection.encode(), hashlib.sha256(body).digest()))
    async with database.transaction() as held:
        await held.fetch(SQL["lock_arrival"], index)
        before = await held.fetchrow(SQL["find_message"], connection, index)
        if before is not None:
            return Kept(before["id"], before["at"], fresh=False, same=before["digest"] == digest)
        number, now = uuid4(), database.now()
        await held.execute(
            SQL["keep_arrival"],
            number,
            connection,
            key.seal(message.encode(), place("arrivals.name", number.bytes)),
            index,
            len(body),
            digest,
            key.seal(body, place("arrivals.body", number.bytes)),
            None,
            now,
            State.STORED,
        )
        if beside:
            await held.fetch(SQL["settle_arrival"], number, State.QUARANTINED, CONTRADICTS, "[]", now)
        return Kept(number, now, fresh=True, same=True)


async def claim_waiting(database: Database, connection: str, until: datetime) -> UUID | None:
    """The file that came first of those that were kept and not opened, for whoever asks alone: others find it again
    from then on, if it still waits. None where there is no more."""
    row = await database.fetchrow(SQL["claim_arrival"], connection, database.now(), until)
    return None if row is None else row["id"]


async def read_arrival(database: Database, arrival_id: UUID) -> Arrival | None:
    """A file that came, opened. Raises CannotOpen for one that was changed."""
    row = await database.fetchrow(SQL["read_arrival"], arrival_id)
    if row is None:
        return None
    key = await database.key_of(HOUSE)
    holder = row["first_id"] or row["id"]
    body = key.open(row["body"] or row["first_body"], place("arrivals.body", holder.bytes))
    put_away = row["dismissal"]
    why = None if put_away is None else key.open(put_away, place("arrivals.dismissal", row["id"].bytes)).decode()
    name = key.open(row["name"], place("arrivals.name", row["id"].bytes)).decode()
    return replace(_arrival(row), name=name, body=body, dismissal=why)


async def list_arrivals(database: Database, state: State | None, limit: int) -> tuple[Arrival, ...]:
    """The latest files that came, without what is sealed of them."""
    return tuple(_arrival(row) for row in await database.fetch(SQL["list_arrivals"], state, limit))


async def settle_arrival(
    database: Database, arrival_id: UUID, state: State, reason: str | None, findings: Sequence[Mapping[str, Any]]
) -> None:
    """Write down what became of one that waits."""
    told = json.dumps([dict(finding) for finding in findings])
    await database.fetch(SQL["settle_arrival"], arrival_id, state, reason, told, database.now())


async def place_again(database: Database, arrival_id: UUID) -> bool:
    """Have one that was quarantined or put away opened anew. False if there is none such."""
    row = await database.fetchrow(SQL["place_arrival_again"], arrival_id, database.now())
    if row is not None:
        await database.fetch(SQL["hurry_mailbox"], row["connection"], database.now())
    return row is not None


async def dismiss(database: Database, arrival_id: UUID, why: str) -> bool:
    """Put one away that is quarantined or waits. It stays where it is. False if there is none such."""
    key = await database.key_of(HOUSE)
    sealed = key.seal(why.encode(), place("arrivals.dismissal", arrival_id.bytes))
    return await database.fetchrow(SQL["dismiss_arrival"], arrival_id, sealed, database.now()) is not None


async def hear_once(
    database: Database, held: asyncpg.Connection, arrival_id: UUID, attempt_id: UUID, letters: Sequence[bytes]
) -> tuple[bytes, ...]:
    """Those of these letters of a file that the attempt did not hear before: this transaction is the one that tells
    them. Each is known by its bytes."""
    key = await database.key_of(HOUSE)
    spots = (place("hearings.letter", arrival_id.bytes, hashlib.sha256(letter).digest()) for letter in letters)
    digests = dict(zip(map(key.tag, spots), letters, strict=True))
    rows = await held.fetch(SQL["hear_once"], arrival_id, attempt_id, list(digests), database.now())
    new = {row["letter"] for row in rows}
    return tuple(letter for digest, letter in digests.items() if digest in new)


def _file_index(key: TenantKey, file: str) -> bytes:
    return key.index("arrivals.file", file.encode())


def _arrival(row: asyncpg.Record) -> Arrival:
    return Arrival(
        id=row["id"],
        connection=row["connection"],
        size=row["size"],
        at=row["at"],
        state=State(row["state"]),
        reason=row["reason"],
        findings=json.loads(row["findings"]),
        first_id=row["first_id"],
        tries=row["tries"],
    )
