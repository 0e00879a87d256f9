"""Sees to it that a turn files once: one click is one request, whatever browser, page and line do.

A browser repeats a request by itself, POST too, when a kept connection closes under it without a byte of an answer:
once for each connection it kept, and nothing above it sees more than one (measured: seven for one click). With
``fetch`` the request is stopped before the browser sends it and sent here, once. With ``observe`` the browser sends it,
and what the page says a second time is stopped.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Error, Request, Response, Route

from gateway.contract.landmarks import is_at
from gateway.contract.pages import Committed
from gateway.contract.turns import Commit
from gateway.transport.browser.faults import Deadline
from gateway.transport.browser.fence import HARMLESS, Fence, may_lead_to, path_of, pattern_of

_NO_LINE = re.compile(
    r"Route\.fetch: (connect|getaddrinfo) (ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b"
)
"""What Node says where no connection came about, so that nothing left. A host may be out of reach later too, when it
has the request (``read EHOSTUNREACH``); and what stands behind is a log, with addresses and headers."""
_SENT_ON = (307, 308)
_SENT_ON_UNLESS_POSTED = (301, 302)
"""Of a POST a browser makes a GET there; PUT and DELETE it says again, as they are (Fetch, 4.4 HTTP-redirect fetch)."""
_MOST_NOTES = 20
_ALL = "**/*"


class Guard(Protocol):
    """``left`` is set when the request may have left, ``over`` once it was answered (``committed``), or lost."""

    holds: ClassVar[bool]
    """True where nothing leaves past it, whatever dies: it must not have been seen to be known not to have left."""
    left: asyncio.Event
    no_line: bool
    """True where it did not, for there was no line."""
    instead: str
    """What the page did since the click and before it filed, by which some file: it asked by GET for the very place
    where it files, or went on with what a form said, or sent something to another place. Empty where it did not."""
    committed: Committed | None
    notes: list[str]
    over: asyncio.Event

    async def set_up(self) -> None: ...
    async def stop(self) -> None:
        """Nothing that could change something leaves any more."""
        ...

    async def take_down(self) -> None: ...


def guard_of(commit: Commit, context: BrowserContext, fence: Fence, deadline: Deadline) -> Guard:
    kind = FetchGuard if commit.guard == "fetch" else ObserveGuard
    return kind(commit, context, fence, deadline)


class _Guard:
    def __init__(self, commit: Commit, context: BrowserContext, fence: Fence, deadline: Deadline) -> None:
        self._commit = commit
        self._context = context
        self._fence = fence
        self._deadline = deadline
        self._stopped = False
        self.left = asyncio.Event()
        self.no_line = False
        self.instead = ""
        self.committed: Committed | None = None
        self.notes: list[str] = []
        self.over = asyncio.Event()

    def _is_it(self, request: Request) -> bool:
        return self._is(request.method, request.url)

    def _is(self, method: str, url: str) -> bool:
        return method == self._commit.method and self._fence.holds(url) and is_at(self._commit.path, path_of(url))

    def _heed(self, request: Request) -> None:
        if request.method != "GET" or self.left.is_set():
            return
        said = bool(urlsplit(request.url).query)
        if self._is(self._commit.method, request.url) or (
            said and request.is_navigation_request() and _is_whole(request)
        ):
            self.instead = "asked by GET for something"

    def _again(self, method: str, url: str) -> bool:
        """What was sent is not sent again for as long as the page lives: some try again by themselves."""
        return method == self._commit.method and self._fence.holds(url) and may_lead_to(self._commit.path, url)

    def _note(self, what: str) -> None:
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(what)


class FetchGuard(_Guard):
    """Takes the request from the browser and sends it, once: no repetition, no redirect followed."""

    holds: ClassVar[bool] = True

    async def set_up(self) -> None:
        self._fence.stops = self._escapes
        await self._context.route(_ALL, self._handle)

    async def stop(self) -> None:
        self._stopped = True

    async def take_down(self) -> None:
        self._stopped = True
        self._fence.stops = self._again if self.left.is_set() else None
        with suppress(Error):
            if self.left.is_set():
                await self._context.route(_matching(self._commit.path), self._stay)
            await self._context.unroute(_ALL, self._handle)

    async def _stay(self, route: Route, request: Request) -> None:
        with suppress(Error):
            await (route.abort() if self._is_it(request) else route.fallback())

    def _escapes(self, method: str, url: str) -> bool:
        """Of what reaches the line while the guard stands nothing was asked here: a page says it that is left just now,
        or a window, or a worker."""
        self._note(_stopped(method, url))
        return True

    async def _handle(self, route: Route, request: Request) -> None:
        # An exception of a handler comes out of somebody else's call: none leaves.
        try:
            if request.method in HARMLESS:
                self._heed(request)
                await route.continue_()
            elif self._stopped or self.left.is_set() or not self._is_it(request):
                self._note(_stopped(request.method, request.url))
                await route.abort()
            else:
                await self._send(route)
        except Error:
            if self.left.is_set():
                self.over.set()

    async def _send(self, route: Route) -> None:
        self.left.set()
        try:
            answer = await route.fetch(max_retries=0, max_redirects=0, timeout=self._deadline.within())
        except Error as error:
            self.no_line = _NO_LINE.match(error.message) is not None
            self.over.set()
            await route.abort()
            return
        if answer.status in _SENT_ON or (self._commit.method != "POST" and answer.status in _SENT_ON_UNLESS_POSTED):
            # The browser would say it a second time, elsewhere.
            self._note(f"the site sent the request on (HTTP {answer.status}), which was not followed")
            self.over.set()
            await route.abort()
            return
        self.committed = Committed(status=answer.status, location=answer.headers.get("location", "")[:2000])
        self.over.set()
        await route.fulfill(response=answer)


class ObserveGuard(_Guard):
    """Lets the browser send it, and what the page says a second time never. What the browser itself repeats nobody
    sees, and what it sent when it died was perhaps not seen any more."""

    holds: ClassVar[bool] = False
    _first: Request | None = None
    _passed = False

    async def set_up(self) -> None:
        own = (self._commit.method, self._commit.path)
        self._fence.withheld = tuple(each for each in self._fence.withheld if each != own)
        self._fence.stops = self._stops
        self._context.on("request", self._asked)
        self._context.on("response", self._answered)
        self._context.on("requestfailed", self._failed)

    async def stop(self) -> None:
        self._stopped = True

    async def take_down(self) -> None:
        self._fence.stops = self._again if self._passed else None
        self._context.remove_listener("request", self._asked)
        self._context.remove_listener("response", self._answered)
        self._context.remove_listener("requestfailed", self._failed)

    def _stops(self, method: str, url: str) -> bool:
        """Of what reaches the line: one request files, and what goes to another place may file too."""
        again = self._again(method, url)
        if self._stopped or (again and self._passed):
            self._note(_stopped(method, url))
            return True
        self._passed = self._passed or again
        if self._fence.holds(url) and not self._is(method, url) and not self.left.is_set():
            self.instead = f"sent {method} {pattern_of(url)}"
        return False

    def _asked(self, request: Request) -> None:
        self._heed(request)
        if self._first is None and self._is_it(request):
            self._first = request
            self.left.set()

    def _answered(self, response: Response) -> None:
        if response.request is self._first and self.committed is None:
            location = response.headers.get("location", "")[:2000]
            self.committed = Committed(status=response.status, location=location)
            self.over.set()

    def _failed(self, request: Request) -> None:
        if request is self._first:
            self.over.set()


def _is_whole(request: Request) -> bool:
    """Whether it is for a whole page and no frame of one. That of a window that is just opened has no frame yet."""
    try:
        return request.frame.parent_frame is None
    except Error:
        return True


def _stopped(method: str, url: str) -> str:
    return f"a further request was stopped: {method} {pattern_of(url)}"


def _matching(path: str) -> re.Pattern[str]:
    """Addresses that may be of a path's pattern; ``is_at`` says for sure."""
    return re.compile("[^/]+".join(re.escape(part) for part in path.split("{}")))
