"""Holds what was granted of one line against what was asked: quantity and days. Less is no plain yes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from adapters.rest_review.reading import GRANTED, Reading, day
from adapters.rest_review.tree import Node
from adapters.rest_review.write import UNITS
from gateway.model.line import Line
from gateway.model.outcome import ApprovedQuantity, Span
from gateway.model.status import LineOutcome

_LONGEST_NUMBER = 12


def quantity_of(
    item: Node, line: Line, outcome: LineOutcome, reading: Reading, pointer: str
) -> tuple[ApprovedQuantity | None, LineOutcome]:
    """The quantity of a grant, and what the line comes to by it."""
    node, unit = item.word("quantity"), item.word("quantityTypeCode")
    if outcome not in GRANTED or node is None:
        return None, outcome
    value = _number(node)
    if value is None:
        reading.doubt("a granted quantity cannot be read")
        return None, LineOutcome.UNKNOWN
    counts = UNITS.get((unit.text or "").strip().upper(), unit.text) if unit else None
    if counts is None and value == line.quantity.value:
        counts = line.quantity.unit
    reading.keep(f"{pointer}/quantity", node)
    told = ApprovedQuantity(value=value, unit=(counts or "unknown")[:40])
    if not value:
        reading.doubt("nothing was granted of what is said to be granted")
        return told, LineOutcome.UNKNOWN
    if counts != line.quantity.unit:
        reading.doubt("a quantity was granted in another unit than was asked for")
        return told, LineOutcome.UNKNOWN
    if value < line.quantity.value:
        return told, LineOutcome.CERTIFIED_MODIFIED
    return told, outcome


def period_of(
    items: tuple[Node, ...], line: Line | None, outcome: LineOutcome, reading: Reading, pointer: str
) -> tuple[Span | None, LineOutcome]:
    """The days of a grant, from the first of the items that has any, and what the line comes to by them."""
    if outcome not in GRANTED:
        return None, outcome
    for item in items:
        first, last = item.word("certificationEffectiveDate"), item.word("certificationExpirationDate")
        if first is None and last is None:
            continue
        start, end = day(first) if first else None, day(last) if last else None
        if (first and start is None) or (last and end is None):
            reading.doubt("the days of a grant cannot be read")
            return None, LineOutcome.UNKNOWN
        if start and end and end < start:
            reading.doubt("a grant ends before it begins")
            return None, LineOutcome.UNKNOWN
        for name, node in (("start", first), ("end", last)):
            if node is not None:
                reading.keep(f"{pointer}/period/{name}", node)
        late = line is not None and start is not None and start > line.dates.start
        early = line is not None and end is not None and end < (line.dates.end or line.dates.start)
        return Span(start=start, end=end), LineOutcome.CERTIFIED_MODIFIED if late or early else outcome
    return None, outcome


def _number(node: Node) -> Decimal | None:
    text = (node.text or "").strip()
    if len(text) > _LONGEST_NUMBER or not text.isascii():
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None
