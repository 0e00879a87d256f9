"""What a turn does on a page, and what its reply holds."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.portal.reading.snapshot import read_snapshot
from gateway.contract.errors import Challenged, NeedsPerson, NotSent, Unreadable
from gateway.contract.turns import (
    Asked,
    Choose,
    Click,
    Element,
    Fill,
    Go,
    Read,
    Secret,
    Step,
    Totp,
    Turn,
    Upload,
    WaitFor,
)
from gateway.transport.browser import settle
from gateway.transport.browser.hold import Hold
from gateway.transport.browser.settle import without_tables
from tests.browser.driving import SIGN_IN, Driving, files, goes, heading, page_of, signs_in
from tests.browser.site import HEAD, LOGIN, PASSWORD, REVIEW, Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTE = Element("textbox", "Note")
OUT = "<output id=out></output>"
FORM = f"""{HEAD}<main><h1>Form</h1>
<label>Plan <select name=plan><option>Choose one</option></select></label>
<label>Search <input type=search name=q></label>
<div id=hits role=listbox aria-label=Hits></div>
<iframe title="Clinical note"
  srcdoc="<body><label>Story <textarea></textarea></label><p>inner words</p></body>"></iframe>
<secret-field></secret-field>
<div id=zone role=button tabindex=0>Drop papers here</div>
<label>Paper <input type=file></label>
<p id=busy role=status>Working</p>{OUT}</main>
<script>
const out = document.getElementById("out");
const plans = document.querySelector("select");
fetch("/options").then(answer => answer.json()).then(all => all.forEach(one => plans.add(new Option(one))));
document.querySelector("[type=search]").onkeyup = event => {{
  out.textContent += event.key;
  hits.innerHTML = "<div role=option onclick='out.textContent = this.textContent'>Taxol</div>";
}};
customElements.define("secret-field", class extends HTMLElement {{
  connectedCallback() {{ this.attachShadow({{mode: "open"}}).innerHTML = "<label>Deep <input></label>"; }}
}});
zone.ondragover = event => event.preventDefault();
zone.ondrop = async event => {{
  event.preventDefault();
  const file = event.dataTransfer.files[0];
  out.textContent = file.name + " " + file.type + " " + await file.text();
}};
document.querySelector("[type=file]").onchange = event => out.textContent = event.target.files[0].name;
setTimeout(() => busy.remove(), 1500);
</script>"""


async def on_form(hold: Hold, site: Site, *steps: Step, settled: Element | None = None) -> str:
    """The page's outline after the steps."""
    site.pages["/form"] = FORM
    turn = Turn((Go(f"{site.url}/form"), *steps), (settled or heading("Form"),), deadline=10)
    return page_of(await hold.turn(turn)).main.snapshot


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Choose(Element("combobox", "Plan"), "Silver"), 'option "Silver" [selected]'),
        (Fill(Element("textbox", "Deep"), "under"), 'textbox "Deep": under'),
        (Fill(Element("searchbox", "Search"), "tax", slowly=True), "status: tax"),
        (Upload(Element(css="[type=file]"), "a.pdf", "application/pdf", b"x"), "status: a.pdf"),
        (Upload(Element("button", "Drop papers here"), "b.txt", "text/plain", b"hi", drop=True), "b.txt text/plain hi"),
    ],
)
async def test_a_step_is_done_as_a_person_would(browser: Driving, site: Site, step: Step, said: str) -> None:
    async with browser.conversation(browser.link(site)) as hold:
        done = await on_form(hold, site, step)
    assert said in done, done


CHOICES = f"""{HEAD}<main><h1>Form</h1><label>Plan <select name=plan><option>Choose one</option>OPTIONS</select></label>
<output>-</output></main><script>
const plans = document.querySelector("select");
plans.onchange = () => document.querySelector("output").textContent = plans.value;
setTimeout(() => plans.insertAdjacentHTML("beforeend", "LATE"), 400);
</script>"""


