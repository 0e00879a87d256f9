"""What a request states under a code that anybody may know, with the place it stands at.

LOINC's codes for what the request has fields of its own for (height, weight, body surface, performance status, date of
birth) are those of public profiles (mCODE, US Core). Nothing is worked out here: a fact is as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from gateway.model.clinical import TherapyOutcome
from gateway.model.request import PARequest

LOINC, ICD10, RXNORM, UCUM = "loinc", "icd10", "rxnorm", "ucum"

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


@dataclass(frozen=True)
class Named:
    """A thing that the request names; ``code`` is None where it has none. ``sure`` is false for a drug of which it
    depends on what is asked whether it is meant."""

    code: Code | None
    pointer: str
    what: Literal["diagnosis", "comorbidity", "therapy"]
    sure: bool = True

    @property
    def kind(self) -> str:
        """What is not told apart where a question does not say which of them it asks for."""
        return "therapy" if self.what == "therapy" else "condition"


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


_FAILED = frozenset({TherapyOutcome.INADEQUATE_RESPONSE, TherapyOutcome.PROGRESSION, TherapyOutcome.INTOLERANCE})
"""It was tried and it failed: so says whoever asks for the one or the other. Of every other outcome it depends."""


def named(request: PARequest) -> Iterator[Named]:
    """Diagnoses, and drugs that were given before or must not be. What is asked for is no fact: a payer that names
    drugs asks which were tried."""
    for place, diagnosis in enumerate(request.diagnoses):
        yield Named(code_of(ICD10, diagnosis.code), f"/diagnoses/{place}", "diagnosis")
    for place, code in enumerate(request.facts.comorbidities):
        yield Named(code_of(ICD10, code), f"/facts/comorbidities/{place}", "comorbidity")
    for place, therapy in enumerate(request.facts.prior_therapies):
        drug = None if therapy.rxnorm is None else code_of(RXNORM, therapy.rxnorm)
        yield Named(drug, f"/facts/prior_therapies/{place}", "therapy", sure=therapy.outcome in _FAILED)
