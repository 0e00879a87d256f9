"""Writes people: who is treated, who prescribes, who pays. Knows no drug."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.script_epa.asking.draft import Draft
from adapters.script_epa.codec.writing import Xml, element, group
from adapters.script_epa.settings import payer_settings
from gateway.contract.destination import Destination
from gateway.model.people import Coverage
from gateway.model.request import Address, Contact, Gender, PARequest, Person, Provider, Relationship, ServicingRole

_GENDERS = {Gender.FEMALE: "F", Gender.MALE: "M", Gender.UNKNOWN: "U"}
_RELATIONSHIPS = {Relationship.SELF: "1", Relationship.SPOUSE: "2", Relationship.CHILD: "3", Relationship.OTHER: "4"}
_COUNTRY = "US"
_NAME, _STREET, _CITY, _ID = 35, 40, 35, 35


def coverage_of(request: PARequest, payer: str) -> tuple[int, Coverage]:
    """The coverage that is asked: the payer's own, else the first (a delegate answers for the payer on the card)."""
    found = ((place, coverage) for place, coverage in enumerate(request.coverages) if coverage.payer == payer)
    return next(found, (0, request.coverages[0]))


def write_coverage(draft: Draft, request: PARequest, to: Destination) -> Xml:
    """BenefitsCoordination of the coverage that is asked."""
    tags = draft.version.tags
    place, coverage = coverage_of(request, to.payer)
    at = f"/coverages/{place}"
    for other in range(len(request.coverages)):
        if other != place:
            draft.lose(f"/coverages/{other}", "the payer is told of the coverage that is asked")
    if coverage.plan is not None:
        draft.lose(f"{at}/plan", "a plan is known by its BIN, PCN and group")
    card = coverage.pharmacy
    number = (
        (f"{at}/pharmacy/group", card.group) if card and card.group else (f"{at}/group_number", coverage.group_number)
    )
    if card and card.group and coverage.group_number not in (None, card.group):
        draft.lose(f"{at}/group_number", "the group of the pharmacy benefit is sent")
    payer = payer_settings(to)
    holder = request.patient if coverage.relationship is Relationship.SELF else request.subscriber
    if holder is None or (place and coverage.relationship is not Relationship.SELF):
        draft.refuse(
            "/subscriber",
            "the patient is not the subscriber of the coverage that is asked, and its subscriber is not in the request",
            "Put the coverage that is asked first, with its subscriber.",
        )
        holder = request.patient
    named = "/patient" if holder is request.patient else "/subscriber"
    if request.subscriber is not None and holder is request.patient:
        draft.lose("/subscriber", "by the coverage that is asked, the patient is the subscriber")
    elif request.subscriber is not None:
        for name in ("birth_date", "gender", *(["address"] if holder.address else [])):
            draft.lose(f"/subscriber/{name}", "of a cardholder only the name is sent")
    return element(
        tags["BenefitsCoordination"],
        group(
            tags["PayerIdentification"],
            draft.plain("PayerID", payer.payer_id),
            draft.text(
                "ProcessorIdentificationNumber", f"{at}/pharmacy/pcn", card.pcn if card else None, 10, whole=True
            ),
            draft.plain("IINNumber", card.bin if card else None),
        ),
        draft.text("CardholderID", f"{at}/member_id", coverage.member_id, _ID, whole=True),
        _cardholder(draft, named, holder),
        draft.text("GroupID", *number, _ID, whole=True),
        draft.plain("PayerResponsibilityCode", "P"),
        draft.plain("PatientRelationship", _RELATIONSHIPS[coverage.relationship]),
        draft.plain("PayerType", payer.payer_types.get(coverage.line_of_business)),
    )


def _cardholder(draft: Draft, at: str, holder: Person) -> Xml | None:
    """CardHolderName, which may be left out, and has a first name where it is not."""
    if holder.first_name is None:
        draft.lose(f"{at}/last_name", "a cardholder is named by first and last name, or not at all")
        return None
    return _name(draft, at, holder, "CardHolderName")


def write_patient(draft: Draft, patient: Person) -> Xml:
    tags = draft.version.tags
    return element(
        tags["Patient"],
        element(
            tags["HumanPatient"],
            _name(draft, "/patient", patient, "Name"),
            draft.plain("Gender", _GENDERS[patient.gender]),
            element(tags["DateOfBirth"], draft.plain("Date", patient.birth_date.isoformat())),
            _address(draft, "/patient", patient.address),
        ),
    )


