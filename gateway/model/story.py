"""What was heard of a submission, and where it stands: the values that ``gateway.model.hearing`` works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gateway.model.appeal import Appeal, AppealState
from gateway.model.outcome import Answer, FollowUp, LineResult, Outcome, PayerContact, Reference, RequestedItem
from gateway.model.questions import OpenRound
from gateway.model.reasons import Reason
from gateway.model.status import Attention, CaseStatus, Ground

URGENCY = (Attention.NONE, Attention.PAYER, Attention.GATEWAY, Attention.PROVIDER, Attention.OPERATOR)
"""Whose move comes first when several must move: the last."""


@dataclass(frozen=True)
class Heard:
    """A payer's message as the gateway heard it. ``at`` is the time of receipt (UTC), ``asked`` that of sending what it
    answers.

    ``filing`` is true for what answers a filing or comes unasked. A refusal of anything else (an inquiry, a change,
    documents) refuses only that: what is on file stays on file. What an inquiry brought that is ``of_filing`` is on the
    filing all the same. ``posted`` is what came in a file: when it was picked up says nothing of when it was said.
    ``change`` is true for what answers a change of the filing, ``appeal`` for what speaks of an appeal of it.
    ``answers`` is the attempt that it answers, where that is known. ``superseded`` is true for what speaks of an appeal
    in whose place another had been asked for by then.
    """

    outcome: Outcome
    at: datetime
    filing: bool = True
    asked: datetime | None = None
    posted: bool = False
    change: bool = False
    appeal: bool = False
    answers: UUID | None = None
    superseded: bool = False

    @property
    def on_filing(self) -> bool:
        """True where a refusal refuses the filing."""
        return self.filing or self.outcome.of_filing


def grounds_of(item: Heard) -> frozenset[Ground]:
    """What a message gives to move a status by."""
    answer, grounds = item.outcome.answer, {Ground.ORDINARY, Ground.EVIDENCE}
    if answer in (Answer.REVIEWED, Answer.RESCINDED):
        grounds.add(Ground.DECISION)
    if answer is Answer.CANCELLED and item.change and not item.appeal:
        grounds.add(Ground.WISH)
    return frozenset(grounds)


@dataclass(frozen=True)
class Standing:
    """Where one submission stands.

    ``contradictions`` are messages the table of moves refused, in whole or for a line; a person looks.
    ``unmatched`` are lines of the payer's that are none of ours. ``rounds`` are questions that wait for answers.
    ``appeals`` are all that were ever asked for, the latest last. ``expected_by`` is until when the payer said last
    that it will decide.
    """

    status: CaseStatus
    lines: Mapping[str, LineResult]
    attention: Attention = Attention.NONE
    attention_why: str | None = None
    reasons: tuple[Reason, ...] = ()
    references: tuple[Reference, ...] = ()
    requested: tuple[RequestedItem, ...] = ()
    rounds: tuple[OpenRound, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    contacts: tuple[PayerContact, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    reference_pending: bool = False
    expected_by: datetime | None = None
    contradictions: tuple[Outcome, ...] = field(default=())
    unmatched: tuple[LineResult, ...] = field(default=())


@dataclass(frozen=True)
class Story:
    """A standing on the way. ``spoken`` are the lines the payer has said anything of: a line it has not mentioned is
    no more than received, for pended means that the payer said pended (law 3). ``refused`` are the kinds of messages
    by which it refused the filing: an acknowledgement of another kind says of something else that it is in order.
    ``appealed`` is how the appeals of lines stand, ``revived`` are lines that it decided after they were cancelled.
    ``whys`` are the reasons in ``standing.attention_why``, each for itself."""

    standing: Standing
    spoken: frozenset[str]
    refused: frozenset[str] = frozenset()
    appealed: Mapping[str, AppealState] = field(default_factory=dict)
    revived: frozenset[str] = frozenset()
    whys: tuple[str, ...] = ()
