"""HTTPS to payers: sends a frame once and says how sure it is that nothing left.

One send is one request on the wire: no redirect is followed, no cookie or proxy is used, and nothing is said again but
what has no effect and was refused for its access token. Knows no channel: every HTTP status comes back as a Reply.
"""

from __future__ import annotations

import base64
import errno
import io
import re
import ssl
import time
from asyncio import get_running_loop, timeout_at
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
from yarl import URL

from gateway.contract.destination import Mode
from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, TooLong
from gateway.contract.frames import Https, Reply
from gateway.profiles.authorization import BasicCredentials, ClientCredentials
from gateway.transport import tls
from gateway.transport.grant import MAX_REPLY_BYTES
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets
from gateway.transport.tokens import Tokens

_TOKEN_SECONDS = 10.0
"""The longest that a token endpoint is waited for."""
_BEARER = re.compile(r"(?:^|,)\s*bearer(?:\s|,|$)", re.IGNORECASE)
_INVALID_TOKEN = re.compile(r"""(?:^|[\s,])error\s*=\s*("?)invalid_token\1(?:[\s,]|$)""", re.IGNORECASE)


@dataclass
class _Progress:
    """Whether a connection was there, so that a byte of the request may have left."""

    connected: bool = False


@dataclass
class _Wire:
    """The sessions of one link: as long as link and credentials stay the same."""

    link: Link
    material: tls.Material
    validity: tls.Validity | None
    fresh: aiohttp.ClientSession
    kept: aiohttp.ClientSession
    in_use: int = 0
    retired: bool = False


class HttpsTransport:
    """Sends frames. ``now`` gives the time in UTC, for the validity of client certificates; ``clock`` counts seconds,
    for that of tokens."""

    def __init__(
        self,
        secrets: Secrets,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secrets = secrets
        self._now = now
        self._tokens = Tokens(secrets, self._ask_for_token, now, clock)
        self._wires: dict[str, _Wire] = {}

    async def send(self, frame: Https, link: Link) -> Reply:
        """The reply to a frame.

        NeedsPerson: nothing left (a missing secret, an expired certificate, theirs not trusted, an address outside
            the endpoint, no leave from the token endpoint).
        NotSent: no connection or no token came about, or the frame has no effect and may be said again.
        MaybeSent: the frame has an effect, and bytes may have left. TooLong: the reply is.
        """
        url = _address(frame, link)
        body = self._secrets.fill(frame.body)
        auth = link.auth
        if auth is None:
            return await self._say(frame, link, url, body, frame.headers)
        if isinstance(auth, BasicCredentials):
            return await self._say(frame, link, url, body, (*frame.headers, self._named(link, auth)))
        until = get_running_loop().time() + min(frame.deadline, link.deadline_seconds)
        reply, fresh = await self._say_with_token(frame, link, auth, url, body, until)
        if reply.status == 401 and not fresh and not frame.effect:
            reply, fresh = await self._say_with_token(frame, link, auth, url, body, until)
        return replace(reply, stale_token=not fresh and _blames_token(reply))

    def _named(self, link: Link, auth: BasicCredentials) -> tuple[str, str]:
        """The header that says who we are. Raises NeedsPerson."""
        user, password = self._secrets.value(auth.user), self._secrets.value(auth.password)
        if b":" in user:
            raise NeedsPerson(f"connection {link.connection}: the secret {auth.user} holds a colon, which no name has")
        return "Authorization", f"Basic {base64.b64encode(user + b':' + password).decode()}"

    async def _say_with_token(
        self, frame: Https, link: Link, auth: ClientCredentials, url: URL, body: bytes, until: float
    ) -> tuple[Reply, bool]:
        """The reply, and whether the token was drawn for this: another would be no better. All of it ends by
        ``until``: an attempt's lease counts the drawing too."""
        held = None
        with suppress(TimeoutError):
            async with timeout_at(until):
                held = await self._tokens.draw(link, auth)
        left = until - get_running_loop().time()
        if held is None or left <= 0:
            raise NotSent(f"connection {link.connection}: no access token in time")
        headers = (*frame.headers, ("Authorization", f"Bearer {held.token}"))
        reply = await self._say(replace(frame, deadline=left), link, url, body, headers)
        if reply.status == 401:
            self._tokens.forget(link, held.token)
        return reply, held.fresh

    async def _say(
        self, frame: Https, link: Link, url: URL, body: bytes, headers: tuple[tuple[str, str], ...]
    ) -> Reply:
        wire = await self._wire(link)
        wire.in_use += 1
        progress = _Progress()
        try:
            return await _exchange(wire, frame, url, body, headers, progress)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = _named(error, frame, link, progress)
        finally:
            wire.in_use -= 1
            await _close_if_done(wire)
        raise failure

    async def _ask_for_token(self, link: Link, body: bytes, authorization: str | None) -> Reply:
        """The answer of a link's token endpoint. The frame that goes there holds nothing: what is secret goes beside
        it, and nobody keeps it."""
        if not isinstance(link.auth, ClientCredentials):
            raise NeedsPerson(f"connection {link.connection}: it names no token endpoint")
        asked = replace(
            link,
            connection=f"{link.connection}, token endpoint",
            endpoint=link.auth.token_url(link.endpoint),
            auth=None,
            deadline_seconds=min(_TOKEN_SECONDS, link.deadline_seconds),
            max_reply_bytes=MAX_REPLY_BYTES,
        )
        frame = Https(method="POST", url=asked.endpoint, effect=False)
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        if authorization is not None:
            headers.append(("Authorization", authorization))
        return await self._say(frame, asked, _address(frame, asked), body, tuple(headers))

    async def prepare(self, link: Link) -> tls.Validity | None:
        """Check a link's credentials without sending. When our certificate is valid; raises NeedsPerson."""
        return (await self._wire(link)).validity

    async def close(self) -> None:
        """Close every connection. Sends in flight end first where they hold one."""
        await self._tokens.close()
        wires, self._wires = list(self._wires.values()), {}
        for wire in wires:
            wire.retired = True
            await _close_if_done(wire)

    async def _wire(self, link: Link) -> _Wire:
        material = tls.gather(link, self._secrets)
        wire = self._wires.get(link.connection)
        if wire is None or wire.link != link or wire.material != material:
            made = _make_wire(link, material)
            self._wires[link.connection] = made
            if wire is not None:
                wire.retired = True
                await _close_if_done(wire)
            wire = made
        if wire.validity is not None and not wire.validity.start <= self._now() < wire.validity.end:
            raise NeedsPerson(f"connection {link.connection}: our client certificate is expired or not valid yet")
        return wire


def _address(frame: Https, link: Link) -> URL:
    try:
        url, endpoint = URL(frame.url), URL(link.endpoint)
        inside = url.origin() == endpoint.origin() and url.user is None and url.password is None
    except ValueError:
        inside = False
    if not inside:
        raise NeedsPerson(f"connection {link.connection}: a frame's address is outside the connection's endpoint")
    if link.mode is Mode.LIVE and url.scheme != "https":
        raise NeedsPerson(f"connection {link.connection}: a live connection without TLS")
    return url


def _blames_token(reply: Reply) -> bool:
    """True for a 401 that says of our token that it is invalid (RFC 6750, 3.1). Fronts write a bare one for much
    else."""
    if reply.status != 401:
        return False
    told = [value for name, value in reply.headers if name == "www-authenticate"]
    return any(_BEARER.search(value) and _INVALID_TOKEN.search(value) for value in told)


def _make_wire(link: Link, material: tls.Material) -> _Wire:
    validity = tls.validity(material, link)
    context = tls.make_context(material, link) if link.endpoint.lower().startswith("https:") else None
    return _Wire(
        link,
        material,
        validity,
        # What has an effect never goes out on a kept connection: the other side may just be closing it, and a
        # request that meets the close could not be told from one that was read.
        fresh=_session(link, context, force_close=True),
        kept=_session(link, context, force_close=False),
    )


def _session(link: Link, context: ssl.SSLContext | None, *, force_close: bool) -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(_connected)
    trace.on_connection_reuseconn.append(_connected)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context or True, limit=0, force_close=force_close),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "payer-gateway", "Accept-Encoding": "identity"},
        auto_decompress=False,
        trust_env=False,
        trace_configs=[trace],
    )
    # aiohttp says GET, PUT and DELETE again by itself when a connection breaks, even after it wrote them whole.
    session._retry_connection = False
    return session


