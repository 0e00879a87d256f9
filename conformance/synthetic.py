"""Keeps real people out of the cases: whatever could identify somebody must stand in ``synthetic.yaml``.

Looks at requests as JSON, at recorded pages of web sites, at SCRIPT and at X12 wherever a file holds some. Errs on the
side of refusing: a new invented value is added to the list. Knows the segments and elements that name people; knows no
loop and no transaction. Of a page it knows terms and columns that are called a member, and telephone numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from itertools import chain
from pathlib import Path
from typing import Any

from conformance.simulators.shapes import is_npi
from conformance.simulators.x12 import ISA_LENGTH, Delimiters, Segment, cut
from gateway.model.faults import pointer
from gateway.model.record import Record
from gateway.profiles.document import read
from gateway.profiles.faults import Place, ProfileFault, ProfileFaults

LIST = Path(__file__).resolve().parent / "synthetic.yaml"
_PEOPLE = frozenset({"first_name", "middle_name", "last_name", "suffix", "attested_by"})
_PLAIN = frozenset({".json", ".yaml"})
_PERSON = "1"
_ELEMENTS = {
    **dict.fromkeys(("LastName", "FirstName", "MiddleName", "Suffix"), "people"),
    **dict.fromkeys(("BusinessName", "FacilityName", "PayerName"), "organisations"),
    **dict.fromkeys(("AddressLine1", "AddressLine2"), "streets"),
    **dict.fromkeys(("CardholderID", "PBMMemberID"), "member_id"),
    "City": "cities",
    "NPI": "npi",
    "Number": "phone",
}
"""Elements of SCRIPT by the kind of the list."""
_CALLED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(member|patient|subscriber)('s)? name|name|member|patient|subscriber", re.IGNORECASE), "people"),
    (re.compile(r"(member|patient|subscriber)('s)? (id|number)", re.IGNORECASE), "member_id"),
)
"""Terms and columns of a page, by the kind of the list."""
_SAYS = re.compile(r" *- '?(term|definition|columnheader|row|cell)(?![a-z])(?: \"([^\"]*)\")?(?:'?: (.*))?")
_TELEPHONE = re.compile(r"\(?\b[2-9][0-9]{2}\)?[ .-]?[0-9]{3}[ .-][0-9]{4}\b")
_ELEMENT = re.compile(rf"<({'|'.join(_ELEMENTS)})>([^<]*)<".encode())
_FIX = "Take a value of conformance/synthetic.yaml, or add an obviously invented one there."


class Invented(Record):
    """The list. ``member_id``, ``phone`` and ``email`` are regular expressions."""

    people: tuple[str, ...]
    organisations: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    desks: tuple[str, ...]
    member_id: str
    phone: str
    email: str

    @classmethod
    def listed(cls) -> Invented:
        """The project's list."""
        return cls.model_validate(read(LIST, LIST.name).value)

    def knows(self, kind: str, value: str) -> bool:
        """True when the value is invented. Case does not matter: X12 is often in capitals."""
        if kind in ("member_id", "phone", "email"):
            return re.fullmatch(getattr(self, kind), value, re.IGNORECASE) is not None
        if kind == "npi":
            return is_npi(value)
        names = {name.casefold() for name in getattr(self, kind)}
        return value.casefold() in names or (kind == "people" and set(value.casefold().split()) <= names)


def strangers(folder: Path, invented: Invented) -> Iterator[ProfileFault]:
    """What in a case's folder is not on the list. The values themselves are never repeated."""
    for path in sorted(folder.iterdir()):
        place = Place(f"{folder.parent.name}/{folder.name}/{path.name}", {})
        loaded = _loaded(path) if path.suffix in _PLAIN else None
        found = _in_json(loaded, ()) if path.suffix in _PLAIN else _in_message(path.read_bytes())
        if isinstance(loaded, dict) and isinstance(loaded.get("documents"), list):
            found = chain(found, _in_page(loaded["documents"]))
        for at, kind, value in found:
            if value and not invented.knows(kind, value):
                yield place.fault(at, f"This {kind} value is not on the list of invented ones.", _FIX)


Seen = tuple[str, str, str]
"""Where, which kind of the list, and the value."""


