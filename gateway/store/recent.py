"""What was looked up a moment ago, for a few seconds. Knows nothing of what it holds."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Holds a value for ``seconds``, and at most ``room`` of them."""

    def __init__(self, seconds: float, room: int = 10_000, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._room = room
        self._clock = clock
        self._held: dict[K, tuple[V, float]] = {}

    def get(self, key: K) -> V | None:
        """The value, if it was put here and its time is not over."""
        found = self._held.get(key)
        if found is None or found[1] <= self._clock():
            return None
        return found[0]

    def put(self, key: K, value: V) -> None:
        self._held.pop(key, None)
        if len(self._held) >= self._room:
            del self._held[next(iter(self._held))]  # the oldest
        self._held[key] = (value, self._clock() + self._seconds)

    def drop(self, key: K) -> None:
        self._held.pop(key, None)


class Once(Generic[K]):
    """Knows what was told already, so that it is told once (a day)."""

    def __init__(self, seconds: float = 86_400.0) -> None:
        self._told: Recent[K, bool] = Recent(seconds)

    def is_news(self, thing: K) -> bool:
        """True the first time."""
        if self._told.get(thing):
            return False
        self._told.put(thing, True)
        return True
