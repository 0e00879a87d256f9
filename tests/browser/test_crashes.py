"""Whatever dies, the turn says what may have been filed, and the next conversation works."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent
from gateway.contract.turns import Turn
from gateway.transport.browser.guard import ObserveGuard
from gateway.transport.browser.hold import Hold
from gateway.transport.browser.scratch import Scratch
from tests.browser.doomed import FORM
from tests.browser.driving import OBSERVED, Driving, files, goes, heading, open_driving, page_of
from tests.browser.processes import drivers, kill, tree, until
from tests.browser.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")
CANARIES = (b"canary-pass-4711", b"Zebulon Canaryman", b"canary-note-77")
NEVER = (heading("Never"),)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def frail() -> AsyncIterator[Driving]:
    """A browser of its own, for it is killed."""
    async with open_driving(os.environ) as driving:
        yield driving
    assert not driving.transport._machines._all


async def page_dies(hold: Hold) -> None:
    assert hold._stage is not None
    session = await hold._stage.context.new_cdp_session(hold._stage.page)
    dying = asyncio.ensure_future(session.send("Page.crash"))
    await until(lambda: hold.lost)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


async def browser_dies(hold: Hold) -> None:
    driver = drivers()[-1]
    for pid in tree(driver)[1:]:  # a script may stand before it
        kill(pid)
    await until(lambda: hold.lost)


async def driver_dies(hold: Hold) -> None:
    driver = drivers()[-1]
    kill(driver)
    await until(lambda: driver not in drivers())


DEATHS = [page_dies, browser_dies, driver_dies]


@pytest.mark.parametrize("death", DEATHS)
async def test_what_dies_between_turns_and_under_one_was_told_nothing(
    frail: Driving, site: Site, death: object
) -> None:
    assert callable(death)
    link = frail.link(site)
    async with frail.at(site, "/review", link) as hold:
        waiting = asyncio.ensure_future(hold.turn(Turn((), NEVER, deadline=20)))
        await asyncio.sleep(0.3)
        await death(hold)
        with pytest.raises(NotSent):
            await waiting
        with pytest.raises(NotSent):
            await hold.turn(files(deadline=5.0))
    async with frail.conversation(link) as hold:
        assert page_of(await hold.turn(goes(site, "/done", heading("Received")))).settled
    assert not site.posts


@pytest.mark.parametrize("death", DEATHS)
async def test_what_dies_while_it_is_filed_leaves_one_request_and_nobody_knows(
    frail: Driving, site: Site, death: object
) -> None:
    assert callable(death)
    site.mode = "never"
    link = frail.link(site)
    async with frail.at(site, "/review", link) as hold:
        filing = asyncio.ensure_future(hold.turn(files(deadline=4.0)))
        await until(lambda: site.posts)
        await death(hold)
        with pytest.raises(MaybeSent):
            await filing
    async with frail.conversation(link) as hold:
        assert page_of(await hold.turn(goes(site, "/done", heading("Received")))).settled
    assert site.files == 1


async def test_what_a_browser_may_have_sent_before_it_died_nobody_knows(
    frail: Driving, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a guard that only looks: the word of what left may be lost with the browser."""
    monkeypatch.setattr(ObserveGuard, "_asked", lambda *_: None)
    site.mode = "never"
    async with frail.at(site, "/review", frail.link(site)) as hold:
        filing = asyncio.ensure_future(hold.turn(files(commit=OBSERVED, deadline=10.0)))
        await until(lambda: site.posts)
        await browser_dies(hold)
        with pytest.raises(MaybeSent, match="may have filed before"):
            await filing
    assert site.files == 1


async def test_a_browser_that_hangs_is_left_behind(frail: Driving, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.transport.browser.hold._HANG_SECONDS", 0.5)
    monkeypatch.setattr("gateway.transport.browser.machines._CLOSE_SECONDS", 1.0)
    link = frail.link(site)
    async with frail.at(site, "/review", link) as hold:
        driver = drivers()[-1]
        os.kill(driver, signal.SIGSTOP)
        try:
            with pytest.raises(NotSent, match="did not answer in time"):
                await hold.turn(Turn((), NEVER, deadline=0.5))
        finally:
            with suppress(ProcessLookupError):
                os.kill(driver, signal.SIGCONT)
    async with frail.conversation(link) as hold:
        assert page_of(await hold.turn(goes(site, "/done", heading("Received")))).settled
    assert driver not in drivers()


async def test_a_conversation_that_is_cancelled_ends_its_page(frail: Driving, site: Site) -> None:
    site.mode = "never"
    hold = await frail.transport.open(frail.link(site))
    await hold.turn(goes(site, "/review"))
    filing = asyncio.ensure_future(hold.turn(files()))
    await until(lambda: site.posts)
    filing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await filing
    await hold.close()
    assert hold.lost
    await asyncio.sleep(0.3)
    assert site.files == 1


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def doomed(url: str, home: Path) -> subprocess.Popen[bytes]:
    places = {"TMPDIR": str(home), "HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-m", "tests.browser.doomed", url], env={**os.environ, **places})


async def test_a_process_that_is_killed_leaves_neither_words_nor_processes(site: Site, tmp_path: Path) -> None:
    site.mode, site.pages["/form"] = "never", FORM
    child = doomed(site.url, tmp_path)
    try:
        await until(lambda: site.files or child.poll() is not None, 60)
        assert child.poll() is None
        family = tree(child.pid)
        assert len(family) > 3
    finally:
        kill(child.pid)
        child.wait()
    await until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in family))
    assert b"canary-note-77" in site.posts[-1][1]
    left = contents(tmp_path)
    scratch = tmp_path / f"payer-gateway-browser-{os.geteuid()}"
    found = [path for path, body in left.items() if any(each in body for each in CANARIES)]
    assert [path for path in found if not path.is_relative_to(scratch)] == []
    assert site.files == 1
    next_one = Scratch(scratch)
    try:
        assert [path for path in scratch.iterdir() if path != next_one.path] == []
    finally:
        next_one.close()


async def test_a_folder_in_use_is_not_wiped(tmp_path: Path) -> None:
    one = Scratch(tmp_path / "base")
    (one.path / "paper").write_text("x")
    other = Scratch(tmp_path / "base")
    assert (one.path / "paper").exists()
    assert (tmp_path / "base").stat().st_mode & 0o777 == 0o700
    one.close()
    other.close()
    assert list((tmp_path / "base").iterdir()) == []


async def test_a_folder_that_cannot_be_had_is_told_to_a_person(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / f"payer-gateway-browser-{os.geteuid()}").write_text("somebody else's")
    async with open_driving(os.environ) as driving:
        with pytest.raises(NeedsPerson, match="no place for files"):
            await driving.transport.open(driving.link(site))
