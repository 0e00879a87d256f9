"""What an observation found, in words: its value, its interpretation, or that there is none."""

from __future__ import annotations

import re
from typing import Any

from gateway.intake.elements import each, names, number, part, shown, unit, words
from gateway.intake.findings import Found
from gateway.intake.taking import Taking
from gateway.profiles.terms import Meaning

_NO_RESULT = re.compile(
    r"\W*(?:(?:the|test|testing|specimen|sample|tissue|assay|study|exam|order|result|was|is|were|are)s?\W+){0,4}"
    r"(?:cancell?ed|rejected|insufficient|inadequate|unsatisfactory|invalid|failed|pending|awaiting|qns|tnp"
    r"|quantity not sufficient|unable to|to follow"
    r"|not (?:yet )?(?:performed|done|tested|reported|available|obtained))\b",
    re.IGNORECASE | re.ASCII,
)
"""How a text begins that says why there is no result."""
_FOUND = {"positive": True, "present": True, "negative": False, "absent": False}


def results_of(taking: Taking, holder: Any, path: str = "") -> list[tuple[str, str]]:
    """What an observation or a component found, and where that stands: its value, else its interpretation; both where
    one says the opposite of the other. Nothing where its text says that there is no result."""
    answers = [
        hit
        for index, concept in each(holder, "interpretation")
        if (hit := taking.meaning(Meaning.ANSWER, concept, f"{path}interpretation[{index}]"))
    ]
    value = _value(taking, holder, path)
    if value is None:
        return [] if has_value(holder) else answers[:1]
    if _NO_RESULT.match(value[0]):
        return []
    found = was_found(taking, value[0])
    opposite = [one for one in answers if found is not None and _FOUND.get(one[0]) is (not found)]
    return [value, *opposite[:1]]


def was_found(taking: Taking, result: str) -> bool | None:
    """Whether a result says that what was looked for is there; None where it says neither."""
    word = taking.meaning(Meaning.ANSWER, {"text": result}, "")
    return _FOUND.get(word[0] if word else result)


def _value(taking: Taking, holder: Any, path: str) -> tuple[str, str] | None:
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
        return f"{sign}{shown(value)}{_measure(quantity)}", f"{path}valueQuantity"
    for field in ("valueString", "valueInteger", "valueBoolean"):
        value = part(holder, field)
        if value is not None:
            said = words(str(value) if isinstance(value, int) and abs(value) < 10**12 else value)
            return (said, f"{path}{field}") if said else None
    return None


def _measure(quantity: Any) -> str:
    """The unit beside a number. That a number has none is UCUM's ``1``, and an annotation in braces is no unit."""
    measure = unit(quantity)
    return f" {measure}" if measure and measure != "1" and not measure.startswith("{") else ""


def has_value(holder: Any) -> bool:
    return isinstance(holder, dict) and any(name.startswith("value") for name in holder)


def why_none(one: Found) -> tuple[str, Found, str]:
    """What is told of an observation from which no result was read."""
    absent = "dataAbsentReason" in one.resource
    path = "" if absent else next((name for name in one.resource if name.startswith("value")), "")
    text = words(one.resource.get(path)) if path == "valueString" else None
    texts = [text] if text else [said for said, _ in names(one.resource.get(path), path)]
    said_so = any(_NO_RESULT.match(each_of) for each_of in texts if each_of)
    return "unreadable" if path and not said_so else "no_result", one, "dataAbsentReason" if absent else path
