"""What a transport of files does: put one down, see what lies there, and pick up what came.

The engine speaks to this alone; which protocol carries the files is the transport's business. All raise the errors of
the contract, and two more of the kind NeedsPerson.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from gateway.contract.errors import NeedsPerson
from gateway.contract.frames import Drop, Look, Reply
from gateway.transport.link import Link


class CredentialsRefused(NeedsPerson):
    """The other side does not accept our credentials: the connection rests for its profile's ``refused_seconds``."""


class HostChanged(NeedsPerson):
    """The other side shows none of the host keys that the profile names: nothing is said to it any more."""


@dataclass(frozen=True)
class Lying:
    """A file that lies where the payer puts what it has for us. ``modified`` in whole seconds since 1970."""

    directory: str
    name: str
    size: int
    modified: int


class Pickup(Protocol):
    """One visit to a connection's mailbox, with one login."""

    async def list(self) -> tuple[Lying, ...]:
        """What lies in the profile's directories under names that it takes, without directories and links."""
        ...

    async def fetch(self, lying: Lying, most: int) -> bytes:
        """The file's bytes. Unreadable for one that the list calls longer than ``most``, NotSent for one that is longer
        or shorter than the list says: no more is read."""
        ...

    async def tidy(self, lying: Lying) -> None:
        """Do with a file that was stored what the profile says: leave it, delete it, or move it. One that is gone
        already is tidy."""
        ...


class MailTransport(Protocol):
    """``send`` raises NotSent where nothing can lie there, MaybeSent where a Drop may, and NeedsPerson where nothing
    was tried."""

    async def send(self, frame: Drop | Look, link: Link) -> Reply: ...

    def visit(self, link: Link) -> AbstractAsyncContextManager[Pickup]:
        """Entering it logs in. Raises NotSent where nobody is there."""
        ...

    async def close(self) -> None: ...
