"""What a payer's policy wants of an order, and how requests stand against it: handler, views, and the refusal.

The answer comes from the packs alone; no payer is asked and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import Field

from gateway.api.problems import POLICY, ProblemFault, Refusal, invalid_fields
from gateway.api.route import Call, respond
from gateway.engine.policing import Preflight
from gateway.model.faults import MORE, MOST_FAULTS, Fault
from gateway.model.record import Record
from gateway.policy.order import Order
from gateway.policy.verdict import PolicyFinding, Report
from gateway.store.preflights import PreflightSetting


class RequirementsView(Report):
    """What the payer wants for each line, what of it is there and where, and what to mend."""

    livemode: bool


class PreflightView(Record):
    """How the request stood against its payer's policy when it was looked at."""

    setting: Annotated[
        PreflightSetting, Field(description="block: what does not meet the policy is refused. warn: it is taken.")
    ]
    blocking: Annotated[int, Field(description="Findings for which the payer is likely to say no.")]
    filed_on: date
    policies: Annotated[tuple[str, ...], Field(description="The packs that held, with their versions.")]
    findings: tuple[PolicyFinding, ...]


async def show_requirements(call: Call) -> web.Response:
    order: Order = call.body
    payer = order.coverages[0].payer
    if payer not in {profile.payer for profile in call.desk.library.payers()}:
        raise invalid_fields(
            [
                Fault(
                    pointer="/coverages/0/payer",
                    code="payer",
                    message="There is no such payer here.",
                    fix="Send the id of a payer that GET /v1/payers lists.",
                )
            ]
        )
    report = call.desk.policing.require(order)
    return respond(RequirementsView(livemode=call.live, **dict(report)))


def show(preflight: Preflight | None) -> PreflightView | None:
    if preflight is None:
        return None
    report = preflight.report
    return PreflightView(
        setting=preflight.setting,
        blocking=len(report.blocking),
        filed_on=report.filed_on,
        policies=report.policies,
        findings=report.findings,
    )


def refuse(preflight: Preflight | None) -> None:
    """Raise the refusal of a request that its tenant does not want filed as it is."""
    if preflight is None or not preflight.blocks:
        return
    faults = _faults(preflight.report.blocking)
    count = len(preflight.report.blocking)
    raise Refusal(POLICY, f"Nothing was taken: the payer's policy is not met in {count} places.", faults)


def _faults(findings: Sequence[PolicyFinding]) -> list[ProblemFault]:
    told = [
        ProblemFault(
            pointer=finding.pointer,
            code=finding.code,
            message=finding.message,
            fix=finding.fix,
            rule=f"{finding.rule.policy} {finding.rule.version} {finding.rule.rule}",
            source=f"{finding.rule.citation.source}: {finding.rule.citation.says}",
        )
        for finding in findings[:MOST_FAULTS]
    ]
    more = len(findings) - MOST_FAULTS
    if more > 0:
        told.append(ProblemFault(pointer="", code=MORE, message=f"There are {more} more.", fix="Mend these first."))
    return told
