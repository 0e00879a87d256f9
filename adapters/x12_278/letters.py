"""A file that came as letters, and letters cut out of it: the least that stands for itself, a TA1 or a transaction.

What is cut out is the payer's own, byte for byte: ISA and GS before it, and behind it GE and IEA, in which only the
counts are those of what is left. So nobody who is told of one letter sees another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from adapters.x12_278.codec.tree import Interchange, Segment, Transaction, read
from adapters.x12_278.segment import Delimiters
from gateway.contract.errors import Unreadable

_KINDS = frozenset({"270", "271", "275", "276", "277", "278", "820", "824", "834", "835", "837", "997", "999"})
"""What a payer may send. Of anything else its own word is not repeated: it may be anything."""


class Spot(NamedTuple):
    """Where a letter stands, all counted from 0: a transaction of a group, or without a group a TA1."""

    interchange: int
    group: int | None
    number: int

    def __str__(self) -> str:
        return f"{self.interchange}.{'ta1' if self.group is None else self.group}.{self.number}"

    def order(self) -> tuple[int, int, int]:
        """As they stand in a file that is well made: TA1 before the groups."""
        return self.interchange, -1 if self.group is None else self.group, self.number

    @classmethod
    def of(cls, word: str) -> Spot:
        """What ``str`` made of one. Raises ValueError."""
        interchange, group, number = word.split(".")
        return cls(int(interchange), None if group == "ta1" else int(group), int(number))


class File:
    """The interchanges of a file. Raises Unreadable for what is no X12, or cannot be cut."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._interchanges = read(body)

    def spots(self) -> Iterator[tuple[Spot, str]]:
        """Every letter, and what it is."""
        for count, interchange in enumerate(self._interchanges):
            for number, _ in enumerate(interchange.ta1):
                yield Spot(count, None, number), "TA1"
            for place, group in enumerate(interchange.groups):
                for number, transaction in enumerate(group.transactions):
                    yield Spot(count, place, number), transaction.kind if transaction.kind in _KINDS else "other"

    def cut(self, spots: Iterable[Spot]) -> bytes:
        """These letters and nothing else of the file."""
        ordered = sorted(set(spots), key=Spot.order)
        return b"".join(
            self._cut(self._interchanges[count], list(inside))
            for count, inside in groupby(ordered, key=lambda spot: spot.interchange)
        )

    def _cut(self, interchange: Interchange, spots: list[Spot]) -> bytes:
        marks = interchange.tokens.marks
        pieces, groups = [self._segment(interchange.isa)], 0
        for place, inside in groupby(spots, key=lambda spot: spot.group):
            if place is None:
                pieces += [self._segment(interchange.ta1[spot.number]) for spot in inside]
                continue
            group = interchange.groups[place]
            kept = [self._transaction(group.transactions[spot.number]) for spot in inside]
            if group.gs is None or group.ge is None:
                raise Unreadable("a transaction stands in no group")
            pieces += [self._segment(group.gs), *kept, _trailer(group.ge, len(kept), marks)]
            groups += 1
        return b"".join([*pieces, _trailer(interchange.iea, groups, marks)])

    def _transaction(self, transaction: Transaction) -> bytes:
        if transaction.se is None:
            raise Unreadable("a transaction has no SE")
        return self._body[transaction.st.start : transaction.se.end + 1]

    def _segment(self, segment: Segment) -> bytes:
        return self._body[segment.start : segment.end + 1]


def _trailer(segment: Segment, count: int, marks: Delimiters) -> bytes:
    """GE or IEA with another count in it."""
    return marks.element.join((segment.tag.encode(), str(count).encode(), segment.raw(2))) + marks.segment
