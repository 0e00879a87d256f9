"""Sending a webhook to real servers that behave, and to some that do not."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.notify.reach import Reach
from gateway.notify.sender import Fate, Sender, Try
from gateway.notify.signature import draw_secret, sign

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOCAL = Reach(private=True)
BODY = b'{"type":"case.approved"}'


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server on this machine whose every path is this handler; its URL."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def send(url: str, reach: Reach = LOCAL, seconds: float = 5.0, live: bool = False) -> Try:
    async with Sender(reach, seconds=seconds) as sender:
        return await sender.send(url, {"webhook-id": "1"}, BODY, live=live)


def answering(status: int, headers: dict[str, str] | None = None) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers)

    return handler


@pytest.mark.parametrize("status", [200, 202, 204, 299])
async def test_any_2xx_is_delivered(status: int) -> None:
    async with serving(answering(status)) as url:
        assert await send(url) == Try(Fate.DELIVERED, status)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    async with serving(handler) as url:
        assert (await send(url)).fate is Fate.STATUS
    assert seen == ["/hook"]


async def test_a_410_says_that_the_receiver_is_gone() -> None:
    async with serving(answering(410)) as url:
        assert await send(url) == Try(Fate.GONE, 410)


@pytest.mark.parametrize(("given", "read"), [("30", 30.0), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)])
async def test_retry_after_is_read_in_both_its_forms(given: str, read: float | None) -> None:
    async with serving(answering(503, {"Retry-After": given})) as url:
        assert await send(url) == Try(Fate.STATUS, 503, read)


async def test_a_receiver_that_hangs_times_out() -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async with serving(handler) as url:
        assert await send(url, seconds=0.2) == Try(Fate.TIMEOUT)


async def test_a_receiver_whose_body_never_ends_has_still_answered() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)
            await asyncio.sleep(0.001)

    async with serving(handler) as url:
        assert await asyncio.wait_for(send(url), 4) == Try(Fate.DELIVERED, 200)


async def test_a_compressed_body_is_not_unpacked() -> None:
    async def handler(request: web.Request) -> web.Response:
        bomb = gzip.compress(bytes(1_000_000))
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serving(handler) as url:
        assert await send(url) == Try(Fate.DELIVERED, 200)


async def test_a_server_that_speaks_no_http_is_unreachable() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\x01 hello\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await send(f"http://127.0.0.1:{port}/") == Try(Fate.UNREACHABLE)


async def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert await send(f"http://127.0.0.1:{held.getsockname()[1]}/") == Try(Fate.UNREACHABLE)


async def test_a_host_name_that_leads_to_this_machine_is_refused_and_never_called() -> None:
    called = False

    async def handler(request: web.Request) -> web.Response:
        nonlocal called
        called = True
        return web.Response()

    async with serving(handler) as url:
        named = url.replace("127.0.0.1", "localhost")
        assert await send(named, reach=Reach()) == Try(Fate.FORBIDDEN)
        assert await send(named, reach=Reach.read("1")) == Try(Fate.DELIVERED, 200)
        called = False
        assert await send(named, reach=Reach.read("10.0.0.0/8")) == Try(Fate.FORBIDDEN)
    assert not called


async def test_a_public_looking_name_that_resolves_to_this_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address judged is the one the socket is made for, so a name that changes its mind gains nothing."""
    called = False

    async def handler(request: web.Request) -> web.Response:
        nonlocal called
        called = True
        return web.Response()

    async def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        assert host == "hooks.example.org"
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::ffff:127.0.0.1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    async with serving(handler) as url:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        named = url.replace("127.0.0.1", "hooks.example.org")
        assert await send(named, reach=Reach()) == Try(Fate.FORBIDDEN)
        assert not called
        assert await send(named, reach=LOCAL) == Try(Fate.DELIVERED, 200)
    assert called


async def test_live_is_sent_over_https_only() -> None:
    async with serving(answering(200)) as url:
        assert await send(url, live=True) == Try(Fate.FORBIDDEN)


async def test_a_certificate_nobody_vouches_for_is_not_trusted() -> None:
    async with serving(answering(200)) as url:
        assert (await send(url.replace("http:", "https:"), live=True)).fate is Fate.UNREACHABLE


async def test_a_receiver_verifies_the_signature_with_the_standard_library() -> None:
    secret, other = draw_secret(), draw_secret()
    headers = sign([secret], "evt-1", datetime.now(UTC), BODY)
    Webhook(secret).verify(BODY, dict(headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, dict(headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", dict(headers))


async def test_while_a_secret_is_replaced_both_old_and_new_verify() -> None:
    old, new = draw_secret(), draw_secret()
    headers = dict(sign([new, old], "evt-1", datetime.now(UTC), BODY))
    Webhook(old).verify(BODY, headers)
    Webhook(new).verify(BODY, headers)
    assert headers["webhook-signature"].count("v1,") == 2
