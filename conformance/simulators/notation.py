"""A short notation for implementation guides, compiled to rules. Knows no guide.

One line a segment: id, use and maximum, elements, and after a semicolon the notes between elements.

    UM  R1  R=AR/HS  S1-2  S(R1-2,R=A/B)  N  2:Sdate ; P0102

An element is its use (R required, S situational, N not used), then one of: a length or range of lengths of text;
``=A/B`` codes; ``#1-9`` digits; ``.1-15`` a number; ``date``, ``time``, ``period`` (a date or range, its form named by
the element before it), ``state``, ``taxonomy``; or a composite in brackets, perhaps with a note. ``2:`` in front
repeats it. Notes are X12's: P paired, C conditional, R at least one; and NPI, which holds NM109 to the check digit when
NM108 is XX.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.simulators.shapes import is_date, is_period, is_state, is_taxonomy, is_time

MISSING, DEPENDENT_MISSING, TOO_MANY, SHORT, LONG = "1", "2", "3", "4", "5"
CHARACTER, CODE, DATE, TIME, REPEATED, COMPONENTS = "6", "7", "8", "9", "12", "13"
CODE_OF_GUIDE, NOT_USED, PATTERN = "I6", "I10", "I12"
"""IK403 values used here."""

_ELEMENT = re.compile(r"([RSN])(?:(date|time|period|state|taxonomy)|=(\S+)|([#.]?)(\d+)(?:-(\d+))?)?")
_TEXT = re.compile(r"[\x20-\x7e]+")
_FORMS = {"": _TEXT, "#": re.compile(r"\d+"), ".": re.compile(r"-?(\d+\.?\d*|\.\d+)")}


@dataclass(frozen=True, slots=True)
class Element:
    use: str
    kind: str = ""
    least: int = 1
    most: int = 10_000
    codes: frozenset[str] = frozenset()
    parts: tuple[Element, ...] = ()
    notes: tuple[Note, ...] = ()

    def fault(self, value: str, before: str) -> str | None:
        """The IK403 of a value that is there, or None. ``before`` is the element in front of it."""
        if self.use == "N":
            return NOT_USED
        if self.codes:
            return None if value in self.codes else CODE_OF_GUIDE
        if self.kind == "date":
            return None if is_date(value) else DATE
        if self.kind == "time":
            return None if is_time(value) else TIME
        if self.kind == "period":
            return None if is_period(value, before) else DATE
        if self.kind == "state":
            return None if is_state(value) else CODE
        if self.kind == "taxonomy":
            return None if is_taxonomy(value) else PATTERN
        if not _FORMS[self.kind].fullmatch(value):
            return CHARACTER
        size = len(value) if self.kind == "" else sum(map(str.isdigit, value))
        if size > self.most:
            return LONG
        return SHORT if size < self.least else None


@dataclass(frozen=True, slots=True)
class Note:
    """``kind`` is P, C, R or N (for NPI); ``places`` are element numbers."""

    kind: str
    places: tuple[int, ...]

    def faults(self, present: list[bool]) -> list[int]:
        """The elements this note finds missing. ``present`` is indexed by element number, entry 0 unused."""
        there = [place for place in self.places if place < len(present) and present[place]]
        away = [place for place in self.places if place not in there]
        if self.kind == "P":
            return away if there else []
        if self.kind == "C":
            return away if self.places[0] in there else []
        return [] if there else [self.places[0]]


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A segment's place in a loop. Slots with the same id share one position, and come in any order there."""

    id: str
    required: bool
    most: int
    elements: tuple[Element, ...]
    notes: tuple[Note, ...]
    position: int
    npi: bool
    shortest: int
    """The place of the last required element."""

    @property
    def qualifiers(self) -> frozenset[str]:
        """The codes of element 01, which tell slots of one id apart."""
        return self.elements[0].codes


class Table:
    """The slots of a loop. The first one opens it."""

    def __init__(self, slots: list[Slot]) -> None:
        self.first = slots[0]
        self.required = tuple(slot for slot in slots if slot.required)
        self.by_id: dict[str, tuple[Slot, ...]] = {}
        for slot in slots:
            self.by_id[slot.id] = (*self.by_id.get(slot.id, ()), slot)


def table(text: str) -> Table:
    """The rows of a table, in order."""
    found: list[Slot] = []
    places: dict[str, int] = {}
    for row in text.strip().splitlines():
        body, _, notes = row.strip().partition(";")
        name, use, *tokens = body.split()
        elements = tuple(rule for token in tokens for rule in _element(token))
        position = places.setdefault(name, len(places))
        found.append(
            Slot(
                id=name,
                required=use[0] == "R",
                most=int(use[1:]),
                elements=elements,
                notes=tuple(_note(note) for note in notes.split() if note != "NPI"),
                position=position,
                npi="NPI" in notes.split(),
                shortest=max((place for place, rule in enumerate(elements, start=1) if rule.use == "R"), default=0),
            )
        )
    return Table(found)


def _element(token: str) -> list[Element]:
    repeat, colon, rest = token.partition(":")
    if colon and repeat.isdigit():
        return _element(rest) * int(repeat)
    if len(token) > 1 and token[1] == "(":
        inner, _, notes = token[2:].rpartition(")")
        parts = tuple(rule for part in inner.split(",") for rule in _element(part))
        return [Element(token[0], "composite", parts=parts, notes=(_note(notes),) if notes else ())]
    match = _ELEMENT.fullmatch(token)
    if match is None:
        raise ValueError(f"not an element of the notation: {token}")
    use, word, codes, form, least, most = match.groups()
    if word:
        return [Element(use, word)]
    if codes:
        return [Element(use, codes=frozenset(codes.split("/")))]
    if least is None:
        return [Element(use)]
    return [Element(use, form, int(least), int(most or least))]


def _note(text: str) -> Note:
    digits = text[1:]
    return Note(text[0], tuple(int(digits[at : at + 2]) for at in range(0, len(digits), 2)))
