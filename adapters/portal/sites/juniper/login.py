"""How one logs in at the Juniper Health portal: user name and password, at times a puzzle or an approval.

A session lives in the page's own store and in no cookie: each visit logs in.
"""

from __future__ import annotations

from adapters.portal.page import Page
from adapters.portal.sites.juniper.pages import (
    ANSWER,
    HOME,
    PERSON,
    PICTURE,
    PROBLEM,
    PUZZLE,
    SIGN_IN,
    TIMED_OUT,
    VERIFY,
    WAITS,
    check_that_it_works,
    heading,
    problems,
)
from adapters.portal.visit import SessionEnded, Steps, Visit
from gateway.contract.errors import NeedsPerson
from gateway.contract.turns import Asked, Click, Element, Fill

_MOST_PAGES = 6
AT_HOME = heading("My requests")
PUZZLED = Element("dialog", PERSON)


def sign_in(visit: Visit, page: Page) -> Steps[Page]:
    """From whatever the page shows to the list of requests, or to the form that a puzzle stood before."""
    see, tried = visit.eye.is_on, False
    for _ in range(_MOST_PAGES):
        if page.tree.only("dialog", TIMED_OUT) is not None:
            raise SessionEnded  # over a form that waited for a person
        if see(page, HOME) or page.says("New request"):
            return page
        if see(page, SIGN_IN):
            if tried and (said := problems(page)):
                check_that_it_works(said)
                raise NeedsPerson("juniper: the site refused the user name or the password")
            tried = True
            page = yield from visit.sign_in(
                Fill(Element("textbox", "User name"), visit.account.username),
                Fill(Element("textbox", "Password"), visit.account.password),
                Click(Element("button", "Log in")),
                until=(AT_HOME, PROBLEM, PUZZLED, WAITS),
            )
        elif see(page, PUZZLE):
            page = yield from visit.sign_in(*SOLVE, until=(AT_HOME, WRONG, WAITS))
        else:
            visit.eye.expect(page, HOME)
    raise NeedsPerson("juniper: logging in leads nowhere", only_this=True)


SOLVE = (Fill(ANSWER, Asked(PICTURE, "How many triangles are in the picture?")), Click(VERIFY))
"""A person's answer to the picture. Where there is none yet, the turn ends and the page waits for it."""
WRONG = Element("alert", inside=PUZZLED)
