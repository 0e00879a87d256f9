"""What may be done about a denial, and until when, as data: conversations of peers and the levels of appeal, with the
days they hold.

Conditions are typed fields as in ``gateway.profiles.deadlines``: what is left out narrows nothing. Knows no case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.contract.destination import Benefit
from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.people import LineOfBusiness
from gateway.model.record import Record, refuse
from gateway.profiles.deadlines import Count, Limit
from gateway.profiles.facts import Effective, Id, Provenance, Zone


class Step(StrEnum):
    """What a rule is about."""

    RECONSIDERATION = "reconsideration"
    """The payer looks again, without an appeal."""
    PEER_TO_PEER = "peer_to_peer"
    APPEAL = "appeal"


class Decider(StrEnum):
    PAYER = "payer"
    INDEPENDENT = "independent"
    """A reviewer that is not the payer."""


class Window(Record):
    """How long something may be asked for, counted from the notice, in one unit. ``months`` end on the notice's day of
    the month, or where there is none on the first of the next one. ``on_business_day``: one that would end on a weekend
    or a federal holiday ends with the next business day."""

    hours: Annotated[int, Field(strict=True, ge=1, le=2160)] | None = None
    calendar_days: Count | None = None
    business_days: Count | None = None
    months: Annotated[int, Field(strict=True, ge=1, le=24)] | None = None
    on_business_day: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        units = (self.hours, self.calendar_days, self.business_days, self.months)
        if sum(value is not None for value in units) != 1:
            fix = "Write hours, calendar_days, business_days or months, and no other."
            refuse("window", "A window has one unit.", fix)
        return self

    @property
    def limit(self) -> Limit | None:
        """The same as a limit; None for one in months."""
        if self.months is not None:
            return None
        return Limit(hours=self.hours, calendar_days=self.calendar_days, business_days=self.business_days)


class RecourseRule(Record):
    """One rule. ``effective`` are the days of the notice for which it holds. ``level`` is of an appeal, 1 being the
    first; ``decides`` and ``decides_expedited`` are the time that the decider has. ``note`` says what is not sure."""

    id: Id
    step: Step
    level: Annotated[int, Field(strict=True, ge=1, le=9)] | None = None
    name: ShortText
    decider: Decider = Decider.PAYER
    lines_of_business: Annotated[tuple[LineOfBusiness, ...], Bounds(1, 10)]
    benefits: Annotated[tuple[Benefit, ...] | None, Bounds(1, 2)] = None
    payers: Annotated[tuple[Id, ...] | None, Bounds(1, 500)] = None
    drugs: Annotated[bool, Field(strict=True)] | None = None
    window: Window
    decides: Limit | None = None
    decides_expedited: Limit | None = None
    phone: Annotated[str, Field(pattern=r"^[0-9]{10}$", description="Whom to call.")] | None = None
    effective: Effective
    says: ShortText
    source: ShortText
    note: ShortText | None = None

    @model_validator(mode="after")
    def _level_of_appeal(self) -> Self:
        if (self.level is not None) != (self.step is Step.APPEAL):
            refuse("level", "An appeal has a level, and nothing else has.", "Write level for an appeal alone.")
        return self

    @property
    def weight(self) -> tuple[bool, bool, bool]:
        """How much it says of what it is for: of two that hold the heavier one does."""
        return self.payers is not None, self.drugs is not None, self.benefits is not None

    def meets(self, other: RecourseRule) -> bool:
        """True when both could hold for one line on one day, and neither says more of what it is for."""
        pairs = ((self.benefits, other.benefits), (self.payers, other.payers))
        return (
            (self.step, self.level, self.weight) == (other.step, other.level, other.weight)
            and bool(set(self.lines_of_business) & set(other.lines_of_business))
            and all(one is None or two is None or set(one) & set(two) for one, two in pairs)
            and (self.drugs is None or other.drugs is None or self.drugs == other.drugs)
            and self.effective.overlaps(other.effective)
        )


class RecourseList(Record):
    """One file. ``zone`` is where its days end (IANA); without one they end where they end first in the states, so that
    nobody is told of time that is over."""

    list: Id
    provenance: Provenance
    zone: Zone = "America/Puerto_Rico"
    rules: Annotated[tuple[RecourseRule, ...], Bounds(1, 500)]


class Recourse(Record):
    """A rule with where its days end."""

    rule: RecourseRule
    zone: str


def choose(
    held: Sequence[Recourse],
    step: Step,
    level: int | None,
    *,
    payer: str,
    business: LineOfBusiness,
    benefit: Benefit,
    drug: bool,
    on: date,
) -> Recourse | None:
    """The rule that holds for a line that was denied by a notice of a day; None where none is known."""
    holding = [
        each
        for each in held
        if (each.rule.step, each.rule.level) == (step, level)
        and business in each.rule.lines_of_business
        and each.rule.effective.holds(on)
        and (each.rule.benefits is None or benefit in each.rule.benefits)
        and (each.rule.payers is None or payer in each.rule.payers)
        and each.rule.drugs in (None, drug)
    ]
    return max(holding, key=lambda each: each.rule.weight, default=None)


def ties(lists: Sequence[RecourseList]) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Pairs of rules of which neither wins, each by its list and its place there."""
    named = [(each.list, place, rule) for each in lists for place, rule in enumerate(each.rules)]
    for number, (one_list, one_place, one) in enumerate(named):
        for other_list, other_place, other in named[number + 1 :]:
            if one.meets(other):
                yield (one_list, one_place), (other_list, other_place)
