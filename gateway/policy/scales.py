"""Performance status on two scales, compared on one. The score as given is never replaced."""

from __future__ import annotations

from gateway.model.clinical import PerformanceStatus
from gateway.model.performance import KARNOFSKY, as_ecog
from gateway.profiles.policies_needs import PerformanceNeed


def is_no_worse(given: PerformanceStatus, wanted: PerformanceNeed) -> bool | None:
    """Whether a status is no worse than the bound; None where the other scale is too coarse to tell."""
    if given.scale == wanted.scale:
        return given.score <= wanted.worst if wanted.scale == "ecog" else given.score >= wanted.worst
    if wanted.scale == "ecog":
        return as_ecog(given.score) <= wanted.worst
    low, high = KARNOFSKY[given.score]
    if low >= wanted.worst:
        return True
    return False if high < wanted.worst else None
