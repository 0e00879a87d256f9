"""Which benefit of a payer pays for what, as data: who reviews in its place, its drug list, its word on white bagging.

Conditions are typed fields, never expressions: what is left out narrows nothing, and all that is there must hold. Days
are days of service. Knows no channel and no request.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gateway.contract.destination import Benefit
from gateway.model.bounds import Bounds
from gateway.model.codes import ICD10, ShortText, Taxonomy
from gateway.model.line import CodeSystem, LineRole, ServiceCode, in_system
from gateway.model.people import LineOfBusiness
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Effective, Id


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


class Delegation(Record):
    """Somebody who reviews in the payer's place: another payer of the library, or whoever is behind one of the payer's
    own connections.

    ``specialties`` are of the requester. ``also`` names the payer's own benefit under which the same line has to be
    asked as well: one line, two submissions.
    """

    delegation: Id
    effective: Effective
    source: ShortText
    benefit: Benefit
    payer: Id | None = None
    connection: Id | None = None
    lines_of_business: Businesses = None
    roles: Annotated[tuple[LineRole, ...] | None, Bounds(1, 50)] = None
    specialties: Annotated[tuple[Taxonomy, ...] | None, Bounds(1, 200)] = None
    codes: Codes | None = None
    diagnoses: Diagnoses | None = None
    ages: Ages | None = None
    also: Benefit | None = None

    @model_validator(mode="after")
    def _to_one(self) -> Self:
        if (self.payer is None) is (self.connection is None):
            refuse("delegation", "It leads to nobody, or to two.", "Name payer, or connection.")
        return self

    @field_validator("also")
    @classmethod
    def _other(cls, also: Benefit | None, info: ValidationInfo) -> Benefit | None:
        if also is not None and also == info.data.get("benefit"):
            refuse("also", "It is asked under this benefit already.", "Name the other benefit, or remove also.")
        return also


class WhiteBagging(Record):
    """Under which benefit the payer pays for a drug that a specialty pharmacy ships to the practice."""

    benefit: Benefit
    effective: Effective
    source: ShortText
    lines_of_business: Businesses = None


class Listed(Record):
    """A part of the payer's drug list: products or codes that one benefit pays for."""

    benefit: Benefit
    codes: Codes
    effective: Effective
    source: ShortText
    lines_of_business: Businesses = None


class BenefitRules(Record):
    """Everything a payer's profile tells of its benefits. ``evidence_days`` is how long its own word on a member's
    benefit is believed."""

    delegations: Annotated[tuple[Delegation, ...], Bounds(0, 200)] = ()
    white_bagging: Annotated[tuple[WhiteBagging, ...], Bounds(0, 50)] = ()
    drugs: Annotated[tuple[Listed, ...], Bounds(0, 500)] = ()
    evidence_days: Annotated[int, Field(strict=True, ge=0, le=366)] = 30

    @field_validator("delegations")
    @classmethod
    def _each_its_word(cls, delegations: Sequence[Delegation]) -> Sequence[Delegation]:
        words = [each.delegation for each in delegations]
        if len(set(words)) < len(words):
            refuse("delegations", "Two delegations have the same word.", "Give each its own.")
        return delegations

    @field_validator("white_bagging")
    @classmethod
    def _one_at_a_time(cls, facts: Sequence[WhiteBagging]) -> Sequence[WhiteBagging]:
        for number, one in enumerate(facts):
            for other in facts[number + 1 :]:
                businesses = {*(one.lines_of_business or LineOfBusiness)} & {
                    *(other.lines_of_business or LineOfBusiness)
                }
                if businesses and one.effective.overlaps(other.effective):
                    refuse("white_bagging", "Two of these hold on the same day.", "End one before the other starts.")
        return facts
