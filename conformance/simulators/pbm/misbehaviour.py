"""Ways a PBM fails its callers, in its replies and in what it sends. And the orders to do so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """In a reply: each says whether the message was recorded before things went wrong."""

    DOWN = "down"
    """503 and an HTML page. Not recorded."""
    LOST = "drop_before_recording"
    DROP_AFTER_RECORDING = "drop_after_recording"
    """The connection closed without a byte."""
    HTML_200 = "html_200"
    HTML_AFTER_RECORDING = "html_after_recording"
    SERVER_ERROR = "server_error"
    """500 and an HTML page. Not recorded."""
    SERVER_ERROR_AFTER_RECORDING = "server_error_after_recording"
    TRUNCATED = "truncated"
    """Recorded; half of the answer."""
    EMPTY = "empty"
    """Recorded; 200 and no body."""
    SLOW = "slow"
    """Recorded; the answer after ``seconds``."""
    WRONG_CORRELATION = "wrong_correlation"
    """Recorded; the Status is for another MessageID."""
    ERROR = "error"
    """An Error of ``code`` (600 where none is given). Not recorded."""
    REFUSED_AFTER_RECORDING = "error_after_recording"
    """Recorded; an Error of ``code`` (602)."""

    # In what is sent to the door or put into the mailbox
    TWICE = "twice"
    REORDERED = "reordered"
    """After the next message of the case, or after 5 virtual seconds."""
    CHANGED = "changed"
    """A second time, under the same MessageID with another body."""
    LATE = "late"
    """``seconds`` of virtual time later."""
    UNSENT = "unsent"
    """Never."""
    HANGS_UP = "hangs_up"
    """Sent, and the connection closed before the reply is read; then again."""
    NO_REFERENCE = "no_reference"
    OTHER_CASE = "other_case"
    """A PAResponse under the PACaseID of nobody."""
    CASE_ONLY = "case_only"
    """A PAResponse that names its case by PACaseID, and by nothing else."""
    NAMESPACED = "namespaced"
    WRONG_VERSION = "wrong_version"
    UNKNOWN_ELEMENTS = "unknown_elements"
    OVERSIZED = "oversized"
    BROKEN = "broken"
    STRANGER = "stranger"
    """With a password that is none; then rightly."""


REPLIES = frozenset(
    {
        Kind.DOWN,
        Kind.LOST,
        Kind.DROP_AFTER_RECORDING,
        Kind.HTML_200,
        Kind.HTML_AFTER_RECORDING,
        Kind.SERVER_ERROR,
        Kind.SERVER_ERROR_AFTER_RECORDING,
        Kind.TRUNCATED,
        Kind.EMPTY,
        Kind.SLOW,
        Kind.WRONG_CORRELATION,
        Kind.ERROR,
        Kind.REFUSED_AFTER_RECORDING,
    }
)
UNRECORDED = frozenset({Kind.DOWN, Kind.LOST, Kind.HTML_200, Kind.SERVER_ERROR, Kind.ERROR})
SENDINGS = frozenset(Kind) - REPLIES


@dataclass(slots=True)
class Order:
    """Misbehave so at the next ``count`` messages (None: until reset) of that PBM and name, if any are told."""

    kind: Kind
    count: int | None = None
    pbm: str | None = None
    message: str | None = None
    seconds: float = 3.0
    code: str = ""


@dataclass(slots=True)
class Orders:
    """The orders in force; the oldest that fits is obeyed."""

    given: list[Order] = field(default_factory=list)

    def next(self, kinds: Collection[Kind], pbm: str, message: str) -> Order | None:
        for order in self.given:
            if order.kind in kinds and order.pbm in (None, pbm) and order.message in (None, message):
                if order.count is not None:
                    order.count -= 1
                    if order.count <= 0:
                        self.given.remove(order)
                return order
        return None
