"""A turn with an effect: the page is the right one, one click, one request, and what came of it.

Here it is decided whether something was filed. No request left: then nothing was, for sure, as the page is ended before
anybody says so. One left and was answered: the reply says what. One left, and no answer came: nobody knows.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error

from gateway.contract.errors import ExchangeError, MaybeSent
from gateway.contract.landmarks import differences, masked
from gateway.contract.pages import Committed
from gateway.contract.pieces import Evidence
from gateway.contract.turns import Landmark, Turn
from gateway.transport.browser.evidence import outlined, seen
from gateway.transport.browser.faults import Deadline, Fault, GoneFault, LineFault, PageFault
from gateway.transport.browser.guard import Guard, guard_of
from gateway.transport.browser.settle import Standing, shown_path, standing, wait_for_any
from gateway.transport.browser.stage import Stage, Stages
from gateway.transport.browser.steps import Steps

_LEAVE_SECONDS = 30.0
"""How long a click may take until what it files leaves."""
_GRACE_SECONDS = 3.0
"""The same once the page shows what was waited for."""
_LOOK_AGAIN = 2.0
"""Seconds for which a page that is not the one expected may still become it."""


@dataclass(frozen=True)
class Filed:
    """``settled`` as in a settled page; ``notes`` is what else the page wanted to send, ``before`` evidence of the page
    that was filed."""

    committed: Committed
    settled: bool
    notes: tuple[str, ...]
    before: tuple[Evidence, ...]


async def check_landmark(landmark: Landmark, stage: Stage, steps: Steps, deadline: Deadline) -> str:
    """The snapshot of the page's body. Raises PageFault where the page is another one than the landmark's."""
    until = Deadline(min(_LOOK_AGAIN, deadline.left))
    told: tuple[str, ...] = ("it cannot be read",)
    snapshot = ""
    while True:
        with suppress(Error):  # it goes on to another document just now
            snapshot = await stage.page.aria_snapshot(timeout=1000 * _LOOK_AGAIN)
            told = differences(landmark, shown_path(stage.page.url), snapshot)
        stage.watch.check()
        if not told:
            return snapshot
        if not until.left:
            break
        await asyncio.sleep(0.1)
    words = steps.elements.words
    raise PageFault(f"the page is not {landmark.name}: {masked('; '.join(told[:20]), words)}")


async def file(turn: Turn, stage: Stage, stages: Stages, steps: Steps, deadline: Deadline, where: str) -> Filed:
    """Do a turn's steps, the last of which files. Raises a Fault before that. Afterwards the error is one of the
    contract: ``MaybeSent``, or that of what hindered it; and the page is ended."""
    if turn.on is None or turn.commit is None:
        raise ValueError("a turn with an effect names its page and its commit")
    snapshot = await check_landmark(turn.on, stage, steps, deadline)
    *first, last = turn.steps
    for step in first:
        await steps.do(step)
    if first:
        snapshot = await check_landmark(turn.on, stage, steps, deadline)
        with suppress(Error):  # the page is gone too, then
            await stage.machine.gate.catch_up()
        stage.watch.check()
    before = outlined("before", snapshot, steps.elements.words)
    guard = guard_of(turn.commit, stage.context, stage.fence, deadline)
    stage.filed = True
    said = stage.watch.spoke
    await guard.set_up()
    try:
        hindrance = None
        stood = await standing(steps.elements, turn.settled)
        try:
            await steps.do(last)
            await _until_left(guard, turn, stage, steps, deadline, stood)
        except Fault as fault:
            hindrance = fault
        if not guard.left.is_set():
            await _end_unfiled(guard, stage, stages, steps, where, before, hindrance, said)
        stage.watch.forgive()
        await _within(guard.over, deadline.left)
        if guard.committed is None:
            raise await _unanswered(guard, stage, steps, where, before)
        try:
            settled = await wait_for_any(steps.elements, turn.settled, stage.watch, deadline.left, stood)
        except Fault:
            settled = False
        return Filed(guard.committed, settled, tuple(guard.notes), before)
    except BaseException as error:
        # Before the guard goes: a page may try again by itself.
        await guard.stop()
        await stages.close(stage, keep=False)
        broke = isinstance(error, Exception) and not isinstance(error, ExchangeError)
        if broke and (guard.left.is_set() or not _holds(guard, stage)):
            raise _with(MaybeSent(f"{where}: the browser broke while it was filed"), before) from None
        raise
    finally:
        await guard.take_down()


async def _until_left(
    guard: Guard, turn: Turn, stage: Stage, steps: Steps, deadline: Deadline, stood: Standing
) -> None:
    """Wait until the request leaves. Where the page shows what was waited for instead, it will hardly leave. ``stood``
    is what it showed of that before."""
    seconds = min(_LEAVE_SECONDS, deadline.left)
    left = asyncio.ensure_future(guard.left.wait())
    shown = asyncio.ensure_future(wait_for_any(steps.elements, turn.settled, stage.watch, seconds, stood))
    waits: set[asyncio.Future[Any]] = {left, shown}
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not left.done() and stage.watch.fault is None:
            await asyncio.wait({left}, timeout=min(_GRACE_SECONDS, deadline.left))
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _end_unfiled(
    guard: Guard,
    stage: Stage,
    stages: Stages,
    steps: Steps,
    where: str,
    before: tuple[Evidence, ...],
    hindrance: Fault | None,
    said: int,
) -> None:
    """Raise what hindered it, once nothing can leave any more. Returns where something left after all. ``said`` is how
    much the page had said by web sockets before."""
    await guard.stop()
    fault = stage.watch.fault or hindrance
    if fault is None:
        fault = PageFault("the page sent nothing of what it was to file")
    elif (isinstance(fault, GoneFault) or stage.lost) and not _holds(guard, stage):
        raise _with(MaybeSent(f"{where}: {fault.what}, and may have filed before"), before)
    at_end = () if stage.lost else await seen("error", stage.page, steps.elements.words)
    await stages.close(stage, keep=False)
    if not guard.left.is_set() and stage.watch.spoke > said:
        said_so = f"{where}: {fault.what}, and it said something by a web socket, which nobody reads"
        raise _with(MaybeSent(said_so), (*before, *at_end))
    if not guard.left.is_set() and guard.instead:
        said_so = f"{where}: {fault.what}, but it {guard.instead}, and may have filed by that"
        raise _with(MaybeSent(said_so), (*before, *at_end))
    if not guard.left.is_set():
        raise _with(fault.named(where), (*before, *at_end))


def _holds(guard: Guard, stage: Stage) -> bool:
    """Whether nothing was filed that the guard has not seen, though the browser died. One elsewhere outlives the line
    to it, and what becomes there of what was stopped nobody here can see."""
    return guard.holds and not stage.machine.remote


async def _unanswered(
    guard: Guard, stage: Stage, steps: Steps, where: str, before: tuple[Evidence, ...]
) -> ExchangeError:
    if guard.no_line:
        return _with(LineFault("the site was not reached when it was to be filed").named(where), before)
    at_end = () if stage.lost else await seen("error", stage.page, steps.elements.words)
    said = f" ({guard.notes[0]})" if guard.notes else ""
    return _with(MaybeSent(f"{where}: what was filed was not answered{said}"), (*before, *at_end))


def _with(error: ExchangeError, evidence: tuple[Evidence, ...]) -> ExchangeError:
    error.evidence = evidence
    return error


async def _within(event: asyncio.Event, seconds: float) -> None:
    waiting = asyncio.ensure_future(event.wait())
    await asyncio.wait({waiting}, timeout=seconds)
    waiting.cancel()
