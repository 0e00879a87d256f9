"""Patient, coverage and requester of the draft, each value with where it was read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from gateway.intake.elements import codings, day, each, part, status, words
from gateway.intake.findings import Found
from gateway.intake.taking import Taking
from gateway.model.codes import NPI, MemberId, Phone
from gateway.model.people import Address, CardGroup, CardNumber, GivenName, LastName, ProcessorControl
from gateway.profiles.terms import Meaning, plain

NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"
_LAST: TypeAdapter[Any] = TypeAdapter(LastName)
_GIVEN: TypeAdapter[Any] = TypeAdapter(GivenName)
_NPI: TypeAdapter[Any] = TypeAdapter(NPI)
_MEMBER: TypeAdapter[Any] = TypeAdapter(MemberId)
_PHONE: TypeAdapter[Any] = TypeAdapter(Phone)
_ADDRESS: TypeAdapter[Any] = TypeAdapter(Address)
_CARD = {
    "rxbin": ("bin", TypeAdapter[Any](CardNumber)),
    "rxpcn": ("pcn", TypeAdapter[Any](ProcessorControl)),
    "rxgroup": ("group", TypeAdapter[Any](CardGroup)),
}
_GENDERS = {"female": "female", "male": "male", "unknown": "unknown"}
_RELATIONSHIPS = {"self": "self", "spouse": "spouse", "child": "child"}
Parts = dict[str, Any]


def person_of(taking: Taking, one: Found) -> Parts:
    """A Patient or a RelatedPerson, as far as it goes."""
    resource = one.resource
    found: Parts = {}
    called = sorted(
        each(resource, "name"),
        key=lambda item: (_is_over(item[1], taking.today), item[1].get("use") not in ("official", "usual")),
    )
    current = [human for _, human in called if not _is_over(human, taking.today)]
    if len(current) > 1 and _alike(current[0], current[1], ("family", "given")):
        taking.notes.tell("several_names", one, f"name[{called[1][0]}]")
    for index, human in called[:1]:
        path = f"name[{index}]"
        found["last_name"] = taking.sound(_LAST, words(human.get("family"), 60), one, f"{path}.family")
        given = human.get("given")
        first = [words(text, 35) for text in given if isinstance(text, str)] if isinstance(given, list) else []
        if first and first[0]:
            found["first_name"] = taking.sound(_GIVEN, first[0], one, f"{path}.given[0]")
        if len(first) > 1 and first[1]:
            found["middle_name"] = first[1][:25].strip()
    born = day(resource.get("birthDate"), "birthDate")
    if taking.past(one, born, tell=False) and born.day:
        found["birth_date"] = born.day.isoformat()
    for _, extension in each(part(resource, "_birthDate"), "extension"):
        exact = day(extension.get("valueDateTime"), "birthDate")
        if exact.day and born.day and exact.day != born.day:
            taking.notes.tell("conflict_patient", one, "birthDate")
            found.pop("birth_date", None)
    gender = resource.get("gender")
    if isinstance(gender, str):
        found["gender"] = _GENDERS.get(gender)
    addresses = [
        (index, address) for index, address in each(resource, "address") if not _is_over(address, taking.today)
    ]
    addresses.sort(key=lambda item: _USES.get(str(item[1].get("use")), 1))
    if len(addresses) > 1 and _alike(addresses[0][1], addresses[1][1], ("line", "city", "state", "postalCode")):
        taking.notes.tell("several_names", one, f"address[{addresses[1][0]}]")
    for index, address in addresses:
        lines = address.get("line")
        place = {
            "street": [text for each_of in lines[:2] if (text := words(each_of, 55))]
            if isinstance(lines, list)
            else [],
            "city": words(address.get("city"), 30),
            "state": address.get("state"),
            "zip_code": address.get("postalCode"),
        }
        county = words(address.get("district"), 40)
        if county and len(county) > 1 and place["state"]:
            place["county"] = county
        if all(place.values()) and (sound := taking.sound(_ADDRESS, place, one, f"address[{index}]")):
            found["address"] = sound.model_dump(mode="json", exclude_none=True)
            break
    return {key: value for key, value in found.items() if value is not None}


_USES = {"home": 0, "work": 2, "billing": 2, "temp": 2}
"""At home before what says nothing, and that before other places."""


def _alike(one: Parts, other: Parts, fields: Sequence[str]) -> bool:
    """Whether two are of one use, and are not the same."""
    return one.get("use") == other.get("use") and any(one.get(name) != other.get(name) for name in fields)


def _is_over(told: Parts, today: date) -> bool:
    """Whether a name or an address is one that somebody had once."""
    end = day(part(told.get("period"), "end"), "period.end").day
    return told.get("use") == "old" or (end is not None and end < today)


_NO_ORDER = 1 << 30
_IN_FORCE = frozenset({"active", ""})


def replaced_at(patient: Mapping[str, Any]) -> str | None:
    """Where a Patient says that its record is kept no longer."""
    if patient.get("active") is False:
        return "active"
    links = [index for index, link in each(patient, "link") if link.get("type") == "replaced-by"]
    return f"link[{links[0]}]" if links else None


def take_coverages(taking: Taking, payers: Mapping[str, str]) -> list[tuple[Parts, Found]]:
    """Coverages in force, the first first. ``payers`` are ids by plain names."""
    found = []
    for one in taking.chart.of("Coverage"):
        end = day(part(one.resource.get("period"), "end"), "period.end")
        if end.day and end.day < taking.today:
            taking.notes.tell("coverage_ended", one, "period.end")
            continue
        if status(one.resource).casefold() not in _IN_FORCE:
            taking.notes.tell("coverage_status", one, "status")
            continue
        begins = day(part(one.resource.get("period"), "start"), "period.start")
        if begins.day and begins.day > taking.today:
            taking.notes.tell("coverage_to_come", one, "period.start")
            continue
        found.append((_coverage(taking, one, payers), one))
    found.sort(key=lambda item: order if isinstance(order := item[1].resource.get("order"), int) else _NO_ORDER)
    if len(found) > 1 and found[0][1].resource.get("order", _NO_ORDER) == found[1][1].resource.get("order", _NO_ORDER):
        taking.notes.tell("order_of_coverages", found[0][1], "order")
    for one in taking.chart.of("Claim", "ExplanationOfBenefit"):
        if not found and any(True for _ in each(one.resource, "insurance")):
            taking.notes.tell("proposal", one, "insurance[0]")
            break
    return found[:5]


def _coverage(taking: Taking, one: Found, payers: Mapping[str, str]) -> Parts:
    resource = one.resource
    parts: Parts = {}
    card: Parts = {}
    for index, payor in each(resource, "payor"):
        payer = taking.chart.follow(payor, one, f"payor[{index}]")
        named = words(part(payer.resource, "name")) if payer else None
        known = payers.get(plain(named or words(payor.get("display")) or ""))
        if known is None:
            taking.notes.tell("payer_unknown", one, f"payor[{index}]")
        parts.setdefault("payer", known)
    member = words(resource.get("subscriberId"), 80)
    path = "subscriberId"
    for index, identifier in each(resource, "identifier"):
        if any(coding.code == "MB" for coding in codings(identifier.get("type"), "")):
            number, at = words(identifier.get("value"), 80), f"identifier[{index}].value"
            if member is None:
                member, path = number, at
            elif number is not None and number != member:
                taking.notes.tell("conflict_member", one, at)
    parts["member_id"] = taking.sound(_MEMBER, member, one, path)
    if hit := taking.meaning(Meaning.LINE_OF_BUSINESS, resource.get("type"), "type"):
        parts["line_of_business"] = hit[0]
    for index, item in each(resource, "class"):
        kind = next((coding.code for coding in codings(item.get("type"), "")), None)
        value = words(item.get("value"), 30)
        if kind in _CARD:
            card[_CARD[kind][0]] = taking.sound(_CARD[kind][1], value, one, f"class[{index}].value")
        elif kind == "group":
            parts["group_number"] = value
        elif kind == "plan":
            parts["plan"] = words(item.get("name")) or value
    relation = next((coding.code for coding in codings(resource.get("relationship"), "")), None)
    if relation is not None:
        parts["relationship"] = _RELATIONSHIPS.get(relation, "other")
    if card.get("bin"):
        parts["pharmacy"] = {key: value for key, value in card.items() if value is not None}
    return {key: value for key, value in parts.items() if value is not None}


def subscriber_of(taking: Taking, coverage: Found, relationship: str | None) -> Parts | None:
    """Who holds the first coverage, where that is somebody else. ``relationship`` is what it says itself."""
    found = taking.chart.follow(coverage.resource.get("subscriber"), coverage, "subscriber")
    if found is None or found.kind not in ("RelatedPerson", "Patient"):
        return None
    if taking.chart.patient and found.pointer == taking.chart.patient.pointer:
        if relationship not in (None, "self"):
            taking.notes.tell("conflict_subscriber", coverage, "subscriber")
        return None
    if relationship in (None, "self"):
        taking.notes.tell("conflict_subscriber", coverage, "relationship")
    return person_of(taking, found)


def take_requester(taking: Taking, orders: list[Found]) -> tuple[Parts, Found] | None:
    """Who gave the orders that became lines, where they name one."""
    found: dict[str, Found] = {}
    for order in orders:
        one = taking.chart.follow(order.resource.get("requester"), order, "requester")
        if one is not None and one.kind == "PractitionerRole":
            one = taking.chart.follow(one.resource.get("practitioner"), one, "practitioner")
        if one is not None and one.kind in ("Practitioner", "Organization"):
            found[one.pointer] = one
    if len(found) > 1:
        taking.notes.tell("several_requesters", orders[0], "requester")
    if len(found) != 1:
        return None
    [one] = found.values()
    parts: Parts = {}
    for index, identifier in each(one.resource, "identifier"):
        if identifier.get("system") == NPI_SYSTEM:
            parts["npi"] = taking.sound(_NPI, words(identifier.get("value"), 20), one, f"identifier[{index}].value")
    if one.kind == "Organization":
        parts["last_name"] = taking.sound(_LAST, words(one.resource.get("name"), 60), one, "name")
    else:
        person = person_of(taking, one)
        parts |= {key: person[key] for key in ("last_name", "first_name") if key in person}
    contact = {}
    for index, point in each(one.resource, "telecom"):
        use = {"phone": "phone", "fax": "fax"}.get(str(point.get("system")))
        digits = re.sub(r"[^0-9]", "", words(point.get("value"), 40) or "").removeprefix("1")
        if use and use not in contact:
            contact[use] = taking.sound(_PHONE, digits, one, f"telecom[{index}].value")
    if any(contact.values()):
        parts["contact"] = {key: value for key, value in contact.items() if value}
    return {key: value for key, value in parts.items() if value is not None}, one
