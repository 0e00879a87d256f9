"""Webhook deliveries: one event on its way to one endpoint, and what became of it.

They are written with their events and due at once. Who takes one has it for a while; then it is due again by itself.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import asyncpg

from gateway.contract.destination import Mode
from gateway.store.cursors import BadCursor, read_cursor, write_cursor
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.events import DELIVERY_LEASE, Event, event_of
from gateway.store.queries import SQL
from gateway.store.rows import columns_of
from gateway.store.webhooks import Bearing, secret_place

_POSITION = struct.Struct(">q16s16s")  # microseconds since 1970, delivery, endpoint
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_ID = UUID(int=2**128 - 1)

UNREADABLE = "unreadable"
"""The error of a delivery that rests because it, its endpoint or its event cannot be read."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up; it can be sent again by hand."""


@dataclass(frozen=True)
class Outgoing:
    """All that sending needs. ``tries`` counts those before this one; ``secrets`` are those in force, newest first.

    Of its endpoint: when it was last changed, how it bore itself last (None: not known), and how many tries in a row
    it has left without an answer.
    """

    id: UUID
    endpoint_id: UUID
    tenant: str
    mode: Mode
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    tries: int
    event: Event
    as_of: datetime
    bearing: Bearing | None
    silences: int


@dataclass(frozen=True)
class Unreadable:
    """A delivery that cannot be sent, and the column that cannot be read."""

    delivery_id: UUID
    endpoint_id: UUID
    event_id: UUID
    where: str


@dataclass(frozen=True)
class Allowance:
    """How many deliveries may be claimed: ``limit`` in all, ``doubtful`` of them to endpoints not known to be good.

    To a good endpoint ``many`` may be under way at a time, to any other ``few``, and one to one that was silent; less
    those ``held`` already by who claims. An endpoint in ``slow`` is not good now, whatever it was.
    """

    limit: int
    doubtful: int
    many: int
    few: int
    held: Mapping[UUID, int] = field(default_factory=dict)
    slow: Collection[UUID] = ()


@dataclass(frozen=True)
class Delivery:
    """``error`` is our word for why the last try failed."""

    id: UUID
    event_id: UUID
    event_type: str
    case_id: UUID
    state: DeliveryState
    tries: int
    due_at: datetime | None
    error: str | None
    http_status: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class DeliveryPage:
    deliveries: tuple[Delivery, ...]
    next: str | None


@dataclass(frozen=True)
class Ended:
    """A try that ended: it arrived, or there was an ``error``; then the next is due at ``due_at``, or it is dead."""

    delivery_id: UUID
    due_at: datetime | None
    error: str | None
    http_status: int | None

    @property
    def state(self) -> DeliveryState:
        if self.error is None:
            return DeliveryState.DELIVERED
        return DeliveryState.PENDING if self.due_at else DeliveryState.DEAD


async def claim_due_deliveries(
    database: Database, allowance: Allowance, *, now: datetime | None = None
) -> list[Outgoing | Unreadable]:
    """Deliveries that are due, fairly from all endpoints; they are due again after DELIVERY_LEASE, unless what became
    of them is said before. One round trip, committed by itself. One that cannot be read keeps no other from going."""
    now = now or database.now()
    held = columns_of(((at, count, at in allowance.slow) for at, count in allowance.held.items()), 3)
    rows = await database.fetch(
        SQL["claim_due_deliveries"],
        allowance.limit,
        now,
        now + DELIVERY_LEASE,
        allowance.doubtful,
        allowance.many,
        allowance.few,
        *held,
    )
    return [await _read(database, row) for row in rows]


