"""The canonical prior-authorization request: what the practice asks for, in no payer's dialect.

Knows no channel. A request that parses is complete and unambiguous in itself; whether a payer will want more is
the business of its profile, and whether a channel can carry it is the business of its adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Base64Bytes,
    Field,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from gateway.model.clinical import ClinicalFacts
from gateway.model.codes import (
    CPT,
    HCPCS,
    ICD10,
    NDC,
    NPI,
    CalendarDate,
    Identifier,
    LongText,
    MemberId,
    Name,
    Phone,
    PlaceOfService,
    RevenueCode,
    RxNorm,
    ShortText,
    State,
    Taxonomy,
    ZipCode,
)
from gateway.model.faults import Finding, merged
from gateway.model.record import Record, refuse


class Intent(StrEnum):
    INITIAL = "initial"
    RENEWAL = "renewal"
    REVISION = "revision"
    EXTENSION = "extension"
    APPEAL = "appeal"


class Review(StrEnum):
    """What is reviewed: a service or drug, a specialist referral, or an admission."""

    SERVICES = "services"
    REFERRAL = "referral"
    ADMISSION = "admission"


class Gender(StrEnum):
    """As the payer holds it on file."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class Address(Record):
    street: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=55)], ...], Field(max_length=2)] = ()
    city: Annotated[str, Field(min_length=2, max_length=30)]
    state: State
    zip_code: ZipCode


class Person(Record):
    last_name: Name
    first_name: Annotated[str, Field(min_length=1, max_length=35)] | None = None
    middle_name: Annotated[str, Field(min_length=1, max_length=25)] | None = None
    suffix: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    birth_date: CalendarDate
    gender: Gender
    address: Address | None = None

    @model_validator(mode="after")
    def _born_in_reach(self) -> Self:
        if self.birth_date < date(1890, 1, 1):
            refuse("birth_date", "The birth date is before 1890.", "Send the four-digit year of birth.")
        return self


class Relationship(StrEnum):
    """The patient's relationship to the subscriber."""

    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"
    OTHER = "other"


class LineOfBusiness(StrEnum):
    COMMERCIAL = "commercial"
    MEDICARE_ADVANTAGE = "medicare_advantage"
    MEDICARE_PART_D = "medicare_part_d"
    MEDICAID_MANAGED = "medicaid_managed"
    MARKETPLACE = "marketplace"


class Pharmacy(Record):
    """The pharmacy side of a card: BIN, processor control number, group."""

    bin: Annotated[str, Field(pattern=r"^\d{6}(\d{2})?$")]
    pcn: Annotated[str, Field(max_length=10)] | None = None
    group: Annotated[str, Field(max_length=15)] | None = None


class Coverage(Record):
    """One insurance. The first coverage of a request is asked first."""

    payer: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    member_id: MemberId
    line_of_business: LineOfBusiness
    plan: ShortText | None = None
    group_number: Annotated[str, Field(min_length=1, max_length=30)] | None = None
    relationship: Relationship = Relationship.SELF
    pharmacy: Pharmacy | None = None


