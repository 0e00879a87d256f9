"""The time that all workers share: the database's, carried on between readings by a clock that nobody can set.

Leases, timers and settle times compare what one process wrote with what another reads, and whether a filing may go
again hangs on them: a machine whose own clock is wrong, or is set while a call is open, must not change them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import asyncpg

from gateway.store.queries import SQL

_SLOW = 1.0
"""Seconds. What took longer to read says too little of now; the time that is known goes on."""


def _since_start() -> Callable[[], float]:
    """A clock of seconds that only grow, also while the machine sleeps. ``time.monotonic`` may stand still then, and a
    process that slept must know that others have taken over."""
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):  # the first is Linux's; macOS's second goes on in sleep
        if hasattr(time, name):
            return partial(time.clock_gettime, getattr(time, name))
    return time.monotonic


class Clock:
    """Knows the time once it was read. ``seconds`` only grow."""

    def __init__(self, seconds: Callable[[], float] | None = None) -> None:
        self._seconds = seconds or _since_start()
        self._read: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """The time, in UTC."""
        if self._read is None:
            raise RuntimeError("the time was not read yet")
        told, at = self._read
        return told + timedelta(seconds=self._seconds() - at)

    async def read(self, connection: asyncpg.Connection) -> None:
        """Ask the database. It told the time somewhere between the question and the answer."""
        asked = self._seconds()
        told: datetime = await connection.fetchval(SQL["tell_time"])
        took = self._seconds() - asked
        if self._read is None or took <= _SLOW:
            self._read = told, asked + took / 2