async def _read(database: Database, row: asyncpg.Record) -> Outgoing | Unreadable:
    where = "data_keys.wrapped"
    try:
        key = await database.key_of(row["tenant"])
        where = "webhook_endpoints.secret"
        at = secret_place(row["endpoint_id"])
        secrets = tuple(key.open(secret, at).decode() for secret in row["secrets"])
    except CannotOpen:
        return Unreadable(row["delivery_id"], row["endpoint_id"], row["id"], where)
    mode = Mode(row["mode"])
    return Outgoing(
        id=row["delivery_id"],
        endpoint_id=row["endpoint_id"],
        tenant=row["tenant"],
        mode=mode,
        url=row["url"],
        secrets=secrets,
        tries=row["tries"],
        event=event_of(key, mode, row),
        as_of=row["updated_at"],
        bearing=Bearing(row["bearing"]) if row["bearing"] else None,
        silences=row["silences"],
    )


async def put_off(database: Database, found: Sequence[Unreadable], until: datetime) -> None:
    """Let what cannot be read rest until then, for whoever can read it by then. That is no try."""
    held = [one.delivery_id for one in found]
    await database.fetch(SQL["put_off_deliveries"], held, until, UNREADABLE, database.now())


async def end_deliveries(database: Database, ended: Sequence[Ended]) -> None:
    """Write down what became of tries, all of them in one round trip. What has arrived stays so, whatever is said."""
    columns = columns_of(((end.delivery_id, end.state, end.due_at, end.error, end.http_status) for end in ended), 5)
    await database.fetch(SQL["end_deliveries"], *columns, database.now())


async def resend(
    database: Database, connection: asyncpg.Connection, tenant: str, mode: Mode, delivery_id: UUID
) -> UUID | None:
    """A new delivery of the same event to the same endpoint, due at once; None if there is no such delivery, or the
    endpoint is disabled."""
    now = database.now()
    row = await connection.fetchrow(SQL["resend"], delivery_id, tenant, mode, uuid4(), now)
    return None if row is None else row["id"]


async def resend_events(
    database: Database,
    tenant: str,
    mode: Mode,
    endpoint_id: UUID,
    *,
    case_id: UUID | None = None,
    event_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int,
) -> int:
    """New deliveries to an endpoint, due at once, of events it may have missed; how many. Everything given must hold.
    None are made for an endpoint that is disabled or not there."""
    now = database.now()
    rows = await database.fetch(
        SQL["resend_events"], endpoint_id, tenant, mode, case_id, event_id, since, until, now, limit
    )
    return len(rows)


async def list_deliveries(
    database: Database,
    tenant: str,
    mode: Mode,
    endpoint_id: UUID,
    *,
    state: DeliveryState | None = None,
    after: str | None = None,
    limit: int = 50,
) -> DeliveryPage:
    """An endpoint's deliveries, newest first. Raises BadCursor."""
    key = await database.key_of(tenant)
    moment, last = database.now() + timedelta(days=1), _LAST_ID
    if after is not None:
        position = read_cursor(key, "deliveries", mode, after)
        if len(position) != _POSITION.size or position[-16:] != endpoint_id.bytes:
            raise BadCursor("the cursor belongs to another list")
        microseconds, raw, _ = _POSITION.unpack(position)
        moment, last = _EPOCH + timedelta(microseconds=microseconds), UUID(bytes=raw)
    rows = await database.fetch(SQL["list_deliveries"], endpoint_id, tenant, mode, state, moment, last, limit + 1)
    found = tuple(_delivery(row) for row in rows[:limit])
    if len(rows) <= limit:
        return DeliveryPage(found, None)
    since = (found[-1].created_at - _EPOCH) // timedelta(microseconds=1)
    position = _POSITION.pack(since, found[-1].id.bytes, endpoint_id.bytes)
    return DeliveryPage(found, write_cursor(key, "deliveries", mode, position))


def _delivery(row: asyncpg.Record) -> Delivery:
    return Delivery(
        id=row["id"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        case_id=row["case_id"],
        state=DeliveryState(row["state"]),
        tries=row["tries"],
        due_at=row["due_at"],
        error=row["error"],
        http_status=row["http_status"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
