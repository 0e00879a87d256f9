"""What callers are shown of a case: models that document themselves.

Responses may hold PHI; they are the caller's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.api.requirements import PreflightView
from gateway.contract.destination import Benefit
from gateway.model.clock import Clock
from gateway.model.outcome import (
    ApprovedQuantity,
    FollowUp,
    NoRoute,
    PayerContact,
    Reference,
    RequestedItem,
    Source,
    Span,
)
from gateway.model.questions import OpenRound
from gateway.model.reasons import Reason
from gateway.model.record import Record
from gateway.model.request import LineRole, ServiceCode
from gateway.model.status import Attention, CaseStatus, Delivery, LineOutcome
from gateway.recourse.levels import LeveledAppeal
from gateway.store.records import Verb


class AttentionView(Record):
    """Who must do something next for the case to move, and why."""

    who: Attention
    why: Annotated[str | None, Field(description="In the gateway's words.")] = None


class Links(Record):
    """Paths of this API."""

    self: str
    events: str
    questions: str
    recourse: str
    raw: str


class AcceptedView(Record):
    """The request is kept and will be filed. Read the case, or wait for a webhook."""

    id: Annotated[UUID, Field(description="The case.")]
    livemode: bool
    links: Links


class UntoldView(Record):
    """A payer that could not be told, and holds what it held."""

    submission: UUID
    payer: str
    why: Annotated[str, Field(description="In the gateway's words.")]
    fix: Annotated[str | None, Field(description="What would do instead.")] = None


class CancellationView(AcceptedView):
    """The cancellation is kept. It is told to every payer that holds something, but for those that are named here."""

    untold: Annotated[
        tuple[UntoldView, ...],
        Field(description="Payers that cannot be told. What they hold stands; `attention` of the case says so too."),
    ] = ()


class LineView(Record):
    """One line, and what the payer has said about it."""

    id: str
    role: LineRole
    code: ServiceCode
    outcome: LineOutcome
    quantity: Annotated[ApprovedQuantity | None, Field(description="Approved quantity.")] = None
    period: Annotated[Span | None, Field(description="Approved dates.")] = None
    place_of_service: Annotated[str | None, Field(description="Approved place of service (CMS code).")] = None
    provider_npi: Annotated[str | None, Field(description="Approved provider.")] = None
    authorization_number: Annotated[str | None, Field(description="The number that goes on the claim.")] = None
    reasons: tuple[Reason, ...] = ()
    no_route: Annotated[
        NoRoute | None, Field(description="Why the line was filed with nobody, in the gateway's words, and the fix.")
    ] = None


class AttemptView(Record):
    """One attempt to say something to the payer."""

    id: UUID
    verb: Verb
    delivery: Delivery
    planned_at: datetime
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    error: Annotated[str | None, Field(description="What went wrong, in the gateway's words.")] = None


class ChallengeView(Record):
    """What a payer's site asks of a person, on a page that waits."""

    kind: Annotated[str, Field(description="captcha: read a picture. approval: approve the sign-in on a device.")]
    says: str
    until: Annotated[datetime, Field(description="So long the page waits. Later it is asked anew on resuming.")]
    picture: Annotated[str | None, Field(description="Path of the picture to read.")] = None


class SubmissionView(Record):
    """What was or will be filed with one payer over one connection."""

    id: UUID
    payer: str
    connection: str
    channel: str
    benefit: Benefit
    lines: tuple[str, ...]
    status: CaseStatus
    attention: AttentionView
    instead_of: Annotated[
        UUID | None,
        Field(description="The submission in whose place it was made, as the payer of that one named another way."),
    ] = None
    recommends: Annotated[
        bool,
        Field(description="Whether a delegate is asked whose yes is no authorization; its payer is asked after it."),
    ] = False
    confirms: Annotated[
        UUID | None,
        Field(description="The delegate's submission whose recommendation the payer itself is asked to authorize."),
    ] = None
    due_at: Annotated[datetime | None, Field(description="When the gateway looks at it again by itself.")] = None
    attempts: tuple[AttemptView, ...] = ()
    clocks: Annotated[
        tuple[Clock, ...], Field(description="By when the payer has to decide, by which rule, and whether it did.")
    ] = ()


class _CaseHead(Record):
    id: UUID
    livemode: bool
    reference: Annotated[str | None, Field(description="The caller's own reference.")]
    payer: Annotated[str, Field(description="Payer of the first coverage.")]
    status: CaseStatus | None
    attention: AttentionView | None
    created_at: datetime
    updated_at: datetime
    links: Links


class CaseSummary(_CaseHead):
    """A case in a list. A field is null only where it is named under changed."""

    changed: Annotated[
        tuple[str, ...],
        Field(
            description="Fields that cannot be read, for somebody else than the gateway changed them. Empty, unless "
            "the database was meddled with; then who runs the gateway has to look at the case."
        ),
    ] = ()


class CaseView(_CaseHead):
    """A prior authorization over its life."""

    reference: Annotated[str, Field(description="The caller's own reference.")]
    patient: Annotated[
        str,
        Field(description="The patient, for /v1/patients: the same in every case of this member id and birth date."),
    ]
    follows: Annotated[UUID | None, Field(description="The earlier case that it goes on from.")] = None
    status: CaseStatus
    attention: AttentionView
    reference_pending: Annotated[bool, Field(description="Approved, and the payer's number is still to come.")]
    expected_by: Annotated[
        datetime | None,
        Field(description="By when the payer said that it will decide; of several payers, the first of these moments."),
    ] = None
    lines: tuple[LineView, ...]
    requested: Annotated[tuple[RequestedItem, ...], Field(description="What the payer asks for.")] = ()
    questions: Annotated[
        tuple[OpenRound, ...],
        Field(
            description="Rounds of questions that wait for answers; GET /v1/requests/{id}/questions shows them whole."
        ),
    ] = ()
    appeals: Annotated[
        tuple[LeveledAppeal, ...],
        Field(description="Every appeal, the latest last. What was decided stands until an appeal has changed it."),
    ] = ()
    contacts: Annotated[
        tuple[PayerContact, ...], Field(description="Whom the payer names to turn to, or to send what it asks for.")
    ] = ()
    follow_up: Annotated[tuple[FollowUp, ...], Field(description="What the payer says is to be done next.")] = ()
    reasons: tuple[Reason, ...] = ()
    references: tuple[Reference, ...] = ()
    messages: Annotated[tuple[str, ...], Field(description="What the payer wrote, oldest first.")] = ()
    challenge: Annotated[
        ChallengeView | None, Field(description="What a payer's site asks of a person; POST /resume when it is done.")
    ] = None
    contradictions: Annotated[
        int, Field(description="Messages of the payer that contradict what it said before; an operator looks.")
    ] = 0
    preflight: Annotated[
        PreflightView | None,
        Field(
            description="How it stood against its payer's policy when it was taken; null where nothing was looked at."
        ),
    ] = None
    submissions: tuple[SubmissionView, ...] = ()
    sources: Annotated[
        Mapping[str, Source],
        Field(
            description="Where values of this document were read: JSON Pointer to a journal entry and bytes in it; "
            "compare with GET /v1/requests/{id}/raw/{n}."
        ),
    ] = {}


class CaseList(Record):
    """A page of cases, the newest first."""

    data: tuple[CaseSummary, ...]
    next_cursor: Annotated[str | None, Field(description="Send as cursor for the next page; null on the last.")]
