"""Web sites driven by a browser: opens a conversation's page, and keeps what accounts and conversations share.

Implements ``gateway.transport.portal.PortalTransport``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.contract.errors import NeedsPerson
from gateway.transport.browser.challenges import Challenges
from gateway.transport.browser.hold import Hold
from gateway.transport.browser.machines import Machines
from gateway.transport.browser.signing import Signing
from gateway.transport.browser.stage import Stages
from gateway.transport.browser.vault import SessionVault
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets


@dataclass
class _Account:
    """What the conversations of one connection share in this process."""

    link: Link
    stages: Stages
    free_at: float = 0.0
    parked: Hold | None = None
    ending: asyncio.TimerHandle | None = None

    def waits_for(self, whose: str) -> bool:
        """True where the page that waits for a person is of this conversation: it shows a patient of theirs."""
        return self.parked is not None and self.parked.whose == whose

    def take(self) -> Hold | None:
        """The page that waits for a person; one that is no more is nobody's."""
        hold, self.parked = self.parked, None
        if self.ending is not None:
            self.ending.cancel()
            self.ending = None
        return hold

    async def pace(self) -> None:
        """Wait until so many seconds after the turn before, whoever's it was."""
        loop = asyncio.get_running_loop()
        begins = max(loop.time(), self.free_at)
        self.free_at = begins + self.stages.profile.pace_seconds
        if begins > loop.time():
            await asyncio.sleep(begins - loop.time())


class BrowserTransport:
    """One event loop only. ``environment`` leads to the browser; ``now`` gives the time in UTC."""

    def __init__(
        self,
        secrets: Secrets,
        vault: SessionVault,
        challenges: Challenges,
        environment: Mapping[str, str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._secrets = secrets
        self._vault = vault
        self._challenges = challenges
        self._now = now
        self._machines = Machines(environment)
        self._accounts: dict[str, _Account] = {}
        self._endings: set[asyncio.Task[None]] = set()

    async def open(self, link: Link, whose: str = "") -> Hold:
        """A page for one conversation: the one of theirs that waits for a person where there is one, else a new one.

        NeedsPerson: there is no browser, or the profile names none. NotSent: it does not start, or is not reached.
        """
        account = await self._account(link)
        parked = account.take() if account.waits_for(whose) else None
        if parked is not None:
            if not parked.lost:
                parked.resume()
                return parked
            await parked.end()
        profile = account.stages.profile
        hold = Hold(
            link=link,
            profile=profile,
            stages=account.stages,
            signing=Signing(link.connection, profile.session_minutes, self._vault, self._secrets, self._now),
            challenges=self._challenges,
            pace=account.pace,
            keep=lambda hold, seconds: self._keep(account, hold, seconds),
            now=self._now,
            whose=whose,
        )
        await hold.begin()
        return hold

    async def close(self) -> None:
        """End every page and browser."""
        accounts, self._accounts = list(self._accounts.values()), {}
        for account in accounts:
            hold = account.take()
            if hold is not None:
                await hold.end()
            await account.stages.clear()
        await self._machines.close()
        if self._endings:
            await asyncio.gather(*self._endings, return_exceptions=True)

    def _keep(self, account: _Account, hold: Hold, seconds: float) -> None:
        older = account.take()
        if older is not None:
            self._end(older)
        account.parked = hold
        account.ending = asyncio.get_running_loop().call_later(seconds, self._expire, account)

    def _expire(self, account: _Account) -> None:
        hold = account.take()
        if hold is not None:
            self._end(hold)

    def _end(self, hold: Hold) -> None:
        task = asyncio.ensure_future(hold.end())
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    async def _account(self, link: Link) -> _Account:
        if link.browser is None:
            raise NeedsPerson(f"connection {link.connection}: its profile says nothing of a browser")
        account = self._accounts.get(link.connection)
        if account is None or account.link != link:
            if account is not None:
                await account.stages.clear()
            stages = Stages(link.connection, link.endpoint, link.browser, self._machines)
            account = self._accounts[link.connection] = _Account(link, stages)
        return account
