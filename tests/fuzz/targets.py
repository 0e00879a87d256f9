"""What is tried with an input, and what must hold whatever it is.

A target is given chance and makes its input of the corpus with it; the trial returns where all is well, and raises
``Broken``, or whatever the code raises that its contract does not name. Here are those of X12 documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from random import Random

from adapters.x12_278.acknowledgement.arrived import arrivals_in
from adapters.x12_278.acknowledgement.correspondence import place
from adapters.x12_278.acknowledgement.findings import Known
from adapters.x12_278.acknowledgement.reading import read_acknowledgements
from adapters.x12_278.acknowledgement.received import received_envelopes
from adapters.x12_278.acknowledgement.sent import Sent, sent_in
from adapters.x12_278.acknowledgement.writing import numbers_needed, write_acknowledgement
from adapters.x12_278.codec import envelope, events, tokens, tree
from adapters.x12_278.codec.malformed import Malformed
from adapters.x12_278.codec.stream import stream
from adapters.x12_278.guides.check import check
from adapters.x12_278.tools import comparison, reading
from adapters.x12_278.tools.normalising import outcomes
from gateway.contract.errors import Unreadable
from tests.fuzz.corpus import corpus
from tests.fuzz.mutation import mutated
from tests.fuzz.reception import hearing, replies, reviews
from tests.fuzz.trial import Broken, Input, hold, private
from tests.unit.x12_checker import guides
from tests.x12_material import LATER

_SENT = 20_000
"""Bytes of a document that is taken for one of ours, besides those of the corpus."""


def _document(chance: Random) -> bytes:
    documents = corpus().documents
    return mutated(chance.choice(documents), documents, chance)


def _chunks(document: bytes, chance: Random) -> Iterator[bytes]:
    """The document in pieces of any size, few of them or, where it is small, very many."""
    most = chance.choice((1, 7, 106, 4096)) if len(document) < 3000 else 4096
    at = 0
    while at < len(document):
        size = chance.randrange(1, most + 1)
        yield document[at : at + size]
        at += size


# The codec.


def codec(chance: Random) -> Input:
    document = _document(chance)

    def go() -> None:
        whole = streamed = None
        refused: list[Malformed] = []
        try:
            whole = tokens.split(document)
        except Malformed as error:
            refused.append(error)
        try:
            streamed = list(stream(_chunks(document, chance)))
        except Malformed as error:
            refused.append(error)
        for error in refused:
            hold(0 <= error.at <= len(document), "the error's offset is not in the document")
        if whole is None or streamed is None:
            hold(len(refused) == 2, "split and stream do not agree whether this is X12")
            one, other = refused
            same = (one.at, one.segment, one.says) == (other.at, other.segment, other.says)
            hold(same, "split and stream do not say the same of what is no X12")
            return
        hold(tokens.written(whole) == document, "split wrote back other bytes")
        hold(b"".join(events.written(streamed)) == document, "stream wrote back other bytes")
        cut = [raw for each in whole for raw in each.raw]
        hold(cut == [each.raw for each in streamed if isinstance(each, events.Token)], "other segments in a stream")
        _tree(document)

    return Input(document, go)


def _tree(document: bytes) -> None:
    file = tree.read(document)
    hold(tree.written(file) == document, "the tree wrote back other bytes")
    for interchange in file:
        for fault in envelope.faults(interchange):
            hold(0 <= fault.at < len(interchange.tokens), "a fault stands in no segment")
        if len(interchange.tokens) > 2000:
            continue
        before = -1
        for segment in interchange.segments():
            hold(before < segment.start < segment.end <= len(document), "a segment stands nowhere")
            before = segment.start
            for count in range(1, min(len(segment), 50) + 2):
                value = segment.value(count)
                spans = [part for repeat in segment.repeats(count) for part in repeat if part]
                for each in (*spans, *([value] if value else ())):
                    hold(segment.start < each.start <= each.end <= segment.end, "a value stands outside its segment")


# The checker, and what answers a document.


def checker(chance: Random) -> Input:
    document = _document(chance)

    def go() -> None:
        try:
            report = check(document, guides())
        except Malformed as error:
            hold(0 <= error.at <= len(document), "the error's offset is not in the document")
            hold(not _is_cut(document), "the checker cannot read what the codec can")
            return
        for fault in report.faults:
            hold(0 <= fault.offset <= len(document), "a fault's offset is not in the document")
            hold(bool(fault.says.strip()), "a fault without a sentence")
            private(fault.says)
        if report.ok:
            hold(_is_cut(document), "accepted, and the codec cannot read it")
            hold(not any(map(envelope.faults, tree.read(document))), "accepted, and its envelope does not fit")
        if chance.random() < 0.2:
            parts = check(_chunks(document, chance), guides(), lambda _: None)
            hold(parts.ok == report.ok, "another verdict where it comes in pieces")

    return Input(document, go)


def _is_cut(document: bytes) -> bool:
    try:
        tokens.split(document)
    except Malformed:
        return False
    return True


def answering(chance: Random) -> Input:
    """Writes what answers the document, and reads that as strictly as there is."""
    document = _document(chance)

    def go() -> None:
        try:
            report = check(document, guides())
        except Malformed:
            return
        received = received_envelopes(document)
        needed = numbers_needed(report, received)
        written = write_acknowledgement(report, received, None, range(1, 1 + needed), LATER.at)
        for says in written.untold:
            private(says)
        if not written.document:
            return
        try:
            of_answer = check(written.document, guides())
            found = read_acknowledgements(written.document)
        except Malformed as error:
            raise Broken(f"an acknowledgement of our own cannot be read: {error.says}") from None
        why = [_short(each) for each in of_answer.faults][:3]
        hold(of_answer.ok, f"an acknowledgement of our own is refused: {why}")
        hold(any(each.interchanges or each.groups or each.advices for each in found), "an answer says nothing")

    return Input(document, go)


def _short(fault: object) -> str:
    return " ".join(str(getattr(fault, name)) for name in ("kind", "code", "at", "tag", "element"))


def matching(chance: Random) -> Input:
    """Reads acknowledgements, and finds what they belong to among what was sent."""
    document = _document(chance)
    sent: list[Sent] = []
    # What we send has names of its own: the same one in thousands of transactions, sent and answered, is nobody's case.
    own = [document] if len(document) < _SENT else []
    for count, each in enumerate([*own, *chance.sample(corpus().documents, 2)]):
        with suppress(Malformed):
            sent += sent_in(each, f"attempt {count}")

    def go() -> None:
        try:
            read_acknowledgements(document)
            arrivals = arrivals_in(document)
        except Malformed as error:
            private(str(error))
            return
        seen = tuple(arrival.seen for arrival in arrivals)
        everything = Known(tuple(sent), seen[: len(seen) // 2])
        for arrival in arrivals:
            keys = arrival.keys()
            placed = place(arrival, everything)
            hold(len(placed.findings) == len(arrival.items), "not one finding for each item")
            hold(placed == place(arrival, everything.only(keys)), "other findings with what is known under its keys")

    return Input(document, go)


# The tools for engineers.


def tools(chance: Random) -> Input:
    document, other = _document(chance), chance.choice(corpus().documents)
    to = chance.choice(corpus().conversations).to

    def go() -> None:
        try:
            for line in reading.lines(document, guides()):
                hold(line.isprintable(), "a line that steers a terminal")
            for _ in comparison.differences(document, other, guides()):
                pass
        except Unreadable as error:
            private(str(error))
        try:
            for _, outcome, _ in outcomes(document, to):
                if isinstance(outcome, Unreadable):
                    private(str(outcome))
                    hold(0 <= (outcome.at or 0) <= len(document), "the error's offset is not in the document")
                else:
                    outcome.model_dump_json()
        except Unreadable as error:
            private(str(error))

    return Input(document, go)


TARGETS: Mapping[str, tuple[Callable[[Random], Input], int]] = {
    "codec": (codec, 8),
    "checker": (checker, 6),
    "answering": (answering, 4),
    "matching": (matching, 4),
    "hearing": (hearing, 8),
    "replies": (replies, 3),
    "reviews": (reviews, 4),
    "tools": (tools, 2),
}
"""By name, and how many of each there are among 39 inputs."""


def made(seed: str, index: int, only: str = "") -> tuple[str, Input]:
    """Input ``index`` of a seed, and the name of its target. The same for ever, as long as corpus and mutations are."""
    chance = Random(f"{seed}:{index}")  # noqa: S311 (nothing is kept secret with it)
    names = [only] if only else list(TARGETS)
    name = chance.choices(names, [TARGETS[each][1] for each in names])[0]
    return name, TARGETS[name][0](chance)


def attempt(seed: str, index: int) -> None:
    """Makes an input and tries it."""
    made(seed, index)[1].go()
