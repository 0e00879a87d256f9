"""The envelopes of a document that is to be acknowledged: what of ISA, GS and ST goes back to whoever sent it.

Counts segments as the checker does, and is as patient: whatever stands in an element is text. A document that cannot be
cut to its end is told up to there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from adapters.x12_278.codec.events import Opening, Token
from adapters.x12_278.codec.malformed import LIMITS, Limits, Malformed
from adapters.x12_278.codec.stream import stream
from adapters.x12_278.segment import Delimiters

_REFERENCE_AT = {b"BHT": 3, b"BGN": 2}


@dataclass(frozen=True, slots=True)
class ReceivedTransaction:
    """``reference`` is BHT03 or BGN02; ``subscribers`` are where an NM1 of IL stands (from the ST) and its NM109."""

    segment: int
    kind: str
    control: str = field(repr=False)
    guide: str
    reference: str = field(default="", repr=False)
    subscribers: tuple[tuple[int, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ReceivedGroup:
    """``announced`` is GE01."""

    segment: int
    kind: str
    sender: str
    receiver: str
    date: str
    time: str
    control: str = field(repr=False)
    version: str
    announced: str
    transactions: tuple[ReceivedTransaction, ...]


@dataclass(frozen=True, slots=True)
class ReceivedInterchange:
    """``isa`` are ISA01 to ISA16 without the blanks around them; ``acknowledges`` tells of a TA1 in it."""

    segment: int
    marks: Delimiters
    isa: tuple[str, ...] = field(repr=False)
    groups: tuple[ReceivedGroup, ...]
    acknowledges: bool

    def element(self, place: int) -> str:
        return self.isa[place - 1]


@dataclass(slots=True)
class _Transaction:
    segment: int
    values: list[bytes]
    reference: str = ""
    subscribers: list[tuple[int, str]] = field(default_factory=list)

    def done(self) -> ReceivedTransaction:
        kind, control, guide = (_text(self.values, place) for place in (1, 2, 3))
        return ReceivedTransaction(self.segment, kind, control, guide, self.reference, tuple(self.subscribers))


@dataclass(slots=True)
class _Group:
    segment: int
    values: list[bytes]
    announced: str = ""
    transactions: list[_Transaction] = field(default_factory=list)

    def done(self) -> ReceivedGroup:
        kind, sender, receiver, date, time, control = (_text(self.values, place) for place in range(1, 7))
        transactions = tuple(each.done() for each in self.transactions)
        version = _text(self.values, 8)
        return ReceivedGroup(
            self.segment, kind, sender, receiver, date, time, control, version, self.announced, transactions
        )


@dataclass(slots=True)
class _Interchange:
    segment: int
    marks: Delimiters
    values: list[bytes]
    groups: list[_Group] = field(default_factory=list)
    acknowledges: bool = False
    open: bool = False

    def done(self) -> ReceivedInterchange:
        isa = tuple(_text(self.values, place) for place in range(1, 17))
        return ReceivedInterchange(
            self.segment, self.marks, isa, tuple(each.done() for each in self.groups), self.acknowledges
        )


def received_envelopes(chunks: bytes | Iterable[bytes], limits: Limits = LIMITS) -> tuple[ReceivedInterchange, ...]:
    """The interchanges of a document, in their order. None where it does not begin with an ISA."""
    found: list[_Interchange] = []
    marks = Delimiters()
    number = 0
    try:
        for event in stream((chunks,) if isinstance(chunks, bytes) else chunks, limits):
            if isinstance(event, Opening):
                marks = event.marks
            elif isinstance(event, Token):
                number += 1
                values = event.raw.split(marks.element)
                if values[0] == b"ISA":
                    found.append(_Interchange(number, marks, values))
                else:
                    _take(found[-1], number, values)
    except Malformed:
        pass  # the report tells of it
    return tuple(each.done() for each in found)


def _take(interchange: _Interchange, number: int, values: list[bytes]) -> None:
    tag = values[0]
    group = interchange.groups[-1] if interchange.groups and interchange.open else None
    transaction = group.transactions[-1] if group and group.transactions else None
    if tag == b"GS":
        interchange.groups.append(_Group(number, values))
        interchange.open = True
    elif tag == b"TA1" and not interchange.groups:
        interchange.acknowledges = True
    elif tag == b"GE" and group:
        group.announced = _text(values, 1)
        interchange.open = False
    elif tag == b"ST" and group:
        group.transactions.append(_Transaction(number, values))
    elif transaction and tag in _REFERENCE_AT and not transaction.reference:
        transaction.reference = _text(values, _REFERENCE_AT[tag])
    elif transaction and tag == b"NM1" and _text(values, 1) == "IL" and _text(values, 9):
        transaction.subscribers.append((number - transaction.segment + 1, _text(values, 9)))


def _text(values: list[bytes], place: int) -> str:
    return values[place].decode("latin-1").strip() if place < len(values) else ""
