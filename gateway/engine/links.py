"""Connections as the walk uses them: wait for a place, speak, and tell the breaker how it went.

Limits and breakers are of one process; with several workers each has its share.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from gateway.contract.destination import Mode
from gateway.contract.errors import Challenged, NeedsPerson, NotSent
from gateway.contract.frames import Drop, Frame, Https, Look, Reply, Turn
from gateway.engine import metrics
from gateway.engine.attention import Call
from gateway.model.status import Attention
from gateway.profiles.library import Library
from gateway.transport.breaker import Breaker, Permit, State
from gateway.transport.https import HttpsTransport
from gateway.transport.limits import Limits
from gateway.transport.link import Link
from gateway.transport.mailbox import CredentialsRefused, HostChanged, MailTransport, Pickup
from gateway.transport.portal import Page, PortalTransport
from gateway.transport.secrets import Secrets

LOOK_AGAIN = 60
"""Seconds after which a request looks again whether the connection still rests for refused credentials."""

_REFUSED = "needs_person: the connection's credentials were refused"
_CLOSED = "outside the hours in which the payer's site may be used: it goes on by itself when they begin, at {}"
_CHANGED = "needs_person: the other side is not whom the connection's profile names"


class Shut(Exception):
    """Nothing goes over the connection until then: its breaker is open, or its hours are over. ``why`` is there where a
    person must know, and an operator is called for it unless it only ``waits``."""

    def __init__(self, until: datetime, why: str | None = None, *, waits: bool = False) -> None:
        super().__init__("nothing goes over the connection for now")
        self.until = until
        self.why = why
        self.waits = waits

    @property
    def call(self) -> Call | None:
        """Who is called, and why; None where nobody needs to know."""
        who = Attention.GATEWAY if self.waits else Attention.OPERATOR
        return (who, self.why) if self.why else None


class Busy(Exception):
    """All places of the connection are taken."""


@dataclass(frozen=True)
class _Line:
    link: Link
    limits: Limits
    breaker: Breaker
    refused_seconds: float

    @property
    def resting(self) -> str:
        """What happens while the credentials are refused, for a person."""
        if self.breaker.stopped:
            return f"nothing is sent over the connection {self.link.connection} until the gateway is started again"
        return (
            f"nothing is sent over the connection {self.link.connection} for now, so that no account gets locked: one "
            f"call tries again by itself every {self.refused_seconds / 60:g} minutes, and soon after a file of secrets "
            "is written anew or the gateway is restarted"
        )


@dataclass
class Place:
    """Leave to hold one conversation over a connection."""

    _line: _Line
    _permit: Permit
    _transport: HttpsTransport
    _mail: MailTransport | None = None
    _portals: PortalTransport | None = None
    _whose: str = ""
    _page: Page | None = None
    """Of a web site: opened with the first turn, and held for the conversation."""

    async def say(self, frame: Frame) -> Reply:
        """Send a frame and hear the reply. Raises as the transport does."""
        try:
            reply = await self._send(frame)
        except CredentialsRefused as refusal:
            raise self.refused(refusal) from None
        except HostChanged as changed:
            raise self.stopped(changed) from None
        except BaseException as error:
            self._permit.ended(error)
            raise
        self._permit.ended(reply)
        return reply

    async def _send(self, frame: Frame) -> Reply:
        match frame:
            case Https():
                return await self._transport.send(frame, self._line.link)
            case Turn():
                return await self._turn(frame)
            case Drop() | Look():
                return await self._carrier().send(frame, self._line.link)

    async def _turn(self, frame: Turn) -> Reply:
        if self._portals is None:
            raise NeedsPerson(f"connection {self._line.link.connection}: this gateway has no browser")
        if self._page is None:
            self._page = await self._portals.open(self._line.link, self._whose)
        try:
            return await self._page.turn(frame)
        except Challenged as challenge:
            self.challenged(challenge)
            raise

    def challenged(self, challenge: Challenged) -> None:
        """The other side wants a person: the page waits for one when the conversation ends."""
        if self._page is not None:
            self._page.park(challenge.seconds)

    async def close(self) -> None:
        """The conversation has ended."""
        page, self._page = self._page, None
        if page is not None:
            await page.close()

    @asynccontextmanager
    async def visit(self) -> AsyncIterator[Pickup]:
        """Look into the connection's mailbox, with one login. Raises as the transport does."""
        try:
            async with self._carrier().visit(self._line.link) as pickup:
                yield pickup
        except CredentialsRefused as refusal:
            raise self.refused(refusal) from None
        except HostChanged as changed:
            raise self.stopped(changed) from None
        except BaseException as error:
            self._permit.ended(error)
            raise
        self._permit.ended(Reply(200))

    def _carrier(self) -> MailTransport:
        if self._mail is None:
            raise NeedsPerson(f"connection {self._line.link.connection}: this gateway has no transport of files")
        return self._mail

    def refused(self, refusal: NeedsPerson) -> NeedsPerson:
        """The reply said that our credentials are not accepted: the connection rests. The refusal, with that in it."""
        self._line.breaker.refuse()
        return NeedsPerson(f"{refusal}; {self._line.resting}")

    def stopped(self, changed: HostChanged) -> NeedsPerson:
        """The other side is not whom the profile names: nothing is said to it by this process any more."""
        self._line.breaker.refuse(for_ever=True)
        return NeedsPerson(f"{changed}; {self._line.resting}")


