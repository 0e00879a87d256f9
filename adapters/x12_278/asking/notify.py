"""Writes the notice of an admission: a 278 005010X216, for a payer that wants to be told and reviews none in advance.

The levels are known: who tells, who is told, the patient, the event and its services. BHT02 is not known well (14 by
one source; 22 and CN are the standard's [K]), so a payer's profile may name its own. All else is written as in a
request, which the standard allows [I]. A notice is neither changed nor asked about here: nothing public says how.
"""

from __future__ import annotations

from adapters.x12_278.asking.draft import Draft
from adapters.x12_278.asking.encode import begin, check_limits, write_event, write_lines
from adapters.x12_278.asking.parties import report_other_coverage, write_patient, write_requester_and_payer
from adapters.x12_278.prior import Prior
from adapters.x12_278.settings import PayerSettings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.model.request import Intent, PARequest, Review


def is_notice(request: PARequest, payer: PayerSettings) -> bool:
    """True for what this payer wants to be told of, and not asked about."""
    return request.review is Review.ADMISSION and payer.admissions == "notification"


def draft_notice(request: PARequest, to: Destination, stamp: Stamp) -> Draft:
    """The transaction that tells. Its faults, if any, are on the draft."""
    draft = Draft(to, stamp)
    if request.intent is not Intent.INITIAL:
        draft.refuse(
            "/intent",
            "this payer is told of admissions, and a notice is neither renewed, changed nor appealed",
            "Call the payer, or send it over another route.",
        )
    check_limits(draft, request)
    begin(draft, draft.payer.notification_purpose)
    patient = write_patient(draft, request, write_requester_and_payer(draft, request))
    report_other_coverage(draft, request)
    event = write_event(draft, request, Prior(), patient)
    write_lines(draft, request, Prior(), event)
    return draft
