"""Decides whether an answer is about our member and patient: by member id and day of birth, never by name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.loops import Loop, Tree
from gateway.model.member import bare, same_member, same_member_written_otherwise
from gateway.model.request import Relationship

_DAY_WITH_HYPHENS = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def names_another_member(tree: Tree, asked: Asked, payer: str, traced: bool) -> bool:
    """True when the answer names a member by another id than ours, or a patient born on another day.

    Where the answer carries a trace number of ours (``traced``), an id is the same with or without zeros in front,
    letters before its digits and one or two letters behind, and a day of birth with or without hyphens."""
    coverages = asked.request.coverages
    ours = [bare(coverage.member_id) for coverage in coverages]
    born = asked.request.patient.birth_date.isoformat().replace("-", "")
    # We send a dependent no id of its own, so one that comes back says nothing: only the day of birth does.
    is_subscriber = _is_subscriber(asked, payer)
    levels = ("2010C", "2010D") if is_subscriber else ("2010C",)
    people = [party for loop in tree.above for party in loop.parties]
    dependents = [party for party in people if party.name == "2010D"]
    patients = dependents or [party for party in people if party.name == "2010C" and is_subscriber]
    ids = [bare(party.segments[0].text(9)) for party in people if party.name in levels]
    days_told = [dmg.text(2) for party in patients for dmg in party.all("DMG")]
    if traced:
        days_told = [_DAY_WITH_HYPHENS.sub(r"\1\2\3", told) if "-" in told else told for told in days_told]
    same = same_member_written_otherwise if traced else same_member
    return any(told and not any(same(told, member) for member in ours) for told in ids) or any(
        told and told != born for told in days_told
    )


def is_for_a_dependent(levels: Iterable[Loop], asked: Asked, payer: str) -> bool:
    """True when the levels above an event name a dependent, and the patient is the subscriber: unless the day of birth
    is told, which is then our patient's (``names_another_member``)."""
    dependents = [level for level in levels if level.name == "2000D"]
    return _is_subscriber(asked, payer) and bool(dependents) and not any(_days_in(level) for level in dependents)


def may_be_for_the_subscriber(levels: Iterable[Loop], asked: Asked, payer: str) -> bool:
    """True when a dependent was sent, none came back, and the subscriber of the answer was born on another day. Many
    payers know a dependent as a member of its own; one born on our patient's day is that."""
    above = list(levels)
    if _is_subscriber(asked, payer) or any(level.name == "2000D" for level in above):
        return False
    born = f"{asked.request.patient.birth_date:%Y%m%d}"
    return any(_DAY_WITH_HYPHENS.sub(r"\1\2\3", told) != born for level in above for told in _days_in(level))


def _days_in(level: Loop) -> list[str]:
    """The days of birth that a level tells."""
    return [dmg.text(2) for party in level.parties for dmg in party.all("DMG") if dmg.text(2)]


def _is_subscriber(asked: Asked, payer: str) -> bool:
    """True where by the coverage that was asked the patient is the subscriber."""
    coverages = asked.request.coverages
    sent = next((coverage for coverage in coverages if coverage.payer == payer), coverages[0])
    return sent.relationship is Relationship.SELF
