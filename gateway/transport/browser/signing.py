"""Signs an account in once, however many conversations find it signed out, and uses a one-time code once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.contract.errors import NeedsPerson, NotSent
from gateway.transport.browser import totp
from gateway.transport.browser.faults import Deadline
from gateway.transport.browser.vault import Session, SessionVault
from gateway.transport.secrets import Secrets

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_WAIT = 2 * totp.SECONDS


class Signing:
    """One conversation's. ``now`` gives the time in UTC."""

    def __init__(
        self,
        connection: str,
        minutes: float,
        vault: SessionVault,
        secrets: Secrets,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._connection = connection
        self._lives = timedelta(minutes=minutes)
        self._vault = vault
        self._secrets = secrets
        self._now = now
        self._sleep = sleep
        self._turnstile: AsyncExitStack | None = None
        self._began = _NEVER
        """When the session was made that the page has."""
        self._took_over = False

    @property
    def under_way(self) -> bool:
        return self._turnstile is not None

    async def state(self) -> Mapping[str, Any] | None:
        """The session to begin with; None where there is none, or it is too old."""
        session = await self._vault.load(self._connection)
        if session is None:
            return None
        self._began = session.made_at
        return session.state if self._is_fresh(session) else None

    async def begin(self, deadline: Deadline) -> Mapping[str, Any] | None:
        """Pass the turnstile. The session that another conversation made meanwhile, if one did: then nobody signs in.
        Raises NotSent where others do not come to an end in time."""
        stack = AsyncExitStack()
        try:
            async with asyncio.timeout(deadline.left):
                await stack.enter_async_context(self._vault.sign_in(self._connection))
        except TimeoutError:
            raise NotSent(f"connection {self._connection}: another conversation signs the account in") from None
        self._turnstile = stack
        session = await self._vault.load(self._connection)
        if session is not None and session.made_at > self._began and self._is_fresh(session) and not self._took_over:
            # Once: what sites keep elsewhere is in no session, and its page asks for a login again.
            self._began, self._took_over = session.made_at, True
            await self.leave()
            return session.state
        return None

    async def succeeded(self, state: Mapping[str, Any]) -> None:
        """The account is signed in: its session is kept, and others may go on."""
        session = await self._vault.load(self._connection)
        self._began = self._now()
        await self._vault.save(self._connection, Session(state, self._began, session.last_code if session else 0))
        await self.leave()

    async def leave(self) -> None:
        stack, self._turnstile = self._turnstile, None
        if stack is not None:
            await stack.aclose()

    async def code(self, name: str, deadline: Deadline) -> str:
        """The one-time code of the moment, written down as used before anybody sees it. Waits for the next one where
        this one was used; that wait is not the page's."""
        if not self.under_way:
            raise NeedsPerson(
                f"connection {self._connection}: a one-time code is typed outside a sign-in", only_this=True
            )
        session = await self._vault.load(self._connection) or Session({}, _NEVER)
        step = totp.step_of(self._now())
        if step <= session.last_code:
            wait = (session.last_code + 1) * totp.SECONDS - self._now().timestamp()
            if wait > _LONGEST_WAIT:
                raise NeedsPerson(
                    f"connection {self._connection}: a one-time code of the future was used; look at the clock"
                )
            deadline.extend(wait)
            await self._sleep(wait)
            step = max(totp.step_of(self._now()), session.last_code + 1)
        try:
            code = totp.code(self.secret(name), step)
        except ValueError as error:
            raise NeedsPerson(f"the secret {name} makes no one-time codes: it is {error}") from None
        await self._vault.save(self._connection, replace(session, last_code=step))
        return code

    def secret(self, name: str) -> str:
        try:
            return self._secrets.value(name).decode()
        except UnicodeDecodeError:
            raise NeedsPerson(f"the secret {name} is not text in UTF-8") from None

    def _is_fresh(self, session: Session) -> bool:
        holds = session.state.get("cookies") or session.state.get("origins")
        return bool(holds) and self._now() - session.made_at < self._lives
