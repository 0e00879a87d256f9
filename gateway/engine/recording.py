"""What a walk writes: steps made from what was decided, said and heard. Pure; the store writes them.

Here and nowhere else an outcome becomes a status, through ``gateway.model.standing``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.contract.errors import MaybeSent
from gateway.contract.frames import Frame, Reply
from gateway.engine import agenda, appeals, attempts, documents, rounds, timekeeping
from gateway.engine.attention import Call, attention_of, stays_called
from gateway.engine.entries import entries_of, evidence_of, frame_entry, locate, reply_entry
from gateway.engine.outstanding import taken_up
from gateway.engine.told import Told
from gateway.engine.whole import call_of_delegate, call_of_handed_on, events_of, of_payer, restated, together, unasked
from gateway.model.outcome import Answer, Outcome
from gateway.model.recommendation import recommended
from gateway.model.standing import Heard, Standing, roll_up_standings, settle
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.profiles.deadlines import Rule
from gateway.profiles.payer import Rhythm
from gateway.routing.plan import Decision
from gateway.store.records import (
    Attempt,
    Case,
    DeliveryMove,
    Due,
    EntryKind,
    NewEntry,
    Step,
    Submission,
    Verb,
)


def routed(case: Case, decision: Decision, submissions: Sequence[Submission]) -> Step:
    """A case got its submissions, or none could be found for it."""
    note = NewEntry(EntryKind.NOTE, decision.as_json(), meta={"note": "routed"})
    gap = unasked(case, submissions, decision)
    called = case.attention is Attention.OPERATOR  # while it could not be routed: that is over
    if gap is None and not called and not any(each.attention_why for each in submissions):
        return Step(case.id, submissions=tuple(submissions), entries=(note,))
    parts = [
        replace(
            stand(submission, ()),
            attention=submission.attention,
            attention_why=of_payer(submission, submissions, submission.attention_why),
        )
        for submission in submissions
    ]
    standing = roll_up_standings([*parts, gap] if gap else parts)
    events = events_of(case, standing)
    return Step(case.id, submissions=tuple(submissions), entries=(note,), standing=standing, events=events)


def set_out(
    case: Case,
    decision: Decision,
    submissions: Sequence[Submission],
    attempt: Attempt,
    frame: Frame,
    now: datetime,
    lease_until: datetime,
) -> Step:
    """A case got its submissions, and the first of them is about to leave."""
    route = routed(case, decision, submissions)
    planned = replace(case, submissions=tuple(submissions))
    if whole := route.standing:
        planned = replace(
            planned,
            standing=whole,
            status=whole.status,
            attention=whole.attention,
            attention_why=whole.attention_why,
        )
    leaving = sent(planned, submissions[0], attempt, frame, now, lease_until)
    return replace(
        leaving,
        submissions=(*leaving.submissions, *submissions[1:]),
        entries=(*route.entries, *leaving.entries),
        events=(*route.events, *leaving.events),
    )


def sent(
    case: Case, submission: Submission, attempt: Attempt, frame: Frame, now: datetime, lease_until: datetime
) -> Step:
    """An attempt is about to leave. If nobody records its end by ``lease_until``, it is called lost. An operator who
    was called for a filing stays called while it is tried again."""
    files = attempt.verb is Verb.SUBMIT
    calls_anew = files and not stays_called(submission)
    after = replace(
        submission,
        status=CaseStatus.SUBMITTING if files and attempt.delivery is not Delivery.LOST else submission.status,
        attention=Attention.GATEWAY if calls_anew else submission.attention,
        attention_why=None if calls_anew else submission.attention_why,
        due_at=lease_until,
        due_for=Due.RECONCILE if files else Due.POLL,
    )
    known = any(held.id == attempt.id for held in submission.attempts)
    standing = restated(case, after)
    return Step(
        case.id,
        submissions=(after,),
        attempts=() if known else (attempt,),
        moves=(DeliveryMove(attempt.id, attempt.delivery, Delivery.SENT, calm=not frame.effect),),
        entries=(frame_entry(case, submission, attempt, frame),),
        standing=standing,
        events=events_of(case, standing),
    )


def interim(
    case: Case,
    submission: Submission,
    attempt: Attempt,
    reply: Reply | None,
    frame: Frame | None,
    lease_until: datetime | None = None,
) -> Step:
    """One exchange goes on: keep what was heard, if anything was, and what is about to be said, if anything is. With
    ``lease_until`` the attempt is in flight for longer, and by a frame with an effect it counts as sent anew."""
    heard = () if reply is None else (reply_entry(submission, attempt, reply), *evidence_of(submission, attempt, reply))
    said = () if frame is None else (frame_entry(case, submission, attempt, frame, goes_on=True),)
    if frame is None or lease_until is None:
        return Step(case.id, entries=(*heard, *said))
    return Step(
        case.id,
        submissions=(replace(submission, due_at=lease_until),),
        moves=(DeliveryMove(attempt.id, Delivery.SENT, Delivery.SENT, attempt.error, calm=not frame.effect),),
        entries=(*heard, *said),
    )


def postponed(
    case: Case,
    after: Submission,
    standing: Standing,
    others: Sequence[Standing],
    call: Call,
    *,
    waits: bool = False,
) -> Step:
    """Nothing can be said now; the submission waits for its timer. An operator is called who was not, or not for
    this; and the practice where it has let a deadline pass. Where it is known for what it ``waits``, that is told while
    it is the gateway's move."""
    attention, why = call
    late = attention is Attention.PROVIDER and any(one.overdue for one in standing.rounds)
    own = waits and attention is Attention.GATEWAY and after.attention in (Attention.GATEWAY, Attention.NONE)
    if not (late or own or attention is Attention.OPERATOR) or (after.attention, after.attention_why) == call:
        return Step(case.id, submissions=(after,))
    after = replace(after, attention=attention, attention_why=why)
    standing = replace(standing, attention=attention, attention_why=why)
    whole = together(case, case.submissions, _in_place(case, after, standing, others))
    return Step(case.id, submissions=(after,), standing=whole, events=events_of(case, whole))


