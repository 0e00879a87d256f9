"""The HTTPS client against real sockets: what it sends, and what it says when the other side misbehaves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.contract.destination import Mode
from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, TooLong
from gateway.contract.frames import Https, Secret
from gateway.transport.https import HttpsTransport
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets

PASSWORD = "s3cr3t<&>canary"
BODY = (b"<a>", Secret("demo-password", escape="xml"), b"</a>")
SECRETS = Secrets({"GATEWAY_SECRET_DEMO_PASSWORD": PASSWORD})
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Payer:
    """A server of the test's own. ``requests`` holds every request that was read whole."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def link(self) -> Link:
        return Link("demo_clearinghouse", f"http://127.0.0.1:{self.port}/core", Mode.TEST, connect_seconds=2)

    def frame(self, path: str = "/core", **changed: Any) -> Https:
        said: dict[str, Any] = {
            "method": "POST",
            "effect": True,
            "headers": (("Content-Type", "application/soap+xml"),),
            "body": BODY,
            "deadline": 2.0,
        }
        return Https(url=f"http://127.0.0.1:{self.port}{path}", **said | changed)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)


@asynccontextmanager
async def payer(talk: Talk) -> AsyncIterator[Payer]:
    """A payer whose ``talk`` is had on each connection."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here.connections += 1
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    here = Payer(server.sockets[0].getsockname()[1])
    async with server:
        yield here


def answering(answer: bytes, here: list[Payer] | None = None) -> Talk:
    """Read requests and give each the same bytes, as long as the other side comes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            if here:
                here[0].requests.append(request)
            writer.write(answer)
            await writer.drain()

    return talk


@asynccontextmanager
async def answering_payer(answer: bytes) -> AsyncIterator[Payer]:
    known: list[Payer] = []
    async with payer(answering(answer, known)) as here:
        known.append(here)
        yield here


@pytest.fixture
async def transport() -> AsyncIterator[HttpsTransport]:
    made = HttpsTransport(SECRETS)
    yield made
    await made.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection with a TCP reset."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nX-Trace: 1\r\nContent-Length: 4\r\n\r\n<a/>"


async def test_a_frame_goes_out_once_with_its_secrets_in_place(transport: HttpsTransport) -> None:
    async with answering_payer(OK) as here:
        heard = await transport.send(here.frame("/core?x=1"), here.link)
        assert (heard.status, heard.body, heard.header("x-trace")) == (200, b"<a/>", "1")
        assert heard.header("content-type") == "text/xml"
        (request,) = here.requests
        head, _, body = request.partition(b"\r\n\r\n")
        assert head.startswith(b"POST /core?x=1 HTTP/1.1\r\n")
        assert body == b"<a>s3cr3t&lt;&amp;&gt;canary</a>"
        assert b"Content-Type: application/soap+xml" in head
        assert b"Accept-Encoding: identity" in head


async def test_a_large_body_is_sent_whole(transport: HttpsTransport) -> None:
    async with answering_payer(OK) as here:
        await transport.send(here.frame(body=(b"x" * 3_000_000,)), here.link)
        assert here.requests[0].endswith(b"x" * 3_000_000)


@pytest.mark.proves("LO-01")
async def test_a_secret_is_in_no_repr_journal_or_exception(transport: HttpsTransport) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async with payer(hang_up) as here:
        frame = here.frame("/core?member=TESTPERSON")
        with pytest.raises(MaybeSent) as caught:
            await transport.send(frame, here.link)
        error: BaseException | None = caught.value
        while error is not None:
            assert "canary" not in f"{error} {error!r}"
            assert "TESTPERSON" not in f"{error} {error!r}"
            error = error.__cause__ or error.__context__
    assert b"canary" not in frame.redacted()
    assert "canary" not in repr(frame)
    assert "canary" not in repr(vars(transport))


async def test_a_missing_secret_needs_a_person_and_nothing_is_connected() -> None:
    transport = HttpsTransport(Secrets({}))
    async with answering_payer(OK) as here:
        with pytest.raises(NeedsPerson, match="demo-password"):
            await transport.send(here.frame(), here.link)
        assert here.connections == 0


# Nothing left.


@pytest.mark.proves("RT-19")
async def test_a_refused_connection_was_not_sent(transport: HttpsTransport) -> None:
    async with answering_payer(OK) as here:
        pass
    with pytest.raises(NotSent, match="ECONNREFUSED"):
        await transport.send(here.frame(), here.link)


async def test_a_name_that_does_not_resolve_was_not_sent(transport: HttpsTransport) -> None:
    link = Link("demo_clearinghouse", "http://payer.invalid/core", Mode.TEST)
    with pytest.raises(NotSent, match="does not resolve"):
        await transport.send(Https("POST", "http://payer.invalid/core", effect=True, body=BODY), link)


