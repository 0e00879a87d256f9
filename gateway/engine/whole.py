"""Where a case stands as a whole, and the event that tells of it: submissions together, and lines that are in none.

Pure, over what the store holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from gateway.engine import timekeeping
from gateway.engine.outstanding import outstanding, restated_part, taken_up, without
from gateway.model.outcome import LineResult, NoRoute
from gateway.model.standing import Standing, roll_up_of_lines, roll_up_standings
from gateway.model.status import Attention, CaseStatus, LineOutcome
from gateway.model.story import URGENCY
from gateway.routing.decision import Decision, Rule
from gateway.store.records import Case, NewEvent, Submission

OVERDUE = "case.overdue"
"""The event of a payer's time to decide that is over."""

_STANDS = frozenset({LineOutcome.RECOMMENDED, LineOutcome.CANCELLED})
"""What of a line that its payer was asked for takes nothing of its recommendation back: it may be cancelled with it."""

EXPIRING = "authorization.expiring"
"""The event of an authorization that ends soon, or has less left than its course takes."""


def unasked(case: Case, submissions: Iterable[Submission], decision: Decision | None = None) -> Standing | None:
    """The lines that no route could carry, as a part of the case that failed: they must not look approved.

    Why, the decision says; of a case that was routed before, what it stands as still says so.
    """
    asked = {line for submission in submissions for line in submission.line_ids}
    left = [line.id for line in case.request.lines if line.id not in asked]
    if not left:
        return None
    known = _reasons(decision) if decision is not None else _known(case)
    lines = {line: LineResult(line=line, outcome=LineOutcome.PENDING, no_route=known.get(line)) for line in left}
    called = {Attention.PROVIDER, *(reason.attention for reason in known.values())}
    who = max(called, key=URGENCY.index)
    return Standing(status=CaseStatus.FAILED, lines=lines, attention=who, attention_why=_told(lines))


def _reasons(decision: Decision) -> dict[str, NoRoute]:
    return {
        line: NoRoute(
            why=gap.why.says,
            fix=gap.why.fix,
            pointer=gap.why.pointer,
            attention=Attention.OPERATOR if gap.why.rule is Rule.TERMS else Attention.PROVIDER,
        )
        for gap in decision.unrouted
        for line in gap.line_ids
    }


def _known(case: Case) -> dict[str, NoRoute]:
    lines = case.standing.lines if case.standing is not None else {}
    return {line: result.no_route for line, result in lines.items() if result.no_route is not None}


def _told(lines: Mapping[str, LineResult]) -> str:
    """Each reason once, with the lines it holds for and what to do."""
    together: dict[str, list[str]] = {}
    for line, result in lines.items():
        reason = result.no_route
        says = "No route can carry it." if reason is None else f"{reason.why} {reason.fix or ''}".strip()
        together.setdefault(says, []).append(line)
    return " ".join(f"Line {', '.join(ids)}: {says}" for says, ids in together.items())


def together(case: Case, submissions: Iterable[Submission], standings: Sequence[Standing]) -> Standing:
    """The case's standing from those of its submissions, in the order of their places: of what is equally urgent the
    first is told, whichever of them moves, and of several payers by which it is."""
    submissions = tuple(submissions)
    gap, gone, taken = unasked(case, submissions), handed_on(submissions), taken_up(submissions)
    pairs = [
        (submission, replace(standing, attention_why=of_payer(submission, submissions, standing.attention_why)))
        for submission, standing in zip(submissions, standings, strict=True)
    ]
    said = {held.id: one for held, one in pairs if held.id in taken}
    parts: list[Standing] = []
    for held, one in pairs:
        part: Standing | None = one
        if held.id in taken:
            part = without(one, taken[held.id])
        elif held.confirms is not None and held.confirms.recommended_by in said:
            part = outstanding(one, said[held.confirms.recommended_by])
        if part is not None and not (held.id in gone and part.status is CaseStatus.CLOSED_BY_PAYER):
            parts.append(part)
    whole = roll_up_standings([*parts, gap] if gap else parts)
    disputed = [one for held, one in pairs if held.id in gone | set(taken) and one.attention is Attention.OPERATOR]
    if disputed and whole.attention is not Attention.OPERATOR:
        whole = replace(whole, attention=Attention.OPERATOR, attention_why=disputed[0].attention_why)
    return whole


def of_payer(submission: Submission, among: Iterable[Submission], why: str | None) -> str | None:
    """Why somebody must act on a submission, as the case says it: with the payer, where there are several."""
    several = why is not None and any(each.payer != submission.payer for each in among)
    return f"{submission.payer}: {why}" if several else why


