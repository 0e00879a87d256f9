"""Reads what an approval is worth: its number, its days, how much of the drug it is for, and who processes it."""

from __future__ import annotations

from adapters.script_epa.asking.drug import UNITS
from adapters.script_epa.codec.tree import Node
from adapters.script_epa.codec.verdicts import NUMBER, Approved, Closed, Denied, Limit
from adapters.script_epa.hearing.parts import Parts
from adapters.script_epa.hearing.reading import amount, day, written_in
from gateway.model.numbers import identifies, is_placeholder
from gateway.model.outcome import ApprovedQuantity, Reference, ReferenceKind, Span

Granted = Approved | Closed


def number_of(parts: Parts, status: Granted) -> str | None:
    """An approval need not have one."""
    number = status.number
    if number is None or "AuthorizationNumber" in status.several:
        return None
    if len(number) > NUMBER or is_placeholder(number):
        parts.reading.doubt("what stands as the number of the authorization cannot be one")
        return None
    if not identifies(number):
        parts.reading.doubt("what stands as the number of the authorization may be words")
    parts.reading.keep("/lines/0/authorization_number", parts.reading.place(status, "number"))
    return number


def reference_of(parts: Parts, number: str | None) -> tuple[Reference, ...]:
    return (Reference(kind=ReferenceKind.AUTHORIZATION, value=number, line=parts.line),) if number else ()


def tell_processor(parts: Parts, status: Granted | Denied) -> None:
    """Whoever the payer names as the processor, in whatever answer: each word goes into the messages."""
    place = parts.reading.place(status, "processor")
    for node in (each for each in place.walk() if each.text and not each.children) if place is not None else ():
        parts.reading.tell(node, f"{node.path.rpartition(parts.tags['PAProcessor'] + '/')[2]}: ")


def period_of(parts: Parts, status: Granted) -> Span | None:
    period = status.period
    if period is None or "AuthorizationPeriod" in status.several:
        return None
    start, end = day(period.start), day(period.end)
    if (period.start is not None and start is None) or (period.end is not None and end is None):
        parts.reading.doubt("a day of the authorization cannot be read")
    if start is None and end is None:
        return None
    if start and end and end < start:
        parts.reading.doubt("the authorization ends before it begins")
    parts.reading.keep("/lines/0/period", period.node)
    return Span(start=start, end=end)


def meets(parts: Parts, period: Span | None) -> bool:
    """Whether any of the days are granted that were asked for; where none are, a person is called. A grant from a later
    day, or to an earlier one, is as payers decide that are not told for which days a drug is meant."""
    if period is None:
        return True
    asked, start, end = parts.said.filed.request.lines[0].dates, period.start, period.end
    if start and end and end < start:
        return False  # which a person was called for already
    if (start and asked.end and start > asked.end) or (end and end < asked.start):
        parts.reading.doubt("the days of the authorization hold none of the days that were asked for")
        return False
    return True


def limits_of(parts: Parts, status: Granted) -> ApprovedQuantity | None:
    """How much is granted, where the payer says so once; all its words on limits go into the messages too."""
    found = [_limit(parts, detail) for detail in status.limits]
    for detail in (limit.node for limit in status.limits if limit.node is not None):
        for node in (child for child in detail.walk() if not child.children and child.text):
            parts.reading.tell(node, f"{node.path.rpartition(parts.tags['AuthorizationDetail'] + '/')[2]}: ")
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


def _limit(parts: Parts, limit: Limit) -> tuple[Node | None, ApprovedQuantity | None]:
    quantity = limit.quantity
    if quantity is not None and quantity.node is not None:
        value = amount(written_in(quantity))
        unit = quantity.unit.code if quantity.unit is not None else None
        if value is None or not value:
            parts.reading.doubt("a quantity of the authorization cannot be read, or is none")
            return None, None
        return quantity.node, ApprovedQuantity(value=value, unit=UNITS.get(unit, unit) if unit else "units")
    if limit.days is not None:
        value = amount(limit.days)
        if value is None or not value:
            parts.reading.doubt("a number of days of the authorization cannot be read, or is none")
            return None, None
        return parts.reading.place(limit, "days"), ApprovedQuantity(value=value, unit="days")
    return None, None
