"""The post book: under which keys an answer that comes by itself may name what leaves. Written before the frame is, so
that no answer can come of what is not in it; a key whose frame was never written is nobody's."""

from __future__ import annotations

import asyncpg

from gateway.contract.frames import Frame
from gateway.engine.scripts import Scripts
from gateway.store.database import Database
from gateway.store.mailroom import register
from gateway.store.records import Attempt, Case, Submission


class Postbook:
    def __init__(self, database: Database, scripts: Scripts) -> None:
        self._database = database
        self._scripts = scripts

    async def enter(
        self, connection: asyncpg.Connection, case: Case, submission: Submission, attempt: Attempt, frame: Frame
    ) -> None:
        """Note an attempt that is about to leave. Costs nothing where no answer to it comes by itself."""
        if frame.document is None:
            return
        if correspondent := self._scripts.correspondent(submission):
            to = self._scripts.destination(case, submission, attempt)
            keys = correspondent.registered(frame.document, to)
            await register(connection, submission.connection, keys, attempt.id, case.id, self._database.now())
