"""By when a payer has to decide, as data: limits by line of business, urgency and benefit, with the days they hold.

Conditions are typed fields, never expressions: what is left out narrows nothing, and all that is there must hold. Knows
no request and no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.contract.destination import Benefit
from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText, State
from gateway.model.people import Level, LineOfBusiness
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Effective, Id, Provenance, Zone

Count = Annotated[int, Field(strict=True, ge=1, le=366)]


class Limit(Record):
    """How long a payer, or a practice, may take, in one unit. ``hours`` are counted to the minute; days end with the
    day, the first being the day after the receipt. ``business_days`` leave out weekends and the federal holidays.
    ``months`` end on the same day of the month, and where that has none on the first of the next."""

    hours: Annotated[int, Field(strict=True, ge=1, le=2160)] | None = None
    calendar_days: Count | None = None
    business_days: Count | None = None
    months: Annotated[int, Field(strict=True, ge=1, le=24)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(value is not None for value in (self.hours, self.calendar_days, self.business_days, self.months)) != 1:
            fix = "Write hours, calendar_days, business_days or months, and no other."
            refuse("limit", "A limit has one unit.", fix)
        return self

    @property
    def in_words(self) -> str:
        if self.hours is not None:
            return f"{self.hours} hours"
        if self.months is not None:
            return f"{self.months} months"
        return f"{self.calendar_days} calendar days" if self.calendar_days else f"{self.business_days} business days"


class Deadline(Record):
    """One rule. ``effective`` are the days of receipt for which it holds. ``drugs`` narrows it to lines of drugs, or
    to lines of anything else. Where the payer may take longer (``extension_days``) it has to say so first. ``tolled``:
    time in which the practice was asked for information does not count.
    """

    id: Id
    lines_of_business: Annotated[tuple[LineOfBusiness, ...], Bounds(1, 10)]
    urgency: Level
    benefits: Annotated[tuple[Benefit, ...] | None, Bounds(1, 2)] = None
    drugs: Annotated[bool, Field(strict=True)] | None = None
    payers: Annotated[tuple[Id, ...] | None, Bounds(1, 500)] = None
    states: Annotated[tuple[State, ...] | None, Bounds(1, 60)] = None
    limit: Limit
    extension_days: Count | None = None
    tolled: Annotated[bool, Field(strict=True)] = False
    effective: Effective
    says: ShortText
    source: ShortText

    @property
    def weight(self) -> tuple[bool, bool, bool, bool]:
        """How much it says of what it is for: of two rules that hold the heavier one does, a payer's before a state's,
        and a state's before everybody's."""
        return self.payers is not None, self.states is not None, self.drugs is not None, self.benefits is not None

    def meets(self, other: Deadline) -> bool:
        """True when both could hold for one line on one day, and neither says more of what it is for."""
        return (
            self.weight == other.weight
            and self.urgency == other.urgency
            and bool(set(self.lines_of_business) & set(other.lines_of_business))
            and _meet(self.benefits, other.benefits)
            and _meet(self.payers, other.payers)
            and _meet(self.states, other.states)
            and (self.drugs is None or other.drugs is None or self.drugs == other.drugs)
            and self.effective.overlaps(other.effective)
        )


def _meet(one: Sequence[str] | None, other: Sequence[str] | None) -> bool:
    return one is None or other is None or bool(set(one) & set(other))


class DeadlineList(Record):
    """One file. ``zone`` is where its days end (IANA); without one they end where they end last on earth, so that
    nobody is called late who is not."""

    list: Id
    provenance: Provenance
    zone: Zone = "Etc/GMT+12"
    rules: Annotated[tuple[Deadline, ...], Bounds(1, 500)]


class Rule(Record):
    """A deadline with where its days end."""

    deadline: Deadline
    zone: str


def choose(
    rules: Sequence[Rule],
    *,
    payer: str,
    business: LineOfBusiness,
    urgency: str,
    benefit: Benefit,
    drug: bool,
    state: str | None,
    on: date,
) -> Rule | None:
    """The rule that holds for a line of a request that the payer received on a day; None where none is known."""
    holding = [
        rule
        for rule in rules
        if rule.deadline.urgency == urgency
        and business in rule.deadline.lines_of_business
        and rule.deadline.effective.holds(on)
        and (rule.deadline.benefits is None or benefit in rule.deadline.benefits)
        and rule.deadline.drugs in (None, drug)
        and (rule.deadline.payers is None or payer in rule.deadline.payers)
        and (rule.deadline.states is None or state in rule.deadline.states)
    ]
    return max(holding, key=lambda rule: rule.deadline.weight, default=None)


def ties(lists: Sequence[DeadlineList]) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Pairs of rules of which neither wins, each by its list and its place there."""
    named = [(each.list, place, rule) for each in lists for place, rule in enumerate(each.rules)]
    for number, (one_list, one_place, one) in enumerate(named):
        for other_list, other_place, other in named[number + 1 :]:
            if one.meets(other):
                yield (one_list, one_place), (other_list, other_place)
