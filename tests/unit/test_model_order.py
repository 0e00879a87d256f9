"""In what order a payer's messages count, and who looks when its dates and the order of receipt disagree."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.model.outcome import Answer, Outcome
from gateway.model.standing import Heard, Standing, settle
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from tests.unit.test_model_standing import APPROVED, ASKED, DENIED, LINES, NOON, PENDED, reviewed, said

CANCELLED = said(Answer.CANCELLED)


def heard(outcome: Outcome, dated: float | None, came: float, asked: float | None = None) -> Heard:
    """A message with the payer's own time, that of receipt, and that of sending what it answers: in seconds after
    noon."""
    effective = None if dated is None else after(dated)
    at = None if asked is None else after(asked)
    return Heard(outcome.model_copy(update={"effective_at": effective}), after(came), asked is None, at)


def filed(outcome: Outcome, dated: float | None, came: float, asked: float | None = None) -> Heard:
    """The same, in a file."""
    return replace(heard(outcome, dated, came, asked), posted=True)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def stand(*items: Heard) -> Standing:
    standing = settle(LINES, Delivery.APP_ACKED, items)
    assert settle(LINES, Delivery.APP_ACKED, items[::-1]) == standing
    return standing


def test_within_one_minute_of_the_payers_time_the_order_of_receipt_counts() -> None:
    """It said its approval at 12:00:45 and its cancellation at 12:00, to the minute."""
    standing = stand(heard(APPROVED, 45, 46), heard(CANCELLED, 0, 55))
    assert (standing.status, standing.attention) == (CaseStatus.CANCELLED, Attention.NONE)
    for dated in (0, 5):  # replies that come in a hurry count as they come, even where a clock of theirs lags
        standing = stand(heard(DENIED, 45, 46), heard(APPROVED, dated, 55))
        assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.NONE)


@pytest.mark.parametrize("dated", [-86400, -3600, -61, None, 30, 500])
def test_what_answers_a_later_question_is_not_older_whatever_its_date_says(dated: float | None) -> None:
    standing = stand(heard(APPROVED, 100, 110), heard(CANCELLED, dated, 130, asked=120))
    assert (standing.status, standing.attention) == (CaseStatus.CANCELLED, Attention.NONE)


def test_what_answers_a_question_that_was_sent_before_is_put_by_its_date() -> None:
    standing = stand(heard(APPROVED, 300, 310), heard(PENDED, 60, 330, asked=305))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.NONE)


def test_a_decision_that_changes_one_it_is_dated_before_counts_and_a_person_looks() -> None:
    standing = stand(heard(DENIED, 300, 310), heard(APPROVED, -86400, 400, asked=390))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.OPERATOR)
    assert "dated before" in (standing.attention_why or "")


def test_a_copy_of_an_old_answer_to_a_new_question_is_not_lost_among_the_old() -> None:
    first = heard(DENIED, 0, 10)
    standing = stand(first, heard(APPROVED, 300, 310), Heard(first.outcome, after(400), False, after(390)))
    assert (standing.status, standing.attention) == (CaseStatus.DENIED, Attention.OPERATOR)


@pytest.mark.proves("BA-07")
def test_the_same_answer_to_every_question_changes_nothing_and_calls_nobody() -> None:
    first = heard(PENDED, 0, 10)
    polls = [Heard(first.outcome, after(place), False, after(place - 5)) for place in (100, 200, 300)]
    assert stand(first, *polls) == stand(first)


@pytest.mark.proves("AK-04")
@pytest.mark.parametrize(
    "late", [DENIED, CANCELLED, said(Answer.CLOSED), said(Answer.DUPLICATE), said(Answer.REJECTED)]
)
def test_a_decision_that_comes_later_and_is_dated_before_another_never_vanishes_in_silence(late: Outcome) -> None:
    standing = stand(heard(APPROVED, 600, 610), heard(late, 300, 620))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.OPERATOR)
    assert "contradicts" in (standing.attention_why or "")


def test_of_a_late_message_only_what_it_decides_can_contradict() -> None:
    mixed = reviewed(LineOutcome.CERTIFIED, LineOutcome.PENDING)
    for late in (PENDED, ASKED, mixed, APPROVED, said(Answer.RECEIVED)):
        standing = stand(heard(APPROVED, 600, 610), heard(late, 300, 620))
        assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.NONE)
    half = reviewed(LineOutcome.NOT_CERTIFIED, LineOutcome.PENDING)
    assert stand(heard(APPROVED, 600, 610), heard(half, 300, 620)).attention is Attention.OPERATOR


def test_once_the_payer_decides_again_nobody_need_look_at_its_dates() -> None:
    late = (heard(APPROVED, 600, 610), heard(DENIED, 300, 620))
    again = reviewed(LineOutcome.CERTIFIED, LineOutcome.CERTIFIED, messages=("as before",))
    standing = stand(*late, heard(again, 900, 910, asked=900))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.NONE)


@pytest.mark.parametrize(("first", "second"), [(400, 401), (401, 400), (400, 400)])
def test_of_files_of_one_minute_that_say_seconds_these_count_whichever_is_picked_up_first(
    first: float, second: float
) -> None:
    """As ever, a decision that comes late and is dated before another that it contradicts calls a person."""
    late = Attention.OPERATOR if first > second else Attention.NONE
    standing = stand(filed(APPROVED, 5, first), filed(DENIED, 50, second))
    assert (standing.status, standing.attention) == (CaseStatus.DENIED, late)
    standing = stand(filed(DENIED, 5, first), filed(APPROVED, 50, second))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, late)
    standing = stand(filed(PENDED, 5, first), filed(APPROVED, 50, second))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.NONE)


def test_one_that_says_no_seconds_stays_where_it_was_picked_up_among_those_that_do() -> None:
    received = said(Answer.RECEIVED)
    standing = stand(filed(APPROVED, 50, 400), filed(received, 0, 401), filed(PENDED, 5, 402))
    assert (standing.status, standing.attention) == (CaseStatus.APPROVED, Attention.NONE)


@pytest.mark.parametrize(("approved", "denied"), [(0, 0), (0, 50), (5, 0), (7, 7)])
@pytest.mark.parametrize(("first", "second"), [(400, 401), (401, 400)])
def test_where_nobody_knows_which_of_two_files_decided_last_a_person_looks(
    approved: float, denied: float, first: float, second: float
) -> None:
    unclear = (filed(APPROVED, approved, first), filed(DENIED, denied, second))
    standing = stand(*unclear)
    assert standing.attention is Attention.OPERATOR
    assert "same minute" in (standing.attention_why or "")
    half = reviewed(LineOutcome.CERTIFIED, LineOutcome.PENDING)
    assert stand(*unclear, filed(half, 120, 500)).attention is Attention.OPERATOR
    whole = stand(*unclear, filed(reviewed(LineOutcome.NOT_CERTIFIED, LineOutcome.NOT_CERTIFIED), 120, 500))
    assert (whole.status, whole.attention) == (CaseStatus.DENIED, Attention.NONE)


def test_files_of_one_minute_that_do_not_contradict_each_other_call_nobody() -> None:
    one = reviewed(LineOutcome.CERTIFIED, LineOutcome.PENDING)
    for other in (APPROVED, one, said(Answer.RECEIVED)):
        assert stand(filed(other, 0, 400), filed(APPROVED, 0, 401)).attention is Attention.NONE
    assert stand(filed(PENDED, 0, 400), filed(DENIED, 0, 401)).attention is Attention.NONE


def test_what_was_asked_once_a_file_was_read_is_later_than_that_within_its_minute() -> None:
    standing = stand(filed(APPROVED, 50, 55), filed(DENIED, 5, 59, asked=57))
    assert (standing.status, standing.attention) == (CaseStatus.DENIED, Attention.NONE)
    standing = stand(filed(APPROVED, 50, 55), heard(CANCELLED, 0, 58, asked=57))
    assert (standing.status, standing.attention) == (CaseStatus.CANCELLED, Attention.NONE)


def test_a_reply_and_a_file_of_one_minute_that_contradict_each_other_call_a_person() -> None:
    assert stand(heard(APPROVED, 50, 51), filed(DENIED, 5, 400)).attention is Attention.OPERATOR


def test_of_files_that_answer_one_question_of_their_minute_their_seconds_count() -> None:
    """A round of questions, its answers, and two decisions on them: all within a minute, the last come out of order."""
    asked, first, second = filed(ASKED, 5, 6), filed(APPROVED, 20, 31, asked=10), filed(DENIED, 25, 30, asked=10)
    standing = stand(asked, second, first)
    assert (standing.status, standing.attention) == (CaseStatus.DENIED, Attention.OPERATOR)


@pytest.mark.parametrize("ahead", [3, 90])
def test_a_clock_that_is_a_little_ahead_still_says_which_of_its_files_is_the_later(ahead: float) -> None:
    first, second = filed(APPROVED, 20 + ahead, 31), filed(DENIED, 25 + ahead, 30)
    standing = stand(second, first)
    assert (standing.status, standing.attention) == (CaseStatus.DENIED, Attention.OPERATOR)


def test_a_file_that_answers_a_later_question_than_its_seconds_allow_is_not_put_before_that() -> None:
    standing = stand(filed(APPROVED, 20, 21), filed(DENIED, 10, 31, asked=25))
    assert standing.status is CaseStatus.DENIED
