"""Reads what payers said of a case, and writes what became of attempts to say something to them.

Knows the store and ``gateway.engine.recording``; talks to nobody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from gateway.contract.adapter import Answers
from gateway.contract.errors import CannotExpress, Challenged, NeedsPerson, NotSent
from gateway.contract.frames import Frame, Reply, Turn
from gateway.courses.reminder import ends_of
from gateway.denials.read import Reader
from gateway.denials.refine import refine
from gateway.engine import agenda, confirming, detours, recording, resending, rounds
from gateway.engine.appeals import urgency_of
from gateway.engine.attention import Call, attention_of
from gateway.engine.confirming import Confirmer
from gateway.engine.detours import Blocked, Detours
from gateway.engine.handing import Handed, hand_on
from gateway.engine.told import Told
from gateway.engine.whole import events_of, standing_of
from gateway.model.outcome import Outcome
from gateway.model.standing import Heard, Standing
from gateway.model.status import SETTLED, Attention, CaseStatus, Delivery
from gateway.profiles.deadlines import Rule
from gateway.profiles.library import Library
from gateway.profiles.payer import Rhythm
from gateway.store.cases import load_case, outcomes_of, read_asking, write
from gateway.store.challenges import ask_person
from gateway.store.database import Database
from gateway.store.journal import read_sayings
from gateway.store.records import Attempt, Case, Due, Stale, Step, Submission, Verb
from gateway.store.reminders import set_reminders

_log = structlog.get_logger("engine.clerk")


class Clerk:
    """``clock`` gives the time in UTC."""

    def __init__(
        self,
        database: Database,
        library: Library,
        clock: Callable[[], datetime],
        detours: Detours,
        confirmer: Confirmer,
    ) -> None:
        self._database = database
        self._library = library
        self.reader = Reader(library.reference.denials)
        self._clock = clock
        self._detours = detours
        self._confirmer = confirmer

    async def conclude(self, seen: Case, told: Told) -> Submission | None:
        """Record what became of an attempt, whatever has become of the case since it was seen. None if it is gone."""
        if told.recorded:
            case = await self._go_on(seen.id, told.attempt, told.reply, None)
            return None if case is None else case.submission(told.attempt.submission_id)
        asks = isinstance(told.error, Challenged)
        # Else it went on since it was seen, or what is asked is kept with it.
        if not asks and _held(seen, told.attempt).last_said == told.attempt.last_said:
            with suppress(Stale):
                async with self._database.connection() as connection:
                    return await self.record(connection, seen, told, held=False)
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, seen.id, lock=True)
            return None if case is None else await self.record(connection, case, told, held=True)

    async def record(self, connection: asyncpg.Connection, case: Case, told: Told, *, held: bool) -> Submission:
        """Write what became of an attempt, and where that leaves submission and case. ``held`` is as in ``write``."""
        submission, unclear = case.submission(told.attempt.submission_id), None
        if told.outcome is not None:
            handed = self._hand_on(case, submission, told.attempt, refine(told.outcome, self.reader))
            told, unclear = replace(told, outcome=handed.outcome), handed.unclear
        if told.overtaken(submission):
            _log.warning("worker_overtaken", case_id=case.id, attempt_id=told.attempt.id)
            return submission
        rhythm = self._library.payer(submission.payer).rhythm
        heard = await self._heard(connection, case, submission)
        others = await self.others(connection, case, submission)
        now, resubmits = self._clock(), self._resubmits(submission)
        step, after = recording.answered(
            case, submission, told, heard, others, now, rhythm, self.rules, resubmits=resubmits
        )
        found = None
        if told.outcome is not None:
            known = (*heard, recording.heard_now(submission, told, told.outcome, heard, now))
            found = await self._detours.find(case, after, told.outcome, known)
            if found is None and unclear is not None and not any(unclear in each.outcome.whys for each in heard):
                found = Blocked(unclear)
        if found is not None:
            step, after = detours.gone(case, step, after, others, found)
        elif told.outcome is not None:
            step, after = await self._confirm(case, step, after, others, known)
        days = self._library.payer(submission.payer).courses.remind_days
        ends = () if step.standing is None else tuple(ends_of(case.id, case.request, step.standing, days, now))
        async with connection.transaction() if ends else nullcontext():
            await write(self._database, connection, case, step, held=held)
            await set_reminders(connection, ends)
        if isinstance(told.error, Challenged):
            rests = timedelta(seconds=self._library.connection(submission.connection).breaker.refused_seconds)
            await ask_person(self._database, connection, case, submission.id, told.error, rests)
        return after

    def _hand_on(self, case: Case, submission: Submission, attempt: Attempt, outcome: Outcome) -> Handed:
        payer, business = self._library.payer(submission.payer), case.request.coverages[0].line_of_business
        return hand_on(outcome, attempt.verb, payer, business, self.reader, self._clock().date())

    async def _confirm(
        self, case: Case, step: Step, after: Submission, others: Sequence[Standing], known: Sequence[Heard]
    ) -> tuple[Step, Submission]:
        """The step with the payer itself asked, where a delegate has recommended it now."""
        found = await self._confirmer.find(case, after, known)
        if found is None:
            return step, after
        own = recording.stand(after, known, self.rhythm_of(after), self._clock())
        if isinstance(found, confirming.Unconfirmed):
            return confirming.unconfirmed(case, step, after, others, own, found)
        return confirming.confirmed(case, step, after, others, own, found)

    async def interim(
        self,
        case_id: UUID,
        attempt: Attempt,
        reply: Reply | None,
        frame: Frame,
        lease: timedelta | None,
        known: Told | None = None,
    ) -> Attempt:
        """Between two frames of one exchange: keep the reply heard and the frame about to be said. What is ``known`` by
        that reply is recorded as any answer is. With a ``lease`` the attempt is in flight for that much longer.

        Raises NotSent for a frame with an effect where the attempt is no longer this conversation's, for somebody took
        it for lost and may have said it since; and for a filing where the request was taken back.
        """
        case = await self._go_on(case_id, attempt, reply, frame, lease, known)
        if case is None:
            raise NotSent("the case is gone")
        return _held(case, attempt)

    async def _go_on(
        self,
        case_id: UUID,
        attempt: Attempt,
        reply: Reply | None,
        frame: Frame | None,
        lease: timedelta | None = None,
        known: Told | None = None,
    ) -> Case | None:
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is None:
                return None
            submission, held = case.submission(attempt.submission_id), _held(case, attempt)
            until: datetime | None = None
            if known is not None:
                submission, reply = await self.record(connection, case, known, held=True), None
            elif lease is not None and held.delivery is Delivery.SENT and held.sent_at == attempt.sent_at:
                until = self._clock() + lease
            elif lease is not None and frame is not None and frame.effect:
                raise NotSent("another worker took it for lost meanwhile")
            files = frame is not None and frame.effect and attempt.verb is Verb.SUBMIT
            if until is not None and files and held.harmless and submission.cancelling:
                raise NotSent("it was taken back before it came to its effect")
            step = recording.interim(case, submission, attempt, reply, frame, until)
            return (await write(self._database, connection, case, step)).case

    async def postpone(
        self,
        case_id: UUID,
        submission_id: UUID,
        due: Due | None,
        until: datetime | None,
        call: Call | None = None,
        also: Callable[[asyncpg.Connection], Awaitable[None]] | None = None,
        *,
        silent: bool = False,
    ) -> None:
        """Nothing can be said for now: look again then, or where that is None when something is heard. ``call`` is who
        must know and what, and ``also`` is done in the same transaction. ``silent``: nobody asked for this wait."""
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is not None:
                submission = case.submission(submission_id)
                after = replace(submission, due_at=until, due_for=due or submission.due_for or Due.RETRY)
                if until is None:
                    after = replace(after, due_for=None)
                heard = await self._heard(connection, case, after)
                standing = recording.stand(after, heard, self.rhythm_of(after), self._clock())
                others = await self.others(connection, case, after)
                told = call
                if told is None:
                    waiting = replace(after, due_at=None) if silent else after
                    rhythm = self._library.payer(submission.payer).rhythm
                    urgency = urgency_of(case.request, after, standing)
                    told = attention_of(waiting, standing, self._clock(), rhythm, urgency=urgency)
                step = recording.postponed(case, after, standing, others, told, waits=call is not None)
                await write(self._database, connection, case, step)
                if also is not None:
                    await also(connection)

    async def tell_time(self, case_id: UUID, submission_id: UUID) -> None:
        """Look whether the payer's time to decide is over. Of a payer whose profile is gone that is looked at later."""
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is None:
                return
            submission = case.submission(submission_id)
            rhythm = self.rhythm_of(submission)
            if rhythm is None or submission.decide_by is None:
                return
            heard = await self._heard(connection, case, submission)
            others = await self.others(connection, case, submission)
            step = recording.timed(case, submission, heard, others, self._clock(), rhythm, self.rules)
            await write(self._database, connection, case, step)

    async def call(self, case_id: UUID, why: str) -> None:
        """Call an operator, once, for a case that is not routed."""
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is None or case.submissions or case.status is not CaseStatus.QUEUED:
                return
            standing = replace(standing_of(case), attention=Attention.OPERATOR, attention_why=why)
            if (case.attention, case.attention_why) != (standing.attention, standing.attention_why):
                step = Step(case_id, standing=standing, events=events_of(case, standing))
                await write(self._database, connection, case, step)

    async def let_lapse(self, seen: Case, submission: Submission, attempt: Attempt | None) -> bool:
        """Keep answers from being sent whose payer takes none any more. True where they are such."""
        if attempt is None or attempt.verb is not Verb.ANSWER:
            return False
        async with self._database.connection() as connection:
            heard = await self._heard(connection, seen, submission)
            error = rounds.lapsed(attempt, heard, self._clock())
            if error is not None:
                with suppress(Stale):  # the next look decides it anew
                    await self.record(connection, seen, Told(attempt, None, None, error, effect=True), held=False)
        return error is not None

    async def compare(self, connection: asyncpg.Connection, case: Case, attempt: Attempt, frame: Frame) -> None:
        """Raises NeedsPerson when an attempt that may have arrived would go again in other words. By steps on a page
        no payer knows a message again, so these may be others."""
        if isinstance(frame, Turn):
            return
        said = await read_sayings(self._database, connection, case, attempt.id)
        if changed := resending.changed(said, frame):
            raise NeedsPerson(changed)

    async def withhold(
        self, connection: asyncpg.Connection, case: Case, attempt: Attempt, error: CannotExpress | NeedsPerson
    ) -> CannotExpress | NeedsPerson:
        """Why an attempt does not go. One that may have arrived is not over because it cannot be said any more."""
        if attempt.sent_at is None or isinstance(error, NeedsPerson):
            return error
        why = resending.unsaid(await read_sayings(self._database, connection, case, attempt.id), error)
        return NeedsPerson(why) if why is not None else error

    async def stand(
        self, connection: asyncpg.Connection, case: Case, submission: Submission, before: UUID | None = None
    ) -> Standing:
        """Where a submission stands, by all that its payer said; ``before`` an attempt of it was first sent."""
        heard = await self._heard(connection, case, submission, before)
        standing = recording.stand(submission, heard, self.rhythm_of(submission), self._clock())
        return replace(standing, attention=submission.attention, attention_why=submission.attention_why)

    async def awaited_until(self, case: Case, submission: Submission) -> datetime | None:
        """When a person may have to look at a submission whose payer is not asked; None where one looks already, or
        its payer's profile is gone."""
        rhythm = self.rhythm_of(submission)
        if rhythm is None:
            return None
        async with self._database.connection() as connection:
            standing = await self.stand(connection, case, submission)
        urgency = urgency_of(case.request, submission, standing)
        return agenda.awaited_until(submission, standing, self._clock(), rhythm, urgency)

    async def asking(
        self, connection: asyncpg.Connection, case: Case, submission: Submission, attempt: Attempt
    ) -> bytes | None:
        """The payer's document with the questions that an attempt answers; for a change, the latest of them."""
        round_id = attempt.work.round if isinstance(attempt.work, Answers) else None
        before = None if attempt.sent_at is None else attempt.id
        return await read_asking(self._database, connection, case, submission.id, round_id, before)

    async def others(self, connection: asyncpg.Connection, case: Case, submission: Submission) -> list[Standing]:
        """Where the case's other submissions stand, in the order of their places."""
        return [await self.stand(connection, case, other) for other in case.submissions if other.id != submission.id]

    def rhythm_of(self, submission: Submission) -> Rhythm | None:
        """None for a payer whose profile is gone."""
        try:
            return self._library.payer(submission.payer).rhythm
        except KeyError:
            return None

    @property
    def rules(self) -> Sequence[Rule]:
        """By when payers have to decide."""
        return self._library.reference.deadlines

    def _resubmits(self, submission: Submission) -> bool:
        """False where a filing that is lost and not found goes again by a person's word alone."""
        try:
            browser = self._library.connection(submission.connection).browser
        except KeyError:
            return False
        return browser is None or browser.resubmit == "after_settle"

    async def _heard(
        self, connection: asyncpg.Connection, case: Case, submission: Submission, before: UUID | None = None
    ) -> list[Heard]:
        placed = Delivery.TRANSPORT_ACKED
        ended = any(attempt.ended_at or attempt.delivery is placed for attempt in submission.attempts)
        if not ended and submission.status not in SETTLED:
            return []  # the payer has answered nothing yet
        return await outcomes_of(self._database, connection, case, submission.id, before)


def _held(case: Case, attempt: Attempt) -> Attempt:
    """An attempt that was written, as the case has it now."""
    return next(held for held in case.submission(attempt.submission_id).attempts if held.id == attempt.id)