@pytest.mark.parametrize(
    ("options", "late", "chosen"),
    [
        ("<option value=1>Gold</option>", "", "1"),
        ("", "<option value=2> Gold </option>", "2"),
        ("<option value=3 label=Gold>x</option>", "", "3"),
        ("<option>Golden</option>", "<option value=4>Gold</option>", "4"),
        ("<option value=1>Gold</option><option value=2>Gold</option>", "", None),
        ("<option value=1>Gold</option><option value=2 label=Gold>x</option>", "", None),
        ("", "<option value=1>Gold</option><option value=2>Gold</option>", None),
    ],
)
async def test_an_option_is_chosen_when_it_is_there_and_of_several_with_one_text_none(
    browser: Driving, site: Site, options: str, late: str, chosen: str | None
) -> None:
    site.pages["/choices"] = CHOICES.replace("OPTIONS", options).replace("LATE", late)
    choose = Turn((Choose(Element("combobox", "Plan"), "Gold"),), (heading("Form"),), deadline=5)
    async with browser.at(site, "/choices") as hold:
        if chosen is not None:
            assert f"status: {chosen}" in page_of(await hold.turn(choose)).main.snapshot.replace('"', "")
        else:
            with pytest.raises(NeedsPerson, match='several of one option in combobox "Plan"'):
                await hold.turn(choose)


async def test_what_a_search_finds_is_chosen_in_its_list(browser: Driving, site: Site) -> None:
    async with browser.conversation(browser.link(site)) as hold:
        typed = Fill(Element("searchbox", "Search"), "t", slowly=True)
        assert "status: Taxol" in await on_form(hold, site, typed, Choose(Element("listbox", "Hits"), "Taxol"))


async def test_a_frame_is_typed_into_by_its_name_and_is_a_document_of_the_page(browser: Driving, site: Site) -> None:
    story = Element("textbox", "Story", frame="Clinical note")
    site.pages["/form"] = FORM
    async with browser.conversation(browser.link(site)) as hold:
        turn = Turn((Go(f"{site.url}/form"), Fill(story, "long ago")), (story,), deadline=10)
        page = page_of(await hold.turn(turn))
    assert page.settled
    [frame] = page.documents[1:]
    assert (frame.frame, 'textbox "Story": long ago' in frame.snapshot, "inner words" in frame.html) == (
        "Clinical note",
        True,
        True,
    )


async def test_a_page_is_waited_for_until_something_is_gone_and_read_on_the_way(browser: Driving, site: Site) -> None:
    busy = Element(css="#busy")
    site.pages["/form"] = FORM
    steps = (Go(f"{site.url}/form"), Read(busy), WaitFor(busy, gone=True))
    async with browser.conversation(browser.link(site)) as hold:
        page = page_of(await hold.turn(Turn(steps, (heading("Form"),), deadline=10)))
    assert page.read == ("- status: Working",)
    assert "Working" not in page.main.snapshot


async def test_an_element_is_found_by_another_name_and_it_is_told(browser: Driving, site: Site) -> None:
    renamed = Element("button", "Submit it", otherwise=(Element("button", "Send"), Element(css="form button")))
    async with browser.at(site, "/review") as hold:
        page = page_of(await hold.turn(Turn((Fill(NOTE, "x"), Click(renamed)), (heading("Received"),), deadline=10)))
    assert page.warnings == ('button "Submit it" was found by another name',)
    assert site.filed == 1


@pytest.mark.parametrize(
    ("element", "said"),
    [
        (Element("button", "Vanish"), 'there is no button "Vanish"'),
        (Element(css="#vanish"), "there is no element #vanish"),
        (Element("button", "Twice"), 'there are several of button "Twice"'),
        (Element(css="button.same"), "there are several of element button.same"),
        (Element("button", "Still"), 'button "Still" cannot be used'),
        (Element("button", "In", inside=Element("dialog", "Gone")), 'there is no button "In" in the dialog "Gone"'),
        (Element("textbox", "In", frame="Gone"), 'there is no textbox "In" in the frame "Gone"'),
        (Element("button", "x", otherwise=(Element("button", "Twice"),)), 'there are several of button "x"'),
    ],
)
async def test_an_element_that_is_not_there_once_ends_the_turn(
    browser: Driving, site: Site, element: Element, said: str
) -> None:
    site.pages["/odd"] = (
        f"{HEAD}<main><button class=same>Twice</button><button class=same>Twice</button>"
        "<button disabled>Still</button><p>Zebulon Canaryman</p></main>"
    )
    async with browser.at(site, "/odd") as hold:
        with pytest.raises(NeedsPerson) as raised:
            await hold.turn(Turn((Click(element),), (), deadline=2.0 if element.otherwise else 0.6))
    assert raised.value.only_this
    assert str(raised.value).endswith(said)
    assert {each.what for each in raised.value.evidence} == {"error"}


