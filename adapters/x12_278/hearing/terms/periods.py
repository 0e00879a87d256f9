"""Reads for which days a line was granted, and tells whether these are all the days that were asked for.

Payers write A1 (certified in total) and dates that begin later or end earlier than what was asked for. Whoever reads
"approved" there gives care on days that nobody pays for: such a line is CERTIFIED_MODIFIED. Dates that hold none of
the days asked for are told as they stand, and a person looks. Dates that cannot be read could be any: UNKNOWN.

Dates of the certification (007, 036) count before dates of the service (472), of the event (AAH) and of a period (193,
194), for payers repeat the dates that were asked for beside those that they certify. The dates of a service and of its
event are read together, and what is in both counts; those of service, event and period only where they are narrower
than what was asked for, and so no repetition. An end is compared only where both have one: many payers write a single
day, from which the approval holds, and that says nothing of its end. Wider dates include what was asked for: there the
payer's word stands.

The day of an admission (435) is told, and is no beginning of a grant; but a stay on other days than was asked for is
another stay, and a person looks. A range of it bounds the grant, and so does the end of the stay (096) that an
admission is granted, where it is not the one that was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.hearing.reading import Day, Reading
from adapters.x12_278.hearing.terms.rates import Days
from adapters.x12_278.hearing.verdicts import GRANTED
from gateway.model.outcome import Span
from gateway.model.request import Line, PARequest, Review
from gateway.model.status import LineOutcome

EVENT_DATES = ("007", "AAH", "435", "472", "193")
_CERTIFIED, _EXPIRES, _EVENT, _ADMITTED, _GIVEN, _BEGINS, _ENDS = "007", "036", "AAH", "435", "472", "193", "194"
_DISCHARGED = "096"
_DAY = timedelta(days=1)
_BOUNDING = (_CERTIFIED, _EXPIRES, _EVENT, _GIVEN, _BEGINS, _ENDS, _ADMITTED)
_LIMITING_NOTHING = frozenset({"102", "050", "090", "091", "304", "431", "439", "484", "598", "ABC"})
"""DTP01 of when it was issued or received, of a report's days, of what happened to the patient (304: last seen)."""
_DATES = _LIMITING_NOTHING.union(_BOUNDING, {_DISCHARGED})


class Bound(NamedTuple):
    """A first or last day, and the loop it was read in."""

    day: Day
    loop: str

    @property
    def date(self) -> date:
        return self.day.date


class Period(NamedTuple):
    """The days of a grant. ``bounds`` is false for days that limit nothing, ``legible`` where some cannot be read;
    ``another`` is true for those of another stay than was asked for."""

    start: Bound | None
    end: Bound | None
    bounds: bool = True
    legible: bool = True
    another: bool = False

    def told(self, at: str, reading: Reading) -> Span | None:
        """As the outcome holds it at this pointer."""
        if self.start is None and self.end is None:
            return None
        for name, bound in (("start", self.start), ("end", self.end)):
            if bound:
                reading.keep(f"{at}/{name}", bound.loop, bound.day.value)
        return Span(start=self.start.date if self.start else None, end=self.end.date if self.end else None)


class _Cover(NamedTuple):
    """From which day to which several services cover a line, open without a last one; and whether days of it that were
    asked for are in none of them."""

    begins: date
    ends: date | None
    gap: bool


def period_of(
    service: Loop | None, event: Loop, line: Line | None, request: PARequest | None, reading: Reading
) -> Period | None:
    """The days that a service is certified for, else those it is to be given on."""
    loops = [service, event] if service else [event]
    for loop in loops:
        if not _DATES.issuperset(loop.date_qualifiers()):
            # It may be the last day of the grant, under a qualifier of the payer's own.
            reading.doubt(f"{loop.name} grants, and has a date of a kind that is not read")
    stays = request is not None and request.review is Review.ADMISSION
    bounding = (*_BOUNDING, _DISCHARGED) if stays else _BOUNDING
    read = [reading.legible(loop, bounding) for loop in loops]
    certified = list(_periods(loops, (_CERTIFIED,), reading))
    others = list(_periods(loops, (_GIVEN, _EVENT, _BEGINS), reading))
    admitted = next(_periods((event,), (_ADMITTED,), reading), None)
    days = _common(certified)
    if admitted and admitted.end:
        others.append(admitted)
    if request and stays:
        others.extend(filter(None, (_discharge(loop, request, reading) for loop in loops)))
    if days is None and others:
        days = others.pop(0)
    if days is not None and line is not None:
        days = _common([days, *(_narrower(each, line) for each in others)])
    if days is None and admitted:
        days = admitted._replace(bounds=False)
    if days and admitted and line and request and _is_another(admitted, line, request):
        reading.doubt("the payer grants a stay that does not begin on the days that were asked for")
        days = days._replace(another=True)
    if not all(read):
        days = (days or Period(None, None))._replace(legible=False)
    return days


