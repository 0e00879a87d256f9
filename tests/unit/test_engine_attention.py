"""Who must act on a submission, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.engine import attempts, documents
from gateway.engine.attention import NO_PROFILE, attention_of
from gateway.model.outcome import Answer, RequestedItem
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.store.records import Due, Verb
from tests.unit.engine_material import CANCEL, LABS, NOW, RHYTHM, a_submission, an_attempt, standing


def test_a_person_is_asked_when_the_payer_neither_confirms_nor_denies() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=1)
    uncertain = Standing(CaseStatus.UNCERTAIN, {}, Attention.GATEWAY)
    inquiries = [an_attempt(Verb.INQUIRE, Delivery.REFUSED, 1) for _ in range(3)]
    patient = a_submission(lost, *inquiries[:2], status=CaseStatus.UNCERTAIN)
    assert attention_of(patient, uncertain, NOW, RHYTHM)[0] is Attention.GATEWAY
    tired = a_submission(lost, *inquiries, status=CaseStatus.UNCERTAIN)
    assert attention_of(tired, uncertain, NOW, RHYTHM)[0] is Attention.OPERATOR


def test_a_person_looks_when_the_payer_does_not_find_what_it_acknowledged() -> None:
    """It said that it holds the filing (a 999 that accepts it); an inquiry that then finds nothing contradicts it."""
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=31)
    submission = a_submission(filed, status=CaseStatus.RECEIVED)
    received = Standing(CaseStatus.RECEIVED, {}, Attention.PAYER)
    assert attention_of(submission, received, NOW, RHYTHM, Answer.NOT_FOUND)[0] is Attention.OPERATOR
    fresh = a_submission(an_attempt(delivery=Delivery.APP_ACKED, sent=29), status=CaseStatus.RECEIVED)
    assert attention_of(fresh, received, NOW, RHYTHM, Answer.NOT_FOUND)[0] is Attention.PAYER


def test_nobody_is_told_to_file_anew_what_is_being_cancelled() -> None:
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=999)
    cancel = an_attempt(Verb.AMEND, Delivery.TRANSPORT_ACKED, 10, CANCEL)
    closed = Standing(CaseStatus.CLOSED_BY_PAYER, {}, Attention.PROVIDER, "submit the request anew")
    going = a_submission(filed, cancel, status=CaseStatus.CANCEL_PENDING, cancelling=True)
    who, why = attention_of(going, closed, NOW, RHYTHM)
    assert (who, "nothing is filed anew" in (why or "")) == (Attention.PAYER, True)
    doubtful = replace(closed, attention=Attention.OPERATOR)
    assert attention_of(going, doubtful, NOW, RHYTHM)[0] is Attention.OPERATOR
    assert attention_of(replace(going, cancelling=False), closed, NOW, RHYTHM)[0] is Attention.PROVIDER


def test_it_is_the_payers_move_once_everything_it_asked_for_was_sent() -> None:
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=999)
    sent = LABS.model_copy(update={"control_numbers": {"labs": "CN1"}})
    answer = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, 10, sent)
    submission = a_submission(filed, answer, status=CaseStatus.NEEDS_INFORMATION)

    def asked(*numbers: str) -> Standing:
        items = tuple(RequestedItem(kind="other", control_number=number) for number in numbers)
        stood = Standing(CaseStatus.NEEDS_INFORMATION, {}, Attention.PROVIDER, requested=items)
        return replace(stood, requested=documents.wanting(submission, stood, (), RHYTHM))

    assert attention_of(submission, asked("CN1"), NOW, RHYTHM)[0] is Attention.PAYER
    assert attention_of(submission, asked("CN1", "CN2"), NOW, RHYTHM)[0] is Attention.PROVIDER


def test_an_operator_is_called_after_three_refused_numbers_and_no_longer_once_one_is_taken() -> None:
    refused = [an_attempt(delivery=Delivery.REFUSED, sent=1, error=f"{attempts.NUMBER_USED}: seen") for _ in range(3)]
    queued = standing(CaseStatus.QUEUED)
    assert attention_of(a_submission(*refused[:2]), queued, NOW, RHYTHM)[0] is Attention.GATEWAY
    who, why = attention_of(a_submission(*refused), queued, NOW, RHYTHM)
    assert who is Attention.OPERATOR
    assert "control numbers" in (why or "")
    taken = a_submission(*refused, an_attempt(delivery=Delivery.APP_ACKED, sent=1), status=CaseStatus.RECEIVED)
    assert attention_of(taken, Standing(taken.status, {}, Attention.PAYER), NOW, RHYTHM)[0] is Attention.PAYER


@pytest.mark.parametrize("status", [CaseStatus.QUEUED, CaseStatus.UNCERTAIN])
def test_an_operator_who_was_called_for_a_filing_stays_called_until_it_is_understood(status: CaseStatus) -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=1, error="maybe_sent: the payer's server failed (HTTP 503)")
    inquiry = an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, 1)
    submission = a_submission(lost, inquiry, status=status)
    assert attention_of(submission, standing(status), NOW, RHYTHM)[0] is Attention.GATEWAY
    called = replace(submission, attention=Attention.OPERATOR, attention_why="unreadable: HTML")
    assert attention_of(called, standing(status), NOW, RHYTHM) == (Attention.OPERATOR, "unreadable: HTML")
    understood = Standing(CaseStatus.PENDED, {}, Attention.PAYER)
    assert attention_of(called, understood, NOW, RHYTHM)[0] is Attention.PAYER


def test_an_unreadable_filing_reply_is_a_persons_whatever_was_said_since() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=1, error="unreadable: the reply is not XML")
    for since in (an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, 1), an_attempt(Verb.AMEND)):
        submission = a_submission(lost, since, status=CaseStatus.UNCERTAIN)
        who, why = attention_of(submission, standing(CaseStatus.UNCERTAIN), NOW, RHYTHM)
        assert (who, why) == (Attention.OPERATOR, lost.error)


@pytest.mark.parametrize(
    ("status", "waited", "wait", "called"),
    [
        (CaseStatus.QUEUED, 0, 3601, True),
        (CaseStatus.QUEUED, 0, 3599, False),
        (CaseStatus.QUEUED, 3000, 601, True),
        # The profile's own rhythm calls nobody early.
        (CaseStatus.QUEUED, 3599, 60, False),
        (CaseStatus.PENDED, 0, 3601, True),
        (CaseStatus.PENDED, 0, 3599, False),
    ],
)
def test_an_operator_is_called_for_a_wait_that_ends_after_the_profile_gives_up(
    status: CaseStatus, waited: float, wait: float, called: bool
) -> None:
    queued = status is CaseStatus.QUEUED
    filing = an_attempt(delivery=Delivery.REFUSED if queued else Delivery.APP_ACKED, sent=waited, planned=waited)
    submission = replace(
        a_submission(filing, status=status),
        due_at=NOW + timedelta(seconds=wait),
        due_for=Due.RETRY if queued else Due.POLL,
    )
    own = Attention.GATEWAY if queued else Attention.PAYER
    who, _ = attention_of(submission, Standing(status, {}, own), NOW, RHYTHM)
    assert who is (Attention.OPERATOR if called else own)


def test_an_operator_who_was_called_for_a_missing_profile_is_done_when_it_is_back() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=1)
    called = replace(a_submission(lost, status=CaseStatus.UNCERTAIN), attention=Attention.OPERATOR)
    for why, stays in (("unreadable: HTML", True), (f"{NO_PROFILE}: the payer has none", False)):
        who, _ = attention_of(replace(called, attention_why=why), standing(CaseStatus.UNCERTAIN), NOW, RHYTHM)
        assert (who is Attention.OPERATOR) is stays


def test_what_only_a_person_can_get_sent_calls_one_whatever_was_said_since() -> None:
    waiting = an_attempt(Verb.AMEND, work=CANCEL, error="needs_person: it has changed", sent=50)
    filing = an_attempt(delivery=Delivery.APP_ACKED, sent=100)
    inquiry = an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, sent=1)
    held = a_submission(filing, waiting, inquiry, status=CaseStatus.CANCEL_PENDING, cancelling=True)
    call = attention_of(held, Standing(CaseStatus.CANCEL_PENDING, {}, Attention.PAYER), NOW, RHYTHM)
    assert call == (Attention.OPERATOR, "needs_person: it has changed")
