"""The durable walk of a case: look what is next, do it, commit it, go on.

Every step is one transaction under the case's row lock, and every decision is read from committed rows
(``gateway.engine.agenda``). Killed at any instant, the next walk of the same case goes on where the rows say.
Nothing is sent before the transaction that says so has committed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import structlog

from gateway.contract.adapter import Adapter, Answers, Change, Exchange, Filed, Stamp
from gateway.contract.errors import CannotExpress, ExchangeError, MaybeSent, NotSent, Unreadable
from gateway.contract.frames import Frame, Reply
from gateway.engine import agenda, metrics, recording
from gateway.engine.links import Links, Shut, Turn
from gateway.engine.queue import Queue, Walk
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, Delivery
from gateway.profiles.library import Library
from gateway.routing.plan import Decision, choose
from gateway.routing.plan import Plan as Route
from gateway.store.cases import load_case, outcomes_of, write
from gateway.store.database import Database
from gateway.store.numbers import ControlNumbers
from gateway.store.records import Attempt, Case, Due, Stale, Submission, Verb

_log = structlog.get_logger("engine.walk")
_GONE = MaybeSent("the worker that sent it did not come back")


@dataclass(frozen=True)
class Begun:
    """An exchange that has said its first frame and waits for the reply."""

    attempt: Attempt
    exchange: Exchange
    frame: Frame


class Walker:
    """Walks cases. ``clock`` gives the time in UTC."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        library: Library,
        adapters: Mapping[str, Adapter],
        links: Links,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._queue = queue
        self._library = library
        self._adapters = adapters
        self._links = links
        self._clock = clock
        self._numbers = ControlNumbers(database)

    async def walk(self, job: Walk) -> None:
        """Do what is next for a case, or for one of its submissions, until it must wait."""
        if job.submission_id is not None:
            await self._follow(job.case_id, job.submission_id, job.due)
            return
        for submission in await self._routed(job.case_id):
            await self._follow(job.case_id, submission.id, None)

    async def _routed(self, case_id: UUID) -> tuple[Submission, ...]:
        """The submissions this walk follows itself: all of them, but only the first of a fresh plan."""
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is None or case.submissions or case.status is not CaseStatus.QUEUED:
                return case.submissions if case else ()
            decision = self.decide(case.request, case)
            planned = tuple(
                Submission(
                    id=uuid4(),
                    place=place,
                    payer=plan.payer,
                    connection=plan.connection,
                    channel=plan.channel,
                    benefit=plan.benefit,
                    line_ids=plan.line_ids,
                    status=CaseStatus.QUEUED,
                    attention=Attention.GATEWAY,
                )
                for place, plan in enumerate(decision.plans, start=1)
            )
            step = recording.routed(case, decision, planned)
            written = await write(self._database, connection, case, step)
            await self._queue.put_deliveries(connection, written.delivery_ids)
            await self._queue.put_walks(connection, [Walk(case_id, submission.id) for submission in planned[1:]])
        return planned[:1]

    def decide(self, request: PARequest, case: Case) -> Decision:
        """Where the request goes, and why. Asks each adapter to encode; nothing is sent."""
        return choose(
            request,
            case.mode,
            on=self._clock().date(),
            library=self._library,
            attempt=lambda route: self._try(request, route),
        )

    def _try(self, request: PARequest, route: Route) -> None:
        adapter = self._adapters[route.channel]
        to = self._library.destination(route.payer, route.connection)
        exchange = adapter.submit(narrow(request, route.line_ids), to, _trial_stamp(self._clock()))
        try:
            next(exchange)
        finally:
            exchange.close()

    async def _follow(self, case_id: UUID, submission_id: UUID, due: Due | None) -> None:
        again = True
        while again:
            again = await self._advance(case_id, submission_id, due)
            due = None

    async def _advance(self, case_id: UUID, submission_id: UUID, due: Due | None) -> bool:
        """One step. True when another may follow at once."""
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is None:
                return False
            submission = case.submission(submission_id)
            todo = agenda.next_of(submission, due, self._clock(), self._lease(submission))
            if isinstance(todo, agenda.CallLost):
                await self._record(connection, case, submission, todo.attempt, None, None, _GONE, effect=True)
                return True
        if isinstance(todo, agenda.Rest):
            return False
        try:
            async with self._links.turn(submission.connection, case.mode) as turn:
                begun = await self._begin(case_id, submission_id, due)
                if begun is None:
                    return False
                return await self._converse(case_id, submission_id, begun, turn)
        except Shut as shut:
            await self._postpone(case_id, submission_id, due, shut.until)
            return False
        except Stale:
            _log.info("another_worker_was_first", case_id=case_id, submission_id=submission_id)
            return False

    async def _begin(self, case_id: UUID, submission_id: UUID, due: Due | None) -> Begun | None:
        """Journal the first frame and mark the attempt as sent; only then may its bytes leave.

        None when the rows no longer ask for it, or the adapter cannot say it (which is recorded).
        """
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is None:
                return None
            submission = case.submission(submission_id)
            now = self._clock()
            todo = agenda.next_of(submission, due, now, self._lease(submission))
            match todo:
                case agenda.Speak(attempt):
                    pass
                case agenda.Plan(verb):
                    attempt = await self._new_attempt(submission, verb, now)
                case _:
                    return None
            try:
                exchange = await self.exchange(connection, case, submission, attempt)
                frame = next(exchange)
            except CannotExpress as error:
                await self._record(connection, case, submission, attempt, None, None, error, effect=False)
                return None
            lease = timedelta(seconds=frame.deadline) + agenda.LEASE_MARGIN
            step = recording.sent(case, submission, attempt, frame, now, now + lease)
            written = await write(self._database, connection, case, step)
            await self._queue.put_deliveries(connection, written.delivery_ids)
        return Begun(replace(attempt, delivery=Delivery.SENT, sent_at=now), exchange, frame)

    async def _converse(self, case_id: UUID, submission_id: UUID, begun: Begun, turn: Turn) -> bool:
        """Send what was journaled, hear the reply, record what it means. True when more may follow at once."""
        exchange, frame, attempt = begun.exchange, begun.frame, begun.attempt
        reply: Reply | None = None
        outcome: Outcome | None = None
        error: ExchangeError | None = None
        started = self._clock()
        effect = frame.effect
        try:
            reply = await turn.say(frame)
            while outcome is None:
                try:
                    frame = exchange.send(reply)
                except StopIteration as stop:
                    outcome = stop.value
                else:
                    await self._interim(case_id, submission_id, attempt, reply, frame)
                    reply = await _say_on(turn, frame, effect)
                    effect = effect or frame.effect
        except ExchangeError as failure:
            error = failure
        except Exception as failure:
            # An adapter that breaks on a reply must not lose the reply: it is kept, and a person looks.
            _log.error("adapter_failed", attempt_id=attempt.id, exc_info=failure)
            error = Unreadable(f"the adapter broke on the reply ({type(failure).__name__})")
        finally:
            exchange.close()
        metrics.exchanged(attempt.verb, outcome, error, (self._clock() - started).total_seconds())
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is None:
                return False
            submission = case.submission(submission_id)
            after = await self._record(
                connection, case, submission, attempt, reply, outcome, error, effect=frame.effect
            )
        rest = agenda.next_of(after, None, self._clock(), self._lease(after))
        return not isinstance(rest, agenda.Rest)

    async def _interim(self, case_id: UUID, submission_id: UUID, attempt: Attempt, reply: Reply, frame: Frame) -> None:
        """Between two frames of one exchange: keep the reply heard and the frame about to be said."""
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is not None:
                step = recording.interim(case, case.submission(submission_id), attempt, reply, frame)
                await write(self._database, connection, case, step)

    async def _record(
        self,
        connection: asyncpg.Connection,
        case: Case,
        submission: Submission,
        attempt: Attempt,
        reply: Reply | None,
        outcome: Outcome | None,
        error: ExchangeError | None,
        *,
        effect: bool,
    ) -> Submission:
        """Write what became of an attempt, and where that leaves submission and case."""
        rhythm = self._library.payer(submission.payer).rhythm
        told = recording.Told(attempt, reply, outcome, error, effect)
        heard = list(await outcomes_of(self._database, connection, case, submission.id))
        others = [
            await self._standing(connection, case, other) for other in case.submissions if other.id != submission.id
        ]
        step, after = recording.answered(case, submission, told, heard, others, self._clock(), rhythm)
        written = await write(self._database, connection, case, step)
        await self._queue.put_deliveries(connection, written.delivery_ids)
        return after

    async def _standing(self, connection: asyncpg.Connection, case: Case, submission: Submission) -> Standing:
        heard = await outcomes_of(self._database, connection, case, submission.id)
        standing = recording.stand(submission, heard)
        return replace(standing, attention=submission.attention, attention_why=submission.attention_why)

    async def exchange(
        self, connection: asyncpg.Connection, case: Case, submission: Submission, attempt: Attempt
    ) -> Exchange:
        """The attempt's conversation with its payer, not begun."""
        to = self._library.destination(submission.payer, submission.connection)
        adapter = self._adapters[submission.channel]
        request = narrow(case.request, submission.line_ids)
        if attempt.verb is Verb.SUBMIT:
            return adapter.submit(request, to, attempt.stamp)
        standing = await self._standing(connection, case, submission)
        filing = submission.filing
        filed = Filed(
            request=request,
            stamp=filing.stamp if filing else attempt.stamp,
            references=standing.references,
            requested=standing.requested,
        )
        match attempt.work:
            case Change():
                return adapter.amend(filed, attempt.work, to, attempt.stamp)
            case Answers():
                return adapter.answer(filed, attempt.work, to, attempt.stamp)
            case _:
                return adapter.inquire(filed, to, attempt.stamp)

    async def _new_attempt(self, submission: Submission, verb: Verb, now: datetime) -> Attempt:
        return Attempt(
            id=uuid4(),
            submission_id=submission.id,
            verb=verb,
            stamp=await self.stamp(submission, now),
            delivery=Delivery.PLANNED,
            planned_at=now,
        )

    async def stamp(self, submission: Submission, now: datetime) -> Stamp:
        """A new stamp for an attempt of this submission."""
        to = self._library.destination(submission.payer, submission.connection)
        sender, receiver = self._adapters[submission.channel].parties(to)
        return Stamp(at=now, number=await self._numbers.take(sender, receiver), seed=secrets.token_hex(16))

    async def _postpone(self, case_id: UUID, submission_id: UUID, due: Due | None, until: datetime) -> None:
        """The connection is shut for now: look again when it may open."""
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is not None:
                submission = case.submission(submission_id)
                after = replace(submission, due_at=until, due_for=due or submission.due_for or Due.RETRY)
                await write(self._database, connection, case, recording.postponed(case, after))

    def _lease(self, submission: Submission) -> timedelta:
        deadline = self._library.connection(submission.connection).deadline_seconds
        return timedelta(seconds=deadline) + agenda.LEASE_MARGIN


def narrow(request: PARequest, line_ids: tuple[str, ...]) -> PARequest:
    """The request with only these lines: what one submission asks for."""
    if len(line_ids) == len(request.lines):
        return request
    return request.model_copy(update={"lines": tuple(line for line in request.lines if line.id in line_ids)})


async def _say_on(turn: Turn, frame: Frame, effect: bool) -> Reply:
    """Say a later frame of an exchange. That it was not sent proves nothing of an earlier one's effect."""
    try:
        return await turn.say(frame)
    except NotSent as failure:
        if effect:
            raise MaybeSent(str(failure)) from None
        raise


def _trial_stamp(now: datetime) -> Stamp:
    """For asking an adapter whether it could say something; its bytes go nowhere."""
    return Stamp(at=now, number=1, seed="0" * 32)
