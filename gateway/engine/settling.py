"""What a person says of a message whose fate nobody knows: that the payer has it, or that it has not.

Pure. Of what is absent the same words go again, once, by that word; of what was found nothing goes again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from gateway.engine import attempts, recording
from gateway.engine.refusals import NotNow, Unfit
from gateway.engine.wanted import name_of
from gateway.model.faults import Finding
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, Delivery
from gateway.profiles.deadlines import Rule
from gateway.profiles.payer import Rhythm
from gateway.store.records import Attempt, Case, DeliveryMove, EntryKind, NewEntry, Step, Submission, Verb


@dataclass(frozen=True)
class Word:
    """What a person says: ``found`` is the payer's number for it, None where the payer has nothing. ``by`` is the name
    of the key with which it was said."""

    found: str | None
    by: str
    submission: UUID | None = None
    attempt: UUID | None = None


def in_doubt(submission: Submission) -> tuple[Attempt, ...]:
    """What may have changed something at the payer, and nobody knows: the latest filing, and what was said about it."""
    return tuple(
        lost for lost in attempts.lost_effects(submission) if lost.verb is not Verb.SUBMIT or lost is submission.filing
    )


def choose(case: Case, word: Word) -> tuple[Submission, Attempt]:
    """What is meant. Raises NotNow where nothing is in doubt, Unfit where what is named is not, or several are."""
    doubts = [(submission, lost) for submission in case.submissions for lost in in_doubt(submission)]
    if not doubts:
        raise NotNow(f"Nothing of this case is in doubt; it is {case.status}.")
    for name in ("submission", "attempt"):
        given = getattr(word, name)
        if given is not None:
            doubts = [pair for pair in doubts if given == (pair[0].id if name == "submission" else pair[1].id)]
            if not doubts:
                says = f"Nothing of this {name} is in doubt."
                raise Unfit([Finding((name,), "not_in_doubt", says, "Leave it out, or name one that is lost.")])
    if len(doubts) > 1:
        several = len({submission.id for submission, _ in doubts}) > 1
        known = ", ".join(
            f"{submission.id} ({submission.payer})" if several else f"{lost.id} ({_named(lost)})"
            for submission, lost in doubts
        )
        name = "submission" if several else "attempt"
        raise Unfit([Finding((name,), "several", "Several things are in doubt.", f"Send one of: {known}.")])
    return doubts[0]


def _named(attempt: Attempt) -> str:
    return "filing" if attempt.verb is Verb.SUBMIT else name_of(attempt)


def settled(
    case: Case,
    submission: Submission,
    lost: Attempt,
    word: Word,
    heard: Sequence[Heard],
    others: Sequence[Standing],
    now: datetime,
    rhythm: Rhythm,
    rules: Sequence[Rule],
) -> tuple[Step, Submission]:
    """What the word writes, and the submission as it is then. Raises NotNow for an absence that is not proved yet: what
    was sent may still be on its way into the payer's files."""
    files = lost.verb is Verb.SUBMIT
    until = (lost.sent_at or now) + timedelta(seconds=rhythm.settle_seconds)
    if word.found is None and now < until:
        told = until.isoformat(timespec="seconds").replace("+00:00", "Z")
        raise NotNow(f"What was sent may still come to light at the payer: look again after {told}.")
    to, known, entries = Delivery.RECONCILED, tuple(heard), [_note(submission, lost, word)]
    if word.found is None:
        to = Delivery.REFUSED if files and attempts.number_used(lost) else Delivery.PLANNED
    else:
        # Of what was said about a filing it changes no status: what comes of that, the payer says.
        number = Reference(kind=ReferenceKind.REVIEW, value=word.found)
        outcome = Outcome(answer=Answer.RECEIVED if files else Answer.PLACED, references=(number,))
        known = (*known, Heard(outcome, now, filing=False, answers=lost.id))
        meta = {"by": "person", "answer": outcome.answer, "verb": Verb.INQUIRE}
        entries.insert(0, NewEntry(EntryKind.OUTCOME, outcome.model_dump_json().encode(), submission.id, lost.id, meta))
    error = attempts.word_after_inquiry(lost, to)
    ends = tuple(
        replace(held, delivery=to, error=error) if held.id == lost.id else held for held in submission.attempts
    )
    after = replace(
        submission, attempts=ends, attention=Attention.GATEWAY, attention_why=None, tries=0
    )  # whoever was called for it has come
    move = DeliveryMove(lost.id, lost.delivery, to, error)
    step = Step(case.id, moves=(move,), entries=tuple(entries))
    return recording.left(case, after, known, others, now, rhythm, rules, step)


def _note(submission: Submission, lost: Attempt, word: Word) -> NewEntry:
    """The payer's number is no part of it: a note holds nothing of a patient."""
    says = {
        "note": "settled",
        "what": _named(lost),
        "says": "found" if word.found is not None else "absent",
        "by": word.by,
    }
    return NewEntry(EntryKind.NOTE, json.dumps(says).encode(), submission.id, lost.id, {"note": "settled"})
