"""The code tables this channel reads (mappings/codes), the words each may use, and the codes nobody may redefine."""

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


class Proof(StrEnum):
    """When a refusal by a code that speaks of waiting proves that nothing was filed."""

    NEVER = "never"
    ASKED_AGAIN = "asked_again"
    """Where AAA04 asks for the same request again."""


CODE_TABLES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {
        "x12_hcr01": LineOutcome,
        "x12_hcr03": Word,
        "x12_hcr04": Word,
        "x12_aaa03": Word,
        "x12_aaa03_inquiry": Answer,
        "x12_aaa03_filing": Proof,
        "x12_aaa04": NextAction,
        "x12_999": Word,
        "x12_ta1": Word,
        "x12_824": Word,
        "pwk01": DocumentKind,
    }
)


def _anchored(**codes: StrEnum) -> Mapping[str, frozenset[StrEnum]]:
    return MappingProxyType({code.removeprefix("_"): frozenset({word}) for code, word in codes.items()})


CODE_ANCHORS: Mapping[str, Mapping[str, frozenset[StrEnum]]] = MappingProxyType(
    {
        # A denial that reads as an approval, or the reverse.
        "x12_hcr01": _anchored(
            A1=LineOutcome.CERTIFIED,
            A2=LineOutcome.UNKNOWN,
            A3=LineOutcome.NOT_CERTIFIED,
            A4=LineOutcome.PENDING,
            A6=LineOutcome.CERTIFIED_MODIFIED,
            C=LineOutcome.CANCELLED,
            CT=LineOutcome.CONTACT_PAYER,
            NA=LineOutcome.NOT_REQUIRED,
        ),
        # Not found proves absence, and what is absent is filed again. A member or number unknown to an inquiry is not.
        "x12_aaa03_inquiry": _anchored(AA=Answer.UNMAPPED, _67=Answer.UNMAPPED, _75=Answer.UNMAPPED),
        # What may be on file is asked about, and not filed a second time.
        "x12_aaa03_filing": {
            "42": frozenset(Proof),
            **_anchored(_80=Proof.NEVER),
        },
        # What must not be sent again, and what only after a correction.
        "x12_aaa04": _anchored(
            C=NextAction.CORRECT_AND_RESUBMIT, N=NextAction.NONE, S=NextAction.NONE, Y=NextAction.WAIT
        ),
        # A control number that was seen before: what came under it may be on file, so it is no plain refusal.
        "x12_ta1": _anchored(_025=Word.DUPLICATE_IN_PROCESS),
        "x12_999": _anchored(
            **{"AK905.19": Word.DUPLICATE_IN_PROCESS, "IK502.23": Word.DUPLICATE_IN_PROCESS},
        ),
        # So it is with what an application calls a duplicate.
        "x12_824": _anchored(_006=Word.DUPLICATE_IN_PROCESS, _817=Word.DUPLICATE_IN_PROCESS),
    }
)
