"""How one looks at a request that is on file at the Ironwood portal, or finds it."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.portal.finding import SKEW, Row
from adapters.portal.inquiring import judged
from adapters.portal.page import Page
from adapters.portal.sites.ironwood import pages as on
from adapters.portal.sites.ironwood import says
from adapters.portal.sites.ironwood.flow import home
from adapters.portal.status import outcome_of, unmapped
from adapters.portal.visit import Steps, Visit
from gateway.contract.adapter import Filed
from gateway.contract.errors import NeedsPerson, Unreadable
from gateway.contract.turns import Click, Fill
from gateway.model.outcome import Outcome

STATUSES = "portal_ironwood_status"
_MOST_PAGES = 20


def look(visit: Visit, page: Page, filed: Filed, reference: str, member_id: str) -> Steps[Outcome]:
    """What the page of a request says."""
    page = yield from open_request(visit, page, reference)
    if page.says("Request not found"):
        return unmapped(page.document, "the site does not know the request any more: ask the payer")
    return outcome_of(says.standing(page), filed, visit.to, STATUSES, reference=reference, member_id=member_id)


def open_request(visit: Visit, page: Page, reference: str) -> Steps[Page]:
    """The page of a request, or of there being none."""
    yield from home(visit, page)
    title = f"Request {reference}"
    page = yield from visit.open(f"/requests/{reference}", on.heading(title), on.ALERT)
    if not page.says("Request not found"):
        visit.eye.expect(page, on.request_page(reference, answering=False, withdrawing=False))
    return page


def search(visit: Visit, page: Page, filed: Filed, member_id: str) -> Steps[Outcome]:
    """A filing whose reference was never heard: the one that fits, none, or a person."""
    yield from home(visit, page)
    page = yield from visit.turn(Click(on.SEARCH), until=(on.heading("Search requests"),))
    visit.eye.expect(page, on.SEARCHING)
    since = f"{(filed.stamp.at - SKEW).astimezone(on.ZONE):%m/%d/%Y}"
    page = yield from visit.turn(
        Fill(on.MEMBER_WANTED, member_id),
        Fill(on.FROM_WANTED, since),
        Click(on.FIND),
        until=(on.RESULTS, on.ALERT),
    )
    rows, told = yield from _results(visit, page, {on.MEMBER_WANTED.name: member_id, on.FROM_WANTED.name: since})
    return (yield from judged(rows, told, filed, member_id, lambda one: look(visit, page, filed, one, member_id)))


def _results(visit: Visit, page: Page, wanted: Mapping[str, str]) -> Steps[tuple[tuple[Row, ...], bytes]]:
    """Every row of every page of results. Raises where not all of them could be read, or something else was looked for
    than what is ``wanted``, by the names of the fields."""
    rows: list[Row] = []
    first = page.document
    for number in range(2, _MOST_PAGES + 2):
        visit.eye.expect(page, on.SEARCHING)
        if any(value.upper() != wanted.get(name, "").upper() for name, value in says.sought(page).items()):
            raise visit.eye.drift(on.SEARCHING.name, "expected nothing in its fields but what was entered")
        count = says.results_told(page)
        if count is None or says.problems(page):
            raise Unreadable("the site does not say what its search found")
        rows += says.rows(page)
        if len(rows) >= count or not page.main.only("link", "Next page"):
            # One that arrives meanwhile moves the others on: it is on a page that was read, another comes twice.
            if not len(rows) == count == len({row.reference for row in rows}):
                raise Unreadable("the site shows another number of results than it says it found")
            return tuple(rows), first
        page = yield from visit.turn(Click(on.NEXT_PAGE), until=(on.page_of_results(number),))
    raise NeedsPerson("ironwood: the search finds too many requests of this member", only_this=True)
