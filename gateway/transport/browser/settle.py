"""Waits until a page is settled, and says how it is then: what a turn's reply holds."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.async_api import Error, Frame, Page

from gateway.contract.errors import Unreadable
from gateway.contract.pages import LONGEST_HTML, LONGEST_SNAPSHOT, Document
from gateway.contract.turns import Element
from gateway.transport.browser.elements import Elements
from gateway.transport.browser.faults import Deadline, GoneFault, LineFault
from gateway.transport.browser.watch import Watch

_MOST_FRAMES = 20
_SNAPSHOT_MILLISECONDS = 5000
_TRIES = 20
_PAUSE_SECONDS = 0.15
_STATUS = "performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0"


async def wait_for_any(elements: Elements, settled: tuple[Element, ...], watch: Watch, seconds: float) -> bool:
    """Wait until one of ``settled`` is to be seen. False where none is in time. Raises the Fault that ends the turn."""
    if not settled:
        return True
    waits: list[asyncio.Future[None]] = [
        asyncio.ensure_future(each.wait_for(state="visible", timeout=max(1.0, 1000 * seconds)))
        for each in elements.any_of(settled)
    ]
    trouble = asyncio.ensure_future(watch.trouble())
    open_ones: set[asyncio.Future[None]] = set(waits)
    try:
        while open_ones and not trouble.done():
            ended, _ = await asyncio.wait({*open_ones, trouble}, return_when=asyncio.FIRST_COMPLETED)
            open_ones -= ended
            if any(not each.cancelled() and each.exception() is None for each in ended if each is not trouble):
                return True
        watch.check()
        return False
    finally:
        for each in (*waits, trouble):
            each.cancel()
        await asyncio.gather(*waits, trouble, return_exceptions=True)


async def read_documents(page: Page, watch: Watch, deadline: Deadline) -> tuple[Document, ...]:
    """The page and its frames, all of one moment as far as a page stands still. Raises a Fault, or Unreadable for what
    is too long."""
    for left in range(_TRIES, -1, -1):
        watch.check()
        try:
            with suppress(Error):
                await page.wait_for_load_state("domcontentloaded", timeout=deadline.within(_PAUSE_SECONDS * 10))
            frames = [frame for frame in page.frames if not frame.is_detached()][:_MOST_FRAMES]
            first, *others = await asyncio.gather(*(_document(frame, frame is page.main_frame) for frame in frames))
            if first is not None:
                return (first, *(each for each in others if each is not None))
        except Error:
            pass  # it went on to another document just now
        if page.is_closed():
            raise GoneFault("the page is closed")
        if not left or not deadline.left:
            break
        await asyncio.sleep(_PAUSE_SECONDS)
    watch.check()
    raise LineFault("the page does not stand still to be read")


async def status_of(page: Page) -> int | None:
    """The HTTP status of the page's document; None where the browser has none for it."""
    try:
        status = await page.evaluate(_STATUS)
    except Error:
        return None
    return status if isinstance(status, int) and 100 <= status <= 599 else None


async def _document(frame: Frame, main: bool) -> Document | None:
    """None for a frame that is gone, or shows nothing of its own. Raises Error for the page itself."""
    others: asyncio.Future[tuple[str, str, str]] | None = None
    try:
        others = asyncio.gather(
            frame.title(), frame.locator("body").aria_snapshot(timeout=_SNAPSHOT_MILLISECONDS), _name(frame, main)
        )
        html = await frame.content()
        if len(html) > LONGEST_HTML:
            raise Unreadable("the page is longer than a page may be")
        title, snapshot, name = await others
    except Error:
        if main:
            raise
        return None
    finally:
        if others is not None:
            others.cancel()
            await asyncio.gather(others, return_exceptions=True)
    if len(snapshot) > LONGEST_SNAPSHOT:
        raise Unreadable("the page is longer than a page may be")
    return Document(frame=name, path=shown_path(frame.url), title=title[:1000], html=html, snapshot=snapshot)


async def _name(frame: Frame, main: bool) -> str:
    """The accessible name of an iframe, by which elements in it are named; empty for the page's own document."""
    if main:
        return ""
    element = await frame.frame_element()
    name = await element.get_attribute("aria-label") or await element.get_attribute("title") or ""
    return re.sub(r"\s+", " ", name).strip()


def shown_path(url: str) -> str:
    """An address without host, fragment and the values of its query."""
    try:
        parts = urlsplit(url)
        names = [(name, "") for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    except ValueError:
        return "/"
    path = parts.path or "/"
    return f"{path}?{urlencode(names)}"[:2000] if names else path[:2000]
