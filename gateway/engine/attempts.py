"""What became of attempts to say something to a payer, and which of them must be said again.

A filing that may have arrived is never said again before the payer was asked, and then once: a payer that never shows
an unfinished filing would get it again and again. Of messages about a filing (changes and documents) the payer may
refuse one for now, or it does not get one at all: they are said again until it takes them or refuses them for good.
One that may have arrived is asked about too, and said again, with its own stamp and byte for byte, unless the answer
shows that it arrived: to cancel twice is to cancel once, and a payer has a document under its number.

Pure, as the agenda is; knows no database and no network.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from gateway.contract.errors import (
    CannotExpress,
    Challenged,
    ExchangeError,
    MaybeSent,
    NeedsPerson,
    NotSent,
    Unreadable,
)
from gateway.engine.absence import is_absent
from gateway.engine.wanted import root_of, wanted
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Word
from gateway.model.status import Attention, Delivery
from gateway.profiles.payer import Rhythm
from gateway.store.records import Attempt, Submission, Verb

INEXPRESSIBLE = "cannot_express"
"""How an attempt that its channel could not say opens its error."""

NUMBER_USED = "number_used"
"""How an attempt opens its error whose control number the payer says it has seen before."""

NEEDS_PERSON = "needs_person"
"""How an attempt opens its error that nobody but a person can get sent."""

UNREADABLE = "unreadable"
"""How an attempt opens its error whose answer made no sense."""

CHALLENGED = "challenged"
"""How an attempt opens its error where the payer's site wanted a person."""

GONE = "the worker that sent it did not come back"
"""How an attempt closes its error whose worker died, or stalled, while it was under way."""

FOR_PERSONS = (NEEDS_PERSON, UNREADABLE, CHALLENGED)
"""How an attempt opens its error for which an operator is called."""

GONE_UNHARMED = NotSent("the worker that was about it did not come back, and had not come to its effect")
"""What became of an attempt whose worker died, or stalled, before it said anything that could not be said twice."""

_DEATHS_FORGIVEN = 12
"""After so many inquiries the death of a worker counts as any loss."""

BELIEVED = "believed: the payer has nothing of the filing, which had left and got no usable answer"
"""What an inquiry keeps whose answer let a filing that was lost, other than by a worker's death, go again."""

NOT_AGAIN = "not_found: nothing of the filing is found, and it does not go again but by a person's word"
"""What an inquiry keeps that did not find a filing that was lost, where only a person lets that go again."""

UNAVAILABLE = "unavailable"
"""How a change or documents open their error that the payer could not take when they were sent."""

SEEN = "seen_before"
"""How a change or documents open their error that the payer has seen before and has said nothing else of."""

DOUBTED = "doubted"
"""How what was said opens its error that the payer called a duplicate when it had never been said before."""

TAKEN_BACK = "taken_back: the request was taken back, and nothing of it is on file"
"""What changes and documents keep as their error that were never sent for that reason."""

MESSAGES = (Verb.AMEND, Verb.ANSWER)
"""What is said about a filing, with an effect."""

_PASSING = (NUMBER_USED, UNAVAILABLE)


def delivery_after(verb: Verb, outcome: Outcome, *, again: bool = False) -> Delivery:
    """What an answered attempt's delivery is. An answer that nobody understands proves nothing about a filing.

    ``again`` says that the attempt had been sent before. That the number of such a filing is used does not tell what
    became of the earlier sending: the payer may have filed it, or have refused it for now.
    """
    if again and verb is Verb.SUBMIT and outcome.answer is Answer.NUMBER_USED:
        return Delivery.LOST
    if outcome.of_filing and verb is Verb.INQUIRE:
        return Delivery.APP_ACKED  # the filing was refused, and not the question
    if outcome.answer in (Answer.REJECTED, Answer.UNAVAILABLE, Answer.NUMBER_USED, Answer.CANCEL_REFUSED):
        return Delivery.REFUSED
    if outcome.answer is Answer.UNMAPPED and verb is not Verb.INQUIRE:
        return Delivery.LOST
    if outcome.answer is Answer.PLACED and verb is not Verb.INQUIRE:
        return Delivery.TRANSPORT_ACKED
    return Delivery.APP_ACKED


def delivery_after_arrival(verb: Verb, before: Delivery, outcome: Outcome) -> Delivery:
    """What a file that came makes of an attempt's delivery. What the payer said already that it has, it has, whatever
    becomes of it; and what proves nothing of a filing leaves it where it was."""
    proves_nothing = outcome.answer in (Answer.UNMAPPED, Answer.PLACED, Answer.NOT_FOUND) or (
        verb is Verb.SUBMIT and outcome.answer in (Answer.UNAVAILABLE, Answer.NUMBER_USED)
    )
    if proves_nothing or before in (Delivery.APP_ACKED, Delivery.RECONCILED):
        return before
    return delivery_after(verb, outcome)


