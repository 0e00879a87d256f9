"""What no page's own guard sees: pages that are left, windows, workers, frames that are gone. Nothing of it leaves."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import replace
from typing import Literal

import pytest

from gateway.contract.errors import MaybeSent, NeedsPerson
from gateway.contract.turns import Click, Commit, Element, Landmark, Turn
from tests.browser.driving import Driving, files, goes, heading, page_of
from tests.browser.site import HEAD, Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

ONLY_BUTTON = Landmark("review", "/review", frozenset({("button", "Submit")}))
AGAIN = "fetch('/file', {method: 'POST', body: 'again', redirect: 'manual'})"


def review(click: str) -> str:
    return f"""{HEAD}<main><h1 id=h>Review</h1><button id=go>Submit</button></main>
<form id=f method=post action=/file><input type=hidden name=x value=first></form>
<script>go.onclick = () => {{ {click} }};</script>"""


LEAVING = {
    "a beacon": "addEventListener('pagehide', () => navigator.sendBeacon('/file', 'again'))",
    "a request that is kept alive": f"addEventListener('pagehide', () => {AGAIN.replace('}', ', keepalive: true}')})",
    "one for later": "fetchLater('/file', {method: 'POST', body: 'again', activateAfter: 60000})",
    "a beacon to elsewhere on the site": "addEventListener('pagehide', () => navigator.sendBeacon('/drafts', 'x'))",
}


@pytest.mark.parametrize("how", LEAVING)
async def test_what_a_page_says_while_it_is_left_for_its_answer_is_stopped(
    browser: Driving, site: Site, how: str
) -> None:
    site.pages["/review"] = review(f"{LEAVING[how]}; f.submit()")
    async with browser.at(site, "/review") as hold:
        page = page_of(await hold.turn(files(on=ONLY_BUTTON)))
        assert page.main.path == "/done"
        assert any("a further request was stopped" in said for said in page.warnings)
    await asyncio.sleep(0.3)
    assert site.posts == [("/file", b"x=first")]


async def test_what_a_page_says_when_its_conversation_ends_is_not_filed_again(browser: Driving, site: Site) -> None:
    says = "fetch('/file', {method: 'POST', body: 'first', redirect: 'manual'}).then(() => h.textContent = 'Received');"
    site.pages["/review"] = review(f"{says} {LEAVING['a beacon']}")
    async with browser.at(site, "/review") as hold:
        assert page_of(await hold.turn(files(on=ONLY_BUTTON))).settled
    await asyncio.sleep(0.3)
    assert site.posts == [("/file", b"first")]


@pytest.mark.parametrize("framed", [False, True])
async def test_no_web_socket_leads_elsewhere(browser: Driving, site: Site, framed: bool) -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    script = f"<script>new WebSocket('ws://127.0.0.1:{port}/?note=words')</script>"
    site.pages["/inner"] = script
    site.pages["/talks"] = f"{HEAD}<h1>Talks</h1>{'<iframe src=/inner></iframe>' if framed else script}"
    async with server, browser.conversation(browser.link(site)) as hold:
        with pytest.raises(NeedsPerson, match=r"web socket to 127\.0\.0\.1"):
            await hold.turn(goes(site, "/talks", heading("Never")))
    assert heard == []


async def test_a_worker_that_pages_share_files_nothing(browser: Driving, site: Site) -> None:
    site.pages["/w.js"] = f"{AGAIN}; setInterval(() => {AGAIN}, 100)"
    site.pages["/review"] = review("new SharedWorker('/w.js'); setTimeout(() => f.submit(), 500)")
    async with browser.at(site, "/review") as hold:
        assert page_of(await hold.turn(files(on=ONLY_BUTTON))).committed is not None
        await asyncio.sleep(0.3)
    assert site.posts == [("/file", b"x=first")]


async def test_a_window_that_a_window_opened_ends_with_the_conversation_and_files_nothing(
    browser: Driving, site: Site
) -> None:
    site.pages["/one"] = f"{HEAD}<script>window.open('/two')</script>"
    site.pages["/two"] = f"{HEAD}<script>setInterval(() => {AGAIN}, 100)</script>"
    files_later = "setTimeout(() => f.submit(), 300)"
    site.pages["/review"] = review(f"f.submit(); window.open('/one'); {files_later}")
    link = browser.link(site)
    async with browser.at(site, "/review", link) as hold:
        assert page_of(await hold.turn(files(on=ONLY_BUTTON))).committed is not None
        await asyncio.sleep(0.5)
    async with browser.at(site, "/done", link) as hold:
        assert hold._stage is not None
        assert len(hold._stage.context.pages) == 1
        await asyncio.sleep(0.5)
    assert site.files == 1


async def test_window_after_window_ends_the_turn(browser: Driving, site: Site) -> None:
    site.pages["/flood"] = f"{HEAD}<main><h1>Flood</h1><button onclick='flood()'>Go</button></main><script>" + (
        "function flood() { for (let i = 0; i < 40; i++) window.open('about:blank') }</script>"
    )
    async with browser.at(site, "/flood") as hold:
        with pytest.raises(NeedsPerson, match="window after window"):
            await hold.turn(Turn((Click(Element("button", "Go")),), (heading("No"),), deadline=10))


async def test_a_window_says_nothing_to_another_origin(browser: Driving, site: Site) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    site.pages["/leak"] = (
        f"{HEAD}<main><form method=post target=_blank action='{other}/leak'>"
        "<input type=hidden name=m value=Canaryman><button>Post</button></form></main>"
    )
    async with browser.at(site, "/leak") as hold:
        with pytest.raises(NeedsPerson, match="send something to localhost, which is not the site"):
            await hold.turn(Turn((Click(Element("button", "Post")),), (heading("No"),), deadline=5))
    assert not site.posts


async def test_a_frame_that_is_gone_says_nothing_to_another_origin(browser: Driving, site: Site) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    site.pages["/inner"] = (
        f"{HEAD}<script>addEventListener('pagehide', () => navigator.sendBeacon('{other}/leak', 'x'))</script>"
    )
    # Before the frame is there whole, it has nothing to say.
    site.pages["/leak"] = (
        f"{HEAD}<main><h1>Leak</h1><button id=go disabled onclick='inner.remove()'>Go</button></main>"
        "<iframe id=inner src=/inner onload='go.disabled = false'></iframe>"
    )
    async with browser.at(site, "/leak") as hold:
        with pytest.raises(NeedsPerson, match="send something to localhost, which is not the site"):
            await hold.turn(Turn((Click(Element("button", "Go")),), (heading("No"),), deadline=3))
    assert not site.posts


async def test_what_a_frame_and_a_worker_say_to_the_site_is_heard(browser: Driving, site: Site) -> None:
    site.pages["/w.js"] = "fetch('/drafts', {method: 'POST', body: 'worker'})"
    site.pages["/inner"] = f"{HEAD}<script>fetch('/drafts', {{method: 'POST', body: 'frame'}})</script>"
    site.pages["/made"] = (
        f"{HEAD}<main><h1>Made</h1></main><iframe src=/inner></iframe>"
        "<script>new SharedWorker('/w.js'); new Worker('/w.js')</script>"
    )
    async with browser.conversation(browser.link(site)) as hold:
        await hold.turn(goes(site, "/made", heading("Made")))
        await hold.turn(Turn((), (heading("No"),), deadline=1))
    assert sorted(body for _, body in site.posts) == [b"frame", b"worker", b"worker"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_put_that_is_sent_on_is_not_said_twice(browser: Driving, site: Site, method: str) -> None:
    site.pages["/review"] = review(f"fetch('/file', {{method: '{method}', body: 'first'}})")
    commit = Commit("PUT" if method == "PUT" else "DELETE", "/file")
    async with browser.at(site, "/review") as hold:
        with pytest.raises(MaybeSent, match="HTTP 302"):
            await hold.turn(files(on=ONLY_BUTTON, commit=commit, deadline=5))
    assert [path for path, _ in site.posts] == ["/file"]


WITHHOLDS = (("POST", "/file"),)


@pytest.mark.parametrize("how", ["f.submit()", AGAIN, "navigator.sendBeacon('/file', 'x')"])
async def test_a_click_that_files_on_a_site_that_changed_files_nothing(browser: Driving, site: Site, how: str) -> None:
    site.pages["/next"] = review(how).replace("Submit", "Next")
    async with browser.at(site, "/next") as hold:
        with pytest.raises(NeedsPerson, match="wanted to file something, which was stopped: POST /file") as raised:
            await hold.turn(
                Turn((Click(Element("button", "Next")),), (heading("Received"),), deadline=5, withholds=WITHHOLDS)
            )
        assert raised.value.only_this
    assert not site.posts


@pytest.mark.parametrize("guard", ["fetch", "observe"])
async def test_a_step_before_the_last_files_nothing_and_the_last_one_does(
    browser: Driving, site: Site, guard: Literal["fetch", "observe"]
) -> None:
    check = "<label><input type=checkbox id=c> I attest</label></main>"
    on = Landmark("review", "/review", frozenset({("button", "Submit"), ("checkbox", "I attest")}))
    attest = Click(Element("checkbox", "I attest"))
    turn = replace(files(attest, on=on, commit=Commit("POST", "/file", guard)), withholds=WITHHOLDS)
    site.pages["/review"] = review("f.submit()").replace(
        "</main>", f"{check}<script>c.onclick = () => {AGAIN}</script>"
    )
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson, match="wanted to file something"):
            await hold.turn(turn)
    assert not site.posts
    site.pages["/review"] = review("f.submit()").replace("</main>", check)
    async with browser.at(site, "/review") as hold:
        assert page_of(await hold.turn(turn)).main.path == "/done"
    assert site.posts == [("/file", b"x=first")]


@pytest.mark.parametrize("guard", ["fetch", "observe"])
@pytest.mark.parametrize(
    ("how", "asked"),
    [
        ("f.method = 'get'; f.submit()", "/file"),
        ("fetch('/file?x=first')", "/file"),
        ("f.method = 'get'; f.action = '/done'; f.submit()", "/done"),
    ],
)
async def test_a_page_that_files_by_get_instead_may_have_filed(
    browser: Driving, site: Site, guard: Literal["fetch", "observe"], how: str, asked: str
) -> None:
    site.pages["/review"] = review(how)
    async with browser.at(site, "/review") as hold:
        with pytest.raises(MaybeSent, match="by GET"):
            await hold.turn(files(on=ONLY_BUTTON, commit=Commit("POST", "/file", guard), deadline=4))
    assert not site.posts
    assert site.gets == ["/review", asked]


async def test_a_page_that_goes_on_and_says_nothing_has_filed_nothing(browser: Driving, site: Site) -> None:
    site.pages["/review"] = review("location.href = '/done'")
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson, match="sent nothing"):
            await hold.turn(files(on=ONLY_BUTTON, deadline=4))


TWICE = {
    "two calls": f"{AGAIN}; {AGAIN}.then(() => h.textContent = 'Received')",
    "a call and a form": f"{AGAIN}; f.submit()",
    "a beacon and a form": "navigator.sendBeacon('/file', 'again'); f.submit()",
    "a window and a form": "f.target = '_blank'; f.submit(); f.target = ''; f.submit()",
    "a worker and a form": "new Worker('/w.js'); setTimeout(() => f.submit(), 400)",
    "a call later": f"{AGAIN}.then(() => h.textContent = 'Received'); setTimeout(() => {AGAIN}, 500)",
    "another way to write it": "fetch('/%66ile', {method: 'POST', body: 'again', redirect: 'manual'}); f.submit()",
}


@pytest.mark.parametrize("how", TWICE)
async def test_a_page_that_says_it_twice_files_once_where_the_browser_sends_it(
    browser: Driving, site: Site, how: str
) -> None:
    site.pages["/w.js"] = AGAIN
    site.pages["/review"] = review(TWICE[how])
    async with browser.at(site, "/review") as hold:
        with suppress(MaybeSent):
            await hold.turn(files(on=ONLY_BUTTON, commit=Commit("POST", "/file", "observe"), deadline=5))
        await asyncio.sleep(1)
    assert site.filed == 1


@pytest.mark.parametrize(
    ("how", "sent"),
    [
        ("f.action = '/file2'; f.submit()", "POST /{}"),
        ("fetch('/new/file', {method: 'POST', body: 'x'}).then(() => h.textContent = 'Received')", "POST /new/file"),
        ("fetch('/file', {method: 'PUT', body: 'x', redirect: 'manual'})", "PUT /file"),
    ],
)
async def test_what_went_to_another_place_may_have_filed_where_the_browser_sends_it(
    browser: Driving, site: Site, how: str, sent: str
) -> None:
    site.pages["/review"] = review(how)
    async with browser.at(site, "/review") as hold:
        with pytest.raises(MaybeSent, match=re.escape(f"it sent {sent}, and may have filed by that")):
            await hold.turn(files(on=ONLY_BUTTON, commit=Commit("POST", "/file", "observe"), deadline=4))
    assert len(site.posts) == 1


@pytest.mark.parametrize("path", ["/%66ile", "/FILE", "/file/", "/./file", "/file;v=1", "/file?x=1"])
async def test_what_files_is_withheld_however_its_address_is_written(browser: Driving, site: Site, path: str) -> None:
    site.pages["/load"] = f"{HEAD}<main><h1>Load</h1></main><script>fetch('{path}', {{method: 'POST'}})</script>"
    async with browser.conversation(browser.link(site)) as hold:
        with pytest.raises(NeedsPerson, match="wanted to file something"):
            await hold.turn(replace(goes(site, "/load", heading("Never")), withholds=WITHHOLDS, deadline=3))
    assert not site.posts
