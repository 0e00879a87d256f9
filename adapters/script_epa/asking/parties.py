"""Writes people: who is treated, who prescribes, who pays. Knows no drug."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.script_epa.asking.draft import Draft
from adapters.script_epa.codec.parties import (
    CITY,
    ID,
    NAME,
    PCN,
    STREET,
    SUFFIX,
    Benefits,
    HumanPatient,
    NonVeterinarian,
    PayerIdentity,
    PersonName,
    PostalAddress,
    PrescriberIdentity,
    Reach,
    Telephone,
)
from adapters.script_epa.settings import payer_settings
from gateway.contract.destination import Destination
from gateway.model.people import Coverage
from gateway.model.request import Address, Contact, Gender, PARequest, Person, Provider, Relationship, ServicingRole

_GENDERS = {Gender.FEMALE: "F", Gender.MALE: "M", Gender.UNKNOWN: "U"}
_RELATIONSHIPS = {Relationship.SELF: "1", Relationship.SPOUSE: "2", Relationship.CHILD: "3", Relationship.OTHER: "4"}
_COUNTRY = "US"


def coverage_of(request: PARequest, payer: str) -> tuple[int, Coverage]:
    """The coverage that is asked: the payer's own, else the first (a delegate answers for the payer on the card)."""
    found = ((place, coverage) for place, coverage in enumerate(request.coverages) if coverage.payer == payer)
    return next(found, (0, request.coverages[0]))


def write_coverage(draft: Draft, request: PARequest, to: Destination) -> Benefits:
    """The coverage that is asked."""
    place, coverage = coverage_of(request, to.payer)
    at = f"/coverages/{place}"
    for other in range(len(request.coverages)):
        if other != place:
            draft.lose(f"/coverages/{other}", "the payer is told of the coverage that is asked")
    if coverage.plan is not None:
        draft.lose(f"{at}/plan", "a plan is known by its BIN, PCN and group")
    if coverage.medical_group is not None:
        draft.lose(f"{at}/medical_group", "a plan is known by its BIN, PCN and group")
    card = coverage.pharmacy
    number = (
        (f"{at}/pharmacy/group", card.group) if card and card.group else (f"{at}/group_number", coverage.group_number)
    )
    if card and card.group and coverage.group_number not in (None, card.group):
        draft.lose(f"{at}/group_number", "the group of the pharmacy benefit is sent")
    payer = payer_settings(to)
    payer_type = payer.payer_types.get(coverage.line_of_business)
    if payer_type is None:
        draft.lose(f"{at}/line_of_business", "the partner is told of no type of payer")
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
    identity = PayerIdentity(
        payer=payer.payer_id,
        pcn=draft.text(f"{at}/pharmacy/pcn", card.pcn if card else None, PCN, whole=True),
        bin=card.bin if card else None,
    )
    return Benefits(
        identity=identity if identity != PayerIdentity() else None,
        cardholder=draft.text(f"{at}/member_id", coverage.member_id, ID, whole=True),
        cardholder_name=_cardholder(draft, named, holder),
        group=draft.text(*number, ID, whole=True),
        responsibility="P",
        relationship=_RELATIONSHIPS[coverage.relationship],
        payer_type=payer_type,
    )


def _cardholder(draft: Draft, at: str, holder: Person) -> PersonName | None:
    """A name that may be left out, and has a first name where it is not."""
    if holder.first_name is None:
        for name in ("last_name", "middle_name", "suffix"):
            if getattr(holder, name) is not None:
                draft.lose(f"{at}/{name}", "a cardholder is named by first and last name, or not at all")
        return None
    return _name(draft, at, holder)


def write_patient(draft: Draft, patient: Person) -> HumanPatient:
    return HumanPatient(
        name=_name(draft, "/patient", patient),
        gender=_GENDERS[patient.gender],
        born=patient.birth_date.isoformat(),
        address=_address(draft, "/patient", patient.address),
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


def write_prescriber(draft: Draft, request: PARequest) -> NonVeterinarian | None:
    """With the address and telephone of the practice that asks where the prescriber has none in the request."""
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
    own = prescriber.contact if prescriber.contact and prescriber.contact.phone else None
    reached = own or practice.contact
    for name in ("taxonomy", "tax_id"):
        if getattr(prescriber, name) is not None:
            draft.lose(f"{at}/{name}", "a prescriber is known by the NPI")
    if practice is not prescriber:
        _lose_practice(draft, practice, at, prescriber)
    if reached is None or reached.phone is None:
        draft.refuse(at, "a prescriber needs a telephone number", "Send contact.phone of the prescriber or requester.")
        reached = Contact()
    _lose_contact(draft, at if own else "/requester", reached)
    return NonVeterinarian(
        identity=PrescriberIdentity(npi=prescriber.npi),
        name=_name(draft, at, prescriber),
        address=_address(draft, *where),
        reach=Reach(telephone=Telephone(number=reached.phone, extension=reached.extension)),
    )


def _lose_practice(draft: Draft, practice: Provider, at: str, prescriber: Provider) -> None:
    """What is not said of the practice that asks for a prescriber, and of the prescriber in its favour."""
    for name in ("npi", "last_name", "first_name", "taxonomy", "tax_id"):
        if getattr(practice, name) is not None:
            draft.lose(f"/requester/{name}", "only the prescriber is named")
    if prescriber.address is not None and practice.address is not None:
        draft.lose("/requester/address", "the prescriber's own is sent")
    if prescriber.contact is not None and prescriber.contact.phone is None:
        draft.lose(f"{at}/contact", "only a telephone number is sent")
    elif prescriber.contact is not None and practice.contact is not None:
        draft.lose("/requester/contact", "the prescriber's own is sent")


def _lose_contact(draft: Draft, at: str, contact: Contact) -> None:
    for name in ("name", "fax", "email"):
        if getattr(contact, name) is not None:
            draft.lose(f"{at}/contact/{name}", "only a telephone number is sent")


def _name(draft: Draft, at: str, who: Person | Provider) -> PersonName:
    person = who if isinstance(who, Person) else None
    if who.first_name is None:
        draft.refuse(f"{at}/first_name", "a person needs a first name", "Send the first name.")
    return PersonName(
        last=draft.text(f"{at}/last_name", who.last_name, NAME, whole=True),
        first=draft.text(f"{at}/first_name", who.first_name, NAME, whole=True),
        middle=draft.text(f"{at}/middle_name", person.middle_name if person else None, NAME, whole=True),
        suffix=draft.text(f"{at}/suffix", person.suffix if person else None, SUFFIX, whole=True),
    )


def _address(draft: Draft, at: str, address: Address | None) -> PostalAddress | None:
    if address is None or not address.street:
        draft.refuse(
            f"{at}/address", "an address with its street is needed", "Send address with street, city, state and ZIP."
        )
        return None
    at = f"{at}/address"
    if address.county is not None:
        draft.lose(f"{at}/county", "an address of SCRIPT has no county")
    second = address.street[1] if len(address.street) > 1 else None
    return PostalAddress(
        line=draft.text(f"{at}/street/0", address.street[0], STREET),
        second_line=draft.text(f"{at}/street/1", second, STREET),
        city=draft.text(f"{at}/city", address.city, CITY, whole=True),
        state=address.state,
        zip_code=address.zip_code.replace("-", ""),
        country=_COUNTRY,
    )
