"""Clinical facts as typed values, each with an optional pointer to where it was read.

Sources for the list: the content payers ask of oncology and rheumatology infusions. No facts are inferred here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from gateway.model.codes import ICD10, CalendarDate, Identifier, LongText, ShortText
from gateway.model.record import Record


class Origin(Record):
    """Where a fact was read: a FHIR resource and path, a document and page, or the caller's own word."""

    kind: Literal["fhir", "document", "caller"]
    reference: Identifier
    path: ShortText | None = None
    page: Annotated[int, Field(ge=1)] | None = None


class Fact(Record):
    """What every clinical fact may carry."""

    origin: Origin | None = None


class Histology(Fact):
    text: ShortText
    icd_o: Annotated[str, Field(pattern=r"^\d{4}/\d$")] | None = None


class Stage(Fact):
    """Group is the stage group (``IIIB``); t, n, m as staged. Edition names the staging manual used."""

    group: Annotated[str, Field(max_length=10)] | None = None
    t: Annotated[str, Field(max_length=10)] | None = None
    n: Annotated[str, Field(max_length=10)] | None = None
    m: Annotated[str, Field(max_length=10)] | None = None
    basis: Literal["clinical", "pathologic", "recurrence"] | None = None
    edition: Annotated[str, Field(max_length=20)] | None = None
    staged_on: CalendarDate | None = None


class Biomarker(Fact):
    """``not_feasible`` says the test could not be done; then there is no result."""

    marker: Annotated[str, Field(min_length=1, max_length=30)]
    result: ShortText | None = None
    method: ShortText | None = None
    specimen_on: CalendarDate | None = None
    not_feasible: bool = False


class PerformanceStatus(Fact):
    """Kept on the scale it was given: ECOG 0 to 5, Karnofsky 0 to 100 in tens."""

    scale: Literal["ecog", "karnofsky"]
    score: Annotated[int, Field(ge=0, le=100)]
    assessed_on: CalendarDate | None = None


class TherapyOutcome(StrEnum):
    ONGOING = "ongoing"
    COMPLETED = "completed"
    INADEQUATE_RESPONSE = "inadequate_response"
    PROGRESSION = "progression"
    INTOLERANCE = "intolerance"
    CONTRAINDICATED = "contraindicated"
    STOPPED_OTHER = "stopped_other"


class PriorTherapy(Fact):
    drug: ShortText
    rxnorm: Annotated[str, Field(pattern=r"^[1-9]\d{0,7}$")] | None = None
    started_on: CalendarDate | None = None
    stopped_on: CalendarDate | None = None
    outcome: TherapyOutcome
    reason: ShortText | None = None
    dose: ShortText | None = None
    line_of_therapy: Annotated[int, Field(ge=1, le=20)] | None = None


class DiseaseActivity(Fact):
    instrument: Literal["das28_crp", "das28_esr", "cdai", "sdai", "basdai", "asdas", "rapid3", "haq_di"]
    score: Annotated[float, Field(ge=0, le=200)]
    assessed_on: CalendarDate


class Laboratory(Fact):
    """A laboratory value or a screening (tuberculosis, hepatitis B)."""

    name: ShortText
    loinc: Annotated[str, Field(pattern=r"^\d{1,5}-\d$")] | None = None
    result: ShortText
    unit: Annotated[str, Field(max_length=20)] | None = None
    resulted_on: CalendarDate


class ImagingStudy(Fact):
    modality: Literal["ct", "pet_ct", "mri", "xray", "ultrasound", "bone_scan", "other"]
    region: ShortText
    finding: ShortText
    performed_on: CalendarDate


class Body(Fact):
    """Height in cm, weight in kg, body surface area in square metres."""

    height_cm: Annotated[float, Field(gt=20, lt=280)] | None = None
    weight_kg: Annotated[float, Field(gt=0.2, lt=650)] | None = None
    bsa_m2: Annotated[float, Field(gt=0.1, lt=4)] | None = None
    measured_on: CalendarDate | None = None


class CompendiumCitation(Fact):
    """A citation the practice makes for an off-label use; the compendium's text is licensed and not held here."""

    compendium: Literal["nccn", "ahfs_di", "drugdex", "clinical_pharmacology", "lexi_drugs"]
    category: Annotated[str, Field(max_length=10)]
    context: ShortText
    line_id: Annotated[str, Field(max_length=20)] | None = None


class ConservativeCare(Fact):
    kind: Literal["physical_therapy", "nsaid", "injection", "activity_change", "bracing", "other"]
    started_on: CalendarDate | None = None
    stopped_on: CalendarDate | None = None
    outcome: ShortText


class ClinicalFacts(Record):
    """Everything clinical the request states. Empty lists mean nothing was stated, not that nothing is known."""

    histology: tuple[Histology, ...] = ()
    stage: tuple[Stage, ...] = ()
    biomarkers: tuple[Biomarker, ...] = ()
    performance: tuple[PerformanceStatus, ...] = ()
    prior_therapies: tuple[PriorTherapy, ...] = ()
    disease_activity: tuple[DiseaseActivity, ...] = ()
    laboratories: tuple[Laboratory, ...] = ()
    imaging: tuple[ImagingStudy, ...] = ()
    body: Body | None = None
    compendium: tuple[CompendiumCitation, ...] = ()
    conservative_care: tuple[ConservativeCare, ...] = ()
    comorbidities: tuple[ICD10, ...] = ()
    summary: LongText | None = None
