"""What lies where the payer takes it from, and until when the payer's word of it is waited for. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.contract.adapter import Answers, Change, ChangeKind
from gateway.engine.attempts import MESSAGES
from gateway.engine.wanted import wanted
from gateway.model.status import DECIDED, CaseStatus, Delivery
from gateway.profiles.payer import Rhythm
from gateway.store.records import Attempt, Submission


def is_placed(filing: Attempt, status: CaseStatus) -> bool:
    """True for a filing that lies where the payer takes it from, and of which it has said nothing."""
    nothing_said = status in (CaseStatus.SUBMITTING, CaseStatus.CANCEL_PENDING)
    return filing.delivery is Delivery.TRANSPORT_ACKED and nothing_said


def acknowledged_by(attempt: Attempt, rhythm: Rhythm) -> datetime | None:
    """When an operator is called for what lies where the payer takes it from, and that it has said nothing of."""
    return attempt.sent_at and attempt.sent_at + timedelta(seconds=rhythm.acknowledge_seconds)


def placed(submission: Submission) -> tuple[Attempt, ...]:
    """Changes and documents that lie where the payer takes them from, and of which it has said nothing; those of what
    is decided too. Answers to questions are none of these: what is said of them is the decision, which takes its own
    time."""
    return tuple(
        attempt
        for attempt in submission.attempts
        if attempt.verb in MESSAGES
        and not (isinstance(attempt.work, Answers) and attempt.work.questions)
        and attempt.delivery is Delivery.TRANSPORT_ACKED
        and (wanted(submission, attempt) or _changes_what_is_decided(submission, attempt))
    )


def _changes_what_is_decided(submission: Submission, attempt: Attempt) -> bool:
    changes = isinstance(attempt.work, Change) and attempt.work.kind is not ChangeKind.CANCEL
    return changes and submission.status in DECIDED


def acknowledgements(submission: Submission, now: datetime, rhythm: Rhythm) -> list[datetime]:
    """When each message that lies where the payer takes it from must have been acknowledged, if that is to come."""
    times = [acknowledged_by(attempt, rhythm) for attempt in placed(submission)]
    return [at for at in times if at is not None and at > now]