class Contact(Record):
    name: Name | None = None
    phone: Phone | None = None
    extension: Annotated[str, Field(pattern=r"^\d{1,6}$")] | None = None
    fax: Phone | None = None
    email: Annotated[str, Field(max_length=80, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None


class Provider(Record):
    """A person (``first_name`` given) or an organisation. ``tax_id`` is nine digits, no hyphen."""

    npi: NPI
    last_name: Name
    first_name: Annotated[str, Field(min_length=1, max_length=35)] | None = None
    taxonomy: Taxonomy | None = None
    tax_id: Annotated[str, Field(pattern=r"^\d{9}$")] | None = None
    address: Address | None = None
    contact: Contact | None = None


class ServicingRole(StrEnum):
    RENDERING = "rendering"
    FACILITY = "facility"
    SUPPLIER = "supplier"
    ORDERING = "ordering"
    PRIMARY_CARE = "primary_care"


class ServicingProvider(Provider):
    role: ServicingRole


class Site(Record):
    """Where the service is given. ``place_of_service`` is the CMS code; ``home`` needs no facility."""

    place_of_service: PlaceOfService
    facility_name: Name | None = None


class Urgency(Record):
    """Expedited review needs the clinician who attests that waiting could harm the patient."""

    level: Literal["standard", "expedited"] = "standard"
    reason: ShortText | None = None
    attested_by: Name | None = None

    @model_validator(mode="after")
    def _attested(self) -> Self:
        if self.level == "expedited" and not (self.reason and self.attested_by):
            refuse(
                "attestation",
                "An expedited request needs a reason and who attests it.",
                "Send urgency.reason and urgency.attested_by, or level standard.",
            )
        return self


class Diagnosis(Record):
    """The first diagnosis is the principal one."""

    code: ICD10
    onset: CalendarDate | None = None


class Regimen(Record):
    """The treatment plan the lines belong to. Cycle length in days."""

    name: ShortText
    intent: Literal["curative", "adjuvant", "neoadjuvant", "palliative", "maintenance", "disease_control"]
    line_of_therapy: Annotated[int, Field(ge=1, le=20)] | None = None
    cycle_days: Annotated[int, Field(ge=1, le=400)] | None = None
    cycles: Annotated[int, Field(ge=1, le=60)] | None = None
    cycle: Annotated[int, Field(ge=1, le=60)] | None = None


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


_CODE_SHAPES: dict[CodeSystem, TypeAdapter[str]] = {
    CodeSystem.HCPCS: TypeAdapter(HCPCS),
    CodeSystem.CPT: TypeAdapter(CPT),
    CodeSystem.NDC: TypeAdapter(NDC),
    CodeSystem.RXNORM: TypeAdapter(RxNorm),
    CodeSystem.REVENUE: TypeAdapter(RevenueCode),
}


class ServiceCode(Record):
    """A code in its system. NDCs come out as 11 digits, HCPCS and CPT in capitals."""

    system: CodeSystem
    code: Annotated[str, Field(min_length=1, max_length=20)]

    @field_validator("code")
    @classmethod
    def _in_system(cls, value: str, info: ValidationInfo) -> str:
        system = info.data.get("system")
        return _CODE_SHAPES[system].validate_python(value) if system else value


Units = Annotated[Decimal, Field(gt=0, le=Decimal("99999999"), max_digits=11, decimal_places=3)]


class Quantity(Record):
    """``units`` counts HCPCS billing units, ``days``, ``visits``, ``minutes`` or international units."""

    value: Units
    unit: Literal["units", "days", "visits", "minutes", "international_units"] = "units"


class Frequency(Record):
    """``times`` per ``every`` ``period``, for ``count`` periods: 1 every 3 weeks, for 6."""

    times: Annotated[int, Field(ge=1, le=999)]
    every: Annotated[int, Field(ge=1, le=99)] = 1
    period: Literal["day", "week", "month"]
    count: Annotated[int, Field(ge=1, le=999)] | None = None


class Period(Record):
    start: CalendarDate
    end: CalendarDate | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end and self.end < self.start:
            refuse("period", "The period ends before it starts.", "Swap the dates or drop the end.")
        return self


class Line(Record):
    """One service or drug asked for. ``diagnoses`` points at the request's diagnoses, counted from 1."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,20}$")]
    role: LineRole
    code: ServiceCode
    ndc: NDC | None = None
    modifiers: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")], ...], Field(max_length=4)] = ()
    description: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    quantity: Quantity
    dose: ShortText | None = None
    frequency: Frequency | None = None
    dates: Period
    place_of_service: PlaceOfService | None = None
    diagnoses: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(max_length=4)] = ()
    benefit: Literal["auto", "medical", "pharmacy"] = "auto"


class Attachment(Record):
    """A document the caller holds. ``kind`` says what it is; ``content`` is base64 in JSON, at most 10 MB."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    kind: Literal[
        "clinical_notes",
        "pathology_report",
        "laboratory_results",
        "imaging_report",
        "medication_history",
        "treatment_plan",
        "letter_of_medical_necessity",
        "other",
    ]
    title: Annotated[str, Field(min_length=1, max_length=80)]
    media_type: Literal["application/pdf", "text/plain", "image/png", "image/jpeg", "application/xml"]
    content: Annotated[Base64Bytes, Field(min_length=1, max_length=10_000_000)]


class SupplyMode(StrEnum):
    BUY_AND_BILL = "buy_and_bill"
    SPECIALTY_PHARMACY = "specialty_pharmacy"
    SELF_ADMINISTERED = "self_administered"


class PARequest(Record):
    """What the practice wants. ``reference`` is the caller's own id for it.

    ``subscriber`` is needed only when the patient is not the subscriber of the first coverage.
    ``previous_authorization`` is the payer's number that a renewal, revision, extension or appeal refers to.
    """

    reference: Identifier
    intent: Intent = Intent.INITIAL
    review: Review = Review.SERVICES
    urgency: Urgency = Urgency()
    patient: Person
    subscriber: Person | None = None
    coverages: Annotated[tuple[Coverage, ...], Field(min_length=1, max_length=5)]
    requester: Provider
    servicing: Annotated[tuple[ServicingProvider, ...], Field(max_length=14)] = ()
    site: Site
    diagnoses: Annotated[tuple[Diagnosis, ...], Field(min_length=1, max_length=12)]
    regimen: Regimen | None = None
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=99)]
    facts: ClinicalFacts = ClinicalFacts()
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=20)] = ()
    supply: SupplyMode | None = None
    previous_authorization: Identifier | None = None
    note: LongText | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Numbers unnamed lines, and reports contradictions between fields together with the fields' own faults."""
        if not isinstance(value, dict):
            return handler(value)
        value = _name_lines(value)
        contradictions = [finding.as_error() for finding in _contradictions(value)]
        try:
            request = handler(value)
        except ValidationError as error:
            raise merged(error, contradictions) from None
        if contradictions:
            raise ValidationError.from_exception_data(cls.__name__, contradictions, hide_input=True)
        return request


