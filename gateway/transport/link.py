"""What the transport must know of one connection to reach it. Values only; knows no payer and no channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from gateway.contract.destination import Mode
from gateway.profiles.authorization import Credentials
from gateway.profiles.browser import BrowserProfile
from gateway.profiles.connection import ConnectionProfile, Tls
from gateway.profiles.mailbox import MailboxProfile
from gateway.profiles.sftp import Sftp


@dataclass(frozen=True)
class Link:
    """One connection as the transport sees it. A frame may only go to the scheme, host and port of ``endpoint``."""

    connection: str
    endpoint: str
    mode: Mode
    tls: Tls = field(default_factory=Tls)
    auth: Credentials | None = None
    mailbox: MailboxProfile | None = None
    sftp: Sftp | None = None
    browser: BrowserProfile | None = None
    connect_seconds: float = 10.0
    deadline_seconds: float = 60.0
    """The longest a whole exchange may take, whatever a frame allows."""
    max_reply_bytes: int = 10_000_000
    refused_seconds: float = 900.0
    """How long nothing is said after our credentials were refused."""

    @classmethod
    def of(cls, profile: ConnectionProfile) -> Self:
        """The link of a connection's profile."""
        return cls(
            connection=profile.connection,
            endpoint=profile.endpoint,
            mode=profile.mode,
            tls=profile.tls,
            auth=profile.auth or profile.basic,
            mailbox=profile.mailbox,
            sftp=profile.sftp,
            browser=profile.browser,
            deadline_seconds=profile.deadline_seconds,
            max_reply_bytes=profile.max_reply_bytes,
            refused_seconds=profile.breaker.refused_seconds,
        )
