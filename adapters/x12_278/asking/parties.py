"""Writes who is involved: payer, requester, subscriber and patient, providers (loops 2000A to 2000D, 2010EA and 2010F).

Places and codes: reference "X12 facts", 2.1 (the request's loop tree). Knows nothing of what is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adapters.x12_278.asking.draft import Draft, day
from gateway.model.request import (
    Address,
    Contact,
    Coverage,
    Gender,
    Line,
    PARequest,
    Person,
    Provider,
    Relationship,
    Review,
    ServicingProvider,
    ServicingRole,
)

PROVIDERS = 14
"""2010EA, how often."""
_SHORTEST_CITY = 2
"""N401; without it there is no N4."""

_GENDER = {Gender.FEMALE: "F", Gender.MALE: "M", Gender.UNKNOWN: "U"}
_RELATIONSHIP = {Relationship.SPOUSE: "01", Relationship.CHILD: "19", Relationship.OTHER: "G8"}

_ENTITY = MappingProxyType(
    {
        ServicingRole.RENDERING: "SJ",
        # The list has no word for a supplier; who supplies the drug provides the service.
        ServicingRole.SUPPLIER: "SJ",
        ServicingRole.FACILITY: "FA",
        ServicingRole.ORDERING: "DK",
        ServicingRole.PRIMARY_CARE: "P3",
        ServicingRole.OPERATING: "72",
        ServicingRole.ASSISTANT_SURGEON: "DD",
        ServicingRole.GROUP: "QV",
    }
)
"""NM101 of 2010EA and 2010F [K]."""
_OF_EVENT = MappingProxyType(
    {ServicingRole.ATTENDING: "71", ServicingRole.ADMITTING: "AAJ", ServicingRole.REFERRING: "DN"}
)
"""NM101 that only an event has."""
_OF_SERVICE = MappingProxyType({ServicingRole.SUPERVISING: "DQ"})
"""NM101 that only a service has."""
_OTHER = "73"
"""NM101 of another physician, for a part that has no word there."""
_PART = MappingProxyType(
    {
        ServicingRole.ORDERING: "OR",
        ServicingRole.PRIMARY_CARE: "PC",
        ServicingRole.ADMITTING: "AD",
        ServicingRole.ATTENDING: "AT",
        ServicingRole.OPERATING: "OP",
        ServicingRole.ASSISTANT_SURGEON: "AS",
        ServicingRole.REFERRING: "RF",
        ServicingRole.SUPERVISING: "OT",
    }
)
"""PRV01; the others perform (PE)."""


def coverage_of(draft: Draft, request: PARequest) -> tuple[int, Coverage]:
    """The coverage that is asked: the payer's own, else the first (a delegate answers for the payer on the card)."""
    for place, coverage in enumerate(request.coverages):
        if coverage.payer == draft.to.payer:
            return place, coverage
    return 0, request.coverages[0]


def write_payer_and_requester(draft: Draft, request: PARequest) -> int:
    """2000A and 2000B. The number of the level under which the subscriber hangs."""
    payer = draft.level(None, "20", True)
    _write_payer(draft)
    requester = draft.level(payer, "21", True)
    _provider(draft, "1P", request.requester, "/requester", "RF" if request.review is Review.REFERRAL else "OR")
    return requester


def write_requester_and_payer(draft: Draft, request: PARequest) -> int:
    """2000A and 2000B of a notice, in which the requester tells. The level under which the subscriber hangs."""
    requester = draft.level(None, "20", True)
    _provider(draft, "1P", request.requester, "/requester", "OR")
    payer = draft.level(requester, "21", True)
    _write_payer(draft)
    return payer


def _write_payer(draft: Draft) -> None:
    name = draft.alphabet.written(draft.payer.umo_name or draft.to.payer_name)[:60]
    umo = draft.exact(draft.payer.umo_id, "", 80)
    draft.add("NM1", "X3", "2", name, "", "", "", "", draft.payer.umo_qualifier, umo)


def write_patient(draft: Draft, request: PARequest, parent: int) -> int:
    """2000C, and 2000D where the patient is not the subscriber. The number of the patient's level."""
    place, coverage = coverage_of(draft, request)
    is_subscriber = coverage.relationship is Relationship.SELF
    level = draft.level(parent, "22", True)
    subscriber, at = (request.patient, "/patient") if is_subscriber else (request.subscriber, "/subscriber")
    if subscriber is None or (place and not is_subscriber):
        draft.refuse(
            "/subscriber",
            "the patient is not the subscriber of the coverage that is asked, and its subscriber is not in the request",
            "Put the coverage that is asked first, with its subscriber.",
        )
        return level
    member = draft.exact(coverage.member_id, f"/coverages/{place}/member_id", 80)
    _name(draft, "IL", subscriber, at, member)
    if coverage.group_number:
        group = draft.exact(coverage.group_number, f"/coverages/{place}/group_number", 50)
        draft.add("REF", "6P", group)
    _address(draft, subscriber.address, at)
    _demographics(draft, subscriber)
    if is_subscriber:
        if request.subscriber not in (None, request.patient):
            draft.lose("/subscriber", "by the coverage that is asked, the patient is the subscriber")
        return level
    level = draft.level(level, "23", True)
    _name(draft, "QC", request.patient, "/patient", "")
    _address(draft, request.patient.address, "/patient")
    _demographics(draft, request.patient)
    draft.add("INS", "N", _RELATIONSHIP[coverage.relationship])
    return level


