"""The words that policies and records have in common, as data: markers and what their results are read as,
laboratories, drugs with the classes they belong to.

Records say ``no mutation detected`` or ``adalimumab 40 MG/0.4 ML``; a policy says ``negative`` and ``tnf_inhibitor``.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from gateway.model.bounds import Bounds
from gateway.model.codes import RxNorm, ShortText
from gateway.model.record import Record
from gateway.profiles.facts import Id, Provenance
from gateway.profiles.ranges import Codes

Names = Annotated[tuple[ShortText, ...], Bounds(1, 60)]
_TOKEN = re.compile(r"[a-z0-9]+\+*|(?<![^\s(,;:])\++(?![^\s),;:.])")


def tokens(text: str) -> tuple[str, ...]:
    """A text as the words that names and readings are compared by: small letters and digits, and the plus of ``3+``,
    which may stand alone."""
    return tuple(_TOKEN.findall(text.casefold()))


_JOINING = frozenset({"and", "plus", "with"})


def regimen_words(name: str) -> frozenset[str]:
    """A regimen as the words of its name: whoever writes down its drugs writes them in an order of their own."""
    return frozenset(word for each in tokens(name) if (word := each.rstrip("+"))) - _JOINING


class Reading(Record):
    """Phrases that all say the same of a result."""

    reading: Id
    phrases: Names


class Marker(Record):
    """A marker by all its names. Its own ``readings`` come before the vocabulary's."""

    marker: Id
    names: Names
    readings: Annotated[tuple[Reading, ...], Bounds(0, 20)] = ()


class LaboratoryWord(Record):
    """A laboratory value or screening by its names and LOINC codes."""

    laboratory: Id
    names: Names
    loinc: Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9]{1,5}-[0-9]$")], ...], Bounds(0, 40)] = ()


class Drug(Record):
    """A drug, or one product of it, by its names, RxCUIs and billing codes, and the classes it belongs to."""

    drug: Id
    names: Names
    rxnorm: Annotated[tuple[RxNorm, ...], Bounds(0, 60)] = ()
    codes: Codes | None = None
    classes: Annotated[tuple[Id, ...], Bounds(0, 20)] = ()


class Vocabulary(Record):
    """One file of words. Several may be there; they add to each other. ``regimens`` are names of regimens: one that is
    made of known words is known not to be another."""

    vocabulary: Id
    provenance: Provenance
    readings: Annotated[tuple[Reading, ...], Bounds(0, 40)] = ()
    markers: Annotated[tuple[Marker, ...], Bounds(0, 200)] = ()
    laboratories: Annotated[tuple[LaboratoryWord, ...], Bounds(0, 200)] = ()
    drugs: Annotated[tuple[Drug, ...], Bounds(0, 1000)] = ()
    regimens: Annotated[tuple[ShortText, ...], Bounds(0, 400)] = ()
