"""Writes the cancellation of a filing: a 278 005010X217 request with UM02 3, and the payer's numbers for the case.

The tree is the request's, without services: the event is cancelled as a whole.
"""

from __future__ import annotations

from adapters.x12_278 import traces
from adapters.x12_278.asking.circumstances import care_type
from adapters.x12_278.asking.draft import Draft
from adapters.x12_278.asking.encode import CATEGORY, begin, trace, write_prior
from adapters.x12_278.asking.message import Prose, write_message
from adapters.x12_278.asking.parties import write_patient, write_payer_and_requester
from adapters.x12_278.prior import Prior
from gateway.contract.adapter import Filed, Stamp
from gateway.contract.destination import Destination


def draft_cancellation(filed: Filed, reason: str | None, to: Destination, stamp: Stamp, prior: Prior) -> Draft:
    """The transaction that cancels. ``reason`` is the practice's; its losses point at ``/reason`` of the change."""
    draft = Draft(to, stamp)
    request = filed.request
    begin(draft, "13")
    patient = write_patient(draft, request, write_payer_and_requester(draft, request))
    draft.level(patient, "EV", False)
    trace(draft, traces.event(stamp))
    if not (prior.authorization or prior.review):
        # [I] No number of the payer's is known: the filing's own trace is the only name both sides have for it. Two
        # traces are allowed here; the second is usually a clearinghouse's.
        trace(draft, traces.event(filed.stamp))
    draft.add(
        "UM",
        CATEGORY[request.review],
        "3",
        care_type(draft.payer, request),
        draft.composite(request.site.place_of_service, "B"),
    )
    write_prior(draft, prior)
    write_message(draft, (), [Prose(reason, "/reason")] if reason else ())
    return draft
