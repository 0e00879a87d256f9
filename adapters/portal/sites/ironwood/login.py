"""How one signs in at the Ironwood portal: password, at times a puzzle, a one-time code, at times an approval."""

from __future__ import annotations

from adapters.portal.page import Page
from adapters.portal.sites.ironwood.pages import (
    ALERT,
    ANSWER,
    CODE,
    HOME,
    PICTURE,
    PUZZLE,
    PUZZLE_ON_THE_WAY,
    REVIEW,
    SIGN_IN,
    VERIFY,
    heading,
)
from adapters.portal.sites.ironwood.says import problems
from adapters.portal.visit import Steps, Visit
from gateway.contract.errors import NeedsPerson
from gateway.contract.turns import Asked, Click, Element, Fill

_AT_HOME = heading("Welcome")
_MOST_PAGES = 8
_USED, _EXPIRED = "already used", "has expired"
_TRIANGLES = "How many triangles are in the picture?"


def sign_in(visit: Visit, page: Page) -> Steps[Page]:
    """From whatever page it is to the home page, or to the review that a puzzle stood before. A puzzle or an approval
    waits for a person; what the site refuses, a person mends, before the account is locked."""
    see, password_given, codes = visit.eye.is_on, False, 0
    for _ in range(_MOST_PAGES):
        if see(page, HOME):
            return page
        if see(page, SIGN_IN):
            if password_given and any(_EXPIRED not in said for said in problems(page)):
                raise NeedsPerson("ironwood: the site refused the user name or the password")
            password_given = True
            page = yield from visit.sign_in(
                Fill(Element("textbox", "User name"), visit.account.username),
                Fill(Element("textbox", "Password"), visit.account.password),
                Click(Element("button", "Sign in")),
                until=(_AT_HOME, ALERT),
            )
        elif see(page, CODE):
            if codes and (codes > 1 or not any(_USED in said for said in problems(page))):
                raise NeedsPerson("ironwood: the site refused the one-time code")
            codes += 1
            page = yield from visit.sign_in(
                Fill(Element("textbox", "6-digit code"), visit.account.totp), Click(VERIFY), until=(_AT_HOME, ALERT)
            )
        elif see(page, PUZZLE) or see(page, PUZZLE_ON_THE_WAY):
            page = yield from solve(visit, signing_in=see(page, PUZZLE))
        elif see(page, REVIEW):
            return page
        else:
            visit.eye.expect(page, HOME)
    raise NeedsPerson("ironwood: signing in leads nowhere", only_this=True)


def solve(visit: Visit, *, signing_in: bool) -> Steps[Page]:
    """A person's answer to the picture. Where there is none yet, the turn ends and the page waits for it."""
    steps = (Fill(ANSWER, Asked(PICTURE, _TRIANGLES)), Click(VERIFY))
    until = (_AT_HOME, ALERT, heading("Review and submit"))
    return (yield from (visit.sign_in(*steps, until=until) if signing_in else visit.turn(*steps, until=until)))
