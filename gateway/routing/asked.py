"""One line that is routed, and what a rule finds of it. Rules read it; none of them changes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from gateway.contract.destination import Benefit
from gateway.model.line import CodeSystem, Line, LineRole, ServiceCode
from gateway.model.people import LineOfBusiness
from gateway.model.request import PARequest
from gateway.model.units import CODES
from gateway.profiles.payer import PayerProfile
from gateway.profiles.ranges import CodeRange, DiagnosisRange
from gateway.profiles.reference import Reference
from gateway.routing.decision import Result, Rule, Step, Why

LINE_OF_BUSINESS = "/coverages/0/line_of_business"
PRODUCTS = frozenset({CodeSystem.NDC, CodeSystem.RXNORM})


@dataclass(frozen=True)
class Asked:
    """A line of a request, its payer, and the day on which it is routed."""

    request: PARequest
    place: int
    payer: PayerProfile
    reference: Reference
    on: date

    @property
    def line(self) -> Line:
        return self.request.lines[self.place]

    @property
    def business(self) -> LineOfBusiness:
        return self.request.coverages[0].line_of_business

    @property
    def service_day(self) -> date:
        """What a benefit pays for follows the day of service, not the day of asking."""
        return self.line.dates.start

    @property
    def codes(self) -> tuple[ServiceCode, ...]:
        """What the line itself names: its code, and the product beside it."""
        beside = self.line.ndc
        return (self.line.code, ServiceCode(system=CodeSystem.NDC, code=beside)) if beside else (self.line.code,)

    @property
    def is_drug(self) -> bool:
        """By its code: of a product, HCPCS with a J, CPT if the crosswalk has products under it; else HCPCS by its
        role."""
        match self.line.code.system:
            case CodeSystem.HCPCS:
                of_role = self.line.role in (LineRole.DRUG, LineRole.SUPPORTIVE)
                return of_role or self.by_mouth or self.line.code.code.startswith("J")
            case CodeSystem.CPT:
                return bool(self.crossed[1])
            case system:
                return system in PRODUCTS

    @cached_property
    def crossed(self) -> tuple[tuple[str, ...], tuple[ServiceCode, ...]]:
        """The codes a product is billed under, or the products billed under a code, in the quarter of the service; and
        the crosswalk that told them."""
        found = self.reference.crosswalk(self.service_day)
        if found is None:
            return (), ()
        file, crosswalk = found
        # A line that names its product is of that product, not of all that share its code.
        of = [code for code in self.codes if code.system is CodeSystem.NDC] or [self.line.code]
        told = dict.fromkeys(
            product.code if code.system is CodeSystem.NDC else ServiceCode(system=CodeSystem.NDC, code=product.ndc)
            for code in of
            for product in crosswalk.of(code)
        )
        return ((file,) if told else ()), tuple(told)

    @cached_property
    def billed(self) -> tuple[ServiceCode, ...]:
        """The codes that the line, or its product by the crosswalk, is billed under."""
        return tuple(code for code in (*self.codes, *self.crossed[1]) if code.system in CODES)

    @cached_property
    def by_mouth(self) -> bool:
        """It is billed under a code of what patients take themselves."""
        return any(names(each.by_mouth, self.billed) for each in self.reference.part_b)

    @cached_property
    def self_given(self) -> bool:
        """It is billed under a code of what patients may give themselves."""
        return any(names(each.self_given, self.billed) for each in self.reference.part_b)

    def at(self, field: str) -> str:
        return f"/lines/{self.place}/{field}"

    @property
    def code_fields(self) -> tuple[str, ...]:
        return (self.at("code"), self.at("ndc")) if self.line.ndc else (self.at("code"),)

    @property
    def diagnosis_fields(self) -> tuple[str, ...]:
        pointed = self.line.diagnoses
        return (
            self.at("diagnoses"),
            *(f"/diagnoses/{place - 1}/code" for place in pointed or range(1, len(self.request.diagnoses) + 1)),
        )

    @property
    def all_diagnosis_fields(self) -> tuple[str, ...]:
        return tuple(f"/diagnoses/{place}/code" for place in range(len(self.request.diagnoses)))

    def serves(self, businesses: Sequence[LineOfBusiness] | None) -> bool:
        return businesses is None or self.business in businesses

    def is_for(self, ranges: Sequence[DiagnosisRange]) -> bool | None:
        """Whether the line is for such a diagnosis. One that points at none is for the principal one; None where only
        another of the request's is such, and the line does not say which it is for."""
        codes = [item.code for item in self.request.diagnoses]
        told = [
            any(each.among(code, [*codes[:place], *codes[place + 1 :]]) for each in ranges)
            for place, code in enumerate(codes)
        ]
        if self.line.diagnoses:
            return any(told[place - 1] for place in self.line.diagnoses)
        return True if told[0] else None if any(told) else False


def names(ranges: Sequence[CodeRange], codes: Iterable[ServiceCode]) -> bool:
    return any(each.holds(code) for each in ranges for code in codes)


@dataclass(frozen=True)
class Going:
    """Under which benefit, and to whom if not to the coverage's own payer or over a route of its own choice. Whoever
    ``recommends`` does not authorize."""

    benefit: Benefit
    why: Why
    payer: str | None = None
    connection: str | None = None
    recommends: bool = False


@dataclass(frozen=True)
class Found:
    """What a rule found. With ``going`` it decides, with ``asks`` it wants to be told something, else it passes. What
    ``yields`` is asked only where the payer's own word, its drug list or what it said, does not answer it."""

    step: Step
    going: tuple[Going, ...] = ()
    asks: Why | None = None
    yields: bool = False


def passes(
    rule: Rule, says: str, inputs: Iterable[str] = (), otherwise: str | None = None, data: Iterable[str] = ()
) -> Found:
    return Found(_step(rule, Result.PASSES, says, inputs, otherwise, data))


def decides(
    rule: Rule,
    benefit: Benefit,
    says: str,
    inputs: Iterable[str],
    otherwise: str,
    data: Iterable[str] = (),
    named: Rule | None = None,
) -> Found:
    """``named`` is the rule's own name for this case, where it has one."""
    step = _step(rule, Result.DECIDES, says, inputs, otherwise, data)
    return Found(step, (Going(benefit, Why(rule=named or rule, says=says)),))


def asks(rule: Rule, says: str, fix: str, pointer: str, inputs: Iterable[str] = (), data: Iterable[str] = ()) -> Found:
    return Found(
        _step(rule, Result.ASKS, says, (*inputs, pointer), fix, data),
        asks=Why(rule=rule, says=says, fix=fix, pointer=pointer),
    )


def _step(
    rule: Rule, result: Result, says: str, inputs: Iterable[str], otherwise: str | None, data: Iterable[str]
) -> Step:
    return Step(
        rule=rule,
        result=result,
        says=says,
        inputs=tuple(dict.fromkeys(inputs)),
        data=tuple(data),
        otherwise=otherwise,
    )
