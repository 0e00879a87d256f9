"""The access tokens of connections: drawn once, kept in memory, drawn anew before they end.

However many frames wait for a token, one request is made for it. A token or what was paid for it never stands in a
frame, in the journal, in a log or in the text of an error. Knows what a token costs; knows no HTTP.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex

from gateway.contract.errors import ExchangeError, NeedsPerson, NotSent
from gateway.contract.frames import Reply
from gateway.profiles.authorization import ClientCredentials
from gateway.transport.assertion import sign
from gateway.transport.grant import form, read_grant
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets

_RENEWED_AT = 0.8
"""The part of its life after which a token is drawn anew."""

Ask = Callable[[Link, bytes, str | None], Awaitable[Reply]]
"""Brings a form, and an Authorization header, to a link's token endpoint."""


@dataclass(frozen=True)
class Pass:
    """A token for one send. ``fresh`` is true where it was drawn for this one: another would be no better."""

    token: str = field(repr=False)
    fresh: bool


@dataclass(frozen=True)
class _Drawn:
    """What came of a request for a token: the token, or why there is none. Times are the clock's."""

    token: str | None = field(repr=False)
    renew_at: float
    ends_at: float
    failure: NeedsPerson | NotSent | None = None

    def good_token(self) -> str:
        """Raises what was raised when it was asked for, to each who waited an error of its own."""
        if isinstance(self.failure, NotSent):
            raise NotSent(str(self.failure), self.failure.retry_after)
        if self.token is None:
            raise NeedsPerson(str(self.failure))
        return self.token


@dataclass
class _Purse:
    """What one connection holds under one credential."""

    credential: tuple[ClientCredentials, bytes]
    drawn: _Drawn | None = None
    drawing: asyncio.Task[_Drawn] | None = None


class Tokens:
    """One event loop only. ``now`` is the time in UTC, for assertions; ``clock`` counts seconds."""

    def __init__(
        self,
        secrets: Secrets,
        ask: Ask,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._secrets = secrets
        self._ask = ask
        self._now = now
        self._clock = clock
        self._purses: dict[str, _Purse] = {}

    async def draw(self, link: Link, auth: ClientCredentials) -> Pass:
        """A token that is good now. Raises NeedsPerson or NotSent: nothing left for the payer."""
        secret = self._secrets.value(auth.secret)
        purse = self._purse(link, auth, secret)
        now, held = self._clock(), purse.drawn
        if held is not None and now < held.renew_at:
            return Pass(held.good_token(), fresh=False)
        if purse.drawing is None:
            purse.drawing = asyncio.get_running_loop().create_task(self._draw(link, auth, secret))
            purse.drawing.add_done_callback(lambda task: _settle(purse, task))
        # Shielded: who gives up waiting does not take the token from the others.
        drawn = await asyncio.shield(purse.drawing)
        if isinstance(drawn.failure, NotSent) and held is not None and held.token and self._clock() < held.ends_at:
            return Pass(held.token, fresh=False)
        return Pass(drawn.good_token(), fresh=True)

    def forget(self, link: Link, token: str) -> None:
        """The token was refused: it is not shown again. One that was drawn since then stays."""
        purse = self._purses.get(link.connection)
        if purse is not None and purse.drawn is not None and purse.drawn.token == token:
            purse.drawn = None

    async def close(self) -> None:
        """Give up what is being drawn."""
        drawing = [purse.drawing for purse in self._purses.values() if purse.drawing is not None]
        self._purses.clear()
        for task in drawing:
            task.cancel()
        await asyncio.gather(*drawing, return_exceptions=True)

    def _purse(self, link: Link, auth: ClientCredentials, secret: bytes) -> _Purse:
        """A rotated secret, or another profile, begins with an empty one."""
        credential = (auth, hashlib.sha256(secret).digest())
        purse = self._purses.get(link.connection)
        if purse is None or purse.credential != credential:
            purse = self._purses[link.connection] = _Purse(credential)
        return purse

    async def _draw(self, link: Link, auth: ClientCredentials, secret: bytes) -> _Drawn:
        began = self._clock()
        where = f"connection {link.connection}"
        rest = began
        try:
            body, header = form(auth, self._proof(link, auth, secret))
            reply = await self._ask(link, body, header)
            # Asked again at once, a token endpoint that refuses locks the account: it rests as the connection would.
            rest = began + link.refused_seconds
            grant = read_grant(reply, where)
        except NeedsPerson as refusal:
            return _Drawn(None, rest, rest, refusal)
        except ExchangeError as failure:
            again = failure if isinstance(failure, NotSent) else NotSent(f"{where}: no token came of asking for one")
            return _Drawn(None, began, began, again)
        return _Drawn(grant.token, began + _RENEWED_AT * grant.seconds, began + grant.seconds)

    def _proof(self, link: Link, auth: ClientCredentials, secret: bytes) -> str:
        if auth.proof == "private_key_jwt":
            audience = auth.assertion_audience or auth.token_url(link.endpoint)
            return sign(auth, secret, audience, self._now(), token_hex(16))
        try:
            return secret.decode()
        except UnicodeDecodeError:
            raise NeedsPerson(f"the secret {auth.secret} is not text in UTF-8") from None


def _settle(purse: _Purse, task: asyncio.Task[_Drawn]) -> None:
    purse.drawing = None
    if task.cancelled() or task.exception() is not None:
        return
    drawn = task.result()
    held = purse.drawn
    if drawn.token is None and isinstance(drawn.failure, NotSent) and held is not None and held.token is not None:
        return  # what is held may still be good
    purse.drawn = drawn
