"""The list of a tenant's cases: newest first, filtered, page by page.

Knows what is in the clear in ``requests``, the blind indexes, and the caller's sealed reference; opens no request. A
case whose row somebody changed is listed with what can be read of it, so that it takes no other case off the list.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from gateway.contract.destination import Mode
from gateway.model.status import SETTLED, Attention, CaseStatus
from gateway.store.acceptance import member_index, reference_index, reference_place
from gateway.store.cursors import BadCursor, read_cursor, write_cursor
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.queries import SQL
from gateway.store.sealing import TenantKey

_POSITION = struct.Struct(">q16s16s")  # microseconds since 1970, case id, digest of the filters
_Read = TypeVar("_Read")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class CaseFilters:
    """What a list is narrowed to; None narrows nothing."""

    status: CaseStatus | None = None
    payer: str | None = None
    attention: Attention | None = None
    reference: str | None = field(default=None, repr=False)
    member_id: str | None = field(default=None, repr=False)
    updated_after: datetime | None = None


@dataclass(frozen=True)
class CaseSummary:
    """``changed`` are the columns that cannot be read, and are None."""

    id: UUID
    reference: str | None = field(repr=False)
    payer: str
    status: CaseStatus | None
    attention: Attention | None
    attention_why: str | None
    created_at: datetime
    updated_at: datetime
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class CasePage:
    """``next`` is the cursor of the next page, None on the last."""

    cases: tuple[CaseSummary, ...]
    next: str | None


async def find_open_cases(database: Database) -> tuple[UUID, ...]:
    """Every case that is not settled, of all tenants and modes, in the order of their ids."""
    rows = await database.fetch(SQL["find_open_cases"], [str(status) for status in SETTLED])
    return tuple(row["id"] for row in rows)


async def list_cases(
    database: Database,
    tenant: str,
    mode: Mode,
    filters: CaseFilters = CaseFilters(),
    *,
    after: str | None = None,
    limit: int = 50,
) -> CasePage:
    """A page of the tenant's cases. Raises BadCursor, also for a cursor made with other filters."""
    key = await database.key_of(tenant)
    clauses: list[str] = []
    arguments: list[object] = [tenant, mode]

    def narrow(clause: str, *values: object) -> None:
        places = [f"${len(arguments) + place}" for place in range(1, len(values) + 1)]
        clauses.append(clause.format(*places))
        arguments.extend(values)

    if filters.status is not None:
        narrow("status = {}", filters.status)
    if filters.payer is not None:
        narrow("payer = {}", filters.payer)
    if filters.attention is not None:
        narrow("attention = {}", filters.attention)
    if filters.reference is not None:
        narrow("reference_index = {}", reference_index(key, filters.reference))
    if filters.member_id is not None:
        narrow("member_index = {}", member_index(key, filters.member_id))
    if filters.updated_after is not None:
        narrow("updated_at > {}", filters.updated_after)
    digest = hashlib.sha256(repr((clauses, arguments)).encode()).digest()[:16]
    if after is not None:
        narrow("(created_at, id) < ({}, {})", *_read(key, mode, after, digest))
    arguments.append(limit + 1)
    statement = " AND ".join([SQL["list_cases"], *clauses])  # the clauses above and nothing else
    statement += f" ORDER BY created_at DESC, id DESC LIMIT ${len(arguments)}"
    rows = await database.fetch(statement, *arguments)
    cases = tuple(_summary(key, row) for row in rows[:limit])
    return CasePage(cases, _cursor(key, mode, cases[-1], digest) if len(rows) > limit else None)


def _summary(key: TenantKey, row: asyncpg.Record) -> CaseSummary:
    changed: list[str] = []

    def read(column: str, reader: Callable[[Any], _Read]) -> _Read | None:
        try:
            return reader(row[column])
        except (CannotOpen, ValueError):
            changed.append(column)
            return None

    return CaseSummary(
        id=row["id"],
        reference=read("reference", lambda sealed: key.open(sealed, reference_place(row["id"])).decode()),
        payer=row["payer"],
        status=read("status", CaseStatus),
        attention=read("attention", Attention),
        attention_why=row["attention_why"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        changed=tuple(changed),
    )


def _cursor(key: TenantKey, mode: Mode, last: CaseSummary, digest: bytes) -> str:
    moment = (last.created_at - _EPOCH) // timedelta(microseconds=1)
    return write_cursor(key, "cases", mode, _POSITION.pack(moment, last.id.bytes, digest))


def _read(key: TenantKey, mode: Mode, cursor: str, digest: bytes) -> tuple[datetime, UUID]:
    position = read_cursor(key, "cases", mode, cursor)
    if len(position) != _POSITION.size or position[-16:] != digest:
        raise BadCursor("the cursor belongs to a list with other filters")
    moment, case_id, _ = _POSITION.unpack(position)
    return _EPOCH + timedelta(microseconds=moment), UUID(bytes=case_id)
