"""Clinical facts as typed values, each with an optional pointer to where it was read.

Sources for the list: the content payers ask of oncology and rheumatology infusions. No facts are inferred here.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from gateway.model.codes import ICD10, CalendarDate, LongText, RxNorm, ShortText
from gateway.model.record import Record, refuse
from gateway.model.text import ONE_LINE


class Origin(Record):
    """Where a fact was read: a FHIR resource and path, a document and page, or the caller's own word."""

    kind: Literal["fhir", "document", "caller"]
    reference: ShortText
    path: ShortText | None = None
    page: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = None


class Fact(Record):
    """What every clinical fact may carry."""

    origin: Origin | None = None


def _not_before_start(stopped: date | None, info: ValidationInfo) -> date | None:
    started = info.data.get("started_on")
    if started and stopped and stopped < started:
        refuse("stopped_on", "It stopped before it started.", "Swap the dates or drop one.")
    return stopped


StopDate = Annotated[CalendarDate | None, AfterValidator(_not_before_start)]
"""Stands after a field ``started_on``. Checked where it stands, so that it is told whatever else is wrong."""


class OfATumor(Fact):
    """``diagnosis`` is the tumor that it was found of, where the record says: a patient may have two."""

    diagnosis: ICD10 | None = None


class Histology(OfATumor):
    text: ShortText
    icd_o: Annotated[str, Field(pattern=r"^[0-9]{4}/[0-9]$")] | None = None


class Stage(OfATumor):
    """Group is the stage group (``IIIB``); t, n, m as staged. Edition names the staging manual used."""

    group: Annotated[str, Field(min_length=1, max_length=10), ONE_LINE] | None = None
    t: Annotated[str, Field(min_length=1, max_length=10), ONE_LINE] | None = None
    n: Annotated[str, Field(min_length=1, max_length=10), ONE_LINE] | None = None
    m: Annotated[str, Field(min_length=1, max_length=10), ONE_LINE] | None = None
    basis: Literal["clinical", "pathologic", "recurrence"] | None = None
    edition: Annotated[str, Field(min_length=1, max_length=20), ONE_LINE] | None = None
    staged_on: CalendarDate | None = None


class Biomarker(OfATumor):
    """``not_feasible`` says the test could not be done; then there is no result."""

    marker: Annotated[str, Field(min_length=1, max_length=30), ONE_LINE]
    result: ShortText | None = None
    method: ShortText | None = None
    specimen_on: CalendarDate | None = None
    not_feasible: Annotated[bool, Field(strict=True)] = False

    @field_validator("not_feasible")
    @classmethod
    def _no_result(cls, not_feasible: bool, info: ValidationInfo) -> bool:
        if not_feasible and info.data.get("result") is not None:
            refuse("not_feasible", "A test that could not be done has a result.", "Send result or not_feasible.")
        return not_feasible


class PerformanceStatus(Fact):
    """Kept on the scale it was given: ECOG 0 to 5, Karnofsky 0 to 100 in tens."""

    scale: Literal["ecog", "karnofsky"]
    score: Annotated[int, Field(strict=True, ge=0, le=100)]
    assessed_on: CalendarDate | None = None

    @field_validator("score")
    @classmethod
    def _on_the_scale(cls, score: int, info: ValidationInfo) -> int:
        scale = info.data.get("scale")
        if scale == "ecog" and score > 5:
            refuse("ecog", "ECOG goes from 0 to 5.", "Send scale karnofsky for a score in tens.")
        if scale == "karnofsky" and score % 10:
            refuse("karnofsky", "Karnofsky goes from 0 to 100 in tens.", "Send a score in tens, or scale ecog.")
        return score


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
    rxnorm: RxNorm | None = None
    started_on: CalendarDate | None = None
    stopped_on: StopDate = None
    outcome: TherapyOutcome
    reason: ShortText | None = None
    dose: ShortText | None = None
    line_of_therapy: Annotated[int, Field(strict=True, ge=1, le=20)] | None = None


