"""What callers send besides the request itself: bodies and query strings, as models.

Whatever may be PHI (a member id, the caller's reference) travels in a body, never in a URL (law 8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from gateway.contract.adapter import Answers
from gateway.model.bounds import Bounds
from gateway.model.codes import Identifier, Instant, LongText, MemberId, ShortText
from gateway.model.faults import Finding, merged, raise_findings
from gateway.model.record import Record, refuse
from gateway.model.request import Attachment, Urgency
from gateway.model.sent import repeated, word
from gateway.model.shape import Shape
from gateway.model.status import Attention, CaseStatus
from gateway.notify.payload import TYPES
from gateway.store.deliveries import DeliveryState

NO_CURSOR = "This is not a cursor of this list with these filters."
CURSOR_FIX = "Send the cursor of the last page as it came, with the same filters, or none to begin."
Cursor = Annotated[
    str,
    Field(max_length=300, description="The cursor of the last page, as it came."),
    Shape("cursor", r"[A-Za-z0-9_-]{40,}", NO_CURSOR, CURSOR_FIX),
]
LineId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,20}$")]
PayerId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$", description="A payer id of GET /v1/payers.")]


def _known(kind: str) -> str:
    if kind not in TYPES:
        refuse("event_type", "There is no such event type.", f"Send one of these: {', '.join(TYPES)}.")
    return kind


EventType = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": [*TYPES], "examples": ["case.approved"]})
]


class NoQuery(Record):
    """No query parameter."""


class CaseFilter(Record):
    """Which cases; everything given must hold."""

    status: CaseStatus | None = None
    payer: PayerId | None = None
    attention: Annotated[Attention | None, Field(description="Who must act next.")] = None
    limit: Annotated[int, Field(ge=1, le=100, description="Cases per page.")] = 25
    cursor: Cursor | None = None


class CaseSearch(CaseFilter):
    """Which cases, by what may not stand in a URL."""

    reference: Annotated[Identifier | None, Field(description="The caller's own reference, whole.")] = None
    member_id: Annotated[MemberId | None, Field(description="Member id of the first coverage, whole.")] = None


def split(value: object) -> object:
    """A list as a query string has it."""
    return tuple(value.split(",")) if isinstance(value, str) else value


class EventFilter(Record):
    """Which events."""

    after: Annotated[Cursor | None, Field(description="Only what came after this cursor; from the start without.")] = (
        None
    )
    types: Annotated[
        tuple[EventType, ...],
        Bounds(0, 30),
        BeforeValidator(split),
        Field(description="Event types, with commas between; all without."),
        WithJsonSchema({"type": "string", "examples": ["case.approved,case.denied"]}),
    ] = ()
    limit: Annotated[int, Field(ge=1, le=500, description="Events per page.")] = 100


class DeliveryFilter(Record):
    """Which deliveries of an endpoint."""

    state: Annotated[DeliveryState | None, Field(description="dead: given up.")] = None
    limit: Annotated[int, Field(ge=1, le=100, description="Deliveries per page.")] = 25
    cursor: Cursor | None = None


class GivenAnswers(Answers):
    """What the practice sends because the payer asked. ``control_numbers`` maps an attachment id to the payer's number
    for the requested document, ``codes`` to the code of what was asked for without a number. ``payer`` is whom they are
    for, where several ask under one name. ``questions`` answers questions of the set with this ``round``; ``submit``
    sends them, once nothing is open any more."""

    submit: Annotated[
        bool,
        Field(
            strict=True, description="Of questions: send the answers if they are complete. Documents are always sent."
        ),
    ] = False

    def answers(self) -> Answers:
        """What there is to send."""
        return Answers.model_construct(**{name: getattr(self, name) for name in Answers.model_fields})


class Cancellation(Record):
    """Why the practice takes the request back; some payers are told."""

    reason: ShortText | None = None


def _same_ids(documents: Sequence[Any]) -> Iterator[Finding]:
    for one in repeated(documents, "", "attachment_id", "Two attachments have the same id."):
        yield Finding(one.at[1:], one.code, one.message, one.fix)


class Appealed(Record):
    """What is appealed, and why. The payer reads the reason; documents go with it, and no other of the request's."""

    reason: LongText
    lines: (
        Annotated[
            tuple[LineId, ...],
            Bounds(1, 99),
            Field(description="Ids of lines. Without: every line that is denied. One granted for less must be named."),
        ]
        | None
    ) = None
    urgency: Annotated[Urgency | None, Field(description="How urgent the appeal is; without, as the request was.")] = (
        None
    )
    attachments: Annotated[tuple[Attachment, ...], Bounds(0, 20, across=_same_ids)] = ()


def _repetitions(types: Sequence[Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, kind in enumerate(map(word, types)):
        if kind in seen:
            yield Finding((place,), "repeated", "This event type is listed before.", "List each type once.")
        elif kind is not None:
            seen.add(kind)


EventTypes = Annotated[
    tuple[EventType, ...],
    Bounds(0, 30, across=_repetitions),
    Field(description="Which events to send; all when empty."),
]
EndpointUrl = Annotated[
    str, Field(min_length=8, max_length=500, examples=["https://hooks.example.org/pa"], description="https in live.")
]


class NewEndpoint(Record):
    """Where events should be sent."""

    url: EndpointUrl
    types: EventTypes = ()


class EndpointChange(Record):
    """What to change of an endpoint; what is not sent stays."""

    url: EndpointUrl | None = None
    types: EventTypes | None = None
    enabled: Annotated[bool | None, Field(strict=True)] = None


class Rotation(Record):
    """How long the old secret signs beside the new one."""

    overlap_hours: Annotated[int, Field(strict=True, ge=0, le=168)] = 24

    @property
    def overlap(self) -> timedelta:
        return timedelta(hours=self.overlap_hours)


class Resend(Record):
    """Which events to send again: those of a case, one of them, or those of a span of time."""

    case_id: UUID | None = None
    event_id: Annotated[UUID | None, Field(description="One event of the case.")] = None
    since: Instant | None = None
    until: Instant | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Reports rules between fields together with the fields' own faults."""
        if not isinstance(value, dict):
            return handler(value)
        broken = _broken_rules({name: given for name, given in value.items() if given is not None})
        try:
            asked = handler(value)
        except ValidationError as error:
            raise merged(error, broken) from None
        raise_findings(cls.__name__, broken)
        return asked


_INSTANT = TypeAdapter[datetime](Instant)


def _broken_rules(sent: Mapping[str, Any]) -> Iterator[Finding]:
    if "case_id" not in sent and "since" not in sent:
        yield Finding((), "resend", "Nothing says which events.", "Send case_id, or since.")
    if "event_id" in sent and "case_id" not in sent:
        message, fix = "An event is named without its case.", "Send the event's data.case_id as case_id."
        yield Finding(("event_id",), "resend", message, fix)
    if "until" in sent and "since" not in sent:
        yield Finding(("until",), "resend", "The span has no start.", "Send since and a later until.")
    with suppress(KeyError, ValidationError):  # what is no time is told by its field
        if _INSTANT.validate_python(sent["until"]) <= _INSTANT.validate_python(sent["since"]):
            yield Finding(("until",), "resend", "The span ends before it begins.", "Send a later until.")
