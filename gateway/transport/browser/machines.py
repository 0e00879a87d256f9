"""Browsers of this process: started when first needed, shared by conversations, renewed when they die or grow.

A machine is Playwright's driver and one browser. Each is a process of its own and may die: then the whole machine is
left behind, and the next conversation gets a new one. Knows no account and no page.
"""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Error, Playwright

from gateway.contract.errors import NeedsPerson, NotSent
from gateway.profiles.browser import BrowserProfile
from gateway.transport.browser.find import NoBrowser, find_chromium
from gateway.transport.browser.gate import Gate
from gateway.transport.browser.launching import launch, open_playwright
from gateway.transport.browser.scratch import Scratch

_CLOSE_SECONDS = 10.0
_CONNECT_SECONDS = 20.0


@dataclass(eq=False)
class Machine:
    """``served`` are the contexts that it had, ``leases`` those that it has."""

    browser: Browser
    gate: Gate
    remote: bool
    limit: int
    _stack: AsyncExitStack
    _driver: Process | None
    served: int = 0
    leases: int = 0
    left_behind: bool = False

    @property
    def works(self) -> bool:
        driver_lives = self._driver is None or self._driver.returncode is None
        return not self.left_behind and driver_lives and self.browser.is_connected()

    @property
    def worn(self) -> bool:
        return self.served >= self.limit

    async def close(self) -> None:
        """End browser and driver, however they are."""
        ended, self.left_behind = self.left_behind, True
        if not ended and not await quietly(self._stack.aclose(), _CLOSE_SECONDS) and self._driver is not None:
            with suppress(ProcessLookupError):
                self._driver.kill()  # its browser goes with it


class Machines:
    """``environment`` leads to the browser (``find``)."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._current: dict[tuple[str, bool], Machine] = {}
        self._all: set[Machine] = set()
        self._starting: dict[tuple[str, bool], asyncio.Lock] = {}
        self._scratch: Scratch | None = None
        self._lending = asyncio.Lock()
        """One driver starts at a time: each is lent the scratch for its temporary files."""

    @property
    def scratch(self) -> Scratch:
        """The folder for what browsers of this process put on a disk."""
        if self._scratch is None:
            self._scratch = Scratch()
        return self._scratch

    async def lease(self, profile: BrowserProfile) -> Machine:
        """A machine that works, for one more context. Raises NeedsPerson where there is no browser, NotSent where the
        one of the profile's endpoint is not reached."""
        kind = (profile.endpoint, profile.images)
        async with self._starting.setdefault(kind, asyncio.Lock()):
            machine = self._current.get(kind)
            if machine is None or not machine.works or machine.worn:
                self._current.pop(kind, None)
                if machine is not None:
                    await self._forsake(machine)
                machine = self._current[kind] = await self._start(profile)
                self._all.add(machine)
        machine.leases += 1
        machine.served += 1
        return machine

    async def give_back(self, machine: Machine) -> None:
        machine.leases -= 1
        if machine not in self._current.values():
            await self._forsake(machine)

    async def leave_behind(self, machine: Machine) -> None:
        """It does not do what it is told: nothing new is begun there, and what goes on there ends."""
        if not machine.left_behind:
            for kind, current in list(self._current.items()):
                if current is machine:
                    del self._current[kind]
            await self._end(machine)

    async def close(self) -> None:
        self._current.clear()
        for machine in list(self._all):
            await self._end(machine)
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None

    async def _forsake(self, machine: Machine) -> None:
        if machine in self._all and (machine.leases <= 0 or not machine.works):
            await self._end(machine)

    async def _end(self, machine: Machine) -> None:
        self._all.discard(machine)
        await machine.close()

    async def _start(self, profile: BrowserProfile) -> Machine:
        stack = AsyncExitStack()
        try:
            folder = self.scratch.path
            async with self._lending:
                playwright = await stack.enter_async_context(open_playwright(folder))
            remote = profile.endpoint != "launch"
            if remote:
                browser = await playwright.chromium.connect(profile.endpoint, timeout=_CONNECT_SECONDS * 1000)
            else:
                browser = await launch(
                    playwright,
                    find_chromium(self._environment),
                    downloads=folder,
                    images=profile.images,
                    environment=self._environment,
                )
            gate = Gate(shared=remote)
            await gate.put_into(browser)
        except NoBrowser as error:
            failure: NeedsPerson | NotSent = NeedsPerson(f"no browser: {error}")
        except OSError:
            failure = NeedsPerson(
                "a browser has no place for files: the folder for it among temporary files is somebody else's, or the "
                "disk is full or cannot be written to"
            )
        except Error:
            # A Playwright server whose version is another one refuses too, and says so in its own log.
            failure = NotSent("the browser's endpoint does not answer, or has another version of Playwright")
        except BaseException:
            await quietly(stack.aclose(), _CLOSE_SECONDS)
            raise
        else:
            stack.push_async_callback(_close, browser)
            return Machine(browser, gate, remote, profile.recycle_pages, stack, _driver_of(playwright))
        await quietly(stack.aclose(), _CLOSE_SECONDS)
        raise failure

    def __len__(self) -> int:
        return len(self._all)


async def _close(browser: Browser) -> None:
    with suppress(Error):
        await browser.close()


async def quietly(work: Coroutine[Any, Any, object], seconds: float) -> bool:
    """Wait for what tidies up; what it fails with, and whether it ends in time, matters to nobody else. True where it
    ended well. What does not end is left behind: Playwright's calls cannot be cancelled while its driver hangs."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        leave(task)
    return bool(done) and not task.cancelled() and task.exception() is None


def leave(task: asyncio.Future[Any]) -> None:
    """Do not wait for what goes on no more."""
    if not task.done():
        task.cancel()
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())


def _driver_of(playwright: Playwright) -> Process | None:
    """The driver's process. Playwright gives it to nobody, so it is where this version keeps it, or unknown."""
    place: Any = getattr(playwright.stop, "__self__", None)
    for name in ("_client", "_transport", "_proc"):
        place = getattr(place, name, None)
    return place if isinstance(place, Process) else None
