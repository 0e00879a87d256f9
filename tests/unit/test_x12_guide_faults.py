"""Each kind of fault in a transaction once: its code, its place, its level; and that one fault is told once."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278.guides.faults import Verdict
from tests.unit.guide_documents import Segments, documents_275, interchange
from tests.unit.test_guides_x12_278 import request
from tests.unit.x12_checker import checked, guides, judged, response, told

LONG = "X" * 61
UM, HI = ["UM", "HS", "I", "1", "11:B"], ["HI", "ABK:C3411"]


def one(**over: list[list[str]]) -> tuple[str, str, str, int]:
    """The one fault that a request with these changes has."""
    found = told(judged(request(**over)))
    assert len(found) == 1, found
    return found[0]


def test_a_plain_request_and_a_plain_response_have_no_fault() -> None:
    for body in (request(), response()):
        report = judged(body)
        assert report.ok
        assert report.faults == ()
        assert report.interchanges[0].verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("over", "code", "at", "level"),
    [
        ({"UM_HS": [["UM", "HS", "", "1"]]}, "1", "2000E/UM02", 2),
        ({"UM_HS": [["UM", "HS", "I", "1", ":B"]]}, "1", "2000E/UM04-1", 2),
        ({"SV1_HCJ9271": [["SV1", "HC:J9271", "", "UN"]]}, "2", "2000F/SV103", 1),
        ({"HI_ABKC3411": [["HI", "ABK:C3411:D8"]]}, "2", "2000E/HI01-3", 1),
        ({"HI_ABKC3411": [["HI", "ABK:C3411", *["ABF:C3411"] * 12]]}, "3", "2000E/HI13", 1),
        ({"UM_HS": [["UM", "HS", "I", "1", ""]]}, "3", "2000E/UM04", 1),
        ({"TRN_1": [["TRN", "1", "TRACE0001", "19999"]]}, "4", "2000E/TRN03", 1),
        ({"NM1_X3": [["NM1", "X3", "2", LONG, "", "", "", "", "PI", "EVERGREEN"]]}, "5", "2010A/NM103", 1),
        ({"NM1_X3": [["NM1", "X3", "2", "PL\tAN", "", "", "", "", "PI", "EVERGREEN"]]}, "6", "2010A/NM103", 1),
        ({"NM1_X3": [["NM1", "X3", "2", "PLÄN", "", "", "", "", "PI", "EVERGREEN"]]}, "6", "2010A/NM103", 1),
        ({"NM1_X3": [["NM1", "X3", "2", "PLAN ", "", "", "", "", "PI", "EVERGREEN"]]}, "6", "2010A/NM103", 1),
        ({"SV1_HCJ9271": [["SV1", "HC:J9271", "", "UN", "2E3"]]}, "6", "2000F/SV104", 1),
        ({"UM_HS": [["UM", "HS", "7", "1"]]}, "7", "2000E/UM02", 2),
        ({"UM_HS": [["UM", "HS", "I", "1", "11:C"]]}, "7", "2000E/UM04-2", 2),
        ({"HI_ABKC3411": [["HI", "ABF:C3411", "ABK:C7801"]]}, "I6", "2000E/HI02-1", 2),
        ({"DTP_472": [["DTP", "472", "D8", "20260229"]]}, "8", "2000F/DTP03", 1),
        ({"DTP_472": [["DTP", "472", "RD8", "20261201-20261341"]]}, "8", "2000F/DTP03", 1),
        ({"HI_ABKC3411": [["HI", "ABK:C3411:D8:20260230"]]}, "8", "2000E/HI01-4", 1),
        ({"BHT_0007": [["BHT", "0007", "13", "SUB1", "20261131", "1004"]]}, "8", "HEADER/BHT04", 1),
        ({"BHT_0007": [["BHT", "0007", "13", "SUB1", "20261121", "2460"]]}, "9", "HEADER/BHT05", 1),
        ({"NM1_X3": [["NM1", "X3", "2", "A^B", "", "", "", "", "PI", "EVERGREEN"]]}, "12", "2010A/NM103", 1),
        ({"UM_HS": [["UM", "HS", "I", "1", "11:B::2"]]}, "13", "2000E/UM04-4", 1),
        ({"NM1_X3": [["NM1", "X3", "2", "A:B", "", "", "", "", "PI", "EVERGREEN"]]}, "13", "2010A/NM103", 1),
        ({"NM1_X3": [["NM1", "X3", "2", "A", "", "", "MR", "", "PI", "EVERGREEN"]]}, "I10", "2010A/NM106", 2),
        ({"HL_1": [["HL", "1", "1", "20", "1"]]}, "I10", "2000A/HL02", 2),
        ({"HL_5": [["HL", "6", "4", "SS", "0"]]}, "I12", "2000F/HL01", 1),
        ({"HL_5": [["HL", "5", "3", "SS", "0"]]}, "I12", "2000F/HL02", 1),
    ],
)
def test_a_fault_of_an_element(over: dict[str, Any], code: str, at: str, level: int) -> None:
    assert one(**over) == ("IK403", code, at, level)


def test_a_segment_that_holds_nothing_is_a_fault_where_nothing_in_it_is_required() -> None:
    body = documents_275()
    body[body.index(["CAT", "LR", "TX"])] = ["CAT"]
    (fault,) = judged(body, "PI", "006020X316", ruled=False).faults
    assert (fault.kind, fault.code, fault.element, fault.refuses) == ("IK403", "1", 1, True)
    assert "CAT holds nothing" in fault.says


def test_a_state_nobody_knows_is_of_a_list_from_outside() -> None:
    address = [["REF", "EI", "123456789"], ["N4", "SAMPLETOWN", "QQ", "43017"]]
    requester = ["NM1", "1P", "1", "SAMPLETON", "ORLA", "", "", "", "XX", "1234567893"]
    assert one(NM1_1P=[requester, *address]) == ("IK403", "7", "2010B/N402", 5)


def test_more_than_one_of_what_excludes_each_other() -> None:
    requester = ["NM1", "1P", "1", "SAMPLETON", "ORLA", "", "", "", "XX", "1234567893"]
    address = ["N4", "SAMPLETOWN", "OH", "43017", "US", "", "", "ABC"]
    found = told(judged(request(NM1_1P=[requester, address])))
    assert ("IK403", "10", "2010B/N402", 1) in found


@pytest.mark.parametrize(
    ("over", "code", "at", "level"),
    [
        ({"UM_HS": [["QQQ", "1"], UM]}, "1", "2000E/QQQ", 1),
        ({"HL_5": [["LX", "1"], ["HL", "5", "4", "SS", "0"]]}, "1", "2000E/LX", 1),
        ({"UM_HS": [UM, ["TOO", "JP", "12"]]}, "2", "2000E/TOO", 2),
        ({"DTP_472": [["DTP", "598", "D8", "20261201"]]}, "2", "2000F/DTP", 2),
        ({"DTP_472": [["DTP", "435", "D8", "20261201"]]}, "7", "2000E/DTP[435]", 2),
        ({"UM_HS": []}, "3", "2000E/UM", 2),
        ({"NM1_X3": []}, "3", "2010A/NM1", 2),
        ({"UM_HS": [HI], "HI_ABKC3411": [UM]}, "7", "2000E/UM", 2),
        ({"HI_ABKC3411": [["NM1", "45", "2", "SAMPLE"]] * 6}, "4", "2010EB/NM1", 2),
        ({"TRN_1": [["TRN", "1", "TRACE0001", "1999999999"]] * 3}, "5", "2000E/TRN", 2),
    ],
)
def test_a_fault_of_a_segment(over: dict[str, Any], code: str, at: str, level: int) -> None:
    assert one(**over) == ("IK304", code, at, level)


def test_what_is_missing_is_told_where_it_should_have_stood() -> None:
    report = judged(request(UM_HS=[]))
    (fault,) = report.faults
    assert (fault.tag, fault.segment, fault.ordinal, fault.pos) == ("UM", 13, 11, 400)
    assert fault.guide == "278_request_005010X217"


def test_a_fault_names_its_byte_its_component_and_its_data_element() -> None:
    text = interchange("HI", "005010X217", request(UM_HS=[["UM", "HS", "I", "1", "11:C"]]))
    (fault,) = checked(text).faults
    assert text[fault.offset] == "C"
    assert (fault.element, fault.component, fault.number, fault.tag) == (4, 2, "1332", "UM")


def test_a_fault_in_a_repetition_says_in_which() -> None:
    (fault,) = judged(response(HCR_A3=[["HCR", "A3", "", f"0F^{'X' * 31}"]])).faults
    assert (fault.at, fault.code, fault.repetition) == ("2000F/HCR03", "5", 2)


def test_every_fault_of_a_transaction_is_told_in_order() -> None:
    body = request(
        UM_HS=[["UM", "HS", "7", "1"]], HI_ABKC3411=[["HI", "ABX:C3411"]], DTP_472=[["DTP", "472", "D8", "X"]]
    )
    assert [(code, at) for _, code, at, _ in told(judged(body))] == [
        ("7", "2000E/UM02"),
        ("7", "2000E/HI01-1"),
        ("8", "2000F/DTP03"),
    ]


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"NM1_X3": [["NM1", "PR", "2", "PLAN", "", "", "", "", "PI", "EVERGREEN"]]}, ("7", "2010A/NM101")),
        ({"NM1_IL": [["NM1", "1P", "1", "PERSON", "ADA", "", "", "", "MI", "SIMCASE01"]]}, ("I6", "2010C/NM101")),
        ({"HL_3": [["HL", "3", "2", "ZZ", "1"]]}, ("7", "2000C/HL03")),
        ({"HL_5": [["HL", "5", "4", "ZZ", "0"]]}, ("7", "2000F/HL03")),
        ({"TRN_1": [["TRN", "1", "T", "1999999999"], ["HCR", "A1"]]}, ("1", "2000E/HCR")),
    ],
)
def test_a_wrong_code_does_not_put_what_follows_out_of_place(over: dict[str, Any], expected: tuple[str, str]) -> None:
    (found,) = told(judged(request(**over)))
    assert found[1:3] == expected


def test_a_level_that_is_left_out_does_not_put_the_next_out_of_place() -> None:
    body = [segment for segment in request() if segment[:4] != ["HL", "3", "2", "22"] and segment[:2] != ["NM1", "IL"]]
    found = told(judged(body))
    assert ("IK304", "3", "2000C/HL", 2) in found
    assert not [each for each in found if each[:2] == ("IK304", "2")]


def test_no_fault_repeats_a_value() -> None:
    secret = "SECRETPERSON"
    body = request(NM1_IL=[["NM1", "IL", secret, secret * 10, "", "", secret, "", "MI", secret * 9]])
    report = judged(body)
    assert len(report.faults) > 3
    assert secret not in repr(report)


def test_every_sentence_says_how_to_mend_it() -> None:
    body: Segments = request(
        UM_HS=[["UM", "HS", "7", "1", "11:C"]], TRN_1=[["TRN", "9", "", "1"]], HI_ABKC3411=[["ZZZ"]]
    )
    for fault in judged(body).faults:
        assert fault.says.endswith(".")
        assert fault.says.count(". ") >= 1


def test_faults_of_unsure_facts_carry_the_mark() -> None:
    (fault,) = judged(request(NM1_X3=[["NM1", "X3", "2", "A", "", "", "MR", "", "PI", "EVERGREEN"]])).faults
    assert fault.sure == "inferred"
    assert fault.refuses


def test_a_transaction_without_a_known_guide_is_never_accepted() -> None:
    report = judged(request(), guide="005010X999")
    assert not report.ok
    assert ("AK905", "2", "GS08", 1) in told(report)
    assert report.interchanges[0].groups[0].verdict is Verdict.REJECTED


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (request(BHT_0007=[["BHT", "0007", "77", "S", "20261121", "1004"]]), ("IK403", "7", "BHT02", 2)),
        (request(BHT_0007=[]), ("IK304", "3", "BHT00", 2)),
    ],
)
def test_a_278_of_no_known_direction_is_never_accepted(body: Segments, expected: tuple[str, str, str, int]) -> None:
    report = judged(body)
    assert not report.ok
    assert expected in told(report)


def test_a_deviant_gs08_is_a_fault_of_the_group_and_st03_still_finds_the_guide() -> None:
    report = judged(request(UM_HS=[["UM", "HS", "7", "1"]]), guide="005010X217E9")
    assert [(kind, code) for kind, code, _, _ in told(report)] == [("AK905", "2"), ("IK403", "7")]


def test_an_end_of_the_transaction_that_does_not_fit_is_told() -> None:
    text = interchange("HI", "005010X217", request())
    assert told(checked(text.replace("SE*16*0001", "SE*17*0001"))) == [("IK502", "4", "SE01", 1)]
    assert told(checked(text.replace("SE*16*0001", "SE*16*0002"))) == [("IK502", "3", "SE02", 1)]
    assert told(checked(text.replace("SE*16*0001~\n", ""))) == [("IK502", "2", "SE00", 1)]


def test_a_control_number_used_twice_in_a_group_is_told() -> None:
    text = interchange("HI", "005010X217", request())
    start, end = text.index("ST*"), text.index("GE*")
    twice = text[:end] + text[start:end] + text[end:].replace("GE*1*", "GE*2*")
    assert told(checked(twice)) == [("IK502", "23", "ST00", 1)]


def test_only_so_many_faults_are_told_of_one_document() -> None:
    body = [*request(), *[["ZZZ", "1"]] * 5000]
    report = judged(body)
    assert 900 < len(report.faults) < 1100
    assert guides() is guides()


@pytest.mark.parametrize("stray", ["TESTPERSON ADA", "qq", ""])
def test_where_no_segment_id_stands_nothing_more_is_read_and_nothing_of_it_is_told(stray: str) -> None:
    report = judged(request(UM_HS=[[stray], UM]))
    assert told(report) == [("IK502", "2", "SE00", 1), ("TA105", "022", "00", 1)]
    assert {fault.segment for fault in report.faults if fault.kind == "TA105"} == {13}
    assert stray in ("", "qq") or stray not in repr(report)


@pytest.mark.parametrize(
    "over",
    [
        {"HL_4": [["HL", "4", "3", "EV", "0"]]},
        {"HL_5": [], "DTP_472": [], "SV1_HCJ9271": []},
    ],
)
def test_a_level_that_says_wrongly_whether_another_follows_is_warned_of(over: dict[str, Any]) -> None:
    report = judged(request(**over))
    assert told(report) == [("IK403", "7", "2000E/HL04", 4)]
    assert report.ok
    assert report.interchanges[0].verdict is Verdict.WARNED
