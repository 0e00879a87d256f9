"""Ranges of codes, diagnoses and ages, and places where people live: what conditions in profiles are made of. Knows no
request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from gateway.model.bounds import Bounds
from gateway.model.codes import ICD10, State
from gateway.model.line import CodeSystem, ServiceCode, in_system
from gateway.model.people import County, LineOfBusiness, plain_county
from gateway.model.record import Record, refuse


class CodeRange(Record):
    """Codes of one system from ``first`` to ``last``, both included; without ``last`` the one. NDCs come out as 11
    digits. A range of CPT codes that end with a letter, or with a digit, holds only such."""

    system: Literal[CodeSystem.HCPCS, CodeSystem.CPT, CodeSystem.NDC, CodeSystem.RXNORM, CodeSystem.CDT]
    first: str
    last: str | None = None

    @field_validator("first", "last")
    @classmethod
    def _in_system(cls, code: str | None, info: ValidationInfo) -> str | None:
        if code is None or "system" not in info.data:
            return code
        return in_system(info.data["system"], code)

    @field_validator("last")
    @classmethod
    def _after_first(cls, last: str | None, info: ValidationInfo) -> str | None:
        first = info.data.get("first")
        if last and info.data.get("system") is CodeSystem.RXNORM:
            refuse("range", "RxCUIs have no order that means anything.", "List each of them.")
        if last and first and (last < first or _ending(last) != _ending(first)):
            refuse("range", "The range ends before it starts.", "Swap its ends, or list its codes.")
        return last

    def holds(self, code: ServiceCode) -> bool:
        if code.system is not self.system:
            return False
        last = self.last or self.first
        return self.first <= code.code <= last and _ending(code.code) == _ending(self.first)


def _ending(code: str) -> str:
    """The letter a code ends with: those of CPT that do are a series of their own between the numbers."""
    return "" if code[-1].isdigit() else code[-1]


class DiagnosisRange(Record):
    """ICD-10-CM codes from ``first`` to ``last`` with all that is below them: C00 to D49, or C50 alone. The order is
    that of the letters, so C4A lies after C49."""

    first: ICD10
    last: ICD10 | None = None

    @field_validator("last")
    @classmethod
    def _after_first(cls, last: str | None, info: ValidationInfo) -> str | None:
        if last and last < info.data.get("first", last):
            refuse("range", "The range ends before it starts.", "Swap its ends.")
        return last

    def holds(self, code: str) -> bool:
        last = self.last or self.first
        return code[: len(self.first)] >= self.first and code[: len(last)] <= last

    def among(self, code: str, others: Sequence[str]) -> bool:
        """Whether it holds for a diagnosis of a request whose ``others`` are these."""
        return self.holds(code)


class Accompanied(DiagnosisRange):
    """A range that counts only where another diagnosis of the request is in one of those ``beside``: nausea, R11, of a
    patient with a cancer. Without ``beside`` it always counts."""

    beside: Annotated[tuple[DiagnosisRange, ...] | None, Bounds(1, 50)] = None

    def among(self, code: str, others: Sequence[str]) -> bool:
        beside = self.beside is None or any(each.holds(other) for each in self.beside for other in others)
        return beside and self.holds(code)


class Area(Record):
    """A state; or some of its counties, written as people write them (``plain_county``)."""

    state: State
    counties: Annotated[tuple[County, ...] | None, Bounds(1, 300)] = None

    def holds(self, county: str) -> bool:
        """Whether it has the county, which is one of its state."""
        return self.counties is None or plain_county(county) in map(plain_county, self.counties)


class Ages(Record):
    """Ages in years, both ends included."""

    least: Annotated[int, Field(strict=True, ge=0, le=150)] = 0
    most: Annotated[int, Field(strict=True, ge=0, le=150)] = 150

    @field_validator("most")
    @classmethod
    def _in_order(cls, most: int, info: ValidationInfo) -> int:
        if most < info.data.get("least", most):
            refuse("ages", "The highest age is below the lowest.", "Swap them.")
        return most


Codes = Annotated[tuple[CodeRange, ...], Bounds(1, 500)]
Diagnoses = Annotated[tuple[DiagnosisRange, ...], Bounds(1, 200)]
Businesses = Annotated[tuple[LineOfBusiness, ...] | None, Bounds(1, 50)]
