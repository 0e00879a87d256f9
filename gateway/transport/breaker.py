"""The circuit breaker of one connection: after failures in a row nothing is said for a while, then one call tries.

Counts failures of the connection, never what a payer answers: a denial, a rejection or a fault proves that the line
works. Without it every filing during an outage ends as ``uncertain``. Only credentials that were refused open it at
once, and for much longer: to try them again and again locks the account. Pure but for the clock it is given.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Self

from gateway.contract.errors import MaybeSent, NotSent
from gateway.contract.frames import Reply


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


_NOBODY_HOME = frozenset({502, 503, 504})
"""HTTP statuses a front writes when the application behind it is not there."""


class Breaker:
    """``changed`` hears every change of state; ``credentials`` gives another value once they may be others. One event
    loop only."""

    def __init__(
        self,
        failures: int = 5,
        open_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        changed: Callable[[State], object] = lambda state: None,
        *,
        refused_seconds: float = 900.0,
        credentials: Callable[[], object] = lambda: None,
    ) -> None:
        self._allowed = failures
        self._rest = open_seconds
        self._long_rest = refused_seconds
        self.refused = False
        """True while it rests because our credentials were refused."""
        self.stopped = False
        """True once it rests for as long as the process lives."""
        self._credentials = credentials
        self._of_refused: object = None
        self._clock = clock
        self._changed = changed
        self._failed = 0
        self._reopens = 0.0
        self._trial: Permit | None = None
        self.state = State.CLOSED

    def enter(self) -> Permit:
        """Leave to use the connection. Raises NotSent, with the seconds to wait, while the breaker is open."""
        permit = Permit(self)
        if self.stopped:
            raise NotSent("the connection is stopped until a person acts")
        if self.state is State.CLOSED:
            return permit
        if self.refused and self._credentials() != self._of_refused:
            self._reopens, self._of_refused = self._clock(), self._credentials()
        wait = self._reopens - self._clock()
        if wait > 0 or self._trial is not None:
            raise NotSent("the connection failed lately and rests", retry_after=max(1, math.ceil(wait)))
        self._trial = permit
        self._become(State.HALF_OPEN)
        return permit

    def refuse(self, *, for_ever: bool = False) -> None:
        """Our credentials were refused: nothing more is said for the long rest, or until they are others, or
        ``for_ever``. Calls that were under way by then may be refused too, and do not prolong it."""
        self.stopped |= for_ever
        if self.refused and self.state is State.OPEN:
            return
        self.refused, self._of_refused = True, self._credentials()
        self._reopens = self._clock() + self._long_rest
        self._become(State.OPEN)

    def _heard(self, permit: Permit, works: bool | None) -> None:
        if self.stopped or (self.state is not State.CLOSED and permit is not self._trial):
            return  # an answer to a call from before it opened says nothing of now
        self._trial = None
        if works:
            self._failed, self.refused = 0, False
            self._become(State.CLOSED)
        elif works is None:
            if self.state is State.HALF_OPEN:
                self._become(State.OPEN)  # the trial proved nothing: the next call is one
        else:
            self._failed += 1
            if self._failed >= self._allowed or self.state is State.HALF_OPEN:
                self._reopens = self._clock() + self._rest
                self._become(State.OPEN)

    def _become(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self._changed(state)


class Permit:
    """Leave for one call. Used as a context; what is not said to have ended proves nothing."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker: Breaker | None = breaker

    def ended(self, end: Reply | BaseException) -> None:
        """How the call ended. Only the first word counts."""
        works: bool | None = None
        if isinstance(end, Reply):
            works = end.status not in _NOBODY_HOME
        elif isinstance(end, NotSent | MaybeSent):
            works = False
        self._tell(works)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._tell(None)

    def _tell(self, works: bool | None) -> None:
        breaker, self._breaker = self._breaker, None
        if breaker is not None:
            breaker._heard(self, works)
