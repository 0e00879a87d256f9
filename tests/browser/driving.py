"""Conversations with a site in a real browser, as the engine holds them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from gateway.contract.destination import Mode
from gateway.contract.frames import Reply, Turn
from gateway.contract.pages import SettledPage
from gateway.contract.turns import Click, Commit, Element, Fill, Go, Landmark, Secret, Step
from gateway.profiles.browser import BrowserProfile
from gateway.transport.browser.challenges import MemoryChallenges
from gateway.transport.browser.hold import Hold
from gateway.transport.browser.transport import BrowserTransport
from gateway.transport.browser.vault import MemoryVault
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets
from tests.browser.site import PASSWORD, Site

TOTP_SECRET = "JBSWY3DPEHPK3PXP"
SECRETS = {
    "GATEWAY_SECRET_SITE_USER": "robot",
    "GATEWAY_SECRET_SITE_PASSWORD": PASSWORD,
    "GATEWAY_SECRET_SITE_TOTP": TOTP_SECRET,
}
SUBMIT = Element("button", "Submit")
SIGN_IN = Element("button", "Sign in")
ON_REVIEW = Landmark("review", "/review", frozenset({("textbox", "Note"), ("button", "Submit")}))
FILE = Commit("POST", "/file")
OBSERVED = Commit("POST", "/file", guard="observe")
_NUMBERS = count()


def heading(name: str) -> Element:
    return Element("heading", name)


def files(
    *steps: Step, on: Landmark = ON_REVIEW, commit: Commit = FILE, deadline: float = 15.0, says: str = ""
) -> Turn:
    """The turn that files: on the review page, the button."""
    return Turn(
        (*steps, Click(SUBMIT, says)),
        (heading("Received"), heading("Error")),
        effect=True,
        on=on,
        commit=commit,
        deadline=deadline,
    )


def signs_in(site: Site, *more: Step) -> Turn:
    typed = (
        Fill(Element("textbox", "User name"), Secret("site-user")),
        Fill(Element("textbox", "Password"), Secret("site-password")),
    )
    return Turn((*typed, *more, Click(SIGN_IN)), (heading("Home"),), signs_in=True, deadline=15)


@dataclass
class Driving:
    transport: BrowserTransport
    vault: MemoryVault = field(default_factory=MemoryVault)
    challenges: MemoryChallenges = field(default_factory=MemoryChallenges)

    def link(self, site: Site, connection: str = "", **profile: Any) -> Link:
        terms = {"verdict": "allowed", "reference": "made up", "owner": "nobody"}
        given = {"terms": terms, "username_secret": "site-user", "password_secret": "site-password"}
        return Link(
            connection or f"site_{next(_NUMBERS)}",
            f"{site.url}/",
            Mode.TEST,
            browser=BrowserProfile.model_validate({**given, "pace_seconds": 0.0, "sessions": 4, **profile}),
            deadline_seconds=60,
        )

    @asynccontextmanager
    async def conversation(self, link: Link, whose: str = "") -> AsyncIterator[Hold]:
        hold = await self.transport.open(link, whose)
        try:
            yield hold
        finally:
            await hold.close()

    @asynccontextmanager
    async def at(self, site: Site, path: str, link: Link | None = None) -> AsyncIterator[Hold]:
        """A conversation that is on a page already."""
        async with self.conversation(link or self.link(site)) as hold:
            await hold.turn(goes(site, path))
            yield hold


def goes(site: Site, path: str = "/", *settled: Element) -> Turn:
    return Turn((Go(site.url + path),), settled, deadline=20)


def page_of(reply: Reply) -> SettledPage:
    return SettledPage.of(reply)


@asynccontextmanager
async def open_driving(environment: Mapping[str, str]) -> AsyncIterator[Driving]:
    vault, challenges = MemoryVault(), MemoryChallenges()
    transport = BrowserTransport(Secrets(SECRETS), vault, challenges, environment)
    try:
        yield Driving(transport, vault, challenges)
    finally:
        await transport.close()
