"""What was sent, as far as an answer can name it: parties, control numbers, day, BHT03, trace numbers.

A store keeps a ``Sent`` under each of its ``keys``, and looks up those of an ``arrived.Arrival``: both are plain
values. Numbers are compared as numbers, identifiers without regard to case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from adapters.x12_278.codec.tree import Group, Interchange, Segment, Transaction, read


class Index(StrEnum):
    """By what a store must be able to find something again."""

    INTERCHANGE = "interchange"
    """ISA13 between two parties."""
    GROUP = "group"
    """GS06 between two parties."""
    TRACE = "trace"
    """TRN02, whoever the parties are."""
    REFERENCE = "reference"
    """BHT03 or BGN02, whoever the parties are."""
    ARRIVAL = "arrival"
    """ISA13 of what came, from one party to another: the only one under which what came is kept."""


class Key(NamedTuple):
    """``between`` are the two identifiers in their alphabetic order; of an ARRIVAL sender and receiver."""

    by: Index
    number: str
    between: tuple[str, str] = ("", "")

    def __repr__(self) -> str:
        return f"<{self.by}>"


class Party(NamedTuple):
    """An interchange id and its qualifier."""

    qualifier: str
    identifier: str


class Trace(NamedTuple):
    """TRN02 and TRN03."""

    number: str
    originator: str

    def bare(self) -> Trace:
        """As it is told by who does not say whose it is."""
        return Trace(self.number, "")


@dataclass(frozen=True, slots=True)
class SentTransaction:
    """``reference`` is BHT03 or BGN02, ``purpose`` BHT02 or BGN01."""

    kind: str
    guide: str
    control: str
    purpose: str
    reference: str = field(repr=False)
    traces: tuple[Trace, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentGroup:
    kind: str
    version: str
    control: str
    transactions: tuple[SentTransaction, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """One interchange. ``key`` is its sender's name for the document, for instance of the attempt, and ``count`` its
    place in that, from 0; ``day`` and ``time`` are ISA09 and ISA10. ``acknowledged_by`` are those who acknowledge it to
    ``sender`` under ids of their own, beside the one it went to. ``case`` is
    the same for all that was sent of one case; by default nothing else was."""

    key: str
    between: tuple[str, str]
    control: str
    day: str
    time: str
    groups: tuple[SentGroup, ...]
    count: int = 0
    sender: str = ""
    acknowledged_by: frozenset[Party] = frozenset()
    case: str = ""

    @property
    def about(self) -> str:
        return self.case or self.key

    def keys(self) -> frozenset[Key]:
        return frozenset(self._keys())

    def _keys(self) -> Iterator[Key]:
        pairs = {self.between, *(between(self.sender, party.identifier) for party in self.acknowledged_by)}
        yield from (Key(Index.INTERCHANGE, self.control, pair) for pair in pairs)
        for group in self.groups:
            yield from (Key(Index.GROUP, group.control, pair) for pair in pairs)
            for transaction in group.transactions:
                if transaction.reference:
                    yield Key(Index.REFERENCE, transaction.reference)
                yield from (Key(Index.TRACE, trace.number) for trace in transaction.traces)


def sent_in(
    document: bytes, key: str, acknowledged_by: frozenset[Party] = frozenset(), case: str = ""
) -> tuple[Sent, ...]:
    """The interchanges of what was sent under one name. Raises Malformed."""
    return tuple(_sent(each, key, count, acknowledged_by, case) for count, each in enumerate(read(document)))


def _sent(interchange: Interchange, key: str, count: int, acknowledged_by: frozenset[Party], case: str) -> Sent:
    isa = interchange.isa
    groups = tuple(_group(group, group.gs) for group in interchange.groups if group.gs is not None)
    return Sent(
        key,
        between(isa.text(6), isa.text(8)),
        bare(isa.text(13)),
        isa.text(9),
        isa.text(10),
        groups,
        count,
        isa.text(6).strip().upper(),
        acknowledged_by,
        case,
    )


def _group(group: Group, gs: Segment) -> SentGroup:
    transactions = tuple(_transaction(each) for each in group.transactions)
    return SentGroup(gs.text(1).upper(), gs.text(8).upper(), bare(gs.text(6)), transactions)


def _transaction(transaction: Transaction) -> SentTransaction:
    purpose, reference, traces = names_in(transaction)
    st = transaction.st
    return SentTransaction(st.text(1), transaction.guide.upper(), bare(st.text(2)), purpose, reference, traces)


def names_in(transaction: Transaction) -> tuple[str, str, tuple[Trace, ...]]:
    """What a transaction is for, its reference, and every trace number in it."""
    purpose = reference = ""
    traces: dict[Trace, None] = {}
    for segment in transaction.body():
        if segment.tag in ("BHT", "BGN") and not purpose:
            places = (2, 3) if segment.tag == "BHT" else (1, 2)
            purpose, reference = (segment.text(place) for place in places)
        elif segment.tag == "TRN" and segment.text(2):
            traces[Trace(segment.text(2), segment.text(3))] = None
    return purpose, reference, tuple(traces)


def between(one: str, other: str) -> tuple[str, str]:
    first, second = sorted((one.strip().upper(), other.strip().upper()))
    return first, second


def bare(number: str) -> str:
    """A control number without leading zeros: payers leave them out, or put some."""
    return (number.lstrip("0") or "0") if number.isascii() and number.isdigit() else number


def day_of(text: str) -> date | None:
    """ISA09 as a day of this century."""
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return None


def days_between(one: str, other: str) -> int | None:
    """Days from one ISA09 to another."""
    first, second = day_of(one), day_of(other)
    return abs((first - second).days) if first and second else None
