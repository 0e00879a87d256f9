"""What the adapter makes of a 278 response: decisions line by line, numbers, documents, and whose answer it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from adapters.x12_278 import traces
from gateway.contract.destination import Mode
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Answer, LineResult, Outcome, ReferenceKind
from gateway.model.reasons import NextAction, Scope, Word
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    COMPANY,
    LATER,
    STAMP,
    destination,
    envelope,
    line,
    outcome_of,
    request,
    response,
    trn,
)

EVENT = "UM*HS*I"
DRUG = (trn(1), "SV1*HC:J9271**UN*200")
INFUSION = (trn(2), "SV1*HC:96413**UN*6")
MORE = (trn(3), "SV1*HC:96415**UN*6")


def service(lines: tuple[str, str], *segments: str) -> list[str]:
    """A 2000F: trace, what was decided, code."""
    return [lines[0], *segments, lines[1]]


def of_line(outcome: Outcome, name: str | None) -> LineResult:
    (found,) = [result for result in outcome.lines if result.line == name]
    return found


def words(outcome: Outcome) -> dict[str | None, LineOutcome]:
    return {result.line: result.outcome for result in outcome.lines}


def test_an_event_that_is_certified_certifies_every_line() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1"))
    assert outcome.answer is Answer.REVIEWED
    assert words(outcome) == dict.fromkeys(("drug", "infusion", "more"), LineOutcome.CERTIFIED)
    assert {result.authorization_number for result in outcome.lines} == {"AUTH1"}
    assert outcome.attention is Attention.NONE


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("A1", LineOutcome.CERTIFIED),
        ("A3", LineOutcome.NOT_CERTIFIED),
        ("A4", LineOutcome.PENDING),
        ("A6", LineOutcome.CERTIFIED_MODIFIED),
        ("C", LineOutcome.CANCELLED),
        ("CT", LineOutcome.CONTACT_PAYER),
        ("NA", LineOutcome.NOT_REQUIRED),
    ],
)
def test_each_word_of_the_payer_has_one_meaning(code: str, meaning: LineOutcome) -> None:
    above = outcome_of(response(EVENT, f"HCR*{code}"))
    below = outcome_of(response(EVENT, services=[service(part, f"HCR*{code}") for part in (DRUG, INFUSION, MORE)]))
    assert set(words(above).values()) == set(words(below).values()) == {meaning}
    assert above.attention is below.attention is Attention.NONE


def test_a_lines_own_word_counts_over_the_events() -> None:
    outcome = outcome_of(
        response(EVENT, "HCR*A1*AUTH1", services=[service(DRUG, "HCR*A3**0F"), service(INFUSION), service(MORE)])
    )
    assert words(outcome) == {
        "drug": LineOutcome.NOT_CERTIFIED,
        "infusion": LineOutcome.CERTIFIED,
        "more": LineOutcome.CERTIFIED,
    }
    assert of_line(outcome, "drug").authorization_number is None
    assert of_line(outcome, "infusion").authorization_number == "AUTH1"


def test_a_partial_event_lets_its_lines_decide() -> None:
    outcome = outcome_of(
        response(
            EVENT,
            "HCR*A2*AUTH1",
            services=[service(DRUG, "HCR*A1"), service(INFUSION, "HCR*A3"), service(MORE, "HCR*A1*OWN9")],
        )
    )
    assert outcome.attention is Attention.NONE
    assert [result.authorization_number for result in outcome.lines] == ["AUTH1", None, "OWN9"]


def test_a_line_without_a_word_under_a_partial_event_is_unknown_and_a_person_looks() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A2*AUTH1", services=[service(DRUG, "HCR*A1"), service(INFUSION)]))
    assert words(outcome) == {
        "drug": LineOutcome.CERTIFIED,
        "infusion": LineOutcome.UNKNOWN,
        "more": LineOutcome.UNKNOWN,
    }
    assert outcome.attention is Attention.OPERATOR


def test_lines_that_the_answer_leaves_out_are_unknown_where_the_event_has_no_word() -> None:
    outcome = outcome_of(response(EVENT, services=[service(DRUG, "HCR*A1")]))
    assert words(outcome)["more"] is LineOutcome.UNKNOWN
    assert outcome.attention is Attention.OPERATOR


def test_a_word_that_no_table_knows_is_never_guessed() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A9*X1"))
    assert outcome.answer is Answer.REVIEWED
    assert set(words(outcome).values()) == {LineOutcome.UNKNOWN}
    assert outcome.attention is Attention.OPERATOR
    assert "HCR01" in (outcome.attention_why or "")


def test_a_granted_service_in_a_refused_event_counts_and_a_person_looks() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A3", services=[service(DRUG, "HCR*A1*AUTH1")]))
    assert of_line(outcome, "drug").outcome is LineOutcome.CERTIFIED
    assert of_line(outcome, "infusion").outcome is LineOutcome.NOT_CERTIFIED
    assert outcome.attention is Attention.OPERATOR


def test_reasons_keep_the_payers_code_and_sentence() -> None:
    outcome = outcome_of(
        response(EVENT, "HCR*A3**0F^ZZ", services=[service(DRUG, "HCR*A3**0T", "MSG*NO TRIAL DATA")]),
    )
    clinical, unknown = outcome.reasons
    assert (clinical.word, clinical.code, clinical.code_system) == (Word.MEDICAL_NECESSITY, "0F", "x12_hcr03")
    assert (unknown.word, unknown.code) == (Word.UNMAPPED, "ZZ")
    assert outcome.attention is Attention.OPERATOR
    (own,) = of_line(outcome, "drug").reasons
    assert (own.word, own.text, own.scope) == (Word.EXPERIMENTAL, "NO TRIAL DATA", Scope.LINE)
    assert outcome.messages == ("NO TRIAL DATA",)
    assert of_line(outcome, "more").reasons == outcome.reasons


def test_a_duplicate_of_what_is_not_said_stays_unmapped_and_advises_to_look_for_it() -> None:
    (reason,) = outcome_of(response(EVENT, "HCR*A3**0Q")).reasons
    assert (reason.word, reason.next_action) == (Word.UNMAPPED, NextAction.FIND_EXISTING)


def test_a_review_number_of_a_pended_event_is_no_authorization() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A4*RV77", follows="19"))
    assert set(words(outcome).values()) == {LineOutcome.PENDING}
    assert not outcome.final
    assert [(ref.kind, ref.value) for ref in outcome.references if ref.value == "RV77"] == [
        (ReferenceKind.REVIEW, "RV77")
    ]
    assert {result.authorization_number for result in outcome.lines} == {None}


def test_a_pended_events_number_is_not_given_to_a_service_that_is_granted() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A4*RV77", services=[service(DRUG, "HCR*A1")]))
    assert of_line(outcome, "drug").authorization_number is None


def test_references_are_told_apart() -> None:
    outcome = outcome_of(
        response(EVENT, "HCR*A1*AUTH1", "REF*NT*ADM5", "REF*BB*OLD4", services=[service(DRUG, "HCR*A1*AUTH2")])
    )
    assert {(ref.kind, ref.value, ref.line) for ref in outcome.references} == {
        (ReferenceKind.TRACE, traces.event(STAMP), None),
        (ReferenceKind.AUTHORIZATION, "AUTH1", None),
        (ReferenceKind.REVIEW, "ADM5", None),
        (ReferenceKind.PREVIOUS_AUTHORIZATION, "OLD4", None),
        (ReferenceKind.TRACE, traces.line(STAMP, 1), "drug"),
        (ReferenceKind.AUTHORIZATION, "AUTH2", "drug"),
    }


# Documents


def test_pended_with_documents_named_asks_for_them() -> None:
    outcome = outcome_of(
        response(
            EVENT,
            "HCR*A4*RV1*0U",
            "HI*LOI:11502-2*BF:C3411^LOI:18842-5",
            "PWK*P4*EL***AC*PAYER-7*PATHOLOGY PLEASE",
            services=[service(DRUG, "HCR*A4", "PWK*D2*FX")],
            follows="19",
        )
    )
    assert set(words(outcome).values()) == {LineOutcome.INFO_REQUESTED}
    asked = [(item.kind, item.code, item.control_number, item.line) for item in outcome.requested]
    assert asked == [
        ("pathology_report", "P4", "PAYER-7", None),
        ("other", "11502-2", None, None),
        ("other", "18842-5", None, None),
        ("medication_history", "D2", None, "drug"),
    ]
    assert outcome.requested[0].text == "PATHOLOGY PLEASE"


def test_documents_asked_for_one_line_leave_the_others_pended() -> None:
    outcome = outcome_of(
        response(EVENT, "HCR*A4", services=[service(DRUG, "HCR*A4", "HI*LOI:11502-2"), service(INFUSION, "HCR*A4")])
    )
    assert words(outcome) == {
        "drug": LineOutcome.INFO_REQUESTED,
        "infusion": LineOutcome.PENDING,
        "more": LineOutcome.PENDING,
    }


@pytest.mark.parametrize(("code", "asks"), [("0U", True), ("0P", True), ("0V", False), ("0W", False), ("ZZ", False)])
def test_a_reason_alone_may_ask_for_documents(code: str, asks: bool) -> None:
    outcome = outcome_of(response(EVENT, f"HCR*A4**{code}", "MSG*SEND CHART NOTES"))
    meaning = LineOutcome.INFO_REQUESTED if asks else LineOutcome.PENDING
    assert set(words(outcome).values()) == {meaning}
    assert [item.text for item in outcome.requested] == (["SEND CHART NOTES"] if asks else [])


def test_a_refusal_for_want_of_documents_asks_for_none() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A3**0U"))
    assert outcome.requested == ()
    assert outcome.reasons[0].word is Word.MISSING_DOCUMENTATION


def test_our_own_announcement_repeated_asks_for_nothing() -> None:
    ours = traces.attachment(STAMP, 1)
    outcome = outcome_of(response(EVENT, "HCR*A4", f"PWK*P4*EL***AC*{ours}"))
    assert set(words(outcome).values()) == {LineOutcome.PENDING}
    assert outcome.requested == ()


def test_whom_to_send_to_is_kept() -> None:
    outcome = outcome_of(
        response(
            EVENT,
            "HCR*A4**0U",
            "NM1*ABG*2*REVIEW UNIT",
            "PER*IC*INTAKE*TE*2155550199*FX*2155550198*EM*r@example.org",
            payer=["PER*IC**TE*2155550100*UR*example.org"],
            requester=["PER*IC*OUR DESK*TE*2155550100"],
        )
    )
    assert [contact.model_dump(exclude_none=True) for contact in outcome.contacts] == [
        {"name": "EVERGREEN HEALTH", "phone": "2155550100", "url": "example.org"},
        {"name": "INTAKE", "phone": "2155550199", "fax": "2155550198", "email": "r@example.org"},
    ]


# What was granted


def test_a_modified_line_has_its_quantity_dates_site_and_provider() -> None:
    outcome = outcome_of(
        response(
            EVENT,
            "HCR*A6*AUTH1",
            "DTP*007*D8*20260301",
            "DTP*036*D8*20260531",
            "NM1*SJ*1*OTHER*DOC****XX*1999999984",
            services=[
                [
                    trn(1),
                    "UM*HS*I**12:B",
                    "HCR*A6*AUTH2",
                    "DTP*007*D8*20260305",
                    "DTP*036*D8*20260505",
                    "SV1*HC:J9271**UN*100.50",
                    "NM1*SJ*2*HOME INFUSION*****XX*1245319599",
                ],
                service(INFUSION),
            ],
        )
    )
    drug, infusion = of_line(outcome, "drug"), of_line(outcome, "infusion")
    assert drug.outcome is LineOutcome.CERTIFIED_MODIFIED
    assert drug.quantity is not None
    assert (drug.quantity.value, drug.quantity.unit) == (Decimal("100.5"), "units")
    assert drug.period is not None
    assert (drug.period.start, drug.period.end) == (date(2026, 3, 5), date(2026, 5, 5))
    assert (drug.place_of_service, drug.provider_npi, drug.authorization_number) == ("12", "1245319599", "AUTH2")
    assert drug.code is not None
    assert (drug.code.system, drug.code.code) == ("hcpcs", "J9271")
    assert infusion.period is not None
    assert (infusion.period.end, infusion.provider_npi) == (date(2026, 5, 31), "1999999984")
    assert outcome.period is not None
    assert outcome.period.start == date(2026, 3, 1)


def test_a_range_of_dates_and_visits_are_read() -> None:
    outcome = outcome_of(
        response(
            EVENT, "HCR*A1", services=[[trn(1), "DTP*472*RD8*20260301-20260831", "SV1*HC:J9271", "HSD*VS*12*WK*3"]]
        )
    )
    drug = of_line(outcome, "drug")
    assert drug.quantity is not None
    assert (drug.quantity.value, drug.quantity.unit) == (Decimal(12), "visits")
    assert drug.period is not None
    assert (drug.period.start, drug.period.end) == (date(2026, 3, 1), date(2026, 8, 31))


def test_dates_of_the_certification_count_over_repeated_dates_of_service() -> None:
    repeated = [trn(1), "DTP*472*RD8*20260301-20260831", "SV1*HC:J9271"]
    document = response(EVENT, "HCR*A1", "DTP*007*RD8*20260301-20260531", services=[repeated])
    period = of_line(outcome_of(document), "drug").period
    assert period is not None
    assert period.end == date(2026, 5, 31)


def test_one_day_of_service_leaves_the_end_open() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1", services=[[trn(1), "DTP*472*D8*20260301"]]))
    period = of_line(outcome, "drug").period
    assert period is not None
    assert (period.start, period.end) == (date(2026, 3, 1), None)


def test_what_was_not_granted_has_no_quantity_dates_or_number() -> None:
    outcome = outcome_of(
        response(EVENT, services=[[trn(1), "HCR*A3*X1", "DTP*472*D8*20260301", "SV1*HC:J9271**UN*200"]])
    )
    drug = of_line(outcome, "drug")
    assert (drug.quantity, drug.period, drug.authorization_number) == (None, None, None)


@pytest.mark.parametrize("text", ["20261345", "2026", "20260301-2026", "TODAY", "20260230-20260301"])
def test_a_date_that_cannot_be_read_is_left_out_and_a_person_looks(text: str) -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", f"DTP*007*D8*{text}"))
    assert outcome.attention is Attention.OPERATOR
    assert "date" in (outcome.attention_why or "")
    assert set(words(outcome).values()) == {LineOutcome.CERTIFIED}


def test_the_payers_own_time_is_read_in_its_zone() -> None:
    document = response(EVENT, "HCR*A1")
    there = outcome_of(document).effective_at
    elsewhere = outcome_of(document, destination(payer={"time_zone": "America/Los_Angeles"})).effective_at
    assert there is not None
    assert there.astimezone(UTC) == datetime(2026, 3, 1, 15, 11, tzinfo=UTC)
    assert elsewhere is not None
    assert (elsewhere - there).total_seconds() == 3 * 3600


@pytest.mark.parametrize("when", ["20261399*1011", "20260301*9999", "20260301", "*"])
def test_a_time_that_does_not_exist_is_no_time(when: str) -> None:
    document = response(EVENT, "HCR*A1").replace(b"*20260301*1011*18", f"*{when}".encode())
    assert outcome_of(document).effective_at is None


# Which line is meant


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


# Whose answer it is


def test_an_answer_to_another_trace_is_not_applied() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", trace=traces.event(LATER), bht=traces.submission(LATER)))
    assert outcome.answer is Answer.UNMAPPED
    assert outcome.lines == ()
    assert outcome.attention is Attention.OPERATOR


def test_a_foreign_trace_of_our_company_counts_more_than_our_transaction_id() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", trace="SOMEBODY-ELSE"))
    assert outcome.answer is Answer.UNMAPPED


def test_without_a_trace_the_transaction_id_says_whose_answer_it_is() -> None:
    assert outcome_of(response(EVENT, "HCR*A1", trace=None)).answer is Answer.REVIEWED
    assert outcome_of(response(EVENT, "HCR*A1", trace=None, bht="OTHER")).answer is Answer.UNMAPPED


def test_a_clearinghouses_trace_beside_ours_does_no_harm() -> None:
    outcome = outcome_of(response("TRN*2*CH-99*9999999999", EVENT, "HCR*A1"))
    assert outcome.answer is Answer.REVIEWED


def test_a_trace_of_ours_at_a_service_is_enough() -> None:
    outcome = outcome_of(response(EVENT, services=[service(DRUG, "HCR*A1")], trace=None, bht="OTHER"))
    assert outcome.answer is Answer.REVIEWED


def test_of_several_events_ours_is_read() -> None:
    other = ["HL*5*3*EV*0", f"TRN*2*OTHER*{COMPANY}", EVENT, "HCR*A3"]
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", *other))
    assert set(words(outcome).values()) == {LineOutcome.CERTIFIED}


def test_two_events_that_both_claim_to_be_ours_are_for_a_person() -> None:
    again = ["HL*5*3*EV*0", f"TRN*2*{traces.event(STAMP)}*{COMPANY}", EVENT, "HCR*A3"]
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", *again))
    assert outcome.answer is Answer.UNMAPPED


def test_a_request_in_place_of_a_response_is_unmapped() -> None:
    assert outcome_of(response(EVENT, "HCR*A1", purpose="13")).answer is Answer.UNMAPPED


def test_test_data_on_a_live_connection_is_not_applied() -> None:
    live = destination(mode=Mode.LIVE)
    assert outcome_of(response(EVENT, "HCR*A1"), live).answer is Answer.UNMAPPED
    assert outcome_of(response(EVENT, "HCR*A1", usage="P"), live).answer is Answer.REVIEWED


def test_a_response_that_only_says_that_more_follows_is_an_acknowledgement() -> None:
    outcome = outcome_of(response(EVENT, follows="19"))
    assert (outcome.answer, outcome.final) == (Answer.RECEIVED, False)


def test_a_response_without_a_word_is_unmapped() -> None:
    outcome = outcome_of(response(EVENT))
    assert (outcome.answer, outcome.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


@pytest.mark.parametrize(
    "segments",
    [["HL*1**20*1"], ["BHT*0007*11*X", "NM1*X3*2*A"], ["BHT*0007*11*X", "HL*1**19*1"], ["BHT*0007*11*X", "HL*1**SS*0"]],
)
def test_a_278_without_its_tree_is_unreadable(segments: list[str]) -> None:
    with pytest.raises(Unreadable):
        outcome_of(envelope(segments))


def test_a_value_longer_than_the_model_takes_is_unreadable_without_being_told() -> None:
    with pytest.raises(Unreadable) as caught:
        outcome_of(response(EVENT, f"HCR*A1*{'SECRET' * 20}"))
    assert "SECRET" not in str(caught.value)


def test_two_decisions_in_one_loop_decide_nothing() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", "HCR*A3"))
    assert set(words(outcome).values()) == {LineOutcome.UNKNOWN}
    assert outcome.attention is Attention.OPERATOR
