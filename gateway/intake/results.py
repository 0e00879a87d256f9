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
    one says the opposite of the other, or a code of the opposite of its text. Nothing where a text says that there is
    no result."""
    answers = [
        hit
        for index, concept in each(holder, "interpretation")
        if (hit := taking.meaning(Meaning.ANSWER, concept, f"{path}interpretation[{index}]"))
    ]
    values = _values(taking, holder, path)
    if not values:
        return [] if has_value(holder) else answers[:1]
    value, *others = values
    if any(_NO_RESULT.match(said) for said, _ in values):
        return []
    found = was_found(taking, value[0])
    opposite = [one for one in (*others, *answers) if found is not None and was_found(taking, one[0]) is (not found)]
    return [value, *opposite[:1]]


def was_found(taking: Taking, result: str) -> bool | None:
    """Whether a result says that what was looked for is there; None where it says neither."""
    word = taking.meaning(Meaning.ANSWER, {"text": result}, "")
    return _FOUND.get(word[0] if word else result)


def _values(taking: Taking, holder: Any, path: str) -> list[tuple[str, str]]:
    """The value, and where it is a concept what else its codes and names say."""
    concept = part(holder, "valueCodeableConcept")
    if concept is not None:
        at = f"{path}valueCodeableConcept"
        return [*taking.meanings(Meaning.ANSWER, concept, at), *names(concept, at)]
    for field, read in (("valueQuantity", _quantity), ("valueRatio", _ratio), ("valueRange", _range)):
        if (value := part(holder, field)) is not None:
            said = read(value)
            return [(said, f"{path}{field}")] if said else []
    for field in ("valueString", "valueInteger"):
        value = part(holder, field)
        if value is not None:
            said = words(str(value) if isinstance(value, int) and abs(value) < 10**12 else value)
            return [(said, f"{path}{field}")] if said else []
    return []


def _quantity(quantity: Any) -> str | None:
    value = _number(quantity)
    return None if value is None else f"{value}{_measure(quantity)}"


def _number(quantity: Any) -> str | None:
    value = number(part(quantity, "value"))
    return None if value is None else f"{words(part(quantity, 'comparator'), 2) or ''}{shown(value)}"


def _ratio(ratio: Any) -> str | None:
    """A titre as laboratories write it: ``1:320``."""
    above, below = part(ratio, "numerator"), part(ratio, "denominator")
    one, other = _number(above), _number(below)
    return None if one is None or other is None or _measure(above) or _measure(below) else f"{one}:{other}"


def _range(found: Any) -> str | None:
    low, high = part(found, "low"), part(found, "high")
    if _measure(low) != _measure(high) or None in (_number(low), _number(high)):
        return None
    return f"{_quantity(low)} to {_quantity(high)}"


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
