"""What a stream of X12 says as it is read, and the bytes that were read made of it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from adapters.x12_278.codec.wrapping import Wrap
from adapters.x12_278.segment import Delimiters


class Opening(NamedTuple):
    """An interchange begins: at ``start``, after blanks and a byte order mark (``before``)."""

    marks: Delimiters
    start: int
    before: bytes
    wrap: Wrap | None = None


class Token(NamedTuple):
    """A segment. ``raw`` is without its terminator, ``before`` what blanks stood before it.

    Where a segment counts its bytes, ``raw`` ends where the data begin (``BIN*2768*``) and ``data`` is their number.
    ``start`` and ``end`` are offsets of the file; at ``end`` stands the terminator. ``closed`` is false for an IEA
    whose terminator, a line end, is missing at the end of the file.
    """

    number: int
    start: int
    end: int
    raw: bytes
    before: bytes = b""
    data: int | None = None
    closed: bool = True


class Data(NamedTuple):
    """Some of the counted data of the segment before."""

    start: int
    piece: bytes


class Rest(NamedTuple):
    """Blanks after the last interchange."""

    after: bytes


Event = Opening | Token | Data | Rest


def written(events: Iterable[Event]) -> Iterator[bytes]:
    """The bytes that ``stream`` read, just as they were."""
    wrap: Wrap | None = None
    marks = Delimiters()
    position = 0
    terminator = b""
    for event in events:
        if isinstance(event, Opening):
            wrap, marks = event.wrap, event.marks
            made = terminator + event.before
            terminator = b""
        elif isinstance(event, Token):
            made = terminator + event.before + event.raw
            terminator = marks.segment if event.closed else b""
        elif isinstance(event, Data):
            made = event.piece
        else:
            made = terminator + event.after
        yield wrap.rewrapped(made, position) if wrap else made
        position += len(made)
