"""An appeal of what a payer decided, and what it does to a line: a decision stands until the appeal has changed it, and
what the appeal has decided, no word on the first request takes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gateway.model.outcome import Answer, LineResult, Outcome
from gateway.model.record import Record
from gateway.model.status import DECIDED, UNDER_REVIEW, LineOutcome, of_line

APPEALABLE = frozenset({LineOutcome.NOT_CERTIFIED, LineOutcome.CERTIFIED_MODIFIED})
"""Decisions that somebody may appeal: a denial, and a grant of less than was asked for."""


class AppealState(StrEnum):
    """What a payer has made of an appeal."""

    ASKED = "asked"
    """It is on its way, or with the payer, which has said nothing of it."""
    UNCERTAIN = "uncertain"
    """It was sent, and nobody knows whether it arrived. It is not said a second time."""
    UNDER_REVIEW = "under_review"
    NEEDS_INFORMATION = "needs_information"
    OVERTURNED = "overturned"
    """All that was appealed is granted as it was asked for."""
    PARTLY_OVERTURNED = "partly_overturned"
    UPHELD = "upheld"
    CLOSED = "closed"
    """The payer closed it without deciding it."""
    REFUSED = "refused"
    """Nobody reviewed it: it was not taken, or could not be said."""


UNDER_WAY = frozenset(
    {AppealState.ASKED, AppealState.UNCERTAIN, AppealState.UNDER_REVIEW, AppealState.NEEDS_INFORMATION}
)
WAS_DECIDED = frozenset({AppealState.OVERTURNED, AppealState.PARTLY_OVERTURNED, AppealState.UPHELD})
_TAKEN_UP = frozenset({AppealState.UNDER_REVIEW, AppealState.NEEDS_INFORMATION})


class Appeal(Record):
    """An appeal of some lines of one submission."""

    lines: tuple[str, ...]
    state: AppealState
    asked_at: datetime
    payer: Annotated[str | None, Field(description="Who decides it.")] = None

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY


def after(state: AppealState, said: Iterable[LineOutcome], *, on_itself: bool) -> AppealState:
    """How an appeal stands once a review said this of its lines. ``on_itself`` is true of an answer to the appeal
    alone: another one that repeats the denial may not know of the appeal yet."""
    outcomes = set(said)
    granted = {LineOutcome.CERTIFIED, LineOutcome.NOT_REQUIRED}
    if LineOutcome.INFO_REQUESTED in outcomes:
        return AppealState.NEEDS_INFORMATION
    if LineOutcome.PENDING in outcomes or LineOutcome.CONTACT_PAYER in outcomes:
        return AppealState.UNDER_REVIEW
    if outcomes == {LineOutcome.CANCELLED}:
        return AppealState.CLOSED
    if not outcomes or not outcomes <= granted | APPEALABLE:
        return state
    if outcomes <= granted:
        return AppealState.OVERTURNED
    if outcomes != {LineOutcome.NOT_CERTIFIED}:
        return AppealState.PARTLY_OVERTURNED
    return AppealState.UPHELD if on_itself or state in _TAKEN_UP else state


def kept(own: LineResult, word: LineResult) -> LineResult | None:
    """A line as it was decided, where a word on its appeal leaves that: one that leaves the appeal open, or closes it,
    takes nothing back, and an appeal that is denied takes nothing away that was granted. None where the word decides
    the line anew."""
    if of_line(own.outcome) not in DECIDED:
        return None
    denied = word.outcome is LineOutcome.NOT_CERTIFIED and own.outcome is not LineOutcome.NOT_CERTIFIED
    undecided = of_line(word.outcome) in UNDER_REVIEW or word.outcome is LineOutcome.CANCELLED
    return own if denied or undecided else None


UNDECIDED = frozenset({Answer.CLOSED, Answer.CANCELLED, Answer.DUPLICATE})
"""Answers that end an appeal without a word on what was decided."""
_NO_GRANT = frozenset({LineOutcome.NOT_CERTIFIED, LineOutcome.PENDING, LineOutcome.CANCELLED})


def leaves_decision(word: Outcome) -> bool:
    """True for a word on an appeal that was understood, grants nothing and asks for nothing. Where another appeal was
    asked for since, it is over with that."""
    if word.answer is not Answer.REVIEWED:
        return word.answer in UNDECIDED
    asks = word.questions is not None or bool(word.requested)
    return not asks and all(result.outcome in _NO_GRANT for result in word.lines)


_TERMS = ("quantity", "period", "place_of_service", "provider_npi", "authorization_number")


def is_contrary(own: LineResult, word: LineResult) -> bool:
    """True where a word on the first request is not what an appeal has decided of the line: it may be the old decision,
    told again. A word on the whole request alone, one that nobody understood and a cancellation are none on that."""
    if word.outcome in (LineOutcome.UNKNOWN, LineOutcome.CANCELLED) or (own.named and not word.named):
        return False
    told = ((getattr(own, name), getattr(word, name)) for name in _TERMS)
    return word.outcome is not own.outcome or any(None not in (old, new) and old != new for old, new in told)


def confirmed(own: LineResult, word: LineResult) -> LineResult:
    """A line as an appeal decided it, with what a word that says the same tells beyond that."""
    return own.model_copy(update={name: getattr(word, name) for name in _TERMS if getattr(own, name) is None})
