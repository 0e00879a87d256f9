"""Cases: loading one, writing a step of its walk, claiming those whose timer rings.

Lock order, so that nothing deadlocks: the row in ``requests`` first, then everything else of the case. ``claim_due``
takes only rows nobody holds.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg
from pydantic_core import from_json

from gateway.contract.destination import Mode
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
from gateway.model.standing import Heard
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.database import Database
from gateway.store.errors import StoreError
from gateway.store.journal import End, go_on, open_body
from gateway.store.queries import SQL
from gateway.store.records import Attempt, Case, DeliveryMove, Due, EntryKind, NewEntry, Stale, Step, Verb, Written
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

DELIVERIES = "deliveries"
"""In an entry's meta: how far attempts were, by their ids, once its step was written."""

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
        known = PARequest.model_validate(from_json(body, allow_inf_nan=False))  # as the API reads it
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
        journal_tag=row["journal_tag"],
    )


async def outcomes_of(
    database: Database, connection: asyncpg.Connection, case: Case, submission_id: UUID, before: UUID | None = None
) -> list[Heard]:
    """Everything the payer was heard to say about a submission, in the order it was heard. ``before`` is an attempt
    that was said already, and leaves out what was heard since then."""
    key = await database.key_of(case.tenant)
    rows = await _outcome_rows(connection, case, submission_id, before)
    return [_heard(row, Outcome.model_validate_json(open_body(key, case.id, row))) for row in rows]


async def _outcome_rows(
    connection: asyncpg.Connection, case: Case, submission_id: UUID, before: UUID | None
) -> list[asyncpg.Record]:
    asked = (case.id, submission_id, EntryKind.OUTCOME)
    if before is None:
        return list(await connection.fetch(SQL["get_outcomes"], *asked))
    return list(await connection.fetch(SQL["get_outcomes_before"], *asked, before, EntryKind.FRAME))


async def read_asking(
    database: Database,
    connection: asyncpg.Connection,
    case: Case,
    submission_id: UUID,
    round_id: str | None,
    before: UUID | None = None,
) -> bytes | None:
    """The document by which a payer asked the questions of a round, byte for byte; without a round, its latest one with
    questions. It stands in the journal before the outcome that was read in it. ``before`` is as in ``outcomes_of``."""
    key = await database.key_of(case.tenant)
    for row in reversed(await _outcome_rows(connection, case, submission_id, before)):
        asked = Outcome.model_validate_json(open_body(key, case.id, row)).questions
        if asked is not None and round_id in (None, asked.round):
            document = await connection.fetchrow(SQL["get_entry"], case.id, row["n"] - 1, EntryKind.DOCUMENT)
            return None if document is None else open_body(key, case.id, document)
    return None


def _heard(row: asyncpg.Record, outcome: Outcome) -> Heard:
    meta = json.loads(row["meta"])
    asked = datetime.fromisoformat(meta["asked"]) if meta.get("asked") else None
    verb = meta.get("verb", Verb.SUBMIT)
    return Heard(
        outcome,
        row["at"],
        verb == Verb.SUBMIT,
        asked,
        posted=meta.get("posted", False),
        change=verb == Verb.AMEND,
        appeal=meta.get("appeal", False),
        answers=row["attempt_id"],
    )


async def write(
    database: Database, connection: asyncpg.Connection, case: Case, step: Step, *, held: bool = True
) -> Written:
    """Write a step, all of it or nothing, in one round trip.

    The case was loaded with ``lock`` in this transaction; if it is not ``held`` like that, the step is written only
    upon the case as it was seen. Raises Stale when it was changed meanwhile, or an attempt has not the delivery a move
    begins with.
    """
    if step.case_id != case.id:
        raise ValueError("the step belongs to another case")
    key = await database.key_of(case.tenant)
    known = {attempt.id for submission in case.submissions for attempt in submission.attempts}
    changed = [attempt for attempt in step.attempts if attempt.id in known]
    if changed:
        if not held:
            raise ValueError("a step that changes attempts needs the case held")
        rows = await connection.fetch(SQL["change_attempts"], case.id, *changed_attempt_columns(changed))
        if len(rows) != len(changed):
            raise StoreError("an attempt belongs to another case")
    seen = _Seen(End(case.journal_head, case.journal_count, case.journal_tag), case.updated_at)
    written = await _write(connection, key, case, step, known, seen, database.now())
    if written is None and held:  # perhaps the case was loaded before an earlier step of this transaction
        row = await connection.fetchrow(SQL["lock_journal_end"], case.id)
        last = None if row is None else _Seen(End(*row[:3]), row["updated_at"])
        if last is not None and last != seen:
            written = await _write(connection, key, case, step, known, last, database.now())
            now = await load_case(database, connection, case.id)
            written = replace(written, case=now) if written and now else None
    if written is None:
        raise Stale("the case, or a part of it, is not as the step expects")
    return written


class _Seen(NamedTuple):
    """What tells one state of a stored case from every other: every step changes the time at least."""

    end: End
    updated_at: datetime


