"""Does the steps of a turn on a page, as a person would: one after the other, each once.

What Playwright says of a step that failed holds what was typed and what stands on the page: none of it is passed on.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Protocol

from playwright.async_api import Error, FilePayload, Locator, Page

from gateway.contract.errors import ExchangeError
from gateway.contract.landmarks import whole
from gateway.contract.pages import LONGEST_SNAPSHOT
from gateway.contract.pieces import Secret
from gateway.contract.turns import Asked, Choose, Click, Element, Fill, Go, Read, Step, Totp, Upload, WaitFor
from gateway.transport.browser.elements import PATIENCE, Elements
from gateway.transport.browser.faults import Deadline, Fault, GoneFault, PageFault, unreached
from gateway.transport.browser.machines import leave
from gateway.transport.browser.watch import Watch

_KEY_MILLISECONDS = 30
_NO_SELECT = "not a <select>"
_WORD = re.compile(r"[^\W\d_][\w'-]+")
_MOST_WORDS = 2000
_PROSE = 80


class Typist(Protocol):
    """Gives what is typed where a frame names a credential."""

    async def text(self, what: Secret | Totp | Asked, deadline: Deadline) -> str: ...

    def typed(self, what: Secret | Totp | Asked, text: str, held: str) -> None: ...


class Steps:
    """Of one turn. ``words`` are those of the request, as far as they were typed in this conversation."""

    def __init__(self, page: Page, watch: Watch, typist: Typist, words: set[str], deadline: Deadline) -> None:
        self._page = page
        self._watch = watch
        self._typist = typist
        self._words = words
        self._deadline = deadline
        self.elements = Elements(page, frozenset(words))
        self.read: list[str] = []
        self.status: int | None = None

    async def do(self, step: Step) -> None:
        """Raises a Fault. What the page did by itself meanwhile goes before what it did not let us do."""
        self._watch.check()
        try:
            if isinstance(step, Go):
                await self._go(step)
            else:
                await self._do(step)
        except (Fault, ExchangeError):
            self._watch.check()
            raise
        except Exception:  # of several kinds where browser or driver are no more
            raise GoneFault("the browser did not do what it was told") from None
        self._watch.check()

    async def picture(self, element: Element) -> bytes:
        """What an element shows; empty where it cannot be seen."""
        try:
            locator = await self.elements.find(element, self._deadline)
            return await locator.screenshot(timeout=self._deadline.within(PATIENCE))
        except (Error, PageFault):
            return b""

    async def _go(self, step: Go) -> None:
        self._watch.leaving = True
        try:
            answer = await self._page.goto(step.url, wait_until="domcontentloaded", timeout=self._deadline.within())
            self.status = answer.status if answer else None
        except Error as error:
            self._watch.check()
            if "Download is starting" not in error.message:
                raise unreached(error.message) or PageFault("the page did not load in time") from None
        finally:
            self._watch.leaving = False

    async def _do(self, step: Fill | Choose | Upload | Click | WaitFor | Read) -> None:
        locator: Locator | None = None
        try:
            if isinstance(step, WaitFor) and step.gone:
                await self._until_gone(step.where)
                return
            locator = await self.elements.find(step.where, self._deadline)
            await self._use(step, locator)
        except Error as error:
            self._watch.check()
            raise await self.elements.fault(error, step.where, locator) from None

    async def _use(self, step: Fill | Choose | Upload | Click | WaitFor | Read, locator: Locator) -> None:
        within = self._deadline.within(PATIENCE)
        match step:
            case Fill():
                await self._fill(step, locator)
            case Choose():
                self._keep(step.option)
                await self._choose(step, locator, within)
            case Upload():
                self._keep(step.name)
                payload = FilePayload(name=step.name, mimeType=step.media_type, buffer=step.content)
                if step.drop:
                    await locator.drop({"files": payload}, timeout=self._deadline.within())
                else:
                    await locator.set_input_files(payload, timeout=self._deadline.within())
            case Click():
                self._watch.expected = step.says
                await locator.click(timeout=within)
            case WaitFor():
                await locator.wait_for(state="visible", timeout=self._deadline.within())
            case Read():
                said = await locator.aria_snapshot(timeout=within)
                self.read.append(whole(said[:LONGEST_SNAPSHOT]))

    async def _fill(self, step: Fill, locator: Locator) -> None:
        if isinstance(step.what, str):
            self._keep(step.what)
            text = step.what
        else:
            # Before a code is drawn, which can be used once, its field must be there.
            await locator.wait_for(state="visible", timeout=self._deadline.within(PATIENCE))
            text = await self._typist.text(step.what, self._deadline)
            self._typist.typed(step.what, text, "")  # before it stands anywhere
            self._words.add(text.lower())
            self.elements.words = frozenset(self._words)
        within = self._deadline.within(PATIENCE)
        if step.slowly:
            if await locator.input_value(timeout=within):
                await locator.fill("", timeout=within)  # of an empty field it would be a key of its own
            await locator.press_sequentially(text, delay=_KEY_MILLISECONDS, timeout=self._deadline.within())
        else:
            await locator.fill(text, timeout=within)
        if not isinstance(step.what, str):
            self._typist.typed(step.what, text, await locator.input_value(timeout=within))

    async def _choose(self, step: Choose, locator: Locator, within: float) -> None:
        """Of a ``select`` by the text of an option, which may be still to come; of a list by a click."""
        said = locator.locator("option").filter(has_text=re.compile(rf"^\s*{re.escape(step.option)}\s*$"))
        options = said.or_(locator.locator(f"option[label={json.dumps(step.option, ensure_ascii=False)}]"))
        choosing = asyncio.ensure_future(locator.select_option(label=step.option, timeout=within))
        try:
            found = await options.count()
            await choosing
        except Error as error:
            if _NO_SELECT not in error.message:
                raise
            await locator.get_by_role("option", name=step.option, exact=True).click(timeout=within)
            return
        finally:
            leave(choosing)
        # Of several with one text Playwright takes the first. They may have come after they were counted.
        if found != 1 and await options.count() > 1:
            raise PageFault(f"there are several of one option in {self.elements.told(step.where)}")

    async def _until_gone(self, element: Element) -> None:
        for locator, _ in self.elements.any_of((element,)):
            await locator.first.wait_for(state="hidden", timeout=self._deadline.within())

    def _keep(self, text: str) -> None:
        """Keep the words of what is typed, but for prose: that has every word a site has too."""
        if len(text) <= _PROSE and len(self._words) < _MOST_WORDS:
            self._words.update(word.lower() for word in _WORD.findall(text))
            self.elements.words = frozenset(self._words)
