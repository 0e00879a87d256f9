"""Accepting a request: one statement that writes the whole case, at most once per idempotency key.

Other acts on a case may be guarded by such a key too (`claim`). Knows tables and seals; what the answer to the caller
looks like is given, and kept for replays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg

from gateway.contract.destination import Mode
from gateway.model.request import PARequest
from gateway.model.status import Attention, CaseStatus, LineOutcome
from gateway.store.database import Database
from gateway.store.errors import StoreError
from gateway.store.journal import begin
from gateway.store.keys import Key
from gateway.store.preflights import NewPreflight, seal_report
from gateway.store.queries import SQL
from gateway.store.records import Case, EntryKind, NewEntry
from gateway.store.rows import columns_of
from gateway.store.sealing import TenantKey, place

QUEUED = "case.queued"


@dataclass(frozen=True)
class NewRequest:
    """A request to accept. ``id`` is the case's, drawn by the caller because ``response`` names it.

    ``written`` are the bytes its sender wrote, JSON: so the journal keeps them, and from them it is read again.
    ``body_digest`` says whether a second request under the same key is the same; ``response`` is what it is
    answered then. ``preflight`` is how it stands against its payer's policy.
    """

    id: UUID
    tenant: str
    mode: Mode
    request: PARequest
    written: bytes = field(repr=False)
    idempotency_key: str | None = field(repr=False)
    body_digest: bytes
    response: bytes = field(repr=False)
    preflight: NewPreflight | None = None


@dataclass(frozen=True)
class Accepted:
    """Written in the caller's transaction; ``delivery_ids`` are the webhook deliveries to enqueue with it."""

    case_id: UUID
    delivery_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Replayed:
    """The same key and body were accepted before, as this case, with this answer."""

    case_id: UUID
    response: bytes = field(repr=False)


@dataclass(frozen=True)
class Mismatch:
    """The key was used before, for another body."""

    case_id: UUID


@dataclass(frozen=True)
class InFlight:
    """A request with this key is being accepted by another transaction just now."""


Acceptance = Accepted | Replayed | Mismatch | InFlight


async def accept(database: Database, connection: asyncpg.Connection, new: NewRequest) -> Acceptance:
    """Write a case with its request, lines, first journal entry and first event.

    Anything but Accepted has written nothing.
    """
    [taken] = await accept_all(database, connection, [new])
    return taken


async def accept_all(
    database: Database, connection: asyncpg.Connection, requests: Sequence[NewRequest]
) -> list[Acceptance]:
    """Accept any number of requests in one round trip, each for itself. What became of them, in their order."""
    now = database.now()
    keys = [await database.key_of(new.tenant) for new in requests]
    guards = [
        _guard(key, new.mode, new.id, new.idempotency_key, new.body_digest, new.response)
        for key, new in zip(keys, requests, strict=True)
    ]
    columns = columns_of(map(_columns, keys, requests, guards, repeat(now)), 17)
    preflights = columns_of(map(_preflight, keys, requests), 3)
    rows = await connection.fetch(
        SQL["accept"],
        now,
        *columns,
        *columns_of((line for new in requests for line in _lines(new)), 6),
        CaseStatus.QUEUED,
        Attention.GATEWAY,
        LineOutcome.PENDING,
        QUEUED,
        *preflights,
    )
    answers = {row["id"]: row for row in rows}
    taken: list[Acceptance] = []
    for key, new, guard in zip(keys, requests, guards, strict=True):
        answer = answers[new.id]
        if answer["accepted"]:
            database.requests.put(new.id, new.request, len(new.written))  # a worker of this process will want it
            taken.append(Accepted(new.id, tuple(answer["delivery_ids"])))
        else:
            taken.append(await _repeat(connection, key, guard) if answer["held"] else InFlight())
    return taken


def _columns(key: TenantKey, new: NewRequest, guard: _Guard, now: datetime) -> tuple[object, ...]:
    """A request's part of ``accept``'s arrays."""
    request, coverage = new.request, new.request.coverages[0]
    first, end = begin(key, new.id, now, NewEntry(EntryKind.REQUEST, new.written, meta={"mode": new.mode}))
    return (
        new.id,
        new.tenant,
        new.mode,
        coverage.payer,
        key.seal(request.reference.encode(), reference_place(new.id)),
        reference_index(key, request.reference),
        member_index(key, coverage.member_id),
        *guard,
        first.kind,
        first.meta,
        first.body,
        end.head,
        end.tag,
        uuid4(),
    )


def _preflight(key: TenantKey, new: NewRequest) -> tuple[object, ...]:
    """What the first event tells, and how the request stands against its payer's policy."""
    told: dict[str, object] = {"status": CaseStatus.QUEUED, "attention": Attention.GATEWAY}
    if new.preflight is None:
        return json.dumps(told), None, None
    if new.preflight.failing:
        told["preflight"] = new.preflight.failing
    return json.dumps(told), new.preflight.setting, seal_report(key, new.id, new.preflight)


