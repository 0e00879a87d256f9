"""The words of an answer beside each other: the event's, and those of its services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.loops import Loop
from adapters.x12_278.hearing.verdicts import GRANTED, Verdict
from gateway.model.request import Line
from gateway.model.status import LineOutcome


@dataclass(frozen=True)
class Words:
    """``above`` is the event's word, ``own`` that of each service, None where it has none."""

    above: Verdict | None
    own: Sequence[Verdict | None]
    services: Sequence[Loop]
    asked: Asked | None

    def all(self) -> list[Verdict]:
        return [word for word in (self.above, *self.own) if word]

    def unconsidered(self) -> bool:
        """True when all that is said is A3 with 25: not considered, because of errors elsewhere (X12 RFI 2477)."""
        return all(
            word.said is LineOutcome.NOT_CERTIFIED and {given.reason.code for given in word.reasons} == {"25"}
            for word in self.all()
        )

    def explained(self) -> bool:
        """True where the event's word is that of a service, for the service says it too or says nothing itself."""
        above = self.above.outcome if self.above else None
        own = zip(self.services, self.own, strict=True)
        return any(word.outcome is above if word else not service.refuses() for service, word in own)

    def may_change(self, word: Verdict | None) -> bool:
        """True where something of the service may be changed: by its own word, or by the event's and no service's."""
        changed = (LineOutcome.CERTIFIED_MODIFIED, LineOutcome.UNKNOWN)
        if word is None or word.said in changed:
            return word is not None
        return self.changed_above(LineOutcome.CERTIFIED_MODIFIED) and word.said in GRANTED

    def changed_above(self, *changes: LineOutcome) -> bool:
        """True where the event says A6, and no service one of these words, which would be the change it speaks of."""
        changed = self.above is not None and self.above.outcome is LineOutcome.CERTIFIED_MODIFIED
        return changed and not any(word.outcome in changes for word in self.own if word)

    def cancel_a_part(self) -> bool:
        """True where the numbers that a cancellation names are not, or not certainly, all of the case."""
        if self.asked is None:
            return False
        numbers, lines = self.asked.numbers, [line.id for line in self.asked.request.lines]
        named = frozenset[str]().union(*(word.named for word in self.all()))
        # The number of the review is that of the whole, and of no authorization.
        reviews = {number for number in named if number in numbers} - self.asked.known.all
        return not self.asked.known.cancels(named - reviews, lines)

    def are_of_a_part(self, words: Sequence[Verdict | None], line: Line | None) -> bool:
        """True where what these services say of a line, or the event does, names one of several authorizations."""
        own = words[0] is not self.above
        if self.asked is None or (own and line is None):
            return False
        named = frozenset[str]().union(*(word.named for word in words if word))
        return self.asked.known.are_of_a_part(named, line.id if own and line else None)
