"""The database as the rest of the store uses it: connections, transactions, and the tenants' keys.

Knows no table. No statement, parameter or driver's error text leaves it (gateway/store/errors.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Self

import asyncpg

from gateway.store.clock import Clock
from gateway.store.errors import StoreError, Unavailable, quiet
from gateway.store.keyring import APPLICATION, Keyring
from gateway.store.master_key import MasterKey
from gateway.store.recent import Recent
from gateway.store.sealing import TenantKey
from gateway.store.shelf import Shelf

_SESSION = {
    "application_name": APPLICATION,
    "timezone": "UTC",
    "jit": "off",  # compiling a plan costs more than our short queries
    "plan_cache_mode": "force_generic_plan",  # planning a step anew costs more than writing it
    # No transaction of ours waits for a payer or a person. One that hangs would hold a case, and the event feed.
    "idle_in_transaction_session_timeout": "60s",
    "statement_timeout": "60s",
}


_KEY_SECONDS = 5.0


class Database:
    """Two pools: one for transactions, and a small one beside it, so that a statement that must commit by itself
    (a new data key, a block of numbers) finds a connection even while transactions hold all of the first."""

    def __init__(self, url: str, pool: asyncpg.Pool, beside: asyncpg.Pool, master: MasterKey) -> None:
        self._url = url
        self._pool = pool
        self.beside = beside
        self._keyring = Keyring(master, beside)
        self._clock = Clock()
        self.requests = Shelf()
        """Requests parsed lately, by case (gateway/store/cases.py)."""
        self.keys: Recent[str, Any] = Recent(_KEY_SECONDS)
        """API keys looked up lately (gateway/store/keys.py)."""
        self.settings: Recent[str, Any] = Recent(_KEY_SECONDS)
        """What tenants want, looked up lately (gateway/store/preflights.py)."""

    @classmethod
    async def open(cls, url: str, master: MasterKey, *, size: int = 10) -> Self:
        """Connect to a migrated database. Raises Unavailable, or MasterKeyError for a database of another key."""
        with quiet(OSError):
            pool = await _pool(url, 1, size)
            beside = await _pool(url, 0, 2)
        database = cls(url, pool, beside, master)
        try:
            await database.read_time()
            await database._keyring.claim()
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Wait for the connections in use, and close all."""
        await self.beside.close()
        await self._pool.close()

    def now(self) -> datetime:
        """The time, in UTC, as all who use this database have it."""
        return self._clock.now()

    async def read_time(self) -> None:
        """Set our time by the database's."""
        async with self.connection() as connection:
            await self._clock.read(connection)

    async def key_of(self, tenant: str) -> TenantKey:
        """The tenant's data key, made if it has none."""
        return await self._keyring.of(tenant)

    @property
    def is_ours(self) -> bool:
        """False while the database is known to be sealed by another master key than ours: then nothing is begun."""
        return self._keyring.is_ours

    async def check_master_key(self) -> None:
        """Look whether it still is. Raises MasterKeyError if it is not."""
        await self._keyring.check()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection in a transaction (READ COMMITTED): committed at the end, rolled back on any exception."""
        async with self.connection() as connection, connection.transaction(isolation="read_committed"):
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection that only reads, and sees everything as it was at one moment."""
        async with self.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection

    async def fetch(self, statement: str, *arguments: Any) -> Sequence[asyncpg.Record]:
        """The rows of one statement, committed by itself."""
        async with self.connection() as connection:
            rows: Sequence[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return rows

    async def fetchrow(self, statement: str, *arguments: Any) -> asyncpg.Record | None:
        """The first row of one statement, committed by itself."""
        rows = await self.fetch(statement, *arguments)
        return rows[0] if rows else None

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of its own, beyond the pools: what waits or holds a lock for long takes nobody's place."""
        with quiet(OSError):
            connection = await asyncpg.connect(self._url, server_settings={"application_name": APPLICATION})
        try:
            with quiet():
                yield connection
        finally:
            connection.terminate()  # at once, whatever it waits for: its locks are let go of

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection without a transaction: each statement is committed by itself."""
        with quiet(OSError):
            connection = await self._pool.acquire()
        try:
            with quiet():
                yield connection
        except StoreError as error:
            if _is_gone(connection):  # whatever the last statement on it complained of
                raise Unavailable(str(error)) from None
            raise
        finally:
            await self._pool.release(connection)


def _is_gone(connection: asyncpg.Connection) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:  # the pool has dropped it already
        return True


async def _pool(url: str, least: int, most: int) -> asyncpg.Pool:
    return await asyncpg.create_pool(
        url,
        min_size=least,
        max_size=most,
        server_settings=_SESSION,
        max_cached_statement_lifetime=0,
        statement_cache_size=200,
        reset=_leave,
    )


async def _leave(connection: asyncpg.Connection) -> None:
    """Nothing: asyncpg has ended the transaction by now, and we change no session settings. Its default reset is a
    round trip more for every transaction."""
