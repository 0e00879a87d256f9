"""In what order a payer's messages count: by its own time of them as far as that can be trusted, then by receipt.

The payer's times count to the minute: some of its messages say seconds and some do not, and it writes several in a
minute. One that lies after the receipt is a wrong clock or a garbled date; taken at its word, it would keep every later
message from counting. And what answers a question that was sent after something was heard is never older than that,
whatever its date says.

The order of receipt says nothing of what came in files. Those of a minute that say seconds stand by these among
themselves; of the others nobody knows which is later (``Placed.is_unclear``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.model.outcome import Answer
from gateway.model.story import Heard

_AHEAD = timedelta(minutes=2)


@dataclass(frozen=True)
class Placed:
    """A message and its place. ``raised`` says that its own date is older than its question allows."""

    heard: Heard
    digest: bytes
    minute: datetime
    raised: bool
    second: datetime | None
    """The payer's own time, of what came in a file and says seconds."""

    def is_unclear(self, later: Placed) -> bool:
        """True where one of two messages of a minute came in a file, and nothing says that it is the later one that was
        placed so."""
        one, other = self.heard, later.heard
        if self.minute != later.minute or not (one.posted or other.posted):
            return False
        if other.asked and one.at <= other.asked:
            return False
        return self.second is None or later.second is None or self.second == later.second


def in_order(heard: Iterable[Heard]) -> list[Placed]:
    """Each meaning once, the oldest first; an acknowledgement once of each kind of message. One that answers a later
    question is said anew, not a copy."""
    placed: list[Placed] = []
    times: list[datetime] = []
    latest: list[tuple[datetime, datetime]] = []  # of the minutes up to there, and of its seconds
    received = sorted(((item, item.outcome.digest()) for item in heard), key=lambda found: (found[0].at, found[1]))
    for item, digest in received:
        own, second = _minute(item), _second(item)
        least = own
        if item.asked and (known := bisect_right(times, item.asked)):
            least, by = latest[known - 1]
            second = second if second and (least, by) <= (own, second) else None
        placed.append(Placed(item, digest, max(own, least), least > own, second))
        times.append(item.at)
        latest.append(max([*latest[-1:], (placed[-1].minute, second or placed[-1].minute)]))
    once: dict[tuple[bytes, bool, datetime | None, str], Placed] = {}
    for one in _by_seconds(sorted(placed, key=lambda one: (one.minute, one.heard.at, one.digest))):
        anew = one.minute if one.raised else None
        outcome = one.heard.outcome
        kind = outcome.said_in if outcome.answer is Answer.RECEIVED else ""
        once.setdefault((one.digest, one.heard.on_filing, anew, kind), one)
    return list(once.values())


def _by_seconds(placed: list[Placed]) -> list[Placed]:
    """Those that say seconds, in the order of these at the places they hold together. The others stay."""
    timed = iter(sorted((one for one in placed if one.second), key=lambda one: (one.minute, one.second)))
    return [next(timed) if one.second else one for one in placed]


def _second(item: Heard) -> datetime | None:
    """None for what says no seconds; a time that says 00 may be one of those. A clock that is a little ahead of ours
    still says which of its own messages is the later."""
    said = item.outcome.effective_at
    if not item.posted or said is None or said > item.at + _AHEAD or not (said.second or said.microsecond):
        return None
    return said.astimezone(UTC)


def _minute(item: Heard) -> datetime:
    said = item.outcome.effective_at
    return min(said or item.at, item.at).astimezone(UTC).replace(second=0, microsecond=0)
