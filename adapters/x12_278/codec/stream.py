"""Cuts X12 into segments as it comes, in memory that does not grow with it.

``stream(chunks)`` takes bytes in chunks of any size, one at a time too, and yields for each interchange an ``Opening``,
then a ``Token`` for each segment, and behind the token of a segment that counts its own bytes (BIN, BDS) its ``Data``;
at the end of the file one ``Rest``. ``events.written`` makes the very bytes of them again. An event may come a chunk
after its bytes did. Anything that is not X12 raises Malformed.

What the segments mean, and whether they stand where they may, is not looked at: a trailer may be missing, but for the
IEA. ``tokens.split`` does the same for bytes that are all there, and faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import lru_cache
from typing import TypeVar

from adapters.x12_278.codec.events import Data, Event, Opening, Rest, Token
from adapters.x12_278.codec.feed import Feed
from adapters.x12_278.codec.header import HEADER, marks_of, marks_quickly
from adapters.x12_278.codec.malformed import LIMITS, Limits, Malformed
from adapters.x12_278.codec.wrapping import BOM
from adapters.x12_278.segment import Delimiters

_ID = re.compile(rb"[A-Z][A-Z0-9]{1,2}\Z")
_BLANKS = re.compile(rb"[\r\n\t ]*")
_FILLER = re.compile(rb"[\r\n\t \x00\x1a]*")
_CONTROL = slice(90, 99)
"""ISA13 in the ISA."""
_LONGEST_HEAD = 64
_LONGEST_COUNT = 12
WORTH_IT = 16


def stream(chunks: Iterable[bytes], limits: Limits = LIMITS) -> Iterator[Event]:
    """The interchanges of a file, piece by piece. Raises Malformed at the first byte that is no X12."""
    feed = Feed(chunks)
    for event in walk(feed, limits, ordinary):
        if feed.wrap is None or isinstance(event, Rest):
            yield event
        elif isinstance(event, Token):
            yield event._replace(start=feed.place(event.start), end=feed.place(event.end))
        else:
            yield event._replace(start=feed.place(event.start))


Some = TypeVar("Some")
Ordinary = Callable[[Feed, Delimiters, int, int, Limits], Generator[Some, None, int]]
"""What takes the segments that are here already and like any other: see ``ordinary``."""


def walk(feed: Feed, limits: Limits, take: Ordinary[Some]) -> Iterator[Event | Some]:
    """As ``stream``, with places in the text that the feed gives, and what ``take`` makes of ordinary segments."""
    count = 0
    while True:
        feed.number = None
        before = feed.run(_FILLER, limits.between)
        if before is not None and feed.peek(3) == BOM:
            before += feed.take(3)
            more = feed.run(_FILLER, limits.between - len(before))
            before = None if more is None else before + more
        if before is None:
            raise Malformed(
                f"more than {limits.between} blanks stand outside of the interchanges",
                "Take them out.",
                at=feed.here,
            )
        if feed.want(1):
            yield from _interchange(feed, before, limits, count, take)
            count += 1
        elif count:
            yield Rest(before)
            return
        else:
            raise Malformed("there is nothing here", "Send an interchange.", at=feed.here, note="023")


def _interchange(feed: Feed, before: bytes, limits: Limits, count: int, take: Ordinary[Some]) -> Iterator[Event | Some]:
    if feed.peek(3) != b"ISA":
        raise Malformed(
            "text stands behind an interchange" if count else "the file does not begin with an ISA",
            "Take out what is not X12: an envelope, a text around it, or another encoding than ASCII or UTF-8.",
            at=feed.here,
        )
    feed.number = 1
    start = feed.position
    header = feed.peek(HEADER)
    marks = marks_quickly(header) or marks_of(header, lambda offset: feed.place(start + offset))
    last = b"IEA" + marks.element, marks.element + header[_CONTROL]
    yield Opening(marks, start, before, feed.wrap)
    element = marks.element
    counting = (b"BIN" + element, b"BDS" + element)
    number, rested = 1, 0
    while True:
        feed.number = number
        _within(limits, number, feed.position - start, feed.here)
        head = feed.peek(4)
        between: bytes | None = b""
        if number > 1 and head[:1] in b"\r\n\t ":
            between = feed.run(_BLANKS, limits.between)
            head = feed.peek(4)
        if between is None:
            raise Malformed(
                f"more than {limits.between} blanks before the segment", "Take them out.", at=feed.here, segment=number
            )
        if head in counting:
            yield from _counted(feed, marks, number, between, limits)
        else:
            token = _plain(feed, marks, number, between, limits, last)
            _identified(token, head == b"ISA" + element, marks, feed.place(token.start))
            yield token
            if head == b"IEA" + element:
                return
        number += 1
        rested -= 1
        if rested < 0:
            passed = number
            number = yield from take(feed, marks, number, start + limits.interchange, limits)
            # Where most segments are out of the ordinary, looking for others costs more than it gains.
            rested = 0 if number - passed > WORTH_IT else WORTH_IT


def _within(limits: Limits, number: int, length: int, here: int) -> None:
    if number > limits.segments:
        says = f"the interchange has more than {limits.segments} segments"
    elif length > limits.interchange:
        says = f"the interchange is longer than {limits.interchange} bytes"
    else:
        return
    raise Malformed(says, "Send smaller ones.", at=here, segment=number)


def _identified(token: Token, begins: bool, marks: Delimiters, at: int) -> None:
    if not _ID.match(token.raw.split(marks.element, 1)[0]):
        raise Malformed(
            "no segment id stands here",
            "A segment begins with two or three capital letters and digits; if the one before counts its bytes,"
            " its count may be wrong.",
            at=at,
            segment=token.number,
        )
    if begins and token.number > 1:
        raise Malformed(
            "an interchange begins and the one before has no IEA",
            "Close each interchange with its IEA.",
            at=at,
            segment=token.number,
            note="023",
        )


def ordinary(feed: Feed, marks: Delimiters, number: int, most: int, limits: Limits) -> Generator[Token, None, int]:
    """The segments that are here already and like any other, up to the place ``most``. Gives the next number."""
    last = feed.buffer.rfind(marks.segment, feed.cursor)
    if last - feed.cursor < WORTH_IT:
        return number
    block = bytes(feed.buffer[feed.cursor : last + 1])
    base, cursor = feed.position, feed.cursor
    match = _ordinarily(marks).match
    short = min(limits.elements, limits.segment)
    at = 0
    while found := match(block, at):
        between, raw = found.groups()
        if len(raw) > short and (len(raw) > limits.segment or raw.count(marks.element) > limits.elements):
            break
        if len(between) > limits.between or number > limits.segments or base + at > most:
            break
        start, at = base + at + len(between), found.end()
        feed.cursor = cursor + at
        yield Token(number, start, base + at - 1, raw, between)
        number += 1
    return number


@lru_cache(maxsize=64)
def _ordinarily(marks: Delimiters) -> re.Pattern[bytes]:
    element, terminator = re.escape(marks.element), re.escape(marks.segment)
    rest = rb"(?:" + element + rb"[^" + terminator + rb"]*+)?+"
    return re.compile(rb"([\r\n\t ]*+)(" + usual_id(marks) + rest + rb")" + terminator)


def usual_id(marks: Delimiters) -> bytes:
    """The pattern of the id of a segment that neither counts its bytes nor begins or ends an interchange."""
    element = re.escape(marks.element)
    bin_or_bds = rb"B(?!IN" + element + rb"|DS" + element + rb")"
    isa_or_iea = rb"I(?!SA" + element + rb"|EA" + element + rb")"
    return rb"(?:[AC-HJ-Z]|" + bin_or_bds + rb"|" + isa_or_iea + rb")[A-Z0-9]{1,2}"


def _plain(
    feed: Feed, marks: Delimiters, number: int, between: bytes, limits: Limits, last: tuple[bytes, bytes]
) -> Token:
    start = feed.position
    length = feed.find(marks.segment, limits.segment)
    closed = length >= 0
    if not closed:
        length = len(feed.buffer) - feed.cursor
        raw = bytes(feed.buffer[feed.cursor : feed.cursor + 64])
        if not length:
            raise Malformed(
                "the file ends and the interchange has no IEA",
                "Send the whole file again.",
                at=feed.here,
                segment=number,
                note="023",
            )
        if length > limits.segment:
            raise Malformed(
                f"the segment has no end within {limits.segment} bytes",
                "End it with the terminator that the ISA declares.",
                at=feed.here,
                segment=number,
                note="004",
            )
        # Editors take away the line end at the end of a file. An IEA with the number of the ISA is whole without it.
        if not (marks.segment in b"\r\n" and raw.startswith(last[0]) and raw.endswith(last[1])):
            raise Malformed(
                "the file ends within the segment",
                "Send the whole file again; the last segment too has a terminator.",
                at=feed.here,
                segment=number,
                note="023",
            )
    raw = feed.take(length)
    feed.cursor += closed
    if raw.count(marks.element) > limits.elements:
        raise Malformed(
            f"the segment has more than {limits.elements} elements",
            "Leave out the separators behind the last element.",
            at=feed.place(start),
            segment=number,
        )
    return Token(number, start, start + length, raw, between, closed=closed)


def _counted(feed: Feed, marks: Delimiters, number: int, between: bytes, limits: Limits) -> Iterator[Token | Data]:
    """BIN (length, data) and BDS (filter, length, data): the data may hold any byte, delimiters too."""
    start = feed.position
    head = feed.peek(_LONGEST_HEAD)
    places = 2 if head.startswith(b"BIN") else 3
    name = "BIN01" if places == 2 else "BDS02"

    def spoiled(says: str, fix: str, at: int) -> Malformed:
        return Malformed(says, fix, at=feed.place(at), segment=number)

    pieces = head.split(marks.element, places)
    until = sum(map(len, pieces[:places])) + places
    if len(pieces) <= places or marks.segment in head[:until]:
        raise spoiled(f"{name} is not followed by data", f"Give {name} and the data behind it, as many bytes.", start)
    count = pieces[places - 1]
    where = start + until - len(count) - 1
    if not count.isdigit():
        raise spoiled(f"{name} is not a number of bytes", f"Give in {name} how many bytes the data have.", where)
    if len(count) > _LONGEST_COUNT or int(count) > limits.binary:
        raise spoiled(f"{name} counts more than {limits.binary} bytes", "Send smaller documents.", where)
    end = start + until + int(count)
    yield Token(number, start, end, feed.take(until), between, int(count))
    left = int(count)
    while left:
        if not feed.want(1):
            raise spoiled(
                f"the file ends {left} bytes before the end of the data that {name} counts",
                f"Send the whole file again, or give in {name} how many bytes the data have.",
                feed.position,
            )
        at = feed.position
        piece = feed.take(min(left, len(feed.buffer) - feed.cursor))
        left -= len(piece)
        yield Data(at, piece)
    after = feed.peek(1)
    if after != marks.segment:
        raise spoiled(
            f"{name} counts {int(count)} bytes, and behind them stands {_kind(after, marks)} and no segment terminator",
            f"Give in {name} how many bytes the data have, from the separator to the terminator.",
            end,
        )
    feed.cursor += 1


def _kind(byte: bytes, marks: Delimiters) -> str:
    """What stands there, without saying it."""
    kinds = {
        b"": "the end of the file",
        marks.element: "an element separator",
        marks.component: "a component separator",
        marks.repetition: "a repetition separator",
        b"\r": "a line end",
        b"\n": "a line end",
        b" ": "a blank",
    }
    if byte in kinds:
        return kinds[byte]
    if byte.isalpha():
        return "a letter"
    if byte.isdigit():
        return "a digit"
    return "a punctuation mark" if b" " < byte < b"\x7f" else "a byte that is no character of X12"
