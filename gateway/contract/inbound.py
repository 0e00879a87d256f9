"""What an adapter does besides whose payers send messages to us: to our door, or into a mailbox that is asked.

Such a message is kept before it is acknowledged, and is a file that came (``mailbox.Correspondent``) from then on: it
is opened, placed and heard as any other. Pure, as all of an adapter is: acknowledgements are written from the message
and a stamp, so that a message that comes again is acknowledged in the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from gateway.contract.adapter import Stamp
from gateway.contract.destination import Mode
from gateway.contract.frames import Https, Reply
from gateway.model.record import Record


@dataclass(frozen=True)
class Partner:
    """The other side of a connection, whichever payer it speaks for. ``settings`` is an instance of the class that the
    adapter names for connections; ``xsd`` is as in ``Destination``."""

    connection: str
    mode: Mode
    endpoint: str
    settings: Record
    payers: tuple[Record, ...] = ()
    """The settings of each payer that it speaks for, as the adapter's class for them."""
    xsd: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Message:
    """A message as its envelope tells: ``id`` is the same for every sending of it, and for no other message of that
    ``sender``. ``keep`` is false for what needs no keeping: it tells nothing (a receipt)."""

    id: str
    body: bytes = field(repr=False)
    keep: bool = True
    sender: str = ""


@dataclass(frozen=True)
class Said:
    """What is answered at the door: an HTTP status, a media type and a body."""

    status: int
    media_type: str
    body: bytes = field(repr=False)


class Refused(Exception):
    """The message is not taken. ``answer`` tells its sender why; the text is in our words, without a value of it."""

    def __init__(self, why: str, answer: Said) -> None:
        super().__init__(why)
        self.answer = answer


@runtime_checkable
class Doorkeeper(Protocol):
    """An adapter whose payers send messages to our door."""

    def admit(self, body: bytes, media_type: str, at: Partner, stamp: Stamp) -> Message:
        """The message in what was sent. Raises Refused for what cannot be read, or is not for us from this sender."""
        ...

    def acknowledge(self, message: Message, at: Partner, stamp: Stamp) -> Said:
        """What is said once the message is kept. ``stamp`` is that of its first coming."""
        ...

    def contradict(self, message: Message, at: Partner, stamp: Stamp) -> Said:
        """What is said to another message under the id of one that came before."""
        ...


@runtime_checkable
class Collector(Protocol):
    """An adapter that asks a mailbox for messages, one at a time."""

    def collect(self, at: Partner, stamp: Stamp, receipt: str | None) -> Https:
        """The question for the next message. ``receipt`` is that of the message that was kept last, which may go."""
        ...

    def collected(self, reply: Reply, at: Partner, stamp: Stamp) -> tuple[Message, str] | None:
        """The message in the answer to the question of this stamp, and its receipt; None when there is no more. What
        cannot be read is a message all the same where its receipt can: it would be in the way of all that waits behind
        it. Raises Unreadable, NotSent and NeedsPerson."""
        ...