async def _write(
    connection: asyncpg.Connection,
    key: TenantKey,
    case: Case,
    step: Step,
    known: Collection[UUID],
    seen: _Seen,
    now: datetime,
) -> Written | None:
    """None, and nothing written, if the case is not as it was seen, or one of its parts is not as the step says."""
    now = max(now, seen.updated_at + timedelta(microseconds=1))
    new = [attempt for attempt in step.attempts if attempt.id not in known]
    moves = {move.attempt_id: move for move in step.moves}
    fresh = [_moved(attempt, moves.pop(attempt.id, None), now) for attempt in new]
    rows, end = go_on(key, case.id, seen.end, now, _entries(step, fresh))
    standing = step.standing
    lines = {} if standing is None else standing.lines
    *of_attempts, said_at, harmless = attempt_columns(key, fresh)
    *of_submissions, clocks, decide_by, recommends = submission_columns(step.submissions)
    result = await connection.fetchrow(
        SQL["write_step"],
        case.id,
        now,
        seen.end.entries,
        end.head,
        end.entries,
        None if standing is None else seal_standing(key, case.id, standing),
        None if standing is None else standing.status,
        None if standing is None else standing.attention,
        None if standing is None else standing.attention_why,
        *of_submissions,
        *of_attempts,
        *columns_of(((move.attempt_id, move.before, move.after, move.error) for move in moves.values()), 4),
        *columns_of(rows, 7),
        list(lines),
        [line.outcome for line in lines.values()],
        [uuid4() for _ in step.events],
        [event.type for event in step.events],
        [json.dumps(dict(event.data)) for event in step.events],
        now,
        seen.end.head,
        seen.updated_at,
        end.tag,
        said_at,
        harmless,
        [move.calm for move in moves.values()],
        clocks,
        decide_by,
        recommends,
    )
    if not result["written"]:
        return None
    numbers, deliveries = tuple(row.n for row in rows), tuple(result["delivery_ids"])
    return Written(numbers, deliveries, _after(case, step, fresh, now, end))


def _after(case: Case, step: Step, fresh: Sequence[Attempt], now: datetime, end: End) -> Case:
    """The case as the step leaves it."""
    attempts = {attempt.id: attempt for held in case.submissions for attempt in held.attempts}
    for changed in step.attempts:
        if old := attempts.get(changed.id):
            kept = {name: getattr(old, name) for name in ("stamp", "verb", "work", "delivery", "said_at", "harmless")}
            attempts[old.id] = replace(changed, **kept)
    for move in step.moves:
        if old := attempts.get(move.attempt_id):
            attempts[old.id] = _moved(old, move, now)
    attempts |= {attempt.id: attempt for attempt in fresh}
    submissions = {submission.id: submission for submission in (*case.submissions, *step.submissions)}
    after = replace(
        case,
        updated_at=now,
        journal_head=end.head,
        journal_count=end.entries,
        journal_tag=end.tag,
        submissions=tuple(
            replace(
                submission, attempts=tuple(held for held in attempts.values() if held.submission_id == submission.id)
            )
            for submission in sorted(submissions.values(), key=lambda submission: (submission.place, submission.id))
        ),
    )
    if step.standing is None:
        return after
    standing = step.standing
    return replace(
        after,
        standing=standing,
        status=standing.status,
        attention=standing.attention,
        attention_why=standing.attention_why,
    )


def _entries(step: Step, fresh: Sequence[Attempt]) -> tuple[NewEntry, ...]:
    """The step's entries. Beside the last stands what became of attempts, so that the journal can vouch for it."""
    deliveries = {str(attempt.id): attempt.delivery for attempt in fresh}
    deliveries |= {str(move.attempt_id): move.after for move in step.moves}
    if not deliveries or not step.entries:
        return step.entries
    *others, last = step.entries
    return (*others, replace(last, meta={**last.meta, DELIVERIES: deliveries}))


def _moved(attempt: Attempt, move: DeliveryMove | None, now: datetime) -> Attempt:
    """An attempt as the step's move leaves it (the same rules as ``moved`` in write_step)."""
    if move is None:
        return attempt
    if attempt.delivery is not move.before:
        raise Stale("an attempt has another delivery than its move begins with")
    after = replace(
        attempt, delivery=move.after, error=move.error, ended_at=now if move.after in _ENDS else None, harmless=False
    )
    if move.after is not Delivery.SENT:
        return after
    goes_on = move.before is Delivery.SENT
    return replace(
        after,
        sent_at=attempt.sent_at if goes_on and move.calm else now,
        said_at=now,
        harmless=move.calm and move.before is not Delivery.LOST and (attempt.harmless or not goes_on),
    )


async def claim_overdue(
    database: Database, connection: asyncpg.Connection, limit: int, *, now: datetime | None = None
) -> list[tuple[UUID, UUID]]:
    """Submissions whose payers' time to decide is over, as (case, submission); put off as in ``claim_due``."""
    now = now or database.now()
    rows = await connection.fetch(SQL["claim_overdue"], limit, now, now + DUE_LEASE)
    return [(row["request_id"], row["id"]) for row in rows]


async def claim_due(
    database: Database, connection: asyncpg.Connection, limit: int, *, now: datetime | None = None
) -> list[tuple[UUID, UUID, Due | None]]:
    """Submissions whose timer rings, as (case, submission, what for). Their jobs are enqueued in this transaction;
    the timer is put off by DUE_LEASE. None where this version does not know the word for what it rings for."""
    now = now or database.now()
    rows = await connection.fetch(SQL["claim_due"], limit, now, now + DUE_LEASE)
    words = {str(word): word for word in Due}
    return [(row["request_id"], row["id"], words.get(row["due_for"])) for row in rows]
