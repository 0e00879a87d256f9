"""What became of attempts, by errors, answers and inquiries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.contract.adapter import Answers, Change
from gateway.contract.errors import CannotExpress, ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.engine import attempts
from gateway.model.outcome import Answer, LineResult, Outcome
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.store.records import Verb
from tests.unit.engine_material import CANCEL, LABS, NOW, RHYTHM, a_submission, an_attempt


@pytest.mark.parametrize(
    ("error", "effect", "delivery"),
    [
        (NotSent("x"), True, Delivery.PLANNED),
        (NeedsPerson("x"), True, Delivery.PLANNED),
        (MaybeSent("x"), True, Delivery.LOST),
        (Unreadable("x"), True, Delivery.LOST),
        (CannotExpress(), True, Delivery.REFUSED),
        (NotSent("x"), False, Delivery.PLANNED),
        (NeedsPerson("x"), False, Delivery.PLANNED),
        (MaybeSent("x"), False, Delivery.PLANNED),
        (Unreadable("x"), False, Delivery.PLANNED),
        (CannotExpress(), False, Delivery.REFUSED),
    ],
)
@pytest.mark.parametrize("verb", [Verb.SUBMIT, Verb.AMEND, Verb.ANSWER])
def test_an_error_says_what_happens_next(verb: Verb, error: ExchangeError, effect: bool, delivery: Delivery) -> None:
    assert attempts.delivery_after_error(verb, error, effect) is delivery


@pytest.mark.parametrize("error", [NotSent("x"), NeedsPerson("x"), MaybeSent("x"), Unreadable("x"), CannotExpress()])
def test_a_question_that_broke_is_not_asked_again_under_its_number(error: ExchangeError) -> None:
    assert attempts.delivery_after_error(Verb.INQUIRE, error, False) is Delivery.REFUSED


def test_not_found_is_proof_only_when_asked_after_the_settle_time() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=100)
    submission = a_submission(lost, status=CaseStatus.UNCERTAIN)
    not_found = Outcome(answer=Answer.NOT_FOUND)
    early = NOW - timedelta(seconds=71)
    assert attempts.settled_by_inquiry(submission, early, not_found, RHYTHM) == ()
    late = NOW - timedelta(seconds=70)
    assert attempts.settled_by_inquiry(submission, late, not_found, RHYTHM) == ((lost, Delivery.PLANNED),)


@pytest.mark.parametrize("of_filing", [True, False])
def test_a_refusal_of_the_filing_that_an_inquiry_fetched_shows_that_it_arrived(of_filing: bool) -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=100)
    submission = a_submission(lost, status=CaseStatus.UNCERTAIN)
    refused = Outcome(answer=Answer.REJECTED, of_filing=of_filing)
    moves = attempts.settled_by_inquiry(submission, NOW, refused, RHYTHM)
    assert moves == (((lost, Delivery.RECONCILED),) if of_filing else ())
    asked = attempts.delivery_after(Verb.INQUIRE, refused)
    assert asked is (Delivery.APP_ACKED if of_filing else Delivery.REFUSED)
    assert attempts.delivery_after(Verb.SUBMIT, refused) is Delivery.REFUSED


@pytest.mark.parametrize(("asked", "goes"), [(1, True), (11, True), (12, False)])
def test_a_filing_whose_worker_died_goes_again_however_often_it_went_but_not_for_ever(asked: int, goes: bool) -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=100, planned=900, error=f"maybe_sent: {attempts.GONE}")
    believed = an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, error=attempts.BELIEVED)
    inquiries = [an_attempt(Verb.INQUIRE, Delivery.APP_ACKED) for _ in range(asked - 1)]
    submission = a_submission(lost, believed, *inquiries, status=CaseStatus.UNCERTAIN)
    moves = attempts.settled_by_inquiry(submission, NOW, Outcome(answer=Answer.NOT_FOUND), RHYTHM)
    assert moves == (((lost, Delivery.PLANNED),) if goes else ())


@pytest.mark.parametrize(
    ("error", "asked", "word"),
    [
        (f"maybe_sent: {attempts.GONE}", 11, None),
        (f"maybe_sent: {attempts.GONE}", 12, attempts.BELIEVED),
        ("maybe_sent: the line broke", 1, attempts.BELIEVED),
        (f"{attempts.NUMBER_USED}: seen", 1, attempts.BELIEVED),
    ],
)
def test_the_death_of_a_worker_uses_up_no_belief(error: str, asked: int, word: str | None) -> None:
    """A line that breaks after a worker's death is the payer's first."""
    lost = an_attempt(delivery=Delivery.LOST, sent=100, error=error)
    inquiries = [an_attempt(Verb.INQUIRE, Delivery.APP_ACKED) for _ in range(asked)]
    submission = a_submission(lost, *inquiries, status=CaseStatus.UNCERTAIN)
    moves = attempts.settled_by_inquiry(submission, NOW, Outcome(answer=Answer.NOT_FOUND), RHYTHM)
    assert [attempt for attempt, _ in moves] == [lost]
    assert attempts.word_of_inquiry(submission, moves) == word
    found = attempts.settled_by_inquiry(submission, NOW, Outcome(answer=Answer.RECEIVED), RHYTHM)
    assert attempts.word_of_inquiry(submission, found) is None


@pytest.mark.parametrize("error", [None, f"{attempts.NUMBER_USED}: seen"])
def test_that_a_filing_is_not_on_file_is_believed_once_unless_it_was_cancelled(error: str | None) -> None:
    believed = an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, error=attempts.BELIEVED)
    lost = an_attempt(delivery=Delivery.LOST, sent=100, planned=300, error=error)
    submission = a_submission(lost, believed, status=CaseStatus.UNCERTAIN)
    not_found = Outcome(answer=Answer.NOT_FOUND)
    assert attempts.settled_by_inquiry(submission, NOW, not_found, RHYTHM) == ()
    cancelled = replace(submission, cancelling=True)
    [(attempt, delivery)] = attempts.settled_by_inquiry(cancelled, NOW, not_found, RHYTHM)
    assert (attempt, delivery in (Delivery.PLANNED, Delivery.REFUSED)) == (lost, True)
    found = Outcome(answer=Answer.RECEIVED)
    assert attempts.settled_by_inquiry(submission, NOW, found, RHYTHM) == ((lost, Delivery.RECONCILED),)


def test_a_new_filing_is_not_sent_again_either_when_not_found_was_believed_of_an_earlier_one() -> None:
    earlier = an_attempt(delivery=Delivery.REFUSED, sent=250, planned=400)
    believed = an_attempt(Verb.INQUIRE, Delivery.APP_ACKED, error=attempts.BELIEVED)
    lost = an_attempt(delivery=Delivery.LOST, sent=100, planned=100)
    submission = a_submission(earlier, believed, lost, status=CaseStatus.UNCERTAIN)
    assert attempts.settled_by_inquiry(submission, NOW, Outcome(answer=Answer.NOT_FOUND), RHYTHM) == ()


@pytest.mark.parametrize("answer", [Answer.UNAVAILABLE, Answer.NUMBER_USED, Answer.UNMAPPED, Answer.REJECTED])
def test_an_inquiry_that_says_nothing_of_the_filing_proves_nothing(answer: Answer) -> None:
    submission = a_submission(an_attempt(delivery=Delivery.LOST, sent=9999), status=CaseStatus.UNCERTAIN)
    assert attempts.settled_by_inquiry(submission, NOW, Outcome(answer=answer), RHYTHM) == ()


def test_an_inquiry_that_finds_the_filing_reconciles_it() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=1)
    submission = a_submission(lost, status=CaseStatus.UNCERTAIN)
    found = Outcome(answer=Answer.REVIEWED, lines=(LineResult(line="1", outcome=LineOutcome.PENDING),))
    assert attempts.settled_by_inquiry(submission, NOW, found, RHYTHM) == ((lost, Delivery.RECONCILED),)


def test_a_used_number_leaves_open_what_became_of_a_filing_only_if_it_was_said_before() -> None:
    used = Outcome(answer=Answer.NUMBER_USED)
    assert attempts.delivery_after(Verb.SUBMIT, used) is Delivery.REFUSED
    assert attempts.delivery_after(Verb.SUBMIT, used, again=True) is Delivery.LOST
    assert attempts.delivery_after(Verb.AMEND, used, again=True) is Delivery.REFUSED


def test_a_filing_whose_number_is_used_and_that_is_not_found_is_refused_and_keeps_the_reason() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=100, error=f"{attempts.NUMBER_USED}: seen")
    submission = a_submission(lost, status=CaseStatus.UNCERTAIN)
    not_found = Outcome(answer=Answer.NOT_FOUND)
    assert attempts.settled_by_inquiry(submission, NOW - timedelta(seconds=71), not_found, RHYTHM) == ()
    [move] = attempts.settled_by_inquiry(submission, NOW - timedelta(seconds=70), not_found, RHYTHM)
    assert move == (lost, Delivery.REFUSED)
    assert attempts.word_after_inquiry(*move) == lost.error
    found = Outcome(answer=Answer.REVIEWED, lines=(LineResult(line="1", outcome=LineOutcome.PENDING),))
    assert attempts.settled_by_inquiry(submission, NOW, found, RHYTHM) == ((lost, Delivery.RECONCILED),)


WORDS = LineOutcome
NUMBERED = LABS.model_copy(update={"control_numbers": {"labs": "CN1"}})


@pytest.mark.parametrize(
    ("work", "said", "delivery"),
    [
        (NUMBERED, (WORDS.INFO_REQUESTED, WORDS.PENDING), Delivery.PLANNED),
        (NUMBERED, (WORDS.PENDING, WORDS.UNKNOWN), Delivery.RECONCILED),
        (NUMBERED, (WORDS.UNKNOWN,), None),
        (NUMBERED, (WORDS.CERTIFIED, WORDS.NOT_CERTIFIED), Delivery.RECONCILED),
        # Nobody asked for these by number: that the payer reviews says nothing of them.
        (LABS, (WORDS.INFO_REQUESTED,), Delivery.PLANNED),
        (LABS, (WORDS.PENDING,), Delivery.PLANNED),
        (LABS, (WORDS.CONTACT_PAYER, WORDS.CERTIFIED), Delivery.PLANNED),
        (LABS, (WORDS.NOT_CERTIFIED,), Delivery.RECONCILED),
        (LABS, (), None),
        # A cancellation.
        (CANCEL, (WORDS.CANCELLED, WORDS.CANCELLED), Delivery.RECONCILED),
        (CANCEL, (WORDS.CERTIFIED, WORDS.CANCELLED), Delivery.PLANNED),
        (CANCEL, (), None),
    ],
)
def test_what_was_lost_goes_again_unless_the_answer_shows_that_it_arrived(
    work: Change | Answers, said: tuple[LineOutcome, ...], delivery: Delivery | None
) -> None:
    verb = Verb.AMEND if isinstance(work, Change) else Verb.ANSWER
    lost = an_attempt(verb, Delivery.LOST, 100, work)
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=999)
    submission = a_submission(filed, lost, status=CaseStatus.NEEDS_INFORMATION)
    lines = tuple(LineResult(line=str(place), outcome=word) for place, word in enumerate(said))
    outcome = Outcome(answer=Answer.REVIEWED, lines=lines)
    moves = attempts.settled_by_inquiry(submission, NOW, outcome, RHYTHM)
    assert moves == (((lost, delivery),) if delivery else ())
    # Asked before the payer's settle time, an answer can show that it arrived, and not that it did not.
    early = attempts.settled_by_inquiry(submission, NOW - timedelta(seconds=99), outcome, RHYTHM)
    assert early == (((lost, delivery),) if delivery is Delivery.RECONCILED else ())


@pytest.mark.parametrize(("verb", "work"), [(Verb.AMEND, CANCEL), (Verb.ANSWER, LABS)])
@pytest.mark.parametrize(
    ("answer", "delivery"),
    [
        (Answer.RECEIVED, Delivery.PLANNED),
        (Answer.CANCELLED, Delivery.RECONCILED),
        (Answer.NOT_FOUND, None),
        (Answer.UNAVAILABLE, None),
        (Answer.NUMBER_USED, None),
        (Answer.REJECTED, None),
        (Answer.UNMAPPED, None),
    ],
)
def test_answers_without_lines_say_of_a_lost_message_what_they_can(
    verb: Verb, work: Change | Answers, answer: Answer, delivery: Delivery | None
) -> None:
    lost = an_attempt(verb, Delivery.LOST, 100, work)
    submission = a_submission(an_attempt(delivery=Delivery.APP_ACKED, sent=999), lost, status=CaseStatus.PENDED)
    moves = attempts.settled_by_inquiry(submission, NOW, Outcome(answer=answer), RHYTHM)
    assert moves == (((lost, delivery),) if delivery else ())


@pytest.mark.parametrize(
    ("verb", "outcome", "word"),
    [
        (Verb.SUBMIT, Outcome(answer=Answer.NUMBER_USED), attempts.NUMBER_USED),
        (Verb.SUBMIT, Outcome(answer=Answer.UNAVAILABLE), None),
        (Verb.INQUIRE, Outcome(answer=Answer.UNAVAILABLE), None),
        (Verb.AMEND, Outcome(answer=Answer.UNAVAILABLE), attempts.UNAVAILABLE),
        (Verb.ANSWER, Outcome(answer=Answer.UNAVAILABLE), attempts.UNAVAILABLE),
        (Verb.ANSWER, Outcome(answer=Answer.RECEIVED, attention=Attention.GATEWAY), attempts.SEEN),
        (Verb.ANSWER, Outcome(answer=Answer.RECEIVED), None),
        (Verb.AMEND, Outcome(answer=Answer.CANCEL_REFUSED), None),
        (Verb.ANSWER, Outcome(answer=Answer.REJECTED), None),
    ],
)
def test_an_attempt_keeps_a_word_of_an_answer_that_does_not_end_it(
    verb: Verb, outcome: Outcome, word: str | None
) -> None:
    assert (attempts.word_of_answer(verb, outcome) or "").partition(":")[0] == (word or "")
