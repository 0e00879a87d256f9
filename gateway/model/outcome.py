"""What one message from a payer means, in the canonical language, with the place each value was read from.

An outcome says nothing about the case; ``gateway.model.standing`` works out where the case stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, TypedDict

from pydantic import AfterValidator, AwareDatetime, Field

from gateway.model.codes import PlaceOfService
from gateway.model.line import ServiceCode, one_spelling
from gateway.model.questions import QuestionSet
from gateway.model.reasons import NextAction, Reason
from gateway.model.record import Record
from gateway.model.status import Attention, LineOutcome


class Answer(StrEnum):
    """What kind of message it is."""

    PLACED = "placed"
    """It lies where the payer takes it from. The payer has said nothing."""
    RECEIVED = "received"
    """The payer holds the request and has not decided, or says that an answer will follow."""
    REVIEWED = "reviewed"
    """The lines say what was decided."""
    REJECTED = "rejected"
    """Refused before review; nothing is on file."""
    UNAVAILABLE = "unavailable"
    """The payer could not take the request now; nothing is on file; the same request may go again later."""
    NUMBER_USED = "number_used"
    """Refused for its control number alone, which the payer has from some other message, or from an earlier sending of
    the same bytes. Nothing is on file of this sending; the same request may go again under a number of its own, once it
    is sure that nothing is on file of an earlier one."""
    NOT_FOUND = "not_found"
    """An inquiry's answer: the payer does not hold the filing."""
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel_refused"
    DUPLICATE = "duplicate"
    CLOSED = "closed"
    RESCINDED = "rescinded"
    UNMAPPED = "unmapped"
    """Well-formed and read, but nobody knows what it means; a person looks."""


class ReferenceKind(StrEnum):
    AUTHORIZATION = "authorization"
    """The number that goes on the claim."""
    REVIEW = "review"
    """The payer's own number for the review; not an authorization."""
    PREVIOUS_AUTHORIZATION = "previous_authorization"
    PREVIOUS_REVIEW = "previous_review"
    """The payer's number of an earlier review, to which what was asked refers or the answer does."""
    DETERMINATION = "determination"
    """A delegate's number for what it recommends to the payer; not an authorization."""
    TRACE = "trace"
    """Our own trace number, echoed."""
    DOCUMENT_CONTROL = "document_control"
    """The number a requested document must carry."""


class Reference(Record):
    kind: ReferenceKind
    value: Annotated[str, Field(min_length=1, max_length=140)]
    line: str | None = None
    part: Annotated[
        bool,
        Field(description="Whether it may be of less than the line or, without one, the request: of one service."),
    ] = False


class RequestedItem(Record):
    """Something the payer asks for. ``control_number`` must be repeated with the document. ``payer`` is who asks, where
    a case tells of it."""

    kind: str
    """Our word for the document (an attachment kind), or ``other``."""
    code: str | None = None
    code_system: str | None = None
    text: str | None = None
    control_number: str | None = None
    line: str | None = None
    due_on: date | None = None
    payer: str | None = None


class ContactAddress(Record):
    """As the payer wrote it; ``unit`` is the second line of the street."""

    street: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip_code: str | None = None


class PayerContact(Record):
    """Whom to turn to: about the review, or with what is asked for additionally (then of ``line``, if it is of one)."""

    purpose: Literal["review", "additional_information"] = "review"
    line: str | None = None
    organization: str | None = None
    name: str | None = None
    phone: str | None = None
    extension: str | None = None
    fax: str | None = None
    email: str | None = None
    url: str | None = None
    address: ContactAddress | None = None


class FollowUp(Record):
    """What the payer says is to be done next, in our word and in its code; ``line`` is None for the whole request."""

    action: NextAction
    line: str | None = None
    code: str | None = None
    code_system: str | None = None
    until: Annotated[date | None, Field(description="The last day that the payer names for it.")] = None
    elsewhere: Annotated[
        bool,
        Field(description="The payer takes it otherwise than through this channel, if at all: by fax, by letter."),
    ] = False


class ApprovedQuantity(Record):
    value: Annotated[Decimal, AfterValidator(one_spelling)]
    unit: str


class Span(Record):
    """Dates of an approval, either end may be open."""

    start: date | None = None
    end: date | None = None


class NoRoute(Record):
    """Why a line goes to nobody, and what to do about it, in the gateway's words. ``pointer`` is a JSON Pointer into
    the request where one place is meant, and ``attention`` whose it is to mend it, where it is not
    the practice's."""

    why: str
    fix: str | None = None
    pointer: str | None = None
    attention: Annotated[Attention, Field(exclude_if=lambda who: who is Attention.PROVIDER)] = Attention.PROVIDER


