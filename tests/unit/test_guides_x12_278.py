"""The guides of the 278: their loops, and what pyx12 takes and refuses with them, one guide at a time."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from tests.cases_material import shelf
from tests.unit.guide_documents import Segments, interchange
from tests.unit.guide_opinion import GUIDES, codes, load, outline
from tests.unit.guide_opinion import faults as opinion

REQUEST = "278_request_005010X217.xml"
RESPONSE = "278_response_005010X217.xml"
ROWS = re.findall(r'vriic="(005010X21\d)" fic="HI" tspc="(\w\w)"[^>]*>([^<]+)<', (GUIDES / "maps.xml").read_text())
AT_ODDS = {
    "document_counts_disagree": "SE count",
    "document_indented": "leading space",
    "receive_decision_beside_another_patient": "2000C exceeded",
    "receive_decision_beside_that_of_another": "2000E exceeded",
    "submit_answered_beside_another_case": "2000E exceeded",
    "submit_answered_with_the_member_written_otherwise": "DMG02",
    "submit_certified_at_a_rate_nobody_asked_for": "HSD01",
    "submit_certified_between_begin_and_end_of_a_period": "DTP*193",
    "submit_certified_for_fewer_of_no_unit": "P0304",
    "submit_certified_for_unreadable_days": "DTP03",
    "submit_certified_for_unreadable_units": "SV104",
    "submit_certified_in_a_unit_nobody_knows": "SV103",
    "submit_certified_with_a_date_of_another_kind": "DTP*151",
    "submit_certified_with_an_unreadable_code": "SV101",
    "submit_decided_at_the_members_level": "HCR*A3",
    "submit_denied_behind_a_party": "HCR*A3",
    "submit_denied_in_a_second_event": "2000E exceeded",
    "submit_lines_merged_and_certified_for_less": "SV1 exceeded",
    "submit_nobody_answered_in_time": "AAA04",
    "submit_refused_for_the_member_again": "2000C exceeded",
    "submit_refused_with_unknown_code": "AAA03",
    "submit_unknown_action": "HCR*Z9",
}
"""Cases whose point is what the payer got wrong, and the word of pyx12 for it."""
DOCUMENTS = [
    (f"{slot.name}-{way}", slot.name, slot.case.document(document).decode("latin-1"))
    for slot in shelf()
    if slot.case and slot.channel == "x12_278"
    for way, found in (("sent", list(slot.case.sent.values())), ("received", list(slot.case.received)))
    for document in found
    if isinstance(document, bytes) and b"278" in document and re.search(rb"ST.278.", document)
]


@cache
def folder_of(file: str) -> TemporaryDirectory[str]:
    """A folder for pyx12 in which every group of this guide is of this map: it looks at BHT02 only for old guides."""
    kept = TemporaryDirectory()
    folder = Path(kept.name)
    for name in ("dataele.xml", "codes.xml", "x12.control.00501.xml", file):
        shutil.copy(GUIDES / name, folder)
    guide = file.removesuffix(".xml").rpartition("_")[2]
    row = f'<map vriic={quoteattr(guide)} fic="HI" abbr="278">{file}</map>'
    (folder / "maps.xml").write_text(f'<maps><version icvn="00501">{row}</version></maps>')
    return kept


def faults(text: str) -> list[str]:
    found = re.search(r"ST.278.\w+.(\w+)\s?.\s*BHT.\w{4}.(\w\w)", text)
    assert found
    (file,) = [file for vriic, tspc, file in ROWS if (vriic, tspc) == found.groups()]
    return opinion(text, Path(folder_of(file).name))


def request(**over: list[list[str]]) -> Segments:
    """A plain request; ``over`` has what stands in the place of a segment, by its first two parts (``NM1_X3``)."""
    plain = [
        ["ST", "278", "0001", "005010X217"],
        ["BHT", "0007", "13", "SUB0001", "20261121", "1004"],
        ["HL", "1", "", "20", "1"],
        ["NM1", "X3", "2", "SAMPLE PLAN", "", "", "", "", "PI", "EVERGREEN"],
        ["HL", "2", "1", "21", "1"],
        ["NM1", "1P", "1", "SAMPLETON", "ORLA", "", "", "", "XX", "1234567893"],
        ["HL", "3", "2", "22", "1"],
        ["NM1", "IL", "1", "TESTPERSON", "ADA", "", "", "", "MI", "SIMCASE01"],
        ["HL", "4", "3", "EV", "1"],
        ["TRN", "1", "TRACE0001", "1999999999"],
        ["UM", "HS", "I", "1", "11:B"],
        ["HI", "ABK:C3411"],
        ["HL", "5", "4", "SS", "0"],
        ["DTP", "472", "D8", "20261201"],
        ["SV1", "HC:J9271", "", "UN", "200"],
    ]
    out: Segments = []
    for segment in plain:
        out += over.get("_".join(segment[:2]).replace(":", ""), [segment])
    return out


def judged(**over: list[list[str]]) -> list[str]:
    return faults(interchange("HI", "005010X217", request(**over)))


def levels(file: str) -> list[str]:
    """The loops, each under its parent, with usage and repeat."""
    found = load(file).loop_segment_iterator()
    loops = [node for node in found if node.is_loop() and re.fullmatch(r"20\d0\w+", node.id)]
    return [f"{node.parent.id} > {node.id} {node.usage}{node.repeat}" for node in loops]


def test_the_request_nests_its_levels() -> None:
    assert levels(REQUEST) == [
        "DETAIL > 2000A R1",
        "2000A > 2010A R1",
        "2000A > 2000B R1",
        "2000B > 2010B R1",
        "2000B > 2000C R1",
        "2000C > 2010C R1",
        "2000C > 2000D S1",
        "2000D > 2010D R1",
        "2000C > 2000E R1",
        *("2000E > 2010EA S14", "2000E > 2010EB S5", "2000E > 2010EC S3"),
        "2000E > 2000F S>1",
        "2000F > 2010F S10",
    ]


def test_the_response_may_end_where_it_refuses_and_says_whom_to_send_documents_to() -> None:
    found = levels(RESPONSE)
    assert {"2000A > 2000B S1", "2000B > 2000C S1", "2000C > 2000E S1", "2000A > 2010A S1"} <= set(found)
    assert {"2000E > 2010EB S>1", "2000E > 2010EC S5", "2000F > 2010FA S10", "2000F > 2010FB S>1"} <= set(found)
    assert "2000B > 2010B R2" in found


def test_the_event_of_a_request_holds_its_segments_in_order() -> None:
    event = [line.removeprefix("2000E ") for line in outline(REQUEST) if line.startswith("2000E ")]
    assert event == [
        *("HL R1", "TRN S2", "UM R1", "REF S1", "REF S1"),
        *["DTP S1"] * 7,
        *("HI S1", "HSD S1"),
        *["CRC S1"] * 7,
        *("CL1 S1", "CR1 S1", "CR2 S1", "CR5 S1", "CR6 S1", "PWK S10", "MSG S1"),
    ]


def test_only_the_response_decides_and_refuses() -> None:
    refusing = [line.split()[0] for line in outline(RESPONSE) if " AAA S9" in line]
    assert refusing == [
        *("2000A", "2010A", "2010B", "2010C", "2010D", "2000E", "2010EA", "2010EC", "2000F", "2010FA"),
    ]
    assert not [line for line in outline(REQUEST) if " AAA " in line or " HCR " in line]
    assert not [line for line in outline(RESPONSE) if " CRC " in line]


def test_a_partial_grant_is_a_word_for_events_only() -> None:
    root = "DETAIL/2000A/2000B/2000C/2000E"
    assert codes(RESPONSE, f"{root}/HCR/1") - codes(RESPONSE, f"{root}/2000F/HCR/1") == {"A2"}


@pytest.mark.parametrize(("case", "text"), [found[1:] for found in DOCUMENTS], ids=[found[0] for found in DOCUMENTS])
def test_a_document_of_a_case_is_judged_as_the_case_means_it(case: str, text: str) -> None:
    found = faults(text)
    assert bool(found) == (case in AT_ODDS)
    assert AT_ODDS.get(case, "") in " ".join(found)


def test_the_cases_hold_every_kind_of_278_we_write_and_hear() -> None:
    kinds = {match[1] for _, _, text in DOCUMENTS for match in re.finditer(r"BHT.0007.(\w\w)", text)}
    assert kinds >= {"11", "13", "49"}


def test_a_plain_request_is_accepted() -> None:
    assert judged() == []


def test_a_dependent_is_accepted_between_subscriber_and_event() -> None:
    dependent = [
        ["HL", "4", "3", "23", "1"],
        ["NM1", "QC", "1", "TESTPERSON", "BO"],
        ["DMG", "D8", "20150722", "M"],
        ["INS", "N", "19"],
        ["HL", "5", "4", "EV", "1"],
    ]
    assert judged(HL_4=dependent, HL_5=[["HL", "6", "5", "SS", "0"]]) == []


def test_an_event_with_everything_it_can_hold_is_accepted() -> None:
    full = [
        ["HI", *(f"{'ABK' if n == 1 else 'ABF'}:C341{n % 10}" for n in range(1, 13))],
        ["HSD", "VS", "6", "WK", "3", "35", "18"],
        ["CRC", "07", "Y", "09"],
        ["CRC", "77", "N", "01"],
        ["CL1", "1", "2"],
        ["CR1", "LB", "155", "T", "C", "DH", "12", "", "", "ROUND TRIP"],
        ["CR2", "1", "10", "", "", "", "", "", "A", "Y"],
        ["CR5", "", "", "D", "", "", "2", *[""] * 10, "A"],
        ["CR6", "1", "20261201", "RD8", "20261201-20270131", "", "", "Y", "I"],
        ["PWK", "77", "EL", "", "", "AC", "DOC0001", "LETTER"],
        ["MSG", "SYNTHETIC"],
        ["NM1", "SJ", "2", "SAMPLE CLINIC", "", "", "", "", "XX", "1234567893"],
        ["REF", "0B", "12345", "OH"],
        ["N3", "1 SAMPLE STREET"],
        ["N4", "SAMPLETOWN", "OH", "43017"],
        ["PER", "IC", "DESK", "TE", "5550100199", "EX", "12"],
        ["PRV", "PE", "PXC", "207RX0202X"],
        ["NM1", "45", "2", "SAMPLE DROP OFF"],
        ["NM1", "CA", "2", "ANOTHER REVIEWER"],
        ["REF", "ZZ", "REASON"],
        ["DTP", "598", "D8", "20261101"],
    ]
    assert judged(HI_ABKC3411=full) == []


def test_dental_and_facility_services_are_accepted() -> None:
    facility = [["SV2", "0300", "HC:97110:GP", "73.42", "DA", "2"]]
    dental = [["SV3", "AD:D2750", "900", "", "10:20", "", "1"], ["TOO", "JP", "12", "M:O"]]
    assert judged(SV1_HCJ9271=facility) == []
    assert judged(SV1_HCJ9271=dental) == []


@pytest.mark.parametrize(
    ("over", "word"),
    [
        ({"NM1_X3": []}, "2010A"),
        ({"NM1_X3": [["NM1", "PR", "2", "SAMPLE PLAN", "", "", "", "", "PI", "EVERGREEN"]]}, "NM1*PR"),
        ({"UM_HS": []}, "UM"),
        ({"UM_HS": [["UM", "HS", "", "1"]]}, "UM02"),
        ({"UM_HS": [["UM", "HS", "7", "1"]]}, "UM02"),
        ({"UM_HS": [["UM", "HS", "I", "1", "11:C"]]}, "UM04"),
        ({"TRN_1": [["TRN", "1", "TRACE0001", "199999999"]]}, "TRN03"),
        ({"TRN_1": [["TRN", "1", f"TRACE{n}", "1999999999"] for n in range(3)]}, "TRN exceeded"),
        ({"HI_ABKC3411": [["HI", "ABF:C3411", "ABK:C7801"]]}, "HI02-01"),
        ({"HI_ABKC3411": [["HI", *["ABF:C3411"] * 13]]}, "Too many elements"),
        ({"DTP_472": [["DTP", "472", "RD8", "20261201-20261341"]]}, "DTP03"),
        ({"DTP_472": [["DTP", "435", "D8", "20261201"]]}, "DTP*435"),
        ({"SV1_HCJ9271": [["SV1", "HC:J9271", "", "UN"]]}, "P0304"),
        ({"SV1_HCJ9271": [["SV1", "HC:J9271", "", "XX", "200"]]}, "SV103"),
        ({"HL_5": [["HCR", "A1"], ["HL", "5", "4", "SS", "0"]]}, "HCR"),
        ({"NM1_IL": [["NM1", "IL", "1", "TESTPERSON", "ADA"]]}, "NM108"),
        ({"BHT_0007": [["BHT", "0007", "13", "SUB0001", "20261131", "1004"]]}, "BHT04"),
        ({"BHT_0007": [["BHT", "0007", "13", "SUB0001", "20261121", "1004", "18"]]}, "BHT06"),
    ],
)
def test_a_request_at_odds_with_the_guide_is_refused_at_its_place(over: dict[str, Any], word: str) -> None:
    assert word in " ".join(judged(**over))


def test_the_notice_of_an_admission_and_its_acknowledgment_are_accepted() -> None:
    patient = [["HL", "3", "2", "22", "1"], ["NM1", "IL", "1", "TESTPERSON", "ADA", "", "", "", "MI", "SIMCASE01"]]
    hospital, plan = ["NM1", "FA", "2", "SAMPLE HOSPITAL"], ["NM1", "X3", "2", "SAMPLE PLAN"]
    event = [["HL", "4", "3", "EV", "0"], ["TRN", "1", "TRACE0001", "1999999999"]]

    def document(purpose: str, first: list[str], second: list[str], rest: Segments) -> str:
        head = [["ST", "278", "0001", "005010X216"], ["BHT", "0007", purpose, "SUB0001", "20261121", "1004"]]
        upper = [["HL", "1", "", "20", "1"], first, ["HL", "2", "1", "21", "1"], second]
        return interchange("HI", "005010X216", [*head, *upper, *patient, *event, *rest])

    notice = [["UM", "AR", "", "2", "21:B"], ["REF", "BB", "AUTH0001"], ["DTP", "435", "D8", "20261120"], ["CL1", "2"]]
    assert faults(document("14", hospital, plan, notice)) == []
    assert faults(document("11", plan, hospital, [["AAA", "N", "", "AM", "C"]])) == []


@pytest.mark.parametrize(("most", "segment"), [(14, "SJ"), (5, "45")])
def test_parties_of_an_event_are_counted(most: int, segment: str) -> None:
    def parties(count: int) -> list[list[str]]:
        return [["HI", "ABK:C3411"], *(["NM1", segment, "2", f"SAMPLE {n}"] for n in range(count))]

    assert judged(HI_ABKC3411=parties(most)) == []
    assert "exceeded" in " ".join(judged(HI_ABKC3411=parties(most + 1)))
