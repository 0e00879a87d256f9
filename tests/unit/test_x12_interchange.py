"""The X12 codec: what it takes, what it refuses, and that hostile bytes cost no more than their length."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.x12_278 import interchange as codec
from adapters.x12_278.interchange import read
from adapters.x12_278.segment import Segment
from gateway.contract.errors import Unreadable
from tests.x12_material import envelope, response, ta1

PLAIN = response("UM*HS*I", "HCR*A1*AUTH1", services=[["HCR*A1", "SV1*HC:J9271:59**UN*6"]])


def segments_of(document: bytes) -> list[Segment]:
    found = read(document)
    return [segment for transaction in found.transactions() for segment in transaction.body]


def test_an_interchange_is_read_with_its_envelope() -> None:
    found = read(PLAIN)
    (transaction,) = found.transactions()
    assert (transaction.kind, transaction.guide) == ("278", "005010X217")
    assert found.isa.text(13) == "000000001"
    assert transaction.body[0].tag == "BHT"


def test_every_element_and_component_keeps_its_span() -> None:
    for segment in segments_of(PLAIN):
        assert PLAIN[segment.start : segment.end].decode().startswith(segment.tag)
        for place in range(1, len(segment) + 1):
            if value := segment.value(place):
                assert PLAIN[value.start : value.end].decode() == value.text
            for parts in segment.repeats(place):
                for part in parts:
                    assert part is None or PLAIN[part.start : part.end].decode() == part.text


@pytest.mark.parametrize(
    "pieces",
    [
        [" AUTH1 "],
        ["NA\u00cfVE \u2013 PRO\u00dfE"],
        [" A\u00dcTH1 ", "\u2265 2", "x "],
        ["", " ", "\u00e9", "", "\u6771\u4eac "],
    ],
)
def test_a_span_is_counted_in_bytes_of_what_was_written_blanks_and_letters_of_several_bytes_too(
    pieces: list[str],
) -> None:
    written = "^".join((":".join(pieces), ":".join(reversed(pieces))))
    document = PLAIN.replace(b"*AUTH1", f"*{written}*AFTER ".encode())
    hcr = next(segment for segment in segments_of(document) if segment.tag == "HCR")
    whole, after = hcr.value(2), hcr.value(3)
    assert whole is not None
    assert after is not None
    assert document[whole.start : whole.end].decode() == written
    assert (document[after.start : after.end], after.text) == (b"AFTER ", "AFTER")
    for parts, raws in zip(hcr.repeats(2), (pieces, pieces[::-1]), strict=True):
        assert [part.text if part else "" for part in parts] == [raw.strip() for raw in raws]
        for part, raw in zip(parts, raws, strict=True):
            assert part is None or document[part.start : part.end].decode() == raw


def test_labels_name_places_as_people_do() -> None:
    sv1 = next(segment for segment in segments_of(PLAIN) if segment.tag == "SV1")
    labels = [part.label for part in sv1.components(1) if part]
    assert labels == ["SV101-1", "SV101-2", "SV101-3"]
    assert [value.label for place in (3, 4) if (value := sv1.value(place))] == ["SV103", "SV104"]


def test_nothing_that_was_read_prints_what_it_holds() -> None:
    hcr = next(segment for segment in segments_of(PLAIN) if segment.tag == "HCR")
    assert "AUTH1" not in repr((read(PLAIN), hcr, hcr.value(2)))


@pytest.mark.parametrize("end", ["~\n", "~\r\n", "'", "\n", "\x1d"])
def test_segment_ends_of_every_kind_are_taken(end: str) -> None:
    text = PLAIN.decode().replace("~", end)
    assert [segment.tag for segment in segments_of(text.encode())] == [segment.tag for segment in segments_of(PLAIN)]


@pytest.mark.parametrize("end", ["~ ", "~\t", "~\r\n    ", "\n\t", "~ \n \n"])
def test_blanks_between_segments_are_no_part_of_them(end: str) -> None:
    document = PLAIN.decode().replace("~", end).encode()
    assert [segment.tag for segment in segments_of(document)] == [segment.tag for segment in segments_of(PLAIN)]
    for segment in segments_of(document):
        assert document[segment.start : segment.end].decode() == "*".join(
            (segment.tag, *(segment.raw(place).decode() for place in range(1, len(segment) + 1)))
        )
        for place in range(1, len(segment) + 1):
            if value := segment.value(place):
                assert document[value.start : value.end].decode() == value.text


def test_a_byte_order_mark_and_blank_space_around_are_taken() -> None:
    document = b"\xef\xbb\xbf\r\n" + PLAIN + b"\r\n\x1a\x00 "
    (hcr, *_) = [segment for segment in segments_of(document) if segment.tag == "HCR"]
    value = hcr.value(2)
    assert value is not None
    assert document[value.start : value.end] == b"AUTH1"


def test_before_version_00402_there_is_no_repetition() -> None:
    document = PLAIN.replace(b"*^*00501*", b"*U*00401*").replace(b"*AUTH1", b"*UNITED^U")
    hcr = next(segment for segment in segments_of(document) if segment.tag == "HCR")
    assert [[part.text for part in parts if part] for parts in hcr.repeats(2)] == [["UNITED^U"]]


def test_repetitions_are_split_from_version_00402_on() -> None:
    document = PLAIN.replace(b"HCR*A1*AUTH1", b"HCR*A3**0F^^0T")
    hcr = next(segment for segment in segments_of(document) if segment.tag == "HCR")
    assert [parts[0].text for parts in hcr.repeats(3) if parts[0]] == ["0F", "0T"]


@pytest.mark.parametrize("data", [b"plain", b"~*:^~SE*9*9~IEA*1*1~", bytes(range(256)), b""])
def test_binary_data_may_hold_any_byte(data: bytes) -> None:
    for head in (b"BIN*%d*" % len(data), b"BDS*ASC*%d*" % len(data)):
        document = PLAIN.replace(b"HCR*A1*AUTH1", head + data, 1)
        found = [segment for segment in segments_of(document) if segment.tag in ("BIN", "BDS")]
        assert found[0].raw(len(found[0])) == data


@pytest.mark.parametrize(
    "head", [b"BIN*6*12345", b"BIN*4*12345", b"BIN*999999999*12345", b"BIN*-1*12345", b"BIN*9999999999999*1", b"BIN*5"]
)
def test_a_wrong_length_of_binary_data_is_not_believed(head: bytes) -> None:
    with pytest.raises(Unreadable, match="segment 14"):
        read(PLAIN.replace(b"HCR*A1*AUTH1", head, 1))


def changed(old: bytes, new: bytes) -> bytes:
    assert old in PLAIN
    return PLAIN.replace(old, new, 1)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "no ISA"),
        (b"<html>busy</html>", "no ISA"),
        (PLAIN[:80], "cut short"),
        (changed(b"ISA*00*          *", b"ISA*00*  *"), "fixed lengths"),
        (changed(b"*T*:~", b"*T**~"), "same"),
        (changed(b"*T*:~", b"*T*A~"), "delimits nothing"),
        (changed(b"GE*1*1", b"GE*1*2"), "GE02 differs from GS06"),
        (changed(b"GE*1*1", b"GE*2*1"), "GE01 is not the count"),
        (changed(b"IEA*1*000000001", b"IEA*1*000000002"), "IEA02 differs from ISA13"),
        (changed(b"IEA*1*", b"IEA*3*"), "IEA01 is not the count"),
        (changed(b"*0001~GE", b"*0002~GE"), "SE02 differs from ST02"),
        (changed(b"SE*16*", b"SE*17*"), "SE01 is not the count"),
        (changed(b"SE*16*", b"SE*xx*"), "SE01 is not the count"),
        (changed(b"GE*1*1~", b""), "IEA does not belong here"),
        (changed(b"GS*HI", b"ST*278*1~GS*HI"), "ST does not belong here"),
        (changed(b"UM*HS", b"GS*HI*A*B~UM*HS"), "GS does not belong here"),
        (PLAIN[: PLAIN.index(b"IEA")], "no IEA"),
        (PLAIN[: PLAIN.index(b"GE*")], "no GE"),
        (PLAIN[: PLAIN.index(b"SE*")], "no SE"),
        (PLAIN + PLAIN, "something follows"),
        (changed(b"UM*HS", b"~UM*HS"), "no segment id"),
        (changed(b"UM*HS", b"um*HS"), "no segment id"),
        (PLAIN[:-1], "has no end"),
    ],
)
def test_a_broken_envelope_is_unreadable_and_says_why(document: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why) as caught:
        read(document)
    assert caught.value.at is not None
    assert 0 <= caught.value.at <= len(document)


@pytest.mark.parametrize("count", ["0", "1", "00001"])
def test_a_ta1_that_stands_for_itself_may_be_counted_as_a_group(count: str) -> None:
    found = read(ta1("A").replace(b"IEA*0*", f"IEA*{count}*".encode()))
    assert ([segment.tag for segment in found.ta1], found.groups) == (["TA1"], ())


@pytest.mark.parametrize(
    "document",
    [
        ta1("A").replace(b"IEA*0*", b"IEA*2*"),
        ta1("A").replace(b"TA1*000000017*260301*1004*A*000~IEA*0*", b"IEA*1*"),
        PLAIN.replace(b"GS*HI", b"TA1*000000017*260301*1004*A*000~GS*HI").replace(b"IEA*1*", b"IEA*0*"),
        PLAIN.replace(b"GS*HI", b"TA1*000000017*260301*1004*A*000~GS*HI").replace(b"IEA*1*", b"IEA*2*"),
    ],
)
def test_a_ta1_makes_no_other_count_right(document: bytes) -> None:
    with pytest.raises(Unreadable, match="IEA01 is not the count"):
        read(document)


def test_control_numbers_are_numbers() -> None:
    read(changed(b"GE*1*1", b"GE*1*0001"))


def test_text_that_is_not_utf8_is_read_as_windows_text() -> None:
    msg = next(
        segment
        for segment in segments_of(PLAIN.replace(b"HCR*A1*AUTH1", b"MSG*caf\xe9 \x93ok\x94\x00x", 1))
        if segment.tag == "MSG"
    )
    assert msg.text(1) == "café “ok” x"


@pytest.mark.parametrize(
    "hostile",
    [
        PLAIN[:106] + b"A" * 5_000_000,
        PLAIN[:106] + b"~" * 5_000_000,
        PLAIN[:106] + b"\n" * 5_000_000,
        PLAIN[:106] + b"*" * 5_000_000,
        PLAIN[:106] + b"GS*HI~" + b"ST~" * 1_000_000,
        PLAIN[:106] + b"TA1~" * 1_000_000,
        PLAIN[:106] + b"BIN*999999999*" * 300_000,
        PLAIN[:106] + b"BIN*" + b"9" * 5_000_000,
    ],
)
def test_hostile_bytes_are_refused_in_linear_time(hostile: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(Unreadable):
        read(hostile)
    assert time.process_time() - begun < 5


def test_more_bytes_than_the_limit_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "LARGEST", 100)
    with pytest.raises(Unreadable, match="longer than 100 bytes"):
        read(PLAIN)


@settings(max_examples=2 * settings().max_examples)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_unreadable(data: bytes) -> None:
    for document in (data, PLAIN[:106] + data):
        with contextlib.suppress(Unreadable):
            assert read(document).document == document


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(st.binary(max_size=60), max_size=5))
def test_a_segment_is_never_invented_or_lost(payloads: list[bytes]) -> None:
    pieces = envelope(["HERE"] * len(payloads)).split(b"HERE~")
    document = pieces[0]
    for data, piece in zip(payloads, pieces[1:], strict=True):
        document += b"BIN*%d*%b~" % (len(data), data) + piece
    assert [segment.raw(2) for segment in segments_of(document)] == payloads
