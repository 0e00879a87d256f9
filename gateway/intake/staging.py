"""Stages: T, N, M and groups that were found on one day on one basis are one stage."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from gateway.intake.elements import EFFECTIVE, codings, first_day, name, names
from gateway.intake.findings import Found
from gateway.intake.taking import Taking
from gateway.model.clinical import Stage
from gateway.profiles.terms import Meaning

_GROUP = re.compile(r"(?:\b(?i:stage)\s+|^)(0|[1-4]|(?i:IV|I{1,3}))(\s[A-D][1-3]?|(?i:[A-D])?[1-3]?)\b", re.ASCII)
_UNSURE = re.compile(
    r"\b(?:not?|never|without|rules? out|ruled out|r/o|versus|vs|or|possibl[ey]|probabl[ey]|suspected)\b|\?",
    re.IGNORECASE | re.ASCII,
)
"""Words beside which a stage is denied, doubted, or one of two."""
_CATEGORY = re.compile(r"\b[cpyar]{0,2}(T(?:is|[0-4X][a-d]?[1-3]?)|N[0-3X][a-d]?|M[01X][a-d]?)\b", re.ASCII)
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "0": "0"}
_EDITION = re.compile(r"\b([5-9])(?:th|rd)? ed", re.IGNORECASE | re.ASCII)
_BASES = {"clinical": "clinical", "pathologic": "pathologic", "either": None}


def take_stages(taking: Taking, found: list[tuple[Found, str]]) -> None:
    stages: dict[tuple[date | None, str], dict[str, list[tuple[str, Found, str]]]] = {}
    for one, word in found:
        what, _, side = word.partition("_")
        value = stage_value(what, one.resource.get("valueCodeableConcept"), "valueCodeableConcept")
        if value is None and isinstance(text := one.resource.get("valueString"), str):
            value = _parsed(what, text[:200], "valueString")
        when = first_day(one.resource, *EFFECTIVE)
        if value is None:
            taking.notes.tell("unreadable", one, "valueCodeableConcept")
        elif taking.past(one, when):
            if side == "either" and what != "group" and (prefix := value[2]):
                side = prefix
            parts = stages.setdefault((when.day, side), {})
            parts.setdefault(what, []).append((value[0], one, value[1]))
    for (day, side), parts in stages.items():
        _add(taking, day, side, parts)


def _add(taking: Taking, day: date | None, side: str, parts: dict[str, list[tuple[str, Found, str]]]) -> None:
    chosen = {what: values[0] for what, values in parts.items()}
    lead = chosen.get("group") or next(iter(chosen.values()))
    _stage(taking, lead[1], lead[2], side, day, {what: value for what, (value, _, _) in chosen.items()})
    for what, values in parts.items():
        if what != "group" and len({value for value, _, _ in values}) > 1:
            taking.notes.tell("conflict_stage", values[-1][1], values[-1][2])
        for value, one, path in values[1:]:
            if value != values[0][0]:
                _stage(taking, one, path, side, day, {what: value})


def _stage(taking: Taking, one: Found, path: str, side: str, day: date | None, values: dict[str, str]) -> None:
    hit = taking.meaning(Meaning.EDITION, one.resource.get("method"), "method")
    method = name(one.resource.get("method"))
    match = _EDITION.search(method) if method else None
    edition = hit[0] if hit else match[1] if match else None
    taking.add("stage", Stage, one, path, basis=_BASES[side], staged_on=day, edition=edition, **values)


def stage_value(what: str, concept: Any, path: str) -> tuple[str, str, str | None] | None:
    """A category or a group as it is written, its path, and the side that its prefix tells."""
    for text, at in names(concept, path):
        if value := _parsed(what, text, at):
            return value
    for coding in codings(concept, path):
        if "snomed" not in coding.system and (value := _parsed(what, coding.code, coding.path)):
            return value
    return None


def _parsed(what: str, text: str, path: str) -> tuple[str, str, str | None] | None:
    if what == "group":
        match = None if _UNSURE.search(text) else _GROUP.search(text)
        if match is None:
            return None
        number = match[1].upper()
        return _ROMAN.get(number, number) + match[2].strip().upper(), path, None
    for match in _CATEGORY.finditer(text):
        if match[1][0].lower() == what:
            prefix = match[0][: -len(match[1])]
            side = "pathologic" if "p" in prefix else "clinical" if "c" in prefix else None
            return match[0], path, side
    return None
