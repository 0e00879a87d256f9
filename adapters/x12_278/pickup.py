"""What a file that was fetched says of one filing: of its acknowledgements and answers, those that are ours.

A file may hold several interchanges, and answers to filings of others. Which is ours is told by our control number and
our traces, never by its place. What is not ours is counted and left alone: it stays in the file, which is kept whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.x12_278.acknowledge import acknowledged_by_999, acknowledged_by_ta1
from adapters.x12_278.asked import Asked
from adapters.x12_278.decode import decode
from adapters.x12_278.hear import names_us
from adapters.x12_278.interchange import Interchange, Transaction, read_each
from adapters.x12_278.loops import tree_of
from adapters.x12_278.matching import is_numbered, is_ours
from adapters.x12_278.reading import unmapped
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Answer, Outcome


@dataclass
class Found:
    """``others`` counts what is not ours, or cannot be told to be."""

    acknowledged: list[Outcome] = field(default_factory=list)
    answered: list[Outcome] = field(default_factory=list)
    others: int = 0

    def acknowledgement(self, document: bytes) -> Outcome | None:
        """The verdict on what was filed; None where there is none. A refusal beside an acceptance is no verdict."""
        words = {each.answer for each in self.acknowledged}
        if len(words) > 1:
            return unmapped(document, "the file accepts what was filed and refuses it")
        # Of a TA1 and a 999 that agree, the 999 says more.
        return max(self.acknowledged, key=lambda each: len(each.reasons), default=None)

    def answer(self, document: bytes) -> Outcome | None:
        """The latest answer to what was filed, by the payer's own time; None where there is none."""
        told = {each.digest(): each for each in self.answered}
        if len(told) < 2:
            return next(iter(told.values()), None)
        times = [each.effective_at for each in told.values() if each.effective_at]
        last = max(times, default=None)
        if len(set(times)) < len(told):
            return unmapped(document, "the file answers what was filed more than once, and does not say which is later")
        return next(each for each in told.values() if each.effective_at == last)


def find(document: bytes, asked: Asked, to: Destination) -> Found:
    """Everything in the file about what was asked. Raises Unreadable."""
    found, strange = Found(), 0
    for interchange in read_each(document):
        if to.mode is Mode.LIVE and interchange.isa.text(15) != "P":
            found.others += 1 + len(interchange.ta1)
            continue
        _take(found.acknowledged, found, _acknowledgements(document, interchange, asked, to))
        for transaction in interchange.transactions():
            if transaction.kind == "999":
                continue
            try:
                ours = transaction.kind == "278" and _is_ours(transaction, asked)
            except Unreadable:
                ours, strange = False, strange + 1
            if ours:
                found.answered.append(decode(document, transaction, asked, to))
            else:
                found.others += 1
    if strange and not found.answered:
        raise Unreadable("a response in the file cannot be read, and none of the others is ours")
    return found


def _take(taken: list[Outcome], found: Found, heard: Iterator[Outcome]) -> None:
    for outcome in heard:
        if outcome.answer is Answer.UNMAPPED:
            found.others += 1
        else:
            taken.append(outcome)


def _acknowledgements(document: bytes, interchange: Interchange, asked: Asked, to: Destination) -> Iterator[Outcome]:
    """Each TA1 and 999; UNMAPPED for what is not ours."""
    ours = names_us(interchange.isa, to)
    for ta1 in interchange.ta1:
        yield acknowledged_by_ta1(document, ta1, asked, to) if ours else unmapped(document, "somebody else's")
    for transaction in interchange.transactions():
        if transaction.kind == "999":
            heard = acknowledged_by_999(document, transaction, asked, to) if ours else None
            yield heard or unmapped(document, "somebody else's")


def _is_ours(transaction: Transaction, asked: Asked) -> bool:
    tree = tree_of(transaction)
    return is_ours(tree, asked) or is_numbered(tree, asked)
