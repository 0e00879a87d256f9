"""Rounds of questions that a payer asks: which are open, until when, and who must act on them.

A round is open from the payer's message that holds it until its answers are to be sent, or until the payer says
something else. Answers that the payer refused for good leave it open, and asked again in answer to its answers, or to
an appeal since, it is open again. Pure; what the questions are and where answers lead is the business of
``gateway.questions``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from gateway.contract.adapter import Answers
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.engine.attempts import refused_for_now
from gateway.model.questions import OpenRound
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, Delivery
from gateway.store.records import Attempt, Submission, Verb

_AFTER = timedelta(seconds=1)
_CLOCKS_DIFFER = timedelta(minutes=5)


def answered(submission: Submission) -> tuple[str, ...]:
    """Rounds whose answers the payer has, or will get."""
    return tuple(work.round for attempt, work in _answers(submission) if work.round and not _refused(attempt))


def still_open(
    submission: Submission, standing: Standing, heard: Iterable[Heard], now: datetime | None
) -> tuple[OpenRound, ...]:
    """Those of the rounds that ``standing`` was told of whose answers were not given since they were asked, and which
    of them are late."""
    heard = tuple(heard)
    return tuple(
        one.model_copy(update={"payer": submission.payer, "overdue": now is not None and is_over(one.deadline, now)})
        for one in standing.rounds
        if not _is_answered(submission, one.round, heard)
    )


def _is_answered(submission: Submission, round_id: str, heard: Sequence[Heard]) -> bool:
    """True where answers were given to what the round was last asked about. The payer may ask the same again in answer
    to them. A copy of a message is no other message, and one that it wrote before answers no later word of ours; but a
    time of day in nobody knows which zone says nothing of that."""
    places = {attempt.id: place for place, attempt in enumerate(submission.attempts)}
    asked, known = -1, set[bytes]()
    for item in heard:
        questions = item.outcome.questions
        if questions is None or questions.round != round_id or (digest := item.outcome.digest()) in known:
            continue
        known.add(digest)
        said, spoken = item.outcome.effective_at, item.asked
        if said is None or spoken is None or item.outcome.zone_unknown or said > spoken - _CLOCKS_DIFFER:
            asked = max(asked, places.get(item.answers, -1) if item.answers else -1)
    given = [attempt for attempt, work in _answers(submission) if work.round == round_id and not _refused(attempt)]
    return any(places[attempt.id] > asked for attempt in given)


def lapsed(attempt: Attempt, heard: Iterable[Heard], now: datetime) -> CannotExpress | None:
    """Why answers that certainly never reached the payer are not said any more: it took them until a time that is over.
    What may have arrived is said again whatever the time is."""
    work = attempt.work
    unheard = attempt.delivery is Delivery.PLANNED or refused_for_now(attempt)
    if not isinstance(work, Answers) or not work.questions or not unheard:
        return None
    asked = [(item.outcome.questions, item.appeal) for item in heard]
    for questions, appeal in reversed(asked):
        if questions is not None and questions.round == work.round and is_over(questions.deadline, now):
            until = written(OpenRound.of(questions))
            why = f"the payer took answers until {until}, and these had not reached it by then"
            fix = "Appeal again." if appeal else "Submit the request anew."
            return CannotExpress(Inexpressible("/round", why, fix))
    return None


def is_over(deadline: datetime | None, now: datetime) -> bool:
    return deadline is not None and deadline <= now


def looked_at(standing: Standing, now: datetime) -> datetime | None:
    """When the first of the open rounds is late; None where none will be."""
    ahead = [one.deadline + _AFTER for one in standing.rounds if one.deadline and one.deadline > now]
    return min(ahead, default=None)


def call_of(submission: Submission, standing: Standing) -> tuple[Attention, str | None] | None:
    """Who must act on questions, and why; None where there were none."""
    for one in sorted(standing.rounds, key=lambda one: not one.overdue):
        if one.overdue:
            anew = "appeal again" if any(each.under_way for each in standing.appeals) else "submit the request anew"
            why = f"the payer's questions were to be answered by {written(one)}, and were not: {anew}"
        elif one.deadline is None:
            why = "the payer asks questions that must be answered"
        else:
            why = f"the payer asks questions that must be answered by {written(one)}"
        return Attention.PROVIDER, why
    given = [attempt for attempt, _ in _answers(submission)][-1:]
    if not given or _refused(given[0]) or standing.requested:
        return None
    has = given[0].delivery in (Delivery.APP_ACKED, Delivery.RECONCILED)
    return Attention.PAYER, "the answers were sent, and the payer has them" if has else None


def written(one: OpenRound) -> str:
    """Its deadline, for a sentence."""
    return one.deadline.isoformat().replace("+00:00", "Z") if one.deadline else ""


def _answers(submission: Submission) -> Iterator[tuple[Attempt, Answers]]:
    """Attempts to say answers to questions, in their order."""
    for attempt in submission.attempts:
        if attempt.verb is Verb.ANSWER and isinstance(attempt.work, Answers) and attempt.work.questions:
            yield attempt, attempt.work


def _refused(attempt: Attempt) -> bool:
    return attempt.delivery is Delivery.REFUSED and not refused_for_now(attempt)
