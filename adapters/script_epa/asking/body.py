"""The part that every request of a case has: whose it is, who prescribes what, and how urgent it is.

The payer mirrors it in all it says later, so all requests of a case have the same.
"""

from __future__ import annotations

from typing import TypedDict

from adapters.script_epa.asking.draft import Draft
from adapters.script_epa.asking.drug import write_drug
from adapters.script_epa.asking.parties import prescriber_of, write_coverage, write_patient, write_prescriber
from adapters.script_epa.codec.envelope import derived
from adapters.script_epa.codec.parties import Benefits, Drug, HumanPatient, NonVeterinarian
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.model.line import Line
from gateway.model.request import Intent, PARequest, Review

_NO_PLACE = "SCRIPT has no place for it; what the payer wants to know it asks"
_NOT_CARRIED = ("care", "regimen", "admission", "home_care", "accident", "late_because", "supply", "note")
_NOT_CARRIED_OF_A_LINE = ("revenue_code", "place_of_service", "supply", "antiemetic")


def case_id(filed: Stamp) -> str:
    """PAReferenceID: ours for the case, of the stamp of its filing, in every message of it."""
    return derived(filed.seed, "case")


class Common(TypedDict):
    """What every request of a case has, before its tail."""

    reference: str
    priority: str
    benefits: tuple[Benefits, ...]
    patient: HumanPatient
    prescriber: NonVeterinarian | None
    drug: Drug


def write_body(draft: Draft, request: PARequest, to: Destination, filed: Stamp) -> Common:
    _refuse_others(draft, request)
    body = Common(
        reference=case_id(filed),
        priority="X" if request.urgency.level == "expedited" else "S",
        benefits=(write_coverage(draft, request, to),),
        patient=write_patient(draft, request.patient),
        prescriber=write_prescriber(draft, request),
        drug=write_drug(draft, request),
    )
    _lose_rest(draft, request)
    return body


def _refuse_others(draft: Draft, request: PARequest) -> None:
    if request.review is not Review.SERVICES:
        draft.refuse("/review", "SCRIPT asks for drugs only", "Send it over a medical route.")


def refuse_changes(draft: Draft, request: PARequest) -> None:
    """What an initiation cannot ask for."""
    if request.intent in (Intent.REVISION, Intent.EXTENSION, Intent.APPEAL):
        why = "an initiation asks anew, and changes nothing that was decided"
        draft.refuse("/intent", why, "Send intent initial or renewal, or appeal the decision of its request.")


def _lose_rest(draft: Draft, request: PARequest) -> None:
    for name in _NOT_CARRIED:
        if getattr(request, name) is not None:
            draft.lose(f"/{name}", _NO_PLACE)
    for name in ("reason", "attested_by"):
        if getattr(request.urgency, name) is not None:
            draft.lose(f"/urgency/{name}", "SCRIPT says that it is urgent, and not why")
    for name in ("previous_authorization", "previous_review", "previous_decision", "follows"):
        if getattr(request, name) is not None:
            draft.lose(f"/{name}", "an initiation refers to no earlier case")
    if request.intent is Intent.RENEWAL:
        draft.lose("/intent", "SCRIPT does not say that an earlier authorization is renewed")
    draft.lose("/site/place_of_service", _NO_PLACE)
    if request.site.facility_name is not None:
        draft.lose("/site/facility_name", _NO_PLACE)
    found = prescriber_of(request)
    for place in range(len(request.servicing)):
        if found is None or found[0] != f"/servicing/{place}":
            draft.lose(f"/servicing/{place}", "only the prescriber is named")
    for name in type(request.facts).model_fields:
        if getattr(request.facts, name):
            draft.lose(f"/facts/{name}", "clinical facts go with the answers to the payer's questions")
    for place in range(len(request.attachments)):
        draft.lose(f"/attachments/{place}", "documents go with the answers to the payer's questions")
    _lose_of_line(draft, request.lines[0], found[0] if found else "")


def _lose_of_line(draft: Draft, line: Line, prescriber: str) -> None:
    for name in _NOT_CARRIED_OF_A_LINE:
        if getattr(line, name) is not None:
            draft.lose(f"/lines/0/{name}", _NO_PLACE)
    for name in ("modifiers", "teeth"):
        if getattr(line, name):
            draft.lose(f"/lines/0/{name}", _NO_PLACE)
    for place in range(len(line.servicing)):
        if prescriber != f"/lines/0/servicing/{place}":
            draft.lose(f"/lines/0/servicing/{place}", "only the prescriber is named")
    draft.lose("/lines/0/dates", _NO_PLACE)
