"""Whether a loop of this process still turns: it says so at every turn, and silence for too long tells that it hangs.

Knows no loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class Pulse:
    """Of one loop. Silent until its first turn. ``seconds`` is the longest that a sound loop takes for one; ``clock``
    gives seconds that only grow."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last: float | None = None

    def beat(self) -> None:
        """The loop has done what it is there for once more."""
        self._last = self._clock()

    def stop(self) -> None:
        """The loop has broken. It may begin anew."""
        self._last = None

    async def beats(self) -> bool:
        return self._last is not None and self._clock() - self._last <= self._seconds
