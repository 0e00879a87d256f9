"""What never comes to the door is answered like everything else: by problem documents that repeat nothing."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from email.parser import BytesHeaderParser

import pytest
from aiohttp import web

from gateway.api.wire import Runner
from tests.unit.api_house import capturing_log

CANARY = b"Quetzalperson"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with capturing_log() as stream:
        yield stream


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Of a server that knows one path."""

    async def greet(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    app = web.Application()
    app.router.add_route("POST", "/known", greet)
    runner = Runner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def ask(port: int, raw: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


def told(answer: bytes) -> tuple[int, str]:
    """Status and type of a problem document that repeats nothing."""
    head, _, body = answer.partition(b"\r\n\r\n")
    line, _, rest = head.partition(b"\r\n")
    headers = BytesHeaderParser().parsebytes(rest)
    assert CANARY not in answer
    assert headers["Content-Type"].partition(";")[0] == "application/problem+json"
    assert headers["Server"] == "payer-gateway"
    problem = json.loads(body)
    assert problem["instance"] == f"urn:payer-gateway:request:{headers['X-Request-Id']}"
    assert problem["next_action"]
    return int(line.split()[1]), problem["type"]


@pytest.mark.parametrize(
    "raw",
    [
        b"%b\r\n\r\n",
        b"POST /known HTTP/1.1\r\nHost: x\r\nBad Header: %b\r\n\r\n",
        b"POST /known HTTP/1.1\r\nHost: x\r\nContent-Length: %b\r\n\r\n",
        b"POST /known HTTP/1.1\r\nHost: x\r\nX: " + b"%b" * 1000 + b"\r\n\r\n",
        b"POST /" + b"%b" * 1000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_not_repeated(port: int, raw: bytes, log: io.StringIO) -> None:
    answer = await ask(port, raw.replace(b"%b", CANARY))
    assert told(answer) == (400, "urn:payer-gateway:problem:malformed-http")
    assert CANARY.decode() not in log.getvalue()


@pytest.mark.parametrize("path", [b"/known", b"/unknown"])
async def test_an_expectation_that_is_not_met_is_refused_and_not_repeated(port: int, path: bytes) -> None:
    answer = await ask(port, b"POST %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: %b\r\n\r\n" % (path, CANARY))
    assert told(answer) == (417, "urn:payer-gateway:problem:expectation-failed")


@pytest.mark.parametrize("coding", [b"gzip", b"br"])
async def test_a_body_is_not_unpacked(port: int, coding: bytes, log: io.StringIO) -> None:
    head = b"POST /known HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: %b\r\nContent-Length: 2\r\n\r\n"
    answer = await ask(port, head % coding + b"hi")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nhi")
    assert '"error"' not in log.getvalue(), "what strangers send is no failure of ours"


async def test_a_caller_who_waits_to_be_asked_on_is_asked_on(port: int) -> None:
    head = (
        b"POST /known HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"
    )
    answer = await ask(port, head)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nhi")


async def test_what_breaks_outside_of_the_door_is_an_internal_error(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise ValueError(CANARY.decode())

    monkeypatch.setattr(web.Request, "read", fail)
    answer = await ask(port, b"POST /known HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    assert told(answer) == (500, "urn:payer-gateway:problem:internal-error")
