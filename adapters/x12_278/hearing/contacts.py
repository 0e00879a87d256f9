"""Reads whom to turn to and what to do next: the people and addresses a response names, and the actions it asks for.

A contact is that of the review (2010A) or of whoever takes additional information, at the event (2010EB) or at a
service (2010FB). An action is AAA04, at whatever level it stands. Sources: reference "X12 facts", 2.2, 2.3 and 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Literal

from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.hearing.reading import Reading
from adapters.x12_278.segment import Segment, Value
from gateway.model.outcome import ContactAddress, FollowUp, PayerContact
from gateway.model.reasons import NextAction

Purpose = Literal["review", "additional_information"]

_PURPOSES: MappingProxyType[str, Purpose] = MappingProxyType(
    {"2010A": "review", "2010EB": "additional_information", "2010FB": "additional_information"}
)
_NUMBERS = MappingProxyType({"TE": "phone", "EX": "extension", "FX": "fax", "EM": "email", "UR": "url"})
"""PER03, PER05 and PER07."""
_PERSON = "1"
"""NM102."""


def contacts_in(loops: Iterable[tuple[Loop, str | None]], reading: Reading) -> tuple[PayerContact, ...]:
    """The contacts of these loops, each with the line it is named for. A party that can be reached nowhere is none."""
    found: list[PayerContact] = []
    for loop, line in loops:
        for party in loop.parties:
            purpose = _PURPOSES.get(party.name)
            if purpose is None:
                continue
            address = _address(party)
            persons: Sequence[Segment | None] = party.all("PER") or ([None] if address else [])
            for person in persons:
                found.append(_contact(party, person, purpose, line, f"/contacts/{len(found)}", reading))
    return tuple(found)


def _contact(
    party: Loop, person: Segment | None, purpose: Purpose, line: str | None, at: str, reading: Reading
) -> PayerContact:
    nm1 = party.segments[0]
    values: dict[str, Value | None] = {"organization": nm1.value(3)}
    if nm1.text(2) == _PERSON:
        values = {"name": nm1.value(3)}
    if person is not None:
        values["name"] = person.value(2) or values.get("name")
        for place in (3, 5, 7):
            if person.text(place) in _NUMBERS:
                values.setdefault(_NUMBERS[person.text(place)], person.value(place + 1))
    told = {name: value for name, value in values.items() if value}
    address = _address(party)
    for name, value in (told | ({"purpose": role} if (role := nm1.value(1)) else {})).items():
        reading.keep(f"{at}/{name}", party.name, value)
    for name, value in address.items():
        reading.keep(f"{at}/address/{name}", party.name, value)
    return PayerContact(
        purpose=purpose,
        line=line,
        address=ContactAddress(**{name: value.text for name, value in address.items()}) if address else None,
        **{name: value.text for name, value in told.items()},
    )


def _address(party: Loop) -> dict[str, Value]:
    street, city = party.first("N3"), party.first("N4")
    values = {
        "street": street.value(1) if street else None,
        "unit": street.value(2) if street else None,
        "city": city.value(1) if city else None,
        "state": city.value(2) if city else None,
        "zip_code": city.value(3) if city else None,
    }
    return {name: value for name, value in values.items() if value}


def follow_ups_in(loops: Iterable[tuple[Loop, str | None]], reading: Reading) -> tuple[FollowUp, ...]:
    """What the payer asks to be done next, each action once for a line; a code that nobody knows is a doubt."""
    found: dict[FollowUp, tuple[str, Value]] = {}
    for loop, line in loops:
        for part, value in _actions(loop):
            entry = reading.entry("x12_aaa04", value)
            if entry:
                action = FollowUp(action=NextAction(entry.means), code=value.text, code_system="x12_aaa04", line=line)
                found.setdefault(action, (part.name, value))
    for count, (name, value) in enumerate(found.values()):
        reading.keep(f"/follow_up/{count}/code", name, value)
        reading.keep(f"/follow_up/{count}/action", name, value)
    return tuple(found)


def _actions(loop: Loop) -> Iterator[tuple[Loop, Value]]:
    for part in (loop, *loop.parties):
        for aaa in part.all("AAA"):
            if value := aaa.value(4):
                yield part, value
