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
from typing import Literal

from gateway.model.clinical import TherapyOutcome
from gateway.model.request import CodeSystem, PARequest

LOINC, ICD10, RXNORM, NDC, UCUM = "loinc", "icd10", "rxnorm", "ndc", "ucum"

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


@dataclass(frozen=True)
class Measured:
    """A value that the request states under a code. ``number`` is None for what is no plain number; ``unit`` is as it
    was sent."""

    code: Code
    pointer: str
    number: Decimal | None = None
    unit: str | None = None
    words: str | None = None
    on: date | None = None
    coded: str | None = None
    """The value itself as a code."""


@dataclass(frozen=True)
class Named:
    """A thing that the request names by its code."""

    code: Code
    pointer: str
    what: Literal["diagnosis", "therapy", "line"]
    on: date | None = None


def code_of(system: str, code: str) -> Code:
    """A code in the one spelling in which it is compared."""
    system, code = system.strip().lower(), code.strip().upper()
    if system == ICD10:
        code = code.replace(".", "")
    elif system == NDC and re.fullmatch(r"[0-9]{5}-[0-9]{4}-[0-9]{2}", code):
        code = code.replace("-", "")
    return system, code


def measured(request: PARequest) -> Iterator[Measured]:
    """Values and when they were found."""
    facts, body = request.facts, request.facts.body
    for place, laboratory in enumerate(facts.laboratories):
        if laboratory.loinc is not None:
            result = laboratory.result
            yield Measured(
                code_of(LOINC, laboratory.loinc),
                f"/facts/laboratories/{place}",
                Decimal(result) if _PLAIN.fullmatch(result) else None,
                laboratory.unit,
                result,
                laboratory.resulted_on,
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
                yield Measured(
                    code_of(LOINC, code), f"/facts/body/{name}", number, unit, format(number, "f"), body.measured_on
                )
    for place, status in enumerate(facts.performance):
        score = Decimal(status.score)
        yield Measured(
            code_of(LOINC, _SCALES[status.scale]),
            f"/facts/performance/{place}",
            score,
            None,
            str(status.score),
            status.assessed_on,
            _ECOG_GRADES[status.score] if status.scale == "ecog" else None,
        )
    yield Measured(code_of(LOINC, _BIRTH_DATE), "/patient/birth_date", on=request.patient.birth_date)


def named(request: PARequest, lines: Collection[str]) -> Iterator[Named]:
    """Diagnoses, therapies that were given before, and what is asked for in these lines. A therapy that was never
    given, because it must not be, is none."""
    for place, diagnosis in enumerate(request.diagnoses):
        yield Named(code_of(ICD10, diagnosis.code), f"/diagnoses/{place}", "diagnosis", diagnosis.onset)
    for place, code in enumerate(request.facts.comorbidities):
        yield Named(code_of(ICD10, code), f"/facts/comorbidities/{place}", "diagnosis")
    for place, therapy in enumerate(request.facts.prior_therapies):
        if therapy.rxnorm is not None and therapy.outcome is not TherapyOutcome.CONTRAINDICATED:
            yield Named(code_of(RXNORM, therapy.rxnorm), f"/facts/prior_therapies/{place}", "therapy")
    for place, line in enumerate(request.lines):
        if line.id in lines:
            yield Named(code_of(line.code.system, line.code.code), f"/lines/{place}/code", "line")
            if line.ndc is not None and line.code.system is not CodeSystem.NDC:
                yield Named(code_of(NDC, line.ndc), f"/lines/{place}/ndc", "line")
