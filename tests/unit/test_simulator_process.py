"""The simulated payers as a process: the command, its end, TLS, and what it must not write."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conformance.simulators.core_payer import main, serve
from conformance.simulators.desk import Desk
from conformance.simulators.server import Options
from tests.unit.simulator_messages import HEADERS, Caller, Wrapper, calling, envelope, request_278


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


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


def test_a_port_that_is_taken_or_none_is_told_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    out, err = capfd.readouterr()
    assert (out, err) == (
        "",
        f"payer-gateway sim: Cannot listen on 127.0.0.1:{port} (Address already in use). "
        "Choose another with --port, and --host.\n",
    )
    with pytest.raises(SystemExit, match="2"):
        main(["--port", "70000"])
    assert "0 to 65535" in capfd.readouterr().err


def test_a_certificate_that_cannot_be_read_is_told_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["--port", "0", "--tls-cert", str(tmp_path / "none.pem")]) == 2
    assert capfd.readouterr().err.splitlines() == [
        "payer-gateway sim: A certificate cannot be used (No such file or directory). "
        "Look at --tls-cert, --tls-key and --client-ca."
    ]


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
