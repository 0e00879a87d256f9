"""What a webhook says: that a case moved, and how to order it among the case's other events. Never PHI.

The same shape is what GET /v1/events lists. Receivers fetch the case for everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.model.appeal import AppealState
from gateway.model.clock import Timing
from gateway.model.status import Attention, CaseStatus, LineOutcome
from gateway.model.talk import TalkOutcome, TalkState

TYPES = (
    *(f"case.{status}" for status in CaseStatus),
    "case.overdue",
    "case.peer_to_peer",
    "case.peer_to_peer_ending",
    "case.peer_to_peer_missed",
    "authorization.expiring",
)
"""Every type an event may have."""


class TalkChange(BaseModel):
    """A talk of peers since this event."""

    model_config = ConfigDict(frozen=True)

    n: int
    state: TalkState
    lines: tuple[str, ...]
    ends_at: Annotated[datetime | None, Field(description="When it is missed, unless somebody says what came of it.")]
    outcome: TalkOutcome | None = None


class CaseChange(BaseModel):
    """How a case stands since this event. Receivers should tolerate new fields and new words."""

    model_config = ConfigDict(frozen=True)

    case_id: UUID
    livemode: bool
    sequence: Annotated[
        int, Field(ge=1, description="Counts the case's events. Events may arrive out of order; the highest counts.")
    ]
    status: CaseStatus
    previous_status: CaseStatus | None = None
    attention: Annotated[Attention, Field(description="Who must do something next.")] = Attention.NONE
    attention_why: Annotated[str | None, Field(description="Why, in the gateway's words.")] = None
    reference_pending: Annotated[bool, Field(description="Approved, and the payer's number is still to come.")] = False
    expected_by: Annotated[
        datetime | None, Field(description="When the payer said last that it will decide, at the latest.")
    ] = None
    lines: Annotated[Mapping[str, LineOutcome], Field(description="What the payer has said, by line id.")] = {}
    appeals: Annotated[
        Mapping[str, AppealState], Field(description="How the latest appeal of a line stands, by line id.")
    ] = {}
    clocks: Annotated[
        tuple[Timing, ...], Field(description="The payers' time to decide, of each submission that a payer has.")
    ] = ()
    talk: Annotated[
        TalkChange | None, Field(description="The talk of peers that an event of that name tells of; else null.")
    ] = None
    expiring: Annotated[
        Mapping[str, str],
        Field(description="Authorizations to renew, by line id: `ends` soon, or `runs_out` before the course does."),
    ] = {}
    preflight: Annotated[
        tuple[str, ...],
        Field(description="Rules of the payer's policy that the request does not meet, as pack and rule."),
    ] = ()


class Event(BaseModel):
    """Something that happened to a case."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[UUID, Field(description="Stays the same over all deliveries (webhook-id); drop what you have seen.")]
    type: Annotated[
        str,
        Field(
            description="`case.` and the new status, or `case.overdue`: a payer had to decide by now. "
            "`case.peer_to_peer`: a talk of peers moved; `case.peer_to_peer_ending`: its time ends soon; "
            "`case.peer_to_peer_missed`: it is over, and nobody said what came of the talk. "
            "`authorization.expiring`: an authorization ends soon or runs out.",
            examples=["case.approved"],
        ),
    ]
    timestamp: datetime
    data: CaseChange


class NotKnown(ValueError):
    """What is stored of an event says something that this version of the gateway does not know: a later version wrote
    it, or somebody changed it."""


def describe(
    event_id: UUID, kind: str, at: datetime, case_id: UUID, sequence: int, live: bool, data: Mapping[str, Any]
) -> Event:
    """An event as told to callers. Of what is stored, only the fields listed here leave the house. Raises NotKnown."""
    if not isinstance(data, Mapping):  # whoever changes a row writes anything into it
        raise NotKnown("what is stored of an event is no object")
    told = {name: value for name, value in data.items() if name in CaseChange.model_fields}
    try:
        change = CaseChange.model_validate({**told, "case_id": case_id, "livemode": live, "sequence": sequence})
    except ValidationError:
        raise NotKnown("what is stored of an event has a word that this version does not know") from None
    return Event(id=event_id, type=kind, timestamp=at, data=change)
