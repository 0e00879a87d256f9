"""What operators do with a case: settle what is in doubt, answer what a payer's site asks, let it go on, and say that a
payer takes longer.

Each act is one transaction that also holds the job it calls for, as at the desk. Knows no HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.engine import extending, settling
from gateway.engine.extending import Extended
from gateway.engine.queue import Queue, Walk
from gateway.engine.refusals import Hindered, NotNow, Unfit, Unknown
from gateway.engine.settling import Word
from gateway.engine.walk import Walker
from gateway.engine.whole import events_of, restated
from gateway.model.faults import Finding
from gateway.model.standing import Heard, Standing
from gateway.model.status import Attention
from gateway.profiles.payer import Rhythm
from gateway.store import acceptance, cases, challenges
from gateway.store.acceptance import Acceptance, Accepted
from gateway.store.challenges import Challenge
from gateway.store.database import Database
from gateway.store.keys import Key
from gateway.store.records import Case, Due, EntryKind, NewEntry, Step, Submission

_READS = "captcha"
"""The kind of challenge that is answered with what a picture says."""


@dataclass(frozen=True)
class Act:
    """What makes an act happen once: its key, the digest of its body, and the answer that a repetition gets."""

    idempotency_key: str | None = field(repr=False)
    digest: bytes
    response: bytes = field(repr=False)


class Clearing:
    """``clock`` gives the time in UTC."""

    def __init__(self, database: Database, queue: Queue, walker: Walker, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._queue = queue
        self._walker = walker
        self._clock = clock

    async def settle(self, caller: Key, case_id: UUID, word: Word, act: Act) -> Acceptance:
        """Take a person's word on what is in doubt: found, it is the payer's; absent, it goes again.

        Raises Unknown for no such case, NotNow where nothing is in doubt or it is too soon to say, Unfit where what is
        named is not in doubt or several things are, Hindered where a profile is missing.
        """
        async with self._queue.transaction(self._database) as connection:
            case, taken = await begin(self._database, connection, caller, case_id, act)
            if not isinstance(taken, Accepted):
                return taken
            submission, lost = settling.choose(case, word)
            rhythm, heard, others = await self._known(connection, case, submission)
            now, rules = self._clock(), self._walker.clerk.rules
            step, _ = settling.settled(case, submission, lost, word, heard, others, now, rhythm, rules)
            await cases.write(self._database, connection, case, step)
            await self._queue.put_walks(connection, [Walk(case.id, submission.id)])
        return taken

    async def extend(self, caller: Key, case_id: UUID, word: Extended, act: Act) -> Acceptance:
        """Take a person's word that a payer takes longer to decide than it had to.

        Raises Unknown for no such case, NotNow where no payer's time runs, Unfit for days that cannot be and where
        several payers' time runs, Hindered where a profile is missing.
        """
        async with self._queue.transaction(self._database) as connection:
            case, taken = await begin(self._database, connection, caller, case_id, act)
            if not isinstance(taken, Accepted):
                return taken
            submission = extending.choose(case, word)
            rhythm, heard, others = await self._known(connection, case, submission)
            now, rules = self._clock(), self._walker.clerk.rules
            step, _ = extending.extended(case, submission, word, heard, others, now, rhythm, rules)
            await cases.write(self._database, connection, case, step)
        return taken

    async def _known(
        self, connection: asyncpg.Connection, case: Case, submission: Submission
    ) -> tuple[Rhythm, list[Heard], tuple[Standing, ...]]:
        """The payer's rhythm, all that was heard of the submission, and where the case's others stand. Raises
        Hindered."""
        clerk = self._walker.clerk
        rhythm = clerk.rhythm_of(submission)
        if rhythm is None:
            raise Hindered(self._walker.scripts.hindrance(case, submission) or "The payer has no profile.")
        heard = await cases.outcomes_of(self._database, connection, case, submission.id)
        return rhythm, heard, tuple(await clerk.others(connection, case, submission))

    async def challenge(self, caller: Key, case_id: UUID) -> Challenge | None:
        """What a payer's site asks of a person over this case, and whose page waits still. Raises Unknown."""
        async with self._database.snapshot() as connection:
            case = await cases.load_case(self._database, connection, case_id, tenant=caller.tenant, mode=caller.mode)
            if case is None:
                raise Unknown
            return await self.asked(connection, case)

    async def asked(self, connection: asyncpg.Connection, case: Case) -> Challenge | None:
        """The same of a case that was read."""
        found = await challenges.read_challenges(self._database, connection, case)
        return next((one for one in found if self._clock() < one.open_until), None)

    async def resume(self, caller: Key, case_id: UUID, answer: str | None, act: Act) -> Acceptance:
        """A person has done what was wanted: what waits for an operator is tried at once. ``answer`` is what the page's
        picture says.

        Raises Unknown for no such case, NotNow where nothing of it waits for that, Unfit for an answer that is wanting
        or that nobody asked for.
        """
        async with self._queue.transaction(self._database) as connection:
            case, taken = await begin(self._database, connection, caller, case_id, act)
            if not isinstance(taken, Accepted):
                return taken
            asked = await challenges.read_challenges(self._database, connection, case)
            _fitting(asked, answer, self._clock())
            waiting = _waiting(case, {one.submission_id for one in asked})
            if not waiting:
                raise NotNow(f"Nothing of this case waits for an operator; it is {case.status}.")
            for one in asked:
                await challenges.resume(self._database, connection, case, one, answer)
            await cases.write(self._database, connection, case, _resumed(case, waiting, caller, self._clock()))
            due = {held.id: held.due_for or Due.RETRY for held in waiting}
            await self._queue.put_walks(connection, [Walk(case.id, name, why) for name, why in due.items()])
        return taken


