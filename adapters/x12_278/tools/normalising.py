"""What a payer's document means in canonical words, a transaction at a time, as the adapter itself reads it.

Nobody here knows what was asked, so that no line is matched to one of ours. The document is read as by whom it is
addressed to. One transaction that cannot be read hides none of the others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from adapters.x12_278.codec.tokens import Tokens, split
from adapters.x12_278.hearing.hear import hear
from adapters.x12_278.settings import connection_settings
from gateway.contract.destination import Destination
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Outcome

_SEGMENT = re.compile(r"\bsegment (\d+)\b")
_OF_THE_ENVELOPE = frozenset({b"ST", b"SE", b"GS", b"GE", b"IEA"})


class Message(NamedTuple):
    """One transaction with the envelope around it, as if it had come alone; of what is no X12 there is no text.

    The first ``head`` segments, before ``start`` in ``text``, are repeated of the envelope; what follows stands in the
    file from segment ``first`` on, ``shift`` bytes further in its text, to ``end`` there. ``group`` is where its GS is.
    """

    name: str
    text: bytes
    start: int
    shift: int
    head: int
    first: int
    end: int
    group: int


def outcomes(document: bytes, to: Destination) -> Iterator[tuple[str, Outcome | Unreadable]]:
    """Each transaction's name, and what it means, or why it cannot be read and where in the file. Raises Unreadable for
    a file that is no X12."""
    before = 0
    for tokens in split(document):
        here = _addressed(tokens, to)
        for message in _messages(tokens):
            try:
                yield message.name, _placed(_outcome(message, here), tokens, message)
            except Unreadable as error:
                yield message.name, _of_the_file(error, tokens, message, before)
        before += len(tokens)


def _outcome(message: Message, to: Destination) -> Outcome:
    if not message.text:
        raise Unreadable("the transaction has no SE", at=message.start)
    return hear(message.text, None, to)


def _addressed(tokens: Tokens, to: Destination) -> Destination:
    receiver = tokens.raw[0].split(tokens.marks.element)[8].decode("latin-1").strip()
    settings = connection_settings(to).model_copy(update={"isa_sender_id": receiver})
    return to.model_copy(update={"connection_settings": settings})


def _messages(tokens: Tokens) -> Iterator[Message]:
    element, end = tokens.marks.element, tokens.marks.segment
    values = [raw.split(element) for raw in tokens.raw]
    tags = [value[0] for value in values]
    if tags.count(b"ST") < 2:
        name = _name(values[tags.index(b"ST")]) if b"ST" in tags else "no transaction"
        yield Message(name, tokens.text[tokens.start : tokens.end], 0, tokens.start, 0, 0, tokens.end, 0)
        return
    ta1 = [raw for raw, tag in zip(tokens.raw, tags, strict=True) if tag == b"TA1"]
    gs = 0
    for index, tag in enumerate(tags):
        if tag == b"GS":
            gs = index
        if tag == b"ST":
            name, place = _name(values[index]), tokens.place(index)
            last = next((at for at in range(index + 1, len(tags)) if tags[at] in _OF_THE_ENVELOPE), index)
            if tags[last] != b"SE":
                yield Message(name, b"", 0, place, 0, index, place, gs)
                continue
            head = end.join([tokens.raw[0], *ta1, tokens.raw[gs], b""])
            stop = tokens.stop(last) + 1
            control = values[gs][6] if len(values[gs]) > 6 else b""
            trailers = [element.join([b"GE", b"1", control]), element.join([b"IEA", b"1", values[0][13]]), b""]
            text = head + tokens.text[place:stop] + end.join(trailers)
            yield Message(name, text, len(head), place - len(head), 2 + len(ta1), index, stop, gs)


def _name(st: list[bytes]) -> str:
    kind, control = (st[place].decode("latin-1") if place < len(st) else "" for place in (1, 2))
    return f"{kind} {control}" if kind.isalnum() and control.isalnum() else "transaction"


def _placed(outcome: Outcome, tokens: Tokens, message: Message) -> Outcome:
    """With places of the file in the place of those of the message; a value of the envelope that was made has none."""
    place, shift = tokens.wrap.place if tokens.wrap else int, message.shift
    sources = {
        pointer: source.model_copy(update={"start": place(source.start + shift), "end": place(source.end + shift)})
        for pointer, source in outcome.sources.items()
        if source.start >= message.start
    }
    return outcome.model_copy(update={"sources": sources})


def _of_the_file(error: Unreadable, tokens: Tokens, message: Message, before: int) -> Unreadable:
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
