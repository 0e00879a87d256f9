"""What happened in a patient's treatment, as the practice tells it: a cycle began, a drug was given, a plan changed.

Knows no case and no payer.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, model_validator

from gateway.model.codes import NPI, CalendarDate, Identifier, PlaceOfService
from gateway.model.line import CodeSystem, Quantity, ServiceCode
from gateway.model.record import Record, refuse


class TreatmentKind(StrEnum):
    CYCLE_STARTED = "cycle_started"
    ADMINISTERED = "administered"
    """The only one that uses something of an authorization."""
    DRUG_SWAPPED = "drug_swapped"
    DOSE_CHANGED = "dose_changed"
    SITE_CHANGED = "site_changed"
    RETRACTED = "retracted"
    """An event was told by mistake: it never happened."""


KEPT: MappingProxyType[str, bool] = MappingProxyType({"kept": True})
"""The context in which an event is read that was taken before: by the rules of then."""
_NEEDS = {
    TreatmentKind.CYCLE_STARTED: ("cycle",),
    TreatmentKind.ADMINISTERED: ("quantity", "place_of_service"),
    TreatmentKind.DRUG_SWAPPED: ("instead_of", "quantity"),
    TreatmentKind.DOSE_CHANGED: ("quantity",),
    TreatmentKind.SITE_CHANGED: ("place_of_service",),
    TreatmentKind.RETRACTED: ("retracts",),
}
_ONLY = {
    "cycle": TreatmentKind.CYCLE_STARTED,
    "instead_of": TreatmentKind.DRUG_SWAPPED,
    "retracts": TreatmentKind.RETRACTED,
}


class Treatment(Record):
    """One event of a treatment. ``id`` is the sender's own: the same event told again is the same event.

    ``quantity`` is what was given; of a plan, what it takes from that day on: of a swap always, for units of one drug
    are none of another. ``until`` is the day the course ends.
    ``case_id`` names the case that it belongs to, where the sender knows.
    """

    id: Annotated[Identifier, Field(description="The sender's own id of the event.")]
    kind: TreatmentKind
    on: Annotated[CalendarDate, Field(description="The day it happened.")]
    code: Annotated[ServiceCode, Field(description="The drug or service; of a swap the new one.")]
    quantity: Annotated[
        Quantity | None, Field(description="What was given; of a plan, what it takes from that day on.")
    ] = None
    place_of_service: PlaceOfService | None = None
    provider_npi: NPI | None = None
    cycle: Annotated[int, Field(strict=True, ge=1, le=60)] | None = None
    instead_of: Annotated[ServiceCode | None, Field(description="The drug that is not given any more.")] = None
    until: Annotated[CalendarDate | None, Field(description="The last day of the course, as planned now.")] = None
    retracts: Annotated[
        Identifier | None, Field(description="The id of the event that never happened, which has the same code.")
    ] = None
    case_id: Annotated[UUID | None, Field(description="The case it belongs to; without, any of the patient's.")] = None

    @model_validator(mode="after")
    def _whole(self, info: ValidationInfo) -> Treatment:
        if info.context is KEPT:
            return self
        for name in _NEEDS[self.kind]:
            if getattr(self, name) is None:
                refuse(name, f"An event {self.kind} says its {name}, and this one does not.", f"Send {name}.")
        for name, kind in _ONLY.items():
            if getattr(self, name) is not None and self.kind is not kind:
                refuse(name, f"Only an event {kind} has {name}.", f"Drop {name}, or send kind {kind}.")
        if self.until is not None and self.until < self.on:
            refuse("until", "The course ends before the day of the event.", "Send a later until, or none.")
        if self.retracts == self.id:
            refuse("retracts", "An event retracts itself.", "Send a new id, and as retracts that of the other event.")
        if self.instead_of == self.code:
            refuse("instead_of", "A drug is swapped for itself.", "Send the new drug as code, the old as instead_of.")
        return self

    def retracts_this(self, other: Treatment) -> bool:
        """Whether it says of the other, by its id and code, that it never happened."""
        if self.kind is not TreatmentKind.RETRACTED or other.kind is TreatmentKind.RETRACTED:
            return False
        return (self.retracts, self.code) == (other.id, other.code)

    @property
    def of_drug(self) -> bool | None:
        """Whether it is of a drug, so far as its code tells."""
        match self.code.system:
            case CodeSystem.NDC | CodeSystem.RXNORM:
                return True
            case CodeSystem.HCPCS:
                return True if self.code.code.startswith("J") else None
            case _:
                return False

    @property
    def place(self) -> tuple[object, ...]:
        """Where it stands among a patient's events, whenever it was told."""
        return self.on, self.id

    @property
    def begins(self) -> tuple[object, ...]:
        """What stands before this is not of it: of a plan, all before its day; of a use, all before itself."""
        return self.place if self.kind is TreatmentKind.ADMINISTERED else (self.on,)
