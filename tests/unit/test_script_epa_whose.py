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


def test_what_expires_by_questions_for_a_renewal_is_told() -> None:
    expiring = f"<ExpiringPACaseID>{CASE}</ExpiringPACaseID>"
    day = "<ExpirationDate><Date>2026-12-31</Date></ExpirationDate>"
    told = heard(opened("C2", expiring + day)).messages
    assert told == (f"The payer names a case that expires: {CASE}", "It expires on 2026-12-31")
    assert heard(opened(CASE, day)).messages == ("It expires on 2026-12-31",)


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


FRESH = Filed(request=REQUEST, stamp=STAMP)


@pytest.mark.parametrize(
    "body",
    [
        opened("C1").replace(b">ADA<", b">ZEBULON<"),
        answer("PAResponse", APPROVED.format("C1"), mirrored=mirrored("ADA", "SOMEBODYELSE")),
        opened("C1").replace(b"<Response>", b"<Response><PACaseID>C2</PACaseID>"),
        opened("C1</PACaseID><PACaseID>C2"),
    ],
    ids=["another_first_name", "another_card", "two_numbers", "two_numbers_side_by_side"],
)
def test_the_number_in_an_answer_of_which_it_is_in_doubt_whose_it_is_is_told_and_never_used(body: bytes) -> None:
    doubted = heard(body, filed=FRESH)
    assert doubted.attention is Attention.OPERATOR
    assert ADAPTER.numbers(doubted.references) == frozenset()
    assert not [each for each in doubted.references if each.kind is ReferenceKind.REVIEW]
    assert "The payer calls this case C1" in doubted.messages
    known = Reference(kind=ReferenceKind.REVIEW, value="C1")
    ours = heard(body.replace(b"C2", b"C1"), filed=FRESH.model_copy(update={"references": (known,)}))
    assert ours.references == (known,)


def test_another_doubt_takes_no_number_away() -> None:
    unclear = opened("C1").replace(b">N</AttachementRequired>", b">Maybe</AttachementRequired>")
    outcome = heard(unclear, filed=FRESH)
    assert (outcome.attention, [each.value for each in outcome.references]) == (Attention.OPERATOR, ["C1"])
