"""How one gets into the simulated Juniper Health's portal: user name and password; on order a puzzle or a push."""

from __future__ import annotations

from aiohttp import web

from conformance.simulators.portals.accounts import Account, Refused
from conformance.simulators.portals.challenges import Challenge, Form
from conformance.simulators.portals.juniper.site import Juniper, Problem, Visit, answered, read, text_of
from conformance.simulators.portals.misbehaviour import Kind


async def sign_in(site: Juniper, request: web.Request) -> web.StreamResponse:
    """A token, or 202 with the challenge that comes first."""
    asked = await read(request, {"username", "password"})
    password = asked.get("password", "")
    try:
        account = site.portal.accounts.by_password(
            text_of(asked, "username"), password if isinstance(password, str) else ""
        )
    except Refused as refused:
        raise Problem(401, str(refused)) from None
    for kind, form in ((Kind.CAPTCHA, Form.PICTURE), (Kind.PUSH, Form.PUSH)):
        if site.portal.order({kind}, "login"):
            challenge = site.portal.challenges.make(form, account.name)
            return answered({"challenge": challenge.id, "form": form}, 202)
    return _let_in(site, account)


async def go_on(site: Juniper, request: web.Request) -> web.StreamResponse:
    """The token once the challenge is met; 202 while it is not."""
    challenge = _challenge(site, request)
    asked = await read(request, {"answer"})
    if "answer" in asked and not site.portal.challenges.try_answer(challenge, text_of(asked, "answer")):
        raise Problem(422, "That is not right. Look at the new picture.")
    account = site.portal.accounts.named(challenge.account)
    if not challenge.met or account is None:
        return answered({"challenge": challenge.id, "form": challenge.form}, 202)
    site.portal.challenges.drop(challenge)
    return _let_in(site, account)


async def picture(site: Juniper, request: web.Request) -> web.StreamResponse:
    challenge = _challenge(site, request)
    return web.Response(body=challenge.picture, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


async def solve(site: Juniper, request: web.Request) -> web.StreamResponse:
    """A picture in the way of a request: 204 once it is met, 202 while it is not."""
    challenge = _challenge(site, request)
    asked = await read(request, {"answer"})
    if "answer" in asked and not site.portal.challenges.try_answer(challenge, text_of(asked, "answer")):
        raise Problem(422, "That is not right. Look at the new picture.")
    return web.Response(status=204 if challenge.met else 202)


def _challenge(site: Juniper, request: web.Request) -> Challenge:
    challenge = site.portal.challenges.find(request.match_info["challenge"])
    if challenge is None:
        raise Problem(410, "It was not done in time.")
    return challenge


def _let_in(site: Juniper, account: Account) -> web.StreamResponse:
    site.portal.accounts.let_in(account)
    session = site.sessions.begin(account.name, Visit())
    return answered({"token": session.token, "account": account.name})
