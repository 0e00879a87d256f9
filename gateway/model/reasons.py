"""Why a payer did not simply say yes: our words, what each implies, and the payer's own words beside them.

Knows no channel's codes; the tables under mappings/codes lead from those to these words.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import Field, computed_field, model_validator

from gateway.model.record import Record


class NextAction(StrEnum):
    """What usually helps. A suggestion to a person, never done by itself."""

    CORRECT_AND_RESUBMIT = "correct_and_resubmit"
    RESUBMIT_LATER = "resubmit_later"
    WAIT = "wait"
    SEND_DOCUMENTS = "send_documents"
    PEER_TO_PEER = "peer_to_peer"
    APPEAL = "appeal"
    CHANGE_SITE = "change_site"
    CHANGE_PRODUCT = "change_product"
    CHANGE_PROVIDER = "change_provider"
    ADJUST_QUANTITY = "adjust_quantity"
    FIND_EXISTING = "find_existing"
    REROUTE = "reroute"
    CHECK_COVERAGE = "check_coverage"
    CALL_PAYER = "call_payer"
    NONE = "none"


class Scope(StrEnum):
    """What an adverse answer is about: the drug can be approved and its site denied."""

    CASE = "case"
    LINE = "line"
    SITE = "site"
    QUANTITY = "quantity"
    PERIOD = "period"
    PRODUCT = "product"


class Word(StrEnum):
    """The gateway's word for a reason."""

    MEDICAL_NECESSITY = "medical_necessity"
    OFF_LABEL_NO_COMPENDIUM = "off_label_no_compendium"
    STEP_THERAPY_MISSING = "step_therapy_missing"
    STEP_THERAPY_INSUFFICIENT_DURATION = "step_therapy_insufficient_duration"
    STEP_THERAPY_INSUFFICIENT_DOSE = "step_therapy_insufficient_dose"
    EXPERIMENTAL = "experimental"
    GUIDELINE_NOT_MET = "guideline_not_met"
    WRONG_LINE_OF_THERAPY = "wrong_line_of_therapy"
    PREFERRED_ALTERNATIVE = "preferred_alternative"
    QUANTITY_OR_FREQUENCY_LIMIT = "quantity_or_frequency_limit"
    DURATION_LIMIT = "duration_limit"
    APPEAL_UPHELD = "appeal_upheld"
    SITE_OF_SERVICE = "site_of_service"
    OUT_OF_NETWORK = "out_of_network"
    PROVIDER_NOT_ELIGIBLE = "provider_not_eligible"
    LEVEL_OF_CARE = "level_of_care"
    NOT_A_COVERED_BENEFIT = "not_a_covered_benefit"
    NCD_LCD_NON_COVERAGE = "ncd_lcd_non_coverage"
    MEMBER_NOT_FOUND = "member_not_found"
    COVERAGE_INACTIVE = "coverage_inactive"
    WRONG_PAYER_OR_DELEGATE = "wrong_payer_or_delegate"
    BENEFIT_SIDE_WRONG = "benefit_side_wrong"
    BENEFIT_EXHAUSTED = "benefit_exhausted"
    MISSING_DOCUMENTATION = "missing_documentation"
    EXPIRED_DOCUMENTATION = "expired_documentation"
    WRONG_FORMAT = "wrong_format"
    INCONSISTENT_ANSWERS = "inconsistent_answers"
    NO_RESPONSE = "no_response"
    DUPLICATE_IN_PROCESS = "duplicate_in_process"
    DUPLICATE_APPROVED = "duplicate_approved"
    DUPLICATE_DENIED = "duplicate_denied"
    REFERRAL_MISSING = "referral_missing"
    UNTIMELY = "untimely"
    INVALID_CODE = "invalid_code"
    MISSING_IDENTIFIER = "missing_identifier"
    RETRO_NOT_ALLOWED = "retro_not_allowed"
    CANCELLED_BY = "cancelled_by"
    NOT_REQUIRED = "not_required"
    CHANNEL_NOT_SUPPORTED = "channel_not_supported"
    PAYER_UNAVAILABLE = "payer_unavailable"
    CONTACT_PAYER = "contact_payer"
    IN_REVIEW = "in_review"
    OTHER = "other"
    UNMAPPED = "unmapped"


class Implication(NamedTuple):
    """What a word implies by itself; a payer's profile may know better."""

    clinical: bool
    appealable: bool
    peer_to_peer: bool
    next_action: NextAction


_CLINICAL = Implication(True, True, True, NextAction.PEER_TO_PEER)
_COVERAGE = Implication(False, True, False, NextAction.CHECK_COVERAGE)
_ADMINISTRATIVE = Implication(False, False, False, NextAction.CORRECT_AND_RESUBMIT)
_DOCUMENTS = Implication(False, True, False, NextAction.SEND_DOCUMENTS)
_EXISTING = Implication(False, False, False, NextAction.FIND_EXISTING)
_NOT_A_DENIAL = Implication(False, False, False, NextAction.NONE)

