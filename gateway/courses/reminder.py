"""When an authorization is to be told of: it ends soon, or has less left than the course still takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from gateway.courses.grant import terms_of
from gateway.courses.ledger import Account, Ledger, Misfit, Wanted
from gateway.courses.measure import Amount, measured
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
    """All that is to be told of a patient's authorizations: not that one ends after which another goes on, nor that it
    runs out where another has what is missing."""
    for account in ledger.accounts:
        grant, terms = account.grant, account.grant.terms
        if not terms.granted:
            continue
        if terms.end is not None and terms.end >= today and not _goes_on(account, terms.end, ledger):
            yield _ends(grant.case_id, grant.line_id, terms.end, course.rules(grant.payer).remind_days)
        if terms.quantity is not None and _runs_out(account, course.counted, ledger):
            yield Reminder(grant.case_id, grant.line_id, Cause.RUNS_OUT, str(terms.quantity), today)


def _ends(case_id: UUID, line_id: str, end: date, days: int) -> Reminder:
    return Reminder(case_id, line_id, Cause.ENDS, end.isoformat(), end - timedelta(days=days))


def _goes_on(account: Account, end: date, ledger: Ledger) -> bool:
    """Whether another lets the service be used on the day after, where and by whom this one does. How much it has left
    need not be known, only that it is not nothing."""
    terms, after = account.grant.terms, end + timedelta(days=1)
    wanted = Wanted(after, terms.code, None, terms.place_of_service, terms.provider_npi)
    found = (ledger.misfit(one, wanted, (after,)) for one in ledger.candidates(wanted) if one is not account)
    return any(why in (None, Misfit.QUANTITY_NOT_KNOWN, Misfit.UNITS_DIFFER) for why in found)


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
    wanted = Wanted.of(plan)
    needed = None
    if wanted.amount is not None:
        needed = measured(wanted.amount, terms.code, terms.unit, ledger.reference, plan.on)
    before = account.used(terms, ledger.reference, plan.begins)
    if needed is None or before is None:
        return False
    missing = before + needed - (terms.quantity or Decimal(0))
    if missing <= 0:
        return False
    where = wanted.place_of_service or terms.place_of_service
    rest = replace(wanted, amount=Amount(terms.code, missing, terms.unit), place_of_service=where)
    days = [plan.on] if terms.end is None else [plan.on, terms.end + timedelta(days=1)]
    return not any(_has(replace(rest, on=day), account, ledger) for day in days)


def _has(rest: Wanted, account: Account, ledger: Ledger) -> bool:
    others = (one for one in ledger.candidates(rest) if one is not account)
    return any(ledger.misfit(one, rest, (rest.on,)) is None for one in others)
