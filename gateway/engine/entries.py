"""Journal entries of an exchange: what is kept of what was said and heard. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from gateway.contract.errors import ExchangeError
from gateway.contract.frames import Frame, Loss, Reply
from gateway.model.outcome import Outcome, Source
from gateway.model.request import PARequest
from gateway.routing.route import in_request
from gateway.store.records import Attempt, Case, EntryKind, NewEntry, Submission

_SOURCES = TypeAdapter(dict[str, Source])
_MEDIA_TYPES = frozenset(
    {
        "application/edi-x12",
        "application/fhir+json",
        "application/json",
        "application/octet-stream",
        "application/problem+json",
        "application/soap+xml",
        "application/vnd.payer-gateway.page+json",
        "application/x12",
        "application/xml",
        "image/jpeg",
        "image/png",
        "multipart/mixed",
        "multipart/related",
        "text/html",
        "text/plain",
        "text/xml",
    }
)
"""What a journal entry, whose meta stands in the clear, says of a payer's header; of any other it says ``other``."""
LARGEST_EVIDENCE = 5_000_000
"""Bytes of one piece of evidence at most."""
_MOST_EVIDENCE = 20
_WORD = re.compile(r"[a-z0-9_ -]{1,60}")


def entries_of(
    submission: Submission,
    attempt: Attempt,
    reply: Reply | None,
    outcome: Outcome | None,
    note: Mapping[str, Any] | None,
    *,
    posted: bool = False,
    appeal: bool = False,
) -> tuple[NewEntry, ...]:
    """What is kept of an attempt's end: the reply, the document in it, what it means, and what went wrong. ``posted``
    says that it came in a file, ``appeal`` that it is on an appeal."""
    entries: list[NewEntry] = []
    if reply is not None:
        entries.append(reply_entry(submission, attempt, reply))
    if outcome is not None:
        if outcome.document is not None:
            entries.append(NewEntry(EntryKind.DOCUMENT, outcome.document, submission.id, attempt.id))
        body = outcome.model_dump_json().encode()
        asked = attempt.sent_at.isoformat() if attempt.sent_at else None
        meta: dict[str, Any] = {"answer": outcome.answer, "verb": attempt.verb, "asked": asked}
        meta |= {name: True for name, told in (("posted", posted), ("appeal", appeal)) if told}
        entries.append(NewEntry(EntryKind.OUTCOME, body, submission.id, attempt.id, meta))
    if note is not None:
        entries.append(NewEntry(EntryKind.NOTE, json.dumps(note).encode(), submission.id, attempt.id, note))
    return tuple(entries)


def locate(outcome: Outcome, case: Case, reply: Reply | None) -> Outcome:
    """The outcome with the journal number of its document in every source: after the reply, if there is one."""
    if outcome.document is None:
        return outcome
    return _with_entry(outcome, case.journal_count + (2 if reply is not None else 1))


def _with_entry(outcome: Outcome, number: int) -> Outcome:
    """All sources made anew at once: copying them one by one takes many times as long."""
    sources = {pointer: {**vars(source), "entry": number} for pointer, source in outcome.sources.items()}
    return outcome.model_copy(update={"sources": _SOURCES.validate_python(sources)})


def frame_entry(
    case: Case, submission: Submission, attempt: Attempt, frame: Frame, *, goes_on: bool = False
) -> NewEntry:
    """What is kept of a frame: its bytes with secrets by name, and what it does not carry. One by which an exchange
    ``goes_on`` opens no sending."""
    meta = {
        "verb": attempt.verb,
        **described(frame),
        "effect": frame.effect,
        "document_type": frame.document_type,
        "losses": [loss.model_dump(mode="json") for loss in losses_of(frame, submission.line_ids, case.request)],
        **({"goes_on": True} if goes_on else {}),
    }
    return NewEntry(EntryKind.FRAME, frame.redacted(), submission.id, attempt.id, meta)


def losses_of(frame: Frame, line_ids: tuple[str, ...], request: PARequest) -> tuple[Loss, ...]:
    """What a frame does not carry, at its places in the whole request; its adapter was given these lines only."""
    return tuple(
        loss.model_copy(update={"pointer": in_request(loss.pointer, line_ids, request)}) for loss in frame.losses
    )


def described(frame: Frame) -> dict[str, str | None]:
    """What a frame is beside its body; of the address, which the meta does not tell, a digest to compare it by."""
    content_type = next((value for name, value in frame.headers if name.lower() == "content-type"), None)
    address = sha256(frame.url.encode()).hexdigest()
    return {"method": frame.method, "address": address, "content_type": content_type}


def evidence_of(
    submission: Submission, attempt: Attempt, reply: Reply | None, error: ExchangeError | None = None
) -> tuple[NewEntry, ...]:
    """What is kept of what the transport saw beside a reply, and in its place. Of what is too large it is only told
    that it was there."""
    seen = (*(reply.evidence if reply is not None else ()), *(error.evidence if error is not None else ()))
    entries: list[NewEntry] = []
    for one in seen[:_MOST_EVIDENCE]:
        large = len(one.body) > LARGEST_EVIDENCE
        kind = one.media_type if one.media_type in _MEDIA_TYPES else "other"
        what = one.what if _WORD.fullmatch(one.what) else "other"
        meta = {"what": what, "media_type": kind, "size": len(one.body), **({"left_out": True} if large else {})}
        entries.append(NewEntry(EntryKind.EVIDENCE, b"" if large else one.body, submission.id, attempt.id, meta))
    return tuple(entries)


def reply_entry(submission: Submission, attempt: Attempt, reply: Reply) -> NewEntry:
    """What is kept of a reply: its whole body, and of what its payer calls it no word that is not ours too."""
    said = reply.header("content-type").partition(";")[0].strip().lower()
    known = said if said in _MEDIA_TYPES else "other"
    meta = {"status": reply.status, "content_type": known if said else None}
    return NewEntry(EntryKind.REPLY, reply.body, submission.id, attempt.id, meta)
