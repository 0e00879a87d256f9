"""In what order a payer's messages count: by its own time of them as far as that can be trusted, then by receipt.

The payer's times count to the minute: some of its messages say seconds and some do not, and it writes several in a
minute. One that lies after the receipt is a wrong clock or a garbled date; taken at its word, it would keep every later
message from counting. And what answers a question that was sent after something was heard is never older than that,
whatever its date says.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.model.hearing import Heard


@dataclass(frozen=True)
class Placed:
    """A message and its place. ``raised`` says that its own date is older than its question allows."""

    heard: Heard
    digest: bytes
    minute: datetime
    raised: bool


def in_order(heard: Iterable[Heard]) -> list[Placed]:
    """Each meaning once, the oldest first. One that answers a later question is said anew, not a copy."""
    placed: list[Placed] = []
    times: list[datetime] = []
    latest: list[datetime] = []  # of the minutes up to there
    received = sorted(((item, item.outcome.digest()) for item in heard), key=lambda found: (found[0].at, found[1]))
    for item, digest in received:
        own = least = _minute(item)
        if item.asked and (known := bisect_right(times, item.asked)):
            least = latest[known - 1]
        placed.append(Placed(item, digest, max(own, least), raised=least > own))
        times.append(item.at)
        latest.append(max([*latest[-1:], placed[-1].minute]))
    once: dict[tuple[bytes, bool, datetime | None], Placed] = {}
    for one in sorted(placed, key=lambda one: (one.minute, one.heard.at, one.digest)):
        once.setdefault((one.digest, one.heard.on_filing, one.minute if one.raised else None), one)
    return list(once.values())


def _minute(item: Heard) -> datetime:
    said = item.outcome.effective_at
    return min(said or item.at, item.at).astimezone(UTC).replace(second=0, microsecond=0)