def answered(
    case: Case,
    submission: Submission,
    told: Told,
    heard: Sequence[Heard],
    others: Sequence[Standing],
    now: datetime,
    rhythm: Rhythm,
    rules: Sequence[Rule],
    *,
    resubmits: bool = True,
) -> tuple[Step, Submission]:
    """What an attempt's end writes, and the submission as it is then.

    ``heard`` is what the payer said before about this submission, ``others`` where the case's other submissions
    stand. ``resubmits`` is false where a filing that is lost and not found goes again by a person's word alone.
    """
    if told.went_again(submission):
        told = replace(told, outcome=None, error=MaybeSent("it was refused for now, and had been sent again since"))
    attempt, outcome = told.attempt, told.outcome
    if outcome is not None:
        outcome = locate(outcome, case, told.reply)
    held = told.held(submission)
    before = held.delivery if held else Delivery.PLANNED  # a late reply finds it LOST, and still counts
    ended = told.ending(before)
    stays = ended is before and (told.arrival is not None or ended is not told.delivery)
    asked_at = attempt.sent_at if outcome is not None and attempt.verb is Verb.INQUIRE else None
    settled = attempts.settled_by_inquiry(submission, asked_at, outcome, rhythm) if outcome and asked_at else ()
    settled, held_back = attempts.held_back(settled) if not resubmits else (settled, None)
    word = attempt.error if stays else told.word or held_back or attempts.word_of_inquiry(submission, settled)
    moves = [] if stays or (before is ended and not word) else [DeliveryMove(attempt.id, before, ended, word)]
    ends = {known.id: known for known in submission.attempts}
    over = None if ended in (Delivery.TRANSPORT_ACKED, Delivery.SENT) else now
    ends[attempt.id] = replace(attempt, delivery=ended, ended_at=over, error=word)
    for lost, to in settled:
        kept = attempts.word_after_inquiry(lost, to)
        moves.append(DeliveryMove(lost.id, lost.delivery, to, kept))
        ends[lost.id] = replace(lost, delivery=to, error=kept)
    after = replace(
        submission,
        attempts=tuple(ends.values()),
        cancelling=submission.cancelling and not told.ends_cancellation,
    )
    posted, known = told.arrival is not None, tuple(heard)
    on_appeal = outcome is not None and appeals.speaks_of_one(submission, attempt, heard)
    if outcome is not None:
        known = (*known, heard_now(submission, told, outcome, heard, now))
    note = told.note if told.arrival is not None or told.note is None else told.note | {"delivery": ended}
    entries = entries_of(submission, attempt, told.reply, outcome, note, posted=posted, appeal=on_appeal)
    entries = (*entries, *evidence_of(submission, attempt, told.reply, told.error))
    step, after = left(
        case,
        after,
        known,
        others,
        now,
        rhythm,
        rules,
        Step(case.id, attempts=() if held else (attempt,), moves=tuple(moves), entries=entries),
        last=outcome.answer if outcome else None,
        progress=attempt.verb in attempts.MESSAGES and ended is Delivery.APP_ACKED,
        retry_after=told.retry_after,
        repeats=told.repeats,
    )
    return step, after


