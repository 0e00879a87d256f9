"""Changes and documents that the payer did not take, or may not have: what is said again, when, and who is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.contract.adapter import Answers, Change
from gateway.engine import agenda, attempts, documents
from gateway.engine.attention import attention_of
from gateway.model.outcome import RequestedItem
from gateway.model.standing import Standing
from gateway.model.status import UNDER_REVIEW, Attention, CaseStatus, Delivery
from gateway.profiles.payer import Backoff
from gateway.store.records import Attempt, Due, Submission, Verb
from tests.unit.engine_material import CANCEL, LABS, NOW, RHYTHM, a_submission, an_attempt, next_of

USED, UNAVAILABLE = f"{attempts.NUMBER_USED}: seen", f"{attempts.UNAVAILABLE}: not now"
FOR_NOW = [USED, UNAVAILABLE]
NUMBERED = LABS.model_copy(update={"control_numbers": {"labs": "CN1"}})
GIVE_UP = RHYTHM.retry.give_up_seconds


def filed(sent: float = 100) -> Attempt:
    return an_attempt(delivery=Delivery.APP_ACKED, sent=sent, planned=sent)


def with_documents(*sent: Attempt, status: CaseStatus = CaseStatus.NEEDS_INFORMATION) -> Submission:
    return a_submission(filed(), *sent, status=status)


def with_cancellation(*sent: Attempt) -> Submission:
    return a_submission(filed(), *sent, status=CaseStatus.CANCEL_PENDING, cancelling=True)


def with_either(attempt: Attempt) -> Submission:
    return with_documents(attempt) if attempt.verb is Verb.ANSWER else with_cancellation(attempt)


def timer(submission: Submission, retry_after: int | None = None) -> tuple[float | None, Due | None]:
    """Seconds from now, and what for."""
    at, due = agenda.timer_of(submission, stands(submission), NOW, RHYTHM, retry_after)
    return None if at is None else (at - NOW).total_seconds(), due


def stands(submission: Submission, *asked: str) -> Standing:
    who = Attention.PROVIDER if submission.status is CaseStatus.NEEDS_INFORMATION else Attention.PAYER
    items = tuple(RequestedItem(kind="other", control_number=number) for number in asked)
    return Standing(submission.status, {}, who, requested=items)


def called(submission: Submission, *asked: str) -> tuple[Attention, str | None]:
    stood = stands(submission, *asked)
    wanted = documents.wanting(submission, stood, (), RHYTHM)
    return attention_of(submission, replace(stood, requested=wanted), NOW, RHYTHM)


BOTH: list[tuple[Verb, Change | Answers]] = [(Verb.AMEND, CANCEL), (Verb.ANSWER, LABS)]


@pytest.mark.parametrize("error", FOR_NOW)
@pytest.mark.parametrize(("verb", "work"), BOTH)
def test_what_was_refused_for_now_is_said_again_as_a_new_attempt_until_it_is_taken(
    verb: Verb, work: Change | Answers, error: str
) -> None:
    first = an_attempt(verb, Delivery.REFUSED, 1, work, error)
    submission = with_either(first)
    assert timer(submission)[1] is Due.RETRY
    assert next_of(submission) == agenda.Rest()
    assert next_of(submission, Due.RETRY) == agenda.Plan(verb, first)
    second = an_attempt(verb, Delivery.REFUSED, 1, work, error, repeats=first)
    submission = replace(submission, attempts=(*submission.attempts, second))
    assert next_of(submission, Due.RETRY) == agenda.Plan(verb, second)
    taken = an_attempt(verb, Delivery.APP_ACKED, 1, work, repeats=first)
    submission = replace(submission, attempts=(*submission.attempts, taken))
    assert timer(submission)[1] is Due.POLL
    assert next_of(submission, Due.RETRY) == agenda.Rest()


@pytest.mark.parametrize("ends", [Delivery.SENT, Delivery.LOST, Delivery.PLANNED])
def test_what_is_being_said_again_is_not_said_a_third_time(ends: Delivery) -> None:
    first = an_attempt(Verb.ANSWER, Delivery.REFUSED, 9, LABS, UNAVAILABLE)
    submission = with_documents(first, an_attempt(Verb.ANSWER, ends, 1, LABS, repeats=first))
    assert attempts.unheard(submission) == ()


@pytest.mark.parametrize(("verb", "work"), BOTH)
def test_what_was_refused_for_good_is_not_said_again(verb: Verb, work: Change | Answers) -> None:
    submission = with_either(an_attempt(verb, Delivery.REFUSED, 1, work))
    assert timer(submission)[1] is Due.POLL
    assert next_of(submission, Due.RETRY) == agenda.Rest()


@pytest.mark.parametrize(("verb", "work"), BOTH)
def test_what_was_not_sent_waits_for_its_timer_and_goes_with_the_same_stamp(verb: Verb, work: Change | Answers) -> None:
    attempt = an_attempt(verb, Delivery.PLANNED, 1, work, "not_sent: no connection")
    submission = with_either(attempt)
    assert timer(submission)[1] is Due.RETRY
    assert next_of(submission) == agenda.Rest()
    assert next_of(submission, Due.RETRY) == agenda.Speak(attempt)


def test_what_was_not_sent_does_not_hold_up_what_was_never_tried() -> None:
    cancel = an_attempt(Verb.AMEND, work=CANCEL)
    waiting = an_attempt(Verb.ANSWER, Delivery.PLANNED, 1, LABS, "not_sent: no connection")
    assert next_of(with_cancellation(waiting, cancel)) == agenda.Speak(cancel)


def test_several_refused_for_now_take_turns() -> None:
    cancel = an_attempt(Verb.AMEND, Delivery.REFUSED, 1, CANCEL, UNAVAILABLE)
    change = an_attempt(Verb.AMEND, Delivery.REFUSED, 1, Change(kind="revise"), USED)
    submission = with_cancellation(cancel, change)
    assert next_of(submission, Due.RETRY) == agenda.Plan(Verb.AMEND, cancel)
    again = an_attempt(Verb.AMEND, Delivery.REFUSED, 1, CANCEL, UNAVAILABLE, repeats=cancel)
    submission = replace(submission, attempts=(*submission.attempts, again))
    assert {held.id for held in attempts.unheard(submission)} == {again.id, change.id}


def test_waits_grow_and_the_payers_own_come_first_but_never_keep_an_operator_from_being_called() -> None:
    refused = an_attempt(Verb.ANSWER, Delivery.REFUSED, 1, LABS, UNAVAILABLE)
    submission = with_documents(refused)
    assert [timer(replace(submission, tries=tries))[0] for tries in range(5)] == [5, 10, 20, 40, 60]
    assert timer(submission, 900) == (900, Due.RETRY)
    assert timer(submission, 30 * 86400) == (GIVE_UP, Due.RETRY)


def test_a_payer_that_takes_no_documents_is_still_asked_what_it_decided() -> None:
    refused = an_attempt(Verb.ANSWER, Delivery.REFUSED, 1, LABS, UNAVAILABLE)
    submission = a_submission(filed(sent=700), refused, status=CaseStatus.NEEDS_INFORMATION)
    assert timer(submission)[1] is Due.POLL
    assert next_of(submission, Due.POLL) == agenda.Plan(Verb.INQUIRE)
    asked = replace(submission, attempts=(*submission.attempts, an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, 0)))
    assert timer(asked)[1] is Due.RETRY


@pytest.mark.parametrize(("asked", "said", "due"), [(5, 9, Due.RETRY), (9, 5, Due.POLL)])
def test_asking_and_trying_take_turns_however_short_the_waits_are(asked: float, said: float, due: Due) -> None:
    hasty = RHYTHM.model_copy(update={"poll": Backoff(first_seconds=1, longest_seconds=1, give_up_seconds=9)})
    inquiry = an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, asked)
    waiting = an_attempt(Verb.ANSWER, Delivery.PLANNED, said, LABS, "not_sent: no connection")
    submission = with_documents(waiting, inquiry)
    assert agenda.timer_of(submission, stands(submission), NOW, hasty, None)[1] is due


@pytest.mark.parametrize("status", [CaseStatus.APPROVED, CaseStatus.DENIED, CaseStatus.CANCELLED, CaseStatus.REJECTED])
def test_documents_are_not_said_again_once_the_payer_has_decided(status: CaseStatus) -> None:
    for attempt in (
        an_attempt(Verb.ANSWER, Delivery.REFUSED, 1, LABS, UNAVAILABLE),
        an_attempt(Verb.ANSWER, Delivery.PLANNED, 1, LABS, "not_sent: no connection"),
        an_attempt(Verb.ANSWER, Delivery.LOST, 1, LABS, "maybe_sent: the line broke"),
    ):
        decided = replace(an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, 0), ended_at=NOW + timedelta(seconds=1))
        submission = with_documents(attempt, decided, status=status)
        assert timer(submission) == (None, None)
        assert next_of(submission, Due.RETRY) == agenda.Rest()


def test_documents_that_are_given_because_a_decision_asks_for_them_are_said_again() -> None:
    decided = replace(filed(), ended_at=NOW - timedelta(seconds=50))
    refused = an_attempt(Verb.ANSWER, Delivery.REFUSED, 1, NUMBERED, UNAVAILABLE, planned=1)
    submission = a_submission(decided, refused, status=CaseStatus.APPROVED)
    assert timer(submission)[1] is Due.RETRY
    assert next_of(submission, Due.RETRY) == agenda.Plan(Verb.ANSWER, refused)
    assert called(submission, "CN1")[0] is Attention.GATEWAY
    lost = an_attempt(Verb.ANSWER, Delivery.LOST, 1, NUMBERED, "maybe_sent: the line broke", planned=1)
    assert next_of(a_submission(decided, lost, status=CaseStatus.APPROVED), Due.RECONCILE) == agenda.Plan(Verb.INQUIRE)


@pytest.mark.parametrize("status", [CaseStatus.APPROVED, CaseStatus.APPROVED_MODIFIED, CaseStatus.DENIED])
def test_a_decision_that_asks_for_documents_calls_the_practice_until_they_are_given(status: CaseStatus) -> None:
    who, why = called(a_submission(filed(), status=status), "CN1")
    assert who is Attention.PROVIDER
    assert "asks for documents" in (why or "")
    taken = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, 1, NUMBERED)
    assert called(a_submission(filed(), taken, status=status), "CN1")[0] is not Attention.PROVIDER
    refused = an_attempt(Verb.ANSWER, Delivery.REFUSED, 1, NUMBERED)
    assert called(a_submission(filed(), refused, status=status), "CN1")[0] is Attention.PROVIDER


def test_documents_wait_while_a_cancellation_is_pending_and_go_on_when_it_was_refused() -> None:
    refused = an_attempt(Verb.ANSWER, Delivery.REFUSED, 9, LABS, UNAVAILABLE)
    cancel = an_attempt(Verb.AMEND, Delivery.APP_ACKED, 1, CANCEL)
    assert next_of(with_cancellation(refused, cancel), Due.RETRY) == agenda.Rest()
    assert next_of(with_documents(refused, cancel), Due.RETRY) == agenda.Plan(Verb.ANSWER, refused)


@pytest.mark.parametrize("error", [*FOR_NOW, "not_sent: no connection"])
@pytest.mark.parametrize(("verb", "work"), BOTH)
def test_an_operator_is_called_after_too_long_and_trying_goes_on(
    verb: Verb, work: Change | Answers, error: str
) -> None:
    delivery = Delivery.PLANNED if error.startswith("not_sent") else Delivery.REFUSED
    first = an_attempt(verb, delivery, 1, work, error, planned=GIVE_UP)
    assert called(with_either(first), "OTHER")[0] is not Attention.OPERATOR
    first = an_attempt(verb, delivery, 1, work, error, planned=GIVE_UP + 1)
    later = an_attempt(verb, Delivery.REFUSED, 1, work, UNAVAILABLE, repeats=first)
    submission = with_either(first)
    if delivery is Delivery.REFUSED:
        submission = replace(submission, attempts=(*submission.attempts, later))
    who, why = called(submission)
    assert who is Attention.OPERATOR
    assert ("documents" if verb is Verb.ANSWER else "cancellation") in (why or "")
    assert timer(submission)[1] is Due.RETRY


def test_what_was_refused_long_ago_does_not_count_for_what_is_said_now() -> None:
    """A practice may cancel again after a refusal; the second cancellation has all the time the profile allows."""
    refused = an_attempt(Verb.AMEND, Delivery.REFUSED, 9, CANCEL, planned=GIVE_UP * 9)
    now = an_attempt(Verb.AMEND, Delivery.REFUSED, 1, CANCEL, UNAVAILABLE)
    assert called(with_cancellation(refused, now))[0] is Attention.GATEWAY


def test_while_documents_wait_it_is_the_gateways_move_unless_the_payer_wants_others_too() -> None:
    for delivery, error in ((Delivery.REFUSED, UNAVAILABLE), (Delivery.PLANNED, "not_sent: x"), (Delivery.LOST, "x")):
        waiting = with_documents(an_attempt(Verb.ANSWER, delivery, 1, NUMBERED, error))
        assert called(waiting, "CN1")[0] is Attention.GATEWAY
        assert called(waiting, "CN1", "CN2")[0] is Attention.PROVIDER


@pytest.mark.parametrize(("verb", "work"), BOTH)
def test_what_may_have_arrived_is_asked_about_in_the_rhythm_of_uncertainty_and_then_an_operator_is_called(
    verb: Verb, work: Change | Answers
) -> None:
    work, asked_for = (NUMBERED, ["CN1"]) if verb is Verb.ANSWER else (work, [])
    lost = an_attempt(verb, Delivery.LOST, 1, work, "maybe_sent: the line broke")
    for asked, wait in enumerate([10, 20, 40, 600, 600]):
        inquiries = [an_attempt(Verb.INQUIRE, Delivery.REFUSED, 1) for _ in range(asked)]
        submission = with_either(lost)
        submission = replace(submission, attempts=(*submission.attempts, *inquiries))
        assert timer(submission) == (wait, Due.RECONCILE)
        assert next_of(submission, Due.RECONCILE) == agenda.Plan(Verb.INQUIRE)
        expected = Attention.OPERATOR if asked >= len(RHYTHM.reconcile) else Attention.GATEWAY
        assert called(submission, *asked_for)[0] is expected


def test_a_cancellation_of_an_old_approval_is_followed_up_as_one_of_a_new() -> None:
    """Polling gives up a day after the last thing the payer was told, not after the filing."""
    old = an_attempt(delivery=Delivery.APP_ACKED, sent=60 * 86400)
    taken = an_attempt(Verb.AMEND, Delivery.APP_ACKED, 10, CANCEL)
    submission = a_submission(old, taken, status=CaseStatus.CANCEL_PENDING, cancelling=True)
    assert timer(submission)[1] is Due.POLL
    assert called(submission)[0] is Attention.PAYER


def test_a_cancellation_whose_number_alone_the_payer_remembers_calls_an_operator() -> None:
    seen = an_attempt(Verb.AMEND, Delivery.APP_ACKED, 1, CANCEL, f"{attempts.SEEN}: and no more")
    inquiry = an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, 0)
    assert called(with_cancellation(seen, inquiry))[0] is Attention.OPERATOR


def test_documents_whose_number_alone_the_payer_remembers_are_the_practices_to_send_while_it_asks_for_them() -> None:
    seen = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, 1, NUMBERED, f"{attempts.SEEN}: and no more")
    assert called(with_documents(seen), "CN1")[0] is Attention.PROVIDER
    taken = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, 1, NUMBERED)
    assert called(with_documents(taken), "CN1")[0] is Attention.PAYER


@pytest.mark.parametrize("error", [None, f"{attempts.INEXPRESSIBLE}: too large"])
def test_refused_documents_stay_the_practices_to_mend_however_often_the_payer_is_asked(error: str | None) -> None:
    refused = an_attempt(Verb.ANSWER, Delivery.REFUSED, 9, LABS, error)
    inquiry = an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, 1)
    for status in UNDER_REVIEW:
        assert called(with_documents(refused, inquiry, status=status))[0] is Attention.PROVIDER
    others = an_attempt(Verb.ANSWER, Delivery.APP_ACKED, 1, LABS)
    assert called(with_documents(refused, others, status=CaseStatus.PENDED))[0] is Attention.PAYER


def test_tries_begin_anew_when_the_payer_took_something() -> None:
    submission = replace(with_documents(), tries=7)
    assert agenda.tries_after(submission, submission.status) == 8
    assert agenda.tries_after(submission, submission.status, progress=True) == 0


def test_a_message_that_waits_leaves_an_uncertain_filing_its_inquiry() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=9)
    waiting = an_attempt(Verb.AMEND, Delivery.PLANNED, 1, CANCEL, "not_sent: x")
    submission = a_submission(lost, waiting, status=CaseStatus.UNCERTAIN, cancelling=True)
    assert timer(submission) == (10, Due.RECONCILE)
    assert next_of(submission, Due.RECONCILE) == agenda.Plan(Verb.INQUIRE)


def test_the_first_saying_is_not_left_out_for_a_decision_that_came_meanwhile() -> None:
    """The practice was told that its documents are taken: they go once at least."""
    fresh = an_attempt(Verb.ANSWER, work=LABS)
    assert next_of(with_documents(fresh, status=CaseStatus.DENIED)) == agenda.Speak(fresh)
