"""The browser of this machine, started as the gateway starts it. `make test` has seen to one."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from gateway.transport.browser.find import SETUP, Chromium, Origin, find_chromium
from gateway.transport.browser.launching import CannotLaunch, launch, open_playwright
from gateway.transport.browser.proof import CannotRender, prove
from tests.unit.browser_material import real, write

CANARY = "Sw0rdfish-of-nobody"
_PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


@pytest.fixture
async def page(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """A page of the browser; the test's parameter says whether with images."""
    images = getattr(request, "param", False)
    async with open_playwright() as playwright:
        browser = await launch(playwright, find_chromium(os.environ), downloads=tmp_path / "downloads", images=images)
        yield await browser.new_page()
        await browser.close()


async def test_the_browser_of_this_machine_renders_a_page() -> None:
    proof = await prove(find_chromium(os.environ))
    assert re.fullmatch(r"\w*(Chrome|Chromium|Edg)\w*/\d+(\.\d+){3}", proof.product)
    assert proof.sandboxed == (os.geteuid() != 0)


async def test_one_that_shows_no_page_is_none(tmp_path: Path) -> None:
    lame = write(tmp_path / "lame", real() + " --blink-settings=scriptEnabled=false")
    with pytest.raises(CannotRender, match=r"lame starts but does not work: a page shows no button"):
        await prove(Chromium(lame, Origin.PATH))


@pytest.mark.parametrize(
    ("does", "told"),
    [
        (
            "echo 'lame: error while loading shared libraries: libnss3.so: cannot open' >&2; exit 127",
            "start: lame: error",
        ),
        ("exit 3", "does not start"),
    ],
)
async def test_one_that_does_not_start_is_told_with_what_to_do(tmp_path: Path, does: str, told: str) -> None:
    lame = write(tmp_path / "lame", does)
    with pytest.raises(CannotLaunch, match=re.escape(told)) as refused:
        await prove(Chromium(lame, Origin.PATH))
    assert str(lame) in refused.value.why
    assert SETUP in refused.value.fix


async def test_a_driver_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for node in (tmp_path / "none", write(tmp_path / "node", "exit 1")):
        monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
        with pytest.raises(CannotLaunch, match="driver does not start"):
            await prove(Chromium(tmp_path / "browser", Origin.PATH))
        # Playwright's own reader waits for the process a little longer than the one who is told.
        if left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left, timeout=5)


async def test_the_browser_is_given_no_credentials_and_its_sandbox_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_PORTAL_PASSWORD", CANARY)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://gateway:{CANARY}@localhost/gateway")
    seen = tmp_path / "seen"
    nosy = write(tmp_path / "nosy", f'(env; echo "$@") >"{seen}"\n{real()}')
    await prove(Chromium(nosy, Origin.PATH))
    text = seen.read_text()
    assert CANARY not in text
    assert "HOME=" in text
    assert ("--no-sandbox" in text) == (os.geteuid() == 0)


@pytest.mark.parametrize(("page", "width"), [(False, 0), (True, 1)], indirect=["page"])
async def test_images_are_off_unless_asked_for(page: Page, width: int) -> None:
    await page.set_content(f"<main><img src='{_PIXEL}'></main>")
    assert await page.evaluate("document.images[0].naturalWidth") == width


async def test_what_is_typed_is_written_nowhere_though_the_environment_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEBUG", "pw:*")
    monkeypatch.setenv("DEBUGP", "1")
    monkeypatch.setenv("DEBUG_FILE", str(tmp_path / "debug"))
    async with open_playwright() as playwright:
        browser = await launch(playwright, find_chromium(os.environ), downloads=tmp_path / "downloads")
        page = await browser.new_page()
        await page.set_content("<main><label>Password <input type=password></label></main>")
        await page.get_by_label("Password").fill(CANARY)
        await browser.close()
    await asyncio.sleep(0)
    printed = capfd.readouterr()
    assert CANARY not in printed.out + printed.err
    assert not (tmp_path / "debug").exists()