def report_other_coverage(draft: Draft, request: PARequest) -> None:
    """What a 278 has no place for in the patient's insurance."""
    asked, coverage = coverage_of(draft, request)
    at = f"/coverages/{asked}"
    draft.lose(f"{at}/line_of_business", "the payer knows it from the member id")
    if coverage.plan:
        draft.lose(f"{at}/plan", "a 278 has no place for the plan's name")
    if coverage.pharmacy:
        draft.lose(f"{at}/pharmacy", "a 278 is asked of the medical benefit")
    if coverage.medical_group:
        draft.lose(f"{at}/medical_group", "the payer knows from the member id who manages the member")
    for place in range(len(request.coverages)):
        if place != asked:
            draft.lose(f"/coverages/{place}", "a 278 names one coverage")


def write_servicing(draft: Draft, request: PARequest) -> None:
    """2010EA: who gives the service, and where."""
    facility_named = False
    for place, provider in enumerate(request.servicing):
        at = f"/servicing/{place}"
        _servicing(draft, provider, at, _ENTITY | _OF_EVENT)
        facility_named |= (
            provider.role is ServicingRole.FACILITY
            and provider.first_name is None
            and provider.last_name.casefold() == (request.site.facility_name or "").casefold()
        )
    name = request.site.facility_name
    if name is None or facility_named:
        return
    if len(request.servicing) < PROVIDERS:
        written = draft.text(name, "/site/facility_name", 60)
        if written:
            draft.add("NM1", "FA", "2", written)
    else:
        draft.lose("/site/facility_name", f"a 278 names {PROVIDERS} providers at most")


def write_line_servicing(draft: Draft, line: Line, at: str) -> None:
    """2010F: who gives this service, where that is not who gives the whole."""
    for place, provider in enumerate(line.servicing):
        _servicing(draft, provider, f"{at}/servicing/{place}", _ENTITY | _OF_SERVICE)


def _servicing(draft: Draft, provider: ServicingProvider, at: str, entities: Mapping[ServicingRole, str]) -> None:
    entity = entities.get(provider.role, _OTHER)
    _provider(draft, entity, provider, at, _PART.get(provider.role, "PE"))
    if provider.role is ServicingRole.SUPPLIER:
        draft.lose(f"{at}/role", "a 278 has one word for who gives and who supplies")
    elif entity == _OTHER:
        draft.lose(f"{at}/role", "a 278 has no word for this part here; it names another physician")


def _provider(draft: Draft, entity: str, provider: Provider, at: str, part: str) -> None:
    last = draft.text(provider.last_name, f"{at}/last_name", 60, required=True)
    first = draft.text(provider.first_name, f"{at}/first_name", 35)
    kind = "2" if provider.first_name is None else "1"
    draft.add("NM1", entity, kind, last, first, "", "", "", "XX", provider.npi)
    if provider.tax_id:
        draft.add("REF", "EI", provider.tax_id)
    _address(draft, provider.address, at)
    if provider.contact:
        _contact(draft, provider.contact, f"{at}/contact")
    if provider.taxonomy:
        draft.add("PRV", part, "PXC", provider.taxonomy)


def _name(draft: Draft, entity: str, person: Person, at: str, member: str) -> None:
    draft.add(
        "NM1",
        entity,
        "1",
        draft.text(person.last_name, f"{at}/last_name", 60, required=True),
        draft.text(person.first_name, f"{at}/first_name", 35, required=True),
        draft.text(person.middle_name, f"{at}/middle_name", 25),
        "",
        draft.text(person.suffix, f"{at}/suffix", 10),
        "MI" if member else "",
        member,
    )


def _demographics(draft: Draft, person: Person) -> None:
    draft.add("DMG", "D8", day(person.birth_date), _GENDER[person.gender])


def _address(draft: Draft, address: Address | None, at: str) -> None:
    if address is None:
        return
    if len(draft.writing(address.city).text) < _SHORTEST_CITY:
        draft.lose(f"{at}/address", "its city cannot be written in X12")
        return
    if address.county:
        draft.lose(f"{at}/address/county", "a 278 has no place for a county")
    if not all(draft.writing(street).text for street in address.street):
        draft.lose(f"{at}/address/street", "a line of it cannot be written in X12")
    elif address.street:
        lines = enumerate(address.street)
        draft.add("N3", *(draft.text(line, f"{at}/address/street/{place}", 55) for place, line in lines))
    city = draft.text(address.city, f"{at}/address/city", 30)
    draft.add("N4", city, address.state, address.zip_code.replace("-", ""))


def _contact(draft: Draft, contact: Contact, at: str) -> None:
    """PER has room for three numbers; a contact can have four."""
    numbers: list[tuple[str, str]] = []
    if contact.phone:
        numbers.append(("TE", contact.phone))
    if contact.extension:
        if contact.phone:
            numbers.append(("EX", contact.extension))
        else:
            draft.lose(f"{at}/extension", "an extension belongs to a telephone number")
    if contact.fax:
        numbers.append(("FX", contact.fax))
    if contact.email:
        if len(numbers) == 3:
            draft.lose(f"{at}/email", "a 278 gives three numbers of a contact")
        elif draft.alphabet.carries(contact.email):
            numbers.append(("EM", contact.email))
        else:
            draft.lose(f"{at}/email", "the address cannot be written unchanged in the connection's characters")
    name = draft.text(contact.name, f"{at}/name", 60)
    if name or numbers:
        draft.add("PER", "IC", name, *(part for pair in numbers for part in pair))
