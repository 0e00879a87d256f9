"""Which line of ours a service in an answer is: by trace, by code, by dates, and never by the order of arrival."""

from __future__ import annotations

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


def test_two_lines_of_one_code_are_matched_in_their_order_where_both_are_answered() -> None:
    outcome = outcome_of(
        response(EVENT, services=[["HCR*A1", "SV1*HC:J9271"], ["HCR*A3", "SV1*HC:J9271"]]),
        of=TWICE,
    )
    assert words(outcome) == {"first": LineOutcome.CERTIFIED, "second": LineOutcome.NOT_CERTIFIED}


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
