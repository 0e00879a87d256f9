"""Who must act on a submission, and why: what the payer's answers ask for, unless the gateway itself is stuck.

Pure, as the agenda is; knows no database and no network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from gateway.engine import documents, rounds
from gateway.engine.agenda import SPREAD, decided_by, inquiries
from gateway.engine.appeals import under_way
from gateway.engine.attempts import (
    FOR_PERSONS,
    INEXPRESSIBLE,
    NOT_AGAIN,
    SEEN,
    doubtful,
    in_vain,
    number_used,
    refused_for_now,
    unheard,
    unsent,
    waits_for_word,
)
from gateway.engine.awaiting import acknowledged_by, is_placed, placed
from gateway.engine.timekeeping import why_over
from gateway.engine.wanted import name_of, tried_since, wanted
from gateway.model.appeal import Appeal, AppealState
from gateway.model.outcome import Answer
from gateway.model.people import Level
from gateway.model.standing import Standing
from gateway.model.status import DECIDED, SETTLED, UNDER_REVIEW, Attention, CaseStatus, Delivery
from gateway.model.story import URGENCY
from gateway.profiles.payer import Backoff, Rhythm
from gateway.store.records import Due, Submission, Verb

_NUMBERS_REFUSED = 3
"""After so many of a submission's control numbers were refused a person looks, while new ones are tried."""

_IN_VAIN = (
    "the filing was sent twice without a usable answer, and the payer does not find it: it is not sent again. Ask the "
    "payer whether it holds the request; if it does not, cancel this one and submit it anew"
)
_NOT_FOUND = (
    "the filing of {} got no usable answer, and a search does not find it at the payer: it does not go again by itself."
    " Look for a request of this member, service and start date that the payer received at that time or later, and"
    " then settle the case: with the payer's number for it, or with absent, and it goes again ({})"
)
_UNACKNOWLEDGED = "it was left with the payer, which has said nothing of it in the time its profile allows"
_NOT_HEARD = frozenset({CaseStatus.QUEUED, CaseStatus.SUBMITTING, CaseStatus.UNCERTAIN})
"""While it stands there, the payer has said nothing of the filing that was understood."""

NO_PROFILE = "profile_missing"
"""How the reason opens for which an operator is called whose submission lost its profile, until it is back."""

UNTOLD = "the case is cancelled, and {} could not be told"
"""How the practice is called for a payer that cannot be told of a cancellation that others are told of. It stays called
for it, whatever the payer says next, as long as there is something to cancel."""
_WISH = re.compile(UNTOLD.format(r"\S+"))
_WISHED = "{}: cancel it again, or call the payer"

Call = tuple[Attention, str | None]
"""Who must act, and why."""


def attention_of(
    submission: Submission,
    standing: Standing,
    now: datetime,
    rhythm: Rhythm,
    last: Answer | None = None,
    urgency: Level = "standard",
) -> Call:
    """Who must act, and why. ``last`` is what the payer answered just now; ``standing.requested`` what is wanting
    still (``recording.stand``); ``urgency`` that of what was asked last.

    An operator who was called for a filing stays called, for the same reason unless there is a newer one, until the
    filing is understood: whatever the gateway tries meanwhile takes nothing off the operator's hands.
    """
    who, why = _called(submission, standing, now, rhythm, last, urgency)
    if who is not Attention.OPERATOR and stays_called(submission) and standing.status in _NOT_HEARD:
        return submission.attention, submission.attention_why
    wish = _WISH.search(submission.attention_why or "")
    if wish is None or submission.cancelling or not may_be_cancelled(standing.status):
        return who, why
    says = _WISHED.format(wish[0])
    return max(who, Attention.PROVIDER, key=URGENCY.index), f"{why}; {says}" if why else says


def may_be_cancelled(status: CaseStatus) -> bool:
    """Whether a payer holds anything then, or has granted it."""
    return status not in SETTLED or status in DECIDED - {CaseStatus.DENIED}


def stays_called(submission: Submission) -> bool:
    """True for an operator whom no new try lets go. One who was called for a profile is done when it is back."""
    return submission.attention is Attention.OPERATOR and not (submission.attention_why or "").startswith(NO_PROFILE)


