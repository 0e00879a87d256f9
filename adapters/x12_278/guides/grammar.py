"""What a guide lets stand where: loops, segments, elements, frozen. ``source`` reads it from a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

UNBOUNDED = 1 << 30


class Usage(StrEnum):
    REQUIRED = "R"
    SITUATIONAL = "S"
    NOT_USED = "N"


class Sure(StrEnum):
    """How well a fact of a guide is known."""

    AGREED = "agreed"
    SINGLE = "single"
    INFERRED = "inferred"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Note:
    """A syntax note: which places depend on each other, by one of the letters P, R, E, C and L."""

    kind: str
    places: tuple[int, ...]

    def holds(self, present: frozenset[int] | set[int]) -> bool:
        there = [place in present for place in self.places]
        if self.kind == "P":
            return all(there) or not any(there)
        if self.kind == "R":
            return any(there)
        if self.kind == "E":
            return sum(there) <= 1
        if not there[0]:
            return True
        return all(there[1:]) if self.kind == "C" else any(there[1:])


Changed = Mapping[str, str]
"""In what somebody wants a node otherwise than the guide (its usage, codes, length, how often it comes), and whose wish
that is."""


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """``place`` counts from 1 in the segment, or in the composite. ``codes`` is empty where any value may stand."""

    id: str
    place: int
    number: str
    usage: Usage
    name: str
    kind: str
    shortest: int
    longest: int
    codes: frozenset[bytes]
    outside: frozenset[bytes]
    repeat: int
    sure: Sure
    changed: Changed = field(default_factory=dict)

    @property
    def any_code(self) -> bool:
        return not self.codes and not self.outside


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    id: str
    place: int
    number: str
    usage: Usage
    name: str
    parts: tuple[Element, ...]
    notes: tuple[Note, ...]
    repeat: int
    sure: Sure
    changed: Changed = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Key:
    """Where the code stands that tells segments of one id apart: an element, or the first component of a composite."""

    place: int
    part: int


@dataclass(frozen=True, slots=True, eq=False)
class SegmentNode:
    tag: str
    usage: Usage
    pos: int
    most: int
    name: str
    elements: tuple[Element | Composite, ...]
    notes: tuple[Note, ...]
    sure: Sure
    key: Key | None
    codes: frozenset[bytes]
    several: bool = False
    """Whether another segment of the same id stands at the same position, so that a place needs the code."""
    changed: Changed = field(default_factory=dict)

    def knows(self, code: bytes) -> bool:
        return self.key is None or code in self.codes

    def label(self) -> str:
        if not self.several or not self.codes:
            return self.tag
        return f"{self.tag}[{min(self.codes).decode()}]"


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    id: str
    usage: Usage
    pos: int
    most: int
    name: str
    sure: Sure
    children: tuple[Loop | SegmentNode, ...]
    changed: Changed = field(default_factory=dict)

    def first_segment(self) -> SegmentNode | None:
        first = self.children[0] if self.children else None
        return first if isinstance(first, SegmentNode) else None

    def loops(self) -> Iterator[Loop]:
        """This loop and all below it."""
        yield self
        for child in self.children:
            if isinstance(child, Loop):
                yield from child.loops()

    def segments(self) -> Iterator[tuple[Loop, SegmentNode]]:
        for loop in self.loops():
            for child in loop.children:
                if isinstance(child, SegmentNode):
                    yield loop, child

    def find(self, name: str) -> Loop:
        for loop in self.loops():
            if loop.id == name:
                return loop
        raise KeyError(name)


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """One map. ``transaction`` is its loop from ST to SE; ``None`` in the map of the envelope."""

    name: str
    envelope: Loop
    transaction: Loop | None
    known: Mapping[str, frozenset[bytes]] = field(repr=False)
    """Every code the map knows of a data element, wherever."""
