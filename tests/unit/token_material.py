"""X12 files to cut apart, written for these tests: an ISA with any delimiters, and what Hypothesis makes of it."""

from __future__ import annotations

from hypothesis import strategies as st

from adapters.x12_278.codec.blocks import Block, blocks
from adapters.x12_278.codec.events import Data, Event, Opening, Token
from adapters.x12_278.codec.malformed import Malformed
from adapters.x12_278.codec.stream import stream
from adapters.x12_278.codec.tokens import split
from adapters.x12_278.segment import Delimiters

MARKS = Delimiters()


def isa(marks: Delimiters = MARKS, version: str = "00501", number: str = "000000001", groups: str = "U") -> bytes:
    """106 bytes, the terminator counted."""
    values = ["00", " " * 10, "00", " " * 10, "ZZ", f"{'SENDER':15}", "ZZ", f"{'RECEIVER':15}", "261105", "0900"]
    head = marks.element.join(value.encode() for value in ["ISA", *values])
    repetition = marks.repetition or groups.encode()
    tail = [repetition, version.encode(), number.encode(), b"0", b"T", marks.component]
    return marks.element.join([head, *tail]) + marks.segment


def file(*segments: bytes, marks: Delimiters = MARKS, gap: bytes = b"", version: str = "00501") -> bytes:
    """One interchange; ``segments`` are written with ``*`` and without a terminator."""
    body = [*segments, b"IEA*1*000000001"]
    return isa(marks, version) + b"".join(
        gap + segment.replace(b"*", marks.element) + marks.segment for segment in body
    )


PLAIN = file(
    b"GS*HI*S*R*20261105*0900*1*X*005010X217",
    b"ST*278*0001*005010X217",
    b"BHT*0007*13*A*20261105*0900",
    b"HI*BF:41090:D8:20261101^BF:2630",
    b"SE*4*0001",
    b"GE*1*1",
)

_marks = st.permutations([bytes([code]) for code in b"*:^~|<>!+%&'=\x1c\x1d\x1f"]).map(lambda found: found[:4])
_letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-"


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Files of one to three interchanges, each with delimiters, line ends and counted data of its own."""
    made = [draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\r\n", b"\n\xef\xbb\xbf"]))]
    for _ in range(draw(st.integers(1, 3))):
        element, component, repetition, terminator = draw(_marks)
        terminator = draw(st.sampled_from([terminator, terminator, b"\n", b"\r"]))
        marks = Delimiters(element, component, repetition, terminator)
        gaps = st.sampled_from(draw(st.sampled_from([[b""], [b"\n"], [b"\r\n"], [b"", b"\n", b" \r\n\n"]])))
        value = st.lists(st.sampled_from([bytes([letter]) for letter in _letters]), max_size=6).map(b"".join)
        inner = st.lists(st.one_of(value, st.sampled_from([component, repetition])), max_size=4).map(b"".join)
        made.append(isa(marks))
        for _ in range(draw(st.integers(0, 6))):
            made.append(draw(gaps))
            if draw(st.booleans()):
                data = draw(
                    st.binary(max_size=40) | st.sampled_from([terminator * 3, b"SE*1~IEA*1*1~ISA", b"~\nBIN*4*"])
                )
                head = draw(st.sampled_from([[b"BIN"], [b"BDS", b"B64"]]))
                made += [element.join([*head, str(len(data)).encode(), data]), terminator]
            else:
                tag = draw(st.sampled_from([b"HL", b"NM1", b"GS", b"ST", b"N3", b"BI", b"IE", b"BHT", b"TA1"]))
                made += [element.join([tag, *draw(st.lists(inner, max_size=4))]), terminator]
        made += [draw(gaps), element.join([b"IEA", b"1", b"000000001"]), terminator, draw(gaps)]
    return b"".join(made)


def chunked(document: bytes, size: int) -> list[bytes]:
    return [document[start : start + size] for start in range(0, len(document), size)]


def wrapped(document: bytes, width: int, newline: bytes = b"\n") -> bytes:
    return newline.join(chunked(document, width))


def error_of(document: bytes) -> Malformed | None:
    try:
        split(document)
    except Malformed as error:
        return error
    return None


Told = list[tuple[Delimiters, list[tuple[int, int, bytes, bytes]]]]
"""For each interchange its delimiters, and of each segment its span in the file, its bytes and its counted data."""


def told_by_split(document: bytes) -> Told:
    return [
        (
            tokens.marks,
            [
                (tokens.at(index), tokens.wrap.place(tokens.stop(index)) if tokens.wrap else tokens.stop(index),
                 raw, tokens.binary(index))
                for index, raw in enumerate(tokens.raw)
            ],
        )
        for tokens in split(document)
    ]  # fmt: skip


def told_by_stream(chunks: list[bytes]) -> Told:
    return told(list(stream(chunks)))


def told_by_blocks(chunks: bytes | list[bytes]) -> Told:
    """The events of ``blocks`` with each block taken apart, and its places made offsets of the file."""
    found: list[Event] = []
    wrap = None
    for event in blocks(chunks):
        if isinstance(event, Block):
            start = event.start
            for count, raw in enumerate(event.raw):
                found.append(Token(event.number + count, start, start + len(raw), raw))
                start += len(raw) + 1 + event.gap
        else:
            wrap = event.wrap if isinstance(event, Opening) else wrap
            found.append(event)
    place = wrap.place if wrap else int
    spans = [
        event._replace(start=place(event.start), end=place(event.end)) if isinstance(event, Token) else event
        for event in found
    ]
    return told(spans)


def told(events: list[Event]) -> Told:
    found: Told = []
    for event in events:
        if isinstance(event, Opening):
            found.append((event.marks, []))
        elif isinstance(event, Token):
            found[-1][1].append((event.start, event.end, event.raw, b""))
        elif isinstance(event, Data):
            start, end, raw, data = found[-1][1][-1]
            found[-1][1][-1] = (start, end, raw, data + event.piece)
    return found
