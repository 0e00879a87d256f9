"""Slots and rates of a connection, on a clock of the test's own."""

from __future__ import annotations

import asyncio

import pytest

from gateway.transport.limits import Limits, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    clock = Clock()
    rate = Rate(per_second=4, burst=3, clock=clock)
    assert [rate.take() for _ in range(5)] == [0, 0, 0, 0.25, 0.5]


def test_an_idle_connection_saves_up_a_burst_and_no_more() -> None:
    clock = Clock()
    rate = Rate(per_second=4, burst=2, clock=clock)
    for _ in range(6):
        rate.take()
    clock.now += 3600
    assert [rate.take() for _ in range(3)] == [0, 0, 0.25]


async def test_never_more_calls_run_at_once_than_the_connection_allows() -> None:
    limits = Limits(concurrency=2, per_second=1e9, burst=100)
    seen: list[int] = []

    async def call() -> None:
        async with limits.slot():
            seen.append(limits.in_use)
            await asyncio.sleep(0)

    await asyncio.gather(*(call() for _ in range(10)))
    assert len(seen) == 10
    assert max(seen) == 2
    assert limits.in_use == 0


async def test_a_call_waits_for_the_rate() -> None:
    clock = Clock()
    limits = Limits(concurrency=5, per_second=2, burst=1, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        async with limits.slot():
            pass
    assert clock.slept == [0.5, 0.5]


async def test_a_slot_is_free_again_after_an_error_or_a_cancelled_wait() -> None:
    limits = Limits(concurrency=1, per_second=1e9, burst=100)
    with pytest.raises(ZeroDivisionError):
        async with limits.slot():
            raise ZeroDivisionError
    async with limits.slot():
        waiting = asyncio.ensure_future(limits.slot().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with asyncio.timeout(1), limits.slot():
        assert limits.in_use == 1
