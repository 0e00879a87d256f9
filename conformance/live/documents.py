"""The X12 of an answer, or of what was sent: its marks, its segments and their bytes. Tells, judges nothing.

Written apart from ``adapters/`` and as forgiving as can be, for what is wrong with an interchange is to be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ELEMENTS = 16
_BEFORE = re.compile(rb"[\s\xef\xbb\xbf]*")


class NoInterchange(Exception):
    """There is no ISA. The text says what there is instead, without its values."""


@dataclass(frozen=True)
class Segment:
    """``values[0]`` is the segment's id. ``raw`` is without terminator."""

    values: tuple[str, ...]
    raw: bytes

    def get(self, place: int) -> str:
        return self.values[place].strip() if place < len(self.values) else ""


@dataclass(frozen=True)
class Document:
    """``isa`` is the header with its terminator, ``gaps`` the blanks and line ends that stand between segments, and
    ``rest`` is what stands behind the last."""

    text: bytes
    isa: bytes
    segments: tuple[Segment, ...]
    gaps: frozenset[bytes]
    rest: bytes

    def all(self, name: str) -> list[Segment]:
        return [segment for segment in self.segments if segment.values[0] == name]

    def first(self, name: str) -> Segment:
        """The first of that name, or one without elements."""
        return next(iter(self.all(name)), Segment((name,), b""))

    @property
    def kind(self) -> str:
        """ST01, or TA1 where there is no transaction."""
        return self.first("ST").get(1) or ("TA1" if self.all("TA1") else "")

    def traces(self, kind: str) -> set[str]:
        """TRN02 of the traces of this kind (TRN01)."""
        return {segment.get(2) for segment in self.all("TRN") if segment.get(1) == kind}

    def levels(self) -> set[str]:
        """HL03: which levels there are."""
        return {segment.get(3) for segment in self.all("HL")}


def read_document(payload: bytes) -> Document:
    """Raises NoInterchange."""
    begins = _BEFORE.match(payload)
    start = begins.end() if begins else 0
    text = payload[start:]
    if not text.startswith(b"ISA") or len(text) < 106:
        raise NoInterchange("the payload does not begin with an ISA")
    element = text[3:4]
    place = -1
    for _ in range(_ELEMENTS):
        place = text.find(element, place + 1)
        if place < 0:
            raise NoInterchange("the ISA has fewer than 16 elements")
    end = place + 3
    terminator = text[place + 2 : end]
    segments = tuple(_segments(text, element, terminator))
    closed = text.rfind(terminator) + 1
    return Document(payload, text[:end], segments, frozenset(_gaps(text[end:closed], terminator)), text[closed:])


def _gaps(text: bytes, terminator: bytes) -> Iterator[bytes]:
    for raw in text.split(terminator)[:-1]:
        yield raw[: len(raw) - len(raw.lstrip())]


def _segments(text: bytes, element: bytes, terminator: bytes) -> Iterator[Segment]:
    for raw in text.split(terminator):
        plain = raw.strip(b"\r\n")
        if plain.strip():
            yield Segment(tuple(plain.decode("latin-1").split(element.decode("latin-1"))), plain)