async def test_of_several_by_css_the_one_to_be_seen_is_meant(browser: Driving, site: Site) -> None:
    site.pages["/odd"] = f"{HEAD}<main><button hidden class=s>A</button><button class=s>B</button></main>"
    async with browser.at(site, "/odd") as hold:
        await hold.turn(Turn((Click(Element(css=".s")),), (), deadline=5))


async def test_names_in_errors_hold_no_word_of_the_request(browser: Driving, site: Site) -> None:
    async with browser.at(site, "/review") as hold:
        row = Element("row", "Canaryman, 1971")
        with pytest.raises(NeedsPerson, match=r'no row "\[\.\.\.\], 0"'):
            await hold.turn(Turn((Fill(NOTE, "Zebulon Canaryman"), Click(row)), (), deadline=1.0))


async def test_names_in_errors_hold_no_word_that_the_turn_knows_of_the_request(browser: Driving, site: Site) -> None:
    site.pages["/review"] = REVIEW.replace("</form>", "<a href=/x>Zebulon Canaryman</a></form>")
    async with browser.at(site, "/review") as hold:
        turn = replace(files(deadline=1.0), words=frozenset({"zebulon", "canaryman"}))
        with pytest.raises(NeedsPerson, match=r'a new link "\[...\] \[...\]"') as raised:
            await hold.turn(turn)
    told = b"".join(each.body for each in raised.value.evidence if each.media_type == "text/plain")
    assert b"Canaryman" not in told
    assert "canaryman" not in repr(turn)


async def test_a_page_that_never_settles_says_so(browser: Driving, site: Site) -> None:
    async with browser.at(site, "/review") as hold:
        page = page_of(await hold.turn(Turn((), (heading("Received"), heading("Error")), deadline=0.5)))
    assert not page.settled
    assert page.main.path == "/review"


async def test_a_reply_has_address_title_and_status_of_the_page(browser: Driving, site: Site) -> None:
    async with browser.conversation(browser.link(site)) as hold:
        site.pages["/find"] = REVIEW
        page = page_of(await hold.turn(goes(site, "/find?member=W123&x=#top", heading("Review"))))
        assert (page.main.path, page.main.title, page.status) == ("/find?member=&x=", "Site", 200)
        assert "W123" not in page.main.path
        page = page_of(await hold.turn(goes(site, "/busy")))
        assert (page.status, "Maintenance" in page.main.snapshot) == (503, True)


async def test_a_file_that_a_page_hands_over_is_in_the_reply(browser: Driving, site: Site) -> None:
    site.pages["/links"] = f"{HEAD}<main><a href=/report>Report</a> <a href=/report target=_blank>Window</a></main>"
    async with browser.at(site, "/links") as hold:
        for name in ("Report", "Window"):
            page = page_of(
                await hold.turn(Turn((Click(Element("link", name)), WaitFor(Element("main"))), (), deadline=10))
            )
            while not page.downloads:
                page = page_of(await hold.turn(Turn((), (heading("No"),), deadline=2)))
            assert [(each.name, each.content) for each in page.downloads] == [("r.pdf", b"%PDF-1.7 canary")]
            assert page.main.path == "/links"
    left = [each for each in hold.stages.machines.scratch.path.rglob("*") if each.is_file() and not each.is_symlink()]
    assert left
    assert [each.name for each in left if b"canary" in each.read_bytes()] == []


async def test_a_file_without_an_end_is_let_go_of(browser: Driving, site: Site) -> None:
    site.pages["/links"] = f"{HEAD}<main><a href=/endless>Endless</a></main>"
    async with browser.at(site, "/links") as hold:
        with pytest.raises(NeedsPerson, match="too large"):
            await hold.turn(Turn((Click(Element("link", "Endless")),), (heading("No"),), deadline=15))
        poured = site.poured
        await asyncio.sleep(0.5)
        assert site.poured - poured < 10
        assert poured < 200


