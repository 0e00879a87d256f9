"""Writes a prior-authorization request as a 278 005010X217 request (BHT02 13), or says what cannot be written.

Places and codes: reference "X12 facts", 2.1. What has no place of its own goes into MSG as text while there is room
(264 characters in the event, 264 in each service), and onto the list of losses either way.

Not told to the payer, because it is the gateway's own business and no part of the message: ``OURS``.
"""

from __future__ import annotations

from types import MappingProxyType

from adapters.x12_278 import traces
from adapters.x12_278.asking import narrative
from adapters.x12_278.asking.announce import announce_at_event
from adapters.x12_278.asking.circumstances import (
    PROGNOSIS,
    care_type,
    causes,
    late,
    write_dates,
    write_home_care,
    write_stay,
)
from adapters.x12_278.asking.draft import Draft, day
from adapters.x12_278.asking.message import Prose, write_message
from adapters.x12_278.asking.parties import (
    report_other_coverage,
    write_patient,
    write_payer_and_requester,
    write_servicing,
)
from adapters.x12_278.asking.services import write_line
from adapters.x12_278.prior import Prior
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.model.request import Intent, PARequest, Review

OURS = (
    "/reference",
    "/coverages/*/payer",
    "/lines/*/id",
    "/lines/*/role",
    "/lines/*/benefit",
    "/lines/*/evidence",
    "/attachments/*/id",
    "/facts/*/*/origin",
    "/facts/body/origin",
)
"""Names the gateway gives, what it routes by, and where it read a fact. A star stands for any one step."""

CATEGORY = MappingProxyType({Review.SERVICES: "HS", Review.REFERRAL: "SC", Review.ADMISSION: "AR"})
"""UM01."""

_CERTIFICATION = MappingProxyType(
    {Intent.INITIAL: "I", Intent.RENEWAL: "R", Intent.REVISION: "S", Intent.EXTENSION: "4", Intent.APPEAL: "2"}
)
"""UM02. An expedited appeal is an immediate one (1)."""


def draft_request(request: PARequest, to: Destination, stamp: Stamp, prior: Prior | None = None) -> Draft:
    """The transaction that files the request. Its faults, if any, are on the draft."""
    draft = Draft(to, stamp)
    prior = prior or Prior(request.previous_authorization, request.previous_review)
    for name, number in (("previous_authorization", prior.authorization), ("previous_review", prior.review)):
        if getattr(request, name) not in (None, number):
            draft.lose(f"/{name}", "only what is changed or appealed is named")
    if request.previous_decision is not None:
        draft.lose("/previous_decision", "the payer knows its own decision by its number")
    if request.follows is not None:
        draft.lose("/follows", "an earlier case is named by the payer's own numbers alone")
    check_limits(draft, request)
    begin(draft, "13")
    patient = write_patient(draft, request, write_payer_and_requester(draft, request))
    report_other_coverage(draft, request)
    write_lines(draft, request, prior, write_event(draft, request, prior, patient))
    return draft


def check_limits(draft: Draft, request: PARequest) -> None:
    """How much of one request the payer takes."""
    if len(request.lines) > draft.payer.max_lines:
        draft.refuse("/lines", f"this payer takes {draft.payer.max_lines} lines", "File the other lines separately.")
    if len(request.diagnoses) > draft.payer.max_diagnoses:
        most = draft.payer.max_diagnoses
        draft.refuse("/diagnoses", f"this payer reads {most} diagnoses", "Send those that matter for these lines.")


def write_lines(draft: Draft, request: PARequest, prior: Prior, event: int) -> None:
    """2000F for each line, under the level ``event``."""
    for place in range(len(request.lines)):
        write_line(draft, request, place, event, certification(request), prior)


def begin(draft: Draft, purpose: str) -> None:
    """BHT."""
    draft.add("BHT", "0007", purpose, traces.submission(draft.stamp), draft.date, draft.time)


def certification(request: PARequest) -> str:
    """UM02, what is asked of the payer."""
    if request.intent is Intent.APPEAL and request.urgency.level == "expedited":
        return "1"
    return _CERTIFICATION[request.intent]


def trace(draft: Draft, number: str) -> None:
    draft.add("TRN", "1", number, draft.connection.company_id)


def write_prior(draft: Draft, prior: Prior) -> None:
    """REF: the payer's own numbers."""
    if prior.authorization:
        draft.add("REF", "BB", draft.exact(prior.authorization, "/previous_authorization", 50))
    if prior.review:
        draft.add("REF", "NT", draft.exact(prior.review, "/previous_review", 50))


def write_event(draft: Draft, request: PARequest, prior: Prior, patient: int) -> int:
    """2000E. The number of its level, under which the services hang."""
    event = draft.level(patient, "EV", True)
    trace(draft, traces.event(draft.stamp))
    if prior.trace:
        # [I] As in a cancellation: two traces are allowed here, and the second is usually a clearinghouse's.
        trace(draft, prior.trace)
    draft.add(
        "UM",
        CATEGORY[request.review],
        certification(request),
        care_type(draft.payer, request),
        draft.composite(request.site.place_of_service, "B"),
        causes(draft, request.accident),
        "U" if request.urgency.level == "expedited" else "",
        "",
        PROGNOSIS.get(request.facts.prognosis or "", ""),
        draft.payer.release_of_information or "",
        late(request),
    )
    write_prior(draft, prior)
    write_dates(draft, request)
    _write_diagnoses(draft, request)
    write_stay(draft, request.admission)
    write_home_care(draft, request, certification(request))
    announce_at_event(draft, request)
    _write_message(draft, request)
    write_servicing(draft, request)
    return event


def _write_diagnoses(draft: Draft, request: PARequest) -> None:
    composites = []
    for place, diagnosis in enumerate(request.diagnoses):
        onset = ("D8", day(diagnosis.onset)) if diagnosis.onset else ()
        qualifier = _qualifier(place, diagnosis.kind)
        if diagnosis.kind and qualifier == "ABF":
            draft.lose(f"/diagnoses/{place}/kind", "a 278 names the diagnosis of an admission second")
        composites.append(draft.composite(qualifier, diagnosis.code.replace(".", ""), *onset))
    draft.add("HI", *composites)


def _qualifier(place: int, kind: str | None) -> str:
    """HI: the diagnosis of an admission may stand in the second place, and in no later one."""
    if kind == "visit_reason":
        return "APR"
    return "ABJ" if kind == "admitting" and place == 1 else "ABF" if place else "ABK"


def _write_message(draft: Draft, request: PARequest) -> None:
    prose = [
        Prose(text, pointer)
        for text, pointer in ((request.facts.summary, "/facts/summary"), (request.note, "/note"))
        if text
    ]
    write_message(draft, narrative.of_case(request), prose)
