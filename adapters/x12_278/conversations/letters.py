"""The letters of a file: the least that stands for itself, a TA1 or a transaction, each cut out of it.

What is cut out is the payer's own, byte for byte: ISA and GS before it, and behind it GE and IEA, in which only the
counts are those of what is left. So nobody who is told of one letter sees another one.
"""

from __future__ import annotations

from collections.abc import Iterator

from adapters.x12_278.codec.tree import Group, Interchange, Segment, Transaction, read
from adapters.x12_278.segment import Delimiters
from gateway.contract.errors import Unreadable

_KINDS = frozenset({"270", "271", "275", "276", "277", "278", "820", "824", "834", "835", "837", "997", "999"})
"""What a payer may send. Of anything else its own word is not repeated: it may be anything."""


def letters_in(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """What each letter is, where it stands (interchange, group and transaction, counted from 1), and the letter alone.
    Raises Unreadable for what is no X12, or cannot be cut."""
    for count, interchange in enumerate(read(body), start=1):
        _check(interchange)
        head, marks = _cut(body, interchange.isa), interchange.tokens.marks
        for number, ta1 in enumerate(interchange.ta1, start=1):
            yield "TA1", f"{count}.{number}", head + _cut(body, ta1) + _trailer(interchange.iea, 0, marks)
        for place, group in enumerate(interchange.groups, start=1):
            for number, transaction in enumerate(group.transactions, start=1):
                what = transaction.kind if transaction.kind in _KINDS else "other"
                yield what, f"{count}.{place}.{number}", head + _alone(body, interchange, group, transaction)


def _check(interchange: Interchange) -> None:
    """Counts of what is cut apart: nobody can count it afterwards. All else a letter still says by itself."""
    if interchange.iea.tag != "IEA":
        raise Unreadable("the interchange has no IEA")
    if interchange.strays or any(group.strays for group in interchange.groups):
        raise Unreadable("a segment stands in no transaction")
    for group in interchange.groups:
        _counted(group.ge, len(group.transactions))
    # Some count a TA1 that stands for itself as a group.
    _counted(interchange.iea, *((0, 1) if interchange.ta1 and not interchange.groups else (len(interchange.groups),)))


def _counted(trailer: Segment | None, *counts: int) -> None:
    text = trailer.text(1) if trailer is not None else ""
    if not (text.isascii() and text.isdigit() and int(text[:9]) in counts):
        raise Unreadable("GE01 or IEA01 is not the count of what is there")


def _alone(body: bytes, interchange: Interchange, group: Group, transaction: Transaction) -> bytes:
    if group.gs is None or group.ge is None or transaction.se is None:
        raise Unreadable("a transaction stands in no group, or has no end")
    marks, inside = interchange.tokens.marks, body[transaction.st.start : transaction.se.end + 1]
    return _cut(body, group.gs) + inside + _trailer(group.ge, 1, marks) + _trailer(interchange.iea, 1, marks)


def _cut(body: bytes, segment: Segment) -> bytes:
    return body[segment.start : segment.end + 1]


def _trailer(segment: Segment, count: int, marks: Delimiters) -> bytes:
    """GE or IEA with another count in it."""
    return marks.element.join((segment.tag.encode(), str(count).encode(), segment.raw(2))) + marks.segment
