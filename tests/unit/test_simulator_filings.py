"""The simulated payers count what was filed, also under concurrency, and show it to their operators."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conformance.simulators.core_payer import serve
from conformance.simulators.desk import Desk
from conformance.simulators.server import Options
from tests.unit.simulator_messages import (
    HEADERS,
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


async def test_a_large_document_travels(caller: Caller) -> None:
    """CAQH CORE asks for 64 MB; 20 MB is enough to leave every small buffer and parser limit behind."""
    asked = await caller.send(request_278("SIMDOCS01"))
    data = base64.b64encode(bytes(15_000_000)).decode()
    answer = await caller.send(answer_275("SIMDOCS01", (asked.first("PWK")[6], data)))
    assert answer.first("AK9")[1] == "A"


async def test_serve_stops_when_it_is_told_to() -> None:
    stop = asyncio.Event()
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve("127.0.0.1", 0, ready=listening.set_result, stop=stop))
    url = await asyncio.wait_for(listening, 5)
    stop.set()
    await asyncio.wait_for(task, 5)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(url)


def test_the_command_says_where_it_listens_and_ends_cleanly_on_sigterm() -> None:
    environment = {**os.environ, "SIM_USERNAME": "gateway", "SIM_PASSWORD": "another"}
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance.simulators.core_payer", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    url = process.stdout.readline().decode().removeprefix("listening on ").strip()

    async def talk() -> list[str]:
        async with aiohttp.ClientSession() as session:
            caller = Caller(session, url)
            payload = Wrapper().wrap(request_278("SIMAPPROVE01"))
            return [
                (await caller.post(envelope(payload, password=password))).field("ErrorCode")
                for password in ("demo-password", "another")
            ]

    loop = asyncio.new_event_loop()
    try:
        assert loop.run_until_complete(talk()) == ["UnAuthorized", "Success"]
    finally:
        loop.close()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_nothing_of_a_message_is_written_anywhere_when_the_simulator_itself_fails(
    caller: Caller, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("TESTPERSON")

    monkeypatch.setattr(Desk, "read", fail)
    answer = await caller.send(request_278())
    assert answer.status == 500
    assert b"soap:Receiver" in answer.body
    written = "".join(capfd.readouterr())
    assert "KeyError at " in written
    assert "TESTPERSON" not in written + answer.body.decode()


Identity = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def certificate(folder: Path, name: str, issuer: Identity | None = None) -> Identity:
    """A key and certificate on disk; self-signed, or of an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return built, key


async def test_with_a_client_authority_only_its_certificates_get_in(tmp_path: Path) -> None:
    authority = certificate(tmp_path, "authority")
    certificate(tmp_path, "server", authority)
    certificate(tmp_path, "client", authority)
    certificate(tmp_path, "stranger")
    options = Options(
        tls_cert=str(tmp_path / "server.pem"),
        tls_key=str(tmp_path / "server.key"),
        client_ca=str(tmp_path / "authority.pem"),
    )
    async with calling(options) as caller:
        url = caller.url.replace("127.0.0.1", "localhost")
        message = envelope(Wrapper().wrap(request_278()))
        bare = message.replace(message[message.index(b"<s:Header>") : message.index(b"<s:Body>")], b"")
        for name, welcome in (("stranger", False), ("", False), ("client", True)):
            context = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
            if name:
                context.load_cert_chain(tmp_path / f"{name}.pem", tmp_path / f"{name}.key")
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
                if welcome:
                    async with session.post(f"{url}/core", data=bare, headers=HEADERS) as response:
                        assert b"HCR*A1" in await response.read(), "the certificate says who calls"
                else:
                    with pytest.raises(aiohttp.ClientError):
                        await session.post(f"{url}/core", data=bare, headers=HEADERS)


async def test_an_inquiry_does_not_count_as_a_filing(caller: Caller) -> None:
    await caller.send(request_278())
    for _ in range(3):
        await caller.send(inquiry_278())
    assert (await caller.sim("filings"))["total"] == 1
    assert json.dumps(await caller.filed()).count("TRACE0001") == 1 + 1
