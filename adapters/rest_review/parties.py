"""Writes people and providers: who is treated, who asks, who gives the service. Knows no service."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.rest_review.draft import Draft, Members, members
from gateway.model.request import (
    Address,
    Contact,
    Coverage,
    Gender,
    PARequest,
    Person,
    Provider,
    Relationship,
    ServicingRole,
)

_GENDERS = {Gender.FEMALE: "F", Gender.MALE: "M", Gender.UNKNOWN: "U"}
RELATIONSHIPS = {
    Relationship.SELF: "18",
    Relationship.SPOUSE: "01",
    Relationship.CHILD: "19",
    Relationship.OTHER: "G8",
}
_ROLES: Mapping[ServicingRole, str] = {
    ServicingRole.RENDERING: "SJ",
    ServicingRole.SUPPLIER: "SJ",
    ServicingRole.FACILITY: "FA",
    ServicingRole.ORDERING: "DK",
    ServicingRole.PRIMARY_CARE: "P3",
    ServicingRole.ADMITTING: "AAJ",
    ServicingRole.ATTENDING: "71",
    ServicingRole.OPERATING: "72",
    ServicingRole.ASSISTANT_SURGEON: "DD",
    ServicingRole.REFERRING: "DN",
    ServicingRole.SUPERVISING: "DQ",
    ServicingRole.GROUP: "QV",
}


def coverage_of(request: PARequest, payer: str) -> tuple[int, Coverage]:
    """The coverage that is asked: the payer's own, else the first (a delegate answers for the payer on the card)."""
    found = ((place, coverage) for place, coverage in enumerate(request.coverages) if coverage.payer == payer)
    return next(found, (0, request.coverages[0]))


def write_patient(draft: Draft, request: PARequest, payer: str) -> Members:
    """The members ``subscriber`` and ``patient``."""
    place, coverage = coverage_of(request, payer)
    for other in range(len(request.coverages)):
        if other != place:
            draft.lose(f"/coverages/{other}", "a review names one coverage")
    draft.lose(f"/coverages/{place}/line_of_business", "the payer knows it from the member id")
    for name in ("group_number", "plan", "pharmacy", "medical_group"):
        if getattr(coverage, name) is not None:
            draft.lose(f"/coverages/{place}/{name}", "a review knows the coverage by its member id alone")
    is_holder = coverage.relationship is Relationship.SELF
    holder = request.patient if is_holder else request.subscriber
    if holder is None or (place and not is_holder):
        draft.refuse(
            "/subscriber",
            "the patient is not the subscriber of the coverage that is asked, and its subscriber is not in the request",
            "Put the coverage that is asked first, with its subscriber.",
        )
        return {}
    if is_holder and request.subscriber not in (None, request.patient):
        draft.lose("/subscriber", "by the coverage that is asked, the patient is the subscriber")
    if holder is not request.patient:
        draft.lose("/subscriber/birth_date", "a review has no birth date of a subscriber")
        draft.lose("/subscriber/gender", "a review has no gender of a subscriber")
    patient = request.patient
    return members(
        subscriber=members(memberId=coverage.member_id)
        | _name(holder)
        | _address(draft, holder.address, "/patient" if is_holder else "/subscriber"),
        patient=_name(patient)
        | members(
            birthDate=patient.birth_date.isoformat(),
            genderCode=_GENDERS[patient.gender],
            subscriberRelationshipCode=RELATIONSHIPS[coverage.relationship],
        )
        | _address(draft, patient.address, "/patient"),
    )


def write_providers(draft: Draft, request: PARequest) -> Members:
    """The members ``requestingProvider`` and ``renderingProviders``."""
    rendering: list[Members] = []
    for place, provider in enumerate(request.servicing):
        if provider.role is ServicingRole.SUPPLIER:
            draft.lose(f"/servicing/{place}/role", "a review has one word for who gives and who supplies")
        rendering.append(_provider(draft, provider, f"/servicing/{place}") | members(roleCode=_ROLES[provider.role]))
    return members(requestingProvider=_provider(draft, request.requester, "/requester"), renderingProviders=rendering)


def _provider(draft: Draft, provider: Provider, at: str) -> Members:
    return (
        members(
            npi=provider.npi,
            lastName=provider.last_name,
            firstName=provider.first_name,
            taxId=provider.tax_id,
            specialtyCode=provider.taxonomy,
        )
        | _address(draft, provider.address, at)
        | _contact(provider.contact)
    )


def _contact(contact: Contact | None) -> Members:
    if contact is None:
        return {}
    return members(
        contactName=contact.name,
        phone=contact.phone,
        extension=contact.extension,
        fax=contact.fax,
        emailAddress=contact.email,
    )


def _name(person: Person) -> Members:
    return members(
        lastName=person.last_name,
        firstName=person.first_name,
        middleName=person.middle_name,
        suffix=person.suffix,
    )


def _address(draft: Draft, address: Address | None, at: str) -> Members:
    if address is None:
        return {}
    if address.county:
        draft.lose(f"{at}/address/county", "a review has no member for a county")
    lines = (*address.street, "", "")
    return members(
        addressLine1=lines[0],
        addressLine2=lines[1],
        city=address.city,
        stateCode=address.state,
        zipCode=address.zip_code,
    )
