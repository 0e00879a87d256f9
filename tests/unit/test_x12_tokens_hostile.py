"""Whatever the bytes are, they are cut or refused: with the segment, the byte and advice, and without quoting them."""

from __future__ import annotations

import contextlib
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.x12_278.codec.events import Data
from adapters.x12_278.codec.malformed import Limits, Malformed
from adapters.x12_278.codec.stream import stream
from adapters.x12_278.codec.tokens import split
from adapters.x12_278.codec.tree import read
from adapters.x12_278.segment import Delimiters
from tests.unit.token_material import PLAIN, chunked, error_of, file, files, isa

BINARY = file(b"ST*275*1", b"BIN*9*ab~IEA*~x", b"SE*3*1")


def error_in_chunks(document: bytes, size: int = 1) -> Malformed | None:
    try:
        for _ in stream(chunked(document, size)):
            pass
    except Malformed as error:
        return error
    return None


def refused(document: bytes, says: str, *, segment: int | None, at: int) -> Malformed:
    """The error, which both ways of reading tell alike but for the advice."""
    whole, chunks = error_of(document), error_in_chunks(document)
    assert whole is not None
    assert chunks is not None
    assert (whole.says, whole.segment, whole.at) == (chunks.says, chunks.segment, chunks.at)
    assert says in whole.says
    assert (whole.segment, whole.at) == (segment, at)
    assert whole.fix.endswith(".")
    assert f"(byte {at})" in str(whole)
    return whole


@pytest.mark.parametrize("document", [PLAIN, BINARY, PLAIN.replace(b"~", b"~\r\n"), PLAIN.replace(b"~", b"\n")])
def test_a_file_that_was_cut_off_anywhere_is_refused(document: bytes) -> None:
    whole = document.rstrip()
    for length in range(len(whole)):
        error = error_of(document[:length])
        assert error is not None
        again = error_in_chunks(document[:length], 13)
        assert again is not None
        assert (error.says, error.at, error.segment) == (again.says, again.at, again.segment)
        assert error.at <= length


@pytest.mark.parametrize(
    ("count", "says"),
    [
        (b"8", "a letter"),
        (b"999", "the file ends 966 bytes before"),
        (b"-9", "is not a number"),
        (b"9.0", "is not a number"),
        (b"+9", "is not a number"),
        (b"", "is not a number"),
        (b"\xb2", "is not a number"),
        (b"99999999999", "counts more than"),
        (b"9" * 40, "counts more than"),
        (b"9" * 80, "not followed by data"),
    ],
)
def test_a_count_that_is_wrong_is_refused_where_it_shows(count: bytes, says: str) -> None:
    document = BINARY.replace(b"BIN*9*", b"BIN*" + count + b"*")
    error = error_of(document)
    again = error_in_chunks(document)
    assert error is not None
    assert again is not None
    assert (error.says, error.at, error.segment) == (again.says, again.at, again.segment)
    assert says in error.says
    assert error.segment == 3


def test_a_wrong_count_says_what_stands_there_and_which_would_fit() -> None:
    document = BINARY.replace(b"BIN*9*", b"BIN*5*")
    error = refused(document, "BIN01 counts 5 bytes, and behind them stands a letter", segment=3, at=106 + 9 + 6 + 5)
    assert "how many bytes the data have: 9" in error.fix
    document = file(b"BDS*B64*3*abcd", b"SE*1*1")
    error = refused(document, "BDS02 counts 3 bytes", segment=2, at=106 + 10 + 3)
    assert "how many bytes the data have: 4" in error.fix


def test_a_wrong_count_that_leads_to_a_terminator_in_the_data_is_refused_at_what_follows() -> None:
    document = file(b"ST*275*1", b"BIN*2*ab~cd~ef", b"SE*3*1")
    error = refused(document, "no segment id stands here", segment=4, at=106 + 9 + 9)
    assert "its count may be wrong" in str(error_in_chunks(document))
    assert "how many bytes the data have: 8" in error.fix


