"""The journal of a case: every byte said and heard, sealed, in a chain that shows any change.

An entry's digest is SHA-256 over the digest before it and every stored column, ciphertext included. The case keeps
the last digest and the count, and a keyed tag over both, so nobody without the key can cut an end off unseen. What
stands beside a body (kind, time, ids, meta) is bound into its seal, so that cannot be rewritten either, even with all
digests computed anew. The first entry says beside its body that the journal's end is sealed, so a journal from before
ends were sealed can be told from one that somebody took the tag away from.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from gateway.contract.destination import Mode
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.queries import SQL
from gateway.store.records import Case, Entry, EntryKind, NewEntry
from gateway.store.sealing import TenantKey, place

START = bytes(32)
"""What the first entry's digest stands on."""
_SEALED = {"end": "sealed"}
"""Stands in the first entry's meta. Journals from before revision 0003 began without it."""
_SAYINGS = (EntryKind.FRAME, EntryKind.REPLY, EntryKind.OUTCOME, EntryKind.NOTE)
_KINDS = {str(kind): kind for kind in EntryKind}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNSEALED = (
    "it may be missing, for the journal's end is not sealed (other than by a change, that happens only when a gateway "
    "of a version before revision 0003 still worked on the case)"
)


class Row(NamedTuple):
    """An entry as stored."""

    n: int
    kind: str
    submission_id: UUID | None
    attempt_id: UUID | None
    meta: str
    body: bytes
    digest: bytes


class End(NamedTuple):
    """What the case keeps of its journal's end. Without a tag, or with a wrong one, entries may be missing after it."""

    head: bytes
    entries: int
    tag: bytes | None


@dataclass(frozen=True)
class Changed:
    """An entry whose body does not open: it, or what is said beside it, was changed after it was written."""

    n: int


@dataclass(frozen=True)
class Verdict:
    """Whether a journal is whole. ``broken`` is the number of the first entry that is wrong or missing.

    ``sealed`` is False for a journal that was begun before ends were sealed: nothing in it was changed, but that
    nothing is missing after it cannot be proven.
    """

    whole: bool
    entries: int
    sealed: bool = True
    broken: int | None = None
    why: str | None = None


@dataclass(frozen=True)
class Journal:
    """The journal of a case as far as it opens, in order, and whether it is whole."""

    entries: tuple[Entry | Changed, ...]
    verdict: Verdict

    @property
    def intact(self) -> list[Entry]:
        """The entries that open."""
        return [entry for entry in self.entries if isinstance(entry, Entry)]


def begin(key: TenantKey, case_id: UUID, at: datetime, entry: NewEntry) -> tuple[Row, End]:
    """The first row of a journal, and its end."""
    entry = replace(entry, meta={**entry.meta, **_SEALED})
    [first] = chain(key, case_id, START, 0, at, [entry])
    return first, End(first.digest, 1, _tag(key, case_id, first.digest, 1))


def go_on(key: TenantKey, case_id: UUID, end: End, at: datetime, entries: Iterable[NewEntry]) -> tuple[list[Row], End]:
    """The rows that continue a journal of this end, and its end then. One that was not sealed stays so: a step of ours
    must not put our seal on what somebody else has left of a journal."""
    rows = chain(key, case_id, end.head, end.entries, at, entries)
    if not rows:
        return rows, end
    head, count = rows[-1].digest, rows[-1].n
    return rows, End(head, count, _tag(key, case_id, head, count) if is_sealed(key, case_id, end) else None)


def is_sealed(key: TenantKey, case_id: UUID, end: End) -> bool:
    """Whether we wrote this end."""
    return end.tag is not None and hmac.compare_digest(end.tag, _tag(key, case_id, end.head, end.entries))


def _tag(key: TenantKey, case_id: UUID, head: bytes, count: int) -> bytes:
    return key.tag(place("requests.journal_tag", case_id.bytes, count.to_bytes(4, "big"), head))


def chain(
    key: TenantKey, case_id: UUID, head: bytes, count: int, at: datetime, entries: Iterable[NewEntry]
) -> list[Row]:
    """The rows that continue a journal of this head and count."""
    rows: list[Row] = []
    for n, entry in enumerate(entries, start=count + 1):
        meta = json.dumps(dict(entry.meta), separators=(",", ":"))
        beside = _encode(case_id, n, entry.kind, at, entry.submission_id, entry.attempt_id, meta)
        body = key.seal(entry.body, beside)
        head = hashlib.sha256(b"".join((head, beside, body))).digest()
        rows.append(Row(n, entry.kind, entry.submission_id, entry.attempt_id, meta, body, head))
    return rows


def open_body(key: TenantKey, case_id: UUID, row: Mapping[str, Any]) -> bytes:
    """The body of a stored entry. Raises CannotOpen."""
    return key.open(row["body"], encode_row(case_id, row))


async def read_entries(database: Database, tenant: str, mode: Mode, case_id: UUID) -> tuple[Entry | Changed, ...]:
    """The journal of a case, opened; empty for a case that this tenant does not have in this mode."""
    rows = await database.fetch(SQL["read_journal"], case_id, tenant, mode)
    if not rows:
        return ()
    key = await database.key_of(tenant)
    return tuple(_read(key, case_id, row) for row in rows)


