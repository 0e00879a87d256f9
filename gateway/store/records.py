"""What the store keeps of a case, as values: rows read, and the step a walk writes in one transaction.

Knows the canonical model and the contract's stamps; knows no SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from gateway.contract.adapter import Answers, Change, Stamp
from gateway.contract.destination import Benefit, Mode
from gateway.model.clock import Clock, State
from gateway.model.codes import Identifier, MemberId
from gateway.model.line import Units
from gateway.model.people import Pharmacy
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.model.standing import Standing
from gateway.model.status import Attention, CaseStatus, Delivery


class Verb(StrEnum):
    """Which of the adapter's verbs an attempt speaks."""

    SUBMIT = "submit"
    AMEND = "amend"
    ANSWER = "answer"
    INQUIRE = "inquire"


class Due(StrEnum):
    """Why a submission must be looked at again at its ``due_at``."""

    RETRY = "retry"
    """Nothing was filed; send again."""
    RECONCILE = "reconcile"
    """It may have been filed; ask the payer."""
    POLL = "poll"
    """It is filed and undecided; ask the payer."""
    DECIDED_BY = "decided_by"
    """The payer's time to decide is over. Rings by ``decide_by``, and never by ``due_at``."""
    TALK = "talk"
    """A talk of peers ends soon, or has ended. Rings by the talk's own time."""
    EXPIRING = "expiring"
    """An authorization ends soon or runs out. Rings by a reminder (gateway/store/reminders.py)."""


class EntryKind(StrEnum):
    REQUEST = "request"
    """The request as accepted, byte for byte as its sender wrote it (JSON)."""
    FRAME = "frame"
    """What was about to be sent, secrets by name."""
    REPLY = "reply"
    """What came back, whole."""
    DOCUMENT = "document"
    """The business document inside a reply; sources count their bytes in it."""
    OUTCOME = "outcome"
    """What the adapter read in it (JSON)."""
    EVIDENCE = "evidence"
    """What the transport saw beside a reply, or in its place, for people: a picture of a page."""
    NOTE = "note"
    """A decision of the gateway itself (JSON without PHI): a route, a reconciliation, a person's act."""


class Worded(Record):
    """What a filing says otherwise than the request does: how much of its product each of these lines is told as, by
    the lines' ids. It follows from a crosswalk, and is kept because that may be another one before the case is over.
    None where the channel does not take products alone, or it was filed before this was kept."""

    products: Mapping[str, Units] | None = None


class Rerouted(Worded):
    """What a filing carries that goes another way than the request did: the submission in whose place it is made, and
    the card that its payer named, where it named one, with the patient's number on it where it is another."""

    instead_of: UUID
    card: Pharmacy | None = None
    member_id: MemberId | None = None


class Confirming(Worded):
    """What a filing carries by which the payer itself is asked for what its delegate recommended: the submission that
    the delegate answered, and the code of its determination."""

    recommended_by: UUID
    code: Identifier


@dataclass(frozen=True)
class Attempt:
    """One attempt to say something to a payer. ``work`` is what an amend or answer carries, or a filing that goes
    another way than the request did; one that ``repeats`` another attempt, by its id, has that one's.

    ``sent_at`` is when its latest sending began, or when it said something with an effect last; ``said_at`` when it
    last said anything. While it is ``harmless`` its latest sending has said nothing that could not be said twice, and
    no earlier one is in doubt.
    """

    id: UUID
    submission_id: UUID
    verb: Verb
    stamp: Stamp
    delivery: Delivery
    planned_at: datetime
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    work: Work | None = None
    error: str | None = None
    repeats: UUID | None = None
    said_at: datetime | None = None
    harmless: bool = False

    @property
    def last_said(self) -> datetime | None:
        """When a frame of it was last about to leave."""
        return max((at for at in (self.sent_at, self.said_at) if at), default=None)


Work = Change | Answers | Rerouted | Confirming | Worded


