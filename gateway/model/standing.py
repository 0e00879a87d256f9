"""Where a submission and a case stand: a pure function of what was delivered and what was heard.

Order of arrival does not matter: messages are put in the order of the payer's own time, then of receipt, and a
message heard twice counts once. Nothing here is stored by hand; the store keeps a copy of the result for look-ups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from gateway.model.outcome import Answer, LineResult, Outcome, Reference, RequestedItem
from gateway.model.reasons import Reason
from gateway.model.status import (
    DECIDED,
    SETTLED,
    UNDER_REVIEW,
    Attention,
    CaseStatus,
    Delivery,
    Ground,
    LineOutcome,
    may_move,
    of_lines,
    roll_up,
)


@dataclass(frozen=True)
class Heard:
    """A payer's message as the gateway heard it. ``at`` is the time of receipt (UTC)."""

    outcome: Outcome
    at: datetime


@dataclass(frozen=True)
class Standing:
    """Where one submission stands. ``contradictions`` are messages the table of moves refused; a person looks."""

    status: CaseStatus
    lines: Mapping[str, LineResult]
    attention: Attention = Attention.NONE
    attention_why: str | None = None
    reasons: tuple[Reason, ...] = ()
    references: tuple[Reference, ...] = ()
    requested: tuple[RequestedItem, ...] = ()
    reference_pending: bool = False
    contradictions: tuple[Outcome, ...] = field(default=())


_BEFORE_ANSWER = MappingProxyType(
    {
        Delivery.PLANNED: CaseStatus.QUEUED,
        Delivery.RENDERED: CaseStatus.QUEUED,
        Delivery.REFUSED: CaseStatus.QUEUED,
        Delivery.SENT: CaseStatus.SUBMITTING,
        Delivery.LOST: CaseStatus.UNCERTAIN,
        Delivery.TRANSPORT_ACKED: CaseStatus.RECEIVED,
        Delivery.APP_ACKED: CaseStatus.RECEIVED,
        Delivery.RECONCILED: CaseStatus.RECEIVED,
    }
)
"""What a filing attempt's delivery says while the payer has said nothing that counts."""

_OF_ANSWER = MappingProxyType(
    {
        Answer.RECEIVED: CaseStatus.RECEIVED,
        Answer.REJECTED: CaseStatus.REJECTED,
        Answer.CANCELLED: CaseStatus.CANCELLED,
        Answer.DUPLICATE: CaseStatus.DUPLICATE,
        Answer.CLOSED: CaseStatus.CLOSED_BY_PAYER,
        Answer.RESCINDED: CaseStatus.RESCINDED,
    }
)
"""Answers that set a status by themselves. The others leave it: NOT_FOUND, UNAVAILABLE, CANCEL_REFUSED, UNMAPPED."""

_ATTENTION = MappingProxyType(
    {
        CaseStatus.UNCERTAIN: Attention.GATEWAY,
        CaseStatus.QUEUED: Attention.GATEWAY,
        CaseStatus.SUBMITTING: Attention.GATEWAY,
        CaseStatus.REJECTED: Attention.PROVIDER,
        CaseStatus.NEEDS_INFORMATION: Attention.PROVIDER,
        CaseStatus.REQUIREMENTS_OPEN: Attention.PROVIDER,
        CaseStatus.CONTACT_PAYER: Attention.PROVIDER,
        CaseStatus.RECEIVED: Attention.PAYER,
        CaseStatus.PENDED: Attention.PAYER,
        CaseStatus.RECOMMENDED: Attention.PAYER,
        CaseStatus.CANCEL_PENDING: Attention.PAYER,
        CaseStatus.FAILED: Attention.OPERATOR,
    }
)


def settle(
    line_ids: Sequence[str],
    delivery: Delivery,
    heard: Iterable[Heard],
    *,
    cancelling: bool = False,
) -> Standing:
    """Where a submission of these lines stands.

    ``delivery`` is that of the latest attempt to file it. ``cancelling`` says that a cancellation was sent and
    has no answer yet.
    """
    standing = Standing(
        status=_BEFORE_ANSWER[delivery],
        lines={line: LineResult(line=line, outcome=LineOutcome.PENDING) for line in line_ids},
    )
    for outcome in _in_order(heard):
        standing = _hear(standing, outcome)
    if cancelling and standing.status not in SETTLED - DECIDED and standing.status is not CaseStatus.DENIED:
        standing = replace(standing, status=CaseStatus.CANCEL_PENDING)
    if standing.attention is Attention.NONE:
        standing = replace(standing, attention=_ATTENTION.get(standing.status, Attention.NONE))
    return standing


