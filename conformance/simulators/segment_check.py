"""One segment against its slot: the element faults. Knows no loop and no order."""

from __future__ import annotations

from conformance.simulators.findings import ElementFault
from conformance.simulators.notation import (
    COMPONENTS,
    DEPENDENT_MISSING,
    MISSING,
    PATTERN,
    REPEATED,
    TOO_MANY,
    Element,
    Slot,
)
from conformance.simulators.shapes import is_npi
from conformance.simulators.x12 import Delimiters, Segment


def element_faults(slot: Slot, segment: Segment, delimiters: Delimiters) -> list[ElementFault]:
    """Every fault of the segment's elements, in order."""
    faults: list[ElementFault] = []
    rules = slot.elements
    values = segment[1:]
    before = ""
    for place, (value, rule) in enumerate(zip(values, rules, strict=False), start=1):
        if not value or value.isspace():
            if rule.use == "R":
                faults.append(ElementFault(place, MISSING))
        elif delimiters.repetition in value:
            faults.append(ElementFault(place, REPEATED))
        elif rule.parts:
            faults.extend(_composite_faults(rule, place, value, delimiters))
        elif delimiters.component in value:
            faults.append(ElementFault(place, COMPONENTS))
        else:
            code = rule.fault(value, before)
            if code is not None:
                faults.append(ElementFault(place, code, copy=value if rule.codes else ""))
        before = value
    if values and not values[-1]:
        # X12.6: what is empty at the end of a segment is left out, its separators too.
        place = next(place for place in range(len(values), 0, -1) if place == 1 or values[place - 2])
        if not any(fault.place == place for fault in faults):
            faults.append(ElementFault(place, TOO_MANY))
    if len(values) < slot.shortest:
        away = range(len(values) + 1, slot.shortest + 1)
        faults.extend(ElementFault(place, MISSING) for place in away if rules[place - 1].use == "R")
    elif any(values[len(rules) :]):
        faults.append(ElementFault(len(rules) + 1, TOO_MANY))
    if slot.notes:
        present = [False, *map(bool, values)]
        for note in slot.notes:
            faults.extend(ElementFault(place, DEPENDENT_MISSING) for place in note.faults(present))
    if slot.npi and len(values) >= 9 and segment[8] == "XX" and not is_npi(segment[9]):
        faults.append(ElementFault(9, PATTERN))
    return faults


def _composite_faults(rule: Element, place: int, value: str, delimiters: Delimiters) -> list[ElementFault]:
    faults: list[ElementFault] = []
    parts = value.split(delimiters.component)
    before = ""
    for number, part in enumerate(rule.parts, start=1):
        text = parts[number - 1] if number <= len(parts) else ""
        if not text or text.isspace():
            if part.use == "R":
                faults.append(ElementFault(place, MISSING, number))
        else:
            code = part.fault(text, before)
            if code is not None:
                faults.append(ElementFault(place, code, number, text if part.codes else ""))
        before = text
    if len(parts) > len(rule.parts) or (not parts[-1] and not faults):
        faults.append(ElementFault(place, COMPONENTS))
    if rule.notes:
        present = [False, *map(bool, parts)]
        for note in rule.notes:
            faults.extend(ElementFault(place, DEPENDENT_MISSING, number) for number in note.faults(present))
    return faults