def left(
    case: Case,
    after: Submission,
    known: Sequence[Heard],
    others: Sequence[Standing],
    now: datetime,
    rhythm: Rhythm,
    rules: Sequence[Rule],
    step: Step,
    *,
    last: Answer | None = None,
    progress: bool = False,
    retry_after: float | None = None,
    repeats: bool = False,
) -> tuple[Step, Submission]:
    """The step with where submission and case stand once it is written, and the submission as it is then. ``known`` is
    all that was said of the submission, ``rules`` those of the payers' time to decide, and ``last`` what was answered
    just now; ``progress`` as in ``tries_after``."""
    standing, moves, entries = stand(after, known, rhythm, now), [*step.moves], step.entries
    if after.cancelling and not attempts.may_be_filed(after):
        # It was cancelled while its filing was under way, and now nothing is on file: nothing may go again.
        after, dropped = _without_messages(after)
        moves.extend(dropped)
        standing = stand(after, known, rhythm, now)
        if standing.status is CaseStatus.QUEUED:
            withdrawal, entry = _taken_back(after, "taken back, and nothing of it is on file")
            standing = stand(after, (*known, Heard(withdrawal, now, filing=False)))
            entries = (*entries, entry)
    tries = agenda.tries_after(after, standing.status, progress=progress)
    after = replace(after, status=standing.status, tries=tries)
    urgency = appeals.urgency_of(case.request, after, standing)
    before, after = after, timekeeping.read(case, after, known, rules, now)
    due_at, due_for = agenda.timer_of(after, standing, now, rhythm, retry_after, repeats=repeats, urgency=urgency)
    if standing.status is CaseStatus.RECOMMENDED and after.id in taken_up(case.submissions):
        due_at = due_for = None  # its payer was asked: nothing more is awaited of the delegate
    after = replace(after, due_at=due_at, due_for=due_for)
    own = attention_of(after, standing, now, rhythm, last, urgency)
    attention, why = call_of_handed_on(case, after, standing) or call_of_delegate(case, after, standing) or own
    after = replace(after, attention=attention, attention_why=why)
    standing = replace(standing, attention=attention, attention_why=why)
    whole = together(case, case.submissions, _in_place(case, after, standing, others))
    over = timekeeping.newly_over(before, after)
    written = replace(
        step,
        submissions=(after,),
        moves=tuple(moves),
        entries=(*entries, *timekeeping.evidence_of(after, over, known)),
        standing=whole,
        events=events_of(case, whole, after, overdue=bool(over)),
    )
    return written, after


def timed(
    case: Case,
    submission: Submission,
    heard: Sequence[Heard],
    others: Sequence[Standing],
    now: datetime,
    rhythm: Rhythm,
    rules: Sequence[Rule],
) -> Step:
    """The payer's time to decide is over, or it is not any more: nothing was said or heard meanwhile."""
    after = timekeeping.read(case, submission, heard, rules, now)
    over = timekeeping.newly_over(submission, after)
    standing = stand(after, heard, rhythm, now)
    urgency = appeals.urgency_of(case.request, after, standing)
    attention, why = attention_of(after, standing, now, rhythm, urgency=urgency)
    after = replace(after, attention=attention, attention_why=why)
    standing = replace(standing, attention=attention, attention_why=why)
    whole = together(case, case.submissions, _in_place(case, after, standing, others))
    return Step(
        case.id,
        submissions=(after,),
        entries=timekeeping.evidence_of(after, over, heard),
        standing=whole,
        events=events_of(case, whole, after, overdue=bool(over)),
    )


