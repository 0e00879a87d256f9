"""Who may send how much at once: so that whatever hangs, a receiver that works gets its events within seconds.

Counts letters under way in this process; knows no HTTP. How endpoints bore themselves comes with the letters.
"""

from __future__ import annotations

from collections import Counter as Count
from uuid import UUID

from gateway.notify.letters import Bearing, Letter, Room

ROOM = 64
"""Letters under way at a time, without the slow ones."""

DOUBTFUL = ROOM // 2
"""Of them, those to endpoints that are not known to be good."""

MANY, FEW = 16, 2
"""To one endpoint at a time: to a good one, and to any other."""

SLOW_SECONDS = 2.0
"""A letter under way for longer is slow, and so is its endpoint until it ends. It gives its place in the room up, so
what hangs holds nobody else up for longer than this; its endpoint gets no more than a few until then. Since a place
is taken that often at most, not many more letters than ROOM times 15 s (the sender's patience) by this are open."""


class Places:
    """The letters under way."""

    def __init__(self) -> None:
        self._held: Count[UUID] = Count()
        self._slow: Count[UUID] = Count()
        self._brisk: dict[UUID, Letter] = {}

    def room(self) -> Room:
        """What may be taken now."""
        doubtful = sum(letter.bearing is not Bearing.GOOD for letter in self._brisk.values())
        free = ROOM - len(self._brisk)
        return Room(free, max(min(free, DOUBTFUL - doubtful), 0), MANY, FEW, dict(self._held), frozenset(self._slow))

    def enter(self, letter: Letter) -> None:
        self._brisk[letter.delivery_id] = letter
        self._held[letter.endpoint_id] += 1

    def slow_down(self, letter: Letter) -> bool:
        """It gives its place in the room up. True when somebody may have waited for that."""
        waited_for = self._is_full()
        del self._brisk[letter.delivery_id]
        self._slow[letter.endpoint_id] += 1
        return waited_for

    def leave(self, letter: Letter) -> bool:
        """It ended. True when somebody may have waited for that."""
        endpoint = letter.endpoint_id
        most = MANY if letter.bearing is Bearing.GOOD and endpoint not in self._slow else FEW
        waited_for = self._is_full() or self._held[endpoint] >= most
        if self._brisk.pop(letter.delivery_id, None) is None:
            self._slow[endpoint] -= 1
        self._held[endpoint] -= 1
        self._held, self._slow = +self._held, +self._slow  # drops those of which none is left
        return waited_for

    def _is_full(self) -> bool:
        return self.room().doubtful == 0
