"""The time of a submission: which rules hold for its lines, and what was received, asked and decided of each.

Reads what the payer said, as it was heard (``gateway.model.story``). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.clocks.clock import Decision, Extension, Pause, Receipt, measure
from gateway.contract.destination import Benefit
from gateway.model.clock import Clock
from gateway.model.outcome import Answer
from gateway.model.request import Line, PARequest
from gateway.model.status import LineOutcome
from gateway.model.story import Heard
from gateway.profiles.deadlines import Rule, choose
from gateway.profiles.narrowed import Matter

_DECIDED = frozenset(
    {
        LineOutcome.CERTIFIED,
        LineOutcome.CERTIFIED_MODIFIED,
        LineOutcome.NOT_CERTIFIED,
        LineOutcome.NOT_REQUIRED,
        LineOutcome.RECOMMENDED,
        LineOutcome.CANCELLED,
    }
)
_NOT_ON_FILE = frozenset({Answer.PLACED, Answer.REJECTED, Answer.UNAVAILABLE, Answer.NUMBER_USED, Answer.NOT_FOUND})
"""Answers that show of nothing that the payer has it for review."""
_CLOSING = frozenset({Answer.CANCELLED, Answer.CLOSED, Answer.DUPLICATE})
"""Answers after which nothing of it is left to decide."""


@dataclass(frozen=True)
class Filed:
    """What was filed with one payer, and everything that was heard of it, in the order of receipt. ``sent_at`` is when
    the filing that the payer has was sent, ``given`` when what it had asked for was."""

    request: PARequest
    payer: str
    benefit: Benefit
    line_ids: Sequence[str]
    sent_at: datetime
    heard: Sequence[Heard]
    given: Sequence[datetime] = ()


def clocks_of(filed: Filed, rules: Sequence[Rule], now: datetime) -> tuple[Clock, ...]:
    """The clocks of a submission, one for each rule and moment of decision, in the order of its lines. None where no
    rule is known, and none before the payer has it."""
    received = _received(filed)
    if received is None:
        return ()
    groups: dict[tuple[str, Decision | None], tuple[Rule, list[str]]] = {}
    decided = _decided(filed)
    for line in filed.request.lines:
        if line.id in filed.line_ids and (rule := _rule(filed, line, rules, received.at)):
            decision, _ = decided.get(line.id, (None, None))
            groups.setdefault((rule.deadline.id, decision), (rule, []))[1].append(line.id)
    pauses, roles = _pauses(filed), {line.id: line.role for line in filed.request.lines}
    extensions = _extensions(filed)
    return tuple(
        measure(
            rule,
            lines,
            received,
            decision,
            now,
            pauses=pauses,
            extensions=extensions,
            outcomes=[decided[line][1] for line in lines if line in decided],
        ).model_copy(
            update={
                "roles": tuple(roles[line] for line in lines),
                "line_of_business": filed.request.coverages[0].line_of_business,
                "urgency": filed.request.urgency.level,
            }
        )
        for (_, decision), (rule, lines) in groups.items()
    )


def _extensions(filed: Filed) -> list[Extension]:
    """Each word of the payer by when it will decide. Where it names the day on which it said so, that counts: it may
    have been heard, or written down, when its time was over."""
    return [
        Extension(_said_on(filed, item), item.outcome.expected_by)
        for item in _on_filing(filed)
        if item.outcome.expected_by is not None
    ]


def _rule(filed: Filed, line: Line, rules: Sequence[Rule], received: datetime) -> Rule | None:
    matter = Matter.of(line, filed.request, filed.payer, filed.benefit, received.date())
    return choose(rules, matter, filed.request.urgency.level)


def _on_filing(filed: Filed) -> list[Heard]:
    """What is said of the filing, and of no appeal."""
    return [item for item in filed.heard if not item.appeal and item.outcome.answer not in _NOT_ON_FILE]


def _received(filed: Filed) -> Receipt | None:
    """By the first answer that shows that the payer has it. The time that it names itself is believed where it lies
    between the sending and the hearing."""
    for item in _on_filing(filed):
        said = _said(filed, item)
        if said is not None and filed.sent_at <= said <= item.at:
            return Receipt(said, "payer")
        return Receipt(item.at, "answer")
    return None


def _said(filed: Filed, item: Heard) -> datetime | None:
    """The moment that the payer names of its word, in whole minutes as many do. None where its own time is wrong: it
    cannot have spoken of what was not yet sent."""
    said = None if item.outcome.zone_unknown else item.outcome.effective_at
    return said if said is not None and said > filed.sent_at - timedelta(minutes=1) else None


def _said_on(filed: Filed, item: Heard) -> datetime:
    """When the payer said it by the day that it names, in whatever zone, or else when that was heard."""
    said = item.outcome.effective_at
    return item.at if said is None or said < filed.sent_at - timedelta(days=1) else min(item.at, said)


def _decided(filed: Filed) -> Mapping[str, tuple[Decision, LineOutcome]]:
    """When each line was first decided, and what. A request that is closed undecided has nothing decided of a line."""
    found: dict[str, tuple[Decision, LineOutcome]] = {}
    for item in _on_filing(filed):
        outcome = item.outcome
        decided = {line.line: line.outcome for line in outcome.lines if line.line and line.outcome in _DECIDED}
        if outcome.answer in _CLOSING:
            over = LineOutcome.CANCELLED if outcome.answer is Answer.CANCELLED else LineOutcome.UNKNOWN
            decided = dict.fromkeys(filed.line_ids, over) | decided
        for line, what in decided.items():
            found.setdefault(line, (Decision(item.at, _said(filed, item)), what))
    return found


def _pauses(filed: Filed) -> list[Pause]:
    """From each answer that asks the practice for something to the next sending of what was asked for. It counts from
    when the payer says that it asked: it may have been heard when its time was over."""
    pauses: list[Pause] = []
    for item in _on_filing(filed):
        outcome = item.outcome
        asks = (
            outcome.requested
            or outcome.questions
            or any(line.outcome is LineOutcome.INFO_REQUESTED for line in outcome.lines)
        )
        if asks:
            asked = _said(filed, item) or item.at
            pauses.append(Pause(min(item.at, asked), next((at for at in sorted(filed.given) if at >= item.at), None)))
    return pauses
