"""X12 as segments and elements: a reader that counts binary data, and a writer. Knows no transaction and no rule.

Written apart from ``adapters/`` on purpose: a misreading shared by both ends would never show. Text is handled as
Latin-1, one character for each byte of the payload, so that every length is a length in bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Segment = list[str]
"""A segment as read: its id, then its elements."""

Written = Sequence[str | tuple[str, ...]]
"""A segment to write: a tuple is a composite element."""

ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
ISA_LENGTH = 106


@dataclass(frozen=True, slots=True)
class Delimiters:
    """``newline`` is written after each segment; readers ignore it."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"
    newline: str = ""

    @property
    def reserved(self) -> str:
        return self.element + self.component + self.repetition + self.segment


def cut(text: str, delimiters: Delimiters) -> tuple[list[Segment], bool]:
    """The segments, and whether any segment began with a line break.

    The data of BDS and BIN is taken by its declared length: it may hold any byte, delimiters too. Where the length
    does not end at a terminator the segment is cut at the next terminator, and its lengths will not agree.
    """
    segments: list[Segment] = []
    broken = False
    at, size = 0, len(text)
    while at < size:
        end = text.find(delimiters.segment, at)
        if end < 0:
            end = size
        head = text[at : at + 6].lstrip("\r\n")
        if head[:4] in ("BDS" + delimiters.element, "BIN" + delimiters.element):
            end = _binary_end(text, at, end, delimiters)
        piece = text[at:end]
        at = end + 1
        if piece[:1] in ("\r", "\n"):
            stripped = piece.lstrip("\r\n")
            if not stripped and at > size:
                break
            broken = True
            piece = stripped
        segments.append(_elements(piece, delimiters))
    return segments, broken


def _elements(piece: str, delimiters: Delimiters) -> Segment:
    data_at = {"BDS": 3, "BIN": 2}.get(piece[:3])
    return piece.split(delimiters.element) if data_at is None else piece.split(delimiters.element, data_at)


def _binary_end(text: str, at: int, end: int, delimiters: Delimiters) -> int:
    length_at = 2 if text[at : at + 6].lstrip("\r\n")[:3] == "BDS" else 1
    start = at
    for _ in range(length_at + 1):
        start = text.find(delimiters.element, start) + 1
        if start == 0 or start > end:
            return end
    length = text[at : start - 1].rpartition(delimiters.element)[2]
    if not length.isdigit() or len(length) > 15:
        return end
    stop = start + int(length)
    return stop if text[stop : stop + 1] == delimiters.segment else end


_NEXT_SEGMENT, _NEXT_ELEMENT, _NEXT_COMPONENT = "\x1d", "\x1e", "\x1f"


def write(segments: Iterable[Written], delimiters: Delimiters) -> str:
    """The segments as text. Empty elements at the end of a segment or composite are left out.

    A delimiter inside a value becomes a space: an answer echoes what was asked, and what was asked may have used
    other delimiters. Control characters stand for the delimiters until all values are in place.
    """
    out: list[str] = []
    for segment in segments:
        elements = [
            element if isinstance(element, str) else _NEXT_COMPONENT.join(element).rstrip(_NEXT_COMPONENT)
            for element in segment
        ]
        out.append(_NEXT_ELEMENT.join(elements).rstrip(_NEXT_ELEMENT))
    replaced: dict[str, str | int | None] = dict.fromkeys(delimiters.reserved, " ")
    replaced[_NEXT_COMPONENT] = delimiters.component
    replaced[_NEXT_ELEMENT] = delimiters.element
    replaced[_NEXT_SEGMENT] = delimiters.segment + delimiters.newline
    return _NEXT_SEGMENT.join([*out, ""]).translate(str.maketrans(replaced))


def interchange_header(elements: Sequence[str], delimiters: Delimiters) -> str:
    """The ISA segment: 16 elements of fixed width, padded here."""
    padded = [element.ljust(width) for element, width in zip(elements, ISA_WIDTHS, strict=True)]
    return delimiters.element.join(["ISA", *padded]) + delimiters.segment + delimiters.newline
