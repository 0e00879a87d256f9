"""What becomes of an answer: matched with what was sent, or quarantined with the reason. And what is known for that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from adapters.x12_278.acknowledgement.arrived import Item, Seen
from adapters.x12_278.acknowledgement.sent import Key, Sent


class Basis(StrEnum):
    CONTROL = "control"
    TRACE = "trace"
    REFERENCE = "reference"


class Reason(StrEnum):
    UNKNOWN = "unknown"
    """Nothing was sent that has the number between these parties, or the trace, or the reference. It may be registered
    later: look again before a person does."""
    OTHER_KIND = "other_kind"
    """The number is that of a group, transaction or guide of another kind."""
    OTHER_DAY = "other_day"
    """A TA1 repeats a number of ours and not its day."""
    OTHER_PARTIES = "other_parties"
    """BHT03 is ours, and was sent to somebody else."""
    SENT_LATER = "sent_later"
    """What has the number was sent after the answer."""
    AMBIGUOUS = "ambiguous"
    CONTRADICTION = "contradiction"
    """Control number, trace and BHT03 name different messages, or a trace is of another message than BHT03."""
    SEVERAL = "several"
    """It is about several cases, whatever its BHT03 says: who is told of one would see the others."""
    NO_ANSWER = "no_answer"
    """It answers nothing that this channel sends."""


class Novelty(StrEnum):
    FIRST = "first"
    REPEATED = "repeated"
    """The same bytes came before: nothing is to be done."""
    NUMBER_REUSED = "number_reused"
    """Other bytes came under the same number: one of them is not what its sender meant to send."""


class Place(NamedTuple):
    """A message that was sent: the document, an interchange of it, a group in that, a transaction in that, all counted
    from 0."""

    key: str
    group: int | None = None
    transaction: int | None = None
    interchange: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    item: Item
    place: Place
    by: Basis


@dataclass(frozen=True, slots=True)
class Quarantined:
    """``candidates`` are what it may belong to, for a person to look at: of very many the first."""

    item: Item
    reason: Reason
    candidates: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    novelty: Novelty
    findings: tuple[Match | Quarantined, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What was sent and what came so far: all of it, or what a store found."""

    sent: tuple[Sent, ...] = ()
    seen: tuple[Seen, ...] = ()

    def only(self, keys: Collection[Key]) -> Known:
        """What a store finds under these keys."""
        asked = frozenset(keys)
        found = tuple(sent for sent in self.sent if sent.keys() & asked)
        return Known(found, tuple(seen for seen in self.seen if seen.key() in asked))
