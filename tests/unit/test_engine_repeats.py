"""A payer that knows messages by their ids is told again what was lost, in the same words, and never asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from gateway.contract.adapter import Answers
from gateway.contract.errors import MaybeSent, NotSent
from gateway.engine import agenda
from gateway.engine.attention import attention_of
from gateway.engine.awaiting import acknowledgements
from gateway.engine.told import Told
from gateway.model.people import Level
from gateway.model.questions import OpenRound, QuestionAnswer
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.profiles.payer import Rhythm
from gateway.store.records import Attempt, Due, Submission, Verb
from tests.unit.engine_material import LABS, LEASE, NOW, RHYTHM, a_submission, an_attempt, standing

GIVEN = Answers(round="5" * 32, questions=(QuestionAnswer(question="1", text="It does."),))
LATE = RHYTHM.model_copy(update={"acknowledge_seconds": 900.0})


def next_of(submission: Submission, due: Due | None = None) -> agenda.Next:
    return agenda.next_of(submission, due, NOW, LEASE, repeats=True)


def placed(sent: float, *more: Attempt, status: CaseStatus = CaseStatus.SUBMITTING) -> Submission:
    return a_submission(an_attempt(delivery=Delivery.TRANSPORT_ACKED, sent=sent), *more, status=status)


def test_a_lost_filing_is_said_again_when_its_timer_rings_and_not_before() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=600)
    uncertain = a_submission(lost, status=CaseStatus.UNCERTAIN)
    for due in (None, Due.RETRY, Due.POLL):
        assert next_of(uncertain, due) == agenda.Rest()
    assert next_of(uncertain, Due.RECONCILE) == agenda.Speak(lost)


@pytest.mark.parametrize("work", [GIVEN, LABS], ids=["answers", "documents"])
def test_lost_answers_are_said_again_under_their_own_stamp(work: Answers) -> None:
    lost = an_attempt(Verb.ANSWER, Delivery.LOST, sent=60, work=work)
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=700)
    submission = a_submission(filed, lost, status=CaseStatus.NEEDS_INFORMATION)
    assert next_of(submission, Due.RECONCILE) == agenda.Speak(lost)
    assert next_of(submission) == agenda.Rest()


@pytest.mark.parametrize("answers", [None, *Delivery])
def test_nobody_is_ever_asked_where_it_stands(answers: Delivery | None) -> None:
    more = [an_attempt(Verb.ANSWER, answers, sent=60, work=GIVEN)] if answers else []
    for status, delivery, due in product(CaseStatus, Delivery, [*Due, None]):
        todo = next_of(a_submission(an_attempt(delivery=delivery, sent=90), *more, status=status), due)
        assert todo != agenda.Plan(Verb.INQUIRE), (status, delivery, due)


def test_each_loss_is_said_again_after_a_longer_wait_and_then_as_often_as_is_polled() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=5)
    waits = []
    for tries in range(5):
        submission = a_submission(lost, status=CaseStatus.UNCERTAIN, tries=tries)
        at, due = agenda.timer_of(submission, standing(CaseStatus.UNCERTAIN), NOW, RHYTHM, None, repeats=True)
        assert (at, due) == (at, Due.RECONCILE)
        assert at is not None
        waits.append((at - NOW).total_seconds())
    assert waits == [10, 20, 40, 600, 600]


def test_an_operator_is_called_when_it_was_said_again_as_often_as_the_profile_has_it() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=5, error="maybe_sent: no reply")
    calls = [
        attention_of(
            a_submission(lost, status=CaseStatus.UNCERTAIN, tries=tries), standing(CaseStatus.UNCERTAIN), NOW, RHYTHM
        )[0]
        for tries in range(5)
    ]
    assert calls == [Attention.GATEWAY] * 3 + [Attention.OPERATOR] * 2


def test_an_operator_is_called_for_answers_of_which_nobody_knows_for_too_long() -> None:
    def call(since: float) -> Attention:
        lost = replace(an_attempt(Verb.ANSWER, Delivery.LOST, sent=5, work=GIVEN, planned=since))
        filed = an_attempt(delivery=Delivery.APP_ACKED, sent=since + 60, planned=since + 60)
        submission = a_submission(filed, lost, status=CaseStatus.NEEDS_INFORMATION)
        return attention_of(
            submission, Standing(CaseStatus.NEEDS_INFORMATION, {}, Attention.PROVIDER), NOW, RHYTHM, ()
        )[0]

    assert [call(since) for since in (30, 3590, 3610)] == [Attention.GATEWAY, Attention.GATEWAY, Attention.OPERATOR]


def test_what_was_taken_is_looked_at_when_it_must_have_been_answered_and_an_operator_is_called_then() -> None:
    submission = placed(100)
    at, due = agenda.timer_of(submission, standing(CaseStatus.SUBMITTING), NOW, LATE, None, repeats=True)
    assert (at, due) == (NOW + timedelta(seconds=800), Due.POLL)
    assert next_of(submission, Due.POLL) == agenda.Await()
    own = Standing(CaseStatus.SUBMITTING, {}, Attention.PAYER)
    assert attention_of(submission, own, NOW, LATE) == (Attention.PAYER, None)
    who, why = attention_of(placed(901), own, NOW, LATE)
    assert who is Attention.OPERATOR
    assert "said nothing of it" in (why or "")


def test_answers_are_waited_for_as_long_as_a_decision_may_take() -> None:
    def given(sent: float) -> Submission:
        answers = an_attempt(Verb.ANSWER, Delivery.TRANSPORT_ACKED, sent=sent, work=GIVEN)
        filed = an_attempt(delivery=Delivery.APP_ACKED, sent=sent + 600)
        return a_submission(filed, answers, status=CaseStatus.NEEDS_INFORMATION)

    def call(sent: float) -> tuple[Attention, str | None]:
        own = Standing(CaseStatus.NEEDS_INFORMATION, {}, Attention.PROVIDER)
        return attention_of(given(sent), own, NOW, LATE)

    assert call(86000) == (Attention.PAYER, None)
    assert call(86500) == (Attention.OPERATOR, "the payer has not decided in the time its profile allows")
    assert acknowledgements(given(60), NOW, LATE) == []
    own = Standing(CaseStatus.NEEDS_INFORMATION, {}, Attention.PAYER)
    decided_by = agenda.awaited_until(given(60), own, NOW, LATE)
    assert decided_by == NOW + timedelta(seconds=86400 - 60 + 1)


def test_documents_that_were_left_with_a_payer_must_be_acknowledged_sooner() -> None:
    left = an_attempt(Verb.ANSWER, Delivery.TRANSPORT_ACKED, sent=60, work=LABS)
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=600)
    submission = a_submission(filed, left, status=CaseStatus.NEEDS_INFORMATION)
    assert acknowledgements(submission, NOW, LATE) == [NOW + timedelta(seconds=840)]


def test_what_could_not_be_said_again_is_as_lost_as_before() -> None:
    lost = an_attempt(delivery=Delivery.LOST, sent=60)
    refused = NotSent("no connection")
    assert Told(lost, None, None, refused, effect=True, lost=True).ending(Delivery.SENT) is Delivery.LOST
    assert Told(lost, None, None, refused, effect=True).ending(Delivery.SENT) is Delivery.PLANNED
    assert Told(lost, None, None, MaybeSent("no reply"), effect=True).ending(Delivery.SENT) is Delivery.LOST


def test_what_is_expedited_is_waited_for_a_day_and_not_for_as_long_as_anything_else() -> None:
    slow = LATE.model_copy(update={"poll": LATE.poll.model_copy(update={"give_up_seconds": 259200.0})})
    hours = timedelta(hours=1)

    def call(since: timedelta, urgency: Level, rhythm: Rhythm = slow) -> tuple[Attention, str | None]:
        filed = an_attempt(delivery=Delivery.APP_ACKED, sent=since.total_seconds())
        submission = a_submission(filed, status=CaseStatus.PENDED)
        own = Standing(CaseStatus.PENDED, {}, Attention.PAYER)
        return attention_of(submission, own, NOW, rhythm, urgency=urgency)

    assert call(25 * hours, "standard")[0] is Attention.PAYER
    assert call(73 * hours, "standard") == (
        Attention.OPERATOR,
        "the payer has not decided in the time its profile allows",
    )
    assert call(23 * hours, "expedited")[0] is Attention.PAYER
    assert call(25 * hours, "expedited") == (
        Attention.OPERATOR,
        "the payer has not decided in the time its profile allows for what is expedited",
    )
    longer = slow.model_copy(update={"expedited_seconds": 259200.0})
    assert call(25 * hours, "expedited", longer)[0] is Attention.PAYER
    endless = slow.model_copy(update={"expedited_seconds": 90 * 86400.0})
    assert call(73 * hours, "expedited", endless)[0] is Attention.OPERATOR


def test_a_payer_that_says_by_when_it_decides_is_held_to_it_and_gets_no_more_time_for_it() -> None:
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=3600)
    submission = a_submission(filed, status=CaseStatus.PENDED)

    def standing_with(seconds: float) -> Standing:
        by = NOW + timedelta(seconds=seconds)
        return Standing(CaseStatus.PENDED, {}, Attention.PAYER, expected_by=by)

    def call(seconds: float, now: timedelta = timedelta(0)) -> tuple[Attention, str | None]:
        return attention_of(submission, standing_with(seconds), NOW + now, LATE)

    assert call(1)[0] is Attention.PAYER
    assert call(-1) == (
        Attention.OPERATOR,
        "the payer has not decided by the time it gave itself, 2026-03-09T11:59:59Z",
    )
    late = call(30 * 86400, timedelta(hours=24))
    assert late == (Attention.OPERATOR, "the payer has not decided in the time its profile allows")
    asking = replace(standing_with(-1), rounds=(OpenRound(round="5" * 32, title="Asked"),))
    assert attention_of(submission, asking, NOW, LATE)[0] is not Attention.OPERATOR
    for expected, looked_at in ((600, 601), (30 * 86400, 86400 - 3600 + 1)):
        at = agenda.awaited_until(submission, standing_with(expected), NOW, LATE)
        assert at == NOW + timedelta(seconds=looked_at)


@pytest.mark.parametrize("repeats", [True, False])
def test_the_timer_rings_when_the_decision_is_late(repeats: bool) -> None:
    """A payer is asked every ten minutes at the least often; a person is not called ten minutes late for it."""
    filed = an_attempt(delivery=Delivery.APP_ACKED, sent=3600)
    submission = a_submission(filed, status=CaseStatus.PENDED, tries=9)
    own = Standing(CaseStatus.PENDED, {}, Attention.PAYER, expected_by=NOW + timedelta(seconds=100))
    soon = (NOW + timedelta(seconds=101), Due.POLL)
    assert agenda.timer_of(submission, own, NOW, LATE, None, repeats=repeats) == soon
    over = replace(own, expected_by=NOW - timedelta(seconds=100))
    assert agenda.timer_of(submission, over, NOW, LATE, None, repeats=repeats) == (
        NOW + timedelta(seconds=600),
        Due.POLL,
    )
    hurried = LATE.model_copy(update={"expedited_seconds": 3800.0})
    urgent = replace(own, expected_by=None)
    for urgency, at in (("expedited", 201), ("standard", 600)):
        told = agenda.timer_of(submission, urgent, NOW, hurried, None, repeats=repeats, urgency=urgency)  # type: ignore[arg-type]
        assert told[0] == NOW + timedelta(seconds=at)
