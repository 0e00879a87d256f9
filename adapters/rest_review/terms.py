"""Holds what was granted of a line against what was asked: how much, for which days, where, by whom and as what.

Less, or something else, is no plain yes, whichever of the procedure and the review says it. Reviews repeat what was
filed: what is as it was asked for says nothing, and so does more of it. The procedure and the review are read together,
and what is in both counts. Sets of rules as the X12 channel has them, so that one payer's word is one over both.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from adapters.rest_review.periods import Period, fitted, period_of
from adapters.rest_review.reading import GRANTED, Reading, amount
from adapters.rest_review.sites import Site, Sites
from adapters.rest_review.tree import Node
from adapters.rest_review.write import REQUESTS, UNITS
from gateway.model.line import Line
from gateway.model.outcome import ApprovedQuantity, Span
from gateway.model.request import PARequest
from gateway.model.status import LineOutcome


class Granted(NamedTuple):
    """What a line comes to by the terms of its grant, and these terms, as the outcome holds them."""

    outcome: LineOutcome
    quantity: ApprovedQuantity | None = None
    period: Span | None = None
    place_of_service: str | None = None
    provider_npi: str | None = None


class _Amount(NamedTuple):
    """``value`` is None where it cannot be read; ``counts`` where it has no unit."""

    node: Node
    value: Decimal | None
    counts: str | None


class Terms:
    """The terms of a review."""

    def __init__(self, review: Node, request: PARequest, service_type: str, reading: Reading) -> None:
        self._review = review
        self._request = request
        self._service_type = service_type
        self._reading = reading
        self._sites = Sites(review, request, reading)
        self._is_one = len(request.lines) == 1 and len(review.items("procedures")) <= 1

    def weigh(self, outcome: LineOutcome, procedure: Node | None, line: Line, pointer: str) -> Granted:
        """What a line comes to that this procedure answers, or the review alone."""
        if outcome not in GRANTED:
            return Granted(outcome)
        items = [procedure, self._review] if procedure else [self._review]
        reading = self._reading
        told, outcome = self._quantity(outcome, procedure, line)
        period = period_of(items, line, reading)
        outcome = fitted(outcome, period, line, reading)
        site = self._sites.of(procedure)
        if outcome is LineOutcome.CERTIFIED and (self._is_another_kind() or site.other):
            outcome = LineOutcome.CERTIFIED_MODIFIED
        return self._told(outcome, told, period, site, pointer)

    def _told(
        self, outcome: LineOutcome, told: _Amount | None, period: Period | None, site: Site, pointer: str
    ) -> Granted:
        quantity = None
        if told is not None and told.value is not None and told.counts is not None:
            self._reading.keep(f"{pointer}/quantity", told.node)
            quantity = ApprovedQuantity(value=told.value, unit=told.counts[:40])
        if outcome not in GRANTED:
            return Granted(outcome, quantity)
        span = period.told(f"{pointer}/period", self._reading) if period else None
        for name, node in (("place_of_service", site.place), ("provider_npi", site.provider)):
            if node is not None:
                self._reading.keep(f"{pointer}/{name}", node)
        place, provider = (node.said if node else None for node in (site.place, site.provider))
        return Granted(outcome, quantity, span, place, provider)

    def _quantity(self, outcome: LineOutcome, procedure: Node | None, line: Line) -> tuple[_Amount | None, LineOutcome]:
        """The amount that counts, the least of all, and what it makes of the line. A review of one line says its own
        amount of that line; one of several says it of all of them together."""
        own = [self._review] if self._is_one else []
        amounts = [found for item in [*([procedure] if procedure else []), *own] if (found := _amount(item))]
        for found in amounts:
            if not found.value:
                self._reading.doubt("a granted quantity is nothing, or cannot be read")
                return found, LineOutcome.UNKNOWN
            if found.counts != line.quantity.unit and (found.counts or found.value != line.quantity.value):
                self._reading.doubt("a quantity was granted in another unit than was asked for, and may be less")
        fewer = [
            found
            for found in amounts
            if found.counts == line.quantity.unit and (found.value or 0) < line.quantity.value
        ]
        told = min(fewer or amounts[:1], key=lambda found: found.value or 0, default=None)
        above = None if self._is_one else self._above()
        if fewer and above is None:
            above = LineOutcome.CERTIFIED_MODIFIED
        return told, above or outcome

    def _above(self) -> LineOutcome | None:
        """What the review's own quantity leaves of its lines. It was never asked for."""
        found = _amount(self._review)
        if found is None:
            return None
        asked = sum(line.quantity.value for line in self._request.lines if line.quantity.unit == found.counts)
        if found.value and asked and found.value >= asked:
            return None
        self._reading.doubt("the review has a quantity of all its lines together, and not what they asked for")
        return LineOutcome.CERTIFIED_MODIFIED if found.value else LineOutcome.UNKNOWN

    def _is_another_kind(self) -> bool:
        """True for another kind of review than was asked for. A service type or a diagnosis that was not sent is
        a doubt: it may limit the grant, and may be the payer's own way of filing the same."""
        review, reading = self._review, self._reading
        kind, service = review.word("requestTypeCode"), review.word("serviceTypeCode")
        if service and _plain(service) != self._service_type.upper():
            reading.doubt("the review has another service type than was asked for")
        sent = {diagnosis.code.replace(".", "").upper() for diagnosis in self._request.diagnoses}
        if any((code := item.word("code")) and _plain(code) not in sent for item in review.items("diagnoses")):
            reading.doubt("the review has a diagnosis that was not sent")
        if kind is None or _plain(kind) == REQUESTS[self._request.review]:
            return False
        reading.doubt("the review is of another kind than was asked for")
        return True


def _plain(node: Node) -> str:
    return node.said.replace(".", "").upper()


def _amount(item: Node) -> _Amount | None:
    node, unit = item.word("quantity"), item.word("quantityTypeCode")
    if node is None:
        return None
    counts = UNITS.get(unit.said.upper(), unit.said) if unit else None
    return _Amount(node, amount(node), counts)
