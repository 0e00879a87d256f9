"""How one gets into the simulated portals, and how one does not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from conformance.simulators.clock import wall
from conformance.simulators.portals.server import CannotOpen, PortalOptions
from conformance.simulators.portals.totp import STEP, code, window_of
from tests.unit.portal_visits import OPTIONS, House, portals_open


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with portals_open() as found:
        yield found


def now_code(shift: int = 0) -> str:
    return code(OPTIONS.totp_secret, int(wall()) // STEP + shift)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_examples_of_rfc_6238(seconds: int, expected: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert code(secret, seconds // STEP) == expected
    assert window_of(secret, expected, seconds) == seconds // STEP
    assert window_of(secret, expected, seconds + STEP) == seconds // STEP
    assert window_of(secret, expected, seconds + 2 * STEP) is None
    assert window_of(secret, expected, max(0, seconds - STEP)) is None


async def test_password_and_code_lead_home_and_the_cookie_changes(house: House) -> None:
    visitor = house.ironwood
    await visitor.get("/login")
    before = {each.value for each in visitor.session.cookie_jar}
    assert (await visitor.password()).location == "/ironwood/login/code"
    between = {each.value for each in visitor.session.cookie_jar}
    assert (await visitor.get("/home")).heading == "Sign in"
    await visitor.password()
    await visitor.get("/login/code")
    assert (await visitor.post("/login/code", code=now_code())).location == "/ironwood/home"
    (cookie,) = visitor.session.cookie_jar
    assert cookie.value not in before | between
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/ironwood/", True, "Lax")
    assert (await visitor.get("/home")).heading == "Welcome"
    accounts = await visitor.operators.get("accounts")
    assert accounts["logins"] == 1


async def test_a_code_is_taken_once_for_each_account(house: House) -> None:
    visitor = house.ironwood
    used = now_code()
    await visitor.password()
    await visitor.get("/login/code")
    assert (await visitor.post("/login/code", code=used)).status == 302
    visitor.session.cookie_jar.clear()
    await visitor.password()
    await visitor.get("/login/code")
    again = await visitor.post("/login/code", code=used)
    assert (again.status, again.said("//*[@role='alert']")) == (
        401,
        ["This code was already used. Wait for the next one."],
    )
    visitor.session.cookie_jar.clear()
    await visitor.password("portal2", f"{OPTIONS.password}2")
    await visitor.get("/login/code")
    assert (await visitor.post("/login/code", code=used)).location == "/ironwood/home"


@pytest.mark.parametrize("wrong", ["", "12345", "abcdef", "٣٤٥٦٧٨"])
async def test_a_code_that_is_none_is_refused_in_words(house: House, wrong: str) -> None:
    visitor = house.ironwood
    await visitor.password()
    await visitor.get("/login/code")
    page = await visitor.post("/login/code", code=wrong)
    assert (page.status, page.said("//*[@role='alert']")) == (401, ["This code is not valid."])


async def test_three_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(house: House) -> None:
    visitor = house.ironwood
    for _ in range(3):
        page = await visitor.password(password="wrong")
        assert page.said("//*[@role='alert']") == ["The user name or password is not right."]
    page = await visitor.password()
    assert "locked" in page.said("//*[@role='alert']")[0]
    assert (await visitor.password("portal2", f"{OPTIONS.password}2")).status == 302
    house.clock.advance(15 * 60)
    visitor.session.cookie_jar.clear()
    assert (await visitor.password()).location == "/ironwood/login/code"


async def test_a_form_without_the_session_s_token_is_refused(house: House) -> None:
    visitor = house.ironwood
    await visitor.get("/login")
    page = await visitor.post("/login", _token="", username=OPTIONS.username, password=OPTIONS.password)
    assert (page.status, page.heading) == (403, "Your form is out of date")


async def test_an_unused_session_ends_and_the_login_says_so(house: House) -> None:
    visitor = house.ironwood
    await visitor.log_in()
    house.clock.advance(OPTIONS.session_seconds)
    assert (await visitor.get("/home")).heading == "Welcome"
    house.clock.advance(OPTIONS.session_seconds + 1)
    page = await visitor.get("/home")
    assert page.said("//*[@role='alert']") == ["Your session has expired. Please sign in again."]


async def test_operators_end_sessions(house: House) -> None:
    visitor = house.ironwood
    await visitor.log_in()
    assert (await visitor.operators.post("sessions", end=True))["ended"] == 1
    assert (await visitor.get("/search")).heading == "Sign in"


async def test_signing_out_ends_the_session(house: House) -> None:
    visitor = house.ironwood
    await visitor.log_in()
    await visitor.get("/home")
    assert (await visitor.post("/logout")).location == "/ironwood/login"
    assert (await visitor.get("/home")).heading == "Sign in"


async def test_the_login_waits_until_somebody_approves_it(house: House) -> None:
    visitor = house.ironwood
    await visitor.operators.order("mfa_push", count=1)
    assert (await visitor.log_in()).location == "/ironwood/login/push"
    assert (await visitor.get("/login/push")).heading == "Approve the sign-in"
    (waiting,) = (await visitor.operators.get("challenges"))["challenges"]
    assert waiting["form"] == "mfa_push"
    await visitor.operators.post("challenges", id=waiting["id"])
    assert (await visitor.get("/login/push")).heading == "Welcome"


async def test_a_login_that_nobody_approves_comes_to_its_end(house: House) -> None:
    visitor = house.ironwood
    await visitor.operators.order("mfa_push", count=1)
    await visitor.log_in()
    house.clock.advance(301)
    page = await visitor.get("/login/push")
    assert page.said("//*[@role='alert']") == ["The sign-in was not approved in time."]
    assert (await visitor.log_in()).location == "/ironwood/home"


async def test_a_picture_stands_before_the_code_and_a_wrong_answer_changes_it(house: House) -> None:
    visitor = house.ironwood
    await visitor.operators.order("captcha", count=1)
    assert (await visitor.password()).location == "/ironwood/login/puzzle"
    await visitor.get("/login/puzzle")
    first = await visitor.get("/picture")
    page = await visitor.post("/login/puzzle", answer="0")
    assert page.said("//*[@role='alert']") == ["That is not right. Look at the new picture."]
    assert (await visitor.get("/picture")).text != first.text
    (waiting,) = (await visitor.operators.get("challenges"))["challenges"]
    page = await visitor.post("/login/puzzle", answer=waiting["answer"])
    assert page.location == "/ironwood/login/code"


async def test_an_operator_meets_the_picture_for_the_visitor(house: House) -> None:
    visitor = house.ironwood
    await visitor.operators.order("captcha", count=1)
    await visitor.password()
    assert (await visitor.operators.post("challenges"))["met"] == 1
    assert (await visitor.get("/login/puzzle")).heading == "Verification code"


async def test_juniper_gives_a_token_for_name_and_password(house: House) -> None:
    caller = house.juniper
    assert (await caller.log_in(password="wrong"))[0] == 401
    assert (await caller.call("GET", "/requests"))[0] == 401
    assert (await caller.log_in())[0] == 200
    assert (await caller.call("GET", "/requests"))[0] == 200
    assert (await caller.call("POST", "/logout"))[0] == 204
    assert (await caller.call("GET", "/requests"))[0] == 401


async def test_juniper_locks_after_three_wrong_passwords(house: House) -> None:
    for _ in range(3):
        await house.juniper.log_in(password="wrong")
    status, told = await house.juniper.log_in()
    assert (status, "locked" in told["message"]) == (401, True)
    assert (await house.juniper.operators.post("accounts", unlock="portal"))["accounts"][0]["locked"] is False
    assert (await house.juniper.log_in())[0] == 200


@pytest.mark.parametrize("kind", ["mfa_push", "captcha"])
async def test_juniper_gives_the_token_once_the_challenge_is_met(house: House, kind: str) -> None:
    caller = house.juniper
    await caller.operators.order(kind, count=1)
    status, told = await caller.log_in()
    assert (status, told["form"]) == (202, kind)
    path = f"/login/{told['challenge']}"
    assert (await caller.call("POST", path, {}))[0] == 202
    await caller.operators.post("challenges", id=told["challenge"])
    status, told = await caller.call("POST", path, {})
    assert (status, bool(told["token"])) == (200, True)
    assert (await caller.call("POST", path, {}))[0] == 410


async def test_each_portal_has_accounts_of_its_own_and_several(house: House) -> None:
    await house.juniper.log_in("portal4", f"{OPTIONS.password}4")
    told = await house.juniper.operators.get("accounts")
    assert len(told["accounts"]) >= 4
    assert told["logins"] == 1
    assert (await house.ironwood.operators.get("accounts"))["logins"] == 0


async def test_a_secret_that_is_no_base32_is_told_before_anything_listens() -> None:
    with pytest.raises(CannotOpen, match="SIM_PORTAL_TOTP_SECRET"):
        async with portals_open(PortalOptions(port=0, totp_secret="1!")):
            pass


async def test_pages_are_not_kept_by_browsers(house: House) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{house.server.url}/ironwood/login") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
