"""What is asked for: services and drugs, each with its code, its quantity and its dates, and the plan they belong to.

Knows code systems by their shape only.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from gateway.model.benefit import BenefitEvidence, OralAntiemetic, SupplyMode
from gateway.model.bounds import Bounds
from gateway.model.codes import CDT, CPT, HCPCS, NDC, CalendarDate, PlaceOfService, RevenueCode, RxNorm, ShortText
from gateway.model.people import ServicingProvider
from gateway.model.record import Record, refuse
from gateway.model.text import IN_THE_CLEAR, ONE_LINE


class Regimen(Record):
    """The treatment plan the lines belong to. Cycle length in days."""

    name: ShortText
    intent: Literal["curative", "adjuvant", "neoadjuvant", "palliative", "maintenance", "disease_control"]
    line_of_therapy: Annotated[int, Field(strict=True, ge=1, le=20)] | None = None
    cycle_days: Annotated[int, Field(strict=True, ge=1, le=400)] | None = None
    cycles: Annotated[int, Field(strict=True, ge=1, le=60)] | None = None
    cycle: Annotated[int, Field(strict=True, ge=1, le=60)] | None = None

    @field_validator("cycle")
    @classmethod
    def _within_the_plan(cls, cycle: int | None, info: ValidationInfo) -> int | None:
        cycles = info.data.get("cycles")
        if cycle and cycles and cycle > cycles:
            refuse("cycle", "The cycle is beyond the plan's cycles.", "Compare cycle and cycles.")
        return cycle


class LineRole(StrEnum):
    DRUG = "drug"
    ADMINISTRATION = "administration"
    SUPPORTIVE = "supportive"
    IMAGING = "imaging"
    PROCEDURE = "procedure"
    OTHER = "other"


class CodeSystem(StrEnum):
    HCPCS = "hcpcs"
    CPT = "cpt"
    NDC = "ndc"
    RXNORM = "rxnorm"
    REVENUE = "revenue"
    CDT = "cdt"


_CODE_SHAPES: dict[CodeSystem, TypeAdapter[str]] = {
    CodeSystem.HCPCS: TypeAdapter(HCPCS),
    CodeSystem.CPT: TypeAdapter(CPT),
    CodeSystem.NDC: TypeAdapter(NDC),
    CodeSystem.RXNORM: TypeAdapter(RxNorm),
    CodeSystem.REVENUE: TypeAdapter(RevenueCode),
    CodeSystem.CDT: TypeAdapter(CDT),
}


def in_system(system: CodeSystem, code: str) -> str:
    """The code as its system writes it; refused where it has not its shape."""
    return _CODE_SHAPES[system].validate_python(code)


class ServiceCode(Record):
    """A code in its system. NDCs come out as 11 digits, HCPCS, CPT and CDT in capitals."""

    system: CodeSystem
    code: Annotated[str, Field(min_length=1, max_length=20), ONE_LINE]

    @field_validator("code")
    @classmethod
    def _in_system(cls, value: str, info: ValidationInfo) -> str:
        system = info.data.get("system")
        return in_system(system, value) if system else value


_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


def _number(value: object) -> object:
    """A JSON number, or a string of plain digits: ``Decimal`` alone would take ``1_0``, ``1e2`` and other scripts."""
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        refuse("quantity", "This is not a plain number.", "Send digits, with a point before decimals.")
    return value


def one_spelling(value: Decimal) -> Decimal:
    """Without exponent or zeros at the end: one quantity, one text, one rendering."""
    return Decimal(format(value.normalize(), "f"))


Units = Annotated[
    Decimal,
    Field(gt=0, le=Decimal("99999999"), max_digits=11, decimal_places=3),
    BeforeValidator(_number),
    AfterValidator(one_spelling),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": 99999999},
                {"type": "string", "pattern": r"^[0-9]{1,8}(\.[0-9]{1,3})?$"},
            ]
        }
    ),
]


class Quantity(Record):
    """``units`` counts HCPCS billing units, ``days``, ``visits``, ``minutes`` or international units."""

    value: Units
    unit: Literal["units", "days", "visits", "minutes", "international_units"] = "units"


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEK: tuple[Weekday, ...] = get_args(Weekday)


class Frequency(Record):
    """``times`` per ``every`` ``period``, for ``count`` periods: 1 every 3 weeks, for 6. ``weekdays`` are those it is
    bound to, and come out in the order of the week."""

    times: Annotated[int, Field(strict=True, ge=1, le=999)]
    every: Annotated[int, Field(strict=True, ge=1, le=99)] = 1
    period: Literal["day", "week", "month"]
    count: Annotated[int, Field(strict=True, ge=1, le=999)] | None = None
    weekdays: Annotated[tuple[Weekday, ...], Bounds(0, 7)] = ()
    time_of_day: Literal["morning", "afternoon", "as_directed"] | None = None

    @field_validator("weekdays")
    @classmethod
    def _each_once(cls, weekdays: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if len(set(weekdays)) < len(weekdays):
            refuse("weekdays", "A weekday is named twice.", "Send each weekday once.")
        return tuple(sorted(weekdays, key=WEEK.index))

    @property
    def in_words(self) -> str:
        """For a note, where a channel has no field for it."""
        count = f", {self.count} times over" if self.count else ""
        days = f", on {', '.join(self.weekdays)}" if self.weekdays else ""
        time = f", {self.time_of_day.replace('_', ' ')}" if self.time_of_day else ""
        return f"{self.times} in {self.every} {self.period}{count}{days}{time}"


class Period(Record):
    start: CalendarDate
    end: CalendarDate | None = None

    @field_validator("end")
    @classmethod
    def _in_order(cls, end: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("start")
        if end and start and end < start:
            refuse("period", "The period ends before it starts.", "Swap the dates or drop the end.")
        return end


class Tooth(Record):
    """A tooth in the universal numbering: 1 to 32, or A to T for a milk tooth; with the surfaces that are treated."""

    number: Annotated[str, Field(pattern=r"^([1-9]|[12][0-9]|3[0-2]|[A-T])$")]
    surfaces: Annotated[
        tuple[Literal["buccal", "distal", "facial", "incisal", "lingual", "mesial", "occlusal"], ...], Bounds(0, 5)
    ] = ()


def _id_may_be_left_out(schema: dict[str, Any]) -> None:
    """``PARequest`` names lines that come without an id, so a sender need not."""
    schema["required"] = [name for name in schema["required"] if name != "id"]


class Line(Record):
    """One service or drug asked for. ``diagnoses`` points at the request's diagnoses, counted from 1.

    ``revenue_code`` stands beside a code of another system where a facility bills the service; ``servicing`` names who
    gives this line, where that is not who gives the whole; ``teeth`` are those of a dental service.

    ``benefit`` overrides whatever else would tell which benefit pays. ``supply`` is who supplies this line's drug,
    where the request's does not hold for it; ``evidence`` what the payer said of its benefit.
    """

    model_config = ConfigDict(json_schema_extra=_id_may_be_left_out)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,20}$", description=IN_THE_CLEAR)]
    role: LineRole
    code: ServiceCode
    ndc: NDC | None = None
    revenue_code: RevenueCode | None = None
    modifiers: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")], ...], Bounds(0, 4)] = ()
    description: Annotated[str, Field(min_length=1, max_length=80), ONE_LINE] | None = None
    quantity: Quantity
    dose: ShortText | None = None
    frequency: Frequency | None = None
    dates: Period
    place_of_service: PlaceOfService | None = None
    diagnoses: Annotated[tuple[Annotated[int, Field(strict=True, ge=1, le=12)], ...], Bounds(0, 4)] = ()
    benefit: Literal["auto", "medical", "pharmacy"] = "auto"
    supply: SupplyMode | None = None
    antiemetic: OralAntiemetic | None = None
    evidence: Annotated[tuple[BenefitEvidence, ...], Bounds(0, 10)] = ()
    servicing: Annotated[tuple[ServicingProvider, ...], Bounds(0, 10)] = ()
    teeth: Annotated[tuple[Tooth, ...], Bounds(0, 32)] = ()

    @field_validator("ndc")
    @classmethod
    def _one_product(cls, ndc: str | None, info: ValidationInfo) -> str | None:
        code = info.data.get("code")
        if ndc and code and code.system is CodeSystem.NDC and code.code != ndc:
            refuse("ndc", "The line names two different products.", "Send the NDC once, as code or as ndc.")
        return ndc

    @field_validator("revenue_code")
    @classmethod
    def _beside_a_code(cls, revenue: str | None, info: ValidationInfo) -> str | None:
        code = info.data.get("code")
        if revenue and code and code.system is CodeSystem.REVENUE:
            refuse("revenue_code", "The line's code is a revenue code.", "Send it as code alone, or with another code.")
        return revenue

    @field_validator("teeth")
    @classmethod
    def _of_a_dental_service(cls, teeth: tuple[Tooth, ...], info: ValidationInfo) -> tuple[Tooth, ...]:
        code = info.data.get("code")
        if teeth and code and code.system is not CodeSystem.CDT:
            refuse("teeth", "Only a dental service has teeth.", "Send a code of system cdt, or drop teeth.")
        if len({tooth.number for tooth in teeth}) < len(teeth):
            refuse("teeth", "A tooth is named twice.", "Send each tooth once, with all its surfaces.")
        return teeth
