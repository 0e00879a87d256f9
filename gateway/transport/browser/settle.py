"""Waits until a page is settled, and says how it is then: what a turn's reply holds."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from itertools import chain, repeat
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.async_api import ElementHandle, Error, Frame, Locator, Page

from gateway.contract.errors import Unreadable
from gateway.contract.landmarks import is_at, whole
from gateway.contract.pages import LONGEST_HTML, LONGEST_SNAPSHOT, Document
from gateway.contract.turns import Element
from gateway.transport.browser.elements import Elements
from gateway.transport.browser.faults import Deadline, GoneFault, LineFault
from gateway.transport.browser.machines import leave
from gateway.transport.browser.watch import Watch

_MOST_FRAMES = 20
_SNAPSHOT_MILLISECONDS = 5000
_TRIES = 20
_PAUSE_SECONDS = 0.15
_TELL = """([most, bare]) => {
  const page = bare ? document.documentElement.cloneNode(true) : document.documentElement;
  const tables = bare ? page.querySelectorAll("table, [role=table], [role=grid], [role=treegrid]") : [];
  tables.forEach(each => each.replaceChildren());
  const html = page.outerHTML;
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0;
  const around = window.frameElement;  // of another origin there is none to be seen
  const name = around && (around.getAttribute("aria-label") || around.getAttribute("title") || "");
  return [html.length > most ? null : html, document.title, status, name];
}"""
"""In one call: each costs a way to the browser and back. What is too long does not travel."""
_TABLE = re.compile(
    r""" *- (?:'(?:table|grid|treegrid)\b(?:[^']|'')*'|(?:table|grid|treegrid)\b(?: "(?:[^"\\]|\\.)*")?)"""
)
_STIRRED = """(...given) => new Promise(done => {
  const observer = new MutationObserver(end);
  const timer = setTimeout(end, given.at(-1));
  function end() { observer.disconnect(); clearTimeout(timer); done(); }
  const all = { attributes: true, characterData: true, childList: true, subtree: true };
  const roots = [document];
  for (const root of roots) {
    observer.observe(root, all);
    for (const each of root.querySelectorAll("*")) if (each.shadowRoot) roots.push(each.shadowRoot);
  }
})"""
"""Ends when anything changes in a document or in its open shadow trees, or after so many milliseconds."""
_NEW = """(found, before) => {
  const said = new Map(before);
  return found.some(each => said.get(each) !== each.textContent);
}"""
_UNSTIRRED_SECONDS = (0.1, 0.25, 0.5)
"""After so long it is looked again all the same: styles show things too, and a page may keep its changes to itself."""
_BREATH_SECONDS = 0.02
_FIRST_BREATH_SECONDS = 0.00125
"""Between two looks, each time twice as long up to the former: a page stirs once when it is there, or all the time."""


Standing = tuple[tuple[ElementHandle, str], ...]
"""Elements, and the text that each had: a page may write another into the same one."""


async def standing(elements: Elements, settled: tuple[Element, ...]) -> Standing:
    """What of ``settled`` is to be seen before the step that should bring it: the heading over a sign-in is there until
    the site has answered, where a page is one of scripts."""
    found: list[tuple[ElementHandle, str]] = []
    for locator, _ in elements.any_of(settled):
        with suppress(Error):  # a frame that is not there yet shows nothing
            found += [(each, await each.text_content() or "") for each in await locator.element_handles()]
    return tuple(found)


async def wait_for_any(
    elements: Elements,
    settled: tuple[Element, ...],
    watch: Watch,
    seconds: float,
    before: Standing = (),
) -> bool:
    """Wait until one of ``settled`` is to be seen that was not among those ``before``. False where none is in time.
    Raises the Fault that ends the turn."""
    if not settled:
        return True
    until = Deadline(seconds)
    waits: list[asyncio.Future[Any]] = [
        asyncio.ensure_future(_shown(locator, root, until, before)) for locator, root in elements.any_of(settled)
    ]
    trouble: asyncio.Future[Any] = asyncio.ensure_future(watch.trouble())
    open_ones: set[asyncio.Future[Any]] = set(waits)
    try:
        while open_ones and not trouble.done():
            ended, _ = await asyncio.wait({*open_ones, trouble}, return_when=asyncio.FIRST_COMPLETED)
            open_ones -= ended
            if any(each.exception() is None and each.result() for each in waits if each.done()):
                return True
        watch.check()
        return False
    finally:
        for each in (*waits, trouble):
            each.cancel()
        await asyncio.gather(*waits, trouble, return_exceptions=True)


