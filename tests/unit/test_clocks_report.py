"""Figures of how long payers take: whatever the order in which cases are counted, and with nothing counted twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clocks.clock import Decision, Receipt, measure
from gateway.clocks.report import Item, items_of, tally
from gateway.model.appeal import AppealState
from gateway.model.clock import Timing
from gateway.model.line import LineRole
from gateway.model.people import LineOfBusiness
from gateway.model.status import LineOutcome
from tests.unit.test_clocks import RECEIVED, rule

DECISIONS = (LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED, LineOutcome.NOT_CERTIFIED, LineOutcome.UNKNOWN)


def timing(payer: str, hours: int | None, outcomes: list[LineOutcome], number: int = 1, **changed: Any) -> Timing:
    """A submission of as many lines as outcomes, decided after so many hours."""
    lines = [str(place) for place in range(1, len(outcomes) + 1)]
    decided = None if hours is None else Decision(RECEIVED + timedelta(hours=hours), None)
    clock = measure(
        rule(limit={"hours": 72}),
        lines,
        Receipt(RECEIVED, "answer"),
        decided,
        RECEIVED + timedelta(hours=100),
        outcomes=() if hours is None else outcomes,
    )
    about = {"line_of_business": LineOfBusiness.COMMERCIAL, "roles": (LineRole.DRUG,) * len(lines)}
    return Timing(
        submission=UUID(int=number),
        payer=payer,
        channel="x12_278",
        benefit="medical",
        clocks=(clock.model_copy(update={**about, **changed}),),
    )


def counted(*timings: Timing, appeals: dict[str, AppealState] | None = None) -> list[Item]:
    return [item for one in timings for item in items_of([one], appeals or {})]


def test_the_figures_of_a_payer() -> None:
    granted, denied = LineOutcome.CERTIFIED, LineOutcome.NOT_CERTIFIED
    items = counted(
        timing("one", 10, [granted, LineOutcome.CERTIFIED_MODIFIED], 1),
        timing("one", 80, [denied], 2),
        timing("one", None, [granted], 3),
        timing("one", 20, [LineOutcome.UNKNOWN], 4),
        appeals={"1": AppealState.OVERTURNED},
    )
    [row] = tally(items, ("payer",)).rows
    assert (row.requests, row.items, row.approved, row.modified, row.denied) == (4, 5, 2, 1, 1)
    assert (row.undecided, row.otherwise, row.overdue, row.decided_late) == (1, 1, 1, 1)
    assert (row.appealed, row.approved_on_appeal) == (1, 1), "an appeal of what was granted is none"
    assert (row.mean_hours, row.median_hours, row.p90_hours) == (33.33, 10.0, 80.0)


def test_days_of_receipt_begin_with_the_first_and_end_before_the_last() -> None:
    items = counted(timing("one", 1, [LineOutcome.CERTIFIED]))
    assert tally(items, (), begin=RECEIVED, end=RECEIVED + timedelta(1)).total is not None
    assert tally(items, (), begin=RECEIVED + timedelta(seconds=1)).total is None
    assert tally(items, (), end=RECEIVED).total is None


def test_what_is_withheld_is_not_told_by_the_total() -> None:
    items = counted(timing("one", 1, [LineOutcome.CERTIFIED] * 3), timing("two", 1, [LineOutcome.CERTIFIED], 2))
    found = tally(items, ("payer",), least=2)
    assert ([row.of for row in found.rows], found.withheld, found.total) == ([{"payer": "one"}], 1, None)


@pytest.mark.parametrize("hours", [[5], [5, 7], list(range(1, 11)), list(range(1, 21))])
def test_the_ninetieth_percentile_is_the_nearest_rank(hours: list[int]) -> None:
    items = counted(*(timing("one", each, [LineOutcome.CERTIFIED], each) for each in hours))
    [row] = tally(items, ("payer",)).rows
    assert row.p90_hours is not None
    within = sum(each <= row.p90_hours for each in hours)
    assert within / len(hours) >= 0.9
    assert (within - 1) / len(hours) < 0.9


timings = st.lists(
    st.tuples(
        st.sampled_from(["one", "two", "three"]),
        st.none() | st.integers(0, 200),
        st.lists(st.sampled_from(DECISIONS), min_size=1, max_size=3),
    ),
    max_size=8,
)


@given(timings, st.randoms())
def test_every_item_is_counted_once_whatever_their_order(made: list[Any], chance: Any) -> None:
    items = counted(*(timing(payer, hours, outcomes, n) for n, (payer, hours, outcomes) in enumerate(made)))
    found = tally(items, ("payer", "urgency"))
    shuffled = list(items)
    chance.shuffle(shuffled)
    assert tally(shuffled, ("payer", "urgency")) == found
    assert sum(row.items for row in found.rows) == len(items) == (found.total.items if found.total else 0)
    for row in found.rows:
        assert row.items == row.approved + row.denied + row.otherwise + row.undecided
        assert row.overdue <= row.undecided
        assert row.decided_late <= row.approved + row.denied
