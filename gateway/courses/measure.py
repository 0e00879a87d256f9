"""One quantity in the terms of another code and unit, where a crosswalk says exactly how many that is; else nothing.

A product is counted in pieces only where its package size counts pieces too (gateway/routing/products.py says why).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.model.line import CodeSystem, ServiceCode
from gateway.model.units import CODES, DoesNotComeOut, Measure, Product
from gateway.profiles.reference import Reference

UNITS = "units"


@dataclass(frozen=True)
class Amount:
    """So much of a service. ``code`` is the code it is counted under."""

    code: ServiceCode
    value: Decimal
    unit: str


def same_service(one: ServiceCode, other: ServiceCode, ndc: str | None, reference: Reference, on: date) -> bool:
    """True where both codes name one service: they are equal, or one is a product billed under the other. ``ndc`` is
    the product named beside the second."""
    if one == other or (one.system is CodeSystem.NDC and one.code == ndc):
        return True
    return _product(one, other, reference, on) is not None


def measured(amount: Amount, code: ServiceCode, unit: str, reference: Reference, on: date) -> Decimal | None:
    """The amount counted under another code, by that day's crosswalk; None where that is not exactly known."""
    if amount.code == code:
        return amount.value if amount.unit == unit else None
    product = _product(amount.code, code, reference, on)
    if product is None or product.size != 1 or not amount.unit == unit == UNITS:
        return None
    billed = amount.code.system in CODES
    given, wanted = (Measure.UNITS, Measure.SIZE) if billed else (Measure.SIZE, Measure.UNITS)
    try:
        found = product.convert(amount.value, given, wanted)
    except DoesNotComeOut:
        return None
    return found if found == found.to_integral_value() else None


def _product(one: ServiceCode, other: ServiceCode, reference: Reference, on: date) -> Product | None:
    """The crosswalk's row of a product and the code it is billed under, whichever of the two is which. None where there
    are several, for they may differ."""
    pair = {one.system in CODES: one, other.system in CODES: other}
    if len(pair) < 2 or pair[False].system is not CodeSystem.NDC:
        return None
    found = reference.crosswalk(on)
    rows = [] if found is None else [row for row in found[1].of(pair[True]) if row.ndc == pair[False].code]
    return rows[0] if len(rows) == 1 else None
