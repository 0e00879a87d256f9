"""One account, several conversations: one login, each code once, pages in their turn."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.contract.errors import NeedsPerson, NotSent
from gateway.contract.turns import Element, Fill, Go, Totp, Turn
from gateway.transport.browser import totp
from gateway.transport.browser.faults import Deadline
from gateway.transport.browser.signing import Signing
from gateway.transport.browser.vault import MemoryVault, Session
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets
from tests.browser.driving import SECRETS, TOTP_SECRET, Driving, goes, heading, page_of, signs_in
from tests.browser.site import HEAD, LOGIN, Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW = datetime(2026, 5, 1, 12, 0, 10, tzinfo=UTC)
HOME_OR_LOGIN = (heading("Home"), heading("Sign in"))


async def enter(browser: Driving, site: Site, link: Link) -> bool:
    """Sign in as an adapter does, and go on. True where it typed a login."""
    async with browser.conversation(link) as hold:
        page = page_of(await hold.turn(goes(site, "/", *HOME_OR_LOGIN)))
        typed = "Sign in" in page.main.snapshot
        if typed:
            page = page_of(await hold.turn(signs_in(site)))
        assert 'heading "Home"' in page.main.snapshot
        await hold.turn(goes(site, "/", *HOME_OR_LOGIN))
        return typed


async def test_two_conversations_that_find_the_account_signed_out_sign_it_in_once(browser: Driving, site: Site) -> None:
    link = browser.link(site)
    site.login_seconds = 0.5
    await asyncio.gather(*(enter(browser, site, link) for _ in range(3)))
    assert len(site.logins) == 1
    assert not await enter(browser, site, link)


BY_SCRIPT = f"""{HEAD}<main></main><template>{LOGIN.removeprefix(HEAD)}</template><script>
const main = document.querySelector("main");
const ask = said => {{
  main.innerHTML = document.querySelector("template").innerHTML + `<p role=alert>${{said}}</p>`;
  main.querySelector("form").onsubmit = async event => {{
    event.preventDefault();
    const told = await fetch("/login", {{method: "POST", body: new URLSearchParams(new FormData(event.target))}});
    const home = !(await told.text()).includes("<template>");
    if (REUSES) main.querySelector("h1").textContent = home ? "Home" : "Sign in again";
    else if (home) main.innerHTML = "<h1>Home</h1>";
    else ask("Wrong");
  }};
}};
ask("");
</script>"""


@pytest.mark.parametrize("reuses", [False, True])
async def test_a_page_of_scripts_is_settled_when_the_sign_in_was_answered(
    browser: Driving, site: Site, reuses: bool
) -> None:
    """Its heading stands there until then, and whoever took it for the answer would type the password twice."""
    site.pages["/"], site.login_seconds = BY_SCRIPT.replace("REUSES", str(reuses).lower()), 1.0
    async with browser.conversation(browser.link(site)) as hold:
        await hold.turn(goes(site, "/", *HOME_OR_LOGIN))
        page = page_of(await hold.turn(replace(signs_in(site), settled=HOME_OR_LOGIN)))
    assert (page.settled, 'heading "Home"' in page.main.snapshot, len(site.logins)) == (True, True, 1)


async def test_a_sign_in_that_is_asked_for_anew_is_an_answer(browser: Driving, site: Site) -> None:
    site.pages["/"], site.login_seconds = BY_SCRIPT.replace("REUSES", "false"), 0.3
    async with browser.conversation(browser.link(site)) as hold:
        await hold.turn(goes(site, "/", *HOME_OR_LOGIN))
        spoilt = Fill(Element("textbox", "Password"), "not the one")
        began = time.monotonic()
        page = page_of(await hold.turn(replace(signs_in(site, spoilt), settled=HOME_OR_LOGIN)))
        assert time.monotonic() - began < 10, "it waited for its deadline"
    assert (page.settled, "alert: Wrong" in page.main.snapshot, len(site.logins)) == (True, True, 1)


async def test_a_site_signs_in_at_another_origin_of_its_own(browser: Driving, site: Site) -> None:
    """And stays signed in there for the account's next conversation, in which nothing else of it is left."""
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    site.pages["/portal"] = f"{HEAD}<h1>Portal</h1><script>location = '{elsewhere}/'</script>"
    site.pages["/kept"] = (
        f"{HEAD}<h1 id=h></h1><script>h.textContent = 'had ' + sessionStorage.own + localStorage.own;"
        "localStorage.own = 1</script>"
    )
    link = browser.link(site, origins=[elsewhere])
    for again in (False, True):
        async with browser.conversation(link) as hold:
            page = page_of(await hold.turn(goes(site, "/portal", *HOME_OR_LOGIN)))
            assert ('heading "Home"' in page.main.snapshot) is again
            if not again:
                page = page_of(await hold.turn(signs_in(site)))
                assert page.settled
            kept = Turn((Go(f"{elsewhere}/kept"),), (heading("had undefinedundefined"),), deadline=5)
            if again:
                assert page_of(await hold.turn(kept)).settled
            else:
                await hold.turn(kept)
        [spare] = hold.stages.spares
        assert spare.emptied
    assert len(site.logins) == 1