def call_of_handed_on(case: Case, submission: Submission, standing: Standing) -> tuple[Attention, str] | None:
    """Whom the word of a payer calls that had closed the case because somebody else had to be asked; None where it has
    said nothing since, or did not."""
    if submission.id not in handed_on(case.submissions) or standing.status is CaseStatus.CLOSED_BY_PAYER:
        return None
    return (
        Attention.OPERATOR,
        "a payer that closed the case for another one to be asked has decided it after all: ask which decision counts",
    )


def handed_on(submissions: Iterable[Submission]) -> frozenset[UUID]:
    """Submissions in whose place others were made. As long as their payers have closed them, they say nothing more of
    the case, unless an operator must look at them."""
    found = [submission.rerouted for submission in submissions]
    return frozenset(work.instead_of for work in found if work is not None)


def standing_of(case: Case) -> Standing:
    """Where the case stands as stored; one that nothing was heard of yet has every line open."""
    if case.standing is not None:
        return case.standing
    lines = {line.id: LineResult(line=line.id, outcome=LineOutcome.PENDING) for line in case.request.lines}
    return Standing(status=case.status, lines=lines)


def call_of_delegate(case: Case, submission: Submission, standing: Standing) -> tuple[Attention, str] | None:
    """Whom the word of a delegate calls that takes back what it recommended, once the payer was asked for it."""
    lines = taken_up(case.submissions).get(submission.id, frozenset())
    if all(standing.lines[line].outcome in _STANDS for line in lines):
        return None
    return Attention.OPERATOR, "a delegate takes back what it had recommended: ask the payer which of it counts"


def restated(case: Case, after: Submission) -> Standing:
    """The case's standing when only this submission's status and attention changed."""
    submissions = [after if held.id == after.id else held for held in case.submissions] or [after]
    gap, gone, taken = unasked(case, submissions), handed_on(submissions), taken_up(submissions)
    left = [one for one in submissions if not (one.id in gone and one.status is CaseStatus.CLOSED_BY_PAYER)]
    left = [part for one in left if (part := restated_part(case, one, taken)) is not None]
    parts: list[Submission | Standing] = [*left, gap] if gap else [*left]
    disputed = [one for one in submissions if one.id in gone | set(taken) and one.attention is Attention.OPERATOR]
    urgent = max((*parts, *disputed), key=lambda part: URGENCY.index(part.attention))  # the first of equals, as above
    why = urgent.attention_why
    return replace(
        standing_of(case),
        status=roll_up_of_lines((part.status for part in parts), standing_of(case).lines),
        attention=urgent.attention,
        attention_why=of_payer(urgent, submissions, why) if isinstance(urgent, Submission) else why,
    )


def events_of(
    case: Case, standing: Standing, after: Submission | None = None, *, overdue: bool = False
) -> tuple[NewEvent, ...]:
    """One event when status, attention or a line's outcome changed, questions came or their deadline passed, an appeal
    moved, or the payer named another day for its decision; or when a payer's time to decide is ``overdue``, by a name
    of its own. ``after`` is a submission as the step leaves it."""
    before = standing_of(case)
    outcomes = {line: result.outcome for line, result in standing.lines.items()}
    same_lines = outcomes == {line: result.outcome for line, result in before.lines.items()}
    asks = not set(standing.rounds) <= set(before.rounds)
    told = asks or (standing.appeals, standing.expected_by) != (before.appeals, before.expected_by)
    unmoved = (standing.status, standing.attention) == (case.status, case.attention) and same_lines and not told
    if unmoved and not overdue:
        return ()
    return (NewEvent(OVERDUE if overdue else f"case.{standing.status}", told_of(case, standing, after)),)


def expiring(case: Case, lines: Mapping[str, str]) -> NewEvent:
    """That authorizations end soon or run out, and which of the two, by line."""
    return NewEvent(EXPIRING, {**told_of(case, standing_of(case)), "expiring": dict(lines)})


def told_of(case: Case, standing: Standing, after: Submission | None = None) -> dict[str, Any]:
    """What any event tells of a case: whoever has the latest knows where it stands."""
    submissions = {held.id: held for held in (*case.submissions, *((after,) if after else ()))}
    return {
        "status": standing.status,
        "previous_status": case.status,
        "attention": standing.attention,
        "attention_why": standing.attention_why,
        "reference_pending": standing.reference_pending,
        "expected_by": None if standing.expected_by is None else standing.expected_by.isoformat(),
        "lines": {line: result.outcome for line, result in standing.lines.items()},
        "appeals": {line: appeal.state for appeal in standing.appeals for line in appeal.lines},
        "clocks": [one.model_dump(mode="json") for one in timekeeping.told(submissions.values())],
    }
