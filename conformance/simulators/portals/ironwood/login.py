"""How one gets into the simulated Ironwood Plan's portal: password and one-time code; on order a puzzle or a push."""

from __future__ import annotations

from aiohttp import web

from conformance.simulators.portals.accounts import Refused, Session
from conformance.simulators.portals.challenges import Challenge, Form
from conformance.simulators.portals.ironwood.site import Ironwood, Refusal, Visit, text_of
from conformance.simulators.portals.misbehaviour import Kind

_STAGES = {"puzzle": "/login/puzzle", "code": "/login/code", "push": "/login/push", "in": "/home"}


async def show_login(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    if session.holds.stage == "in":
        return site.to("/home")
    if session.holds.stage != "password":
        session = site.sessions.begin("", Visit())
    expired = "Your session has expired. Please sign in again." if "expired" in request.query else ""
    return _carrying(site, session, site.render("login", "login.html", session, error=expired, name=""))


async def sign_in(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    if session.holds.stage == "in":
        return site.to("/home")
    form = await site.form(request, session, {"username", "password"})
    name, password = text_of(form, "username"), form.get("password", "")
    try:
        account = site.portal.accounts.by_password(name, password if isinstance(password, str) else "")
    except Refused as refused:
        return site.render("login", "login.html", session, 401, error=str(refused), name=name)
    site.sessions.end(session)  # who is let in gets another cookie
    session = site.sessions.begin(account.name, Visit("code"))
    if site.portal.order({Kind.CAPTCHA}, "login"):
        session.holds.stage = "puzzle"
        session.holds.challenge = site.portal.challenges.make(Form.PICTURE, account.name).id
    return _carrying(site, session, site.to(_STAGES[session.holds.stage]))


async def show_code(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    if session.holds.stage != "code":
        return site.to(_STAGES.get(session.holds.stage, "/login"))
    return site.render("code", "code.html", session, error="")


async def check_code(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    form = await site.form(request, session, {"code"})
    account = site.portal.accounts.named(session.account)
    if session.holds.stage != "code" or account is None:
        return site.to("/login")
    try:
        site.portal.accounts.by_code(account, text_of(form, "code"))
    except Refused as refused:
        return site.render("code", "code.html", session, 401, error=str(refused))
    if site.portal.order({Kind.PUSH}, "login"):
        session.holds.stage = "push"
        session.holds.challenge = site.portal.challenges.make(Form.PUSH, account.name).id
        return site.to("/login/push")
    return _let_in(site, session)


async def show_push(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """Goes on by itself: the page looks every second. After its time one is back at the login."""
    if session.holds.stage != "push":
        return site.to(_STAGES.get(session.holds.stage, "/login"))
    challenge = site.portal.challenges.find(session.holds.challenge)
    if challenge is None:
        site.sessions.end(session)
        fresh = site.sessions.begin("", Visit())
        late = "The sign-in was not approved in time."
        return _carrying(site, fresh, site.render("login", "login.html", fresh, 401, error=late, name=""))
    if not challenge.met:
        return site.render("push", "push.html", session)
    site.portal.challenges.drop(challenge)
    return _let_in(site, session)


async def show_puzzle(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    challenge = _puzzle(site, session)
    if challenge is None:
        return site.to(_STAGES[session.holds.stage] if session.holds.stage in ("code", "push", "in") else "/login")
    if challenge.met:
        return _passed(site, session, challenge)
    return site.render("puzzle", "puzzle.html", session, error="", back="/login/puzzle")


async def solve_puzzle(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    form = await site.form(request, session, {"answer"})
    challenge = _puzzle(site, session)
    if challenge is None:
        return site.to("/login")
    if site.portal.challenges.try_answer(challenge, text_of(form, "answer")):
        return _passed(site, session, challenge)
    wrong = "That is not right. Look at the new picture."
    return site.render("puzzle", "puzzle.html", session, 422, error=wrong, back="/login/puzzle")


async def show_picture(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    challenge = site.portal.challenges.find(session.holds.challenge)
    if challenge is None or not challenge.picture:
        raise Refusal(404, "Page not found", "There is nothing at this address.")
    return web.Response(body=challenge.picture, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


async def sign_out(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    await site.form(request, session, ())
    site.sessions.end(session)
    return site.to("/login")


async def home(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    recent = [(each, site.portal.view(each)) for each in site.portal.visible()[:5]]
    return site.render("home", "home.html", session, recent=recent)


async def show_terms(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    return site.render("terms", "terms.html", session, error="")


async def accept_terms(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    form = await site.form(request, session, {"accept"})
    if text_of(form, "accept") != "yes":
        return site.render("terms", "terms.html", session, 422, error="Tick the box to go on.")
    session.holds.terms_due, session.holds.terms_seen = False, True
    return site.to("/home")


def _puzzle(site: Ironwood, session: Session[Visit]) -> Challenge | None:
    return site.portal.challenges.find(session.holds.challenge) if session.holds.stage == "puzzle" else None


def _passed(site: Ironwood, session: Session[Visit], challenge: Challenge) -> web.StreamResponse:
    site.portal.challenges.drop(challenge)
    session.holds.stage = "code"
    return site.to("/login/code")


def _let_in(site: Ironwood, session: Session[Visit]) -> web.StreamResponse:
    account = site.portal.accounts.named(session.account)
    assert account is not None  # noqa: S101 - the session began with its password
    site.portal.accounts.let_in(account)
    site.sessions.end(session)
    fresh = site.sessions.begin(account.name, Visit("in"))
    return _carrying(site, fresh, site.to("/home"))


def _carrying(site: Ironwood, session: Session[Visit], answer: web.StreamResponse) -> web.StreamResponse:
    site.carry(answer, session)
    return answer
