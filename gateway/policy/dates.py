"""How old a fact is, and which of several holds. Knows no kind of fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from typing import Generic, TypeVar

from gateway.policy.verdict import MOST_EVIDENCE, Evidence, State
from gateway.profiles.policies_needs import Fresh

T = TypeVar("T")


class Age(StrEnum):
    FRESH = "fresh"
    STALE = "stale"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Days:
    """The days a need is judged on: of filing, and of the line's service (None where that has no date)."""

    filed_on: date
    service: date | None

    def age(self, on: date | None, fresh: Fresh) -> Age:
        """A fact of tomorrow is taken, for somewhere it is tomorrow already; one of later days has no age."""
        if on is not None and on > max(self.filed_on, self.service or self.filed_on) + timedelta(days=1):
            return Age.UNDATED
        if fresh.within_days is None:
            return Age.FRESH
        if on is None:
            return Age.UNDATED
        day = self.service if fresh.counted_from == "service" and self.service else self.filed_on
        return Age.FRESH if (day - on).days <= fresh.within_days else Age.STALE


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """One fact that was looked at. ``holds`` is None where what it says cannot be told."""

    holds: bool | None
    says: T
    evidence: Evidence


def by_age(seen: Iterable[Seen[T]], fresh: Fresh, days: Days) -> dict[Age, list[Seen[T]]]:
    found: dict[Age, list[Seen[T]]] = {age: [] for age in Age}
    for each in seen:
        found[days.age(each.evidence.dated_on, fresh)].append(each)
    return found


def latest(seen: Sequence[Seen[T]]) -> list[Seen[T]]:
    """Those of the last day, and those without a day, which may be of any."""
    last = max((each.evidence.dated_on for each in seen if each.evidence.dated_on), default=None)
    return [each for each in seen if each.evidence.dated_on in (None, last)]


Verdict = tuple[State, tuple[Evidence, ...]]


def judge(
    seen: Sequence[Seen[T]],
    fresh: Fresh,
    days: Days,
    *,
    of_several: Callable[[Sequence[Seen[T]]], list[Seen[T]]] = latest,
    contradicts: Callable[[Sequence[Seen[T]]], bool] = lambda seen: False,
) -> Verdict:
    """One state for all the facts of a kind. Facts that are too old say nothing while there are others."""
    if not seen:
        return State.MISSING, ()
    aged = by_age(seen, fresh, days)
    if not aged[Age.FRESH]:
        if aged[Age.UNDATED]:
            return State.UNDATED, evidence_of(aged[Age.UNDATED])
        return State.STALE, evidence_of(latest(aged[Age.STALE]))
    held = of_several(aged[Age.FRESH])
    said = {each.holds for each in held}
    if {True, False} <= said or contradicts(held):
        return State.CONFLICTING, evidence_of(held)
    if None in said:
        return State.AMBIGUOUS, evidence_of(held)
    return (State.PRESENT if True in said else State.NOT_MET), evidence_of(held)


def evidence_of(seen: Iterable[Seen[T]]) -> tuple[Evidence, ...]:
    return tuple(each.evidence for each in islice(seen, MOST_EVIDENCE))
