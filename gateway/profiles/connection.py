"""A connection as data: one endpoint of one network, with its limits, its breaker and what TLS must prove.

Several payers may stand behind one connection. Knows no channel: ``settings`` are checked by the channel's adapter.
Holds no credential, only names of secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gateway.contract.destination import Mode
from gateway.model.bounds import Bounds
from gateway.model.record import Record, refuse
from gateway.profiles.address import check_address, check_file_server
from gateway.profiles.authorization import BasicCredentials, ClientCredentials, SecretName
from gateway.profiles.browser import BrowserProfile
from gateway.profiles.facts import Effective, Id, Provenance
from gateway.profiles.inbound import Inbound, Polling
from gateway.profiles.mailbox import MailboxProfile
from gateway.profiles.payer import Seconds
from gateway.profiles.sftp import Sftp

_SORT_SECONDS = 1.0
"""How often what came through our door is opened."""
LONGEST_DEADLINE = 600.0
"""The longest that a connection's profile may wait for a reply, in seconds."""


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


class ConnectionLayer(Record):
    """What is otherwise with a connection on some days. It holds differences only."""

    effective: Effective
    provenance: Provenance
    settings: Mapping[str, Any] = {}
    guides: Mapping[str, Mapping[str, Any]] = {}

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if not (self.settings or self.guides):
            refuse("layer", "This layer holds no difference.", "Write settings or guides, or remove it.")
        return self


class ConnectionProfile(Record):
    """One endpoint. ``deadline_seconds`` is for the whole reply of one exchange.

    ``one_line`` says that one message here asks for one line: a request with several goes as several submissions.
    """

    connection: Id
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    mode: Mode
    provenance: Provenance
    endpoint: Annotated[str, Field(max_length=500)]
    auth: ClientCredentials | None = None
    basic: BasicCredentials | None = None
    one_line: Annotated[bool, Field(strict=True)] = False
    settings: Mapping[str, Any] = {}
    guides: Mapping[str, Mapping[str, Any]] = {}
    layers: Annotated[tuple[ConnectionLayer, ...], Bounds(0, 100)] = ()
    limits: Limits = Limits()
    breaker: Breaker = Breaker()
    tls: Tls = Tls()
    mailbox: MailboxProfile | None = None
    inbound: Inbound | None = None
    polling: Polling | None = None
    sftp: Sftp | None = None
    browser: BrowserProfile | None = None
    xsd: Annotated[str, Field(min_length=1, max_length=300, pattern=r"\.xsd$")] | None = None
    """Path of the schema file that messages over it are held against; those it includes lie beside it."""
    deadline_seconds: Annotated[float, Field(strict=True, ge=1, le=LONGEST_DEADLINE, allow_inf_nan=False)] = 60.0
    max_reply_bytes: Annotated[int, Field(strict=True, ge=1024, le=100_000_000)] = 10_000_000

    @field_validator("endpoint")
    @classmethod
    def _safe(cls, endpoint: str, info: ValidationInfo) -> str:
        if endpoint.lower().startswith("sftp:"):
            return check_file_server("endpoint", endpoint)
        return check_address("endpoint", endpoint, info.data.get("mode"))

    @field_validator("auth")
    @classmethod
    def _safe_to_ask(cls, auth: ClientCredentials | None, info: ValidationInfo) -> ClientCredentials | None:
        if auth is not None and {"mode", "endpoint"} <= info.data.keys():
            endpoint = info.data["endpoint"]
            token_url = check_address("token_endpoint", auth.token_url(endpoint), info.data["mode"])
            if token_url.lower().startswith("http:") and endpoint.lower().startswith("https:"):
                refuse("token_endpoint", "The endpoint has TLS, and the token endpoint has none.", "Write https.")
        return auth

    @field_validator("tls")
    @classmethod
    def _with_tls(cls, tls: Tls, info: ValidationInfo) -> Tls:
        if info.data.get("endpoint", "").lower().startswith("http:") and tls != Tls():
            refuse("tls", "There are TLS settings, and the endpoint has no TLS.", "Write an https URL, or remove tls.")
        return tls

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if self.speaks_sftp is (self.sftp is None):
            refuse("sftp", "sftp is for an endpoint sftp://, which needs it.", "Write it, or remove it.")
        if self.speaks_sftp and self.mailbox is None:
            refuse("mailbox", "Nobody looks for what the other side puts there.", "Write mailbox with its directories.")
        if self.speaks_sftp and (self.tls != Tls() or self.auth or self.basic or self.inbound or self.polling):
            says = "tls, auth, basic, inbound and polling are of HTTP, and this endpoint is an SFTP server."
            refuse("sftp", says, "Remove them.")
        if self.auth is not None and self.basic is not None:
            refuse("basic", "There are two ways to say who we are.", "Write auth or basic.")
        if sum(way is not None for way in (self.mailbox, self.inbound, self.polling)) > 1:
            says = "mailbox looks for files, inbound waits for messages, polling asks for them."
            refuse("inbound", says, "Write the one by which the other side answers.")
        return self

    @model_validator(mode="after")
    def _of_a_site(self) -> Self:
        if self.browser is None:
            return self
        other = (self.auth, self.basic, self.mailbox, self.inbound, self.polling, self.sftp, self.xsd)
        if self.speaks_sftp or self.tls != Tls() or any(way is not None for way in other):
            says = (
                "A browser speaks for itself: tls, auth, basic, mailbox, inbound, polling, sftp and xsd are none of it."
            )
            refuse("browser", says, "Remove them.")
        for place, origin in enumerate(self.browser.origins):
            check_address(f"browser/origins/{place}", origin, self.mode)
        if urlsplit(self.endpoint).hostname in self.browser.silenced:
            refuse("silenced", "The site itself is silenced.", "Remove its host from browser.silenced.")
        if self.browser.sessions > self.limits.concurrency:
            says = "There are more pages at once than the connection takes conversations."
            refuse("sessions", says, "Write browser.sessions no larger than limits.concurrency.")
        return self

    @property
    def look_seconds(self) -> float | None:
        """How often somebody looks for what the other side has for us; None where nothing comes but replies."""
        box = self.mailbox or self.polling
        if box is not None:
            return box.look_seconds
        return None if self.inbound is None else _SORT_SECONDS

    @property
    def places(self) -> int:
        """How many conversations it takes at once."""
        return self.limits.concurrency if self.browser is None else self.browser.sessions

    @property
    def speaks_sftp(self) -> bool:
        return self.endpoint.lower().startswith("sftp:")
