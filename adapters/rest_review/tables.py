"""The code tables this channel reads (mappings/codes), the words each may use, and the codes nobody may redefine."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gateway.model.reasons import Word


class Status(StrEnum):
    """A line's outcome, or that the network still works on it (which is no word of the payer's)."""

    PENDING = "pending"
    CERTIFIED = "certified"
    CERTIFIED_MODIFIED = "certified_modified"
    NOT_CERTIFIED = "not_certified"
    NOT_REQUIRED = "not_required"
    CANCELLED = "cancelled"
    CONTACT_PAYER = "contact_payer"
    UNKNOWN = "unknown"
    IN_PROCESS = "in_process"


STATUSES, REASONS = "service_review_status", "x12_hcr03"
"""Reasons are the X12 list: the API's codes are X12's throughout, as far as anybody published them."""

CODE_TABLES: Mapping[str, type[StrEnum]] = MappingProxyType({STATUSES: Status, REASONS: Word})

CODE_ANCHORS: Mapping[str, Mapping[str, frozenset[StrEnum]]] = MappingProxyType(
    {
        # Two public guides disagree on these codes; one of them would turn denials into approvals.
        STATUSES: MappingProxyType(
            {
                "A1": frozenset({Status.CERTIFIED}),
                "A2": frozenset({Status.UNKNOWN}),
                "A3": frozenset({Status.NOT_CERTIFIED}),
                "A4": frozenset({Status.PENDING}),
                "A6": frozenset({Status.CERTIFIED_MODIFIED}),
                "C": frozenset({Status.CANCELLED}),
                "CT": frozenset({Status.CONTACT_PAYER}),
                "NA": frozenset({Status.NOT_REQUIRED}),
            }
        ),
    }
)
