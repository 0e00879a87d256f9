"""What payers let be used: the terms of each line that was granted, and how later decisions changed them.

Reads where a case stood after each of its payers' messages. Knows no event of a treatment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from gateway.model.line import Line, LineRole, ServiceCode
from gateway.model.outcome import LineResult
from gateway.model.request import PARequest
from gateway.model.standing import Standing
from gateway.model.status import LineOutcome
from gateway.model.whole import CERTIFIED

Moment = tuple[datetime, Standing]
"""When a payer said something, and where the case stood then."""


@dataclass(frozen=True)
class Terms:
    """What may be used from ``since`` on. ``quantity`` is for the whole period, None where nobody knows it. Without
    ``granted`` it was withdrawn."""

    since: datetime
    granted: bool
    code: ServiceCode
    quantity: Decimal | None
    unit: str
    start: date | None
    end: date | None
    place_of_service: str | None
    provider_npi: str | None
    number: str | None


@dataclass(frozen=True)
class Grant:
    """A line of a case that was granted at some time. ``versions`` are in the order of the decisions; the last is in
    force. ``ndc`` is the product that the line names beside its code. ``earlier`` are cases that asked for the same
    authorization before."""

    case_id: UUID
    line_id: str
    payer: str
    role: LineRole
    asked: ServiceCode
    ndc: str | None
    versions: tuple[Terms, ...]
    earlier: tuple[UUID, ...] = ()

    @property
    def cases(self) -> tuple[UUID, ...]:
        return (*self.earlier, self.case_id)

    @property
    def terms(self) -> Terms:
        return self.versions[-1]

    def terms_on(self, day: date) -> Terms:
        """Those in force that day; before the first decision its own, for a grant may reach back."""
        begun = [terms for terms in self.versions if terms.since.date() <= day]
        return begun[-1] if begun else self.versions[0]


def grants_of(case_id: UUID, request: PARequest, payers: dict[str, str], moments: Sequence[Moment]) -> list[Grant]:
    """The grants of a case, in the order of its lines. ``payers`` are those that were asked, by line."""
    found = []
    for line in request.lines:
        versions: list[Terms] = []
        for at, standing in moments:
            terms = terms_of(request, line, standing.lines.get(line.id), at)
            if terms is None and versions:
                terms = replace(versions[-1], since=at, granted=False)
            if terms is not None and (not versions or replace(terms, since=versions[-1].since) != versions[-1]):
                versions.append(terms)
        if versions:
            payer = payers.get(line.id, request.coverages[0].payer)
            found.append(Grant(case_id, line.id, payer, line.role, line.code, line.ndc, tuple(versions)))
    return found


def terms_of(request: PARequest, line: Line, result: LineResult | None, at: datetime) -> Terms | None:
    """What the payer did not name holds as it was asked; None for a line that is not granted. How much was granted is
    not known where a change was told and not what was changed."""
    if result is None or result.outcome not in CERTIFIED:
        return None
    named = (result.quantity, result.period, result.place_of_service, result.provider_npi, result.code)
    unclear = result.outcome is LineOutcome.CERTIFIED_MODIFIED and all(one is None for one in named)
    period = result.period
    asked = None if unclear else line.quantity.value
    return Terms(
        since=at,
        granted=True,
        code=result.code or line.code,
        quantity=result.quantity.value if result.quantity else asked,
        unit=result.quantity.unit if result.quantity else line.quantity.unit,
        start=(period.start if period else None) or line.dates.start,
        end=(period.end if period else None) or line.dates.end,
        place_of_service=result.place_of_service or line.place_of_service or request.site.place_of_service,
        provider_npi=result.provider_npi,
        number=result.authorization_number,
    )
