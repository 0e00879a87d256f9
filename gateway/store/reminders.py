"""What authorizations are to be told of, from when on, each once. Holds no PHI: ids, a line, a day or a quantity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from typing import NamedTuple
from uuid import UUID

import asyncpg

from gateway.courses.reminder import Reminder
from gateway.store.cases import DUE_LEASE
from gateway.store.database import Database
from gateway.store.queries import SQL
from gateway.store.rows import columns_of


class Due(NamedTuple):
    """A reminder as stored."""

    line_id: str
    why: str
    of: str


async def set_reminders(connection: asyncpg.Connection, reminders: Iterable[Reminder]) -> None:
    """Those that are not set yet, and were not told."""
    rows = [
        (one.case_id, one.line_id, one.why, one.of, datetime.combine(one.on, time(), tzinfo=UTC)) for one in reminders
    ]
    if rows:
        await connection.execute(SQL["set_reminders"], *columns_of(rows, 5))


async def claim_reminders(database: Database, connection: asyncpg.Connection, limit: int) -> Sequence[UUID]:
    """Cases of which something is to be told, each once; put off until somebody has looked."""
    now = database.now()
    rows = await connection.fetch(SQL["claim_reminders"], limit, now, now + DUE_LEASE)
    return tuple(dict.fromkeys(row["request_id"] for row in rows))


async def list_reminders(database: Database, connection: asyncpg.Connection, case_id: UUID) -> Sequence[Due]:
    """What is to be told of a case now, claimed or not. The case is held."""
    rows = await connection.fetch(SQL["list_reminders"], case_id, database.now() + DUE_LEASE)
    return tuple(Due(row["line_id"], row["why"], row["of"]) for row in rows)


async def end_reminders(database: Database, connection: asyncpg.Connection, case_id: UUID) -> None:
    """They were looked at, in the transaction that tells of them. The case is held since they were listed."""
    await connection.execute(SQL["end_reminders"], case_id, database.now() + DUE_LEASE)
