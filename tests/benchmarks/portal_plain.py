"""The floor of the portal's flow: the same steps in plain Playwright, as somebody would write them down in a script.

It looks at nothing it does not wait for: no page is recognised, read or kept, no request guarded, nothing proved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Dialog, Page

from gateway.contract.turns import Choose, Click, Element, Fill, Go, Read, Step, Turn, Upload, WaitFor

_MILLISECONDS = 45_000


async def run(browser: Browser, state: Mapping[str, Any], turns: Sequence[Turn], member: str) -> None:
    """One flow, signed in already, in a context of its own, for another member than the turns were taken for."""
    context = await browser.new_context(storage_state=state, viewport={"width": 1280, "height": 1000})  # type: ignore[arg-type]
    page = await context.new_page()
    for turn in turns:
        for step in turn.steps:
            await _do(page, step, member)
        if turn.settled:
            await _any(page, turn.settled).wait_for(timeout=_MILLISECONDS)
    await context.close()


async def _do(page: Page, step: Step, member: str) -> None:
    match step:
        case Go():
            await page.goto(step.url, wait_until="domcontentloaded")
        case Fill():
            text = re.sub(r"^SIMAPPROVE\d+$", member, str(step.what))
            field = _at(page, step.where)
            if step.slowly:
                await field.press_sequentially(text, delay=30)
            else:
                await field.fill(text)
        case Choose():
            await _at(page, step.where).select_option(label=step.option)
        case Upload():
            file = {"name": step.name, "mimeType": step.media_type, "buffer": step.content}
            await _at(page, step.where).set_input_files(file)  # type: ignore[arg-type]
        case Click():
            async with _answering(page, step.says):
                await _at(page, step.where).click()
        case WaitFor():
            await _at(page, step.where).wait_for(state="hidden" if step.gone else "visible")
        case Read():
            await _at(page, step.where).inner_text()


@asynccontextmanager
async def _answering(page: Page, says: str) -> Any:
    async def accept(dialog: Dialog) -> None:
        await dialog.accept()

    if says:
        page.once("dialog", accept)
    yield


def _at(page: Page, element: Element) -> Any:
    scope: Any = page.frame_locator(f'iframe[title="{element.frame}"]') if element.frame else page
    if element.inside is not None:
        scope = _at(page, element.inside)
    if not element.role:
        return scope.locator(element.css)
    named = {"name": element.name, "exact": True} if element.name else {}
    return scope.get_by_role(element.role, **named)


def _any(page: Page, elements: Sequence[Element]) -> Any:
    """Whichever is to be seen first, of those in the frame of the first."""
    first, *others = (each for each in elements if each.frame == elements[0].frame)
    found = _at(page, first)
    for other in others:
        found = found.or_(_at(page, other))
    return found.filter(visible=True).first
