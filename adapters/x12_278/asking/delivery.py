"""How often, how much and when a line is given, as HSD says it: a number, a rate, and the days of the week.

HSD reads "02 of 01 per every 04 03, for 06 05" [K]; public readings of HSD04 differ, so a frequency of more than one
period is also told in words. HSD07 has codes for some patterns of weekdays only, and HSD08 few for the time of day [K]:
the others are told in words, and reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from adapters.x12_278.asking.draft import Draft, number
from gateway.model.clauses import Clause
from gateway.model.line import WEEK, Frequency
from gateway.model.request import CodeSystem, Line

COUNTED = MappingProxyType({"days": "DY", "visits": "VS"})
"""HSD01."""
_EVERY = MappingProxyType({"day": ("DA", "7"), "week": ("WK", "35"), "month": ("MO", "34")})
"""HSD03 and HSD05."""
_LONGEST_COUNT = 999
"""HSD06 has three digits."""
_DAYS_IN = MappingProxyType({"day": 1, "week": 7, "month": 28})
_ELEMENTS = 8

_PATTERNS = MappingProxyType(
    {
        WEEK[:5]: "A",
        WEEK[:6]: "B",
        WEEK: "C",
        WEEK[:4]: "L",
        **{(weekday,): code for weekday, code in zip(WEEK, "DEFGHJK", strict=True)},
        ("monday", "tuesday", "thursday"): "SL",
        ("monday", "tuesday", "friday"): "SP",
        ("monday", "wednesday", "thursday"): "SY",
        ("monday", "wednesday", "thursday", "friday", "saturday"): "SD",
        ("tuesday", "wednesday", "thursday", "friday"): "SG",
        ("tuesday", "wednesday", "thursday", "friday", "saturday"): "SB",
        ("tuesday", "thursday", "friday"): "SZ",
        ("wednesday", "thursday"): "SX",
    }
)
"""HSD07 by the days of the week."""
_TIMES = MappingProxyType({"morning": "D", "afternoon": "E", "as_directed": "F"})
"""HSD08."""


def by_delivery(line: Line) -> bool:
    """True when HSD carries the quantity: days or visits that the line's own segment does not count."""
    if line.quantity.unit == "days" and institutional(line):
        return False
    return line.quantity.unit in COUNTED


def institutional(line: Line) -> bool:
    """True for a line that is written as a facility bills it (SV2)."""
    return line.code.system is CodeSystem.REVENUE or line.revenue_code is not None


def delivery(line: Line) -> tuple[str, ...] | None:
    """HSD01 to HSD08 of the line; empty where it needs no HSD, None where HSD cannot say it."""
    counted, frequency = by_delivery(line), line.frequency
    unit = COUNTED[line.quantity.unit] if counted else "VS"
    if frequency is None:
        return (unit, number(line.quantity.value)) if counted else ()
    count = frequency.count
    if counted:
        rounds, rest = divmod(line.quantity.value, frequency.times)
        length = rounds * frequency.every
        if rest or count not in (None, rounds) or length > _LONGEST_COUNT:
            return None
        if unit == "DY" and frequency.times > frequency.every * _DAYS_IN[frequency.period]:
            # "Twice a day, on 20 days" counts two things, and HSD one.
            return None
        count = int(rounds)
    period, qualifier = _EVERY[frequency.period]
    span = count * frequency.every if count else None
    every = str(frequency.every) if frequency.every > 1 else ""
    elements = (
        *(unit, str(frequency.times), period, every),
        *((qualifier, str(span)) if span and span <= _LONGEST_COUNT else ()),
    )
    patterns = (_PATTERNS.get(frequency.weekdays, ""), _TIMES.get(frequency.time_of_day or "", ""))
    if not any(patterns):
        return elements
    return (*elements, *("",) * (_ELEMENTS - 2 - len(elements)), *patterns)


def write_delivery(draft: Draft, line: Line, at: str) -> Iterator[Clause]:
    """HSD: how often, when, or how many days or visits."""
    elements = delivery(line)
    if elements is None:
        draft.refuse(
            f"{at}/frequency",
            f"a 278 cannot say this frequency and a quantity in {line.quantity.unit} that it does not add up to",
            f"Send a frequency that makes up the {line.quantity.unit}, or none, or a quantity in units.",
        )
    elif elements:
        draft.add("HSD", *elements)
    frequency = line.frequency
    if not elements or frequency is None:
        return
    length = frequency.count * frequency.every if frequency.count else 0
    words = f"{frequency.times} every {frequency.every} {frequency.period}{'s' if frequency.every > 1 else ''}"
    if length > _LONGEST_COUNT:
        yield Clause(f"{words}, for {frequency.count}", (f"{at}/frequency/count",))
    elif frequency.every > 1:
        yield Clause(words, ())
    yield from _untold(frequency, at)


def _untold(frequency: Frequency, at: str) -> Iterator[Clause]:
    if frequency.weekdays and frequency.weekdays not in _PATTERNS:
        named = " ".join(weekday[:3].capitalize() for weekday in frequency.weekdays)
        yield Clause(f"On {named}", (f"{at}/frequency/weekdays",))
