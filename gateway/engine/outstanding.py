"""Lines that a delegate recommended and their payer was asked for: what of both counts for the case. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from gateway.model.standing import Standing
from gateway.model.status import CaseStatus, LineOutcome, of_line, of_lines, roll_up
from gateway.store.records import Case, Submission

_WAITS = frozenset({CaseStatus.QUEUED, CaseStatus.SUBMITTING, CaseStatus.RECEIVED, CaseStatus.PENDED})
"""Where the payer, asked itself, has decided nothing and wants nothing: the recommendation is what is known."""
_UNDECIDED = frozenset({LineOutcome.PENDING, LineOutcome.UNKNOWN})


def taken_up(submissions: Iterable[Submission]) -> Mapping[UUID, frozenset[str]]:
    """By the submission that a delegate answered, the lines that the payer itself was asked for since."""
    found: dict[UUID, frozenset[str]] = {}
    for submission in submissions:
        if (work := submission.confirms) is not None:
            found[work.recommended_by] = found.get(work.recommended_by, frozenset()) | set(submission.line_ids)
    return found


def without(standing: Standing, lines: frozenset[str]) -> Standing | None:
    """What a delegate says of the lines that the payer was not asked for, None of none; its references are told with
    the others. A cancellation that it has not confirmed is open whatever the payer says."""
    rest = {line: result for line, result in standing.lines.items() if line not in lines}
    if standing.status is CaseStatus.CANCEL_PENDING:
        return replace(standing, lines=rest, references=())
    if not rest:
        return None
    status = of_lines(result.outcome for result in rest.values())
    return replace(standing, lines=rest, status=status, references=())


def outstanding(own: Standing, delegate: Standing) -> Standing:
    """Where a payer stands that was asked for what its delegate recommended: recommended, until it decides or asks."""
    lines = {
        line: delegate.lines[line] if result.outcome in _UNDECIDED and line in delegate.lines else result
        for line, result in own.lines.items()
    }
    status = CaseStatus.RECOMMENDED if own.status in _WAITS else own.status
    return replace(own, lines=lines, status=status, references=(*delegate.references, *own.references))


def restated_part(case: Case, submission: Submission, taken: Mapping[UUID, frozenset[str]]) -> Submission | None:
    """The submission as a part of the case by what is stored; None for a delegate's that says nothing more of it."""
    if submission.confirms is not None and submission.status in _WAITS:
        return replace(submission, status=CaseStatus.RECOMMENDED)
    if submission.id not in taken or submission.status is CaseStatus.CANCEL_PENDING:
        return submission
    known = case.standing.lines if case.standing is not None else {}
    rest = [known[line].outcome for line in submission.line_ids if line not in taken[submission.id] and line in known]
    return replace(submission, status=roll_up(map(of_line, rest))) if rest else None
