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

_ANSWERS = {Seen.PLACED: Answer.PLACED, Seen.WRITTEN: Answer.NOT_FOUND, Seen.NOWHERE: Answer.UNAVAILABLE}
"""Only a file that is there under its temporary name, and not under its own, was never put down. One that is nowhere
was taken by somebody, for all that is known."""


def put_down(
    document: bytes, transaction: Transaction, losses: Sequence[Loss], to: Destination, stamp: Stamp
) -> Exchange:
    """One interchange in one file."""
    reply = yield sftp_x12.drop(document, transaction, losses, to, stamp)
    sftp_x12.read_drop(reply)
    return Outcome(answer=Answer.PLACED)


def look_for(filed: Stamp, to: Destination) -> Exchange:
    """Where the file of a filing is."""
    reply = yield sftp_x12.look(to, filed)
    return Outcome(answer=_ANSWERS[sftp_x12.read_look(reply, to, filed)])
