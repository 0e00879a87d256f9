"""What tests of the engine's decisions are made of: attempts and submissions as rows would give them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from gateway.contract.adapter import Answers, Change, ChangeKind, Stamp
from gateway.engine import agenda
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.profiles.payer import Backoff, Rhythm
from gateway.store.records import Attempt, Due, Submission, Verb

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=65)
RHYTHM = Rhythm(
    settle_seconds=30,
    reconcile=(10, 20, 40),
    poll=Backoff(first_seconds=60, longest_seconds=600, give_up_seconds=86400),
    retry=Backoff(first_seconds=5, longest_seconds=60, give_up_seconds=3600),
)
SUBMISSION_ID = uuid4()
LABS = Answers.model_validate(
    {
        "attachments": [
            {
                "id": "labs",
                "kind": "laboratory_results",
                "title": "Laboratory results",
                "media_type": "text/plain",
                "content": "U3ludGhldGlj",
            }
        ]
    }
)
CANCEL = Change(kind=ChangeKind.CANCEL)


def an_attempt(
    verb: Verb = Verb.SUBMIT,
    delivery: Delivery = Delivery.PLANNED,
    sent: float | None = None,
    work: Change | Answers | None = None,
    error: str | None = None,
    *,
    planned: float = 0,
    repeats: Attempt | None = None,
) -> Attempt:
    """``sent`` and ``planned`` are how many seconds ago it was."""
    return Attempt(
        id=uuid4(),
        submission_id=SUBMISSION_ID,
        verb=verb,
        stamp=Stamp(at=NOW, number=7, seed="0" * 32),
        delivery=delivery,
        planned_at=NOW - timedelta(seconds=planned),
        sent_at=None if sent is None else NOW - timedelta(seconds=sent),
        work=work,
        error=error,
        repeats=repeats.id if repeats else None,
    )


def a_submission(
    *attempts: Attempt, status: CaseStatus = CaseStatus.QUEUED, tries: int = 0, cancelling: bool = False
) -> Submission:
    return Submission(
        id=SUBMISSION_ID,
        place=1,
        payer="evergreen_health",
        connection="demo_clearinghouse",
        channel="x12_278",
        benefit="medical",
        line_ids=("1",),
        status=status,
        tries=tries,
        cancelling=cancelling,
        attempts=attempts,
    )


def standing(status: CaseStatus) -> Standing:
    return Standing(status, {}, Attention.GATEWAY)


def next_of(submission: Submission, due: Due | None = None) -> agenda.Next:
    return agenda.next_of(submission, due, NOW, LEASE)
