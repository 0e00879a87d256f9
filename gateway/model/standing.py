"""Where a submission and a case stand: a pure function of what was delivered and what was heard.

Messages are put in the order in which the payer said them (``gateway.model.order``), and one heard twice counts once.
A decision that this order sets back behind another calls a person. Nothing here is stored by hand; the store keeps a
copy of the result for look-ups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import reduce
from types import MappingProxyType

from gateway.model.hearing import hear
from gateway.model.order import Placed, in_order
from gateway.model.outcome import Answer, LineResult, Outcome
from gateway.model.status import (
    LINE_DEMAND,
    SETTLED,
    Attention,
    CaseStatus,
    Delivery,
    LineOutcome,
    may_move,
    of_line,
    roll_up,
)
from gateway.model.story import URGENCY, Heard, Standing, Story
from gateway.model.whole import CERTIFIED

__all__ = ["Heard", "Standing", "roll_up_of_lines", "roll_up_standings", "settle"]

_BEFORE_ANSWER = MappingProxyType(
    {
        Delivery.PLANNED: CaseStatus.QUEUED,
        Delivery.RENDERED: CaseStatus.QUEUED,
        Delivery.REFUSED: CaseStatus.QUEUED,
        Delivery.SENT: CaseStatus.SUBMITTING,
        Delivery.LOST: CaseStatus.UNCERTAIN,
        Delivery.TRANSPORT_ACKED: CaseStatus.SUBMITTING,
        Delivery.APP_ACKED: CaseStatus.RECEIVED,
        Delivery.RECONCILED: CaseStatus.RECEIVED,
    }
)
"""What a filing attempt's delivery says while the payer has said nothing that counts."""

_PLACED = Delivery.TRANSPORT_ACKED
"""It lies where the payer takes it from."""

_ENDING = frozenset({Answer.CANCELLED, Answer.DUPLICATE, Answer.CLOSED, Answer.RESCINDED})

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
    story = untold = Story(Standing(status=_BEFORE_ANSWER[delivery], lines=lines), frozenset())
    order, turned = in_order(heard), set[int]()
    for place, placed in enumerate(order):
        before, story = story.standing, hear(story, placed.heard)
        if placed.raised and _turns(before, story.standing):
            turned.add(place)
    standing = story.standing
    if why := _misdated(order, turned, story) or _unordered(order, untold, story):
        standing = replace(standing, attention=Attention.OPERATOR, attention_why=why)
    if story.revived and standing.attention is Attention.NONE:
        why = "the payer decided after the request was cancelled: use what it granted, or cancel it again"
        standing = replace(standing, attention=Attention.PROVIDER, attention_why=why)
    if cancelling and may_move(standing.status, CaseStatus.CANCEL_PENDING):
        standing = replace(standing, status=CaseStatus.CANCEL_PENDING)
    if standing.attention is Attention.NONE and standing.status is CaseStatus.SUBMITTING and delivery is _PLACED:
        standing = replace(standing, attention=Attention.PAYER)
    elif standing.attention is Attention.NONE:
        standing = replace(standing, attention=_ATTENTION.get(standing.status, Attention.NONE))
    return standing


def _misdated(order: Sequence[Placed], turned: Set[int], final: Story) -> str | None:
    """Why a person must look at how decisions follow each other: ``turned`` are the places of those that changed an
    earlier one and are dated before it. None once the payer has decided again since."""
    for place, placed in enumerate(order):
        since = order[place + 1 :]
        late = any(one.heard.at < placed.heard.at for one in since)
        if not late and place not in turned:
            continue
        narrowed = _decision(placed.heard)
        if narrowed is None or any(one.heard.at > placed.heard.at and _decision(one.heard) for one in since):
            continue
        if place in turned:
            return "the payer's answer changes what it decided before and is dated before that"
        if _differs(final.standing, hear(final, narrowed).standing):
            return "a decision that came later is dated before another that it contradicts"
    return None


