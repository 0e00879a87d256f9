"""Where a case stands as a whole, and the event that tells of it: submissions together, and lines that are in none.

Pure, over what the store holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.model.outcome import LineResult
from gateway.model.standing import Standing, roll_up_standings
from gateway.model.status import Attention, CaseStatus, LineOutcome, roll_up
from gateway.store.records import Case, NewEvent, Submission


def unasked(case: Case, submissions: Iterable[Submission]) -> Standing | None:
    """The lines that no route could carry, as a part of the case that failed: they must not look approved."""
    asked = {line for submission in submissions for line in submission.line_ids}
    left = [line.id for line in case.request.lines if line.id not in asked]
    if not left:
        return None
    return Standing(
        status=CaseStatus.FAILED,
        lines={line: LineResult(line=line, outcome=LineOutcome.PENDING) for line in left},
        attention=Attention.PROVIDER,
        attention_why=f"no route can carry line {', '.join(left)}; the routing note says why",
    )


def together(case: Case, submissions: Iterable[Submission], standings: Sequence[Standing]) -> Standing:
    """The case's standing from those of its submissions."""
    gap = unasked(case, submissions)
    return roll_up_standings([*standings, gap] if gap else standings)


def standing_of(case: Case) -> Standing:
    """Where the case stands as stored; one that nothing was heard of yet has every line open."""
    if case.standing is not None:
        return case.standing
    lines = {line.id: LineResult(line=line.id, outcome=LineOutcome.PENDING) for line in case.request.lines}
    return Standing(status=case.status, lines=lines)


def restated(case: Case, after: Submission) -> Standing:
    """The case's standing when only this submission's status and attention changed."""
    statuses = [after.status, *(other.status for other in case.submissions if other.id != after.id)]
    attention, why = after.attention, after.attention_why
    gap = unasked(case, case.submissions or (after,))
    if gap is not None:
        statuses.append(gap.status)
        attention, why = gap.attention, gap.attention_why
    return replace(standing_of(case), status=roll_up(statuses), attention=attention, attention_why=why)


def events_of(case: Case, standing: Standing) -> tuple[NewEvent, ...]:
    """One event when status, attention or a line's outcome changed."""
    before = standing_of(case)
    outcomes = {line: result.outcome for line, result in standing.lines.items()}
    same_lines = outcomes == {line: result.outcome for line, result in before.lines.items()}
    if (standing.status, standing.attention) == (case.status, case.attention) and same_lines:
        return ()
    data = {
        "status": standing.status,
        "previous_status": case.status,
        "attention": standing.attention,
        "attention_why": standing.attention_why,
        "reference_pending": standing.reference_pending,
        "lines": outcomes,
    }
    return (NewEvent(f"case.{standing.status}", data),)
