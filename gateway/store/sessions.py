"""Sessions at payers' sites, sealed under a key of the house, and the turnstile before signing in: one at a time.

Knows nothing of what a session holds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from gateway.store.database import Database
from gateway.store.mailroom import HOUSE
from gateway.store.queries import SQL
from gateway.store.sealing import place

_EMPTY = b"{}"


@dataclass(frozen=True)
class KeptSession:
    """``state`` is JSON. ``last_code`` is the time step of the latest one-time code that was used; 0 for none."""

    state: bytes = field(repr=False)
    made_at: datetime
    last_code: int


async def load_session(database: Database, connection: str) -> KeptSession | None:
    """The session of a connection. Raises CannotOpen for one that was changed."""
    row = await database.fetchrow(SQL["load_session"], connection)
    if row is None:
        return None
    key = await database.key_of(HOUSE)
    return KeptSession(key.open(row["state"], _place(connection)), row["made_at"], row["last_code"])


async def save_session(database: Database, connection: str, kept: KeptSession) -> None:
    """Keep it in place of the one before."""
    key = await database.key_of(HOUSE)
    sealed = key.seal(kept.state, _place(connection))
    await database.fetch(SQL["save_session"], connection, sealed, kept.made_at, kept.last_code)


async def forget_session(database: Database, connection: str) -> None:
    """Nobody is signed in any more. Which code was used last stays known."""
    key = await database.key_of(HOUSE)
    await database.fetch(SQL["forget_session"], connection, key.seal(_EMPTY, _place(connection)), database.now())


@asynccontextmanager
async def signing_in(database: Database, connection: str) -> AsyncIterator[None]:
    """Held while somebody signs in over a connection. Whoever dies lets go of it, for it is their database connection's
    own."""
    async with database.alone() as held:
        await held.execute(SQL["lock_sign_in"], connection)
        yield


def _place(connection: str) -> bytes:
    return place("site_sessions.state", connection.encode())
