"""What callers are shown of questions: open rounds, what the gateway proposes, and how far answers lead.

Reads what the engine found and nothing else. Responses may hold PHI; they are the caller's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from gateway.contract.destination import Mode
from gateway.engine.asking import Asked, Progress
from gateway.model.questions import Question, QuestionAnswer, QuestionSet
from gateway.model.record import Record
from gateway.questions.check import check
from gateway.questions.faults import SetFault
from gateway.questions.form import form
from gateway.questions.prefill import Unproposed
from gateway.questions.walk import Walk, walk
from gateway.store.records import Case


class WalkView(Record):
    """How far answers lead through the questions."""

    complete: Annotated[bool, Field(description="Whether everything that is asked is answered.")]
    path: Annotated[tuple[str, ...], Field(description="Ids of the questions that are answered, in their order.")]
    next: Annotated[
        tuple[Question, ...],
        Field(description="The question that is open, and those that come after it whatever is answered."),
    ]
    dropped: Annotated[
        tuple[str, ...], Field(description="Ids of questions whose answers are not on the way; they are not sent.")
    ]
    fault: Annotated[
        SetFault | None,
        Field(description="Why the questions lead no further. It is the payer's fault: call the payer."),
    ] = None


class RoundView(Record):
    """A round of questions that a payer asks and nobody answered."""

    payer: str
    submission_id: UUID
    connection: str
    channel: str
    lines: tuple[str, ...]
    appeal: Annotated[bool, Field(description="Whether the payer asks this of an appeal.")] = False
    round: Annotated[str, Field(description="Send it back with the answers.")]
    deadline: datetime | None
    overdue: Annotated[bool, Field(description="The payer takes no answers any more: submit the request anew.")]
    set: Annotated[QuestionSet, Field(description="As the payer sent it.")]
    faults: Annotated[
        tuple[SetFault, ...], Field(description="What is wrong with the set; it can be walked as far as none is met.")
    ]
    proposed: Annotated[
        tuple[QuestionAnswer, ...],
        Field(description="Answers that the request gives. Nothing of them is sent until you send it as an answer."),
    ]
    not_proposed: Annotated[
        tuple[Unproposed, ...], Field(description="Questions with codes for which nothing is proposed, and why.")
    ]
    walk: Annotated[WalkView, Field(description="How far the proposed answers lead.")]
    form: Annotated[
        Mapping[str, Any],
        Field(
            description="JSON Schema of a form; the values of its properties are the questions to send. "
            "A number is a JSON number there."
        ),
    ]


class RoundList(Record):
    """The rounds of questions of a case that are open."""

    id: Annotated[UUID, Field(description="The case.")]
    livemode: bool
    data: tuple[RoundView, ...]


class ProgressView(WalkView):
    """How far the answers lead. Nothing was sent and nothing is kept."""

    livemode: bool
    payer: str
    round: str
    sent: Annotated[Literal[False], Field(description="To send complete answers, say submit.")] = False


def show(case: Case, asked: Iterable[Asked]) -> RoundList:
    return RoundList(id=case.id, livemode=case.mode is Mode.LIVE, data=tuple(_round(case, one) for one in asked))


def progress_of(progress: Progress, live: bool) -> ProgressView:
    asked = progress.asked
    return ProgressView(
        livemode=live,
        payer=asked.submission.payer,
        round=asked.questions.round,
        **vars(_walk(progress.walk)),
    )


def _round(case: Case, asked: Asked) -> RoundView:
    proposals = asked.proposals(case.request)
    submission = asked.submission
    return RoundView(
        payer=submission.payer,
        submission_id=submission.id,
        connection=submission.connection,
        channel=submission.channel,
        lines=submission.line_ids,
        appeal=asked.appeal,
        round=asked.questions.round,
        deadline=asked.questions.deadline,
        overdue=asked.open.overdue,
        set=asked.questions,
        faults=check(asked.questions),
        proposed=proposals.answers,
        not_proposed=proposals.unproposed,
        walk=_walk(walk(asked.questions, proposals.answers)),
        form=form(asked.questions),
    )


def _walk(walked: Walk) -> WalkView:
    return WalkView(
        complete=walked.complete,
        path=tuple(answer.question for answer in walked.path),
        next=walked.ahead,
        dropped=walked.off,
        fault=walked.fault,
    )
