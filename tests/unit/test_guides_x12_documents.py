"""The guides of the 275: what they hold, and what pyx12 takes and refuses with them."""

from __future__ import annotations

import pytest

from tests.cases_material import shelf
from tests.unit.guide_documents import DATA, Segments, documents_275, documents_275_bin, interchange
from tests.unit.guide_opinion import codes, faults, outline

REVIEW, BIN = "275_006020X316.xml", "275_005010X210.xml"
SENT = [
    (slot.name, document)
    for slot in shelf()
    if slot.case and slot.channel == "x12_278"
    for document in map(slot.case.document, slot.case.sent.values())
    if b"*006020X316~" in document
]


def review(body: Segments) -> list[str]:
    return faults(interchange("PI", "006020X316", body))


def older(body: Segments, guide: str = "005010X210") -> list[str]:
    return faults(interchange("PI", guide, body))


def changed(body: Segments, segment: str, place: int, value: str) -> Segments:
    """The first segment of this name with another value in one element."""
    at = next(n for n, each in enumerate(body) if each[0] == segment)
    body[at] = [*body[at][:place], value, *body[at][place + 1 :]]
    return body


def without(body: Segments, segment: str) -> Segments:
    at = next(n for n, each in enumerate(body) if each[0] == segment)
    return body[:at] + body[at + 1 :]


def test_the_275_for_a_review_has_three_parties_and_a_document_behind_every_trace() -> None:
    assert outline(REVIEW) == [
        "HEADER BGN R1",
        *("1000A NM1 R1", "1000A PER S2", "1000A REF S15"),
        *("1000B NM1 R1", "1000B PER S2", "1000B REF S15"),
        *("1000C NM1 R1", "1000C REF S15"),
        *("2000A LX R1", "2000A TRN S1", "2000A STC S1", "2000A REF S5", "2000A HI S2", "2000A SVC S1"),
        *("2100A DTP R1", "2100A CAT S1"),
        *("2110A OOI R1", "2110A BDS R1"),
    ]


def test_the_275_for_a_review_says_whether_it_was_asked_for_in_two_places() -> None:
    assert codes(REVIEW, "HEADER/BGN/1") == {"02", "11"}
    assert codes(REVIEW, "DETAIL/2000A/TRN/1") == {"1", "2"}
    assert codes(REVIEW, "DETAIL/2000A/2100A/2110A/BDS/1") == {"ASC", "B64"}


def test_the_older_275_ends_in_a_format_and_a_binary_segment() -> None:
    assert outline(BIN)[-5:] == ["2000A REF S5", "2100 DTP R1", "2100 CAT S1", "2110 EFI R1", "2110 BIN R1"]


@pytest.mark.parametrize(("case", "document"), SENT, ids=[name for name, _ in SENT])
def test_the_275_of_a_case_is_accepted(case: str, document: bytes) -> None:
    text = document.decode("latin-1")
    assert text[84:89] == "00602", "pyx12 opens no interchange of this version, so it is shown the older number"
    assert faults(text[:84] + "00501" + text[89:]) == []


def test_a_case_sends_a_275() -> None:
    assert SENT


def test_a_275_that_uses_everything_is_accepted() -> None:
    assert review(documents_275()) == []


@pytest.mark.parametrize(
    ("segment", "place", "value", "word"),
    [
        ("BGN", 1, "00", "BGN*00"),
        ("BGN", 3, "20261340", "BGN03"),
        ("TRN", 1, "3", "TRN*3"),
        ("TRN", 2, "A" * 81, "TRN02"),
        ("BDS", 1, "ZIP", "BDS*ZIP"),
        ("BDS", 2, "many", "BDS02"),
        ("DTP", 3, "20261131", "DTP03"),
        ("NM1", 1, "77", "NM1*77"),
        ("HI", 1, "ABK:C3411", "HI*ABK:C3411"),
    ],
)
def test_a_275_with_one_wrong_value_is_refused(segment: str, place: int, value: str, word: str) -> None:
    assert word in " ".join(review(changed(documents_275(), segment, place, value)))


@pytest.mark.parametrize("segment", ["BGN", "LX", "OOI", "BDS"])
def test_a_275_without_a_segment_it_needs_is_refused(segment: str) -> None:
    assert review(without(documents_275(), segment))


def test_an_attachment_control_number_may_be_as_long_as_the_278_lets_it_be() -> None:
    assert review(changed(documents_275(), "TRN", 2, "A" * 80)) == []


def test_an_older_275_is_accepted_under_either_number() -> None:
    assert older(documents_275_bin()) == []
    body = changed(documents_275_bin(), "ST", 3, "005010X211")
    assert older(body, "005010X211") == []


def test_an_older_275_may_leave_out_the_guide_and_the_trace() -> None:
    body = without(documents_275_bin(), "TRN")
    body[0] = body[0][:3]
    assert older(body) == []


def test_an_older_275_names_its_parties_in_any_order() -> None:
    body = documents_275_bin()
    assert older([*body[:2], *body[8:12], *body[2:8], *body[12:]]) == []


@pytest.mark.parametrize("segment", ["BGN", "LX", "EFI", "BIN"])
def test_an_older_275_without_a_segment_it_needs_is_refused(segment: str) -> None:
    assert older(without(documents_275_bin(), segment))


def test_an_older_275_without_a_patient_is_refused() -> None:
    body = documents_275_bin()
    assert older(body[:9] + body[12:])


def test_pyx12_cuts_binary_data_at_a_terminator_and_so_is_no_judge_of_it() -> None:
    data = f"{DATA}~obj~{DATA}"
    found = older([*documents_275_bin()[:-1], ["BIN", str(len(data)), data]])
    assert any("obj" in fault for fault in found)
    assert not any("BIN0" in fault for fault in found)
