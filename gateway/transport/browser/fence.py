"""Keeps a page at its site: no other origin is told anything, and the page itself goes nowhere else.

What a page fetches from elsewhere to be shown (scripts, styles, fonts, frames) is let through. What could carry words
of a request away by another method than GET is stopped, and so is the page on its way to another origin; either ends
the turn. Requests are stopped in the browser (CDP, ``Fetch``) by their kind, so that what a page is made of stays in
the browser's cache, which Playwright's own interception switches off.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import CDPSession, Error, Page

from gateway.transport.browser.faults import PageFault
from gateway.transport.browser.watch import Watch

_KINDS = ("Document", "XHR", "Fetch", "Ping", "EventSource")
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SCHEMES = frozenset({"about", "blob", "data"})
_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, (parts.hostname or "").lower(), port) if parts.scheme in _PORTS else None


class Fence:
    """One page's, around the origin of ``endpoint``."""

    def __init__(self, endpoint: str, watch: Watch) -> None:
        self._origin = origin_of(endpoint)
        self._watch = watch
        self._main = ""
        self._work: set[asyncio.Task[None]] = set()

    async def put_around(self, page: Page) -> None:
        session = await page.context.new_cdp_session(page)
        tree = await session.send("Page.getFrameTree")
        self._main = tree["frameTree"]["frame"]["id"]

        def paused(request: dict[str, Any]) -> None:
            task = asyncio.ensure_future(self._judge(session, request))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

        session.on("Fetch.requestPaused", paused)
        await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "resourceType": kind} for kind in _KINDS]})

    def holds(self, url: str) -> bool:
        """Whether an address is of the site."""
        return origin_of(url) == self._origin

    def check(self, page: Page) -> None:
        """Raises PageFault where the page is elsewhere after all."""
        if not self.holds(page.url) and not page.url.startswith(("about:", "chrome-error:")):
            raise PageFault(_gone(page.url))

    async def _judge(self, session: CDPSession, request: dict[str, Any]) -> None:
        asked, told = request["request"], {"requestId": request["requestId"]}
        fault = self._fault(asked["url"], asked["method"], request)
        with suppress(Error):  # the page may be gone by now
            if fault is None:
                await session.send("Fetch.continueRequest", told)
            else:
                self._watch.tell(fault)
                await session.send("Fetch.failRequest", {**told, "errorReason": "BlockedByClient"})

    def _fault(self, url: str, method: str, request: dict[str, Any]) -> PageFault | None:
        if self.holds(url) or urlsplit(url).scheme in _OWN_SCHEMES:
            return None
        if request.get("resourceType") == "Document" and request.get("frameId") == self._main:
            return PageFault(_gone(url))
        if method.upper() not in _HARMLESS:
            return PageFault(f"the page wanted to send something to {_host(url)}, which is not the site")
        return None


def _gone(url: str) -> str:
    return f"the page went to {_host(url)}, which is not the site"


def _host(url: str) -> str:
    origin = origin_of(url)
    return origin[1][:100] if origin and origin[1] else "another place"
