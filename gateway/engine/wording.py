"""The request as one submission asks it: its lines, and the card by which it goes. Pure."""

from __future__ import annotations

from gateway.model.people import Pharmacy
from gateway.model.request import PARequest
from gateway.profiles.library import Library
from gateway.routing import products
from gateway.store.records import Case, Submission


def asked_of(case: Case, submission: Submission, library: Library) -> PARequest:
    """The request as this submission asks it: its lines, as its channel takes them, with the card that another payer
    named for it."""
    return products.asked_of(carded(case, submission), submission.line_ids, submission.channel, library)


def carded(case: Case, submission: Submission) -> PARequest:
    """The whole request, with the card that another payer named for this submission."""
    work = submission.rerouted
    return case.request if work is None else with_card(case.request, work.card)


def narrow(request: PARequest, line_ids: tuple[str, ...]) -> PARequest:
    """The request with only these lines."""
    if len(line_ids) == len(request.lines):
        return request
    return request.model_copy(update={"lines": tuple(line for line in request.lines if line.id in line_ids)})


def with_card(request: PARequest, card: Pharmacy | None) -> PARequest:
    """The request with this card of the coverage that is asked; as it is without one."""
    if card is None:
        return request
    first, *others = request.coverages
    return request.model_copy(update={"coverages": (first.model_copy(update={"pharmacy": card}), *others)})
