"""What browsers need of the store: sessions at payers' sites, and what people answered there.

Implements the protocols of ``gateway.transport.browser``.
"""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import structlog

from gateway.store.challenges import take_answer
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.sessions import KeptSession, forget_session, load_session, save_session, signing_in
from gateway.transport.browser.vault import Session

_log = structlog.get_logger("engine.portals")


class StoreVault:
    """Sessions of all processes that use the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, connection: str) -> Session | None:
        """One that somebody changed is none: it is signed in anew."""
        try:
            kept = await load_session(self._database, connection)
        except CannotOpen:
            _log.error("session_changed", connection=connection)
            return None
        return None if kept is None else Session(json.loads(kept.state), kept.made_at, kept.last_code)

    async def save(self, connection: str, session: Session) -> None:
        state = json.dumps(dict(session.state)).encode()
        await save_session(self._database, connection, KeptSession(state, session.made_at, session.last_code))

    async def forget(self, connection: str) -> None:
        await forget_session(self._database, connection)

    def sign_in(self, connection: str) -> AbstractAsyncContextManager[None]:
        return signing_in(self._database, connection)


class StoreChallenges:
    """Answers that came through any process's API."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def answer(self, connection: str, whose: str) -> str | None:
        """``whose`` is the submission's id, as walks open places for it."""
        return await take_answer(self._database, connection, UUID(whose))
