"""The journal of a case: every byte said and heard, sealed, in a chain that shows any change.

An entry's digest is SHA-256 over the digest before it and every stored column, ciphertext included; the case keeps
the last digest and the count, so a missing end shows too. What stands beside a body (kind, time, ids, meta) is bound
into its seal, so nobody without the key can rewrite that either, even with all digests computed anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from gateway.contract.destination import Mode
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.queries import SQL
from gateway.store.records import Entry, EntryKind, NewEntry
from gateway.store.sealing import TenantKey, place

START = bytes(32)
"""What the first entry's digest stands on."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Row(NamedTuple):
    """An entry as stored."""

    n: int
    kind: str
    submission_id: UUID | None
    attempt_id: UUID | None
    meta: str
    body: bytes
    digest: bytes


@dataclass(frozen=True)
class Verdict:
    """Whether a journal is whole. ``broken`` is the number of the first entry that is wrong or missing."""

    whole: bool
    entries: int
    broken: int | None = None
    why: str | None = None


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


async def read_entries(database: Database, tenant: str, mode: Mode, case_id: UUID) -> tuple[Entry, ...]:
    """The whole journal of a case, opened; empty for a case that this tenant does not have in this mode."""
    rows = await database.fetch(SQL["read_journal"], case_id, tenant, mode)
    if not rows:
        return ()
    key = await database.key_of(tenant)
    return tuple(_entry(key, case_id, row) for row in rows)


async def read_entry(database: Database, tenant: str, mode: Mode, case_id: UUID, n: int) -> Entry | None:
    """One entry, opened; None where this tenant has no such case in this mode, or the case no such entry."""
    row = await database.fetchrow(SQL["read_journal_entry"], case_id, tenant, mode, n)
    return None if row is None else _entry(await database.key_of(tenant), case_id, row)


async def verify(database: Database, case_id: UUID) -> Verdict | None:
    """Check the whole journal of a case; None if there is no such case."""
    rows = await database.fetch(SQL["read_journal_with_head"], case_id)
    if not rows:
        return None
    key = await database.key_of(rows[0]["tenant"])
    return _judge(key, case_id, [row for row in rows if row["n"] is not None], rows[0])


def _judge(key: TenantKey, case_id: UUID, rows: Sequence[asyncpg.Record], case: asyncpg.Record) -> Verdict:
    head = START
    for expected, row in enumerate(rows, start=1):
        if row["n"] != expected:
            return Verdict(False, len(rows), expected, "the entry is missing")
        beside = encode_row(case_id, row)
        head = hashlib.sha256(b"".join((head, beside, row["body"]))).digest()
        if head != row["digest"]:
            return Verdict(False, len(rows), expected, "the digest does not match")
        try:
            key.open(row["body"], beside)
        except CannotOpen:
            return Verdict(False, len(rows), expected, "the body does not open")
    if len(rows) < case["journal_count"]:
        return Verdict(False, len(rows), len(rows) + 1, "the entry is missing")
    if len(rows) > case["journal_count"]:
        return Verdict(False, len(rows), case["journal_count"] + 1, "the case does not know the entry")
    if head != case["journal_head"]:
        return Verdict(False, len(rows), len(rows), "the case holds another digest")
    return Verdict(True, len(rows))


def _entry(key: TenantKey, case_id: UUID, row: asyncpg.Record) -> Entry:
    return Entry(
        n=row["n"],
        kind=EntryKind(row["kind"]),
        at=row["at"],
        attempt_id=row["attempt_id"],
        submission_id=row["submission_id"],
        meta=json.loads(row["meta"]),
        body=open_body(key, case_id, row),
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
