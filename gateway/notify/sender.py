"""Sends one webhook and says what became of it. No redirects, no cookies, no proxy, no address out of bounds.

Knows HTTP; knows no event and no database. A response's body is read to keep the connection and never looked at.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from ipaddress import ip_address
from socket import inet_aton, inet_ntoa
from types import MappingProxyType, TracebackType
from typing import Self

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from gateway.model.faults import Fault
from gateway.notify.reach import SETTING, ForbiddenAddress, Reach

_BODY_CAP = 16_384
_DRAIN_SECONDS = 1.0


class Fate(StrEnum):
    """What became of a try."""

    DELIVERED = "delivered"
    GONE = "gone"
    """410: the receiver wants no more; the endpoint is disabled."""
    STATUS = "status"
    """Some other status, redirects among them."""
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    """No connection, a broken one, or one whose certificate did not hold."""
    FORBIDDEN = "forbidden"
    """The URL or the address behind its name is out of bounds."""


_PUBLIC = (
    f"Send a public https URL. For a receiver in your own network, whoever runs the gateway sets {SETTING} (1, or its "
    "networks)."
)
FIXES: Mapping[str, str] = MappingProxyType(
    {
        Fate.GONE: "The receiver answered 410 and the endpoint was disabled; enable it and resend when it works again.",
        Fate.STATUS: "Let the receiver answer 2xx; its own log says why it did not.",
        Fate.TIMEOUT: "Let the receiver answer at once and work afterwards.",
        Fate.UNREACHABLE: "Check the receiver's name, port and certificate.",
        Fate.FORBIDDEN: "The URL leads to a private, loopback or link-local address. Point its name at a public one; "
        f"for a receiver in your own network, whoever runs the gateway sets {SETTING} (1, or its networks). It is "
        "tried again meanwhile, since both may change.",
    }
)
"""What to do about each, for who reads of a delivery that failed."""


@dataclass(frozen=True)
class Try:
    fate: Fate
    http_status: int | None = None
    retry_after: float | None = None


def refuse_url(url: str, *, live: bool, reach: Reach) -> Fault | None:
    """Why a webhook may not be sent to this URL, and what would do instead; or None.

    Names that are of private networks by themselves are refused here; the others are judged when they are resolved.
    """
    try:
        parsed = URL(url)
        # As a resolver gets it, in ASCII; a last dot says only that the name is whole.
        host, port = (parsed.raw_host or "").rstrip("."), parsed.port
    except ValueError:
        return _fault("This is not a URL.", "Send an https URL.")
    if any(character <= " " or character == "\x7f" for character in url):
        return _fault("A webhook URL holds no blanks or control characters.", "Send them encoded with a percent sign.")
    if parsed.scheme not in ("https", "http") or not host or not port:
        return _fault("A webhook URL starts with https:// and names a host.", "Send https://host/path.")
    if parsed.scheme == "http" and live:
        return _fault("A live endpoint is reached over https only.", "Send an https URL.")
    if parsed.user or parsed.password:
        return _fault("A webhook URL carries no user or password.", "Check the signature instead.")
    if parsed.fragment:
        return _fault("A webhook URL has no fragment.", "End the URL before the number sign.")
    try:
        literal = str(ip_address(host))
    except ValueError:
        try:
            # What a resolver takes for an address too: 127.1, 0x7f.1, 2130706433.
            literal = inet_ntoa(inet_aton(host))
        except OSError:
            return (
                None if reach.admits(host) else _fault("Webhooks are not sent to names of private networks.", _PUBLIC)
            )
    if reach.permits(literal):
        return None
    return _fault("Webhooks are not sent to private, loopback or link-local addresses.", _PUBLIC)


def _fault(message: str, fix: str) -> Fault:
    return Fault(pointer="/url", code="webhook_url", message=message, fix=fix)


class Sender:
    """Holds the connections. Use it as an async context manager, one for the process."""

    def __init__(self, reach: Reach, *, seconds: float = 15.0, trust: ssl.SSLContext | None = None) -> None:
        self.reach = reach
        self._timeout = ClientTimeout(total=seconds, sock_connect=min(seconds, 5.0))
        self._trust = trust
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = TCPConnector(
            limit=0,  # who may send how much at once is decided where deliveries are taken up
            ssl=self._trust or True,
            socket_factory=self.reach.open_socket,
        )
        self._session = ClientSession(
            connector=connector,
            timeout=self._timeout,
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def send(self, url: str, headers: Mapping[str, str], body: bytes, *, live: bool) -> Try:
        """Post the body. Never raises for what a receiver or the network does."""
        if self._session is None:
            raise RuntimeError("the sender is not open")
        if refuse_url(url, live=live, reach=self.reach):
            return Try(Fate.FORBIDDEN)
        try:
            async with self._session.post(URL(url), data=body, headers=headers, allow_redirects=False) as response:
                result = _judge(response)
                await _drain(response)
                return result
        except TimeoutError:
            return Try(Fate.TIMEOUT)
        except (ClientError, OSError, ValueError) as error:
            return Try(Fate.FORBIDDEN if _forbidden(error) else Fate.UNREACHABLE)


def _judge(response: ClientResponse) -> Try:
    status = response.status
    if 200 <= status < 300:
        return Try(Fate.DELIVERED, status)
    if status == 410:
        return Try(Fate.GONE, status)
    return Try(Fate.STATUS, status, _retry_after(response.headers.get("Retry-After", "")))


def _retry_after(value: str) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3)."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    return None


async def _drain(response: ClientResponse) -> None:
    """A short body read to its end lets the connection be used again; a long or slow one costs it."""
    with suppress(TimeoutError, ClientError, OSError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            left = _BODY_CAP
            while left > 0 and (chunk := await response.content.read(left)):
                left -= len(chunk)


def _forbidden(error: BaseException) -> bool:
    """aiohttp wraps what a socket factory raises."""
    return any(isinstance(part, ForbiddenAddress) for part in (error, getattr(error, "os_error", None)))
