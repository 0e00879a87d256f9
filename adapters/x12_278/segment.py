"""A segment and the values in it: text with its place in X12's terms and its byte span.

Knows delimiters and bytes; what the segments add up to is the business of ``interchange``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gateway.contract.errors import Unreadable

MOST_ELEMENTS = 100
"""Elements of a segment. The longest in any transaction read here has 21."""
MOST_PARTS = 100
"""Parts of one element, its components over all repetitions. The guides have 10 components, and 5 repetitions."""

_PLACES = tuple(f"{place:02d}" for place in range(MOST_ELEMENTS + 1))


class Delimiters(NamedTuple):
    """One byte each; ``repetition`` is empty in versions that have none."""

    element: bytes = b"*"
    component: bytes = b":"
    repetition: bytes = b"^"
    segment: bytes = b"~"


class Value(NamedTuple):
    """A piece of text and where it stands. ``label`` names the place in X12's way: ``HCR01``, ``SV101-2``."""

    text: str
    label: str
    segment: int
    start: int
    end: int

    def __repr__(self) -> str:
        return f"<{self.label} of segment {self.segment}>"


class Segment:
    """One segment. ``number`` counts from 1 (the ISA); ``end`` is where its terminator stands."""

    __slots__ = ("_elements", "_marks", "end", "number", "start", "tag")

    def __init__(self, number: int, start: int, end: int, tag: str, elements: list[bytes], marks: Delimiters) -> None:
        self.number = number
        self.start = start
        self.end = end
        self.tag = tag
        self._elements = elements
        self._marks = marks

    def __len__(self) -> int:
        """How many elements the segment has, its tag not counted."""
        return len(self._elements) - 1

    def raw(self, place: int) -> bytes:
        """The bytes of an element (the first is 1); empty where it is absent."""
        return self._elements[place] if place < len(self._elements) else b""

    def text(self, place: int) -> str:
        return readable(self._elements[place]) if place < len(self._elements) else ""

    def value(self, place: int) -> Value | None:
        """The element with its span, or None where it is absent or empty."""
        if place >= len(self._elements):
            return None
        raw = self._elements[place]
        text = readable(raw)
        if not text:
            return None
        start = self._start(place)
        return Value(text, self.tag + _PLACES[place], self.number, start, start + len(raw))

    def repeats(self, place: int) -> Sequence[Sequence[Value | None]]:
        """The repetitions of an element, each as its components; None for an empty component."""
        raw = self.raw(place)
        if not raw:
            return [[None]]
        position, label = self._start(place), self.tag + _PLACES[place]
        component, repetition = self._marks.component, self._marks.repetition
        if raw.count(component) + (raw.count(repetition) if repetition else 0) >= MOST_PARTS:
            raise Unreadable(f"segment {self.number} has an element of more than {MOST_PARTS} parts", at=position)
        found: list[list[Value | None]] = []
        for repeat in raw.split(repetition) if repetition else [raw]:
            pieces = repeat.split(component)
            components: list[Value | None] = []
            for count, piece in enumerate(pieces, start=1):
                if piece and (text := readable(piece)):
                    part = f"{label}-{count}" if len(pieces) > 1 else label
                    components.append(Value(text, part, self.number, position, position + len(piece)))
                else:
                    components.append(None)
                position += len(piece) + 1
            found.append(components)
        return found

    def components(self, place: int) -> Sequence[Value | None]:
        """The components of an element's first repetition."""
        return self.repeats(place)[0]

    def _start(self, place: int) -> int:
        return self.start + sum(map(len, self._elements[:place])) + place


def readable(raw: bytes) -> str:
    """The text of an element: UTF-8, else Windows-1252; what cannot be printed becomes a space."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    return text.strip()