async def begin(
    database: Database, connection: asyncpg.Connection, caller: Key, case_id: UUID, act: Act
) -> tuple[Case, Acceptance]:
    """The case, locked, and what its act's Idempotency-Key makes of it. Raises Unknown for no such case."""
    case = await cases.load_case(database, connection, case_id, tenant=caller.tenant, mode=caller.mode, lock=True)
    if case is None:
        raise Unknown
    return case, await acceptance.claim(database, connection, case, act.idempotency_key, act.digest, act.response)


def _fitting(asked: tuple[Challenge, ...], answer: str | None, now: datetime) -> None:
    reads = [one for one in asked if one.kind == _READS and now < one.open_until]
    if reads and answer is None:
        says, fix = "The page waits for what its picture says.", "Read GET /v1/requests/{id}/challenge, and send it."
        raise Unfit([Finding(("answer",), "missing", says, fix)])
    if answer is not None and not any(one.kind == _READS for one in asked):
        raise Unfit([Finding(("answer",), "not_asked", "Nothing asks for an answer.", "Leave it out.")])


def _waiting(case: Case, asked: set[UUID]) -> tuple[Submission, ...]:
    """What is looked at again by a timer, for which an operator was called."""
    return tuple(
        held
        for held in case.submissions
        if held.id in asked or (held.attention is Attention.OPERATOR and held.due_at is not None)
    )


def _resumed(case: Case, waiting: tuple[Submission, ...], caller: Key, now: datetime) -> Step:
    after = tuple(
        replace(held, attention=Attention.GATEWAY, attention_why=None, due_at=now, due_for=held.due_for or Due.RETRY)
        for held in waiting
    )
    ours = {held.id: held for held in after}
    changed = replace(case, submissions=tuple(ours.get(held.id, held) for held in case.submissions))
    standing = restated(changed, after[0])
    note = json.dumps({"note": "resumed", "by": caller.name}).encode()
    entries = tuple(NewEntry(EntryKind.NOTE, note, held.id, None, {"note": "resumed"}) for held in after)
    return Step(case.id, submissions=after, entries=entries, standing=standing, events=events_of(case, standing))
