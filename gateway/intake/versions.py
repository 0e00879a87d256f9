"""One version of each resource of a body: the latest, where something says which that is.

Resources of two servers are two, though they have one id: the absolute URL under which each stands tells them apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.intake.elements import each, instant, part, words
from gateway.intake.findings import Found, Notes

_LOOKED_BACK = 20
"""With how many versions before it each is compared, for a body may hold thousands of one resource."""
_IDENTITY = ("birthDate", "gender", "name")
_Version = tuple[int, datetime]
_NO_VERSION = (0, datetime.min.replace(tzinfo=UTC))


def latest(given: Iterable[Found], notes: Notes) -> list[Found]:
    """One of each, in the order of the body. What contradicts another version, and no version says which is later, is
    told and not read; of a patient what does not differ is."""
    kept = []
    for several in _versions(given):
        different = [
            one
            for place, one in enumerate(several)
            if not any(one.resource == other.resource for other in several[max(0, place - _LOOKED_BACK) : place])
        ]
        marks = [_version(one.resource) for one in different]
        best = max(marks)
        if len(different) == 1:
            kept.append(different[0])
        elif marks.count(best) == 1 and best != _NO_VERSION:
            kept.append(different[marks.index(best)])
            notes.tell("versions", kept[-1], "meta")
        elif different[0].kind == "Patient":
            kept.append(_who(different, notes))
        else:
            notes.tell("conflict_versions", different[-1])
            notes.counts["not_read"] += len(different)
    return sorted(kept, key=lambda one: one.order)


def _versions(given: Iterable[Found]) -> Iterator[list[Found]]:
    """Those of one resource together."""
    named: dict[str, list[Found]] = defaultdict(list)
    for one in given:
        own = one.name == f"{one.kind}/{one.resource.get('id')}"
        named[one.name if own else one.pointer].append(one)
    for several in named.values():
        servers: dict[str, list[Found]] = defaultdict(list)
        for one in several:
            servers[one.server or ""].append(one)
        if len(servers.keys() - {""}) < 2:
            yield several
            continue
        unknown = servers.pop("", [])
        yield from servers.values()
        yield from ([one] for one in unknown)


def _who(different: list[Found], notes: Notes) -> Found:
    """The last version of a patient, without what another one contradicts."""
    last = different[-1]
    resource = dict(last.resource)
    conflicts = [name for name in _IDENTITY if _conflict(name, [one.resource for one in different])]
    for name in conflicts:
        resource.pop(name, None)
        notes.tell("conflict_patient", last, name)
    if not conflicts:
        notes.tell("versions_unmarked", last)
    return Found(resource, last.kind, last.name, last.pointer, last.order, last.url)


def _conflict(name: str, versions: list[Mapping[str, Any]]) -> bool:
    said = [resource[name] for resource in versions if resource.get(name)]
    if name != "name":
        return len({str(value) for value in said}) > 1
    called = [_called(resource) for resource in versions if resource.get(name)]
    return len(called) > 1 and not frozenset.intersection(*called)


def _called(resource: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Each family name with the first given name."""
    found = set()
    for _, name in each(resource, "name"):
        given = part(name, "given")
        first = given[0] if isinstance(given, list) and given else given
        found.add(((words(part(name, "family")) or "").casefold(), (words(first) or "").casefold()))
    return frozenset(found)


def _version(resource: Mapping[str, Any]) -> _Version:
    meta = resource.get("meta")
    number, at = part(meta, "versionId"), part(meta, "lastUpdated")
    whole = int(number) if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 10 else 0
    return whole, instant(at) or _NO_VERSION[1]
