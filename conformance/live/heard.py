"""One answer laid out to be judged: the reply, its envelope, its X12, and beside them what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.live.documents import Document, NoInterchange, read_document
from conformance.live.envelopes import Envelope, read_envelope, sent_fields
from conformance.live.talk import Said
from conformance.live.verdicts import Check
from conformance.verdict import Verdict
from gateway.contract.frames import Reply

Finding = tuple[str, Verdict, str]
"""An assertion's id, a verdict on it, and why."""

Look = Callable[["Heard"], Iterator[Finding]]


@dataclass(frozen=True)
class Heard:
    """``why`` says why there is no document. ``faulty`` is true where what was asked had a fault on purpose."""

    said: Said
    reply: Reply
    carrier: str
    envelope: Envelope
    document: Document | None
    why: str
    asked: Document | None
    fields: Mapping[str, str]
    faulty: bool = False


def hear(said: Said, reply: Reply, carrier: str, *, faulty: bool = False) -> Heard:
    envelope = read_envelope(carrier, reply)
    document, why = _read(envelope.payload) if envelope.payload is not None else (None, envelope.wrong or "no payload")
    asked, _ = _read(said.frame.document or b"")
    return Heard(said, reply, carrier, envelope, document, why, asked, sent_fields(carrier, said.frame), faulty)


def _read(payload: bytes) -> tuple[Document | None, str]:
    try:
        return read_document(payload), ""
    except NoInterchange as error:
        return None, str(error)


def looked(heard: Heard, looks: Iterable[Look]) -> Iterator[Check]:
    """What these looks find in the answer."""
    for look in looks:
        for assertion, verdict, reason in look(heard):
            yield Check(assertion, verdict, heard.said.step, reason, heard.said.number)


def held(assertion: str, right: bool, why: str) -> Finding:
    """Pass, or fail for this reason."""
    return (assertion, Verdict.PASS, "") if right else (assertion, Verdict.FAIL, why)
