"""The last gate before anything is sent: what was written, held against the guide and what this payer wants otherwise.

Knows where in the request a place of the document comes from, so that whoever asked can mend it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from adapters.x12_278.asking.announce import DOCUMENT_TYPES
from adapters.x12_278.asking.services import UNIT, UNIT_INSTITUTIONAL
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.faults import Fault, Kind
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.guides.rules import REFUSING
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible

_POINTERS = {
    "2010A": "/coverages/0/payer",
    "2010B": "/requester",
    "2010B/NM103": "/requester/last_name",
    "2010B/NM104": "/requester/first_name",
    "2010B/NM109": "/requester/npi",
    "2010B/N3": "/requester/address",
    "2010B/N4": "/requester/address",
    "2010B/PER": "/requester/contact",
    "2010B/PRV": "/requester/taxonomy",
    "2010C": "/coverages/0",
    "2010C/NM109": "/coverages/0/member_id",
    "2010D": "/patient",
    "2000E/UM01": "/review",
    "2000E/UM02": "/intent",
    "2000E/UM03": "/care",
    "2000E/UM04": "/site/place_of_service",
    "2000E/UM05": "/accident",
    "2000E/UM06": "/urgency",
    "2000E/UM08": "/facts/prognosis",
    "2000E/REF": "/previous_authorization",
    "2000E/DTP[435]": "/admission",
    "2000E/HI": "/diagnoses",
    "2000E/CL1": "/admission",
    "2000E/PWK": "/attachments",
    "2000E/MSG": "/note",
    "2010EA": "/servicing",
    "2010EB": "/servicing",
    "2000F": "/lines/{line}",
    "2000F/UM04": "/lines/{line}/place_of_service",
    "2000F/DTP": "/lines/{line}/dates",
    "2000F/SV1": "/lines/{line}/code",
    "2000F/SV101-3": "/lines/{line}/modifiers",
    "2000F/SV101-7": "/lines/{line}/description",
    "2000F/SV103": "/lines/{line}/quantity/unit",
    "2000F/SV104": "/lines/{line}/quantity/value",
    "2000F/SV107": "/lines/{line}/diagnoses",
    "2000F/SV2": "/lines/{line}/code",
    "2000F/SV201": "/lines/{line}/revenue_code",
    "2000F/SV3": "/lines/{line}/code",
    "2000F/TOO": "/lines/{line}/teeth",
    "2000F/HSD": "/lines/{line}/quantity",
    "2000F/PWK": "/attachments",
    "2010F": "/lines/{line}/servicing",
}
"""Where in the request a place of the document comes from: the longest beginning of it that stands here."""

_PERSON = {
    "NM103": "/last_name",
    "NM104": "/first_name",
    "NM105": "/middle_name",
    "N3": "/address",
    "N4": "/address",
    "DMG02": "/birth_date",
    "DMG03": "/gender",
}
"""In the loops of the patient and of the subscriber, where that is somebody else."""


_MISSING = {Kind.SEGMENT: ("3",), Kind.ELEMENT: ("1",)}
_UNUSED = {Kind.SEGMENT: ("I4",), Kind.ELEMENT: ("I10",)}
_WORDS: Mapping[str, Mapping[str, str]] = {"PWK01": DOCUMENT_TYPES, "SV103": UNIT, "SV204": UNIT_INSTITUTIONAL}
"""By the element, the words that the request has for its codes. What is not here the request says in X12's own."""


def approve(document: bytes, to: Destination, *, layers: bool = True) -> None:
    """Raises CannotExpress with every fault for which the payer would send this back.

    A fact of the guide that nobody is sure of stops nothing: it could be the map that is wrong. Without ``layers``
    neither does what this payer wants otherwise than the guide.
    """
    if not isinstance(to.guides, Guides):
        return
    faults = check(document, to.guides).faults
    refusing = [fault for fault in faults if fault.refuses and (layers if fault.layer else fault.sure in REFUSING)]
    if refusing:
        raise CannotExpress(*dict.fromkeys(_told(refusing, document)))


def _told(faults: Iterable[Fault], document: bytes) -> Iterator[Inexpressible]:
    element, end = document[3:4], document[105:106]
    segments = [segment.split(element, 4) for segment in document.split(end)]
    for fault in faults:
        levels = [segment[3] for segment in segments[: fault.segment] if segment[0] == b"HL"]
        dependent = any(segment[0] == b"HL" and segment[3] == b"23" for segment in segments)
        pointer = _pointer(fault.elsewhere or fault.at, dependent=dependent).replace(
            "{line}", str(max(0, levels.count(b"SS") - 1))
        )
        at, (whose, _, source) = fault.elsewhere or fault.at or fault.tag, fault.layer.partition(": ")
        why = f"{whose} wants {at} otherwise ({source})" if fault.layer else f"the guide does not allow {at} as it is"
        yield Inexpressible(pointer, why, _fix(fault, pointer))


def _fix(fault: Fault, pointer: str) -> str:
    """What to do about the field of the request, where one is meant. A rule has its own words."""
    if not pointer or fault.rule:
        return fault.says
    if fault.code in _MISSING.get(fault.kind, ()):
        return "Give it."
    if fault.code in _UNUSED.get(fault.kind, ()):
        return "Leave it out."
    if fault.most:
        return f"Send at most {fault.most}."
    if fault.allowed:
        words = _WORDS.get(fault.at.partition("/")[2].partition("[")[0], {})
        said = sorted({word for word, code in words.items() if code in fault.allowed})
        choice = said or [f"{', '.join(fault.allowed)} (codes of X12)"]
        return f"Send one of: {', '.join(choice)}."
    return fault.says


def _pointer(at: str, *, dependent: bool) -> str:
    """Nothing where no field of the request is what is wrong."""
    loop, _, place = at.partition("/")
    if loop in ("2010C", "2010D"):
        person = "/patient" if loop == "2010D" or not dependent else "/subscriber"
        for tag, name in _PERSON.items():
            if place.startswith(tag):
                return person + name
    found = [known for known in _POINTERS if at == known or at.startswith(known)]
    return _POINTERS[max(found, key=len)] if found else ""
