"""People, organisations and insurance of a request: who is treated, who asks, who gives the service, who pays.

Knows no channel; lengths are what the narrowest channel carries.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from gateway.model.bounds import Bounds
from gateway.model.codes import (
    NPI,
    CalendarDate,
    MemberId,
    Name,
    Phone,
    PlaceOfService,
    ShortText,
    State,
    Taxonomy,
    ZipCode,
)
from gateway.model.record import Record, refuse
from gateway.model.shape import Shape
from gateway.model.text import ONE_LINE


class Gender(StrEnum):
    """As the payer holds it on file."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


Street = Annotated[str, Field(min_length=1, max_length=55), ONE_LINE]
GivenName = Annotated[str, Field(min_length=1, max_length=35), ONE_LINE]
LastName = Annotated[
    Name, Shape("no_letter", r".*\p{L}.*", "The name has no letter.", "Send the name as the payer has it.", shown=False)
]
"""Of a person, or an organisation's whole name."""


County = Annotated[str, Field(min_length=2, max_length=40), ONE_LINE]


def plain_county(name: str) -> str:
    """A county by its name alone, as it compares: without capitals, points and its kind, and ``Saint`` short."""
    words = re.sub(r"[^a-z0-9 ]", "", name.casefold().replace("-", " ")).split()
    kept = words[:-1] if len(words) > 1 and words[-1] in ("county", "parish", "borough") else words
    return " ".join("st" if word == "saint" else word for word in kept)


class Address(Record):
    """``county`` is of the state. No channel carries it; payers delegate by it."""

    street: Annotated[tuple[Street, ...], Bounds(0, 2)] = ()
    city: Annotated[str, Field(min_length=2, max_length=30), ONE_LINE]
    state: State
    zip_code: ZipCode
    county: County | None = None


class Person(Record):
    last_name: LastName
    first_name: GivenName | None = None
    middle_name: Annotated[str, Field(min_length=1, max_length=25), ONE_LINE] | None = None
    suffix: Annotated[str, Field(min_length=1, max_length=10), ONE_LINE] | None = None
    birth_date: CalendarDate
    gender: Gender
    address: Address | None = None

    @field_validator("birth_date")
    @classmethod
    def _born_in_reach(cls, born: date) -> date:
        if born < date(1890, 1, 1):
            refuse("birth_date", "The birth date is before 1890.", "Send the four-digit year of birth.")
        return born


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


CardNumber = Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{2})?$")]
"""A BIN, by its newer name IIN."""
ProcessorControl = Annotated[str, Field(min_length=1, max_length=10), ONE_LINE]
CardGroup = Annotated[str, Field(min_length=1, max_length=15), ONE_LINE]


class Pharmacy(Record):
    """The pharmacy side of a card: BIN, processor control number, group."""

    bin: CardNumber
    pcn: ProcessorControl | None = None
    group: CardGroup | None = None


NO_GROUP = "none"
"""What a coverage says whose member no medical group manages."""


def plain_group(name: str) -> str:
    """A medical group's name or id as it compares: letters and digits, without capitals."""
    return re.sub(r"[\W_]", "", name.casefold())


class Coverage(Record):
    """One insurance. The first coverage of a request is asked first.

    ``medical_group`` is the medical group or independent practice association (IPA) that manages the member's care, by
    the name or id on the card; ``none`` says that there is none. No channel carries it; payers delegate by it.
    """

    payer: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    member_id: MemberId
    line_of_business: LineOfBusiness
    plan: ShortText | None = None
    group_number: Annotated[str, Field(min_length=1, max_length=30), ONE_LINE] | None = None
    relationship: Relationship = Relationship.SELF
    pharmacy: Pharmacy | None = None
    medical_group: Annotated[str, Field(min_length=1, max_length=80), ONE_LINE] | None = None


class Contact(Record):
    name: Name | None = None
    phone: Phone | None = None
    extension: Annotated[str, Field(pattern=r"^[0-9]{1,6}$")] | None = None
    fax: Phone | None = None
    email: Annotated[str, Field(max_length=80, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), ONE_LINE] | None = None


class Provider(Record):
    """A person (``first_name`` given) or an organisation. ``tax_id`` is nine digits, no hyphen."""

    npi: NPI
    last_name: LastName
    first_name: GivenName | None = None
    taxonomy: Taxonomy | None = None
    tax_id: Annotated[str, Field(pattern=r"^[0-9]{9}$")] | None = None
    address: Address | None = None
    contact: Contact | None = None


class ServicingRole(StrEnum):
    RENDERING = "rendering"
    FACILITY = "facility"
    SUPPLIER = "supplier"
    ORDERING = "ordering"
    PRIMARY_CARE = "primary_care"
    ADMITTING = "admitting"
    ATTENDING = "attending"
    OPERATING = "operating"
    ASSISTANT_SURGEON = "assistant_surgeon"
    REFERRING = "referring"
    SUPERVISING = "supervising"
    GROUP = "group"


class ServicingProvider(Provider):
    role: ServicingRole


class Site(Record):
    """Where the service is given. ``place_of_service`` is the CMS code; ``home`` needs no facility."""

    place_of_service: PlaceOfService
    facility_name: Name | None = None


Level = Literal["standard", "expedited"]


class Urgency(Record):
    """Expedited review needs the clinician who attests that waiting could harm the patient."""

    level: Level = "standard"
    reason: Annotated[ShortText | None, Field(validate_default=True)] = None
    attested_by: Annotated[Name | None, Field(validate_default=True)] = None

    @field_validator("reason", "attested_by")
    @classmethod
    def _attested(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("level") == "expedited" and value is None:
            refuse(
                "attestation",
                "An expedited request needs a reason and who attests it.",
                "Send reason and attested_by, or level standard.",
            )
        return value
