"""Which grants of different cases are one authorization: a change of it, or the same asked twice, grants nothing more.

A number that a payer gives to two cases is one authorization, however it writes the number, and so is what it grants to
a request to change one, under whatever number: what it says last is what there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from gateway.courses.grant import Grant
from gateway.model.request import Intent, PARequest

_FOR_MORE_TIME = (Intent.RENEWAL, Intent.EXTENSION)

Requests = Mapping[UUID, PARequest]
"""What each case asked for."""


def joined(grants: Sequence[Grant], requests: Requests) -> list[Grant]:
    """The grants, those of one authorization as one. What a case was granted that asked for more time is for that time,
    and stays by itself under whatever number. A change to another service, or to days that have none in common, is by
    itself too, and ends what it changes."""
    found: list[Grant] = []
    for grant in sorted(grants, key=lambda one: (one.versions[0].since, str(one.case_id), one.line_id)):
        alike = [place for place, held in enumerate(found) if _is_one(held, grant, requests)]
        if alike and requests[grant.case_id].intent not in _FOR_MORE_TIME:
            place = max(alike, key=lambda place: (found[place].line_id == grant.line_id, place))
            found[place] = _join(found[place], grant)
            continue
        found = [_ended_by(grant, held) if _replaces(grant, held, requests) else held for held in found]
        found.append(grant)
    return found


def same_number(one: str | None, other: str | None) -> bool:
    """Whether two writings are of one number. Payers' people and systems write its letters large or small."""
    return one is not None and other is not None and one.strip().casefold() == other.strip().casefold()


def _is_one(held: Grant, other: Grant, requests: Requests) -> bool:
    one, two = held.terms, other.terms
    apart = (one.end and two.start and two.start > one.end) or (two.end and one.start and one.start > two.end)
    numbered = any(same_number(two.number, terms.number) for terms in held.versions)
    return (
        held.payer == other.payer
        and other.case_id not in held.cases
        and not apart
        and (one.code == two.code or held.asked == other.asked)
        and (numbered or _revises(other, held, requests) or _revises(held, other, requests))
    )


def _revises(grant: Grant, held: Grant, requests: Requests) -> bool:
    """Whether it was granted to a request to change the other, named by its number or by the case that had asked."""
    for case in grant.cases:
        request = requests[case]
        numbers = (terms.number for terms in held.versions)
        named = request.follows in held.cases or any(
            same_number(request.previous_authorization, one) for one in numbers
        )
        if request.intent is Intent.REVISION and named:
            return True
    return False


def _replaces(grant: Grant, held: Grant, requests: Requests) -> bool:
    """Whether the request asked to change the very line that the other was granted, and something else came of it."""
    if grant.payer != held.payer or grant.case_id in held.cases or grant.line_id != held.line_id:
        return False
    return _revises(grant, held, requests)


def _ended_by(grant: Grant, held: Grant) -> Grant:
    since = max(grant.versions[0].since, held.terms.since)
    return replace(held, versions=(*held.versions, replace(held.terms, since=since, granted=False)))


def _join(held: Grant, other: Grant) -> Grant:
    versions = sorted((*held.versions, *other.versions), key=lambda terms: terms.since)
    latest = held if versions[-1] in held.versions else other
    earlier = tuple(case for case in (*held.cases, *other.cases) if case != latest.case_id)
    return replace(latest, versions=tuple(versions), earlier=earlier)
