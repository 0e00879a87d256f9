"""Talks of peers: the words of a case's talks, from its journal, and when to look at each again.

Knows no move: the words are notes like others, sealed and in the journal's chain.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.model.talk import WORD, Word
from gateway.store.cases import DUE_LEASE
from gateway.store.database import Database
from gateway.store.journal import open_body
from gateway.store.queries import SQL
from gateway.store.records import Case, EntryKind, NewEntry

NOTE = "peer_to_peer"
"""Which notes they are."""


def note_of(word: Word, submission_id: UUID) -> NewEntry:
    """A word as the journal keeps it."""
    return NewEntry(EntryKind.NOTE, WORD.dump_json(word), submission_id, meta={"note": NOTE})


async def read_words(database: Database, connection: asyncpg.Connection, case: Case) -> tuple[Word, ...]:
    """All that was said of the case's talks, in order. Raises CannotOpen."""
    rows = await connection.fetch(SQL["get_notes"], case.id, EntryKind.NOTE, NOTE)
    if not rows:
        return ()
    key = await database.key_of(case.tenant)
    return tuple(WORD.validate_json(open_body(key, case.id, row)) for row in rows)


async def set_looks(
    connection: asyncpg.Connection, case_id: UUID, looks: Iterable[tuple[int, UUID, datetime | None]]
) -> None:
    """When to look at each of these talks again: its number, its submission, and when, or None for never."""
    for n, submission_id, at in looks:
        await connection.execute(SQL["set_talk_look"], case_id, n, submission_id, at)


async def claim_talks(
    database: Database, connection: asyncpg.Connection, limit: int, *, now: datetime | None = None
) -> list[tuple[UUID, UUID]]:
    """Talks that somebody has to look at, as (case, submission); put off as in ``claim_due``."""
    now = now or database.now()
    rows = await connection.fetch(SQL["claim_talks"], limit, now, now + DUE_LEASE)
    return [(row["request_id"], row["submission_id"]) for row in rows]
