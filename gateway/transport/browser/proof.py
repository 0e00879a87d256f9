"""Proves a browser: it starts as we start it, runs a script, lays a page out, and tells what the page says.

The page is made here and is nobody's; nothing is fetched.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Error

from gateway.transport.browser.find import Chromium, NoBrowser
from gateway.transport.browser.launching import LAUNCH_SECONDS, is_sandboxed, launch, open_playwright

_SECONDS = 30.0
_WIDTH = 321
_PAGE = f"""<!doctype html><title>proof</title><main>
<h1>Proof of a browser</h1>
<button id=wide style="box-sizing: border-box; width: {_WIDTH}px">not run yet</button>
</main>
<script>
const wide = document.getElementById("wide");
wide.textContent = "laid out at " + wide.getBoundingClientRect().width;
</script>"""
_EXPECTED = ('heading "Proof of a browser"', f'button "laid out at {_WIDTH}"')
"""In the accessibility tree: the words of the page, and a figure that a script read from its layout."""


@dataclass(frozen=True)
class Proof:
    """What a browser says it is."""

    product: str
    """As it names itself, with its version: ``HeadlessChrome/150.0.7871.100``."""
    sandboxed: bool


class CannotRender(NoBrowser):
    """A browser started, and did not show the page it was given."""


async def prove(chromium: Chromium) -> Proof:
    """Start it, render a page, and stop it (2 s). Raises CannotLaunch or CannotRender."""
    with tempfile.TemporaryDirectory(prefix="payer-gateway-proof-") as downloads:
        try:
            scratch = Path(downloads)
            async with asyncio.timeout(LAUNCH_SECONDS + _SECONDS), open_playwright(scratch) as playwright:
                browser = await launch(playwright, chromium, downloads=scratch)
                try:
                    return await _render(browser, chromium)
                finally:
                    await browser.close()
        except (Error, TimeoutError) as error:
            said = "it took too long" if isinstance(error, TimeoutError) else str(error).splitlines()[0][:300]
            raise _refused(chromium, said) from None


async def _render(browser: Browser, chromium: Chromium) -> Proof:
    page = await browser.new_page()
    await page.set_content(_PAGE, timeout=_SECONDS * 1000)
    seen = await page.locator("main").aria_snapshot(timeout=_SECONDS * 1000)
    if missing := [words for words in _EXPECTED if words not in seen]:
        raise _refused(chromium, f"a page shows no {' and no '.join(missing)}")
    session = await browser.new_browser_cdp_session()
    version = await session.send("Browser.getVersion")
    return Proof(product=version["product"], sandboxed=is_sandboxed())


def _refused(chromium: Chromium, why: str) -> CannotRender:
    return CannotRender(f"{chromium.path} starts but does not work: {why}.", "Name another browser, or install anew.")