class LineResult(Record):
    """What was said of one line. ``line`` is our line id, None when the payer's line matches none of ours.

    ``named`` is false where the payer spoke of the whole request alone, and the line has only that word: it does not
    replace what the payer decided of the line itself. ``no_route`` is the gateway's own word, of a line that no payer
    was asked about.
    """

    line: str | None
    outcome: LineOutcome
    named: Annotated[
        bool, Field(description="Whether the payer spoke of the line itself; false: of the whole request alone.")
    ] = True
    code: ServiceCode | None = None
    quantity: ApprovedQuantity | None = None
    period: Span | None = None
    place_of_service: PlaceOfService | None = None
    provider_npi: str | None = None
    authorization_number: str | None = None
    reasons: tuple[Reason, ...] = ()
    no_route: NoRoute | None = None


class Source(Record):
    """Where a value was read: bytes ``start`` to ``end`` (end not included) of a journal entry's document.

    ``path`` names the place in the document's own terms (``2000F/HCR01``), ``segment`` counts from 1. ``entry`` is
    the number of the journal entry that holds the document; the engine fills it in when it keeps the document.
    """

    path: str
    segment: int | None = None
    start: int
    end: int
    entry: int | None = None


class Whys(TypedDict):
    """Reasons for which somebody is called, as an outcome has them."""

    attention_why: str | None
    attention_whys: tuple[str, ...]


def put_together(whys: Sequence[str]) -> Whys:
    """Reasons as one sentence, and each for itself where there are several."""
    return {"attention_why": "; ".join(whys) or None, "attention_whys": tuple(whys) if len(whys) > 1 else ()}


class Outcome(Record):
    """What a payer's message means.

    ``effective_at`` is the payer's own time of it. ``sources`` maps a JSON Pointer into this outcome (for example
    ``/lines/0/outcome``) to where that value was read. ``document`` is the business document the spans count in,
    taken out of its envelope.
    """

    answer: Answer
    lines: tuple[LineResult, ...] = ()
    reasons: tuple[Reason, ...] = ()
    references: tuple[Reference, ...] = ()
    requested: tuple[RequestedItem, ...] = ()
    contacts: tuple[PayerContact, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    messages: tuple[str, ...] = ()
    questions: QuestionSet | None = None
    """What the payer asks before it goes on; ``document`` holds it in the payer's own bytes."""
    period: Span | None = None
    expected_by: AwareDatetime | None = None
    """Until when the payer says that it will decide, at the latest; of a day without a zone, where it ends first."""
    effective_at: AwareDatetime | None = None
    zone_unknown: bool = False
    """True where ``effective_at`` was written without a zone and is taken as UTC: it orders the payer's own messages,
    and says nothing of before or after ours."""
    of_filing: bool = False
    """True for the payer's word on the filing itself where an inquiry brought it (a 999 that waited to be fetched): a
    refusal refuses the filing then, and not the inquiry."""
    final: bool = True
    """False when the payer says that further updates follow."""
    retry_after: Annotated[int, Field(ge=0)] | None = None
    """Seconds to wait before asking or sending again, where the payer said so."""
    attention: Attention = Attention.NONE
    attention_why: str | None = None
    """Our words; never the payer's text (that is in messages and reasons)."""
    attention_whys: tuple[str, ...] = ()
    """What ``attention_why`` is put together from, where that is several reasons."""
    sources: Mapping[str, Source] = {}
    document: Annotated[bytes | None, Field(exclude=True, repr=False)] = None

    @property
    def whys(self) -> tuple[str, ...]:
        """Each reason of ``attention_why`` for itself."""
        return self.attention_whys or ((self.attention_why,) if self.attention_why else ())

    @property
    def said_in(self) -> str:
        """The kind of message that says the answer, in the payer's own terms (``999``); empty where nobody told."""
        source = self.sources.get("/answer")
        return source.path.partition("/")[0] if source else ""

    def digest(self) -> bytes:
        """SHA-256 of what the message means: the same answer sent twice, in two envelopes, has one digest."""
        meaning = self.model_dump_json(exclude={"sources", "effective_at", "attention_whys"})
        moment = self.effective_at.astimezone(UTC).isoformat() if self.effective_at else ""
        return hashlib.sha256(f"{moment}{meaning}".encode()).digest()
