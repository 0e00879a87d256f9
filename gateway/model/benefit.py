"""What a request tells of the benefit that pays for a drug: who supplies it, what Medicare asks, what a payer said.

Routing reads these; none of them is a clinical fact, and none is guessed where it is missing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from gateway.model.codes import CalendarDate, Identifier
from gateway.model.record import Record


class SupplyMode(StrEnum):
    """``specialty_pharmacy`` ships the patient's dose to the practice, which gives it (white bagging)."""

    BUY_AND_BILL = "buy_and_bill"
    SPECIALTY_PHARMACY = "specialty_pharmacy"
    SELF_ADMINISTERED = "self_administered"


class OralAntiemetic(Record):
    """What Medicare asks of an antiemetic taken by mouth: whether it fully replaces the one that would be given
    intravenously, and how many hours after the chemotherapy its last dose is taken."""

    replaces_intravenous: Annotated[bool, Field(strict=True)]
    last_dose_hours: Annotated[int, Field(strict=True, ge=0, le=8760)]


class BenefitEvidence(Record):
    """What the payer said of the benefit of this drug or of the member's drugs: in an eligibility answer (271), a
    real-time benefit check (RTPB), its portal, or by telephone."""

    benefit: Literal["medical", "pharmacy"]
    source: Literal["x12_271", "rtpb", "portal", "telephone"]
    told_on: CalendarDate
    reference: Identifier | None = None
