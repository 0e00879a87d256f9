"""Reads how much of a line was granted, and tells whether that is what was asked for.

Payers write A1 (certified in total) over fewer units than were asked for. Whoever reads "approved" there gives what
was asked for, and is paid for less: such a line is CERTIFIED_MODIFIED. A grant of nothing is a contradiction, and a
grant that cannot be read could be anything: both are UNKNOWN, and a person looks.

Compared is only what counts the same thing: amounts in the unit the line was asked for in. More than was asked for
includes it: there the payer's word stands, and the quantity is told as the payer wrote it. Any number in another unit,
or in none and not the very one that was asked for, may well be less (a thousand milligrams, six visits): a person
looks. All amounts of a service are read, and the least counts.

An amount of several lines together (of the event, or of a service that answers several) says nothing of any one unless
it is what they asked for, all together. The HSD of an event with several lines was never asked for: there it takes
something away.

An HSD with a period (3 visits a week) is the business of ``rates``, and its number is told as no quantity: it is not
how many in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.hearing.reading import Reading
from adapters.x12_278.hearing.terms.rates import UNITS, Days, is_rate, is_sent, read_amount, takes_away
from adapters.x12_278.hearing.verdicts import GRANTED
from adapters.x12_278.segment import Segment, Value
from gateway.model.outcome import ApprovedQuantity
from gateway.model.request import Line
from gateway.model.status import LineOutcome

_PLACES = (("SV1", 4, 3), ("SV2", 5, 4), ("SV3", 6, None), ("HSD", 2, 1))
"""Segment, its amount, its unit. A dental service (SV3) counts procedures, which are what we ask for in units."""
_OF_DENTAL = "units"


class Amount(NamedTuple):
    """A number, and where it was read. It is None where it cannot be read, and has no ``counts`` without a unit."""

    number: Decimal | None
    counts: str | None
    total: bool
    """False for a rate."""
    loop: str
    value: Value
    unit: Value | None


Stated = tuple[Segment, Amount | None]
"""A segment and the amount in it; None for an HSD that limits without one."""


class Grant(NamedTuple):
    """The amount that counts, and what it makes of a line that is granted; None leaves the payer's word."""

    amount: Amount | None = None
    makes: LineOutcome | None = None
    rarer: bool = False
    """True where a frequency takes something away."""
    teeth: frozenset[str] = frozenset()


def granted(loops: Sequence[Loop], line: Line | None, days: Days | None, reading: Reading) -> Grant:
    """What these loops grant of the line on these days. Payers repeat what was asked for beside what they grant."""
    amounts = [amount for loop in loops for amount in _amounts_in(loop)]
    for amount in amounts:
        if amount.number is None or amount.number == 0:
            wrong = "grants a quantity of zero" if amount.number == 0 else "is not a quantity"
            reading.doubt(f"{amount.value.label} of segment {amount.value.segment} {wrong}")
            return Grant(amount, LineOutcome.UNKNOWN)
        if _unsure(amount, line):
            at = f"{amount.value.label} of segment {amount.value.segment}"
            reading.doubt(f"{at} is not in the unit asked for, and may be less")
    fewer = [amount for amount in amounts if _fewer(amount, line)]
    rates = [segment for loop in loops for segment in loop.all("HSD") if is_rate(segment)]
    rarer = [rate for rate in rates if line and days and takes_away(rate, line, days, reading)]
    teeth = frozenset(too.text(2).upper() for loop in loops for too in loop.all("TOO"))
    others = line is not None and _fewer_teeth(teeth, line)
    if others:
        reading.doubt("the payer grants a dental service for other teeth than were asked for")
    makes = LineOutcome.CERTIFIED_MODIFIED if fewer or rarer or others else None
    totals = [amount for amount in amounts if amount.total]
    told = fewer or [amount for amount in totals if amount.counts == totals[0].counts]
    least = min(told, key=lambda amount: amount.number or 0, default=None)
    return Grant(least, makes, bool(rarer), teeth)


def granted_together(loops: Sequence[Loop], lines: Sequence[Line], reading: Reading) -> Grant:
    """What a service grants of several lines: as much as they asked for together, or nobody knows how much of each."""
    makes = None
    for loop in loops:
        for segment, amount in stated(loop):
            if segment.tag == "HSD" and all(is_sent(segment, line) for line in lines):
                continue
            same_unit = amount is not None and all(amount.counts == line.quantity.unit for line in lines)
            if amount is None or not same_unit or not amount.total or amount.number != _asked(lines, amount.counts):
                reading.doubt(f"segment {segment.number} has a quantity of several lines, and not what they asked for")
                makes = LineOutcome.UNKNOWN
    return Grant(None, makes)


