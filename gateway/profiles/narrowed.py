"""For what a dated rule holds, of the law or of a payer: the conditions that deadlines and ways of recourse share.

Conditions are typed fields, never expressions: what is left out narrows nothing, and all that is there must hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import Field

from gateway.contract.destination import Benefit
from gateway.model.bounds import Bounds
from gateway.model.codes import State
from gateway.model.line import Line, LineRole
from gateway.model.people import LineOfBusiness
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.profiles.facts import Effective, Id

DRUGS = frozenset({LineRole.DRUG, LineRole.SUPPORTIVE})
"""Lines for which rules about drugs hold."""


class Matter(Record):
    """A line as such rules look at it. ``on`` is the day that the rule counts from: of the receipt, or of the notice of
    a denial. ``state`` is the patient's."""

    payer: str
    business: LineOfBusiness
    benefit: Benefit
    drug: bool
    state: str | None
    on: date

    @classmethod
    def of(cls, line: Line, request: PARequest, payer: str, benefit: Benefit, on: date) -> Self:
        """A line that was asked of a payer under a benefit."""
        coverage, address = request.coverages[0], request.patient.address
        return cls(
            payer=payer,
            business=coverage.line_of_business,
            benefit=benefit,
            drug=line.role in DRUGS,
            state=address.state if address else None,
            on=on,
        )


class Narrowed(Record):
    """What a rule holds for. ``drugs`` narrows it to lines of drugs, or to lines of anything else."""

    lines_of_business: Annotated[tuple[LineOfBusiness, ...], Bounds(1, 10)]
    benefits: Annotated[tuple[Benefit, ...] | None, Bounds(1, 2)] = None
    drugs: Annotated[bool, Field(strict=True)] | None = None
    payers: Annotated[tuple[Id, ...] | None, Bounds(1, 500)] = None
    states: Annotated[tuple[State, ...] | None, Bounds(1, 60)] = None
    effective: Effective

    @property
    def weight(self) -> tuple[bool, bool, bool, bool]:
        """How much it says of what it is for: of two rules that hold the heavier one does, a payer's before a state's,
        and a state's before everybody's."""
        return self.payers is not None, self.states is not None, self.drugs is not None, self.benefits is not None

    def holds(self, matter: Matter) -> bool:
        return (
            matter.business in self.lines_of_business
            and self.effective.holds(matter.on)
            and (self.benefits is None or matter.benefit in self.benefits)
            and self.drugs in (None, matter.drug)
            and (self.payers is None or matter.payer in self.payers)
            and (self.states is None or matter.state in self.states)
        )

    def ties(self, other: Narrowed) -> bool:
        """True where both could hold for one line on one day, and neither says more of what it is for."""
        return (
            self.weight == other.weight
            and bool(set(self.lines_of_business) & set(other.lines_of_business))
            and _meet(self.benefits, other.benefits)
            and _meet(self.payers, other.payers)
            and _meet(self.states, other.states)
            and (self.drugs is None or other.drugs is None or self.drugs == other.drugs)
            and self.effective.overlaps(other.effective)
        )


def _meet(one: Sequence[str] | None, other: Sequence[str] | None) -> bool:
    return one is None or other is None or bool(set(one) & set(other))
