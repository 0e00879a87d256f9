"""A connection as data: one endpoint of one network, with its limits, its breaker and what TLS must prove.

Several payers may stand behind one connection. Knows no channel: ``settings`` are checked by the channel's adapter.
Holds no credential, only names of secrets.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from gateway.contract.destination import Mode
from gateway.model.bounds import Bounds
from gateway.model.record import Record, refuse
from gateway.profiles.payer import Id, Provenance, Seconds

LONGEST_DEADLINE = 600.0
"""The longest that a connection's profile may wait for a reply, in seconds."""

SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]


class Limits(Record):
    """What the other side allows: calls at once, calls per second, and how many of these may come together."""

    concurrency: Annotated[int, Field(strict=True, ge=1, le=1000)] = 4
    per_second: Annotated[float, Field(strict=True, ge=0.01, le=10_000, allow_inf_nan=False)] = 5.0
    burst: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 5


class Breaker(Record):
    """After ``failures`` in a row nothing is sent for ``open_seconds``; then one call tries. After one that had its
    credentials refused nothing is sent for ``refused_seconds``, so that no account gets locked."""

    failures: Annotated[int, Field(strict=True, ge=1, le=1000)] = 5
    open_seconds: Seconds = 30.0
    refused_seconds: Seconds = 900.0


class Tls(Record):
    """What TLS must prove beyond the usual.

    ``ca`` is the path of a PEM bundle to trust instead of the system's. ``client_certificate`` names the secret that
    holds our certificate and key (PEM). ``pins`` are SHA-256 digests (base64) of public keys (SPKI), one of which
    must be that of the server's own certificate.
    """

    ca: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    client_certificate: SecretName | None = None
    pins: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")], ...], Bounds(0, 10)] = ()
    min_version: Literal["1.2", "1.3"] = "1.2"


class ConnectionProfile(Record):
    """One endpoint. ``deadline_seconds`` is for the whole reply of one exchange."""

    connection: Id
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    mode: Mode
    provenance: Provenance
    endpoint: Annotated[str, Field(max_length=500)]
    settings: Mapping[str, Any] = {}
    limits: Limits = Limits()
    breaker: Breaker = Breaker()
    tls: Tls = Tls()
    deadline_seconds: Annotated[float, Field(strict=True, ge=1, le=LONGEST_DEADLINE, allow_inf_nan=False)] = 60.0
    max_reply_bytes: Annotated[int, Field(strict=True, ge=1024, le=100_000_000)] = 10_000_000

    @field_validator("endpoint")
    @classmethod
    def _safe(cls, endpoint: str, info: ValidationInfo) -> str:
        try:
            url = urlsplit(endpoint)
            host, _ = url.hostname, url.port  # a port out of range raises here
        except ValueError:
            host, url = None, urlsplit("")
        if url.scheme not in ("http", "https") or not host or not all("!" <= char <= "~" for char in endpoint):
            refuse("endpoint", "This is not an http or https URL.", "Write https://host/path.")
        if url.username is not None or url.password is not None:
            refuse("endpoint", "The URL holds a credential.", "Name a secret in settings and remove it from the URL.")
        if "?" in endpoint or "#" in endpoint:
            refuse("endpoint", "The URL holds a query or a fragment.", "End the URL with its path.")
        if url.scheme == "http" and info.data.get("mode") is Mode.LIVE:
            refuse("endpoint", "A live connection must be encrypted.", "Write an https URL.")
        if url.scheme == "http" and not _loopback(host):
            refuse("endpoint", "An unencrypted connection may not leave this machine.", "Write an https URL.")
        return endpoint

    @field_validator("tls")
    @classmethod
    def _with_tls(cls, tls: Tls, info: ValidationInfo) -> Tls:
        if info.data.get("endpoint", "").lower().startswith("http:") and tls != Tls():
            refuse("tls", "There are TLS settings, and the endpoint has no TLS.", "Write an https URL, or remove tls.")
        return tls


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
