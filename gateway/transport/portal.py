"""What a transport of turns does: it holds a page of a payer's web site for each conversation, and turns it.

The engine speaks to this alone. What drives the site is loaded with the first conversation: Playwright and its driver
are nothing for who has no such payer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Protocol

from gateway.contract.frames import Reply
from gateway.contract.turns import Turn
from gateway.transport.browser.challenges import Challenges
from gateway.transport.browser.vault import SessionVault
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets


class Page(Protocol):
    """One conversation's page."""

    async def turn(self, frame: Turn) -> Reply:
        """The page on which a turn ended. Raises NotSent, MaybeSent, NeedsPerson, Challenged, Unreadable."""
        ...

    def park(self, seconds: float) -> None:
        """It waits for a person when the conversation ends, and is what the next one about the same finds."""
        ...

    async def close(self) -> None: ...


class PortalTransport(Protocol):
    async def open(self, link: Link, whose: str = "") -> Page:
        """A page for ``whose`` conversation, as one that waits for a person is for nobody else's. Raises NeedsPerson
        where there is no browser, NotSent where it does not start."""
        ...

    async def close(self) -> None: ...


class Portals:
    """Implements ``PortalTransport`` with browsers of this machine, or of the endpoint that a profile names."""

    def __init__(
        self,
        secrets: Secrets,
        vault: SessionVault,
        challenges: Challenges,
        environment: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> None:
        self._made_of = (secrets, vault, challenges, environment, now)
        self._browser: PortalTransport | None = None

    async def open(self, link: Link, whose: str = "") -> Page:
        if self._browser is None:
            module = import_module("gateway.transport.browser.transport")
            self._browser = module.BrowserTransport(*self._made_of)
        return await self._browser.open(link, whose)

    async def close(self) -> None:
        if self._browser is not None:
            await self._browser.close()