async def test_a_page_with_half_a_character_is_read(browser: Driving, site: Site) -> None:
    site.pages["/half"] = f"{HEAD}<main><h1>Half</h1></main><script>document.body.append('a\\ud83d'); " + (
        "document.title = '\\ude00'</script>"
    )
    async with browser.conversation(browser.link(site)) as hold:
        page = page_of(await hold.turn(goes(site, "/half", heading("Half"))))
    assert "a\ufffd" in page.main.html
    assert page.main.title == "\ufffd"


async def test_a_file_that_an_address_leads_to_is_taken(browser: Driving, site: Site) -> None:
    async with browser.at(site, "/review") as hold:
        page = page_of(await hold.turn(goes(site, "/report")))
        assert [each.name for each in page.downloads] == ["r.pdf"]


async def test_a_page_that_is_too_long_is_not_taken(browser: Driving, site: Site) -> None:
    site.pages["/long"] = f"{HEAD}<main><!--{'x' * 2_000_000}--></main>"
    async with browser.conversation(browser.link(site)) as hold:
        with pytest.raises(Unreadable, match="longer than a page may be"):
            await hold.turn(goes(site, "/long"))


async def test_what_leads_elsewhere_ends_the_turn(browser: Driving, site: Site) -> None:
    site.pages["/links"] = f'{HEAD}<main><a href="/away">Away</a></main>'
    async with browser.at(site, "/links") as hold:
        with pytest.raises(NeedsPerson, match="went to localhost, which is not the site") as raised:
            await hold.turn(Turn((Click(Element("link", "Away")),), (heading("Home"),), deadline=10))
    assert raised.value.only_this
    assert site.gets.count("/") == 0


async def test_nothing_is_said_to_another_origin(browser: Driving, site: Site) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    site.pages["/leak"] = (
        f"{HEAD}<main><button onclick=\"fetch('{other}/leak', {{method: 'POST', mode: 'no-cors', body: 'x'}})\">Go"
        f"</button><form method=post action='{other}/leak'><button>Post</button></form>"
        f"<button onclick=\"navigator.sendBeacon('{other}/leak', 'x')\">Beacon</button></main>"
    )
    for name in ("Go", "Post", "Beacon"):
        async with browser.at(site, "/leak") as hold:
            with pytest.raises(NeedsPerson, match="localhost, which is not the site"):
                await hold.turn(Turn((Click(Element("button", name)),), (heading("No"),), deadline=10))
    assert not site.posts


async def test_a_host_that_is_silenced_is_told_nothing_and_the_turn_goes_on(browser: Driving, site: Site) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    site.pages["/counted"] = (
        f"{HEAD}<main><h1>Counted</h1><a href='{other}/'>Away</a></main><script>"
        f"navigator.sendBeacon('{other}/count', 'x'); new WebSocket('{other.replace('http', 'ws')}/socket');"
        f"fetch('{other}/count', {{method: 'POST', mode: 'no-cors', body: 'x'}}).catch(() => {{"
        "document.querySelector('h1').textContent = 'Not counted'; });</script>"
    )
    link = browser.link(site, silenced=["localhost"])
    async with browser.conversation(link) as hold:
        assert page_of(await hold.turn(goes(site, "/counted", heading("Not counted")))).settled
        assert not site.posts
        assert "/socket" not in site.gets
        with pytest.raises(NeedsPerson, match="went to localhost, which is not the site"):
            await hold.turn(Turn((Click(Element("link", "Away")),), (heading("Sign in"),), deadline=10))


async def test_what_a_page_is_made_of_may_come_from_elsewhere(browser: Driving, site: Site) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    site.pages["/made"] = f"{HEAD}<main><h1>Made</h1></main><iframe title=Help src='{other}/done'></iframe>"
    async with browser.conversation(browser.link(site)) as hold:
        inside = Element("heading", "Received", frame="Help")
        page = page_of(await hold.turn(goes(site, "/made", inside)))
    assert page.settled
    assert [each.frame for each in page.documents] == ["", "Help"]


async def test_a_frame_goes_to_the_site_alone(browser: Driving, site: Site) -> None:
    async with browser.conversation(browser.link(site)) as hold:
        with pytest.raises(NeedsPerson, match="outside the connection's endpoint"):
            await hold.turn(Turn((Go("http://127.0.0.1:9/"),), ()))


