"""What a site leaves in a context, taken away when its conversation ends: the next one has nothing of it.

Playwright empties a context origin by origin, each in another page (measured: 100 ms for each conversation). Where a
conversation saw its own site alone, as most do, its page is there to do it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from playwright.async_api import Frame, Page

from gateway.transport.browser.fence import Fence

_BLANK = "about:blank"
_NO_SITE = ("about:", "blob:", "data:")


class Leavings:
    """Those of one page, from before its first document."""

    def __init__(self, page: Page, fence: Fence) -> None:
        self._page = page
        self._fence = fence
        self.own = True
        """False once a frame has shown another origin, which may have left something too."""
        page.on("framenavigated", self._showed)

    async def clear(self, seconds: float) -> None:
        """The page is elsewhere afterwards: a site writes again while it is left. Raises Error."""
        if self._page.url != _BLANK:
            await self._page.goto(_BLANK, timeout=1000 * seconds)
        clearing: list[Coroutine[Any, Any, object]] = [self._page.context.clear_cookies()]
        for scheme, host, port in self._fence.origins:
            place = f"[{host}]" if ":" in host else host
            told = {"origin": f"{scheme}://{place}:{port}", "storageTypes": "all"}
            clearing.append(self._fence.page.send("Storage.clearDataForOrigin", told))
        await asyncio.gather(*clearing)

    def _showed(self, frame: Frame) -> None:
        if not frame.url.startswith(_NO_SITE) and not self._fence.holds(frame.url):
            self.own = False
