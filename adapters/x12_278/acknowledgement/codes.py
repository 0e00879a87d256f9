"""The codes of the 999 and of TA1, as the maps under ``mappings/guides/x12`` have them. What they mean, the tables of
codes say. A test holds these sets against the maps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TAKEN = frozenset("AE")
REFUSED = frozenset("MRWX")
PARTLY = frozenset("P")


def _numbers(*runs: tuple[int, int]) -> frozenset[str]:
    return frozenset(str(code) for first, last in runs for code in range(first, last + 1))


SEGMENT = _numbers((1, 8)) | {"I4", "I6", "I7", "I8", "I9"}
ELEMENT = _numbers((1, 10), (11, 13)) | {"I6", "I9", "I10", "I11", "I12", "I13"}
TRANSACTION = _numbers((1, 13), (15, 19), (23, 27)) | {"I5", "I6"}
GROUP = _numbers((1, 6), (10, 19), (23, 26))
NOTE = frozenset(f"{code:03d}" for code in range(32))

KNOWN: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "TA104": TAKEN | {"R"},
        "TA105": NOTE,
        "IK304": SEGMENT,
        "IK403": ELEMENT,
        "IK501": TAKEN | REFUSED,
        "IK502": TRANSACTION,
        "AK901": TAKEN | REFUSED | PARTLY,
        "AK905": GROUP,
    }
)
