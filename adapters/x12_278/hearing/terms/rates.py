"""Tells whether a frequency in an answer (HSD) leaves of a line all that was asked for.

HSD reads "02 of 01 per every 04 03, for 06 05" [K]. Where a frequency was asked for, the answer's is held against it.
Where none was, the answer's must add up to the quantity, in its unit, over the days that are both asked for and
granted: each day, week or month that begins in them gives its number. A frequency that gives less, or of which that
cannot be told, takes something away, and a person looks: an outcome has no place for a frequency.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from types import MappingProxyType
from typing import NamedTuple

from adapters.x12_278.asking.delivery import delivery
from adapters.x12_278.hearing.reading import Reading
from adapters.x12_278.segment import Segment
from gateway.model.request import Line

UNITS = MappingProxyType(
    {
        "UN": "units",
        "EA": "units",
        "MJ": "minutes",
        "F2": "international_units",
        "DA": "days",
        "DY": "days",
        "VS": "visits",
    }
)
"""SV103, SV204 and HSD01, in capitals, and EA (each), which payers write for UN; another unit keeps its code."""
_RATE = (3, 4, 5, 6, 7, 8)
"""Elements of an HSD that make its amount one of a period, or limit it to some."""
_ELEMENTS = 8
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{0,6})?|\.[0-9]{1,6}")
_LENGTH = re.compile(r"[0-9]{1,3}")
"""HSD06 has three digits."""
_PERIODS = MappingProxyType({"DA": "day", "WK": "week", "MO": "month"})
"""HSD03."""
_LENGTHS = MappingProxyType({"7": "day", "35": "week", "34": "month"})
"""HSD05."""
_DAYS_IN = MappingProxyType({"day": 1, "week": 7})


class Days(NamedTuple):
    """The first and the last of some days; without a last one they have no end."""

    first: date
    last: date | None


def read_amount(text: str) -> Decimal | None:
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def is_rate(hsd: Segment) -> bool:
    return any(hsd.value(element) for element in _RATE)


def is_sent(hsd: Segment, line: Line) -> bool:
    """True for the HSD that the line was sent with."""
    return bool(delivery(line)) and _written(hsd) == _sent(line)


def takes_away(rate: Segment, line: Line, days: Days, reading: Reading) -> bool:
    """True where the frequency does not leave the line all that was asked for, on these days, or nobody can tell."""
    asked = any(_sent(line)[2:6])
    why = _why_seldomer(_written(rate), _sent(line)) if asked else _why_fewer(_written(rate), line, days)
    if why:
        reading.doubt(f"segment {rate.number} {why}")
    return why is not None


def _written(hsd: Segment) -> tuple[str, ...]:
    return tuple(hsd.text(element).upper() for element in range(1, _ELEMENTS + 1))


def _sent(line: Line) -> tuple[str, ...]:
    sent = delivery(line) or ()
    return (*sent, *("",) * (_ELEMENTS - len(sent)))


def _why_seldomer(theirs: Sequence[str], ours: Sequence[str]) -> str | None:
    # A pattern of days that was not asked for limits; one that is left out does not.
    same_shape = (theirs[0], theirs[2]) == (ours[0], ours[2]) and all(
        pattern in ("", asked) for pattern, asked in zip(theirs[6:], ours[6:], strict=True)
    )
    # HSD02 is so many, HSD04 in every so many periods (one where it is empty).
    many = (read_amount(theirs[1]), read_amount(theirs[3] or "1"), read_amount(theirs[5]) if theirs[5] else None)
    same_length = not theirs[5] or (ours[5] != "" and theirs[4] == ours[4] and many[2] is not None)
    if not same_shape or many[0] is None or many[1] is None or not same_length:
        return "has a frequency that cannot be compared with the one asked for"
    shorter = many[2] is not None and many[2] < Decimal(ours[5])
    if many[0] < Decimal(ours[1]) or many[1] > Decimal(ours[3] or "1") or shorter:
        return "grants less often, or for a shorter time, than was asked for"
    return None


def _why_fewer(theirs: Sequence[str], line: Line, days: Days) -> str | None:
    try:
        whole = _added_up(theirs, days) if UNITS.get(theirs[0]) == line.quantity.unit else None
    except (ValueError, OverflowError):
        # Days beyond the calendar.
        whole = None
    if whole is None:
        return "has a frequency that nobody asked for, and it cannot be told what it adds up to"
    if whole < line.quantity.value:
        return "has a frequency that nobody asked for, and it adds up to less than was asked for"
    return None


def _added_up(theirs: Sequence[str], days: Days) -> Decimal | None:
    """How much so many in every so many periods are, on these days; None where a part of that is not known."""
    _, many, period, every, unit, length, *pattern = theirs
    number, step, last = read_amount(many), read_amount(every or "1"), days.last
    if unit or length:
        if unit not in _LENGTHS or not _LENGTH.fullmatch(length):
            return None
        until = _later(days.first, int(length), _LENGTHS[unit]) - timedelta(days=1)
        last = min(last, until) if last else until
    if number is None or not step or period not in _PERIODS or last is None or any(pattern):
        return None
    return number * (_begun(days.first, last, _PERIODS[period]) / step).to_integral_value(ROUND_CEILING)


def _begun(first: date, last: date, period: str) -> Decimal:
    """How many of these periods begin on these days, the first of them on the first day."""
    if last < first:
        return Decimal(0)
    if period == "month":
        months = (last.year - first.year) * 12 + last.month - first.month
        return Decimal(months + (last.day >= first.day))
    return Decimal((last - first).days // _DAYS_IN[period] + 1)


def _later(first: date, count: int, period: str) -> date:
    if period != "month":
        return first + timedelta(days=count * _DAYS_IN[period])
    year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
