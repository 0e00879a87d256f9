"""Answers that come by themselves: which message answers what was said.

A case is known by the id that we gave it, or else by the payer's number of it, a message by its own. A message's
RelatesToMessageID is a hint only, because partners fill it differently; it decides for an Error, and for the first
answer of all where that names no case. Which of a case's messages an answer is to follows from what kind it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from adapters.script_epa.codec.envelope import Received, receive
from adapters.script_epa.hearing.hear import ANSWERS, hear
from adapters.script_epa.hearing.whose import case_numbers, numbers_of
from adapters.script_epa.settings import connection_settings, is_from_partner
from gateway.contract.destination import Destination
from gateway.contract.errors import Unreadable
from gateway.contract.mailbox import Letter, Placed, Posted, Saying
from gateway.model.outcome import Outcome, Reference

_ASKED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "PAInitiationResponse": ("PAInitiationRequest",),
        # A payer that needs no answers decides at once.
        "PAResponse": ("PARequest", "PAInitiationRequest"),
        "PAAppealResponse": ("PAAppealRequest",),
        "PACancelResponse": ("PACancelRequest",),
    }
)
"""What each answers, the likelier first."""
_FIRST = "PAInitiationResponse"
"""The only answer that need not name the case: then it is about the message that it relates to."""
_EARLY = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Sent:
    posted: Posted
    message: Received


def registered(document: bytes) -> frozenset[str]:
    """The keys under which answers may name what is said."""
    message = receive(document, ours=True)
    return frozenset(_keys(message.word("PAReferenceID"), message.id))


def opened(body: bytes) -> tuple[Letter, ...]:
    """A message is one letter. Raises Unreadable."""
    message = receive(body)
    if message.kind not in ANSWERS and message.kind != "Error":
        raise Unreadable("the message is no answer to anything")
    keys = frozenset(_keys(message.word("PAReferenceID"), message.relates_to))
    return (Letter(message.kind, "1", keys, body, numbers=_words(case_numbers(message))),)


def numbers(references: Sequence[Reference]) -> frozenset[str]:
    """Words for what the payer calls the case."""
    return _words(numbers_of(references))


def placed(letters: Sequence[Letter], known: Sequence[Posted]) -> tuple[Placed, ...]:
    sent = []
    for posted in known:
        with suppress(Unreadable):
            sent.append(_Sent(posted, receive(posted.document, ours=True)))
    return tuple(_placed(letter, sent) for letter in letters)


def heard(letters: Sequence[Letter], said: Saying, to: Destination) -> tuple[Outcome, ...]:
    """What each of these says, which is a whole answer."""
    return tuple(_heard(receive(letter.body), said, to) for letter in letters)


def _heard(message: Received, said: Saying, to: Destination) -> Outcome:
    outcome = hear(message, said, to)
    if message.zoned or outcome.effective_at is None:
        return outcome
    return outcome.model_copy(update={"zone_unknown": True})


def _keys(reference: str | None, message: str | None) -> list[str]:
    """Opaque, and of one length whatever a partner wrote."""
    told = (("case", reference), ("message", message))
    return [hashlib.sha256(f"{kind}:{value}".encode()).hexdigest() for kind, value in told if value]


def _words(numbers: Iterable[str]) -> frozenset[str]:
    return frozenset(hashlib.sha256(f"number:{number}".encode()).hexdigest() for number in numbers)


def _placed(letter: Letter, sent: Sequence[_Sent]) -> Placed:
    message = receive(letter.body)
    reference = message.word("PAReferenceID")
    named = [each for each in sent if each.message.id == message.relates_to]
    ours = [each for each in sent if reference is not None and each.message.word("PAReferenceID") == reference]
    numbered = _numbered(letter, sent)
    if reference is not None and not ours:
        near = [*named, *numbered]
        return _lost(letter, "contradiction" if near else "unknown", near)
    if message.kind == "Error":
        ours = named
    elif reference is None:
        if numbered and named and not _cases(numbered) & _cases(named):
            return _lost(letter, "contradiction", [*named, *numbered])
        ours = numbered or (named if message.kind == _FIRST else [])
    if not ours:
        return _lost(letter, "unknown", named)
    if len(_cases(ours)) > 1:
        return _lost(letter, "ambiguous", ours)
    ours = [each for each in ours if _may_answer(message, each)]
    if not ours:
        return _lost(letter, "other_parties", ())
    if message.kind == "Error":
        return Placed(letter, handle=ours[0].posted.handle)
    for kind in _ASKED[message.kind]:
        of_kind = [each for each in ours if each.message.kind == kind]
        if of_kind:
            exact = [each for each in of_kind if each.message.id == message.relates_to]
            latest = max(exact or of_kind, key=lambda each: each.message.sent_at or _EARLY)
            return Placed(letter, handle=latest.posted.handle)
    return _lost(letter, "no_answer", ours)


def _numbered(letter: Letter, sent: Sequence[_Sent]) -> list[_Sent]:
    """All that is known of the cases that have one of its numbers."""
    cases = _cases([each for each in sent if each.posted.numbers & letter.numbers])
    return [each for each in sent if _cases([each]) & cases]


def _cases(sent: Sequence[_Sent]) -> set[str]:
    return {each.posted.case or each.posted.handle for each in sent}


def _may_answer(message: Received, sent: _Sent) -> bool:
    to = sent.posted.to
    settings = connection_settings(to.connection_settings)
    partner = is_from_partner(message.sender.address, settings, (to.payer_settings,))
    return partner and message.receiver.address == settings.from_


def _lost(letter: Letter, reason: str, near: Sequence[_Sent]) -> Placed:
    return Placed(letter, reason=reason, candidates=tuple(sorted({each.posted.handle for each in near})))
