"""Webhook endpoints: where a tenant wants its events, which of them, and the secrets that sign them (sealed).

Knows neither signatures nor HTTP. What is sent to an endpoint is in deliveries.py.

Lock order, so that nothing deadlocks: the endpoint's row first, then its deliveries in the order of their ids. Who
claims deliveries takes only rows nobody holds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import asyncpg

from gateway.contract.destination import Mode
from gateway.store.database import Database
from gateway.store.queries import SQL
from gateway.store.rows import columns_of
from gateway.store.sealing import place

EVERY_TYPE = "*"
MOST_OLD_SECRETS = 4
"""That sign beside the one in force: a header of so many signatures is still a header."""


@dataclass(frozen=True)
class Endpoint:
    """``event_types`` are exact types, or ``*`` for all. ``disabled_why`` is None while it is enabled."""

    id: UUID
    tenant: str
    mode: Mode
    url: str
    event_types: tuple[str, ...]
    disabled_why: str | None
    created_at: datetime
    updated_at: datetime


class Bearing(StrEnum):
    """How an endpoint took what it was sent last."""

    GOOD = "good"
    POOR = "poor"
    """It answered late, or something else than yes."""
    SILENT = "silent"


@dataclass(frozen=True)
class Seen:
    """How an endpoint bore itself, as it was ``as_of`` its last change. ``silences`` counts tries in a row without an
    answer; until ``rests_until`` nothing is to be sent to it."""

    endpoint_id: UUID
    as_of: datetime
    bearing: Bearing
    silences: int = 0
    rests_until: datetime | None = None


async def add_endpoint(
    database: Database, tenant: str, mode: Mode, url: str, event_types: Collection[str], secret: str
) -> Endpoint:
    """A new endpoint, enabled. The secret is not given out again."""
    key = await database.key_of(tenant)
    endpoint_id = uuid4()
    sealed = key.seal(secret.encode(), secret_place(endpoint_id))
    now = database.now()
    rows = await database.fetch(SQL["add_endpoint"], endpoint_id, tenant, mode, url, list(event_types), sealed, now)
    return _endpoint(rows[0])


async def list_endpoints(database: Database, tenant: str, mode: Mode) -> tuple[Endpoint, ...]:
    """The tenant's endpoints of this mode, oldest first."""
    return tuple(_endpoint(row) for row in await database.fetch(SQL["list_endpoints"], tenant, mode))


async def get_endpoint(database: Database, tenant: str, mode: Mode, endpoint_id: UUID) -> Endpoint | None:
    row = await database.fetchrow(SQL["get_endpoint"], endpoint_id, tenant, mode)
    return None if row is None else _endpoint(row)


async def change_endpoint(
    database: Database,
    tenant: str,
    mode: Mode,
    endpoint_id: UUID,
    *,
    url: str | None = None,
    event_types: Collection[str] | None = None,
    enabled: bool | None = None,
) -> Endpoint | None:
    """Change what is given; None if there is no such endpoint.

    While it is disabled, what was to be sent waits, and new events are not meant for it.
    """
    types = None if event_types is None else list(event_types)
    now = database.now()
    row = await database.fetchrow(SQL["change_endpoint"], endpoint_id, tenant, mode, url, types, enabled, now)
    return None if row is None else _endpoint(row)


async def replace_secret(
    database: Database, tenant: str, mode: Mode, endpoint_id: UUID, secret: str, old_until: datetime
) -> Endpoint | None:
    """Sign with a new secret from now on; the one before signs as well until ``old_until``, and so do those before it
    until the time they were given. When that is not in the future none of them does."""
    key = await database.key_of(tenant)
    sealed = key.seal(secret.encode(), secret_place(endpoint_id))
    of = (endpoint_id, tenant, mode)
    row = await database.fetchrow(SQL["replace_secret"], *of, sealed, old_until, database.now(), MOST_OLD_SECRETS)
    return None if row is None else _endpoint(row)


async def remove_endpoint(database: Database, tenant: str, mode: Mode, endpoint_id: UUID) -> bool:
    """Remove an endpoint and its deliveries; False if there is none."""
    async with database.transaction() as connection:
        if await connection.fetchrow(SQL["lock_endpoint"], endpoint_id, tenant, mode) is None:
            return False
        await connection.execute(SQL["remove_deliveries"], endpoint_id)
        await connection.execute(SQL["remove_endpoint"], endpoint_id)
    return True


async def disable_endpoint(database: Database, endpoint_id: UUID, why: str, as_of: datetime) -> int | None:
    """The gateway itself gives the endpoint up (it answered 410); what was still to be sent to it is dead, and how many
    that are is told. None, and nothing is done, when it was changed since ``as_of``: moved, say, and it was the old
    address that answered."""
    row = await database.fetchrow(SQL["disable_endpoint"], endpoint_id, why, database.now(), as_of)
    return None if row is None else row["dead"]


async def note_bearings(database: Database, seen: Collection[Seen]) -> None:
    """Write down how endpoints bore themselves, each at most once; nothing of those that were changed meanwhile. Of
    silences, later tries count: those that began together are one."""
    rows = ((of.endpoint_id, of.as_of, of.bearing, of.silences, of.rests_until) for of in seen)
    await database.fetch(SQL["note_bearings"], *columns_of(rows, 5))


async def find_late_endpoints(database: Database, since: datetime) -> frozenset[UUID]:
    """Endpoints that are not known for failing and still have had something due since then."""
    return frozenset(row["id"] for row in await database.fetch(SQL["find_late_endpoints"], since))


def secret_place(endpoint_id: UUID) -> bytes:
    """Where an endpoint's secrets are sealed to, old and new alike, so that the one can become the other."""
    return place("webhook_endpoints.secret", endpoint_id.bytes)


def _endpoint(row: asyncpg.Record) -> Endpoint:
    return Endpoint(
        id=row["id"],
        tenant=row["tenant"],
        mode=Mode(row["mode"]),
        url=row["url"],
        event_types=tuple(row["event_types"]),
        disabled_why=row["disabled_why"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
