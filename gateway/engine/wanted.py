"""What changes and documents are, and whether saying them would still change something. Pure."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gateway.contract.adapter import Answers, Change, ChangeKind
from gateway.model.status import DECIDED, SETTLED, UNDER_REVIEW, CaseStatus, Delivery
from gateway.store.records import Attempt, Submission, Verb


def is_cancellation(attempt: Attempt) -> bool:
    return isinstance(attempt.work, Change) and attempt.work.kind is ChangeKind.CANCEL


def is_appeal(attempt: Attempt) -> bool:
    return isinstance(attempt.work, Change) and attempt.work.kind is ChangeKind.APPEAL


def is_taken_appeal(attempt: Attempt) -> bool:
    """True for an appeal that the payer has."""
    return is_appeal(attempt) and attempt.delivery in (Delivery.APP_ACKED, Delivery.RECONCILED)


def name_of(attempt: Attempt) -> str:
    """What it is, for a sentence."""
    if attempt.verb is Verb.ANSWER:
        return "answers" if isinstance(attempt.work, Answers) and attempt.work.questions else "documents"
    return "cancellation" if is_cancellation(attempt) else "appeal" if is_appeal(attempt) else "change"


def root_of(attempt: Attempt) -> UUID:
    """The attempt that said it first; those that say it again under other numbers repeat that one."""
    return attempt.repeats or attempt.id


def tried_since(submission: Submission, attempt: Attempt) -> datetime:
    """When what the attempt says was first to be said."""
    root = root_of(attempt)
    return min(held.planned_at for held in submission.attempts if root_of(held) == root)


def wanted(submission: Submission, attempt: Attempt) -> bool:
    """True while it would still change something: documents of a request under review, of an appeal, or given after a
    decision that asks for them; an open cancellation; an appeal of what is not approved."""
    if attempt.verb is Verb.ANSWER:
        open_still = submission.status in UNDER_REVIEW or _given_since(submission, attempt)
        return (open_still or _under_appeal(submission, attempt)) and not submission.cancelling
    if is_cancellation(attempt):
        return submission.cancelling
    if is_appeal(attempt):
        return submission.status in DECIDED - {CaseStatus.APPROVED} and not submission.cancelling
    return submission.status not in SETTLED


def _under_appeal(submission: Submission, attempt: Attempt) -> bool:
    """True for what was given since a decision was appealed that stands."""
    since = tried_since(submission, attempt)
    appealed = any(is_appeal(held) and held.planned_at <= since for held in submission.attempts)
    return appealed and submission.status in DECIDED - {CaseStatus.APPROVED}


def _given_since(submission: Submission, attempt: Attempt) -> bool:
    """True for documents of a decided request for which nothing was heard of it since they were first to be sent."""
    since = tried_since(submission, attempt)
    asked = [held for held in submission.attempts if held.verb in (Verb.SUBMIT, Verb.INQUIRE)]
    heard = [held.ended_at for held in asked if held.ended_at and held.delivery is Delivery.APP_ACKED]
    return submission.status in DECIDED and not any(at > since for at in heard)
