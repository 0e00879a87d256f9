"""Looks closely at one segment: every fault in its elements, with the place, the code and a sentence.

``patterns`` says the same of segments without a fault, faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.x12_278.guides.grammar import Composite, Element, Note, SegmentNode, Usage
from adapters.x12_278.guides.patterns import FORMATS
from adapters.x12_278.segment import Delimiters

_DATES = {code: re.compile(value) for code, value in FORMATS.items()}
_WHOLE = re.compile(rb"-?[0-9]+")
_DECIMAL = re.compile(rb"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_UNPRINTABLE = re.compile(rb"[^\x20-\x7e]")
_NO_DATE = re.compile(rb"(?!)")
_BY_SIZE = {6: b"D6", 8: b"D8", 12: b"DT"}
_BINARY = "B"
FEW = 20
"""So many codes are told of those that may stand."""
_CHOOSE = "Choose one that is used here."


@dataclass(frozen=True, slots=True)
class Flaw:
    """A fault of an element. ``start`` counts from the start of the segment."""

    node: Element | Composite | None
    place: int
    part: int
    repetition: int
    start: int
    code: str
    level: int
    says: str


_NO_CHARACTER = (
    "holds a character outside of the basic and extended character sets as they are without letters of other languages:"
    " of ASCII all that prints, and no more. Write plain letters, digits and signs, like N for an N with a tilde."
)
Known = Mapping[str, frozenset[bytes]]
_Flawed = Callable[[str, int, str], Flaw]


def flaws(node: SegmentNode, values: Sequence[bytes], marks: Delimiters, known: Known) -> list[Flaw]:
    """``values`` are the segment's elements, its id in front. None where it has no fault."""
    end = sum(map(len, values)) + len(values) - 1
    found = _Look(node, values, marks, known).all()
    return [flaw if flaw.start <= end else replace(flaw, start=end) for flaw in found]


