"""Observations as facts: markers, stages, performance, activity scores, bone density, body, laboratories."""

from __future__ import annotations

import re
from typing import Any

from gateway.intake.body import take_body
from gateway.intake.elements import (
    EFFECTIVE,
    When,
    codings,
    each,
    first_day,
    name,
    names,
    number,
    part,
    shown,
    status,
    unit,
    words,
)
from gateway.intake.findings import Found
from gateway.intake.staging import take_stages
from gateway.intake.taking import Taking
from gateway.model.clinical import (
    Biomarker,
    BoneDensity,
    DiseaseActivity,
    Histology,
    Laboratory,
    PerformanceStatus,
)
from gateway.profiles.terms import Meaning

_READ = frozenset({"final", "amended", "corrected", ""})
_MARKER_PROFILE = "mcode-tumor-marker-test"
_ORDER = (
    Meaning.STAGE,
    Meaning.BODY,
    Meaning.PERFORMANCE,
    Meaning.DISEASE_ACTIVITY,
    Meaning.BONE_DENSITY,
    Meaning.GENE,
    Meaning.BIOMARKER,
    Meaning.HISTOLOGY,
)
_KNOWN_TESTS = (Meaning.SCREENING, Meaning.LABORATORY)
"""Results whatever their category: records put an ejection fraction under imaging, or nothing under anything."""
LOINC = "http://loinc.org"
_SCORED = re.compile(
    r"(?:(?:ECOG|Zubrod|KPS|Karnofsky|PS|performance status|score|grade)[\s:=]{1,3}){0,3}([0-9]{1,3})\s?%?"
    r"(?:\s{0,2}[-\u2013:=,(]\s{0,2}[A-Za-z][^0-9]{0,200}(?:50\s?%[^0-9]{0,200})?)?",
    re.IGNORECASE | re.ASCII,
)
"""Both scales tell of half the waking hours, and of no other figure, beside the score."""
_GRADES = {"ecog": Meaning.GRADE_ECOG, "karnofsky": Meaning.GRADE_KARNOFSKY}
_ICD_O = ("http://terminology.hl7.org/CodeSystem/icd-o-3", "urn:oid:2.16.840.1.113883.6.43.1")


def take_observations(taking: Taking) -> None:
    stages: list[tuple[Found, str]] = []
    sizes: list[tuple[Found, str]] = []
    for one in taking.chart.of("Observation"):
        if status(one.resource) not in _READ:
            taking.notes.tell("not_final", one, "status")
            continue
        concept = one.resource.get("code")
        found = next(
            ((means, hit[0]) for means in _ORDER if (hit := taking.meaning(means, concept, "code"))),
            None,
        )
        match found:
            case (Meaning.STAGE, word):
                stages.append((one, word))
            case (Meaning.BODY, word):
                sizes.append((one, word))
            case (Meaning.PERFORMANCE, word):
                _performance(taking, one, word)
            case (Meaning.DISEASE_ACTIVITY, word):
                _activity(taking, one, word)
            case (Meaning.BONE_DENSITY, word):
                _bone(taking, one, word)
            case (Meaning.GENE, "variant"):
                _variant(taking, one)
            case (Meaning.BIOMARKER, word):
                _marker(taking, one, word)
            case (Meaning.HISTOLOGY, _):
                take_histology(taking, one, one.resource.get("valueCodeableConcept"), "valueCodeableConcept")
            case _:
                _other(taking, one)
    take_stages(taking, stages)
    take_body(taking, sizes)


def _other(taking: Taking, one: Found) -> None:
    profiles = part(one.resource.get("meta"), "profile")
    if isinstance(profiles, list) and any(isinstance(each, str) and _MARKER_PROFILE in each for each in profiles):
        called = name(one.resource.get("code"))
        if called and len(called) <= 30:
            _marker(taking, one, called)
        else:
            taking.notes.tell("unmapped", one, "code")
        return
    categories = {coding.code for _, each_of in each(one.resource, "category") for coding in codings(each_of, "")}
    known = (taking.meaning(means, one.resource.get("code"), "code") for means in _KNOWN_TESTS)
    if "laboratory" in categories or any(known):
        _laboratory(taking, one)
    else:
        taking.notes.counts["observations_without_meaning"] += 1


