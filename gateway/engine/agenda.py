"""What is next for a submission: pure decisions over what the store holds, the payer's rhythm and the time.

The walk does what this says and commits it; killed at any point, the next walk reads the same rows and decides again.
Knows no database and no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.engine import documents, rounds
from gateway.engine.attempts import doubtful, lost_effects, unheard, unsent
from gateway.engine.awaiting import acknowledged_by, acknowledgements, is_placed
from gateway.engine.wanted import is_taken_appeal
from gateway.model.people import Level
from gateway.model.request import Attachment
from gateway.model.standing import Standing
from gateway.model.status import DECIDED, SETTLED, UNDER_REVIEW, CaseStatus, Delivery
from gateway.profiles.payer import Backoff, Rhythm
from gateway.store.records import Attempt, Due, Submission, Verb

LEASE_MARGIN = timedelta(seconds=5)
"""How long after it was journaled a frame may still leave. An attempt's lease is this and the reply's deadline; then
others call it lost and ask the payer, so a worker that stalled for longer must not send any more."""

LONGEST_WAIT = 86400.0
"""The longest that a payer may have us wait, in seconds, unless its profile gives it longer (retry.give_up_seconds):
what it says may be a slip (Retry-After: 999999), and a request that is looked at once a day is not forgotten."""


_AFTER = timedelta(seconds=1)

SPREAD = 0.25
"""The part of a wait by which it may be longer than its rhythm has it, so that waits differ."""
_DIGITS = 4


@dataclass(frozen=True)
class Speak:
    """Say this attempt's words, for the first time or again with the same stamp."""

    attempt: Attempt


@dataclass(frozen=True)
class Plan:
    """Begin a new attempt. ``again`` is an earlier one whose work is said again, under another number."""

    verb: Verb
    again: Attempt | None = None


@dataclass(frozen=True)
class CallLost:
    """The worker that sent this attempt is gone; what became of it is not known."""

    attempt: Attempt


@dataclass(frozen=True)
class Rest:
    """Nothing to do before the submission's timer rings, or before a person or the payer moves."""


@dataclass(frozen=True)
class Await:
    """A payer that is not asked has said nothing yet; it is looked at again when a person may have to."""


Next = Speak | Plan | CallLost | Rest | Await


def next_of(
    submission: Submission,
    due: Due | None,
    now: datetime,
    lease: timedelta,
    *,
    announced: Sequence[Attachment] = (),
    asks: bool = True,
    repeats: bool = False,
) -> Next:
    """What to do now.

    ``due`` is the timer that rang, if one did; ``lease`` how long an attempt may be in flight; ``announced`` are the
    documents that the request came with, which the filing announces and which follow it. ``asks`` is false for a payer
    that cannot be asked about what it has acknowledged; ``repeats`` is true for one that is never asked, and is told
    again what was lost.
    """
    in_flight = [attempt for attempt in submission.attempts if attempt.delivery is Delivery.SENT]
    for attempt in in_flight:
        if attempt.last_said is None or attempt.last_said + lease <= now:
            return CallLost(attempt)
    if in_flight:
        return Rest()
    filing = submission.filing
    if filing is None:
        return Rest() if submission.status in SETTLED else Plan(Verb.SUBMIT)
    if filing.delivery is Delivery.PLANNED and submission.status not in SETTLED:
        return Speak(filing) if filing.error is None or due is Due.RETRY else Rest()
    if filing.delivery is Delivery.LOST and submission.status is CaseStatus.UNCERTAIN:
        again = Speak(filing) if repeats else _inquire(submission)
        return again if due is Due.RECONCILE else Rest()
    if is_placed(filing, submission.status):  # until the payer has it, there is nothing to add
        look = Await() if repeats else _inquire(submission)
        return look if due in (Due.POLL, Due.RECONCILE) else Rest()
    if repeats and due is Due.RECONCILE and (lost := doubtful(submission)):
        return Speak(lost[0])
    for attempt in unsent(submission):
        if attempt.error is None or due is Due.RETRY:
            return Speak(attempt)
    if due is Due.RETRY and filing.delivery is Delivery.REFUSED and submission.status is CaseStatus.QUEUED:
        return Plan(Verb.SUBMIT)
    if due is Due.RETRY and (refused := unheard(submission)):
        return Plan(refused[0].verb, refused[0])
    if _awaits_documents(submission, announced):
        return Plan(Verb.ANSWER)
    if due in (Due.POLL, Due.RECONCILE) and wants_inquiry(submission):
        return _inquire(submission) if not repeats and (asks or lost_effects(submission)) else Await()
    return Rest()


