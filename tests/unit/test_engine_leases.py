"""Leases, and the calls that are open in this very process: of these a process knows better than any clock."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from gateway.contract.errors import NotSent
from gateway.engine import agenda
from gateway.engine.leases import Leases
from gateway.model.status import CaseStatus, Delivery
from tests.unit.engine_material import NOW, a_submission, an_attempt

LIBRARY = SimpleNamespace(connection=lambda _: SimpleNamespace(deadline_seconds=60, browser=None))


def leases(seconds_on: float = 0) -> Leases:
    return Leases(LIBRARY, lambda: NOW + timedelta(seconds=seconds_on))  # type: ignore[arg-type]


def test_an_attempt_may_be_in_flight_for_the_reply_and_a_margin() -> None:
    submission = a_submission()
    assert leases().length(submission) == timedelta(seconds=60) + agenda.LEASE_MARGIN
    assert leases().until(submission, NOW) > NOW + leases().length(submission), "it rings when the lease is over"


def test_a_frame_that_could_not_leave_in_time_does_not_leave() -> None:
    attempt = an_attempt(delivery=Delivery.SENT, sent=0)
    leases(5).check(attempt)
    with pytest.raises(NotSent, match="stalled"):
        leases(5.1).check(attempt)


def test_a_call_is_open_here_until_its_step_ends() -> None:
    held, attempt = leases(), an_attempt()
    submission = a_submission(an_attempt(), attempt, status=CaseStatus.SUBMITTING)
    assert not held.open_here(submission)
    with held.calling() as calls:
        assert calls.begin(attempt)
        assert held.open_here(submission)
        assert not held.open_here(replace(submission, attempts=submission.attempts[:1]))
    assert not held.open_here(submission)


def test_a_call_that_breaks_is_open_no_more() -> None:
    held, attempt = leases(), an_attempt()
    with suppress(OSError), held.calling() as calls:
        calls.begin(attempt)
        raise OSError
    assert not held.open_here(a_submission(attempt))


def test_nobody_here_begins_what_somebody_here_has_in_flight_and_nobody_ends_what_is_not_his() -> None:
    held, attempt = leases(), an_attempt()
    with held.calling() as first:
        assert first.begin(attempt)
        with held.calling() as second:
            assert not second.begin(attempt)
        assert held.open_here(a_submission(attempt))
        first.end()
        assert not held.open_here(a_submission(attempt))
        assert first.begin(attempt), "decided again after another worker was first"


def test_a_turn_of_a_page_may_take_its_deadline_its_turn_in_the_pace_and_some_more() -> None:
    site = SimpleNamespace(deadline_seconds=60, browser=SimpleNamespace(pace_seconds=3), places=2)
    held = Leases(SimpleNamespace(connection=lambda _: site), lambda: NOW)  # type: ignore[arg-type]
    assert timedelta(seconds=66) < held.turn(a_submission()) == held.length(a_submission()) - agenda.LEASE_MARGIN


def test_each_frame_is_a_sign_of_life() -> None:
    begun = an_attempt(delivery=Delivery.SENT, sent=60)
    goes_on = replace(begun, said_at=NOW)
    leases(5).check(goes_on)
    for attempt, todo in ((begun, agenda.CallLost(begun)), (goes_on, agenda.Rest())):
        submission = a_submission(attempt, status=CaseStatus.SUBMITTING)
        assert agenda.next_of(submission, None, NOW + timedelta(seconds=10), timedelta(seconds=65)) == todo
