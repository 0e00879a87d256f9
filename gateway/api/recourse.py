"""What may be done about a denial: the handler and its view. Nothing is sent and nothing is kept."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from gateway.api.requests import no_case
from gateway.api.route import Call, respond
from gateway.engine.refusals import Unknown
from gateway.model.record import Record
from gateway.model.recourse import AppealLevel, LineRecourse
from gateway.model.status import CaseStatus
from gateway.policy.verdict import LineVerdict, PolicyFinding


class EvidenceView(Record):
    """What the payer's policy wanted of the denied lines, and what of it the request holds and where."""

    policies: Annotated[tuple[str, ...], Field(description="The packs that held, with their versions.")]
    lines: tuple[LineVerdict, ...]
    findings: Annotated[tuple[PolicyFinding, ...], Field(description="What to add, with the rule that wants it.")]


class RecourseView(Record):
    """Nothing in ``lines`` where nothing is denied."""

    id: Annotated[UUID, Field(description="The case.")]
    livemode: bool
    status: CaseStatus
    lines: tuple[LineRecourse, ...]
    appeals: Annotated[tuple[AppealLevel, ...], Field(description="All that were asked for, the latest last.")]
    evidence: Annotated[
        EvidenceView | None, Field(description="null where nothing is denied, or no policy of the payer is known.")
    ]


async def show_recourse(call: Call) -> web.Response:
    try:
        case, found = await call.desk.recourse(call.caller, call.id())
    except Unknown:
        raise no_case() from None
    evidence = found.evidence
    return respond(
        RecourseView(
            id=case.id,
            livemode=call.live,
            status=case.status,
            lines=found.lines,
            appeals=found.appeals,
            evidence=EvidenceView(policies=evidence.policies, lines=evidence.lines, findings=evidence.findings)
            if evidence
            else None,
        )
    )
