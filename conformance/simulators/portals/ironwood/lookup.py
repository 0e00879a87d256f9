"""Finding requests at the simulated Ironwood Plan, reading one, sending what was asked for, withdrawing it."""

from __future__ import annotations

from aiohttp import web

from conformance.simulators.clock import local
from conformance.simulators.portals import checking
from conformance.simulators.portals.accounts import Session
from conformance.simulators.portals.catalogue import DOCUMENT_KINDS
from conformance.simulators.portals.filings import Filing
from conformance.simulators.portals.hindrance import after_recording, unrecorded
from conformance.simulators.portals.ironwood.site import Ironwood, Refusal, Visit, text_of
from conformance.simulators.portals.ironwood.wizard import uploaded
from conformance.simulators.portals.misbehaviour import FINAL, UNRECORDED

PAGE = 10
"""Rows of a table of results."""
_MOST_PAGES = 10_000


async def search(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """A page of results by member, reference and days of submission; without any of them nothing is searched."""
    asked = {name: request.query.get(name, "").strip() for name in ("member", "reference", "from", "to")}
    faults = {
        name: "Enter a date as MM/DD/YYYY."
        for name in ("from", "to")
        if asked[name] and checking.us_date(asked[name]) is None
    }
    searched = any(asked.values()) and not faults
    found = [each for each in site.portal.visible() if _fits(each, asked)] if searched else []
    page = request.query.get("page", "1")
    number = min(int(page), _MOST_PAGES) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    shown = found[(number - 1) * PAGE : number * PAGE]
    return site.render(
        "search",
        "search.html",
        session,
        422 if faults else 200,
        asked=asked,
        faults=faults,
        searched=searched,
        total=len(found),
        page=number,
        pages=max(1, -(-len(found) // PAGE)),
        rows=[(each, site.portal.view(each)) for each in shown],
    )


def _fits(filing: Filing, asked: dict[str, str]) -> bool:
    day = local(filing.filed_at).date()
    since, until = checking.us_date(asked["from"]), checking.us_date(asked["to"])
    return (
        asked["member"].upper() in ("", filing.wish.member_id.upper())
        and asked["reference"].upper() in ("", filing.reference)
        and (since is None or day >= since)
        and (until is None or day <= until)
    )


async def show(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    return _page(site, session, _named(site, request), {})


async def send_document(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    """One document for one of those that were asked for."""
    filing = _named(site, request)
    form = await site.form(request, session, {"wanted", "kind", "file"})
    wanted = text_of(form, "wanted")
    told = uploaded(form, 0)
    faults = dict(told.faults)
    if wanted not in [each.name for each in filing.asked if not each.answered]:
        faults["wanted"] = "Choose what the document answers."
    if faults:
        return _page(site, session, filing, faults)
    order = site.portal.order(FINAL, "answer", filing.wish.member_id)
    if order is not None and order.kind in UNRECORDED:
        return unrecorded(order, request)
    site.portal.answer(filing, told.taken, "", wanted)
    if order is not None:
        return after_recording(order, request)
    session.holds.flash = "The document was sent."
    return site.to(f"/requests/{filing.reference}")


async def withdraw(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    filing = _named(site, request)
    await site.form(request, session, ())
    order = site.portal.order(FINAL, "withdraw", filing.wish.member_id)
    if order is not None and order.kind in UNRECORDED:
        return unrecorded(order, request)
    done = site.portal.withdraw(filing)
    if order is not None:
        return after_recording(order, request)
    session.holds.flash = (
        "The request was withdrawn." if done else "This request cannot be withdrawn here. Call the plan."
    )
    return site.to(f"/requests/{filing.reference}")


def _named(site: Ironwood, request: web.Request) -> Filing:
    filing = site.portal.named(request.match_info["reference"])
    if filing is None:
        raise Refusal(404, "Request not found", "We have no request with this reference number.")
    return filing


def _page(site: Ironwood, session: Session[Visit], filing: Filing, faults: dict[str, str]) -> web.StreamResponse:
    return site.render(
        "request",
        "request.html",
        session,
        422 if faults else 200,
        filing=filing,
        view=site.portal.view(filing),
        faults=faults,
        kinds=DOCUMENT_KINDS,
    )
