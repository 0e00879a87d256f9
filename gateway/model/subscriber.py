"""Whether patient, subscriber and coverage of a request fit each other.

Takes a request as it was sent or as it came out. Knows no channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.model.faults import Finding
from gateway.model.people import Address, Coverage, Gender, Person, Relationship
from gateway.model.sent import field, listed, sound_fields


def contradictions_of_subscriber(request: Any) -> Iterator[Finding]:
    first = next(iter(listed(request, "coverages")), None)
    if not isinstance(first, dict | Coverage):
        return
    left_out = isinstance(first, dict) and "relationship" not in first
    relationship = Relationship.SELF if left_out else field(first, "relationship")
    patient, subscriber = field(request, "patient"), field(request, "subscriber")
    if relationship in tuple(Relationship) and relationship != Relationship.SELF and subscriber is None:
        yield Finding(
            ("subscriber",),
            "missing",
            "The patient is not the subscriber of the first coverage, and no subscriber is given.",
            "Send subscriber, or relationship self.",
        )
    if relationship == Relationship.SELF and subscriber is not None and _differ(patient, subscriber):
        yield Finding(
            ("subscriber",),
            "subscriber",
            "The patient is the subscriber of the first coverage, and somebody else is sent as subscriber.",
            "Send the patient's relationship to the subscriber, or drop subscriber.",
        )


_IN_PART = ("middle_name", "street", "zip_code")
"""What people write in part: an initial, an address without its flat, the first five digits."""


def _differ(patient: Any, subscriber: Any) -> bool:
    """True when they are two people by what is sound and given of both; one may be told with less than the other."""
    one, other = _told(patient), _told(subscriber)
    return any(
        not (name in _IN_PART and (one[name].startswith(other[name]) or other[name].startswith(one[name])))
        for name in one.keys() & other.keys()
        if one[name] != other[name]
    )


def _told(person: Any) -> dict[str, str]:
    """What is given of a person, without what is mere spelling: case, blanks and signs."""
    sound = sound_fields(Person, person) | sound_fields(Address, field(person, "address"))
    sound.pop("address", None)
    if sound.get("gender") is Gender.UNKNOWN:
        del sound["gender"]
    texts = {name: "".join(value) if isinstance(value, tuple) else str(value or "") for name, value in sound.items()}
    plain = {name: "".join(filter(str.isalnum, text.casefold())) for name, text in texts.items()}
    return {name: text for name, text in plain.items() if text}