def _loaded(path: Path) -> Any:
    """The values of a JSON or YAML file, None for one that cannot be read: the shelf has told."""
    try:
        return json.loads(path.read_bytes()) if path.suffix == ".json" else read(path, path.name).value
    except (ValueError, ProfileFaults):
        return None


def _in_json(value: Any, at: tuple[str | int, ...]) -> Iterator[Seen]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _in_json(item, (*at, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            kind = _kind(key, at, value)
            if kind and isinstance(item, str):
                yield pointer((*at, key)), kind, item
            elif key == "street" and isinstance(item, list):
                yield from ((pointer((*at, key, n)), "streets", line) for n, line in enumerate(item))
            else:
                yield from _in_json(item, (*at, key))


def _in_page(documents: list[Any]) -> Iterator[Seen]:
    """What the snapshots of a recorded page say of members, in terms and in tables."""
    for index, document in enumerate(documents):
        lines = document.get("snapshot") if isinstance(document, dict) else None
        if isinstance(lines, list):
            yield from _in_snapshot([str(line) for line in lines], ("documents", index, "snapshot"))


def _in_snapshot(lines: list[str], at: tuple[str | int, ...]) -> Iterator[Seen]:
    called, columns, place = "", list[str](), 0
    for n, line in enumerate(lines):
        here, found = pointer((*at, n)), _SAYS.match(line)
        yield from ((here, "phone", re.sub(r"[^0-9]", "", each)) for each in _TELEPHONE.findall(line))
        if found is None:
            continue
        role, value = found[1], (found[2] or found[3] or "").strip('"')
        if role == "row":
            place = 0
        elif role == "columnheader":
            columns = [*columns[:place], value]
        elif role == "term":
            called = value
        if role in ("cell", "columnheader"):
            called = columns[place] if place < len(columns) else ""
            place += 1
        if role in ("cell", "definition"):
            yield from ((here, kind, value) for name, kind in _CALLED if name.fullmatch(called))


def _kind(key: str, at: tuple[str | int, ...], around: dict[str, Any]) -> str | None:
    if key == "last_name" and "npi" in around and "first_name" not in around:
        return "organisations"
    if key in _PEOPLE:
        return "people"
    if key == "name" and (at[-1:] == ("contact",) or "contacts" in at):
        return "desks"
    kinds = {
        "facility_name": "organisations",
        "organization": "organisations",
        "city": "cities",
        "member_id": "member_id",
        "npi": "npi",
        "provider_npi": "npi",
        "phone": "phone",
        "fax": "phone",
        "email": "email",
    }
    return kinds.get(key)


def _in_message(message: bytes) -> Iterator[Seen]:
    yield from _in_x12(message)
    for found in _ELEMENT.finditer(message):
        name = found[1].decode()
        yield f"/{name} at byte {found.start()}", _ELEMENTS[name], unescape(found[2].decode("latin-1")).strip()


def _in_x12(message: bytes) -> Iterator[Seen]:
    text = message.decode("latin-1")
    if "ISA" not in text:
        return
    text = text[text.index("ISA") :]
    if len(text) < ISA_LENGTH:
        return
    marks = Delimiters(text[3], text[104], text[82], text[ISA_LENGTH - 1])
    for number, segment in enumerate(cut(unescape(text), marks)[0], start=1):
        at = f"/segment {number} {segment[0]}"
        yield from ((at, kind, value.strip()) for kind, value in _in_segment(segment + [""] * 10))


def _in_segment(segment: Segment) -> Iterator[tuple[str, str]]:
    match segment[0]:
        case "NM1":
            person = segment[2] == _PERSON
            yield "people" if person else "organisations", segment[3]
            yield from (("people", segment[n]) for n in (4, 5, 7))
            yield from ((kind, segment[9]) for code, kind in (("MI", "member_id"), ("XX", "npi")) if segment[8] == code)
        case "N3":
            yield from (("streets", segment[n]) for n in (1, 2))
        case "N4":
            yield "cities", segment[1]
        case "PER":
            yield "desks", segment[2]
            numbers = {"TE": "phone", "FX": "phone", "EM": "email"}
            yield from ((numbers[segment[n]], segment[n + 1]) for n in (3, 5, 7) if segment[n] in numbers)
        case "REF":
            yield from (("member_id", segment[2]) for code in ("SY", "1L", "EJ") if segment[1] == code)
