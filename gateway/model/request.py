"""The canonical prior-authorization request: what the practice asks for, in no payer's dialect.

Knows no channel. A request that parses is complete and unambiguous in itself; whether a payer will want more is
the business of its profile, and whether a channel can carry it is the business of its adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator

from gateway.model.benefit import SupplyMode
from gateway.model.bounds import Bounds
from gateway.model.care import Accident, Admission, Care, HomeCare, LateReason
from gateway.model.clinical import ClinicalFacts, DocumentKind
from gateway.model.codes import ICD10, CalendarDate, Identifier, LongText
from gateway.model.faults import Finding, merged, raise_findings
from gateway.model.line import (
    CodeSystem,
    Frequency,
    Line,
    LineRole,
    Period,
    Quantity,
    Regimen,
    ServiceCode,
    Tooth,
)
from gateway.model.people import (
    Address,
    Contact,
    Coverage,
    Gender,
    LineOfBusiness,
    Person,
    Pharmacy,
    Provider,
    Relationship,
    ServicingProvider,
    ServicingRole,
    Site,
    Urgency,
)
from gateway.model.record import Record
from gateway.model.sent import field, ids, listed, repeated, word
from gateway.model.subscriber import contradictions_of_subscriber
from gateway.model.text import IN_THE_CLEAR, ONE_LINE, Enclosed

__all__ = [
    "Accident",
    "Address",
    "Admission",
    "Attachment",
    "Care",
    "CodeSystem",
    "Contact",
    "Coverage",
    "Diagnosis",
    "Frequency",
    "Gender",
    "HomeCare",
    "Intent",
    "LateReason",
    "Line",
    "LineOfBusiness",
    "LineRole",
    "PARequest",
    "Period",
    "Person",
    "Pharmacy",
    "PreviousDecision",
    "Provider",
    "Quantity",
    "Regimen",
    "Relationship",
    "Review",
    "ServiceCode",
    "ServicingProvider",
    "ServicingRole",
    "Site",
    "SupplyMode",
    "Tooth",
    "Urgency",
]


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


class Diagnosis(Record):
    """The first diagnosis is the principal one. ``kind`` marks another: why the patient came, or was taken in."""

    code: ICD10
    onset: CalendarDate | None = None
    kind: Literal["admitting", "visit_reason"] | None = None


class Attachment(Record):
    """A document the caller holds. ``kind`` says what it is; ``content`` is base64 in JSON, at most 10 MB.

    ``dated_on`` is the day the document itself bears, by which a payer's policy tells whether it is too old.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", description=IN_THE_CLEAR)]
    kind: DocumentKind
    title: Annotated[str, Field(min_length=1, max_length=80), ONE_LINE]
    dated_on: CalendarDate | None = None
    media_type: Literal["application/pdf", "text/plain", "image/png", "image/jpeg", "application/xml"]
    content: Enclosed


class PreviousDecision(Record):
    """When the payer made the earlier decision that a request refers to, and the last day of what it granted. Of a
    review that is not decided yet, when it was asked for."""

    decided_on: CalendarDate
    ends_on: CalendarDate | None = None


class PARequest(Record):
    """What the practice wants. ``reference`` is the caller's own id for it.

    ``subscriber`` is needed only when the patient is not the subscriber of the first coverage.
    ``previous_authorization`` is the payer's number that a renewal, revision, extension or appeal refers to;
    ``previous_review`` its number for an earlier review that gave no authorization (a denial that is appealed).
    ``previous_decision`` tells when that was decided: some payers have what they decided before a day changed by
    themselves, and the rest by somebody else. No payer is told of it.
    ``follows`` is the gateway's own earlier case that this one goes on from; no payer is told of it.
    """

    reference: Identifier
    intent: Intent = Intent.INITIAL
    review: Review = Review.SERVICES
    care: Care | None = None
    urgency: Urgency = Urgency()
    patient: Person
    subscriber: Person | None = None
    coverages: Annotated[tuple[Coverage, ...], Bounds(1, 5)]
    requester: Provider
    servicing: Annotated[tuple[ServicingProvider, ...], Bounds(0, 14)] = ()
    site: Site
    diagnoses: Annotated[tuple[Diagnosis, ...], Bounds(1, 12)]
    regimen: Regimen | None = None
    lines: Annotated[tuple[Line, ...], Bounds(1, 99)]
    facts: ClinicalFacts = ClinicalFacts()
    attachments: Annotated[tuple[Attachment, ...], Bounds(0, 20)] = ()
    supply: SupplyMode | None = None
    admission: Admission | None = None
    home_care: HomeCare | None = None
    accident: Accident | None = None
    late_because: LateReason | None = None
    previous_authorization: Identifier | None = None
    previous_review: Identifier | None = None
    previous_decision: PreviousDecision | None = None
    follows: UUID | None = None
    note: LongText | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Numbers unnamed lines, and reports contradictions between fields together with the fields' own faults."""
        if not isinstance(value, dict):
            return handler(value)
        value = _name_lines(value)
        try:
            request = handler(value)
        except ValidationError as error:
            raise merged(error, _contradictions(value)) from None
        # Looked for in the values as they came out: spellings that differed before may be one now.
        raise_findings(cls.__name__, _contradictions(request))
        return request