async def read_entry(database: Database, tenant: str, mode: Mode, case_id: UUID, n: int) -> Entry | None:
    """One entry, opened; None where this tenant has no such case in this mode, or the case no such entry. Raises
    CannotOpen for one that was changed."""
    row = await database.fetchrow(SQL["read_journal_entry"], case_id, tenant, mode, n)
    return None if row is None else _entry(await database.key_of(tenant), case_id, row)


async def read_sayings(
    database: Database, connection: asyncpg.Connection, case: Case, attempt_id: UUID
) -> tuple[Entry, ...]:
    """What was kept of an attempt's sendings, in order. Raises CannotOpen."""
    key = await database.key_of(case.tenant)
    rows = await connection.fetch(SQL["get_sayings"], case.id, attempt_id, _SAYINGS)
    return tuple(_entry(key, case.id, row) for row in rows)


async def read_journal(database: Database, connection: asyncpg.Connection, case_id: UUID) -> Journal | None:
    """Open and check the whole journal of a case, whoever's it is; None if there is no such case."""
    rows = await connection.fetch(SQL["read_journal_with_head"], case_id)
    if not rows:
        return None
    case = rows[0]
    key = await database.key_of(case["tenant"])
    entries = [row for row in rows if row["n"] is not None]
    opened = tuple(_read(key, case_id, row) for row in entries)
    end = End(case["journal_head"], case["journal_count"], case["journal_tag"])
    return Journal(opened, _judge(case_id, entries, opened, end, proven=is_sealed(key, case_id, end)))


async def verify(database: Database, case_id: UUID) -> Verdict | None:
    """Check the whole journal of a case; None if there is no such case."""
    async with database.connection() as connection:
        journal = await read_journal(database, connection, case_id)
    return None if journal is None else journal.verdict


def _judge(
    case_id: UUID, rows: Sequence[asyncpg.Record], opened: Sequence[Entry | Changed], end: End, *, proven: bool
) -> Verdict:
    head = START
    for expected, (row, entry) in enumerate(zip(rows, opened, strict=True), start=1):
        if row["n"] != expected:
            return Verdict(False, len(rows), broken=expected, why="the entry is missing")
        head = hashlib.sha256(b"".join((head, encode_row(case_id, row), row["body"]))).digest()
        if head != row["digest"]:
            return Verdict(False, len(rows), broken=expected, why="the digest does not match")
        if isinstance(entry, Changed):
            return Verdict(False, len(rows), broken=expected, why="the body does not open")
    if len(rows) < end.entries:
        return Verdict(False, len(rows), broken=len(rows) + 1, why="the entry is missing")
    if len(rows) > end.entries:
        return Verdict(False, len(rows), broken=end.entries + 1, why="the case does not know the entry")
    if head != end.head:
        return Verdict(False, len(rows), broken=len(rows), why="the case holds another digest")
    if proven:
        return Verdict(True, len(rows))
    if end.tag is None and not begun_sealed(opened):
        return Verdict(True, len(rows), sealed=False)
    return Verdict(False, len(rows), broken=len(rows) + 1, why=_UNSEALED)


def begun_sealed(entries: Sequence[Entry | Changed]) -> bool:
    """Whether a journal's end was sealed from its beginning, by its first entry's own word, which nobody can change."""
    first = entries[0] if entries else None
    return isinstance(first, Entry) and _SEALED.items() <= first.meta.items()


def _read(key: TenantKey, case_id: UUID, row: asyncpg.Record) -> Entry | Changed:
    try:
        return _entry(key, case_id, row)
    except CannotOpen:
        return Changed(row["n"])


def _entry(key: TenantKey, case_id: UUID, row: asyncpg.Record) -> Entry:
    body = open_body(key, case_id, row)  # first: its seal vouches for all the rest
    return Entry(
        n=row["n"],
        kind=_KINDS.get(row["kind"], row["kind"]),
        at=row["at"],
        attempt_id=row["attempt_id"],
        submission_id=row["submission_id"],
        meta=json.loads(row["meta"]),
        body=body,
        digest=row["digest"],
    )


def encode_row(case_id: UUID, row: Mapping[str, Any]) -> bytes:
    """What a row's digest and seal cover beside its body."""
    return _encode(case_id, row["n"], row["kind"], row["at"], row["submission_id"], row["attempt_id"], row["meta"])


def _encode(
    case_id: UUID,
    n: int,
    kind: str,
    at: datetime,
    submission_id: UUID | None,
    attempt_id: UUID | None,
    meta: str,
) -> bytes:
    """Every column but body and digest, so that no two rows share an encoding."""
    moment = (at - _EPOCH) // _MICROSECOND
    return place(
        "journal.body",
        case_id.bytes,
        n.to_bytes(4, "big"),
        kind.encode(),
        moment.to_bytes(8, "big", signed=True),
        submission_id.bytes if submission_id else b"",
        attempt_id.bytes if attempt_id else b"",
        meta.encode(),
    )
