"""Whether an attempt may go again: only in the words in which it may have arrived."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from gateway.contract.errors import (
    CannotExpress,
    ExchangeError,
    Inexpressible,
    MaybeSent,
    NeedsPerson,
    NotSent,
    Unreadable,
)
from gateway.contract.frames import Https, Secret
from gateway.engine import recording
from gateway.engine.entries import entries_of, frame_entry
from gateway.engine.resending import changed, unsaid
from gateway.engine.told import Told
from gateway.model.outcome import Answer, Outcome
from gateway.store.records import Entry, NewEntry
from tests.unit.engine_material import NOW, a_submission, an_attempt
from tests.unit.test_engine_recording import REPLY, a_case

ATTEMPT = an_attempt()
FRAME = Https(
    "POST",
    "https://payer.example/core",
    effect=True,
    headers=(("Content-Type", "application/soap+xml"),),
    body=(b"<login>", Secret("core-password"), b"</login>ISA*41~"),
)
LOST, UNSENT = MaybeSent("the line broke"), NotSent("no connection in time")


def kept(entry: NewEntry) -> Entry:
    return Entry(1, entry.kind, NOW, entry.attempt_id, entry.submission_id, entry.meta, entry.body, b"")


def sending(error: ExchangeError | None, frame: Https = FRAME, *, replied: bool = False) -> list[Entry]:
    """What the journal keeps of one sending."""
    told = Told(ATTEMPT, None, None, error, effect=True)
    reply = REPLY if replied else None
    outcome = None if error else Outcome(answer=Answer.UNMAPPED, document=b"ISA*9~")
    ends = entries_of(a_submission(), ATTEMPT, reply, outcome, told.note if error else None)
    return [kept(frame_entry(a_case(), a_submission(), ATTEMPT, frame)), *map(kept, ends)]


def withheld() -> list[Entry]:
    """What the journal keeps when it did not go for having changed."""
    told = Told(ATTEMPT, None, None, NeedsPerson("would not go as it went"), effect=True)
    return [kept(entry) for entry in entries_of(a_submission(), ATTEMPT, None, None, told.note)]


@pytest.mark.parametrize(
    ("edit", "part"),
    [
        ({"body": (b"<login>", Secret("core-password"), b"</login>ISA*42~")}, "body"),
        ({"body": (b"<login>", Secret("other-password"), b"</login>ISA*41~")}, "body"),
        ({"url": "https://elsewhere.example/core"}, "address"),
        ({"method": "PUT"}, "method"),
        ({"headers": (("content-type", "text/xml"),)}, "content_type"),
    ],
)
def test_what_may_have_arrived_goes_in_no_other_words(edit: dict[str, Any], part: str) -> None:
    now = replace(FRAME, **edit)
    for said in (
        sending(LOST),
        sending(None, replied=True),
        sending(Unreadable("HTML"), replied=True),
        sending(LOST) + sending(UNSENT),
        sending(LOST) + withheld() + withheld(),
        sending(None, replied=True) + withheld(),
    ):
        assert f"({part})" in str(changed(said, now))
        assert changed(said, FRAME) is None


@pytest.mark.parametrize(
    "said",
    [[], sending(UNSENT), sending(UNSENT) * 3, sending(NeedsPerson("refused"), replied=True)],
)
def test_what_certainly_never_arrived_may_be_mended(said: list[Entry]) -> None:
    assert changed(said, replace(FRAME, url="https://mended.example/core", body=(b"ISA*41*mended~",))) is None


def test_a_later_frame_of_an_exchange_is_not_its_first() -> None:
    first, *ends = sending(None, replied=True)
    later = kept(frame_entry(a_case(), a_submission(), ATTEMPT, replace(FRAME, body=(b"next",))))
    reply, *rest = ends
    assert changed([first, reply, later, reply, *rest], FRAME) is None


def test_a_frame_kept_before_addresses_were_kept_binds_by_what_is_known() -> None:
    [frame, *rest] = sending(LOST)
    older = replace(frame, meta={name: value for name, value in frame.meta.items() if name != "address"})
    assert changed([older, *rest], FRAME) is None
    assert changed([older, *rest], replace(FRAME, body=(b"other",))) is not None


def test_an_attempt_that_is_not_sent_for_one_reason_again_and_again_keeps_one_note() -> None:
    first = Told(ATTEMPT, None, None, NeedsPerson("changed"), effect=True)
    assert first.note is not None
    again = Told(replace(ATTEMPT, id=uuid4(), error=first.word), None, None, NeedsPerson("changed"), effect=True)
    assert again.note is None
    assert replace(again, error=NeedsPerson("changed otherwise")).note is not None


def test_a_later_frame_of_an_exchange_is_no_sending_of_its_own_whether_the_one_before_was_answered_or_not() -> None:
    later = recording.interim(a_case(), a_submission(), ATTEMPT, None, replace(FRAME, body=(b"<question>",)))
    answered = recording.interim(a_case(), a_submission(), ATTEMPT, REPLY, replace(FRAME, body=(b"<question>",)))
    opening = kept(frame_entry(a_case(), a_submission(), ATTEMPT, FRAME))
    for step in (later, answered):
        said = [opening, *map(kept, step.entries), *sending(LOST)[1:]]
        assert changed(said, FRAME) is None
        assert "(body)" in str(changed(said, replace(FRAME, body=(b"ISA*42~",))))


def test_what_may_have_arrived_and_cannot_be_said_any_more_is_a_persons() -> None:
    error = CannotExpress(Inexpressible("/lines/0", "it is no drug", "Send another one."))
    assert unsaid([*sending(UNSENT), *withheld()], error) is None
    why = unsaid([*sending(LOST), *withheld()], error)
    assert why is not None
    assert "/lines/0: it is no drug" in why
    assert "Nothing is sent" in why
