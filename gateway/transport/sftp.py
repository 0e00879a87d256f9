"""Files to and from payers over SFTP: one login for all who use a connection, and none for a while after a refused one.

Knows no file's meaning. Needs asyncssh, an optional part of the installation (``gateway.transport.files``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.contract.errors import MaybeSent, NeedsPerson, NotSent
from gateway.contract.frames import Drop, Look, Reply
from gateway.profiles.mailbox import MailboxProfile
from gateway.transport import sftp_files
from gateway.transport.link import Link
from gateway.transport.mailbox import HostChanged, Lying, Pickup
from gateway.transport.secrets import Secrets
from gateway.transport.sftp_session import Material, Session, gather, open_session

T = TypeVar("T")
_IDLE_SECONDS = 30.0
"""How long a login is kept that nobody uses: partners count them."""


@dataclass
class _Line:
    """One connection under one profile and one set of credentials."""

    link: Link
    material: Material
    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    session: Session | None = None
    in_use: int = 0
    refusal: NeedsPerson | None = None
    """What the last login was refused with; nobody tries before ``again``."""
    again: float = 0.0
    closing: asyncio.TimerHandle | None = None

    def end(self) -> None:
        if self.closing is not None:
            self.closing.cancel()
        session, self.session, self.closing = self.session, None, None
        if session is not None:
            session.end()

    def retire(self, session: Session) -> None:
        """What failed in the middle is not used for anything new. Others who speak over it may end."""
        if self.session is session:
            self.session = None

    def left(self, session: Session) -> None:
        session.users -= 1
        if not session.users and self.session is not session:
            session.cut()


class SftpTransport:
    """Implements ``gateway.transport.mailbox.MailTransport``. One event loop only; ``clock`` counts seconds."""

    def __init__(self, secrets: Secrets, clock: Callable[[], float] = time.monotonic) -> None:
        self._secrets = secrets
        self._clock = clock
        self._lines: dict[str, _Line] = {}

    async def send(self, frame: Drop | Look, link: Link) -> Reply:
        """The reply to a frame.

        NeedsPerson: nothing lies there (a missing secret, a refused login, another host key, no such directory).
        NotSent: nothing lies there: the file was not renamed, or the frame has no effect.
        MaybeSent: the rename was asked for, and how it went was not heard.
        """
        line = self._line(link)
        progress = sftp_files.Progress()
        try:
            async with asyncio.timeout(min(frame.deadline, link.deadline_seconds)), self._session(line) as session:
                if isinstance(frame, Look):
                    return await session.told(sftp_files.look(session.files, frame, link.connection))
                return await session.told(sftp_files.put(session.files, frame, link.connection, progress))
        except TimeoutError:
            what = f"connection {link.connection}: it was not done in time"
        except NotSent as failure:
            what = str(failure)
        raise MaybeSent(what) if progress.renaming else NotSent(what)

    def visit(self, link: Link) -> AbstractAsyncContextManager[Pickup]:
        """One visit to a connection's mailbox. Raises as ``send`` does, but never MaybeSent."""
        return self._visit(link)

    @asynccontextmanager
    async def _visit(self, link: Link) -> AsyncIterator[Pickup]:
        line = self._line(link)
        if link.mailbox is None:
            raise NeedsPerson(f"connection {link.connection}: its profile names no mailbox")
        async with self._session(line) as session:
            yield _Visit(line, session, link.mailbox)

    async def close(self) -> None:
        """End every login."""
        lines, self._lines = list(self._lines.values()), {}
        sessions = [line.session for line in lines if line.session is not None]
        for line in lines:
            line.end()
        for session in sessions:
            await session.ended()

    def _line(self, link: Link) -> _Line:
        """Raises NeedsPerson where a secret is missing."""
        material = gather(link, self._secrets)
        line = self._lines.get(link.connection)
        if line is None or line.link != link or line.material != material:
            if line is not None and not line.in_use:
                line.end()
            line = self._lines[link.connection] = _Line(link, material)
        return line

    @asynccontextmanager
    async def _session(self, line: _Line) -> AsyncIterator[Session]:
        """A login for as long as the context lasts. One that broke, or was left in the middle, is not used again."""
        line.in_use += 1
        try:
            session = await self._opened(line)
            session.users += 1
            try:
                yield session
            except (TimeoutError, asyncio.CancelledError):
                line.retire(session)
                raise
            finally:
                line.left(session)
        finally:
            line.in_use -= 1
            self._rest(line)

    async def _opened(self, line: _Line) -> Session:
        async with line.door:
            if line.closing is not None:
                line.closing.cancel()
                line.closing = None
            if line.refusal is not None and self._clock() < line.again:
                raise type(line.refusal)(str(line.refusal))
            if line.session is None or line.session.lost:
                line.refusal = line.session = None
                try:
                    line.session = await open_session(line.link, line.material)
                except HostChanged as changed:
                    # Until a person has looked and starts the gateway again, or with another profile.
                    line.refusal, line.again = changed, float("inf")
                    raise
                except NeedsPerson as refusal:
                    # Accounts are locked, and addresses shut out, after a few logins that failed.
                    line.refusal, line.again = refusal, self._clock() + line.link.refused_seconds
                    raise
            return line.session

    def _rest(self, line: _Line) -> None:
        if line.in_use or line.session is None:
            return
        if self._lines.get(line.link.connection) is not line:
            line.end()
        elif line.closing is None:
            line.closing = asyncio.get_running_loop().call_later(_IDLE_SECONDS, line.end)


@dataclass(frozen=True)
class _Visit:
    """Implements ``gateway.transport.mailbox.Pickup``. Each step has the connection's whole deadline."""

    _line: _Line
    _session: Session
    _mailbox: MailboxProfile

    async def list(self) -> tuple[Lying, ...]:
        return await self._in_time(sftp_files.lying(self._session.files, self._mailbox, self._line.link.connection))

    async def fetch(self, lying: Lying, most: int) -> bytes:
        return await self._in_time(sftp_files.fetch(self._session.files, lying, most, self._line.link.connection))

    async def tidy(self, lying: Lying) -> None:
        where = self._line.link.connection
        await self._in_time(sftp_files.tidy(self._session.files, lying, self._mailbox, where))

    async def _in_time(self, step: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._line.link.deadline_seconds):
                return await self._session.told(step)
        except TimeoutError:
            self._line.retire(self._session)
            raise NotSent(f"connection {self._line.link.connection}: it was not done in time") from None
