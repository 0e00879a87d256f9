"""By when a payer has to decide, as data: limits by line of business, urgency and benefit, with the days they hold.

Knows no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.people import Level
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Id, Provenance, Zone
from gateway.profiles.narrowed import Matter, Narrowed

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


class Deadline(Narrowed):
    """One rule. ``effective`` are the days of receipt for which it holds. Where the payer may take longer
    (``extension_days``) it has to say so first. ``tolled``: time in which the practice was asked for information does
    not count.
    """

    id: Id
    urgency: Level
    limit: Limit
    extension_days: Count | None = None
    tolled: Annotated[bool, Field(strict=True)] = False
    says: ShortText
    source: ShortText


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


def choose(rules: Sequence[Rule], matter: Matter, urgency: Level) -> Rule | None:
    """The rule that holds for a line of a request that the payer received on a day; None where none is known."""
    holding = [rule for rule in rules if rule.deadline.urgency == urgency and rule.deadline.holds(matter)]
    return max(holding, key=lambda rule: rule.deadline.weight, default=None)


def ties(lists: Sequence[DeadlineList]) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """Pairs of rules of which neither wins, each by its list and its place there."""
    named = [(each.list, place, rule) for each in lists for place, rule in enumerate(each.rules)]
    for number, (one_list, one_place, one) in enumerate(named):
        for other_list, other_place, other in named[number + 1 :]:
            if one.urgency == other.urgency and one.ties(other):
                yield (one_list, one_place), (other_list, other_place)
