"""What is not as the guide has it in an acknowledgement, and could be read all the same. Says places, never values."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    UNKNOWN_CODE = "unknown_code"
    MISSING = "missing"
    EXTRA = "extra"
    """Elements or components that the segment does not have: in ``kept`` of its record."""
    MISPLACED = "misplaced"
    """A segment that belongs nowhere there: in ``kept`` of the whole."""
    COUNTS = "counts"
    CONTRADICTION = "contradiction"
    """A group is taken and a transaction of it refused, or the other way round."""
    SEVERAL_GROUPS = "several_groups"
    """One 999 speaks of more than one group."""
    OLDER_SEGMENTS = "older_segments"
    """AK3, AK4 or AK5 in a 999."""
    OLDER_TRANSACTION = "older_transaction"
    """A 997."""
    NO_GROUP_VERDICT = "no_group_verdict"
    NO_TRANSACTION_VERDICT = "no_transaction_verdict"
    ENVELOPE = "envelope"


class Oddity(NamedTuple):
    """``segment`` counts from 1, ``offset`` is where the segment or element begins."""

    kind: Kind
    says: str
    segment: int
    offset: int
