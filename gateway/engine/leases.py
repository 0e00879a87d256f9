"""How long an attempt may be in flight before it is called lost, and which attempts are in flight in this process.

The lease speaks for processes that died. Of its own calls a process knows better than any clock, so one that is open
here is never called lost and never sent again from here. Knows no database and no network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from gateway.contract.adapter import Exchange
from gateway.contract.errors import NotSent
from gateway.contract.frames import Frame
from gateway.engine import agenda
from gateway.model.status import Delivery
from gateway.profiles.connection import LONGEST_DEADLINE
from gateway.profiles.library import Library
from gateway.store.records import Attempt, Case, Submission

_LETTING_GO = timedelta(seconds=20)
"""What the transport takes for evidence, and to give up a browser that hangs; and some more."""


@dataclass(frozen=True)
class Begun:
    """An attempt whose first frame is journaled and may leave. ``case`` is as that left it; ``again`` says that the
    attempt had been sent before."""

    case: Case
    attempt: Attempt
    exchange: Exchange
    frame: Frame
    again: bool
    calls: Calls
    lost: bool = False
    """True where it is said again because nobody knows what became of an earlier sending."""

    @classmethod
    def of(cls, calls: Calls, case: Case, planned: Attempt, exchange: Exchange, frame: Frame) -> Self:
        """With the attempt as it was written."""
        attempts = case.submission(planned.submission_id).attempts
        written = next(attempt for attempt in attempts if attempt.id == planned.id)
        lost = planned.delivery is Delivery.LOST
        return cls(case, written, exchange, frame, planned.sent_at is not None, calls, lost)


class Leases:
    """``clock`` gives the time in UTC."""

    def __init__(self, library: Library, clock: Callable[[], datetime]) -> None:
        self._library = library
        self._clock = clock
        self._open: set[UUID] = set()

    def length(self, submission: Submission) -> timedelta:
        """How long an attempt of this submission may be in flight after a frame of it left. Of a connection whose
        profile is gone: as long as any, for a process that still has it may be at work."""
        return self.turn(submission) + agenda.LEASE_MARGIN

    def turn(self, submission: Submission) -> timedelta:
        """How long one frame of it may take, its reply included. Of a page that is turned this is more than its
        deadline, by the account's pace and what it takes to let go of the page."""
        try:
            profile = self._library.connection(submission.connection)
        except KeyError:
            return timedelta(seconds=LONGEST_DEADLINE) + _LETTING_GO
        own = timedelta(seconds=profile.deadline_seconds)
        if profile.browser is None:
            return own
        return own + timedelta(seconds=profile.browser.pace_seconds * profile.places) + _LETTING_GO

    def until(self, submission: Submission, now: datetime) -> datetime:
        """When to look after an attempt that leaves now."""
        # A second more: the lease counts from when the step is written, and a timer that rings early rings in vain.
        return now + self.length(submission) + timedelta(seconds=1)

    def check(self, attempt: Attempt) -> None:
        """Raises NotSent when this process stalled since the journal entry: others may take the attempt for lost
        before a reply could come."""
        if attempt.last_said is None or self._clock() - attempt.last_said > agenda.LEASE_MARGIN:
            raise NotSent("the worker stalled before it could send")

    @contextmanager
    def calling(self) -> Iterator[Calls]:
        """For the calls of one step of a walk; whatever becomes of it, they end with it."""
        calls = Calls(self._open)
        try:
            yield calls
        finally:
            calls.end()

    def open_here(self, submission: Submission) -> bool:
        """True while a call for one of its attempts is open in this process."""
        return any(attempt.id in self._open for attempt in submission.attempts)


class Calls:
    """Attempts in flight here that one step of a walk has begun."""

    def __init__(self, everybodys: set[UUID]) -> None:
        self._everybodys = everybodys
        self._mine: set[UUID] = set()

    def begin(self, attempt: Attempt) -> bool:
        """Before it is written down that the attempt leaves. False when somebody else here has it in flight."""
        if attempt.id in self._everybodys:
            return False
        self._everybodys.add(attempt.id)
        self._mine.add(attempt.id)
        return True

    def end(self) -> None:
        """What became of them is written down, or they never began."""
        self._everybodys -= self._mine
        self._mine.clear()
