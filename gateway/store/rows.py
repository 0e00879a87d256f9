"""Stored rows as values, and values as the columns that store them.

The one place that knows the order of columns in queries.sql, and how standings and an attempt's work are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from gateway.contract.adapter import Stamp
from gateway.model.clock import Clock
from gateway.model.record import Record
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.records import Attempt, Due, Submission, Verb, Work
from gateway.store.sealing import TenantKey, place

_STANDING = TypeAdapter(Standing)
_CLOCKS = TypeAdapter(tuple[Clock, ...])


class Repeated(Record):
    """Stands for the work of another attempt of the case: documents are stored once, however often they are sent."""

    repeats: UUID


_WORK: TypeAdapter[Work | Repeated] = TypeAdapter(Work | Repeated)


def seal_standing(key: TenantKey, case_id: UUID, standing: Standing) -> bytes:
    return key.seal(_STANDING.dump_json(standing), _standing_place(case_id))


def open_standing(key: TenantKey, case_id: UUID, sealed: bytes | None) -> Standing | None:
    return None if sealed is None else _STANDING.validate_json(key.open(sealed, _standing_place(case_id)))


def columns_of(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows turned into columns, ``width`` of them even where there is no row: what ``unnest`` takes."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def submission_columns(submissions: Sequence[Submission]) -> list[list[Any]]:
    """For ``write_step``. A line's id holds no comma (gateway.model.request.Line)."""
    return columns_of(
        (
            (
                s.id,
                s.place,
                s.payer,
                s.connection,
                s.channel,
                s.benefit,
                ",".join(s.line_ids),
                s.status,
                s.attention,
                s.attention_why,
                s.due_at,
                s.due_for,
                s.tries,
                s.cancelling,
                _CLOCKS.dump_json(s.clocks).decode(),
                s.decide_by,
                s.recommends,
            )
            for s in submissions
        ),
        17,
    )


def attempt_columns(key: TenantKey, attempts: Sequence[Attempt]) -> list[list[Any]]:
    """For ``write_step``. Raises ValueError for a stamp that would not come back the same."""
    return columns_of(
        (
            (
                a.id,
                a.submission_id,
                a.verb,
                _utc(a.stamp).at,
                a.stamp.number,
                a.stamp.seed,
                a.delivery,
                a.planned_at,
                a.sent_at,
                a.ended_at,
                _seal_work(key, a),
                a.error,
                a.said_at,
                a.harmless,
            )
            for a in attempts
        ),
        14,
    )


def changed_attempt_columns(attempts: Sequence[Attempt]) -> list[list[Any]]:
    """For ``change_attempts``."""
    return columns_of(((a.id, a.planned_at, a.sent_at, a.ended_at, a.error) for a in attempts), 5)


def submissions_of(
    key: TenantKey, submissions: Sequence[Sequence[Any]], attempts: Sequence[Sequence[Any]]
) -> tuple[Submission, ...]:
    """From the two arrays of ``load_case``."""
    by_submission: dict[UUID, list[Attempt]] = {}
    works: dict[UUID, Work | None] = {}
    for row in attempts:
        attempt = _attempt(key, row, works)
        works[attempt.id] = attempt.work
        by_submission.setdefault(attempt.submission_id, []).append(attempt)
    return tuple(_submission(row, by_submission.get(row[0], ())) for row in submissions)


def _submission(row: Sequence[Any], attempts: Iterable[Attempt]) -> Submission:
    return Submission(
        id=row[0],
        place=row[1],
        payer=row[2],
        connection=row[3],
        channel=row[4],
        benefit=row[5],
        line_ids=tuple(row[6]),
        status=CaseStatus(row[7]),
        attention=Attention(row[8]),
        attention_why=row[9],
        due_at=row[10],
        due_for=None if row[11] is None else Due(row[11]),
        tries=row[12],
        cancelling=row[13],
        attempts=tuple(attempts),
        clocks=_CLOCKS.validate_json(row[14]),
        recommends=row[15],
    )


def _seal_work(key: TenantKey, attempt: Attempt) -> bytes | None:
    if attempt.work is None:
        return None
    work = attempt.work if attempt.repeats is None else Repeated(repeats=attempt.repeats)
    return key.seal(_WORK.dump_json(work), _work_place(attempt.id))


def _attempt(key: TenantKey, row: Sequence[Any], earlier: Mapping[UUID, Work | None]) -> Attempt:
    """``earlier`` is the work of the attempts before it, by their ids."""
    work = None if row[10] is None else _WORK.validate_json(key.open(row[10], _work_place(row[0])))
    repeats = work.repeats if isinstance(work, Repeated) else None
    return Attempt(
        id=row[0],
        submission_id=row[1],
        verb=Verb(row[2]),
        stamp=Stamp(at=row[3], number=row[4], seed=row[5]),
        delivery=Delivery(row[6]),
        planned_at=row[7],
        sent_at=row[8],
        ended_at=row[9],
        work=earlier[work.repeats] if isinstance(work, Repeated) else work,
        error=row[11],
        repeats=repeats,
        said_at=row[12],
        harmless=row[13] and None not in (row[8], row[12]) and row[12] >= row[8],
    )


def _utc(stamp: Stamp) -> Stamp:
    """The same stamp must give the same bytes for ever, and the database keeps an instant, not its time zone."""
    if stamp.at.utcoffset() != timedelta(0):
        raise ValueError("a stamp's time is in UTC")
    return stamp


def entry_fields(n: int, row: Sequence[Any]) -> Mapping[str, Any]:
    """The first entry of ``load_case``, by name."""
    names = ("kind", "at", "submission_id", "attempt_id", "meta", "body")
    return {"n": n, **dict(zip(names, row, strict=True))}


def _standing_place(case_id: UUID) -> bytes:
    return place("requests.standing", case_id.bytes)


def _work_place(attempt_id: UUID) -> bytes:
    return place("attempts.work", attempt_id.bytes)
