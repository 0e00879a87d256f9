"""What stands in what: interchange, groups, transactions, segments, elements, repetitions, components.

Needs no guide, and refuses nothing that could be cut: a missing trailer, or a segment outside of every transaction, is
kept where it was found, and ``envelope.faults`` speaks of it. A node holds places in ``Tokens.raw``; a ``Segment`` is
made when it is asked for, and its texts when they are. Whoever checks fast reads ``tokens.raw[first : last + 1]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from adapters.x12_278.codec.malformed import LIMITS, Limits, Malformed
from adapters.x12_278.codec.tokens import Tokens, split, whole
from adapters.x12_278.segment import Value, readable


class Segment:
    """One segment. ``number`` counts from 1 (the ISA); spans are offsets of the file.

    The last element of a BIN or BDS is its data: ``raw`` gives them, and text they have none.
    """

    __slots__ = ("_elements", "_repeats", "_texts", "_tokens", "index")

    def __init__(self, tokens: Tokens, index: int) -> None:
        self.index = index
        self._tokens = tokens
        self._elements = tokens.raw[index].split(tokens.marks.element)
        self._texts: dict[int, str] = {}
        self._repeats: dict[int, Sequence[Sequence[Value | None]]] = {}

    def __repr__(self) -> str:
        return f"<{self.tag}, segment {self.number}>"

    @property
    def number(self) -> int:
        return self.index + 1

    @property
    def tag(self) -> str:
        return self._elements[0].decode("ascii")

    @property
    def start(self) -> int:
        return self._tokens.at(self.index)

    @property
    def end(self) -> int:
        """Where the terminator stands."""
        return self._file(self._tokens.stop(self.index))

    def __len__(self) -> int:
        """How many elements the segment has, its tag not counted."""
        return len(self._elements) - 1

    def raw(self, place: int) -> bytes:
        """The bytes of an element (the first is 1); empty where it is absent."""
        if self._is_data(place):
            return self._tokens.binary(self.index)
        return self._elements[place] if place < len(self._elements) else b""

    def text(self, place: int) -> str:
        text = self._texts.get(place)
        if text is None:
            text = readable(self._elements[place]) if place < len(self._elements) else ""
            self._texts[place] = text
        return text

    def value(self, place: int) -> Value | None:
        """The element with its span, or None where it is absent or empty."""
        text = self.text(place)
        return self._value(text, f"{self.tag}{place:02d}", self._start(place), self._elements[place]) if text else None

    def span(self, place: int) -> tuple[int, int] | None:
        """Where an element stands in the file, be it empty or data; None where it is absent."""
        if place >= len(self._elements):
            return None
        start = self._start(place)
        end = self._tokens.stop(self.index) if self._is_data(place) else start + len(self._elements[place])
        return self._file(start), self._file(end)

    def repeats(self, place: int) -> Sequence[Sequence[Value | None]]:
        """The repetitions of an element, each as its components; None for an empty component."""
        found = self._repeats.get(place)
        if found is None:
            found = self._repeats[place] = list(self._split(place))
        return found

    def components(self, place: int) -> Sequence[Value | None]:
        """The components of an element's first repetition."""
        return self.repeats(place)[0]

    def _split(self, place: int) -> Iterator[list[Value | None]]:
        if place >= len(self._elements):
            yield [None]
            return
        marks = self._tokens.marks
        raw = self._elements[place]
        position = self._start(place)
        for repeat in raw.split(marks.repetition) if marks.repetition else [raw]:
            pieces = repeat.split(marks.component)
            components: list[Value | None] = []
            for count, piece in enumerate(pieces, start=1):
                text = readable(piece)
                label = f"{self.tag}{place:02d}-{count}" if len(pieces) > 1 else f"{self.tag}{place:02d}"
                components.append(self._value(text, label, position, piece) if text else None)
                position += len(piece) + 1
            yield components

    def _value(self, text: str, label: str, position: int, piece: bytes) -> Value:
        return Value(text, label, self.number, self._file(position), self._file(position + len(piece)))

    def _is_data(self, place: int) -> bool:
        return place == len(self._elements) - 1 and self.index in self._tokens.data

    def _start(self, place: int) -> int:
        return self._tokens.place(self.index) + sum(map(len, self._elements[:place])) + place

    def _file(self, place: int) -> int:
        wrap = self._tokens.wrap
        return wrap.place(place) if wrap else place


@dataclass(frozen=True, slots=True)
class Transaction:
    """From ST (``first``) to SE (``last``); without an SE to the last segment that may belong to it."""

    tokens: Tokens = field(repr=False)
    first: int
    last: int
    closed: bool
    group: Segment | None = field(repr=False)

    @property
    def st(self) -> Segment:
        return Segment(self.tokens, self.first)

    @property
    def se(self) -> Segment | None:
        return Segment(self.tokens, self.last) if self.closed else None

    @property
    def kind(self) -> str:
        return self.st.text(1)

    @property
    def guide(self) -> str:
        """ST03, or GS08 where the ST does not say."""
        return self.st.text(3) or (self.group.text(8) if self.group is not None else "")

    def body(self) -> list[Segment]:
        """The segments between ST and SE, made anew for each call."""
        return [Segment(self.tokens, index) for index in range(self.first + 1, self.last + (not self.closed))]


