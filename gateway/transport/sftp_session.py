"""A login to an SFTP server: the server proves itself first, by a key of the profile, and then we do.

Nothing of this machine is used: no known_hosts, no configuration, no agent, no key of the user that runs the gateway.
The only code besides ``sftp_files`` that knows asyncssh, an optional part of the installation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import asyncssh

from gateway.contract.errors import ExchangeError, NeedsPerson, NotSent
from gateway.transport.link import Link
from gateway.transport.mailbox import CredentialsRefused, HostChanged
from gateway.transport.secrets import Secrets

T = TypeVar("T")

# It writes user names, and names of files, which may name patients.
logging.getLogger("asyncssh").setLevel(logging.CRITICAL + 1)

_ALIVE_SECONDS = 15
"""How often a silent server is asked whether it is there."""
_FAREWELL_SECONDS = 2
_SSH_PORT = 22
_PASSWORD = ("password", "keyboard-interactive")


@dataclass(frozen=True)
class Material:
    """What a login is made of, in memory. Sessions with equal material are alike."""

    user: str = field(repr=False)
    key: bytes | None = field(repr=False)
    password: str | None = field(repr=False)


@dataclass
class Session:
    """A login, and the files behind it."""

    connection: asyncssh.SSHClientConnection
    files: asyncssh.SFTPClient
    where: str
    users: int = 0

    @property
    def lost(self) -> bool:
        return self.connection.is_closed()

    async def told(self, step: Awaitable[T]) -> T:
        """What comes of a step. Raises NotSent for whatever the server, or the line to it, did not do."""
        try:
            return await step
        except asyncssh.SFTPError as refused:
            if not isinstance(refused, asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection):
                raise NotSent(f"{self.where}: the server refused (SFTP status {refused.code})") from None
        except (asyncssh.Error, ConnectionError):
            pass
        self.cut()
        raise NotSent(f"{self.where}: the line broke")

    def end(self) -> None:
        self.files.exit()
        self.connection.close()

    async def ended(self) -> None:
        """Wait until it is over, but not for a server that does not answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self.connection.wait_closed()
        self.connection.abort()

    def cut(self) -> None:
        self.connection.abort()


def gather(link: Link, secrets: Secrets) -> Material:
    """Read what a login needs. Raises NeedsPerson for what is missing."""
    if link.sftp is None:
        raise NeedsPerson(f"connection {link.connection}: its profile says nothing of SFTP")
    key, password = link.sftp.key_secret, link.sftp.password_secret
    return Material(
        _text(link.sftp.user_secret, secrets),
        secrets.value(key) if key else None,
        _text(password, secrets) if password else None,
    )


async def open_session(link: Link, material: Material) -> Session:
    """Raises HostChanged before anything of ours was said, CredentialsRefused, NotSent where nobody is there, and
    NeedsPerson."""
    where, url = f"connection {link.connection}", urlsplit(link.endpoint)
    try:
        connection = await asyncssh.connect(url.hostname or "", url.port or _SSH_PORT, options=_options(link, material))
    except (asyncssh.Error, OSError, TimeoutError) as error:
        failure: ExchangeError = _told(error, where)
    else:
        try:
            # Names as bytes: what a payer calls its files is no text that we could choose.
            return Session(connection, await connection.start_sftp_client(path_encoding=None), where)
        except (asyncssh.Error, OSError, TimeoutError) as error:
            connection.abort()
            refused = isinstance(error, asyncssh.ChannelOpenError)
            text = f"{where}: the server let us in and gave no SFTP"
            failure = NeedsPerson(text) if refused else NotSent(text)
    raise failure


def _options(link: Link, material: Material) -> asyncssh.SSHClientConnectionOptions:
    try:
        ours = [asyncssh.import_private_key(material.key)] if material.key is not None else None
    except (asyncssh.KeyImportError, ValueError):
        ours = []
    if ours == []:
        name = link.sftp.key_secret if link.sftp else None
        raise NeedsPerson(f"the secret {name} is no private key, or has a passphrase")
    keys = [asyncssh.import_public_key(key) for key in (link.sftp.host_keys if link.sftp else ())]
    methods = [*(["publickey"] if ours else []), *(_PASSWORD if material.password is not None else ())]
    return asyncssh.SSHClientConnectionOptions(
        config=None,
        known_hosts=(keys, [], []),
        username=material.user,
        client_keys=ours,
        password=material.password,
        # A password is shown once (asyncssh forgets it then): as an answer to a question only where the server takes
        # none otherwise. A second time would be a second failure to whoever counts them.
        preferred_auth=methods,
        agent_path=None,
        agent_forwarding=False,
        x509_trusted_certs=None,
        gss_host=None,
        connect_timeout=link.connect_seconds,
        login_timeout=link.connect_seconds,
        keepalive_interval=_ALIVE_SECONDS,
        client_version="payer-gateway",
    )


def _told(error: Exception, where: str) -> ExchangeError:
    """Its text is ours: what a server says may hold anything."""
    match error:
        case asyncssh.PermissionDenied():
            return CredentialsRefused(f"{where}: the server does not accept our credentials")
        case asyncssh.HostKeyNotVerifiable():
            return HostChanged(f"{where}: the server shows a host key that the profile does not name")
        case asyncssh.KeyExchangeFailed():
            # As likely a cipher or a key exchange as a host key: which it is, the library says in a text alone.
            return NeedsPerson(f"{where}: the server and we have no common cipher, key exchange or kind of host key")
        case TimeoutError():
            return NotSent(f"{where}: no login in time")
        case asyncssh.Error():
            return NotSent(f"{where}: the server ended the login")
        case _:
            return NotSent(f"{where}: no connection")


def _text(name: str, secrets: Secrets) -> str:
    try:
        return secrets.value(name).decode()
    except UnicodeDecodeError:
        raise NeedsPerson(f"the secret {name} is not text in UTF-8") from None