class DiseaseActivity(Fact):
    instrument: Literal["das28_crp", "das28_esr", "cdai", "sdai", "basdai", "asdas", "rapid3", "haq_di"]
    score: Annotated[float, Field(strict=True, ge=0, le=200, allow_inf_nan=False)]
    assessed_on: CalendarDate


class Laboratory(Fact):
    """A laboratory value or a screening (tuberculosis, hepatitis B)."""

    name: ShortText
    loinc: Annotated[str, Field(pattern=r"^[0-9]{1,5}-[0-9]$")] | None = None
    result: ShortText
    unit: Annotated[str, Field(min_length=1, max_length=20), ONE_LINE] | None = None
    resulted_on: CalendarDate


class ImagingStudy(Fact):
    modality: Literal["ct", "pet_ct", "mri", "xray", "ultrasound", "bone_scan", "other"]
    region: ShortText
    finding: ShortText
    performed_on: CalendarDate


class Body(Fact):
    """Height in cm, weight in kg, body surface area in square metres."""

    height_cm: Annotated[float, Field(strict=True, gt=20, lt=280, allow_inf_nan=False)] | None = None
    weight_kg: Annotated[float, Field(strict=True, gt=0.2, lt=650, allow_inf_nan=False)] | None = None
    bsa_m2: Annotated[float, Field(strict=True, gt=0.1, lt=4, allow_inf_nan=False)] | None = None
    measured_on: CalendarDate | None = None


CompendiumName = Literal["nccn", "ahfs_di", "drugdex", "clinical_pharmacology", "lexi_drugs"]


class CompendiumCitation(Fact):
    """A citation the practice makes for an off-label use; the compendium's text is licensed and not held here."""

    compendium: CompendiumName
    category: Annotated[str, Field(min_length=1, max_length=10), ONE_LINE]
    context: ShortText
    line_id: Annotated[str, Field(min_length=1, max_length=20), ONE_LINE] | None = None


class BoneDensity(Fact):
    """``t_score`` in standard deviations from a young adult's mean."""

    site: Literal["lumbar_spine", "femoral_neck", "total_hip", "forearm", "other"]
    t_score: Annotated[float, Field(strict=True, ge=-10, le=10, allow_inf_nan=False)]
    measured_on: CalendarDate | None = None


SiteNeedKind = Literal[
    "infusion_reaction",
    "first_infusion",
    "needs_monitoring",
    "unstable_condition",
    "difficult_venous_access",
    "unsafe_home",
    "no_other_site_within_reach",
    "other",
]


class SiteNeed(Fact):
    """Why this patient cannot be treated in a place that a payer would rather pay for."""

    kind: SiteNeedKind
    text: ShortText | None = None
    observed_on: CalendarDate | None = None


DocumentKind = Literal[
    "clinical_notes",
    "pathology_report",
    "laboratory_results",
    "imaging_report",
    "medication_history",
    "treatment_plan",
    "letter_of_medical_necessity",
    "other",
]


class RecordedDocument(Fact):
    """A document that the practice's record holds. Those that go with a request are its attachments."""

    kind: DocumentKind
    title: ShortText | None = None
    dated_on: CalendarDate | None = None


class ConservativeCare(Fact):
    kind: Literal["physical_therapy", "nsaid", "injection", "activity_change", "bracing", "other"]
    started_on: CalendarDate | None = None
    stopped_on: StopDate = None
    outcome: ShortText


Prognosis = Literal["poor", "guarded", "fair", "good", "very_good", "excellent", "under_six_months", "terminal"]
"""``under_six_months`` to live."""


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
    bone_density: tuple[BoneDensity, ...] = ()
    site_needs: tuple[SiteNeed, ...] = ()
    documents: tuple[RecordedDocument, ...] = ()
    comorbidities: tuple[ICD10, ...] = ()
    prognosis: Prognosis | None = None
    summary: LongText | None = None
