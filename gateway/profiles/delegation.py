"""Who reviews in a payer's place, as data: a delegate, and for what.

Conditions are typed fields, never expressions: what is left out narrows nothing, and all that is there must hold. Days
are days of service. Knows no channel and no request.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gateway.contract.destination import Benefit
from gateway.model.bounds import Bounds
from gateway.model.codes import PlaceOfService, ShortText, Taxonomy
from gateway.model.line import LineRole
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Effective, Id
from gateway.profiles.ranges import Accompanied, Ages, Area, Businesses, Codes


class MedicalGroup(Record):
    """A medical group or independent practice association that manages members of the payer. ``names`` are all by which
    cards and the payer call it, its ids among them."""

    group: Id
    names: Annotated[tuple[ShortText, ...], Bounds(1, 50)]


class Conditions(Record):
    """For which lines something holds.

    ``specialties`` are of the requester. ``places_of_service`` are of the line, or else of the request. ``with_codes``
    are codes of any line of the request: a pump beside the drug that runs through it. ``areas`` are where the patient
    lives, by the address the request has. ``medical_groups`` are words of the payer's own list.
    """

    lines_of_business: Businesses = None
    roles: Annotated[tuple[LineRole, ...] | None, Bounds(1, 50)] = None
    specialties: Annotated[tuple[Taxonomy, ...] | None, Bounds(1, 200)] = None
    codes: Codes | None = None
    with_codes: Codes | None = None
    places_of_service: Annotated[tuple[PlaceOfService, ...] | None, Bounds(1, 100)] = None
    diagnoses: Annotated[tuple[Accompanied, ...] | None, Bounds(1, 200)] = None
    ages: Ages | None = None
    areas: Annotated[tuple[Area, ...] | None, Bounds(1, 60)] = None
    medical_groups: Annotated[tuple[Id, ...] | None, Bounds(1, 500)] = None

    @field_validator("areas")
    @classmethod
    def _each_state_once(cls, areas: Sequence[Area] | None) -> Sequence[Area] | None:
        states = [area.state for area in areas or ()]
        if len(set(states)) < len(states):
            refuse("areas", "A state stands twice.", "Write it once, with all its counties or with none.")
        return areas


class Excepted(Conditions):
    """Lines that a delegation leaves to the payer: those for which all of this holds."""

    exception: Id

    @model_validator(mode="after")
    def _narrowed(self) -> Self:
        if not any(getattr(self, name) is not None for name in Conditions.model_fields):
            refuse("exception", "It excepts every line.", "Write for which lines it is; or remove the delegation.")
        return self


class Delegation(Conditions):
    """Somebody who reviews in the payer's place: another payer of the library, or whoever is behind one of the payer's
    own connections.

    It holds where its own conditions hold and those of no exception (``unless``) do. With ``earlier_stay`` what the
    payer decided before its first day stays with the payer: an authorization to its end, and an appeal; a renewal goes
    to the delegate. With ``recommends`` its yes is a recommendation: the payer itself is asked then, under the same
    benefit, by the code of the determination. ``also`` names the payer's own benefit under which the same line has to
    be asked as well: one line, two submissions.
    """

    delegation: Id
    effective: Effective
    source: ShortText
    benefit: Benefit
    payer: Id | None = None
    connection: Id | None = None
    unless: Annotated[tuple[Excepted, ...], Bounds(0, 50)] = ()
    earlier_stay: Annotated[bool, Field(strict=True)] = False
    recommends: Annotated[bool, Field(strict=True)] = False
    also: Benefit | None = None

    @model_validator(mode="after")
    def _to_one(self) -> Self:
        if (self.payer is None) is (self.connection is None):
            refuse("delegation", "It leads to nobody, or to two.", "Name payer, or connection.")
        return self

    @field_validator("unless")
    @classmethod
    def _each_its_word(cls, unless: Sequence[Excepted]) -> Sequence[Excepted]:
        if len({each.exception for each in unless}) < len(unless):
            refuse("unless", "Two exceptions have the same word.", "Give each its own.")
        return unless

    @field_validator("also")
    @classmethod
    def _other(cls, also: Benefit | None, info: ValidationInfo) -> Benefit | None:
        if also is not None and also == info.data.get("benefit"):
            refuse("also", "It is asked under this benefit already.", "Name the other benefit, or remove also.")
        return also
