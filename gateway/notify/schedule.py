"""When a webhook that failed is tried again: exponential steps with full jitter, then it is a dead letter. And how long
an endpoint is left alone that does not answer.

Pure: the caller brings the random number.
"""

from __future__ import annotations

STEPS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 43200.0)
"""Seconds. The wait after the n-th failed try is drawn from 0 to the n-th step: in the mean about 14 hours of trying,
27 at most."""

MAX_TRIES = len(STEPS) + 1
LONGEST_WAIT = 86400.0
"""A receiver that asks for more patience than a day (Retry-After) is not believed."""


def wait_after(tries: int, chance: float, retry_after: float | None = None) -> float | None:
    """Seconds to wait after ``tries`` failed tries, or None when it was the last one.

    ``chance`` is drawn evenly from 0 to 1 (full jitter, so that receivers coming back are not met by everybody at
    once). ``retry_after`` is what the receiver asked for, and is the least to wait.
    """
    if tries >= MAX_TRIES:
        return None
    drawn = STEPS[max(tries, 1) - 1] * chance
    return drawn if retry_after is None else max(drawn, min(retry_after, LONGEST_WAIT))


FIRST_REST, LONGEST_REST = 5.0, 600.0


def rest_after(silences: int) -> float | None:
    """Seconds in which an endpoint gets nothing at all after so many tries in a row without an answer; None for the
    first one. Its letters wait together: each alone would hold a connection for as long as the sender is patient."""
    return None if silences < 2 else min(FIRST_REST * 2.0 ** min(silences - 2, 10), LONGEST_REST)
