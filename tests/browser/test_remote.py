"""A browser elsewhere: Playwright's launch-server, by its address."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright._impl._driver import compute_driver_executable
from playwright.async_api import Request, Route

from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent
from gateway.contract.turns import Click, Element, Turn
from gateway.transport.browser.find import VARIABLE, find_chromium
from gateway.transport.browser.guard import FetchGuard
from tests.browser.driving import Driving, files, goes, heading, open_driving, page_of
from tests.browser.site import HEAD, Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def far(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    config = tmp_path_factory.mktemp("far") / "server.json"
    config.write_text(json.dumps({"executablePath": str(find_chromium(os.environ).path), "host": "127.0.0.1"}))
    node, cli = compute_driver_executable()
    # Not by Python's wrapper: its end is not the server's.
    server = await asyncio.create_subprocess_exec(
        node, cli, "launch-server", "--browser", "chromium", "--config", str(config), stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    async with asyncio.timeout(60):
        address = (await server.stdout.readline()).decode().strip()
    yield address
    server.send_signal(signal.SIGTERM)
    await server.wait()


async def test_a_conversation_is_held_in_a_browser_elsewhere(browser: Driving, site: Site, far: str) -> None:
    site.pages["/links"] = f"{HEAD}<main><a href=/report>Report</a></main>"
    async with browser.conversation(browser.link(site, endpoint=far)) as hold:
        await hold.turn(goes(site, "/review", heading("Review")))
        assert page_of(await hold.turn(files())).settled
        await hold.turn(goes(site, "/links"))
        page = page_of(await hold.turn(Turn((Click(Element("link", "Report")),), (heading("No"),), deadline=1.5)))
        assert [each.content for each in page.downloads] == [b"%PDF-1.7 canary"]
    assert site.files == 1


class Line:
    """To a browser elsewhere, until it is cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: list[asyncio.StreamWriter] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, away = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends += [writer, away]

        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                while some := await source.read(65536):
                    target.write(some)
                    await target.drain()

        await asyncio.gather(copy(reader, away), copy(there, writer))

    def cut(self) -> None:
        for end in self._ends:
            end.transport.abort()


async def test_a_line_to_the_browser_that_breaks_at_the_click_leaves_nobody_sure(
    browser: Driving, site: Site, far: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stopped in a browser that others own is let go when who stopped it is gone."""
    parts = urlsplit(far)
    assert parts.port is not None
    line = Line(parts.port)

    async def gone(guard: FetchGuard, route: Route, request: Request) -> None:
        line.cut()

    monkeypatch.setattr(FetchGuard, "_handle", gone)
    async with await asyncio.start_server(line.carry, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        link = browser.link(site, endpoint=f"ws://127.0.0.1:{port}{parts.path}")
        async with browser.at(site, "/review", link) as hold:
            with pytest.raises(MaybeSent, match="may have filed before"):
                await hold.turn(files(deadline=10))


async def test_a_browser_elsewhere_that_is_not_there_was_told_nothing(browser: Driving, site: Site) -> None:
    with pytest.raises(NotSent, match="endpoint does not answer"):
        await browser.transport.open(browser.link(site, endpoint="ws://127.0.0.1:9/x"))


async def test_where_there_is_no_browser_a_person_is_told_what_mends_it(
    browser: Driving, site: Site, tmp_path: Path
) -> None:
    environment = {VARIABLE: str(tmp_path / "none")}
    async with open_driving(environment) as other:
        with pytest.raises(NeedsPerson, match="PAYER_GATEWAY_CHROMIUM"):
            await other.transport.open(other.link(site))
