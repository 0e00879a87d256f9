"""What may be done about a denial, and until when: windows over months, weekends, holidays and the change of the clock;
who is offered a conversation of peers; how levels of appeal count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.denials.read import Facts
from gateway.denials.read import Window as Named
from gateway.engine.remedies import noticed_at
from gateway.model.appeal import UNDER_WAY, WAS_DECIDED, Appeal, AppealState
from gateway.model.outcome import Answer, LineResult, Outcome
from gateway.model.people import LineOfBusiness
from gateway.model.reasons import IMPLICATIONS, NextAction, Reason, Word
from gateway.model.recourse import RecourseKind, Way, WindowState
from gateway.model.standing import Heard
from gateway.model.status import LineOutcome
from gateway.profiles.payer import PayerProfile
from gateway.profiles.recourse import RecourseRule, Window
from gateway.profiles.reference import read_reference
from gateway.profiles.shelf import Shelf
from gateway.recourse.ways import Denied, level_of, ways_of
from gateway.recourse.windows import window_end

MAPPINGS = Path(__file__).parents[2] / "mappings"
KNOWN: Shelf[PayerProfile] = Shelf({}, {}, (), frozenset({"cedar_valley", "evergreen_health"}))
RULES = read_reference(MAPPINGS, KNOWN, []).recourse
CHICAGO = "America/Chicago"
NOTICED = datetime(2026, 11, 23, 15, tzinfo=UTC)
NOBODY = "nobody_health"


def denied(*words: Word, **more: Any) -> Denied:
    told = Denied(
        payer="evergreen_health",
        business=LineOfBusiness.COMMERCIAL,
        benefit="medical",
        drug=True,
        urgency="standard",
        reasons=[Reason(word=word) for word in words],
        facts=Facts(),
        appeals=(),
        noticed_at=NOTICED,
    )
    return replace(told, **more)


def appeal(state: AppealState, asked_at: datetime = NOTICED) -> Appeal:
    return Appeal(lines=("1",), state=state, asked_at=asked_at)


def kinds(told: Denied, now: datetime = NOTICED) -> list[RecourseKind]:
    return [way.kind for way in ways_of(told, RULES, now)]


def only(told: Denied, kind: RecourseKind, now: datetime = NOTICED) -> Way:
    [found] = [way for way in ways_of(told, RULES, now) if way.kind is kind]
    return found


@pytest.mark.parametrize(
    ("noticed", "window", "last"),
    [
        ((2026, 11, 23), {"business_days": 7}, (2026, 12, 3)),  # over Thanksgiving and a weekend
        ((2026, 10, 30), {"calendar_days": 3}, (2026, 11, 2)),  # over the end of summer time
        ((2026, 3, 6), {"business_days": 2}, (2026, 3, 10)),  # over its beginning
        ((2026, 10, 30), {"months": 4}, (2027, 3, 1)),  # the example of the rule
        ((2026, 8, 23), {"months": 4}, (2026, 12, 23)),
        ((2026, 8, 25), {"months": 4, "on_business_day": True}, (2026, 12, 28)),  # Christmas, and a weekend after it
        ((2026, 12, 31), {"months": 12}, (2027, 12, 31)),
        ((2027, 10, 31), {"months": 1}, (2027, 12, 1)),
    ],
)
def test_a_window_ends_with_a_day_where_the_rule_says(
    noticed: tuple[int, int, int], window: dict[str, Any], last: tuple[int, int, int]
) -> None:
    zone = ZoneInfo(CHICAGO)
    ends = window_end(Window.model_validate(window), CHICAGO, datetime(*noticed, 9, tzinfo=zone))
    assert ends.astimezone(zone) == datetime(*last, 23, 59, 59, tzinfo=zone)


def test_a_window_of_hours_is_counted_in_hours_over_the_change_of_the_clock() -> None:
    noticed = datetime(2026, 10, 31, 20, tzinfo=ZoneInfo(CHICAGO))
    assert window_end(Window(hours=24), CHICAGO, noticed) - noticed.astimezone(UTC) == timedelta(hours=24)


@given(st.integers(0, 9131), st.integers(1, 24))
def test_a_window_in_months_is_never_shorter_than_its_months_nor_longer_by_more_than_a_day(
    days: int, months: int
) -> None:
    noticed = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(days=days)
    ends = window_end(Window(months=months), "UTC", noticed)
    gone = (ends.year - noticed.year) * 12 + ends.month - noticed.month
    assert (gone, ends.day) in {(months, noticed.day), (months + 1, 1)}


@pytest.mark.parametrize("units", [{}, {"hours": 3, "months": 2}])
def test_a_window_has_one_unit(units: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="A window has one unit"):
        Window.model_validate(units)


@given(st.lists(st.sampled_from(list(Word)), max_size=4))
def test_only_a_clinical_reason_offers_a_conversation_of_peers(words: list[Word]) -> None:
    offered = RecourseKind.PEER_TO_PEER in kinds(denied(*words))
    assert offered == any(IMPLICATIONS[word].clinical and IMPLICATIONS[word].peer_to_peer for word in words)


def test_an_administrative_denial_is_mended_and_a_site_is_changed() -> None:
    mended = ways_of(denied(Word.INVALID_CODE), RULES, NOTICED)
    assert [(way.kind, way.change) for way in mended] == [(RecourseKind.RESUBMIT, NextAction.CORRECT_AND_RESUBMIT)]
    sited = only(denied(Word.SITE_OF_SERVICE, Word.PREFERRED_ALTERNATIVE, Word.SITE_OF_SERVICE), RecourseKind.APPEAL)
    assert sited.level == 1
    ways = ways_of(denied(Word.SITE_OF_SERVICE, Word.PREFERRED_ALTERNATIVE), RULES, NOTICED)
    assert [way.change for way in ways if way.change] == [NextAction.CHANGE_SITE, NextAction.CHANGE_PRODUCT]


def test_the_payers_own_window_and_phone_go_before_the_rules() -> None:
    by_rule = only(denied(Word.MEDICAL_NECESSITY), RecourseKind.PEER_TO_PEER)
    assert (by_rule.rule, by_rule.phones, by_rule.window_from) == ("evergreen_talk", ("5555550142",), "rule")
    own = Facts(
        phones=("5555550199",),
        windows=(
            Named(purpose="peer_to_peer", length=7, unit="business_days", start=0, end=1),
            Named(purpose="peer_to_peer", length=48, unit="hours", start=0, end=1),
            Named(purpose="peer_to_peer", length=5000, unit="calendar_days", start=0, end=1),
        ),
    )
    said = only(denied(Word.MEDICAL_NECESSITY, facts=own), RecourseKind.PEER_TO_PEER)
    assert (said.until, said.phones, said.window_from) == (NOTICED + timedelta(hours=48), ("5555550199",), "payer")
    assert RecourseKind.PEER_TO_PEER in kinds(denied(Word.UNMAPPED, facts=own)), "the payer offers it itself"
    assert RecourseKind.PEER_TO_PEER not in kinds(denied(Word.COVERAGE_INACTIVE, facts=own))


def test_a_window_that_is_over_says_so_and_one_that_nobody_knows_is_not_called_open() -> None:
    told = denied(Word.MEDICAL_NECESSITY)
    until = only(told, RecourseKind.PEER_TO_PEER).until
    assert until is not None
    assert only(told, RecourseKind.PEER_TO_PEER, until).window is WindowState.OPEN
    assert only(told, RecourseKind.PEER_TO_PEER, until + timedelta(seconds=1)).window is WindowState.OVER
    elsewhere = only(replace(told, payer=NOBODY), RecourseKind.PEER_TO_PEER)
    assert (elsewhere.window, elsewhere.until, elsewhere.rule) == (WindowState.UNKNOWN, None, None)


def test_levels_count_by_what_was_decided_and_the_last_one_is_somebody_elses() -> None:
    told = denied(Word.MEDICAL_NECESSITY)
    first = only(told, RecourseKind.APPEAL)
    assert (first.level, first.name, first.decided_by, first.decides_within) == (
        1,
        "internal appeal",
        "payer",
        "30 calendar days",
    )
    assert only(replace(told, urgency="expedited"), RecourseKind.APPEAL).decides_within == "72 hours"
    unused = replace(told, appeals=[appeal(AppealState.CLOSED), appeal(AppealState.REFUSED)])
    assert only(unused, RecourseKind.APPEAL).level == 1
    second = only(replace(told, appeals=[appeal(AppealState.UPHELD)]), RecourseKind.APPEAL)
    assert (second.level, second.name, second.decided_by) == (2, "external review", "independent")
    twice = replace(told, appeals=[appeal(AppealState.UPHELD), appeal(AppealState.UPHELD)])
    assert RecourseKind.APPEAL not in kinds(twice)


@given(st.lists(st.sampled_from(list(AppealState)), max_size=5))
def test_nothing_is_asked_twice_at_once_and_no_peers_talk_after_an_appeal(states: list[AppealState]) -> None:
    found = kinds(denied(Word.MEDICAL_NECESSITY, appeals=[appeal(state) for state in states]))
    if set(states) & UNDER_WAY:
        assert set(found) <= {RecourseKind.RESUBMIT}
    elif set(states) & WAS_DECIDED:
        assert not set(found) & {RecourseKind.PEER_TO_PEER, RecourseKind.RECONSIDERATION}
    assert found.count(RecourseKind.APPEAL) <= 1


def test_an_appeal_after_its_window_is_named_with_a_warning() -> None:
    told = denied(Word.MEDICAL_NECESSITY)
    until = only(told, RecourseKind.APPEAL).until
    assert until is not None
    in_time = level_of(told, appeal(AppealState.ASKED, until), RULES)
    late = level_of(told, appeal(AppealState.ASKED, until + timedelta(seconds=1)), RULES)
    assert (in_time.late, in_time.warning, in_time.level) == (False, None, 1)
    assert late.late
    assert "late" in (late.warning or "")


def test_each_line_of_business_has_its_first_appeal_and_who_decides_the_second() -> None:
    days = {}
    for business in LineOfBusiness:
        benefit = "pharmacy" if business is LineOfBusiness.MEDICARE_PART_D else "medical"
        told = denied(Word.MEDICAL_NECESSITY, payer=NOBODY, business=business, benefit=benefit)
        first = only(told, RecourseKind.APPEAL)
        assert first.until is not None
        days[business.value] = (first.until - NOTICED).days
        second = only(replace(told, appeals=[appeal(AppealState.UPHELD)]), RecourseKind.APPEAL)
        assert second.decided_by == "independent"
    assert days == {
        "commercial": 180,
        "marketplace": 180,
        "medicare_advantage": 65,
        "medicare_part_d": 65,
        "medicaid_managed": 60,
    }


def test_the_rule_that_says_more_of_the_line_holds() -> None:
    told = denied(Word.MEDICAL_NECESSITY, business=LineOfBusiness.MEDICARE_ADVANTAGE)
    assert only(told, RecourseKind.APPEAL).decides_within == "7 calendar days", "a drug of Part B"
    assert only(replace(told, drug=False), RecourseKind.APPEAL).decides_within == "30 calendar days"
    general, [own] = RULES, [each for each in RULES if each.rule.id == "internal_appeal"]
    rule = own.rule.model_copy(update={"id": "a_first_by_name", "payers": ("evergreen_health",)})
    ways = ways_of(denied(Word.MEDICAL_NECESSITY), (own.model_copy(update={"rule": rule}), *general), NOTICED)
    assert [way.rule for way in ways if way.kind is RecourseKind.APPEAL] == ["a_first_by_name"]


@pytest.mark.parametrize("change", [{"level": None}, {"step": "peer_to_peer"}])
def test_an_appeal_has_a_level_and_nothing_else_has(change: dict[str, Any]) -> None:
    [rule] = [each.rule for each in RULES if each.rule.id == "internal_appeal"]
    with pytest.raises(ValueError, match="An appeal has a level"):
        RecourseRule.model_validate({**rule.model_dump(), **change})


def test_a_denial_that_is_repeated_gives_no_new_time_and_one_on_an_appeal_does() -> None:
    def heard(day: int, outcome: LineOutcome, *, said: int | None = None, appealed: bool = False) -> Heard:
        at = None if said is None else NOTICED + timedelta(days=said)
        told = Outcome(answer=Answer.REVIEWED, effective_at=at, lines=(LineResult(line="1", outcome=outcome),))
        return Heard(told, NOTICED + timedelta(days=day), appeal=appealed)

    no, yes = LineOutcome.NOT_CERTIFIED, LineOutcome.CERTIFIED
    assert noticed_at("1", [heard(0, LineOutcome.PENDING)]) is None
    assert noticed_at("1", [heard(5, no), heard(2, no)]) == NOTICED + timedelta(days=2)
    assert noticed_at("1", [heard(5, no, said=1)]) == NOTICED + timedelta(days=1)
    assert noticed_at("1", [heard(5, no, said=9)]) == NOTICED + timedelta(days=5), "not said after it was heard"
    assert noticed_at("1", [heard(1, no), heard(3, no, appealed=True)]) == NOTICED + timedelta(days=3)
    assert noticed_at("1", [heard(1, no), heard(2, yes), heard(4, no)]) == NOTICED + timedelta(days=4)
    assert noticed_at("2", [heard(1, no)]) is None


def test_two_rules_of_which_neither_wins_are_a_fault_and_so_is_a_payer_that_nobody_knows(tmp_path: Path) -> None:
    folder = tmp_path / "recourse"
    folder.mkdir()
    text = (MAPPINGS / "recourse" / "synthetic_overrides.yaml").read_text()
    (folder / "synthetic_overrides.yaml").write_text(text)
    more = text.replace("list: synthetic_overrides", "list: more").replace("_talk", "_other")
    (folder / "more.yaml").write_text(more)
    faults: list[Any] = []
    read_reference(tmp_path, KNOWN, faults)
    found = [(fault.file, fault.pointer) for fault in faults]
    assert found == [("recourse/synthetic_overrides.yaml", f"/rules/{place}") for place in (0, 1)]
    assert "evergreen_other of recourse/more.yaml" in faults[0].message
    (folder / "more.yaml").unlink()
    faults.clear()
    read_reference(tmp_path, Shelf({}, {}, (), frozenset()), faults)
    assert [fault.pointer for fault in faults] == ["/rules/0/payers/0", "/rules/1/payers/0"]