def _lines(new: NewRequest) -> Iterator[tuple[object, ...]]:
    for number, line in enumerate(new.request.lines, start=1):
        yield new.id, line.id, number, line.role, line.code.system, line.code.code


async def claim(
    database: Database,
    connection: asyncpg.Connection,
    case: Case,
    idempotency_key: str | None,
    body_digest: bytes,
    response: bytes,
) -> Acceptance:
    """Claim a key for an act on a case; with Accepted the act goes ahead, and stands or falls with this transaction.

    ``body_digest`` must differ for different acts. The same key for another case is a mismatch.
    """
    if idempotency_key is None:
        return Accepted(case.id, ())
    key = await database.key_of(case.tenant)
    guard = _guard(key, case.mode, case.id, idempotency_key, case.id.bytes + body_digest, response)
    row = await connection.fetchrow(
        SQL["claim"], guard.key_index, case.id, guard.body_index, guard.response, database.now(), guard.lock
    )
    if row["accepted"]:
        return Accepted(case.id, ())
    return await _repeat(connection, key, guard) if row["held"] else InFlight()


async def reword(
    database: Database, connection: asyncpg.Connection, case: Case, idempotency_key: str | None, response: bytes
) -> None:
    """Keep another answer for the key of an act that was claimed in this transaction."""
    if idempotency_key is None:
        return
    key = await database.key_of(case.tenant)
    key_index = _key_index(key, case.mode, idempotency_key)
    await connection.execute(SQL["reword"], key_index, key.seal(response, _response_place(key_index)))


async def find_earlier(
    database: Database, caller: Key, idempotency_key: str, body_digest: bytes, case_id: UUID | None
) -> Replayed | None:
    """What the key's first request was answered, if this is the same again. ``case_id`` is that of an act on a case.

    For a request that would be refused now: what was taken once is taken, whatever has changed since.
    """
    key = await database.key_of(caller.tenant)
    digest = body_digest if case_id is None else case_id.bytes + body_digest
    key_index = _key_index(key, caller.mode, idempotency_key)
    async with database.connection() as connection:
        earlier = await connection.fetchrow(SQL["get_idempotency"], key_index)
    same = earlier is not None and earlier["body_index"] == _body_index(key, digest)
    return _replayed(key, key_index, earlier) if same else None


async def _repeat(connection: asyncpg.Connection, key: TenantKey, guard: _Guard) -> Replayed | Mismatch:
    if guard.key_index is None:
        raise StoreError("a request without idempotency key was refused")
    # A statement of its own, because the claim may have met a row newer than the first statement's snapshot.
    earlier = await connection.fetchrow(SQL["get_idempotency"], guard.key_index)
    if earlier["body_index"] != guard.body_index:
        return Mismatch(earlier["case_id"])
    return _replayed(key, guard.key_index, earlier)


def _replayed(key: TenantKey, key_index: bytes, earlier: asyncpg.Record) -> Replayed:
    return Replayed(earlier["case_id"], key.open(earlier["response"], _response_place(key_index)))


class _Guard(NamedTuple):
    """An idempotency key and what it guards, as stored: hashed under the tenant's key, apart for test and live."""

    key_index: bytes | None = None
    lock: int | None = None
    body_index: bytes | None = None
    response: bytes | None = None


def _guard(
    key: TenantKey, mode: Mode, case_id: UUID, idempotency_key: str | None, body_digest: bytes, response: bytes
) -> _Guard:
    if idempotency_key is None:
        return _Guard()
    key_index = _key_index(key, mode, idempotency_key)
    return _Guard(
        key_index,
        int.from_bytes(key_index[:8], "big", signed=True),
        _body_index(key, body_digest),
        key.seal(response, _response_place(key_index)),
    )


def _key_index(key: TenantKey, mode: Mode, idempotency_key: str) -> bytes:
    return key.index(f"idempotency.key {mode}", idempotency_key.encode())


def _body_index(key: TenantKey, body_digest: bytes) -> bytes:
    return key.index("idempotency.body", body_digest)


def reference_place(case_id: UUID) -> bytes:
    """Where a caller's reference is sealed to."""
    return place("requests.reference", case_id.bytes)


def reference_index(key: TenantKey, reference: str) -> bytes:
    """The blind index of a caller's reference: as it was sent, less surrounding blanks."""
    return key.index("reference", reference.strip().encode())


def member_index(key: TenantKey, member_id: str) -> bytes:
    """The blind index of a member id: letters and digits only, in capitals, as people retype them from cards."""
    return key.index("member_id", "".join(filter(str.isalnum, member_id)).upper().encode())


def _response_place(key_index: bytes) -> bytes:
    return place("idempotency.response", key_index)
