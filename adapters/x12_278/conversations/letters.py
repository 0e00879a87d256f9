"""The letters of a file: the least that stands for itself, a TA1, a transaction, or what an 824 says of one message.

What is cut out is the payer's own, byte for byte (but for line ends that wrapped it): ISA and GS before it, and behind
it GE and IEA, in which only the counts are those of what is left; of an 824 with several messages also ST, what is
common to all, and SE. So nobody who is told of one letter sees another one.

A fault stays where it is: of a transaction it is that transaction's, of an envelope that interchange's, and all else is
cut out as ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from adapters.x12_278.codec.header import HEADER, marks_quickly
from adapters.x12_278.codec.tree import Group, Interchange, Segment, Transaction, read, read_on
from adapters.x12_278.codec.wrapping import LOOKED_AT, wrap_of
from adapters.x12_278.interchange import read_each
from adapters.x12_278.segment import Delimiters
from gateway.contract.errors import Unreadable

_KINDS = frozenset({"270", "271", "275", "276", "277", "278", "820", "824", "834", "835", "837", "997", "999"})
"""What a payer may send. Of anything else its own word is not repeated: it may be anything."""
MOST = 5_000
"""Letters of one file: more than a payer writes about all its authorizations in a day. Each is looked at by itself."""
UNREADABLE, TOO_MANY = "unreadable", "too_many"
"""Why what was cut out is told to nobody."""

_FILLER = b"\r\n\t \x00\x1a\xef\xbb\xbf"
_HEADER = re.compile(rb"ISA(?![0-9A-Za-z ])")
_COUNTING = re.compile(rb"(?:BIN|BDS)(?![0-9A-Za-z ])")


@dataclass(frozen=True, slots=True)
class Cut:
    """What it is, where it stands (interchange, group and transaction, counted from 1), the letter alone, and why
    nobody can read it."""

    what: str
    place: str
    body: bytes = field(repr=False)
    fault: str | None = None


def letters_in(body: bytes) -> Iterator[Cut]:
    """Every letter of a file. Raises Unreadable where there is no interchange that is whole."""
    found = list(_interchanges(body))
    sizes = (sum(len(group.transactions) for group in each.groups) + len(each.ta1) for _, each in found if each)
    if sum(sizes) > MOST:
        yield Cut("file", "", body, TOO_MANY)
        return
    for count, (piece, interchange) in enumerate(found, start=1):
        if interchange is None:
            yield Cut("interchange", str(count), piece, UNREADABLE)
        else:
            yield from _letters(interchange, count)


def _interchanges(body: bytes) -> Iterator[tuple[bytes, Interchange | None]]:
    """Each interchange of a file; without a tree where its envelope is broken."""
    found: list[tuple[bytes, Interchange | None]]
    try:
        found = [(_text(each, 0, len(each.tokens) - 1), each) for each in read(body)]
    except Unreadable:
        found = [*_apart(body)]
        if not found:
            raise
    faults = [fault_of(each) if each is not None else None for _, each in found]
    sound = [each is not None and fault is None for (_, each), fault in zip(found, faults, strict=True)]
    if not any(sound):
        raise next((fault for fault in faults if fault), Unreadable("no interchange in it is whole"))
    return ((piece, each if good else None) for (piece, each), good in zip(found, sound, strict=True))


def _apart(body: bytes) -> Iterator[tuple[bytes, Interchange | None]]:
    """What a file holds of which something is no X12: each interchange that was read to its end, and what else stands
    there. What is broken ends where the next begins. Within what counts its bytes may stand anything, so that behind
    what is broken, and has such, none begins."""
    found, end = _begun(body)
    yield from found
    heads = () if wrap_of(body[:LOOKED_AT]) else (match.start() for match in _HEADER.finditer(body, end))
    starts = [each for each in heads if marks_quickly(body[each : each + HEADER])]
    if not found and (not starts or body[: starts[0]].strip(_FILLER)):
        return
    for start, stop in pairwise((end, *starts, len(body))):
        found, end = _begun(body[start:stop])
        yield from found
        rest = body[start + end : stop]
        if _COUNTING.search(rest):
            yield body[start + end :], None
            return
        if rest.strip(_FILLER):
            yield rest, None


def _begun(body: bytes) -> tuple[list[tuple[bytes, Interchange | None]], int]:
    """The interchanges with which it begins, and where the last of them ends."""
    found, _ = read_on(body)
    if not found:
        return [], 0
    last = found[-1].tokens
    end = last.wrap.place(last.end) if last.wrap else last.end
    return [(_text(each, 0, len(each.tokens) - 1), each) for each in found], end


def _letters(interchange: Interchange, count: int) -> Iterator[Cut]:
    head, marks = _text(interchange, 0, 0), interchange.tokens.marks
    for number, ta1 in enumerate(interchange.ta1, start=1):
        told = head + _cut(interchange, ta1) + _trailer(interchange.iea, 0, marks)
        yield _read(Cut("TA1", f"{count}.{number}", told))
    for place, group in enumerate(interchange.groups, start=1):
        for number, transaction in enumerate(group.transactions, start=1):
            what = transaction.kind if transaction.kind in _KINDS else "other"
            where = f"{count}.{place}.{number}"
            whole = _text(interchange, transaction.first, transaction.last)
            try:
                parts = _parts(interchange, transaction, whole, marks)
                alone = [head + _alone(interchange, group, inside, marks) for inside in parts]
            except Unreadable:
                yield Cut(what, where, whole, UNREADABLE)
                continue
            for part, told in enumerate(alone, start=1):
                yield _read(Cut(what, where if len(alone) == 1 else f"{where}.{part}", told))


def _read(cut: Cut) -> Cut:
    """The same, with its fault where it has one: who reads it is stricter than the codec, which leaves to others what
    can be read all the same."""
    try:
        for _ in read_each(cut.body):
            pass
    except Unreadable:
        return Cut(cut.what, cut.place, cut.body, UNREADABLE)
    return cut


def fault_of(interchange: Interchange) -> Unreadable | None:
    """Counts of what is cut apart: nobody can count it afterwards. All else a letter still says by itself."""
    if interchange.iea.tag != "IEA":
        return Unreadable("the interchange has no IEA")
    if interchange.strays or any(group.strays for group in interchange.groups):
        return Unreadable("a segment stands in no transaction")
    # Some count a TA1 that stands for itself as a group.
    groups = (0, 1) if interchange.ta1 and not interchange.groups else (len(interchange.groups),)
    counted = all(_counts(group.ge, len(group.transactions)) for group in interchange.groups)
    if not counted or not _counts(interchange.iea, *groups):
        return Unreadable("GE01 or IEA01 is not the count of what is there")
    return None


def _counts(trailer: Segment | None, *counts: int) -> bool:
    text = trailer.text(1) if trailer is not None else ""
    return text.isascii() and text.isdigit() and int(text[:9]) in counts


def _parts(interchange: Interchange, transaction: Transaction, whole: bytes, marks: Delimiters) -> Sequence[bytes]:
    """The transaction, or what an 824 says of each message that it names. What it says of one in several places stays
    together, for only together it is its verdict."""
    se = transaction.se
    if se is None:
        raise Unreadable("a transaction has no end")
    if transaction.kind != "824":
        return (whole,)
    segments = transaction.body()
    places = [place for place, segment in enumerate(segments) if segment.tag == "OTI"]
    said: dict[tuple[bytes, ...], list[Segment]] = {}
    for place, end in zip(places, [*places[1:], len(segments)], strict=True):
        said.setdefault(_named(segments[place]), []).extend(segments[place:end])
    if len(said) < 2:
        return (whole,)
    if not _counts(se, len(segments) + 2):
        raise Unreadable("SE01 is not the count of what is there")
    common = segments[: places[0]]
    return [
        b"".join(_cut(interchange, each) for each in (transaction.st, *common, *part))
        + _trailer(se, len(common) + len(part) + 2, marks)
        for part in said.values()
    ]


def _named(said: Segment) -> tuple[bytes, ...]:
    """What an OTI names: group and transaction by their numbers, or else a reference."""
    numbers = tuple(said.raw(place).strip().lstrip(b"0") for place in (8, 9))
    return numbers if all(numbers) else (said.raw(2).strip(), said.raw(3).strip())


def _alone(interchange: Interchange, group: Group, inside: bytes, marks: Delimiters) -> bytes:
    if group.gs is None or group.ge is None:
        raise Unreadable("a transaction stands in no group")
    return _cut(interchange, group.gs) + inside + _trailer(group.ge, 1, marks) + _trailer(interchange.iea, 1, marks)


def _cut(interchange: Interchange, segment: Segment) -> bytes:
    return _text(interchange, segment.index, segment.index)


def _text(interchange: Interchange, first: int, last: int) -> bytes:
    """From one segment to another, as they are where nothing is wrapped."""
    tokens = interchange.tokens
    return tokens.text[tokens.place(first) : tokens.stop(last) + 1]


def _trailer(segment: Segment, count: int, marks: Delimiters) -> bytes:
    """SE, GE or IEA with another count in it."""
    return marks.element.join((segment.tag.encode(), str(count).encode(), segment.raw(2))) + marks.segment
