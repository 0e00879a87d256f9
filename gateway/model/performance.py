"""Which scores of performance lie beside each other on the two scales: Karnofsky's 100 and 90 beside ECOG's 0, 80 and
70 beside 1, and so on, 0 beside 5 (Oken and others, Am J Clin Oncol 1982; 5:649).
"""

from __future__ import annotations

from types import MappingProxyType

KARNOFSKY = MappingProxyType({0: (90, 100), 1: (70, 80), 2: (50, 60), 3: (30, 40), 4: (10, 20), 5: (0, 0)})
"""The lowest and the highest score of Karnofsky's beside each of ECOG's."""


def as_ecog(karnofsky: int) -> int:
    """A score of Karnofsky's, of 0 to 100 in tens, as one of ECOG's."""
    return next(grade for grade, (low, high) in KARNOFSKY.items() if low <= karnofsky <= high)
