"""A document as the checker reads it: its segments in a row, numbered from 1, and those that may be asked for again.

Kept is what stands from the last ``keep`` on: the transaction that is open, for if it is not right somebody walks
through it slowly. All else is let go, so that memory does not grow with the document. Counted data (BIN, BDS) is let go
at once: in its place stands one byte, for no guide looks into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from adapters.x12_278.codec.blocks import Block, blocks
from adapters.x12_278.codec.events import Opening, Token
from adapters.x12_278.codec.malformed import LIMITS, Limits, Malformed
from adapters.x12_278.codec.wrapping import Wrap
from adapters.x12_278.segment import Delimiters

_STAND_IN = b"X"
_BLANK = frozenset(b" \t")


class Piece(NamedTuple):
    """Segments that follow each other. ``number`` is that of the first; ``indented`` tells of blanks in front of it."""

    number: int
    raw: list[bytes]
    start: int
    gap: int
    indented: bool
    marks: Delimiters
    wrap: Wrap | None


class Document:
    """Raises Malformed, from whatever looks further, when what comes is no X12."""

    def __init__(self, chunks: bytes | Iterable[bytes], limits: Limits = LIMITS) -> None:
        self._events = blocks(chunks, limits)
        self._kept: list[Piece] = []
        self._gone = 0
        self._number = 1
        self._before = 0
        """Segments of the interchanges before this one."""
        self._marks = Delimiters()
        self._indented = 0
        """The last segment with blanks in front of it."""
        self._wrap: Wrap | None = None
        self._asked = 0, 0
        """The segment whose place was asked for last, and where it begins: the next is seldom far."""
        self._error: Malformed | None = None

    def segments(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of each segment, from one on that is kept or is next."""
        return chain.from_iterable(self._numbered(number))

    def keep(self, number: int) -> None:
        """What stands before this segment will not be asked for again."""
        if gone := self._index(number):
            del self._kept[:gone]
            self._gone += gone

    def marks(self, number: int) -> Delimiters:
        return self._kept[self._index(number)].marks

    def indented(self, number: int) -> bool:
        """Whether spaces or tabs stand in front of the segment."""
        if self._indented < number:
            return False
        piece = self._kept[self._index(number)]
        return piece.indented and piece.number == number

    def indented_since(self, number: int) -> bool:
        """Whether they stand in front of this segment or one behind it, as far as was read."""
        return self._indented >= number

    def place(self, number: int, within: int = 0) -> int:
        """The offset in the document of a byte of a segment that is kept."""
        piece = self._kept[self._index(number)]
        asked, start = self._asked
        if not piece.number <= asked <= number:
            asked, start = piece.number, piece.start
        before = piece.raw[asked - piece.number : number - piece.number]
        start += sum(map(len, before)) + len(before) * (1 + piece.gap)
        self._asked = number, start
        return piece.wrap.place(start + within) if piece.wrap else start + within

    def _index(self, number: int) -> int:
        """Of the piece that holds the segment."""
        index = max(len(self._kept) - 1, 0)
        while index and self._kept[index].number > number:
            index -= 1
        return index

    def _numbered(self, number: int) -> Iterator[Iterable[tuple[int, bytes]]]:
        place = self._gone + self._index(number)
        while place - self._gone < len(self._kept) or self._read():
            piece = self._kept[place - self._gone]
            place += 1
            skipped = max(0, number - piece.number)
            yield enumerate(piece.raw[skipped:] if skipped else piece.raw, piece.number + skipped)

    def _read(self) -> bool:
        """Takes up what comes next. False at the end."""
        if self._error:
            raise self._error
        try:
            for event in self._events:
                if isinstance(event, Opening):
                    self._marks, self._wrap = event.marks, event.wrap
                    self._before = self._number - 1
                elif isinstance(event, Block):
                    self._take(event.raw, event.start, event.gap, indented=False)
                    return True
                elif isinstance(event, Token):
                    raw = event.raw + _STAND_IN if event.data else event.raw
                    self._take([raw], event.start, 0, indented=not _BLANK.isdisjoint(event.before))
                    return True
        except Malformed as error:
            self._error = error
            raise
        return False

    def _take(self, raw: list[bytes], start: int, gap: int, *, indented: bool) -> None:
        if indented:
            self._indented = self._number
        self._kept.append(Piece(self._number, raw, start, gap, indented, self._marks, self._wrap))
        self._number += len(raw)

    @property
    def before(self) -> int:
        """How many segments stand in front of the interchange that was read last."""
        return self._before
