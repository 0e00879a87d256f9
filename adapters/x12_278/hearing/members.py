"""Decides whether an answer is about our member and patient: by member id and day of birth, never by name."""

from __future__ import annotations

import re

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.loops import Tree
from gateway.model.member import bare, same_member, same_member_written_otherwise
from gateway.model.request import Relationship

_DAY_WITH_HYPHENS = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def names_another_member(tree: Tree, asked: Asked, payer: str, traced: bool) -> bool:
    """True when the answer names a member by another id than ours, or a patient born on another day.

    Where the answer carries a trace number of ours (``traced``), an id is the same with or without zeros in front,
    letters before its digits and one or two letters behind, and a day of birth with or without hyphens."""
    coverages = asked.request.coverages
    ours = [bare(coverage.member_id) for coverage in coverages]
    sent = next((coverage for coverage in coverages if coverage.payer == payer), coverages[0])
    born = asked.request.patient.birth_date.isoformat().replace("-", "")
    # We send a dependent no id of its own, so one that comes back says nothing: only the day of birth does.
    is_subscriber = sent.relationship is Relationship.SELF
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
