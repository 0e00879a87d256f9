"""The tenants' data keys: made on first use, kept wrapped in the database, unwrapped once per process.

Knows the master key and one table; what the keys seal is the business of those who ask for them.
"""

from __future__ import annotations

import asyncio
import secrets

import asyncpg

from gateway.store.errors import CannotOpen, quiet
from gateway.store.master_key import MasterKey, MasterKeyError
from gateway.store.queries import SQL
from gateway.store.sealing import KEY_BYTES, TenantKey

APPLICATION = "payer_gateway"
"""How a gateway's connections name themselves to the server."""


class Keyring:
    """``pool`` serves autocommit statements: a data key must never vanish with somebody's rolled-back transaction.

    A database is sealed by one master key: that of who opened it first, until ``rewrap``. Its fingerprint is written
    down there. ``is_ours`` says whether it was ours when it was looked at last.
    """

    def __init__(self, master: MasterKey, pool: asyncpg.Pool) -> None:
        self._master = master
        self._pool = pool
        self.is_ours = True
        self._keys: dict[str, TenantKey] = {}
        self._turn = asyncio.Lock()

    async def of(self, tenant: str) -> TenantKey:
        """The tenant's key."""
        if (known := self._keys.get(tenant)) is not None:
            return known
        async with self._turn:
            if tenant not in self._keys:
                self._keys[tenant] = await self._fetch(tenant)
        return self._keys[tenant]

    async def claim(self) -> None:
        """Write our master key down as the one of this database, if it has none. Raises MasterKeyError if it has
        another."""
        ours = self._master.fingerprint
        with quiet(OSError):
            if await self._pool.fetchval(SQL["get_master_key"], ours) is None:
                await self._pool.execute(SQL["claim_master_key"], ours)
        await self.check()

    async def check(self) -> None:
        """Look whether the database is sealed by our master key now. Raises MasterKeyError if it is not."""
        with quiet(OSError):
            held = await self._pool.fetchval(SQL["get_master_key"], self._master.fingerprint)
        self.is_ours = held == self._master.fingerprint
        if not self.is_ours:
            raise MasterKeyError(
                f"this database is sealed with master key {held}, not with {self._master.fingerprint}: bring that key "
                f"back. To change from one key to another there is `payer-gateway keys rewrap`"
            )

    async def _fetch(self, tenant: str) -> TenantKey:
        with quiet(OSError):
            row = await self._pool.fetchrow(SQL["get_data_key"], tenant)
            if row is None:
                wrapped = self._master.wrap(tenant, secrets.token_bytes(KEY_BYTES))
                await self._pool.execute(SQL["add_data_key"], tenant, wrapped, self._master.fingerprint)
                row = await self._pool.fetchrow(SQL["get_data_key"], tenant)  # ours, or that of who was first
        try:
            if row is None:  # it is added only while our master key is the one written down
                raise CannotOpen("a tenant has no data key")
            return TenantKey(row["id"], self._master.unwrap(tenant, row["wrapped"]))
        except CannotOpen:
            await self.check()  # perhaps they are all wrapped by another master key by now
            raise


async def rewrap(url: str, old: MasterKey, new: MasterKey) -> int:
    """Wrap every data key by ``new`` instead of ``old``, all or none; the number of keys. Nothing sealed changes. While
    there is no data key, nothing is sealed, and the database takes ``new`` whatever it was opened with.

    Raises MasterKeyError while a gateway is at work, which would wrap a new tenant's key by the old master key, and
    for a data key that is wrapped by neither.
    """
    with quiet(OSError):
        connection = await asyncpg.connect(url)
        try:
            await _wait_for_gateways(connection)
            async with connection.transaction():
                await connection.execute(SQL["lock_master_key"])  # from here on nobody adds a data key
                rows = await connection.fetch(SQL["lock_data_keys"], old.fingerprint)
                for row in rows:
                    wrapped = new.wrap(row["tenant"], old.unwrap(row["tenant"], row["wrapped"]))
                    await connection.execute(SQL["rewrap_data_key"], row["id"], wrapped, new.fingerprint)
                foreign = await connection.fetchval(SQL["find_foreign_master_key"], new.fingerprint)
                if foreign is not None:
                    raise MasterKeyError(
                        f"data keys are wrapped by master key {foreign}, and neither by {old.fingerprint}, which is "
                        f"configured, nor by the new one: configure that key first. Nothing was changed"
                    )
                await connection.execute(SQL["set_master_key"], new.fingerprint)
        finally:
            await connection.close()
    return len(rows)


async def _wait_for_gateways(connection: asyncpg.Connection) -> None:
    """For a moment: one that has just stopped may still be seen."""
    for _ in range(20):
        if not await connection.fetchval(SQL["find_gateway"], APPLICATION):
            return
        await asyncio.sleep(0.1)
    raise MasterKeyError("a gateway is at work on this database: stop all its processes first. Nothing was changed")
