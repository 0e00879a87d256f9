"""Cuts X12 into segments as it comes, like ``stream``, and gives those that are like any other many at a time.

For who looks at each segment only shortly, a checker for one: an object for each would cost more than the look. What is
out of the ordinary, faults too, is left to ``stream``, so that both say the same.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import NamedTuple

from adapters.x12_278.codec.events import Event, Opening, Rest, Token
from adapters.x12_278.codec.feed import Feed
from adapters.x12_278.codec.malformed import LIMITS, Limits
from adapters.x12_278.codec.stream import WORTH_IT, ordinary, walk
from adapters.x12_278.codec.tokens import Tokens, out_of_the_ordinary, too_long, usual
from adapters.x12_278.segment import Delimiters

_SHORT = 64 * 1024
_LINE_ENDS = re.compile(rb"[\r\n]{0,8}")


class Block(NamedTuple):
    """Segments that follow each other, none of which counts its bytes: of one interchange, which they may begin or end.

    ``raw`` are without terminators; behind each but the last stand a terminator and ``gap`` bytes of line ends.
    """

    number: int
    start: int
    raw: list[bytes]
    gap: int


def blocks(chunks: bytes | Iterable[bytes], limits: Limits = LIMITS) -> Iterator[Event | Block]:
    """As ``stream``. Places are those of the text: ``Opening.wrap`` makes offsets of the file of them.

    A short file that is all there and like any other is taken at once, each interchange a block.
    """
    if isinstance(chunks, bytes):
        found = usual(chunks, limits) if len(chunks) <= _SHORT else None
        if found is not None and not any(each.wrap or each.gap is None or each.gap.strip(b"\r\n") for each in found):
            return _at_once(found)
        chunks = (chunks,)
    return walk(Feed(chunks), limits, _block)


def _at_once(file: Sequence[Tokens]) -> Iterator[Event | Block]:
    for each in file:
        yield Opening(each.marks, each.start, each.before)
        yield Block(1, each.start, each.raw, len(each.gap or b""))
    yield Rest(file[-1].after)


def _block(
    feed: Feed, marks: Delimiters, number: int, most: int, limits: Limits
) -> Generator[Token | Block, None, int]:
    last = feed.buffer.rfind(marks.segment, feed.cursor)
    if last - feed.cursor < WORTH_IT:
        return number
    # With the terminator that stands in front, or did: what is behind it is looked at too.
    text = marks.segment + bytes(feed.buffer[feed.cursor : last + 1])
    blanks = _LINE_ENDS.match(text, 1)
    gap = blanks.group() if blanks and marks.segment not in b"\r\n" else b""
    unusual = out_of_the_ordinary(marks, gap).search(text)
    end = unusual.start() if unusual else 0
    first = 1 + len(gap)
    if end <= first or feed.position + end > most or too_long(text, first, end, marks, limits):
        return (yield from ordinary(feed, marks, number, most, limits))
    raw = text[first:end].split(marks.segment + gap)
    if number + len(raw) > limits.segments:
        return (yield from ordinary(feed, marks, number, most, limits))
    start = feed.position + len(gap)
    feed.cursor += end
    yield Block(number, start, raw, len(gap))
    return number + len(raw)
