"""How the simulated PBMs misbehave: in their replies, and in what they send to our door."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from lxml import etree

from tests.unit.pbm_messages import Caller, initiation, message, outcome, pbm_calling, status_for


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with pbm_calling() as found:
        yield found


async def until(caller: Caller, name: str, count: int = 1) -> list[dict[str, str]]:
    """What became of the PBM's messages once ``count`` of them are settled."""
    for _ in range(250):
        caller.clock.advance(0.5)
        told = (await caller.get("messages"))["messages"]
        if sum(each["state"] == name for each in told) >= count:
            return list(told)
        await asyncio.sleep(0.01)
    raise AssertionError([each["replies"] for each in told])


@pytest.mark.parametrize(
    ("kind", "filed"), [("drop_before_recording", 0), ("drop_after_recording", 1), ("truncated", 1)]
)
async def test_a_reply_is_lost_before_or_after_recording(caller: Caller, kind: str, filed: int) -> None:
    await caller.order(kind=kind, count=1)
    sent = initiation("SIMRXAPPROVE01")
    with pytest.raises(aiohttp.ClientError):
        await caller.post(sent)
    assert (await caller.get("filings"))["total"] == filed
    assert await caller.say(sent) == ("900 220" if filed else "010")
    assert (await caller.filing("SIMRXAPPROVE01"))["count"] == 1


@pytest.mark.parametrize(
    ("member", "http", "filed"),
    [("HTML", 200, 0), ("HTMLFILED", 200, 1), ("FAULT", 500, 0), ("FAULTFILED", 500, 1)],
)
async def test_a_page_comes_in_place_of_a_reply(caller: Caller, member: str, http: int, filed: int) -> None:
    sent = initiation(f"SIMRX{member}01")
    status, answer = await caller.post(sent)
    assert (status, b"<html>" in answer) == (http, True)
    assert (await caller.get("filings"))["total"] == filed
    assert await caller.say(sent) == ("900 220" if filed else "010")


@pytest.mark.parametrize(
    ("member", "first", "then"),
    [
        ("COMM", "600", "010"),
        ("TIMEDOUT", "600 008", "010"),
        ("SYSTEM", "602", "010"),
        ("DOWN", "600", "600"),
        ("CANNOT", "601", "601"),
        ("CONFIGURED", "700", "700"),
        ("REJECT", "900 1000", "900 1000"),
        ("SENDER", "900 4030", "900 4030"),
        ("SEENBEFORE", "900 220", "900 220"),
    ],
)
async def test_an_error_comes_once_or_always(caller: Caller, member: str, first: str, then: str) -> None:
    sent = initiation(f"SIMRX{member}01")
    assert [await caller.say(sent), await caller.say(sent)] == [first, then]
    assert (await caller.get("filings"))["total"] == (then == "010")


async def test_a_status_for_another_message(caller: Caller) -> None:
    _, answer = await caller.post(initiation("SIMRXOTHERS01", number="MINE"))
    assert etree.fromstring(answer).findtext("Header/RelatesToMessageID") not in ("MINE", None)
    assert (await caller.filing("SIMRXOTHERS01"))["count"] == 1


async def test_an_order_goes_to_its_message_and_is_used_up(caller: Caller) -> None:
    await caller.order(kind="error", code="602 4020", count=1, pbm="alder_rx", message="PAInitiationRequest")
    assert await caller.say(initiation("SIMRXAPPROVE01")) == "010"
    other = initiation("SIMRXAPPROVE01", to="ALDERRX")
    assert [await caller.say(other), await caller.say(other)] == ["602 4020", "000"]


async def test_messages_are_sent_with_our_password_until_a_status_is_said(caller: Caller) -> None:
    says = iter(
        [
            web.Response(status=503),
            web.Response(text="<html>"),
            status_for(b"<MessageID>ANOTHERS<"),
            status_for(b"", "<Error><Code>600</Code></Error>"),
        ]
    )
    caller.ours.says = lambda body: next(says, None)
    await caller.say(initiation("SIMRXAPPROVE01"))
    told = await until(caller, "delivered")
    assert told[0]["replies"] == ["HTTP 503", "no XML", "a Status for another message", "Error 600", "taken"]
    assert len(set(caller.ours.came)) == 1
    assert {*caller.ours.authorizations} == {"Basic " + base64.b64encode(b"pbm:demo-pbm-password").decode()}


@pytest.mark.parametrize(("said", "state"), [("220", "delivered"), ("2000", "refused")])
async def test_a_refused_message_is_not_sent_again(caller: Caller, said: str, state: str) -> None:
    error = f"<Error><Code>900</Code><DescriptionCode>{said}</DescriptionCode></Error>"
    caller.ours.says = lambda body: status_for(body, error)
    await caller.say(initiation("SIMRXAPPROVE01"))
    assert (await until(caller, state))[0]["attempts"] == 1


