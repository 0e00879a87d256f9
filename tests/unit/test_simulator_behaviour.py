"""The simulated payers fail their callers as ordered, and are honest about what was filed all the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from conformance.simulators.server import Options
from tests.unit.simulator_messages import (
    HEADERS,
    Answer,
    Caller,
    Wrapper,
    answer_275,
    calling,
    envelope,
    inquiry_278,
    request_278,
)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(Options(slow_seconds=0.3)) as found:
        yield found


async def fails(caller: Caller, member: str = "SIMAPPROVE01", receiver: str = "EVERGREEN") -> str:
    """Sends a request whose answer never comes whole, and says how the connection ended."""
    with pytest.raises(aiohttp.ClientError) as caught:
        await caller.send(request_278(member, receiver=receiver))
    return type(caught.value).__name__


async def filed(caller: Caller) -> int:
    return int(str((await caller.sim("filings"))["total"]))


@pytest.mark.parametrize(
    ("kind", "recorded"),
    [("close", 0), ("drop_before_recording", 0), ("drop_after_recording", 1), ("reset", 1), ("truncated", 1)],
)
async def test_broken_connections_leave_the_filing_as_published(caller: Caller, kind: str, recorded: int) -> None:
    await caller.sim("behaviour", kind=kind, count=1)
    assert await fails(caller)
    assert await filed(caller) == recorded
    answer = await caller.send(inquiry_278())
    assert answer.first("HCR")[1:2] == (["A1"] if recorded else [])


async def test_a_reset_is_a_reset_and_a_drop_is_an_orderly_close(caller: Caller) -> None:
    """A dropped connection gives not one byte; a reset one breaks off in the middle of the answer."""
    for kind, begun in (("drop_after_recording", False), ("reset", True)):
        await caller.sim("behaviour", kind=kind, count=1)
        host, port = caller.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        body = envelope(Wrapper().wrap(request_278()))
        head = f"POST /core HTTP/1.1\r\nHost: sim\r\nContent-Type: {HEADERS['Content-Type']}\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        received, ended = b"", ""
        try:
            while piece := await reader.read(65536):
                received += piece
        except ConnectionResetError:
            ended = "reset"
        assert (bool(received), ended) == ((True, "reset") if begun else (False, ""))
        writer.close()


@pytest.mark.parametrize(
    ("kind", "status", "recorded", "seen"),
    [
        ("down", 503, 0, b"<html>"),
        ("html_200", 200, 0, b"<html>"),
        ("html_after_recording", 200, 1, b"<html>"),
        ("garbage", 200, 1, b"\x00\x01\x02"),
        ("empty", 200, 1, b""),
        ("byte_order_mark", 200, 1, b"\xef\xbb\xbf<?xml"),
        ("soap_fault_receiver", 500, 0, b"soap:Receiver"),
        ("core_envelope_error", 200, 0, b"<ErrorCode>Receiver</ErrorCode>"),
        ("qualified_children", 200, 1, b"<core:ErrorCode>Success</core:ErrorCode>"),
        ("999", 200, 0, b"~AK9*R*1*1*0~"),
        ("ta1", 200, 0, b"*R*023~"),
    ],
)
async def test_wrong_answers_come_under_the_status_they_are_known_for(
    caller: Caller, kind: str, status: int, recorded: int, seen: bytes
) -> None:
    await caller.sim("behaviour", kind=kind, count=1)
    answer = await caller.send(request_278())
    assert answer.status == status
    assert seen in answer.body
    assert await filed(caller) == recorded
    again = await caller.send(inquiry_278())
    assert again.field("ErrorCode") == "Success", "the order was for one message"


async def test_what_was_not_recorded_can_be_sent_again_as_it_was(caller: Caller) -> None:
    """The same bytes: an unrecorded interchange has not used up its control number."""
    message = envelope(Wrapper().wrap(request_278()))
    kinds = ("down", "html_200", "core_envelope_error", "soap_fault_receiver", "999", "ta1")
    for kind in kinds:
        await caller.sim("behaviour", kind=kind, count=1)
        await caller.post(message)
    answer = await caller.post(message)
    assert answer.first("HCR")[1] == "A1"
    assert await filed(caller) == 1


async def test_bytes_that_are_said_to_be_gzip_are_not(caller: Caller) -> None:
    await caller.sim("behaviour", kind="gzip_garbage", count=1)
    assert await fails(caller) == "ClientPayloadError"
    assert await filed(caller) == 1


async def test_somebody_elses_answer_is_about_nothing_we_asked(caller: Caller) -> None:
    await caller.sim("behaviour", kind="wrong_correlation", count=1)
    answer = await caller.send(request_278())
    assert answer.first("HCR")[1] == "A1"
    assert answer.first("BHT")[3] == "OTHERCALLER1"
    assert answer.first("TRN")[2] == "OTHERTRACE1"
    assert "TRACE0001" not in answer.payload
    assert answer.field("PayloadID").endswith("f")
    right = await caller.send(inquiry_278())
    assert right.first("TRN")[2] == "TRACE0001"
    assert right.first("HCR")[1] == "A1"


async def test_a_slow_answer_comes_late_and_whole(caller: Caller) -> None:
    await caller.sim("behaviour", kind="slow", count=1, seconds=0.4)
    started = time.monotonic()
    answer = await caller.send(request_278())
    assert time.monotonic() - started >= 0.4
    assert answer.first("HCR")[1] == "A1"


async def test_an_answer_given_twice_stands_on_the_connection_a_second_time(caller: Caller) -> None:
    await caller.sim("behaviour", kind="twice", count=1, seconds=0.1)
    host, port = caller.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = envelope(Wrapper().wrap(request_278()))
    head = f"POST /core HTTP/1.1\r\nHost: sim\r\nContent-Type: {HEADERS['Content-Type']}\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    received = b""
    async with asyncio.timeout(5):
        while received.count(b"</soap:Envelope>") < 2:
            received += await reader.read(65536)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    first, second = (part.partition(b"\r\n\r\n")[2] for part in received.split(b"HTTP/1.1 200 OK")[1:])
    assert first == second
    assert await filed(caller) == 1
    writer.close()


@pytest.mark.parametrize(
    ("kind", "action", "reason"),
    [("unknown_action", "Z9", ""), ("unknown_reason", "A3", "ZZ9"), ("contradiction", "A1", "")],
)
async def test_reviews_can_be_ordered_to_say_what_nobody_published(
    caller: Caller, kind: str, action: str, reason: str
) -> None:
    await caller.sim("behaviour", kind=kind, count=1)
    answer = await caller.send(request_278())
    assert [*answer.first("HCR"), "", ""][1:4:2] == [action, reason]
    await caller.sim("clock", advance_seconds=61)
    later = await caller.send(inquiry_278())
    assert later.first("HCR")[1] == ("A4" if kind == "contradiction" else action)


async def test_an_order_can_name_payer_verb_and_count(caller: Caller) -> None:
    await caller.sim("behaviour", kind="999", verb="inquiry", payer="bluestem_mutual", count=2)
    assert (await caller.send(request_278(receiver="BLUESTEM"))).first("HCR")[1] == "A1"
    assert (await caller.send(inquiry_278())).first("AK9") == []
    results = [(await caller.send(inquiry_278(receiver="BLUESTEM"))).first("ST")[1] for _ in range(3)]
    assert results == ["999", "999", "278"]


async def test_an_order_without_a_count_holds_until_reset(caller: Caller) -> None:
    await caller.sim("behaviour", kind="down")
    assert [(await caller.send(request_278())).status for _ in range(3)] == [503] * 3
    await caller.sim("reset")
    assert (await caller.send(request_278())).first("HCR")[1] == "A1"


async def test_orders_are_for_attachments_too(caller: Caller) -> None:
    asked = await caller.send(request_278("SIMDOCS01"))
    document = answer_275("SIMDOCS01", (asked.first("PWK")[6], "SGVsbG8="))
    await caller.sim("behaviour", kind="drop_after_recording", verb="attachment", count=1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await caller.send(document)
    documents = (await caller.filed())[0]["documents"]
    assert documents[0]["delivered"]


async def test_refused_connections_come_back_after_their_time(caller: Caller) -> None:
    assert (await caller.send(request_278())).status == 200, "a connection stands open"
    await caller.sim("behaviour", kind="refuse", seconds=0.5)
    await asyncio.sleep(0.2)
    with pytest.raises(aiohttp.ClientConnectorError):
        await caller.send(request_278(trace="T2"))
    await asyncio.sleep(0.6)
    assert (await caller.send(request_278(trace="T3"))).first("HCR")[1] == "A1"
    assert await filed(caller) == 2


@pytest.mark.parametrize("body", [{"kind": "nonsense"}, {"count": 1}, {"kind": "slow", "count": -1},
                                  {"kind": "slow", "payer": "other"}, {"kind": "slow", "often": 2}])  # fmt: skip
async def test_an_order_nobody_understands_is_refused(caller: Caller, body: dict[str, object]) -> None:
    answer = await caller.sim("behaviour", **body)
    assert answer["status"] == 400
    assert answer["error"]


def seen(answer: Answer) -> str:
    return answer.first("HCR")[1] if answer.first("HCR") else answer.first("AAA")[3]


@pytest.mark.parametrize("member", ["SIMDROP01", "SIMTRUNCATED01", "SIMBLIND01", "SIMLOST01"])
async def test_members_that_lose_the_first_connection_answer_the_next(caller: Caller, member: str) -> None:
    await fails(caller, member)
    assert await filed(caller) == (0 if member == "SIMLOST01" else 1)
    assert seen(await caller.send(inquiry_278(member))) == {"SIMBLIND01": "NC", "SIMLOST01": "NC"}.get(member, "A1")
    assert seen(await caller.send(request_278(member, trace="AGAIN"))) == "A1"


async def test_what_a_payer_has_not_indexed_yet_is_found_after_its_virtual_time(caller: Caller) -> None:
    await fails(caller, "SIMBLIND01")
    await caller.sim("clock", advance_seconds=119)
    assert seen(await caller.send(inquiry_278("SIMBLIND01"))) == "NC"
    await caller.sim("clock", advance_seconds=1)
    assert seen(await caller.send(inquiry_278("SIMBLIND01"))) == "A1"
    assert await filed(caller) == 1


async def test_the_payers_count_members_apart(caller: Caller) -> None:
    """The first request of an id is its first at that payer; other ids of the word have their own."""
    await fails(caller, "SIMDROP01")
    await fails(caller, "SIMDROP02")
    await fails(caller, "SIMDROP01", "BLUESTEM")
    assert await filed(caller) == 3


@pytest.mark.parametrize(
    ("member", "first", "then"),
    [
        ("SIMHTML01", b"<html>", b"HCR*A1"),
        ("SIMHTMLFILED01", b"<html>", b"HCR*A1"),
        ("SIMGARBAGE01", b"\x00\x01", b"HCR*A1"),
        ("SIMOTHERS01", b"OTHERCALLER1", b"HCR*A1"),
        ("SIMTWICE01", b"HCR*A1", b"HCR*A1"),
        ("SIMSLOW01", b"HCR*A1", b"HCR*A1"),
        ("SIMGUIDE01", b"AK9*R", b"AK9*R"),
        ("SIMINTERCHANGE01", b"TA1*", b"TA1*"),
        ("SIMENVELOPE01", b"CoreEnvelopeError", b"CoreEnvelopeError"),
        ("SIMFAULT01", b"soap:Receiver", b"soap:Receiver"),
    ],
)
async def test_members_that_misbehave_do_so_as_published(
    caller: Caller, member: str, first: bytes, then: bytes
) -> None:
    assert first in (await caller.send(request_278(member))).body
    assert then in (await caller.send(request_278(member, trace="TRACE0002"))).body
    assert await filed(caller) == {b"HCR*A1": 1 if member == "SIMHTML01" else 2}.get(then, 0)


async def test_a_slow_member_takes_the_seconds_it_was_started_with(caller: Caller) -> None:
    started = time.monotonic()
    await caller.send(request_278("SIMSLOW01"))
    assert 0.3 <= time.monotonic() - started < 3


async def test_unavailable_is_said_to_requests_inquiries_and_documents_and_uses_up_the_number(caller: Caller) -> None:
    await caller.send(request_278("SIMDOCS01"))
    for verb, payload in (
        ("request", request_278("SIMAPPROVE01")),
        ("inquiry", inquiry_278()),
        ("attachment", answer_275("SIMDOCS01", ("EVGD1-1", "U3ludGhldGlj"))),
    ):
        await caller.sim("behaviour", kind="unavailable", count=1, verb=verb)
        answer = await caller.send(payload)
        assert answer.first("AAA")[3:5] == ["42", "P"], verb
    assert await filed(caller) == 1


async def test_too_many_is_an_http_status(caller: Caller) -> None:
    await caller.sim("behaviour", kind="too_many", count=1)
    async with aiohttp.ClientSession() as session:
        sent = envelope(Wrapper().wrap(request_278()))
        async with session.post(f"{caller.url}/core", data=sent, headers=HEADERS) as response:
            assert response.status == 429
    assert await filed(caller) == 0
