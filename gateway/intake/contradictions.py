"""Facts that do not fit each other. Both stand: which one holds is for the practice to say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import date
from typing import Any

from gateway.intake.findings import Found
from gateway.intake.results import was_found
from gateway.intake.taking import Taking
from gateway.intake.therapies import FILL, ORDER
from gateway.model.clinical import (
    Biomarker,
    Fact,
    Histology,
    OfATumor,
    PerformanceStatus,
    PriorTherapy,
    Stage,
    TherapyOutcome,
)
from gateway.model.codes import primary_site
from gateway.model.performance import as_ecog
from gateway.profiles.terms import plain


def find_contradictions(taking: Taking, diagnoses: Collection[str]) -> None:
    """``diagnoses`` are the patient's by ICD-10-CM."""
    by_name = {one.name: one for kind in _KINDS for one in taking.chart.of(kind)}
    _clashes(
        taking,
        by_name,
        "biomarkers",
        "conflict_marker",
        lambda one: (one.marker, one.method, one.specimen_on, one.diagnosis),
        lambda one: (plain(one.result or ""), one.not_feasible),
    )
    _clashes(
        taking,
        by_name,
        "performance",
        "conflict_performance",
        lambda one: (one.scale, one.assessed_on),
        lambda one: one.score,
    )
    _clashes(
        taking,
        by_name,
        "disease_activity",
        "conflict_activity",
        lambda one: (one.instrument, one.assessed_on),
        lambda one: one.score,
    )
    _clashes(
        taking,
        by_name,
        "bone_density",
        "conflict_bone_density",
        lambda one: (one.site, one.measured_on, one.origin if one.site == "other" else None),
        lambda one: one.t_score,
    )
    _markers_of_no_method(taking, by_name)
    _histologies(taking, by_name)
    if len({site for code in diagnoses if (site := primary_site(code))}) > 1:
        for field in ("stage", "histology", "biomarkers"):
            for fact in taking.all(field):
                if fact.diagnosis is None:
                    _tell(taking, by_name, "tumor_unsaid", fact)
    _scales(taking, by_name)
    _clashes(taking, by_name, "stage", "conflict_stage", lambda one: (one.basis, one.staged_on, one.diagnosis), _group)
    _overlaps(taking, by_name)
    _not_tolerated(taking, by_name)


_NOT_TOLERATED = (TherapyOutcome.INTOLERANCE, TherapyOutcome.CONTRAINDICATED)
_KINDS = (
    *("Observation", "Condition", "MedicationRequest", "MedicationStatement"),
    "MedicationAdministration",
)


def _group(stage: Stage) -> Hashable:
    return stage.group


def _tell(taking: Taking, by_name: Mapping[str, Found], code: str, fact: Fact) -> None:
    if fact.origin is not None:
        taking.notes.tell(code, by_name.get(fact.origin.reference), fact.origin.path or "")


def _clashes(
    taking: Taking,
    by_name: Mapping[str, Found],
    field: str,
    code: str,
    same: Callable[[Any], Hashable],
    says: Callable[[Any], Hashable],
) -> None:
    groups: dict[Hashable, list[Any]] = defaultdict(list)
    for fact in taking.all(field):
        if says(fact) is not None:
            groups[same(fact)].append(fact)
    for facts in groups.values():
        first = says(facts[0])
        for fact in facts[1:]:
            if says(fact) != first:
                _tell(taking, by_name, code, fact)


def _markers_of_no_method(taking: Taking, by_name: Mapping[str, Found]) -> None:
    """A result that names no method against one of that day that does: what is looked for is there, or it is not."""
    days: dict[Hashable, list[Biomarker]] = defaultdict(list)
    for fact in taking.all("biomarkers"):
        days[fact.marker, fact.specimen_on, fact.diagnosis].append(fact)
    for facts in days.values():
        found = {fact.origin: was_found(taking, fact.result or "") for fact in facts}
        named = {found[fact.origin] for fact in facts if fact.method} - {None}
        for fact in facts:
            said = found[fact.origin]
            if fact.method is None and said is not None and (not said) in named:
                _tell(taking, by_name, "conflict_marker", fact)


