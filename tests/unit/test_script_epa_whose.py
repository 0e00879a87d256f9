"""Whose a message is: placed by the payer's number of the case, and held against that number and the patient."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.script_epa import ADAPTER
from gateway.contract.adapter import Filed
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind
from gateway.model.status import Attention, LineOutcome
from tests.unit.script_material import (
    CANCEL,
    CASE,
    DEADLINE,
    FILED,
    HEADER,
    INITIATION,
    LATER,
    MIRRORED,
    QUESTIONS,
    REQUEST,
    STAMP,
    TO,
    answer,
    heard,
    id_of,
    posted,
    said,
)

CANCELLATION = said(ADAPTER.amend(FILED, CANCEL, TO, LATER))
NUMBERED = replace(posted(INITIATION, "filing"), numbers=ADAPTER.numbers(FILED.references))
APPROVED = "<Approved><PACaseID>{}</PACaseID></Approved>"


def unnamed(case: str, relates: str | None = None) -> bytes:
    return answer("PAResponse", APPROVED.format(case), reference=None, relates=relates)


@pytest.mark.parametrize("relates", [None, "nobody", id_of(INITIATION), id_of(CANCELLATION)])
def test_an_answer_that_names_only_the_payers_number_of_the_case_is_placed_by_it(relates: str | None) -> None:
    [letter] = ADAPTER.open(unnamed(CASE, relates))
    assert letter.numbers == NUMBERED.numbers != frozenset()
    [found] = ADAPTER.place([letter], [NUMBERED, posted(CANCELLATION, "cancel")])
    assert found.handle == "filing"
    other = replace(NUMBERED, handle="other", case="another")
    assert ADAPTER.place([letter], [NUMBERED, other])[0].reason == "ambiguous"


def test_the_message_that_it_relates_to_does_not_place_a_decision() -> None:
    [found] = ADAPTER.place(ADAPTER.open(unnamed("NOTOURS", id_of(INITIATION))), [NUMBERED])
    assert (found.handle, found.reason, found.candidates) == (None, "unknown", ("filing",))
    [found] = ADAPTER.place(ADAPTER.open(unnamed(CASE, id_of(INITIATION))), [posted(INITIATION, "filing")])
    assert found.handle is None


def test_a_number_of_one_case_in_an_answer_that_relates_to_another_is_nobodys() -> None:
    known = [NUMBERED, posted(CANCELLATION, "cancel", "another")]
    [found] = ADAPTER.place(ADAPTER.open(unnamed(CASE, id_of(CANCELLATION))), known)
    assert (found.handle, found.reason, found.candidates) == (None, "contradiction", ("cancel", "filing"))


def refused(outcome: Outcome) -> bool:
    assert outcome.answer is not Answer.UNMAPPED or not outcome.references
    why = "the answer is about another case of the payer's"
    return (outcome.answer, outcome.attention, outcome.attention_why) == (Answer.UNMAPPED, Attention.OPERATOR, why)


def test_a_decision_under_another_number_than_the_payers_own_is_an_operators() -> None:
    assert not refused(heard(answer("PAResponse", APPROVED.format(CASE))))
    assert refused(heard(answer("PAResponse", APPROVED.format("NOTOURS"))))
    assert not refused(heard(answer("PAResponse", "<Approved/>")))


def test_a_cancellation_of_another_case_is_an_operators() -> None:
    cancelled = answer("PACancelResponse", "<Approved/>", mirrored=f"<Response><PACaseID>{CASE}</PACaseID></Response>")
    ours = cancelled.replace(b"</Response>\n<Response>", b"")
    assert heard(ours, CANCEL).answer is Answer.CANCELLED
    assert refused(heard(ours.replace(CASE.encode(), b"NOTOURS"), CANCEL))


def opened(case: str, expiring: str = "") -> bytes:
    inside = f"<PACaseID>{case}</PACaseID>{expiring}{DEADLINE}<QuestionSet>{HEADER}{QUESTIONS}</QuestionSet>"
    return answer("PAInitiationResponse", f"<Open>{inside}</Open>")


def test_the_first_that_names_a_number_gives_it_and_a_new_one_follows_only_the_one_that_expires() -> None:
    fresh = Filed(request=REQUEST, stamp=STAMP)
    [reference] = heard(opened("C1"), filed=fresh).references
    assert reference == Reference(kind=ReferenceKind.REVIEW, value="C1")
    assert refused(heard(opened("C2")))
    assert not refused(heard(opened("C2", f"<ExpiringPACaseID>{CASE}</ExpiringPACaseID>")))
    assert refused(heard(opened("C2", "<ExpiringPACaseID>C3</ExpiringPACaseID>")))


def doubts(body: bytes) -> str | None:
    outcome = heard(body)
    return outcome.attention_why if outcome.attention is Attention.OPERATOR else None


def mirrored(first: str = "ADA", *cards: str) -> str:
    benefits = "".join(
        f"<BenefitsCoordination><CardholderID>{card}</CardholderID></BenefitsCoordination>" for card in cards
    )
    return benefits + MIRRORED.replace("<FirstName>ADA<", f"<FirstName>{first}<")


def approved(*told: str) -> bytes:
    return answer("PAResponse", APPROVED.format(CASE), mirrored=mirrored(*told))


@pytest.mark.parametrize("first", ["ADA", "Ada Maria", "A.", ""])
def test_a_first_name_may_be_written_as_payers_do(first: str) -> None:
    assert doubts(approved(first)) is None


def test_an_approval_of_another_first_name_is_one_and_an_operator_looks() -> None:
    outcome = heard(approved("ZEBULON"))
    assert [line.outcome for line in outcome.lines] == [LineOutcome.CERTIFIED]
    assert (outcome.attention, outcome.attention_why) == (
        Attention.OPERATOR,
        "the payer names a patient of another first name",
    )


def test_an_approval_of_another_cardholder_is_one_and_an_operator_looks() -> None:
    own = REQUEST.coverages[0].member_id
    assert doubts(approved("ADA", own.lower())) is None
    assert doubts(approved("ADA", "SOMEBODY", own)) is None
    assert doubts(approved("ADA", "SOMEBODY")) == "the payer names another cardholder's number"


def test_a_payer_that_names_another_one_names_the_card_of_that_one() -> None:
    def closed(code: str) -> str | None:
        response = f"<Closed><ReasonCode>{code}</ReasonCode></Closed>"
        return doubts(answer("PAInitiationResponse", response, mirrored=mirrored("ADA", "SOMEBODY")))

    assert closed("CP") is None
    assert closed("CF") == "the payer names another cardholder's number"
