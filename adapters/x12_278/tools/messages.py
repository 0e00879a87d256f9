"""A file cut into what speaks for itself, each as if it had come alone: a TA1, a transaction.

What is made around it is cut out of the file too, but for counts. Knows the way back: from a place in what was cut out
to the place in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from adapters.x12_278.codec.tokens import Tokens
from adapters.x12_278.codec.tree import Group, Interchange, Segment, Transaction
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Outcome

_SEGMENT = re.compile(r"\bsegment (\d+)\b")


class Message(NamedTuple):
    """``kind`` is TA1, that of a transaction, or nothing. Of what cannot be cut out ``fault`` says why.

    The first ``head`` segments, before ``start`` in ``text``, are repeated of the envelope; what follows stands in the
    file from segment ``first`` on, ``shift`` bytes further in its text, to ``end`` there. ``group`` is where its GS is.
    """

    kind: str
    name: str
    text: bytes
    start: int
    shift: int
    head: int
    first: int
    end: int
    group: int
    fault: str = ""


def messages(interchange: Interchange) -> Iterator[Message]:
    """One that holds no more than one thing is read with its envelope, whatever that is."""
    tokens, transactions = interchange.tokens, list(interchange.transactions())
    alone = len(transactions) + len(interchange.ta1) < 2
    for ta1 in () if alone else interchange.ta1:
        yield _ta1(interchange, ta1)
    if len(transactions) == 1 or alone:
        kind, name = "", "no transaction"
        if transactions:
            kind, name = transactions[0].kind, _name(transactions[0])
        elif interchange.ta1:
            kind, name = "TA1", _name_of_ta1(interchange.ta1[0])
        whole = tokens.text[tokens.start : tokens.end]
        yield Message(kind, name, whole, 0, tokens.start, 0, 0, tokens.end, 0)
        return
    for group in interchange.groups:
        for transaction in group.transactions:
            yield _transaction(interchange, group, transaction)


def _ta1(interchange: Interchange, ta1: Segment) -> Message:
    head = _bytes(interchange.tokens, 0)
    text = head + _bytes(interchange.tokens, ta1.index) + _trailer(interchange, interchange.iea, b"0")
    return _message("TA1", _name_of_ta1(ta1), interchange.tokens, text, len(head), 1, ta1.index, ta1.index, 0)


def _transaction(interchange: Interchange, group: Group, transaction: Transaction) -> Message:
    tokens, kind, name = interchange.tokens, transaction.kind, _name(transaction)
    gs = group.gs.index if group.gs else 0
    fault = "" if transaction.closed else "the transaction has no SE"
    if group.gs is None or group.ge is None:
        fault = fault or "the transaction stands in no group that is whole"
    if fault or group.ge is None:
        place = tokens.place(transaction.first)
        return Message(kind, name, b"", 0, place, 0, transaction.first, place, gs, fault)
    head = _bytes(tokens, 0) + _bytes(tokens, gs)
    inside = tokens.text[tokens.place(transaction.first) : tokens.stop(transaction.last) + 1]
    trailers = _trailer(interchange, group.ge, b"1") + _trailer(interchange, interchange.iea, b"1")
    text = head + inside + trailers
    return _message(kind, name, tokens, text, len(head), 2, transaction.first, transaction.last, gs)


def _message(
    kind: str, name: str, tokens: Tokens, text: bytes, start: int, head: int, first: int, last: int, gs: int
) -> Message:
    shift = tokens.place(first) - start
    return Message(kind, name, text, start, shift, head, first, tokens.stop(last) + 1, gs)


def _bytes(tokens: Tokens, index: int) -> bytes:
    return tokens.text[tokens.place(index) : tokens.stop(index) + 1]


def _trailer(interchange: Interchange, segment: Segment, count: bytes) -> bytes:
    marks = interchange.tokens.marks
    return marks.element.join((segment.tag.encode(), count, segment.raw(2))) + marks.segment


def _name(transaction: Transaction) -> str:
    return named(transaction.kind, transaction.st.text(2)) or "transaction"


def _name_of_ta1(ta1: Segment) -> str:
    return named("TA1", ta1.text(1)) or "TA1"


def named(*words: str) -> str:
    """These words of a document, where nothing is in them but letters and digits."""
    return " ".join(words) if all(word.isalnum() for word in words) else ""


def placed(outcome: Outcome, tokens: Tokens, message: Message, before: int) -> Outcome:
    """With places of the file in the place of those of the message; a value of the envelope that was made has none."""
    place, shift = tokens.wrap.place if tokens.wrap else int, message.shift
    behind = before + message.first - message.head
    sources = {
        pointer: source.model_copy(
            update={
                "segment": source.segment and behind + source.segment,
                "start": place(source.start + shift),
                "end": place(source.end + shift),
            }
        )
        for pointer, source in outcome.sources.items()
        if source.start >= message.start
    }
    why = outcome.attention_why
    told = why and _SEGMENT.sub(lambda found: f"segment {behind + int(found[1])}", why)
    return outcome.model_copy(update={"sources": sources, "attention_why": told})


def in_the_file(error: Unreadable, tokens: Tokens, message: Message, before: int) -> Unreadable:
    """The same error with the segment's number and the byte in the file, of which ``before`` segments came earlier."""
    at = _in_the_file(message.start if error.at is None else error.at, tokens, message)
    own = bisect_right(range(len(tokens)), at, key=tokens.place)
    told, numbers = _SEGMENT.subn(lambda found: f"segment {before + _number(int(found[1]), message, own)}", error.what)
    return Unreadable(
        told if numbers else f"segment {before + own}: {told}", tokens.wrap.place(at) if tokens.wrap else at
    )


def _in_the_file(at: int, tokens: Tokens, message: Message) -> int:
    if at >= message.start:
        return min(at + message.shift, message.end)
    return tokens.start + at if at <= len(tokens.raw[0]) else tokens.place(message.group)


def _number(number: int, message: Message, own: int) -> int:
    return message.first + number - message.head if number > message.head else own
