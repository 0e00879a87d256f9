"""Cases: loading one, writing a step of its walk, claiming those whose timer rings.

Lock order, so that nothing deadlocks: the row in ``requests`` first, then everything else of the case. ``claim_due``
takes only rows nobody holds.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from gateway.contract.destination import Mode
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
from gateway.model.standing import Heard
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.database import Database
from gateway.store.errors import StoreError
from gateway.store.events import DELIVERY_LEASE
from gateway.store.journal import chain, open_body
from gateway.store.queries import SQL
from gateway.store.records import Attempt, Case, DeliveryMove, Due, EntryKind, Stale, Step, Verb, Written
from gateway.store.rows import (
    attempt_columns,
    changed_attempt_columns,
    columns_of,
    entry_fields,
    open_standing,
    seal_standing,
    submission_columns,
    submissions_of,
)
from gateway.store.sealing import TenantKey

DUE_LEASE = timedelta(minutes=2)
"""How long after a timer rang it rings again, if what was started for it has not set it anew."""

_ENDS = frozenset({Delivery.REFUSED, Delivery.LOST, Delivery.RECONCILED, Delivery.APP_ACKED})
_LOCK_CASE = SQL["load_case"] + "\nFOR NO KEY UPDATE OF r"


async def load_case(
    database: Database,
    connection: asyncpg.Connection,
    case_id: UUID,
    *,
    tenant: str | None = None,
    mode: Mode | None = None,
    lock: bool = False,
) -> Case | None:
    """A case with its submissions and attempts, in one round trip; None if it is not there, or not this tenant's or
    of this mode. ``lock`` holds its row until the transaction ends; ``write`` needs that."""
    known = database.requests.get(case_id)
    statement = _LOCK_CASE if lock else SQL["load_case"]
    row = await connection.fetchrow(statement, case_id, tenant, mode, known is None)
    if row is not None and not row["settled"]:
        row = await connection.fetchrow(statement, case_id, tenant, mode, known is None)
    if row is None:
        return None
    key = await database.key_of(row["tenant"])
    if known is None:
        body = open_body(key, case_id, entry_fields(1, row["request"]))
        known = PARequest.model_validate_json(body)
        database.requests.put(case_id, known, len(body))
    return Case(
        id=case_id,
        tenant=row["tenant"],
        mode=Mode(row["mode"]),
        request=known,
        status=CaseStatus(row["status"]),
        attention=Attention(row["attention"]),
        attention_why=row["attention_why"],
        standing=open_standing(key, case_id, row["standing"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        journal_count=row["journal_count"],
        submissions=submissions_of(key, row["submissions"], row["attempts"]),
        journal_head=row["journal_head"],
    )


async def outcomes_of(
    database: Database, connection: asyncpg.Connection, case: Case, submission_id: UUID
) -> list[Heard]:
    """Everything the payer was heard to say about a submission, in the order it was heard."""
    key = await database.key_of(case.tenant)
    rows = await connection.fetch(SQL["get_outcomes"], case.id, submission_id, EntryKind.OUTCOME)
    return [
        Heard(
            Outcome.model_validate_json(open_body(key, case.id, row)),
            row["at"],
            filing=json.loads(row["meta"]).get("verb", Verb.SUBMIT) == Verb.SUBMIT,
        )
        for row in rows
    ]


async def write(database: Database, connection: asyncpg.Connection, case: Case, step: Step) -> Written:
    """Write a step. The case was loaded with ``lock`` in this transaction. One round trip.

    Raises Stale when an attempt has not the delivery a move begins with; the transaction must then be rolled back.
    """
    if step.case_id != case.id:
        raise ValueError("the step belongs to another case")
    key = await database.key_of(case.tenant)
    known = {attempt.id for submission in case.submissions for attempt in submission.attempts}
    changed = [attempt for attempt in step.attempts if attempt.id in known]
    if changed:
        rows = await connection.fetch(SQL["change_attempts"], case.id, *changed_attempt_columns(changed))
        if len(rows) != len(changed):
            raise StoreError("an attempt belongs to another case")
    written = await _write(connection, key, case, step, known, case.journal_head, case.journal_count)
    if written is None:  # the case was loaded before an earlier step of this transaction
        end = await connection.fetchrow(SQL["lock_journal_end"], case.id)
        if end is not None:
            written = await _write(connection, key, case, step, known, end["journal_head"], end["journal_count"])
    if written is None:
        raise StoreError("the case is not there")
    return written


async def _write(
    connection: asyncpg.Connection,
    key: TenantKey,
    case: Case,
    step: Step,
    known: Collection[UUID],
    head: bytes,
    count: int,
) -> Written | None:
    """None, and nothing written, if the journal has not this head and count."""
    now = datetime.now(UTC)
    new = [attempt for attempt in step.attempts if attempt.id not in known]
    moves = {move.attempt_id: move for move in step.moves}
    fresh = [_moved(attempt, moves.pop(attempt.id, None), now) for attempt in new]
    rows = chain(key, case.id, head, count, now, step.entries)
    standing = step.standing
    lines = {} if standing is None else standing.lines
    result = await connection.fetchrow(
        SQL["write_step"],
        case.id,
        now,
        count,
        rows[-1].digest if rows else head,
        count + len(rows),
        None if standing is None else seal_standing(key, case.id, standing),
        None if standing is None else standing.status,
        None if standing is None else standing.attention,
        None if standing is None else standing.attention_why,
        *submission_columns(step.submissions),
        *attempt_columns(key, fresh),
        *columns_of(((move.attempt_id, move.before, move.after, move.error) for move in moves.values()), 4),
        *columns_of(rows, 7),
        list(lines),
        [line.outcome for line in lines.values()],
        [uuid4() for _ in step.events],
        [event.type for event in step.events],
        [json.dumps(dict(event.data)) for event in step.events],
        now + DELIVERY_LEASE,
        head,
    )
    if not result["written"]:
        return None
    if result["submissions"] != len(step.submissions):
        raise StoreError("a submission belongs to another case")
    if result["moved"] != len(moves):
        raise Stale("an attempt's delivery has moved meanwhile")
    return Written(tuple(row.n for row in rows), tuple(result["delivery_ids"]))


def _moved(attempt: Attempt, move: DeliveryMove | None, now: datetime) -> Attempt:
    """A new attempt as the step's own move leaves it (the same rules as ``moved`` in write_step)."""
    if move is None:
        return attempt
    if attempt.delivery is not move.before:
        raise Stale("a new attempt has another delivery than its move begins with")
    return replace(
        attempt,
        delivery=move.after,
        error=move.error,
        sent_at=now if move.after is Delivery.SENT else attempt.sent_at,
        ended_at=now if move.after in _ENDS else None,
    )


async def claim_due(
    database: Database, connection: asyncpg.Connection, limit: int, *, now: datetime | None = None
) -> list[tuple[UUID, UUID, Due]]:
    """Submissions whose timer rings, as (case, submission, what for). Their jobs are enqueued in this transaction;
    the timer is put off by DUE_LEASE."""
    now = now or datetime.now(UTC)
    rows = await connection.fetch(SQL["claim_due"], limit, now, now + DUE_LEASE)
    return [(row["request_id"], row["id"], Due(row["due_for"])) for row in rows]