def test_data_without_a_count_are_refused() -> None:
    refused(file(b"BIN*5"), "BIN01 is not followed by data", segment=2, at=106)
    refused(file(b"BDS*B64*5"), "BDS02 is not followed by data", segment=2, at=106)


@pytest.mark.parametrize(
    ("document", "says", "segment", "at"),
    [
        (b"", "nothing here", None, 0),
        (b"\xef\xbb\xbf\r\n", "nothing here", None, 5),
        (b"GS*HI~", "does not begin with an ISA", None, 0),
        (b"isa*00*", "does not begin with an ISA", None, 0),
        (PLAIN.decode().encode("utf-16"), "does not begin with an ISA", None, 0),
        (b"HTTP/1.1 200 OK\r\n\r\n" + PLAIN, "does not begin with an ISA", None, 0),
        (PLAIN + b"thanks\n", "text stands behind an interchange", None, len(PLAIN)),
        (PLAIN + b"\n-\n" + PLAIN, "text stands behind an interchange", None, len(PLAIN) + 1),
        (PLAIN.replace(b"SENDER  ", b"SENDER "), "ISA06 is not 15 bytes long", 1, 50),
        (PLAIN.replace(b"SENDER ", b"SEN*ER "), "holds one of its delimiters", 1, 0),
        (PLAIN[:84] + PLAIN[85:], "ISA12 is not 5 bytes long", 1, 89),
        (isa(Delimiters(b"*", b"*", b"^", b"~")), "holds one of its delimiters", 1, 0),
        (isa(Delimiters(b"*", b"^", b"^", b"~")), "repetition separator (ISA11) is the same", 1, 82),
        (isa(Delimiters(b"*", b":", b"~", b"~")), "holds one of its delimiters", 1, 0),
        (isa(Delimiters(b"A", b":", b"^", b"~")), "holds one of its delimiters", 1, 0),
        (isa(Delimiters(b"Q", b":", b"^", b"~")), "element separator is a letter", 1, 3),
        (isa(Delimiters(b"*", b"x", b"^", b"~")), "component separator (ISA16) is a letter", 1, 104),
        (isa(Delimiters(b"*", b":", b"7", b"~")), "repetition separator (ISA11) is a letter", 1, 82),
        (isa(Delimiters(b"*", b":", b"^", b"Y")), "segment terminator is a letter", 1, 105),
        (isa(Delimiters(b"*", b" ", b"^", b"~")), "component separator (ISA16) is a letter", 1, 104),
        (isa(Delimiters(b"*", b":", b"^", b"\xa7")), "segment terminator is a letter", 1, 105),
        (PLAIN.replace(b"SENDER ", b"SENDER\n "), "the ISA holds a line end", 1, 41),
        (PLAIN.replace(b"BHT*", b"bht*"), "no segment id", 4, PLAIN.index(b"BHT*")),
        (PLAIN.replace(b"BHT*", b"BHTX*"), "no segment id", 4, PLAIN.index(b"BHT*")),
        (PLAIN.replace(b"BHT*", b"B*"), "no segment id", 4, PLAIN.index(b"BHT*")),
        (PLAIN.replace(b"BHT*", b"~BHT*"), "no segment id", 4, PLAIN.index(b"BHT*")),
        (PLAIN.replace(b"IEA*", b"ISA*"), "one before has no IEA", 8, PLAIN.index(b"IEA*")),
        (PLAIN.replace(b"IEA*", b"IEB*"), "has no IEA", 9, len(PLAIN)),
    ],
)
def test_what_is_no_x12_is_refused_with_its_place(document: bytes, says: str, segment: int | None, at: int) -> None:
    refused(document, says, segment=segment, at=at)


def test_a_letter_u_for_the_repetition_separator_is_taken_for_none() -> None:
    assert split(file(marks=Delimiters(repetition=b""), version="00501"))[0].marks.repetition == b""


def test_errors_quote_nothing() -> None:
    secret = b"ZQXJKV"
    for document in (PLAIN, BINARY):
        for place in range(0, len(document), 3):
            error = error_of(document[:place] + secret + document[place:])
            assert error is None or secret.decode() not in str(error)


