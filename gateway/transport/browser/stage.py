"""A page of an account, in a context of its own: what one conversation has of a browser.

A context that served well is kept for the account's next conversation, emptied of all but what its browser cached, and
given the account's session. It never serves another account.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from playwright.async_api import BrowserContext, Error, Page, StorageState

from gateway.contract.errors import NotSent
from gateway.profiles.browser import BrowserProfile
from gateway.transport.browser.faults import GoneFault
from gateway.transport.browser.fence import Fence
from gateway.transport.browser.leavings import Leavings
from gateway.transport.browser.machines import Machine, Machines, quietly
from gateway.transport.browser.watch import Watch

_OPEN_SECONDS = 30.0
_CLOSE_SECONDS = 5.0
_ANSWER_SECONDS = 5.0
_NOTHING: Mapping[str, Any] = {"cookies": [], "origins": []}
_SIZE = {"width": 1280, "height": 1000}
"""As of a desk: sites hide controls from narrow windows."""


@dataclass
class Spare:
    """A context without a page."""

    machine: Machine
    context: BrowserContext
    turns: int
    emptied: bool = False
    """True where nothing is left in it: it needs the account's session alone."""


@dataclass
class Stage:
    machine: Machine
    context: BrowserContext
    page: Page
    watch: Watch
    fence: Fence
    leavings: Leavings
    turns: int = 0
    filed: bool = False
    """True once a turn with an effect began on it: something may be stopped in its browser that must not leave."""

    @property
    def lost(self) -> bool:
        return isinstance(self.watch.fault, GoneFault) or self.page.is_closed() or not self.machine.works

    async def answers(self) -> bool:
        """Whether driver and browser still do: the end of a driver is told by nobody."""
        return not self.lost and await quietly(self.context.cookies("http://127.0.0.1/"), _ANSWER_SECONDS)


@dataclass
class Stages:
    """Those of one account: where its site is, and how its browser is driven. ``spares`` are kept for later."""

    connection: str
    endpoint: str
    profile: BrowserProfile
    machines: Machines
    spares: list[Spare] = field(default_factory=list)

    async def open(self, state: Mapping[str, Any] | None) -> Stage:
        """A page with the session of ``state``, still empty. Raises NeedsPerson, NotSent."""
        for given in (state, None):
            spare = await self._spare() or Spare(await self.machines.lease(self.profile), cast(Any, None), 0)
            try:
                async with asyncio.timeout(_OPEN_SECONDS):
                    return await self._opened(spare, given or _NOTHING)
            except (Error, TimeoutError):
                # Its browser died unseen, or hangs; or the session is none that it takes.
                await self._drop(spare)
                if not spare.machine.works or given is None:
                    await self.machines.leave_behind(spare.machine)
            except BaseException:
                await self._drop(spare)
                raise
        raise NotSent(f"connection {self.connection}: the browser does not open a page")

    async def close(self, stage: Stage, *, keep: bool) -> None:
        """End a page; ``keep`` its context where it may serve again."""
        await self._silence(stage)
        stage.watch.end()
        spare = Spare(stage.machine, stage.context, stage.turns)
        usable = keep and not stage.lost and not stage.machine.worn and stage.turns < self.profile.recycle_turns
        if usable and stage.leavings.own:
            stage.watch.leaving = True
            spare.emptied = await quietly(stage.leavings.clear(_CLOSE_SECONDS), _CLOSE_SECONDS)
        if not await quietly(stage.page.close(), _CLOSE_SECONDS) and stage.machine.works:
            await self.machines.leave_behind(stage.machine)
        # A window that outlives its page would go on in the account's next conversation.
        room = len(self.spares) < self.profile.sessions and not stage.context.pages
        if usable and room and await quietly(stage.context.unroute_all(), _CLOSE_SECONDS) and stage.machine.works:
            self.spares.append(spare)
        else:
            await self._drop(spare)

    async def _silence(self, stage: Stage) -> None:
        """What is stopped in a browser leaves when its page is closed (measured): so the page goes first."""
        if stage.filed and not stage.lost:
            stage.watch.leaving = True
            gone = stage.page.goto("about:blank", timeout=1000 * _CLOSE_SECONDS)
            if not await quietly(gone, _CLOSE_SECONDS):
                await self.machines.leave_behind(stage.machine)

    async def clear(self) -> None:
        while self.spares:
            await self._drop(self.spares.pop())

    async def _spare(self) -> Spare | None:
        while self.spares:
            spare = self.spares.pop()
            if spare.machine.works and not spare.machine.worn:
                return spare
            await self._drop(spare)
        return None

    async def _opened(self, spare: Spare, state: Mapping[str, Any]) -> Stage:
        given = cast(StorageState, state)
        if spare.context is None:
            spare.context = await spare.machine.browser.new_context(
                storage_state=given,
                service_workers="block",  # what they fetch passes every guard by
                viewport=cast(Any, _SIZE),
                reduced_motion="reduce",
                locale="en-US",
                timezone_id="UTC",  # a page that writes times of its browser's clock writes them in one zone
            )
        elif not spare.emptied or state.get("origins"):
            await spare.context.set_storage_state(given)
        else:
            await spare.context.add_cookies(cast(Any, state.get("cookies") or []))
        page = await spare.context.new_page()
        watch = Watch(page, self.machines.scratch.path if spare.machine.remote else None)
        fence = Fence(self.endpoint, watch, self.profile.origins, self.profile.silenced)
        await asyncio.gather(spare.machine.gate.admit(page, fence), fence.keep_sockets(page))
        leavings = Leavings(page, fence)
        return Stage(spare.machine, spare.context, page, watch, fence, leavings, spare.turns)

    async def _drop(self, spare: Spare) -> None:
        if spare.context is not None and spare.machine.works:
            await quietly(spare.context.close(), _CLOSE_SECONDS)
        await self.machines.give_back(spare.machine)