def is_outrun(before: Delivery, ended: Delivery, outcome: Outcome | None, *, again: bool) -> bool:
    """True when the payer's own word on what was sent came before the end of sending it was written down. That it was
    put down or lost, could not leave or could not be taken, takes nothing of that back; nor does a refusal of the
    second copy of what was sent ``again``."""
    if before in (Delivery.APP_ACKED, Delivery.RECONCILED):
        passing = outcome is None or outcome.answer in (Answer.UNAVAILABLE, Answer.NUMBER_USED)
        if passing or (again and ended is Delivery.REFUSED):
            return True
    elif before is not Delivery.REFUSED:
        return False
    return ended in (Delivery.TRANSPORT_ACKED, Delivery.LOST, Delivery.PLANNED)


def delivery_after_error(verb: Verb, error: ExchangeError, effect: bool) -> Delivery:
    """What an attempt's delivery is when the exchange broke. ``effect`` says that a frame with one was said.

    What has an effect and was not sent goes back to PLANNED: the same stamp goes again. So does what broke before it
    came to its effect, whatever broke it. Bytes that make no sense after an effect leave the payer's view unknown,
    exactly as no bytes would. An inquiry just ends; the next one has a stamp of its own, since its interchange may have
    been seen.
    """
    if isinstance(error, CannotExpress) or (verb is Verb.INQUIRE and not effect):
        return Delivery.REFUSED
    if not effect:
        return Delivery.PLANNED
    return Delivery.PLANNED if isinstance(error, NotSent | NeedsPerson) else Delivery.LOST


def word_of(error: ExchangeError) -> str:
    """How an attempt keeps the error: what happens next, then our words."""
    names = {
        NotSent: "not_sent",
        MaybeSent: "maybe_sent",
        Unreadable: UNREADABLE,
        Challenged: CHALLENGED,
        NeedsPerson: NEEDS_PERSON,
        CannotExpress: INEXPRESSIBLE,
    }
    return f"{next(name for kind, name in names.items() if isinstance(error, kind))}: {error}"


def word_of_answer(verb: Verb, outcome: Outcome | None, *, again: bool = False) -> str | None:
    """What an attempt keeps of an answer that does not end it, or leaves open what became of it."""
    answer = None if outcome is None else outcome.answer
    if answer is Answer.NUMBER_USED and again:
        return f"{NUMBER_USED}: the payer has its control number, from an earlier sending or from some other message"
    if answer is Answer.NUMBER_USED:
        return f"{NUMBER_USED}: the payer has its control number from some other message"
    if verb in MESSAGES and answer is Answer.UNAVAILABLE:
        return f"{UNAVAILABLE}: the payer cannot take it now"
    if verb in MESSAGES and answer is Answer.RECEIVED and outcome and outcome.attention is Attention.GATEWAY:
        return f"{SEEN}: the payer has its control number, and has not said what became of it"
    duplicate = outcome is not None and any(reason.word is Word.DUPLICATE_IN_PROCESS for reason in outcome.reasons)
    if answer is Answer.UNMAPPED and verb is not Verb.INQUIRE and duplicate:
        return f"{DOUBTED}: the payer calls a duplicate what had never been said before"
    return None


def doubted(attempt: Attempt) -> bool:
    """True when the payer called it a duplicate at its first sending: nobody knows what it means by that."""
    return (attempt.error or "").startswith(DOUBTED)


def number_used(attempt: Attempt) -> bool:
    """True when the payer said that it has seen the attempt's control number before."""
    return (attempt.error or "").startswith(NUMBER_USED)


def refused_for_now(attempt: Attempt) -> bool:
    """True for a change or documents that the payer did not take, and may take under another number, later."""
    passing = (attempt.error or "").startswith(_PASSING)
    return attempt.verb in MESSAGES and attempt.delivery is Delivery.REFUSED and passing


def unheard(submission: Submission) -> tuple[Attempt, ...]:
    """Changes and documents that were refused for now and are to be said under another number: the latest attempt at
    each of them."""
    said: dict[UUID, list[Attempt]] = {}
    for attempt in submission.attempts:
        if attempt.verb in MESSAGES:
            said.setdefault(root_of(attempt), []).append(attempt)
    return tuple(
        tries[-1] for tries in said.values() if all(map(refused_for_now, tries)) and wanted(submission, tries[-1])
    )


def unsent(submission: Submission) -> tuple[Attempt, ...]:
    """Changes and documents that wait to be sent: for the first time, or again with the same stamp."""
    return tuple(
        attempt
        for attempt in submission.attempts
        if attempt.verb in MESSAGES
        and attempt.delivery is Delivery.PLANNED
        and (attempt.error is None or wanted(submission, attempt))
    )


def doubtful(submission: Submission) -> tuple[Attempt, ...]:
    """Changes and documents of which nobody knows whether the payer has them."""
    return tuple(
        attempt for attempt in lost_effects(submission) if attempt.verb in MESSAGES and wanted(submission, attempt)
    )


