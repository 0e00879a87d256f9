"""Reads how much of a line was granted, and tells whether that is what was asked for.

Payers write A1 (certified in total) over fewer units than were asked for. Whoever reads "approved" there gives what
was asked for, and is paid for less: such a line is CERTIFIED_MODIFIED. A grant of nothing is a contradiction, UNKNOWN,
and a person looks.

Compared is only what counts the same thing: amounts in the unit the line was asked for in, or was written in. More
than was asked for includes it, and another unit says nothing of it (payers count in visits or packs what was asked for
in units): there the payer's word stands, and the quantity is told as the payer wrote it. An HSD with a period (3 visits
a week) is a rate and not compared either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from adapters.x12_278.interchange import Value
from adapters.x12_278.loops import Loop
from adapters.x12_278.reading import Reading
from adapters.x12_278.services import measure
from adapters.x12_278.verdicts import GRANTED
from gateway.model.outcome import ApprovedQuantity
from gateway.model.request import Line
from gateway.model.status import LineOutcome

_UNITS = MappingProxyType(
    {"UN": "units", "MJ": "minutes", "F2": "international_units", "DA": "days", "DY": "days", "VS": "visits"}
)
"""SV103, SV204 and HSD01; a unit that is not here keeps its code."""
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_PLACES = (("SV1", 4, 3), ("SV2", 5, 4), ("HSD", 2, 1))
"""Segment, its amount, its unit."""
_RATE = (3, 4, 5, 6)
"""Elements of an HSD that make its amount one of a period."""


class Amount(NamedTuple):
    """A quantity, and where it was read. ``total`` is false for a rate."""

    quantity: ApprovedQuantity
    total: bool
    loop: str
    value: Value
    unit: Value


def amounts_in(loop: Loop, reading: Reading) -> list[Amount]:
    """The quantities of a loop, in the order in which they are believed."""
    found = []
    for tag, place, beside in _PLACES:
        segment = loop.first(tag)
        value = segment.value(place) if segment else None
        unit = segment.value(beside) if segment else None
        if segment is None or value is None or unit is None:
            continue
        if not _AMOUNT.fullmatch(value.text):
            reading.doubt(f"{value.label} of segment {value.segment} is not a quantity")
            continue
        quantity = ApprovedQuantity(value=Decimal(value.text), unit=_UNITS.get(unit.text, unit.text))
        total = tag != "HSD" or not any(segment.value(element) for element in _RATE)
        found.append(Amount(quantity, total, loop.name, value, unit))
    return found


def granted(amounts: Sequence[Amount], line: Line | None) -> Amount | None:
    """The amount that counts: payers repeat what was asked for beside what they grant."""
    fewer = [amount for amount in amounts if amount.quantity.value == 0 or _fewer(amount, line)]
    return min(fewer, key=lambda amount: amount.quantity.value) if fewer else next(iter(amounts), None)


def weighed(outcome: LineOutcome, amount: Amount | None, line: Line | None, reading: Reading) -> LineOutcome:
    """The outcome of a line that was granted this much of what was asked for."""
    if amount is None or outcome not in GRANTED:
        return outcome
    if amount.quantity.value == 0:
        reading.doubt(f"{amount.value.label} of segment {amount.value.segment} grants a quantity of zero")
        return LineOutcome.UNKNOWN
    return LineOutcome.CERTIFIED_MODIFIED if _fewer(amount, line) else outcome


def together(amounts: Sequence[Amount | None]) -> Amount | None:
    """What several services add up to, told at the first; None where they do not count the same thing."""
    told = [amount for amount in amounts if amount is not None and amount.total]
    if not told or len(told) < len(amounts) or len({amount.quantity.unit for amount in told}) > 1:
        return None
    whole = sum((amount.quantity.value for amount in told), Decimal(0))
    return told[0]._replace(quantity=ApprovedQuantity(value=whole, unit=told[0].quantity.unit))


def _fewer(amount: Amount, line: Line | None) -> bool:
    if line is None or not amount.total:
        return False
    ours = (line.quantity.unit, _UNITS[measure(line)])
    return amount.quantity.unit in ours and amount.quantity.value < line.quantity.value
