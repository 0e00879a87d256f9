"""What the adapter makes of a 278 response: decisions line by line, numbers and reasons, and whose answer it is."""

from __future__ import annotations

import pytest

from adapters.x12_278 import traces
from gateway.contract.destination import Mode
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Answer, ReferenceKind
from gateway.model.reasons import NextAction, Scope, Word
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    COMPANY,
    DRUG,
    EVENT,
    INFUSION,
    LATER,
    MORE,
    STAMP,
    destination,
    envelope,
    of_line,
    outcome_of,
    response,
    service,
    words,
)


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
    outcome = outcome_of(response(EVENT, "HCR*A3**0Q"))
    assert set(words(outcome).values()) == {LineOutcome.UNKNOWN}
    assert outcome.attention is Attention.OPERATOR
    (reason,) = outcome.reasons
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


@pytest.mark.parametrize("usage", ["P", "I", " "])
def test_live_data_on_a_test_connection_are_read_and_call_a_person(usage: str) -> None:
    for document, answer in (
        (response(EVENT, "HCR*A1*AUTH1", usage=usage), Answer.REVIEWED),
        (response(payer=["AAA*N**72*C"], usage=usage), Answer.REJECTED),
    ):
        outcome = outcome_of(document)
        assert (outcome.answer, outcome.attention) == (answer, Attention.OPERATOR)
        assert "ISA15" in (outcome.attention_why or "")
    doubtful = outcome_of(response(EVENT, "HCR*Z9", usage=usage))
    assert (doubtful.attention_why or "").count(";") >= 1


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
        outcome_of(response(EVENT, f"HCR*A1*{'SECRET1' * 21}"))
    assert "SECRET" not in str(caught.value)


def test_a_decision_without_a_word_is_not_the_events_word() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=[service(DRUG, "HCR**X1")]))
    assert of_line(outcome, "drug").outcome is LineOutcome.UNKNOWN
    assert of_line(outcome, "infusion").outcome is LineOutcome.CERTIFIED
    assert outcome.attention is Attention.OPERATOR


def test_two_decisions_in_one_loop_decide_nothing() -> None:
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", "HCR*A3"))
    assert set(words(outcome).values()) == {LineOutcome.UNKNOWN}
    assert outcome.attention is Attention.OPERATOR
