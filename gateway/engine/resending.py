"""Whether what is about to be said again is what was said before, byte for byte.

A payer that deduplicates knows a message by its numbers: under these nothing else may go. What an attempt's bytes are
follows from its request, its stamp and the profiles, and people edit profiles. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.contract.errors import CannotExpress
from gateway.contract.frames import Frame
from gateway.engine.entries import described
from gateway.model.status import Delivery
from gateway.store.records import Entry, EntryKind

_TOLD = (
    "an earlier sending may have arrived, and with the profiles of today it {} ({}). "
    "Nothing is sent. Put the profile back as it was and start the gateway, and it goes again by itself; or ask the "
    "payer whether it holds the request, and if it does not, cancel this one and submit it anew"
)


def changed(said: Iterable[Entry], frame: Frame) -> str | None:
    """Why the frame must not open the attempt again of which this was kept, for a person; None where it may. What
    certainly never arrived binds nobody."""
    now = described(frame)
    for entry in _openings(said):
        parts = [name for name, value in now.items() if entry.meta.get(name, value) != value]
        if entry.body != frame.redacted():
            parts.append("body")
        if parts:
            return _TOLD.format("would not go again as it went then", ", ".join(parts))
    return None


def unsaid(said: Iterable[Entry], error: CannotExpress) -> str | None:
    """Why an attempt that cannot be said any more must not end by that, for a person; None where it may."""
    return _TOLD.format("cannot be said any more", error) if _openings(said) else None


def _openings(said: Iterable[Entry]) -> list[Entry]:
    """The first frame of each sending that may have arrived."""
    openings: list[Entry] = []
    before: str | None = None
    for entry in said:
        if entry.kind is EntryKind.FRAME:
            if before is not EntryKind.REPLY and not entry.meta.get("goes_on"):  # else an exchange went on
                openings.append(entry)
        elif before in (EntryKind.FRAME, EntryKind.REPLY) and entry.meta.get("delivery") == Delivery.PLANNED:
            openings.pop()  # it was not sent, or was refused at the door; a note without a frame tells of no sending
        before = entry.kind
    return openings
