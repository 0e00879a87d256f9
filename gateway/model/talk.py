"""A talk of peers over a denial: the ordering clinician and a clinician of the payer speak. What was said of one, word
by word, and how it stands by that.

A talk decides nothing of a line: what the payer says on the telephone holds once it says so in writing.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from gateway.model.bounds import Bounds
from gateway.model.codes import Identifier, Instant, Phone
from gateway.model.record import Record


class TalkState(StrEnum):
    OFFERED = "offered"
    """The payer offers it, and the practice has chosen no time."""
    REQUESTED = "requested"
    """The practice asks for it, and the payer has named no time."""
    SCHEDULED = "scheduled"
    HELD = "held"
    MISSED = "missed"
    """Its time is over, and nobody said what came of it."""
    WITHDRAWN = "withdrawn"
    """The practice asks for it no more."""


OPEN = frozenset({TalkState.OFFERED, TalkState.REQUESTED, TalkState.SCHEDULED})


class TalkOutcome(StrEnum):
    """What came of it. What is overturned on the telephone is not granted: the payer is asked for its written word."""

    OVERTURNED = "overturned"
    PARTLY_OVERTURNED = "partly_overturned"
    UPHELD = "upheld"
    UNDECIDED = "undecided"
    """It was held, and the payer decides later."""
    WITHDRAWN = "withdrawn"


Side = Literal["payer", "practice"]


class Slot(Record):
    """A time at which it could be held."""

    start: Instant
    minutes: Annotated[int, Field(strict=True, ge=5, le=240)] = 30

    @property
    def end(self) -> AwareDatetime:
        return self.start + timedelta(minutes=self.minutes)


Slots = Annotated[tuple[Slot, ...], Bounds(0, 20)]


class _Word(Record):
    n: Annotated[int, Field(ge=1, description="The talk's number in its case, from 1.")]
    at: AwareDatetime


class Opened(_Word):
    """``until`` is the end of the window in which the payer talks, ``path`` the rule that says so where the payer did
    not; ``late`` is true of one that was opened after that."""

    kind: Literal["opened"] = "opened"
    submission: UUID
    payer: str
    lines: tuple[str, ...]
    by: Side
    phone: Phone | None = None
    until: AwareDatetime | None = None
    path: str | None = None
    late: bool = False
    slots: Slots = ()


class Proposed(_Word):
    """Other times, in the place of those that were named before."""

    kind: Literal["slots"] = "slots"
    by: Side
    slots: Slots


class Scheduled(_Word):
    kind: Literal["scheduled"] = "scheduled"
    slot: Slot
    phone: Phone | None = None


class Concluded(_Word):
    """``reference`` is the payer's own number of the call."""

    kind: Literal["concluded"] = "concluded"
    outcome: TalkOutcome
    reference: Identifier | None = None


class Warned(_Word):
    """Its time ends soon, at ``of``, and that was told."""

    kind: Literal["warned"] = "warned"
    of: AwareDatetime


class Missed(_Word):
    kind: Literal["missed"] = "missed"


Word = Opened | Proposed | Scheduled | Concluded | Warned | Missed
WORD: TypeAdapter[Word] = TypeAdapter(Annotated[Word, Field(discriminator="kind")])


class Talk(Record):
    """A talk as it stands."""

    n: Annotated[int, Field(description="Its number in the case, from 1.")]
    submission: UUID
    payer: str
    lines: tuple[str, ...]
    state: TalkState
    offered_by: Side
    opened_at: AwareDatetime
    phone: Annotated[str | None, Field(description="Whom to call.")] = None
    until: Annotated[AwareDatetime | None, Field(description="The end of the payer's window, where it is known.")] = (
        None
    )
    path: Annotated[str | None, Field(description="The rule that the window follows from.")] = None
    late: Annotated[bool, Field(description="It was opened, or is to be held, after the payer's window.")] = False
    slots: Annotated[tuple[Slot, ...], Field(description="Times that were named last.")] = ()
    slots_by: Side | None = None
    scheduled: Slot | None = None
    scheduled_at: Annotated[AwareDatetime | None, Field(description="When its time was said last.")] = None
    sequence: Annotated[int, Field(description="How often its time was moved, or it was called off.")] = 0
    outcome: TalkOutcome | None = None
    reference: Annotated[str | None, Field(description="The payer's own number of the call.")] = None
    concluded_at: AwareDatetime | None = None
    warned_of: Annotated[AwareDatetime | None, Field(description="The end that was warned of.")] = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN
