"""Reads for which days a line was granted, and tells whether these are all the days that were asked for.

Payers write A1 (certified in total) and dates that begin later or end earlier than what was asked for. Whoever reads
"approved" there gives care on days that nobody pays for: such a line is CERTIFIED_MODIFIED. Dates that hold none of
the days asked for are told as they stand, and a person looks.

Dates of the certification (007, 036) count before dates of the service (472) and of the event (AAH), for payers repeat
the dates that were asked for beside those that they certify. An end is compared only where both have one: many payers
write a single day, from which the approval holds, and that says nothing of its end. The day of an admission (435) is
told, and is no beginning of a grant. Wider dates include what was asked for: there the payer's word stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from adapters.x12_278.loops import Loop
from adapters.x12_278.reading import Day, Reading
from adapters.x12_278.verdicts import GRANTED
from gateway.model.outcome import Span
from gateway.model.request import Line
from gateway.model.status import LineOutcome

EVENT_DATES = ("007", "AAH", "435", "472")
_CERTIFIED, _ADMITTED, _GIVEN = "007", "435", "472"


class Period(NamedTuple):
    """The days of a grant, and where they were read. ``bounds`` is false for days that limit nothing."""

    start: Day | None
    end: Day | None
    loop: str
    bounds: bool = True

    def told(self, at: str, reading: Reading) -> Span | None:
        """As the outcome holds it at this pointer."""
        return reading.span(at, self.loop, (self.start, self.end))


def period_of(service: Loop | None, event: Loop, reading: Reading) -> Period | None:
    """The days that a service is certified for, its own first; else those it is to be given on."""
    places = [(service, _CERTIFIED), (event, _CERTIFIED), (service, _GIVEN), *((event, each) for each in EVENT_DATES)]
    for loop, qualifier in places:
        found = reading.period(loop, (qualifier,)) if loop else None
        if loop and found:
            return Period(*found, loop.name, bounds=qualifier != _ADMITTED)
    return None


def fitted(outcome: LineOutcome, periods: Sequence[Period | None], line: Line | None, reading: Reading) -> LineOutcome:
    """The outcome of a line that was granted for these days, one period for each service that answers it."""
    days = _together(periods)
    if days is None or line is None or outcome not in GRANTED:
        return outcome
    (start, end), (first, last) = days, (line.dates.start, line.dates.end)
    begins, ends = start or first, end or last
    if (last and begins > last) or (ends and ends < max(first, begins)):
        reading.doubt("the dates of a line that the payer grants hold none of the days that were asked for")
        return LineOutcome.CERTIFIED_MODIFIED
    narrower = begins > first or (end is not None and last is not None and end < last)
    return LineOutcome.CERTIFIED_MODIFIED if narrower else outcome


def _together(periods: Sequence[Period | None]) -> tuple[date | None, date | None] | None:
    """From the first day to the last of several services; open where one of them is. None where one is not bounded."""
    told = [period for period in periods if period is not None and period.bounds]
    if not told or len(told) < len(periods):
        return None
    starts = [period.start.date for period in told if period.start]
    ends = [period.end.date for period in told if period.end]
    return (
        min(starts) if len(starts) == len(told) else None,
        max(ends) if len(ends) == len(told) else None,
    )
