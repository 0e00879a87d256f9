"""Performance status on two scales, compared on one. The score as given is never replaced.

Which scores of Karnofsky's lie beside which of ECOG's: Oken and others, Am J Clin Oncol 1982; 5:649 (100 and 90 are
beside 0, 80 and 70 beside 1, and so on, 0 beside 5).
"""

from __future__ import annotations

from gateway.model.clinical import PerformanceStatus
from gateway.profiles.policies_needs import PerformanceNeed

_KARNOFSKY = {0: (90, 100), 1: (70, 80), 2: (50, 60), 3: (30, 40), 4: (10, 20), 5: (0, 0)}
"""The lowest and the highest score of Karnofsky's beside each of ECOG's."""


def is_no_worse(given: PerformanceStatus, wanted: PerformanceNeed) -> bool | None:
    """Whether a status is no worse than the bound; None where the other scale is too coarse to tell."""
    if given.scale == wanted.scale:
        return given.score <= wanted.worst if wanted.scale == "ecog" else given.score >= wanted.worst
    if wanted.scale == "ecog":
        return as_ecog(given.score) <= wanted.worst
    low, high = _KARNOFSKY[given.score]
    if low >= wanted.worst:
        return True
    return False if high < wanted.worst else None


def as_ecog(karnofsky: int) -> int:
    """A score of Karnofsky's as one of ECOG's."""
    return next(grade for grade, (low, high) in _KARNOFSKY.items() if low <= karnofsky <= high)