def result_of(taking: Taking, holder: Any, path: str) -> tuple[str, str] | None:
    """What an observation or a component found, in words, and where that stands."""
    concept = part(holder, "valueCodeableConcept")
    if concept is not None:
        at = f"{path}valueCodeableConcept"
        if hit := taking.meaning(Meaning.ANSWER, concept, at):
            return hit
        return next(iter(names(concept, at)), None)
    if (quantity := part(holder, "valueQuantity")) is not None:
        value = number(part(quantity, "value"))
        if value is None:
            return None
        sign = words(part(quantity, "comparator"), 2) or ""
        measure = unit(quantity)
        after = f" {measure}" if measure and not measure.startswith("{") else ""
        return f"{sign}{shown(value)}{after}", f"{path}valueQuantity"
    for field in ("valueString", "valueInteger", "valueBoolean"):
        value = part(holder, field)
        if value is not None:
            said = words(str(value) if isinstance(value, int) and abs(value) < 10**12 else value)
            return (said, f"{path}{field}") if said else None
    for index, concept in each(holder, "interpretation"):
        if hit := taking.meaning(Meaning.ANSWER, concept, f"{path}interpretation[{index}]"):
            return hit
    return None


def _marker(taking: Taking, one: Found, marker: str) -> None:
    when = first_day(one.resource, *EFFECTIVE)
    if not taking.past(one, when):
        return
    method = name(one.resource.get("method"))
    absent = one.resource.get("dataAbsentReason")
    if hit := result_of(taking, one.resource, ""):
        taking.add(
            "biomarkers", Biomarker, one, hit[1], marker=marker, result=hit[0], method=method, specimen_on=when.day
        )
    elif absent is not None and taking.meaning(Meaning.NOT_FEASIBLE, absent, "dataAbsentReason"):
        taking.add(
            "biomarkers",
            Biomarker,
            one,
            "dataAbsentReason",
            marker=marker,
            method=method,
            specimen_on=when.day,
            not_feasible=True,
        )
    else:
        taking.notes.tell(*_nothing(one))


def _nothing(one: Found) -> tuple[str, Found, str]:
    """What is told of an observation from which no result was read."""
    absent = "dataAbsentReason" in one.resource
    value = "" if absent else next((name for name in one.resource if name.startswith("value")), "")
    return "unreadable" if value else "no_result", one, "dataAbsentReason" if absent else value


def _variant(taking: Taking, one: Found) -> None:
    """A genomic variant: the gene is the marker, presence and change are the result."""
    genes, changes = [], []
    for index, component in each(one.resource, "component"):
        concept = component.get("valueCodeableConcept")
        hit = taking.meaning(Meaning.GENE, component.get("code"), "")
        if hit and hit[0] == "studied":
            genes += [text for text, _ in names(concept, "")][:1]
        elif change := result_of(taking, component, f"component[{index}]."):
            changes.append(change[0])
    hit = result_of(taking, one.resource, "")
    when = first_day(one.resource, *EFFECTIVE)
    if not genes or hit is None:
        taking.notes.tell("unmapped" if not genes else "no_result", one, "component")
    elif taking.past(one, when):
        result = "; ".join([hit[0], *changes])[:264].strip()
        method = name(one.resource.get("method"))
        taking.add(
            "biomarkers",
            Biomarker,
            one,
            hit[1],
            marker="-".join(genes)[:30].strip(),
            result=result,
            method=method,
            specimen_on=when.day,
        )


