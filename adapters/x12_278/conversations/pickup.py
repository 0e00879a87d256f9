"""What a file that was fetched says of one filing: of its acknowledgements and answers, those that are ours.

A file may hold several interchanges, and answers to filings of others. Which is ours is told by our control number and
our traces, never by its place. What is not ours is counted and left alone: it stays in the file, which is kept whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from adapters.x12_278.asked import Asked
from adapters.x12_278.hearing.acknowledge import acknowledged_by_999, acknowledged_by_ta1
from adapters.x12_278.hearing.advice import advised_by_824, speaks_of_others
from adapters.x12_278.hearing.decode import decode
from adapters.x12_278.hearing.hear import doubted, names_us
from adapters.x12_278.hearing.loops import tree_of
from adapters.x12_278.hearing.matching import is_numbered, is_ours
from adapters.x12_278.hearing.reading import unmapped
from adapters.x12_278.interchange import Interchange, Transaction, read_each
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Answer, Outcome
from gateway.model.status import SETTLED, of_line

_GROUPS = ("999", "997")
"""A 997 says of a group what a 999 does, in the same places."""

_EARLY = datetime.min.replace(tzinfo=UTC)


@dataclass
class Found:
    """What is ours in a file. ``others`` counts what is not, or cannot be told to be."""

    document: bytes
    by_ta1: list[Outcome] = field(default_factory=list)
    by_999: list[Outcome] = field(default_factory=list)
    by_824: list[Outcome] = field(default_factory=list)
    answered: list[Outcome] = field(default_factory=list)
    others: int = 0

    def acknowledgement(self) -> Outcome | None:
        """The verdict on what was filed; None where there is none. A TA1 speaks of the envelope alone, a 999 of how it
        is written, an 824 of what is in it: what one takes the next may refuse, but not the reverse."""
        refused = False
        for told in (self.by_ta1, self.by_999, self.by_824):
            answers = {each.answer for each in told}
            if len(answers) > 1 or (refused and Answer.RECEIVED in answers):
                return unmapped(self.document, "the file accepts what was filed and refuses it")
            refused = refused or bool(answers - {Answer.RECEIVED})
        return next(iter((*self.by_824, *self.by_999, *self.by_ta1)), None)

    def answer(self) -> Outcome | None:
        """The latest answer to what was filed, by the payer's own time, where it says again whatever the earlier ones
        decided; None where there is none. A reply has one outcome: what would be lost of the others, a person reads."""
        told = {each.digest(): each for each in self.answered}
        if len(told) < 2:
            return next(iter(told.values()), None)
        times = {each.effective_at for each in told.values() if each.effective_at}
        if len(times) < len(told):
            says = "the file answers what was filed more than once, and does not say which is later"
            return unmapped(self.document, says)
        *earlier, latest = sorted(told.values(), key=lambda each: each.effective_at or _EARLY)
        if all(_says_again(latest, each) for each in earlier):
            return latest
        says = "the file answers what was filed more than once, and the latest answer leaves open what another decided"
        return unmapped(self.document, says)


def find(document: bytes, asked: Asked, to: Destination) -> Found:
    """Everything in the file about what was asked. Raises Unreadable, and MaybeSent as ``decode`` does."""
    found, strange = Found(document), 0
    for interchange in read_each(document):
        transactions = list(interchange.transactions())
        if to.mode is Mode.LIVE and interchange.isa.text(15) != "P":
            found.others += len(interchange.ta1) + len(transactions)
            continue
        _acknowledge(found, interchange, asked, to)
        for transaction in transactions:
            if transaction.kind in (*_GROUPS, "824"):
                continue
            try:
                ours = transaction.kind == "278" and _is_ours(transaction, asked)
            except Unreadable:
                ours, strange = False, strange + 1
            if ours:
                found.answered.append(doubted(decode(document, transaction, asked, to), interchange, to))
            else:
                found.others += 1
    if strange and not found.answered:
        raise Unreadable("a response in the file cannot be read, and none of the others is ours")
    return found


def _says_again(latest: Outcome, earlier: Outcome) -> bool:
    """Whether it decides all that the earlier answer decided, maybe otherwise."""
    if Answer.REVIEWED not in (latest.answer, earlier.answer):
        return latest.answer is earlier.answer
    return earlier.answer is Answer.REVIEWED and _decided(latest) >= _decided(earlier)


def _decided(outcome: Outcome) -> set[str | None]:
    return {result.line for result in outcome.lines if of_line(result.outcome) in SETTLED}


def _acknowledge(found: Found, interchange: Interchange, asked: Asked, to: Destination) -> None:
    """Take each TA1, 999 and 824 that is ours. Of somebody else's the control number may be ours by chance."""
    document, named = found.document, names_us(interchange.isa, to)
    ta1s = [acknowledged_by_ta1(document, each, asked, to) for each in interchange.ta1 if named]
    transactions = [each for each in interchange.transactions() if each.kind in _GROUPS]
    of_999 = [acknowledged_by_999(document, each, asked, to) for each in transactions if named]
    for told, ours in ((ta1s, found.by_ta1), (of_999, found.by_999)):
        ours += [doubted(each, interchange, to) for each in told if each.answer is not Answer.UNMAPPED]
    taken = [each for each in (*ta1s, *of_999) if each.answer is not Answer.UNMAPPED]
    found.others += len(interchange.ta1) + len(transactions) - len(taken)
    for transaction in (each for each in interchange.transactions() if each.kind == "824"):
        advised = advised_by_824(document, transaction, asked, to) if named else None
        if advised is None or speaks_of_others(transaction, asked):
            found.others += 1
        if advised is not None:
            found.by_824.append(doubted(advised, interchange, to))


def _is_ours(transaction: Transaction, asked: Asked) -> bool:
    tree = tree_of(transaction)
    return is_ours(tree, asked) or is_numbered(tree, asked)