async def test_a_session_that_ended_is_made_anew(browser: Driving, site: Site) -> None:
    link = browser.link(site)
    assert await enter(browser, site, link)
    site.sessions.clear()
    assert await enter(browser, site, link)
    assert len(site.logins) == 2


async def test_a_session_that_is_too_old_is_not_used(browser: Driving, site: Site) -> None:
    link = browser.link(site, session_minutes=10)
    assert await enter(browser, site, link)
    kept = await browser.vault.load(link.connection)
    assert kept is not None
    await browser.vault.save(link.connection, Session(kept.state, kept.made_at - timedelta(minutes=11)))
    assert await enter(browser, site, link)


async def test_a_login_that_came_to_nothing_keeps_no_session(browser: Driving, site: Site) -> None:
    link = browser.link(site)
    async with browser.conversation(link) as hold:
        await hold.turn(goes(site, "/", *HOME_OR_LOGIN))
        await hold.turn(signs_in(site))
    assert await browser.vault.load(link.connection) is None
    async with asyncio.timeout(1):
        async with browser.vault.sign_in(link.connection):
            pass


async def test_a_context_serves_the_account_again_with_nothing_of_the_conversation_before(
    browser: Driving, site: Site
) -> None:
    site.pages["/draft"] = (
        "<main><h1>Draft</h1><p id=p></p></main><script>p.textContent = 'kept ' + localStorage.draft + document.cookie;"
        "localStorage.draft = 'Zebulon'; document.cookie = 'draft=Zebulon';"
        "onpagehide = () => localStorage.draft = 'Zebulon'</script>"
    )
    link = browser.link(site)
    for _ in range(2):
        async with browser.at(site, "/draft", link) as hold:
            page = page_of(await hold.turn(Turn((), (heading("Draft"),))))
            assert "kept undefined" in page.main.snapshot
            assert "Zebulon" not in page.main.snapshot
            context = hold.stages.spares
            assert not context
        assert len(hold.stages.spares) == 1
    turns = hold.stages.spares[0].turns
    assert turns == 4


async def test_a_context_is_renewed_after_so_many_turns_and_the_browser_after_so_many_contexts(
    browser: Driving, site: Site
) -> None:
    link = browser.link(site, recycle_turns=2, recycle_pages=2, images=True)
    machines = []
    for _ in range(3):
        async with browser.at(site, "/done", link) as hold:
            await hold.turn(Turn((), ()))
            assert hold._stage is not None
            machines.append(hold._stage.machine)
        assert not hold.stages.spares
    assert machines[0] is machines[1]
    assert machines[2] is not machines[0]
    assert not machines[0].works


async def test_turns_of_an_account_keep_their_pace(browser: Driving, site: Site) -> None:
    link = browser.link(site, pace_seconds=0.4)
    async with browser.conversation(link) as one, browser.conversation(link) as other:
        started = time.monotonic()
        await asyncio.gather(*(hold.turn(goes(site, "/done")) for hold in (one, other)))
        await one.turn(Turn((), ()))
        assert time.monotonic() - started >= 0.8


async def test_a_one_time_code_is_typed_and_its_step_kept(browser: Driving, site: Site) -> None:
    link = browser.link(site)
    async with browser.conversation(link) as hold:
        await hold.turn(goes(site, "/", *HOME_OR_LOGIN))
        before = totp.step_of(datetime.now(UTC))
        await hold.turn(signs_in(site, Fill(Element("textbox", "Code"), Totp("site-totp"))))
        await hold.turn(goes(site, "/", *HOME_OR_LOGIN))
    kept = await browser.vault.load(link.connection)
    assert kept is not None
    assert kept.last_code in (before, before + 1)
    assert site.logins[0]["code"] == totp.code(TOTP_SECRET, kept.last_code)


