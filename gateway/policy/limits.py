"""How much a payer pays for: units of a line's whole, units in every so many days over all lines, and days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from gateway.policy.asked import AskedLine
from gateway.policy.verdict import LimitVerdict, RuleRef
from gateway.profiles.policies_rules import LimitRule

Dated = tuple[date, date, Decimal, int]
"""First and last day of a line, its units, and its place."""


def judge_limit(rule: LimitRule, ref: RuleRef, line: AskedLine, over: frozenset[int]) -> LimitVerdict:
    """``over`` are the places of lines that ask for too much among them (``too_much``)."""
    told: list[tuple[bool | None, str]] = []
    if rule.most_days is not None:
        days = _days(line)
        told.append((None if days is None else days <= rule.most_days, f"at most {rule.most_days} days"))
    if rule.units is not None and rule.per_days is None:
        units = _units(line)
        told.append((None if units is None else units <= rule.units, f"at most {rule.units:f} units"))
    elif rule.units is not None:
        within = None if _dated(line) is None else line.place not in over
        told.append((within, f"at most {rule.units:f} units in every {rule.per_days} days"))
    says = ", ".join(text for _, text in told)
    verdicts = [answer for answer, _ in told]
    if False in verdicts:
        return LimitVerdict(verdict="exceeded", says=says, rule=ref)
    return LimitVerdict(verdict="undetermined" if None in verdicts else "within", says=says, rule=ref)


def too_much(rule: LimitRule, limited: Sequence[AskedLine]) -> frozenset[int]:
    """The places of lines that ask for more units than the rule pays for in some stretch of days, whatever the days on
    which each is given.

    A stretch begins with one line and ends with another, and holds every line that lies in it whole: a dose on each of
    five days is as much as all five on one. In it as many times ``units`` are paid for as ``per_days`` begin.
    """
    if rule.units is None or rule.per_days is None:
        return frozenset()
    dated = [found for line in limited if (found := _dated(line)) is not None]
    dated.sort(key=lambda one: one[1])
    starts = sorted({start for start, *_ in dated})
    each = (_first_too_much(rule.units, rule.per_days, first, dated) for first in starts)
    stretches = [lines for lines in each if lines is not None]
    # One that holds a shorter one says nothing of the other lines in it.
    least = (one for one in stretches if not any(other < one for other in stretches))
    return frozenset(place for one in least for place in one)


def _first_too_much(units: Decimal, per_days: int, first: date, dated: Sequence[Dated]) -> frozenset[int] | None:
    """The lines of the shortest stretch from that day in which too much is asked for. ``dated`` are by their ends."""
    inside: list[int] = []
    asked = Decimal(0)
    for n, (start, end, wanted, place) in enumerate(dated):
        if start >= first:
            inside.append(place)
            asked += wanted
        whole = n + 1 == len(dated) or dated[n + 1][1] > end
        if inside and whole and asked > units * -(-((end - first).days + 1) // per_days):
            return frozenset(inside)
    return None


def _dated(line: AskedLine) -> Dated | None:
    """None where its end or its units are not known."""
    units = _units(line)
    if units is None or line.dates is None or line.dates.end is None:
        return None
    return line.dates.start, line.dates.end, units, line.place


def _days(line: AskedLine) -> int | None:
    return None if line.dates is None or line.dates.end is None else (line.dates.end - line.dates.start).days + 1


def _units(line: AskedLine) -> Decimal | None:
    return line.quantity.value if line.quantity is not None and line.quantity.unit == "units" else None
