"""Tells that authorizations end or run out before their course does: once each, as an event of the case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from gateway.courses.reminder import reminders_of
from gateway.engine.treating import Treating
from gateway.engine.whole import expiring
from gateway.profiles.library import Library
from gateway.store.cases import load_case, write
from gateway.store.database import Database
from gateway.store.records import Step
from gateway.store.reminders import end_reminders, list_reminders


class Reminding:
    """``clock`` gives the time in UTC."""

    def __init__(self, database: Database, library: Library, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._treating = Treating(database, library)
        self._clock = clock

    async def remind(self, case_id: UUID) -> None:
        """Tell what is due of a case, as far as it still holds; either way it is not looked at again."""
        async with self._database.transaction() as connection:
            case = await load_case(self._database, connection, case_id, lock=True)
            if case is None:
                return
            due = await list_reminders(self._database, connection, case_id)
            course = await self._treating.course_of(connection, case)
            holds = {
                (one.line_id, str(one.why), one.of)
                for one in reminders_of(course, course.ledger(), self._clock().date())
                if one.case_id == case_id
            }
            told: dict[str, dict[str, str]] = defaultdict(dict)
            for one in due:
                if tuple(one) in holds:
                    told[one.why][one.line_id] = one.why
            if told:  # a line may end and run out, and each is told
                events = tuple(expiring(case, lines) for lines in told.values())
                await write(self._database, connection, case, Step(case_id, events=events))
            await end_reminders(self._database, connection, case_id)
