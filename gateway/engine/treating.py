"""A patient's treatment, joined from cases, what payers said of them, and the events that the practice told.

What it comes to is the business of ``gateway.courses``. Nothing here is filed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg

from gateway.courses.advice import Advice, Seen
from gateway.courses.draft import draft
from gateway.courses.grant import Moment
from gateway.courses.reminder import reminders_of
from gateway.courses.story import Course
from gateway.courses.treatment import KEPT, Treatment
from gateway.engine.recording import stand
from gateway.engine.refusals import Unknown
from gateway.engine.whole import standing_of, together
from gateway.model.order import in_order
from gateway.model.outcome import Answer
from gateway.model.standing import Heard
from gateway.model.status import CaseStatus
from gateway.profiles.courses import CourseRules
from gateway.profiles.library import Library
from gateway.store import treatments
from gateway.store.cases import load_case, outcomes_of
from gateway.store.database import Database
from gateway.store.keys import Key
from gateway.store.records import Case
from gateway.store.reminders import set_reminders
from gateway.store.treatments import KeptTreatment, Whose

Render = Callable[[Advice, dict[str, Any] | None], bytes]
"""What is answered to an event, and kept: its advice, with the draft that it leads to."""

_SAYS_NOTHING = frozenset(
    {Answer.PLACED, Answer.RECEIVED, Answer.UNAVAILABLE, Answer.NUMBER_USED, Answer.NOT_FOUND, Answer.UNMAPPED}
)
"""Answers after which nothing is granted or taken that was not before."""


class Told(Exception):
    """Another event was told under this id."""


class ForeignCase(Exception):
    """The event names a case that is none of this patient's."""


class NotThatEvent(Exception):
    """The event retracts another that has another code, or that retracts one itself."""


class Treating:
    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library

    async def patient(self, case: Case) -> str:
        """The patient of a case, as told to callers: stable, and nothing of the person."""
        return (await treatments.patient_of(self._database, case.tenant, case.request)).hex()

    async def course(self, caller: Key, patient: bytes) -> Course:
        """All of a patient's treatment. Raises Unknown where the caller has no case of this patient."""
        whose = Whose(caller.tenant, caller.mode, patient)
        async with self._database.snapshot() as connection:
            kept = await treatments.load_treatments(self._database, connection, whose)
            return await self._course(connection, whose, [_event(one) for one in kept])

    async def tell(self, caller: Key, patient: bytes, event: Treatment, render: Render) -> bytes:
        """Take an event, once: the answer, which is the first one again for the same event.

        Raises Unknown for a patient without a case, Told for another event under a known id, ForeignCase for a case
        that is somebody else's, NotThatEvent for a known event that it cannot retract.
        """
        whose = Whose(caller.tenant, caller.mode, patient)
        body = event.model_dump_json(exclude_none=True).encode()
        name, same = await treatments.names_of(self._database, caller.tenant, event.id, body)
        async with self._database.transaction() as connection:
            await treatments.lock_patient(connection, whose)
            kept = await treatments.load_treatments(self._database, connection, whose)
            earlier = next((one for one in kept if one.name == name), None)
            if earlier is not None and earlier.same != same:
                raise Told
            if earlier is not None:
                return earlier.advice
            course = await self._course(connection, whose, [*(_event(one) for one in kept), event])
            if event.case_id is not None and all(seen.id != event.case_id for seen in course.cases):
                raise ForeignCase
            if any(other.id == event.retracts and not event.retracts_this(other) for other in course.events):
                raise NotThatEvent
            ledger = course.ledger()
            advice = course.advise(event, ledger)
            await set_reminders(connection, reminders_of(course, ledger, self._database.now().date()))
            answer = render(advice, draft(event, advice))
            await treatments.keep_treatment(self._database, connection, whose, KeptTreatment(name, same, body, answer))
        return answer

    async def course_of(self, connection: asyncpg.Connection, case: Case) -> Course:
        """All of the treatment of a case's patient."""
        patient = await treatments.patient_of(self._database, case.tenant, case.request)
        whose = Whose(case.tenant, case.mode, patient)
        kept = await treatments.load_treatments(self._database, connection, whose)
        return await self._course(connection, whose, [_event(one) for one in kept])

    async def _course(self, connection: asyncpg.Connection, whose: Whose, events: Sequence[Treatment]) -> Course:
        cases: list[Case] = []
        for case_id in await treatments.find_cases(self._database, connection, whose):
            case = await load_case(self._database, connection, case_id, tenant=whose.tenant, mode=whose.mode)
            if case and await treatments.patient_of(self._database, case.tenant, case.request) == whose.patient:
                cases.append(case)
        if not cases:
            raise Unknown
        return Course(
            cases=tuple(
                Seen(case.id, case.request, standing_of(case), case.created_at, _unasked(case)) for case in cases
            ),
            moments={case.id: await self._moments(connection, case) for case in cases},
            payers={
                case.id: {line: held.payer for held in case.submissions for line in held.line_ids} for case in cases
            },
            events=tuple(events),
            reference=self._library.reference,
            rules=self._rules,
        )

    def _rules(self, payer: str) -> CourseRules:
        """Of a payer whose profile is gone nothing is known."""
        try:
            return self._library.payer(payer).courses
        except KeyError:
            return CourseRules()

    async def _moments(self, connection: asyncpg.Connection, case: Case) -> list[Moment]:
        """Where the case stood after each message that may have granted or taken something, by the payers' times."""
        said: list[tuple[datetime, int, tuple[Heard, ...]]] = []
        for place, submission in enumerate(case.submissions):
            heard = await outcomes_of(self._database, connection, case, submission.id)
            order, last = [placed.heard for placed in in_order(heard)], datetime.min.replace(tzinfo=UTC)
            for count, item in enumerate(order, start=1):
                last = max(last, _when(item))
                if item.outcome.answer not in _SAYS_NOTHING:
                    said.append((last, place, tuple(order[:count])))
        standings = [stand(submission, ()) for submission in case.submissions]
        found: list[Moment] = []
        for at, place, known in sorted(said, key=lambda one: (one[0], one[1], len(one[2]))):
            standings[place] = stand(case.submissions[place], known)
            found.append((at, together(case, case.submissions, standings)))
        return found


def _unasked(case: Case) -> frozenset[str]:
    """Lines that no payer has."""
    nowhere = (CaseStatus.REJECTED, CaseStatus.FAILED)
    if not case.submissions and case.status not in nowhere:
        return frozenset()
    asked = {line for held in case.submissions if held.status not in nowhere for line in held.line_ids}
    return frozenset(line.id for line in case.request.lines) - asked


def _when(item: Heard) -> datetime:
    said = item.outcome.effective_at
    if said is None or item.outcome.zone_unknown:
        return item.at
    return min(said, item.at).astimezone(UTC)


def _event(kept: KeptTreatment) -> Treatment:
    return Treatment.model_validate_json(kept.body, context=KEPT)
