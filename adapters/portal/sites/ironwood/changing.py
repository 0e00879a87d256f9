"""What changes a request that is on file at the Ironwood portal: documents that were asked for, and its withdrawal."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.portal.page import Page
from adapters.portal.papers import Paper
from adapters.portal.sites.ironwood import pages as on
from adapters.portal.sites.ironwood import says
from adapters.portal.sites.ironwood.filed import refused
from adapters.portal.sites.ironwood.lookup import STATUSES, open_request
from adapters.portal.status import hold_to
from adapters.portal.visit import Steps, Visit
from gateway.contract.adapter import Filed
from gateway.contract.errors import MaybeSent, NeedsPerson
from gateway.contract.turns import Choose, Click, Upload
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import LineOutcome

_RETRY_SECONDS = 60
_SENT, _WITHDRAWN, _KEPT = "The document was sent.", "The request was withdrawn.", "cannot be withdrawn"


@dataclass(frozen=True)
class Wanted:
    """A document, and what of it was asked for, as the site calls that."""

    name: str
    paper: Paper


def answer(
    visit: Visit, page: Page, reference: str, member_id: str, filed: Filed, wanted: tuple[Wanted, ...]
) -> Steps[Outcome]:
    """One document after the other, each a filing of its own. One that the site lists, and does not ask for any more,
    was sent before; what it asks for still it may list since the request was filed with it."""
    page = yield from open_request(visit, page, reference)
    _known(page, reference, member_id, filed)
    for each in wanted:
        paper = each.paper
        asked_for = each.name in [item.said for item in says.standing(page).wanted]
        listed = f"{paper.name} ({paper.kind}, {len(paper.content)} bytes)" in says.documents_listed(page)
        if listed and not asked_for:
            continue
        if not asked_for:
            raise NeedsPerson("ironwood: the site does not ask for a document that is to be sent", only_this=True)
        withdrawing = page.main.only("button", "Withdraw request") is not None
        page = yield from visit.commit(
            page,
            on.request_page(reference, answering=True, withdrawing=withdrawing),
            Choose(on.WANTED, each.name),
            Choose(on.KIND, paper.kind),
            Upload(on.FILE, paper.name, paper.media_type, paper.content),
            Click(on.SEND),
            method="POST",
            path=on.DOCUMENTS_TO,
            until=(on.listed(paper.name), on.ALERT),
        )
        status, path = page.answered
        if status == 422 and says.problems(page):
            return refused(page, says.problems(page))
        if (ended := _ended(visit, page, status, path)) is not None:
            return ended
        if not _came_back(visit, status, path, reference) or says.flash(page) != _SENT:
            raise MaybeSent(f"ironwood: the site does not say that it has the document (HTTP {status})")
    return Outcome(answer=Answer.RECEIVED, final=False, document=page.document)


def withdraw(visit: Visit, page: Page, reference: str, member_id: str, filed: Filed) -> Steps[Outcome]:
    """Take the request back, where the site offers it."""
    page = yield from open_request(visit, page, reference)
    _known(page, reference, member_id, filed)
    standing = says.standing(page)
    entry = visit.to.entry(STATUSES, standing.status.said)
    if entry is not None and entry.means == LineOutcome.CANCELLED:
        return Outcome(answer=Answer.CANCELLED, document=page.document)
    if page.main.only("button", "Withdraw request") is None:
        told = f"{standing.status.said}: the site offers no withdrawal"
        return Outcome(answer=Answer.CANCEL_REFUSED, messages=(told,), document=page.document)
    page = yield from visit.commit(
        page,
        on.request_page(reference, answering=bool(standing.wanted), withdrawing=True),
        Click(on.WITHDRAW, says=f"Withdraw request {reference}? This cannot be undone."),
        method="POST",
        path=on.WITHDRAWS,
        until=(on.RESULTS, on.ALERT),
    )
    status, path = page.answered
    if (ended := _ended(visit, page, status, path)) is not None:
        return ended
    said = says.flash(page)
    if _came_back(visit, status, path, reference) and said == _WITHDRAWN:
        return Outcome(answer=Answer.CANCELLED, messages=(said,), document=page.document)
    if _came_back(visit, status, path, reference) and _KEPT in said:
        return Outcome(answer=Answer.CANCEL_REFUSED, messages=(said,), document=page.document)
    raise MaybeSent(f"ironwood: the site does not say whether the request was withdrawn (HTTP {status})")


def _known(page: Page, reference: str, member_id: str, filed: Filed) -> None:
    """Nobody else's request is changed, and no other of this patient."""
    if page.says("Request not found"):
        raise NeedsPerson("ironwood: the site does not know the request any more", only_this=True)
    hold_to(says.standing(page), filed, "ironwood", reference=reference, member_id=member_id)


def _ended(visit: Visit, page: Page, status: int, path: str) -> Outcome | None:
    """The session was over before it came: nothing was changed, and it may go again."""
    if status in (302, 303) and path in [f"{visit.eye.root}{each}" for each in on.SIGNED_OUT]:
        return Outcome(answer=Answer.UNAVAILABLE, retry_after=_RETRY_SECONDS, document=page.document)
    return None


def _came_back(visit: Visit, status: int, path: str, reference: str) -> bool:
    """True where the site led to the page of the same request."""
    return status in (302, 303) and path == f"{visit.eye.root}/requests/{reference}"
