"""Scores of a patient: performance status, disease activity, bone density."""

from __future__ import annotations

import re
from typing import Any

from gateway.intake.elements import EFFECTIVE, each, first_day, names, number, part, words
from gateway.intake.findings import Found
from gateway.intake.results import why_none
from gateway.intake.taking import Taking
from gateway.model.clinical import BoneDensity, DiseaseActivity, PerformanceStatus
from gateway.profiles.terms import Meaning

_SCORED = re.compile(
    r"(?:(?:ECOG|Zubrod|KPS|Karnofsky|PS|performance status|score|grade)[\s:=]{1,3}){0,3}([0-9]{1,3})\s?%?"
    r"(?:\s{0,2}[-\u2013:=,(]\s{0,2}[A-Za-z][^0-9]{0,200}(?:50\s?%[^0-9]{0,200})?)?",
    re.IGNORECASE | re.ASCII,
)
"""Both scales tell of half the waking hours, and of no other figure, beside the score."""
_NOT_OF_NOW = re.compile(
    r"\bnot\s(?:been\s|yet\s){0,2}(?:assess|perform|done|evaluat|obtain|record|document|applicable|measur|known)"
    r"|\b(?:n/a|unknown|pending|goals?|targets?|expected|estimated?|projected|predicted|planned|anticipated|desired|aim"
    r"|if|after|once|until|at least|at most|possibl[ey]|probabl[ey]|likely|presumed|assumed|default|proxy"
    r"|prior|previous(?:ly)?|former(?:ly)?|baseline|history|was|were|should|would|could|may|might|father|mother"
    r"|sister|brother|family|caregiver)\b",
    re.IGNORECASE | re.ASCII,
)
"""Beside a number: it is none that somebody found of this patient on that day."""
_GRADES = {"ecog": Meaning.GRADE_ECOG, "karnofsky": Meaning.GRADE_KARNOFSKY}


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


def take_performance(taking: Taking, one: Found, scale: str) -> None:
    concept = one.resource.get("valueCodeableConcept")
    graded = [
        (float(word), path)
        for value, at in ((concept, "valueCodeableConcept"), *_interpretations(one))
        if (hit := taking.meaning(_GRADES[scale], value, at))
        for word, path in [hit]
    ]
    written = _written(one)
    score = _score(taking, one) or next(iter(graded), None) or next(iter(written), None)
    when = first_day(one.resource, *EFFECTIVE)
    if score is None:
        taking.notes.tell(*why_none(one))
    elif taking.past(one, when):
        if any(grade != score[0] for grade, _ in (*graded, *written)):
            taking.notes.tell("conflict_performance", one, score[1])
        value = int(score[0]) if score[0] == int(score[0]) else score[0]
        taking.add("performance", PerformanceStatus, one, score[1], scale=scale, score=value, assessed_on=when.day)


def _written(one: Found) -> list[tuple[float, str]]:
    """Scores that the texts of an answer begin with, where they name no other one."""
    texts = [(words(one.resource.get("valueString")) or "", "valueString")]
    texts += names(one.resource.get("valueCodeableConcept"), "valueCodeableConcept")
    found = [(_SCORED.fullmatch(text), path) for text, path in texts if not _NOT_OF_NOW.search(text)]
    return [(float(match[1]), path) for match, path in found if match]


def _interpretations(one: Found) -> list[tuple[Any, str]]:
    return [(concept, f"interpretation[{index}]") for index, concept in each(one.resource, "interpretation")]


def take_activity(taking: Taking, one: Found, instrument: str) -> None:
    if (score := _score(taking, one)) is None:
        taking.notes.tell(*why_none(one))
    elif when := taking.dated(one, *EFFECTIVE):
        taking.add(
            "disease_activity",
            DiseaseActivity,
            one,
            score[1],
            instrument=instrument,
            score=score[0],
            assessed_on=when.day,
        )


def take_bone_density(taking: Taking, one: Found, site: str) -> None:
    if hit := taking.meaning(Meaning.BONE_DENSITY, one.resource.get("bodySite"), "bodySite"):
        site = hit[0]
    when = first_day(one.resource, *EFFECTIVE)
    if (score := _score(taking, one)) is None:
        taking.notes.tell(*why_none(one))
    elif taking.past(one, when):
        taking.add("bone_density", BoneDensity, one, score[1], site=site, t_score=score[0], measured_on=when.day)
