"""Paths against a denial, as data: typed, sourced, chosen, and counted over holidays and the turn of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path as File
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.clocks.clock import end_of, last_day
from gateway.model.people import LineOfBusiness
from gateway.profiles.deadlines import Limit
from gateway.profiles.narrowed import Matter
from gateway.profiles.recourse import Path, PathList, holding, ties
from gateway.profiles.reference import read_reference
from gateway.profiles.shelf import Shelf

HERE = File(__file__).parents[2] / "mappings"
PAYERS: Shelf[Any] = Shelf({}, {}, (), frozenset({"evergreen_health", "cedar_valley"}))
KNOWN = read_reference(HERE, PAYERS, []).recourse
EASTERN = "America/New_York"


def held(business: str, benefit: str = "medical", payer: str = "bluestem_mutual", *, drug: bool = True) -> list[str]:
    matter = Matter.model_validate(
        {
            "payer": payer,
            "business": business,
            "benefit": benefit,
            "drug": drug,
            "state": None,
            "on": date(2026, 3, 2),
        }
    )
    return [each.path.id for each in holding(KNOWN, matter)]


def test_each_line_of_business_has_its_levels() -> None:
    assert held("commercial") == ["internal_appeal", "external_review"]
    assert held("medicare_advantage")[:2] == ["ma_reconsideration_part_b_drug", "ma_independent_review"]
    assert held("medicare_advantage", drug=False)[0] == "ma_reconsideration"
    assert held("medicare_advantage", "pharmacy") == ["part_d_redetermination", "part_d_independent_review"]
    assert held("medicaid_managed") == ["medicaid_appeal", "medicaid_fair_hearing"]
    assert held("commercial", payer="evergreen_health")[:2] == ["evergreen_peer_to_peer", "evergreen_reconsideration"]


def test_every_line_of_business_has_a_first_appeal_and_each_path_its_source() -> None:
    for business in LineOfBusiness:
        found = [each for each in KNOWN if business in each.path.lines_of_business and each.path.level == 1]
        assert found, business
    assert all(each.path.source and each.path.says for each in KNOWN)


def a_path(**fields: Any) -> dict[str, Any]:
    return {
        "id": "made_up",
        "way": "appeal",
        "level": 1,
        "name": "Appeal",
        "decided_by": "The plan",
        "lines_of_business": ["commercial"],
        "window": {"calendar_days": 30},
        "effective": {"start": "2026-01-01"},
        "says": "Made up.",
        "source": "tests",
        **fields,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"level": None},
        {"way": "peer_to_peer"},
        {"automatic": True},
        {"window": {"hours": 3, "months": 2}},
        {"level": 9},
    ],
)
def test_a_path_that_says_two_things_is_refused(fields: dict[str, Any]) -> None:
    Path.model_validate(a_path())
    with pytest.raises(ValidationError):
        Path.model_validate(a_path(**fields))


def test_two_paths_that_tie_are_named() -> None:
    written = {"source": "made up", "date": "2026-01-01", "by": "tests"}
    lists = [
        PathList.model_validate({"list": name, "provenance": written, "paths": [a_path(**fields)]})
        for name, fields in (("one", {}), ("two", {"level": 2}), ("three", {"id": "other"}))
    ]
    assert [*ties(lists)] == [(("one", 0), ("three", 0))]


def end(since: datetime, *, rolls: bool = False, **limit: int) -> datetime:
    return end_of(Limit.model_validate(limit), EASTERN, since, rolls=rolls)


def test_months_end_on_the_same_day_and_where_there_is_none_on_the_first_of_the_next() -> None:
    for began, ended in ((date(2026, 3, 9), date(2026, 7, 9)), (date(2025, 10, 30), date(2026, 3, 1))):
        assert last_day(began, Limit(months=4)) == ended


def test_a_window_that_rolls_ends_on_a_day_of_work() -> None:
    since = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
    assert end(since, months=4, rolls=True).astimezone(ZoneInfo(EASTERN)).date() == date(2026, 7, 6)
    assert end(since, months=4).astimezone(ZoneInfo(EASTERN)).date() == date(2026, 7, 4), "a Saturday, and a holiday"


def test_days_of_work_leave_out_holidays_and_the_turn_of_the_clock_moves_no_day() -> None:
    before = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)  # the Friday before clocks are put forward
    assert end(before, business_days=2) == datetime(2026, 3, 11, 3, 59, 59, tzinfo=UTC)
    assert end(before, hours=72) == before + timedelta(hours=72)
    thanks = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    assert end(thanks, business_days=2).astimezone(ZoneInfo(EASTERN)).date() == date(2026, 11, 30)


MOMENTS = st.integers(0, 92_000_000).map(lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
LIMITS = st.one_of(
    st.builds(lambda n: Limit(calendar_days=n), st.integers(1, 200)),
    st.builds(lambda n: Limit(business_days=n), st.integers(1, 60)),
    st.builds(lambda n: Limit(months=n), st.integers(1, 12)),
)


@given(MOMENTS, LIMITS, st.booleans())
def test_a_window_in_days_ends_with_a_day_where_it_is_counted(since: datetime, limit: Limit, rolls: bool) -> None:
    ended = end_of(limit, EASTERN, since, rolls=rolls).astimezone(ZoneInfo(EASTERN))
    assert (ended.hour, ended.minute, ended.second) == (23, 59, 59)
    began = since.astimezone(ZoneInfo(EASTERN)).date()
    assert ended.date() > began
    assert ended.date() >= last_day(began, limit)
    if rolls:
        assert ended.weekday() < 5
