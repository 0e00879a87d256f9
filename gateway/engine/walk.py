"""The durable walk of a case: look what is next, do it, commit it, go on.

Every decision is read from committed rows (``gateway.engine.agenda``), and every step is one statement, written
upon the rows it was decided on: when they have changed since, it is decided again under the case's row lock. Killed
at any instant, the next walk of the same case goes on where the rows say. Nothing is sent before the transaction that
says so has committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg
import structlog

from gateway.contract.adapter import Adapter, Exchange
from gateway.contract.errors import CannotExpress, MaybeSent, NeedsPerson
from gateway.engine import agenda, appeals, metrics, patience, recording, talking
from gateway.engine.attempts import GONE, GONE_UNHARMED, MESSAGES
from gateway.engine.clerk import Clerk
from gateway.engine.confirming import Confirmer
from gateway.engine.conversation import Conversation
from gateway.engine.detours import Detours
from gateway.engine.leases import Begun, Calls, Leases
from gateway.engine.links import Busy, Links, Place, Shut
from gateway.engine.postbook import Postbook
from gateway.engine.queue import Queue, Walk
from gateway.engine.reminding import Reminding
from gateway.engine.scripts import Departure, Scripts
from gateway.engine.told import Told
from gateway.engine.wanted import root_of
from gateway.model.status import Attention, CaseStatus
from gateway.profiles.library import Library
from gateway.store.cases import load_case, write
from gateway.store.challenges import find_rest
from gateway.store.database import Database
from gateway.store.numbers import ControlNumbers
from gateway.store.records import Attempt, Case, Due, Stale, Submission, Verb

_log = structlog.get_logger("engine.walk")
_GONE = MaybeSent(GONE)

_LONGEST_IN_LINE = timedelta(hours=1)
"""After that whoever stands in a connection's line is looked at again, in case its job is gone."""

_UNTIL_PROFILE = timedelta(minutes=5)
"""After that a submission whose profile is missing is looked at again: a gateway that was started with it goes on."""


