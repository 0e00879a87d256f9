"""One click is one request, whatever browser, page and line do; and what comes of it is told for what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from playwright.async_api import Error

from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent
from gateway.contract.turns import Click, Commit, Element, Fill, Landmark, Turn, Upload
from gateway.transport.browser.faults import Deadline
from gateway.transport.browser.fence import Fence
from gateway.transport.browser.guard import FetchGuard
from tests.browser.driving import FILE, OBSERVED, ON_REVIEW, SUBMIT, Driving, files, goes, heading, page_of
from tests.browser.site import HEAD, REVIEW, Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_filing_is_one_request_and_its_answer_is_told(browser: Driving, site: Site) -> None:
    async with browser.at(site, "/review") as hold:
        reply = await hold.turn(files(Fill(Element("textbox", "Note"), "in haste")))
        page = page_of(reply)
        assert page.committed is not None
        assert (page.committed.status, page.committed.location) == (302, "/done")
        assert page.settled
        assert page.main.path == "/done"
        assert "Reference R-1" in page.main.snapshot
        assert [path for path, _ in site.posts] == ["/file"]
        assert b"in+haste" in site.posts[0][1]
        kinds = [(each.what, each.media_type) for each in reply.evidence]
        assert kinds == [("before", "text/plain"), ("after", "image/jpeg"), ("after", "text/plain")]
        told = b"".join(each.body for each in reply.evidence if each.media_type == "text/plain")
        assert b'button "Submit"' in told
        assert b"Canaryman" not in told


NAMED = f"""{HEAD}<style>* {{ font: 16px monospace }}</style><main><h1>Received for NAME</h1><p>We thank NAME.</p>
<ul><li>Name of NAME</li></ul></main>"""


async def test_a_picture_covers_the_words_of_the_request_wherever_they_stand(browser: Driving, site: Site) -> None:
    async def picture(name: str, *words: str) -> bytes:
        site.pages["/done"] = NAMED.replace("NAME", name)
        async with browser.at(site, "/review") as hold:
            turn = replace(files(), settled=(Element("heading", f"Received for {name}"),), words=frozenset(words))
            reply = await hold.turn(turn)
        [seen] = [each.body for each in reply.evidence if each.media_type == "image/jpeg"]
        return seen

    # Letters of one width: what differs is the name alone.
    uncovered = [await picture(name) for name in ("Zebulon", "Quillam")]
    assert uncovered[0] != uncovered[1]
    covered = [await picture(name, name.upper(), "Elsewhere") for name in ("Zebulon", "Quillam")]
    assert covered[0] == covered[1]


@pytest.mark.parametrize("mode", ["drop_before", "drop_after"])
async def test_a_line_that_breaks_under_a_filing_leaves_one_request(browser: Driving, site: Site, mode: str) -> None:
    site.mode = mode
    async with browser.at(site, "/review") as hold:
        with pytest.raises(MaybeSent) as raised:
            await hold.turn(files())
        assert site.files == 1
        assert {each.what for each in raised.value.evidence} == {"before", "error"}
        assert "review" not in str(raised.value)
    assert site.files == 1


async def test_without_the_guard_the_browser_itself_says_it_again(browser: Driving, site: Site) -> None:
    site.mode = "drop_before"
    async with browser.at(site, "/review") as hold:
        with pytest.raises(MaybeSent):
            await hold.turn(files(commit=OBSERVED))
    assert site.files > 1


async def test_a_guard_that_only_looks_tells_what_was_answered(browser: Driving, site: Site) -> None:
    async with browser.at(site, "/review") as hold:
        page = page_of(await hold.turn(files(commit=OBSERVED)))
    assert page.committed is not None
    assert (page.committed.status, page.committed.location, site.filed) == (302, "/done", 1)


async def test_an_error_of_the_server_is_an_answer(browser: Driving, site: Site) -> None:
    site.mode = "500"
    async with browser.at(site, "/review") as hold:
        page = page_of(await hold.turn(files()))
        assert page.committed is not None
        assert (page.committed.status, site.filed) == (500, 1)


async def test_a_request_that_is_sent_on_is_not_sent_twice(browser: Driving, site: Site) -> None:
    site.mode = "elsewhere"
    async with browser.at(site, "/review") as hold:
        with pytest.raises(MaybeSent, match="HTTP 307"):
            await hold.turn(files())
    assert [path for path, _ in site.posts] == ["/file"]


async def test_an_answer_that_does_not_come_in_time_is_not_known(browser: Driving, site: Site) -> None:
    site.mode = "never"
    async with browser.at(site, "/review") as hold:
        with pytest.raises(MaybeSent):
            await hold.turn(files(deadline=2.0))
    assert site.files == 1


AGAIN = f"""{HEAD}<main><h1>Review</h1><button id=go>Submit</button></main><script>
go.onclick = async () => {{
  const one = () => fetch("/file", {{method: "POST", body: "x", redirect: "manual"}});
  await Promise.allSettled([one(), one(), fetch("/track", {{method: "POST", body: "y"}})]);
  setInterval(one, 100);
  document.querySelector("h1").textContent = "Received";
}};
</script>"""
ONLY_BUTTON = Landmark("review", "/review", frozenset({("button", "Submit")}))


async def test_a_page_that_files_twice_and_tries_again_files_once(browser: Driving, site: Site) -> None:
    site.pages["/review"] = AGAIN
    async with browser.at(site, "/review") as hold:
        page = page_of(await hold.turn(files(on=ONLY_BUTTON)))
        assert "a further request was stopped: POST /file" in page.warnings
        assert "a further request was stopped: POST /track" in page.warnings
        # It goes on trying, in later turns too.
        await hold.turn(Turn((), (Element("heading", "Nowhere"),), deadline=1.0))
    assert [path for path, _ in site.posts] == ["/file"]


LATE = f"""{HEAD}<main><h1>Review</h1><p role=status>The draft is saved</p><button id=go>Submit</button></main><script>
go.onclick = () => setTimeout(async () => {{
  await fetch("/file", {{method: "POST", body: "x"}});
  setTimeout(() => document.querySelector("[role=status]").textContent = "Received", 700);
}}, 3500);
</script>"""


async def test_what_a_page_said_before_it_files_is_not_its_answer(browser: Driving, site: Site) -> None:
    site.pages["/review"] = LATE
    async with browser.at(site, "/review") as hold:
        page = page_of(await hold.turn(replace(files(on=ONLY_BUTTON), settled=(Element("status"),))))
    assert (page.settled, "status: Received" in page.main.snapshot, site.files) == (True, True, 1)


async def test_what_is_filed_may_go_to_another_origin_of_the_site(browser: Driving, site: Site) -> None:
    data = site.url.replace("127.0.0.1", "localhost")
    site.pages["/review"] = f"""{HEAD}<main><h1>Review</h1><button id=go>Submit</button></main><script>
