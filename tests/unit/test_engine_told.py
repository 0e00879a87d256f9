"""What became of an attempt, as whoever said it tells it: several workers may tell of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.engine.told import Told
from gateway.model.status import CaseStatus, Delivery
from gateway.store.records import Attempt
from tests.unit.engine_material import NOW, a_submission, an_attempt

SENT = an_attempt(delivery=Delivery.SENT, sent=30)
AGAIN = replace(SENT, sent_at=NOW - timedelta(seconds=10))


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
