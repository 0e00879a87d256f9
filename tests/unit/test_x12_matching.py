"""Which line of ours a service in an answer is: by trace, by code, by dates, and never by the order of arrival."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    DRUG,
    EVENT,
    INFUSION,
    MORE,
    line,
    of_line,
    outcome_of,
    request,
    response,
    service,
    words,
)


def test_services_are_matched_by_trace_in_any_order() -> None:
    outcome = outcome_of(
        response(EVENT, services=[service(MORE, "HCR*A3"), service(DRUG, "HCR*A1"), service(INFUSION, "HCR*A4")])
    )
    assert words(outcome) == {
        "more": LineOutcome.NOT_CERTIFIED,
        "drug": LineOutcome.CERTIFIED,
        "infusion": LineOutcome.PENDING,
    }


def test_without_traces_services_are_matched_by_code() -> None:
    outcome = outcome_of(
        response(
            EVENT,
            services=[["HCR*A3", "SV1*HC:96415"], ["HCR*A1", "SV1*HC:j9271"], ["HCR*A4", "SV1*HC:96413"]],
        )
    )
    assert words(outcome) == {
        "more": LineOutcome.NOT_CERTIFIED,
        "drug": LineOutcome.CERTIFIED,
        "infusion": LineOutcome.PENDING,
    }
    assert outcome.attention is Attention.NONE


TWICE = request(
    lines=[
        line(id="first", dates={"start": "2026-03-01", "end": "2026-05-31"}),
        line(id="second", dates={"start": "2026-06-01", "end": "2026-08-31"}),
    ]
)


def test_two_lines_of_one_code_are_not_matched_in_their_order() -> None:
    outcome = outcome_of(
        response(EVENT, services=[["HCR*A1", "SV1*HC:J9271"], ["HCR*A3", "SV1*HC:J9271"]]),
        of=TWICE,
    )
    assert of_line(outcome, "first").outcome is of_line(outcome, "second").outcome is LineOutcome.UNKNOWN
    assert outcome.attention is Attention.OPERATOR


def lines_with(first: dict[str, Any], second: dict[str, Any]) -> PARequest:
    return request(lines=[line(id="first", **first), line(id="second", **second)])


def certified_then_denied(first: list[str], second: list[str], of: PARequest) -> Outcome:
    return outcome_of(response(EVENT, services=[["HCR*A1", *first], ["HCR*A3", *second]]), of=of)


def span(start: str, end: str) -> dict[str, Any]:
    return {"dates": {"start": start, "end": end}}


@pytest.mark.parametrize(
    ("first", "second", "of_first", "of_second"),
    [
        ({"modifiers": ["RT"]}, {"modifiers": ["LT"]}, ["SV1*HC:J9271:RT"], ["SV1*HC:J9271:LT"]),
        ({"modifiers": ["RT"]}, {"modifiers": ["RT", "59"]}, ["SV1*HC:J9271:RT"], ["SV1*HC:J9271:59:RT"]),
        ({"modifiers": ["RT"]}, {}, ["SV1*HC:J9271:rt"], ["SV1*HC:J9271"]),
        ({"quantity": {"value": 100}}, {"quantity": {"value": 300}}, ["SV1*HC:J9271**UN*100.0"], ["SV1*HC:J9271"]),
        (
            {"quantity": {"value": 6}},
            {"quantity": {"value": 6, "unit": "visits"}},
            ["SV1*HC:J9271**UN*6"],
            ["SV1*HC:J9271", "HSD*VS*6"],
        ),
        ({"place_of_service": "12"}, {}, ["UM*HS*I**12:B", "SV1*HC:J9271"], ["SV1*HC:J9271"]),
        ({"place_of_service": "12"}, {}, ["SV1*HC:J9271"], ["UM*HS*I**22:B", "SV1*HC:J9271"]),
        ({"modifiers": ["RT", "59"]}, {"modifiers": ["LT"]}, ["SV1*HC:J9271:RT"], ["SV1*HC:J9271"]),
        (
            span("2026-03-01", "2026-05-31"),
            span("2026-06-01", "2026-08-31"),
            ["DTP*472*D8*20260301", "SV1*HC:J9271"],
            ["DTP*472*D8*20260601", "SV1*HC:J9271"],
        ),
        (
            span("2026-03-01", "2026-05-31"),
            span("2026-03-01", "2026-08-31"),
            ["DTP*472*RD8*20260301-20260531", "SV1*HC:J9271"],
            ["DTP*472*RD8*20260301-20260831", "SV1*HC:J9271"],
        ),
        # What tells one of them apart leaves the other to the other line, whatever it was granted.
        (
            {"modifiers": ["RT"], "quantity": {"value": 100}},
            {"modifiers": ["LT"], "quantity": {"value": 300}},
            ["SV1*HC:J9271:RT**UN*100"],
            ["SV1*HC:J9271**UN*20"],
        ),
    ],
)
def test_two_lines_of_one_code_are_told_by_what_they_differ_in_in_any_order(
    first: dict[str, Any], second: dict[str, Any], of_first: list[str], of_second: list[str]
) -> None:
    of = lines_with(first, second)
    for told in (
        certified_then_denied(of_first, of_second, of),
        outcome_of(response(EVENT, services=[["HCR*A3", *of_second], ["HCR*A1", *of_first]]), of=of),
    ):
        assert words(told) == {"first": LineOutcome.CERTIFIED, "second": LineOutcome.NOT_CERTIFIED}
        assert told.attention is Attention.NONE


APART = lines_with(
    {"modifiers": ["RT"], "quantity": {"value": 100}} | span("2026-03-01", "2026-05-31"),
    {"modifiers": ["LT"], "quantity": {"value": 300}} | span("2026-06-01", "2026-08-31"),
)


@pytest.mark.parametrize(
    ("of_first", "of_second"),
    [
        (["SV1*HC:J9271"], ["SV1*HC:J9271"]),
        # The same on both sides, or on none.
        (["SV1*HC:J9271**UN*100"], ["SV1*HC:J9271**UN*100"]),
        (["SV1*HC:J9271**UN*50"], ["SV1*HC:J9271**UN*60"]),
        # One thing says the one line, another the other.
        (["SV1*HC:J9271:LT**UN*100"], ["SV1*HC:J9271**UN*20"]),
        (["SV1*HC:J9271:RT"], ["SV1*HC:J9271**UN*100"]),
        (["SV1*HC:J9271**UN*100"], ["DTP*472*RD8*20260301-20260531", "SV1*HC:J9271:LT"]),
        # Neither line has these modifiers.
        (["SV1*HC:J9271:50"], ["SV1*HC:J9271"]),
    ],
)
def test_what_tells_two_lines_apart_only_counts_where_nothing_says_otherwise(
    of_first: list[str], of_second: list[str]
) -> None:
    outcome = certified_then_denied(of_first, of_second, APART)
    assert of_line(outcome, "first").outcome is of_line(outcome, "second").outcome is LineOutcome.UNKNOWN
    assert outcome.attention is Attention.OPERATOR


@pytest.mark.parametrize("word", ["A1", "A3"])
def test_one_service_with_other_modifiers_is_not_the_one_line_of_its_code(word: str) -> None:
    outcome = outcome_of(
        response(EVENT, "HCR*A1", services=[[f"HCR*{word}", "SV1*HC:J9271:LT"]]),
        of=request(lines=[line(id="drug", modifiers=["RT"])]),
    )
    assert of_line(outcome, "drug").outcome is LineOutcome.UNKNOWN
    assert outcome.attention is Attention.OPERATOR


def test_lines_that_are_the_same_in_everything_are_answered_in_any_order() -> None:
    outcome = certified_then_denied(["SV1*HC:J9271**UN*200"], ["SV1*HC:J9271**UN*200"], lines_with({}, {}))
    assert words(outcome) == {"first": LineOutcome.CERTIFIED, "second": LineOutcome.NOT_CERTIFIED}
    assert outcome.attention is Attention.NONE


@pytest.mark.parametrize(
    "other", [{"dose": "10 mg"}, {"frequency": {"times": 1, "period": "week"}}, {"diagnoses": [1]}]
)
def test_lines_that_differ_in_what_an_answer_does_not_repeat_are_not_the_same(other: dict[str, Any]) -> None:
    outcome = certified_then_denied(["SV1*HC:J9271**UN*200"], ["SV1*HC:J9271**UN*200"], lines_with({}, other))
    assert of_line(outcome, "first").outcome is of_line(outcome, "second").outcome is LineOutcome.UNKNOWN


def test_a_package_tells_two_lines_of_one_revenue_code_apart() -> None:
    of = request(
        lines=[
            line("0636", "revenue", id=name, ndc=ndc) for name, ndc in (("one", "00006302602"), ("two", "00006302604"))
        ]
    )
    services = [["HCR*A1", "SV2*0636"], ["HCR*A3", "SV2*0636*N4:00006302602"]]
    outcome = outcome_of(response(EVENT, services=services), of=of)
    assert words(outcome) == {"two": LineOutcome.CERTIFIED, "one": LineOutcome.NOT_CERTIFIED}


def test_a_service_that_can_be_one_line_only_leaves_the_other_line_to_another() -> None:
    of = request(lines=[line(id="drug"), line("0636", "revenue", id="room")])
    services = [["HCR*A3", "SV2*0636*HC:J9271"], ["HCR*A1", "SV1*HC:J9271"]]
    outcome = outcome_of(response(EVENT, services=services), of=of)
    assert words(outcome) == {"room": LineOutcome.NOT_CERTIFIED, "drug": LineOutcome.CERTIFIED}
    assert outcome.attention is Attention.NONE


def test_what_is_left_of_more_services_than_lines_is_not_told_by_elimination() -> None:
    services = [["HCR*A1", f"SV1*HC:J9271{modifier}"] for modifier in (":RT", "", ":50")]
    outcome = outcome_of(response(EVENT, services=services), of=APART)
    assert of_line(outcome, "first").outcome is LineOutcome.CERTIFIED
    assert of_line(outcome, "second").outcome is LineOutcome.UNKNOWN
    assert outcome.attention is Attention.OPERATOR


def test_two_services_that_could_be_the_one_line_are_nobodys() -> None:
    services = [["HCR*A1", "SV1*HC:J9271"], ["HCR*A3", "SV1*HC:J9271"]]
    outcome = outcome_of(response(EVENT, services=services), of=request(lines=[line(id="drug")]))
    assert of_line(outcome, "drug").outcome is LineOutcome.UNKNOWN
    assert outcome.attention is Attention.OPERATOR


def test_more_services_than_lines_leave_one_to_nobody_and_a_person_looks() -> None:
    services = [["HCR*A1", "SV1*HC:J9271**UN*200"], ["HCR*A3", "SV1*HC:J9271**UN*20"]]
    outcome = outcome_of(response(EVENT, services=services), of=request(lines=[line(id="drug")]))
    assert words(outcome) == {"drug": LineOutcome.CERTIFIED, None: LineOutcome.NOT_CERTIFIED}
    assert outcome.attention is Attention.OPERATOR


def test_one_answer_to_two_lines_of_one_code_is_told_by_its_dates() -> None:
    service_of = ["HCR*A3", "DTP*472*RD8*20260601-20260831", "SV1*HC:J9271"]
    outcome = outcome_of(response(EVENT, "HCR*A1", services=[service_of]), of=TWICE)
    assert words(outcome) == {"second": LineOutcome.NOT_CERTIFIED, "first": LineOutcome.CERTIFIED}


def test_an_answer_that_could_be_either_line_is_given_to_neither() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1", services=[["HCR*A3", "SV1*HC:J9271"]]), of=TWICE)
    assert of_line(outcome, None).outcome is LineOutcome.NOT_CERTIFIED
    assert outcome.attention is Attention.OPERATOR


def test_a_service_nobody_asked_for_is_a_result_without_a_line() -> None:
    outcome = outcome_of(
        response(EVENT, services=[service(DRUG, "HCR*A3"), ["HCR*A1*NEW1", "SV1*HC:Q5103**UN*40"]]),
        of=request(lines=[line(id="drug")]),
    )
    new = of_line(outcome, None)
    assert (new.outcome, new.authorization_number) == (LineOutcome.CERTIFIED, "NEW1")
    assert new.code is not None
    assert new.code.code == "Q5103"
    assert of_line(outcome, "drug").outcome is LineOutcome.NOT_CERTIFIED


def test_a_single_service_without_code_or_trace_is_the_single_line() -> None:
    outcome = outcome_of(response(EVENT, services=[["HCR*A1*AUTH1"]]), of=request(lines=[line(id="drug")]))
    assert words(outcome) == {"drug": LineOutcome.CERTIFIED}


def test_a_service_without_code_or_trace_among_several_is_nobodys() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A4", services=[["HCR*A1*AUTH1"]]))
    assert of_line(outcome, None).outcome is LineOutcome.CERTIFIED
    assert of_line(outcome, "drug").outcome is LineOutcome.PENDING


def test_one_line_answered_twice_differently_is_unknown() -> None:
    outcome = outcome_of(response(EVENT, services=[service(DRUG, "HCR*A1"), service(DRUG, "HCR*A3")]))
    assert of_line(outcome, "drug").outcome is LineOutcome.UNKNOWN
    assert sorted(result.outcome for result in outcome.lines if result.line is None) == ["certified", "not_certified"]
    assert outcome.attention is Attention.OPERATOR


def test_one_line_answered_twice_alike_has_that_outcome_and_no_quantity_of_its_own() -> None:
    outcome = outcome_of(response(EVENT, services=[service(DRUG, "HCR*A1"), service(DRUG, "HCR*A1")]))
    drug = of_line(outcome, "drug")
    assert (drug.outcome, drug.quantity) == (LineOutcome.CERTIFIED, None)


def test_revenue_and_drug_codes_are_matched() -> None:
    wanted = request(
        lines=[
            line("0636", "revenue", id="room", ndc="00006-3026-02"),
            line("00006302604", "ndc", id="vial"),
            line("1234", "rxnorm", id="named", ndc="00006302606"),
        ]
    )
    outcome = outcome_of(
        response(
            EVENT,
            services=[
                ["HCR*A1", "SV1*N4:00006-3026-04"],
                ["HCR*A3", "SV2*0636**100*UN*3"],
                ["HCR*A4", "SV1*N4:00006302606"],
            ],
        ),
        of=wanted,
    )
    assert words(outcome) == {
        "vial": LineOutcome.CERTIFIED,
        "room": LineOutcome.NOT_CERTIFIED,
        "named": LineOutcome.PENDING,
    }
