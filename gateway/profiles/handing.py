"""What a payer says where somebody else decides what it was asked, and whose profile that is. Data; reads no answer.

A name counts only in words that hand a request on; a code says it by itself. What no row knows is a person's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.model.bounds import Bounds
from gateway.model.codes import ShortText
from gateway.model.people import LineOfBusiness
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Effective, Id


class SaidCode(Record):
    """A code of an answer: ``system`` is the table of ``codes/`` that it is looked up in."""

    system: Id
    code: Annotated[str, Field(min_length=1, max_length=80)]


class HandOff(Record):
    """One row. ``payer`` is whoever is asked then; ``names`` are how this payer calls it, in whole words."""

    handoff: Id
    payer: Id
    effective: Effective
    source: ShortText
    lines_of_business: Annotated[tuple[LineOfBusiness, ...] | None, Bounds(1, 50)] = None
    names: Annotated[tuple[Annotated[str, Field(min_length=3, max_length=80)], ...], Bounds(0, 50)] = ()
    codes: Annotated[tuple[SaidCode, ...], Bounds(0, 50)] = ()

    @model_validator(mode="after")
    def _is_said(self) -> Self:
        if not (self.names or self.codes):
            refuse("handoff", "Nothing in an answer would lead there.", "Write names, or codes.")
        return self

    def holds(self, business: LineOfBusiness, on: date) -> bool:
        """On a day of an answer."""
        return self.effective.holds(on) and (self.lines_of_business is None or business in self.lines_of_business)


def each_its_word(rows: Sequence[HandOff]) -> Sequence[HandOff]:
    """The rows, of which no two have one word."""
    if len({row.handoff for row in rows}) < len(rows):
        refuse("hands_on", "Two rows have the same word.", "Give each its own.")
    return rows
