"""What is being written: texts in characters that travel, what is not carried, and what cannot be said at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from adapters.script_epa.asking.characters import write
from adapters.script_epa.codec.versions import Version
from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.contract.frames import Loss

_AS_IT_STANDS = re.compile("[0-9A-Za-z](?:[ -~]*[!-~])?")
"""What travels unchanged, as nearly every text does."""
Kept = Literal["note", "attachment", "shortened", "transliterated", "dropped"]


@dataclass
class Draft:
    version: Version
    losses: dict[tuple[str, str, Kept], None] = field(default_factory=dict)
    """Each once, in the order in which they came."""
    faults: list[Inexpressible] = field(default_factory=list)

    def lose(self, pointer: str, what: str, kept: Kept = "dropped") -> None:
        self.losses[pointer, what, kept] = None

    def refuse(self, pointer: str, why: str, fix: str) -> None:
        self.faults.append(Inexpressible(pointer, why, fix))

    def written(self, pointer: str, value: str, most: int, *, whole: bool = False) -> str:
        """The text as it can be sent, and a loss for every change. ``whole`` is for what means something else when a
        part of it is missing: it is refused then."""
        if len(value) <= most and _AS_IT_STANDS.fullmatch(value):
            return value
        writing = write(value)
        said = writing.text.strip()
        if not said or (whole and writing.lost) or (not any(map(str.isalnum, said)) and any(map(str.isalnum, value))):
            self.refuse(pointer, "SCRIPT has no character for some of its signs", "Say it in Latin letters.")
            return "?"
        if writing.changed:
            self.lose(pointer, "written in plain ASCII letters, which are all that SCRIPT carries", "transliterated")
        if len(said) <= most:
            return said
        if whole:
            self.refuse(pointer, f"it is longer than the {most} characters that there are", "Send a shorter one.")
            return "?"
        self.lose(pointer, f"cut off after {most} characters", "shortened")
        return said[:most].strip()

    def text(self, pointer: str, value: str | None, most: int, *, whole: bool = False) -> str | None:
        """The same of a text that may be missing."""
        return None if value is None else self.written(pointer, value, most, whole=whole)

    def settled_losses(self) -> tuple[Loss, ...]:
        """Once nothing more is written. Raises CannotExpress for all faults at once."""
        if self.faults:
            raise CannotExpress(*dict.fromkeys(self.faults))
        return tuple(Loss(pointer=pointer, what=what, kept=kept) for pointer, what, kept in self.losses)
