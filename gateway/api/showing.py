"""Fills what callers are shown of a case: reads stored values and nothing else, no database and no HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gateway.api.provenance import sources_of
from gateway.api.requirements import PreflightView
from gateway.api.views import (
    AcceptedView,
    AttemptView,
    AttentionView,
    CancellationView,
    CaseSummary,
    CaseView,
    ChallengeView,
    LineView,
    Links,
    SubmissionView,
    UntoldView,
)
from gateway.contract.destination import Mode
from gateway.engine.refusals import Untold
from gateway.model.outcome import LineResult, Outcome
from gateway.model.request import Line
from gateway.model.status import LineOutcome
from gateway.recourse.levels import LeveledAppeal
from gateway.store import listing
from gateway.store.records import Case, Submission


def accepted_body(case_id: UUID, live: bool) -> bytes:
    """The body of a 202. Written once, kept with the Idempotency-Key, and sent again for a repeated one."""
    return _ACCEPTED[live].replace(_ANY_ID, str(case_id).encode())


def cancellation_body(case_id: UUID, live: bool, untold: Sequence[Untold]) -> bytes:
    """The body of a cancellation's 202, kept and repeated like that of any other."""
    named = tuple(
        UntoldView(submission=one.submission, payer=one.payer, why=item.why, fix=item.fix)
        for one in untold
        for item in one.items
    )
    view = CancellationView(id=case_id, livemode=live, links=links(case_id), untold=named)
    return view.model_dump_json().encode()


def links(case_id: UUID) -> Links:
    path = f"/v1/requests/{case_id}"
    return Links(
        self=path,
        events=f"{path}/events",
        questions=f"{path}/questions",
        recourse=f"{path}/recourse",
        raw=f"{path}/raw",
    )


_ANY = UUID(int=0)
_ANY_ID = str(_ANY).encode()
_ACCEPTED = {
    live: AcceptedView(id=_ANY, livemode=live, links=links(_ANY)).model_dump_json().encode() for live in (False, True)
}
"""The body for any case, into which its id is put."""


def summarise(case: listing.CaseSummary, live: bool) -> CaseSummary:
    return CaseSummary(
        id=case.id,
        livemode=live,
        reference=case.reference,
        payer=case.payer,
        status=case.status,
        attention=AttentionView(who=case.attention, why=case.attention_why) if case.attention else None,
        created_at=case.created_at,
        updated_at=case.updated_at,
        links=links(case.id),
        changed=case.changed,
    )


def show(
    case: Case,
    patient: str,
    heard: Sequence[Outcome] = (),
    challenge: ChallengeView | None = None,
    preflight: PreflightView | None = None,
    appeals: tuple[LeveledAppeal, ...] = (),
) -> CaseView:
    """A case whole, of a ``patient``. ``heard`` is what its payers said, in order; sources are taken from there."""
    request, standing = case.request, case.standing
    order = [line.id for line in request.lines]
    return CaseView(
        id=case.id,
        livemode=case.mode is Mode.LIVE,
        reference=request.reference,
        payer=request.coverages[0].payer,
        patient=patient,
        follows=request.follows,
        status=case.status,
        attention=AttentionView(who=case.attention, why=case.attention_why),
        created_at=case.created_at,
        updated_at=case.updated_at,
        links=links(case.id),
        reference_pending=standing.reference_pending if standing else False,
        expected_by=standing.expected_by if standing else None,
        lines=tuple(_line(line, standing.lines.get(line.id) if standing else None) for line in request.lines),
        requested=standing.requested if standing else (),
        questions=standing.rounds if standing else (),
        appeals=appeals,
        contacts=standing.contacts if standing else (),
        follow_up=standing.follow_up if standing else (),
        reasons=standing.reasons if standing else (),
        references=standing.references if standing else (),
        messages=tuple(dict.fromkeys(message for outcome in heard for message in outcome.messages)),
        challenge=challenge,
        contradictions=len(standing.contradictions) if standing else 0,
        preflight=preflight,
        submissions=tuple(_submission(submission) for submission in case.submissions),
        sources=sources_of(standing, order, heard) if standing else {},
    )


def _line(line: Line, result: LineResult | None) -> LineView:
    if result is None:
        return LineView(id=line.id, role=line.role, code=line.code, outcome=LineOutcome.PENDING)
    return LineView(
        id=line.id,
        role=line.role,
        code=line.code,
        outcome=result.outcome,
        quantity=result.quantity,
        period=result.period,
        place_of_service=result.place_of_service,
        provider_npi=result.provider_npi,
        authorization_number=result.authorization_number,
        reasons=result.reasons,
        no_route=result.no_route,
    )


def _submission(submission: Submission) -> SubmissionView:
    return SubmissionView(
        id=submission.id,
        payer=submission.payer,
        connection=submission.connection,
        channel=submission.channel,
        benefit=submission.benefit,
        lines=submission.line_ids,
        status=submission.status,
        attention=AttentionView(who=submission.attention, why=submission.attention_why),
        instead_of=submission.rerouted.instead_of if submission.rerouted else None,
        recommends=submission.recommends,
        confirms=submission.confirms.recommended_by if submission.confirms else None,
        due_at=submission.due_at,
        clocks=submission.clocks,
        attempts=tuple(
            AttemptView(
                id=attempt.id,
                verb=attempt.verb,
                delivery=attempt.delivery,
                planned_at=attempt.planned_at,
                sent_at=attempt.sent_at,
                ended_at=attempt.ended_at,
                error=attempt.error,
            )
            for attempt in submission.attempts
        ),
    )
