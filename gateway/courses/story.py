"""A patient's timeline: cases, decisions and events of the treatment, in the order in which they happened.

When they were told to the gateway does not count. Of one day, what was asked and decided comes before what was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from gateway.courses.advice import Advice, Rules, Seen, advise, retracted
from gateway.courses.grant import Grant, Moment, grants_of
from gateway.courses.joining import joined
from gateway.courses.ledger import Ledger, keep
from gateway.courses.treatment import Treatment, TreatmentKind
from gateway.model.outcome import LineResult
from gateway.model.status import CaseStatus
from gateway.profiles.reference import Reference


class Happened(StrEnum):
    ASKED = "asked"
    DECIDED = "decided"
    """A payer said something that changed what is granted, or where the case stands."""
    TREATED = "treated"


@dataclass(frozen=True)
class Happening:
    """``at`` is the moment, where more than the day is known."""

    what: Happened
    on: date
    at: datetime | None = None
    case_id: UUID | None = None
    status: CaseStatus | None = None
    lines: Mapping[str, LineResult] = field(default_factory=dict)
    event: Treatment | None = None
    advice: Advice | None = None


@dataclass(frozen=True)
class Course:
    """Everything that is known of a patient's treatment. ``moments`` are those of each case, in order."""

    cases: tuple[Seen, ...]
    moments: Mapping[UUID, Sequence[Moment]]
    payers: Mapping[UUID, dict[str, str]]
    events: tuple[Treatment, ...]
    reference: Reference
    rules: Rules

    def grants(self) -> list[Grant]:
        grants = [
            grant
            for seen in self.cases
            for grant in grants_of(seen.id, seen.request, self.payers[seen.id], self.moments[seen.id])
        ]
        return joined(grants, {seen.id: seen.request for seen in self.cases})

    @cached_property
    def counted(self) -> tuple[Treatment, ...]:
        """The events that happened: none that another retracts, whichever of the two was told first."""
        retractions = [event for event in self.events if event.kind is TreatmentKind.RETRACTED]
        return tuple(
            event
            for event in self.events
            if event.kind is not TreatmentKind.RETRACTED and not any(one.retracts_this(event) for one in retractions)
        )

    @cached_property
    def _happened(self) -> frozenset[str]:
        return frozenset(event.id for event in self.counted)

    def ledger(self) -> Ledger:
        return keep(self.grants(), self.counted, self.reference)

    def advise(self, event: Treatment, ledger: Ledger) -> Advice:
        """What one of its events comes to."""
        if event.id not in self._happened:
            return retracted(event)
        return advise(event, self.cases, ledger, self.rules)

    def tell(self) -> tuple[Happening, ...]:
        """The timeline."""
        ledger = self.ledger()
        asked = (Happening(Happened.ASKED, one.asked_at.date(), one.asked_at, one.id) for one in self.cases)
        decided = (each for one in self.cases for each in _decisions(one.id, self.moments[one.id]))
        events = {event.id: event for event in self.events}.values()
        treated = (
            Happening(Happened.TREATED, event.on, event=event, advice=self.advise(event, ledger)) for event in events
        )
        return tuple(sorted((*asked, *decided, *treated), key=_order))


def _decisions(case_id: UUID, moments: Iterable[Moment]) -> Iterable[Happening]:
    before: tuple[object, object] | None = None
    for at, standing in moments:
        now = standing.status, standing.lines
        if now != before:
            yield Happening(Happened.DECIDED, at.date(), at, case_id, standing.status, standing.lines)
        before = now


def _order(one: Happening) -> tuple[date, bool, str, int, str]:
    name = one.event.id if one.event else str(one.case_id)
    moment = one.at.isoformat(timespec="microseconds") if one.at else ""
    return one.on, one.at is None, moment, list(Happened).index(one.what), name
