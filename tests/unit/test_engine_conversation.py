"""Conversations of several frames: what is kept when, and what the failure of one frame means for the attempt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.contract.adapter import Exchange
from gateway.contract.drive import drive
from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Frame, Https, Reply
from gateway.engine.conversation import Conversation
from gateway.engine.leases import Begun
from gateway.engine.told import Told
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import Delivery
from gateway.store.records import Attempt, Verb
from tests.unit.engine_material import a_submission, an_attempt

FILE = Https("POST", "https://payer.example/", effect=True, body=(b"file",))
ASK = Https("GET", "https://payer.example/", effect=False, body=(b"ask",))
CONFIRM = Https("POST", "https://payer.example/", effect=False, body=(b"confirm",))
YES, NO = Reply(200, body=b"yes"), Reply(429)
KNOWN = Outcome(answer=Answer.RECEIVED)
SURE = replace(CONFIRM, known=KNOWN)


class Room:
    """Stands for line, leases and clerk: gives these answers in order, and keeps what happened."""

    def __init__(self, *answers: Reply | ExchangeError) -> None:
        self.answers = iter(answers)
        self.happened: list[Any] = []
        self.rests = False
        self.leased: list[timedelta | None] = []
        self.patience = 60.0

    async def say(self, frame: Frame) -> Reply:
        return self.give(frame)

    def give(self, frame: Frame) -> Reply:
        self.happened.append(frame)
        answer = next(self.answers)
        if isinstance(answer, ExchangeError):
            raise answer
        return answer

    def refused(self, refusal: NeedsPerson) -> NeedsPerson:
        self.rests = True
        return NeedsPerson(f"{refusal}; the connection rests")

    async def interim(
        self,
        case_id: object,
        attempt: Attempt,
        reply: Reply | None,
        frame: Frame,
        lease: timedelta | None,
        known: Told | None,
    ) -> Attempt:
        self.happened.append((reply, frame) if known is None else (reply, known.outcome, frame))
        self.leased.append(lease)
        return attempt

    def length(self, submission: object) -> timedelta:
        return timedelta(seconds=65)

    def turn(self, submission: object) -> timedelta:
        return timedelta(seconds=self.patience)

    def check(self, attempt: Attempt) -> None:
        if attempt.sent_at is None:
            raise NotSent("stalled")


async def held(room: Room, exchange: Exchange, verb: Verb = Verb.SUBMIT, *, stalled: bool = False) -> Told:
    attempt = an_attempt(verb, Delivery.SENT, sent=None if stalled else 0)
    case = SimpleNamespace(id=1, submission=lambda _: a_submission(attempt))
    begun = Begun(cast(Any, case), attempt, exchange, next(exchange), False, cast(Any, None))
    return await Conversation(begun, cast(Any, room), cast(Any, room), cast(Any, room)).hold()


def says(*frames: Frame, read: Callable[[Reply], None] = lambda _: None) -> Exchange:
    """Says these and hears what comes; the last reply is the outcome's."""
    for frame in frames:
        read((yield frame))
    return KNOWN


def confirms(*frames: Frame) -> Exchange:
    """Knows enough before its last frame."""
    for place, frame in enumerate(frames, start=1):
        try:
            yield frame
        except ExchangeError:
            if place < len(frames):
                raise
    return KNOWN


def busy(reply: Reply) -> None:
    if reply.status == 429:
        raise NotSent("refused for now")


def locked(reply: Reply) -> None:
    if reply.status == 429:
        raise NeedsPerson("the credentials were refused")


async def test_each_later_frame_is_kept_before_it_leaves_with_the_reply_that_led_to_it() -> None:
    room = Room(YES, YES, YES)
    told = await held(room, says(FILE, ASK, CONFIRM))
    assert room.happened == [FILE, (YES, ASK), ASK, (YES, CONFIRM), CONFIRM]
    assert (told.outcome, told.reply, told.error, told.effect) == (KNOWN, YES, None, True)


@pytest.mark.parametrize("lost", [NotSent("no connection"), MaybeSent("gone"), NeedsPerson("expired")])
async def test_a_filing_whose_later_question_was_not_sent_is_in_doubt_and_does_not_go_again(
    lost: ExchangeError,
) -> None:
    told = await held(Room(YES, lost), says(FILE, ASK))
    assert (told.outcome, told.reply) == (None, None)
    assert type(told.error) is MaybeSent
    assert told.delivery is Delivery.LOST


@pytest.mark.parametrize("read", [busy, locked])
async def test_nor_does_one_whose_later_question_was_refused(read: Callable[[Reply], None]) -> None:
    room = Room(YES, NO)
    told = await held(room, says(FILE, ASK, read=read))
    assert told.reply is NO
    assert told.delivery is Delivery.LOST
    assert room.rests is (read is locked)


async def test_a_second_effect_that_was_not_sent_takes_nothing_back_of_the_first() -> None:
    told = await held(Room(YES, NotSent("no connection")), confirms(FILE, FILE))
    assert type(told.error) is MaybeSent
    assert told.delivery is Delivery.LOST


