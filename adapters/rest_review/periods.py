"""Reads for which days a line was granted, and tells whether these are all the days that were asked for.

The days of the certification count before those of the service, for reviews repeat the days that were asked for. Of
the procedure and the review what is in both counts; days of service only where they are narrower than what was asked
for, and so no repetition. An end is compared only where both have one. Days that hold none of those asked for are told
as they stand, and a person looks; days that cannot be read could be any: UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from adapters.rest_review.reading import GRANTED, Reading, day
from adapters.rest_review.tree import Node
from gateway.model.line import Line
from gateway.model.outcome import Span
from gateway.model.status import LineOutcome

_CERTIFIED = ("certificationEffectiveDate", "certificationExpirationDate")
_GIVEN = ("fromDate", "toDate")


class Bound(NamedTuple):
    """A first or last day, and where it was read."""

    date: date
    node: Node


class Period(NamedTuple):
    """The days of a grant; ``legible`` is false where some cannot be read."""

    start: Bound | None
    end: Bound | None
    legible: bool = True

    def told(self, pointer: str, reading: Reading) -> Span | None:
        """As the outcome holds it at this pointer."""
        if self.start is None and self.end is None:
            return None
        for name, bound in (("start", self.start), ("end", self.end)):
            if bound is not None:
                reading.keep(f"{pointer}/{name}", bound.node)
        return Span(start=self.start.date if self.start else None, end=self.end.date if self.end else None)


def period_of(items: Sequence[Node], line: Line, reading: Reading) -> Period | None:
    """The days that a line is certified for by all of these items, else those it is to be given on."""
    certified = [period for item in items if (period := _period(item, *_CERTIFIED))]
    given = [period for item in items if (period := _period(item, *_GIVEN))]
    if not all(period.legible for period in (*certified, *given)):
        reading.doubt("the days of a grant cannot be read")
        return Period(None, None, legible=False)
    found = certified or given[:1]
    return _common([*found, *(_narrower(period, line) for period in given)]) if found else None


def fitted(outcome: LineOutcome, period: Period | None, line: Line, reading: Reading) -> LineOutcome:
    """The outcome of a line that was granted for these days."""
    if period is None or outcome not in GRANTED:
        return outcome
    if not period.legible:
        return LineOutcome.UNKNOWN
    start, end = (bound.date if bound else None for bound in (period.start, period.end))
    first, last = line.dates.start, line.dates.end
    begins, ends = start or first, end or last
    if (last and begins > last) or (ends and ends < max(first, begins)):
        reading.doubt("the days of a grant hold none of the days that were asked for")
        return LineOutcome.CERTIFIED_MODIFIED
    narrower = begins > first or (end is not None and last is not None and end < last)
    return LineOutcome.CERTIFIED_MODIFIED if narrower else outcome


def _period(item: Node, start: str, end: str) -> Period | None:
    first, last = item.word(start), item.word(end)
    if first is None and last is None:
        return None
    days = [day(node) if node else None for node in (first, last)]
    bounds = [Bound(found, node) if found and node else None for found, node in zip(days, (first, last), strict=True)]
    legible = all(found or not node for found, node in zip(days, (first, last), strict=True))
    return Period(bounds[0], bounds[1], legible)


def _common(periods: Sequence[Period]) -> Period:
    """The days that are in all of these, the first of equal ones."""
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
