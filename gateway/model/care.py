"""The circumstances of what is asked for: the kind of care, a stay, an accident, care at home, why it comes late.

Knows no channel; the words are ours, and each channel has its codes for them.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from gateway.model.bounds import Bounds
from gateway.model.codes import CalendarDate, State
from gateway.model.line import Period
from gateway.model.record import Record, refuse


class Care(StrEnum):
    """What kind of care it is, as payers sort their reviews. Without one the kind of review decides."""

    MEDICAL = "medical"
    SURGICAL = "surgical"
    CONSULTATION = "consultation"
    CHEMOTHERAPY = "chemotherapy"
    RADIATION_THERAPY = "radiation_therapy"
    IMAGING = "imaging"
    INPATIENT = "inpatient"
    OUTPATIENT_HOSPITAL = "outpatient_hospital"
    HOME_HEALTH = "home_health"
    HOSPICE = "hospice"
    SKILLED_NURSING = "skilled_nursing"
    LONG_TERM_CARE = "long_term_care"
    REHABILITATION = "rehabilitation"
    EQUIPMENT_PURCHASE = "equipment_purchase"
    EQUIPMENT_RENTAL = "equipment_rental"
    DENTAL = "dental"


class Admission(Record):
    """A stay in a hospital or another facility. Days that lie ahead are the planned ones.

    ``source`` is where the patient comes from: ``home`` is any place that is no facility.
    """

    admitted_on: CalendarDate
    discharged_on: CalendarDate | None = None
    kind: Literal["emergency", "urgent", "elective", "newborn", "trauma"] | None = None
    source: (
        Literal[
            "home",
            "clinic",
            "another_hospital",
            "skilled_nursing_facility",
            "another_facility",
            "court_or_police",
            "same_hospital",
            "ambulatory_surgery",
            "hospice",
        ]
        | None
    ) = None

    @field_validator("discharged_on")
    @classmethod
    def _in_order(cls, discharged: date | None, info: ValidationInfo) -> date | None:
        admitted = info.data.get("admitted_on")
        if admitted and discharged and discharged < admitted:
            refuse("admission", "The stay ends before it starts.", "Swap the days or drop discharged_on.")
        return discharged


class Accident(Record):
    """What the treatment is a consequence of; another insurer may have to pay."""

    occurred_on: CalendarDate
    causes: Annotated[tuple[Literal["auto", "work", "another_party"], ...], Bounds(1, 3)]
    state: Annotated[State | None, Field(validate_default=True)] = None
    """Where it happened; an accident on the road needs it."""

    @field_validator("causes")
    @classmethod
    def _each_once(cls, causes: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(causes)) < len(causes):
            refuse("causes", "A cause is named twice.", "Send each cause once.")
        return causes

    @field_validator("state")
    @classmethod
    def _of_the_road(cls, state: str | None, info: ValidationInfo) -> str | None:
        if state is None and "auto" in info.data.get("causes", ()):
            refuse("state", "An accident on the road needs its state.", "Send the state as two letters.")
        return state


class HomeCare(Record):
    """Care at home under a plan that a physician certifies, with a prognosis among the facts. ``certified`` is the
    plan's period."""

    started_on: CalendarDate
    certified: Period | None = None
    ordered_on: CalendarDate | None = None
    last_visit_on: CalendarDate | None = None
    skilled_nursing: Annotated[bool, Field(strict=True)] | None = None
    """Whether the patient is in a skilled nursing facility meanwhile."""


class LateReason(StrEnum):
    """Why a request comes after the service, or after the day it was due."""

    ELIGIBILITY_UNKNOWN = "eligibility_unknown"
    LITIGATION = "litigation"
    AUTHORIZATION_DELAYED = "authorization_delayed"
    PROVIDER_CERTIFICATION_DELAYED = "provider_certification_delayed"
    THIRD_PARTY = "third_party"
    ELIGIBILITY_DETERMINATION_DELAYED = "eligibility_determination_delayed"
    PRIOR_REVIEW_DELAYED = "prior_review_delayed"
    NATURAL_DISASTER = "natural_disaster"
    INFORMATION_MISSING = "information_missing"
    NO_RESPONSE = "no_response"
    OTHER = "other"
