"""What a person's act writes: a change is asked for, documents are given, a request is taken back. Pure."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from gateway.contract.adapter import Answers
from gateway.contract.errors import CannotExpress
from gateway.engine import appeals
from gateway.engine.attention import UNTOLD
from gateway.engine.wanted import is_appeal
from gateway.engine.whole import events_of, restated
from gateway.model.outcome import LineResult
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, LineOutcome
from gateway.model.story import URGENCY
from gateway.store.records import Attempt, Case, Due, EntryKind, NewEntry, Step, Submission


def unfiled(case: Case) -> Step:
    """A case is taken back before it was routed."""
    lines = {line.id: LineResult(line=line.id, outcome=LineOutcome.CANCELLED) for line in case.request.lines}
    standing = Standing(status=CaseStatus.CANCELLED, lines=lines)
    entry = NewEntry(EntryKind.NOTE, b'{"note": "taken_back"}', meta={"note": "taken_back"})
    return Step(case.id, entries=(entry,), standing=standing, events=events_of(case, standing))


def not_cancelled(case: Case, submission: Submission, error: CannotExpress) -> Step:
    """A payer cannot be told of a cancellation that others of the case are told of: the practice is called, and an
    operator who was called before is told of it."""
    says = " ".join(
        f"{item.why[:1].upper()}{item.why[1:].rstrip('.')}. {item.fix or ''}".strip() for item in error.items
    )
    why = f"{UNTOLD.format(submission.payer)}. {says}"
    entry = NewEntry(
        EntryKind.NOTE,
        json.dumps({"note": "cancellation_not_told", "error": str(error)}).encode(),
        submission.id,
        meta={"note": "cancellation_not_told"},
    )
    who = max(submission.attention, Attention.PROVIDER, key=URGENCY.index)
    if who is not Attention.PROVIDER and submission.attention_why:
        why = f"{submission.attention_why}; {why}"
    after = replace(submission, attention=who, attention_why=why)
    standing = restated(case, after)
    return Step(case.id, submissions=(after,), entries=(entry,), standing=standing, events=events_of(case, standing))


def asked(case: Case, submission: Submission, attempt: Attempt, *, cancelling: bool, note: dict[str, Any]) -> Step:
    """A person asked for a change, or sent documents: an attempt waits to be said."""
    after = replace(submission, cancelling=submission.cancelling or cancelling, tries=0)
    if cancelling and submission.status is CaseStatus.UNCERTAIN:
        # Whether there is anything to cancel is for an inquiry to say, and a person waits for it.
        after = replace(after, due_at=attempt.planned_at, due_for=Due.RECONCILE)
    elif cancelling:
        after = replace(after, status=CaseStatus.CANCEL_PENDING, attention=Attention.PAYER, attention_why=None)
    elif is_appeal(attempt):
        after = replace(after, attention=Attention.GATEWAY, attention_why="the appeal must be sent (not yet sent)")
    standing = restated(case, after)
    if is_appeal(attempt):
        standing = appeals.asked(standing, submission, attempt)
    if isinstance(attempt.work, Answers) and attempt.work.questions:
        left = tuple(one for one in standing.rounds if one.round != attempt.work.round)
        standing = replace(standing, rounds=left)
    entry = NewEntry(EntryKind.NOTE, json.dumps(note).encode(), submission.id, attempt.id, meta={"note": note["note"]})
    return Step(
        case.id,
        submissions=(after,),
        attempts=(attempt,),
        entries=(entry,),
        standing=standing,
        events=events_of(case, standing),
    )