IMPLICATIONS: Mapping[Word, Implication] = MappingProxyType(
    {
        Word.MEDICAL_NECESSITY: _CLINICAL,
        Word.OFF_LABEL_NO_COMPENDIUM: _CLINICAL,
        Word.STEP_THERAPY_MISSING: _CLINICAL,
        Word.STEP_THERAPY_INSUFFICIENT_DURATION: _CLINICAL,
        Word.STEP_THERAPY_INSUFFICIENT_DOSE: _CLINICAL,
        Word.EXPERIMENTAL: _CLINICAL,
        Word.GUIDELINE_NOT_MET: _CLINICAL,
        Word.WRONG_LINE_OF_THERAPY: _CLINICAL,
        Word.PREFERRED_ALTERNATIVE: _CLINICAL._replace(next_action=NextAction.CHANGE_PRODUCT),
        Word.QUANTITY_OR_FREQUENCY_LIMIT: _CLINICAL._replace(next_action=NextAction.ADJUST_QUANTITY),
        Word.DURATION_LIMIT: _CLINICAL._replace(next_action=NextAction.ADJUST_QUANTITY),
        Word.APPEAL_UPHELD: _CLINICAL._replace(peer_to_peer=False, next_action=NextAction.APPEAL),
        Word.SITE_OF_SERVICE: Implication(False, True, True, NextAction.CHANGE_SITE),
        Word.OUT_OF_NETWORK: Implication(False, True, False, NextAction.CHANGE_PROVIDER),
        Word.PROVIDER_NOT_ELIGIBLE: Implication(False, True, False, NextAction.CHANGE_PROVIDER),
        Word.LEVEL_OF_CARE: _CLINICAL._replace(next_action=NextAction.CHANGE_SITE),
        Word.NOT_A_COVERED_BENEFIT: _COVERAGE,
        Word.NCD_LCD_NON_COVERAGE: _COVERAGE._replace(clinical=True, next_action=NextAction.APPEAL),
        Word.MEMBER_NOT_FOUND: Implication(False, False, False, NextAction.CORRECT_AND_RESUBMIT),
        Word.COVERAGE_INACTIVE: _COVERAGE._replace(appealable=False),
        Word.WRONG_PAYER_OR_DELEGATE: Implication(False, False, False, NextAction.REROUTE),
        Word.BENEFIT_SIDE_WRONG: Implication(False, False, False, NextAction.REROUTE),
        Word.BENEFIT_EXHAUSTED: _COVERAGE,
        Word.MISSING_DOCUMENTATION: _DOCUMENTS,
        Word.EXPIRED_DOCUMENTATION: _DOCUMENTS,
        Word.WRONG_FORMAT: _ADMINISTRATIVE,
        Word.INCONSISTENT_ANSWERS: _ADMINISTRATIVE,
        Word.NO_RESPONSE: _DOCUMENTS,
        Word.DUPLICATE_IN_PROCESS: _EXISTING,
        Word.DUPLICATE_APPROVED: _EXISTING,
        Word.DUPLICATE_DENIED: _EXISTING._replace(appealable=True, next_action=NextAction.APPEAL),
        Word.REFERRAL_MISSING: _ADMINISTRATIVE,
        Word.UNTIMELY: _ADMINISTRATIVE._replace(appealable=True, next_action=NextAction.APPEAL),
        Word.INVALID_CODE: _ADMINISTRATIVE,
        Word.MISSING_IDENTIFIER: _ADMINISTRATIVE,
        Word.RETRO_NOT_ALLOWED: _ADMINISTRATIVE._replace(appealable=True, next_action=NextAction.APPEAL),
        Word.CANCELLED_BY: _NOT_A_DENIAL,
        Word.NOT_REQUIRED: _NOT_A_DENIAL,
        Word.CHANNEL_NOT_SUPPORTED: _NOT_A_DENIAL._replace(next_action=NextAction.REROUTE),
        Word.PAYER_UNAVAILABLE: _NOT_A_DENIAL._replace(next_action=NextAction.RESUBMIT_LATER),
        Word.CONTACT_PAYER: _NOT_A_DENIAL._replace(next_action=NextAction.CALL_PAYER),
        Word.IN_REVIEW: _NOT_A_DENIAL._replace(next_action=NextAction.WAIT),
        Word.OTHER: Implication(False, True, False, NextAction.CALL_PAYER),
        Word.UNMAPPED: Implication(False, False, False, NextAction.CALL_PAYER),
    }
)


class Reason(Record):
    """One reason: our word, and the payer's code and text as they came.

    ``code_system`` names the code list (``x12_hcr03``). ``text`` is the payer's own sentence, or None.
    """

    word: Word
    code: str | None = None
    code_system: str | None = None
    text: str | None = None
    scope: Scope = Scope.CASE
    suggested: NextAction | None = None
    """Set when the payer itself said what to do next; otherwise the word's own suggestion holds."""
    rule: Annotated[
        str | None,
        Field(
            exclude_if=lambda rule: rule is None,
            description="The text rule that read the word in the payer's own words; absent where no rule did.",
        ),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _without_implications(cls, value: Any) -> Any:
        """A reason written as JSON carries what its word implies; read back, that follows from the word again."""
        if not isinstance(value, dict):
            return value
        return {name: part for name, part in value.items() if name not in Implication._fields}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def clinical(self) -> bool:
        return IMPLICATIONS[self.word].clinical

    @computed_field  # type: ignore[prop-decorator]
    @property
    def appealable(self) -> bool:
        return IMPLICATIONS[self.word].appealable

    @computed_field  # type: ignore[prop-decorator]
    @property
    def peer_to_peer(self) -> bool:
        return IMPLICATIONS[self.word].peer_to_peer

    @computed_field  # type: ignore[prop-decorator]
    @property
    def next_action(self) -> NextAction:
        return self.suggested or IMPLICATIONS[self.word].next_action