def _called(
    submission: Submission, standing: Standing, now: datetime, rhythm: Rhythm, last: Answer | None, urgency: Level
) -> Call:
    """Who must act by what is known now."""
    filing = submission.filing
    if standing.status is CaseStatus.UNCERTAIN and filing is not None and in_vain(submission, rhythm):
        return Attention.OPERATOR, f"{_IN_VAIN} ({filing.error or 'no usable answer'})"
    if standing.status is CaseStatus.UNCERTAIN and filing is not None and filing.sent_at and waits_for_word(submission):
        sent = filing.sent_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        return Attention.OPERATOR, _NOT_FOUND.format(sent, filing.error or "no usable answer")
    own = standing.attention, standing.attention_why
    if own[0] is not Attention.OPERATOR and (late := _unacknowledged(submission, now, rhythm)):
        return Attention.OPERATOR, late
    if standing.status in DECIDED and standing.attention is not Attention.OPERATOR:
        return _after_decision(submission, standing, now, rhythm, urgency)
    closed = standing.status is CaseStatus.CLOSED_BY_PAYER
    if closed and submission.cancelling and standing.attention is Attention.PROVIDER:
        return Attention.PAYER, "the payer closed it, and has not answered its cancellation yet: nothing is filed anew"
    if standing.attention is Attention.OPERATOR or standing.status in SETTLED:
        return own
    latest = submission.attempts[-1:]
    if standing.status in _NOT_HEARD and filing is not None and filing not in latest:
        latest = (*latest, filing)
    troubled = [attempt for attempt in latest if attempt.error not in (None, NOT_AGAIN)]
    for attempt in troubled:
        error = attempt.error or ""
        if error.startswith(FOR_PERSONS):
            return Attention.OPERATOR, error
        if error.startswith(INEXPRESSIBLE):
            return Attention.PROVIDER, error
        if number_used(attempt) and sum(map(number_used, submission.attempts)) >= _NUMBERS_REFUSED:
            return Attention.OPERATOR, "the payer has seen our control numbers before: have they begun again?"
    tried = max(inquiries(submission), submission.tries)
    if standing.status is CaseStatus.UNCERTAIN and tried >= len(rhythm.reconcile):
        return Attention.OPERATOR, "whether the payer holds the filing is not known, however often it was asked"
    begun = submission.attempts[0].planned_at if submission.attempts else now
    if standing.status is CaseStatus.QUEUED and now - begun > timedelta(seconds=rhythm.retry.give_up_seconds):
        return Attention.OPERATOR, "the payer has not taken the filing in the time its profile allows"
    if filing is not None and is_placed(filing, standing.status):
        called_at = acknowledged_by(filing, rhythm)
        if called_at is not None and now >= called_at:
            return Attention.OPERATOR, _UNACKNOWLEDGED
    elif _waits_too_long(submission, standing, begun, now, rhythm):
        return Attention.OPERATOR, "the payer would have us wait for longer than its profile allows"
    since = filing.sent_at if filing and filing.sent_at else None
    believed = since is not None and now - since > timedelta(seconds=rhythm.settle_seconds)
    reviewed = standing.status in UNDER_REVIEW or standing.status is CaseStatus.CANCEL_PENDING
    if last is Answer.NOT_FOUND and believed and reviewed:
        return Attention.OPERATOR, "the payer does not find what it acknowledged"
    if late := _undecided(submission, standing, now, rhythm, urgency):
        return Attention.OPERATOR, f"the payer has not decided {late}"
    if troubled and standing.status in (CaseStatus.QUEUED, CaseStatus.UNCERTAIN):
        return Attention.GATEWAY, troubled[0].error
    arrived = documents.have_arrived(submission)
    if standing.status is CaseStatus.NEEDS_INFORMATION and arrived is not None:
        if standing.requested:
            own = Attention.PROVIDER, own[1] or "the payer asks for more than it was sent, or asks for it again"
        else:
            own = Attention.PAYER, "documents were sent and the payer has them" if arrived else None
    if standing.status is CaseStatus.NEEDS_INFORMATION:
        own = rounds.call_of(submission, standing) or own
    return max((*_of_messages(submission, now, rhythm), own), key=_urgency)


def _undecided(submission: Submission, standing: Standing, now: datetime, rhythm: Rhythm, urgency: Level) -> str | None:
    """By when the payer should have decided, where that is over. While it asks, it waits for us."""
    if standing.rounds:
        return None
    if over := why_over(submission):
        return over
    by = decided_by(submission, standing, now, rhythm, urgency)
    if now <= by:
        return None
    if by == standing.expected_by:
        return f"by the time it gave itself, {by.isoformat(timespec='seconds').replace('+00:00', 'Z')}"
    return f"in the time its profile allows{' for what is expedited' if urgency == 'expedited' else ''}"


