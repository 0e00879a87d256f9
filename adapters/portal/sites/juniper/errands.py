"""What one can go to the Juniper Health portal for: verbs to ways, each with its worksheet. Says what the site cannot
take."""

from __future__ import annotations

from functools import partial

from adapters.portal.asked import coverage_of, reference_of, wanted_of
from adapters.portal.inquiring import Inquiry
from adapters.portal.site import Errand
from adapters.portal.sites.juniper import flow, lookup
from adapters.portal.sites.juniper.form import TAKES, fill_in
from adapters.portal.sites.juniper.pages import REFERENCE
from adapters.portal.worksheet import Worksheet
from gateway.contract.adapter import Answers, Change, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.model.request import PARequest

_NAME = "juniper"
_LONGEST_COMMENT = 1000


def submit(request: PARequest, to: Destination, stamp: Stamp) -> Errand:
    form, sheet = fill_in(request, to)
    return Errand(sheet, partial(flow.submit, form=form, stamp=stamp))


inquire = Inquiry(
    site=_NAME,
    number=REFERENCE,
    shown=("Request", "Request"),
    sought=("My requests", "Filter by member ID"),
    look=lookup.look,
    search=lookup.search,
).errand


def answer(filed: Filed, answers: Answers, to: Destination) -> Errand:
    """Documents and a comment for what the site asks for, all at once."""
    sheet = Worksheet(_NAME, "answer", answers)
    sheet.carry("/codes", "/control_numbers", "/payer")
    if answers.questions:
        sheet.refuse("/questions", "the site asks no questions", "Send documents.")
    reference = reference_of(filed, REFERENCE)
    if reference is None or not filed.requested:
        at = "/attachments/0" if answers.attachments else "/note"
        sheet.refuse(
            at, "the site takes documents only where it has asked for some", "Send them by the payer's own way."
        )
    papers = []
    for place, attachment in enumerate(answers.attachments):
        at = f"/attachments/{place}"
        papers.append(TAKES.paper(sheet, attachment, at))
        sheet.enter("Information needed", wanted_of(filed, answers, attachment) or "Documents", papers[-1].name, at)
    if answers.note and not papers:
        sheet.refuse("/note", "the site wants a document beside a comment", "Send a document, or call the payer.")
    note = " ".join((answers.note or "").split())
    if len(note) > _LONGEST_COMMENT:
        sheet.refuse("/note", f"the site takes comments of {_LONGEST_COMMENT} characters", "Send a shorter one.")
    if note:
        sheet.enter("Information needed", "Comment", note, "/note")
    told, (_, coverage) = sheet.settled(), coverage_of(filed.request, to.payer)
    way = partial(
        lookup.answer,
        reference=reference or "",
        member_id=coverage.member_id,
        filed=filed,
        papers=tuple(papers),
        note=note,
    )
    return Errand(told, way)


def amend(filed: Filed, change: Change, to: Destination) -> Errand:
    """The site changes nothing, and says so: it wants a call."""
    del filed, change, to
    why = "this site neither cancels nor changes a request: it wants a call"
    raise CannotExpress(Inexpressible("/kind", why, "Call the payer."))
