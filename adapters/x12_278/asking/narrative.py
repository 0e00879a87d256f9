"""Puts into short clauses what a 278 has no place for: the case's clinical facts, its regimen, urgency and supply."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.model.clauses import Clause, clauses_of, join, labelled, spoken
from gateway.model.request import PARequest, Regimen, Urgency


def of_case(request: PARequest) -> Iterator[Clause]:
    """The case's clauses, the most useful to a reviewer first."""
    if request.urgency.reason or request.urgency.attested_by:
        yield _urgency(request.urgency)
    if request.supply:
        yield Clause(f"Supply {spoken(request.supply)}", ("/supply",))
    if request.regimen:
        yield Clause(_regimen(request.regimen), ("/regimen",))
    yield from clauses_of(request)


def _urgency(urgency: Urgency) -> Clause:
    pointers = [f"/urgency/{name}" for name in ("reason", "attested_by") if getattr(urgency, name)]
    told = join([urgency.reason, labelled("attested by", urgency.attested_by)])
    return Clause(f"{'Expedited' if urgency.level == 'expedited' else 'Urgency'} {told}", tuple(pointers))


def _regimen(regimen: Regimen) -> str:
    return join(
        [
            f"Regimen {regimen.name}",
            spoken(regimen.intent),
            labelled("line of therapy", regimen.line_of_therapy),
            labelled("cycle days", regimen.cycle_days),
            labelled("cycles", regimen.cycles),
            labelled("cycle number", regimen.cycle),
        ]
    )
