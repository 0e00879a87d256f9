"""The ways in which an X12 document is spoiled: each takes a document, others to take from, and chance.

Cuts roughly, by the marks that the ISA declares, and shares no code with the readers that it tries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from tests.fuzz.pieces import MARKS, SEGMENTS, VALUES

HEADER = 106
LARGEST = 256 * 1024
"""Bytes beyond which nothing is repeated any further: a few inputs in a thousand come near."""


class Marks(NamedTuple):
    element: bytes
    component: bytes
    segment: bytes


def marks_of(document: bytes) -> Marks:
    """As the first ISA has them, if there is one."""
    start = max(document.find(b"ISA"), 0)
    header = document[start : start + HEADER]
    if len(header) < HEADER:
        return Marks(b"*", b":", b"~")
    return Marks(header[3:4], header[104:105], header[105:106])


def recounted(document: bytes) -> bytes:
    """With SE01, GE01 and IEA01 as they should be."""
    marks, lines = _cut(document)
    since = transactions = groups = 0
    counts = {b"SE": 0, b"GE": 0, b"IEA": 0}
    for place, line in enumerate(lines):
        tag, *values = line.lstrip().split(marks.element)
        if tag == b"ST":
            since, transactions = place, transactions + 1
        groups += tag == b"GS"
        if tag in counts and values:
            counts.update({b"SE": place - since + 1, b"GE": transactions, b"IEA": groups})
            lines[place] = marks.element.join([tag, b"%d" % counts[tag], *values[1:]])
        transactions = 0 if tag == b"GE" else transactions
        groups = 0 if tag == b"IEA" else groups
    return marks.segment.join(lines)


def _cut(document: bytes) -> tuple[Marks, list[bytes]]:
    marks = marks_of(document)
    return marks, document.split(marks.segment)


def _span(length: int, chance: Random, most: int = 40) -> tuple[int, int]:
    start = chance.randrange(length + 1)
    return start, min(length, start + chance.randrange(most))


# Bytes.


def bytes_deleted(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    start, end = _span(len(document), chance)
    return document[:start] + document[end:]


def bytes_put_in(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    start, _ = _span(len(document), chance)
    return document[:start] + chance.choice((*VALUES, chance.randbytes(chance.randrange(1, 9)))) + document[start:]


def byte_changed(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    start, _ = _span(len(document), chance)
    byte = bytes([chance.choice((chance.randrange(256), chance.choice(MARKS)))])
    return document[:start] + byte + document[start + 1 :]


def truncated(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    start, _ = _span(len(document), chance)
    return document[:start]


def bytes_of_another(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    other = chance.choice(others)
    start, end = _span(len(document), chance, 400)
    first, last = _span(len(other), chance, 400)
    return document[:start] + other[first:last] + document[end:]


# Segments.


def segment_deleted(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    marks, lines = _cut(document)
    del lines[chance.randrange(len(lines))]
    return marks.segment.join(lines)


def segment_twice(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    marks, lines = _cut(document)
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    return marks.segment.join(lines)


def segments_swapped(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    marks, lines = _cut(document)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return marks.segment.join(lines)


def segment_put_in(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    marks, lines = _cut(document)
    new = chance.choice(SEGMENTS)
    if chance.random() < 0.5:
        new = chance.choice(_cut(chance.choice(others))[1])
    lines.insert(chance.randrange(len(lines) + 1), new.replace(b"*", marks.element).replace(b":", marks.component))
    return marks.segment.join(lines)


def segment_many_times(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """Now and then very many times: only once in a while, for it takes long."""
    marks, lines = _cut(document)
    place = chance.randrange(len(lines))
    times = chance.choice((3, 10, 50, 200)) if chance.random() < 0.98 else LARGEST // (len(lines[place]) + 20)
    first = chance.randrange(place + 1) if chance.random() < 0.3 else place
    run = lines[first : place + 1]
    size = sum(map(len, run)) + len(run)
    return marks.segment.join([*lines[:first], *run * min(times, 1 + LARGEST // (size + 20)), *lines[place + 1 :]])


# Elements.


def _in_a_segment(document: bytes, chance: Random, change: Callable[[list[bytes]], None]) -> bytes:
    """With the elements of some segment changed, mostly not of the ISA."""
    marks, lines = _cut(document)
    place = chance.randrange(len(lines))
    if place == 0 and chance.random() < 0.7:
        place = chance.randrange(len(lines))
    values = lines[place].split(marks.element)
    change(values)
    lines[place] = marks.element.join(values)
    return marks.segment.join(lines)


def element_replaced(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    value = chance.choice(VALUES)
    if chance.random() < 0.3:
        marks, lines = _cut(chance.choice(others))
        value = chance.choice(chance.choice(lines).split(marks.element))

    def change(values: list[bytes]) -> None:
        values[chance.randrange(len(values))] = value

    return _in_a_segment(document, chance, change)


def element_deleted(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    def change(values: list[bytes]) -> None:
        del values[chance.randrange(len(values)) :][: chance.choice((1, 1, 99))]

    return _in_a_segment(document, chance, change)


def element_twice(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    def change(values: list[bytes]) -> None:
        values.insert(chance.randrange(len(values) + 1), chance.choice(values))

    return _in_a_segment(document, chance, change)


def elements_swapped(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    def change(values: list[bytes]) -> None:
        one, other = chance.randrange(len(values)), chance.randrange(len(values))
        values[one], values[other] = values[other], values[one]

    return _in_a_segment(document, chance, change)


def element_repeated(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """As repetitions, as components, as elements, or as one long text; sometimes beyond every bound."""
    mark = chance.choice((b"^", b":", b"*", b""))
    times = chance.choice((2, 5, 30, 101)) if chance.random() < 0.97 else chance.choice((1200, 20_000))

    def change(values: list[bytes]) -> None:
        place = chance.randrange(len(values))
        values[place] = mark.join([values[place][:12]] * times)

    return _in_a_segment(document, chance, change)


# Loops: from an HL, an ST, a GS, an LX or an ISA to the next.


def _loops(marks: Marks, lines: list[bytes], chance: Random) -> list[list[bytes]]:
    tag = chance.choice((b"HL", b"HL", b"HL", b"ST", b"GS", b"LX", b"AK2", b"OTI", b"ISA"))
    found: list[list[bytes]] = [[]]
    for line in lines:
        if line.lstrip().partition(marks.element)[0] == tag:
            found.append([])
        found[-1].append(line)
    return found


def loops_changed(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    marks, lines = _cut(document)
    loops = _loops(marks, lines, chance)
    place, other = chance.randrange(len(loops)), chance.randrange(len(loops))
    way = chance.randrange(4)
    if way == 0:
        del loops[place]
    elif way == 1:
        loops.insert(other, loops[place])
    elif way == 2:
        loops[place], loops[other] = loops[other], loops[place]
    else:
        theirs, more = _cut(chance.choice(others))
        loop = chance.choice(_loops(theirs, more, chance))
        loops.insert(other, [line.replace(theirs.element, marks.element) for line in loop])
    return marks.segment.join(line for loop in loops for line in loop)


# Envelope, marks, counted bytes.


def marks_changed(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """Everywhere, which is no fault at all unless the mark cannot be one; or in the ISA alone."""
    marks = marks_of(document)
    old = chance.choice(marks)
    new = bytes([chance.choice(MARKS)])
    if chance.random() < 0.7:
        return document.replace(old, new)
    return document[:HEADER].replace(old, new) + document[HEADER:]


def count_changed(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    marks, lines = _cut(document)
    tags = (b"SE", b"GE", b"IEA", b"GS", b"ST", b"ISA", b"HL", b"AK9", b"AK1", b"TA1")
    places = [place for place, line in enumerate(lines) if line.lstrip().partition(marks.element)[0] in tags]
    if not places:
        return document
    place = chance.choice(places)
    values = lines[place].split(marks.element)
    values[-1 if chance.random() < 0.3 else chance.randrange(len(values))] = chance.choice(
        (b"0", b"1", b"2", b"000000017", b"0017", b"99999999999", b"1.0", b"", b"\xb2", b"+1", b"T", b"P")
    )
    lines[place] = marks.element.join(values)
    return marks.segment.join(lines)


def length_changed(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """BIN01 or BDS02 wrong, or data full of delimiters whose count is right."""
    element = re.escape(marks_of(document).element)
    found = re.search(b"(BIN" + element + b"|BDS" + element + b"[A-Z0-9]{0,3}" + element + b")([0-9]{1,9})", document)
    if found is None:
        return segment_put_in(document, others, chance)
    count = int(found[2])
    start = found.end() + 1
    if chance.random() < 0.4:
        data = chance.choice((b"~*:^" * 20, b"SE*1*0001~IEA*1*1~", chance.randbytes(60), b"", b"~" * 300))
        return document[: found.start(2)] + b"%d*" % len(data) + data + document[start + count :]
    told = chance.choice((b"%d" % (count + 1), b"%d" % max(count - 1, 0), b"0", b"-3", b"4294967296", b"9" * 30, b""))
    return document[: found.start(2)] + told + document[found.end(2) :]


def wrapped(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """With line ends as editors, mainframes and mail make them; with a byte order mark; with blanks around."""
    marks, end = marks_of(document), chance.choice((b"\r\n", b"\n", b"\r", b" ", b"\t\n "))
    way = chance.randrange(4)
    if way == 0:
        return document.replace(marks.segment, marks.segment + end)
    if way == 1:
        width = chance.choice((76, 80, 106, 1))
        return end.join(document[at : at + width] for at in range(0, len(document), width))
    if way == 2:
        return chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"HTTP/1.1 200 OK\n\n", b" " * 70_000)) + document
    return document + chance.choice((end * 3, b"\x1a", b"\x00" * 9, b"trailing", b"ISA", b" " * 70_000))


def several(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    between = chance.choice((b"", b"", b"\n", b"\xef\xbb\xbf", b"x"))
    several = [document, chance.choice(others)] if chance.random() < 0.8 else [document] * chance.choice((2, 3, 20))
    return between.join(several)[:LARGEST]


def encoded_otherwise(document: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    if chance.random() < 0.2:
        return document.decode("latin-1").encode(chance.choice(("utf-16", "utf-16-be", "cp037", "utf-8-sig")))
    new = chance.choice((b"\xe9", b"\xc3\xa9", b"\x85", b"\x00"))
    return document.replace(bytes([chance.choice(b"AEIOS0123")]), new)