def _awaits_documents(submission: Submission, announced: Sequence[Attachment]) -> bool:
    """True while the payer reviews a filing, or an appeal, of whose announced documents some were never sent."""
    appealed = submission.status in DECIDED - {CaseStatus.APPROVED} and any(map(is_taken_appeal, submission.attempts))
    reviewed = (submission.status in UNDER_REVIEW or appealed) and not submission.cancelling
    return reviewed and bool(documents.unsent(submission, announced))


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


def inquiries(submission: Submission, since: datetime | None = None) -> int:
    """How often the payer was asked since then: about the latest filing, unless told."""
    if since is None:
        filing = submission.filing
        if filing is None:
            return 0
        since = filing.planned_at
    return sum(attempt.verb is Verb.INQUIRE and attempt.planned_at >= since for attempt in submission.attempts)


def tries_after(submission: Submission, status: CaseStatus, *, progress: bool = False) -> int:
    """How often the submission was left where it was, now that an attempt ended with this status. ``progress`` says
    that the payer took something all the same."""
    # Submitting is no progress: a filing in flight was queued, and is queued again if the payer could not take it.
    before = CaseStatus.QUEUED if submission.status is CaseStatus.SUBMITTING else submission.status
    return submission.tries + 1 if status is before and not progress else 0


def timer_of(
    submission: Submission,
    standing: Standing,
    now: datetime,
    rhythm: Rhythm,
    retry_after: float | None,
    *,
    repeats: bool = False,
    urgency: Level = "standard",
) -> tuple[datetime | None, Due | None]:
    """When to look at the submission again, and why: at the deadline of open questions at the latest.
    ``submission.tries`` counts what was already tried, and ``retry_after`` is how long the payer would have us wait:
    never less than we wait by ourselves. ``repeats`` is as in ``next_of``, ``urgency`` as in ``attention_of``."""
    at, due = _timer_of(submission, standing, now, rhythm, retry_after, repeats, urgency)
    late = rounds.looked_at(standing, now)
    if late is None or due not in (None, Due.POLL):
        return at, due
    return min(at or late, late), Due.POLL


