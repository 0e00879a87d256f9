"""The simulated payers hold a 278 to its guide and answer with a 999 that names the place."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from pyx12.x12file import X12Reader

from conformance.simulators.shapes import is_npi
from gateway.model.codes import luhn_valid
from tests.unit.simulator_messages import (
    Caller,
    Change,
    Segments,
    Wrapper,
    after,
    calling,
    drop,
    envelope,
    find,
    inquiry_278,
    put,
    request_278,
    swap,
)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


CASES: dict[str, tuple[Change, str]] = {
    "no BHT": (drop("BHT"), "BHT//3"),
    "BHT02 of a response": (put("BHT", 2, "11"), "BHT//8 2=I6"),
    "BHT03 missing": (put("BHT", 3, ""), "BHT//8 3=1"),
    "BHT03 of 51": (put("BHT", 3, "R" * 51), "BHT//8 3=5"),
    "BHT04 of six digits": (put("BHT", 4, "260302"), "BHT//8 4=8"),
    "BHT05 no time": (put("BHT", 5, "2530"), "BHT//8 5=9"),
    "BHT06 of a response": (put("BHT", 6, "18"), "BHT//8 6=I6"),
    "no UMO name": (drop("NM1"), "NM1/2010A/3"),
    "UMO with the wrong entity": (put("NM1", 1, "PR"), "NM1/2000A/8 1=I6"),
    "requester id with an unknown qualifier": (put("NM1", 8, "ZZ", 2), "NM1/2010B/8 8=I6"),
    "NPI with a wrong check digit": (put("NM1", 9, "1234567890", 2), "NM1/2010B/8 9=I12"),
    "NPI of nine digits": (put("NM1", 9, "123456789", 2), "NM1/2010B/8 9=I12"),
    "rendering NPI with a wrong check digit": (put("NM1", 9, "1234567890", 4), "NM1/2010EA/8 9=I12"),
    "PER with a number and no qualifier": (put("PER", 3, ""), "PER/2010B/8 3=2"),
    "PER of an unknown kind": (put("PER", 3, "HP"), "PER/2010B/8 3=I6"),
    "a state that is none": (after("NM1", "N4", "TESTVILLE", "ZZ", "19087", nth=2), "N4/2010B/8 2=7"),
    "a state in small letters": (after("NM1", "N4", "TESTVILLE", "pa", "19087", nth=3), "N4/2010C/8 2=7"),
    "a taxonomy code of another shape": (after("PER", "PRV", "CO", "PXC", "207RX"), "PRV/2010B/8 3=I12"),
    "a taxonomy code with another end": (after("NM1", "PRV", "PE", "PXC", "207RX02020", nth=4), "PRV/2010EA/8 3=I12"),
    "subscriber without member id": (put("NM1", 9, "", 3), "NM1/2010C/8 9=1"),
    "subscriber name of 61": (put("NM1", 3, "T" * 61, 3), "NM1/2010C/8 3=5"),
    "a letter outside ASCII": (put("NM1", 3, "SAMPLETÓN", 3), "NM1/2010C/8 3=6"),
    "a repeated name": (put("NM1", 3, "TEST^PERSON", 3), "NM1/2010C/8 3=12"),
    "a composite where none belongs": (put("NM1", 3, "TEST:PERSON", 3), "NM1/2010C/8 3=13"),
    "birth date that does not exist": (put("DMG", 2, "19700230"), "DMG/2010C/8 2=8"),
    "birth date with hyphens": (put("DMG", 2, "1970-01-02"), "DMG/2010C/8 2=8"),
    "gender in words": (put("DMG", 3, "FEMALE"), "DMG/2010C/8 3=I6"),
    "INS without employment status": (after("DMG", "INS", "Y", "18"), "INS/2010C/8 8=1"),
    "TRN03 of nine": (put("TRN", 3, "912345678"), "TRN/2000E/8 3=4"),
    "TRN03 of eleven": (put("TRN", 3, "91234567890"), "TRN/2000E/8 3=5"),
    "TRN01 of an answer": (put("TRN", 1, "2"), "TRN/2000E/8 1=I6"),
    "three TRN": (lambda s: (after("TRN", *s[11])(s), after("TRN", *s[11])(s)), "TRN/2000E/5"),
    "no UM": (drop("UM"), "UM/2000E/3"),
    "UM01 unknown": (put("UM", 1, "XX"), "UM/2000E/8 1=I6"),
    "UM02 missing": (put("UM", 2, ""), "UM/2000E/8 2=1"),
    "UM04 without qualifier": (put("UM", 4, "11"), "UM/2000E/8 4:2=1"),
    "UM04 with an unknown qualifier": (put("UM", 4, "11:C"), "UM/2000E/8 4:2=I6"),
    "UM04 of one digit": (put("UM", 4, "4:B"), "UM/2000E/8 4:1=4"),
    "UM04 of three digits": (put("UM", 4, "111:B"), "UM/2000E/8 4:1=5"),
    "UM04 in letters": (put("UM", 4, "OF:B"), "UM/2000E/8 4:1=6"),
    "UM04 of one digit in a service": (after("TRN", "UM", "HS", "I", "", "4:B", nth=2), "UM/2000F/8 4:1=4"),
    "UM04 with three parts": (put("UM", 4, "11:B:1"), "UM/2000E/8 4=13"),
    "UM06 routine": (put("UM", 6, "R"), "UM/2000E/8 6=I6"),
    "UM with an element left empty at its end": (put("UM", 10, ""), "UM/2000E/8 10=3"),
    "UM with two elements left empty at its end": (lambda s: find(s, "UM").extend(["", ""]), "UM/2000E/8 10=3"),
    "UM with elements left empty past its last": (put("UM", 12, ""), "UM/2000E/8 10=3"),
    "UM with an eleventh element": (put("UM", 11, "1"), "UM/2000E/8 11=3"),
    "event REF of another kind": (after("UM", "REF", "G1", "X1"), "REF/2000E/8 1=I6"),
    "REF before UM": (after("TRN", "REF", "BB", "X1"), "UM/2000E/7"),
    "AAH with an unknown form": (after("UM", "DTP", "AAH", "DT", "20260310"), "DTP/2000E/8 2=I6 3=8"),
    "a range said to be a date": (after("UM", "DTP", "AAH", "D8", "20260310-20260311"), "DTP/2000E/8 3=8"),
    "a date said to be a range": (after("UM", "DTP", "AAH", "RD8", "20260310"), "DTP/2000E/8 3=8"),
    "a service date on the event": (after("UM", "DTP", "472", "D8", "20260310"), "DTP/2000E/8 1=I6"),
    "thirteen diagnoses": (lambda s: find(s, "HI").extend(["ABF:Z5111"] * 11), "HI/2000E/8 13=3"),
    "a second principal diagnosis": (put("HI", 2, "ABK:Z5111"), "HI/2000E/8 2:1=I6"),
    "an ICD-10 code said to be of ICD-9": (put("HI", 1, "BK:C3411"), "HI/2000E/8 1:1=I6"),
    "a second ICD-10 code said to be of ICD-9": (put("HI", 2, "BF:Z5111"), "HI/2000E/8 2:1=I6"),
    "a LOINC in a request": (put("HI", 2, "LOI:11506-3"), "HI/2000E/8 2:1=I6"),
    "a diagnosis date without its form": (put("HI", 1, "ABK:C3411::20260101"), "HI/2000E/8 1:3=2"),
    "two HI": (after("HI", "HI", "ABK:C3411"), "HI/2000E/5"),
    "PWK without its control number": (after("HI", "PWK", "09", "EL", "", "", "AC"), "PWK/2000E/8 6=2"),
    "PWK by pigeon": (after("HI", "PWK", "09", "PI"), "PWK/2000E/8 2=I6"),
    "MSG of 265": (after("HI", "MSG", "M" * 265), "MSG/2000E/8 1=5"),
    "HCR in a request": (after("UM", "HCR", "A1"), "HCR/2000E/2"),
    "a segment nobody knows": (after("UM", "ZZZ", "1"), "ZZZ/2000E/1"),
    "UM after the provider": (lambda s: (drop("UM")(s), after("NM1", "UM", "HS", "I", nth=4)(s)), "UM/2010EA/7"),
    "HI before UM": (swap("UM", "HI"), "UM/2000E/7"),
    "event provider of an unknown role": (put("NM1", 1, "ZZ", 4), "NM1/2000E/8 1=I6"),
    "HL01 skips": (put("HL", 1, "6", 5), "HL/2000F/8 1=7"),
    "HL02 points at nothing": (put("HL", 2, "9", 5), "HL/2000F/8 2=7"),
    "HL02 points at the wrong level": (put("HL", 2, "2", 4), "HL/2000E/8 2=7"),
    "HL03 of another set": (put("HL", 3, "19", 2), "HL//8 3=I6"),
    "HL04 denies its child": (put("HL", 4, "0", 4), "HL/2000E/8 4=7"),
    "HL04 claims a child": (put("HL", 4, "1", 5), "HL/2000F/8 4=I6"),
    "no requester level": (lambda s: s.__delitem__(slice(4, 7)), "HL/2000B/3"),
    "two events": (after("SV1", "HL", "6", "3", "EV", "0"), "HL/2000E/4"),
    "SV1 without its composite": (put("SV1", 1, ""), "SV1/2000F/8 1=1"),
    "SV1 without a qualifier": (put("SV1", 1, ":J9271"), "SV1/2000F/8 1:1=1"),
    "SV1 with a qualifier of no list": (put("SV1", 1, "QQ:J9271"), "SV1/2000F/8 1:1=I6"),
    "SV1 with a dental qualifier": (put("SV1", 1, "AD:D0120"), "SV1/2000F/8 1:1=I6"),
    "SV1 with a component left empty at its end": (put("SV1", 1, "HC:J9271:"), "SV1/2000F/8 1=13"),
    "SV1 with a unit and no quantity": (put("SV1", 4, ""), "SV1/2000F/8 4=2"),
    "SV1 with a quantity in words": (put("SV1", 4, "TWO"), "SV1/2000F/8 4=6"),
    "SV1 in grams": (put("SV1", 3, "GR"), "SV1/2000F/8 3=I6"),
    "SV1 with a not-used element": (put("SV1", 5, "11"), "SV1/2000F/8 5=I10"),
    "SV1 before its date": (swap("DTP", "SV1"), "DTP/2000F/7"),
    "two SV1": (after("SV1", "SV1", "HC:J9271", "", "UN", "1"), "SV1/2000F/5"),
    "HSD with a unit and no quantity": (after("SV1", "HSD", "VS"), "HSD/2000F/8 2=2"),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_fault_of_the_guide_gets_a_999_that_names_it(caller: Caller, name: str) -> None:
    change, expected = CASES[name]
    segments = request_278()
    change(segments)
    answer = await caller.send(segments)
    assert answer.field("PayloadType") == "X12_999_Response_005010X231A1"
    assert f" {expected} " in f" {answer.faults} "
    assert answer.first("IK5")[1:] == ["R", "5"]
    assert answer.first("AK9")[1:] == ["R", "1", "1", "0"]
    assert answer.first("AK2")[1:] == ["278", "0001", "005010X217"]
    assert await caller.filed() == []


async def test_the_999_counts_positions_from_st_and_repeats_only_codes(caller: Caller) -> None:
    segments = request_278()
    segments[8][3] = "T" * 61
    segments[12][1] = "XX"
    answer = await caller.send(segments)
    assert [(s[1], s[2]) for s in answer.all("IK3")] == [("NM1", "9"), ("UM", "13")]
    assert answer.all("IK4") == [["IK4", "3", "", "5"], ["IK4", "1", "", "I6", "XX"]]


SETS: dict[str, tuple[Change, Wrapper, list[str], list[str]]] = {
    "SE01 wrong": (lambda s: None, Wrapper(count="99"), ["R", "4"], []),
    "ST03 of the inquiry": (put("ST", 3, "005010X215"), Wrapper(guide="005010X217"), ["R", "I6"], []),
    "ST03 missing": (lambda s: s[0].pop(), Wrapper(guide="005010X217"), ["R", "I6"], []),
    "ST01 of a claim": (put("ST", 1, "837"), Wrapper(), ["R", "1"], []),
    "GS08 of the notice": (lambda s: None, Wrapper(guide="005010X216"), ["R", "5", "I6"], []),
    "GS08 of 4010": (lambda s: None, Wrapper(guide="004010X094A1"), [], ["2"]),
    "GS01 of claims": (lambda s: None, Wrapper(kind="HC"), [], ["1"]),
    "GS01 of attachments": (lambda s: None, Wrapper(kind="PI"), [], ["2"]),
}


@pytest.mark.parametrize("name", SETS)
async def test_envelopes_of_set_and_group_are_told_in_ik5_and_ak9(caller: Caller, name: str) -> None:
    change, wrapper, set_codes, group_codes = SETS[name]
    segments = request_278()
    change(segments)
    fields = {"PayloadType": "X12_278_Request_005010X217E1_2"}
    answer = await caller.send(segments, wrapper, **fields)
    assert answer.first("IK5")[1:] == set_codes
    assert answer.first("AK9")[5:] == group_codes
    assert answer.first("AK9")[1] == "R"
    assert await caller.filed() == []


async def test_wrong_trailers_of_set_and_group_are_told(caller: Caller) -> None:
    right = Wrapper(control="000000031").wrap(request_278())
    for old, new, expected in (
        ("~SE*20*0001", "~SE*20*0002", ["IK5", "R", "3"]),
        ("~SE*20*0001", "", ["IK5", "R", "2"]),
        ("~SE*20*0001", "~SE*20*0001*", ["IK5", "R", "5"]),
        ("*0001*005010X217~", "*0001*005010X217*~", ["IK5", "R", "5"]),
        ("~GE*1*31", "~GE*1*32", ["AK9", "R", "1", "1", "0", "4"]),
        ("~GE*1*31", "~GE*2*31", ["AK9", "R", "1", "1", "0", "5"]),
        ("~GE*1*31", "", ["AK9", "R", "1", "1", "0", "3"]),
    ):
        assert old in right
        await caller.sim("reset")
        answer = await caller.post(envelope(right.replace(old, new)))
        assert expected in answer.segments


EVERYTHING: Segments = [
    ["REF", "BB", "AUTH1"], ["REF", "NT", "REVIEW1"],
    ["DTP", "431", "D8", "20260101"], ["DTP", "AAH", "RD8", "20260310-20260910"], ["DTP", "435", "D8", "20260310"],
    ["HI", "ABK:C3411:D8:20260101", "ABF:Z5111"],
    ["HSD", "VS", "6", "MO", "1", "34", "6", "1", "A"],
    ["CRC", "75", "Y", "1"], ["CRC", "07", "Y", "01"],
    ["CL1", "3", "1", "01"],
    ["CR1", "", "", "I", "A", "DH", "12"],
    ["CR6", "1", "20260301", "RD8", "20260301-20260501", "", "", "W", "I"],
    ["PWK", "09", "EL", "", "", "AC", "OURDOC1"], ["PWK", "LA", "FX"],
    ["MSG", "Failed two lines of therapy."],
]  # fmt: skip


async def test_a_request_with_every_kind_of_segment_passes(caller: Caller) -> None:
    segments = request_278()
    segments[13:14] = EVERYTHING
    place = segments.index(find(segments, "NM1", 4))
    segments[place + 1 : place + 1] = [
        ["REF", "0B", "12345", "PA"],
        ["N3", "1 SAMPLE STREET"],
        ["N4", "WAYNE", "PA", "19087"],
        ["PER", "IC", "DESK", "TE", "5550100111", "EX", "12"],
        ["PRV", "PE", "PXC", "207RX0202X"],
        ["NM1", "FA", "2", "SAMPLE CLINIC", "", "", "", "", "XX", "1992999999"],
        ["NM1", "CA", "2", "OTHER PLAN"],
        ["REF", "ZZ", "DENIED"],
        ["DTP", "598", "D8", "20260201"],
    ]
    segments += [
        ["HSD", "FL", "6"],
        ["MSG", "Second line."],
        ["NM1", "SJ", "2", "SAMPLE CLINIC"],
        ["HL", "6", "5", "SS", "0"],
        ["SV2", "0636", "HC:J1745", "", "UN", "50"],
    ]
    answer = await caller.send(segments)
    assert answer.faults == ""
    assert answer.first("HCR")[1] == "A1"


async def test_a_dependent_has_its_own_level(caller: Caller) -> None:
    segments = request_278()
    place = segments.index(find(segments, "HL", 4))
    segments[place : place + 1] = [
        ["HL", "4", "3", "23", "1"],
        ["NM1", "QC", "1", "TESTPERSON", "SAM"],
        ["DMG", "D8", "20150102", "M"],
        ["INS", "N", "19"],
        ["HL", "5", "4", "EV", "1"],
    ]
    find(segments, "HL", 6)[1:3] = ["6", "5"]
    answer = await caller.send(segments)
    assert answer.faults == ""
    assert [s[3] for s in answer.all("HL")] == ["20", "21", "22", "23", "EV", "SS"]
    assert next(s for s in answer.all("NM1") if s[1] == "QC")[4] == "SAM"


async def test_an_inquiry_may_leave_out_what_a_request_may_not(caller: Caller) -> None:
    segments = inquiry_278("SIMAPPROVE01")
    segments[12][2] = ""
    answer = await caller.send(segments)
    assert answer.faults == ""
    assert answer.first("AAA")[3] == "NC"


@pytest.mark.parametrize("member", ["SIMAPPROVE01", "SIMDOCS01", "SIMPARTIAL01", "SIMNOTFOUND01", "SIMCALL01"])
@pytest.mark.parametrize("receiver", ["EVERGREEN", "BLUESTEM"])
async def test_pyx12_finds_nothing_wrong_with_the_envelopes_of_an_answer(
    caller: Caller, member: str, receiver: str
) -> None:
    lines = (("J9271", "200"), ("96413", "1"))
    answer = await caller.send(request_278(member, receiver=receiver, lines=lines))
    reader = X12Reader(io.StringIO(answer.payload))
    found = [fault for _ in reader for fault in reader.pop_errors()]
    assert found == []
    reader.cleanup()
    assert reader.pop_errors() == []


def test_our_check_digit_agrees_with_the_gateways() -> None:
    candidates = [str(number) for number in range(1_000_000_000, 1_000_003_000)]
    assert {n for n in candidates if is_npi(n)} == {n for n in candidates if luhn_valid("80840" + n)}
    assert not is_npi("3" + "0" * 9)
