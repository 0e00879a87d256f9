"""What a rule of a policy wants to find in a request's facts, as data: a kind of fact, what it must say, how old it may
be.

Each is a typed record, and ``any_of`` and ``all_of`` join them; there are no expressions. Nothing is judged here.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gateway.model.bounds import Bounds
from gateway.model.clinical import DocumentKind
from gateway.model.codes import ShortText
from gateway.model.record import Record, refuse
from gateway.profiles.facts import Id
from gateway.profiles.ranges import Diagnoses

Days = Annotated[int, Field(strict=True, ge=1, le=3660)]
Score = Annotated[float, Field(strict=True, ge=-10, le=1000, allow_inf_nan=False)]
Percent = Annotated[float, Field(strict=True, ge=0, le=100, allow_inf_nan=False)]
Words = Annotated[tuple[Id, ...], Bounds(1, 40)]
"""Words of the vocabulary: markers, readings, drugs, classes."""


class Fresh(Record):
    """``within_days`` is the age a fact may have on the day of filing or of service; without it any will do."""

    within_days: Days | None = None
    counted_from: Literal["filing", "service"] = "filing"


class MorphologyRange(Record):
    """ICD-O-3 morphology codes from ``first`` to ``last``, both included."""

    first: Annotated[str, Field(pattern=r"^[0-9]{4}/[0-9]$")]
    last: Annotated[str | None, Field(pattern=r"^[0-9]{4}/[0-9]$")] = None

    @field_validator("last")
    @classmethod
    def _after_first(cls, last: str | None, info: ValidationInfo) -> str | None:
        if last and last < info.data.get("first", last):
            refuse("range", "The range ends before it starts.", "Swap its ends.")
        return last

    def holds(self, code: str) -> bool:
        return self.first <= code <= (self.last or self.first)


Morphologies = Annotated[tuple[MorphologyRange, ...], Bounds(1, 100)]


class BiomarkerNeed(Fresh):
    """A marker with a result that is read as one of ``accepted``, or a percentage of at least ``least_percent``.

    ``not_feasible`` says whether a test that could not be done will do. Where results contradict each other they must
    ``agree``, or the ``latest`` one holds.
    """

    need: Literal["biomarker"]
    marker: Id
    accepted: Words | None = None
    least_percent: Percent | None = None
    not_feasible: Annotated[bool, Field(strict=True)] = False
    several: Literal["agree", "latest"] = "agree"


StageGroup = Annotated[str, Field(pattern=r"^(0|I|II|III|IV)[A-D]?[1-3]?$")]


class StageNeed(Fresh):
    """A stage, of one of these groups where any are named: ``III`` holds IIIA and IIIB as well."""

    need: Literal["stage"]
    groups: Annotated[tuple[StageGroup, ...] | None, Bounds(1, 20)] = None
    tnm: Annotated[bool, Field(strict=True)] = False


class PerformanceNeed(Fresh):
    """A performance status no worse than ``worst`` of ``scale``. One given on the other scale is compared as well."""

    need: Literal["performance"]
    scale: Literal["ecog", "karnofsky"]
    worst: Annotated[int, Field(strict=True, ge=0, le=100)]

    @field_validator("worst")
    @classmethod
    def _on_the_scale(cls, worst: int, info: ValidationInfo) -> int:
        if (info.data.get("scale") == "ecog" and worst > 5) or (info.data.get("scale") == "karnofsky" and worst % 10):
            refuse("scale", "This is no score of the scale.", "ECOG goes from 0 to 5, Karnofsky to 100 in tens.")
        return worst


def _refuse_empty(least: float | None, most: float | None) -> None:
    if least is not None and most is not None and least > most:
        refuse("least", "No number is at least this and at most that: nobody could meet it.", "Swap least and most.")


class LaboratoryNeed(Fresh):
    """A laboratory value or screening, known by its LOINC code or its name. ``accepted`` are readings of its result;
    ``least`` and ``most`` bound a number in ``unit``."""

    need: Literal["laboratory"]
    laboratory: Id
    accepted: Words | None = None
    least: Score | None = None
    most: Score | None = None
    unit: Annotated[str, Field(min_length=1, max_length=20)] | None = None

    @model_validator(mode="after")
    def _in_a_unit(self) -> Self:
        if (self.least is not None or self.most is not None) and self.unit is None:
            refuse("unit", "A number without its unit bounds nothing.", "Add unit.")
        _refuse_empty(self.least, self.most)
        return self


Instrument = Literal["das28_crp", "das28_esr", "cdai", "sdai", "basdai", "asdas", "rapid3", "haq_di"]


class ActivityBound(Record):
    instrument: Instrument
    least: Score | None = None
    most: Score | None = None

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _refuse_empty(self.least, self.most)
        return self


class ActivityNeed(Fresh):
    """Disease activity by any one of these instruments, within its bound."""

    need: Literal["disease_activity"]
    instruments: Annotated[tuple[ActivityBound, ...], Bounds(1, 8)]


class ImagingNeed(Fresh):
    """A study of one of these kinds. ``regions`` are words of which one stands in the study's region."""

    need: Literal["imaging"]
    modalities: Annotated[
        tuple[Literal["ct", "pet_ct", "mri", "xray", "ultrasound", "bone_scan", "other"], ...], Bounds(1, 7)
    ]
    regions: Annotated[tuple[ShortText, ...] | None, Bounds(1, 20)] = None


