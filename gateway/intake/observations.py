"""Observations as facts, each by what its code means; a component as an observation of its own."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.intake.body import take_body
from gateway.intake.elements import bare, each, name, part, status
from gateway.intake.findings import Found
from gateway.intake.laboratories import take_laboratory
from gateway.intake.markers import take_histology, take_marker, take_variant
from gateway.intake.results import has_value
from gateway.intake.scores import take_activity, take_bone_density, take_performance
from gateway.intake.staging import take_stages
from gateway.intake.taking import Taking
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
_OF_THE_WHOLE = ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued", "method", "bodySite")


def take_observations(taking: Taking) -> None:
    stages: list[tuple[Found, str]] = []
    sizes: list[tuple[Found, str]] = []
    for one in taking.chart.of("Observation"):
        if status(one.resource) not in _READ:
            taking.notes.tell("not_final", one, "status")
            continue
        means, word = _meaning(taking, one)
        # What a variant has for components are parts of its result.
        whole = (means, word) == (Meaning.GENE, "variant")
        parts = [] if whole else [found for found in _components(one) if _is_known(taking, found)]
        for found in (one, *parts):
            if found is one and parts and not has_value(one.resource):
                continue
            _take(taking, found, stages, sizes)
    take_stages(taking, stages)
    take_body(taking, sizes)


def _take(taking: Taking, one: Found, stages: list[tuple[Found, str]], sizes: list[tuple[Found, str]]) -> None:
    if "dataAbsentReason" in one.resource and has_value(one.resource):
        taking.notes.tell("value_and_none", one, "dataAbsentReason")
        return
    match _meaning(taking, one):
        case (Meaning.STAGE, word):
            stages.append((one, word))
        case (Meaning.BODY, word):
            sizes.append((one, word))
        case (Meaning.PERFORMANCE, word):
            take_performance(taking, one, word)
        case (Meaning.DISEASE_ACTIVITY, word):
            take_activity(taking, one, word)
        case (Meaning.BONE_DENSITY, word):
            take_bone_density(taking, one, word)
        case (Meaning.GENE, "variant"):
            take_variant(taking, one)
        case (Meaning.BIOMARKER, word):
            take_marker(taking, one, word)
        case (Meaning.HISTOLOGY, _):
            take_histology(taking, one, one.resource.get("valueCodeableConcept"), "valueCodeableConcept")
        case _:
            _other(taking, one)


def _meaning(taking: Taking, one: Found) -> tuple[Meaning | None, str]:
    concept = one.resource.get("code")
    return next(((means, hit[0]) for means in _ORDER if (hit := taking.meaning(means, concept, "code"))), (None, ""))


def _is_known(taking: Taking, one: Found) -> bool:
    return _meaning(taking, one)[0] is not None or _is_known_test(taking, one)


def _is_known_test(taking: Taking, one: Found) -> bool:
    return any(taking.meaning(means, one.resource.get("code"), "code") for means in _KNOWN_TESTS)


def _components(one: Found) -> Iterator[Found]:
    """The components, each as an observation: with the day, the method and the place of the whole."""
    shared = {name: one.resource[name] for name in _OF_THE_WHOLE if name in one.resource}
    for index, component in each(one.resource, "component"):
        yield Found(shared | component, one.kind, one.name, one.pointer, one.order, one.url, component=index)


def _other(taking: Taking, one: Found) -> None:
    profiles = part(one.resource.get("meta"), "profile")
    if isinstance(profiles, list) and any(isinstance(each, str) and _MARKER_PROFILE in each for each in profiles):
        called = name(one.resource.get("code"))
        if called and len(called) <= 30:
            take_marker(taking, one, called)
        else:
            taking.notes.tell("unmapped", one, "code")
        return
    categories = {code for _, category in each(one.resource, "category") for code in bare(category)}
    if "laboratory" in categories or _is_known_test(taking, one):
        take_laboratory(taking, one)
    else:
        taking.notes.counts["observations_without_meaning"] += 1
