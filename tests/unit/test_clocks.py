"""The payer's time to decide: rules as data, days and hours, pauses, extensions, and who is late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clocks.clock import Decision, Extension, Pause, Receipt, measure
from gateway.model.clock import State
from gateway.model.people import Level
from gateway.profiles.deadlines import Deadline, Rule, choose
from gateway.profiles.narrowed import Matter
from gateway.profiles.reference import read_reference
from gateway.profiles.shelf import Shelf

MAPPINGS = Path(__file__).parents[2] / "mappings"
NOBODY: Shelf[Any] = Shelf({}, {}, (), frozenset({"cedar_valley"}))
RULES = read_reference(MAPPINGS, NOBODY, []).deadlines
RECEIVED = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


def rule(zone: str = "America/New_York", **changed: Any) -> Rule:
    about = {
        "id": "made_up",
        "lines_of_business": ["commercial"],
        "urgency": "standard",
        "limit": {"calendar_days": 7},
        "effective": {"start": "2026-01-01"},
        "says": "A made-up payer decides within the time.",
        "source": "nobody",
    }
    return Rule(deadline=Deadline.model_validate(about | changed), zone=zone)


def chosen(business: str, urgency: Level, benefit: Any = "medical", drug: bool = False, **other: Any) -> str | None:
    asked = {"payer": "somebody", "state": None, "on": date(2026, 3, 2)} | other
    matter = Matter.model_validate({"business": business, "benefit": benefit, "drug": drug, **asked})
    found = choose(RULES, matter, urgency)
    return None if found is None else found.deadline.id


@pytest.mark.parametrize(
    ("asked", "rule_id"),
    [
        (("medicare_advantage", "standard"), "ma_standard"),
        (("medicare_advantage", "expedited"), "ma_expedited"),
        (("medicare_advantage", "standard", "medical", True), "ma_part_b_drug_standard"),
        (("medicare_advantage", "expedited", "medical", True), "ma_part_b_drug_expedited"),
        (("medicare_advantage", "standard", "pharmacy", True), "part_d_standard"),
        (("medicare_part_d", "expedited", "pharmacy", True), "part_d_expedited"),
        (("medicaid_managed", "standard"), "medicaid_standard"),
        (("medicaid_managed", "standard", "medical", True), "medicaid_drug_standard"),
        (("commercial", "expedited"), "claims_procedure_urgent"),
        (("marketplace", "standard"), "claims_procedure_pre_service"),
    ],
)
def test_each_line_of_business_and_urgency_has_its_rule(asked: tuple[Any, ...], rule_id: str) -> None:
    assert chosen(*asked) == rule_id


def test_a_rule_holds_on_its_days_of_receipt() -> None:
    assert chosen("medicare_advantage", "standard", on=date(2025, 12, 31)) == "ma_standard_before_2026"
    assert chosen("medicare_advantage", "standard", on=date(2026, 1, 1)) == "ma_standard"


def test_a_payers_own_rule_goes_before_everybodys() -> None:
    assert chosen("commercial", "standard", payer="cedar_valley") == "cedar_valley_standard"


def test_a_states_rule_goes_before_everybodys_and_holds_in_it_alone() -> None:
    rules = [*RULES, rule(id="of_a_state", states=["TX"])]
    about = {"payer": "p", "business": "commercial", "benefit": "medical", "drug": False, "on": date(2026, 3, 2)}
    matters = [Matter.model_validate({**about, "state": state}) for state in ("TX", "OH", None)]
    names = [found.deadline.id for matter in matters if (found := choose(rules, matter, "standard"))]
    assert names == ["of_a_state", "claims_procedure_pre_service", "claims_procedure_pre_service"]


def test_hours_are_counted_to_the_second() -> None:
    clock = measure(rule(limit={"hours": 72}), ("1",), Receipt(RECEIVED, "answer"), None, RECEIVED)
    assert clock.due_at == RECEIVED + timedelta(hours=72)
    last = clock.due_at
    for at, state in ((last, State.MET), (last + timedelta(seconds=1), State.MISSED)):
        decided = measure(rule(limit={"hours": 72}), ("1",), Receipt(RECEIVED, "answer"), Decision(at, None), at)
        assert decided.state is state


def test_days_end_with_the_day_where_the_payer_is_over_a_change_of_the_clocks() -> None:
    clock = measure(rule(), ("1",), Receipt(RECEIVED, "answer"), None, RECEIVED)
    # Daylight time began on 8 March: the ninth ends at four in the morning, UTC.
    assert clock.due_at == datetime(2026, 3, 10, 3, 59, 59, tzinfo=UTC)
    late = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # still the second of March in New York
    assert measure(rule(), ("1",), Receipt(late, "answer"), None, late).due_at == clock.due_at


def test_a_list_without_a_zone_ends_its_days_where_they_end_last() -> None:
    about = {"payer": "p", "business": "medicare_advantage", "benefit": "medical", "drug": False, "state": None}
    found = choose(RULES, Matter.model_validate({**about, "on": RECEIVED.date()}), "standard")
    assert found is not None
    due = measure(found, ("1",), Receipt(RECEIVED, "payer"), None, RECEIVED).due_at
    assert due == datetime(2026, 3, 10, 11, 59, 59, tzinfo=UTC)


def test_business_days_leave_out_weekends_and_the_holidays_as_observed() -> None:
    thursday = datetime(2026, 7, 2, 16, tzinfo=UTC)  # the Friday after is Independence Day as observed
    clock = measure(rule(limit={"business_days": 3}), ("1",), Receipt(thursday, "answer"), None, thursday)
    assert clock.due_at is not None
    assert clock.due_at.astimezone(ZoneInfo("America/New_York")).date() == date(2026, 7, 8)


def test_time_stands_while_the_practice_is_asked_where_the_rule_says_so() -> None:
    asked, given_at = RECEIVED + timedelta(hours=10), RECEIVED + timedelta(hours=34)
    urgent = rule(limit={"hours": 72}, tolled=True)
    waits = measure(urgent, ("1",), Receipt(RECEIVED, "answer"), None, given_at, pauses=[Pause(asked, None)])
    assert (waits.state, waits.due_at) == (State.PAUSED, None)
    goes_on = measure(urgent, ("1",), Receipt(RECEIVED, "answer"), None, given_at, pauses=[Pause(asked, given_at)])
    assert (goes_on.state, goes_on.due_at) == (State.RUNNING, RECEIVED + timedelta(hours=96))
    assert goes_on.paused_seconds == 24 * 3600
    runs = measure(
        rule(limit={"hours": 72}), ("1",), Receipt(RECEIVED, "answer"), None, given_at, pauses=[Pause(asked, None)]
    )
    assert (runs.state, runs.due_at) == (State.RUNNING, RECEIVED + timedelta(hours=72))


def test_what_is_overdue_stays_so_when_the_practice_is_asked_then() -> None:
    late = RECEIVED + timedelta(hours=80)
    clock = measure(
        rule(limit={"hours": 72}, tolled=True),
        ("1",),
        Receipt(RECEIVED, "answer"),
        None,
        late + timedelta(hours=5),
        pauses=[Pause(late, None)],
    )
    assert (clock.state, clock.due_at) == (State.OVERDUE, RECEIVED + timedelta(hours=72))


def test_an_extension_counts_as_far_as_the_rule_has_one() -> None:
    now = RECEIVED + timedelta(days=10)
    for allowed, until, days in ((14, 14, 14), (14, 30, 21), (14, 3, 7), (None, 14, 7)):
        asked = Extension(RECEIVED + timedelta(days=6), RECEIVED + timedelta(days=until))
        kind = rule(extension_days=allowed)
        clock = measure(kind, ("1",), Receipt(RECEIVED, "payer"), None, now, extensions=[asked])
        assert clock.due_at is not None
        assert clock.due_at.astimezone(ZoneInfo("America/New_York")).date() == date(2026, 3, 2) + timedelta(days=days)
        assert clock.extended_days == days - 7


def test_an_extension_that_is_told_when_the_time_is_over_is_none_and_a_second_one_may_follow_the_first() -> None:
    kind, begun = rule(limit={"hours": 72}, extension_days=14), Receipt(RECEIVED, "answer")
    now = RECEIVED + timedelta(days=20)

    def due(*told: tuple[int, int]) -> timedelta:
        words = [Extension(RECEIVED + timedelta(days=said), RECEIVED + timedelta(days=until)) for said, until in told]
        clock = measure(kind, ("1",), begun, None, now, extensions=words)
        assert clock.due_at is not None
        return clock.due_at - RECEIVED

    assert due((4, 10)) == timedelta(days=3)
    assert due((3, 10)) == timedelta(days=10)
    assert due((9, 14), (2, 10)) == timedelta(days=14)
    assert due((2, 10), (9, 5)) == timedelta(days=10)


def test_the_payers_own_time_of_its_decision_counts_and_none_after_it_was_heard() -> None:
    due = RECEIVED + timedelta(hours=72)
    heard = due + timedelta(hours=3)
    urgent = rule(limit={"hours": 72})
    for said, state in (
        (due - timedelta(hours=1), State.MET),
        (None, State.MISSED),
        (heard + timedelta(1), State.MISSED),
    ):
        clock = measure(urgent, ("1",), Receipt(RECEIVED, "answer"), Decision(heard, said), heard)
        assert clock.state is state


moments = st.integers(0, 40 * 24 * 60).map(lambda minutes: RECEIVED + timedelta(minutes=minutes))
limits = st.sampled_from([{"hours": 24}, {"hours": 72}, {"calendar_days": 7}, {"business_days": 2}])
pauses = st.lists(st.tuples(moments, moments | st.none()), max_size=4).map(
    lambda pairs: [Pause(start, None if end is None else max(start, end)) for start, end in pairs]
)


extensions = st.lists(st.builds(Extension, moments, moments), max_size=3)


@given(limits, st.booleans(), pauses, moments, extensions, st.randoms())
def test_a_pause_or_an_extension_never_makes_a_payer_late(
    limit: dict[str, int], tolled: bool, asked: list[Pause], now: datetime, told: list[Extension], chance: Any
) -> None:
    receipt = Receipt(RECEIVED, "answer")
    plain = measure(rule(limit=limit), ("1",), receipt, None, now)
    kind = rule(limit=limit, tolled=tolled, extension_days=14)
    clock = measure(kind, ("1",), receipt, None, now, pauses=asked, extensions=told)
    assert plain.due_at is not None
    assert clock.due_at is None or clock.due_at >= plain.due_at
    if clock.state is State.OVERDUE:
        assert plain.state is State.OVERDUE
    other, words = list(asked), list(told)
    chance.shuffle(other)
    chance.shuffle(words)
    assert measure(kind, ("1",), receipt, None, now, pauses=other, extensions=words) == clock


@given(limits, moments, moments)
def test_a_clock_that_was_decided_says_the_same_whenever_it_is_read(
    limit: dict[str, int], decided: datetime, now: datetime
) -> None:
    receipt, decision = Receipt(RECEIVED, "answer"), Decision(decided, None)
    assert measure(rule(limit=limit), ("1",), receipt, decision, decided) == measure(
        rule(limit=limit), ("1",), receipt, decision, max(now, decided)
    )


def test_two_rules_of_which_neither_wins_are_a_fault_that_names_both(tmp_path: Path) -> None:
    folder = tmp_path / "deadlines"
    folder.mkdir()
    text = (MAPPINGS / "deadlines" / "synthetic_overrides.yaml").read_text()
    (folder / "synthetic_overrides.yaml").write_text(text)
    (folder / "more.yaml").write_text(
        text.replace("list: synthetic_overrides", "list: more").replace("_standard", "_b")
    )
    faults: list[Any] = []
    read_reference(tmp_path, NOBODY, faults)
    assert [(fault.file, fault.pointer) for fault in faults] == [("deadlines/synthetic_overrides.yaml", "/rules/0")]
    assert "cedar_valley_b of deadlines/more.yaml" in faults[0].message


def test_a_limit_has_one_unit() -> None:
    with pytest.raises(ValueError, match="A limit has one unit"):
        rule(limit={"hours": 3, "calendar_days": 2})
