"""The circuit breaker: what opens it, what never does, and how it closes again."""

from __future__ import annotations

import asyncio

import pytest

from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Reply
from gateway.transport.breaker import Breaker, State


class Line:
    """A breaker on a clock of the test's own."""

    def __init__(self, failures: int = 3) -> None:
        self.now = 0.0
        self.states: list[State] = []
        self.credentials = "wrong"
        self.breaker = Breaker(
            failures,
            30,
            lambda: self.now,
            self.states.append,
            refused_seconds=900,
            credentials=lambda: self.credentials,
        )

    def call(self, *ends: Reply | BaseException) -> None:
        for end in ends:
            with self.breaker.enter() as permit:
                permit.ended(end)


DOWN = NotSent("no connection")
ANSWER = Reply(200)


def test_failures_in_a_row_open_it_and_say_how_long() -> None:
    line = Line()
    line.call(DOWN, MaybeSent("broke"), DOWN)
    assert line.breaker.state is State.OPEN
    line.now = 10.5
    with pytest.raises(NotSent) as caught:
        line.breaker.enter()
    assert caught.value.retry_after == 20


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    line = Line()
    line.call(DOWN, DOWN, ANSWER, DOWN, DOWN)
    assert line.breaker.state is State.CLOSED


@pytest.mark.parametrize(
    "end",
    [
        Reply(200),
        Reply(400),
        Reply(401),
        Reply(404),
        Reply(429),
        Reply(500),
        NeedsPerson("x"),
        Unreadable("x"),
        asyncio.CancelledError(),
    ],
)
def test_what_a_payer_answers_and_what_is_our_own_fault_never_opens_it(end: Reply | BaseException) -> None:
    line = Line(failures=1)
    line.call(*[end] * 20)
    assert line.states == []


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_front_without_its_application_counts_as_a_failure(status: int) -> None:
    line = Line()
    line.call(*[Reply(status)] * 3)
    assert line.breaker.state is State.OPEN


def test_after_the_rest_one_call_tries_and_an_answer_closes_it() -> None:
    line = Line()
    line.call(DOWN, DOWN, DOWN)
    line.now = 30
    with line.breaker.enter() as trial:
        assert line.breaker.state is State.HALF_OPEN
        with pytest.raises(NotSent) as caught:
            line.breaker.enter()
        assert caught.value.retry_after == 1
        trial.ended(ANSWER)
    assert line.states == [State.OPEN, State.HALF_OPEN, State.CLOSED]
    line.call(DOWN, DOWN)
    assert line.breaker.state is State.CLOSED


def test_a_trial_that_fails_opens_it_for_another_rest() -> None:
    line = Line()
    line.call(DOWN, DOWN, DOWN)
    line.now = 31
    line.call(DOWN)
    assert line.breaker.state is State.OPEN
    line.now = 60
    with pytest.raises(NotSent):
        line.breaker.enter()
    line.now = 61
    line.call(ANSWER)
    assert line.breaker.state is State.CLOSED


def test_a_trial_that_ends_without_a_word_leaves_the_next_call_to_try() -> None:
    line = Line()
    line.call(DOWN, DOWN, DOWN)
    line.now = 30
    with pytest.raises(asyncio.CancelledError), line.breaker.enter():
        raise asyncio.CancelledError
    line.call(ANSWER)
    assert line.breaker.state is State.CLOSED


def test_a_call_from_before_it_opened_says_nothing_of_now() -> None:
    line = Line()
    early, late = line.breaker.enter(), line.breaker.enter()
    line.call(DOWN, DOWN, DOWN)
    early.ended(ANSWER)
    assert line.breaker.state is State.OPEN
    line.now = 30
    with line.breaker.enter() as trial:
        late.ended(DOWN)
        assert line.breaker.state is State.HALF_OPEN
        trial.ended(ANSWER)
    assert line.breaker.state is State.CLOSED


def test_only_the_first_word_about_a_call_counts() -> None:
    line = Line(failures=2)
    permit = line.breaker.enter()
    permit.ended(DOWN)
    permit.ended(DOWN)
    with permit:
        pass
    assert line.breaker.state is State.CLOSED


def refuse(line: Line) -> None:
    """A call is answered, and the answer says that our credentials are not accepted."""
    with line.breaker.enter() as permit:
        permit.ended(ANSWER)
        line.breaker.refuse()


def test_refused_credentials_open_it_at_once_and_for_the_long_rest() -> None:
    line = Line()
    refuse(line)
    assert (line.breaker.state, line.breaker.refused) == (State.OPEN, True)
    line.now = 899
    with pytest.raises(NotSent) as caught:
        line.breaker.enter()
    assert caught.value.retry_after == 1


def test_after_the_long_rest_one_call_tries_the_credentials_and_is_refused_for_another_or_closes_it() -> None:
    line = Line()
    refuse(line)
    line.now = 900
    with line.breaker.enter() as trial:
        with pytest.raises(NotSent):
            line.breaker.enter()
        trial.ended(ANSWER)
        line.breaker.refuse()
    line.now = 1799
    with pytest.raises(NotSent):
        line.breaker.enter()
    line.now = 1800
    line.call(ANSWER)
    assert (line.breaker.state, line.breaker.refused) == (State.CLOSED, False)


def test_credentials_that_were_put_right_are_tried_at_once_and_refused_again_for_the_long_rest() -> None:
    line = Line()
    refuse(line)
    line.now, line.credentials = 10, "mended"
    with line.breaker.enter() as trial:
        with pytest.raises(NotSent):
            line.breaker.enter()
        trial.ended(ANSWER)
        line.breaker.refuse()
    line.now = 20
    with pytest.raises(NotSent):
        line.breaker.enter()
    line.credentials = "mended again"
    line.call(ANSWER)
    assert (line.breaker.state, line.breaker.refused) == (State.CLOSED, False)


def test_calls_that_were_under_way_when_it_opened_do_not_prolong_the_long_rest() -> None:
    line = Line()
    late = line.breaker.enter()
    refuse(line)
    line.now = 500
    late.ended(ANSWER)
    line.breaker.refuse()
    assert line.breaker.state is State.OPEN
    line.now = 900
    line.call(ANSWER)
    assert line.breaker.state is State.CLOSED


def test_a_trial_that_does_not_get_through_after_refused_credentials_rests_again() -> None:
    line = Line(failures=5)
    line.breaker.refuse()
    line.now = 900
    line.call(DOWN)
    assert line.breaker.state is State.OPEN
    with pytest.raises(NotSent) as caught:
        line.breaker.enter()
    assert caught.value.retry_after == 30
