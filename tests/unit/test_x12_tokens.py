"""The X12 codec cuts any file into the segments that are in it, and puts it together again just as it was."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.x12_278.codec import events, stream, tokens
from adapters.x12_278.codec.blocks import Block, blocks
from adapters.x12_278.codec.events import Opening, Rest
from adapters.x12_278.codec.malformed import LIMITS, Malformed
from adapters.x12_278.codec.tokens import split
from adapters.x12_278.segment import Delimiters
from tests.unit.token_material import (
    PLAIN,
    chunked,
    error_of,
    file,
    files,
    isa,
    told_by_blocks,
    told_by_split,
    told_by_stream,
    wrapped,
)

SEGMENTS = [b"ISA", b"GS", b"ST", b"BHT", b"HI", b"SE", b"GE", b"IEA"]


def ids(document: bytes) -> list[bytes]:
    (only,) = split(document)
    return [raw.split(only.marks.element)[0] for raw in only.raw]


def test_a_file_is_cut_into_its_segments() -> None:
    (only,) = split(PLAIN)
    assert ids(PLAIN) == SEGMENTS
    assert only.raw[3] == b"BHT*0007*13*A*20261105*0900"
    assert only.raw[-1] == b"IEA*1*000000001"


@given(files(), st.integers(1, 50))
@settings(max_examples=2 * settings().max_examples)
def test_what_was_read_is_written_back_byte_for_byte(document: bytes, size: int) -> None:
    assert tokens.written(split(document)) == document
    assert b"".join(events.written(stream.stream(chunked(document, size)))) == document


@given(files(), st.integers(1, 50))
@settings(max_examples=2 * settings().max_examples)
def test_a_file_read_whole_and_one_read_in_chunks_are_the_same(document: bytes, size: int) -> None:
    assert told_by_split(document) == told_by_stream(chunked(document, size))


@given(files(), st.integers(1, 2000))
@settings(max_examples=2 * settings().max_examples)
def test_segments_that_come_many_at_a_time_are_the_same(document: bytes, size: int) -> None:
    assert told_by_blocks(chunked(document, size)) == told_by_split(document)
    assert told_by_blocks(document) == told_by_split(document)


@pytest.mark.parametrize("gap", ["", "\n", "\r\n"])
def test_a_short_file_that_is_all_there_comes_at_once(gap: str) -> None:
    document = file(b"NM1*X3*2*SAMPLE", gap=gap.encode())
    kinds = [type(event) for event in blocks(document * 2)]
    assert kinds == [Opening, Block, Opening, Block, Rest]


@pytest.mark.parametrize("gap", ["", "\n", "\r\n"])
@pytest.mark.parametrize("width", [0, 80])
def test_most_segments_of_a_long_file_come_many_at_a_time(gap: str, width: int) -> None:
    body = [b"NM1*X3*2*SAMPLE %d" % count for count in range(5000)]
    document = file(*body, gap=gap.encode())
    if width:
        document = wrapped(document.replace(b"\r", b"").replace(b"\n", b""), width)
    found = [event for event in blocks(chunked(document, 4096)) if isinstance(event, Block)]
    assert sum(len(block.raw) for block in found) > 4500
    assert told_by_blocks(chunked(document, 4096)) == told_by_split(document)


@given(files(), st.integers(1, 50), st.integers(0, 400), st.binary(max_size=3))
@settings(max_examples=2 * settings().max_examples)
def test_a_fault_is_the_same_whether_segments_come_singly_or_many_at_a_time(
    document: bytes, size: int, at: int, put: bytes
) -> None:
    document = document[:at] + put + document[at + 1 :]

    def said(events: Iterable[object]) -> tuple[str, int] | None:
        try:
            for _ in events:
                pass
        except Malformed as error:
            return str(error), error.at
        return None

    assert said(blocks(chunked(document, size))) == said(stream.stream(chunked(document, size)))
    assert said(blocks(document)) == said(stream.stream([document]))


@given(files())
@settings(max_examples=2 * settings().max_examples)
def test_offsets_are_those_of_the_file(document: bytes) -> None:
    for marks, segments in told_by_split(document):
        for start, end, raw, data in segments:
            assert document[start:end] == raw + data
            assert document[end : end + 1] == marks.segment


@given(files())
@settings(max_examples=2 * settings().max_examples)
def test_the_quick_way_and_the_exact_one_find_the_same(document: bytes) -> None:
    exact = [(only.raw, only.data, only.start, only.end) for only in tokens._exactly(document, LIMITS)]
    assert [(only.raw, only.data, only.start, only.end) for only in split(document)] == exact


@pytest.mark.parametrize("gap", [b"", b"\n", b"\r\n", b" \t\r\n", b"\n\n"])
def test_blanks_behind_terminators_are_no_part_of_a_segment(gap: bytes) -> None:
    document = PLAIN.replace(b"~", b"~" + gap)
    assert ids(document) == SEGMENTS
    assert all(
        document[only.at(index) :].startswith(raw) for only in split(document) for index, raw in enumerate(only.raw)
    )


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_line_end_may_be_the_terminator(end: bytes) -> None:
    document = PLAIN.replace(b"~", end)
    assert ids(document) == SEGMENTS
    assert split(document)[0].marks.segment == end[:1]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_line_end_behind_the_last_segment_may_be_missing_where_it_is_the_terminator(end: bytes) -> None:
    document = PLAIN.replace(b"~", end)[: -len(end)]
    assert ids(document) == SEGMENTS
    assert tokens.written(split(document)) == document
    assert error_of(document[:-1]) is not None
    assert error_of(PLAIN[:-1]) is not None


def test_isa11_is_the_repetition_separator_only_where_the_version_has_one() -> None:
    assert split(file(version="00501"))[0].marks.repetition == b"^"
    assert split(file(version="00401"))[0].marks.repetition == b""
    no_mark = Delimiters(repetition=b"")
    assert split(file(marks=no_mark, version="00401"))[0].marks == no_mark
    assert split(file(marks=no_mark, version="00501"))[0].marks == no_mark


def test_a_byte_order_mark_and_blank_space_around_interchanges_are_taken() -> None:
    document = b"\xef\xbb\xbf" + PLAIN + b"\r\n\r\n\xef\xbb\xbf" + PLAIN.replace(b"*", b"|") + b"\n \x1a"
    first, second = split(document)
    assert (first.start, second.start) == (3, 3 + len(PLAIN) + 7)
    assert second.marks.element == b"|"
    assert tokens.written([first, second]) == document


@pytest.mark.parametrize("data", [b"", b"~", b"~\nSE*3*0001~GE*1*1~IEA*1*000000001~", b"BIN*9*~", bytes(range(256))])
@pytest.mark.parametrize("head", [b"BIN*%d*", b"BDS*B64*%d*"])
@pytest.mark.parametrize("gap", [b"", b"\n"])
def test_counted_data_may_hold_any_byte(data: bytes, head: bytes, gap: bytes) -> None:
    document = isa() + gap + head % len(data) + data + b"~" + gap + b"IEA*0*000000001~"
    (only,) = split(document)
    assert only.raw[1] == head % len(data)
    assert only.binary(1) == data
    assert only.binary(0) == b""
    assert only.at(2) == document.rindex(b"IEA")
    assert tokens.written([only]) == document


@pytest.mark.parametrize("width", [40, 72, 80, 130])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n\r\n"])
def test_a_file_that_was_cut_into_lines_of_one_width_is_read_as_if_it_were_not(
    width: int, newline: bytes, end: bytes
) -> None:
    other = file(b"HL*1" if width > 106 else b"BIN*30*" + b"~\x00\xff" * 10, b"NM1*" + b"X" * 300)
    for text in (PLAIN, other):
        document = wrapped(text, width, newline) + end
        assert [only.raw for only in split(document)] == [only.raw for only in split(text)]
        assert tokens.written(split(document)) == document
        assert told_by_split(document) == told_by_stream(chunked(document, 1))
        assert b"".join(events.written(stream.stream(chunked(document, 7)))) == document
        assert [document[start] for _, segments in told_by_split(document) for start, *_ in segments] == [
            raw[0] for only in split(text) for raw in only.raw
        ]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_lines_may_be_cut_at_any_width_even_where_the_isa_or_another_segment_ends(newline: bytes) -> None:
    text = file(*(b"NM1*" + b"X" * (41 + 7 * count) for count in range(40)))
    for width in range(20, 1025):
        document = wrapped(text, width, newline)
        assert split(document)[0].raw == split(text)[0].raw, width
        if width in (104, 105, 106, 107):
            assert tokens.written(split(document)) == document
            assert told_by_split(document) == told_by_stream(chunked(document, 5))


@pytest.mark.parametrize("ending", [b"~\n", b"~\r\n", b"\n", b"\r\n"])
def test_lines_that_are_segments_are_not_taken_for_lines_that_were_cut(ending: bytes) -> None:
    head = 106 + len(ending) - len(ending[:1])
    segments = [b"NM1*" + b"X" * (head - 4 - len(ending.rstrip(b"\r\n"))), b"NM1*" + b"Y" * 101, b"REF*ZZ*1"]
    text = file(*segments)
    document = text.replace(b"~", ending)
    assert split(document)[0].raw[1:] == split(text)[0].raw[1:]
    assert tokens.written(split(document)) == document


def test_a_last_line_of_full_width_may_be_ended_or_not() -> None:
    text = PLAIN + b" " * (-len(PLAIN) % 80)
    for end in (b"", b"\n", b"\n\n"):
        document = wrapped(text, 80) + end
        assert tokens.written(split(document)) == document
        assert b"".join(events.written(stream.stream(chunked(document, 1)))) == document


def test_a_line_end_within_a_value_of_a_file_that_is_not_wrapped_is_data() -> None:
    document = PLAIN.replace(b"*A*", b"*A\nB*")
    assert b"*A\nB*" in split(document)[0].raw[3]


def test_wrapped_lines_of_two_widths_are_refused() -> None:
    lines = wrapped(PLAIN, 80).split(b"\n")
    lines[2] += b" "
    error = error_of(b"\n".join(lines))
    assert error is not None
    assert "lines of 80 bytes" in error.says
    assert (error.segment, error.at) == (7, 242)
