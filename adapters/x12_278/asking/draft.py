"""What is being written: segments so far, what they do not carry, and what cannot be said at all.

Every value passes through here once, so every value ends in characters and lengths that travel, or on one of the two
lists. Knows segments and characters; the loops are the business of ``encode`` and its neighbours.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from adapters.x12_278.asking.characters import Writing, alphabet
from adapters.x12_278.settings import connection_settings, payer_settings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.contract.frames import Loss

Kept = Literal["note", "attachment", "shortened", "transliterated", "dropped"]

_DIGIT = re.compile("[0-9]")

REWRITTEN = "characters that X12 does not carry are written with others"


class Draft:
    """A transaction on its way to bytes. ``segments`` have neither ST nor SE nor terminators yet."""

    def __init__(self, to: Destination, stamp: Stamp) -> None:
        self.to = to
        self.stamp = stamp
        self.payer = payer_settings(to)
        self.connection = connection_settings(to)
        # The payer's local time: the formats have no zone.
        now = stamp.at.astimezone(ZoneInfo(self.payer.time_zone)).strftime("%Y%m%d%H%M%S")
        self.date, self.time = now[:8], now[8:]
        self.segments: list[str] = []
        self.losses: list[Loss] = []
        self.faults: list[Inexpressible] = []
        self._element = self.connection.element_delimiter
        self._component = self.connection.component_delimiter
        self._others = (self.connection.repetition_delimiter, self.connection.segment_delimiter)
        self.alphabet = alphabet(self.connection.charset, "".join((self._element, self._component, *self._others)))
        self._capitalised = False
        self._levels = 0

    def add(self, *elements: str) -> None:
        """A segment: its tag, then its elements. Empty ones at the end are left out."""
        self.segments.append(self._joined(self._element, elements))

    def composite(self, *components: str) -> str:
        return self._joined(self._component, components)

    def _joined(self, delimiter: str, values: tuple[str, ...]) -> str:
        """The values side by side. The last line of defence: one that held a delimiter would move all after it."""
        text = delimiter.join(values)
        if text.count(delimiter) != max(len(values) - 1, 0) or any(other in text for other in self._others):
            why = "a value would hold one of the connection's delimiters"
            raise CannotExpress(Inexpressible("", why, "Choose other delimiters for the connection."))
        return text.rstrip(delimiter)

    def level(self, parent: int | None, code: str, children: bool) -> int:
        """An HL segment; its number, for its children to name."""
        self._levels += 1
        self.add("HL", str(self._levels), str(parent or ""), code, "1" if children else "0")
        return self._levels

    def text(self, value: str | None, pointer: str, longest: int, *, required: bool = False) -> str:
        """A text for people, in characters that travel. Its changes are reported at ``pointer``."""
        if value is None:
            return ""
        writing = self.writing(value)
        written = writing.text
        if not written:
            if required:
                self.refuse(
                    pointer,
                    "none of its letters can be written in X12",
                    "Send the text in Latin letters, as the payer has it on file.",
                )
            else:
                self.lose(pointer, "none of its characters can be written in X12")
            return ""
        if len(written) > longest:
            what = f"longer than {longest} characters once written in X12"
            written = beginning(written, longest) or (written[:longest] if required else "")
            if written:
                self.lose(pointer, f"{what}, and {REWRITTEN}" if writing.changed else what, "shortened")
            else:
                self.lose(pointer, f"{what}, and cut it would hold another number")
        elif writing.changed:
            self.lose(pointer, REWRITTEN, "transliterated")
        return written

    def exact(self, value: str, pointer: str, longest: int) -> str:
        """An id, which travels unchanged or not at all."""
        if not self.alphabet.carries(value) or len(value) > longest:
            self.refuse(
                pointer,
                "this id cannot be written unchanged in the connection's characters",
                "Send the id in the characters the payer uses, or change the connection's delimiters or charset.",
            )
            return ""
        return value

    def writing(self, value: str) -> Writing:
        """The text in characters that travel. Its changes are the caller's to report, save that it is in capitals."""
        self._capitalised |= self.alphabet.capitals and value != value.upper()
        return self.alphabet.writing(value)

    def lose(self, pointer: str, what: str, kept: Kept = "dropped") -> None:
        self.losses.append(Loss(pointer=pointer, what=what, kept=kept))

    def refuse(self, pointer: str, why: str, fix: str) -> None:
        self.faults.append(Inexpressible(pointer, why, fix))

    def settled_losses(self) -> tuple[Loss, ...]:
        """What the draft does not carry, once nothing more is written. Raises CannotExpress for all faults at once."""
        if self.faults:
            raise CannotExpress(*self.faults)
        if self._capitalised:
            folded = Loss(pointer="", what="this connection carries capital letters only", kept="transliterated")
            return (*self.losses, folded)
        return tuple(self.losses)


def beginning(text: str, longest: int) -> str:
    """As much of a longer text as there is room for, less a number at its end: cut, 200 mg would be 20 or 200."""
    words = text[:longest].split(" ")
    while words and (not words[-1] or _DIGIT.search(words[-1])):
        words.pop()
    return " ".join(words)


def day(value: date) -> str:
    return value.isoformat().replace("-", "")


def days(start: date, end: date | None) -> tuple[str, str]:
    """A format qualifier and a date or range. A range of one day stays a range: without an end, none was given."""
    return ("RD8", f"{day(start)}-{day(end)}") if end else ("D8", day(start))


def number(value: Decimal) -> str:
    return format(value.normalize(), "f")
