"""An outcome in the making: values with the bytes they were read from, and what was not understood on the way."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from adapters.script_epa.codec.envelope import Received
from adapters.script_epa.codec.form import Part, places, said_at
from adapters.script_epa.codec.parties import Amount
from adapters.script_epa.codec.tree import Node
from gateway.model.outcome import Source

_AMOUNT = re.compile(r"[0-9]{1,11}(\.[0-9]{1,6})?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T.{0,40}|Z|[+-][0-9]{2}:[0-9]{2})?")
_MOST_MESSAGES, _LONGEST = 20, 2000


class Reading:
    """A doubt means that a person of ours must look."""

    def __init__(self, message: Received) -> None:
        self._message = message
        self.sources: dict[str, Source] = {}
        self.doubts: list[str] = []
        self.messages: list[str] = []

    def keep(self, pointer: str, node: Node | None) -> None:
        """Remember where the outcome's value at ``pointer`` was read."""
        if node is not None:
            self.sources[pointer] = Source(path=node.path, start=node.start, end=node.end)

    def place(self, value: Part, name: str) -> Node | None:
        """Where a field of an element was read, None where it says nothing."""
        return next(iter(places(value, name, self._message.version.tags)), None)

    def doubt(self, why: str) -> None:
        if why not in self.doubts:
            self.doubts.append(why)

    def tell(self, node: Node | None, before: str = "") -> None:
        """Pass a text of the payer's on, as one of the outcome's messages."""
        said = (said_at(node) or node.text) if node is not None else ""
        if node is not None and said and len(self.messages) < _MOST_MESSAGES:
            self.keep(f"/messages/{len(self.messages)}", node)
            self.messages.append(f"{before}{said[:_LONGEST]}")

    def moment(self) -> datetime | None:
        """The payer's own time of the message."""
        node = self._message.header.get(self._message.version.tags["SentTime"])
        if node is not None and self._message.sent_at is not None:
            self.keep("/effective_at", node)
        return self._message.sent_at


def day(written: str | None) -> date | None:
    """A day, with a time or without; None where it cannot be read."""
    found = _DAY.fullmatch(written or "")
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def written_in(quantity: Amount) -> str | None:
    """The number of a quantity; some write it without an element of its own."""
    return quantity.value or (quantity.node.text if quantity.node is not None else "") or None


def amount(written: str | None) -> Decimal | None:
    """A plain number, None for any other."""
    return Decimal(written) if written is not None and _AMOUNT.fullmatch(written) else None
