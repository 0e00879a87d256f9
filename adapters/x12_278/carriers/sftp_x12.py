"""X12 in files: one interchange in each, put down where the partner takes them from. What it says comes in other files.

The name of a file follows from the stamp of what it carries, so that whoever knows the stamp can look for it. Knows
names and directories; knows nothing of what an interchange says, nor how files travel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum

from adapters.x12_278.carriers.core_fields import payload_id
from adapters.x12_278.settings import FileSettings, Transaction, connection_settings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import MaybeSent, Unreadable
from gateway.contract.frames import Drop, Look, Loss, Reply
from gateway.contract.mailbox import Spot

_FILING: Transaction = "278_request"
"""What is looked for; a notice has the same kind of name."""
_PUT_DOWN, _LOOKED = 201, 200


class Seen(Enum):
    """Where the file of a filing is."""

    PLACED = "under its name"
    WRITTEN = "under its temporary name alone, which nobody takes"
    NOWHERE = "nowhere: it was taken, or put away"


def drop(interchange: bytes, transaction: Transaction, losses: Sequence[Loss], to: Destination, stamp: Stamp) -> Drop:
    """The frame that puts the interchange down; the same stamp and interchange give the same file."""
    name, temporary = _names(transaction, to, stamp)
    return Drop(
        directory=_settings(to).directory,
        name=name,
        temporary=temporary,
        body=interchange,
        document=interchange,
        document_type="application/edi-x12",
        losses=tuple(losses),
        deadline=connection_settings(to).deadline,
    )


def read_drop(reply: Reply) -> None:
    """Raises MaybeSent unless the file was put down."""
    if reply.status != _PUT_DOWN:
        raise MaybeSent("the file was not seen where it was put")


def spots(to: Destination) -> tuple[Spot, ...]:
    """Where files are put down, under all the names they may have."""
    settings = connection_settings(to).files
    if settings is None:
        return ()
    name = re.sub(r"\{[a-z]+\}", "*", settings.name)
    return tuple(Spot(settings.directory, each) for each in (name, settings.temporary.format(name=name)))


def look(to: Destination, filed: Stamp) -> Look:
    """The frame that looks for what this stamp filed."""
    return Look(_settings(to).directory, _names(_FILING, to, filed), deadline=connection_settings(to).deadline)


def read_look(reply: Reply, to: Destination, filed: Stamp) -> Seen:
    """Where that is. Raises Unreadable."""
    found = None
    with suppress(ValueError):
        found = json.loads(reply.body)
    if reply.status != _LOOKED or not isinstance(found, dict):
        raise Unreadable("what was seen is no list of names")
    name, temporary = _names(_FILING, to, filed)
    if name in found:
        return Seen.PLACED
    # An empty one is left where a rename was forbidden: what that did, nobody knows.
    return Seen.WRITTEN if found.get(temporary) else Seen.NOWHERE


def renames_whole(to: Destination) -> bool:
    """Whether what has its temporary name was never under its own, by the partner's word."""
    return _settings(to).rename == "atomic"


def _names(transaction: Transaction, to: Destination, stamp: Stamp) -> tuple[str, str]:
    """Its own, and that under which it is written."""
    settings, own = _settings(to), payload_id(stamp, b"").replace("-", "")
    name = settings.name.format(
        id=own,
        short=own[:16],
        number=f"{stamp.number:09d}",
        kind=transaction[:3],
        date=f"{stamp.at:%Y%m%d}",
        time=f"{stamp.at:%H%M%S}",
    )
    return name, settings.temporary.format(name=name)


def _settings(to: Destination) -> FileSettings:
    settings = connection_settings(to).files
    if settings is None:
        raise TypeError("the connection's settings are checked: they have files for this carrier")
    return settings