def may_be_filed(submission: Submission) -> bool:
    """False while nothing was sent, or all that was sent was refused or is not on file: no payer has anything to
    cancel."""
    nowhere = (Delivery.PLANNED, Delivery.REFUSED)
    return any(held.verb is Verb.SUBMIT and held.delivery not in nowhere for held in submission.attempts)


def lost_effects(submission: Submission) -> tuple[Attempt, ...]:
    """Attempts that may have changed something at the payer, and nobody knows."""
    return tuple(
        attempt
        for attempt in submission.attempts
        if attempt.verb is not Verb.INQUIRE and attempt.delivery is Delivery.LOST
    )


def settled_by_inquiry(
    submission: Submission, asked_at: datetime, outcome: Outcome, rhythm: Rhythm
) -> tuple[tuple[Attempt, Delivery], ...]:
    """What an inquiry's answer says about attempts whose fate was unknown.

    ``asked_at`` is when the inquiry was sent. An effect is proved absent only by an inquiry asked after the payer's
    settle time, counted from when its bytes left last; then the attempt goes back to PLANNED and is said again with
    its own stamp, byte for byte. Of a filing that is believed once. One that went again for it and is lost again stays
    LOST, unless it was cancelled: then nothing goes again. A worker's death is no loss in this sense. A filing that
    went again for another reason, and whose number is used, is REFUSED and filed anew: that number is used for ever.
    """
    moves: list[tuple[Attempt, Delivery]] = []
    for attempt in lost_effects(submission):
        absent, files = is_absent(attempt, outcome), attempt.verb is Verb.SUBMIT
        if absent is False:
            placed = outcome.answer is Answer.PLACED
            moves.append((attempt, Delivery.TRANSPORT_ACKED if placed else Delivery.RECONCILED))
        elif files and not submission.cancelling and believed(submission) and not _forgiven(submission, attempt):
            continue
        elif absent and attempt.sent_at and asked_at >= attempt.sent_at + timedelta(seconds=rhythm.settle_seconds):
            moves.append((attempt, Delivery.REFUSED if files and number_used(attempt) else Delivery.PLANNED))
    return tuple(moves)


def word_after_inquiry(attempt: Attempt, delivery: Delivery) -> str | None:
    """What an attempt keeps as its error that an inquiry moved to this delivery."""
    return attempt.error if delivery is Delivery.REFUSED else None


def word_of_inquiry(submission: Submission, moves: Iterable[tuple[Attempt, Delivery]]) -> str | None:
    """What an inquiry keeps whose answer led to these moves."""
    absent = (Delivery.PLANNED, Delivery.REFUSED)
    counts = any(lost.verb is Verb.SUBMIT and to in absent and not _forgiven(submission, lost) for lost, to in moves)
    return BELIEVED if counts else None


def held_back(
    moves: Iterable[tuple[Attempt, Delivery]],
) -> tuple[tuple[tuple[Attempt, Delivery], ...], str | None]:
    """The moves without those by which a filing would go again, where only a person says so; and what the inquiry keeps
    that would have led to them."""
    every = tuple(moves)
    again = (Delivery.PLANNED, Delivery.REFUSED)
    kept = tuple((lost, to) for lost, to in every if lost.verb is not Verb.SUBMIT or to not in again)
    return kept, NOT_AGAIN if len(kept) < len(every) else None


def waits_for_word(submission: Submission) -> bool:
    """True for a filing that is lost and was not found, and that goes again only by a person's word."""
    filing = submission.filing
    if filing is None or filing.delivery is not Delivery.LOST or filing.sent_at is None:
        return False
    since = filing.sent_at
    return any(held.error == NOT_AGAIN and held.planned_at >= since for held in submission.attempts)


def believed(submission: Submission) -> bool:
    """True once an inquiry found nothing of a lost filing and was believed."""
    return any(attempt.verb is Verb.INQUIRE and attempt.error == BELIEVED for attempt in submission.attempts)


def _forgiven(submission: Submission, filing: Attempt) -> bool:
    """True for a filing that only its worker's death lost. That says nothing of the payer, but is not forgiven for
    ever."""
    asked = sum(attempt.verb is Verb.INQUIRE for attempt in submission.attempts)
    return (filing.error or "").endswith(GONE) and asked < _DEATHS_FORGIVEN


def in_vain(submission: Submission, rhythm: Rhythm) -> bool:
    """True for a filing that went again, was lost again, and is not found again: it does not go once more."""
    filing = submission.filing
    if (
        filing is None
        or filing.sent_at is None
        or filing.delivery is not Delivery.LOST
        or not believed(submission)
        or _forgiven(submission, filing)
    ):
        return False
    settled = filing.sent_at + timedelta(seconds=rhythm.settle_seconds)
    return any(
        attempt.verb is Verb.INQUIRE
        and attempt.delivery is Delivery.APP_ACKED
        and attempt.sent_at is not None
        and attempt.sent_at >= settled
        for attempt in submission.attempts
    )
