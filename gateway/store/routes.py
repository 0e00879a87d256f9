"""The routes by which open submissions go: payers, connections and counts, and nothing of any case."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from gateway.contract.destination import Mode
from gateway.store.errors import quiet
from gateway.store.queries import SQL


@dataclass(frozen=True)
class OpenRoute:
    """``count`` submissions of this mode wait to be sent to a payer, or for its answer."""

    payer: str
    connection: str
    channel: str
    mode: Mode
    count: int


async def find_open_routes(connection: asyncpg.Connection) -> tuple[OpenRoute, ...]:
    """Every route that an open submission goes."""
    rows = await connection.fetch(SQL["find_open_routes"])
    return tuple(
        OpenRoute(row["payer"], row["connection"], row["channel"], Mode(row["mode"]), row["count"]) for row in rows
    )


async def look_up_open_routes(url: str) -> tuple[OpenRoute, ...]:
    """The same, by a connection of its own that changes nothing; none where no gateway has worked yet. Raises
    StoreError."""
    with quiet(OSError, TimeoutError):
        connection = await asyncpg.connect(url, timeout=10)
        try:
            return await find_open_routes(connection)
        except asyncpg.UndefinedTableError:
            return ()
        finally:
            await connection.close()
