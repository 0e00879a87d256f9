"""What one does about a request that is on file at the Juniper Health portal: look at it, find it, send for it."""

from __future__ import annotations

import re

from adapters.portal.finding import Row
from adapters.portal.inquiring import judged
from adapters.portal.page import Page
from adapters.portal.papers import Paper
from adapters.portal.sites.juniper import pages as on
from adapters.portal.sites.juniper.filed import refused
from adapters.portal.sites.juniper.flow import home
from adapters.portal.status import hold_to, outcome_of, unmapped
from adapters.portal.visit import Steps, Visit
from gateway.contract.adapter import Filed
from gateway.contract.errors import MaybeSent, NeedsPerson, Unreadable
from gateway.contract.turns import Choose, Click, Element, Fill, Step, Upload, WaitFor
from gateway.model.outcome import Answer, Outcome

STATUSES = "portal_juniper_status"
_MOST_PAGES = 20
_UNKNOWN = "We have no such request."
_RETRY_SECONDS = 60


def look(visit: Visit, page: Page, filed: Filed, reference: str, member_id: str) -> Steps[Outcome]:
    """What the page of a request says."""
    page = yield from open_request(visit, page, reference)
    if on.problems(page) == (_UNKNOWN,):
        return unmapped(page.document, "the site does not know the request any more: ask the payer")
    visit.eye.expect(page, on.request_page(reference))
    return outcome_of(on.standing(page), filed, visit.to, STATUSES, reference=reference, member_id=member_id)


def open_request(visit: Visit, page: Page, reference: str) -> Steps[Page]:
    """The page of a request, or of there being none."""
    yield from home(visit, page)
    page = yield from visit.open(f"/app/requests/{reference}", on.heading(f"Request {reference}"), on.PROBLEM)
    on.check_that_it_works(on.problems(page))
    return page


def search(visit: Visit, page: Page, filed: Filed, member_id: str) -> Steps[Outcome]:
    """A filing whose reference was never heard: the one that fits, none, or a person."""
    yield from home(visit, page)
    others = f"tbody tr:not(:has(td:nth-child(2):text-matches('^{re.escape(member_id.upper())}')))"
    page = yield from visit.turn(
        Fill(on.FILTER, member_id.upper(), slowly=True),
        WaitFor(Element(css=others), gone=True),
        until=on.LIST,
    )
    rows, told = yield from _all(visit, page, member_id)
    return (yield from judged(rows, told, filed, member_id, lambda one: look(visit, page, filed, one, member_id)))


def _all(visit: Visit, page: Page, member_id: str) -> Steps[tuple[tuple[Row, ...], bytes]]:
    """Every row of the list of a member. Raises where not all of them could be read."""
    for _ in range(_MOST_PAGES):
        visit.eye.expect(page, on.HOME)
        if on.sought(page) != member_id.upper():
            raise visit.eye.drift(on.HOME.name, "expected the member's id in its filter, and nothing else")
        if on.problems(page) or not on.tells_all(page):
            raise Unreadable("the site does not say which requests it has")
        rows = tuple(on.rows(page))
        if len({row.reference for row in rows}) < len(rows):
            raise Unreadable("the list of requests has moved on while it was read")
        if page.main.only("button", "Load more") is None:
            return rows, page.document
        page = yield from visit.turn(Click(on.MORE), until=(Element(css=f"tbody tr:nth-child({len(rows) + 1})"),))
    raise NeedsPerson("juniper: the list has too many requests of this member", only_this=True)


def answer(
    visit: Visit, page: Page, reference: str, member_id: str, filed: Filed, papers: tuple[Paper, ...], note: str
) -> Steps[Outcome]:
    """Everything that was asked for goes at once, with a comment. What the site lists, and asks nothing more of, was
    sent before; where it asks still, it may list what the request was filed with."""
    page = yield from open_request(visit, page, reference)
    if on.problems(page) == (_UNKNOWN,):
        raise NeedsPerson("juniper: the site does not know the request any more", only_this=True)
    standing = on.standing(page)
    hold_to(standing, filed, "juniper", reference=reference, member_id=member_id)
    listed = {f"{paper.name} ({paper.kind}, {len(paper.content)} bytes)" for paper in papers}
    if listed <= on.documents_listed(page) and not standing.wanted:
        return Outcome(answer=Answer.RECEIVED, final=False, document=page.document)
    visit.eye.expect(page, on.request_page(reference, answering=True))
    names: tuple[str, ...] = ()
    before: tuple[Step, ...] = ()
    for paper in papers:
        drop = Upload(on.DROP_ANSWER, paper.name, paper.media_type, paper.content, drop=True)
        page = yield from visit.turn(*before, drop, until=(on.kind_of(paper.name), on.PROBLEM))
        if problems := on.problems(page):
            on.check_that_it_works(problems)
            return refused(page, problems)
        names = (*names, paper.name)
        visit.eye.expect(page, on.request_page(reference, answering=True, papers=names))
        before = (Choose(on.kind_of(paper.name), paper.kind),)
    page = yield from visit.commit(
        page,
        on.request_page(reference, answering=True, papers=names),
        *before,
        *([Fill(on.COMMENT, note)] if note else []),
        Click(on.SEND),
        method="POST",
        path=on.SENDS,
        until=(on.DONE, on.FAILED),
    )
    status, _ = page.answered
    if status == 401:
        return Outcome(answer=Answer.UNAVAILABLE, retry_after=_RETRY_SECONDS, document=page.document)
    if status == 422 and on.problems(page):
        return refused(page, on.problems(page))
    said = [node.said for node in on.notice(page)]
    if status == 200 and (said == [f"Information for {reference} was sent."] or listed <= on.documents_listed(page)):
        return Outcome(answer=Answer.RECEIVED, messages=tuple(said), final=False, document=page.document)
    raise MaybeSent(f"juniper: the site does not say that it has the documents (HTTP {status})")