@dataclass(frozen=True)
class Submission:
    """What was or will be filed with one payer over one connection. ``tries`` counts what ``due_for`` repeated. Of one
    that ``recommends`` a yes is no authorization."""

    id: UUID
    place: int
    payer: str
    connection: str
    channel: str
    benefit: Benefit
    line_ids: tuple[str, ...]
    status: CaseStatus
    attention: Attention = Attention.NONE
    attention_why: str | None = None
    due_at: datetime | None = None
    due_for: Due | None = None
    tries: int = 0
    cancelling: bool = False
    recommends: bool = False
    attempts: tuple[Attempt, ...] = ()
    clocks: tuple[Clock, ...] = ()
    """The payer's time to decide, as it stood when something was last heard or the time was over."""

    def timed(self, clocks: tuple[Clock, ...]) -> Submission:
        """The same with these clocks."""
        return replace(self, clocks=clocks)

    @property
    def decide_by(self) -> datetime | None:
        """When the first of the clocks that run is over."""
        running = (clock.due_at for clock in self.clocks if clock.state is State.RUNNING and clock.due_at)
        return min(running, default=None)

    @property
    def filing(self) -> Attempt | None:
        """The latest attempt to file it."""
        return next((attempt for attempt in reversed(self.attempts) if attempt.verb is Verb.SUBMIT), None)

    @property
    def rerouted(self) -> Rerouted | None:
        """What it was made in the place of; None for one that the request itself led to."""
        work = self.filing.work if self.filing else None
        return work if isinstance(work, Rerouted) else None

    @property
    def confirms(self) -> Confirming | None:
        """What a delegate recommended that it asks the payer for; None for any other."""
        work = self.filing.work if self.filing else None
        return work if isinstance(work, Confirming) else None


@dataclass(frozen=True)
class Case:
    """A case as stored. ``standing`` is the copy of what ``gateway.model.standing`` computed last."""

    id: UUID
    tenant: str
    mode: Mode
    request: PARequest
    status: CaseStatus
    attention: Attention
    attention_why: str | None
    standing: Standing | None
    created_at: datetime
    updated_at: datetime
    journal_count: int
    submissions: tuple[Submission, ...] = ()
    journal_head: bytes = field(default=b"", repr=False)
    """The digest of the last journal entry, on which the next one stands."""
    journal_tag: bytes | None = field(default=None, repr=False)
    """What shows that head and count are of our writing (gateway/store/journal.py)."""

    def submission(self, submission_id: UUID) -> Submission:
        """The submission of that id. Raises KeyError for a foreign id."""
        for submission in self.submissions:
            if submission.id == submission_id:
                return submission
        raise KeyError(submission_id)


@dataclass(frozen=True)
class Entry:
    """A journal entry, decrypted. ``meta`` holds no PHI (method, HTTP status, media type). ``kind`` is a bare word
    where a later version wrote it."""

    n: int
    kind: EntryKind | str
    at: datetime
    attempt_id: UUID | None
    submission_id: UUID | None
    meta: Mapping[str, Any]
    body: bytes
    digest: bytes


@dataclass(frozen=True)
class NewEntry:
    kind: EntryKind
    body: bytes
    submission_id: UUID | None = None
    attempt_id: UUID | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DeliveryMove:
    """A compare-and-set on an attempt's delivery: the fence against two workers holding one attempt. To SENT it tells
    of a frame about to leave; a ``calm`` one has no effect. From SENT to SENT it tells of a further one."""

    attempt_id: UUID
    before: Delivery
    after: Delivery
    error: str | None = None
    calm: bool = False


@dataclass(frozen=True)
class NewEvent:
    """``type`` is ``case.`` and a word; ``data`` holds no PHI."""

    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """Everything one committed step of a walk writes about a case.

    ``submissions`` and ``attempts`` are inserted or, by id, replaced (all but an attempt's stamp, verb, work and
    delivery, which never change here). ``moves`` change deliveries. ``standing`` replaces the case's.
    """

    case_id: UUID
    submissions: tuple[Submission, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    moves: tuple[DeliveryMove, ...] = ()
    entries: tuple[NewEntry, ...] = ()
    standing: Standing | None = None
    events: tuple[NewEvent, ...] = ()


@dataclass(frozen=True)
class Written:
    """What writing a step gave: the journal numbers of its entries, in order, the webhook deliveries to make, and the
    case as it is now."""

    entry_numbers: tuple[int, ...]
    delivery_ids: tuple[UUID, ...]
    case: Case


class Stale(Exception):
    """The case or an attempt was no longer as the step expected: another worker was here first."""
