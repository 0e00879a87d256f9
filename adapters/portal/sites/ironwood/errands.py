"""What one can go to the Ironwood portal for: verbs to ways, each with its worksheet, and what it cannot take."""

from __future__ import annotations

from functools import partial

from adapters.portal.asked import coverage_of, reference_of, wanted_of
from adapters.portal.inquiring import Inquiry
from adapters.portal.site import Errand
from adapters.portal.sites.ironwood import changing, flow, lookup
from adapters.portal.sites.ironwood.form import TAKES, fill_in
from adapters.portal.sites.ironwood.pages import REFERENCE
from adapters.portal.worksheet import Worksheet
from gateway.contract.adapter import Answers, Change, ChangeKind, Filed, Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.model.request import PARequest

_NAME = "ironwood"


def submit(request: PARequest, to: Destination, stamp: Stamp) -> Errand:
    form, sheet = fill_in(request, to)
    return Errand(sheet, partial(flow.submit, form=form, stamp=stamp))


inquire = Inquiry(
    site=_NAME,
    number=REFERENCE,
    shown=("Request", "Reference number"),
    sought=("Search requests", "Member ID"),
    look=lookup.look,
    search=lookup.search,
).errand


def answer(filed: Filed, answers: Answers, to: Destination) -> Errand:
    """Documents that the site asks for by name, each for one of these names."""
    sheet = Worksheet(_NAME, "answer", answers)
    sheet.carry("/codes", "/control_numbers", "/payer")
    if answers.questions:
        sheet.refuse("/questions", "the site asks no questions", "Send documents.")
    reference = reference_of(filed, REFERENCE)
    wanted = []
    for place, attachment in enumerate(answers.attachments):
        at = f"/attachments/{place}"
        paper, name = TAKES.paper(sheet, attachment, at), wanted_of(filed, answers, attachment)
        if name is None or reference is None:
            why = "the site takes a document only for one that its reviewer has asked for"
            sheet.refuse(at, why, "Say by codes which of the requested items it is, or send it by the payer's own way.")
        wanted.append(changing.Wanted(name or "", paper))
        sheet.enter("Request", name or "", paper.name, at)
    if answers.note and not answers.attachments:
        sheet.refuse("/note", "the site takes documents alone", "Send a document, or call the payer.")
    told, (_, coverage) = sheet.settled(), coverage_of(filed.request, to.payer)
    member_id = coverage.member_id
    way = partial(changing.answer, reference=reference or "", member_id=member_id, filed=filed, wanted=tuple(wanted))
    return Errand(told, way)


def amend(filed: Filed, change: Change, to: Destination) -> Errand:
    """A request can be withdrawn, as a whole. Nothing else of it can be changed there."""
    reference = reference_of(filed, REFERENCE)
    part = bool(change.lines) and set(change.lines) != {line.id for line in filed.request.lines}
    if change.kind is not ChangeKind.CANCEL or reference is None or part:
        why = "this site withdraws a whole request whose number it gave, and takes no other change"
        raise CannotExpress(Inexpressible("/kind", why, "Withdraw it and file anew, or call the payer."))
    sheet = Worksheet(_NAME, "withdraw", change)
    sheet.carry("/kind", "/lines")
    sheet.enter("Request", "Reference number", reference)
    _, coverage = coverage_of(filed.request, to.payer)
    way = partial(changing.withdraw, reference=reference, member_id=coverage.member_id, filed=filed)
    return Errand(sheet.settled(), way)
