"""What a page does by itself while a turn is under way: dialogs, files, windows, its end.

Every handler is its own: what one of them raised would come out of a call about another page (measured).
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import Dialog as PageDialog
from playwright.async_api import Download as PageDownload
from playwright.async_api import Error, Page, Request, WebSocket

from gateway.contract.landmarks import whole
from gateway.contract.pages import LONGEST_DOWNLOAD, Dialog, Download
from gateway.transport.browser.faults import Fault, GoneFault, LineFault, PageFault, unreached

_MOST = 20
_STOPPED = re.compile(r"ERR_(ABORTED|BLOCKED_BY_CLIENT|FAILED)\b")
_WINDOW_SECONDS = 2.0
_LOOK_SECONDS = 0.2


class Watch:
    """One page's. ``folder`` is where a file goes that a browser elsewhere hands over."""

    def __init__(self, page: Page, folder: Path | None) -> None:
        self._page = page
        self._folder = folder
        self._work: set[asyncio.Task[None]] = set()
        self._windows = 0
        self.spoke = 0
        """How often it said something by a web socket."""
        self._happened = asyncio.Event()
        self.fault: Fault | None = None
        self.rest()
        self.begin()
        page.on("dialog", self._started(self._on_dialog))
        page.on("download", self._started(self._on_download))
        page.on("popup", self._started(self._on_window))
        page.on("requestfailed", self._on_failure)
        page.on("websocket", self._on_socket)
        page.on("crash", lambda _: self.tell(GoneFault("the page crashed")))
        page.on("close", lambda _: self.tell(GoneFault("the page is closed")))

    def begin(self) -> None:
        """A turn begins. What the page did by itself since it was read last counts as this turn's: a person would see
        it before the next step. A way that came to nothing does not, for the turn may go another."""
        self.expected: str = ""
        """The text of the dialog that is accepted next."""
        self.leaving = False
        """True while another address is opened: a page that asks whether it may be left may be."""
        self.bears_dialogs = False
        """True once what was to be filed is filed: a dialog then says something, and hinders nothing."""
        if isinstance(self.fault, LineFault):
            self._clear()

    def rest(self) -> None:
        """What was seen until now is told."""
        self.dialogs: list[Dialog] = []
        self.downloads: list[Download] = []
        self.warnings: list[str] = []
        if not isinstance(self.fault, GoneFault):
            self._clear()

    def _clear(self) -> None:
        self.fault = None
        self._happened.clear()

    def tell(self, fault: Fault) -> None:
        """Something ends the turn. The first word counts, but for the end of the page."""
        if self.fault is None or (isinstance(fault, GoneFault) and not isinstance(self.fault, GoneFault)):
            self.fault = fault
        self._happened.set()

    def check(self) -> None:
        if self.fault is not None:
            raise self.fault

    def forgive(self) -> None:
        """What was to be filed has left: what the page does now hinders nothing, unless it ends."""
        self.bears_dialogs = True
        if not isinstance(self.fault, GoneFault):
            self._clear()

    async def trouble(self) -> None:
        """Wait until something ends the turn."""
        await self._happened.wait()

    async def done(self, seconds: float) -> None:
        """Wait for files that are under way. Raises PageFault where they do not come."""
        if self._work:
            _, late = await asyncio.wait(self._work, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                raise PageFault("a file that the page hands over does not come")
        self.check()

    def end(self) -> None:
        for task in self._work:
            task.cancel()

    def _started(self, handle: Callable[[Any], Coroutine[Any, Any, None]]) -> Callable[[Any], None]:
        async def guarded(given: Any) -> None:
            try:
                await handle(given)
            except asyncio.CancelledError:
                raise
            except Exception:  # the page may be gone by now, which its other calls tell
                self.warnings.append(f"the gateway could not see to a {handle.__name__.removeprefix('_on_')}")

        def start(given: Any) -> None:
            task = asyncio.ensure_future(guarded(given))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

        return start

    def _on_failure(self, request: Request) -> None:
        """A page that was gone to and did not come. One that was stopped, by us or another click, is no failure."""
        try:
            failed = request.failure or ""
            if request.is_navigation_request() and request.frame == self._page.main_frame:
                fault = None if _STOPPED.search(failed) else unreached(failed)
                if fault is not None:
                    self.tell(fault)
        except Error:
            return  # its frame is gone

    async def _on_dialog(self, dialog: PageDialog) -> None:
        kind, says = dialog.type, dialog.message
        meant = bool(self.expected) and self.expected.split() == says.split()
        accepted = meant or (kind == "beforeunload" and self.leaving)
        if len(self.dialogs) < _MOST:
            self.dialogs.append(Dialog(kind=kind, says=whole(says[:2000]), accepted=accepted))
        if meant:
            self.expected = ""
        if not accepted and not self.bears_dialogs:
            self.tell(PageFault(f"the page opened a dialog ({kind}) that its description does not expect"))
        await (dialog.accept() if accepted else dialog.dismiss())

    async def _on_download(self, download: PageDownload) -> None:
        place = None if self._folder is None else self._folder / uuid4().hex
        try:
            arrived = await self._arrived(download, place)
            if arrived is None or arrived.stat().st_size > LONGEST_DOWNLOAD or len(self.downloads) >= _MOST:
                self.tell(PageFault("the page hands over a file that is too large, or too many of them"))
            else:
                content = await asyncio.to_thread(arrived.read_bytes)
                name = whole(download.suggested_filename[:300])
                self.downloads.append(Download(name=name, content=base64.b64encode(content)))
        finally:
            if place is not None:
                place.unlink(missing_ok=True)
            await download.cancel()  # else the browser would have it whole before it goes
            await download.delete()

    async def _arrived(self, download: PageDownload, place: Path | None) -> Path | None:
        """The file, once it is there; None for one that grows beyond what is taken, of a browser on this machine."""

        async def whole_file() -> Path:
            if place is None:
                return await download.path()
            await download.save_as(place)
            return place

        coming = asyncio.ensure_future(whole_file())
        grows = _place_of(download) if place is None else None
        try:
            while not coming.done():
                await asyncio.wait({coming}, timeout=_LOOK_SECONDS)
                with suppress(OSError):  # it is not there yet
                    if grows is not None and grows.stat().st_size > LONGEST_DOWNLOAD:
                        return None
            return coming.result()
        finally:
            coming.cancel()
            coming.add_done_callback(lambda ended: ended.cancelled() or ended.exception())

    async def _on_window(self, window: Page) -> None:
        """A window of its own is closed: a conversation has one page. A file that it was opened for is taken."""
        self._windows += 1
        if self._windows > _MOST:
            self.tell(PageFault("the page opens window after window"))
            await window.close()
            return
        window.on("popup", self._started(self._on_window))
        window.on("download", self._started(self._on_download))
        window.on("dialog", self._started(self._on_dialog))
        self.warnings.append("the page opened a window, which was closed")
        try:
            await window.wait_for_load_state("load", timeout=1000 * _WINDOW_SECONDS)
        finally:
            await window.close()

    def _on_socket(self, socket: WebSocket) -> None:
        """What a page says by a web socket no guard sees."""

        def said(_: object) -> None:
            self.spoke += 1

        socket.on("framesent", said)


def _place_of(download: PageDownload) -> Path | None:
    """Where the browser of this machine writes it meanwhile. Playwright tells only when it is whole, so it is where
    this version keeps it, or unknown."""
    place: Any = getattr(download, "_impl_obj", None)
    for name in ("_artifact", "_initializer"):
        place = getattr(place, name, None)
    told = place.get("absolutePath") if isinstance(place, dict) else None
    return Path(f"{told}.crdownload") if isinstance(told, str) else None  # Chromium's name of a file that comes still
