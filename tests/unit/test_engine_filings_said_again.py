"""What each step writes of a filing that was said again, or has to wait: lost, refused for its number, put off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.contract.errors import MaybeSent, NotSent
from gateway.contract.frames import Https
from gateway.engine import acts, agenda, recording
from gateway.engine.told import Told
from gateway.model.outcome import Answer, Outcome
from gateway.model.standing import Heard
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.records import Due, Step, Submission, Verb
from tests.unit.engine_material import CANCEL
from tests.unit.test_engine_recording import (
    NOW,
    REPLY,
    RHYTHM,
    a_case,
    a_submission,
    an_attempt,
    answered,
    standing_of,
)

LEASE = timedelta(seconds=65)


def said_again() -> Submission:
    """A filing that was sent again was answered: its number is used."""
    attempt = an_attempt()
    submission = a_submission(attempt)
    told = Told(attempt, REPLY, Outcome(answer=Answer.NUMBER_USED), None, effect=True, again=True)
    return recording.answered(a_case(submission), submission, told, [], [], NOW, RHYTHM, ())[1]


def inquired(submission: Submission, answer: Answer, after: float) -> tuple[Step, Submission]:
    """The payer was asked so many seconds after the filing left first, and answered this."""
    at = NOW + timedelta(seconds=after)
    inquiry = replace(an_attempt(verb=Verb.INQUIRE), planned_at=at, sent_at=at)
    asked = replace(submission, attempts=(*submission.attempts, inquiry))
    told = Told(inquiry, REPLY, Outcome(answer=answer), None, effect=False)
    heard = [Heard(Outcome(answer=Answer.NUMBER_USED), NOW)]
    return recording.answered(a_case(asked, status=asked.status), asked, told, heard, [], at, RHYTHM, ())


def test_a_filing_said_again_whose_number_is_used_is_uncertain_until_not_found_and_then_filed_anew() -> None:
    uncertain = said_again()
    assert (uncertain.status, uncertain.due_for) == (CaseStatus.UNCERTAIN, Due.RECONCILE)
    _, early = inquired(uncertain, Answer.NOT_FOUND, 29)
    assert (early.status, early.due_for) == (CaseStatus.UNCERTAIN, Due.RECONCILE)
    step, after = inquired(early, Answer.NOT_FOUND, 30)
    assert (Delivery.LOST, Delivery.REFUSED) in [(move.before, move.after) for move in step.moves]
    assert (after.status, after.due_for) == (CaseStatus.QUEUED, Due.RETRY)
    assert agenda.next_of(after, Due.RETRY, NOW, LEASE) == agenda.Plan(Verb.SUBMIT)


def test_a_filing_said_again_whose_number_is_used_is_adopted_when_an_inquiry_finds_it() -> None:
    _, after = inquired(said_again(), Answer.RECEIVED, 1)
    assert after.filing is not None
    assert (after.status, after.filing.delivery) == (CaseStatus.RECEIVED, Delivery.RECONCILED)


def lost_twice() -> Submission:
    """A filing that was lost, not found after the settle time, sent again with the same bytes 31 seconds in, and lost
    again."""
    _, first = inquired(answered(error=MaybeSent("HTTP 503"))[1], Answer.NOT_FOUND, 30)
    assert isinstance(agenda.next_of(first, None, NOW, LEASE), agenda.Speak)
    assert first.filing is not None
    resent = replace(first.filing, delivery=Delivery.LOST, sent_at=NOW + timedelta(seconds=31), error="maybe_sent: x")
    return replace(first, attempts=(resent, *first.attempts[1:]), status=CaseStatus.UNCERTAIN)


@pytest.mark.proves("RT-17")
def test_a_filing_lost_twice_and_not_found_is_not_sent_a_third_time_and_an_operator_is_told_what_to_do() -> None:
    _, early = inquired(lost_twice(), Answer.NOT_FOUND, 60)
    assert (early.status, early.attention) == (CaseStatus.UNCERTAIN, Attention.GATEWAY), "not settled yet"
    step, after = inquired(early, Answer.NOT_FOUND, 61)
    assert (after.status, after.attention) == (CaseStatus.UNCERTAIN, Attention.OPERATOR)
    assert [move.attempt_id for move in step.moves if move.after is Delivery.PLANNED] == []
    why = after.attention_why or ""
    assert "Ask the payer whether it holds the request" in why
    assert "cancel this one and submit it anew" in why
    assert "maybe_sent: x" in why
    for due in Due:
        assert agenda.next_of(after, due, NOW, LEASE) in (agenda.Rest(), agenda.Plan(Verb.INQUIRE))
    assert after.due_for is Due.RECONCILE


def test_it_is_adopted_if_the_payer_shows_it_after_all() -> None:
    _, called = inquired(lost_twice(), Answer.NOT_FOUND, 61)
    _, after = inquired(called, Answer.RECEIVED, 90)
    assert after.filing is not None
    assert (after.status, after.filing.delivery) == (CaseStatus.RECEIVED, Delivery.RECONCILED)
    assert after.attention is Attention.PAYER


def test_a_person_ends_it_by_cancelling_and_the_payer_is_asked_once_more_at_once() -> None:
    _, called = inquired(lost_twice(), Answer.NOT_FOUND, 61)
    cancel = replace(an_attempt(Delivery.PLANNED, Verb.AMEND), work=CANCEL, planned_at=NOW + timedelta(seconds=70))
    case = a_case(called, status=called.status)
    [asked] = acts.asked(case, called, cancel, cancelling=True, note={"note": "cancel_asked"}).submissions
    assert (asked.status, asked.due_at, asked.due_for) == (CaseStatus.UNCERTAIN, cancel.planned_at, Due.RECONCILE)
    _, after = inquired(replace(asked, attempts=(*asked.attempts, cancel)), Answer.NOT_FOUND, 71)
    assert (after.status, after.cancelling) == (CaseStatus.CANCELLED, False)
    assert agenda.next_of(after, Due.RECONCILE, NOW, LEASE) == agenda.Rest()


def test_an_operator_who_was_called_for_a_filing_stays_called_while_it_is_sent_again() -> None:
    attempt = an_attempt(Delivery.PLANNED)
    called = replace(a_submission(attempt), attention=Attention.OPERATOR, attention_why="unreadable: HTML")
    frame = Https("POST", "https://payer.test/core", True, body=(b"x",))
    [after] = recording.sent(a_case(called), called, attempt, frame, NOW, NOW).submissions
    assert (after.attention, after.attention_why) == (Attention.OPERATOR, "unreadable: HTML")


def test_a_wait_of_days_that_a_payer_asks_for_is_cut_to_one_and_calls_an_operator_at_once() -> None:
    step, after = answered(error=NotSent("refused for now (HTTP 429)", 999_999))
    assert after.due_at == NOW + timedelta(days=1)
    assert standing_of(step).attention is Attention.OPERATOR
