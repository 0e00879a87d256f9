"""The last gate on a browser's way to the line: every request of every page goes by here, after all other guards.

Playwright stops requests page by page. What a page says while it is left (``sendBeacon``, ``keepalive``), what is said
by a window that it opened, by a worker that pages share, or by a frame that is gone, is stopped by none of it
(measured: each was sent). A session of the browser itself (CDP, ``Fetch``) sees all of it, and last: what a guard has
taken from a page and sent itself never comes here. Requests are stopped by their kind, so that what a page is made of
stays in the browser's cache, which Playwright's own interception switches off.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from playwright.async_api import Browser, CDPSession, Error, Page

from gateway.transport.browser.fence import HARMLESS, Fence

_KINDS = ("Document", "XHR", "Fetch", "Ping", "EventSource", "CSPViolationReport", "Other")


class Gate:
    """One browser's. ``shared`` is a browser that others drive too: what is not known to be ours goes by."""

    def __init__(self, *, shared: bool) -> None:
        self._shared = shared
        self._fences: dict[str, Fence] = {}
        """By the browser's own name of a context: whose fence is around its latest page."""
        self._mains: dict[str, Fence] = {}
        """By the page's main frame."""
        self._session: CDPSession | None = None
        self._work: set[asyncio.Task[None]] = set()

    async def put_into(self, browser: Browser) -> None:
        self._session = await browser.new_browser_cdp_session()
        self._session.on("Fetch.requestPaused", self._paused)
        kinds = [{"urlPattern": "*", "resourceType": kind} for kind in _KINDS]
        await self._session.send("Fetch.enable", {"patterns": kinds})

    async def admit(self, page: Page, fence: Fence) -> None:
        """From now on the fence is around this page, and around all else of its context."""
        session = await page.context.new_cdp_session(page)
        told = (await session.send("Target.getTargetInfo"))["targetInfo"]
        fence.page, fence.main, fence.context = session, told["targetId"], told["browserContextId"]
        before = self._fences.get(fence.context)
        if before is None:
            page.context.on("close", lambda _: self._forget(fence.context))
        else:
            self._mains.pop(before.main, None)
        self._fences[fence.context] = self._mains[fence.main] = fence

    async def catch_up(self) -> None:
        """Wait until what the pages have asked for by now was judged: a click comes to an end before its request is
        here. Raises Error where the browser is gone."""
        if self._session is not None:
            await self._session.send("Browser.getVersion")
            await asyncio.sleep(0)

    def _forget(self, context: str) -> None:
        fence = self._fences.pop(context, None)
        if fence is not None:
            self._mains.pop(fence.main, None)

    def _paused(self, request: dict[str, Any]) -> None:
        self._begin(self._judge(request))

    def _begin(self, work: Coroutine[Any, Any, object]) -> None:
        async def quiet() -> None:
            with suppress(Exception):  # the browser may be gone by now; what is raised here nobody would hear
                await work

        task = asyncio.ensure_future(quiet())
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _judge(self, request: dict[str, Any]) -> None:
        asked, told = request["request"], {"requestId": request["requestId"]}
        if self._session is None:
            return
        passes = False
        try:
            passes = await self._passes(asked["method"].upper(), asked["url"], request)
        finally:
            if passes:
                await self._session.send("Fetch.continueRequest", told)
            else:
                await self._session.send("Fetch.failRequest", {**told, "errorReason": "BlockedByClient"})

    async def _passes(self, method: str, url: str, request: dict[str, Any]) -> bool:
        frame = str(request.get("frameId", ""))
        main = self._mains.get(frame)
        if main is not None:
            return main.passes(method, url, opens=request.get("resourceType") == "Document")
        if method in HARMLESS:
            if request.get("resourceType") == "Document":
                with suppress(Error):  # it is known before it can speak: what it says last, it says when it is gone
                    await self._of(frame)
            return True
        fence = await self._of(frame)
        return self._shared if fence is None else fence.passes(method, url)

    async def _of(self, frame: str) -> Fence | None:
        """The fence around a window, worker or frame. None where it is another's, or gone before it was seen."""
        fences = list(self._fences.values())
        fence = next((each for each in fences if frame in each.frames), None) or await self._window(frame)
        for each in fences if fence is None else ():
            with suppress(Error):  # its page is closed
                if await each.has(frame):
                    fence = each
        if fence is not None:
            fence.frames.add(frame)
        return fence

    async def _window(self, frame: str) -> Fence | None:
        """The same of what is a target of its own: windows, workers, and frames with a process of their own."""
        if self._session is not None:
            for target in (await self._session.send("Target.getTargets"))["targetInfos"]:
                if target["targetId"] == frame:
                    return self._fences.get(target.get("browserContextId", ""))
        return None