@pytest.mark.proves("RT-19")
async def test_a_connection_that_does_not_come_about_in_time_was_not_sent(transport: HttpsTransport) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]  # the backlog of a listener nobody accepts from
        try:
            for other in waiting:
                other.setblocking(False)
                other.connect_ex(("127.0.0.1", port))
            link = Link("demo_clearinghouse", f"http://127.0.0.1:{port}/core", Mode.TEST, connect_seconds=0.3)
            with pytest.raises(NotSent, match="no connection in time"):
                await transport.send(Https("POST", link.endpoint, effect=True, body=BODY), link)
        finally:
            for other in waiting:
                other.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/core",
        "https://127.0.0.1:{port}/core",
        "http://localhost:{port}/core",
        "http://user@127.0.0.1:{port}/core",
        "http://user:word@127.0.0.1:{port}/core",
        "http://127.0.0.1:{port}@evil.example/core",
        "/core",
        "http://[broken/core",
        "file:///etc/passwd",
    ],
)
async def test_a_frame_for_another_place_than_the_connections_endpoint_is_refused(
    transport: HttpsTransport, url: str
) -> None:
    async with answering_payer(OK) as here:
        with pytest.raises(NeedsPerson, match="outside the connection's endpoint"):
            await transport.send(Https("POST", url.format(port=here.port), effect=True, body=BODY), here.link)
        assert here.connections == 0


async def test_a_live_connection_never_goes_out_without_tls(transport: HttpsTransport) -> None:
    async with answering_payer(OK) as here:
        live = Link("live_clearinghouse", here.link.endpoint, Mode.LIVE)
        with pytest.raises(NeedsPerson, match="without TLS"):
            await transport.send(here.frame(), live)
        assert here.connections == 0


# Something may have left.


async def at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    return


async def reset_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    reset(writer)


async def reset_after_reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    reset(writer)


async def close_after_reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)


async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    await asyncio.sleep(30)


def saying(said: bytes, pause: float = 0) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(said)
        await writer.drain()
        await asyncio.sleep(pause)

    return talk


DEADLINE = 2
"""Seconds: even a crowded machine connects to itself in less."""

HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<a>"
BROKEN = [
    at_once,
    reset_at_once,
    reset_after_reading,
    close_after_reading,
    stay_silent,
    saying(b"garbage\r\n\r\n"),
    saying(b"HTTP/1.1 200 O"),
    saying(b"HTTP/1.1 999999 OK\r\n\r\n"),
    saying(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000),
    saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"),
    saying(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\n<a/>"),
    saying(HALF),
    saying(HALF, pause=30),
    saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<a/>"),
    saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n"),
]


@pytest.mark.proves("RT-18")
@pytest.mark.parametrize("talk", BROKEN, ids=lambda talk: talk.__qualname__)
async def test_an_effect_whose_line_breaks_after_it_connected_may_have_been_sent(
    transport: HttpsTransport, talk: Talk
) -> None:
    async with payer(talk) as here:
        with pytest.raises(MaybeSent) as caught:
            await transport.send(here.frame(deadline=DEADLINE), here.link)
        assert here.connections == 1
        assert "garbage" not in str(caught.value)


@pytest.mark.parametrize("talk", [reset_after_reading, stay_silent, saying(HALF)])
async def test_a_question_without_effect_may_be_asked_again_when_its_line_breaks(
    transport: HttpsTransport, talk: Talk
) -> None:
    async with payer(talk) as here:
        with pytest.raises(NotSent):
            await transport.send(here.frame(effect=False, deadline=DEADLINE), here.link)


@pytest.mark.proves("RT-17")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_an_effect_is_never_said_twice_by_the_http_library(transport: HttpsTransport, method: str) -> None:
    async with payer(close_after_reading) as here:
        with pytest.raises(MaybeSent):
            await transport.send(here.frame(method=method), here.link)
        await asyncio.sleep(0.05)
        assert here.connections == 1


async def test_an_effect_never_rides_on_a_kept_connection_that_the_server_may_be_closing(
    transport: HttpsTransport,
) -> None:
    async def once_each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)  # says nothing of closing, and closes

    async with payer(once_each) as here:
        for effect in (True, False, True, True):
            assert (await transport.send(here.frame(effect=effect), here.link)).status == 200
        assert here.connections == 4


async def test_questions_without_effect_share_a_connection(transport: HttpsTransport) -> None:
    async with answering_payer(OK) as here:
        for _ in range(3):
            await transport.send(here.frame(effect=False), here.link)
        assert (here.connections, len(here.requests)) == (1, 3)


async def test_a_shared_connection_that_breaks_is_told_as_one_that_had_connected(transport: HttpsTransport) -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)
        await read_request(reader)
        reset(writer)

    async with payer(once) as here:
        await transport.send(here.frame(effect=False), here.link)
        with pytest.raises(NotSent, match="the line broke"):
            await transport.send(here.frame(effect=False), here.link)
        assert here.connections == 1