class Links:
    """Every connection of the library, opened when first used."""

    def __init__(
        self,
        library: Library,
        transport: HttpsTransport,
        clock: Callable[[], datetime],
        mail: MailTransport | None = None,
        portals: PortalTransport | None = None,
        credentials: Callable[[], object] = lambda: None,
    ) -> None:
        """``credentials`` gives another value once secrets may be others: what rests for them tries again."""
        self._library = library
        self._credentials = credentials
        self._transport = transport
        self._mail = mail
        self._portals = portals
        self._clock = clock
        self._lines: dict[str, _Line] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        library: Library,
        environment: Mapping[str, str],
        clock: Callable[[], datetime],
        mail: MailTransport | None = None,
        portals: PortalTransport | None = None,
    ) -> AsyncIterator[Self]:
        """Links over transports that close with the context."""
        secrets = Secrets(environment)
        transport = HttpsTransport(secrets, clock)
        try:
            yield cls(library, transport, clock, mail, portals, secrets.marks)
        finally:
            await transport.close()
            for each in (mail, portals):
                if each is not None:
                    await each.close()

    def places(self) -> Mapping[str, int]:
        """How many conversations each connection takes at once in this process."""
        return {profile.connection: profile.places for profile in self._library.connections()}

    def busy(self, connection: str) -> bool:
        """True when who comes now must wait for a place on the connection."""
        return self._line(connection).limits.busy

    @asynccontextmanager
    async def place(self, connection: str, mode: Mode, *, wait: bool = True, whose: str = "") -> AsyncIterator[Place]:
        """Wait for a place on the connection. Raises Shut while its breaker is open, and Busy instead of waiting.
        ``whose`` says what the conversation is about: a web site's page that waits for a person is for no other."""
        line = self._line(connection)
        if line.link.mode is not mode:
            # Routing never offers such a route; this is the last door before the network.
            raise RuntimeError("a case may not use a connection of the other mode")
        if not wait and line.limits.busy:
            raise Busy
        async with line.limits.slot():
            if opens := self._opens(connection):
                at = opens.isoformat(timespec="minutes").replace("+00:00", "Z")
                raise Shut(opens, _CLOSED.format(at), waits=True)
            try:
                permit = line.breaker.enter()
            except NotSent as error:
                rest, why = error.retry_after or 1, None
                if line.breaker.stopped:
                    rest, why = LOOK_AGAIN, f"{_CHANGED}; {line.resting}"
                elif line.breaker.refused:
                    # Not the whole rest: after a restart nothing rests, and who waits must come and see.
                    rest, why = min(rest, LOOK_AGAIN), f"{_REFUSED}; {line.resting}"
                raise Shut(self._clock() + timedelta(seconds=rest), why) from None
            with permit:
                place = Place(line, permit, self._transport, self._mail, self._portals, whose)
                try:
                    yield place
                finally:
                    await place.close()

    def _opens(self, connection: str) -> datetime | None:
        """When the hours begin that the connection's profile allows; None while they last. Raises RuntimeError for a
        site that no program may use, which routing and walk never get to."""
        browser = self._library.connection(connection).browser
        if browser is None:
            return None
        if not browser.terms.permit:
            raise RuntimeError("nothing goes over a connection without its owner's leave")
        return browser.hours.opens(self._clock()) if browser.hours else None

    def _line(self, connection: str) -> _Line:
        line = self._lines.get(connection)
        if line is None:
            profile = self._library.connection(connection)
            gauge = metrics.BREAKER.labels(connection)
            gauge.set(1)
            line = self._lines[connection] = _Line(
                Link.of(profile),
                Limits(profile.places, profile.limits.per_second, profile.limits.burst),
                Breaker(
                    profile.breaker.failures,
                    profile.breaker.open_seconds,
                    changed=lambda state: gauge.set(0 if state is State.OPEN else 1),
                    refused_seconds=profile.breaker.refused_seconds,
                    credentials=self._credentials,
                ),
                profile.breaker.refused_seconds,
            )
        return line