async def test_a_site_that_is_not_there_was_told_nothing(browser: Driving, site: Site) -> None:
    async with browser.at(site, "/review") as hold:
        await site.stop()
        with pytest.raises(NotSent, match="did not load"):
            await hold.turn(goes(site))
        with pytest.raises(NotSent, match="did not load"):
            await hold.turn(Turn((Go(f"{site.url}/review"),), (), deadline=5))


async def test_a_click_to_a_site_that_went_away_is_no_page(browser: Driving, site: Site) -> None:
    site.pages["/links"] = f"{HEAD}<main><a href=/done>Next</a></main>"
    async with browser.at(site, "/links") as hold:
        await site.stop()
        with pytest.raises(NotSent, match="did not load"):
            await hold.turn(Turn((Click(Element("link", "Next")),), (heading("Received"),), deadline=10))


async def test_a_secret_is_typed_and_is_in_no_error_and_no_evidence(browser: Driving, site: Site) -> None:
    typed = Fill(Element("textbox", "Password"), Secret("site-password"))
    async with browser.conversation(browser.link(site)) as hold:
        await hold.turn(goes(site))
        with pytest.raises(NeedsPerson) as raised:
            await hold.turn(Turn((typed, Click(Element("button", "Enter"))), (), deadline=1))
        assert raised.value.__cause__ is None
        missing = Fill(Element("textbox", "User name"), Secret("site-missing"))
        with pytest.raises(NeedsPerson, match="secret site-missing"):
            await hold.turn(Turn((missing,), (), deadline=5))
    assert PASSWORD not in str(raised.value)
    assert PASSWORD.encode() not in b"".join(each.body for each in raised.value.evidence)


ECHO = "oninput=\"this.setAttribute('value', this.value)\""


@pytest.mark.parametrize("more", ["", f"maxlength=9 {ECHO}"])
async def test_a_credential_that_stands_in_a_field_is_in_no_reply(browser: Driving, site: Site, more: str) -> None:
    site.pages["/"] = LOGIN.replace("<form ", "<form onsubmit='return false' ").replace("<input ", f"<input {more} ")
    code = Fill(Element("textbox", "Code"), Totp("site-totp"))
    link = browser.link(site)
    async with browser.conversation(link) as hold:
        await hold.turn(goes(site))
        typed = signs_in(site, code)
        reply = await hold.turn(Turn(typed.steps, (heading("Home"),), signs_in=True, deadline=1.5))
    snapshot = page_of(reply).main.snapshot
    assert [line.strip() for line in snapshot.splitlines() if "textbox" in line] == [
        f'- textbox "{name}": (secret)' for name in ("User name", "Password", "Code")
    ]
    for said in (PASSWORD[:9], "robot", PASSWORD):
        assert said.encode() not in reply.body


async def test_a_dialog_ends_a_turn_without_effect_too(browser: Driving, site: Site) -> None:
    site.pages["/says"] = f"{HEAD}<main><button onclick=\"alert('Zebulon')\">Say</button></main>"
    async with browser.at(site, "/says") as hold:
        with pytest.raises(NeedsPerson, match=r"a dialog \(alert\)"):
            await hold.turn(Turn((Click(Element("button", "Say")),), (heading("No"),), deadline=10))
        page = page_of(await hold.turn(Turn((Click(Element("button", "Say"), says="Zebulon"),), (), deadline=10)))
    assert [(each.kind, each.says, each.accepted) for each in page.dialogs] == [("alert", "Zebulon", True)]


async def test_what_a_page_says_between_two_turns_ends_the_next_one(browser: Driving, site: Site) -> None:
    site.pages["/late"] = f"{HEAD}<main><h1>Late</h1><button>Next</button></main><script>" + (
        "setTimeout(() => alert('Zebulon is not covered'), 600)</script>"
    )
    then = Turn((Click(Element("button", "Next")),), (heading("Late"),), deadline=5)
    async with browser.at(site, "/late") as hold:
        await asyncio.sleep(1.0)
        with pytest.raises(NeedsPerson, match=r"a dialog \(alert\)") as raised:
            await hold.turn(then)
        assert "Zebulon" not in str(raised.value)
        assert page_of(await hold.turn(then)).dialogs == ()


