"""Where sessions of portal accounts are kept, and the turnstile of their logins. What keeps them is the store's.

A session is the account: whoever has it is signed in. It is never written to a disk in the clear, and never logged.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Session:
    """One account's session. ``made_at`` (UTC) is when it was signed in."""

    state: Mapping[str, Any] = field(repr=False)
    """As Playwright's ``storage_state`` has it; empty where nobody has signed in yet."""
    made_at: datetime
    last_code: int = 0
    """The time step (RFC 6238, T) of the latest one-time code that was used; 0 for none."""


class SessionVault(Protocol):
    """By connection."""

    async def load(self, connection: str) -> Session | None: ...

    async def save(self, connection: str, session: Session) -> None: ...

    async def forget(self, connection: str) -> None: ...

    def sign_in(self, connection: str) -> AbstractAsyncContextManager[None]:
        """Held while an account is signed in: one at a time, over all processes."""
        ...


class MemoryVault:
    """A vault of one process, for tests and for recording against a simulator."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._doors: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def load(self, connection: str) -> Session | None:
        return self._sessions.get(connection)

    async def save(self, connection: str, session: Session) -> None:
        self._sessions[connection] = session

    async def forget(self, connection: str) -> None:
        self._sessions.pop(connection, None)

    @asynccontextmanager
    async def sign_in(self, connection: str) -> AsyncIterator[None]:
        async with self._doors[connection]:
            yield
