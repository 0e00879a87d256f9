"""TLS against real handshakes: who is trusted, what we show, and what a refusal looks like under 1.2 and 1.3."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from gateway.contract.destination import Mode
from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent
from gateway.contract.frames import Https
from gateway.profiles.connection import Tls
from gateway.transport.https import HttpsTransport
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets
from gateway.transport.tls import spki_pin

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
VERSIONS = pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["tls1.2", "tls1.3"]
)


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self, encryption: KeySerializationEncryption | None = None) -> bytes:
        return self.certificate_pem + self.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()
        )

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def pin(self) -> str:
        return spki_pin(self.certificate.public_bytes(Encoding.DER))


@cache
def identity(name: str, signer: str | None = None, start: int = -1, end: int = 30) -> Identity:
    """A certificate of that name; ``signer`` names the authority, None for an authority itself. Days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by = identity(signer) if signer else None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + start * DAY)
        .not_valid_after(NOW + end * DAY)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    if by:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return Identity(builder.sign(by.key if by else key, hashes.SHA256()), key)


@dataclass
class Payer:
    port: int
    heard: bytearray = field(default_factory=bytearray)
    shown: list[str] = field(default_factory=list)
    """Common names of the client certificates seen."""


@asynccontextmanager
async def payer(
    folder: Path,
    version: ssl.TLSVersion,
    own: Identity | None = None,
    clients: Identity | None = None,
) -> AsyncIterator[Payer]:
    """A payer that speaks one TLS version and asks for a client certificate where ``clients`` names an authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    (folder / "server.pem").write_bytes((own or identity("localhost", "payer authority")).pem())
    context.load_cert_chain(folder / "server.pem")
    if clients:
        context.load_verify_locations(cadata=clients.certificate_pem.decode())
        context.verify_mode = ssl.CERT_REQUIRED

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if shown := writer.get_extra_info("peercert"):
                here.shown.extend(value for row in shown["subject"] for name, value in row if name == "commonName")
            while not here.heard.endswith(b"phi-canary"):
                if not (piece := await reader.read(65536)):
                    return
                here.heard += piece
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(meet, "localhost", 0, ssl=context, family=socket.AF_INET)
    here = Payer(server.sockets[0].getsockname()[1])
    async with server:
        yield here


async def ask(
    port: int,
    folder: Path,
    secrets: dict[str, bytes] | None = None,
    now: datetime = NOW,
    *,
    trust: Identity | None = None,
    host: str = "localhost",
    **tls: object,
) -> int:
    """The status of one effect frame sent to the payer."""
    (folder / "authorities.pem").write_bytes((trust or identity("payer authority")).certificate_pem)
    vault = folder / "secrets"
    vault.mkdir(exist_ok=True)
    for name, value in (secrets or {}).items():
        (vault / name).write_bytes(value)
    link = Link(
        "demo_clearinghouse",
        f"https://{host}:{port}/core",
        Mode.LIVE,
        Tls(**{"ca": str(folder / "authorities.pem"), "client_certificate": "client" if secrets else None} | tls),  # type: ignore[arg-type]
        connect_seconds=2,
    )
    transport = HttpsTransport(Secrets({"GATEWAY_SECRETS_DIR": str(vault)}), now=lambda: now)
    try:
        return (
            await transport.send(Https("POST", link.endpoint, effect=True, body=(b"phi-canary",), deadline=2), link)
        ).status
    finally:
        await transport.close()


CLIENTS = identity("client authority")


@VERSIONS
async def test_a_payer_whose_authority_we_trust_is_spoken_to(tmp_path: Path, version: ssl.TLSVersion) -> None:
    async with payer(tmp_path, version) as here:
        assert await ask(here.port, tmp_path) == 200


@pytest.mark.proves("AU-02")
@VERSIONS
async def test_the_right_client_certificate_is_shown_and_accepted(tmp_path: Path, version: ssl.TLSVersion) -> None:
    async with payer(tmp_path, version, clients=CLIENTS) as here:
        assert await ask(here.port, tmp_path, {"client": identity("us", "client authority").pem()}) == 200
        assert here.shown == ["us"]


@VERSIONS
@pytest.mark.parametrize(
    ("own", "trust", "host"),
    [
        (identity("localhost", "payer authority"), identity("another authority"), "localhost"),
        (identity("localhost", "payer authority", -3, -2), None, "localhost"),
        (identity("localhost", "payer authority", 2, 3), None, "localhost"),
        (identity("elsewhere", "payer authority"), None, "localhost"),
        (identity("localhost", "payer authority"), None, "127.0.0.1"),
        (identity("localhost"), None, "localhost"),
    ],
    ids=["wrong authority", "expired", "not yet valid", "another host", "an address", "signed by itself"],
)
async def test_a_payer_that_cannot_prove_itself_hears_nothing(
    tmp_path: Path, version: ssl.TLSVersion, own: Identity, trust: Identity | None, host: str
) -> None:
    async with payer(tmp_path, version, own) as here:
        with pytest.raises(NeedsPerson, match="not trusted"):
            await ask(here.port, tmp_path, trust=trust, host=host)
        assert here.heard == b""


async def test_without_an_own_bundle_only_the_systems_authorities_are_trusted(tmp_path: Path) -> None:
    async with payer(tmp_path, ssl.TLSVersion.TLSv1_3) as here:
        with pytest.raises(NeedsPerson, match="not trusted"):
            await ask(here.port, tmp_path, ca=None)
        assert here.heard == b""


@pytest.mark.proves("AU-03")
async def test_a_payer_below_the_lowest_tls_version_hears_nothing(tmp_path: Path) -> None:
    async with payer(tmp_path, ssl.TLSVersion.TLSv1_2) as here:
        with pytest.raises(NotSent, match="cut off"):
            await ask(here.port, tmp_path, min_version="1.3")
        assert here.heard == b""


async def test_a_payer_that_speaks_no_tls_hears_nothing(tmp_path: Path) -> None:
    heard = bytearray()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(65536))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(meet, "localhost", 0, family=socket.AF_INET) as server:
        with pytest.raises(NotSent, match="handshake failed"):
            await ask(server.sockets[0].getsockname()[1], tmp_path)
    assert b"phi-canary" not in heard


# The client certificate: absent, of the wrong authority, expired.


@pytest.mark.proves("AU-02")
async def test_under_tls_1_2_a_missing_client_certificate_was_not_sent(tmp_path: Path) -> None:
    async with payer(tmp_path, ssl.TLSVersion.TLSv1_2, clients=CLIENTS) as here:
        with pytest.raises(NotSent):
            await ask(here.port, tmp_path)
        assert here.heard == b""


@pytest.mark.proves("AU-02")
@pytest.mark.parametrize("shown", [None, identity("us", "another authority")], ids=["absent", "wrong authority"])
async def test_tls_1_3_client_certificate_ambiguity_the_refusal_comes_after_the_request_so_it_may_have_been_sent(
    tmp_path: Path, shown: Identity | None
) -> None:
    async with payer(tmp_path, ssl.TLSVersion.TLSv1_3, clients=CLIENTS) as here:
        with pytest.raises(MaybeSent, match="client certificate refused"):
            await ask(here.port, tmp_path, {"client": shown.pem()} if shown else None)


@pytest.mark.proves("AU-02")
@VERSIONS
@pytest.mark.parametrize(("start", "end"), [(-30, -1), (1, 30)], ids=["expired", "not yet valid"])
async def test_an_expired_client_certificate_needs_a_person_before_anything_is_sent(
    tmp_path: Path, version: ssl.TLSVersion, start: int, end: int
) -> None:
    async with payer(tmp_path, version, clients=CLIENTS) as here:
        with pytest.raises(NeedsPerson, match="expired or not valid yet"):
            await ask(here.port, tmp_path, {"client": identity("us", "client authority", start, end).pem()})
        assert here.heard == b""


async def test_a_client_certificate_expires_while_the_gateway_runs(tmp_path: Path) -> None:
    now = NOW
    (tmp_path / "client").write_bytes(identity("us", "client authority").pem())
    secrets = Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)})
    transport = HttpsTransport(secrets, now=lambda: now)
    link = Link("demo_clearinghouse", "https://localhost/core", Mode.LIVE, Tls(client_certificate="client"))
    valid = await transport.prepare(link)
    assert valid is not None
    assert NOW + 29 * DAY < valid.end <= NOW + 30 * DAY
    now = valid.end
    with pytest.raises(NeedsPerson):
        await transport.prepare(link)
    await transport.close()


@pytest.mark.proves("AU-02")
@VERSIONS
async def test_a_certificate_expired_by_the_payers_clock_only_is_told_as_its_tls_version_tells_it(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    expired = identity("us", "client authority", -30, -1)
    async with payer(tmp_path, version, clients=CLIENTS) as here:
        with pytest.raises(NotSent if version is ssl.TLSVersion.TLSv1_2 else MaybeSent):
            await ask(here.port, tmp_path, {"client": expired.pem()}, now=NOW - 10 * DAY)


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        (b"not a certificate", "no PEM certificate"),
        (identity("us", "client authority").certificate_pem, "cannot be used"),
        (
            identity("us", "client authority").certificate_pem
            + identity("other", "client authority").pem().partition(b"-----END CERTIFICATE-----\n")[2],
            "cannot be used",
        ),
        (identity("us", "client authority").pem(BestAvailableEncryption(b"password")), "cannot be used"),
    ],
    ids=["not PEM", "no key", "another's key", "an encrypted key"],
)
async def test_a_client_certificate_that_cannot_be_used_needs_a_person(
    tmp_path: Path, secret: bytes, says: str
) -> None:
    async with payer(tmp_path, ssl.TLSVersion.TLSv1_3, clients=CLIENTS) as here:
        with pytest.raises(NeedsPerson, match=says) as caught:
            await ask(here.port, tmp_path, {"client": secret})
        assert "PRIVATE" not in str(caught.value)
        assert here.heard == b""


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
async def test_a_bundle_of_authorities_that_cannot_be_read_needs_a_person(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "other.pem").write_bytes(content)
    with pytest.raises(NeedsPerson, match="authorities"):
        await ask(1, tmp_path, ca=str(tmp_path / "other.pem"))


async def test_a_certificate_that_was_changed_is_shown_from_the_next_frame_on(tmp_path: Path) -> None:
    (tmp_path / "authorities.pem").write_bytes(identity("payer authority").certificate_pem)
    transport = HttpsTransport(Secrets({"GATEWAY_SECRETS_DIR": str(tmp_path)}))
    async with payer(tmp_path, ssl.TLSVersion.TLSv1_3, clients=CLIENTS) as here:
        tls = Tls(ca=str(tmp_path / "authorities.pem"), client_certificate="client")
        link = Link("demo_clearinghouse", f"https://localhost:{here.port}/core", Mode.LIVE, tls)
        for name in ("old", "old", "new"):
            (tmp_path / "client").write_bytes(identity(name, "client authority").pem())
            frame = Https("POST", link.endpoint, effect=True, body=(b"phi-canary",), deadline=2)
            assert (await transport.send(frame, link)).status == 200
            here.heard.clear()
        assert here.shown == ["old", "old", "new"]
    await transport.close()


# Pins.


@VERSIONS
async def test_a_good_pin_goes_together_with_a_client_certificate(tmp_path: Path, version: ssl.TLSVersion) -> None:
    pins = (identity("backup", "payer authority").pin, identity("localhost", "payer authority").pin)
    async with payer(tmp_path, version, clients=CLIENTS) as here:
        assert await ask(here.port, tmp_path, {"client": identity("us", "client authority").pem()}, pins=pins) == 200
        assert here.shown == ["us"]


@pytest.mark.proves("AU-04")
@VERSIONS
async def test_with_a_bad_pin_no_byte_reaches_the_server(tmp_path: Path, version: ssl.TLSVersion) -> None:
    async with payer(tmp_path, version) as here:
        with pytest.raises(NeedsPerson, match="not pinned"):
            await ask(here.port, tmp_path, pins=(identity("backup", "payer authority").pin,))
        await asyncio.sleep(0.05)
        assert here.heard == b""


async def test_a_good_pin_does_not_stand_in_for_a_trusted_authority(tmp_path: Path) -> None:
    pins = (identity("localhost", "payer authority").pin,)
    async with payer(tmp_path, ssl.TLSVersion.TLSv1_3) as here:
        with pytest.raises(NeedsPerson, match="not trusted"):
            await ask(here.port, tmp_path, trust=identity("another authority"), pins=pins)
        assert here.heard == b""


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not run there")
def test_pins_and_client_certificates_work_on_the_loop_the_server_runs_on(tmp_path: Path) -> None:
    import uvloop

    async def run() -> None:
        own, client = identity("localhost", "payer authority"), {"client": identity("us", "client authority").pem()}
        async with payer(tmp_path, ssl.TLSVersion.TLSv1_3, clients=CLIENTS) as here:
            with pytest.raises(NeedsPerson, match="not pinned"):
                await ask(here.port, tmp_path, client, pins=(identity("backup", "payer authority").pin,))
            assert here.heard == b""
            assert await ask(here.port, tmp_path, client, pins=(own.pin,)) == 200
            with pytest.raises(MaybeSent):
                await ask(here.port, tmp_path)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def test_session_keys_are_not_written_where_the_environment_asks_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    async with payer(tmp_path, ssl.TLSVersion.TLSv1_3) as here:
        assert await ask(here.port, tmp_path) == 200
    assert not (tmp_path / "keys.log").exists()