async def _shown(locator: Locator, root: Page | Locator, until: Deadline, before: Standing) -> bool:
    """Wait until it is to be seen; False where it is not in time. It is looked for whenever its document stirs:
    Playwright's own wait looks at 0, 20, 70, 170, 270 and 770 ms and so on, and sleeps when a page is ready."""
    if await _is_new(locator, before):
        return True
    breath = _FIRST_BREATH_SECONDS
    for seconds in chain(_UNSTIRRED_SECONDS, repeat(_UNSTIRRED_SECONDS[-1])):
        # Before it is looked for: what changes meanwhile is seen too.
        stirred: asyncio.Future[Any] = asyncio.ensure_future(root.evaluate(_STIRRED, 1000 * seconds))
        try:
            if await _is_new(locator, before):
                return True
            if not until.left:
                return False
            # Where the document is gone it ends at once, with an error.
            await asyncio.wait({stirred}, timeout=min(seconds, until.left))
        finally:
            leave(stirred)
        await asyncio.sleep(min(breath, until.left))
        breath = min(2 * breath, _BREATH_SECONDS)
    raise AssertionError("it waits for ever")


async def _is_new(locator: Locator, before: Standing) -> bool:
    """Whether something is to be seen that did not stand there ``before``: in another document all is new."""
    if before:
        with suppress(Error):
            return bool(await locator.evaluate_all(_NEW, [list(each) for each in before]))
    return await locator.first.is_visible()


async def read_documents(
    page: Page, watch: Watch, deadline: Deadline, shared: tuple[str, ...] = ()
) -> tuple[tuple[Document, ...], int | None]:
    """The page and its frames, all of one moment as far as a page stands still; and the page's HTTP status. Of pages at
    the paths of ``shared`` without what their tables say. Raises a Fault, or Unreadable for what is too long."""
    for left in range(_TRIES, -1, -1):
        watch.check()
        try:
            with suppress(Error):
                await page.wait_for_load_state("domcontentloaded", timeout=deadline.within(_PAUSE_SECONDS * 10))
            frames = [frame for frame in page.frames if not frame.is_detached()][:_MOST_FRAMES]
            reads = (_document(frame, frame is page.main_frame, page, shared) for frame in frames)
            first, *others = await asyncio.gather(*reads)
            if first is not None:
                return (first[0], *(each[0] for each in others if each is not None)), first[1]
        except Error:
            pass  # it went on to another document just now
        if page.is_closed():
            raise GoneFault("the page is closed")
        if not left or not deadline.left:
            break
        await asyncio.sleep(_PAUSE_SECONDS)
    watch.check()
    raise LineFault("the page does not stand still to be read")


async def _document(
    frame: Frame, main: bool, page: Page, shared: tuple[str, ...]
) -> tuple[Document, int | None] | None:
    """With its HTTP status, where the browser has one for it. None for a frame that is gone, or shows nothing of its
    own. Raises Error for the page itself."""
    bare = any(is_at(path, shown_path(page.url)) for path in shared)
    try:
        (html, title, status, name), snapshot = await asyncio.gather(
            frame.evaluate(_TELL, [LONGEST_HTML, bare]),
            # By its page a body is told in one way to the browser and back, by its locator in three.
            (page if main else frame.locator("body")).aria_snapshot(timeout=_SNAPSHOT_MILLISECONDS),
        )
        name = "" if main else await _name(frame) if name is None else _plain(name)
    except Error:
        if main:
            raise
        return None
    html, title = (whole(each) if isinstance(each, str) else each for each in (html, title))
    snapshot, name = whole(without_tables(snapshot) if bare else snapshot), whole(name)
    if not isinstance(html, str) or len(html) > LONGEST_HTML or len(snapshot) > LONGEST_SNAPSHOT:
        raise Unreadable("the page is longer than a page may be")
    document = Document(frame=name, path=shown_path(frame.url), title=str(title)[:1000], html=html, snapshot=snapshot)
    return document, status if isinstance(status, int) and 100 <= status <= 599 else None


def without_tables(snapshot: str) -> str:
    """A snapshot whose tables hold nothing."""
    lines: list[str] = []
    within = -1
    for line in snapshot.split("\n"):
        depth = len(line) - len(line.lstrip(" "))
        if within < 0 or depth <= within:
            table = _TABLE.match(line)
            lines.append(table[0] if table else line)
            within = depth if table else -1
    return "\n".join(lines)


async def _name(frame: Frame) -> str:
    """The accessible name of an iframe, by which elements in it are named."""
    element = await frame.frame_element()
    return _plain(await element.evaluate("it => it.getAttribute('aria-label') || it.getAttribute('title') || ''"))


def _plain(name: object) -> str:
    return re.sub(r"\s+", " ", str(name)).strip()


def shown_path(url: str) -> str:
    """An address without host, fragment and the values of its query."""
    try:
        parts = urlsplit(url)
        names = [(name, "") for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    except ValueError:
        return "/"
    path = parts.path or "/"
    return f"{path}?{urlencode(names)}"[:2000] if names else path[:2000]
