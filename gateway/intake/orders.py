"""Planned orders as lines of the draft: only where the record gives a code that a request is billed under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.intake.elements import (
    Coding,
    When,
    bare,
    codings,
    each,
    first_day,
    name,
    names,
    number,
    part,
    status,
    unit,
    words,
)
from gateway.intake.findings import Found
from gateway.intake.taking import Taking
from gateway.intake.therapies import concepts_of, drug_of, is_planned
from gateway.model.line import CodeSystem, ServiceCode

_SYSTEMS = {
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": CodeSystem.HCPCS,
    "urn:oid:2.16.840.1.113883.6.285": CodeSystem.HCPCS,
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": CodeSystem.HCPCS,
    "http://www.ama-assn.org/go/cpt": CodeSystem.CPT,
    "urn:oid:2.16.840.1.113883.6.12": CodeSystem.CPT,
    "http://hl7.org/fhir/sid/ndc": CodeSystem.NDC,
    "urn:oid:2.16.840.1.113883.6.69": CodeSystem.NDC,
}
_BILLING_UNITS = frozenset({"unit", "units", "billing unit", "billing units", "[hcpcs]", "{unit}", "{units}"})
_OPEN = frozenset({"active", "draft", "on-hold"})
_INTENTS = frozenset({"order", "plan", "original-order", "proposal", "instance-order", "filler-order"})
_IMAGING = "imaging"
_ADAPTER: TypeAdapter[Any] = TypeAdapter(ServiceCode)


def take_orders(taking: Taking) -> list[tuple[dict[str, Any], Found, str]]:
    """Lines, each with its order and the path of its code."""
    found: list[tuple[dict[str, Any], Found, str]] = []
    for one in taking.chart.of("MedicationRequest", "ServiceRequest"):
        if status(one.resource) not in _OPEN or status(one.resource, "intent") not in _INTENTS:
            continue
        is_drug = one.kind == "MedicationRequest"
        concept, path, at = drug_of(taking, one) if is_drug else (one.resource.get("code"), "code", one)
        codes = [(_SYSTEMS[coding.system], coding) for coding in codings(concept, path) if coding.system in _SYSTEMS]
        if is_drug:
            codes = [(system, coding) for system, coding in codes if system is not CodeSystem.CPT]
        codes.sort(key=lambda item: item[0] is CodeSystem.NDC)
        if not codes:
            if is_planned(one) or not is_drug:
                taking.notes.tell("no_code_for_order", one, path)
            continue
        system, coding = codes[0]
        if other := next((one for of, one in codes[1:] if of is system and one.code != coding.code), None):
            taking.notes.tell("several_codes", one, other.path)
            continue
        if is_drug and _is_of_another(taking, one, codes):
            taking.notes.tell("conflict_drug", at, path)
            continue
        code = taking.sound(_ADAPTER, {"system": system, "code": coding.code}, at, f"{coding.path}.code")
        if code is not None:
            if status(one.resource) != "active" or status(one.resource, "intent") == "proposal":
                taking.notes.tell("not_ordered_yet", one, "status")
            found.append((_line(taking, one, code, name(concept, 80), is_drug, len(found) + 1), one, coding.path))
    return found


def _is_of_another(taking: Taking, one: Found, codes: Sequence[tuple[CodeSystem, Coding]]) -> bool:
    """Whether the codes that it would be billed under are of another drug than its names and RxCUIs."""
    billed = []
    for system, coding in codes:
        with suppress(ValidationError):
            billed.append(_ADAPTER.validate_python({"system": system, "code": coding.code}))
    concepts = [*concepts_of(taking, one)]
    named = [taking.drugs.named(text)[0] for concept in concepts for text, _ in names(concept, "")]
    return taking.is_of_two_drugs(*concepts) or taking.drugs.differ([*named, taking.drugs.of_codes(billed)])


def _line(
    taking: Taking, one: Found, code: ServiceCode, called: str | None, is_drug: bool, place: int
) -> dict[str, Any]:
    resource = one.resource
    line: dict[str, Any] = {"id": str(place), "code": code.model_dump(mode="json")}
    categories = {code for _, of in each(resource, "category") for code in bare(of)}
    if is_drug:
        line["role"] = "drug"
    elif categories & {"363679005", _IMAGING}:
        line["role"] = "imaging"
    if called:
        line["description"] = called
    ordered = resource.get("quantityQuantity")
    quantity = number(part(ordered, "value"))
    if quantity is not None and quantity > 0 and (unit(ordered) or "").casefold() in _BILLING_UNITS:
        line["quantity"] = {"value": format(quantity, "f").rstrip("0").rstrip("."), "unit": "units"}
    elif ordered is not None:
        taking.notes.tell("quantity_of_no_units", one, "quantityQuantity")
    dosages = [dosage for _, dosage in each(resource, "dosageInstruction")]
    texts = dict.fromkeys(text for dosage in dosages if (text := words(dosage.get("text"))))
    if dose := "; then ".join(texts):
        line["dose"] = dose[:264].strip()
    if len(dosages) > 1:
        taking.notes.tell("several_dosages", one, "dosageInstruction")
    start, end = _begin(resource, dosages), _finish(resource, dosages)
    if start.day:
        line["dates"] = {"start": start.day.isoformat()}
        if end.day and end.day >= start.day:
            line["dates"]["end"] = end.day.isoformat()
        elif end.day:
            taking.notes.tell("end_before_start", one, end.path)
    return line


def _begin(resource: Mapping[str, Any], dosages: Sequence[Any]) -> When:
    """The first day of the first dosage."""
    found = [first_day(dosage, "timing.repeat.boundsPeriod.start") for dosage in dosages]
    dated = sorted((when for when in found if when.day), key=lambda when: when.day or date.max)
    return dated[0] if dated else first_day(resource, "occurrenceDateTime", "occurrencePeriod.start")


def _finish(resource: Mapping[str, Any], dosages: Sequence[Any]) -> When:
    """The last day of the last dosage; none where one of them has no end."""
    found = [first_day(dosage, "timing.repeat.boundsPeriod.end") for dosage in dosages]
    if any(when.day for when in found):
        return max(found, key=lambda when: when.day or date.max)
    return first_day(resource, "occurrencePeriod.end")
