"""What a request states under a code that anybody may know, with the place it stands at.

LOINC's codes for what the request has fields of its own for (height, weight, body surface, performance status, date of
birth) are those of public profiles (mCODE, US Core). Nothing is worked out here: a fact is as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.model.request import PARequest

LOINC, ICD10, UCUM = "loinc", "icd10", "ucum"

_HEIGHT, _WEIGHT, _SURFACE = "8302-2", "29463-7", "3140-1"
_SCALES = {"ecog": "89247-1", "karnofsky": "89243-0"}
_ECOG_GRADES = ("LA9622-7", "LA9623-5", "LA9624-3", "LA9625-0", "LA9626-8", "LA9627-6")
"""LOINC's codes for the answers 0 to 5."""
_BIRTH_DATE = "21112-8"
_PLAIN = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")

Code = tuple[str, str]
"""A system and a code in it, in one spelling."""

DIAGNOSIS: Code = (LOINC, "29308-4")
"""Which diagnosis: the value is one of ICD-10, and stands at the choices."""


SCORE = "{score}"
"""UCUM's word for what is counted on a scale of its own, and has no other unit."""


@dataclass(frozen=True)
class Measured:
    """A value that the request states under a code: as ``words``, and beside that as what else it is. ``number`` is
    None for what is no plain number; ``unit`` is as it was sent, and None where none was; ``on`` is the day on which
    it was found."""

    code: Code
    pointer: str
    words: str | None = None
    number: Decimal | None = None
    unit: str | None = None
    day: date | None = None
    coded: Code | None = None
    on: date | None = None


def code_of(system: str, code: str) -> Code:
    """A code in the one spelling in which it is compared."""
    system, code = system.strip().lower(), code.strip().upper()
    return system, code.replace(".", "") if system == ICD10 else code


def measured(request: PARequest) -> Iterator[Measured]:
    facts, body = request.facts, request.facts.body
    for place, laboratory in enumerate(facts.laboratories):
        if laboratory.loinc is not None:
            result = laboratory.result
            yield Measured(
                code_of(LOINC, laboratory.loinc),
                f"/facts/laboratories/{place}",
                result,
                Decimal(result) if _PLAIN.fullmatch(result) else None,
                laboratory.unit,
                on=laboratory.resulted_on,
            )
    if body is not None:
        for code, name, unit in (
            (_HEIGHT, "height_cm", "cm"),
            (_WEIGHT, "weight_kg", "kg"),
            (_SURFACE, "bsa_m2", "m2"),
        ):
            value = getattr(body, name)
            if value is not None:
                number = Decimal(repr(value))
                words = format(number, "f")
                yield Measured(code_of(LOINC, code), f"/facts/body/{name}", words, number, unit, on=body.measured_on)
    for place, status in enumerate(facts.performance):
        yield Measured(
            code_of(LOINC, _SCALES[status.scale]),
            f"/facts/performance/{place}",
            str(status.score),
            Decimal(status.score),
            SCORE,
            coded=code_of(LOINC, _ECOG_GRADES[status.score]) if status.scale == "ecog" else None,
            on=status.assessed_on,
        )
    yield Measured(code_of(LOINC, _BIRTH_DATE), "/patient/birth_date", day=request.patient.birth_date)


def diagnoses(request: PARequest, line_ids: Collection[str]) -> dict[Code, str]:
    """What the drug is for, each with its place: the diagnoses that these lines point at. A line that points at none
    may be for any. Not what the patient has or was given besides: which of that is asked for (what failed, what goes
    on, what must not be given) no code of a question says that we know."""
    pointed = [line.diagnoses for line in request.lines if line.id in line_ids]
    numbers = {number for each in pointed for number in each}
    of_any = not all(pointed)
    places: dict[Code, str] = {}
    for number, diagnosis in enumerate(request.diagnoses, 1):
        if of_any or number in numbers:
            places.setdefault(code_of(ICD10, diagnosis.code), f"/diagnoses/{number - 1}")
    return places
