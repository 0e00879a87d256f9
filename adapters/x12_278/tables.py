"""The code tables this channel reads (mappings/codes), and which words each may use."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gateway.model.outcome import Answer
from gateway.model.reasons import NextAction, Word
from gateway.model.status import LineOutcome


class DocumentKind(StrEnum):
    """The kinds of ``gateway.model.request.Attachment``, as words for a table."""

    CLINICAL_NOTES = "clinical_notes"
    PATHOLOGY_REPORT = "pathology_report"
    LABORATORY_RESULTS = "laboratory_results"
    IMAGING_REPORT = "imaging_report"
    MEDICATION_HISTORY = "medication_history"
    TREATMENT_PLAN = "treatment_plan"
    LETTER_OF_MEDICAL_NECESSITY = "letter_of_medical_necessity"
    OTHER = "other"


CODE_TABLES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {
        "x12_hcr01": LineOutcome,
        "x12_hcr03": Word,
        "x12_aaa03": Word,
        "x12_aaa03_inquiry": Answer,
        "x12_aaa04": NextAction,
        "x12_999": Word,
        "x12_ta1": Word,
        "pwk01": DocumentKind,
    }
)
