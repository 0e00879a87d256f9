"""Reads on what terms a line is granted: how much, for which days, where and by whom, and as what.

Tells with these what the payer's word comes to. Which service answers which line is the business of ``pairs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.loops import Event, Loop
from adapters.x12_278.hearing.reading import Reading
from adapters.x12_278.hearing.terms.periods import Period, days_left, fitted, is_asked_for, period_of
from adapters.x12_278.hearing.terms.purposes import Purposes
from adapters.x12_278.hearing.terms.quantities import (
    Grant,
    granted,
    granted_above,
    granted_together,
    quantity_of,
    together,
    weaker,
    weighed,
)
from adapters.x12_278.hearing.terms.sites import Site, Sites, placed
from gateway.model.outcome import ApprovedQuantity
from gateway.model.request import Line
from gateway.model.status import LineOutcome


class Terms(NamedTuple):
    """All empty where nothing is granted."""

    grant: Grant = Grant()
    period: Period | None = None
    site: Site = Site()
    other: bool = False
    """True for another kind of review than was asked for."""

    def quantity(self, at: str, reading: Reading) -> ApprovedQuantity | None:
        """As the outcome holds it at this pointer."""
        amount = self.grant.amount
        quantity = quantity_of(amount) if amount else None
        if amount is None or quantity is None:
            return None
        reading.keep(f"{at}/quantity/value", amount.loop, amount.value)
        reading.keep(f"{at}/quantity/unit", amount.loop, amount.unit or amount.value)
        return quantity


class Granting:
    """The terms of an event and its services."""

    def __init__(self, event: Event, asked: Asked | None, reading: Reading) -> None:
        self.event = event
        self.reading = reading
        self._request = asked.request if asked else None
        self._lines = asked.request.lines if asked else ()
        self._sites = Sites(event.loop, asked.request if asked else None)
        self._purposes = Purposes(event.loop, asked.request if asked else None, reading)

    def terms(self, service: Loop | None, line: Line | None, shared: Sequence[Line] = ()) -> Terms:
        """Those of a line that this service grants, or the event where there is none. ``shared`` are all lines of a
        service that is several."""
        loops = [service] if service else []
        if self._is_one():
            loops.append(self.event.loop)
        period = period_of(service, self.event.loop, line, self._request, self.reading)
        if shared:
            grant = granted_together(loops, shared, self.reading)
        else:
            grant = granted(loops, line, days_left(period, line) if line else None, self.reading)
        other = self._purposes.other(service, shared or ([line] if line else []))
        return Terms(weaker(grant, self._above()), period, self._sites.of(service, line, self.reading), other)

    def weigh(self, outcome: LineOutcome, terms: Sequence[Terms], line: Line | None) -> LineOutcome:
        """The outcome of a line that is granted on these terms, those of each service that answers it. Of several, what
        is granted for days that nobody asked for is no part of what was."""
        grants = [each.grant for each in terms if line is None or is_asked_for(each.period, line)]
        grant = terms[0].grant if len(terms) == 1 else weaker(together(grants, line), self._above())
        found = fitted(weighed(outcome, grant), [each.period for each in terms], line, self.reading)
        if found is LineOutcome.CERTIFIED and any(each.other for each in terms):
            found = LineOutcome.CERTIFIED_MODIFIED
        return placed(found, [each.site for each in terms])

    def _above(self) -> Grant:
        """What the event's own quantity leaves of the lines, where it is not that of a single one."""
        return Grant() if self._is_one() else granted_above(self.event.loop, self._lines, self.reading)

    def _is_one(self) -> bool:
        """True when the event is one line, and one service at most."""
        return len(self.event.services) <= 1 and len(self._lines) <= 1