def _unordered(order: Sequence[Placed], untold: Story, final: Story) -> str | None:
    """Why a person must look at decisions of which nobody knows the later one: with the earlier told again behind
    the other, they come to something else."""
    decisions = [_decision(placed.heard) for placed in order]
    for place, (placed, decision) in enumerate(zip(order, decisions, strict=True)):
        unclear = [n for n in range(place + 1, len(order)) if decisions[n] and placed.is_unclear(order[n])]
        if decision is None or not unclear:
            continue
        items = [one.heard for one in order]
        items.insert(unclear[-1] + 1, decision)
        told = reduce(hear, items, untold)
        if _differs(final.standing, told.standing):
            return "decisions of the same minute came in files and contradict each other: nobody knows the later one"
    return None


def _decision(item: Heard) -> Heard | None:
    """What the message decides and nothing else of it; None for one that decides nothing."""
    outcome = item.outcome
    if outcome.answer is Answer.REVIEWED:
        lines = tuple(line for line in outcome.lines if of_line(line.outcome) in SETTLED)
        return replace(item, outcome=Outcome(answer=Answer.REVIEWED, lines=lines)) if lines else None
    ends = outcome.answer in _ENDING or (outcome.answer is Answer.REJECTED and item.on_filing)
    return replace(item, outcome=Outcome(answer=outcome.answer)) if ends else None


def _differs(one: Standing, other: Standing) -> bool:
    outcomes = [{line: result.outcome for line, result in standing.lines.items()} for standing in (one, other)]
    return one.status is not other.status or outcomes[0] != outcomes[1] or one.contradictions != other.contradictions


def _turns(before: Standing, after: Standing) -> bool:
    """True when a line that was decided is decided otherwise. A cancellation is no decision on what was asked."""
    return any(
        of_line(before.lines[line].outcome) in SETTLED
        and result.outcome is not before.lines[line].outcome
        and result.outcome is not LineOutcome.CANCELLED
        for line, result in after.lines.items()
    )


def roll_up_of_lines(parts: Iterable[CaseStatus], lines: Mapping[str, LineResult]) -> CaseStatus:
    """The status that parts of a case with these lines add up to: where no line is granted, nothing is approved, though
    a part grants what another denies. Raises ValueError for no parts."""
    status = roll_up(parts)
    granted = any(result.outcome in CERTIFIED for result in lines.values())
    denied = any(result.outcome is LineOutcome.NOT_CERTIFIED for result in lines.values())
    return CaseStatus.DENIED if status is CaseStatus.PARTIALLY_APPROVED and denied and not granted else status


def roll_up_standings(standings: Sequence[Standing]) -> Standing:
    """Where a case stands whose submissions stand like this. Raises ValueError for none.

    A line filed twice (reviewed by a delegate and paid by a pharmacy manager) takes its more demanding outcome;
    one that a settled submission left without a word steps back. Of days by which payers will decide the first counts.
    """
    lines: dict[str, tuple[int, LineResult]] = {}
    for standing in standings:
        for line, result in standing.lines.items():
            left = standing.status in SETTLED and result.outcome in (LineOutcome.PENDING, LineOutcome.UNKNOWN)
            rank = LINE_DEMAND.index(result.outcome) + (len(LINE_DEMAND) if left else 0)
            if line not in lines or rank < lines[line][0]:
                lines[line] = rank, result
    urgent = max(standings, key=lambda standing: URGENCY.index(standing.attention))
    rolled = {line: result for line, (_, result) in lines.items()}
    return Standing(
        status=roll_up_of_lines((standing.status for standing in standings), rolled),
        lines=rolled,
        attention=urgent.attention,
        attention_why=urgent.attention_why,
        reasons=tuple(reason for standing in standings for reason in standing.reasons),
        references=tuple(reference for standing in standings for reference in standing.references),
        requested=tuple(item for standing in standings for item in standing.requested),
        rounds=tuple(one for standing in standings for one in standing.rounds),
        appeals=tuple(appeal for standing in standings for appeal in standing.appeals),
        contacts=tuple(contact for standing in standings for contact in standing.contacts),
        follow_up=tuple(item for standing in standings for item in standing.follow_up),
        reference_pending=any(standing.reference_pending for standing in standings),
        expected_by=min((one.expected_by for one in standings if one.expected_by is not None), default=None),
        contradictions=tuple(outcome for standing in standings for outcome in standing.contradictions),
        unmatched=tuple(result for standing in standings for result in standing.unmatched),
    )