async def test_a_message_comes_twice_or_under_its_id_with_another_body(caller: Caller) -> None:
    await caller.say(initiation("SIMRXTWICE01"))
    await caller.hear(2)
    first, second = caller.ours.came
    assert first == second
    await caller.say(initiation("SIMRXCHANGED01"))
    await caller.hear(4)
    third, fourth = (etree.fromstring(each) for each in caller.ours.came[2:])
    assert third.findtext("Header/MessageID") == fourth.findtext("Header/MessageID")
    assert etree.tostring(third) != etree.tostring(fourth)


@pytest.mark.parametrize(
    ("kind", "looks"),
    [
        ("namespaced", rb'<Message xmlns="http://www\.ncpdp\.org/schema/transport" .*2013101'),
        ("wrong_version", rb'Version="20230115"'),
        ("unknown_elements", rb"StructureNobodyKnows"),
        ("oversized", rb" {12000000}"),
        ("no_reference", rb"<PAInitiationResponse><PAPriorityIndicator>"),
        ("broken", rb"^(?!.*</Message>)"),
    ],
)
async def test_what_is_sent_is_spoilt_on_order(caller: Caller, kind: str, looks: bytes) -> None:
    await caller.order(kind=kind, count=1)
    await caller.say(initiation("SIMRXAPPROVE01"))
    assert re.search(looks, await caller.wait(), re.DOTALL)


async def test_a_message_comes_late_or_never(caller: Caller) -> None:
    await caller.order(kind="late", seconds=1000, count=1)
    await caller.say(initiation("SIMRXAPPROVE01"))
    caller.clock.advance(900)
    await asyncio.sleep(0.1)
    assert caller.ours.came == []
    caller.clock.advance(1000)
    await caller.hear(1)
    await caller.order(kind="unsent", count=1)
    await caller.say(initiation("SIMRXAPPROVE02"))
    await until(caller, "unsent")
    assert len(caller.ours.came) == 1


async def test_a_wrong_password_or_a_hung_up_line_is_followed_by_the_right_message(caller: Caller) -> None:
    await caller.order(kind="stranger", count=1)
    await caller.say(initiation("SIMRXAPPROVE01"))
    caller.ours.says = lambda body: None if len(caller.ours.came) > 1 else web.Response(status=401)
    await until(caller, "delivered")
    assert len({*caller.ours.authorizations}) == 2
    assert len({*caller.ours.came}) == 1


async def test_silence_is_kept(caller: Caller) -> None:
    assert await caller.say(initiation("SIMRXSILENT01")) == "010"
    caller.clock.advance(100_000)
    await asyncio.sleep(0.1)
    assert caller.ours.came == []


async def test_a_verify_comes_first(caller: Caller) -> None:
    await caller.say(initiation("SIMRXVERIFY01"))
    first = await caller.hear(1)
    assert first.findtext("Body/Verify/VerifyStatus/Code") == "010"
    assert outcome(await caller.hear(2)) == "PAInitiationResponse Open"


async def test_operators_name_our_door_later_and_forget_everything(caller: Caller) -> None:
    url = (await caller.get("callback"))["url"]
    async with caller.session.post(f"{caller.url}/sim/callback", json={"url": ""}) as response:
        assert (await response.json())["url"] == ""
    await caller.say(initiation("SIMRXAPPROVE01"))
    caller.clock.advance(10)
    await asyncio.sleep(0.1)
    assert caller.ours.came == []
    async with caller.session.post(f"{caller.url}/sim/callback", json={"url": url}) as response:
        assert response.status == 200
    await caller.hear(1)
    async with caller.session.post(f"{caller.url}/sim/reset") as response:
        assert response.status == 200
    assert (await caller.get("filings"))["filings"] == []
    async with caller.session.post(f"{caller.url}/sim/behaviour", json={"kind": "nothing"}) as response:
        assert response.status == 400


async def test_the_log_keeps_what_went_both_ways(caller: Caller) -> None:
    sent = initiation("SIMRXCC01")
    await caller.say(sent)
    await until(caller, "delivered")
    log = (await caller.get("log"))["exchanges"]
    assert [each["message"] for each in log] == ["PAInitiationRequest", "PAInitiationResponse"]
    assert base64.b64decode(log[0]["received"]) == sent
    assert base64.b64decode(log[1]["sent"]) == caller.ours.came[0]


def test_the_command_serves_pbms_beside_the_payers() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance.simulators.core_payer", "--port", "0", "--pbm-port", "0"],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().decode().removeprefix("PBMs at ").strip()
        assert process.stdout.readline().startswith(b"listening on ")

        async def ask() -> int:
            async with aiohttp.ClientSession() as session, session.post(f"{url}/script", data=message("")) as response:
                return response.status

        assert asyncio.run(ask()) == 401
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode == 0