class _Look:
    def __init__(self, node: SegmentNode, values: Sequence[bytes], marks: Delimiters, known: Known) -> None:
        self._node = node
        self._values = values
        self._marks = marks
        self._known = known

    def all(self) -> Iterator[Flaw]:
        nodes = self._node.elements
        start = len(self._values[0]) + 1
        form = b""
        for at, node in enumerate(nodes):
            value = self._values[at + 1] if at + 1 < len(self._values) else b""
            if isinstance(node, Composite):
                yield from self._composite(node, value, start)
                form = b""
            else:
                yield from self._simple(node, value, start, form)
                form = value if node.number.startswith("1250") else b""
            start += len(value) + 1
        yield from self._count(start)
        present = {place for place, value in enumerate(self._values) if place and value}
        for note in self._node.notes:
            if not note.holds(present):
                yield self._noted(note, f"{self._node.tag}", None, 0)

    def _count(self, start: int) -> Iterator[Flaw]:
        most = len(self._node.elements)
        tag = self._node.tag
        if len(self._values) - 1 > most:
            says = f"{tag} has more than {most} elements. Leave out what stands behind {tag}{most:02d}."
            yield Flaw(None, most + 1, 0, 0, start, "3", 1, says)
        elif len(self._values) > 1 and not self._values[-1]:
            says = f"{tag} ends in an element separator. Leave out the separators behind its last value."
            place = len(self._values) - 1
            at = sum(len(value) + 1 for value in self._values[:-1])
            yield Flaw(None, place, 0, 0, at, "3", 1, says)
        elif len(self._values) == 1 and all(node.usage is not Usage.REQUIRED for node in self._node.elements):
            yield Flaw(None, 1, 0, 0, 0, "1", 1, f"{tag} holds nothing. Give a value, or leave the segment out.")

    def _noted(self, note: Note, name: str, node: Composite | None, start: int) -> Flaw:
        dash = "-" if node else ""
        places = [f"{name}{dash}{place if node else f'{place:02d}'}" for place in note.places]
        rest = " and ".join(places[1:])
        says = {
            "P": f"Of {' and '.join(places)} some are given and some are not. Give all of them, or none.",
            "R": f"None of {' and '.join(places)} is given. Give at least one.",
            "E": f"More than one of {' and '.join(places)} is given. Give only one.",
            "C": f"{places[0]} is given without {rest}. Give {rest}, or leave {places[0]} out.",
            "L": f"{places[0]} is given with none of {rest}. Give one of them, or leave {places[0]} out.",
        }[note.kind]
        code = "10" if note.kind == "E" else "2"
        if node:
            return Flaw(node, node.place, note.places[0], 0, start, code, 1, says)
        child = self._node.elements[note.places[0] - 1]
        at = sum(len(value) + 1 for value in self._values[: note.places[0]])
        return Flaw(child, note.places[0], 0, 0, at, code, 1, says)

    def _simple(self, node: Element, value: bytes, start: int, form: bytes) -> Iterator[Flaw]:
        if node.kind == _BINARY and node.usage is not Usage.NOT_USED and value:
            return
        at = start
        repeats = self._repeats(value, node.repeat)
        if len(repeats) > node.repeat:
            yield self._many(node, start)
        for count, each in enumerate(repeats[: node.repeat], start=1):
            if self._marks.component in each:
                says = f"{node.id} ({node.name}) holds a component separator. Give a single value."
                yield Flaw(node, node.place, 0, count, at, "13" if node.usage is not Usage.NOT_USED else "I10", 1, says)
            else:
                yield from self._value(node, each, form, node.place, 0, count, at)
            at += len(each) + 1

    def _repeats(self, value: bytes, most: int) -> list[bytes]:
        if self._marks.repetition and self._marks.repetition in value:
            return value.split(self._marks.repetition)
        return [value]

    def _many(self, node: Element | Composite, start: int) -> Flaw:
        mend = "Give one value" if node.repeat == 1 else f"Give at most {node.repeat} values"
        says = f"{node.id} ({node.name}) is repeated too often. {mend}; a repetition separator cannot stand in a text."
        return Flaw(node, node.place, 0, node.repeat + 1, start, "12", 1, says)

    def _composite(self, node: Composite, value: bytes, start: int) -> Iterator[Flaw]:
        repeats = self._repeats(value, node.repeat)
        if len(repeats) > node.repeat and node.usage is not Usage.NOT_USED:
            yield self._many(node, start)
            repeats = repeats[: node.repeat]
        for count, each in enumerate(repeats, start=1):
            yield from self._one_composite(node, each, count, start)
            start += len(each) + 1

    def _one_composite(self, node: Composite, value: bytes, count: int, start: int) -> Iterator[Flaw]:
        parts = value.split(self._marks.component)
        if not any(parts):
            if node.usage is Usage.REQUIRED:
                says = f"{node.id} ({node.name}) is missing. Give it."
                yield Flaw(node, node.place, 0, count, start, "1", 2, says)
            return
        if node.usage is Usage.NOT_USED:
            says = f"{node.id} ({node.name}) is not used here. Leave it out."
            yield Flaw(node, node.place, 0, count, start, "I10", 2, says)
            return
        if len(parts) > len(node.parts):
            says = f"{node.id} ({node.name}) has more than {len(node.parts)} components. Leave out what is too much."
            yield Flaw(node, node.place, len(node.parts) + 1, count, start, "13", 1, says)
        form = b""
        at = start
        for number, part in enumerate(node.parts):
            each = parts[number] if number < len(parts) else b""
            yield from self._value(part, each, form, node.place, part.place, count, at)
            form = each if part.number.startswith("1250") else b""
            at += len(each) + 1
        present = {place for place, part in enumerate(parts, start=1) if part}
        for note in node.notes:
            if not note.holds(present):
                yield self._noted(note, node.id, node, start)

    def _value(
        self, node: Element, value: bytes, form: bytes, place: int, part: int, count: int, start: int
    ) -> Iterator[Flaw]:
        name = f"{node.id} ({node.name})"

        def flaw(code: str, level: int, says: str) -> Flaw:
            return Flaw(node, place, part, count, start, code, level, f"{name} {says}")

        if not value:
            if node.usage is Usage.REQUIRED:
                yield flaw("1", 2, "is missing. Give it.")
            return
        if node.usage is Usage.NOT_USED:
            yield flaw("I10", 2, "is not used here. Leave it out.")
            return
        if _UNPRINTABLE.search(value):
            yield flaw("6", 1, _NO_CHARACTER)
            return
        yield from self._characters(node, value, flaw)
        if not node.any_code and value not in node.codes and value not in node.outside:
            yield self._unlisted(node, value, flaw)
        if form in _DATES and node.number.startswith("1251") and not _DATES[form].fullmatch(value):
            code, what = ("9", "time") if form == b"TM" else ("8", "date")
            yield flaw(code, 1, f"is no {what} of the form that the element in front of it names. Correct one of them.")

    def _characters(self, node: Element, value: bytes, flaw: _Flawed) -> Iterator[Flaw]:
        if node.kind == "R" or node.kind.startswith("N"):
            size = len(value.replace(b"-", b"").replace(b".", b""))
            if not (_DECIMAL if node.kind == "R" else _WHOLE).fullmatch(value):
                yield flaw("6", 1, "is not a number. Write digits, with a point where decimals are allowed.")
                return
        else:
            size = len(value)
        if size < node.shortest:
            yield flaw("4", 1, f"is shorter than {node.shortest} characters. Give the whole value.")
        elif size > node.longest:
            yield flaw("5", 1, f"is longer than {node.longest} characters. Shorten it.")
        elif node.kind == "DT" and not _DATES.get(_BY_SIZE.get(size, b""), _NO_DATE).fullmatch(value):
            yield flaw("8", 1, "is not a day of the calendar. Write year, month and day in digits.")
        elif node.kind == "TM" and not _DATES[b"TM"].fullmatch(value):
            yield flaw("9", 1, "is not a time of day. Write hour and minute in digits.")
        elif node.kind in ("AN", "ID") and value.endswith(b" "):
            stripped = len(value.rstrip())
            if stripped >= node.shortest or (not stripped and node.shortest == 1):
                yield flaw("6", 1, "ends in spaces that nothing needs. Leave them out.")

    def _unlisted(self, node: Element, value: bytes, flaw: _Flawed) -> Flaw:
        if node.outside:
            return flaw("7", 5, "is not in the list of codes that is used here. Look the code up.")
        few = len(node.codes) <= FEW
        choose = f"Choose one of {', '.join(sorted(map(bytes.decode, node.codes)))}." if few else _CHOOSE
        if value in self._known.get(node.number, ()):
            return flaw("I6", 2, f"holds a code that the guide uses elsewhere, not here. {choose}")
        return flaw("7", 2, f"holds a code that the guide does not use. {choose}")
