"""Reads how much of a line was granted, and tells whether that is what was asked for.

Payers write A1 (certified in total) over fewer units than were asked for. Whoever reads "approved" there gives what
was asked for, and is paid for less: such a line is CERTIFIED_MODIFIED. A grant of nothing is a contradiction, and a
grant that cannot be read could be anything: both are UNKNOWN, and a person looks.

Compared is only what counts the same thing: amounts in the unit the line was asked for in. More than was asked for
includes it, and another unit that we know says nothing of it (payers count in visits what was asked for in units):
there the payer's word stands, and the quantity is told as the payer wrote it. A smaller number with no unit, with one
nobody knows, or in units where visits or days were asked for, may well be less: a person looks. All amounts of a
service are read, and the least counts.

An amount of several lines together (of the event, or of a service that answers several) says nothing of any one unless
it is what they asked for, all together. The HSD of an event with several lines was never asked for: there it takes
something away.

An HSD with a period (3 visits a week) is a rate. It is held against the HSD that the line was sent with, and its number
is told as no quantity: it is not how many in all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from adapters.x12_278.loops import Loop
from adapters.x12_278.reading import Reading
from adapters.x12_278.segment import Segment, Value
from adapters.x12_278.services import delivery
from adapters.x12_278.verdicts import GRANTED
from gateway.model.outcome import ApprovedQuantity
from gateway.model.request import Line
from gateway.model.status import LineOutcome

_UNITS = MappingProxyType(
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
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{0,6})?|\.[0-9]{1,6}")
_PLACES = (("SV1", 4, 3), ("SV2", 5, 4), ("HSD", 2, 1))
"""Segment, its amount, its unit."""
_RATE = (3, 4, 5, 6, 7, 8)
"""Elements of an HSD that make its amount one of a period, or limit it to some."""


class Amount(NamedTuple):
    """A number, and where it was read. It is None where it cannot be read, and has no ``counts`` without a unit."""

    number: Decimal | None
    counts: str | None
    total: bool
    """False for a rate."""
    loop: str
    value: Value
    unit: Value | None


class Grant(NamedTuple):
    """The amount that counts, and what it makes of a line that is granted; None leaves the payer's word."""

    amount: Amount | None = None
    makes: LineOutcome | None = None


def granted(loops: Sequence[Loop], line: Line | None, reading: Reading) -> Grant:
    """What these loops grant of the line. Payers repeat what was asked for beside what they grant."""
    amounts = [amount for loop in loops for amount in _amounts_in(loop)]
    for amount in amounts:
        if amount.number is None or amount.number == 0:
            wrong = "grants a quantity of zero" if amount.number == 0 else "is not a quantity"
            reading.doubt(f"{amount.value.label} of segment {amount.value.segment} {wrong}")
            return Grant(amount, LineOutcome.UNKNOWN)
        if _unsure(amount, line):
            at = f"{amount.value.label} of segment {amount.value.segment}"
            reading.doubt(f"{at} is less than was asked for, in a unit that cannot be compared")
    fewer = [amount for amount in amounts if _fewer(amount, line)]
    makes = LineOutcome.CERTIFIED_MODIFIED if fewer else None
    rates = [segment for loop in loops for segment in loop.all("HSD") if _is_rate(segment)]
    if line and any(_seldomer(rate, line, reading) for rate in rates):
        makes = LineOutcome.CERTIFIED_MODIFIED
    totals = [amount for amount in amounts if amount.total]
    told = fewer or [amount for amount in totals if amount.counts == totals[0].counts]
    return Grant(min(told, key=lambda amount: amount.number or 0) if told else None, makes)


def granted_together(loops: Sequence[Loop], lines: Sequence[Line], reading: Reading) -> Grant:
    """What a service grants of several lines: as much as they asked for together, or nobody knows how much of each."""
    makes = None
    for loop in loops:
        for segment, amount in _stated(loop):
            if segment.tag == "HSD" and all(_is_sent(segment, line) for line in lines):
                continue
            same_unit = amount is not None and all(amount.counts == line.quantity.unit for line in lines)
            if amount is None or not same_unit or not amount.total or amount.number != _asked(lines, amount.counts):
                reading.doubt(f"segment {segment.number} has a quantity of several lines, and not what they asked for")
                makes = LineOutcome.UNKNOWN
    return Grant(None, makes)


def granted_above(event: Loop, lines: Sequence[Line], reading: Reading) -> Grant:
    """What the HSD of an event leaves of several lines."""
    makes = None
    for segment, amount in _stated(event):
        if segment.tag != "HSD" or (lines and all(_is_sent(segment, line) for line in lines)):
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
    """What several services add up to; nothing where they do not count the same thing."""
    told = [grant.amount for grant in grants if grant.amount and grant.amount.total and grant.amount.counts]
    if not told or len(told) < len(grants) or len({amount.counts for amount in told}) > 1:
        return Grant()
    whole = told[0]._replace(number=sum((amount.number or Decimal(0) for amount in told), Decimal(0)))
    return Grant(whole, LineOutcome.CERTIFIED_MODIFIED if _fewer(whole, line) else None)


