"""A request on its way to being one: at the point of order entry much is missing, and what is there is asked about.

The fields are those of ``gateway.model.request.PARequest``, so that a draft can be sent as it is; what no policy reads
is taken and not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gateway.model.benefit import SupplyMode
from gateway.model.bounds import Bounds
from gateway.model.clinical import ClinicalFacts, DocumentKind
from gateway.model.codes import NDC, CalendarDate, PlaceOfService, ShortText
from gateway.model.faults import Finding, raise_findings
from gateway.model.line import Frequency, LineRole, Period, Quantity, Regimen, ServiceCode
from gateway.model.people import Gender, LineOfBusiness
from gateway.model.record import Record
from gateway.model.request import Diagnosis, Intent, pointers
from gateway.model.sent import repeated
from gateway.model.text import IN_THE_CLEAR

Unread = Annotated[Any, Field(description="Taken as it is, and not looked at.")]


class OrderPatient(Record):
    birth_date: CalendarDate | None = None
    gender: Gender | None = None
    last_name: Unread = None
    first_name: Unread = None
    middle_name: Unread = None
    suffix: Unread = None
    address: Unread = None


class OrderCoverage(Record):
    """The payer and its line of business must be known, for it is their policy that is asked about."""

    payer: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    line_of_business: LineOfBusiness
    member_id: Unread = None
    plan: Unread = None
    group_number: Unread = None
    relationship: Unread = None
    pharmacy: Unread = None
    medical_group: Unread = None


class OrderSite(Record):
    place_of_service: PlaceOfService | None = None
    facility_name: Unread = None


class OrderLine(Record):
    """Only the code must be there. A line without an id is called by its place, counted from 1."""

    id: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_-]{1,20}$", description=IN_THE_CLEAR)] = None
    role: LineRole | None = None
    code: ServiceCode
    ndc: NDC | None = None
    quantity: Quantity | None = None
    dose: ShortText | None = None
    frequency: Frequency | None = None
    dates: Period | None = None
    place_of_service: PlaceOfService | None = None
    diagnoses: Annotated[tuple[Annotated[int, Field(strict=True, ge=1, le=12)], ...], Bounds(0, 4)] = ()
    supply: SupplyMode | None = None
    revenue_code: Unread = None
    modifiers: Unread = None
    description: Unread = None
    benefit: Unread = None
    antiemetic: Unread = None
    evidence: Unread = None
    servicing: Unread = None
    teeth: Unread = None


class OrderDocument(Record):
    """A document that will be attached. Its bytes are not needed yet."""

    kind: DocumentKind
    dated_on: CalendarDate | None = None
    id: Unread = None
    title: Unread = None
    media_type: Unread = None
    content: Unread = None


def _same_ids(lines: Sequence[Any]) -> list[Finding]:
    found = repeated(lines, "lines", "line_id", "Two lines have the same id.")
    return [Finding(one.at[1:], one.code, one.message, one.fix) for one in found]


class Order(Record):
    """What is known of a request so far. ``filed_on`` is the day it would be filed; without it today."""

    coverages: Annotated[tuple[OrderCoverage, ...], Bounds(1, 5)]
    lines: Annotated[tuple[OrderLine, ...], Bounds(1, 99, _same_ids)]
    filed_on: CalendarDate | None = None
    intent: Intent = Intent.INITIAL
    patient: OrderPatient = OrderPatient()
    site: OrderSite = OrderSite()
    diagnoses: Annotated[tuple[Diagnosis, ...], Bounds(0, 12)] = ()
    regimen: Regimen | None = None
    facts: ClinicalFacts = ClinicalFacts()
    attachments: Annotated[tuple[OrderDocument, ...], Bounds(0, 20)] = ()
    supply: SupplyMode | None = None
    requester: Unread = None
    servicing: Unread = None
    reference: Unread = None
    review: Unread = None
    care: Unread = None
    urgency: Unread = None
    subscriber: Unread = None
    admission: Unread = None
    home_care: Unread = None
    accident: Unread = None
    late_because: Unread = None
    previous_authorization: Unread = None
    previous_review: Unread = None
    previous_decision: Unread = None
    follows: Unread = None
    note: Unread = None

    @model_validator(mode="after")
    def _pointed(self) -> Self:
        raise_findings(type(self).__name__, pointers(self))
        return self
