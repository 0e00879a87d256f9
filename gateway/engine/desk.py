"""What the doors may ask of the engine: take a request, show it, answer for it, cancel or appeal it,
preview it.

Each act is one transaction that also holds the job it calls for. Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.contract.adapter import Adapter, Answers, Change, ChangeKind
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.engine import acts, appeals, documents, metrics, recording
from gateway.engine.asking import Asked, Progress, asked_by, in_the_body, look, on_the_way, whole
from gateway.engine.attempts import may_be_filed
from gateway.engine.attention import may_be_cancelled
from gateway.engine.batches import Batches
from gateway.engine.clearing import Clearing
from gateway.engine.denied import Docket
from gateway.engine.policing import Policing, Preflight
from gateway.engine.previewing import Preview, preview
from gateway.engine.queue import Queue, Walk
from gateway.engine.recourse import Recourse
from gateway.engine.refusals import Hindered, NotNow, Unknown, Untold
from gateway.engine.treating import Treating
from gateway.engine.walk import Walker
from gateway.model.outcome import Outcome
from gateway.model.request import PARequest
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention, CaseStatus
from gateway.profiles.library import Library
from gateway.recourse.levels import LeveledAppeal
from gateway.routing.decision import Why
from gateway.routing.plan import unsayable
from gateway.store import acceptance, cases
from gateway.store.acceptance import Acceptance, Accepted, NewRequest, Replayed
from gateway.store.challenges import Challenge
from gateway.store.database import Database
from gateway.store.errors import CannotOpen, StoreError
from gateway.store.keys import Key
from gateway.store.records import Case, Submission, Verb


class _Unsent(Exception):
    """Answers were looked at and are not to be sent. Raised to end the transaction without a trace."""

    def __init__(self, progress: Progress) -> None:
        super().__init__("nothing is sent")
        self.progress = progress


@dataclass(frozen=True)
class Seen:
    """A case as it was at one moment: were its parts read one after the other, an answer that comes meanwhile would
    stand in some of them. ``patient`` is how callers are told of them, ``heard`` what the payers said, in order."""

    case: Case
    patient: str
    heard: tuple[Outcome, ...]
    challenge: Challenge | None
    preflight: Preflight | None
    appeals: tuple[LeveledAppeal, ...]


class Desk:
    """The engine's counter. ``clock`` gives the time in UTC."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        library: Library,
        adapters: Mapping[str, Adapter],
        walker: Walker,
        clock: Callable[[], datetime],
    ) -> None:
        self.database = database
        self.library = library
        self.reader = walker.clerk.reader
        """Reads what payers write."""
        self._queue = queue
        self._adapters = adapters
        self._walker = walker
        self._clock = clock
        self.clearing = Clearing(database, queue, walker, clock)
        """What operators do with cases that are stuck."""
        self.policing = Policing(database, library, clock)
        """What payers' policies want of requests."""
        self.treating = Treating(database, library)
        """What authorizations are left for, and what events of treatments come to."""
        self.docket = Docket(database, walker.clerk, self.reader, library.reference.recourse)
        """What of cases is denied."""
        self.recourse = Recourse(database, queue, self.docket, library, self.policing, clock)
        """What can be done about denials."""
        self._acceptances = Batches(self._accept_all, divide=(StoreError, CannotOpen))

    async def accept(self, new: NewRequest) -> Acceptance:
        """Take a request: committed with its first job, or answered as before for a repeated key."""
        taken = await self._acceptances.ask(new)
        if isinstance(taken, Accepted):
            metrics.ACCEPTED.labels(new.mode).inc()
        return taken

    async def find_earlier(
        self, caller: Key, idempotency_key: str, body_digest: bytes, case_id: UUID | None
    ) -> Replayed | None:
        """What was answered to the same request under the same key, if it was taken before."""
        return await acceptance.find_earlier(self.database, caller, idempotency_key, body_digest, case_id)

    async def _accept_all(self, requests: Sequence[NewRequest]) -> Sequence[Acceptance]:
        async with self._queue.transaction(self.database) as connection:
            taken = await acceptance.accept_all(self.database, connection, requests)
            walks = [Walk(one.case_id) for one in taken if isinstance(one, Accepted)]
            await self._queue.put_walks(connection, walks)
        return taken

    async def see(self, caller: Key, case_id: UUID) -> Seen | None:
        """The case with all that belongs to it, if it is this caller's."""
        async with self.database.snapshot() as connection:
            case = await cases.load_case(self.database, connection, case_id, tenant=caller.tenant, mode=caller.mode)
            if case is None:
                return None
            heard = [each for held in case.submissions for each in await self._heard(connection, case, held)]
            called = any(held.attention is Attention.OPERATOR for held in case.submissions)
            appealed = case.standing is not None and case.standing.appeals
            return Seen(
                case=case,
                patient=await self.treating.patient(case),
                heard=tuple(each.outcome for each in sorted(heard, key=lambda each: each.at)),
                challenge=await self.clearing.asked(connection, case) if called else None,
                preflight=await self.policing.recall(connection, case),
                appeals=await self.recourse.appeals(connection, case) if appealed else (),
            )

    async def show(self, caller: Key, case_id: UUID) -> Case | None:
        """The case, if it is this caller's."""
        async with self.database.transaction() as connection:
            return await cases.load_case(self.database, connection, case_id, tenant=caller.tenant, mode=caller.mode)

    async def answer(
        self,
        caller: Key,
        case_id: UUID,
        answers: Answers,
        idempotency_key: str | None,
        body_digest: bytes,
        response: bytes,
        *,
        submit: bool = False,
    ) -> Acceptance | Progress:
        """Send what the payer asked for: documents, each to the one submission that asks for it, or the answers to a
        round of questions. Those are sent whole and where ``submit`` says so; else it is told how far they lead, and
        nothing is sent or kept.

        Raises NotNow when it asks for nothing or was given these before, Unknown for no such case, CannotExpress for
        what the channel cannot carry and documents that answer nothing, Unfit for answers that do not fit their
        questions, Hindered where a profile is missing.
        """
        try:
            async with self._queue.transaction(self.database) as connection:
                case = await self._own(connection, caller, case_id)
                taken = await acceptance.claim(self.database, connection, case, idempotency_key, body_digest, response)
                if isinstance(taken, Accepted) and answers.round is not None:
                    await self._answer_questions(connection, case, answers, submit)
                elif isinstance(taken, Accepted):
                    await self._give_documents(connection, caller, case, answers)
            return taken
        except _Unsent as unsent:
            return unsent.progress

    async def questions(self, caller: Key, case_id: UUID) -> tuple[Case, tuple[Asked, ...]]:
        """The case, and the rounds of questions that are open. Raises Unknown for no such case."""
        async with self.database.snapshot() as connection:
            case = await cases.load_case(self.database, connection, case_id, tenant=caller.tenant, mode=caller.mode)
            if case is None:
                raise Unknown
            return case, tuple([one async for one in self._asked(connection, case)])

    async def _asked(self, connection: asyncpg.Connection, case: Case) -> AsyncIterator[Asked]:
        for held in case.submissions:
            standing, heard = await self._stand(connection, case, held)
            if documents.may_be_answered(held, standing):
                for one in asked_by(held, standing, heard):
                    yield one

    async def _stand(
        self, connection: asyncpg.Connection, case: Case, submission: Submission
    ) -> tuple[Standing, list[Heard]]:
        heard = await self._heard(connection, case, submission)
        rhythm = self._walker.clerk.rhythm_of(submission)
        return recording.stand(submission, heard, rhythm, self._clock()), heard

    async def _heard(self, connection: asyncpg.Connection, case: Case, submission: Submission) -> list[Heard]:
        return await cases.outcomes_of(self.database, connection, case, submission.id)

    async def _answer_questions(
        self, connection: asyncpg.Connection, case: Case, answers: Answers, submit: bool
    ) -> None:
        """Raises _Unsent where nothing is to be sent, which also leaves the key free."""
        asked = [one async for one in self._asked(connection, case)]
        progress = look(answers, case, asked)
        if not progress.walk.complete:
            raise _Unsent(progress)
        work = whole(answers, progress) if submit else on_the_way(answers, progress)
        try:
            await self._ask(connection, case, progress.asked.submission, Verb.ANSWER, work)
        except CannotExpress as error:
            raise in_the_body(error, answers, work) from None
        if not submit:
            raise _Unsent(progress)

    async def _give_documents(self, connection: asyncpg.Connection, caller: Key, case: Case, answers: Answers) -> None:
        asking: list[documents.Asking] = []
        questions = False
        for held in case.submissions:
            standing, _ = await self._stand(connection, case, held)
            if documents.may_be_answered(held, standing):
                if standing.requested or not standing.rounds:
                    asking.append(documents.Asking(held, standing.requested))
                questions = questions or bool(standing.rounds)
        if not asking and questions:
            raise NotNow(
                f"The payer asks questions, and for no document. Read them at /v1/requests/{case.id}/questions."
            )
        if not asking:
            raise NotNow(f"The payer asks for nothing now; the case is {case.status}.")
        parcels = documents.assign(answers, asking)
        for place, work in parcels.items():
            case = await self._own(connection, caller, case.id)
            await self._ask(connection, case, case.submission(place), Verb.ANSWER, work)
        if not parcels:
            raise NotNow("These documents were given before; nothing is sent twice. Send what is new.")

    async def cancel(
        self,
        caller: Key,
        case_id: UUID,
        reason: str | None,
        idempotency_key: str | None,
        body_digest: bytes,
        answer: Callable[[Sequence[Untold]], bytes],
    ) -> tuple[Acceptance, bytes]:
        """Cancel what is open or approved. What cannot be told to one payer of several keeps no other from being told,
        and the practice is called for it. ``answer`` makes what the caller is told, and told again for a repeated key,
        of the payers that could not be told; it comes back with what became of the act.

        Raises NotNow when there is nothing to cancel, Unknown for no such case, CannotExpress where no payer can be
        told, Hindered where one must be told and a profile is missing.
        """
        async with self._queue.transaction(self.database) as connection:
            case = await self._own(connection, caller, case_id)
            response = answer(())
            taken = await acceptance.claim(self.database, connection, case, idempotency_key, body_digest, response)
            if not isinstance(taken, Accepted):
                return taken, response
            if not case.submissions and case.status is CaseStatus.QUEUED:
                await cases.write(self.database, connection, case, acts.unfiled(case))
                return taken, response
            standing = [held for held in case.submissions if _can_cancel(held)]
            if not standing:
                raise NotNow(f"There is nothing to cancel; the case is {case.status}.")
            untold: list[Untold] = []
            for place in (held.id for held in standing):
                case = await self._own(connection, caller, case_id)
                submission = case.submission(place)
                if not may_be_filed(submission):
                    await self._withdraw(connection, case, submission)
                    continue
                try:
                    change = Change(kind=ChangeKind.CANCEL, reason=reason)
                    await self._ask(connection, case, submission, Verb.AMEND, change)
                except CannotExpress as error:
                    untold.append(Untold(submission.id, submission.payer, error.items))
                    await cases.write(self.database, connection, case, acts.not_cancelled(case, submission, error))
            if len(untold) == len(standing):
                raise CannotExpress(*untold[0].items)  # nothing is written then
            if untold:
                response = answer(untold)
                await acceptance.reword(self.database, connection, case, idempotency_key, response)
        return taken, response

    async def appeal(
        self,
        caller: Key,
        case_id: UUID,
        appeal: Change,
        idempotency_key: str | None,
        body_digest: bytes,
        response: bytes,
    ) -> Acceptance:
        """Appeal the lines that the appeal names, or every denied one; each payer is told of its own.

        Raises NotNow where nothing is denied, an appeal is under way or the payer said that it takes none this way,
        Unfit for lines that cannot be appealed, Unknown for no such case, CannotExpress where a payer's channel has no
        word for an appeal, Hindered where a profile is missing.
        """
        async with self._queue.transaction(self.database) as connection:
            case = await self._own(connection, caller, case_id)
            taken = await acceptance.claim(self.database, connection, case, idempotency_key, body_digest, response)
            if not isinstance(taken, Accepted):
                return taken
            standings = [(held, (await self._stand(connection, case, held))[0]) for held in case.submissions]
            for place, lines in appeals.choose(case, standings, appeal.lines).items():
                case = await self._own(connection, caller, case_id)
                change = appeal.model_copy(update={"lines": lines})
                await self._ask(connection, case, case.submission(place), Verb.AMEND, change)
        return taken

    def objections(self, caller: Key, request: PARequest) -> tuple[Why, ...]:
        """Why nothing of the request can be told to its payer; asked only of a payer that wants something otherwise
        than its channel's guides, for to ask is to encode. Nothing is sent or kept."""
        asked = self.library.payer(request.coverages[0].payer)
        business, today = request.coverages[0].line_of_business, self._clock().date()
        ways = (self.library.destination(asked.payer, route.connection, business, today) for route in asked.routes)
        return unsayable(self.preview(caller, request).decision) if any(way.layers for way in ways) else ()

    def preview(self, caller: Key, request: PARequest) -> Preview:
        """Where the request would go and what each submission would say. Nothing is sent or kept."""
        return preview(request, caller.mode, self._clock(), self.library, self._adapters)

    async def _own(self, connection: asyncpg.Connection, caller: Key, case_id: UUID) -> Case:
        case = await cases.load_case(
            self.database, connection, case_id, tenant=caller.tenant, mode=caller.mode, lock=True
        )
        if case is None:
            raise Unknown
        return case

    async def _ask(
        self, connection: asyncpg.Connection, case: Case, submission: Submission, verb: Verb, work: Change | Answers
    ) -> None:
        if why := self._walker.scripts.hindrance(case, submission):
            raise Hindered(why)
        attempt = await self._walker.scripts.plan(case, submission, verb, work)
        # Said once here, to nobody: what the channel cannot say is refused now, while the caller listens.
        first_frame(await self._walker.exchange(connection, case, submission, attempt))
        cancelling = isinstance(work, Change) and work.kind is ChangeKind.CANCEL
        answers = isinstance(work, Answers) and work.questions
        given = "questions_answered" if answers else "documents_given"
        said = f"{work.kind}_asked" if isinstance(work, Change) else given
        note = {"note": said, "verb": verb}
        step = acts.asked(case, submission, attempt, cancelling=cancelling, note=note)
        await cases.write(self.database, connection, case, step)
        await self._queue.put_walks(connection, [Walk(case.id, submission.id)])

    async def _withdraw(self, connection: asyncpg.Connection, case: Case, submission: Submission) -> None:
        others = await self._walker.clerk.others(connection, case, submission)
        step, _ = recording.withdrawn(case, submission, others)
        await cases.write(self.database, connection, case, step)


def _can_cancel(submission: Submission) -> bool:
    return not submission.cancelling and may_be_cancelled(submission.status)