def days_left(period: Period | None, line: Line) -> Days:
    """The days that the line was asked for, as far as they are granted."""
    start = period.start if period and period.bounds else None
    end = period.end if period and period.bounds else None
    lasts = [last for last in (line.dates.end, end and end.date) if last]
    return Days(max(line.dates.start, start.date) if start else line.dates.start, min(lasts, default=None))


def is_asked_for(period: Period | None, line: Line) -> bool:
    """False for a period that holds none of the days of the line."""
    if period is None or not period.bounds:
        return True
    start, end = (bound and bound.date for bound in (period.start, period.end))
    first, last = line.dates.start, line.dates.end
    return not ((start and last and start > last) or (end and end < first))


def fitted(outcome: LineOutcome, periods: Sequence[Period | None], line: Line | None, reading: Reading) -> LineOutcome:
    """The outcome of a line that was granted for these days, one period for each service that answers it. A service
    without days says nothing of those that others name."""
    if outcome in GRANTED and any(period and not period.legible for period in periods):
        return LineOutcome.UNKNOWN
    if outcome in GRANTED and any(period and period.another for period in periods):
        return LineOutcome.CERTIFIED_MODIFIED
    told = [period for period in periods if period is not None and period.bounds]
    if not told or outcome not in GRANTED:
        return outcome
    if any(each.start and each.end and each.start.date > each.end.date for each in told):
        reading.doubt("a period that the payer grants ends before it begins, so it holds none of the days asked for")
        return LineOutcome.CERTIFIED_MODIFIED
    if line is None:
        return outcome
    (begins, end, gap), (first, last) = _together(told, line), (line.dates.start, line.dates.end)
    ends = end or last
    if (last and begins > last) or (ends and ends < max(first, begins)):
        reading.doubt("the dates of a line that the payer grants hold none of the days that were asked for")
        return LineOutcome.CERTIFIED_MODIFIED
    narrower = gap or begins > first or (end is not None and last is not None and end < last)
    return LineOutcome.CERTIFIED_MODIFIED if narrower else outcome


def _periods(loops: Sequence[Loop], qualifiers: Sequence[str], reading: Reading) -> Iterator[Period]:
    """The days of each of these loops under each of these qualifiers."""
    for loop in loops:
        for qualifier in qualifiers:
            if found := reading.period(loop, (qualifier,)):
                start, end = found
                yield Period(Bound(start, loop.name) if start else None, Bound(end, loop.name) if end else None)


def _discharge(loop: Loop, request: PARequest, reading: Reading) -> Period | None:
    """The days up to the end of the stay, where that is not the one that was sent."""
    found = next(_periods((loop,), (_DISCHARGED,), reading), None)
    sent = request.admission.discharged_on if request.admission else None
    return Period(None, found.start) if found and found.start and found.start.date != sent else None


def _is_another(admitted: Period, line: Line, request: PARequest) -> bool:
    """True for an admission before or after all of the days of the line, and of the stay, that were asked for."""
    stay = request.admission
    days = [line.dates.start, line.dates.end, stay and stay.admitted_on, stay and stay.discharged_on]
    asked = [day for day in days if day]
    return admitted.start is not None and not min(asked) <= admitted.start.date <= max(asked)


def _common(periods: Sequence[Period]) -> Period | None:
    """The days that are in all of these, the first of equal ones; None where there are none to read."""
    if not periods:
        return None
    if len(periods) == 1:
        return Period(periods[0].start, periods[0].end)
    return Period(
        max((each.start for each in periods if each.start), key=lambda bound: bound.date, default=None),
        min((each.end for each in periods if each.end), key=lambda bound: bound.date, default=None),
    )


def _narrower(period: Period, line: Line) -> Period:
    """What of a period is narrower than what was asked for."""
    first, last = line.dates.start, line.dates.end
    return Period(
        period.start if period.start and period.start.date > first else None,
        period.end if period.end and last and period.end.date < last else None,
    )


def _together(periods: Sequence[Period], line: Line) -> _Cover:
    """The days that these periods cover, one for each service. Of those with a first day alone only one that begins
    last is open: beside an open one no later one would be needed."""
    latest = max((each.start.date for each in periods if each.start), default=None)
    spans = []
    for period in periods:
        start, end = (bound and bound.date for bound in (period.start, period.end))
        spans.append((start or line.dates.start, start if end is None and start != latest else end))
    spans.sort(key=lambda span: span[0])
    gap, (begins, reach) = False, spans[0]
    for start, end in spans[1:]:
        if reach is not None and start - reach > _DAY:
            asked = line.dates
            gap |= start > asked.start and (asked.end is None or reach < asked.end)
        reach = None if reach is None or end is None else max(reach, end)
    return _Cover(begins, reach, gap)
