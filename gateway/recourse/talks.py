"""Talks of peers: how each stands by the words that were said of it, until when, and what its time calls for. Pure.

Words are only ever added, and a later one supersedes; none moves a talk that is over, but that of one which nobody
told the end of it may be said afterwards what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from gateway.model.talk import (
    Concluded,
    Missed,
    Opened,
    Proposed,
    Scheduled,
    Talk,
    TalkOutcome,
    TalkState,
    Warned,
    Word,
)

WARNING = timedelta(days=1)
"""How long before its end a talk is warned of; of one that is shorter than two of these, half of its time before."""
AFTERWARDS = timedelta(days=1)
"""How long after a talk was to be held somebody may say what came of it."""
_ASKED = {"payer": TalkState.OFFERED, "practice": TalkState.REQUESTED}


class NoMove(ValueError):
    """A word that the talk is in no state for. The text says why, and what would do."""


def talks_of(words: Iterable[Word]) -> tuple[Talk, ...]:
    """The talks of a case, by their numbers. Raises NoMove for words that do not follow each other."""
    found: dict[int, Talk] = {}
    for word in words:
        if isinstance(word, Opened):
            found[word.n] = open_talk(tuple(found.values()), word)
        else:
            found[word.n] = move(found[word.n], word)
    return tuple(found.values())


def open_talk(held: Sequence[Talk], word: Opened) -> Talk:
    """A new talk. Raises NoMove where one of these denials is talked over already, or its number is not the next."""
    if again := overlapping(held, word.submission, word.lines):
        raise NoMove(f"Talk {again.n} over line {', '.join(again.lines)} is open ({again.state}). Move that one.")
    if word.n != len(held) + 1:
        raise NoMove("Another talk was opened meanwhile.")
    return Talk(
        n=word.n,
        submission=word.submission,
        payer=word.payer,
        lines=word.lines,
        state=_ASKED[word.by],
        offered_by=word.by,
        opened_at=word.at,
        phone=word.phone,
        until=word.until,
        path=word.path,
        late=word.late,
        slots=word.slots,
        slots_by=word.by if word.slots else None,
    )


def overlapping(held: Iterable[Talk], submission: UUID, lines: Iterable[str]) -> Talk | None:
    """The open talk over one of these denials."""
    wanted = set(lines)
    return next(
        (talk for talk in held if talk.is_open and talk.submission == submission and wanted & {*talk.lines}), None
    )


def move(talk: Talk, word: Word) -> Talk:
    """The talk after a word of it. Raises NoMove for one that is over; a missed one may still be concluded."""
    if not (talk.is_open or (talk.state is TalkState.MISSED and _was_held(word))):
        raise NoMove(f"Talk {talk.n} is over ({talk.state}). Open another one.")
    match word:
        case Proposed():
            state = talk.state if talk.state is TalkState.SCHEDULED else _ASKED[word.by]
            return talk.model_copy(update={"state": state, "slots": word.slots, "slots_by": word.by})
        case Scheduled():
            return talk.model_copy(
                update={
                    "state": TalkState.SCHEDULED,
                    "scheduled": word.slot,
                    "scheduled_at": word.at,
                    "phone": word.phone or talk.phone,
                    "sequence": talk.sequence + (talk.scheduled is not None),
                    # One that was opened too late has no window any more, and stays late.
                    "late": talk.late if talk.until is None else word.slot.start > talk.until,
                }
            )
        case Concluded():
            off = word.outcome is TalkOutcome.WITHDRAWN
            return talk.model_copy(
                update={
                    "state": TalkState.WITHDRAWN if off else TalkState.HELD,
                    "outcome": word.outcome,
                    "reference": word.reference,
                    "concluded_at": word.at,
                    "sequence": talk.sequence + (off and talk.scheduled is not None),
                }
            )
        case Warned():
            return talk.model_copy(update={"warned_of": word.of})
        case Missed():
            return talk.model_copy(update={"state": TalkState.MISSED, "concluded_at": word.at})
        case Opened():
            raise NoMove("Another talk was opened meanwhile.")


def _was_held(word: Word) -> bool:
    return isinstance(word, Concluded) and word.outcome is not TalkOutcome.WITHDRAWN


def ends_at(talk: Talk) -> datetime | None:
    """When an open talk is missed: at the end of the payer's window, or some time after it was to be held where that is
    later. None where no end is known."""
    held = [] if talk.scheduled is None else [talk.scheduled.end + AFTERWARDS]
    return max([*([] if talk.until is None else [talk.until]), *held], default=None)


def warns_at(talk: Talk) -> datetime | None:
    """When its end is to be told beforehand."""
    ends = ends_at(talk)
    return None if ends is None else ends - min(WARNING, max((ends - talk.opened_at) / 2, timedelta(0)))


def looks_at(talk: Talk) -> datetime | None:
    """When its time calls for a word next; None where it never does."""
    ends = ends_at(talk) if talk.is_open else None
    return ends if ends is None or talk.warned_of == ends else warns_at(talk)


def called_for(talk: Talk, now: datetime) -> Warned | Missed | None:
    """The word that its time calls for now."""
    ends, look = ends_at(talk), looks_at(talk)
    if ends is None or look is None or now < look:
        return None
    return Missed(n=talk.n, at=now) if now > ends else _warned(talk, ends, now)


def _warned(talk: Talk, ends: datetime, now: datetime) -> Warned | None:
    return None if talk.warned_of == ends else Warned(n=talk.n, at=now, of=ends)