def roll_up_standings(standings: Sequence[Standing]) -> Standing:
    """Where a case stands whose submissions stand like this. Raises ValueError for none.

    A line filed twice (reviewed by a delegate and paid by a pharmacy manager) takes its more demanding outcome.
    """
    lines: dict[str, LineResult] = {}
    for standing in standings:
        for line, result in standing.lines.items():
            held = lines.get(line)
            if held is None or of_lines([held.outcome, result.outcome]) != of_lines([held.outcome]):
                lines[line] = result
    urgent = max(standings, key=lambda standing: _URGENCY.index(standing.attention))
    return Standing(
        status=roll_up(standing.status for standing in standings),
        lines=lines,
        attention=urgent.attention,
        attention_why=urgent.attention_why,
        reasons=tuple(reason for standing in standings for reason in standing.reasons),
        references=tuple(reference for standing in standings for reference in standing.references),
        requested=tuple(item for standing in standings for item in standing.requested),
        reference_pending=any(standing.reference_pending for standing in standings),
        contradictions=tuple(outcome for standing in standings for outcome in standing.contradictions),
    )


_URGENCY = (Attention.NONE, Attention.PAYER, Attention.GATEWAY, Attention.PROVIDER, Attention.OPERATOR)


def _in_order(heard: Iterable[Heard]) -> list[Outcome]:
    """By the payer's own time, then receipt, then content; each meaning once."""
    ordered = sorted(heard, key=lambda item: (item.outcome.effective_at or item.at, item.at, item.outcome.digest()))
    seen: dict[bytes, Outcome] = {}
    for item in ordered:
        seen.setdefault(item.outcome.digest(), item.outcome)
    return list(seen.values())


def _hear(standing: Standing, outcome: Outcome) -> Standing:
    proposed = _propose(standing, outcome)
    if proposed.status in UNDER_REVIEW and proposed.status is CaseStatus.RECEIVED and standing.status in UNDER_REVIEW:
        # An acknowledgement that comes late never takes back what the payer said since.
        proposed = replace(proposed, status=standing.status)
    grounds = {Ground.ORDINARY, Ground.EVIDENCE}
    if outcome.answer in (Answer.REVIEWED, Answer.RESCINDED):
        grounds.add(Ground.DECISION)
    if not may_move(standing.status, proposed.status, grounds):
        if outcome.answer is Answer.RECEIVED:
            return standing
        return replace(
            standing,
            contradictions=(*standing.contradictions, outcome),
            attention=Attention.OPERATOR,
            attention_why=f"the payer said {proposed.status} after {standing.status}",
        )
    return proposed


def _propose(standing: Standing, outcome: Outcome) -> Standing:
    lines = dict(standing.lines)
    if outcome.answer is Answer.REVIEWED:
        for result in outcome.lines:
            if result.line in lines:
                lines[result.line] = result
        status = of_lines(result.outcome for result in lines.values())
    else:
        status = _OF_ANSWER.get(outcome.answer, standing.status)
        if outcome.answer is Answer.CANCELLED:
            lines = {line: LineResult(line=line, outcome=LineOutcome.CANCELLED) for line in lines}
    decided = status in DECIDED
    numbered = any(result.authorization_number for result in lines.values())
    silent = outcome.answer in (Answer.NOT_FOUND, Answer.UNAVAILABLE)
    return Standing(
        status=status,
        lines=lines,
        attention=outcome.attention,
        attention_why=outcome.attention_why,
        reasons=standing.reasons if silent else outcome.reasons,
        references=_together(standing.references, outcome.references),
        requested=outcome.requested if not silent else standing.requested,
        reference_pending=decided and status is not CaseStatus.DENIED and not numbered,
        contradictions=standing.contradictions,
    )


def _together(old: tuple[Reference, ...], new: tuple[Reference, ...]) -> tuple[Reference, ...]:
    return tuple(dict.fromkeys((*old, *new)))