class BoneDensityNeed(Fresh):
    """A T-score of at most ``most`` at one of these places."""

    need: Literal["bone_density"]
    most: Score | None = None
    sites: Annotated[
        tuple[Literal["lumbar_spine", "femoral_neck", "total_hip", "forearm", "other"], ...] | None, Bounds(1, 5)
    ] = None


class ConservativeCareNeed(Fresh):
    """Conservative care of these kinds for ``least_days`` in all, ended no longer ago than ``within_days``."""

    need: Literal["conservative_care"]
    kinds: Annotated[
        tuple[Literal["physical_therapy", "nsaid", "injection", "activity_change", "bracing", "other"], ...],
        Bounds(1, 6),
    ]
    least_days: Days | None = None


class LineOfTherapyNeed(Record):
    """Which line of therapy the regimen is, as the request says."""

    need: Literal["line_of_therapy"]
    least: Annotated[int, Field(strict=True, ge=1, le=20)] = 1
    most: Annotated[int, Field(strict=True, ge=1, le=20)] = 20

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _refuse_empty(self.least, self.most)
        return self


class PriorTherapyNeed(Record):
    """One of these drugs, or one of these classes, was taken, whatever came of it."""

    need: Literal["prior_therapy"]
    drugs: Words | None = None
    classes: Words | None = None


class HistologyNeed(Record):
    """A histology. Where morphologies are named it is one of them, coded."""

    need: Literal["histology"]
    morphologies: Morphologies | None = None


class DiagnosisNeed(Record):
    """A diagnosis, or a comorbidity, beside that which the drug is for."""

    need: Literal["diagnosis"]
    diagnoses: Diagnoses


class BodyNeed(Fresh):
    """What was measured of the patient's body."""

    need: Literal["body"]
    measures: Annotated[tuple[Literal["height_cm", "weight_kg", "bsa_m2"], ...], Bounds(1, 3)]


class DocumentNeed(Fresh):
    """A document of one of these kinds, attached or on record."""

    need: Literal["document"]
    kinds: Annotated[tuple[DocumentKind, ...], Bounds(1, 8)]


class AnyOf(Record):
    """One of these."""

    need: Literal["any_of"]
    needs: Annotated[tuple[Need, ...], Bounds(2, 12)]


class AllOf(Record):
    """All of these."""

    need: Literal["all_of"]
    needs: Annotated[tuple[Need, ...], Bounds(2, 12)]


SingleNeed = (
    BiomarkerNeed
    | StageNeed
    | PerformanceNeed
    | LaboratoryNeed
    | ActivityNeed
    | ImagingNeed
    | BoneDensityNeed
    | ConservativeCareNeed
    | LineOfTherapyNeed
    | PriorTherapyNeed
    | HistologyNeed
    | DiagnosisNeed
    | BodyNeed
    | DocumentNeed
)
Need = Annotated[SingleNeed | AnyOf | AllOf, Field(discriminator="need")]

AnyOf.model_rebuild()
AllOf.model_rebuild()
