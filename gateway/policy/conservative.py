"""Conservative care: how long it went on in all, and how long ago it ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from gateway.model.clinical import ConservativeCare
from gateway.policy.dates import Age, Days, Verdict
from gateway.policy.verdict import MOST_EVIDENCE, Evidence, State
from gateway.profiles.policies_needs import ConservativeCareNeed
from gateway.profiles.policies_words import tokens

_OVER = frozenset(
    (
        *("completed", "concluded", "ended", "finished", "over", "stopped", "discontinued", "ceased", "terminated"),
        *("quit", "withdrew", "withdrawn", "discharged", "abandoned", "dropped", "former", "formerly"),
    )
)


_NOT_DONE = re.compile(
    r"\b(?:never|not)\s+(?:attend|start|beg[au]n|went|go\b|done|perform|happen|took place|taken place|obtain)"
    r"|\bno[- ]?shows?\b|\bunattended\b|\b(?:patient|pt|member)\s+(?:declined|refused)\b"
    r"|^\W*(?:declined|refused)\W*(?:$|[,.;]|by\b|therapy\b)|\b(?:study|exam|visits?|sessions?|scan)\s+cancell?ed\b"
    r"|^\W*cancell?ed\b",
    re.IGNORECASE,
)


def was_not_done(outcome: str) -> bool:
    """Whether what is told of care, or of a study, is that it never was: a patient who never improved was there."""
    return _NOT_DONE.search(outcome) is not None


def judge_care(need: ConservativeCareNeed, facts: Sequence[ConservativeCare], days: Days) -> Verdict:
    """Days are those on which any of it went on, each counted once."""
    of_kind = [
        (place, fact) for place, fact in enumerate(facts) if fact.kind in need.kinds and not was_not_done(fact.outcome)
    ]
    if not of_kind:
        return State.MISSING, ()
    evidence = tuple(
        Evidence(
            pointer=f"/facts/conservative_care/{place}",
            dated_on=fact.stopped_on or fact.started_on,
            reads=fact.kind,
            origin=fact.origin,
        )
        for place, fact in of_kind[:MOST_EVIDENCE]
    )
    known = [fact for _, fact in of_kind if fact.started_on is not None and not _ended_some_day(fact)]
    if need.least_days is None and need.within_days is None:
        return State.PRESENT, evidence
    # What has begun and not ended goes on.
    periods = [(fact.started_on, fact.stopped_on or days.filed_on) for fact in known if fact.started_on]
    fresh = [period for period in periods if days.age(period[1], need) is Age.FRESH]
    if need.least_days is not None and _days_in_all(fresh) < need.least_days:
        if len(known) < len(of_kind):
            return State.UNDATED, evidence
        return (State.STALE if not fresh else State.NOT_MET), evidence
    if not fresh:
        return (State.UNDATED if len(known) < len(of_kind) else State.STALE), evidence
    return State.PRESENT, evidence


def _ended_some_day(fact: ConservativeCare) -> bool:
    """Whether it says that it is over, and not since when."""
    return fact.stopped_on is None and not _OVER.isdisjoint(tokens(fact.outcome))


def _days_in_all(periods: Sequence[tuple[date, date]]) -> int:
    total, reached = 0, date.min
    for start, end in sorted(periods):
        start = max(start, reached)
        if end > start:
            total += (end - start).days
            reached = end
    return total
