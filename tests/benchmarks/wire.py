"""A very small HTTP/1.1, so that clients cost little beside what they measure: kept connections, known lengths.

Only for peers of these benchmarks; it reads no more of a message than its status and its body.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


def split(buffer: bytearray) -> tuple[bytes, bytes] | None:
    """The head and body of the message that begins the buffer, taken off it; None while it is not whole."""
    end = buffer.find(_END)
    if end < 0:
        return None
    head = bytes(buffer[:end])
    length = _LENGTH.search(head)
    whole = end + len(_END) + (int(length[1]) if length else 0)
    if len(buffer) < whole:
        return None
    body = bytes(buffer[end + len(_END) : whole])
    del buffer[:whole]
    return head, body


class Caller(asyncio.Protocol):
    """One kept connection, one request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        found = split(self._buffer)
        if found is not None and self._answer is not None:
            head, body = found
            self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a whole request; status and body of the answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


async def connect(url: str) -> Caller:
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 80
    _, caller = await asyncio.get_running_loop().create_connection(Caller, host, port)
    return caller


class Receiver(asyncio.Protocol):
    """Takes webhooks: every body goes to ``take``, and every request is answered 204."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (found := split(self._buffer)) is not None:
            assert self._transport is not None
            self._take(found[1])
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def post(url: str, headers: dict[str, str], body: bytes) -> bytes:
    """A whole request."""
    address = urlsplit(url)
    lines = [f"POST {address.path} HTTP/1.1", f"Host: {address.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + _END + body
