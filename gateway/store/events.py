"""The event feed: what happened to a tenant's cases, in an order that never grows in the middle.

Events are written with the step they belong to (acceptance.py, cases.py). A reader sees those of transactions older
than any that still runs, so what it has read up to a cursor is complete for ever.
"""

from __future__ import annotations

import json
import struct
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from gateway.contract.destination import Mode
from gateway.store.cursors import BadCursor, read_cursor, write_cursor
from gateway.store.database import Database
from gateway.store.queries import SQL
from gateway.store.sealing import TenantKey

DELIVERY_LEASE = timedelta(minutes=2)
"""How long after a webhook delivery was taken it is due again, if nobody has said what became of it."""
_POSITION = struct.Struct(">qq")
_LIST = "events"
_CASES_AT_ONCE = 1000


@dataclass(frozen=True)
class Event:
    """``cursor`` is the place after this event in the feed, ``sequence`` its place among its case's events, from 1."""

    id: UUID
    type: str
    case_id: UUID
    at: datetime
    data: Mapping[str, Any]
    sequence: int
    cursor: str


@dataclass(frozen=True)
class EventPage:
    """``cursor`` is where to go on: after the last event, or where it was if there is none."""

    events: tuple[Event, ...]
    cursor: str | None


async def read_events(
    database: Database,
    tenant: str,
    mode: Mode,
    *,
    after: str | None = None,
    types: Collection[str] | None = None,
    limit: int = 100,
) -> EventPage:
    """The next events after a cursor, from the first one without. Raises BadCursor."""
    key = await database.key_of(tenant)
    tx, n = (0, 0) if after is None else _read(key, mode, after)
    wanted = None if types is None else list(types)
    rows = await database.fetch(SQL["read_events"], tenant, mode, tx, n, wanted, limit)
    events = tuple(event_of(key, mode, row) for row in rows)
    return EventPage(events, events[-1].cursor if events else after)


async def read_case_events(database: Database, tenant: str, mode: Mode, case_id: UUID) -> tuple[Event, ...]:
    """All events of a case, in order; none for a case that this tenant does not have in this mode."""
    key = await database.key_of(tenant)
    rows = await database.fetch(SQL["read_case_events"], case_id, tenant, mode)
    return tuple(event_of(key, mode, row) for row in rows)


async def latest_events(database: Database, tenant: str, mode: Mode) -> AsyncIterator[Event]:
    """The last event of each of the tenant's cases, in the order of the cases' ids."""
    key = await database.key_of(tenant)
    after: UUID | None = None
    while rows := await database.fetch(SQL["latest_events"], tenant, mode, after, _CASES_AT_ONCE):
        for row in rows:
            yield event_of(key, mode, row)
        after = rows[-1]["case_id"]


def event_of(key: TenantKey, mode: Mode, row: asyncpg.Record) -> Event:
    """An event from its columns."""
    return Event(
        id=row["id"],
        type=row["type"],
        case_id=row["case_id"],
        at=row["at"],
        data=json.loads(row["data"]),
        sequence=row["sequence"],
        cursor=write_cursor(key, _LIST, mode, _POSITION.pack(row["tx"], row["n"])),
    )


def _read(key: TenantKey, mode: Mode, cursor: str) -> tuple[int, int]:
    position = read_cursor(key, _LIST, mode, cursor)
    if len(position) != _POSITION.size:
        raise BadCursor("the cursor is not one of this list")
    tx, n = _POSITION.unpack(position)
    return tx, n
