"""Elements of FHIR resources as values, whatever stands there: nothing here raises on what a record holds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
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


EFFECTIVE = ("effectiveDateTime", "effectivePeriod.start", "effectiveInstant")
"""When a specimen was taken, or a patient was looked at. When a report was issued says nothing of that."""
REPORTED = (*EFFECTIVE, "issued")
"""When a result, or a report, is of."""


def moment(resource: Mapping[str, Any], *paths: str) -> datetime | None:
    """The first of these elements as a moment; None where it is not there, or tells no more than a day."""
    for path in paths:
        value: Any = resource
        for step in path.split("."):
            value = part(value, step)
        if value is not None:
            return instant(value) if isinstance(value, str) and "T" in value else None
    return None


def instant(value: Any) -> datetime | None:
    """A moment in UTC, whatever zone it is written in, and in UTC where it is written in none."""
    if not isinstance(value, str) or len(value) > 60:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


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


def bare(concept: Any) -> frozenset[str]:
    """The codes of a concept under whatever system, or none: for statuses and categories, where the words tell."""
    found = (part(coding, "code") for _, coding in each(concept, "coding"))
    return frozenset(text for code in found if (text := words(code, 60)))


def stated(resource: Mapping[str, Any], name_of: str) -> frozenset[str]:
    """A status as small words with hyphens, by its codes and its text; of STU3 it is a bare code."""
    value = resource.get(name_of)
    found = [*bare(value), words(value, 60), words(part(value, "text"), 60)]
    return frozenset("-".join(text.casefold().split()) for text in found if text)
