"""The simulated payers count what was filed, also under concurrency, and show it to their operators."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from conformance.simulators.server import Options
from tests.unit.simulator_messages import (
    Caller,
    Wrapper,
    calling,
    envelope,
    inquiry_278,
    request_278,
)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


async def test_the_same_interchange_again_is_a_duplicate_and_files_nothing(caller: Caller) -> None:
    message = envelope(Wrapper(control="000000042").wrap(request_278()))
    await caller.post(message)
    again = await caller.post(message)
    assert again.first("TA1")[1:6:3] == ["000000042", "R"]
    assert again.first("TA1")[5] == "025"
    assert [(filing["count"], filing["alike"]) for filing in await caller.filed()] == [(1, 1)]


async def test_the_same_request_under_a_new_control_number_is_a_second_filing(caller: Caller) -> None:
    for _ in range(2):
        await caller.send(request_278())
    entries = await caller.filed()
    assert [(entry["count"], entry["alike"], entry["trace"]) for entry in entries] == [(2, 2, "TRACE0001")]
    assert len(set(entries[0]["controls"])) == 2


async def test_a_new_trace_does_not_hide_that_the_same_thing_was_filed_twice(caller: Caller) -> None:
    await caller.send(request_278(trace="FIRST"))
    await caller.send(request_278(trace="SECOND"))
    await caller.send(request_278(trace="OTHER", lines=(("J1745", "5"),)))
    entries = {entry["trace"]: (entry["count"], entry["alike"]) for entry in await caller.filed()}
    assert entries == {"FIRST": (1, 2), "SECOND": (1, 2), "OTHER": (1, 1)}


async def test_a_payer_may_give_its_first_answer_again() -> None:
    async with calling(Options(duplicates="same_answer")) as caller:
        message = envelope(Wrapper().wrap(request_278()))
        first, second = await caller.post(message), await caller.post(message)
        assert first.payload == second.payload
        assert len(await caller.filed()) == 1


async def test_a_payer_may_refuse_a_number_it_has_seen_by_a_999() -> None:
    async with calling(Options(duplicates="999")) as caller:
        message = envelope(Wrapper().wrap(request_278()))
        await caller.post(message)
        refused = await caller.post(message)
        assert refused.payload.count("AK9*R*1*1*0*19~") == 1
        assert [filing["count"] for filing in await caller.filed()] == [1]


async def test_a_careless_payer_files_the_same_interchange_twice() -> None:
    async with calling(Options(duplicates="accept")) as caller:
        message = envelope(Wrapper().wrap(request_278()))
        await caller.post(message)
        await caller.post(message)
        assert [filing["count"] for filing in await caller.filed()] == [2]


async def test_control_numbers_are_counted_for_each_payer(caller: Caller) -> None:
    for receiver in ("EVERGREEN", "BLUESTEM"):
        answer = await caller.send(request_278(receiver=receiver), Wrapper(receiver=receiver, control="000000007"))
        assert answer.first("HCR")[1] == "A1"


async def test_hundreds_of_requests_at_once_are_each_filed_once(caller: Caller) -> None:
    members = [f"SIMAPPROVE{number:04d}" for number in range(300)]
    messages = [envelope(Wrapper().wrap(request_278(member, trace=member))) for member in members]
    answers = await asyncio.gather(*(caller.post(message) for message in messages))
    numbers = {answer.first("HCR")[2] for answer in answers}
    assert len(numbers) == 300
    assert [answer.first("TRN")[2] for answer in answers] == members, "each caller got its own answer"
    entries = await caller.filed()
    assert {entry["count"] for entry in entries} == {entry["alike"] for entry in entries} == {1}
    assert {entry["member"] for entry in entries} == set(members)


async def test_a_message_sent_many_times_at_once_is_filed_once(caller: Caller) -> None:
    message = envelope(Wrapper().wrap(request_278()))
    answers = await asyncio.gather(*(caller.post(message) for _ in range(40)))
    assert sum(bool(answer.first("HCR")) for answer in answers) == 1
    assert sum(answer.first("TA1")[5:] == ["025"] for answer in answers if answer.first("TA1")) == 39
    assert (await caller.sim("filings"))["total"] == 1


async def test_filings_can_be_asked_for_by_payer_and_member(caller: Caller) -> None:
    await caller.send(request_278("SIMAPPROVE01"))
    await caller.send(request_278("SIMDENY01", receiver="BLUESTEM"))
    assert [filing["outcome"] for filing in await caller.filed(payer="bluestem_mutual")] == ["A3"]
    assert [filing["payer"] for filing in await caller.filed(member="SIMAPPROVE01")] == ["evergreen_health"]
    assert await caller.filed(member="SIMAPPROVE02") == []


async def test_the_log_keeps_the_bytes_of_both_directions(caller: Caller) -> None:
    message = envelope(Wrapper().wrap(request_278()))
    answer = await caller.post(message)
    entry = (await caller.sim("log"))["exchanges"][0]
    assert base64.b64decode(entry["received"]) == message
    assert base64.b64decode(entry["sent"]) == answer.body
    assert (entry["verb"], entry["outcome"]) == ("request", "filed A1")


async def test_the_log_keeps_only_the_newest_exchanges() -> None:
    async with calling(Options(log_size=2)) as caller:
        for number in range(4):
            await caller.send(request_278(trace=f"T{number}"))
        entries = (await caller.sim("log"))["exchanges"]
        assert [entry["number"] for entry in entries] == [3, 4]


async def test_the_clock_moves_by_hand_and_at_its_factor() -> None:
    async with calling(Options(clock_factor=0)) as caller:
        before = (await caller.sim("clock"))["now"]
        await asyncio.sleep(0.05)
        assert (await caller.sim("clock"))["now"] == before
        assert (await caller.sim("clock", advance_seconds=3600))["now"] == before + 3600
        await caller.sim("clock", factor=1000)
        await asyncio.sleep(0.1)
        assert (await caller.sim("clock"))["now"] > before + 3600 + 90
        assert (await caller.sim("clock", advance_seconds=-1))["status"] == 400


async def test_answers_are_dated_by_the_virtual_clock_where_the_payers_are() -> None:
    async with calling(Options(clock_factor=0)) as caller:
        now = (await caller.sim("clock", advance_seconds=10 * 86400))["now"]
        answer = await caller.send(request_278())
        here = datetime.fromtimestamp(now, ZoneInfo("America/New_York"))
        assert answer.first("BHT")[4:6] == [f"{here:%Y%m%d}", f"{here:%H%M%S}"]
        assert answer.first("ISA")[9:11] == [f"{here:%y%m%d}", f"{here:%H%M}"]
        assert answer.field("TimeStamp") == f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}"


async def test_members_can_be_listed(caller: Caller) -> None:
    words = await caller.sim("members")
    assert words["SIMBLIND"]
    assert words["SIMDOCS"]


async def test_latency_is_taken_in_turn() -> None:
    async with calling(Options(latency=(0.0, 0.25))) as caller:
        took = []
        for number in range(4):
            started = time.monotonic()
            await caller.send(request_278(trace=f"T{number}"))
            took.append(time.monotonic() - started >= 0.25)
        assert took == [False, True, False, True]


async def test_an_inquiry_does_not_count_as_a_filing(caller: Caller) -> None:
    await caller.send(request_278())
    for _ in range(3):
        await caller.send(inquiry_278())
    assert (await caller.sim("filings"))["total"] == 1
    assert json.dumps(await caller.filed()).count("TRACE0001") == 1 + 1