def heard_now(submission: Submission, told: Told, outcome: Outcome, heard: Sequence[Heard], now: datetime) -> Heard:
    """The outcome that is told just now, as it is heard behind what was ``heard`` before."""
    attempt = told.attempt
    return Heard(
        outcome,
        now,
        filing=attempt.verb is Verb.SUBMIT,
        asked=attempt.sent_at,
        posted=told.arrival is not None,
        change=attempt.verb is Verb.AMEND,
        appeal=appeals.speaks_of_one(submission, attempt, heard),
        answers=attempt.id,
    )


def stand(
    submission: Submission, heard: Iterable[Heard], rhythm: Rhythm | None = None, now: datetime | None = None
) -> Standing:
    """Where a submission stands. A filing that its channel cannot say has failed, whatever else is known. With the
    payer's ``rhythm`` known, only what is wanting still of what it asked for is ``requested``; of its ``rounds`` of
    questions those are left that nobody answered, and with the time known those are marked that are late."""
    filing, heard = submission.filing, tuple(heard)
    delivery = filing.delivery if filing else Delivery.PLANNED
    told = appeals.told_apart(submission, heard)
    if submission.recommends:
        told = tuple(recommended(item) for item in told)
    standing = settle(submission.line_ids, delivery, told, cancelling=submission.cancelling)
    if filing and filing.delivery is Delivery.REFUSED and (filing.error or "").startswith(attempts.INEXPRESSIBLE):
        return replace(standing, status=CaseStatus.FAILED, attention=Attention.PROVIDER, attention_why=filing.error)
    if standing.status is CaseStatus.SUBMITTING and submission.cancelling:
        standing = replace(standing, status=CaseStatus.CANCEL_PENDING)  # taken back while it was under way
    left = rounds.still_open(submission, standing, heard, now)
    if rhythm is not None:
        standing = replace(standing, requested=documents.wanting(submission, standing, heard, rhythm))
    asked = appeals.appeals_of(submission, heard)
    return replace(standing, rounds=appeals.still_asked(left, asked), appeals=asked)


def withdrawn(case: Case, submission: Submission, others: Sequence[Standing]) -> tuple[Step, Submission]:
    """A submission is taken back before anything of it was sent; no payer has to be told."""
    outcome, entry = _taken_back(submission, "taken back before anything was sent")
    standing = settle(submission.line_ids, Delivery.PLANNED, [Heard(outcome, case.updated_at, filing=False)])
    after = replace(
        submission, status=standing.status, attention=Attention.NONE, attention_why=None, due_at=None, due_for=None
    )
    whole = together(case, case.submissions, _in_place(case, after, standing, others))
    return Step(case.id, submissions=(after,), entries=(entry,), standing=whole, events=events_of(case, whole)), after


def _in_place(
    case: Case, submission: Submission, standing: Standing, others: Sequence[Standing]
) -> tuple[Standing, ...]:
    """The standing among those of the case's other submissions, which are in the order of their places."""
    before = sum(held.place < submission.place for held in case.submissions)
    return (*others[:before], standing, *others[before:])


def _without_messages(submission: Submission) -> tuple[Submission, list[DeliveryMove]]:
    """The submission without a cancellation that is pending, and the moves that keep what waits from being sent."""
    unsaid = {attempt.id: attempt for attempt in attempts.unsent(submission)}
    moves = [DeliveryMove(name, held.delivery, Delivery.REFUSED, attempts.TAKEN_BACK) for name, held in unsaid.items()]
    left = tuple(
        replace(held, delivery=Delivery.REFUSED, error=attempts.TAKEN_BACK) if held.id in unsaid else held
        for held in submission.attempts
    )
    return replace(submission, cancelling=False, attempts=left), moves


def _taken_back(submission: Submission, why: str) -> tuple[Outcome, NewEntry]:
    """The gateway's own word that there is nothing to cancel at the payer, as an outcome and in the journal."""
    outcome = Outcome(answer=Answer.CANCELLED, attention_why=why)
    entry = NewEntry(
        EntryKind.OUTCOME, outcome.model_dump_json().encode(), submission.id, meta={"by": "gateway", "verb": Verb.AMEND}
    )
    return outcome, entry
