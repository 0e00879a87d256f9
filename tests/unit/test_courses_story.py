"""A patient's timeline and what its events come to, whatever order they were told in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from gateway.courses.advice import Seen
from gateway.courses.draft import draft
from gateway.courses.grant import Moment
from gateway.courses.reminder import Cause, reminders_of
from gateway.courses.rules import Kind, Rule
from gateway.courses.story import Course, Happened
from gateway.courses.treatment import Treatment
from gateway.model.line import LineRole
from gateway.model.outcome import ApprovedQuantity, LineResult, Span
from gateway.model.request import PARequest
from gateway.model.standing import Standing
from gateway.model.status import CaseStatus, LineOutcome
from gateway.profiles.courses import CourseRules
from tests.courses import DRUG, NOTHING_KNOWN, OTHER, day, given
from tests.running.requests import compose


def noon(number: int) -> datetime:
    return datetime.combine(day(number), datetime.min.time(), tzinfo=UTC).replace(hour=12)


def a_case(
    n: int, start: int, end: int, quantity: int | None, *, status: LineOutcome, place: str | None = None
) -> tuple[Seen, list[Moment]]:
    """A case of one line, asked on its first day and decided on the next. ``place`` is what the payer names."""
    request = compose(f"MEMBER{n}")
    request["lines"][0] |= {"dates": {"start": day(start).isoformat(), "end": day(end).isoformat()}}
    told = None if quantity is None else ApprovedQuantity(value=quantity, unit="units")
    result = LineResult(
        line="1",
        outcome=status,
        quantity=told,
        period=Span(start=day(start), end=day(end)),
        place_of_service=place,
        authorization_number=f"AUTH-{n}" if status is LineOutcome.CERTIFIED else None,
    )
    word = {
        LineOutcome.CERTIFIED: CaseStatus.APPROVED,
        LineOutcome.NOT_CERTIFIED: CaseStatus.DENIED,
        LineOutcome.PENDING: CaseStatus.PENDED,
    }[status]
    standing = Standing(status=word, lines={"1": result})
    seen = Seen(UUID(int=n), PARequest.model_validate(request), standing, noon(start))
    return seen, [(noon(start + 1), standing)]


def a_course(
    made: list[tuple[Seen, list[Moment]]], events: list[Treatment], rules: CourseRules | None = None
) -> Course:
    return Course(
        cases=tuple(seen for seen, _ in made),
        moments={seen.id: moments for seen, moments in made},
        payers={seen.id: {"1": "evergreen_health"} for seen, _ in made},
        events=tuple(events),
        reference=NOTHING_KNOWN,
        rules=lambda _: rules or CourseRules(),
    )


@st.composite
def cases_made(draw: st.DrawFn) -> list[tuple[Seen, list[Moment]]]:
    decided = (LineOutcome.CERTIFIED, LineOutcome.CERTIFIED, LineOutcome.NOT_CERTIFIED, LineOutcome.PENDING)
    return [
        a_case(
            n,
            start := draw(st.integers(0, 400)),
            start + draw(st.integers(20, 250)),
            draw(st.one_of(st.none(), st.integers(1, 2000))),
            status=draw(st.sampled_from(decided)),
        )
        for n in range(1, draw(st.integers(1, 4)) + 1)
    ]


@st.composite
def events(draw: st.DrawFn) -> list[Treatment]:
    found = []
    for n in range(draw(st.integers(0, 60))):
        on, place = draw(st.integers(0, 540)), draw(st.sampled_from(("11", "11", "22")))
        kind = draw(st.sampled_from(("administered", "administered", "cycle_started", "site_changed", "drug_swapped")))
        more: dict[str, Any] = {"kind": kind, "place_of_service": place}
        if kind == "cycle_started":
            more["cycle"] = 1
        if kind == "drug_swapped":
            more |= {"code": OTHER, "instead_of": DRUG}
        found.append(given(f"E{n:02}", on, draw(st.integers(1, 400)), **more))
    return found


@over(cases_made(), events(), st.randoms(use_true_random=False))
def test_sixty_events_told_in_any_order_and_twice_make_the_same_story(
    made: list[tuple[Seen, list[Moment]]], plain: list[Treatment], dice: Any
) -> None:
    told = [*plain, *dice.choices(plain, k=len(plain) // 3)] if plain else []
    dice.shuffle(told)
    mixed = list(made)
    dice.shuffle(mixed)
    story = a_course(made, plain).tell()
    assert a_course(mixed, told).tell() == story
    treated = [one.event for one in story if one.event]
    assert treated == sorted(plain, key=lambda event: (event.on, event.id))
    for one in story:
        if one.advice is not None and one.advice.kind is Kind.COVERED and one.event:
            grant = one.advice.grant
            assert grant is not None
            assert grant.terms.start <= one.event.on <= grant.terms.end  # type: ignore[operator]
            assert grant.terms.number == f"AUTH-{grant.case_id.int}", "no event takes another's number"


@over(cases_made(), events())
def test_whatever_is_drafted_is_a_request_that_follows_its_case(
    made: list[tuple[Seen, list[Moment]]], plain: list[Treatment]
) -> None:
    course = a_course(made, plain)
    ledger = course.ledger()
    for event in plain:
        advice = course.advise(event, ledger)
        body = draft(event, advice)
        assert (body is None) or advice.kind in (Kind.UPDATE, Kind.RENEWAL, Kind.NEW)
        assert body is not None or advice.kind is not Kind.NEW
        if body is not None and advice.seen is not None:
            request = PARequest.model_validate(body)
            assert request.follows == advice.seen.id
            assert [line.code for line in request.lines] == [event.code]


def test_no_draft_says_what_its_event_denies() -> None:
    seen, moments = a_case(1, 0, 100, 400, status=LineOutcome.CERTIFIED)
    written = seen.request.model_dump(mode="json", exclude_none=True)
    written["site"] = {"place_of_service": "22", "facility_name": "General Hospital Outpatient"}
    written["regimen"] = {"name": "first", "intent": "palliative"}
    written["lines"][0]["dose"] = "200 mg every 3 weeks"
    seen = replace(seen, request=PARequest.model_validate(written))
    [line] = seen.request.lines

    def drafted(event: Treatment) -> dict[str, Any] | None:
        course = a_course([(seen, moments)], [event])
        return draft(event, course.advise(event, course.ledger()))

    same = drafted(given("A", 5, kind="site_changed", place_of_service="22", code=line.code))
    assert same is None or same["site"] == written["site"]
    home = drafted(given("B", 5, kind="site_changed", place_of_service="12", code=line.code))
    assert home is not None
    assert (home["site"], home["regimen"]["name"]) == ({"place_of_service": "12"}, "first")
    more = drafted(given("C", 5, 5000, kind="dose_changed", code=line.code))
    assert more is not None
    assert (more["lines"][0]["quantity"]["value"], "dose" in more["lines"][0]) == ("5000", False)
    other = drafted(given("D", 5, code=OTHER))
    assert other is not None
    assert "regimen" not in other
    named, stranger = seen.request.requester.npi, "1679576722"
    assert drafted(given("E", 5, code=OTHER, provider_npi=stranger)) is None, "nobody knows that provider's name"
    assert drafted(given("F", 5, code=OTHER, provider_npi=named)) is not None


def test_of_one_day_what_was_asked_and_decided_comes_before_what_was_done() -> None:
    made = [a_case(1, 0, 100, 400, status=LineOutcome.CERTIFIED)]
    story = a_course(made, [given("A", 1), given("B", 0)]).tell()
    assert [one.what for one in story] == [Happened.ASKED, Happened.TREATED, Happened.DECIDED, Happened.TREATED]


def test_an_open_case_is_updated_only_where_the_payer_takes_it() -> None:
    made = [a_case(1, 0, 100, None, status=LineOutcome.PENDING)]
    moved = given("M", 10, kind="site_changed", place_of_service="22")
    for rules, rule in ((CourseRules(), Rule.OPEN), (CourseRules(update_open=False), Rule.OPEN_FIXED)):
        course = a_course(made, [moved], rules)
        assert course.advise(moved, course.ledger()).rule is rule


def test_a_case_that_the_payer_closed_undecided_awaits_nothing() -> None:
    seen, moments = a_case(1, 0, 100, None, status=LineOutcome.PENDING)
    closed = replace(seen, standing=replace(seen.standing, status=CaseStatus.CLOSED_BY_PAYER))
    event = given("A", 10)
    course = a_course([(closed, moments)], [event])
    assert course.advise(event, course.ledger()).rule is Rule.NOTHING


def test_what_no_payer_has_is_not_awaited_and_one_half_that_failed_says_nothing_of_the_other() -> None:
    seen, moments = a_case(1, 0, 100, None, status=LineOutcome.PENDING)
    event = given("A", 10)
    for status, unasked, rule in (
        (CaseStatus.REJECTED, {"1"}, Rule.NOTHING),
        (CaseStatus.FAILED, {"1"}, Rule.NOTHING),
        (CaseStatus.REJECTED, {"2"}, Rule.ASKED),
        (CaseStatus.FAILED, {"2"}, Rule.ASKED),
    ):
        stands = replace(seen, standing=replace(seen.standing, status=status), unasked=frozenset(unasked))
        course = a_course([(stands, moments)], [event])
        assert course.advise(event, course.ledger()).rule is rule


def test_after_a_denial_nothing_is_updated_whatever_the_payer_permits() -> None:
    made = [a_case(1, 0, 100, None, status=LineOutcome.NOT_CERTIFIED)]
    rules = CourseRules(update_granted=("dates", "site", "provider", "drug"))
    for kind in ("administered", "site_changed", "dose_changed"):
        event = given("M", 10, kind=kind, place_of_service="22")
        course = a_course(made, [event], rules)
        assert course.advise(event, course.ledger()).rule is Rule.DENIED


def test_reminders_are_of_what_ends_or_runs_out_and_of_nothing_that_another_grants_for_longer() -> None:
    first = a_case(1, 0, 100, 400, status=LineOutcome.CERTIFIED)
    second = a_case(2, 101, 200, 400, status=LineOutcome.CERTIFIED)
    plan = given("P", 5, 401, kind="dose_changed", place_of_service=None)
    assert first[0].request.lines[0].role is LineRole.DRUG
    for made, found in (([first], {Cause.ENDS, Cause.RUNS_OUT}), ([first, second], {Cause.ENDS})):
        course = a_course(made, [plan])
        reminders = list(reminders_of(course, course.ledger(), day(6)))
        assert {one.why for one in reminders} == found
        ends = [one for one in reminders if one.why is Cause.ENDS]
        assert [one.case_id for one in ends] == [made[-1][0].id]


@pytest.mark.parametrize(
    "second",
    [
        a_case(2, 115, 300, 400, status=LineOutcome.CERTIFIED),
        a_case(2, 0, 300, 400, status=LineOutcome.CERTIFIED, place="22"),
        a_case(2, 0, 300, 100, status=LineOutcome.CERTIFIED),
    ],
    ids=["after a gap", "elsewhere", "used up"],
)
def test_another_authorization_that_does_not_go_on_keeps_no_reminder_back(second: tuple[Seen, list[Moment]]) -> None:
    first = a_case(1, 0, 100, 400, status=LineOutcome.CERTIFIED, place="11")
    used = given("U", 2, 100, place_of_service="11", case_id=str(UUID(int=2)))
    plan = given("P", 5, 500, kind="dose_changed", place_of_service=None)
    course = a_course([first, second], [used, plan])
    reminders = [one for one in reminders_of(course, course.ledger(), day(6)) if one.case_id == first[0].id]
    assert {one.why for one in reminders} == {Cause.ENDS, Cause.RUNS_OUT}


def test_what_another_authorization_still_has_does_not_run_out() -> None:
    first = a_case(1, 0, 100, 400, status=LineOutcome.CERTIFIED)
    second = a_case(2, 0, 120, 400, status=LineOutcome.CERTIFIED)
    for needed, found in ((800, {Cause.ENDS}), (801, {Cause.ENDS, Cause.RUNS_OUT})):
        plan = given("P", 5, needed, kind="dose_changed", place_of_service=None)
        course = a_course([first, second], [plan])
        assert {one.why for one in reminders_of(course, course.ledger(), day(6))} == found