async def test_a_one_time_code_is_not_typed_outside_a_sign_in(browser: Driving, site: Site) -> None:
    async with browser.conversation(browser.link(site)) as hold:
        await hold.turn(goes(site, "/", *HOME_OR_LOGIN))
        with pytest.raises(NeedsPerson, match="outside a sign-in"):
            await hold.turn(Turn((Fill(Element("textbox", "Code"), Totp("site-totp")),), ()))


class Watchful:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = NOW
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


async def test_a_code_that_was_used_is_waited_out() -> None:
    clock, vault = Watchful(), MemoryVault()

    def signing() -> Signing:
        return Signing("c", 50, vault, Secrets(SECRETS), lambda: clock.now, clock.sleep)

    codes = []
    for _ in range(3):
        one = signing()
        await one.begin(Deadline(5))
        codes.append(await one.code("site-totp", Deadline(5)))
        await one.leave()
    first = totp.step_of(NOW)
    assert codes == [totp.code(TOTP_SECRET, first + place) for place in range(3)]
    assert clock.waits == [20.0, 30.0]


async def test_a_code_of_the_far_future_is_a_fault_of_a_clock() -> None:
    clock, vault = Watchful(), MemoryVault()
    await vault.save("c", Session({}, NOW, totp.step_of(NOW) + 9))
    signing = Signing("c", 50, vault, Secrets(SECRETS), lambda: clock.now, clock.sleep)
    await signing.begin(Deadline(5))
    with pytest.raises(NeedsPerson, match="look at the clock"):
        await signing.code("site-totp", Deadline(5))
    assert clock.waits == []


@pytest.mark.parametrize(("secret", "why"), [("!!", "not base32"), ("=", "empty")])
async def test_a_secret_that_makes_no_codes_is_told_by_its_name(secret: str, why: str) -> None:
    signing = Signing("c", 50, MemoryVault(), Secrets({"GATEWAY_SECRET_T": secret}), lambda: NOW)
    await signing.begin(Deadline(5))
    with pytest.raises(NeedsPerson, match=f"the secret t makes no one-time codes: it is {why}"):
        await signing.code("t", Deadline(5))


async def test_a_session_of_another_conversation_is_taken_over_once_and_only_where_it_holds_something() -> None:
    vault, full = MemoryVault(), {"cookies": [{"name": "sid"}], "origins": []}
    signing = Signing("c", 50, vault, Secrets(SECRETS), lambda: NOW)
    assert await signing.state() is None
    await vault.save("c", Session({"cookies": [], "origins": []}, NOW))
    assert await signing.begin(Deadline(5)) is None
    await signing.leave()
    await vault.save("c", Session(full, NOW))
    assert await signing.begin(Deadline(5)) == full
    assert not signing.under_way
    await vault.save("c", Session(full, NOW + timedelta(seconds=1)))
    assert await signing.begin(Deadline(5)) is None
    assert signing.under_way


async def test_who_waits_too_long_at_the_turnstile_has_said_nothing() -> None:
    vault = MemoryVault()
    one, other = (Signing("c", 50, vault, Secrets(SECRETS), lambda: NOW) for _ in range(2))
    await one.begin(Deadline(5))
    with pytest.raises(NotSent, match="another conversation signs the account in"):
        await other.begin(Deadline(0.05))
    await one.leave()
    assert await other.begin(Deadline(5)) is None


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
async def test_codes_are_those_of_rfc_6238(at: int, code: str) -> None:
    secret = "gezd gnbv GY3TQOJQ GEZDGNBVGY3TQOJQ"
    assert totp.code(secret, totp.step_of(datetime.fromtimestamp(at, UTC))) == code


@pytest.mark.parametrize("strange", [False, True])
async def test_what_another_origin_left_in_a_context_is_taken_away_too(
    browser: Driving, site: Site, strange: bool
) -> None:
    """``localhost`` is another origin than ``127.0.0.1``, served by the same site."""
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    site.pages["/kept"] = f"<h1>Kept</h1><iframe title=Other src='{elsewhere if strange else site.url}/own'></iframe>"
    site.pages["/own"] = (
        "<h2 id=h></h2><script>h.textContent = 'had ' + localStorage.own; localStorage.own = 1</script>"
    )
    link = browser.link(site)
    for _ in range(2):
        async with browser.conversation(link) as hold:
            seen = Element("heading", "had undefined", frame="Other")
            assert page_of(await hold.turn(Turn((Go(f"{site.url}/kept"),), (seen,), deadline=5))).settled
        [spare] = hold.stages.spares
        assert spare.emptied is not strange