async def _connected(session: aiohttp.ClientSession, context: SimpleNamespace, params: Any) -> None:
    context.trace_request_ctx.connected = True


async def _exchange(
    wire: _Wire, frame: Https, url: URL, body: bytes, headers: tuple[tuple[str, str], ...], progress: _Progress
) -> Reply:
    session = wire.fresh if frame.effect else wire.kept
    async with session.request(
        frame.method,
        url,
        headers=headers,
        data=io.BytesIO(body) if body else None,
        allow_redirects=False,
        timeout=aiohttp.ClientTimeout(
            total=min(frame.deadline, wire.link.deadline_seconds), connect=wire.link.connect_seconds
        ),
        trace_request_ctx=progress,
    ) as response:
        heard = bytearray()
        async for piece in response.content.iter_any():
            heard += piece
            if len(heard) > wire.link.max_reply_bytes:
                why = f"connection {wire.link.connection}: the reply is longer than {wire.link.max_reply_bytes} bytes"
                raise TooLong(why, response.status, bytes(heard[: wire.link.max_reply_bytes]))
        told = tuple((name.lower(), value) for name, value in response.headers.items())
        return Reply(response.status, told, bytes(heard))


def _named(error: Exception, frame: Https, link: Link, progress: _Progress) -> ExchangeError:
    """The error by what happens next. Its text is ours: what aiohttp writes holds addresses."""
    where = f"connection {link.connection}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return NeedsPerson(f"{where}: its certificate is not trusted, not for this host, or not pinned")
    if not progress.connected:
        return NotSent(f"{where}: {_unreached(error)}")
    if isinstance(error, TimeoutError):
        what = "the reply did not come in time"
    elif link.endpoint.lower().startswith("https:"):
        # The refusal comes after the request was written, and asyncio shows no more of it than a reset connection.
        what = "the line broke before a whole reply (a client certificate refused under TLS 1.3 looks like this too)"
    else:
        what = "the line broke before a whole reply"
    return MaybeSent(f"{where}: {what}") if frame.effect else NotSent(f"{where}: {what}")


def _unreached(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name does not resolve"
        case aiohttp.ClientConnectorSSLError():
            return "the TLS handshake failed"
        case TimeoutError():
            return "no connection in time"
        case OSError(errno=int(code)):
            return f"no connection ({errno.errorcode.get(code, 'unknown')})"
        case _:
            return "cut off before the connection stood"


async def _close_if_done(wire: _Wire) -> None:
    if wire.retired and not wire.in_use:
        await wire.fresh.close()
        await wire.kept.close()
