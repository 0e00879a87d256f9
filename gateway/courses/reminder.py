"""When an authorization is to be told of: it ends soon, or has less left than the course still takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from gateway.courses.grant import terms_of
from gateway.courses.ledger import Account, Ledger, Wanted
from gateway.courses.measure import measured, same_service
from gateway.courses.story import Course
from gateway.courses.treatment import Treatment, TreatmentKind
from gateway.model.request import PARequest
from gateway.model.standing import Standing


class Cause(StrEnum):
    ENDS = "ends"
    RUNS_OUT = "runs_out"


@dataclass(frozen=True)
class Reminder:
    """``of`` tells one reminder of a line from another: the last day, or what was granted. It is told from ``on``."""

    case_id: UUID
    line_id: str
    why: Cause
    of: str
    on: date


def ends_of(case_id: UUID, request: PARequest, standing: Standing, days: int, now: datetime) -> Iterator[Reminder]:
    """That granted lines end, so many ``days`` before. What has ended is not told."""
    for line in request.lines:
        terms = terms_of(request, line, standing.lines.get(line.id), now)
        if terms is not None and terms.end is not None and terms.end >= now.date():
            yield _ends(case_id, line.id, terms.end, days)


def reminders_of(course: Course, ledger: Ledger, today: date) -> Iterator[Reminder]:
    """All that is to be told of a patient's authorizations. One whose service another grants for longer is not."""
    for account in ledger.accounts:
        grant, terms = account.grant, account.grant.terms
        if not terms.granted or _renewed(account, ledger, today):
            continue
        if terms.end is not None and terms.end >= today:
            yield _ends(grant.case_id, grant.line_id, terms.end, course.rules(grant.payer).remind_days)
        if terms.quantity is not None and _runs_out(account, course.events, ledger):
            yield Reminder(grant.case_id, grant.line_id, Cause.RUNS_OUT, str(terms.quantity), today)


def _ends(case_id: UUID, line_id: str, end: date, days: int) -> Reminder:
    return Reminder(case_id, line_id, Cause.ENDS, end.isoformat(), end - timedelta(days=days))


def _renewed(account: Account, ledger: Ledger, today: date) -> bool:
    own = account.grant.terms
    return any(
        other is not account
        and other.grant.terms.granted
        and own.end is not None
        and (other.grant.terms.end is None or other.grant.terms.end > own.end)
        and same_service(own.code, other.grant.terms.code, other.grant.ndc, ledger.reference, today)
        for other in ledger.accounts
    )


def _runs_out(account: Account, events: Iterable[Treatment], ledger: Ledger) -> bool:
    """By the latest plan that says what the course still takes, less what was given since."""
    plans = [
        event
        for event in events
        if event.kind is not TreatmentKind.ADMINISTERED
        and event.quantity is not None
        and account in ledger.candidates(Wanted.of(event))[:1]
    ]
    if not plans:
        return False
    plan, terms = max(plans, key=lambda event: event.place), account.grant.terms
    amount = Wanted.of(plan).amount
    needed = None if amount is None else measured(amount, terms.code, terms.unit, ledger.reference, plan.on)
    before = account.used(terms, ledger.reference, plan.begins)
    if needed is None or before is None:
        return False
    return before + needed > (terms.quantity or Decimal(0))
