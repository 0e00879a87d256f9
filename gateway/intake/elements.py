"""Elements of FHIR resources as values, whatever stands there: nothing here raises on what a record holds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(T.*)?)?)?", re.ASCII)


class Coding(NamedTuple):
    system: str
    code: str
    display: str | None
    path: str


def words(value: Any, most: int = 264) -> str | None:
    """Text as one line, cut where it is too long; None for what is no text."""
    if not isinstance(value, str):
        return None
    text = _CONTROL.sub(" ", value[: most * 2].encode(errors="replace").decode()).strip()
    return text[:most].strip() or None


def part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def each(value: Any, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a list, with their places; a single object for a list of one."""
    found = part(value, name)
    for index, item in enumerate(found if isinstance(found, list) else [found]):
        if isinstance(item, dict):
            yield index, item


def codings(concept: Any, path: str) -> list[Coding]:
    return [
        Coding(system.strip(), code.strip(), words(coding.get("display")), f"{path}.coding[{index}]")
        for index, coding in each(concept, "coding")
        for system, code in [(coding.get("system"), coding.get("code"))]
        if isinstance(system, str) and isinstance(code, str) and code.strip()
    ]


def names(concept: Any, path: str) -> list[tuple[str, str]]:
    """What a concept is called: its text, then the displays of its codes, each with its path."""
    found = [(words(part(concept, "text")), f"{path}.text")]
    found += [(words(one.get("display")), f"{path}.coding[{index}].display") for index, one in each(concept, "coding")]
    return [(text, at) for text, at in found if text]


def name(concept: Any, most: int = 264) -> str | None:
    return next((text[:most] for text, _ in names(concept, "")), None)


class When(NamedTuple):
    """A date as it was written. ``partial``: a year, or year and month; ``wrong``: no date at all."""

    day: date | None
    path: str
    partial: bool = False
    wrong: bool = False


_NEVER = When(None, "")


def day(value: Any, path: str) -> When:
    """The calendar day as the record writes it, in the time zone that it was written in."""
    if value is None:
        return _NEVER
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 60 else None
    if match is None:
        return When(None, path, wrong=True)
    year, month, of_month = match[1], match[2], match[3]
    if of_month is None:
        return When(None, path, partial=True)
    try:
        return When(date(int(year), int(month), int(of_month)), path)
    except ValueError:
        return When(None, path, wrong=True)


def first_day(resource: Mapping[str, Any], *paths: str) -> When:
    """The first of these elements that is there; ``a.b`` steps inside."""
    for path in paths:
        value: Any = resource
        for step in path.split("."):
            value = part(value, step)
        if value is not None:
            return day(value, path)
    return _NEVER


EFFECTIVE = ("effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued")


def number(value: Any) -> float | None:
    """A finite number of reasonable size; FHIR's decimals may come as text too."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", value, re.ASCII):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) and abs(found) < 1e15 else None


def shown(value: float) -> str:
    return format(value, ".10g")


def unit(quantity: Any) -> str | None:
    """The UCUM code, else the unit as it is written."""
    return words(part(quantity, "code"), 20) or words(part(quantity, "unit"), 20)


def status(resource: Mapping[str, Any], name_of: str = "status") -> str:
    """A code that stands alone; empty where there is none."""
    found = resource.get(name_of)
    return found if isinstance(found, str) else ""


def coded(resource: Mapping[str, Any], name_of: str) -> frozenset[str]:
    """The bare codes of a concept: for statuses, whose one system is known."""
    return frozenset(one.code for one in codings(resource.get(name_of), name_of))
