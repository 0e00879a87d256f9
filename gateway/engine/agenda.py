"""What is next for a submission: pure decisions over what the store holds, the payer's rhythm and the time.

The walk does what this says and commits it; killed at any point, the next walk reads the same rows and decides again.
Knows no database and no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.contract.adapter import Answers, Change, ChangeKind
from gateway.contract.errors import CannotExpress, ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.model.outcome import Answer, Outcome
from gateway.model.standing import Standing
from gateway.model.status import SETTLED, UNDER_REVIEW, Attention, CaseStatus, Delivery, LineOutcome
from gateway.profiles.payer import Rhythm
from gateway.store.records import Attempt, Due, Submission, Verb

INEXPRESSIBLE = "cannot_express"
"""How an attempt that its channel could not say opens its error."""

LEASE_MARGIN = timedelta(seconds=5)
"""How long after it was journaled a frame may still leave. An attempt's lease is this and the reply's deadline; then
others call it lost and ask the payer, so a worker that stalled for longer must not send any more."""


@dataclass(frozen=True)
class Speak:
    """Say this attempt's words, for the first time or again with the same stamp."""

    attempt: Attempt


@dataclass(frozen=True)
class Plan:
    """Begin a new attempt."""

    verb: Verb


@dataclass(frozen=True)
class CallLost:
    """The worker that sent this attempt is gone; what became of it is not known."""

    attempt: Attempt


@dataclass(frozen=True)
class Rest:
    """Nothing to do before the submission's timer rings, or before a person or the payer moves."""


Next = Speak | Plan | CallLost | Rest


def next_of(
    submission: Submission, due: Due | None, now: datetime, lease: timedelta, *, announced: bool = False
) -> Next:
    """What to do now.

    ``due`` is the timer that rang, if one did; ``lease`` how long an attempt may be in flight; ``announced`` says that
    the request came with documents, which the filing announces and which follow it.
    """
    in_flight = [attempt for attempt in submission.attempts if attempt.delivery is Delivery.SENT]
    for attempt in in_flight:
        if attempt.sent_at is None or attempt.sent_at + lease <= now:
            return CallLost(attempt)
    if in_flight:
        return Rest()
    filing = submission.filing
    if filing is None:
        return Rest() if submission.status in SETTLED else Plan(Verb.SUBMIT)
    if filing.delivery is Delivery.PLANNED and submission.status not in SETTLED:
        return Speak(filing) if filing.error is None or due is Due.RETRY else Rest()
    if filing.delivery is Delivery.LOST and submission.status is CaseStatus.UNCERTAIN:
        return _inquire(submission) if due is Due.RECONCILE else Rest()
    for attempt in submission.attempts:
        if attempt.verb in (Verb.AMEND, Verb.ANSWER) and attempt.delivery is Delivery.PLANNED:
            if attempt.error is None or due is Due.RETRY:
                return Speak(attempt)
            return Rest()
    if due is Due.RETRY and filing.delivery is Delivery.REFUSED and submission.status is CaseStatus.QUEUED:
        return Plan(Verb.SUBMIT)
    if announced and _awaits_documents(submission):
        return Plan(Verb.ANSWER)
    if due in (Due.POLL, Due.RECONCILE) and wants_inquiry(submission):
        return _inquire(submission)
    return Rest()


def _awaits_documents(submission: Submission) -> bool:
    """True while the payer reviews a filing whose announced documents were never sent."""
    sent = any(attempt.verb is Verb.ANSWER for attempt in submission.attempts)
    return submission.status in UNDER_REVIEW and not submission.cancelling and not sent


def _inquire(submission: Submission) -> Next:
    """One inquiry at a time: one that was planned and not sent is said, otherwise a new one begins."""
    for attempt in submission.attempts:
        if attempt.verb is Verb.INQUIRE and attempt.delivery is Delivery.PLANNED:
            return Speak(attempt)
    return Plan(Verb.INQUIRE)


def wants_inquiry(submission: Submission) -> bool:
    """True while the payer may still have something to say that asking would bring."""
    return (
        submission.status in UNDER_REVIEW
        or submission.status in (CaseStatus.UNCERTAIN, CaseStatus.CANCEL_PENDING)
        or submission.cancelling
        or submission.due_for is Due.POLL
        or bool(lost_effects(submission))
    )