@pytest.mark.parametrize(("frames", "answers"), [((FILE,), (NO,)), ((ASK, FILE), (YES, NO))])
async def test_a_filing_that_was_itself_refused_for_now_goes_again(
    frames: tuple[Frame, ...], answers: tuple[Reply, ...]
) -> None:
    told = await held(Room(*answers), says(*frames, read=busy))
    assert told.delivery is Delivery.PLANNED


async def test_an_exchange_that_knows_enough_outlives_the_loss_of_a_frame_without_effect() -> None:
    room = Room(YES, MaybeSent("gone"))
    told = await held(room, confirms(ASK, CONFIRM), Verb.INQUIRE)
    assert (told.outcome, told.error, told.reply) == (KNOWN, None, None)


async def test_but_not_of_one_with_an_effect() -> None:
    told = await held(Room(YES, MaybeSent("gone")), confirms(ASK, FILE))
    assert (told.outcome, told.delivery) == (None, Delivery.LOST)


async def test_what_is_known_before_a_frame_leaves_is_recorded_with_it_and_not_again() -> None:
    room = Room(YES, NO)
    told = await held(room, says(ASK, SURE), Verb.INQUIRE)
    assert room.happened == [ASK, (YES, KNOWN, SURE), SURE]
    assert (told.outcome, told.reply, told.recorded) == (KNOWN, NO, True)


@pytest.mark.parametrize("lost", [NotSent("no connection"), MaybeSent("gone"), Unreadable("what?")])
async def test_and_no_loss_of_that_frame_takes_it_back(lost: ExchangeError) -> None:
    told = await held(Room(YES, lost), says(ASK, SURE), Verb.INQUIRE)
    assert (told.outcome, told.error, told.recorded) == (KNOWN, None, True)
    assert told.delivery is Delivery.APP_ACKED
    assert drive(says(ASK, SURE), Room(YES, lost).give) == KNOWN


async def test_what_it_comes_to_after_all_is_recorded_too() -> None:
    def learns() -> Exchange:
        yield ASK
        yield SURE
        return Outcome(answer=Answer.UNMAPPED)

    told = await held(Room(YES, YES), learns(), Verb.INQUIRE)
    assert (told.recorded, told.outcome) == (False, Outcome(answer=Answer.UNMAPPED))


async def test_what_goes_on_after_a_loss_is_kept_without_a_reply() -> None:
    def goes_on() -> Exchange:
        try:
            yield ASK
        except NotSent:
            yield CONFIRM
        return KNOWN

    room = Room(NotSent("no connection"), YES)
    told = await held(room, goes_on(), Verb.INQUIRE)
    assert room.happened == [ASK, (None, CONFIRM), CONFIRM]
    assert told.outcome == KNOWN


async def test_credentials_that_a_reply_refuses_rest_the_connection_and_those_it_never_saw_do_not() -> None:
    read, unsent = Room(NO), Room(NeedsPerson("no secret"))
    assert "rests" in str((await held(read, says(FILE, read=locked))).error)
    assert str((await held(unsent, says(ASK), Verb.INQUIRE)).error) == "no secret"
    assert (read.rests, unsent.rests) == (True, False)


@pytest.mark.parametrize("frames", [(FILE,), (ASK,)])
async def test_nothing_leaves_of_a_worker_that_stalled(frames: tuple[Frame, ...]) -> None:
    room = Room(YES)
    told = await held(room, says(*frames), stalled=True)
    assert room.happened == []
    assert isinstance(told.error, NotSent)


async def test_nor_a_later_frame_with_an_effect_of_one_that_stalled_meanwhile() -> None:
    room = Room(YES, YES)
    calls = iter((None, NotSent("stalled")))

    def check(attempt: Attempt) -> None:
        if stalled := next(calls):
            raise stalled

    room.check = check  # type: ignore[method-assign]
    told = await held(room, says(ASK, FILE))
    assert [each for each in room.happened if isinstance(each, Https)] == [ASK]
    assert told.delivery is Delivery.PLANNED


async def test_a_reply_on_which_the_adapter_breaks_is_kept() -> None:
    def breaks(reply: Reply) -> None:
        raise KeyError

    told = await held(Room(YES), says(FILE, read=breaks))
    assert told.reply is YES
    assert isinstance(told.error, Unreadable)
    assert told.delivery is Delivery.LOST


@pytest.mark.parametrize(
    ("frames", "answers"),
    [((ASK, CONFIRM), (YES, NotSent("no"))), ((ASK, FILE), (YES, NotSent("no"))), ((ASK,), (NotSent("no"),))],
)
async def test_tests_and_replays_drive_an_exchange_as_the_walk_does(
    frames: tuple[Frame, ...], answers: tuple[Reply | ExchangeError, ...]
) -> None:
    told = await held(Room(*answers), confirms(*frames))
    try:
        driven: Outcome | None = drive(confirms(*frames), Room(*answers).give)
    except NotSent:
        driven = None
    assert driven == told.outcome
