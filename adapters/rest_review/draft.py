"""What is being written: members of a review, what they do not carry, and what cannot be said at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.contract.frames import Loss

Member = str | list["Members"]
Members = dict[str, "Member | Members"]
"""A JSON object as the API has it: texts, objects, and lists of objects."""


@dataclass
class Draft:
    """``notes`` are sentences for the payer, of what has no member of its own."""

    notes: list[str] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    faults: list[Inexpressible] = field(default_factory=list)

    def note(self, sentence: str, *pointers: str) -> None:
        """Say it to a person at the payer, and report that nothing but a person reads it there."""
        self.notes.append(sentence)
        for pointer in pointers:
            self.lose(pointer, "there is no member for it: it stands in the notes", "note")

    def lose(self, pointer: str, what: str, kept: Literal["note", "dropped"] = "dropped") -> None:
        self.losses.append(Loss(pointer=pointer, what=what, kept=kept))

    def refuse(self, pointer: str, why: str, fix: str) -> None:
        self.faults.append(Inexpressible(pointer, why, fix))

    def settled_losses(self) -> tuple[Loss, ...]:
        """Once nothing more is written. Raises CannotExpress for all faults at once."""
        if self.faults:
            raise CannotExpress(*self.faults)
        return tuple(self.losses)


def members(**given: Member | Members | None) -> Members:
    """An object of what is given."""
    return {name: value for name, value in given.items() if value}
