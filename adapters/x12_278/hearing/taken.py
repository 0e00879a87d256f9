"""What it comes to that the payer's systems took what was sent, or refused it: an outcome, and the pieces that are the
same in a TA1, a 999 and an 824."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from adapters.x12_278.acknowledgement.told import text_of
from adapters.x12_278.acknowledgement.verdicts import Context, Position
from adapters.x12_278.asked import Asked
from adapters.x12_278.asking.envelope import DOCUMENTS, INQUIRY, NOTICE, REVIEW
from adapters.x12_278.hearing.reading import Given, Reading
from adapters.x12_278.segment import Value
from gateway.model.outcome import Answer, Outcome, Reference, ReferenceKind, put_together
from gateway.model.status import Attention

_REQUEST = ("HI", "278", REVIEW)
_NOTICE = ("HI", "278", NOTICE)
_SENT: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {"inquire": ("HI", "278", INQUIRY), "answer": ("PI", "275", DOCUMENTS)}
)
"""Functional id, transaction and guide of what was sent, by verb; all others send a request."""


class Verdict(NamedTuple):
    taken: bool
    value: Value
    path: str


def outcome_of(
    document: bytes,
    verdict: Verdict,
    given: Sequence[Given],
    number: Value | None,
    asked: Asked | None,
    reading: Reading,
    guide: str = "",
) -> Outcome:
    """``guide`` is what the payer says that was sent, which tells an inquiry where nobody knows what was asked."""
    verb = asked.verb if asked else "inquire" if guide.upper().startswith(INQUIRY) else "file"
    attention, whys = Attention.NONE, tuple(reading.doubts)
    if verdict.taken:
        # An inquiry that was only acknowledged has no answer yet: it may be asked again.
        answer = Answer.UNAVAILABLE if verb == "inquire" else Answer.RECEIVED
    else:
        answer = Answer.CANCEL_REFUSED if verb == "cancel" else Answer.REJECTED
        if verb == "inquire" and not whys:
            whys = ("the payer's systems refused the inquiry",)
    if whys:
        attention = Attention.OPERATOR
    reading.keep("/answer", verdict.path, verdict.value)
    for count, reason in enumerate(given):
        reading.keep_reason(f"/reasons/{count}", verdict.path, reason)
    references: tuple[Reference, ...] = ()
    if number and asked is None and len(number.text) <= 80:
        # Nobody asked: this number says whose acknowledgement it is. What is longer than a reference is no number.
        references = (Reference(kind=ReferenceKind.TRACE, value=number.text),)
        reading.keep("/references/0/value", verdict.path, number)
    return Outcome(
        answer=answer,
        reasons=tuple(reason.reason for reason in given),
        references=references,
        attention=attention,
        sources=reading.sources(),
        document=document,
        **put_together(whys),
    )


def element_of(position: Position | None) -> str:
    """The element, and the component in it."""
    parts = (text_of(part) for part in (position.element, position.component) if part) if position else ()
    return "-".join(parts) or "not named"


def with_contexts(given: Given, contexts: Sequence[Context]) -> Given:
    """CTX names what made an element or segment necessary, or the business unit the error is in. A business unit's CTX
    carries its value behind the colon (a member id): only its name is told."""
    for context in contexts:
        element = context.position.element if context.position else None
        number = context.numbers.numbers[0] if context.numbers and context.numbers.numbers else None
        subject = context.subjects[0].name if context.subjects else None
        names = map(text_of, (subject, context.tag, context.ordinal, context.loop, element, number))
        told = ", ".join(name for name in names if name)[:120]
        given = given._replace(reason=given.reason.model_copy(update={"text": f"{given.reason.text} (see {told})"}))
    return given


def is_number(text: str, number: int) -> bool:
    """Control numbers are numbers: payers leave out leading zeros, or put some."""
    return text.isascii() and text.isdigit() and len(text) <= 9 and int(text) == number


def sent_as(asked: Asked) -> tuple[str, str, str]:
    """Group, transaction and guide of what was sent."""
    return _NOTICE if asked.notice else _SENT.get(asked.verb, _REQUEST)
