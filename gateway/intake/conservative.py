"""Conservative care: what was done for joints and backs before an image, an injection or an infusion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gateway.intake.elements import first_day, name, names, status
from gateway.intake.findings import Found
from gateway.intake.taking import Taking
from gateway.model.clinical import ConservativeCare
from gateway.profiles.terms import Meaning, plain

_NOT_THE_DRUG = re.compile(
    r"\b(?:no|not|non|without|avoid(?:s|ing)?|instead|allerg(?:y|ic)|intoleran(?:t|ce)|never|refus(?:ed|es|al)|free)\b",
    re.IGNORECASE | re.ASCII,
)
_NOT_FOR_THE_BODY = re.compile(r"ophth|ocular|\beyes?\b|\botic\b|\bears?\b|nasal|mouth ?wash", re.IGNORECASE | re.ASCII)
"""Forms and routes of a drug that treats an eye, an ear or a nose, and no joint and no back."""


def is_nsaid(taking: Taking, concept: Any, how: Sequence[str]) -> bool:
    """Whether a drug is care of joints and backs. ``how`` is what the record says of its dose and route."""
    called = [text for text, _ in names(concept, "")]
    if any(_NOT_THE_DRUG.search(text) for text in called):
        return False
    if any(_NOT_FOR_THE_BODY.search(text) for text in (*called, *how)):
        return False
    if taking.meaning(Meaning.NSAID, concept, ""):
        return True
    known = taking.terms.names.get(Meaning.NSAID, {})
    return any(word in known for text in called for word in plain(text).split())


def take_procedures(taking: Taking) -> None:
    for one in taking.chart.of("Procedure"):
        _procedure(taking, one)


def _procedure(taking: Taking, one: Found) -> None:
    hit = taking.meaning(Meaning.CONSERVATIVE_CARE, one.resource.get("code"), "code")
    if hit is None:
        taking.notes.counts["procedures_without_meaning"] += 1
        return
    if status(one.resource) not in ("completed", "in-progress", "stopped"):
        taking.notes.tell("not_final", one, "status")
        return
    began = first_day(one.resource, "performedDateTime", "performedPeriod.start")
    ended = first_day(one.resource, "performedPeriod.end", "performedDateTime")
    if taking.past(one, began) and taking.past(one, ended, tell=False):
        known = ended.day is not None or status(one.resource) == "in-progress"
        if began.day is not None and not known:
            taking.notes.tell("no_end", one, began.path)
        taking.add(
            "conservative_care",
            ConservativeCare,
            one,
            hit[1],
            kind=hit[0],
            started_on=began.day if known else None,
            stopped_on=ended.day,
            outcome=name(one.resource.get("outcome")) or f"outcome not stated; status {status(one.resource)}",
        )