@given(st.binary(max_size=300))
@settings(max_examples=2 * settings().max_examples)
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    for document in (data, isa() + data, isa() + b"BIN*" + data):
        with contextlib.suppress(Malformed):
            read(document)


@given(files(), st.data())
@settings(max_examples=2 * settings().max_examples)
def test_a_spoiled_file_is_read_or_refused_alike_whole_and_in_chunks(document: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(document)))
    length = data.draw(st.integers(0, 5))
    put = data.draw(st.binary(max_size=4) | st.sampled_from([b"~", b"*", b"\n", b"BIN*3*", b"~BDS*", b"IEA*", b"ISA*"]))
    spoiled = document[:place] + put + document[place + length :]
    whole, chunks = error_of(spoiled), error_in_chunks(spoiled, data.draw(st.integers(1, 99)))
    assert (whole is None) == (chunks is None)
    if whole and chunks:
        assert (whole.says, whole.at, whole.segment, whole.note) == (
            chunks.says,
            chunks.at,
            chunks.segment,
            chunks.note,
        )
        assert 0 <= whole.at <= len(spoiled)


@pytest.mark.parametrize(
    ("limits", "document", "says"),
    [
        (Limits(segment=200), file(b"MSG*" + b"X" * 200), "no end within 200 bytes"),
        (Limits(elements=20), file(b"NM1" + b"*" * 21), "more than 20 elements"),
        (Limits(binary=5), file(b"BIN*6*abcdef"), "counts more than 5 bytes"),
        (Limits(segments=8), file(*[b"HL*1"] * 7), "more than 8 segments"),
        (Limits(interchange=150), file(*[b"HL*1"] * 20), "longer than 150 bytes"),
        (Limits(between=10), file(b"HL*1", gap=b"\n" * 11), "more than 10 blanks"),
        (Limits(between=10), b"\n" * 11 + PLAIN, "more than 10 blanks"),
        (Limits(between=10), PLAIN + b"\n" * 11, "more than 10 blanks"),
    ],
)
def test_each_size_has_its_limit(limits: Limits, document: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        split(document, limits)
    with pytest.raises(Malformed, match=says):
        list(stream([document], limits))


@pytest.mark.parametrize(
    "hostile",
    [
        isa() + b"X" * 10_000_000,
        isa() + b"*" * 5_000_000 + b"~",
        isa() + b"~" * 5_000_000,
        isa() + b"\n" * 5_000_000,
        isa() + b"BIN*" * 1_000_000,
        isa() + b"BIN*0*~" * 300_000,
        isa() + b"HL~" * 500_000,
        isa()[:105] + b"\n" + b"BIN*1*\n" * 300_000,
        isa()[:105] + b"\n" + b"BIN*9*" + b"\n" * 5_000_000 + b"BIN*5*12345x",
        isa() + b"BIN*9*" + b" " * 5_000_000,
        b"ISA" * 1_000_000,
        b"\n" * 5_000_000,
        PLAIN * 3000 + b"x",
    ],
)
def test_hostile_bytes_cost_time_and_memory_in_bounds(hostile: bytes) -> None:
    started = time.process_time()
    assert error_of(hostile) is not None
    assert error_in_chunks(hostile, 100_000) is not None
    assert time.process_time() - started < 30


def test_a_stream_is_read_in_memory_that_does_not_grow_with_it() -> None:
    def endless() -> Iterator[bytes]:
        yield isa()
        for _ in range(3000):
            yield b"HL*1**20*1~NM1*X3*2*PAYER*****PI*12345~" * 5
        yield b"BIN*30000000*"
        for _ in range(300):
            yield b"~*" * 50_000
        yield b"~IEA*1*000000001~"

    tracemalloc.start()
    try:
        data = sum(len(event.piece) for event in stream(endless()) if isinstance(event, Data))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert data == 30_000_000
    assert peak < 2_000_000
