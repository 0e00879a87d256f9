"""Which benefit of a payer pays for what, as data: who reviews in its place, its drug list, its word on white bagging.

Conditions are typed fields, never expressions: what is left out narrows nothing, and all that is there must hold. Days
are days of service. Knows no channel and no request.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from gateway.contract.destination import Benefit
from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.people import NO_GROUP, LineOfBusiness, plain_group
from gateway.model.record import Record, refuse
from gateway.profiles.delegation import Delegation, MedicalGroup
from gateway.profiles.facts import Effective
from gateway.profiles.ranges import Businesses, Codes


class WhiteBagging(Record):
    """Under which benefit the payer pays for a drug that a specialty pharmacy ships to the practice."""

    benefit: Benefit
    effective: Effective
    source: ShortText
    lines_of_business: Businesses = None


class Listed(Record):
    """A part of the payer's drug list: products or codes that one benefit pays for."""

    benefit: Benefit
    codes: Codes
    effective: Effective
    source: ShortText
    lines_of_business: Businesses = None


class BenefitRules(Record):
    """Everything a payer's profile tells of its benefits. ``evidence_days`` is how long its own word on a member's
    benefit is believed. ``medical_groups`` are all that delegations name, and others that members may be in."""

    delegations: Annotated[tuple[Delegation, ...], Bounds(0, 200)] = ()
    white_bagging: Annotated[tuple[WhiteBagging, ...], Bounds(0, 50)] = ()
    drugs: Annotated[tuple[Listed, ...], Bounds(0, 500)] = ()
    medical_groups: Annotated[tuple[MedicalGroup, ...], Bounds(0, 2000)] = ()
    evidence_days: Annotated[int, Field(strict=True, ge=0, le=366)] = 30

    @field_validator("delegations")
    @classmethod
    def _each_its_word(cls, delegations: Sequence[Delegation]) -> Sequence[Delegation]:
        words = [each.delegation for each in delegations]
        if len(set(words)) < len(words):
            refuse("delegations", "Two delegations have the same word.", "Give each its own.")
        return delegations

    @field_validator("medical_groups")
    @classmethod
    def _told_apart(cls, groups: Sequence[MedicalGroup]) -> Sequence[MedicalGroup]:
        names = [plain_group(name) for each in groups for name in each.names]
        if len({each.group for each in groups}) < len(groups) or len(set(names)) < len(names):
            refuse("medical_groups", "Two groups share a word or a name.", "Write each word and each name once.")
        if plain_group(NO_GROUP) in names:
            refuse("medical_groups", f"{NO_GROUP} is what a request says of a member in none.", "Write another name.")
        return groups

    @model_validator(mode="after")
    def _groups_are_known(self) -> Self:
        known = {each.group for each in self.medical_groups}
        told = [row for each in self.delegations for row in (each, *each.unless)]
        if unknown := {group for row in told for group in row.medical_groups or ()} - known:
            says = f"Delegations name medical groups that are not listed: {', '.join(sorted(unknown))}."
            refuse("medical_groups", says, "Add them to benefits.medical_groups, with their names.")
        return self

    @field_validator("white_bagging")
    @classmethod
    def _one_at_a_time(cls, facts: Sequence[WhiteBagging]) -> Sequence[WhiteBagging]:
        for number, one in enumerate(facts):
            for other in facts[number + 1 :]:
                businesses = {*(one.lines_of_business or LineOfBusiness)} & {
                    *(other.lines_of_business or LineOfBusiness)
                }
                if businesses and one.effective.overlaps(other.effective):
                    refuse("white_bagging", "Two of these hold on the same day.", "End one before the other starts.")
        return facts