async def test_a_page_may_be_left_that_asks_whether_it_may(browser: Driving, site: Site) -> None:
    site.pages["/sticky"] = REVIEW.replace("</body>", "") + "<script>onbeforeunload = e => e.preventDefault()</script>"
    async with browser.at(site, "/sticky") as hold:
        await hold.turn(Turn((Fill(NOTE, "x"), Click(NOTE)), (), deadline=5))
        page = page_of(await hold.turn(goes(site, "/done", heading("Received"))))
    assert page.settled
    assert [(each.kind, each.accepted) for each in page.dialogs] == [("beforeunload", True)]


PUZZLE = LOGIN.replace(
    "<button>", "<img alt=Puzzle width=90 height=30 src=/p.png><label>Puzzle <input name=puzzle></label><button>"
)
ASKED = Asked(Element("img", "Puzzle"), "Type what the picture shows.", seconds=20)
TYPES = Turn(
    (
        Fill(Element("textbox", "User name"), Secret("site-user")),
        Fill(Element("textbox", "Password"), Secret("site-password")),
        Fill(Element("textbox", "Puzzle"), ASKED),
        Click(SIGN_IN),
    ),
    (heading("Home"),),
    signs_in=True,
    deadline=10,
)


async def test_a_page_waits_for_a_person_and_the_next_conversation_finds_it(browser: Driving, site: Site) -> None:
    site.pages["/"] = PUZZLE
    link = browser.link(site)
    async with browser.conversation(link, "mine") as hold:
        await hold.turn(goes(site, "/", heading("Sign in")))
        with pytest.raises(Challenged) as raised:
            await hold.turn(TYPES)
        assert (raised.value.kind, raised.value.seconds, str(raised.value)) == ("captcha", 20, ASKED.says)
        assert raised.value.picture is not None
        assert raised.value.picture.body.startswith(b"\x89PNG")
        hold.park(20)
    async with browser.conversation(link, "another's") as other:
        assert other is not hold, "it shows another patient"
    gets = len(site.gets)
    browser.challenges.answers[link.connection] = "seven"
    async with browser.conversation(link, "mine") as hold:
        page = page_of(await hold.turn(goes(site, "/", heading("Sign in"))))
        assert page.settled
        assert len(site.gets) == gets, "the page was opened anew"
        assert page_of(await hold.turn(TYPES)).settled
        await hold.turn(goes(site, "/", heading("Home")))
    assert site.logins == [{"user": "robot", "password": PASSWORD, "code": "", "puzzle": "seven"}]


async def test_an_answer_to_a_page_that_is_gone_is_typed_into_no_other(browser: Driving, site: Site) -> None:
    """Whoever turned it died: there is another picture now, and some sites count wrong answers."""
    link = browser.link(site)
    site.pages["/"] = PUZZLE
    browser.challenges.answers[link.connection] = "seven"
    async with browser.at(site, "/", link) as hold:
        for _ in range(2):
            with pytest.raises(Challenged):
                await hold.turn(TYPES)
    assert not site.posts


async def test_a_puzzle_that_is_not_found_is_shown_as_the_page_with_its_data_covered(
    browser: Driving, site: Site
) -> None:
    async def shown(member: str) -> bytes:
        told = f"<p>{member}</p><output>{member}</output><style>* {{ font: 16px monospace }}</style><button>"
        site.pages["/"] = PUZZLE.replace("alt=Puzzle", "alt=Riddle").replace("<button>", told)
        async with browser.conversation(browser.link(site)) as hold:
            await hold.turn(goes(site, "/", heading("Sign in")))
            with pytest.raises(Challenged) as raised:
                await hold.turn(replace(TYPES, words=frozenset({"Zebulon", "Quillam"}), deadline=2))
        assert raised.value.picture is not None
        return raised.value.picture.body

    pictures = [await shown(member) for member in ("Zebulon", "Quillam", "Strange")]
    assert pictures[0].startswith(b"\x89PNG")
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]


async def test_a_page_that_nobody_came_for_is_ended(browser: Driving, site: Site) -> None:
    link = browser.link(site)
    async with browser.conversation(link) as hold:
        await hold.turn(goes(site))
        hold.park(0.1)
    await asyncio.sleep(0.6)
    assert hold.lost
    async with browser.conversation(link) as other:
        assert other is not hold
        assert page_of(await other.turn(goes(site, "/", heading("Sign in")))).settled