def _timer_of(
    submission: Submission,
    standing: Standing,
    now: datetime,
    rhythm: Rhythm,
    retry_after: float | None,
    repeats: bool,
    urgency: Level,
) -> tuple[datetime | None, Due | None]:
    filing, status = submission.filing, standing.status
    if status is CaseStatus.CANCELLED:
        return None, None
    if retry_after is not None:
        retry_after = min(retry_after, longest_wait(rhythm))
    if filing is not None and (
        (filing.delivery is Delivery.PLANNED and filing.error is not None)
        or (filing.delivery is Delivery.REFUSED and status is CaseStatus.QUEUED)
    ):
        return now + timedelta(seconds=_wait(rhythm.retry, submission, retry_after)), Due.RETRY
    if filing is not None and is_placed(filing, status):
        called_at = acknowledged_by(filing, rhythm)
        if called_at is None or called_at <= now:
            called_at = now + timedelta(seconds=rhythm.poll.longest_seconds)
        return called_at, Due.POLL
    waiting = unheard(submission) or any(attempt.error for attempt in unsent(submission))
    if waiting and status is not CaseStatus.UNCERTAIN:
        # After give_up_seconds a person is called, however long the payer would have us wait.
        wait = min(_wait(rhythm.retry, submission, retry_after), rhythm.retry.give_up_seconds)
        at = now + timedelta(seconds=wait)
        # What cannot be sent does not keep us from hearing what the payer decides meanwhile: they take turns.
        heard, said = _last_asked(submission), last_effect(submission, now)
        unasked = heard <= said and at - heard > timedelta(seconds=rhythm.poll.longest_seconds)
        return at, Due.POLL if unasked and retry_after is None and wants_inquiry(submission) else Due.RETRY
    open_since = [attempt.planned_at for attempt in doubtful(submission)]
    if status is CaseStatus.UNCERTAIN or open_since:
        # Counted over every sending of what is in doubt: one that is lost again and again is asked about ever more
        # slowly.
        schedule = rhythm.reconcile
        asked = inquiries(submission, None if status is CaseStatus.UNCERTAIN else min(open_since))
        if repeats:
            asked = submission.tries
        wait = schedule[asked] if asked < len(schedule) else rhythm.poll.longest_seconds
        return now + timedelta(seconds=wait), Due.RECONCILE
    waits = status in UNDER_REVIEW or status is CaseStatus.CANCEL_PENDING or standing.reference_pending
    waits = waits or any(appeal.under_way for appeal in standing.appeals)
    if waits and now - last_effect(submission, now) <= timedelta(seconds=rhythm.poll.give_up_seconds):
        at = now + timedelta(seconds=_wait(rhythm.poll, submission, retry_after))
        called_at = decided_by(submission, standing, now, rhythm, urgency) + _AFTER
        return min(at, called_at) if retry_after is None and called_at > now else at, Due.POLL
    times = acknowledgements(submission, now, rhythm)
    return (min(times), Due.POLL) if times else (None, None)


def decided_by(submission: Submission, standing: Standing, now: datetime, rhythm: Rhythm, urgency: Level) -> datetime:
    """When the payer must have decided: in the time that it has for what is so urgent, or by the day it gave itself, if
    that comes first. A later one gives it no more time than the rules of its time do."""
    longer = max((clock.extended_days for clock in submission.clocks), default=0)
    allowed = last_effect(submission, now) + timedelta(days=longer, seconds=rhythm.decides_within(urgency))
    return min(allowed, standing.expected_by or allowed)


def awaited_until(
    submission: Submission, standing: Standing, now: datetime, rhythm: Rhythm, urgency: Level = "standard"
) -> datetime | None:
    """When a person may have to look at a submission whose payer is not asked; None where one looks, or never will."""
    called_at = decided_by(submission, standing, now, rhythm, urgency) + _AFTER
    calls = [called_at] if called_at > now else []
    if late := rounds.looked_at(standing, now):
        calls.append(late)
    return min((*calls, *acknowledgements(submission, now, rhythm)), default=None)


def _wait(rhythm: Backoff, submission: Submission, retry_after: float | None) -> float:
    """How long to wait: as the rhythm has it, or as the payer asks if that is longer, and then a part of our own wait
    that is another for each attempt. What a payer refused at one moment does not come back at one moment. No clock and
    no chance is needed: an attempt's seed is drawn at random, and each try takes other digits of it."""
    own = rhythm.after(submission.tries)
    seed = submission.attempts[-1].stamp.seed if submission.attempts else "0"
    place = submission.tries * _DIGITS % len(seed)
    part = int(seed[place : place + _DIGITS], 16) / (1 << 4 * _DIGITS)
    return max(retry_after or 0, own) + own * SPREAD * part


def longest_wait(rhythm: Rhythm) -> float:
    """The longest that a payer may have us wait before it is spoken to again, in seconds."""
    return max(rhythm.retry.give_up_seconds, LONGEST_WAIT)


def last_effect(submission: Submission, otherwise: datetime) -> datetime:
    """When something was last sent that the payer must answer."""
    sent = [held.sent_at for held in submission.attempts if held.verb is not Verb.INQUIRE and held.sent_at]
    return max(sent, default=otherwise)


def _last_asked(submission: Submission) -> datetime:
    """When the payer was last asked about the filing, or filed with."""
    asked = (Verb.INQUIRE, Verb.SUBMIT)
    return max(held.sent_at or held.planned_at for held in submission.attempts if held.verb in asked)
