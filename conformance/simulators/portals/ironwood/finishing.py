"""The final step at the simulated Ironwood Plan, its check for duplicates, and the confirmation.

A draft lives until its confirmation is seen, so that nothing but the check for duplicates stands between a final step
that comes twice and a second filing; and that check knows only what the search can find.
"""

from __future__ import annotations

from aiohttp import web

from conformance.simulators.portals.accounts import Session
from conformance.simulators.portals.hindrance import after_recording, unrecorded
from conformance.simulators.portals.ironwood.draft import Draft
from conformance.simulators.portals.ironwood.site import Ironwood, Refusal, Visit, text_of
from conformance.simulators.portals.misbehaviour import FINAL, UNRECORDED, Kind


async def submit(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    draft = site.draft(request, session)
    form = await site.form(request, session, {"attest", "anyway"})
    if draft.first_missing() != "review":
        return site.to(f"/new/{draft.id}/{draft.first_missing()}")
    anyway = text_of(form, "anyway") == "yes" and draft.duplicate
    if text_of(form, "attest") != "yes" and not anyway:
        session.holds.flash = "Tick the box to attest that the information is correct."
        return site.to(f"/new/{draft.id}/review")
    order = site.portal.order(FINAL, "submit", draft.member_id)
    if order is not None and order.kind in UNRECORDED:
        return unrecorded(order, request)
    wish = draft.wish()
    existing = site.portal.duplicate_of(wish)
    if existing is not None and not anyway:
        draft.duplicate = existing.reference
        return site.to(f"/new/{draft.id}/duplicate")
    filing = site.portal.record(wish, session.account, draft.id)
    if order is None:
        return site.to(f"/confirmation/{filing.reference}")
    if order.kind is Kind.RECEIVED:
        _close(session, draft)
        return site.render("confirmation", "received.html", session)
    return after_recording(order, request)


async def show_duplicate(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    draft = site.draft(request, session)
    existing = site.portal.named(draft.duplicate)
    if existing is None:
        return site.to(f"/new/{draft.id}/review")
    return site.render(
        "duplicate", "duplicate.html", session, draft=draft, existing=existing, view=site.portal.view(existing)
    )


async def confirm(site: Ironwood, request: web.Request, session: Session[Visit]) -> web.StreamResponse:
    filing = site.portal.named(request.match_info["reference"])
    if filing is None:
        raise Refusal(404, "Request not found", "We have no request with this reference number.")
    for draft in list(session.holds.drafts.values()):
        if draft.id == filing.draft:
            _close(session, draft)
    return site.render("confirmation", "confirmation.html", session, filing=filing, view=site.portal.view(filing))


def _close(session: Session[Visit], draft: Draft) -> None:
    session.holds.drafts.pop(draft.id, None)