STIRS = {
    "at once": "<p id=p></p><script>setTimeout(() => p.outerHTML = '<h1>Ready</h1>', 700)</script>",
    "by an attribute": "<h1 id=h hidden>Ready</h1><script>setTimeout(() => h.hidden = false, 700)</script>",
    "in a shadow tree": "<div id=d></div><script>d.attachShadow({mode: 'open'}).innerHTML = '<p></p>';"
    "setTimeout(() => d.shadowRoot.innerHTML = '<h1>Ready</h1>', 700)</script>",
    "on another page": "<script>setTimeout(() => location.href = '/ready', 700)</script>",
    "in a frame": '<iframe title=Inner srcdoc="<p id=p></p>'
    "<script>setTimeout(() => p.outerHTML = '<h1>Ready</h1>', 700)</script>\"></iframe>",
}


@pytest.mark.parametrize("where", STIRS)
async def test_a_page_is_looked_at_when_it_stirs(
    browser: Driving, site: Site, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(settle, "_UNSTIRRED_SECONDS", (60.0,))
    site.pages |= {"/stirs": f"<main>{STIRS[where]}</main>", "/ready": "<h1>Ready</h1>"}
    ready = Element("heading", "Ready", frame="Inner" if where == "in a frame" else "")
    async with browser.conversation(browser.link(site)) as hold, asyncio.timeout(15):
        assert page_of(await hold.turn(Turn((Go(f"{site.url}/stirs"),), (ready,)))).settled


async def test_a_page_that_keeps_its_changes_to_itself_is_looked_at_all_the_same(browser: Driving, site: Site) -> None:
    deaf = "MutationObserver.prototype.observe = () => {}; setTimeout(() => p.outerHTML = '<h1>Ready</h1>', 700)"
    site.pages["/deaf"] = f"<main><p id=p></p><script>{deaf}</script></main>"
    mute = "setTimeout(() => p.outerHTML = '<h1>Ready</h1>', 700); window.setTimeout = window.MutationObserver = null"
    site.pages["/mute"] = f"<main><p id=p></p><script>{mute}</script></main>"
    async with browser.conversation(browser.link(site)) as hold:
        for path in ("/deaf", "/mute"):
            turn = Turn((Go(f"{site.url}{path}"),), (heading("Ready"),), deadline=10)
            assert page_of(await hold.turn(turn)).settled


LISTED = f"""{HEAD}<main><h1>Welcome</h1><table aria-label="Recent: all"><caption>Of Jane Otherpatient</caption>
<tr><th>Member</th><td>Jane Otherpatient</td></tr></table><div role=grid><div role=row><div role=gridcell>Jim
Otherpatient</div></div></div><a href=/review>New request</a><p>Tables are above.</p></main>"""


async def test_of_a_page_that_lists_others_the_tables_are_not_told(browser: Driving, site: Site) -> None:
    site.pages |= {"/home/a": LISTED, "/review": LISTED}
    async with browser.conversation(browser.link(site)) as hold:
        for path, told in (("/home/a", False), ("/review", True)):
            reply = await hold.turn(replace(goes(site, path, heading("Welcome")), shared=("/home/{}",)))
            assert (b"Otherpatient" in reply.body) is told
            tree = read_snapshot(page_of(reply).main.snapshot)
            assert tree.only("table", "Recent: all")
            assert tree.only("link", "New request")
            assert "Tables are above." in page_of(reply).main.html
        after = await hold.turn(Turn((), (heading("Welcome"),)))
        assert b"Jane Otherpatient" in after.body, "the page itself has it still"


async def test_a_snapshot_without_what_its_tables_say_can_be_read() -> None:
    snapshot = """- main:
  - table: Jane
  - 'table "It''s: all" [active]':
    - rowgroup:
      - row "Jane Otherpatient"
  - table "Plain \\"one\\"" [active]:
    - row: x
    - row: y
  - link "Next"
- tablist "Tabs":
  - tab "One"
"""
    tree = read_snapshot(without_tables(snapshot.strip()))
    assert [(node.role, node.name) for node in tree.walk()][1:] == [
        ("main", ""),
        *(("table", name) for name in ("", "It's: all", 'Plain "one"')),
        ("link", "Next"),
        ("tablist", "Tabs"),
        ("tab", "One"),
    ]
