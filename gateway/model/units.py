"""Billing units of a drug and what it is packed in, one turned into the other. What does not come out is refused.

Knows no file: whoever read a crosswalk hands in what it says of one product.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from gateway.model.codes import NDC
from gateway.model.line import CodeSystem, ServiceCode, one_spelling
from gateway.model.record import Record

_PLACES = 3
"""Decimals that a quantity may have (``gateway.model.line.Units``)."""


class Measure(StrEnum):
    """``units`` are those the HCPCS code is billed in. ``item`` is one vial, syringe or tablet of a package. ``size``
    is what the package size counts: mL of a liquid, pieces of most else; the CMS file does not say which."""

    UNITS = "units"
    PACKAGE = "package"
    ITEM = "item"
    SIZE = "size"


_WHOLE = frozenset({Measure.UNITS, Measure.PACKAGE, Measure.ITEM})

Amount = Annotated[Decimal, Field(gt=0, max_digits=14)]


class DoesNotComeOut(ValueError):
    """The quantity is no whole number of these, or needs more decimals than a quantity has."""

    def __init__(self, measure: Measure) -> None:
        super().__init__(f"the quantity does not come out in {measure}")


class Product(Record):
    """One packaged product and the code it is billed under."""

    code: ServiceCode
    ndc: NDC
    size: Amount
    items: Annotated[int, Field(gt=0)]
    units_per_item: Amount
    units_per_package: Amount

    def convert(self, quantity: Decimal, given: Measure, wanted: Measure) -> Decimal:
        """The quantity in another measure. Raises DoesNotComeOut where units, packages or items would be broken, those
        that are given no less than those that are wanted; nothing is rounded."""
        value = Fraction(quantity)
        if given in _WHOLE and value.denominator != 1:
            raise DoesNotComeOut(given)
        found = value * self._units_of(given) / self._units_of(wanted)
        scaled = found if wanted in _WHOLE else found * 10**_PLACES
        if scaled.denominator != 1 or scaled <= 0:
            raise DoesNotComeOut(wanted)
        whole = Decimal(scaled.numerator)
        return one_spelling(whole if wanted in _WHOLE else whole.scaleb(-_PLACES))

    def _units_of(self, measure: Measure) -> Fraction:
        """Billing units in one of these."""
        match measure:
            case Measure.UNITS:
                return Fraction(1)
            case Measure.PACKAGE:
                return Fraction(self.units_per_package)
            case Measure.ITEM:
                return Fraction(self.units_per_item)
            case Measure.SIZE:
                return Fraction(self.units_per_item) / Fraction(self.size)


def is_consistent(product: Product) -> bool:
    """True where the package holds as many units as its items together."""
    return product.units_per_item * product.items == product.units_per_package


CODES = frozenset({CodeSystem.HCPCS, CodeSystem.CPT})
"""Systems that products are billed under."""
