"""Writes the envelope around a transaction: ISA, GS, ST, what was drafted, SE, GE, IEA, with every count and number.

The same draft and stamp give the same bytes. ISA15 comes from the destination's mode and from nowhere else.
"""

from __future__ import annotations

from typing import Final, Literal

from adapters.x12_278 import traces
from adapters.x12_278.asking.draft import Draft
from gateway.contract.destination import Mode

Guide = Literal["005010X217", "005010X215", "005010X216", "006020X316"]

REVIEW: Final = "005010X217"
INQUIRY: Final = "005010X215"
NOTICE: Final = "005010X216"
DOCUMENTS: Final = "006020X316"

_USAGE = {Mode.LIVE: "P", Mode.TEST: "T"}


def enclose(draft: Draft, guide: Guide) -> bytes:
    """The interchange that holds the draft as its one transaction. Its text is ASCII by then."""
    connection = draft.connection
    element, end = connection.element_delimiter, connection.segment_delimiter
    kind, group, version = ("275", "PI", "00602") if guide == DOCUMENTS else ("278", "HI", "00501")
    number = draft.stamp.number
    isa = (
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        connection.isa_sender_qualifier,
        connection.isa_sender_id.ljust(15),
        connection.isa_receiver_qualifier,
        connection.isa_receiver_id.ljust(15),
        draft.date[2:],
        draft.time[:4],
        connection.repetition_delimiter,
        version,
        f"{number:09d}",
        "0",
        _USAGE[draft.to.mode],
        connection.component_delimiter,
    )
    gs = (
        "GS",
        group,
        connection.gs_sender_id or connection.isa_sender_id.strip(),
        connection.gs_receiver_id or connection.isa_receiver_id.strip(),
        draft.date,
        draft.time,
        str(number),
        "X",
        guide,
    )
    segments = [
        element.join(isa),
        element.join(gs),
        element.join(("ST", kind, traces.TRANSACTION, guide)),
        *draft.segments,
        element.join(("SE", str(len(draft.segments) + 2), traces.TRANSACTION)),
        element.join(("GE", "1", str(number))),
        element.join(("IEA", "1", f"{number:09d}")),
    ]
    return (end.join(segments) + end).encode("ascii")
