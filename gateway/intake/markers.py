"""Markers: what was found of a protein or a gene, or that it could not be looked for; and the histology."""

from __future__ import annotations

from typing import Any

from gateway.intake.elements import EFFECTIVE, codings, each, first_day, name, names, number, part, shown, unit
from gateway.intake.findings import Found
from gateway.intake.results import results_of, why_none
from gateway.intake.taking import Taking
from gateway.intake.tumors import tumor_of
from gateway.model.clinical import Biomarker, Histology
from gateway.profiles.terms import Meaning

_ICD_O = ("http://terminology.hl7.org/CodeSystem/icd-o-3", "urn:oid:2.16.840.1.113883.6.43.1")


def take_marker(taking: Taking, one: Found, marker: str) -> None:
    when = first_day(one.resource, *EFFECTIVE)
    if not taking.past(one, when):
        return
    method = name(one.resource.get("method"))
    diagnosis = tumor_of(taking.chart, one).diagnosis
    told = {"marker": marker, "method": method, "specimen_on": when.day, "diagnosis": diagnosis}
    found = [(_share(one.resource) or result, path) for result, path in results_of(taking, one.resource)]
    for result, path in found:
        taking.add("biomarkers", Biomarker, one, path, result=result, **told)
    if not found and (place := _not_feasible(taking, one)):
        taking.add("biomarkers", Biomarker, one, place, not_feasible=True, **told)
    elif not found:
        taking.notes.tell(*why_none(one))


def _share(resource: Any) -> str | None:
    """A part of one as per cent: UCUM's unit ``1`` beside a number below it."""
    quantity = resource.get("valueQuantity")
    value = number(part(quantity, "value"))
    if value is None or unit(quantity) != "1" or not 0 < value < 1:
        return None
    return f"{part(quantity, 'comparator') or ''}{shown(round(value * 100, 6))} %"


def _not_feasible(taking: Taking, one: Found) -> str | None:
    """Where it says that the marker could not be looked for."""
    places = ("dataAbsentReason", "valueCodeableConcept", "valueString")
    for path in places:
        said = one.resource.get(path)
        if said and taking.meaning(Meaning.NOT_FEASIBLE, {"text": said} if isinstance(said, str) else said, path):
            return path
    return None


def take_variant(taking: Taking, one: Found) -> None:
    """A genomic variant: the gene is the marker, presence and change are the result."""
    genes, changes = [], []
    for index, component in each(one.resource, "component"):
        concept = component.get("valueCodeableConcept")
        hit = taking.meaning(Meaning.GENE, component.get("code"), "")
        if hit and hit[0] == "studied":
            genes += [text for text, _ in names(concept, "")][:1]
        elif change := results_of(taking, component, f"component[{index}]."):
            changes.append(change[0][0])
    found = results_of(taking, one.resource)
    when = first_day(one.resource, *EFFECTIVE)
    if not genes or not found:
        taking.notes.tell("unmapped" if not genes else "no_result", one, "component")
    elif taking.past(one, when):
        for said, path in found:
            taking.add(
                "biomarkers",
                Biomarker,
                one,
                path,
                marker="-".join(genes)[:30].strip(),
                result="; ".join([said, *changes])[:264].strip(),
                method=name(one.resource.get("method")),
                specimen_on=when.day,
                diagnosis=tumor_of(taking.chart, one).diagnosis,
            )


def take_histology(taking: Taking, one: Found, concept: Any, path: str) -> None:
    called = name(concept)
    codes = [coding for coding in codings(concept, path) if coding.system in _ICD_O]
    if called is None and codes:
        called = codes[0].code
    if called is None:
        taking.notes.tell("unreadable", one, path)
        return
    taking.add(
        "histology",
        Histology,
        one,
        codes[0].path if codes else path,
        text=called,
        icd_o=codes[0].code if codes else None,
        diagnosis=tumor_of(taking.chart, one).diagnosis,
    )
