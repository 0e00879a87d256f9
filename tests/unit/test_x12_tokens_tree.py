"""What stands in what, with every value's place in the file; and an envelope that does not fit is told, not refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from adapters.x12_278.codec.envelope import faults
from adapters.x12_278.codec.tree import Interchange, read, written
from adapters.x12_278.segment import readable
from tests.unit.token_material import PLAIN, file, files, wrapped


def only(document: bytes) -> Interchange:
    (found,) = read(document)
    return found


def codes(document: bytes) -> list[tuple[str, str, int, int]]:
    return [(fault.scope, fault.code, fault.at + 1, fault.element) for fault in faults(only(document))]


def test_an_interchange_holds_groups_and_transactions() -> None:
    found = only(PLAIN)
    (group,) = found.groups
    (transaction,) = group.transactions
    assert (found.isa.text(13), found.iea.text(2)) == ("000000001", "000000001")
    assert group.gs is not None
    assert group.ge is not None
    assert (transaction.kind, transaction.guide, transaction.closed) == ("278", "005010X217", True)
    assert [segment.tag for segment in transaction.body()] == ["BHT", "HI"]
    assert faults(found) == []


def test_the_guide_is_that_of_the_group_where_the_transaction_does_not_say() -> None:
    (transaction,) = only(PLAIN.replace(b"*0001*005010X217", b"*0001")).transactions()
    assert transaction.guide == "005010X217"


def test_elements_hold_repetitions_of_components() -> None:
    (transaction,) = only(PLAIN).transactions()
    hi = transaction.body()[1]
    assert len(hi) == 1
    texts = [[part.text if part else None for part in parts] for parts in hi.repeats(1)]
    assert texts == [["BF", "41090", "D8", "20261101"], ["BF", "2630"]]
    last = hi.repeats(1)[1][1]
    assert last is not None
    assert (last.label, last.segment) == ("HI01-2", 5)
    assert PLAIN[last.start : last.end] == b"2630"
    assert hi.components(1) == hi.repeats(1)[0]
    assert hi.text(7) == ""
    assert hi.value(7) is None
    assert hi.span(7) is None
    assert hi.repeats(7) == [[None]]


@pytest.mark.parametrize("width", [0, 37, 80])
def test_every_value_keeps_its_span_in_the_file_be_it_wrapped_or_not(width: int) -> None:
    document = wrapped(PLAIN, width, b"\r\n") if width else PLAIN
    for segment in only(document).segments():
        for place in range(1, len(segment) + 1):
            for value in [segment.value(place), *(part for parts in segment.repeats(place) for part in parts)]:
                if value:
                    assert readable(document[value.start : value.end].replace(b"\r\n", b"")) == value.text


def test_data_are_given_as_bytes_with_their_span() -> None:
    document = file(b"ST*275*1", b"BDS*B64*4*~\x00*~", b"SE*3*1")
    (transaction,) = only(document).transactions()
    (bds,) = transaction.body()
    assert (bds.text(1), bds.text(2), bds.raw(3), bds.text(3)) == ("B64", "4", b"~\x00*~", "")
    span = bds.span(3)
    assert span is not None
    assert document[slice(*span)] == b"~\x00*~"
    assert span[1] == bds.end


def test_nothing_that_was_read_prints_what_it_holds() -> None:
    found = only(PLAIN.replace(b"*A*", b"*ZQXJKV*"))
    shown = f"{found} {list(found.segments())} {list(found.transactions())} {faults(found)}"
    assert "ZQXJKV" not in shown


@given(files())
@settings(max_examples=2 * settings().max_examples)
def test_whatever_can_be_cut_has_a_tree_with_each_segment_once_and_is_written_back(document: bytes) -> None:
    found = read(document)
    assert written(found) == document
    for interchange in found:
        seen = [0, len(interchange.tokens) - 1, *(segment.index for segment in (*interchange.ta1, *interchange.strays))]
        for group in interchange.groups:
            seen += [end.index for end in (group.gs, group.ge) if end is not None]
            seen += [segment.index for segment in group.strays]
            for transaction in group.transactions:
                seen += range(transaction.first, transaction.last + 1)
        assert sorted(seen) == list(range(len(interchange.tokens)))
        faults(interchange)


GS, ST, SE, GE = b"GS*HI*S*R*20261105*0900*1*X*005010X217", b"ST*278*0001", b"SE*2*0001", b"GE*1*1"


@pytest.mark.parametrize(
    ("segments", "told"),
    [
        ([GS, ST, SE, GE], []),
        ([GS, ST, b"SE*2*0002", GE], [("transaction", "3", 4, 2)]),
        ([GS, ST, b"SE*3*0001", GE], [("transaction", "4", 4, 1)]),
        ([GS, ST, b"SE*two*0001", GE], [("transaction", "4", 4, 1)]),
        ([GS, ST, GE], [("transaction", "2", 3, 0)]),
        ([GS, ST, ST, SE, b"GE*2*1"], [("transaction", "2", 3, 0), ("transaction", "23", 4, 2)]),
        ([GS, ST, SE, b"GE*1*2"], [("group", "4", 5, 2)]),
        ([GS, ST, SE, b"GE*1*001"], []),
        ([GS, ST, SE, b"GE*2*1"], [("group", "5", 5, 1)]),
        ([GS, ST, SE], [("group", "3", 2, 0)]),
        ([GS, b"HL*1", ST, SE, b"N3*1", GE], [("group", "6", 3, 0), ("group", "6", 6, 0)]),
        ([GS, SE, GE], [("group", "6", 3, 0), ("group", "5", 4, 1)]),
        ([GS, ST, SE, GE, GS, ST, SE, GE], [("group", "19", 6, 6), ("interchange", "021", 10, 1)]),
        ([b"TA1*1*261105*0900*A*000", GS, ST, SE, GE], []),
        ([b"HL*1", GS, ST, SE, GE, b"GE*1*1"], [("interchange", "022", 2, 0), ("interchange", "022", 7, 0)]),
        ([ST, SE], [("interchange", "024", 2, 0)]),
        ([], [("interchange", "021", 2, 1)]),
    ],
)
def test_what_does_not_fit_is_told_with_its_acknowledgment_code(
    segments: list[bytes], told: list[tuple[str, str, int, int]]
) -> None:
    assert codes(file(*segments)) == told


def test_an_iea_with_another_number_is_told() -> None:
    assert codes(PLAIN.replace(b"IEA*1*000000001", b"IEA*1*1")) == []
    assert codes(PLAIN.replace(b"IEA*1*000000001", b"IEA*1*000000002")) == [("interchange", "001", 8, 2)]


@pytest.mark.parametrize("count", [b"0", b"1"])
def test_a_ta1_that_stands_for_itself_may_be_counted_as_a_group(count: bytes) -> None:
    document = file(b"TA1*000000001*261105*0900*A*000").replace(b"IEA*1", b"IEA*" + count)
    assert codes(document) == []
    assert [segment.tag for segment in only(document).ta1] == ["TA1"]