def inquiries(submission: Submission) -> int:
    """How often the payer was asked about the latest filing."""
    filing = submission.filing
    return sum(
        attempt.verb is Verb.INQUIRE and filing is not None and attempt.planned_at >= filing.planned_at
        for attempt in submission.attempts
    )


def lost_effects(submission: Submission) -> tuple[Attempt, ...]:
    """Attempts that may have changed something at the payer, and nobody knows."""
    return tuple(
        attempt
        for attempt in submission.attempts
        if attempt.verb is not Verb.INQUIRE and attempt.delivery is Delivery.LOST
    )


def delivery_after(verb: Verb, outcome: Outcome) -> Delivery:
    """What an answered attempt's delivery is. An answer that nobody understands proves nothing about a filing."""
    if outcome.answer in (Answer.REJECTED, Answer.UNAVAILABLE, Answer.CANCEL_REFUSED):
        return Delivery.REFUSED
    if outcome.answer is Answer.UNMAPPED and verb is not Verb.INQUIRE:
        return Delivery.LOST
    return Delivery.APP_ACKED


def delivery_after_error(error: ExchangeError, effect: bool) -> Delivery:
    """What an attempt's delivery is when the exchange broke.

    What has an effect and was not sent goes back to PLANNED: the same stamp goes again. Bytes that make no sense
    after an effect leave the payer's view unknown, exactly as no bytes would. An inquiry just ends; the next one
    has a stamp of its own, since its interchange may have been seen.
    """
    if not effect or isinstance(error, CannotExpress):
        return Delivery.REFUSED
    return Delivery.PLANNED if isinstance(error, NotSent | NeedsPerson) else Delivery.LOST


def word_of(error: ExchangeError) -> str:
    """How an attempt keeps the error: what happens next, then our words."""
    names = {
        NotSent: "not_sent",
        MaybeSent: "maybe_sent",
        Unreadable: "unreadable",
        NeedsPerson: "needs_person",
        CannotExpress: INEXPRESSIBLE,
    }
    return f"{names[type(error)]}: {error}"


def settled_by_inquiry(
    submission: Submission, asked_at: datetime, outcome: Outcome, rhythm: Rhythm
) -> tuple[tuple[Attempt, Delivery], ...]:
    """What an inquiry's answer says about attempts whose fate was unknown.

    ``asked_at`` is when the inquiry was sent. An effect is proved absent only by an inquiry asked after the payer's
    settle time; then the attempt goes back to PLANNED and is said again with its own stamp, byte for byte.
    """
    moves: list[tuple[Attempt, Delivery]] = []
    for attempt in lost_effects(submission):
        absent = _absent(attempt, outcome)
        if absent is False:
            moves.append((attempt, Delivery.RECONCILED))
        elif absent and attempt.sent_at and asked_at >= attempt.sent_at + timedelta(seconds=rhythm.settle_seconds):
            moves.append((attempt, Delivery.PLANNED))
    return tuple(moves)


def _absent(attempt: Attempt, outcome: Outcome) -> bool | None:
    """True when the answer shows no trace of the attempt's effect, False when it shows it, None when neither."""
    if attempt.verb is Verb.SUBMIT:
        if outcome.answer is Answer.NOT_FOUND:
            return True
        return False if outcome.answer not in (Answer.UNAVAILABLE, Answer.UNMAPPED, Answer.REJECTED) else None
    if outcome.answer not in (Answer.REVIEWED, Answer.CANCELLED):
        return None
    if attempt.verb is Verb.ANSWER:
        return any(line.outcome is LineOutcome.INFO_REQUESTED for line in outcome.lines)
    if isinstance(attempt.work, Change) and attempt.work.kind is ChangeKind.CANCEL:
        return outcome.answer is not Answer.CANCELLED and any(
            line.outcome is not LineOutcome.CANCELLED for line in outcome.lines
        )
    return None


def tries_after(submission: Submission, status: CaseStatus) -> int:
    """How often the submission was left where it was, now that an attempt ended with this status."""
    # Submitting is no progress: a filing in flight was queued, and is queued again if the payer could not take it.
    before = CaseStatus.QUEUED if submission.status is CaseStatus.SUBMITTING else submission.status
    return submission.tries + 1 if status is before else 0


