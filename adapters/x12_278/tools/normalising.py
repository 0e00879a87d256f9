"""What a payer's document means in canonical words, a transaction at a time, as the adapter itself reads it.

Nobody here knows what was asked, so that no line is matched to one of ours. The document is read as by whom it is
addressed to.
"""

from __future__ import annotations

from collections.abc import Iterator

from adapters.x12_278.codec.tokens import Tokens, split
from adapters.x12_278.hear import hear
from adapters.x12_278.interchange import read
from adapters.x12_278.loops import tree_of
from adapters.x12_278.reading import Reading
from adapters.x12_278.settings import connection_settings
from adapters.x12_278.verdicts import GRANTED, verdict_of
from gateway.contract.destination import Destination
from gateway.model.outcome import Answer, LineResult, Outcome


def outcomes(document: bytes, to: Destination) -> Iterator[tuple[str, Outcome]]:
    """Raises Unreadable."""
    for tokens in split(document):
        here = _addressed(tokens, to)
        for name, text, start, shift in _messages(tokens):
            outcome = hear(text, None, here)
            if outcome.answer is Answer.REVIEWED and not outcome.lines:
                outcome = _of_the_event(text, outcome, here)
            yield name, _placed(outcome, tokens, start, shift)


def _of_the_event(document: bytes, outcome: Outcome, to: Destination) -> Outcome:
    """With the payer's word on the event as a line that nobody named: whoever asked would have it at each of theirs."""
    (transaction,) = [each for each in read(document).transactions() if each.kind == "278"]
    (event,) = tree_of(transaction).events
    reading = Reading(to)
    verdict = verdict_of(event.loop, reading)
    if verdict is None:
        return outcome
    reading.keep("/lines/0/outcome", verdict.loop, verdict.value)
    number = verdict.number if verdict.outcome in GRANTED else None
    if number:
        reading.keep("/lines/0/authorization_number", verdict.loop, number)
    line = LineResult(
        line=None,
        named=False,
        outcome=verdict.outcome,
        authorization_number=number.text if number else None,
        reasons=tuple(given.reason for given in verdict.reasons),
    )
    return outcome.model_copy(update={"lines": (line,), "sources": {**outcome.sources, **reading.sources()}})


def _addressed(tokens: Tokens, to: Destination) -> Destination:
    receiver = tokens.raw[0].split(tokens.marks.element)[8].decode("latin-1").strip()
    settings = connection_settings(to).model_copy(update={"isa_sender_id": receiver})
    return to.model_copy(update={"connection_settings": settings})


def _messages(tokens: Tokens) -> Iterator[tuple[str, bytes, int, int]]:
    """For each transaction its name, an interchange with nothing else in it, where it begins there, and how far that is
    from its place in the text of the file."""
    element, end = tokens.marks.element, tokens.marks.segment
    values = [raw.split(element) for raw in tokens.raw]
    tags = [value[0] for value in values]
    if tags.count(b"ST") < 2:
        name = _name(values[tags.index(b"ST")]) if b"ST" in tags else "no transaction"
        yield name, tokens.text[tokens.start : tokens.end], 0, tokens.start
        return
    ta1 = [raw for raw, tag in zip(tokens.raw, tags, strict=True) if tag == b"TA1"]
    gs = 0
    for index, tag in enumerate(tags):
        if tag == b"GS":
            gs = index
        if tag == b"ST":
            last = next((at for at in range(index, len(tags)) if tags[at] == b"SE"), len(tags) - 1)
            head = end.join([tokens.raw[0], *ta1, tokens.raw[gs], b""])
            body = tokens.text[tokens.place(index) : tokens.stop(last) + 1]
            control = values[gs][6] if len(values[gs]) > 6 else b""
            trailers = [element.join([b"GE", b"1", control]), element.join([b"IEA", b"1", values[0][13]]), b""]
            yield _name(values[index]), head + body + end.join(trailers), len(head), tokens.place(index) - len(head)


def _name(st: list[bytes]) -> str:
    kind, control = (st[place].decode("latin-1") if place < len(st) else "" for place in (1, 2))
    return f"{kind} {control}" if kind.isalnum() and control.isalnum() else "transaction"


def _placed(outcome: Outcome, tokens: Tokens, start: int, shift: int) -> Outcome:
    """With places of the file in the place of those of the message; a value of the envelope that was made has none."""
    place = tokens.wrap.place if tokens.wrap else int
    sources = {
        pointer: source.model_copy(update={"start": place(source.start + shift), "end": place(source.end + shift)})
        for pointer, source in outcome.sources.items()
        if source.start >= start
    }
    return outcome.model_copy(update={"sources": sources})
