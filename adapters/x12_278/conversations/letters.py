"""The letters of a file: the least that stands for itself, a TA1, a transaction, or what an 824 says of one message.

What is cut out is the payer's own, byte for byte: ISA and GS before it, and behind it GE and IEA, in which only the
counts are those of what is left; of an 824 with several messages also ST, what is common to all, and SE. So nobody who
is told of one letter sees another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
                where, parts = f"{count}.{place}.{number}", _parts(body, transaction, marks)
                for part, inside in enumerate(parts, start=1):
                    at = where if len(parts) == 1 else f"{where}.{part}"
                    yield what, at, head + _alone(body, interchange, group, inside, marks)


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
        raise Unreadable("SE01, GE01 or IEA01 is not the count of what is there")


def _parts(body: bytes, transaction: Transaction, marks: Delimiters) -> Sequence[bytes]:
    """The transaction, or what an 824 says of each message that it names. What it says of one in several places stays
    together, for only together it is its verdict."""
    se = transaction.se
    if se is None:
        raise Unreadable("a transaction has no end")
    whole = body[transaction.st.start : se.end + 1]
    if transaction.kind != "824":
        return (whole,)
    segments = transaction.body()
    places = [place for place, segment in enumerate(segments) if segment.tag == "OTI"]
    said: dict[tuple[bytes, ...], list[Segment]] = {}
    for place, end in zip(places, [*places[1:], len(segments)], strict=True):
        said.setdefault(_named(segments[place]), []).extend(segments[place:end])
    if len(said) < 2:
        return (whole,)
    _counted(se, len(segments) + 2)
    common = segments[: places[0]]
    return [
        b"".join(_cut(body, each) for each in (transaction.st, *common, *part))
        + _trailer(se, len(common) + len(part) + 2, marks)
        for part in said.values()
    ]


def _named(said: Segment) -> tuple[bytes, ...]:
    """What an OTI names: group and transaction by their numbers, or else a reference."""
    numbers = tuple(said.raw(place).strip().lstrip(b"0") for place in (8, 9))
    return numbers if all(numbers) else (said.raw(2).strip(), said.raw(3).strip())


def _alone(body: bytes, interchange: Interchange, group: Group, inside: bytes, marks: Delimiters) -> bytes:
    if group.gs is None or group.ge is None:
        raise Unreadable("a transaction stands in no group")
    return _cut(body, group.gs) + inside + _trailer(group.ge, 1, marks) + _trailer(interchange.iea, 1, marks)


def _cut(body: bytes, segment: Segment) -> bytes:
    return body[segment.start : segment.end + 1]


def _trailer(segment: Segment, count: int, marks: Delimiters) -> bytes:
    """SE, GE or IEA with another count in it."""
    return marks.element.join((segment.tag.encode(), str(count).encode(), segment.raw(2))) + marks.segment
