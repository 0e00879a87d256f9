"""Files whose lines were cut to one width, in the middle of segments: as mainframes and some mail programs do.

Their line ends are no part of any value. Recognised by the first lines, nearly always two, and held to from then on: a
line end at another place is refused, because nobody can say whether it is data.
"""

from __future__ import annotations

import re

from adapters.x12_278.codec.header import HEADER, marks_quickly
from adapters.x12_278.codec.malformed import Malformed

NARROWEST, WIDEST = 20, 1024
"""Bytes of a line that may have been cut."""
BOM = b"\xef\xbb\xbf"
LOOKED_AT = len(BOM) + 2 * (WIDEST + 2)
"""Bytes of the file that tell whether it is wrapped."""
_LINE_END = re.compile(rb"[\r\n]")
_FILLER = b"\r\n\t \x00\x1a"


class Wrap:
    """The width of the lines, what ends them, and from where on the file is no longer wrapped (``tail``)."""

    __slots__ = ("_column", "_ending", "_given", "_read", "base", "newline", "tail", "uneven", "width")

    def __init__(self, width: int, newline: bytes, base: int) -> None:
        self.width = width
        self.newline = newline
        self.base = base
        self.tail: int | None = None
        self.uneven: int | None = None
        """The offset in the file where a line is not as long as the others."""
        self._read = 0  # bytes of the file
        self._given = 0  # bytes given on
        self._column = -base
        self._ending = b""  # of the line end that is being read

    def place(self, offset: int) -> int:
        """Where a byte of the unwrapped text stands in the file."""
        counted = offset if self.tail is None else min(offset, self.tail)
        lines = max(0, counted - self.base) // self.width
        if self.tail is not None and offset >= self.tail and lines and (self.tail - self.base) % self.width == 0:
            lines -= 1  # the line end that begins the tail is part of it
        return offset + lines * len(self.newline)

    def unwrapped(self, chunk: bytes) -> bytes:
        """The next bytes of the file without their line ends; nothing more from where it is ``uneven``."""
        start, self._read = self._read, self._read + len(chunk)
        if self.uneven is not None:
            return b""
        if self.tail is not None:
            return self._filler(chunk, start)
        kept = []
        position = 0
        while position < len(chunk):
            if self._column == self.width:
                self._ending += chunk[position : position + 1]
                if not self.newline.startswith(self._ending):
                    self.uneven = start + position
                    break
                position += 1
                if self._ending == self.newline:
                    self._column, self._ending = 0, b""
                continue
            piece = chunk[position : position + self.width - self._column]
            short = _LINE_END.search(piece)
            if short:
                piece = piece[: short.start()]
            kept.append(piece)
            self._given += len(piece)
            self._column += len(piece)
            position += len(piece)
            if short:
                lost = self._begins_tail()
                kept.append(lost + self._filler(chunk[position:], start + position))
                break
        return b"".join(kept)

    def rest(self) -> bytes:
        """What is left when the file has ended: the line end behind a last line of full width."""
        return self._begins_tail() if self.tail is None else b""

    def _begins_tail(self) -> bytes:
        """The line end that was taken for one between two lines, and belongs to what follows the last."""
        self.tail = self._given
        return self._ending or (self.newline if self._column == 0 and self._given > self.base else b"")

    def _filler(self, chunk: bytes, start: int) -> bytes:
        text = chunk.lstrip(_FILLER)
        if text:
            self.uneven = start + len(chunk) - len(text)
        return chunk[: len(chunk) - len(text)]

    def error(self, segment: int | None) -> Malformed:
        return Malformed(
            f"the file is cut into lines of {self.width} bytes, and here one has another length",
            "Send it in lines of one length, or without line ends inside of segments.",
            at=self.uneven or 0,
            segment=segment,
        )

    def rewrapped(self, piece: bytes, offset: int) -> bytes:
        """Unwrapped bytes that stand at ``offset``, with the line ends that were taken out of them."""
        if self.tail is not None and offset >= self.tail:
            return piece
        end = offset + len(piece) if self.tail is None else min(offset + len(piece), self.tail)
        made = []
        position = offset
        while position < end:
            if position > self.base and (position - self.base) % self.width == 0:
                made.append(self.newline)
            column = (position - self.base) % self.width if position >= self.base else position - self.base
            stop = min(end, position + self.width - column)
            made.append(piece[position - offset : stop - offset])
            position = stop
        made.append(piece[end - offset :])
        return b"".join(made)


def wrap_of(head: bytes) -> Wrap | None:
    """How a file that begins so (the first LOOKED_AT bytes of it, or all) is wrapped, if it is.

    A line end within the ISA leaves no doubt; in place of its last byte it is that byte, unless the next line begins
    with what can be one. Behind the ISA it may be data, or stand between two segments, unless a line that ends within a
    segment is as long as the first.
    """
    base = len(BOM) if head.startswith(BOM) else 0
    text = head[base:]
    if text[:3] != b"ISA":
        return None
    end = text.find(b"\n", 0, WIDEST + 2)
    if end < 0:
        return None
    newline = b"\r\n" if text[end - 1 : end] == b"\r" else b"\n"
    width = end + 1 - len(newline)
    second = text[width + len(newline) :]
    if width < NARROWEST or (width == HEADER - 1 and not _goes_on(text[:width], second)):
        return None
    if width >= HEADER:
        return Wrap(width, newline, base) if _is_cut(text, width, newline) else None
    ends = second[width : width + len(newline)]
    if len(second) <= width:
        ends = newline
    return Wrap(width, newline, base) if ends == newline and b"\n" not in second[:width].rstrip(_FILLER) else None


def _goes_on(line: bytes, second: bytes) -> bool:
    return second[:1] not in (b"\r", b"\n") and marks_quickly(line + second[:1]) is not None


def _is_cut(text: bytes, width: int, newline: bytes) -> bool:
    """Whether all lines are of this width, to the second and to the first that ends within a segment. False where one
    of them has counted data in it."""
    terminator, element = text[HEADER - 1 : HEADER], text[3:4]
    step, within = width + len(newline), False
    for start in range(0, len(text), step):
        line = text[start : start + width]
        if text[start + width : start + step] != newline or b"\n" in line or terminator == b"\r":
            return False
        if terminator + b"BIN" + element in line or terminator + b"BDS" + element in line:
            return False
        within = within or not line.rstrip(b" \t").endswith(terminator)
        if within and start:
            return True
    return False