def _scales(taking: Taking, by_name: Mapping[str, Found]) -> None:
    """Scores of one day on the two scales that are two grades apart, or more: beside each other they never lie so."""
    grades: dict[date | None, list[int]] = defaultdict(list)
    scores: Sequence[PerformanceStatus] = taking.all("performance")
    for fact in scores:
        if fact.scale == "ecog":
            grades[fact.assessed_on].append(fact.score)
    for fact in scores:
        beside = grades[fact.assessed_on] if fact.scale == "karnofsky" else []
        if any(abs(as_ecog(fact.score) - grade) > 1 for grade in beside):
            _tell(taking, by_name, "conflict_scales", fact)


def _not_tolerated(taking: Taking, by_name: Mapping[str, Found]) -> None:
    """A drug that is taken now, and that the record says the patient does not tolerate."""
    therapies: Sequence[PriorTherapy] = taking.all("prior_therapies")
    refused = {one.rxnorm for one in therapies if one.rxnorm and one.outcome in _NOT_TOLERATED}
    for one in therapies:
        if one.outcome is TherapyOutcome.ONGOING and one.rxnorm in refused:
            _tell(taking, by_name, "taken_and_not_tolerated", one)


def _overlaps(taking: Taking, by_name: Mapping[str, Found]) -> None:
    """Courses of one drug with two ends of one day, or that overlap. Fills may: a drug is fetched before it is used
    up. So may what lies within a course that goes on, where it is a single dose or an order that was filled."""
    courses: dict[str, list[PriorTherapy]] = defaultdict(list)
    for fact in taking.all("prior_therapies"):
        if fact.started_on and not _is_of(fact, FILL):
            courses[fact.rxnorm or plain(fact.drug)].append(fact)
    for facts in courses.values():
        last_end, goes_on = date.min, False
        outcomes: dict[date | None, set[TherapyOutcome]] = defaultdict(set)
        for one in sorted(facts, key=lambda one: str(one.started_on)):
            overlaps = (one.started_on or date.min) < last_end or (goes_on and _is_over(one))
            if overlaps or outcomes[one.started_on] - {one.outcome}:
                _tell(taking, by_name, "conflict_therapy", one)
            outcomes[one.started_on].add(one.outcome)
            goes_on |= one.outcome is TherapyOutcome.ONGOING
            last_end = max(last_end, one.stopped_on or date.min)


def _is_over(one: PriorTherapy) -> bool:
    if one.outcome is TherapyOutcome.COMPLETED:
        return one.stopped_on != one.started_on and not _is_of(one, ORDER)
    return one.outcome is not TherapyOutcome.ONGOING


def _is_of(fact: Fact, kind: str) -> bool:
    return fact.origin is not None and fact.origin.reference.startswith(f"{kind}/")


_COMPARED = 20
"""With how many before it each is compared, for a body may hold thousands."""


def _histologies(taking: Taking, by_name: Mapping[str, Found]) -> None:
    """Two kinds of tissue of one tumor; where it is not said of which, of any."""
    facts: Sequence[Histology] = taking.all("histology")
    for place, one in enumerate(facts):
        before = facts[max(0, place - _COMPARED) : place]
        if any(_differ(one, other) for other in before if _may_be_of_one(one, other)):
            _tell(taking, by_name, "conflict_histology", one)


def _may_be_of_one(one: OfATumor, other: OfATumor) -> bool:
    return None in (one.diagnosis, other.diagnosis) or one.diagnosis == other.diagnosis


def _differ(one: Histology, other: Histology) -> bool:
    """By their codes where both have one. Of names one may tell more than the other."""
    if one.icd_o and other.icd_o:
        return one.icd_o != other.icd_o
    words, others = set(plain(one.text).split()), set(plain(other.text).split())
    return not (words <= others or others <= words)
