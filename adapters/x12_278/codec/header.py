"""The ISA: 106 bytes whose fixed places say by which characters the rest of the interchange is cut."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from adapters.x12_278.codec.malformed import Malformed
from adapters.x12_278.segment import Delimiters

HEADER = 106
"""Bytes of the ISA, its terminator counted."""

_LENGTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_PLACES = tuple(3 + sum(_LENGTHS[:count]) + count for count in range(16))
"""Where the element separators stand: the one before ISA01, before ISA02, and so on."""
_FORM = re.compile(rb"(?s)ISA(.)" + rb"\1".join(b".{%d}" % length for length in _LENGTHS) + rb".\Z")
_LINE_END = re.compile(rb"[\r\n]")
_NAMES = ("element separator", "component separator (ISA16)", "repetition separator (ISA11)", "segment terminator")
_NOTES = ("026", "027", "022", "004")
_OFFSETS = (3, 104, 82, 105)


def marks_quickly(header: bytes) -> Delimiters | None:
    """The delimiters that an ISA declares; None where ``marks_of`` would raise."""
    found = _FORM.match(header)
    if found is None or header.count(header[3:4]) != len(_PLACES) or header.count(header[105:106]) != 1:
        return None
    return _declared(header[3:4], header[104:105], _repetition(header), header[105:106])


@lru_cache(maxsize=64)
def _declared(*marks: bytes) -> Delimiters | None:
    used = [mark for mark in marks if mark]
    good = all(_delimits(mark) for mark in used[:-1]) and _delimits(used[-1], ends=True)
    return Delimiters(*marks) if good and len(set(used)) == len(used) else None


def marks_of(header: bytes, place: Callable[[int], int]) -> Delimiters:
    """The delimiters that an ISA declares. ``place`` makes a file offset of a place in these bytes."""
    element = header[3:4]
    for number, offset in enumerate(_PLACES):
        found = header[offset : offset + 1]
        if found == element and found:
            continue
        if len(header) <= offset:
            break
        line_end = _LINE_END.search(header, 0, offset)
        if line_end:
            raise Malformed(
                "the ISA holds a line end",
                "Send it in one line, or the whole file in lines of one length.",
                at=place(line_end.start()),
                segment=1,
            )
        raise Malformed(
            f"ISA{number:02d} is not {_LENGTHS[number - 1]} bytes long",
            "Fill the elements of the ISA with blanks to their fixed lengths, 106 bytes in all.",
            at=place(offset),
            segment=1,
        )
    if len(header) < HEADER:
        raise Malformed(
            "the ISA is cut short", "Send the whole file again.", at=place(len(header)), segment=1, note="023"
        )
    marks = Delimiters(element, header[104:105], _repetition(header), header[105:106])
    if header.count(element) != len(_PLACES) or header.count(marks.segment) != 1:
        raise Malformed(
            "the ISA holds one of its delimiters within a value",
            "Declare delimiters that no value holds.",
            at=place(0),
            segment=1,
        )
    for count, (name, note, offset, mark) in enumerate(zip(_NAMES, _NOTES, _OFFSETS, marks, strict=True)):
        if not mark:
            continue
        if not _delimits(mark, ends=offset == HEADER - 1):
            says = f"the {name} is a letter, a digit, a blank or another character that delimits nothing"
        elif mark in marks[:count]:
            says = f"the {name} is the same character as another delimiter"
        else:
            continue
        raise Malformed(
            says, "Declare four different marks that no value holds.", at=place(offset), segment=1, note=note
        )
    return marks


def _repetition(header: bytes) -> bytes:
    """ISA11 is the repetition separator from version 00402 on. Before, it held the letter U; some still write it."""
    mark = header[82:83]
    return mark if header[84:89] >= b"00402" and mark != b"U" else b""


def _delimits(mark: bytes, *, ends: bool = False) -> bool:
    if mark in b"\r\n":
        return ends
    return not (mark.isalnum() or mark in b" \x00" or mark >= b"\x80")
