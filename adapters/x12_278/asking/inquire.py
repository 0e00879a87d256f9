"""Writes an inquiry about a filing: a 278 005010X215 (BHT02 28), by member, requester, dates and the payer's numbers.

It names itself (BHT03 and one TRN) and says none of the names that we gave the filing. Payers echo what they are sent,
beside whatever they have found: a name of the filing's that we had sent along would come back with the decision of an
earlier case. So a name of the filing's in the answer comes from the payer's own files, and proves that it holds it.

What a public inquiry shows [I]: BHT02 28, UM, REF NT or BB, DTP AAH with a range, NM1 SJ in the event. The answer
(BHT02 49, X12's RFI 2825) may carry the payer's own trace beside ours, and our trace need not differ from its number.
Everything else here is inferred from the request's tree and unverified against the guide.
"""

from __future__ import annotations

from adapters.x12_278 import traces
from adapters.x12_278.asking.circumstances import care_type
from adapters.x12_278.asking.draft import Draft, day
from adapters.x12_278.asking.encode import CATEGORY, begin, certification, trace, write_prior
from adapters.x12_278.asking.parties import write_patient, write_payer_and_requester
from adapters.x12_278.prior import Prior
from gateway.contract.adapter import Filed, Stamp
from gateway.contract.destination import Destination


def draft_inquiry(filed: Filed, to: Destination, stamp: Stamp, prior: Prior) -> Draft:
    """The transaction that asks. It names no services: a payer that knows the filing under another code must not say
    that there is none."""
    draft = Draft(to, stamp)
    request = filed.request
    begin(draft, "28")
    patient = write_patient(draft, request, write_payer_and_requester(draft, request))
    draft.level(patient, "EV", False)
    trace(draft, traces.event(stamp))
    draft.add(
        "UM",
        CATEGORY[request.review],
        certification(request),
        care_type(draft.payer, request),
        draft.composite(request.site.place_of_service, "B"),
    )
    write_prior(draft, prior)
    first = min(line.dates.start for line in request.lines)
    last = max(line.dates.end or line.dates.start for line in request.lines)
    draft.add("DTP", "AAH", "RD8", f"{day(first)}-{day(last)}")
    return draft
