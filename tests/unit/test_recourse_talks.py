"""Talks of peers: their moves, their time, and their invitations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from gateway.model.talk import (
    WORD,
    Concluded,
    Missed,
    Opened,
    Proposed,
    Scheduled,
    Slot,
    Talk,
    TalkOutcome,
    TalkState,
    Warned,
    Word,
)
from gateway.recourse.invitation import write_invitation
from gateway.recourse.talks import (
    AFTERWARDS,
    NoMove,
    called_for,
    ends_at,
    looks_at,
    move,
    open_talk,
    overlapping,
    talks_of,
)

NOW = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
CASE, ONE, OTHER = UUID(int=7), UUID(int=1), UUID(int=2)
HOUR = timedelta(hours=1)


def opened(n: int = 1, **fields: object) -> Opened:
    given = {"n": n, "at": NOW, "submission": ONE, "payer": "evergreen_health", "lines": ("1",), "by": "payer"}
    return Opened.model_validate({**given, **fields})


def a_talk(**fields: object) -> Talk:
    return open_talk((), opened(**fields))


def at(hours: float, minutes: int = 30) -> Slot:
    return Slot(start=NOW + hours * HOUR, minutes=minutes)


def scheduled(hours: float, said: float = 0) -> Scheduled:
    return Scheduled(n=1, at=NOW + said * HOUR, slot=at(hours))


WORDS = st.one_of(
    st.builds(lambda by: Proposed(n=1, at=NOW, by=by, slots=(at(1),)), st.sampled_from(["payer", "practice"])),
    st.builds(scheduled, st.integers(-50, 50)),
    st.builds(lambda outcome: Concluded(n=1, at=NOW, outcome=outcome), st.sampled_from(TalkOutcome)),
    st.builds(lambda hours: Warned(n=1, at=NOW, of=NOW + hours * HOUR), st.integers(0, 50)),
    st.just(Missed(n=1, at=NOW)),
)


@given(st.lists(WORDS, max_size=12))
def test_nothing_moves_a_talk_that_is_over(words: list[Word]) -> None:
    talk = a_talk(until=NOW + 60 * HOUR)
    for word in words:
        if talk.is_open:
            talk = move(talk, word)
            continue
        if talk.state is TalkState.MISSED and isinstance(word, Concluded) and word.outcome != TalkOutcome.WITHDRAWN:
            assert move(talk, word).state is TalkState.HELD, "somebody tells of it afterwards"
        else:
            with pytest.raises(NoMove):
                move(talk, word)
        assert looks_at(talk) is None
        assert called_for(talk, NOW + timedelta(days=999)) is None


LINES = st.lists(st.sampled_from("123"), min_size=1, max_size=3, unique=True).map(tuple)


@given(st.lists(st.tuples(st.sampled_from([ONE, OTHER]), LINES, st.booleans()), max_size=10))
def test_no_denial_is_talked_over_twice_at_once(openings: list[tuple[UUID, tuple[str, ...], bool]]) -> None:
    held: list[Talk] = []
    for submission, lines, ends in openings:
        word = opened(len(held) + 1, submission=submission, lines=lines)
        if overlapping(held, submission, lines):
            with pytest.raises(NoMove):
                open_talk(held, word)
            continue
        talk = open_talk(held, word)
        held.append(move(talk, Missed(n=talk.n, at=NOW)) if ends else talk)
        denials = [(each.submission, line) for each in held if each.is_open for line in each.lines]
        assert len(denials) == len(set(denials))


@given(st.lists(WORDS, max_size=8))
def test_words_that_were_kept_tell_the_same_talk_again(words: list[Word]) -> None:
    told: list[Word] = [opened()]
    talk = a_talk()
    for word in words:
        if talk.is_open:
            talk, told = move(talk, word), [*told, word]
    assert talks_of(WORD.validate_json(WORD.dump_json(word)) for word in told) == (talk,)


def test_who_moves_next_shows_in_its_state() -> None:
    assert a_talk(by="payer").state is TalkState.OFFERED
    assert a_talk(by="practice").state is TalkState.REQUESTED
    turned = move(a_talk(by="practice"), Proposed(n=1, at=NOW, by="payer", slots=(at(3),)))
    assert (turned.state, turned.slots_by) == (TalkState.OFFERED, "payer")
    fixed = move(turned, scheduled(3))
    assert move(fixed, Proposed(n=1, at=NOW, by="payer", slots=(at(9),))).state is TalkState.SCHEDULED


def test_a_time_after_the_window_is_late_until_it_is_moved_into_it() -> None:
    talk = a_talk(until=NOW + 10 * HOUR)
    assert not move(talk, scheduled(9)).late
    late = move(talk, scheduled(11))
    assert late.late
    assert not move(late, scheduled(10)).late
    assert not move(a_talk(), scheduled(11)).late, "no end of it is known"
    assert move(talks_of([opened().model_copy(update={"late": True})])[0], scheduled(11)).late


def test_it_is_warned_of_once_and_then_missed() -> None:
    talk = a_talk(until=NOW + 72 * HOUR)
    assert called_for(talk, NOW + 47 * HOUR) is None
    warned = called_for(talk, NOW + 48 * HOUR)
    assert isinstance(warned, Warned)
    talk = move(talk, warned)
    assert called_for(talk, NOW + 72 * HOUR) is None, "its last moment is its own"
    assert called_for(talk, NOW + 72 * HOUR + timedelta(seconds=1)) == Missed(
        n=1, at=NOW + 72 * HOUR + timedelta(seconds=1)
    )


def test_a_short_window_is_warned_of_in_its_middle() -> None:
    assert looks_at(a_talk(until=NOW + 4 * HOUR)) == NOW + 2 * HOUR


def test_a_talk_that_is_held_late_in_its_window_leaves_a_day_to_say_what_came_of_it() -> None:
    talk = move(a_talk(until=NOW + 72 * HOUR), scheduled(71))
    assert ends_at(talk) == NOW + 71 * HOUR + timedelta(minutes=30) + AFTERWARDS
    assert ends_at(move(a_talk(until=NOW + 72 * HOUR), scheduled(1))) == NOW + 72 * HOUR
    assert looks_at(a_talk()) is None, "nobody knows its end"


def event_of(talk: Talk) -> tuple[str, dict[str, object]]:
    written = write_invitation(CASE, talk)
    assert written is not None
    calendar = Calendar.from_ical(written)
    [event] = calendar.walk("VEVENT")
    return str(calendar["method"]), dict(event)


def test_an_invitation_moves_with_the_talk_under_one_name() -> None:
    assert write_invitation(CASE, a_talk()) is None
    first = move(a_talk(phone="2155550142"), scheduled(5))
    moved = move(first, scheduled(6, said=1))
    off = move(moved, Concluded(n=1, at=NOW + 2 * HOUR, outcome=TalkOutcome.WITHDRAWN))
    found = [event_of(talk) for talk in (first, moved, off)]
    assert [method for method, _ in found] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [int(str(event["SEQUENCE"])) for _, event in found] == [0, 1, 2]
    assert len({str(event["UID"]) for _, event in found}) == 1
    written = write_invitation(CASE, first) or b""
    assert b"DTSTART:20260309T200000Z" in written, "in UTC"
    assert str(CASE).encode() in written.replace(b"\r\n ", b"")
    assert write_invitation(CASE, first) == written


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=6))
def test_every_move_of_its_time_counts(hours: list[int]) -> None:
    talk, seen = a_talk(), []
    for hour in hours:
        talk = move(talk, scheduled(hour))
        seen.append(talk.sequence)
    assert all(later == earlier + 1 for earlier, later in pairwise([-1, *seen]))