def _name_lines(value: dict[str, Any]) -> dict[str, Any]:
    """Lines without an id get their place, counted from 1, so that callers need not invent one."""
    if not isinstance(value.get("lines"), list | tuple):
        return value
    lines = [
        {"id": str(place), **line} if isinstance(line, dict) else line
        for place, line in enumerate(value["lines"], start=1)
    ]
    return {**value, "lines": lines}


def _contradictions(value: dict[str, Any]) -> Iterator[Finding]:
    """What no single field can see. Reads raw input, so it looks only at what has the expected shape."""
    lines = _listed(value, "lines")
    yield from _repeated(lines, "lines", "line_id", "Two lines have the same id.")
    yield from _repeated(
        _listed(value, "attachments"), "attachments", "attachment_id", "Two attachments have the same id."
    )
    diagnoses = value.get("diagnoses")
    if isinstance(diagnoses, list | tuple):
        for place, line in enumerate(lines):
            for index, pointer in enumerate(_listed(line, "diagnoses")):
                if isinstance(pointer, int) and pointer > len(diagnoses):
                    yield Finding(
                        ("lines", place, "diagnoses", index),
                        "diagnosis_pointer",
                        "This points at a diagnosis that is not in the list.",
                        "Point at diagnoses by their place in the list, counted from 1.",
                    )
    coverages = _listed(value, "coverages")
    relationship = _field(coverages[0], "relationship") if coverages else None
    if relationship not in (None, Relationship.SELF) and value.get("subscriber") is None:
        yield Finding(
            ("subscriber",),
            "missing",
            "The patient is not the subscriber of the first coverage, and no subscriber is given.",
            "Send subscriber, or relationship self.",
        )
    intent = value.get("intent", Intent.INITIAL)
    if intent in tuple(Intent) and intent != Intent.INITIAL and value.get("previous_authorization") is None:
        yield Finding(
            ("previous_authorization",),
            "missing",
            f"A request with intent {Intent(intent)} refers to an earlier authorization.",
            "Send previous_authorization, or intent initial.",
        )


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _listed(value: Any, name: str) -> list[Any]:
    found = _field(value, name)
    return list(found) if isinstance(found, list | tuple) else []


def _repeated(items: list[Any], where: str, kind: str, message: str) -> Iterator[Finding]:
    seen: set[Any] = set()
    for place, item in enumerate(items):
        key = _field(item, "id")
        if isinstance(key, str):
            if key in seen:
                yield Finding((where, place, "id"), kind, message, "Give each its own id.")
            seen.add(key)