def timer_of(
    submission: Submission, standing: Standing, now: datetime, rhythm: Rhythm, retry_after: int | None
) -> tuple[datetime | None, Due | None]:
    """When to look at the submission again, and why. ``submission.tries`` counts what was already tried."""
    filing, status = submission.filing, standing.status
    planned = [
        attempt
        for attempt in submission.attempts
        if attempt.delivery is Delivery.PLANNED and attempt.error and attempt.verb is not Verb.INQUIRE
    ]
    if planned or (status is CaseStatus.QUEUED and filing is not None and filing.delivery is Delivery.REFUSED):
        wait = retry_after if retry_after is not None else rhythm.retry.after(submission.tries)
        return now + timedelta(seconds=wait), Due.RETRY
    if status is CaseStatus.UNCERTAIN:
        # Counted over every sending of this filing: one that is lost again and again is asked about ever more slowly.
        schedule, asked = rhythm.reconcile, inquiries(submission)
        wait = schedule[asked] if asked < len(schedule) else rhythm.poll.longest_seconds
        return now + timedelta(seconds=wait), Due.RECONCILE
    unfinished = bool(lost_effects(submission)) or standing.reference_pending
    if status in UNDER_REVIEW or status is CaseStatus.CANCEL_PENDING or unfinished:
        since = filing.sent_at if filing and filing.sent_at else now
        if now - since > timedelta(seconds=rhythm.poll.give_up_seconds):
            return None, None
        wait = retry_after if retry_after is not None else rhythm.poll.after(submission.tries)
        return now + timedelta(seconds=wait), Due.POLL
    return None, None


def attention_of(
    submission: Submission, standing: Standing, now: datetime, rhythm: Rhythm, last: Answer | None = None
) -> tuple[Attention, str | None]:
    """Who must act, and why: what the payer's answers ask for, unless the gateway itself is stuck.

    ``last`` is what the payer answered just now.
    """
    filing = submission.filing
    if standing.attention is Attention.OPERATOR or standing.status in SETTLED:
        return standing.attention, standing.attention_why
    troubled = [attempt for attempt in submission.attempts[-1:] if attempt.error]
    for attempt in troubled:
        error = attempt.error or ""
        if error.startswith(("needs_person", "unreadable")):
            return Attention.OPERATOR, error
        if error.startswith(INEXPRESSIBLE):
            return Attention.PROVIDER, error
    if standing.status is CaseStatus.UNCERTAIN and inquiries(submission) >= len(rhythm.reconcile):
        return Attention.OPERATOR, "whether the payer holds the filing is not known, however often it was asked"
    tried_since = submission.attempts[0].planned_at if submission.attempts else now
    if standing.status is CaseStatus.QUEUED and now - tried_since > timedelta(seconds=rhythm.retry.give_up_seconds):
        return Attention.OPERATOR, "the payer has not taken the filing in the time its profile allows"
    since = filing.sent_at if filing and filing.sent_at else None
    believed = since is not None and now - since > timedelta(seconds=rhythm.settle_seconds)
    if last is Answer.NOT_FOUND and believed and standing.status in UNDER_REVIEW:
        return Attention.OPERATOR, "the payer does not find what it acknowledged"
    if since and now - since > timedelta(seconds=rhythm.poll.give_up_seconds):
        return Attention.OPERATOR, "the payer has not decided in the time its profile allows"
    if troubled and standing.status in (CaseStatus.QUEUED, CaseStatus.UNCERTAIN):
        return Attention.GATEWAY, troubled[0].error
    if standing.status is CaseStatus.NEEDS_INFORMATION and _answered(submission, standing):
        return Attention.PAYER, "documents were sent and the payer has them"
    return standing.attention, standing.attention_why


def _answered(submission: Submission, standing: Standing) -> bool:
    """True when everything the payer asks for now was sent, and the payer took it."""
    sent = [
        attempt.work
        for attempt in submission.attempts
        if attempt.delivery in (Delivery.APP_ACKED, Delivery.RECONCILED) and isinstance(attempt.work, Answers)
    ]
    numbers = {number for work in sent for number in work.control_numbers.values()}
    return bool(sent) and all(item.control_number in numbers for item in standing.requested if item.control_number)
