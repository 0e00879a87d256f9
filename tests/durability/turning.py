"""Processes that die while they turn a page of a payer's web site in a real browser. For tests only.

``doom`` runs in the new process before its command does. A turn is named by its place among those of one conversation
that sign in, or among the others: who finds the account signed in leaves the former out.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from playwright.async_api import Route

from gateway.contract.frames import Frame, Reply
from gateway.contract.turns import Turn
from gateway.engine import agenda, clerk, conversation, leases, links, queue, worker
from gateway.engine.worker import Worker
from gateway.store import cases
from tests.browser.processes import kill, tree
from tests.durability.doomed import hurry


class Moment(StrEnum):
    """When within a turn. The first four are of any turn, the others of the one that files."""

    JOURNALED = "the turn is journaled and nothing of it is done"
    UNDER_WAY = "the turn is being done"
    HEARD = "the page is read and not stored"
    READ = "the page was understood, and is not stored"
    LEAVING = "the request that files is held and has not left"
    PENDING = "the request that files is at the portal, which records it when we are dead"
    ANSWERED = "the request that files was answered, and nobody has read the answer"
    STORED = "what was heard of the filing is stored, and nothing after it is done"


ANY = (Moment.JOURNALED, Moment.UNDER_WAY, Moment.HEARD)
OF_THE_EFFECT = (
    *ANY,
    Moment.READ,
    Moment.LEAVING,
    Moment.PENDING,
    Moment.ANSWERED,
    Moment.STORED,
)
MISSED = 75
"""Exit code of a process whose conversation ended before it came to where it was to die."""
_DIED = "dies of "
_TAKEN_FOR_DEAD = timedelta(seconds=8)
_SOON = 0.15
"""Seconds into a turn that is being done."""
_ARRIVED = 0.4
"""Seconds after which a request is at the portal for sure."""


@dataclass(frozen=True)
class Place:
    """A turn of a conversation about ``verb``, the ``place``-th of its kind."""

    verb: str
    signs_in: bool = False
    place: int | None = None
    """None is the turn that files, wherever that is."""

    def __str__(self) -> str:
        if self.place is None:
            return f"{self.verb}, the turn that files"
        return f"{self.verb}, {'sign-in' if self.signs_in else 'turn'} {self.place}"


@dataclass(frozen=True)
class Turned:
    """A turn as it was seen: ``says`` is its last step."""

    at: Place
    effect: bool
    says: str


_verb: ContextVar[str] = ContextVar("verb", default="")
_counts: ContextVar[dict[bool, int] | None] = ContextVar("counts", default=None)


@dataclass(frozen=True)
class Doom:
    """Where whoever takes up a request dies: by itself, or ``whole``, with its driver and its browser, as where a
    machine goes. ``number`` tells it from others."""

    number: int
    at: Place
    moment: Moment
    whole: bool


def live_fast() -> None:
    """Make this process take others for dead soon, and give its own turns all the time that they have."""
    margin = agenda.LEASE_MARGIN
    hurry()
    agenda.LEASE_MARGIN = margin
    leases.Leases.length = lambda _, __: _TAKEN_FOR_DEAD  # type: ignore[method-assign]


def note_turns() -> None:
    """Have this process print each turn that it takes; ``turned`` reads them."""
    live_fast()
    _follow()
    real = links.Place.say

    async def say(place: links.Place, frame: Frame) -> Reply:
        if (here := _next(frame)) is not None and isinstance(frame, Turn):
            # Not what its last step is about: the name of a link may be a patient's.
            told = {"verb": here.verb, "signs_in": here.signs_in, "place": here.place, "effect": frame.effect}
            print("turned", json.dumps({**told, "says": type(frame.steps[-1]).__name__}), flush=True)
        return await real(place, frame)

    links.Place.say = say  # type: ignore[method-assign]


def turned(said: str) -> list[Turned]:
    """What a process that notes its turns has printed."""
    found = []
    for line in said.splitlines():
        if line.startswith("turned "):
            told = json.loads(line.removeprefix("turned "))
            place = Place(told["verb"], told["signs_in"], told["place"])
            found.append(Turned(place, told["effect"], told["says"]))
    return found


def doom(plan: Mapping[str, Doom], *, rings: bool = False) -> None:
    """Make this process take one job, and die over its request as the plan has it for that member. With ``rings`` it
    takes what is due: one such, and no other."""
    due_lease = cases.DUE_LEASE
    live_fast()
    cases.DUE_LEASE = due_lease
    _follow()
    _ring_once() if rings else _ring_never()
    _take_one_job()
    real_say, real_fetch, real_hold = links.Place.say, Route.fetch, conversation.Conversation.hold
    real_interim, real_conclude = clerk.Clerk.interim, clerk.Clerk.conclude
    doomed: list[Doom] = []
    there, filing = [False], [False]

    def reach(here: Moment) -> None:
        if there[0] and here is doomed[0].moment:
            die()

    def die() -> None:
        print(f"{_DIED}{doomed[0].number}", flush=True)
        own = os.getpid()
        if doomed[0].whole:
            for pid in reversed(tree(own)[1:]):
                kill(pid)
        os.kill(own, signal.SIGKILL)

    async def hold(self: conversation.Conversation) -> Any:
        doomed[:] = [plan[self._begun.case.request.coverages[0].member_id]]
        return await real_hold(self)

    async def say(place: links.Place, frame: Frame) -> Reply:
        here, files, at = _next(frame), isinstance(frame, Turn) and frame.effect, doomed[0].at
        there[0] = here is not None and here.verb == at.verb and (files if at.place is None else here == at)
        filing[0] = files
        reach(Moment.JOURNALED)
        if there[0] and doomed[0].moment is Moment.UNDER_WAY:
            asyncio.get_running_loop().call_later(_SOON, die)
        reply = await real_say(place, frame)
        reach(Moment.HEARD)
        return reply

    async def fetch(route: Route, **how: Any) -> Any:
        if not filing[0]:
            return await real_fetch(route, **how)
        reach(Moment.LEAVING)
        if there[0] and doomed[0].moment is Moment.PENDING:
            asyncio.get_running_loop().call_later(_ARRIVED, die)
        answer = await real_fetch(route, **how)
        reach(Moment.ANSWERED)
        return answer

    async def interim(self: clerk.Clerk, *given: Any, **named: Any) -> Any:
        reach(Moment.READ)
        result = await real_interim(self, *given, **named)
        reach(Moment.STORED)
        return result

    async def conclude(self: clerk.Clerk, *given: Any, **named: Any) -> Any:
        reach(Moment.READ)
        result = await real_conclude(self, *given, **named)
        reach(Moment.STORED)
        os._exit(MISSED)
        return result

    conversation.Conversation.hold = hold  # type: ignore[method-assign]
    links.Place.say = say  # type: ignore[method-assign]
    Route.fetch = fetch  # type: ignore[method-assign,assignment]
    clerk.Clerk.interim = interim  # type: ignore[method-assign]
    clerk.Clerk.conclude = conclude  # type: ignore[method-assign]


def died_as(said: str) -> int | None:
    """The number of the doom that a process died of, by what it printed."""
    found = [line.removeprefix(_DIED) for line in said.splitlines() if line.startswith(_DIED)]
    return int(found[0]) if found else None


def never_ring() -> None:
    """Make this process take up nothing that is due."""
    live_fast()
    _ring_never()


def _ring_never() -> None:
    async def ring(_worker: Worker) -> int:
        return 0

    Worker.ring = ring  # type: ignore[method-assign]


def _ring_once() -> None:
    real, rung = Worker.ring, [False]

    async def ring(self: Worker) -> int:
        found = 0 if rung[0] else await real(self)
        rung[0] = rung[0] or bool(found)
        return 0

    Worker.ring = ring  # type: ignore[method-assign]
    worker._SWEEP_BATCH = 1


def _take_one_job() -> None:
    real = queue._Jobs.dequeue

    async def dequeue(self: queue._Jobs, *given: Any, **named: Any) -> Any:
        if taken:
            return []
        taken.extend(await real(self, *given, **named))
        return list(taken)

    taken: list[Any] = []
    queue._Jobs.dequeue = dequeue  # type: ignore[method-assign]


def _follow() -> None:
    """Have this process know what each conversation is about, and how far it is."""
    real = conversation.Conversation.hold

    async def hold(self: conversation.Conversation) -> Any:
        _verb.set(self._begun.attempt.verb)
        _counts.set({True: 0, False: 0})
        return await real(self)

    conversation.Conversation.hold = hold  # type: ignore[method-assign]


def _next(frame: Frame) -> Place | None:
    counts = _counts.get()
    if not isinstance(frame, Turn) or counts is None:
        return None
    here = Place(_verb.get(), frame.signs_in, counts[frame.signs_in])
    counts[frame.signs_in] += 1
    return here
