"""A worker's turn at a mailbox: renewed for as long as it works, so that nobody else begins the same work meanwhile.

Over once it could not be renewed in time, or is somebody else's: whoever works asks ``goes_on`` between two files, and
stops. Knows nothing of what is done in the meantime.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from gateway.store.database import Database
from gateway.store.mailroom import Hold, renew_mailbox

_log = structlog.get_logger("engine.tenure")
_SHARE = 3
"""It is renewed when this part of it is over: one renewal may fail."""


class Tenure:
    """``length`` is how long a mailbox is held at a time. ``hold`` is the latest that is known of."""

    def __init__(self, database: Database, hold: Hold, length: timedelta, stopping: asyncio.Event) -> None:
        self.hold = hold
        self._database = database
        self._length = length
        self._stopping = stopping
        self._lost = False

    def goes_on(self) -> bool:
        """Whether there is time to begin something more."""
        return not self._stopping.is_set() and not self._lost and self._database.now() < self.hold.until

    @asynccontextmanager
    async def renewed(self) -> AsyncIterator[None]:
        """Keep it for as long as the context lasts."""
        over = asyncio.Event()
        task = asyncio.create_task(self._renew(over))
        try:
            yield
        finally:
            over.set()
            await asyncio.wait({task})  # a renewal under way ends first: what is held is what is left

    async def _renew(self, over: asyncio.Event) -> None:
        while not self._lost:
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), self._length.total_seconds() / _SHARE)
            if over.is_set():
                return
            try:
                renewed = await renew_mailbox(self._database, self.hold, self._database.now() + self._length)
            except Exception as error:  # the database is away for a moment: until then there is what is left of it
                _log.warning("mailbox_not_renewed", connection=self.hold.connection, error=type(error).__name__)
                continue
            self._lost = renewed is None
            if renewed is None:
                _log.warning("mailbox_lost", connection=self.hold.connection)
            self.hold = renewed or self.hold
