"""How a filing goes in a file: it is put down, and all that the payer says comes in files of its own (``post``).

To ask is to look whether the file still lies there, for a payer that is spoken to in files is asked nothing. Knows no
names.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.x12_278.carriers import sftp_x12
from adapters.x12_278.carriers.sftp_x12 import Seen
from adapters.x12_278.settings import Transaction
from gateway.contract.adapter import Exchange, Stamp
from gateway.contract.destination import Destination
from gateway.contract.frames import Loss
from gateway.model.outcome import Answer, Outcome


def put_down(
    document: bytes, transaction: Transaction, losses: Sequence[Loss], to: Destination, stamp: Stamp
) -> Exchange:
    """One interchange in one file."""
    reply = yield sftp_x12.drop(document, transaction, losses, to, stamp)
    sftp_x12.read_drop(reply)
    return Outcome(answer=Answer.PLACED)


def look_for(filed: Stamp, to: Destination) -> Exchange:
    """Where the file of a filing is. One that is there under its temporary name alone was never put down only where
    a rename cannot be half done; one that is nowhere was taken by somebody, for all that is known."""
    reply = yield sftp_x12.look(to, filed)
    seen = sftp_x12.read_look(reply, to, filed)
    if seen is Seen.PLACED:
        return Outcome(answer=Answer.PLACED)
    absent = seen is Seen.WRITTEN and sftp_x12.renames_whole(to)
    return Outcome(answer=Answer.NOT_FOUND if absent else Answer.UNAVAILABLE)
