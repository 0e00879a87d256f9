"""Files to and from payers, by whichever protocol is there: SFTP, where asyncssh is installed.

asyncssh is an optional part of the installation, for its licence and its size. It is loaded with the first file, so
that nobody needs it who has no such connection; where it is missing a person is told what to install.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from importlib import import_module
from importlib.util import find_spec

from gateway.contract.errors import NeedsPerson
from gateway.contract.frames import Drop, Look, Reply
from gateway.transport.link import Link
from gateway.transport.mailbox import MailTransport, Pickup
from gateway.transport.secrets import Secrets

_PACKAGE = "asyncssh"
INSTALL = "pip install 'payer-gateway[sftp]'"


def can_speak_sftp() -> bool:
    """Whether the optional part is installed."""
    return find_spec(_PACKAGE) is not None


class Files:
    """Implements ``gateway.transport.mailbox.MailTransport``."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._sftp: MailTransport | None = None

    async def send(self, frame: Drop | Look, link: Link) -> Reply:
        return await self._of(link).send(frame, link)

    def visit(self, link: Link) -> AbstractAsyncContextManager[Pickup]:
        return self._of(link).visit(link)

    async def close(self) -> None:
        if self._sftp is not None:
            await self._sftp.close()

    def _of(self, link: Link) -> MailTransport:
        if link.sftp is None:
            raise NeedsPerson(f"connection {link.connection}: its profile says nothing of SFTP")
        if self._sftp is None:
            self._sftp = _load(self._secrets)
        if self._sftp is None:
            raise NeedsPerson(f"connection {link.connection}: SFTP needs an optional part of the gateway: {INSTALL}")
        return self._sftp


def _load(secrets: Secrets) -> MailTransport | None:
    try:
        module = import_module("gateway.transport.sftp")
    except ModuleNotFoundError as error:
        if error.name != _PACKAGE:
            raise
        return None
    transport: MailTransport = module.SftpTransport(secrets)
    return transport
