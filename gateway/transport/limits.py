"""How much a connection is asked at once and per second. One process's share; knows nothing of what is sent.

Take a slot before an attempt is journaled as sent: a worker killed while it waits has then sent nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


class Rate:
    """A token bucket as arithmetic: ``burst`` at once, then ``per_second``. Says how long to wait, never waits."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / per_second
        self._slack = (burst - 1) * self._interval
        self._clock = clock
        self._due = clock()

    def take(self) -> float:
        """Take the next token; the seconds until it may be used."""
        now = self._clock()
        due = max(self._due, now)
        self._due = due + self._interval
        return max(0.0, due - self._slack - now)


class Limits:
    """The slots of one connection. Waiters are served in their order."""

    def __init__(
        self,
        concurrency: int,
        per_second: float,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._free = asyncio.Semaphore(concurrency)
        self._rate = Rate(per_second, burst, clock)
        self._sleep = sleep
        self.in_use = 0

    @property
    def busy(self) -> bool:
        """True when who comes now must wait for a place."""
        return self._free.locked()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a place and for the rate, and hold the place."""
        async with self._free:
            if wait := self._rate.take():
                await self._sleep(wait)
            self.in_use += 1
            try:
                yield
            finally:
                self.in_use -= 1
