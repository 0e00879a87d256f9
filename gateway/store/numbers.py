"""Control numbers: unique per sender and receiver, over all processes and restarts, with gaps.

Numbers are taken from the database in blocks; what is left of a block when its process ends is never used. After
999999999 they begin again at 1 (X12's ISA13 has nine digits); a block never reaches over that end.
"""

from __future__ import annotations

import asyncio

from gateway.store.database import Database
from gateway.store.errors import quiet
from gateway.store.queries import SQL

LAST = 999_999_999


class ControlNumbers:
    """Gives out numbers. ``block`` is how many it takes at a time."""

    def __init__(self, database: Database, block: int = 50) -> None:
        self._database = database
        self._block = block
        self._held: dict[tuple[str, str], range] = {}
        self._turns: dict[tuple[str, str], asyncio.Lock] = {}

    async def take(self, sender: str, receiver: str) -> int:
        """The next number of this sender to this receiver. It is used up at once, whatever becomes of the caller's
        transaction."""
        pair = (sender, receiver)
        async with self._turns.setdefault(pair, asyncio.Lock()):
            held = self._held.get(pair) or await self._draw(sender, receiver)
            self._held[pair] = held[1:]
            return held[0]

    def take_held(self, sender: str, receiver: str) -> int | None:
        """The next number without asking the database, while one is left of the block at hand."""
        held = self._held.get((sender, receiver))
        if not held:
            return None
        self._held[sender, receiver] = held[1:]
        return held[0]

    async def _draw(self, sender: str, receiver: str) -> range:
        with quiet(OSError):
            first: int = await self._database.beside.fetchval(SQL["draw_numbers"], sender, receiver, self._block, LAST)
        return range(first, first + self._block)
