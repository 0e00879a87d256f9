"""A clinical record becomes a draft of a request, with facts that name where they were read. Nothing is invented.

Pure: the same body, terms and day give the same answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, ValidationError

from gateway.intake.allergies import take_allergies
from gateway.intake.chart import Chart
from gateway.intake.conditions import take_conditions
from gateway.intake.conservative import take_procedures
from gateway.intake.contradictions import find_contradictions
from gateway.intake.findings import Finding, Found, Notes
from gateway.intake.laboratories import latest_results
from gateway.intake.observations import take_observations
from gateway.intake.orders import take_orders
from gateway.intake.people import person_of, replaced_at, subscriber_of, take_coverages, take_requester
from gateway.intake.reports import take_reports
from gateway.intake.taking import Taking
from gateway.intake.therapies import in_order, take_therapies
from gateway.model.clinical import ClinicalFacts, Origin
from gateway.model.faults import Fault, faults_of
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.profiles.drug_names import DrugNames
from gateway.profiles.terms import Terms

_MOST_DOCUMENTS = 100


class Source(Record):
    """Where a part of the draft was read that has no origin of its own."""

    pointer: Annotated[str, Field(description="JSON Pointer into the draft.")]
    origin: Origin


class Taken(Record):
    """``draft`` is as near to a request as the record comes; ``missing`` is what a request needs besides."""

    draft: Annotated[dict[str, Any], Field(description="A request for POST /v1/requests, once it is whole.")]
    facts: ClinicalFacts
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...]
    missing: Annotated[tuple[Fault, ...], Field(description="What stands between the draft and a request.")]
    counts: Annotated[dict[str, int], Field(description="Resources read by type, what was not, and findings by code.")]


def take_in(
    body: Any,
    terms: Terms,
    drugs: DrugNames,
    today: date,
    payers: Mapping[str, str],
    patient: str | None = None,
) -> Taken:
    """``drugs`` are those that policies know, ``payers`` the ids of payers by their plain names. Raises
    SeveralPatients."""
    notes = Notes()
    taking = Taking(Chart(body, notes, patient), notes, terms, drugs, today)
    draft: dict[str, Any] = {}
    sources: list[Source] = []
    if taking.chart.patient is not None:
        draft["patient"] = person_of(taking, taking.chart.patient)
        _cite(sources, "/patient", taking.chart.patient)
        if replaced := replaced_at(taking.chart.patient.resource):
            notes.tell("patient_replaced", taking.chart.patient, replaced)
        for said in ("deceasedBoolean", "deceasedDateTime"):
            if taking.chart.patient.resource.get(said):
                notes.tell("deceased", taking.chart.patient, said)
    coverages = take_coverages(taking, payers)
    if coverages:
        draft["coverages"] = [parts for parts, _ in coverages]
        for place, (_, one) in enumerate(coverages):
            _cite(sources, f"/coverages/{place}", one)
        if subscriber := subscriber_of(taking, coverages[0][1], coverages[0][0].get("relationship")):
            draft["subscriber"] = subscriber
    take_observations(taking)
    diagnoses, read = take_conditions(taking)
    if diagnoses:
        draft["diagnoses"] = diagnoses
        for place, (one, path) in enumerate(read):
            _cite(sources, f"/diagnoses/{place}", one, path)
    lines = take_orders(taking)
    if lines:
        draft["lines"] = [line for line, _, _ in lines]
        for place, (_, one, path) in enumerate(lines):
            _cite(sources, f"/lines/{place}", one, path)
        if requester := take_requester(taking, [one for _, one, _ in lines]):
            draft["requester"] = requester[0]
            _cite(sources, "/requester", requester[1])
    take_therapies(taking, frozenset(one.name for _, one, _ in lines))
    take_procedures(taking)
    take_allergies(taking)
    take_reports(taking)
    find_contradictions(taking, [diagnosis["code"] for diagnosis in diagnoses])
    facts = _facts(taking)
    draft["facts"] = facts.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    missing = _missing(draft)
    counts = Counter(notes.counts)
    counts.update({f"finding_{code}": number for code, number in notes.told.items()})
    return Taken(
        draft=draft,
        facts=facts,
        sources=tuple(sources),
        findings=tuple(notes.findings),
        missing=missing,
        counts=dict(sorted(counts.items())),
    )


def _cite(sources: list[Source], pointer: str, one: Found, path: str | None = None) -> None:
    sources.append(Source(pointer=pointer, origin=Origin(kind="fhir", reference=one.name, path=path)))


def _facts(taking: Taking) -> ClinicalFacts:
    found = dict(taking.facts)
    if "prior_therapies" in found:
        found["prior_therapies"] = in_order(found["prior_therapies"])
    if "laboratories" in found:
        found["laboratories"] = latest_results(taking, found["laboratories"])
    if "documents" in found:
        documents = sorted(found["documents"], key=lambda one: one.dated_on or date.min, reverse=True)
        if len(documents) > _MOST_DOCUMENTS:
            taking.notes.tell("older_left_out", None)
        found["documents"] = documents[:_MOST_DOCUMENTS]
    body = found.pop("body", [None])[0]
    return ClinicalFacts(body=body, **{name: tuple(facts) for name, facts in found.items()})


def _missing(draft: dict[str, Any]) -> tuple[Fault, ...]:
    """What the request's own model says of the draft."""
    try:
        PARequest.model_validate(draft)
    except ValidationError as error:
        return faults_of(error)
    return ()
