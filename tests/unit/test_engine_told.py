"""What became of an attempt, as whoever said it tells it: several workers may tell of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.engine.told import Told
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import CaseStatus, Delivery
from gateway.store.records import Attempt, Verb
from tests.unit.engine_material import LABS, NOW, a_submission, an_attempt

SENT = an_attempt(delivery=Delivery.SENT, sent=30)
AGAIN = replace(SENT, sent_at=NOW - timedelta(seconds=10))


ANSWERS = an_attempt(Verb.ANSWER, Delivery.SENT, 30, LABS)
WORDS = [Delivery.APP_ACKED, Delivery.RECONCILED]


@pytest.mark.parametrize("before", WORDS)
@pytest.mark.parametrize("attempt", [SENT, ANSWERS])
@pytest.mark.parametrize(
    "end",
    [
        MaybeSent("the line broke"),
        Unreadable("HTML"),
        NotSent("no connection"),
        Answer.UNMAPPED,
        Answer.PLACED,
        Answer.UNAVAILABLE,
        Answer.NUMBER_USED,
    ],
)
def test_what_the_payer_said_that_it_has_it_has_however_its_sending_ends(
    end: ExchangeError | Answer, attempt: Attempt, before: Delivery
) -> None:
    """Its word came before the end of the sending: said again, the answers would be given twice."""
    for again in (False, True):
        error, outcome = (None, Outcome(answer=end)) if isinstance(end, Answer) else (end, None)
        told = Told(attempt, None, outcome, error, effect=True, again=again, lost=again)
        assert told.ending(before) is before


def test_a_refusal_of_the_second_copy_says_nothing_of_the_first_that_the_payer_has() -> None:
    refused = Told(ANSWERS, None, Outcome(answer=Answer.REJECTED), None, effect=True, again=True)
    assert refused.ending(Delivery.APP_ACKED) is Delivery.APP_ACKED
    assert refused.ending(Delivery.SENT) is Delivery.REFUSED


def test_what_the_payer_refused_is_not_lost_and_what_it_says_for_good_counts_over_an_earlier_word() -> None:
    assert Told(ANSWERS, None, None, MaybeSent("x"), effect=True).ending(Delivery.REFUSED) is Delivery.REFUSED
    for answer, after in ((Answer.REJECTED, Delivery.REFUSED), (Answer.REVIEWED, Delivery.APP_ACKED)):
        assert Told(ANSWERS, None, Outcome(answer=answer), None, effect=True).ending(Delivery.APP_ACKED) is after


def overtaken(error: ExchangeError, held: Attempt) -> bool:
    told = Told(SENT, None, None, error, effect=True)
    return told.overtaken(a_submission(held, status=CaseStatus.SUBMITTING))


@pytest.mark.parametrize("error", [NotSent("the worker stalled before it could send"), NeedsPerson("no secret")])
@pytest.mark.parametrize(
    "held", [replace(SENT, delivery=Delivery.LOST), AGAIN, replace(SENT, delivery=Delivery.PLANNED)]
)
def test_what_could_not_leave_here_and_others_took_over_is_not_planned_anew(
    error: ExchangeError, held: Attempt
) -> None:
    """Planned anew it would go again at once, beside what another worker has sent."""
    assert overtaken(error, held)


def test_what_could_not_leave_and_nobody_touched_is_planned_anew() -> None:
    assert not overtaken(NotSent("no connection"), SENT)


@pytest.mark.parametrize("error", [MaybeSent("the line broke"), Unreadable("HTML")])
def test_what_may_have_left_counts_whoever_has_it_now(error: ExchangeError) -> None:
    assert not overtaken(error, AGAIN)
