"""Writes a review: the whole body of a filing, and what it does not carry.

The members are those of a public description (Availity Service Reviews 2.0.0, as third parties keep it); their codes
are X12's, which the description does not say of each. What has no member goes into ``providerNotes``, for a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from adapters.rest_review.draft import Draft, Members, members
from adapters.rest_review.parties import write_patient, write_providers
from adapters.rest_review.settings import payer_settings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.frames import Loss
from gateway.model.clauses import clauses_of
from gateway.model.line import CodeSystem, Line
from gateway.model.request import Intent, PARequest, Review

REQUESTS = {Review.SERVICES: "HS", Review.REFERRAL: "SC", Review.ADMISSION: "AR"}
_UNITS = {"units": "UN", "days": "DA", "visits": "VS", "minutes": "MJ", "international_units": "F2"}
UNITS = {code: unit for unit, code in _UNITS.items()} | {"EA": "units", "DY": "days"}
"""By code, with the other names that payers write."""
_QUALIFIERS = {CodeSystem.HCPCS: "HC", CodeSystem.CPT: "HC", CodeSystem.NDC: "N4"}


def reference(stamp: Stamp) -> str:
    """``referenceNumber``: our own name of the filing, derived from its stamp so that it can be derived again."""
    return f"PG{stamp.seed[:20].upper()}"


def write_review(request: PARequest, to: Destination, stamp: Stamp) -> tuple[bytes, tuple[Loss, ...]]:
    """The body, and its losses. Raises CannotExpress."""
    draft, payer = Draft(), payer_settings(to)
    _refuse_changes(draft, request)
    if len(request.lines) > payer.max_lines:
        for place in range(payer.max_lines, len(request.lines)):
            draft.refuse(
                f"/lines/{place}", f"the payer takes {payer.max_lines} lines in one review", "Send it separately."
            )
    if len(request.diagnoses) > payer.max_diagnoses:
        most = payer.max_diagnoses
        draft.refuse("/diagnoses", f"this payer reads {most} diagnoses", "Send those that matter for these lines.")
    review = members(
        payer=members(id=payer.payer_id),
        referenceNumber=reference(stamp),
        requestTypeCode=REQUESTS[request.review],
        serviceTypeCode=payer.service_type(request.review),
        serviceLevelCode="U" if request.urgency.level == "expedited" else None,
        placeOfServiceCode=request.site.place_of_service,
        fromDate=min(line.dates.start for line in request.lines).isoformat(),
        toDate=_last(request),
    )
    review |= write_providers(draft, request) | write_patient(draft, request, to.payer)
    review["diagnoses"] = [
        members(
            code=diagnosis.code,
            qualifierCode="ABF" if place else "ABK",
            date=diagnosis.onset.isoformat() if diagnosis.onset else None,
        )
        for place, diagnosis in enumerate(request.diagnoses)
    ]
    review["procedures"] = [_procedure(draft, line, place) for place, line in enumerate(request.lines)]
    _refuse_sites(draft, request)
    if request.previous_authorization:
        review["supplementalInformation"] = members(refAuthNumber=request.previous_authorization)
    _tell(draft, request)
    if draft.notes:
        review["providerNotes"] = [{"message": note} for note in draft.notes]
    losses = draft.settled_losses()
    return json.dumps(review, ensure_ascii=False).encode(), losses


def _refuse_changes(draft: Draft, request: PARequest) -> None:
    if request.intent in (Intent.REVISION, Intent.EXTENSION, Intent.APPEAL):
        draft.refuse(
            "/intent",
            "this API has no word for a revision, an extension or an appeal",
            "Send it over another connection of the payer, or call the payer.",
        )


def _refuse_sites(draft: Draft, request: PARequest) -> None:
    """A procedure names no place and no provider of its own, and the payer would grant it where, and by whom, the whole
    is to be given."""
    fix = "Send it in a request of its own, or over another connection of the payer."
    ours = {provider.npi for provider in request.servicing}
    for place, line in enumerate(request.lines):
        if line.place_of_service not in (None, request.site.place_of_service):
            draft.refuse(f"/lines/{place}/place_of_service", "a review names one place, that of all its lines", fix)
        for number, provider in enumerate(line.servicing):
            if provider.npi not in ours:
                at = f"/lines/{place}/servicing/{number}"
                draft.refuse(at, "a review names its providers for all its lines together", fix)


def _last(request: PARequest) -> str | None:
    ends = [line.dates.end for line in request.lines]
    return max(end for end in ends if end).isoformat() if all(ends) else None


def _procedure(draft: Draft, line: Line, place: int) -> Members:
    at = f"/lines/{place}"
    said = members(fromDate=line.dates.start.isoformat(), toDate=line.dates.end.isoformat() if line.dates.end else None)
    if line.code.system is CodeSystem.REVENUE:
        said |= members(revenueCode=line.code.code)
    elif line.code.system in _QUALIFIERS:
        said |= members(code=line.code.code, qualifierCode=_QUALIFIERS[line.code.system])
    else:
        draft.refuse(f"{at}/code", "a review takes no code of this system", "Send a HCPCS, CPT, NDC or revenue code.")
    said |= {f"modifierCode{number}": modifier for number, modifier in enumerate(line.modifiers, start=1)}
    said |= members(
        description=line.description,
        quantity=format(line.quantity.value.normalize(), "f"),
        quantityTypeCode=_UNITS[line.quantity.unit],
    )
    _tell_line(draft, line, at)
    return said


def _tell_line(draft: Draft, line: Line, at: str) -> None:
    """What a procedure has no member for."""
    told: dict[str, str] = {}
    if line.ndc and line.code.system is not CodeSystem.NDC:
        told["ndc"] = f"NDC {line.ndc}"
    if line.dose:
        told["dose"] = f"dose {line.dose}"
    if line.frequency:
        told["frequency"] = line.frequency.in_words
    if line.revenue_code:
        told["revenue_code"] = f"revenue code {line.revenue_code}"
    if line.supply:
        told["supply"] = f"supply {line.supply.value.replace('_', ' ')}"
    if line.antiemetic:
        place = "in full place of" if line.antiemetic.replaces_intravenous else "beside"
        told["antiemetic"] = f"{place} an intravenous antiemetic, to hour {line.antiemetic.last_dose_hours}"
    if line.diagnoses:
        told["diagnoses"] = f"for diagnosis {', '.join(map(str, line.diagnoses))}"
    for number in range(len(line.servicing)):
        draft.lose(f"{at}/servicing/{number}", "a procedure names no provider of its own")
    if told:
        draft.note(f"{line.code.code}: {'; '.join(told.values())}.", *(f"{at}/{name}" for name in told))


def _tell(draft: Draft, request: PARequest) -> None:
    urgency, regimen = request.urgency, request.regimen
    if request.intent is Intent.RENEWAL:
        draft.note("This renews an earlier authorization.", "/intent")
    if urgency.reason or urgency.attested_by:
        told = [text for text in (urgency.reason, urgency.attested_by and f"attested by {urgency.attested_by}") if text]
        names = [name for name in ("reason", "attested_by") if getattr(urgency, name)]
        draft.note(f"Urgency: {'; '.join(told)}.", *(f"/urgency/{name}" for name in names))
    if regimen:
        numbers = {"line_of_therapy": "line", "cycle_days": "days a cycle", "cycles": "cycles", "cycle": "now in cycle"}
        told = [f"{says} {getattr(regimen, name)}" for name, says in numbers.items() if getattr(regimen, name)]
        draft.note(f"Regimen: {'; '.join([regimen.name, regimen.intent, *told])}.", "/regimen")
    _tell_circumstances(draft, request)
    if request.site.facility_name:
        draft.note(f"Facility: {request.site.facility_name}.", "/site/facility_name")
    if request.supply:
        draft.note(f"Supply: {request.supply.value.replace('_', ' ')}.", "/supply")
    if request.note:
        draft.note(request.note, "/note")
    for clause in clauses_of(request):
        draft.note(clause.sentence, *clause.pointers)
    if request.facts.prognosis:
        draft.note(f"Prognosis: {_spoken(request.facts.prognosis)}.", "/facts/prognosis")
    if request.facts.summary:
        draft.note(request.facts.summary, "/facts/summary")
    for place in range(len(request.attachments)):
        draft.lose(f"/attachments/{place}", "a review takes no documents")


def _tell_circumstances(draft: Draft, request: PARequest) -> None:
    """What is around the services: a review has no members for any of it."""
    if request.care:
        draft.note(f"Care: {request.care.value.replace('_', ' ')}.", "/care")
    if request.late_because:
        draft.note(f"Late because: {request.late_because.value.replace('_', ' ')}.", "/late_because")
    if request.previous_review:
        draft.note(f"Earlier review: {request.previous_review}.", "/previous_review")
    if request.previous_decision:
        draft.lose("/previous_decision", "the payer knows its own decision by its number")
    if request.follows:
        draft.lose("/follows", "an earlier case is named by the payer's own numbers alone")
    for name in ("admission", "home_care", "accident"):
        circumstance = getattr(request, name)
        if circumstance:
            told = circumstance.model_dump(mode="json", exclude_none=True)
            draft.note(f"{_spoken(name).capitalize()}: {'; '.join(_said(told))}.", f"/{name}")
    for place, diagnosis in enumerate(request.diagnoses):
        if diagnosis.kind:
            at = f"/diagnoses/{place}/kind"
            draft.note(f"{diagnosis.code} is the {_spoken(diagnosis.kind)} diagnosis.", at)


def _said(told: Mapping[str, object]) -> Iterator[str]:
    for name, value in told.items():
        if isinstance(value, dict):
            yield f"{_spoken(name)} {' to '.join(map(str, value.values()))}"
        else:
            words = value if isinstance(value, list) else [value]
            yield f"{_spoken(name)} {', '.join(_spoken(str(word)) for word in words)}"


def _spoken(word: str) -> str:
    return word.replace("_", " ")
