"""What a carrier is: it wraps an interchange into a frame, and takes the interchange out of the reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from adapters.x12_278.settings import Transaction
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.frames import Https, Loss, Reply


class Carrier(Protocol):
    def wrap(
        self,
        interchange: bytes,
        transaction: Transaction,
        effect: bool,
        losses: Sequence[Loss],
        to: Destination,
        stamp: Stamp,
    ) -> Https:
        """The frame that carries the interchange. The frame's ``document`` is the interchange."""
        ...

    def unwrap(self, reply: Reply, to: Destination, stamp: Stamp | None, effect: bool) -> bytes:
        """The X12 bytes of the reply, whatever they say (a 278, a 999, a TA1).

        ``stamp`` is that of the frame this answers, None when the payer called us, and ``effect`` says whether that
        frame had one: a failure that proves nothing is MaybeSent then. Where the envelope holds no X12:
        EnvelopeRefused, Unreadable, NotSent, MaybeSent or NeedsPerson.
        """
        ...