def quantity_of(amount: Amount) -> ApprovedQuantity | None:
    """As the outcome holds it: a number without a unit is none."""
    if amount.number is None or amount.counts is None:
        return None
    return ApprovedQuantity(value=amount.number, unit=amount.counts)


def repeats_amounts(loop: Loop, line: Line) -> bool:
    """True when every amount of the loop is what the line asked for."""
    return all(
        (segment.tag == "HSD" and _is_sent(segment, line))
        or (amount and amount.total and (amount.number, amount.counts) == (line.quantity.value, line.quantity.unit))
        for segment, amount in _stated(loop)
    )


def _amounts_in(loop: Loop) -> list[Amount]:
    return [amount for _, amount in _stated(loop) if amount]


def _stated(loop: Loop) -> Iterator[tuple[Segment, Amount | None]]:
    """The amounts of a loop, in the order in which they are believed; None for an HSD that limits without one."""
    for tag, place, beside in _PLACES:
        for segment in loop.all(tag):
            value, unit = segment.value(place), segment.value(beside)
            if value:
                counts = _UNITS.get(unit.text.strip().upper(), unit.text) if unit else None
                total = tag != "HSD" or not _is_rate(segment)
                yield segment, Amount(_number(value.text), counts, total, loop.name, value, unit)
            elif tag == "HSD":
                yield segment, None


def _is_sent(hsd: Segment, line: Line) -> bool:
    """True for the HSD that the line was sent with."""
    sent = delivery(line) or ()
    theirs = tuple(hsd.text(element).strip().upper() for element in range(1, len(_RATE) + 3))
    return bool(sent) and theirs == (*sent, *("",) * (len(theirs) - len(sent)))


def _asked(lines: Sequence[Line], counts: str | None) -> Decimal:
    """How much the lines asked for in this unit, together."""
    return sum((line.quantity.value for line in lines if line.quantity.unit == counts), Decimal(0))


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def _is_rate(hsd: Segment) -> bool:
    return any(hsd.value(element) for element in _RATE)


def _smaller(amount: Amount, line: Line) -> bool:
    return amount.total and amount.number is not None and amount.number < line.quantity.value


def _fewer(amount: Amount, line: Line | None) -> bool:
    return line is not None and amount.counts == line.quantity.unit and _smaller(amount, line)


def _unsure(amount: Amount, line: Line | None) -> bool:
    """True for what may be less than was asked for. ``units`` may be visits: one unit of an infusion is one. And a
    number of visits may be fewer than the frequency adds up to."""
    if line and line.frequency and line.frequency.count and amount.counts == "visits" and amount.total:
        return (amount.number or 0) < line.frequency.times * line.frequency.count
    if line is None or amount.counts == line.quantity.unit or not _smaller(amount, line):
        return False
    return amount.counts == "units" or amount.counts not in _UNITS.values()


def _seldomer(rate: Segment, line: Line, reading: Reading) -> bool:
    """True when the line is granted less often, or for a shorter time, than it was sent with. Where that cannot be
    told a person looks; and where it is so too, for an outcome has no place for a frequency."""
    sent = delivery(line) or ()
    ours = (*sent, *("",) * (len(_RATE) + 2 - len(sent)))
    theirs = tuple(rate.text(element).strip().upper() for element in range(1, len(ours) + 1))
    if not any(ours[2:6]):
        # A rate that nobody asked for is the payer's word about how, not how much, unless it says for how long.
        if theirs[5]:
            reading.doubt(f"segment {rate.number} limits a line for a time that was not asked for")
        return False
    same_shape = (theirs[0], theirs[2], theirs[6], theirs[7]) == (ours[0], ours[2], "", "")
    # HSD02 is so many, HSD04 in every so many periods (one where it is empty).
    many = (_number(theirs[1]), _number(theirs[3] or "1"), _number(theirs[5]) if theirs[5] else None)
    same_length = not theirs[5] or (ours[5] != "" and theirs[4] == ours[4] and many[2] is not None)
    if not same_shape or many[0] is None or many[1] is None or not same_length:
        reading.doubt(f"segment {rate.number} has a frequency that cannot be compared with the one asked for")
        return False
    shorter = many[2] is not None and many[2] < Decimal(ours[5])
    if many[0] < Decimal(ours[1]) or many[1] > Decimal(ours[3] or "1") or shorter:
        reading.doubt(f"segment {rate.number} grants less often, or for a shorter time, than was asked for")
        return True
    return False
