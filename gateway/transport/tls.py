"""TLS for one connection: whom we trust, what we show, and how long our certificate lasts.

Keys are handed to OpenSSL through memory, never through a file on disk. Knows nothing of HTTP.
"""

from __future__ import annotations

import base64
import hashlib
import os
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.contract.errors import NeedsPerson
from gateway.transport.link import Link
from gateway.transport.secrets import Secrets


@dataclass(frozen=True)
class Material:
    """The PEM texts a connection's TLS is made of, in memory. Sessions with equal material are alike."""

    authorities: bytes | None = field(default=None, repr=False)
    client: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Validity:
    """When our client certificate is valid."""

    start: datetime
    end: datetime


def gather(link: Link, secrets: Secrets) -> Material:
    """Read what a connection's TLS needs. Raises NeedsPerson for what is missing."""
    tls = link.tls
    authorities = None
    if tls.ca:
        try:
            authorities = Path(tls.ca).read_bytes()
        except OSError:
            authorities = b""  # read on: an empty bundle is refused below, with the connection's name
    return Material(authorities, secrets.value(tls.client_certificate) if tls.client_certificate else None)


def validity(material: Material, link: Link) -> Validity | None:
    """When our certificate is valid, None when we show none. Raises NeedsPerson when it is not a certificate."""
    if material.client is None:
        return None
    try:
        own = x509.load_pem_x509_certificates(material.client)[:1]
    except ValueError:
        own = []
    if not own:
        raise NeedsPerson(
            f"connection {link.connection}: the secret {link.tls.client_certificate} is no PEM certificate"
        )
    return Validity(own[0].not_valid_before_utc, own[0].not_valid_after_utc)


def make_context(material: Material, link: Link) -> ssl.SSLContext:
    """An SSL context for a connection. Raises NeedsPerson when its material is unusable."""
    # Not create_default_context: it would write session keys to the file SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3 if link.tls.min_version == "1.3" else ssl.TLSVersion.TLSv1_2
    problem = None
    if material.authorities is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(cadata=material.authorities.decode("ascii", "replace"))
        except (ssl.SSLError, ValueError):
            problem = "the bundle of trusted authorities cannot be read or holds no PEM certificate"
    if material.client is not None:
        try:
            with _as_file(material.client) as path:
                context.load_cert_chain(path, password=_no_password)
        except (ssl.SSLError, OSError):
            problem = "the client certificate and its key cannot be used (not PEM, not a pair, or encrypted)"
        context.post_handshake_auth = True
    if problem:
        raise NeedsPerson(f"connection {link.connection}: {problem}")
    if link.tls.pins:
        context.sslobject_class = _pinned(frozenset(link.tls.pins))
    return context


def spki_pin(certificate: bytes) -> str:
    """The pin of a DER certificate: base64 of the SHA-256 of its public key."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode()


def _pinned(pins: frozenset[str]) -> type[ssl.SSLObject]:
    """An SSL object that ends the handshake itself when the peer's key is not pinned: no byte of HTTP was said yet.

    aiohttp's own Fingerprint drops the client certificate (measured with 3.14), so it cannot be used with mutual TLS.
    """

    class Pinned(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            certificate = self.getpeercert(binary_form=True)
            if certificate is None or spki_pin(certificate) not in pins:
                raise ssl.SSLCertVerificationError("the peer's key is not pinned")

    return Pinned


def _no_password() -> str:
    """Without this OpenSSL would ask the terminal for an encrypted key's password, and wait."""
    return ""


@contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    """A path to the content for an interface that takes paths only; gone afterwards."""
    if sys.platform == "linux":
        handle = os.memfd_create("pem", os.MFD_CLOEXEC)
        with os.fdopen(handle, "wb") as memory:
            memory.write(content)
            memory.flush()
            yield f"/proc/self/fd/{handle}"
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            yield file.name
