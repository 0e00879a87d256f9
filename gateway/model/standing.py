"""Where a submission and a case stand: a pure function of what was delivered and what was heard.

Order of arrival does not matter: messages are put in the order of the payer's own time, then of receipt, and a
message heard twice counts once. Nothing here is stored by hand; the store keeps a copy of the result for look-ups.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from gateway.model.hearing import URGENCY, Heard, Standing, Story, hear
from gateway.model.outcome import LineResult
from gateway.model.status import (
    LINE_DEMAND,
    SETTLED,
    Attention,
    CaseStatus,
    Delivery,
    LineOutcome,
    may_move,
    roll_up,
)

__all__ = ["Heard", "Standing", "roll_up_standings", "settle"]

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
    lines = {line: LineResult(line=line, outcome=LineOutcome.PENDING) for line in line_ids}
    story = Story(Standing(status=_BEFORE_ANSWER[delivery], lines=lines), frozenset())
    for item in _in_order(heard):
        story = hear(story, item)
    standing = story.standing
    if cancelling and may_move(standing.status, CaseStatus.CANCEL_PENDING):
        standing = replace(standing, status=CaseStatus.CANCEL_PENDING)
    if standing.attention is Attention.NONE:
        standing = replace(standing, attention=_ATTENTION.get(standing.status, Attention.NONE))
    return standing


def roll_up_standings(standings: Sequence[Standing]) -> Standing:
    """Where a case stands whose submissions stand like this. Raises ValueError for none.

    A line filed twice (reviewed by a delegate and paid by a pharmacy manager) takes its more demanding outcome;
    one that a settled submission left without a word steps back.
    """
    lines: dict[str, tuple[int, LineResult]] = {}
    for standing in standings:
        for line, result in standing.lines.items():
            left = standing.status in SETTLED and result.outcome in (LineOutcome.PENDING, LineOutcome.UNKNOWN)
            rank = LINE_DEMAND.index(result.outcome) + (len(LINE_DEMAND) if left else 0)
            if line not in lines or rank < lines[line][0]:
                lines[line] = rank, result
    urgent = max(standings, key=lambda standing: URGENCY.index(standing.attention))
    return Standing(
        status=roll_up(standing.status for standing in standings),
        lines={line: result for line, (_, result) in lines.items()},
        attention=urgent.attention,
        attention_why=urgent.attention_why,
        reasons=tuple(reason for standing in standings for reason in standing.reasons),
        references=tuple(reference for standing in standings for reference in standing.references),
        requested=tuple(item for standing in standings for item in standing.requested),
        reference_pending=any(standing.reference_pending for standing in standings),
        contradictions=tuple(outcome for standing in standings for outcome in standing.contradictions),
        unmatched=tuple(result for standing in standings for result in standing.unmatched),
    )


def _in_order(heard: Iterable[Heard]) -> list[Heard]:
    """By the payer's own time, then receipt, then content; each meaning once.

    A payer's time that lies after the receipt is a wrong clock or a garbled date; taken at its word, it would keep
    every later message from counting.
    """

    def place(found: tuple[Heard, bytes]) -> tuple[datetime, datetime, bytes]:
        item, digest = found
        said = item.outcome.effective_at
        return min(said, item.at) if said else item.at, item.at, digest

    items = list(heard)
    if len(items) < 2:
        return items
    seen: dict[tuple[bytes, bool], Heard] = {}
    for item, digest in sorted(((item, item.outcome.digest()) for item in items), key=place):
        seen.setdefault((digest, item.filing), item)
    return list(seen.values())
