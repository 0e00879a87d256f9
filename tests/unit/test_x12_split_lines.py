"""One line that several services answer: approved only where, all together, they grant all that was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model.status import Attention, LineOutcome
from tests.x12_material import EVENT, line, of_line, outcome_of, request, response, trn

CERTIFIED, MODIFIED = LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED


def split(*services: list[str], event: tuple[str, ...] = (), **asked: Any) -> LineOutcome:
    """What became of a line (200 units from March to August 2026, unless told) that these services answer."""
    drug = line(**{"id": "drug"} | asked)
    said = [[trn(1), f"HCR*A1*AU{n}", *more, "SV1*HC:J9271"] for n, more in enumerate(services)]
    outcome = outcome_of(response(EVENT, *event, services=said), of=request(lines=[drug]))
    assert outcome.attention is Attention.OPERATOR
    assert of_line(outcome, "drug").authorization_number is None
    return of_line(outcome, "drug").outcome


def days(*periods: str, **asked: Any) -> LineOutcome:
    return split(*([f"DTP*007*{'RD8' if '-' in each else 'D8'}*{each}"] if each else [] for each in periods), **asked)


@pytest.mark.parametrize(
    "periods",
    [
        ["20260301-20260331", "20260801-20260831"],
        ["20260801-20260831", "20260301-20260331"],
        ["20260301-20260531", "20260602-20260831"],
        ["20260301-20260630", "20260315-20260415", "20260801-20260831"],
        # Beside one that begins later, a first day alone is that day.
        ["20260301", "20260801"],
        ["20260301", "20260801-20260831"],
        ["20260401", "20260401"],
        # Days that only one of them names.
        ["20260301-20260331", ""],
        ["", "20260801-20260831", ""],
        # Around the days that were asked for.
        ["20250101-20260215", "20260315-20260831"],
        ["20260301-20260815", "20260901-20260930"],
        ["20250101-20250131", "20270101-20270131"],
    ],
)
def test_days_that_no_service_grants_are_not_approved(periods: list[str]) -> None:
    assert days(*periods) is MODIFIED


@pytest.mark.parametrize(
    "periods",
    [
        ["20260301-20260531", "20260601-20260831"],
        ["20260601-20260831", "20260301-20260531"],
        ["20260301-20260630", "20260501-20260831"],
        ["20260301-20260831", "20260501-20260531"],
        ["20260301-20260831", "20260401-20260430", "20260801-20260901"],
        ["20260301-20260531", "20260601"],
        ["20260301", "20260301"],
        ["20260301-20260831", ""],
        ["", ""],
        # A gap of days that nobody asked for.
        ["20250101-20250131", "20260201-20260831"],
        ["20260301-20260831", "20261001-20261031"],
    ],
)
def test_all_the_days_in_several_services_are_approved(periods: list[str]) -> None:
    assert days(*periods) is CERTIFIED


def test_a_gap_counts_where_no_end_was_asked_for() -> None:
    endless = {"start": "2026-03-01"}
    assert days("20260301-20260331", "20260801-20260831", dates=endless) is MODIFIED
    assert days("20260301-20260331", "20260401-20260831", dates=endless) is CERTIFIED


MARCH, REST, NEXT_YEAR = (
    "DTP*007*RD8*20260301-20260331",
    "DTP*007*RD8*20260401-20260831",
    "DTP*007*RD8*20270301-20270331",
)


@pytest.mark.parametrize(
    ("services", "outcome"),
    [
        ([[MARCH, "HSD*UN*100"], [REST, "HSD*UN*100"]], CERTIFIED),
        ([[MARCH, "HSD*UN*100"], [REST, "HSD*UN*90"]], MODIFIED),
        # Of one nobody knows how much.
        ([[MARCH, "HSD*UN*100"], [REST]], MODIFIED),
        ([[MARCH, "HSD*UN*100"], [REST, "HSD*DY*300"]], MODIFIED),
        ([[MARCH, "HSD*UN*200"], [REST]], CERTIFIED),
        ([[MARCH], [REST]], CERTIFIED),
        # What is for other days is no part of what was asked for.
        ([["DTP*007*RD8*20260301-20260831", "HSD*UN*100"], [NEXT_YEAR, "HSD*UN*100"]], MODIFIED),
        ([["DTP*007*RD8*20260301-20260831", "HSD*UN*200"], [NEXT_YEAR, "HSD*UN*100"]], CERTIFIED),
    ],
)
def test_quantities_that_do_not_add_up_are_not_approved(services: list[list[str]], outcome: LineOutcome) -> None:
    assert split(*services) is outcome


def test_a_frequency_of_one_service_that_takes_something_away_is_not_approved() -> None:
    often = {"frequency": {"times": 3, "every": 1, "period": "week"}, "quantity": {"value": 60, "unit": "visits"}}
    assert split([MARCH, "HSD*VS*3*WK"], [REST, "HSD*VS*3*WK"], **often) is CERTIFIED
    assert split([MARCH, "HSD*VS*3*WK"], [REST, "HSD*VS*1*WK"], **often) is MODIFIED


def test_teeth_count_together() -> None:
    of = request(
        lines=[line("D7240", "cdt", id="drug", quantity={"value": 2}, teeth=[{"number": "1"}, {"number": "16"}])]
    )
    for numbers, outcome in (("1", "16"), CERTIFIED), (("1", "1"), MODIFIED):
        services = [[trn(1), "HCR*A1", "SV3*AD:D7240*****1", f"TOO*JP*{number}"] for number in numbers]
        assert of_line(outcome_of(response(EVENT, services=services), of=of), "drug").outcome is outcome
