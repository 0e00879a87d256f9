"""How long payers take, and what they decide: tallied from what events tell of cases, and from nothing else.

The figures are those that payers must publish themselves (CMS-0057-F, 42 CFR 422.122(c) and its siblings): shares
approved and denied, standard and expedited apart, approved on appeal, approved after an extension, and the mean and
median time from submission to decision. An item is one line of a request, as one payer was asked for it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import fmean, median
from typing import Literal, NamedTuple
from uuid import UUID

from gateway.model.appeal import AppealState
from gateway.model.clock import Clock, State, Timing
from gateway.model.record import Record
from gateway.model.status import LineOutcome

Dimension = Literal["payer", "channel", "benefit", "line_of_business", "urgency", "service"]

_APPROVED = frozenset({LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED})
_DECISIONS = _APPROVED | {LineOutcome.NOT_CERTIFIED}
_WON = frozenset({AppealState.OVERTURNED, AppealState.PARTLY_OVERTURNED})
_LATE = frozenset({State.OVERDUE, State.MISSED})
_SECONDS = 3600.0


class Item(NamedTuple):
    """A line that a payer was asked for."""

    submission: UUID
    place: Mapping[str, str]
    """What it is counted under, by dimension."""
    clock: Clock
    outcome: LineOutcome | None
    appeal: AppealState | None


class Row(Record):
    """Figures of items that have ``of`` in common. Of what is not decided there are no hours, and no hours are None.

    ``modified`` are those of ``approved`` that were granted otherwise than asked. ``undecided`` are open, ``otherwise``
    ended without a decision (closed, cancelled, not required). ``overdue`` are undecided after their time,
    ``decided_late`` decided after it. ``extended`` are those for which the payer took longer, ``appealed`` those that
    were denied and appealed. Hours are from the payer's receipt to its decision; of the ninetieth percentile the hours
    are those of an item.
    """

    of: Mapping[str, str]
    requests: int
    items: int
    approved: int
    modified: int
    denied: int
    otherwise: int
    undecided: int
    overdue: int
    decided_late: int
    extended: int
    extended_approved: int
    appealed: int
    approved_on_appeal: int
    mean_hours: float | None
    median_hours: float | None
    p90_hours: float | None


class Tally(Record):
    """``withheld`` counts rows of fewer items than may be shown."""

    rows: tuple[Row, ...]
    total: Row | None
    withheld: int


def items_of(timings: Iterable[Timing], appeals: Mapping[str, AppealState]) -> Iterator[Item]:
    """The items of a case, by the latest that was told of it."""
    for timing in timings:
        for clock in timing.clocks:
            for place, line in enumerate(clock.lines):
                outcome = clock.outcomes[place] if place < len(clock.outcomes) else None
                known = {
                    "payer": timing.payer,
                    "channel": timing.channel,
                    "benefit": timing.benefit,
                    "line_of_business": str(clock.line_of_business or ""),
                    "urgency": clock.urgency,
                    "service": str(clock.roles[place]) if place < len(clock.roles) else "",
                }
                yield Item(timing.submission, known, clock, outcome, appeals.get(line))


def tally(
    items: Iterable[Item],
    by: Sequence[Dimension],
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    only: Mapping[str, str] | None = None,
    least: int = 1,
) -> Tally:
    """Figures of the items that payers received from ``begin`` until before ``end``, and that are of ``only``, by these
    dimensions. Rows of fewer than ``least`` items are left out, and where any is, so is the total: it would tell what
    they hold."""
    wanted = only or {}
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        received = item.clock.received_at
        if (begin is not None and received < begin) or (end is not None and received >= end):
            continue
        if all(item.place[name] == word for name, word in wanted.items()):
            groups.setdefault(tuple(item.place[name] for name in by), []).append(item)
    shown = [
        _row(dict(zip(by, words, strict=True)), group)
        for words, group in sorted(groups.items(), key=lambda pair: pair[0])
        if len(group) >= least
    ]
    withheld = len(groups) - len(shown)
    every = [item for group in groups.values() for item in group]
    return Tally(rows=tuple(shown), total=_row({}, every) if every and not withheld else None, withheld=withheld)


def _row(of: Mapping[str, str], items: Sequence[Item]) -> Row:
    decided = [item for item in items if item.outcome in _DECISIONS]
    hours = sorted(
        (item.clock.decided_at - item.clock.received_at).total_seconds() / _SECONDS
        for item in decided
        if item.clock.decided_at
    )
    approved = [item for item in decided if item.outcome in _APPROVED]
    denied = [item for item in decided if item.outcome is LineOutcome.NOT_CERTIFIED]
    extended = [item for item in items if item.clock.extended_days]
    late = [item for item in items if item.clock.state in _LATE]
    return Row(
        of=of,
        requests=len({item.submission for item in items}),
        items=len(items),
        approved=len(approved),
        modified=sum(item.outcome is LineOutcome.CERTIFIED_MODIFIED for item in approved),
        denied=len(denied),
        otherwise=sum(item.outcome is not None for item in items) - len(decided),
        undecided=sum(item.outcome is None for item in items),
        overdue=sum(item.clock.state is State.OVERDUE for item in late),
        decided_late=sum(item.outcome in _DECISIONS for item in late),
        extended=len(extended),
        extended_approved=sum(item.outcome in _APPROVED for item in extended),
        appealed=sum(item.appeal is not None for item in denied),
        approved_on_appeal=sum(item.appeal in _WON for item in denied),
        mean_hours=round(fmean(hours), 2) if hours else None,
        median_hours=round(median(hours), 2) if hours else None,
        p90_hours=round(hours[-(-9 * len(hours) // 10) - 1], 2) if hours else None,
    )
