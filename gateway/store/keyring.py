"""The tenants' data keys: made on first use, kept wrapped in the database, unwrapped once per process.

Knows the master key and one table; what the keys seal is the business of those who ask for them.
"""

from __future__ import annotations

import asyncio
import secrets

import asyncpg

from gateway.store.errors import quiet
from gateway.store.master_key import MasterKey, MasterKeyError
from gateway.store.queries import SQL
from gateway.store.sealing import KEY_BYTES, TenantKey

APPLICATION = "payer_gateway"
"""How a gateway's connections name themselves to the server."""


class Keyring:
    """``pool`` serves autocommit statements: a data key must never vanish with somebody's rolled-back transaction."""

    def __init__(self, master: MasterKey, pool: asyncpg.Pool) -> None:
        self._master = master
        self._pool = pool
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

    async def check(self) -> None:
        """Raise MasterKeyError if data keys are wrapped by another master key than ours."""
        with quiet():
            foreign = await self._pool.fetchval(SQL["find_foreign_master_key"], self._master.fingerprint)
        if foreign is not None:
            raise MasterKeyError(
                f"this database was sealed with master key {foreign}, not with {self._master.fingerprint}: bring that "
                f"key back. To change from one key to another there is `payer-gateway keys rewrap`"
            )

    async def _fetch(self, tenant: str) -> TenantKey:
        with quiet():
            row = await self._pool.fetchrow(SQL["get_data_key"], tenant)
            if row is None:
                wrapped = self._master.wrap(tenant, secrets.token_bytes(KEY_BYTES))
                await self._pool.execute(SQL["add_data_key"], tenant, wrapped, self._master.fingerprint)
                row = await self._pool.fetchrow(SQL["get_data_key"], tenant)  # ours, or that of who was first
        return TenantKey(row["id"], self._master.unwrap(tenant, row["wrapped"]))


async def rewrap(url: str, old: MasterKey, new: MasterKey) -> int:
    """Wrap every data key by ``new`` instead of ``old``, all or none; the number of keys. Nothing sealed changes.

    Raises MasterKeyError while a gateway is at work, which would wrap a new tenant's key by the old master key, and
    for a data key that is wrapped by neither.
    """
    with quiet(OSError):
        connection = await asyncpg.connect(url)
        try:
            await _wait_for_gateways(connection)
            async with connection.transaction():
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