_RESTS = (
    "the payer's site wants a person, who was called over another case: it goes on by itself once that one is resumed"
)


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
        self._links = links
        self._clock = clock
        self.scripts = Scripts(library, adapters, ControlNumbers(database), clock)
        ways = library, adapters, self.scripts, clock
        self.clerk = Clerk(database, library, clock, Detours(*ways), Confirmer(*ways))
        self.reminding = Reminding(database, library, clock)
        self._leases = Leases(library, clock)
        self._postbook = Postbook(database, self.scripts)

    async def walk(self, job: Walk) -> None:
        """Do what is next for a case, or for one of its submissions, until it must wait."""
        if job.submission_id is not None:
            if job.due is Due.DECIDED_BY:
                await self.clerk.tell_time(job.case_id, job.submission_id)
                self._queue.letters.set()
            elif job.due is Due.TALK:
                await talking.tell_time(self._database, job.case_id, self._clock())
                self._queue.letters.set()
            else:
                await self._follow(job, job.submission_id)
            return
        if job.due is Due.EXPIRING:
            await self.reminding.remind(job.case_id)
            self._queue.letters.set()
            return
        case = await self._look(job.case_id)
        if case is None:
            return
        if not case.submissions and case.status is CaseStatus.QUEUED:
            async with patience.over(job, None, self.clerk, self._clock):
                await self._set_out(job, case)
            return
        for submission in case.submissions:
            await self._follow(job, submission.id)

    async def _look(self, case_id: UUID) -> Case | None:
        async with self._database.connection() as connection:
            return await load_case(self._database, connection, case_id)

    async def _set_out(self, job: Walk, case: Case) -> None:
        """Route a fresh case. Its first attempt begins in the transaction that writes the route."""
        departure = await self.scripts.set_out(case)
        if departure.opening is None:
            await self._keep_route(case, departure, ())
            return
        first, *others = departure.submissions
        try:
            await self._not_resting(first)
            async with self._links.place(first.connection, case.mode, wait=False, whose=str(first.id)) as place:
                with self._leases.calling() as calls:
                    begun = await self._begin(calls, case, first.id, None, departure)
                    again = begun is not None and await self._converse(begun, place)
        except Busy:
            departure.opening.exchange.close()
            waiting = replace(first, due_at=self._clock() + _LONGEST_IN_LINE, due_for=Due.RETRY)
            await self._keep_route(case, departure, (waiting, *others), line=first.connection)
            return
        except Shut as shut:
            departure.opening.exchange.close()
            waiting = replace(first, due_at=shut.until, due_for=Due.RETRY)
            if shut.call:
                waiting = replace(waiting, attention=shut.call[0], attention_why=shut.call[1])
            await self._keep_route(case, departure, (waiting, *others))
            return
        if again:
            await self._follow(job, first.id)

    async def _keep_route(
        self, case: Case, departure: Departure, submissions: tuple[Submission, ...], line: str | None = None
    ) -> None:
        """Write where a case goes without beginning to go there. Its first submission may stand in a ``line``."""
        with suppress(Stale):  # another worker was first, or the case was taken back
            async with self._queue.transaction(self._database) as connection:
                await write(
                    self._database,
                    connection,
                    case,
                    recording.routed(case, departure.decision, submissions),
                    held=False,
                )
                walks = [Walk(case.id, other.id) for other in submissions[1:]]
                if line is not None:
                    walks.append(Walk(case.id, submissions[0].id, line=line))
                await self._queue.put_walks(connection, walks)

    async def _follow(self, job: Walk, submission_id: UUID) -> None:
        due, again = job.due, True
        async with patience.over(job, submission_id, self.clerk, self._clock):
            while again:
                again = await self._advance(job.case_id, submission_id, due, wait=job.line is not None)
                due = None

    async def _advance(self, case_id: UUID, submission_id: UUID, due: Due | None, wait: bool) -> bool:
        """One step. True when another may follow at once. Where all places of the connection are taken, and it is not
        to ``wait``, the submission stands in the connection's line: other connections need this worker."""
        case = await self._look(case_id)
        if case is None:
            return False
        submission = case.submission(submission_id)
        todo = self._next(case, submission, due)
        if isinstance(todo, agenda.Rest):
            return False
        if why := self.scripts.hindrance(case, submission):
            call = Attention.OPERATOR, why
            await self.clerk.postpone(case_id, submission_id, due, self._clock() + _UNTIL_PROFILE, call)
            return False
        if isinstance(todo, agenda.Await):
            until = await self.clerk.awaited_until(case, submission)
            await self.clerk.postpone(case_id, submission_id, due, until, silent=True)
            return False
        if isinstance(todo, agenda.CallLost):
            repeats = self.scripts.repeats(case, submission)
            harmless = todo.attempt.harmless
            error = GONE_UNHARMED if harmless else _GONE
            told = Told(todo.attempt, None, None, error, effect=not harmless, repeats=repeats)
            with suppress(Stale):  # its worker came back just now
                async with self._database.connection() as connection:
                    await self.clerk.record(connection, case, told, held=False)
            self._queue.letters.set()
            return True
        if await self.clerk.let_lapse(case, submission, todo.attempt if isinstance(todo, agenda.Speak) else todo.again):
            return True
        try:
            await self._not_resting(submission)
            async with self._links.place(
                submission.connection, case.mode, wait=wait, whose=str(submission.id)
            ) as place:
                with self._leases.calling() as calls:
                    begun = await self._begin(calls, case, submission_id, due)
                    return begun is not None and await self._converse(begun, place)
        except Busy:
            walk = Walk(case_id, submission_id, due, line=submission.connection)
            put = partial(self._queue.put_walks, walks=[walk])
            await self.clerk.postpone(case_id, submission_id, due, self._clock() + _LONGEST_IN_LINE, also=put)
            self._queue.wake(self._database)
            return False
        except Shut as shut:
            await self.clerk.postpone(case_id, submission_id, due, shut.until, shut.call)
            return False

    async def _not_resting(self, submission: Submission) -> None:
        """Raises Shut while the payer's site wants a person, whichever process was told so."""
        if not self.scripts.is_site(submission):
            return
        rest = await find_rest(self._database, submission.connection)
        if rest is not None:
            raise Shut(rest.until, None if rest.submission_id == submission.id else _RESTS, waits=True)

    async def _begin(
        self, calls: Calls, seen: Case, submission_id: UUID, due: Due | None, departure: Departure | None = None
    ) -> Begun | None:
        """Journal the first frame and mark the attempt as sent; only then may its bytes leave.

        None when the rows no longer ask for it, or the adapter cannot say it (which is recorded).
        """
        begun = None
        try:
            if departure is None:
                async with self._database.connection() as connection:
                    begun = await self._open(connection, calls, seen, submission_id, due, held=False)
            else:
                begun = await self._depart(calls, seen, departure)
        except Stale:
            _log.info("another_worker_was_first", case_id=seen.id, submission_id=submission_id)
            calls.end()
            if departure is not None:
                return None
            async with self._database.transaction() as connection:
                case = await load_case(self._database, connection, seen.id, lock=True)
                if case is not None:
                    begun = await self._open(connection, calls, case, submission_id, due, held=True)
        self._queue.letters.set()
        if departure is not None and len(departure.submissions) > 1:
            self._queue.wake(self._database)
        return begun

    async def _depart(self, calls: Calls, case: Case, departure: Departure) -> Begun | None:
        opening = departure.opening
        if opening is None or not calls.begin(opening.attempt):
            return None
        now = self._clock()
        step = recording.set_out(
            case,
            departure.decision,
            departure.submissions,
            opening.attempt,
            opening.frame,
            now,
            self._leases.until(departure.submissions[0], now),
        )
        others = [Walk(case.id, other.id) for other in departure.submissions[1:]]
        async with self._database.transaction() if others else self._database.connection() as connection:
            await self._postbook.enter(connection, case, departure.submissions[0], opening.attempt, opening.frame)
            written = await write(self._database, connection, case, step, held=False)
            await self._queue.put_walks(connection, others)
        return Begun.of(calls, written.case, opening.attempt, opening.exchange, opening.frame)

    async def _open(
        self,
        connection: asyncpg.Connection,
        calls: Calls,
        case: Case,
        submission_id: UUID,
        due: Due | None,
        *,
        held: bool,
    ) -> Begun | None:
        submission = case.submission(submission_id)
        now = self._clock()
        todo = self._next(case, submission, due)
        follow = todo == agenda.Plan(Verb.ANSWER)
        asked = (await self.clerk.stand(connection, case, submission)).requested if follow else ()
        attempt = await self.scripts.choose(case, submission, todo, asked)
        if attempt is None:
            return None
        try:
            exchange = await self.exchange(connection, case, submission, attempt)
            frame = next(exchange)
            if attempt.sent_at is not None:
                await self.clerk.compare(connection, case, attempt, frame)
        except (CannotExpress, NeedsPerson) as error:
            why = await self.clerk.withhold(connection, case, attempt, error)
            await self.clerk.record(connection, case, Told(attempt, None, None, why, effect=True), held=held)
            return None
        if not calls.begin(attempt):
            return None
        await self._postbook.enter(connection, case, submission, attempt, frame)
        step = recording.sent(case, submission, attempt, frame, now, self._leases.until(submission, now))
        written = await write(self._database, connection, case, step, held=held)
        return Begun.of(calls, written.case, attempt, exchange, frame)

    async def _converse(self, begun: Begun, place: Place) -> bool:
        """Hold the conversation, and record what it came to. True when more may follow at once."""
        started = self._clock()
        submission = begun.case.submission(begun.attempt.submission_id)
        told = await Conversation(begun, place, self._leases, self.clerk).hold()
        told = replace(told, repeats=self.scripts.repeats(begun.case, submission))
        metrics.exchanged(told.attempt.verb, told.outcome, told.error, (self._clock() - started).total_seconds())
        after = await self.clerk.conclude(begun.case, told)
        begun.calls.end()
        self._queue.letters.set()
        if after is None:
            return False
        return not isinstance(self._next(begun.case, after, None), agenda.Rest)

    def _next(self, case: Case, submission: Submission, due: Due | None) -> agenda.Next:
        if self._leases.open_here(submission):
            return agenda.Rest()  # whatever the clock says
        announced = appeals.announced(case.request, submission) if self.scripts.announces(submission) else ()
        asks = due not in (Due.POLL, Due.RECONCILE) or self.scripts.can_ask(case, submission)
        lease = self._leases.length(submission)
        repeats = self.scripts.repeats(case, submission)
        return agenda.next_of(submission, due, self._clock(), lease, announced=announced, asks=asks, repeats=repeats)

    async def exchange(
        self, connection: asyncpg.Connection, case: Case, submission: Submission, attempt: Attempt
    ) -> Exchange:
        """The attempt's conversation with its payer, not begun. Of one that was said already, what its payer has said
        since is not known here: the bytes are those that were sent."""
        standing = asked = None
        if attempt.verb is not Verb.SUBMIT:
            before = None if attempt.sent_at is None else attempt.id
            own = root_of(attempt)
            others = tuple(held for held in submission.attempts if root_of(held) != own)
            # What documents are given for is asked for, as long as nothing was heard of it.
            about = replace(submission, attempts=others) if attempt.verb is Verb.ANSWER else submission
            standing = await self.clerk.stand(connection, case, about, before)
        if attempt.verb in MESSAGES:
            asked = await self.clerk.asking(connection, case, submission, attempt)
        return self.scripts.exchange(case, submission, attempt, standing, asked)