def _name_lines(value: dict[str, Any]) -> dict[str, Any]:
    """Lines without an id get their place, counted from 1, so that callers need not invent one."""
    given = value.get("lines")
    if not isinstance(given, list | tuple):
        return value
    taken = {line["id"].strip() for line in given if isinstance(line, dict) and isinstance(line.get("id"), str)}
    lines = []
    for place, line in enumerate(given, start=1):
        if isinstance(line, dict) and line.get("id") is None:
            name = str(place)
            while name in taken:
                name += "x"
            taken.add(name)
            line = {**line, "id": name}
        lines.append(line)
    return {**value, "lines": lines}


def pointers(request: Any) -> Iterator[Finding]:
    """Lines that point at a diagnosis which is not in the list, where there is one."""
    diagnoses = len(listed(request, "diagnoses"))
    for place, line in enumerate(listed(request, "lines")):
        for index, number in enumerate(listed(line, "diagnoses")):
            if diagnoses and isinstance(number, int) and number > diagnoses:
                yield Finding(
                    ("lines", place, "diagnoses", index),
                    "diagnosis_pointer",
                    "This points at a diagnosis that is not in the list.",
                    "Point at diagnoses by their place in the list, counted from 1.",
                )


def _contradictions(request: Any) -> Iterator[Finding]:
    """What no single field can see. Takes a request, or raw input of which it believes nothing it has not looked at."""
    lines = listed(request, "lines")
    yield from repeated(lines, "lines", "line_id", "Two lines have the same id.")
    yield from repeated(
        listed(request, "attachments"), "attachments", "attachment_id", "Two attachments have the same id."
    )
    yield from pointers(request)
    named = ids(lines) if lines else None
    for place, citation in enumerate(listed(field(request, "facts"), "compendium")):
        line_id = word(field(citation, "line_id"))
        if line_id is not None and named is not None and line_id not in named:
            yield Finding(
                ("facts", "compendium", place, "line_id"),
                "line_id",
                "The citation is for a line that is not in the request.",
                "Send the id of a line, or drop line_id.",
            )
    yield from contradictions_of_subscriber(request)
    yield from _circumstances(request)
    intent = field(request, "intent")
    if field(request, "previous_decision") is not None and intent == Intent.INITIAL:
        yield Finding(
            ("previous_decision",),
            "previous_decision",
            "A request with intent initial refers to no earlier decision.",
            "Send the intent that it has, with previous_authorization, or drop previous_decision.",
        )
    earlier = [field(request, name) for name in ("previous_authorization", "previous_review")]
    if intent in tuple(Intent) and intent != Intent.INITIAL and earlier == [None, None]:
        yield Finding(
            ("previous_authorization",),
            "missing",
            f"A request with intent {Intent(intent)} refers to an earlier authorization.",
            "Send previous_authorization (or previous_review, for a review that gave none), or intent initial.",
        )


def _circumstances(request: Any) -> Iterator[Finding]:
    """What of a stay, of diagnoses and of providers does not fit the request around it."""
    sent = isinstance(request, dict) and "review" not in request
    review = Review.SERVICES if sent else field(request, "review")
    if field(request, "admission") is not None and review in tuple(Review) and review != Review.ADMISSION:
        yield Finding(
            ("admission",),
            "admission",
            "An admission is told, and its review is not asked for.",
            "Send review admission, or drop admission.",
        )
    facts = field(request, "facts")
    left_out = isinstance(request, dict) and "facts" not in request
    legible = left_out or isinstance(facts, dict | ClinicalFacts)
    if field(request, "home_care") is not None and legible and field(facts, "prognosis") is None:
        yield Finding(
            ("facts", "prognosis"),
            "missing",
            "Care at home is certified with a prognosis, and none is given.",
            "Send facts.prognosis, or drop home_care.",
        )
    principal = next(iter(listed(request, "diagnoses")), None)
    if field(principal, "kind") is not None:
        yield Finding(
            ("diagnoses", 0, "kind"),
            "principal",
            "The first diagnosis is the principal one, and is marked as another.",
            "Put the principal diagnosis first.",
        )
