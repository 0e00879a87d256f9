"""What a payer's document means in canonical words, a message at a time: what the gateway would say of the same bytes.

Nobody here knows what was asked, so that no line is matched to one of ours, and no grant held against what was asked
for. What had to be supposed is told. The document is read as by whom it is addressed to. One transaction that cannot be
read hides none of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.x12_278.codec.malformed import Malformed
from adapters.x12_278.codec.tree import Interchange, read, read_on
from adapters.x12_278.conversations.letters import fault_of
from adapters.x12_278.hearing.answered import answered_by
from adapters.x12_278.hearing.hear import doubted, hear, why_useless
from adapters.x12_278.hearing.loops import tree_of
from adapters.x12_278.hearing.reading import unmapped
from adapters.x12_278.hearing.verdicts import GRANTED
from adapters.x12_278.interchange import read as read_strictly
from adapters.x12_278.settings import connection_settings
from adapters.x12_278.tools.acknowledged import Word, acknowledges, beside, words_of
from adapters.x12_278.tools.messages import Message, in_the_file, messages, placed
from gateway.contract.destination import Destination
from gateway.contract.errors import Unreadable
from gateway.contract.tools import Meant
from gateway.model.outcome import Outcome, ReferenceKind

_ANSWERED = {"file": "a filing", "cancel": "a cancellation", "inquire": "an inquiry", "answer": "documents"}
_REFERRED = "a number in REF BB is its authorization, unless it was sent"
_REFUSED = "what is refused beside it is something else"


def outcomes(document: bytes, to: Destination) -> Iterator[Meant]:
    """What each message means, or why it cannot be read and where in the file. Raises Unreadable for a file that is no
    X12 from its first interchange on. Where a later one is none, those before it are told and it is; none behind it."""
    before, error = 0, None
    try:
        found = read(document)
    except Malformed:
        found, error = read_on(document)
        if error and not found:
            raise
    for interchange in found:
        yield from _of_interchange(interchange, before, _addressed(interchange, to))
        before += len(interchange.tokens)
    if error:
        where = f"segment {before + (error.segment or 1)}"
        yield Meant("interchange", Unreadable(f"{where}: {error.says}. {error.fix}", error.at))


def _of_interchange(interchange: Interchange, before: int, to: Destination) -> Iterator[Meant]:
    tokens, found = interchange.tokens, list(messages(interchange))
    fault = fault_of(interchange) if len(found) > 1 else None
    if fault:
        yield Meant("interchange", Unreadable(f"segment {before + 1}: {fault.what}", tokens.at(0)))
        return
    said: list[tuple[Message, list[Word] | Unreadable]] = []
    for message in found:
        try:
            said.append((message, _words(message, to)))
        except Unreadable as error:
            said.append((message, in_the_file(error, tokens, message, before)))
    told = [
        word for message, words in said if acknowledges(message) and not isinstance(words, Unreadable) for word in words
    ]
    judged = dict(zip(map(id, told), beside(told), strict=True))
    refused = any(word.refuses() for word in told)
    alone = sum(message.kind == "278" for message in found) == 1
    for message, words in said:
        if isinstance(words, Unreadable):
            yield Meant(message.name, words)
            continue
        for word in words:
            word = judged.get(id(word), word)
            if refused and message.kind == "278":
                word = _beside_a_refusal(word, alone)
            yield Meant(word.name, placed(word.outcome, tokens, message, before), word.supposed)


def _beside_a_refusal(word: Word, alone: bool) -> Word:
    """Who waits for an answer is told of both. In a file they may be about two messages."""
    if alone:
        outcome = unmapped(word.outcome.document or b"", "the reply answers what was sent and refuses it")
        return word._replace(outcome=outcome)
    return word._replace(supposed=f"{word.supposed}; {_REFUSED}")


def _words(message: Message, to: Destination) -> list[Word]:
    if message.fault:
        raise Unreadable(message.fault, at=message.start)
    interchange = read_strictly(message.text)
    useless = why_useless(interchange, to)
    if useless:
        return [Word(message.name, unmapped(message.text, useless), "")]
    if acknowledges(message):
        words = words_of(message, interchange, to)
        return [word._replace(outcome=doubted(word.outcome, interchange, to)) for word in words]
    outcome = hear(message.text, None, to)
    if message.kind != "278":
        return [Word(message.name, outcome, "")]
    (transaction,) = interchange.transactions()
    answered = answered_by(transaction, tree_of(transaction), None)
    supposed = "a notice" if answered.notice else _ANSWERED[answered.verb]
    return [Word(message.name, outcome, "; ".join((supposed, *_referred(outcome))))]


def _referred(outcome: Outcome) -> Sequence[str]:
    """An authorization's number may stand in a REF alone, where also one that was sent comes back."""
    granted = [line for line in outcome.lines if line.outcome in GRANTED]
    numbered = any(line.authorization_number for line in granted)
    referred = any(each.kind is ReferenceKind.PREVIOUS_AUTHORIZATION for each in outcome.references)
    return (_REFERRED,) if granted and referred and not numbered else ()


def _addressed(interchange: Interchange, to: Destination) -> Destination:
    settings = connection_settings(to).model_copy(update={"isa_sender_id": interchange.isa.text(8)})
    return to.model_copy(update={"connection_settings": settings})
