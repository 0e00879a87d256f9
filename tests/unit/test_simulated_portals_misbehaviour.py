"""What goes wrong at the simulated portals when it is ordered, or when a member id asks for it; and what is on file."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.unit.portal_visits import OPTIONS, PDF, House, Ironwood, Juniper, portals_open

DROPPED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with portals_open() as found:
        await found.ironwood.log_in()
        await found.juniper.log_in()
        yield found


@pytest.fixture
def visitor(house: House) -> Ironwood:
    return house.ironwood


@pytest.fixture
def caller(house: House) -> Juniper:
    return house.juniper


async def on_file(who: Ironwood | Juniper) -> tuple[int, int]:
    """How many are on file, and how many final steps arrived."""
    told = await who.operators.get("filings")
    return told["total"], told["final_posts"]


@pytest.mark.parametrize(("kind", "recorded"), [("drop_before_recording", 0), ("drop_after_recording", 1)])
async def test_a_connection_is_cut_without_a_byte_and_each_arrival_is_counted(
    visitor: Ironwood, caller: Juniper, kind: str, recorded: int
) -> None:
    await visitor.fill()
    for who in (visitor, caller):
        await who.operators.order(kind, count=1)
    with pytest.raises(DROPPED):
        await visitor.submit()
    with pytest.raises(DROPPED):
        await caller.submit(caller.form())
    assert [await on_file(who) for who in (visitor, caller)] == [(recorded, 1), (recorded, 1)]
    log = (await visitor.operators.get("requests"))["requests"]
    assert [log[-1][name] for name in ("method", "path", "status")] == ["POST", "/ironwood/new/{draft}/submit", 0]


async def test_what_a_browser_sends_again_after_a_cut_connection_is_counted_and_may_file_twice(
    house: House, visitor: Ironwood, caller: Juniper
) -> None:
    await visitor.fill()
    await visitor.operators.order("drop_after_recording", count=1)
    with pytest.raises(DROPPED):
        await visitor.submit()
    assert (await visitor.submit()).location.endswith("/duplicate")
    told = await visitor.operators.get("filings")
    assert (told["total"], told["drafts"]) == (1, {visitor.draft: 2})
    await caller.operators.order("drop_after_recording", count=1)
    with pytest.raises(DROPPED):
        await caller.submit(caller.form())
    assert (await caller.submit(caller.form()))[0] == 201
    told = await caller.operators.get("filings")
    assert (told["total"], told["drafts"]) == (2, {"form-0001": 2})


async def test_a_duplicate_that_the_search_cannot_find_yet_is_not_warned_of(house: House, visitor: Ironwood) -> None:
    await visitor.fill("SIMBLIND01")
    with pytest.raises(DROPPED):
        await visitor.submit()
    assert (await visitor.get("/search?member=SIMBLIND01")).said("//*[@role='status']") == ["No requests match."]
    assert "/confirmation/" in (await visitor.submit()).location
    assert await on_file(visitor) == (2, 2)
    house.clock.advance(120)
    assert len((await visitor.get("/search?member=SIMBLIND01")).tree.xpath("//tbody/tr")) == 2


@pytest.mark.parametrize(
    ("kind", "status"), [("server_error_after_recording", 500), ("maintenance_after_recording", 200)]
)
async def test_a_page_that_says_nothing_of_it_hides_a_filing(
    visitor: Ironwood, caller: Juniper, kind: str, status: int
) -> None:
    await visitor.fill()
    for who in (visitor, caller):
        await who.operators.order(kind, count=1)
    page = await visitor.submit()
    assert page.status == status
    assert page.heading in ("Something went wrong", "Scheduled maintenance")
    assert (await caller.submit(caller.form()))[0] == status
    assert [await on_file(who) for who in (visitor, caller)] == [(1, 1), (1, 1)]


async def test_an_error_before_recording_files_nothing(visitor: Ironwood, caller: Juniper) -> None:
    await visitor.fill()
    for who in (visitor, caller):
        await who.operators.order("server_error", count=1)
    assert (await visitor.submit()).status == 500
    assert (await caller.submit(caller.form()))[0] == 500
    assert [await on_file(who) for who in (visitor, caller)] == [(0, 1), (0, 1)]
    assert "/confirmation/" in (await visitor.submit()).location


async def test_a_request_can_be_received_without_a_number(visitor: Ironwood, caller: Juniper) -> None:
    await visitor.fill("SIMWAIT01")
    assert (await visitor.submit()).heading == "Request received"
    assert await caller.submit(caller.form("SIMWAIT01")) == (202, {"reference": ""})
    assert [await on_file(who) for who in (visitor, caller)] == [(1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("member", "outcomes"),
    [
        ("SIMDROP01", ["cut", "/duplicate"]),
        ("SIMLOST01", ["cut", "/confirmation/"]),
        ("SIMLOSTALWAYS01", ["cut", "cut", "cut"]),
        ("SIMFAULTFILED01", [500, "/duplicate"]),
        ("SIMHTML01", [200, "/confirmation/"]),
        ("SIMHTMLFILED01", [200, "/duplicate"]),
        ("SIMMAINTENANCE01", [503, "/confirmation/"]),
        ("SIMBUSY01", [503, "/confirmation/"]),
        ("SIMDOWN01", [503, 503]),
    ],
)
async def test_a_member_id_asks_for_misbehaviour_at_its_first_final_step(
    visitor: Ironwood, member: str, outcomes: list[str | int]
) -> None:
    await visitor.fill(member)
    for expected in outcomes:
        if expected == "cut":
            with pytest.raises(DROPPED):
                await visitor.submit()
            continue
        page = await visitor.submit()
        assert page.status == expected if isinstance(expected, int) else expected in page.location


@pytest.mark.parametrize(("kind", "status"), [("maintenance", 503), ("maintenance_200", 200)])
async def test_maintenance_stands_at_any_page_or_at_one(
    visitor: Ironwood, caller: Juniper, kind: str, status: int
) -> None:
    await visitor.operators.order(kind, count=1)
    page = await visitor.get("/home")
    assert (page.status, page.heading) == (status, "Scheduled maintenance")
    await visitor.operators.order(kind, count=1, step="search")
    assert (await visitor.get("/home")).heading == "Welcome"
    assert (await visitor.get("/search")).heading == "Scheduled maintenance"
    await caller.operators.order(kind, count=1)
    async with caller.session.get(f"{caller.url}/juniper/app/requests") as answer:
        assert (answer.status, "Scheduled maintenance" in await answer.text()) == (status, True)
    await caller.operators.order(kind, count=1)
    assert (await caller.call("GET", "/requests"))[0] == status
    assert (await caller.call("GET", "/requests"))[0] == 200


async def test_a_page_is_slow_for_the_seconds_that_were_ordered(visitor: Ironwood) -> None:
    await visitor.operators.order("slow", count=1, step="search", seconds=0.3)
    started = time.monotonic()
    await visitor.get("/home")
    assert time.monotonic() - started < 0.3
    await visitor.get("/search")
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("step", ["member", "service", "dates", "documents", "review", "submit", "confirmation"])
async def test_a_session_is_over_at_the_step_that_was_ordered(visitor: Ironwood, step: str) -> None:
    await visitor.operators.order("session_expires", count=1, step=step)
    await visitor.begin()
    page = await visitor.get("/home")
    if step != "member":
        await visitor.fill()
        page = await visitor.get(f"/new/{visitor.draft}/review") if step != "confirmation" else page
        if step in ("submit", "confirmation"):
            await visitor.get(f"/new/{visitor.draft}/review")
            done = await visitor.submit()
            page = await visitor.get(done.location.removeprefix("/ironwood"))
    assert page.heading == "Sign in"
    await visitor.log_in()
    assert (await visitor.begin()).heading == "New authorization request"
    assert (await on_file(visitor))[0] == (1 if step == "confirmation" else 0)


async def test_a_session_that_always_ends_lets_nobody_finish(visitor: Ironwood) -> None:
    for _ in range(2):
        assert (await visitor.fill("SIMNEVERIN01")).said("//*[@role='alert']")[0].startswith("Your session has expired")
        await visitor.log_in()
    assert await on_file(visitor) == (0, 0)
    assert (await visitor.fill("SIMLOGGEDOUT01")).heading == "Sign in"
    await visitor.log_in()
    assert (await visitor.fill("SIMLOGGEDOUT01")).said("//h2")[0] == "Review and submit"


async def test_a_session_ends_under_the_form_of_juniper(caller: Juniper) -> None:
    form = caller.form("SIMLOGGEDOUT01")
    assert (await caller.call("POST", "/requests/check", form))[0] == 401
    assert (await caller.call("GET", "/requests"))[0] == 401
    await caller.log_in()
    assert (await caller.call("POST", "/requests/check", form))[0] == 200
    await caller.operators.order("session_expires", count=1, step="submit")
    assert (await caller.submit(form))[0] == 401
    assert await on_file(caller) == (0, 1)


async def test_labels_change_for_as_many_pages_as_were_ordered(visitor: Ironwood, caller: Juniper) -> None:
    await visitor.operators.order("labels_changed", count=1, step="member")
    page = await visitor.begin()
    assert "Continue" in page.said("//button")
    assert "Subscriber number" in page.said("//label")
    page = await visitor.get(f"/new/{visitor.draft}/member")
    assert "Next" in page.said("//button")
    await caller.operators.order("labels_changed", count=1)
    assert (await caller.call("GET", "/settings"))[1]["labels"]["Submit request"] == "Send for certification"
    assert (await caller.call("GET", "/settings"))[1] == {"labels": {}, "birth_date": True, "notice": False}


async def test_a_field_is_gone_and_what_it_held_is_still_asked_for(visitor: Ironwood, caller: Juniper) -> None:
    await visitor.operators.order("field_gone")
    assert (await visitor.begin()).tree.xpath("//input[@name='birth_date']") == []
    assert (await visitor.take_member(birth_date="")).status == 422
    await visitor.operators.post("misbehave", clear=True)
    assert (await visitor.begin()).tree.xpath("//input[@name='birth_date']")
    await caller.operators.order("field_gone", count=1)
    assert (await caller.call("GET", "/settings"))[1]["birth_date"] is False


async def test_changed_terms_stand_in_the_way_until_they_are_accepted(visitor: Ironwood, caller: Juniper) -> None:
    await visitor.fill()
    await visitor.operators.order("interstitial", step="submit")
    assert (await visitor.submit()).location == "/ironwood/terms"
    assert (await visitor.get(f"/new/{visitor.draft}/review")).heading == "Our terms of use have changed"
    assert (await visitor.post("/terms")).status == 422
    assert (await visitor.post("/terms", accept="yes")).location == "/ironwood/home"
    await visitor.get(f"/new/{visitor.draft}/review")
    assert "/confirmation/" in (await visitor.submit()).location
    assert await on_file(visitor) == (1, 2)
    await caller.operators.order("interstitial", count=1)
    assert (await caller.call("GET", "/settings"))[1]["notice"] is True


async def test_a_picture_stands_before_the_review(visitor: Ironwood) -> None:
    page = await visitor.fill("SIMCAPTCHA01")
    assert page.heading == "Are you a person?"
    (waiting,) = (await visitor.operators.get("challenges"))["challenges"]
    assert (await visitor.step("puzzle", answer="nothing")).status == 422
    (waiting,) = (await visitor.operators.get("challenges"))["challenges"]
    assert (await visitor.step("puzzle", answer=waiting["answer"])).location.endswith("/review")
    assert "/confirmation/" in (await visitor.submit()).location
    assert await on_file(visitor) == (1, 1)


async def test_an_operator_meets_the_picture_before_the_review(visitor: Ironwood) -> None:
    await visitor.operators.order("captcha", count=1, step="submit")
    assert (await visitor.fill()).heading == "Are you a person?"
    await visitor.operators.post("challenges")
    assert (await visitor.get(f"/new/{visitor.draft}/puzzle")).said("//h2") == ["Review and submit"]


async def test_juniper_asks_for_the_picture_before_the_final_step(caller: Juniper) -> None:
    form = caller.form("SIMCAPTCHA01")
    status, told = await caller.call("POST", "/requests/check", form)
    assert status == 403
    path = f"/challenges/{told['challenge']}"
    status, picture = await caller.call("GET", f"{path}/picture")
    assert (status, picture.startswith("<svg")) == (200, True)
    assert (await caller.call("POST", path, {"answer": "nothing"}))[0] == 422
    assert (await caller.call("POST", "/requests/check", form))[0] == 403
    (waiting,) = (await caller.operators.get("challenges"))["challenges"]
    assert (await caller.call("POST", path, {"answer": waiting["answer"]}))[0] == 204
    assert (await caller.call("POST", "/requests/check", form))[0] == 200
    assert (await caller.submit(form))[0] == 201


async def test_withdrawals_and_answers_go_wrong_when_they_are_named(visitor: Ironwood, caller: Juniper) -> None:
    reference = await visitor.file("SIMPEND01")
    await visitor.get(f"/requests/{reference}")
    await visitor.operators.order("drop_after_recording", count=1, step="withdraw")
    with pytest.raises(DROPPED):
        await visitor.post(f"/requests/{reference}/withdraw")
    assert (await visitor.operators.filing("SIMPEND01"))["status"] == "Withdrawn"
    reference = await visitor.file("SIMDOCS01")
    await visitor.get(f"/requests/{reference}")
    await visitor.operators.order("drop_before_recording", count=1, step="answer")
    with pytest.raises(DROPPED):
        await visitor.upload(f"/requests/{reference}/documents", PDF, kind="labs", wanted="Progress note")
    assert (await visitor.operators.filing("SIMDOCS01"))["answers"] == []
    reference = await caller.file("SIMDOCS01")
    _, told = await caller.upload()
    await caller.operators.order("drop_after_recording", count=1, step="answer")
    sent = {"comment": "", "documents": [{"id": told["id"], "kind": "labs"}]}
    with pytest.raises(DROPPED):
        await caller.call("POST", f"/requests/{reference}/information", sent)
    assert (await caller.operators.filing("SIMDOCS01"))["status"] == "Certified"


HOSTILE = [
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\nno name\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nbreaks off"),
    ("application/x-www-form-urlencoded", b"\xff\xfe=%ff&_token=%ed%a0%80"),
    ("application/x-www-form-urlencoded; charset=nobody", b"a=b"),
    ("application/json", b"\xff\xfe"),
    ("application/json", b'{"username": "\\ud800", "password": "\\ud800"}'),
    ("application/json", b"[" * 100_000),
    ("application/json", b"null"),
    ("text/plain", b""),
]


@pytest.mark.parametrize(("content_type", "body"), HOSTILE, ids=range(len(HOSTILE)))
async def test_what_no_browser_sends_is_refused_and_is_no_error_of_the_portal(
    visitor: Ironwood, caller: Juniper, content_type: str, body: bytes
) -> None:
    await visitor.begin()
    draft = f"/ironwood/new/{visitor.draft}"
    pages = ["/ironwood/login", f"{draft}/member", f"{draft}/service/form", f"{draft}/documents", f"{draft}/submit"]
    calls = [f"/juniper/api/{path}" for path in ("login", "eligibility", "documents", "requests/check", "requests")]
    for path in pages + calls:
        headers = {"Content-Type": content_type, "X-Form-Id": "form-0001", "Authorization": f"Bearer {caller.token}"}
        async with visitor.session.post(
            f"{visitor.url}{path}", data=body, headers=headers, allow_redirects=False
        ) as answer:
            assert (path, answer.status in (302, 400, 401, 403, 409, 415, 422)) == (path, True), answer.status


async def test_an_order_for_one_member_leaves_others_alone(visitor: Ironwood) -> None:
    await visitor.operators.order("server_error", count=1, member="simpend01")
    assert await visitor.file("SIMAPPROVE01")
    await visitor.fill("SIMPEND01")
    assert (await visitor.submit()).status == 500


async def test_two_accounts_work_side_by_side_and_see_each_other_s_requests(house: House, visitor: Ironwood) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        other = Ironwood(session, visitor.url, visitor.today, visitor.operators)
        await other.log_in("portal2", f"{OPTIONS.password}2")
        await visitor.fill("SIMAPPROVE01")
        await other.fill("SIMAPPROVE02")
        assert other.draft != visitor.draft
        draft, other.draft = other.draft, visitor.draft
        assert (await other.submit()).status == 409
        other.draft = draft
        assert "/confirmation/" in (await other.submit()).location
        assert len((await visitor.get("/search?member=SIMAPPROVE02")).tree.xpath("//tbody/tr")) == 1
    accounts = {each["account"] for each in (await visitor.operators.get("filings"))["filings"]}
    assert accounts == {"portal2"}
