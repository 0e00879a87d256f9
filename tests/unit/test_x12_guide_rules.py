"""Situational rules: their form, and when they speak."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x12_278.guides.library import Guides
from adapters.x12_278.guides.rules import is_npi, read_rules
from adapters.x12_278.guides.source import UnreadableGuide
from adapters.x12_278.segment import Delimiters
from gateway.model.codes import luhn_valid
from tests.unit.guide_documents import Segments, documents_275, interchange, verdict_999
from tests.unit.test_guides_x12_278 import request
from tests.unit.x12_checker import checked, files, guides, judged, response, told

MAP = "278_request_005010X217"
BAD_NPI = ["NM1", "1P", "1", "SAMPLETON", "ORLA", "", "", "", "XX", "1234567890"]
PAPER = ["PWK", "77", "EL"]


def rule(**over: Any) -> dict[str, Any]:
    return {
        "id": "one",
        "at": "2000E/UM03",
        "level": 7,
        "when": [{"at": "2000E/UM01", "is": "equals", "values": ["HS"]}],
        "then": [{"at": "2000E/UM03", "is": "present"}],
        "says": "This payer wants the service type. Give UM03.",
        "source": "synthetic",
        "sure": "agreed",
        **over,
    }


def found(body: Segments) -> list[tuple[str, str, str, int, bool]]:
    return [(*short, fault.refuses) for short, fault in zip(told(judged(body)), judged(body).faults, strict=True)]


def test_every_rule_of_the_project_is_of_the_form_and_about_places_that_exist() -> None:
    for row in guides().rows:
        if row.guide:
            assert guides().compiled(row.map, Delimiters()).judge.rules is not None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (request(NM1_1P=[BAD_NPI]), ("IK403", "7", "2010B/NM109", 5, True)),
        (request(HI_ABKC3411=[PAPER]), ("IK403", "I9", "2000E/PWK06", 4, True)),
        (request(UM_HS=[["UM", "HS", "4", "1"]]), ("IK304", "I6", "2000E/UM02", 4, False)),
        (request(UM_HS=[["UM", "AR", "I", "1"]]), ("IK304", "I6", "2000E/UM01", 4, False)),
        (request(SV1_HCJ9271=[["SV1", "HC:J9271"], ["SV2", "0300"]]), ("IK304", "I9", "2000F/SV1", 4, False)),
        (response(HCR_A1=[["HCR", "A1"]]), ("IK304", "I6", "2000E/HCR02", 4, False)),
        (response(HCR_A1=[], HCR_A3=[]), ("IK304", "I6", "2000E/HCR", 4, True)),
    ],
)
def test_a_rule_speaks_at_its_place(body: Segments, expected: tuple[str, str, str, int, bool]) -> None:
    assert expected in found(body)


def test_a_warning_does_not_refuse() -> None:
    report = judged(response(HCR_A1=[["HCR", "A1"]]))
    assert report.faults
    assert report.ok
    assert report.interchanges[0].verdict == "warned"


def test_a_find_in_another_loop_of_the_same_event_is_enough() -> None:
    kept = [["HL", "5", "4", "SS", "0"], ["REF", "BB", "AUTH0001"]]
    assert told(judged(request(UM_HS=[["UM", "HS", "4", "1"]], HL_5=kept))) == []


def test_the_rules_of_each_other_guide_speak() -> None:
    body = documents_275()
    body[9] = ["TRN", "1", "EVGDOC0001"]
    assert "answer_repeats_the_payers_number" in {
        fault.rule for fault in checked(interchange("PI", "006020X316", body)).faults
    }
    acknowledged = verdict_999()
    acknowledged[-1] = ["AK9", "A", "2", "2", "2"]
    assert "taken_group_takes_its_transactions" in {
        fault.rule for fault in checked(interchange("FA", "005010X231A1", acknowledged)).faults
    }


@pytest.mark.parametrize(
    "over",
    [
        {"nonsense": 1},
        {"level": 3},
        {"sure": "perhaps"},
        {"at": "2000E"},
        {"at": "2000Z/UM01"},
        {"then": []},
        {"when": [{"at": "2000E/UM01", "is": "greater", "values": ["1"]}]},
        {"when": [{"at": "2000E/UM01", "is": "equals"}]},
        {"when": [{"at": "2000E/UM01", "is": "equals", "values": ["1", "2"]}]},
        {"when": [{"at": "2000E/UM01", "is": "present", "values": ["1"]}]},
        {"when": [{"at": "2000E/UM01", "is": "format", "values": ["ssn"]}]},
        {"when": [{"at": ["2000E/UM01", "2000E/UM02"], "is": "equals", "values": ["1"]}]},
        {"when": [{"at": "2000E/UM01", "is": "present", "or": []}]},
    ],
)
def test_a_rule_that_is_not_of_the_form_is_refused(over: dict[str, Any]) -> None:
    with pytest.raises(UnreadableGuide):
        Guides(files(), {MAP: {"guide": MAP, "rules": [rule(**over)]}}).compiled(f"{MAP}.xml", Delimiters())


def test_rules_must_be_of_a_map_that_is_there() -> None:
    with pytest.raises(UnreadableGuide):
        read_rules("another", {"guide": MAP, "rules": [rule()]})
    with pytest.raises(UnreadableGuide):
        read_rules(MAP, {"guide": MAP, "rules": [rule(), rule()]})
    with pytest.raises(UnreadableGuide):
        Guides(files(), {"another": {"guide": "another", "rules": [rule()]}})


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_an_npi_is_one_where_the_model_takes_it_for_one(digits: str) -> None:
    assert is_npi(digits.encode()) == luhn_valid("80840" + digits)


def test_an_npi_is_checked_by_its_last_digit() -> None:
    assert is_npi(b"1234567893")
    assert not any(is_npi(value) for value in (b"", b"1234567890", b"123456789", b"12345678 3", b"\xb2234567893"))