def granted_above(event: Loop, lines: Sequence[Line], reading: Reading) -> Grant:
    """What the HSD of an event leaves of several lines."""
    makes = None
    for segment, amount in stated(event):
        if segment.tag != "HSD" or (lines and all(is_sent(segment, line) for line in lines)):
            continue
        asked = _asked(lines, amount.counts) if amount and amount.total else 0
        if amount and amount.number and asked and amount.number >= asked:
            continue
        reading.doubt(f"segment {segment.number} limits the event, and not as any line asked for")
        if amount and not amount.number:
            return Grant(None, LineOutcome.UNKNOWN)
        makes = LineOutcome.CERTIFIED_MODIFIED
    return Grant(None, makes)


def weaker(one: Grant, other: Grant) -> Grant:
    """The one grant, as far as the other lets it stand."""
    if other.makes is LineOutcome.UNKNOWN:
        return other
    return one._replace(makes=one.makes or other.makes)


def weighed(outcome: LineOutcome, grant: Grant) -> LineOutcome:
    """The outcome of a line that was granted this much of what was asked for."""
    return grant.makes if grant.makes and outcome in GRANTED else outcome


def together(grants: Sequence[Grant], line: Line | None) -> Grant:
    """What the services that answer one line leave of it: what they say in its own unit must add up to what was asked
    for, their teeth too, and none may say less often."""
    if line is None:
        return Grant()
    told = [grant.amount.number for grant in grants if grant.amount and _counts(grant.amount, line)]
    fewer = bool(told) and sum((number or Decimal(0) for number in told), Decimal(0)) < line.quantity.value
    teeth = frozenset[str]().union(*(grant.teeth for grant in grants))
    less = fewer or any(grant.rarer for grant in grants) or _fewer_teeth(teeth, line)
    return Grant(makes=LineOutcome.CERTIFIED_MODIFIED if less else None)


def quantity_of(amount: Amount) -> ApprovedQuantity | None:
    """As the outcome holds it: a number without a unit is none."""
    if amount.number is None or amount.counts is None:
        return None
    return ApprovedQuantity(value=amount.number, unit=amount.counts)


def repeats_amounts(amounts: Iterable[Stated], line: Line) -> bool:
    """True when every one of a loop's amounts is what the line asked for."""
    return all(
        (segment.tag == "HSD" and is_sent(segment, line))
        or (amount and amount.total and (amount.number, amount.counts) == (line.quantity.value, line.quantity.unit))
        for segment, amount in amounts
    )


def distinct(amounts: Iterable[Stated]) -> list[Stated]:
    """Each amount once."""
    found: dict[object, Stated] = {}
    for segment, amount in amounts:
        texts = tuple(segment.text(place) for place in range(1, len(segment) + 1)) if segment.tag == "HSD" else ()
        found.setdefault((segment.tag, texts, amount and (amount.number, amount.counts)), (segment, amount))
    return list(found.values())


def _amounts_in(loop: Loop) -> list[Amount]:
    return [amount for _, amount in stated(loop) if amount]


def stated(loop: Loop) -> Iterator[Stated]:
    """The amounts of a loop, in the order in which they are believed."""
    for tag, place, beside in _PLACES:
        for segment in loop.all(tag):
            value, unit = segment.value(place), segment.value(beside) if beside else None
            if value:
                own = _OF_DENTAL if beside is None else None
                counts = UNITS.get(unit.text.strip().upper(), unit.text) if unit else own
                total = tag != "HSD" or not is_rate(segment)
                yield segment, Amount(read_amount(value.text), counts, total, loop.name, value, unit)
            elif tag == "HSD":
                yield segment, None


def _asked(lines: Sequence[Line], counts: str | None) -> Decimal:
    """How much the lines asked for in this unit, together."""
    return sum((line.quantity.value for line in lines if line.quantity.unit == counts), Decimal(0))


def _fewer_teeth(granted: frozenset[str], line: Line) -> bool:
    """True where teeth are named, and they are not at least those that were asked for."""
    asked = {tooth.number for tooth in line.teeth}
    return bool(granted) and not (asked and asked <= granted)


def _counts(amount: Amount, line: Line) -> bool:
    """True for an amount of what the line was asked for in."""
    return amount.total and amount.counts == line.quantity.unit


def _fewer(amount: Amount, line: Line | None) -> bool:
    if line is None or not _counts(amount, line):
        return False
    return amount.number is not None and amount.number < line.quantity.value


def _unsure(amount: Amount, line: Line | None) -> bool:
    """True for a number that cannot be held against what was asked for: it may be less."""
    if line is None or not amount.total or amount.counts == line.quantity.unit:
        return False
    if line.frequency and line.frequency.count and amount.counts == "visits":
        return (amount.number or 0) < line.frequency.times * line.frequency.count
    return amount.counts is not None or amount.number != line.quantity.value