go.onclick = async () => {{
  await fetch("{data}/file", {{method: "POST", mode: "no-cors", body: "x"}});
  document.querySelector("h1").textContent = "Received";
}};
</script>"""
    for origins in ([], [data]):
        async with browser.at(site, "/review", browser.link(site, origins=origins)) as hold:
            if origins:
                page = page_of(await hold.turn(files(on=ONLY_BUTTON)))
                assert (page.settled, page.committed and page.committed.status, site.files) == (True, 302, 1)
            else:
                with pytest.raises(NeedsPerson):
                    await hold.turn(files(on=ONLY_BUTTON, deadline=5))
                assert site.files == 0


async def test_a_page_that_goes_on_trying_after_a_lost_answer_is_ended(browser: Driving, site: Site) -> None:
    site.mode, site.pages["/review"] = "drop_after", AGAIN
    async with browser.at(site, "/review") as hold:
        with pytest.raises(MaybeSent):
            await hold.turn(files(on=ONLY_BUTTON))
        with pytest.raises(NotSent, match="no more"):
            await hold.turn(goes(site))
    assert site.files == 1


async def test_another_page_than_the_one_described_files_nothing(browser: Driving, site: Site) -> None:
    site.pages["/review"] = REVIEW.replace("Submit", "Send now 4711").replace(
        "</form>", "<select aria-label=Plan></select>"
    )
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson) as raised:
            await hold.turn(files(deadline=1.0))
    assert raised.value.only_this
    said = 'the page is not review: no button "Submit"; a new button "Send now 0"; a new combobox "Plan"'
    assert said in str(raised.value)
    assert {each.what for each in raised.value.evidence} == {"error"}
    assert not site.posts


async def test_a_name_in_an_error_is_one_line_of_what_can_be_seen(browser: Driving, site: Site) -> None:
    odd = "document.querySelector('button').textContent = 'a\\u0000b\\u001b[31m\\u202ec\\ud800d'"
    site.pages["/review"] = f"{REVIEW}<script>{odd}</script>"
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson) as raised:
            await hold.turn(files(deadline=1.0))
    assert str(raised.value).isprintable()
    str(raised.value).encode()


async def test_what_a_page_says_by_a_web_socket_when_it_files_nobody_knows(browser: Driving, site: Site) -> None:
    site.pages["/review"] = REVIEW.replace("<form ", '<form onsubmit="opened.then(say); return false" ') + (
        "<script>const socket = new WebSocket(`ws://${location.host}/socket`), say = () => socket.send('file it'),"
        "opened = new Promise(done => socket.onopen = done)</script>"
    )
    async with browser.at(site, "/review") as hold:
        with pytest.raises(MaybeSent, match="web socket"):
            await hold.turn(files(deadline=1.5))
    assert site.posts == [("/socket", b"file it")]


async def test_a_page_that_changes_while_it_is_filled_files_nothing(browser: Driving, site: Site) -> None:
    grown = "onfocus=\"document.querySelector('main').insertAdjacentHTML('beforeend', '<button>Appeal</button>')\""
    site.pages["/review"] = REVIEW.replace("<input name=note", f"<input {grown} name=note")
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson, match='a new button "Appeal"'):
            await hold.turn(files(Fill(Element("textbox", "Note"), "x"), deadline=1.5))
    assert not site.posts


ASKS = REVIEW.replace("<form ", "<form onsubmit=\"return confirm('File it for Zebulon Canaryman?')\" ")


async def test_a_dialog_that_is_not_described_is_dismissed_and_files_nothing(browser: Driving, site: Site) -> None:
    site.pages["/review"] = ASKS
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson, match=r"dialog \(confirm\)") as raised:
            await hold.turn(files())
    assert raised.value.only_this
    assert "Canaryman" not in str(raised.value)
    assert not site.posts


async def test_a_dialog_is_accepted_by_its_text(browser: Driving, site: Site) -> None:
    site.pages["/review"] = ASKS
    async with browser.at(site, "/review") as hold:
        page = page_of(await hold.turn(files(says="File it for Zebulon Canaryman?")))
    assert [(each.kind, each.accepted) for each in page.dialogs] == [("confirm", True)]
    assert site.filed == 1


@pytest.mark.parametrize("says", ["Discard it", "File it", "File it for Zebulon"])
async def test_a_dialog_with_another_text_is_not_the_one(browser: Driving, site: Site, says: str) -> None:
    """A site that asks more than it did may ask whether a second one is to be filed."""
    site.pages["/review"] = ASKS
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson, match=r"dialog \(confirm\)"):
            await hold.turn(files(says=says))
    assert not site.posts


async def test_a_click_that_sends_nothing_filed_nothing(browser: Driving, site: Site) -> None:
    shows = "document.querySelector('h1').textContent = 'Error'; return false"
    site.pages["/review"] = REVIEW.replace("<form ", f'<form onsubmit="{shows}" ')
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson, match="sent nothing of what it was to file") as raised:
            await hold.turn(files())
        assert raised.value.only_this
        assert hold.lost
    assert not site.posts


async def test_a_button_that_cannot_be_pressed_files_nothing(browser: Driving, site: Site) -> None:
    site.pages["/review"] = REVIEW.replace("<button>", "<button disabled>")
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson, match='button "Submit" cannot be used'):
            await hold.turn(files(deadline=1.5))
    assert not site.posts


async def test_what_is_filed_elsewhere_than_described_is_stopped(browser: Driving, site: Site) -> None:
    site.pages["/review"] = REVIEW.replace("action=/file", "action=/drafts/77")
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson, match="sent nothing"):
            await hold.turn(files(deadline=1.5))
    assert not site.posts


async def test_a_site_that_is_not_there_when_it_is_filed_was_told_nothing(browser: Driving, site: Site) -> None:
    async with browser.at(site, "/review") as hold:
        await site.stop()
        with pytest.raises(NotSent):
            await hold.turn(files(deadline=5.0))
    assert not site.posts


async def test_a_file_in_what_is_filed_arrives_whole(browser: Driving, site: Site) -> None:
    site.pages["/review"] = (
        f"{HEAD}<main><h1>Review</h1><form method=post action=/file enctype=multipart/form-data>"
        "<label>Paper <input type=file name=paper></label><button>Submit</button></form></main>"
    )
    content = bytes(range(256)) * 800
    on = Landmark("review", "/review", frozenset({("button", "Paper"), ("button", "Submit")}))
    async with browser.at(site, "/review") as hold:
        upload = Upload(Element("button", "Paper"), "note.pdf", "application/pdf", content)
        await hold.turn(files(upload, on=on))
    assert content in site.posts[0][1]


async def test_a_commit_by_another_method_is_not_the_one(browser: Driving, site: Site) -> None:
    async with browser.at(site, "/review") as hold:
        with pytest.raises(NeedsPerson, match="sent nothing"):
            await hold.turn(files(commit=Commit("PUT", "/file"), deadline=1.5))
    assert not site.posts


async def test_the_same_page_may_be_recognised_in_a_turn_without_effect(browser: Driving, site: Site) -> None:
    async with browser.at(site, "/review") as hold:
        other = Landmark("search", "/search", ON_REVIEW.controls)
        with pytest.raises(NeedsPerson, match="its address is not /search"):
            await hold.turn(Turn((Click(SUBMIT),), (heading("Received"),), on=other, deadline=0.5))
    assert not site.posts


class Stopped:
    """A request that was stopped in the browser, and whose line does what ``says`` tells (as Playwright words it)."""

    def __init__(self, says: str) -> None:
        self.says = says

    async def fetch(self, **_: object) -> None:
        raise Error(
            f"Route.fetch: {self.says}\nCall log:\n  - POST http://127.0.0.1/ENOTFOUND/file\n    - cookie: ECONNREFUSED"
        )

    async def abort(self) -> None:
        pass


@pytest.mark.parametrize(
    ("says", "no_line"),
    [
        ("connect ECONNREFUSED 127.0.0.1:1", True),
        ("getaddrinfo ENOTFOUND nowhere.example", True),
        ("read ECONNRESET", False),
        ("read EHOSTUNREACH", False),
        ("write ENETUNREACH", False),
    ],
)
async def test_a_line_that_is_lost_under_a_filing_is_not_one_that_never_was(
    site: Site, says: str, no_line: bool
) -> None:
    guard = FetchGuard(FILE, cast(Any, None), Fence(site.url, cast(Any, None)), Deadline(5))
    await guard._send(cast(Any, Stopped(says)))
    assert (guard.no_line, guard.left.is_set(), guard.committed) == (no_line, True, None)
