"""Reads a review as the API gives it: whose it is, where it stands, and what was decided of each line."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.rest_review.lines import Lines
from adapters.rest_review.reading import GRANTED, Reading, moment, number_at, outcome_for
from adapters.rest_review.settings import payer_settings
from adapters.rest_review.shape import is_review
from adapters.rest_review.tables import Status
from adapters.rest_review.terms import Terms
from adapters.rest_review.tree import Node
from adapters.rest_review.whose import names_ours, why_not_ours
from gateway.contract.adapter import Filed
from gateway.contract.destination import Destination
from gateway.model.outcome import (
    Answer,
    LineResult,
    Outcome,
    PayerContact,
    Reference,
    ReferenceKind,
    RequestedItem,
    put_together,
)
from gateway.model.reasons import Reason, Word
from gateway.model.request import PARequest
from gateway.model.status import Attention, LineOutcome

_MOST_MESSAGES = 20
_IN_PART = "A2"
_OPEN = frozenset({LineOutcome.PENDING, LineOutcome.INFO_REQUESTED})


def received(review_id: str, document: bytes | None = None) -> Outcome:
    """The network has it, under this id, and nobody has decided."""
    reference = Reference(kind=ReferenceKind.REVIEW, value=review_id)
    return Outcome(answer=Answer.RECEIVED, references=(reference,), final=False, document=document)


def unmapped(document: bytes, why: str, messages: tuple[str, ...] = ()) -> Outcome:
    return Outcome(
        answer=Answer.UNMAPPED,
        messages=messages,
        attention=Attention.OPERATOR,
        attention_why=why,
        document=document,
    )


def read_outcome(document: bytes, review: Node, review_id: str, filed: Filed, to: Destination) -> Outcome:
    """What a review says of the filing. ``review_id`` is the one that was asked for."""
    if not is_review(review):
        return unmapped(document, "a member of the review is not of its kind")
    stranger = why_not_ours(review, review_id, filed, to)
    if stranger is not None:
        return unmapped(document, stranger)
    reading = Reading(to)
    messages = tuple(_messages(review, reading))
    own = review.word("statusCode")
    if own is None:
        return _without_status(document, review, review_id, messages, reading)
    event = reading.status(own)
    if event is Status.IN_PROCESS:
        return received(review_id, document)
    return _decided(document, review, event, review_id, filed, messages, reading, to)


def _decided(
    document: bytes,
    review: Node,
    event: Status,
    review_id: str,
    filed: Filed,
    messages: tuple[str, ...],
    reading: Reading,
    to: Destination,
) -> Outcome:
    lines = _lines(review, event, filed.request, to, reading)
    if any(line.outcome in GRANTED for line in lines) and not names_ours(review):
        reading.doubt("a review is granted that names neither its id nor our reference")
    if review.items("validationMessages"):
        reading.doubt("the review is decided, and validation has something against it")
    whole = event is Status.CANCELLED and all(line.outcome is LineOutcome.CANCELLED for line in lines)
    requested = tuple(_requested(lines, reading))
    updated = review.word("updatedDate")
    at = moment(updated) if updated else None
    if updated and at:
        reading.keep("/effective_at", updated)
    return Outcome(
        answer=Answer.CANCELLED if whole else Answer.REVIEWED,
        lines=() if whole else lines,
        reasons=tuple(reason for reason, _ in reading.reasons("", review)),
        references=tuple(_references(review, review_id, lines, reading)),
        requested=requested,
        contacts=tuple(_contacts(review, reading)),
        messages=messages,
        effective_at=at,
        final=event is not Status.PENDING and not any(line.outcome in _OPEN for line in lines),
        attention=Attention.OPERATOR if reading.doubts else Attention.NONE,
        sources=_sources(reading, dropped="/lines/" if whole else None),
        document=document,
        **put_together(reading.doubts),
    )


def _lines(
    review: Node, event: Status, request: PARequest, to: Destination, reading: Reading
) -> tuple[LineResult, ...]:
    """What was decided of the lines. A review that certifies a part is read twice: where none of its procedures says
    which, what they grant is no plain yes."""

    def read(reading: Reading, in_part: LineOutcome | None = None) -> tuple[LineResult, ...]:
        terms = Terms(review, request, payer_settings(to).service_type(request.review), reading)
        return Lines(review, event, request, terms, reading, in_part).read()

    in_part = None
    own = review.word("statusCode")
    partial = own is not None and own.said.upper() == _IN_PART
    if partial and all(line.outcome is LineOutcome.CERTIFIED for line in read(reading.aside())):
        reading.doubt("the payer certifies a part, and grants every procedure as it was asked for")
        in_part = outcome_for(Status.CERTIFIED_MODIFIED, reading.aside().reasons("", review), reading)
    return read(reading, in_part)


def _sources(reading: Reading, dropped: str | None) -> dict[str, object]:
    return {at: source for at, source in reading.sources.items() if not (dropped and at.startswith(dropped))}


def _without_status(
    document: bytes, review: Node, review_id: str, messages: tuple[str, ...], reading: Reading
) -> Outcome:
    """A review that nobody decides: where validation has something against it, the payer never will.
    Unless a part of it says something of a decision: then nobody knows."""
    faults = review.items("validationMessages")[:_MOST_MESSAGES]
    said = ("statusCode", "certificationNumber", "statusReasons")
    decided = any(item.get(name) for item in (review, *review.items("procedures")) for name in said)
    if not faults or decided:
        return unmapped(document, "the review says nothing of where it stands", messages)
    reasons = []
    for place, fault in enumerate(faults):
        code, text, field = fault.word("code"), fault.word("errorMessage"), fault.word("field")
        reading.keep(f"/reasons/{place}", fault)
        told = " ".join(node.text for node in (field, text) if node and node.text)
        reasons.append(
            Reason(
                word=Word.OTHER,
                code=code.text[:80] if code and code.text else None,
                code_system="service_review_error",
                text=told[:500] or None,
            )
        )
    return Outcome(
        answer=Answer.CLOSED,
        reasons=tuple(reasons),
        references=(Reference(kind=ReferenceKind.REVIEW, value=review_id),),
        messages=messages,
        attention=Attention.PROVIDER,
        attention_why="the review was refused before anybody decided it: correct it and file it again",
        sources={at: source for at, source in reading.sources.items() if at.startswith("/reasons/")},
        document=document,
    )


def _messages(review: Node, reading: Reading) -> Iterator[str]:
    notes = [*review.items("payerNotes")]
    for procedure in review.items("procedures"):
        notes += procedure.items("notes")
    place = 0
    for note in notes:
        message = note.word("message")
        if message is not None and message.text and place < _MOST_MESSAGES:
            reading.keep(f"/messages/{place}", message)
            place += 1
            yield message.text.strip()[:1000]


def _contacts(review: Node, reading: Reading) -> Iterator[PayerContact]:
    payer = review.get("payer")
    names = {"name": "contactName", "phone": "phone", "fax": "fax", "email": "emailAddress", "url": "url"}
    found = {ours: node for ours, theirs in names.items() if payer and (node := payer.word(theirs))}
    if payer is not None and found:
        reading.keep("/contacts/0", payer)
        yield PayerContact.model_validate({name: (node.text or "")[:200] for name, node in found.items()})


def _references(review: Node, review_id: str, lines: tuple[LineResult, ...], reading: Reading) -> Iterator[Reference]:
    yield Reference(kind=ReferenceKind.REVIEW, value=review_id)
    place = 1
    number = number_at(review)
    if number is not None and number.text and any(line.outcome in GRANTED for line in lines):
        reading.keep(f"/references/{place}", number)
        place += 1
        yield Reference(kind=ReferenceKind.AUTHORIZATION, value=number.said)
    for line in lines:
        if line.line is not None and line.authorization_number:
            yield Reference(kind=ReferenceKind.AUTHORIZATION, value=line.authorization_number, line=line.line)


def _requested(lines: tuple[LineResult, ...], reading: Reading) -> Iterator[RequestedItem]:
    """Documents the payer waits for. The API names none by a number: what it wants, its reasons and notes say."""
    count = 0
    for place, line in enumerate(lines):
        asking = [number for number, reason in enumerate(line.reasons) if reading.asks(reason)]
        if line.outcome is not LineOutcome.INFO_REQUESTED or not asking:
            continue
        reading.sources[f"/requested/{count}"] = reading.sources[f"/lines/{place}/reasons/{asking[0]}"]
        count += 1
        reason = line.reasons[asking[0]]
        yield RequestedItem(
            kind="other", code=reason.code, code_system=reason.code_system, text=reason.text, line=line.line
        )
