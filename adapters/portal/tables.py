"""The words a site's table of status words may use (mappings/codes), and what a denial or approval may never become."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from gateway.model.status import LineOutcome

YES = frozenset({LineOutcome.CERTIFIED})
NO = frozenset({LineOutcome.NOT_CERTIFIED})
GRANTED = frozenset({LineOutcome.CERTIFIED, LineOutcome.CERTIFIED_MODIFIED})
OPEN = frozenset({LineOutcome.PENDING, LineOutcome.INFO_REQUESTED, LineOutcome.UNKNOWN, LineOutcome.CONTACT_PAYER})

Anchors = Mapping[str, frozenset[StrEnum]]
"""Status words that a site's table must have, and what each may mean."""
