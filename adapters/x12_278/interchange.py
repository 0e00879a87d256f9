"""Reads an X12 interchange: bytes into segments whose every element keeps its byte span, and the envelope checked.

Knows the envelope (ISA, GS, ST, SE, GE, IEA, TA1) and segments that count their own bytes (BIN, BDS). Knows no
transaction. Whatever the bytes are, the answer is an ``Interchange`` or ``Unreadable``, in time linear in their number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.x12_278.codec.header import marks_quickly
from adapters.x12_278.segment import MOST_ELEMENTS, Delimiters, Segment
from gateway.contract.errors import Unreadable

LARGEST = 128 * 1024 * 1024
"""Bytes read at most. CORE asks systems to take attachments of 64 MB, which base64 makes 86."""
MOST_SEGMENTS = 50_000
"""A response about 99 lines, written out in full, has some 6000."""
LONGEST_SEGMENT = 64 * 1024
"""Bytes of a segment that does not count its own. The longest in a 278 is a few hundred."""

_ENVELOPE = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA"})
_HEADER = 106
_HEADER_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n\t ]*")
_BETWEEN = re.compile(rb"[\r\n\t ]*")
_AFTER = re.compile(rb"[\r\n\t \x00\x1a]*")
_TAG = re.compile(rb"[A-Z][A-Z0-9]{1,2}")
_COUNT = re.compile(rb"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Transaction:
    """What stands between ST and SE. ``guide`` is ST03, or GS08 where the ST does not say."""

    kind: str
    guide: str
    st: Segment
    body: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Group:
    gs: Segment
    transactions: tuple[Transaction, ...]


@dataclass(frozen=True, slots=True)
class Interchange:
    """``ta1`` holds interchange acknowledgements, wherever between the groups they stood."""

    document: bytes = field(repr=False)
    isa: Segment
    ta1: tuple[Segment, ...]
    groups: tuple[Group, ...]

    def transactions(self) -> Iterator[Transaction]:
        for group in self.groups:
            yield from group.transactions


def read(document: bytes) -> Interchange:
    """The one interchange in these bytes. Raises Unreadable for anything else."""
    if len(document) > LARGEST:
        raise Unreadable(f"longer than {LARGEST} bytes")
    interchange, end, _ = _interchange(document, _start_of(document), 1)
    after = _AFTER.match(document, end)
    if after and after.end() != len(document):
        raise Unreadable("something follows the interchange", at=after.end())
    return interchange


def read_each(document: bytes) -> Iterator[Interchange]:
    """Each interchange of a file, one after another; segments are counted through. Raises Unreadable where the next one
    is none, and for a file without any."""
    if len(document) > LARGEST:
        raise Unreadable(f"longer than {LARGEST} bytes")
    end, number = _start_of(document), 1
    while end < len(document):
        interchange, end, number = _interchange(document, end, number)
        yield interchange
        after = _AFTER.match(document, end)
        end = after.end() if after else end


def _interchange(document: bytes, start: int, first: int) -> tuple[Interchange, int, int]:
    """The interchange that begins at ``start``, where it ends, and the number of the segment behind it."""
    if document[start : start + 3] != b"ISA":
        raise Unreadable("no ISA where an interchange should begin", at=start)
    marks = _marks(document, start)
    segments = _segments(document, start, marks, first)
    isa = next(segments)
    ta1: list[Segment] = []
    groups: list[Group] = []
    for segment in segments:
        if segment.tag == "GS":
            groups.append(_group(segment, segments))
        elif segment.tag == "TA1":
            ta1.append(segment)
        elif segment.tag == "IEA":
            _same(isa, 13, segment, 2)
            # Some count a TA1 that stands for itself as a group.
            _counted(segment, 1, *((0, 1) if ta1 and not groups else (len(groups),)))
            return Interchange(document, isa, tuple(ta1), tuple(groups)), segment.end + 1, segment.number + 1
        else:
            raise _misplaced(segment)
    raise Unreadable("the interchange has no IEA", at=len(document))


def _start_of(document: bytes) -> int:
    before = _BEFORE.match(document)
    start = before.end() if before else 0
    if document[start : start + 3] != b"ISA":
        raise Unreadable("no ISA at the start", at=start)
    return start


def _marks(document: bytes, start: int) -> Delimiters:
    """The delimiters stand at fixed places of the ISA, which is exactly 106 bytes long."""
    header = document[start : start + _HEADER]
    if plain := marks_quickly(header):
        return plain
    if len(header) < _HEADER:
        raise Unreadable("the ISA is cut short", at=len(document))
    element = header[3:4]
    for place in _HEADER_SEPARATORS:
        if header[place : place + 1] != element:
            raise Unreadable("the ISA's elements do not have their fixed lengths", at=start + place)
    # ISA11 became the repetition separator with version 00402; before, it held the letter U.
    repetition = header[82:83] if header[84:89] >= b"00402" and not header[82:83].isalnum() else b""
    marks = Delimiters(element, header[104:105], repetition, header[105:106])
    used = [mark for mark in marks if mark]
    if len(set(used)) != len(used):
        raise Unreadable("two delimiters are the same", at=start + 104)
    for mark in used:
        if mark.isalnum() or mark in b" \x00" or mark >= b"\x80" or (mark in b"\r\n" and mark != marks.segment):
            raise Unreadable("a delimiter is a character that delimits nothing", at=start + 104)
    return marks


def _segments(document: bytes, start: int, marks: Delimiters, first: int) -> Iterator[Segment]:
    """Every segment from ``start`` on. Ends where the bytes end or only blanks and line ends are left."""
    position = start
    element, end_mark, size = marks.element, marks.segment, len(document)
    counting = (b"BIN" + element, b"BDS" + element)
    last = first + MOST_SEGMENTS
    tags: dict[bytes, str] = {}
    for number in range(first, last + 1):
        head = document[position : position + 4]
        if head < b"!":  # blanks and line ends, or nothing: whatever begins a segment is greater
            between = _BETWEEN.match(document, position)
            position = between.end() if between else position
            if position >= size:
                return
            head = document[position : position + 4]
        if number == last:
            raise Unreadable(f"more than {MOST_SEGMENTS} segments", at=position)
        if head in counting:
            elements, end = _counted_bytes(document, position, number, marks)
        else:
            end = document.find(end_mark, position, position + LONGEST_SEGMENT)
            if end < 0:
                raise Unreadable(f"segment {number} has no end within {LONGEST_SEGMENT} bytes", at=position)
            elements = document[position:end].split(element)
            if len(elements) > MOST_ELEMENTS:
                raise Unreadable(f"segment {number} has more than {MOST_ELEMENTS} elements", at=position)
        tag = tags.get(elements[0])
        if tag is None:
            if not _TAG.fullmatch(elements[0]):
                raise Unreadable(f"segment {number} has no segment id", at=position)
            tag = tags[elements[0]] = elements[0].decode()
        yield Segment(number, position, end, tag, elements, marks)
        position = end + 1


def _counted_bytes(document: bytes, start: int, number: int, marks: Delimiters) -> tuple[list[bytes], int]:
    """BIN (length, data) and BDS (filter, length, data): the data may hold any byte, delimiters too.

    The length is believed only where it leads to a terminator.
    """
    places = 2 if document[start : start + 3] == b"BIN" else 3
    head = document[start : start + 64].split(marks.element, places)
    if len(head) <= places or not _COUNT.fullmatch(head[places - 1]):
        raise Unreadable(f"segment {number} does not count its bytes", at=start)
    first = start + sum(len(element) + 1 for element in head[:places])
    end = first + int(head[places - 1])
    if document[end : end + 1] != marks.segment:
        raise Unreadable(f"segment {number} does not end where its length says", at=first)
    return [*head[:places], document[first:end]], end


def _group(gs: Segment, segments: Iterator[Segment]) -> Group:
    transactions: list[Transaction] = []
    for segment in segments:
        if segment.tag == "ST":
            transactions.append(_transaction(segment, gs, segments))
        elif segment.tag == "GE":
            _same(gs, 6, segment, 2)
            _counted(segment, 1, len(transactions))
            return Group(gs, tuple(transactions))
        else:
            raise _misplaced(segment)
    raise Unreadable("a group has no GE", at=gs.start)


def _transaction(st: Segment, gs: Segment, segments: Iterator[Segment]) -> Transaction:
    body: list[Segment] = []
    for segment in segments:
        if segment.tag not in _ENVELOPE:
            body.append(segment)
        elif segment.tag == "SE":
            if st.text(2) != segment.text(2):
                raise Unreadable(f"segment {segment.number}: SE02 differs from ST02", at=segment.start)
            _counted(segment, 1, len(body) + 2)
            return Transaction(st.text(1), st.text(3) or gs.text(8), st, tuple(body))
        else:
            raise _misplaced(segment)
    raise Unreadable("a transaction has no SE", at=st.start)


def _same(opened: Segment, place: int, closed: Segment, at: int) -> None:
    """Control numbers of ISA and GS are numbers: leading zeros do not tell two apart."""
    first, second = opened.text(place), closed.text(at)
    if not first or first.lstrip("0") != second.lstrip("0"):
        raise Unreadable(
            f"segment {closed.number}: {closed.tag}{at:02d} differs from {opened.tag}{place:02d}", at=closed.start
        )


def _counted(segment: Segment, place: int, *counts: int) -> None:
    raw = segment.raw(place).strip()
    if not _COUNT.fullmatch(raw) or int(raw) not in counts:
        raise Unreadable(
            f"segment {segment.number}: {segment.tag}{place:02d} is not the count of {counts[0]}", at=segment.start
        )


def _misplaced(segment: Segment) -> Unreadable:
    return Unreadable(f"segment {segment.number}: {segment.tag} does not belong here", at=segment.start)
