"""Keeps a page at its site: no other origin is told anything, and the page itself goes nowhere else.

What a page fetches from elsewhere to be shown (scripts, styles, fonts, frames) is let through. What could carry words
of a request away by another method than GET is stopped, and so is the page on its way to another origin; either ends
the turn. ``Gate`` stops the requests, and asks here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright.async_api import CDPSession, Page, WebSocketRoute

from gateway.contract.landmarks import is_at
from gateway.transport.browser.faults import PageFault
from gateway.transport.browser.watch import Watch

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
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


def path_of(url: str) -> str:
    """The path of an address, as it is written."""
    return re.sub(r"^[a-z][a-z0-9+.-]*://[^/?#]*", "", url, flags=re.IGNORECASE).partition("#")[0] or "/"


def may_lead_to(pattern: str, url: str) -> bool:
    """Whether a site may take an address for one of the pattern: servers read ``%66`` as ``f``, and some of them know
    neither case, nor parameters, nor a slash too many."""
    plain = re.sub(r";[^/]*", "", unquote(path_of(url).partition("?")[0]))
    return is_at(_bare(pattern), _bare(plain))


def _bare(path: str) -> str:
    return re.sub(r"/+", "/", path).rstrip("/").casefold()


def pattern_of(url: str) -> str:
    """A path without what may be of a request: parts that hold a digit, and the query."""
    parts = path_of(url).partition("?")[0].split("/")
    return "/".join("{}" if any(sign.isdigit() or sign in "%@" for sign in part) else part for part in parts)[:200]


class Fence:
    """One page's and that of all it opens, around the origin of ``endpoint`` and others that are the site's own.
    ``silenced`` are hosts that are told nothing, and that is no fault of the page."""

    page: CDPSession
    """Of the page; with its ``main`` frame and its ``context`` as the browser names them."""
    main: str
    context: str

    def __init__(
        self, endpoint: str, watch: Watch, origins: tuple[str, ...] = (), silenced: tuple[str, ...] = ()
    ) -> None:
        found = (origin_of(each) for each in (endpoint, *origins))
        self.origins = frozenset(each for each in found if each is not None)
        self._silenced = frozenset(silenced)
        self._watch = watch
        self.frames: set[str] = set()
        """Others of it that were seen, by the browser's names: some speak when they are gone."""
        self.stops: Callable[[str, str], bool] | None = None
        """What a guard says of a request (method, address) that could change something and got by it."""
        self.withheld: tuple[tuple[str, str], ...] = ()
        """Requests that file something (method, pattern of the path), but for one that a guard lets through."""

    async def keep_sockets(self, page: Page) -> None:
        """Let the page open no web socket but to the site, and none in the clear where the site is not."""
        own = "|".join(_sockets_of(*origin) for origin in sorted(self.origins, key=str))

        async def stop(socket: WebSocketRoute) -> None:
            place = urlsplit(socket.url).hostname or "another place"
            if place not in self._silenced:
                says = f"the page wanted to open a web socket to {place[:100]}, which is not the site"
                self._watch.tell(PageFault(says))
            await socket.close()

        await page.route_web_socket(re.compile(rf"^(?!(?:{own})(?:[/?#]|$))", re.IGNORECASE), stop)

    def holds(self, url: str) -> bool:
        """Whether an address is of the site."""
        return origin_of(url) in self.origins

    def check(self, page: Page) -> None:
        """Raises PageFault where the page is elsewhere after all."""
        if not self.holds(page.url) and not page.url.startswith(("about:", "chrome-error:")):
            raise PageFault(_gone(page.url))

    def passes(self, method: str, url: str, *, opens: bool = False) -> bool:
        """Whether a request may leave; ``opens`` for one by which the page itself goes there."""
        if method not in HARMLESS and self.stops is not None and self.stops(method, url):
            return False
        fault = self._fault(method, url, opens)
        if fault is not None and not opens and (urlsplit(url).hostname or "") in self._silenced:
            return False
        if fault is not None:
            self._watch.tell(fault)
        return fault is None

    async def has(self, frame: str) -> bool:
        """Whether a frame is one of the page. Raises Error where the page is gone."""
        return frame in _frames((await self.page.send("Page.getFrameTree"))["frameTree"])

    def _fault(self, method: str, url: str, opens: bool) -> PageFault | None:
        if self.holds(url) and any(method == one and may_lead_to(path, url) for one, path in self.withheld):
            return PageFault(f"the page wanted to file something, which was stopped: {method} {pattern_of(url)}")
        if self.holds(url) or urlsplit(url).scheme in _OWN_SCHEMES:
            return None
        if opens:
            return PageFault(_gone(url))
        if method not in HARMLESS:
            return PageFault(f"the page wanted to send something to {_host(url)}, which is not the site")
        return None


def _sockets_of(scheme: str, host: str, port: int | None) -> str:
    """Addresses of web sockets at an origin, as a pattern."""
    secure = "wss" if scheme == "https" else "ws"
    shown = f"[{host}]" if ":" in host else host
    at = rf"{re.escape(shown)}(?::{port})?" if port == _PORTS[scheme] else rf"{re.escape(shown)}:{port}"
    return f"{secure}://{at}"


def _frames(tree: dict[str, Any]) -> Iterator[str]:
    yield tree["frame"]["id"]
    for child in tree.get("childFrames", ()):
        yield from _frames(child)


def _gone(url: str) -> str:
    return f"the page went to {_host(url)}, which is not the site"


def _host(url: str) -> str:
    origin = origin_of(url)
    return origin[1][:100] if origin and origin[1] else "another place"
