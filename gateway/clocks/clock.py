"""By when a payer has to decide, and whether it did: one rule over what was received, asked and decided.

Pure arithmetic of time; knows no case and no payer. Nobody is called late in doubt: time begins when it is proved that
the payer had the request, and ends when it says that it decided, or when the decision was heard if it does not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from math import ceil
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import holidays

from gateway.model.clock import Clock, State
from gateway.model.status import LineOutcome
from gateway.profiles.deadlines import Limit, Rule

_DAY = timedelta(days=1)
_MOMENT = timedelta(seconds=1)


class Receipt(NamedTuple):
    """When the payer had the request: as it says itself, or at the latest, by the first answer that shows it."""

    at: datetime
    by: Literal["payer", "answer"]


class Pause(NamedTuple):
    """Time in which the practice was asked for something; without an end it still is."""

    start: datetime
    end: datetime | None


class Extension(NamedTuple):
    """The payer's word that it decides ``until`` then, later than it had to, and when it said so."""

    said: datetime
    until: datetime


class Decision(NamedTuple):
    """When the payer decided: ``said`` by itself where it says so, and when that was ``heard``."""

    heard: datetime
    said: datetime | None

    def at(self, received: datetime) -> datetime:
        """Never before the payer had the request, as is proved: what it says may be cut to the second."""
        return self.heard if self.said is None else min(self.heard, max(self.said, received))


class _Time(NamedTuple):
    """A payer's time: its last moment, how long it stood, and whether it stands."""

    due: datetime
    stood: timedelta
    stands: bool


def measure(
    rule: Rule,
    lines: Sequence[str],
    received: Receipt,
    decided: Decision | None,
    now: datetime,
    *,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
    outcomes: Sequence[LineOutcome] = (),
) -> Clock:
    """How the payer's time stands now, or stood when it decided. An extension counts as far as the rule has one, where
    it was said while the time ran, and of several the longest; a pause where the rule says that time stands.
    ``outcomes`` are what was decided, one for each line."""
    deadline = rule.deadline
    decided_at = None if decided is None else decided.at(received.at)
    until = decided_at or now
    own = time = _time(rule, received, until, pauses, None)
    for extension in sorted(extensions):
        if extension.said <= time.due:
            time = max(time, _time(rule, received, until, pauses, extension.until))
    if decided_at is not None:
        state = State.MET if decided_at <= time.due else State.MISSED
    elif time.stands:
        state = State.PAUSED
    else:
        state = State.OVERDUE if now > time.due else State.RUNNING
    return Clock(
        lines=tuple(lines),
        outcomes=tuple(outcomes),
        state=state,
        received_at=received.at,
        received_by=received.by,
        due_at=None if state is State.PAUSED else time.due,
        decided_at=decided_at,
        paused_seconds=int(time.stood.total_seconds()),
        extended_days=ceil((time.due - own.due) / _DAY),
        rule=deadline.id,
        limit=deadline.limit.in_words,
        says=deadline.says,
        source=deadline.source,
    )


def _time(rule: Rule, received: Receipt, until: datetime, pauses: Sequence[Pause], expected: datetime | None) -> _Time:
    """The time as it stands at ``until``, of a payer that said it decides when it is ``expected``."""
    stood, stands = timedelta(0), False
    due = _due(rule, received.at, stood, expected)
    for pause in _apart(pauses) if rule.deadline.tolled else ():
        start, end = max(pause.start, received.at), min(pause.end or until, until)
        if start > due or start >= until:  # what is overdue stays so, whatever is asked then
            break
        stands = pause.end is None or pause.end > until
        stood += max(end - start, timedelta(0))
        due = _due(rule, received.at, stood, expected)
    return _Time(due, stood, stands)


def _apart(pauses: Sequence[Pause]) -> list[Pause]:
    """The pauses in their order, those that overlap as one: time stands once."""
    apart: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        last = apart[-1] if apart else None
        if last is None or (last.end is not None and last.end < pause.start):
            apart.append(pause)
        elif last.end is not None:
            apart[-1] = Pause(last.start, None if pause.end is None else max(last.end, pause.end))
    return apart


def _due(rule: Rule, received: datetime, stood: timedelta, expected: datetime | None) -> datetime:
    """The last moment of the time, in UTC: when the payer said it is ``expected``, where that is later and the rule
    lets it take so long."""
    own = _ends(rule, received, 0, stood)
    if expected is None:
        return own
    return max(own, min(expected.astimezone(UTC), _ends(rule, received, rule.deadline.extension_days or 0, stood)))


def _ends(rule: Rule, received: datetime, extended: int, stood: timedelta) -> datetime:
    limit, zone = rule.deadline.limit, ZoneInfo(rule.zone)
    if limit.hours is not None:
        return received.astimezone(UTC) + timedelta(hours=limit.hours) + extended * _DAY + stood
    last = last_day(received.astimezone(zone).date(), limit) + extended * _DAY
    ends = _midnight_after(last, zone)
    if stood:
        ends += stood
        ends = _midnight_after((ends - _MOMENT).astimezone(zone).date(), zone)
    return ends - _MOMENT


def end_of(limit: Limit, zone: str, since: datetime, *, rolls: bool = False) -> datetime:
    """The last moment of a time that began then, in UTC. Where it ``rolls``, one whose last day is no working day ends
    with the next that is one."""
    if limit.hours is not None:
        return since.astimezone(UTC) + timedelta(hours=limit.hours)
    where = ZoneInfo(zone)
    last = last_day(since.astimezone(where).date(), limit)
    while rolls and not _works(last):
        last += _DAY
    return end_of_day(last, zone)


def end_of_day(day: date, zone: str) -> datetime:
    """The last moment of a day, in UTC."""
    return _midnight_after(day, ZoneInfo(zone)) - _MOMENT


def last_day(received: date, limit: Limit) -> date:
    """The last day of a time in days or months that began on that day."""
    if limit.calendar_days is not None:
        return received + limit.calendar_days * _DAY
    if limit.months is not None:
        return _months_after(received, limit.months)
    last, left = received, limit.business_days or 0
    while left:
        last += _DAY
        left -= _works(last)
    return last


def _works(day: date) -> bool:
    return day.weekday() < 5 and day not in _federal()


def _months_after(day: date, months: int) -> date:
    """The same day of a later month; where that has no such day, the first of the next (45 CFR 147.136(d)(2)(i))."""
    years, month = divmod(day.month - 1 + months, 12)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        return day.replace(year=day.year + years, month=month + 2, day=1)


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + _DAY, time(), tzinfo=zone).astimezone(UTC)


@cache
def _federal() -> holidays.HolidayBase:
    """The federal holidays, with the days on which they are observed; it grows by the year that is asked of."""
    return holidays.country_holidays("US")
