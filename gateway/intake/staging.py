"""Stages: T, N, M and groups of one tumor that were found on one day on one basis are one stage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from gateway.intake.elements import EFFECTIVE, codings, first_day, name, names
from gateway.intake.findings import Found
from gateway.intake.stage_texts import category_of, group_of, in_doubt
from gateway.intake.taking import Taking
from gateway.intake.tumors import Tumor, tumor_of
from gateway.model.clinical import Stage
from gateway.profiles.terms import Meaning

_EDITION = re.compile(r"\b([5-9])(?:th|rd)? ed", re.IGNORECASE | re.ASCII)
_BASES = {"clinical": "clinical", "pathologic": "pathologic", "either": None}


_Parts = dict[str, list[tuple[str, Found, str]]]
"""By part, of each value: what is written, where, and the path."""


class Value(NamedTuple):
    """A category or a group as it is written, its path, and the side that its prefix tells."""

    value: str
    path: str
    side: str | None


def take_stages(taking: Taking, found: list[tuple[Found, str]]) -> None:
    stages: dict[tuple[date | None, str, Tumor], _Parts] = {}
    for one, word in found:
        what, _, side = word.partition("_")
        value = stage_value(what, one.resource.get("valueCodeableConcept"), "valueCodeableConcept")
        if value is None and isinstance(text := one.resource.get("valueString"), str):
            value = _read(what, text[:200], "valueString")
        when = first_day(one.resource, *EFFECTIVE)
        if value is None:
            taking.notes.tell("unreadable", one, "valueCodeableConcept")
        elif taking.past(one, when):
            if side == "either" and value.side:
                side = value.side
            parts = stages.setdefault((when.day, side, tumor_of(taking.chart, one)), {})
            parts.setdefault(what, []).append((value.value, one, value.path))
    for (day, side, tumor), parts in stages.items():
        _add(taking, day, side, tumor.diagnosis, parts)


def _add(taking: Taking, day: date | None, side: str, diagnosis: str | None, parts: _Parts) -> None:
    chosen = {what: values[0] for what, values in parts.items()}
    lead = chosen.get("group") or next(iter(chosen.values()))
    told = {"diagnosis": diagnosis, "staged_on": day, "basis": _BASES[side]}
    _stage(taking, lead[1], lead[2], told | {what: value for what, (value, _, _) in chosen.items()})
    for what, values in parts.items():
        if what != "group" and len({value for value, _, _ in values}) > 1:
            taking.notes.tell("conflict_stage", values[-1][1], values[-1][2])
        for value, one, path in values[1:]:
            if value != values[0][0]:
                _stage(taking, one, path, told | {what: value})


def _stage(taking: Taking, one: Found, path: str, told: Mapping[str, Any]) -> None:
    hit = taking.meaning(Meaning.EDITION, one.resource.get("method"), "method")
    method = name(one.resource.get("method"))
    match = _EDITION.search(method) if method else None
    edition = hit[0] if hit else match[1] if match else None
    taking.add("stage", Stage, one, path, edition=edition, **told)


def stage_value(what: str, concept: Any, path: str) -> Value | None:
    """Nothing where one of the concept's texts tells of a stage in doubt, or two tell different ones."""
    texts = names(concept, path)
    if any(in_doubt(what, text) for text, _ in texts):
        return None
    found = [value for text, at in texts if (value := _read(what, text, at))]
    if not found:
        codes = (coding for coding in codings(concept, path) if "snomed" not in coding.system)
        found = [value for coding in codes if (value := _read(what, coding.code, coding.path))]
    return found[0] if len({one.value.lstrip("cpyar") for one in found}) == 1 else None


def _read(what: str, text: str, path: str) -> Value | None:
    if what == "group":
        group = group_of(text)
        return None if group is None else Value(group, path, None)
    category = category_of(what, text)
    return None if category is None else Value(category[0], path, category[1])
