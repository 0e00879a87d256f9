"""Where each segment of a document stands: the loops that are open, those that it begins, and what the guide calls it.

Lenient: a segment that has no place stays in the loop around it, and is of no name. Whether it may stand there is the
checker's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from adapters.x12_278.guides.document import Document
from adapters.x12_278.guides.grammar import Grammar, Loop, SegmentNode
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.guides.moves import Frames, Seen, advance, start
from adapters.x12_278.segment import Delimiters

_ENVELOPE = frozenset({b"ISA", b"GS", b"GE", b"IEA"})
_FIRST_LOOP = 3
"""How deep a level stands: under interchange, group and transaction."""


class Standing(NamedTuple):
    """A segment. ``loops`` are those around it, outermost first, of which the last ``entered`` begin with it."""

    number: int
    values: list[bytes]
    marks: Delimiters
    depth: int
    loops: tuple[Loop, ...]
    entered: int
    node: SegmentNode | None


class _Outline:
    def __init__(self, document: Document, guides: Guides) -> None:
        self._document = document
        self._guides = guides
        self._marks = Delimiters()
        self._version = self._kind = self._guide = ""
        self._grammar: Grammar | None = None
        self._frames: Frames = ()
        self._inside = False

    def standings(self) -> Iterator[Standing]:
        segments = self._document.segments(1)
        item = next(segments, None)
        while item is not None:
            self._document.keep(item[0])
            ahead = next(segments, None)
            yield self._standing(*item, ahead[1] if ahead else b"")
            item = ahead

    def _standing(self, number: int, segment: bytes, ahead: bytes) -> Standing:
        if segment.startswith(b"ISA"):
            self._marks = self._document.marks(number)
        values = segment.split(self._marks.element)
        if values[0] in _ENVELOPE:
            self._inside = False
            return self._enveloping(number, values)
        if values[0] == b"ST":
            self._begin(values, ahead)
            node = self._grammar.transaction.children[0] if self._grammar and self._grammar.transaction else None
            return self._at(number, values, _FIRST_LOOP - 1, (), 0, node if isinstance(node, SegmentNode) else None)
        if not self._inside:
            return self._enveloping(number, values)
        return self._within(number, values)

    def _enveloping(self, number: int, values: list[bytes]) -> Standing:
        tag = values[0].decode()
        if tag == "ISA":
            self._version = _text(values, 12)
        elif tag == "GS":
            self._kind, self._guide = _text(values, 1), _text(values, 8)
        depth = 1 if tag in ("GS", "GE", "TA1") else 0
        return self._at(number, values, depth, (), 0, self._guides.envelope.get(tag))

    def _begin(self, values: list[bytes], ahead: bytes) -> None:
        self._inside = True
        bht = ahead.split(self._marks.element, 3)
        purpose = _text(bht, 2) if bht[0] == b"BHT" else ""
        choice = self._guides.choose(self._version, self._kind, self._guide, _text(values, 3), purpose)
        self._grammar = self._guides.grammar(choice.name) if choice else None
        transaction = self._grammar.transaction if self._grammar else None
        self._frames = start(transaction) if transaction else ()

    def _within(self, number: int, values: list[bytes]) -> Standing:
        seen = Seen(values[0].decode(), values, self._marks.component)
        move = advance(self._frames, seen) if self._frames else None
        if move is not None:
            self._frames = move.frames
        loops = tuple(frame.loop for frame in self._frames[1:] if frame.loop.first_segment())
        entered = sum(1 for loop in move.entered if loop.first_segment()) if move else 0
        ends = values[0] == b"SE"
        self._inside = not ends
        depth = _FIRST_LOOP - 1 if ends else _FIRST_LOOP + len(loops)
        return self._at(number, values, depth, () if ends else loops, entered, move.node if move else None)

    def _at(
        self,
        number: int,
        values: list[bytes],
        depth: int,
        loops: tuple[Loop, ...],
        entered: int,
        node: SegmentNode | None,
    ) -> Standing:
        return Standing(number, values, self._marks, depth, loops, entered, node)


def _text(values: list[bytes], place: int) -> str:
    return values[place].decode("latin-1") if place < len(values) else ""


def standings(chunks: bytes | Iterable[bytes], guides: Guides) -> Iterator[Standing]:
    """Every segment of a document in turn. Raises Malformed where it cannot be read further."""
    return _Outline(Document(chunks), guides).standings()
