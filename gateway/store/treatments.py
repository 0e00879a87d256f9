"""Events of patients' treatments: kept once each, sealed, and never changed; and who a patient is, as a keyed hash.

A patient is the member id of a request's first coverage with the patient's birth date, within a tenant. Knows nothing
of what an event comes to: advice is bytes that it keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg

from gateway.contract.destination import Mode
from gateway.model.request import PARequest
from gateway.store.acceptance import member_index
from gateway.store.database import Database
from gateway.store.queries import SQL
from gateway.store.sealing import INDEX_BYTES, TenantKey, place

PATIENT_BYTES = 2 * INDEX_BYTES


@dataclass(frozen=True)
class Whose:
    """A patient of a tenant, in one mode."""

    tenant: str
    mode: Mode
    patient: bytes


@dataclass(frozen=True)
class KeptTreatment:
    """``name`` and ``same`` are keyed hashes of the sender's id and of the whole event."""

    name: bytes
    same: bytes
    body: bytes = field(repr=False)
    advice: bytes = field(repr=False)


async def patient_of(database: Database, tenant: str, request: PARequest) -> bytes:
    """The patient of a request. The first half is by what stored requests are found, the second tells apart who shares
    a member id."""
    key = await database.key_of(tenant)
    found = member_index(key, request.coverages[0].member_id)
    return found + key.index("patient", found + request.patient.birth_date.isoformat().encode())


async def find_cases(database: Database, connection: asyncpg.Connection, whose: Whose) -> Sequence[UUID]:
    """Cases under the patient's member id, in the order they were taken: others may share it."""
    rows = await connection.fetch(SQL["find_member_cases"], whose.tenant, whose.mode, whose.patient[:INDEX_BYTES])
    return tuple(row["id"] for row in rows)


async def lock_patient(connection: asyncpg.Connection, whose: Whose) -> None:
    """Until the transaction ends nobody else keeps an event of this patient."""
    await connection.execute(SQL["lock_patient"], whose.patient)


async def load_treatments(
    database: Database, connection: asyncpg.Connection, whose: Whose
) -> tuple[KeptTreatment, ...]:
    """All that was told of the patient, in the order it was told."""
    key = await database.key_of(whose.tenant)
    rows = await connection.fetch(SQL["load_treatments"], whose.tenant, whose.mode, whose.patient)
    return tuple(
        KeptTreatment(
            name=row["event_index"],
            same=row["body_index"],
            body=key.open(row["body"], _place("body", row["id"])),
            advice=key.open(row["advice"], _place("advice", row["id"])),
        )
        for row in rows
    )


async def names_of(database: Database, tenant: str, event_id: str, body: bytes) -> tuple[bytes, bytes]:
    """The keyed hashes of an event's id and of the whole of it."""
    key = await database.key_of(tenant)
    return key.index("treatment.id", event_id.encode()), key.index("treatment.body", body)


async def keep_treatment(database: Database, connection: asyncpg.Connection, whose: Whose, kept: KeptTreatment) -> None:
    """Keep an event that is not there yet; ``lock_patient`` was called in this transaction."""
    key, row = await database.key_of(whose.tenant), uuid4()
    await connection.execute(
        SQL["keep_treatment"],
        row,
        whose.tenant,
        whose.mode,
        whose.patient,
        kept.name,
        kept.same,
        _seal(key, "body", row, kept.body),
        _seal(key, "advice", row, kept.advice),
        database.now(),
    )


def _seal(key: TenantKey, column: str, row: UUID, plain: bytes) -> bytes:
    return key.seal(plain, _place(column, row))


def _place(column: str, row: UUID) -> bytes:
    return place(f"treatments.{column}", row.bytes)