def _unacknowledged(submission: Submission, now: datetime, rhythm: Rhythm) -> str | None:
    """Why a person must look at a change or documents that were put down and of which the payer says nothing."""
    for attempt in placed(submission):
        called_at = acknowledged_by(attempt, rhythm)
        if called_at is not None and now >= called_at:
            return f"{name_of(attempt)}: {_UNACKNOWLEDGED}"
    return None


def _after_decision(submission: Submission, standing: Standing, now: datetime, rhythm: Rhythm, urgency: Level) -> Call:
    """Who must act on what is decided: a payer may grant and ask for documents all the same."""
    own = standing.attention, standing.attention_why
    appeal = under_way(standing)
    if appeal is not None:
        own = _on_appeal(submission, standing, appeal, now, rhythm, urgency)
    if standing.requested:
        whose = (
            "the payer asks for documents to the appeal" if appeal else "the payer has decided, and asks for documents"
        )
        own = Attention.PROVIDER, own[1] if own[0] is Attention.PROVIDER and own[1] else whose
    if standing.rounds:
        own = rounds.call_of(submission, standing) or own
    given = any(attempt.verb is Verb.ANSWER and wanted(submission, attempt) for attempt in submission.attempts)
    calls = [*_of_messages(submission, now, rhythm), own] if given or appeal else [own]
    return max(calls, key=_urgency)


def _on_appeal(
    submission: Submission, standing: Standing, appeal: Appeal, now: datetime, rhythm: Rhythm, urgency: Level
) -> Call:
    """Who must act on a decision that is appealed: the payer, unless it takes too long or asks for something. What was
    to be done before it was appealed is not meant any more."""
    if standing.attention is Attention.PROVIDER and appeal.state is not AppealState.ASKED:
        return standing.attention, standing.attention_why
    if late := _undecided(submission, standing, now, rhythm, urgency):
        return Attention.OPERATOR, f"the payer has not decided the appeal {late}"
    return Attention.PAYER, "what it decided is appealed"


def _urgency(call: Call) -> int:
    return URGENCY.index(call[0])


def _waits_too_long(submission: Submission, standing: Standing, begun: datetime, now: datetime, rhythm: Rhythm) -> bool:
    """True when the payer asked for a wait that ends only after an operator must look. Nothing happens meanwhile that
    could call one, so it is now. Waits of the profile's own rhythm are never meant."""
    if submission.due_at is None:
        return False
    allowed, wait = timedelta(seconds=rhythm.retry.give_up_seconds), submission.due_at - now
    if standing.status is CaseStatus.QUEUED:
        return wait > _longest(rhythm.retry) and submission.due_at - begun > allowed
    return submission.due_for is Due.POLL and wait > max(allowed, _longest(rhythm.poll))


def _longest(own: Backoff) -> timedelta:
    return timedelta(seconds=own.longest_seconds * (1 + SPREAD))


def _of_messages(submission: Submission, now: datetime, rhythm: Rhythm) -> Iterator[Call]:
    """What changes and documents ask for that the payer has not taken."""
    for attempt in (*unsent(submission), *unheard(submission)):
        name = name_of(attempt)
        if (attempt.error or "").startswith(FOR_PERSONS):
            yield Attention.OPERATOR, attempt.error
        if now - tried_since(submission, attempt) > timedelta(seconds=rhythm.retry.give_up_seconds):
            yield Attention.OPERATOR, f"the payer has not taken the {name} in the time its profile allows"
        yield Attention.GATEWAY, f"the {name} must be sent ({attempt.error or 'not yet sent'})"
    for attempt in doubtful(submission):
        name = name_of(attempt)
        too_long = now - tried_since(submission, attempt) > timedelta(seconds=rhythm.retry.give_up_seconds)
        if too_long or inquiries(submission, attempt.planned_at) >= len(rhythm.reconcile):
            yield Attention.OPERATOR, f"whether the payer has the {name} is not known, however often it was asked"
        yield Attention.GATEWAY, f"whether the payer has the {name} is not known yet"
    for attempt in submission.attempts:
        if attempt.verb is Verb.AMEND and (attempt.error or "").startswith(SEEN) and wanted(submission, attempt):
            yield Attention.OPERATOR, f"the payer has seen the {name_of(attempt)} before, and has not done it"
    documents = [attempt for attempt in submission.attempts if attempt.verb is Verb.ANSWER][-1:]
    for attempt in documents:
        if attempt.delivery is Delivery.REFUSED and not refused_for_now(attempt) and wanted(submission, attempt):
            yield Attention.PROVIDER, attempt.error or f"the payer refused the {name_of(attempt)}"
