"""What a request looks like as a 278, and what an independent reader makes of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pyx12.x12file import X12Reader

from adapters.x12_278 import traces
from adapters.x12_278.asking.draft import Draft
from adapters.x12_278.interchange import read
from gateway.contract.destination import Mode
from gateway.contract.errors import CannotExpress
from gateway.model.request import PARequest
from tests.x12_material import COMPANY, LATER, STAMP, destination, line, request, segments, sent
from tests.x12_requests import requests


def test_the_tree_of_levels_is_the_guides() -> None:
    levels = [segment.split("*")[1:] for segment in segments(sent(), "HL")]
    assert levels == [
        ["1", "", "20", "1"],
        ["2", "1", "21", "1"],
        ["3", "2", "22", "1"],
        ["4", "3", "EV", "1"],
        ["5", "4", "SS", "0"],
        ["6", "4", "SS", "0"],
        ["7", "4", "SS", "0"],
    ]


def test_a_patient_who_is_not_the_subscriber_has_a_level_of_their_own() -> None:
    dependent = request().patient.model_dump(mode="json")
    wanted = request(
        subscriber=dependent | {"first_name": "Bo", "birth_date": "1960-01-02"},
        coverages=[
            {
                "payer": "evergreen_health",
                "member_id": "EGH100002",
                "line_of_business": "commercial",
                "relationship": "child",
            }
        ],
    )
    document = sent(wanted)
    assert [segment.split("*")[3] for segment in segments(document, "HL")] == [
        "20",
        "21",
        "22",
        "23",
        "EV",
        *["SS"] * 3,
    ]
    assert "NM1*IL*1*Sampleton*Bo****MI*EGH100002" in segments(document)
    assert "NM1*QC*1*Sampleton*Ada" in segments(document)
    assert "INS*N*19" in segments(document)


@pytest.mark.parametrize(
    ("intent", "expedited", "code"),
    [
        ("initial", False, "I"),
        ("renewal", False, "R"),
        ("revision", False, "S"),
        ("extension", False, "4"),
        ("appeal", False, "2"),
        ("appeal", True, "1"),
    ],
)
def test_the_intent_is_certification_type(intent: str, expedited: bool, code: str) -> None:
    urgency = {"level": "expedited", "reason": "progression", "attested_by": "Dr Able"} if expedited else {}
    document = sent(request(intent=intent, previous_authorization="OLD-1", urgency=urgency))
    (um,) = segments(document, "UM")
    assert um.split("*")[2] == code
    assert um.split("*")[6:] == (["U"] if expedited else [])
    assert "REF*BB*OLD-1" in segments(document)


@pytest.mark.parametrize(("review", "category", "service_type"), [("services", "HS", "1"), ("referral", "SC", "3")])
def test_the_review_is_request_category_and_service_type(review: str, category: str, service_type: str) -> None:
    (um,) = segments(sent(request(review=review)), "UM")
    assert um.split("*")[1:5] == [category, "I", service_type, "22:B"]


def test_an_admission_has_its_date_and_a_payer_may_have_its_own_codes() -> None:
    to = destination(payer={"service_types": {"admission": "MH"}, "release_of_information": "Y"})
    document = sent(request(review="admission"), to)
    assert "DTP*435*D8*20260301" in segments(document)
    assert segments(document, "UM") == ["UM*AR*I*MH*22:B*****Y"]


def test_each_line_has_its_own_trace_derived_from_the_stamp() -> None:
    expected = [traces.event(STAMP), *(traces.line(STAMP, place) for place in (1, 2, 3))]
    assert segments(sent(), "TRN") == [f"TRN*1*{trace}*{COMPANY}" for trace in expected]
    assert segments(sent(stamp=LATER), "TRN") != segments(sent(), "TRN")
    assert f"BHT*0007*13*{traces.submission(STAMP)}*20260301*100405" in segments(sent())


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({}, ["SV1*HC:J9271**UN*200"]),
        ({"modifiers": ["JW", "RT"], "description": "pembrolizumab"}, ["SV1*HC:J9271:JW:RT:::pembrolizumab**UN*200"]),
        ({"quantity": {"value": "2.50", "unit": "international_units"}}, ["SV1*HC:J9271**F2*2.5"]),
        ({"quantity": {"value": 45, "unit": "minutes"}}, ["SV1*HC:J9271**MJ*45"]),
        ({"quantity": {"value": 5, "unit": "visits"}}, ["SV1*HC:J9271", "HSD*VS*5"]),
        ({"quantity": {"value": 5, "unit": "days"}}, ["SV1*HC:J9271", "HSD*DY*5"]),
        ({"diagnoses": [2, 1]}, ["SV1*HC:J9271**UN*200***2:1"]),
        ({"code": {"system": "cpt", "code": "96413"}}, ["SV1*HC:96413**UN*200"]),
        ({"code": {"system": "ndc", "code": "00006-3026-02"}}, ["SV1*N4:00006302602**UN*200"]),
        ({"code": {"system": "rxnorm", "code": "1547545"}, "ndc": "00006302602"}, ["SV1*N4:00006302602**UN*200"]),
        ({"code": {"system": "revenue", "code": "0636"}}, ["SV2*0636***UN*200"]),
        ({"code": {"system": "revenue", "code": "0636"}, "ndc": "00006302602"}, ["SV2*0636*N4:00006302602**UN*200"]),
        (
            {"code": {"system": "revenue", "code": "0120"}, "quantity": {"value": 3, "unit": "days"}},
            ["SV2*0120***DA*3"],
        ),
        ({"frequency": {"times": 2, "period": "day"}}, ["SV1*HC:J9271**UN*200", "HSD*VS*2*DA"]),
        (
            {"frequency": {"times": 3, "period": "week", "count": 2}},
            ["SV1*HC:J9271**UN*200", "HSD*VS*3*WK**35*2"],
        ),
        (
            {
                "frequency": {"times": 1, "every": 3, "period": "month", "count": 4},
                "quantity": {"value": 4, "unit": "days"},
            },
            ["SV1*HC:J9271", "HSD*DY*1*MO*3*34*12"],
        ),
        # Six visits, one every three weeks, take eighteen weeks, whether or not anybody counted.
        (
            {
                "frequency": {"times": 1, "every": 3, "period": "week"},
                "quantity": {"value": 6, "unit": "visits"},
            },
            ["SV1*HC:J9271", "HSD*VS*1*WK*3*35*18"],
        ),
        (
            {
                "frequency": {"times": 2, "period": "day", "count": 3},
                "quantity": {"value": 6, "unit": "visits"},
                "code": {"system": "revenue", "code": "0636"},
            },
            ["SV2*0636", "HSD*VS*2*DA**7*3"],
        ),
        # SV2 counts days itself, and leaves HSD to the frequency.
        (
            {
                "frequency": {"times": 1, "period": "week"},
                "quantity": {"value": 3, "unit": "days"},
                "code": {"system": "revenue", "code": "0120"},
            },
            ["SV2*0120***DA*3", "HSD*VS*1*WK"],
        ),
    ],
)
def test_a_line_is_written_as_its_code_and_quantity_need(over: dict[str, Any], expected: list[str]) -> None:
    assert segments(sent(request(lines=[line() | over])), "SV1", "SV2", "HSD") == expected


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"start": "2026-03-01"}, "DTP*472*D8*20260301"),
        ({"start": "2026-03-01", "end": "2026-03-01"}, "DTP*472*RD8*20260301-20260301"),
    ],
)
def test_a_line_without_an_end_has_one_date(dates: dict[str, str], expected: str) -> None:
    assert segments(sent(request(lines=[line(dates=dates)])), "DTP") == [expected]


def test_a_lines_own_place_of_service_stands_at_the_line() -> None:
    assert segments(sent(request(lines=[line(place_of_service="12")])), "UM") == ["UM*HS*I*1*22:B", "UM*HS*I**12:B"]


def test_diagnoses_have_the_principal_first_and_their_dates() -> None:
    document = sent(request(diagnoses=[{"code": "C34.11", "onset": "2026-01-05"}, {"code": "M05.79"}]))
    assert segments(document, "HI") == ["HI*ABK:C3411:D8:20260105*ABF:M0579"]


def test_documents_are_announced_with_a_number_of_ours() -> None:
    attachment = {
        "id": "path-1",
        "kind": "pathology_report",
        "title": "Pathology: biopsy",
        "media_type": "application/pdf",
        "content": "JVBERi0xLjc=",
    }
    control = traces.attachment(STAMP, 1)
    announced = sent(request(attachments=[attachment]))
    assert segments(announced, "PWK") == [f"PWK*P4*EL***AC*{control}*Pathology; biopsy"]
    assert segments(sent(request(attachments=[attachment]), destination(payer={"attachments": "none"})), "PWK") == []


def test_twenty_documents_are_announced_ten_at_the_event_and_ten_at_the_first_service() -> None:
    attachment = {"kind": "other", "title": "T", "media_type": "text/plain", "content": "eA=="}
    document = sent(request(attachments=[{**attachment, "id": f"d{place}"} for place in range(20)]))
    tags = [segment for segment in segments(document, "HL", "PWK") if segment.startswith(("PWK", "HL"))]
    event = next(place for place, segment in enumerate(tags) if "*EV*" in segment)
    controls = [segment.split("*")[6] if segment.startswith("PWK") else "HL" for segment in tags[event:]]
    numbers = [traces.attachment(STAMP, place) for place in range(1, 21)]
    assert controls[:22] == ["HL", *numbers[:10], "HL", *numbers[10:]]


@pytest.mark.proves("EN-05")
def test_the_mode_of_the_destination_alone_says_test_or_production() -> None:
    assert sent()[102:103] == b"T"
    assert sent(to=destination(mode=Mode.LIVE))[102:103] == b"P"


@pytest.mark.proves("EN-01")
def test_the_header_is_106_bytes_and_the_group_follows_it_at_once() -> None:
    document = sent()
    assert document[105:106] == b"~"
    assert document[106:108] == b"GS"
    assert document[:106].split(b"*")[6:9:2] == [b"SENDER         ", b"RECEIVER       "]


def test_times_are_written_in_the_payers_zone() -> None:
    to = destination(payer={"time_zone": "Pacific/Honolulu"})
    assert "20260301*050405" in segments(sent(to=to), "BHT")[0]


def test_delimiters_are_the_connections_and_occur_in_no_value() -> None:
    marks = {
        "element_delimiter": "|",
        "component_delimiter": ">",
        "repetition_delimiter": "!",
        "segment_delimiter": "'",
    }
    patient = request().patient.model_dump(mode="json") | {"last_name": "O'Test|er", "first_name": "A>B"}
    document = sent(request(patient=patient), destination(connection=marks)).decode()
    assert document[3] + document[82] + document[104] + document[105] == "|!>'"
    assert "NM1|IL|1|O?Test/er|A gt B||||MI|EGH100001'" in document


@pytest.mark.parametrize("value", ["a*b", "a~b", "a^b", "~", "*"])
def test_a_value_that_holds_a_delimiter_is_never_written_whatever_wrote_it(value: str) -> None:
    draft = Draft(destination(), STAMP)
    with pytest.raises(CannotExpress, match="delimiters"):
        draft.add("REF", "BB", value)
    with pytest.raises(CannotExpress, match="delimiters"):
        draft.composite("BF", value.replace("*", ":"))
    draft.add("REF", "BB", "a:b")
    assert draft.segments == ["REF*BB*a:b"]


def test_a_connection_of_capitals_gets_capitals() -> None:
    document = sent(to=destination(connection={"charset": "basic"})).decode()
    assert document == document.upper()
    assert "NM1*IL*1*SAMPLETON*ADA****MI*EGH100001" in document


def test_the_coverage_of_the_payer_asked_is_the_one_named() -> None:
    other = {"payer": "another_payer", "member_id": "AP100", "line_of_business": "commercial"}
    wanted = request(coverages=[other, request().coverages[0].model_dump(mode="json")])
    assert segments(sent(wanted), "NM1")[2].endswith("EGH100001")


def test_a_delegate_is_asked_of_the_first_coverage() -> None:
    other = request().coverages[0].model_dump(mode="json") | {"payer": "whoever_insures", "member_id": "WI-7"}
    assert segments(sent(request(coverages=[other])), "NM1")[2].endswith("*MI*WI-7")


def test_a_network_that_tells_payers_apart_by_receiver_gets_the_payers() -> None:
    document = sent(to=destination(payer={"receiver_id": "EVERGREEN"}))
    assert document[54:69] == b"EVERGREEN      "
    assert segments(document, "GS")[0].split("*")[3] == "EVERGREEN"


def test_a_facility_without_an_npi_is_named_where_there_is_room() -> None:
    site = {"place_of_service": "22", "facility_name": "Sample Hospital"}
    assert "NM1*FA*2*Sample Hospital" in segments(sent(request(site=site)))


@pytest.mark.parametrize("name", ["Sample Hospital", "SAMPLE HOSPITAL"])
def test_a_facility_that_is_among_the_providers_is_named_once_whatever_its_capitals(name: str) -> None:
    hospital = {"role": "facility", "npi": "1245319599", "last_name": "Sample Hospital"}
    site = {"place_of_service": "22", "facility_name": name}
    assert sent(request(site=site, servicing=[hospital])).count(b"NM1*FA*") == 1


# A second opinion


@settings(suppress_health_check=list(HealthCheck))
@given(requests())
def test_any_request_is_written_as_an_interchange_that_others_can_read_or_refused(wanted: PARequest) -> None:
    try:
        document = sent(wanted)
    except CannotExpress as refusal:
        pointers = [item.pointer for item in refusal.items]
        if not all(pointer.startswith("/") for pointer in pointers):
            raise
        return
    reader = X12Reader(io.StringIO(document.decode("ascii")))
    count = sum(1 for _ in reader)
    reader.cleanup()
    assert reader.pop_errors() == []
    (transaction,) = read(document).transactions()
    assert count == len(transaction.body) + 6
    assert document.isascii()
    assert all(len(msg) <= 268 for msg in segments(document, "MSG"))