@dataclass(frozen=True, slots=True)
class Group:
    """From GS to GE. ``gs`` is None around transactions that stand in no group, ``ge`` where it is missing."""

    gs: Segment | None
    ge: Segment | None
    transactions: tuple[Transaction, ...]
    strays: tuple[Segment, ...]
    """What stands in the group and in no transaction of it."""


@dataclass(frozen=True, slots=True)
class Interchange:
    """From ISA to IEA. ``ta1`` holds interchange acknowledgments, wherever between the groups they stood."""

    tokens: Tokens = field(repr=False)
    ta1: tuple[Segment, ...]
    groups: tuple[Group, ...]
    strays: tuple[Segment, ...]
    """What stands in no group and is no TA1."""

    @property
    def isa(self) -> Segment:
        return Segment(self.tokens, 0)

    @property
    def iea(self) -> Segment:
        return Segment(self.tokens, len(self.tokens) - 1)

    def transactions(self) -> Iterator[Transaction]:
        for group in self.groups:
            yield from group.transactions

    def segments(self) -> Iterator[Segment]:
        """All of them, in their order."""
        return (Segment(self.tokens, index) for index in range(len(self.tokens)))


def read(document: bytes, limits: Limits = LIMITS) -> list[Interchange]:
    """The interchanges of a file. Raises Malformed where anything in it is no X12."""
    return [tree_of(tokens) for tokens in split(document, limits)]


def read_on(document: bytes) -> tuple[list[Interchange], Malformed | None]:
    """The interchanges of a file that end before anything in it is no X12, and what is wrong there."""
    found, error = whole(document)
    return [tree_of(tokens) for tokens in found], error


def written(file: Iterable[Interchange]) -> bytes:
    """The file that ``read`` read, just as it was."""
    return b"".join(interchange.tokens.written() for interchange in file)


def tree_of(tokens: Tokens) -> Interchange:
    """What stands in what in one interchange."""
    return _Builder(tokens).built()


class _Builder:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.ta1: list[Segment] = []
        self.groups: list[Group] = []
        self.outside: list[Segment] = []
        self.gs: Segment | None = None
        self.grouped = False
        self.transactions: list[Transaction] = []
        self.strays: list[Segment] = []
        self.st: int | None = None

    def built(self) -> Interchange:
        raw = self.tokens.raw
        element = self.tokens.marks.element
        ids = {
            key: tag
            for tag in (b"GS", b"ST", b"SE", b"GE", b"TA1", b"IEA")
            for key in ((tag + element)[:3], tag)
        }  # fmt: skip
        seen = 1
        for index in [index for index, piece in enumerate(raw) if piece[:3] in ids]:
            if self.st is None:
                self._stray(range(seen, index))
            self._envelope(index, ids[raw[index][:3]])
            seen = index + 1
        return Interchange(self.tokens, tuple(self.ta1), tuple(self.groups), tuple(self.outside))

    def _envelope(self, index: int, tag: bytes) -> None:
        if tag == b"TA1":
            if self.st is None and not self.grouped:
                self.ta1.append(Segment(self.tokens, index))
            elif self.st is None:
                self._stray((index,))
        elif tag == b"SE":
            if self.st is None:
                self._stray((index,))
            else:
                self._end_transaction(index, closed=True)
        elif tag == b"ST":
            self._end_transaction(index - 1, closed=False)
            self.st = index
            self.grouped = True
        elif tag == b"GE":
            self._end_transaction(index - 1, closed=False)
            if self.gs is not None:
                self._end_group(Segment(self.tokens, index))
            else:
                self._end_group(None)
                self._stray((index,))
        else:
            self._end_transaction(index - 1, closed=False)
            self._end_group(None)
            if tag == b"GS":
                self.gs = Segment(self.tokens, index)
                self.grouped = True

    def _stray(self, places: Iterable[int]) -> None:
        (self.strays if self.grouped else self.outside).extend(Segment(self.tokens, place) for place in places)

    def _end_transaction(self, last: int, *, closed: bool) -> None:
        if self.st is not None:
            self.transactions.append(Transaction(self.tokens, self.st, last, closed, self.gs))
            self.st = None

    def _end_group(self, ge: Segment | None) -> None:
        if self.grouped:
            self.groups.append(Group(self.gs, ge, tuple(self.transactions), tuple(self.strays)))
        self.gs, self.grouped, self.transactions, self.strays = None, False, [], []