async def test_a_cancelled_send_hangs_up_and_the_connection_can_be_used_again(transport: HttpsTransport) -> None:
    gone = asyncio.Event()

    async def first_hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        if here.connections == 1:
            await reader.read()
            gone.set()
        else:
            writer.write(OK)

    async with payer(first_hangs) as here:
        sending = asyncio.create_task(transport.send(here.frame(deadline=30), here.link))
        await asyncio.sleep(0.1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.wait_for(gone.wait(), 2)
        assert (await transport.send(here.frame(), here.link)).status == 200


# Answers of every kind come back as they are.


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 429, 500, 503])
async def test_every_status_comes_back_as_a_reply(transport: HttpsTransport, status: int) -> None:
    body = b"" if status == 204 else b"<html>maintenance</html>"
    answer = b"HTTP/1.1 %d X\r\nContent-Type: text/html\r\nRetry-After: 9\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )
    async with answering_payer(answer) as here:
        heard = await transport.send(here.frame(), here.link)
        assert (heard.status, heard.body, heard.header("retry-after")) == (status, body, "9")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(transport: HttpsTransport, status: int) -> None:
    async with answering_payer(OK) as other:
        where = f"http://127.0.0.1:{other.port}/elsewhere"
        answer = f"HTTP/1.1 {status} X\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()
        async with answering_payer(answer) as here:
            heard = await transport.send(here.frame(), here.link)
            assert (heard.status, heard.header("location")) == (status, where)
            assert len(here.requests) == 1
        assert other.connections == 0


async def test_a_cookie_is_not_kept(transport: HttpsTransport) -> None:
    async with answering_payer(OK.replace(b"X-Trace: 1", b"Set-Cookie: a=b; Path=/")) as here:
        for effect in (True, True, False, False):
            await transport.send(here.frame(effect=effect), here.link)
        assert len(here.requests) == 4
        assert all(b"cookie:" not in request.lower() for request in here.requests)


async def test_a_proxy_in_the_environment_is_not_used(
    transport: HttpsTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with answering_payer(OK) as proxy, answering_payer(OK) as here:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await transport.send(here.frame(), here.link)
        assert (here.connections, proxy.connections) == (1, 0)


async def test_a_reply_longer_than_allowed_is_unreadable_and_not_read_to_its_end(transport: HttpsTransport) -> None:
    written = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")  # until the connection closes, which it never does
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            written += 65536

    async with payer(flood) as here:
        small = Link("demo_clearinghouse", here.link.endpoint, Mode.TEST, max_reply_bytes=100_000)
        with pytest.raises(TooLong, match="longer than 100000 bytes") as cut:
            await transport.send(here.frame(), small)
        assert (cut.value.status, cut.value.head) == (200, b"x" * 100_000)
        assert written < 50_000_000


async def test_a_content_length_that_lies_is_not_believed(transport: HttpsTransport) -> None:
    async with payer(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n<a/>")) as here:
        with pytest.raises(MaybeSent):
            await transport.send(here.frame(), here.link)


async def test_a_compressed_reply_comes_back_compressed_so_it_cannot_explode(transport: HttpsTransport) -> None:
    async with answering_payer(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"
    ) as here:
        heard = await transport.send(here.frame(), here.link)
        assert (heard.body, heard.header("content-encoding")) == (b"\x1f\x8b\x08\x00", "gzip")


@pytest.mark.proves("RT-16")
async def test_a_reply_that_comes_slowly_but_in_time_is_heard(transport: HttpsTransport) -> None:
    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for byte in OK:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.002)

    async with payer(slowly) as here:
        assert (await transport.send(here.frame(), here.link)).body == b"<a/>"


async def test_connections_do_not_wait_for_each_other(transport: HttpsTransport) -> None:
    async with payer(stay_silent) as slow, answering_payer(OK) as quick:
        other = Link("other_clearinghouse", f"http://127.0.0.1:{slow.port}/core", Mode.TEST)
        waiting = [asyncio.create_task(transport.send(slow.frame(deadline=1), other)) for _ in range(20)]
        assert (await transport.send(quick.frame(), quick.link)).status == 200
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(end, MaybeSent) for end in ends)


async def test_a_link_that_changed_is_used_from_the_next_frame_on(transport: HttpsTransport) -> None:
    async with answering_payer(OK) as old, answering_payer(OK) as new:
        await transport.send(old.frame(effect=False), old.link)
        await transport.send(new.frame(effect=False), new.link)
        with pytest.raises(ExchangeError):
            await transport.send(old.frame(), new.link)
        assert (old.connections, new.connections) == (1, 1)


async def test_a_link_that_changes_lets_a_frame_in_flight_end(transport: HttpsTransport) -> None:
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(0.2)
        writer.write(OK)

    async with payer(late) as slow, answering_payer(OK) as new:
        waiting = asyncio.create_task(transport.send(slow.frame(), slow.link))
        await asyncio.sleep(0.05)
        assert (await transport.send(new.frame(), new.link)).status == 200
        assert (await waiting).status == 200


@pytest.mark.proves("RT-16")
async def test_the_connections_own_deadline_holds_whatever_a_frame_allows(transport: HttpsTransport) -> None:
    async with payer(stay_silent) as here:
        short = replace(here.link, deadline_seconds=0.2)
        async with asyncio.timeout(5):
            with pytest.raises(MaybeSent, match="in time"):
                await transport.send(here.frame(deadline=30), short)
