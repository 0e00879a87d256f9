"""Facts that do not fit each other. Both stand: which one holds is for the practice to say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from gateway.intake.findings import Found
from gateway.intake.results import was_found
from gateway.intake.taking import Taking
from gateway.intake.therapies import FILL
from gateway.model.clinical import Biomarker, PerformanceStatus, PriorTherapy, Stage, TherapyOutcome
from gateway.model.performance import as_ecog
from gateway.profiles.terms import plain


def find_contradictions(taking: Taking) -> None:
    by_name = {one.name: one for kind in _KINDS for one in taking.chart.of(kind)}
    _clashes(
        taking,
        by_name,
        "biomarkers",
        "conflict_marker",
        lambda one: (one.marker, one.method, one.specimen_on),
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
    _markers_of_no_method(taking, by_name)
    _scales(taking, by_name)
    _clashes(taking, by_name, "stage", "conflict_stage", lambda one: (one.basis, one.staged_on), _group)
    _overlaps(taking, by_name)
    _not_tolerated(taking, by_name)


_NOT_TOLERATED = (TherapyOutcome.INTOLERANCE, TherapyOutcome.CONTRAINDICATED)
_KINDS = (
    *("Observation", "Condition", "MedicationRequest", "MedicationStatement"),
    "MedicationAdministration",
)


def _group(stage: Stage) -> Hashable:
    return stage.group


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
                taking.notes.tell(code, by_name.get(fact.origin.reference), fact.origin.path)


def _markers_of_no_method(taking: Taking, by_name: Mapping[str, Found]) -> None:
    """A result that names no method against one of that day that does: what is looked for is there, or it is not."""
    days: dict[Hashable, list[Biomarker]] = defaultdict(list)
    for fact in taking.all("biomarkers"):
        days[fact.marker, fact.specimen_on].append(fact)
    for facts in days.values():
        found = {fact.origin: was_found(taking, fact.result or "") for fact in facts}
        named = {found[fact.origin] for fact in facts if fact.method} - {None}
        for fact in facts:
            said = found[fact.origin]
            if fact.method is None and said is not None and (not said) in named and fact.origin is not None:
                taking.notes.tell("conflict_marker", by_name.get(fact.origin.reference), fact.origin.path or "")


def _scales(taking: Taking, by_name: Mapping[str, Found]) -> None:
    """Scores of one day on the two scales that are two grades apart, or more: beside each other they never lie so."""
    grades: dict[date | None, list[int]] = defaultdict(list)
    scores: Sequence[PerformanceStatus] = taking.all("performance")
    for fact in scores:
        if fact.scale == "ecog":
            grades[fact.assessed_on].append(fact.score)
    for fact in scores:
        beside = grades[fact.assessed_on] if fact.scale == "karnofsky" else []
        if any(abs(as_ecog(fact.score) - grade) > 1 for grade in beside) and fact.origin is not None:
            taking.notes.tell("conflict_scales", by_name.get(fact.origin.reference), fact.origin.path or "")


def _not_tolerated(taking: Taking, by_name: Mapping[str, Found]) -> None:
    """A drug that is taken now, and that the record says the patient does not tolerate."""
    therapies: Sequence[PriorTherapy] = taking.all("prior_therapies")
    refused = {one.rxnorm for one in therapies if one.rxnorm and one.outcome in _NOT_TOLERATED}
    for one in therapies:
        if one.outcome is TherapyOutcome.ONGOING and one.rxnorm in refused and one.origin is not None:
            taking.notes.tell("taken_and_not_tolerated", by_name.get(one.origin.reference), one.origin.path or "")


def _overlaps(taking: Taking, by_name: Mapping[str, Found]) -> None:
    """Courses of one drug with two ends of one day, or that overlap. Fills may: a drug is fetched before it is used
    up."""
    courses: dict[str, list[PriorTherapy]] = defaultdict(list)
    for fact in taking.all("prior_therapies"):
        if fact.origin is not None and fact.origin.reference.startswith(f"{FILL}/"):
            continue
        courses[fact.rxnorm or plain(fact.drug)].append(fact)
    for facts in courses.values():
        dated = sorted((one for one in facts if one.started_on), key=lambda one: str(one.started_on))
        for one, after in pairwise(dated):
            overlaps = one.stopped_on and after.started_on and after.started_on < one.stopped_on
            differs = one.started_on == after.started_on and one.outcome != after.outcome
            if (overlaps or differs) and after.origin is not None:
                taking.notes.tell("conflict_therapy", by_name.get(after.origin.reference), after.origin.path or "")
