"""Reads what an approval is worth: its number, its days, and how much of the drug it is for."""

from __future__ import annotations

from adapters.script_epa.asking.drug import UNITS
from adapters.script_epa.codec.tree import Node
from adapters.script_epa.hearing.parts import Parts
from adapters.script_epa.hearing.reading import amount, day
from gateway.model.outcome import ApprovedQuantity, Reference, ReferenceKind, Span

_LONGEST = 140


def number_of(parts: Parts, status: Node) -> str | None:
    """AuthorizationNumber; an approval need not have one."""
    node = status.word(parts.tags["AuthorizationNumber"])
    if node is None:
        return None
    if len(node.text) > _LONGEST or not any(sign in "123456789" or sign.isalpha() for sign in node.text):
        parts.reading.doubt("what stands as the number of the authorization cannot be one")
        return None
    parts.reading.keep("/lines/0/authorization_number", node)
    return node.text


def reference_of(parts: Parts, number: str | None) -> tuple[Reference, ...]:
    return (Reference(kind=ReferenceKind.AUTHORIZATION, value=number, line=parts.line),) if number else ()


def period_of(parts: Parts, status: Node) -> Span | None:
    node = status.get(parts.tags["AuthorizationPeriod"])
    if node is None:
        return None
    ends = [node.get(parts.tags[name]) for name in ("EffectiveDate", "ExpirationDate")]
    start, end = (day(each) for each in ends)
    if any(each is not None and found is None for each, found in zip(ends, (start, end), strict=True)):
        parts.reading.doubt("a day of the authorization cannot be read")
    if start is None and end is None:
        return None
    if start and end and end < start:
        parts.reading.doubt("the authorization ends before it begins")
    parts.reading.keep("/lines/0/period", node)
    return Span(start=start, end=end)


def limits_of(parts: Parts, status: Node) -> ApprovedQuantity | None:
    """How much is granted, where the payer says so once; all its words on limits go into the messages too."""
    details = status.all(parts.tags["AuthorizationDetail"])
    found = [_limit(parts, detail) for detail in details]
    for detail in details:
        for node in (child for child in detail.walk() if not child.children and child.text):
            parts.reading.tell(node, f"{node.path.rpartition('AuthorizationDetail/')[2]}: ")
    if not found:
        return None
    said = {(quantity.value, quantity.unit) for _, quantity in found if quantity is not None}
    if len(said) > 1:
        parts.reading.doubt("the payer grants several quantities: its messages say which for which pharmacy")
        return None
    place, quantity = next((each for each in found if each[1] is not None), (None, None))
    if place is not None:
        parts.reading.keep("/lines/0/quantity", place)
    return quantity


def _limit(parts: Parts, detail: Node) -> tuple[Node | None, ApprovedQuantity | None]:
    quantity, days = detail.get(parts.tags["Quantity"]), detail.word(parts.tags["DaysSupply"])
    if quantity is not None:
        told = quantity.get(parts.tags["Value"]) or quantity
        value = amount(told)
        unit = quantity.word(parts.tags["QuantityUnitOfMeasure"], parts.tags["Code"])
        if value is None or not value:
            parts.reading.doubt("a quantity of the authorization cannot be read, or is none")
            return None, None
        return quantity, ApprovedQuantity(value=value, unit=UNITS.get(unit.text, unit.text) if unit else "units")
    if days is not None:
        value = amount(days)
        if value is None or not value:
            parts.reading.doubt("a number of days of the authorization cannot be read, or is none")
            return None, None
        return days, ApprovedQuantity(value=value, unit="days")
    return None, None
