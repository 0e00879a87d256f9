"""The clocks of a submission, by what its payer says of its own time: believed only as far as it can be true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.clocks.course import Filed, clocks_of
from gateway.model.clock import Clock, State
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
from gateway.model.story import Heard
from tests.running.requests import compose
from tests.unit.test_clocks import rule

SENT = datetime(2026, 3, 2, 15, 30, 0, 600_000, tzinfo=UTC)
HEARD = SENT + timedelta(seconds=2)
CERTIFIED = {"line": "1", "outcome": "certified", "authorization_number": "A1"}


def clock_of(*words: tuple[datetime, dict[str, object]], **changed: object) -> Clock:
    """The clock of one line, after what was heard at those moments."""
    filed = Filed(
        request=PARequest.model_validate(compose("MEMBER")),
        payer="somebody",
        benefit="medical",
        line_ids=("1",),
        sent_at=SENT,
        heard=[Heard(Outcome.model_validate(said), at) for at, said in words],
    )
    [clock] = clocks_of(filed, [rule(**changed)], HEARD + timedelta(days=30))
    return clock


def decided(said: datetime | None) -> dict[str, object]:
    return {"answer": "reviewed", "lines": [CERTIFIED], "effective_at": said}


@pytest.mark.parametrize(
    "said",
    [
        datetime(2025, 10, 1, tzinfo=UTC),
        SENT - timedelta(hours=3),
        SENT.replace(microsecond=0),
        HEARD.replace(microsecond=0),
        SENT.replace(second=0, microsecond=0),
        HEARD + timedelta(days=1),
        None,
    ],
)
def test_nothing_is_decided_before_the_payer_had_it(said: datetime | None) -> None:
    clock = clock_of((HEARD, decided(said)))
    assert clock.decided_at is not None
    assert timedelta(0) <= clock.decided_at - clock.received_at <= HEARD - SENT
    assert clock.received_at >= SENT
    assert clock.decided_at <= HEARD


def test_a_payer_whose_own_time_is_wrong_is_late_when_it_is() -> None:
    late = SENT + timedelta(days=20)
    pended = {"answer": "received", "effective_at": SENT - timedelta(days=50)}
    for said, state in (
        (SENT - timedelta(days=50), State.MISSED),
        (SENT + timedelta(days=3), State.MET),
        (None, State.MISSED),
    ):
        clock = clock_of((HEARD, pended), (late, decided(said)))
        assert clock.state is state
        assert clock.received_at == HEARD


def test_a_request_or_an_extension_of_a_wrong_time_counts_from_when_it_was_heard() -> None:
    wrong, late = SENT - timedelta(days=50), SENT + timedelta(days=20)
    asks = {"answer": "reviewed", "lines": [{"line": "1", "outcome": "info_requested"}], "effective_at": wrong}
    longer = {"answer": "reviewed", "expected_by": SENT + timedelta(days=40), "effective_at": wrong}
    received = (HEARD, {"answer": "received"})
    for said in (asks, longer):
        assert clock_of(received, (late, said), tolled=True, extension_days=45).state is State.OVERDUE
        in_time = said | {"effective_at": SENT + timedelta(days=1)}
        assert clock_of(received, (late, in_time), tolled=True, extension_days=45).state is not State.OVERDUE
