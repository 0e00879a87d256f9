"""The request as one submission asks it: its lines, and the card by which it goes. Pure."""

from __future__ import annotations

from gateway.model.request import PARequest
from gateway.profiles.library import Library
from gateway.routing import products
from gateway.store.records import Attempt, Case, Rerouted, Submission, Worded


def asked_of(case: Case, submission: Submission, library: Library, filing: Attempt | None = None) -> PARequest:
    """The request as this submission asks it: its lines, as its channel takes them, with the card that another payer
    named for it. Of what was filed (``filing``, or else its latest) it is as it was then, whatever the crosswalks of
    today say."""
    filing = filing or submission.filing
    told = filing.work.products if filing is not None and isinstance(filing.work, Worded) else None
    return products.asked_of(carded(case, submission), submission.line_ids, submission.channel, library, told)


def worded_as(case: Case, submission: Submission, library: Library, work: Worded | None = None) -> Worded | None:
    """What is to be kept with a filing, by today's crosswalks; ``work`` is what it carries besides."""
    told = None
    if library.takes_products(submission.channel):
        told = products.quantities_of(case.request, submission.line_ids, library)
    if work is None:
        return None if told is None else Worded(products=told)
    return work.model_copy(update={"products": told})


def carded(case: Case, submission: Submission) -> PARequest:
    """The whole request, with the card that another payer named for this submission, or the code of the determination
    that it asks the payer to confirm."""
    confirms = submission.confirms
    request = with_card(case.request, submission.rerouted)
    return request if confirms is None else with_code(request, confirms.code)


def with_code(request: PARequest, code: str) -> PARequest:
    """The request with the code of a delegate's determination: a review that gave no authorization."""
    return request.model_copy(update={"previous_review": code})


def narrow(request: PARequest, line_ids: tuple[str, ...]) -> PARequest:
    """The request with only these lines."""
    if len(line_ids) == len(request.lines):
        return request
    return request.model_copy(update={"lines": tuple(line for line in request.lines if line.id in line_ids)})


def with_card(request: PARequest, work: Rerouted | None) -> PARequest:
    """The request with the card that another payer named for the coverage that is asked; as it is without one. Of the
    card that was asked by first no group is left; its member's number is, where the new one has no other."""
    if work is None or work.card is None:
        return request
    first, *others = request.coverages
    named = {"pharmacy": work.card, "group_number": None, "member_id": work.member_id or first.member_id}
    return request.model_copy(update={"coverages": (first.model_copy(update=named), *others)})