def _score(taking: Taking, one: Found) -> tuple[float, str] | None:
    resource = one.resource
    if part(resource.get("valueQuantity"), "comparator"):
        return None  # it is not that number, but one beyond it
    for value, path in (
        (resource.get("valueInteger"), "valueInteger"),
        (part(resource.get("valueQuantity"), "value"), "valueQuantity.value"),
        (resource.get("valueDecimal"), "valueDecimal"),
    ):
        if (found := number(value)) is not None:
            return found, path
    text = words(resource.get("valueString"), 20)
    if text is not None and (found := number(text)) is not None:
        return found, "valueString"
    return None


def _performance(taking: Taking, one: Found, scale: str) -> None:
    concept = one.resource.get("valueCodeableConcept")
    graded = [
        (float(word), path)
        for value, at in ((concept, "valueCodeableConcept"), *_interpretations(one))
        if (hit := taking.meaning(_GRADES[scale], value, at))
        for word, path in [hit]
    ]
    score = _score(taking, one) or next(iter(graded), None) or _written(one)
    when = first_day(one.resource, *EFFECTIVE)
    if score is None:
        taking.notes.tell(*_nothing(one))
    elif taking.past(one, when):
        if any(grade != score[0] for grade, _ in graded):
            taking.notes.tell("conflict_performance", one, score[1])
        value = int(score[0]) if score[0] == int(score[0]) else score[0]
        taking.add("performance", PerformanceStatus, one, score[1], scale=scale, score=value, assessed_on=when.day)


def _written(one: Found) -> tuple[float, str] | None:
    """A score that a text begins with, where it names no other one."""
    texts = [(words(one.resource.get("valueString")), "valueString")]
    texts += names(one.resource.get("valueCodeableConcept"), "valueCodeableConcept")
    for text, path in texts:
        if text and (match := _SCORED.fullmatch(text)):
            return float(match[1]), path
    return None


def _interpretations(one: Found) -> list[tuple[Any, str]]:
    return [(concept, f"interpretation[{index}]") for index, concept in each(one.resource, "interpretation")]


def _dated(taking: Taking, one: Found) -> When | None:
    """The date of what is no fact without one."""
    when = first_day(one.resource, *EFFECTIVE)
    if not taking.past(one, when, tell=False):
        return None
    if when.day is None:
        if not (when.partial or when.wrong):
            taking.notes.tell("undated_left_out", one)
        return None
    return when


def _activity(taking: Taking, one: Found, instrument: str) -> None:
    if (score := _score(taking, one)) is None:
        taking.notes.tell(*_nothing(one))
    elif when := _dated(taking, one):
        taking.add(
            "disease_activity",
            DiseaseActivity,
            one,
            score[1],
            instrument=instrument,
            score=score[0],
            assessed_on=when.day,
        )


def _bone(taking: Taking, one: Found, site: str) -> None:
    if hit := taking.meaning(Meaning.BONE_DENSITY, one.resource.get("bodySite"), "bodySite"):
        site = hit[0]
    when = first_day(one.resource, *EFFECTIVE)
    if (score := _score(taking, one)) is None:
        taking.notes.tell(*_nothing(one))
    elif taking.past(one, when):
        taking.add("bone_density", BoneDensity, one, score[1], site=site, t_score=score[0], measured_on=when.day)


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
    )


def _laboratory(taking: Taking, one: Found) -> None:
    concept = one.resource.get("code")
    hit = result_of(taking, one.resource, "")
    if hit is None:
        taking.notes.counts["laboratories_without_result"] += 1
        return
    when = _dated(taking, one)
    if when is None:
        return
    loinc = next((coding.code for coding in codings(concept, "code") if coding.system == LOINC), None)
    quantity = one.resource.get("valueQuantity")
    value = number(part(quantity, "value"))
    result = hit[0] if value is None or part(quantity, "comparator") else shown(value)
    taking.add(
        "laboratories",
        Laboratory,
        one,
        hit[1],
        name=name(concept) or loinc,
        loinc=loinc,
        result=result,
        unit=unit(quantity) if quantity is not None else None,
        resulted_on=when.day,
    )
