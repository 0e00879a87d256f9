"""The payers' clock: real time at a factor, plus what was added by hand. The only module that reads the real clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("America/New_York")
"""Where both payers are: X12 writes their time of day without a zone."""


class Clock:
    """Virtual seconds since 1970. ``factor`` 0 stands still until advanced; it never goes back."""

    def __init__(self, factor: float = 1.0) -> None:
        self._factor = factor
        self._since = time.monotonic()
        self._base = time.time()

    def now(self) -> float:
        return self._base + (time.monotonic() - self._since) * self._factor

    def advance(self, seconds: float) -> None:
        self._base += seconds

    def run_at(self, factor: float) -> None:
        self._base, self._since, self._factor = self.now(), time.monotonic(), factor


def wall() -> float:
    """Seconds since 1970 as the caller's own clock has them: one-time codes are made by it, whatever a payer's says."""
    return time.time()


def local(seconds: float) -> datetime:
    """As the payers write it in X12."""
    return datetime.fromtimestamp(seconds, _ZONE)


def timestamp(seconds: float) -> str:
    """As CAQH CORE has it: UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
