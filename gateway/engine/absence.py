"""What an inquiry's answer shows of a message whose fate was unknown: that it arrived, that it did not, or neither.

Pure; knows nothing of when it was asked, or of what follows.
"""

from __future__ import annotations

from gateway.contract.adapter import Answers, Change, ChangeKind
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import LineOutcome
from gateway.store.records import Attempt, Verb

_SPEAKS_OF_INQUIRY = frozenset({Answer.UNAVAILABLE, Answer.NUMBER_USED, Answer.UNMAPPED, Answer.REJECTED})
"""Answers to an inquiry that speak of the inquiry, unless they are ``of_filing``."""

_OPEN = frozenset({LineOutcome.PENDING, LineOutcome.CONTACT_PAYER, LineOutcome.UNKNOWN})


def is_absent(attempt: Attempt, outcome: Outcome) -> bool | None:
    """True when the answer shows no trace of the attempt's effect, False when it shows it, None when neither."""
    if attempt.verb is Verb.SUBMIT:
        if outcome.answer is Answer.NOT_FOUND:
            return True
        return None if outcome.answer in _SPEAKS_OF_INQUIRY and not outcome.of_filing else False
    if attempt.verb is Verb.ANSWER:
        return _documents_absent(attempt, outcome)
    kind = attempt.work.kind if isinstance(attempt.work, Change) else None
    if kind is ChangeKind.APPEAL:
        return _appeal_absent(outcome)
    return _cancellation_absent(outcome) if kind is ChangeKind.CANCEL else None


def _appeal_absent(outcome: Outcome) -> bool | None:
    """A denial that is looked at again, or is none any more, shows that it arrived. A denial shows nothing: the appeal
    may lie elsewhere with the payer, or may not have been looked at."""
    taken_up = {LineOutcome.PENDING, LineOutcome.INFO_REQUESTED, LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED}
    words = {line.outcome for line in outcome.lines}
    return False if outcome.answer is Answer.REVIEWED and words & taken_up else None


def _cancellation_absent(outcome: Outcome) -> bool | None:
    if outcome.answer in (Answer.RECEIVED, Answer.CANCELLED):
        return outcome.answer is Answer.RECEIVED
    words = {line.outcome for line in outcome.lines}
    if outcome.answer is not Answer.REVIEWED or not words:
        return None
    return words != {LineOutcome.CANCELLED}


def _documents_absent(attempt: Attempt, outcome: Outcome) -> bool | None:
    """A payer that goes on asking has no documents, and one that has decided and asks for none needs none. One that
    reviews has those that it asked for; whether it has those that nobody asked for, no inquiry tells: they go again."""
    if outcome.answer in (Answer.RECEIVED, Answer.CANCELLED):
        return outcome.answer is Answer.RECEIVED
    words = {line.outcome for line in outcome.lines}
    if outcome.answer is not Answer.REVIEWED or not words:
        return None
    if LineOutcome.INFO_REQUESTED in words or not words & _OPEN:
        return LineOutcome.INFO_REQUESTED in words or bool(outcome.requested)
    asked_for = isinstance(attempt.work, Answers) and bool(attempt.work.control_numbers or attempt.work.codes)
    if asked_for:
        return False if LineOutcome.PENDING in words else None
    return True