def prescriber_of(request: PARequest) -> tuple[str, Provider] | None:
    """Who prescribes, and where that stands: whoever is named as ordering, else a person who asks, else one who gives
    it."""
    for role in (ServicingRole.ORDERING, None, ServicingRole.RENDERING):
        for pointer, provider in _providers(request, role):
            if provider.first_name is not None:
                return pointer, provider
    return None


def _providers(request: PARequest, role: ServicingRole | None) -> Iterator[tuple[str, Provider]]:
    if role is None:
        yield "/requester", request.requester
        return
    places = [
        *((f"/servicing/{place}", each) for place, each in enumerate(request.servicing)),
        *((f"/lines/0/servicing/{place}", each) for place, each in enumerate(request.lines[0].servicing)),
    ]
    yield from ((pointer, each) for pointer, each in places if each.role is role)


def write_prescriber(draft: Draft, request: PARequest) -> Xml | None:
    """With the address and telephone of the practice that asks where the prescriber has none in the request."""
    tags = draft.version.tags
    found = prescriber_of(request)
    if found is None:
        draft.refuse(
            "/requester/first_name",
            "a prescriber is a person, and nobody is named",
            "Send the prescriber's first name.",
        )
        return None
    at, prescriber = found
    practice = request.requester
    where = (at, prescriber.address) if prescriber.address else ("/requester", practice.address)
    reached = prescriber.contact if prescriber.contact and prescriber.contact.phone else practice.contact
    for name in ("taxonomy", "tax_id"):
        if getattr(prescriber, name) is not None:
            draft.lose(f"{at}/{name}", "a prescriber is known by the NPI")
    if reached is None or reached.phone is None:
        draft.refuse(at, "a prescriber needs a telephone number", "Send contact.phone of the prescriber or requester.")
        reached = Contact()
    elif practice is not prescriber:
        draft.lose("/requester/npi", "only the prescriber is named")
    _lose_contact(draft, "/requester" if reached is practice.contact else at, reached)
    return element(
        tags["Prescriber"],
        element(
            tags["NonVeterinarian"],
            element(tags["Identification"], draft.plain("NPI", prescriber.npi)),
            _name(draft, at, prescriber, "Name"),
            _address(draft, *where),
            element(
                tags["CommunicationNumbers"],
                element(
                    tags["PrimaryTelephone"],
                    draft.plain("Number", reached.phone),
                    draft.plain("Extension", reached.extension),
                ),
            ),
        ),
    )


def _lose_contact(draft: Draft, at: str, contact: Contact) -> None:
    for name in ("name", "fax", "email"):
        if getattr(contact, name) is not None:
            draft.lose(f"{at}/contact/{name}", "only a telephone number is sent")


def _name(draft: Draft, at: str, who: Person | Provider, tag: str) -> Xml:
    person = who if isinstance(who, Person) else None
    if who.first_name is None:
        draft.refuse(f"{at}/first_name", "a person needs a first name", "Send the first name.")
    return element(
        draft.version.tags[tag],
        draft.text("LastName", f"{at}/last_name", who.last_name, _NAME, whole=True),
        draft.text("FirstName", f"{at}/first_name", who.first_name, _NAME, whole=True),
        draft.text("MiddleName", f"{at}/middle_name", person.middle_name if person else None, _NAME, whole=True),
        draft.text("Suffix", f"{at}/suffix", person.suffix if person else None, 10, whole=True),
    )


def _address(draft: Draft, at: str, address: Address | None) -> Xml | None:
    if address is None or not address.street:
        draft.refuse(
            f"{at}/address", "an address with its street is needed", "Send address with street, city, state and ZIP."
        )
        return None
    at = f"{at}/address"
    second = address.street[1] if len(address.street) > 1 else None
    return element(
        draft.version.tags["Address"],
        draft.text("AddressLine1", f"{at}/street/0", address.street[0], _STREET),
        draft.text("AddressLine2", f"{at}/street/1", second, _STREET),
        draft.text("City", f"{at}/city", address.city, _CITY, whole=True),
        draft.plain("StateProvince", address.state),
        draft.plain("PostalCode", address.zip_code.replace("-", "")),
        draft.plain("CountryCode", _COUNTRY),
    )
