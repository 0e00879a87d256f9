"""Whether the levels of a transaction (HL) are counted, hang on each other as the guide nests them, and say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from adapters.x12_278.guides.grammar import Element, Loop, SegmentNode


class Level(NamedTuple):
    """One HL. ``number`` is the segment's in the document; ``loop`` is not known where the HL has no place."""

    number: int
    values: Sequence[bytes]
    loop: Loop | None
    node: SegmentNode | None

    def value(self, place: int) -> bytes:
        return self.values[place] if place < len(self.values) else b""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """``refuses`` is False where a reader can do without: the standard lets HL04 be left out, so nobody needs it."""

    level: Level
    place: int
    code: str
    says: str
    refuses: bool = True


_CHILDREN = "HL04 says that nothing hangs on this level, and something does. Write 1."
_NO_CHILDREN = "HL04 says that something hangs on this level, and nothing does. Write 0."
Above = Mapping[Loop, Loop | None]
"""Of each loop that begins with an HL the nearest such loop around it."""


def above(transaction: Loop) -> dict[Loop, Loop | None]:
    return dict(_above(transaction, None))


def _above(loop: Loop, outer: Loop | None) -> Iterator[tuple[Loop, Loop | None]]:
    first = loop.first_segment()
    if first is not None and first.tag == "HL":
        yield loop, outer
        outer = loop
    for child in loop.children:
        if isinstance(child, Loop):
            yield from _above(child, outer)


Family = dict[bytes, int]
"""What HL02 of a level may name, by name: the count of the level that has it. Later levels come to be in it too."""


def families(levels: Sequence[Level], above: Above) -> Iterator[Family]:
    """The family of each level: the level around it that is open, and those beside it, of which it may name an earlier.

    An event may hang on a dependent and, as some write it, a service on the service before.
    """
    open_: dict[Loop | None, Family] = {None: {}}
    for count, level in enumerate(levels, start=1):
        if level.loop is None:
            yield {}
            continue
        family = open_.setdefault(above[level.loop], {})
        own: Family = {}
        for name in (level.value(1), b"%d" % count):
            family.setdefault(name, count)
            own[name] = count
        open_[level.loop] = own
        yield family


def misplaced(levels: Sequence[Level], above: Above) -> list[Misplaced]:
    found: list[Misplaced] = []
    for count, (level, family) in enumerate(zip(levels, families(levels, above), strict=True), start=1):
        if level.value(1) and not _same(level.value(1), count):
            says = "HL01 is not the number of this level. Count the levels of the transaction from 1, without gaps."
            found.append(Misplaced(level, 1, "I12", says))
        if level.loop is None or above[level.loop] is None:
            continue
        if level.value(2) and family.get(level.value(2), count) >= count:
            says = "HL02 names no level that this one can hang on. Give HL01 of the level above that is still open."
            found.append(Misplaced(level, 2, "I12", says))
    return found or list(_childless(levels))


def _same(value: bytes, count: int) -> bool:
    return value.lstrip(b"0") == b"%d" % count  # as text: nobody turns 60,000 digits into a number


def _childless(levels: Sequence[Level]) -> Iterator[Misplaced]:
    parents = {level.value(2) for level in levels}
    for level in levels:
        said, has = level.value(4), level.value(1) in parents
        if said == (b"0" if has else b"1") and may_differ(level.node):
            yield Misplaced(level, 4, "7", _CHILDREN if has else _NO_CHILDREN, refuses=False)


def may_differ(node: SegmentNode | None) -> bool:
    element = node.elements[3] if node and len(node.elements) > 3 else None
    return isinstance(element, Element) and (element.any_code or element.codes >= {b"0", b"1"})
