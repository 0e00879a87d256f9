"""Where a segment leads: from a place in a transaction to the next, by the segment's id and the code that tells apart.

A place is the loops that are open, each with the position reached in it and how often what stands at that position was
seen. All of that is in the place itself, so that from one place a segment always leads to the same next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from adapters.x12_278.guides.grammar import UNBOUNDED, Key, Loop, SegmentNode, Usage


class Frame(NamedTuple):
    """An open loop. ``counts`` has a pair for each child at ``pos`` that was seen: which child, and how often."""

    loop: Loop
    pos: int
    counts: tuple[tuple[int, int], ...]

    def count(self, child: int) -> int:
        return next((count for at, count in self.counts if at == child), 0)


Frames = tuple[Frame, ...]


class Path(NamedTuple):
    """The way down to a segment: the loops that begin with it, outermost first."""

    loops: tuple[Loop, ...]
    node: SegmentNode


class Seen(NamedTuple):
    """What of a segment decides where it leads."""

    tag: str
    values: Sequence[bytes]
    component: bytes

    def code(self, key: Key) -> bytes:
        value = self.values[key.place] if key.place < len(self.values) else b""
        return value.partition(self.component)[0] if key.part else value

    def fits(self, node: SegmentNode) -> bool:
        return node.tag == self.tag and (node.key is None or self.code(node.key) in node.codes)


@dataclass(frozen=True, slots=True)
class Missing:
    """A segment that had to stand in front of the one that came. ``loop`` is whole missing where ``whole`` says so."""

    loop: Loop
    node: SegmentNode
    whole: bool
    above: Loop


@dataclass(frozen=True, slots=True)
class Move:
    """``entered`` are the loops that begin with this segment. ``too_often`` is what it exceeds."""

    node: SegmentNode
    loop: Loop
    frames: Frames
    entered: tuple[Loop, ...]
    missing: tuple[Missing, ...]
    too_often: Loop | SegmentNode | None

    @property
    def clean(self) -> bool:
        used = self.node.usage is not Usage.NOT_USED and all(loop.usage is not Usage.NOT_USED for loop in self.entered)
        return used and not self.missing and self.too_often is None


def start(transaction: Loop) -> Frames:
    """Behind the ST."""
    return (Frame(transaction, transaction.children[0].pos, ((0, 1),)),)


def advance(frames: Frames, seen: Seen) -> Move | None:
    """The move a segment makes; ``None`` where it has no place."""
    missing: list[Missing] = []
    for level in range(len(frames) - 1, -1, -1):
        frame = frames[level]
        begins = _begins_again(frame, seen) if level else None
        if begins is not None:
            missing += lacking(frame, UNBOUNDED)
            above = frames[level - 1]
            at = above.loop.children.index(frame.loop)
            return _arrive(frames[: level - 1], above, at, Path((frame.loop,), begins), missing)
        for at, child in enumerate(frame.loop.children):
            if child.pos < frame.pos or (at == 0 and isinstance(child, SegmentNode)):
                continue
            path = _match(child, seen)
            if path:
                missing += lacking(frame, child.pos)
                return _arrive(frames[:level], frame, at, path, missing)
        missing += lacking(frame, UNBOUNDED)
    return None


def _begins_again(frame: Frame, seen: Seen) -> SegmentNode | None:
    first = frame.loop.first_segment()
    return first if first is not None and frame.pos == first.pos and seen.fits(first) else None


def _match(child: Loop | SegmentNode, seen: Seen) -> Path | None:
    """The child itself, or into a loop by its first."""
    if isinstance(child, SegmentNode):
        return Path((), child) if seen.fits(child) else None
    first = child.children[0]
    if isinstance(first, SegmentNode):
        return Path((child,), first) if seen.fits(first) else None
    for each in child.children:
        path = _match(each, seen) if isinstance(each, Loop) else None
        if path:
            return Path((child, *path.loops), path.node)
    return None


def _arrive(above: Frames, frame: Frame, at: int, path: Path, missing: list[Missing]) -> Move:
    child = frame.loop.children[at]
    counted = frame.count(at) + 1 if child.pos == frame.pos else 1
    too_often = child if counted > child.most else None
    kept = 1 if child.most >= UNBOUNDED else min(counted, child.most + 1)
    others = [pair for pair in frame.counts if pair[0] != at] if child.pos == frame.pos else []
    opened = [Frame(frame.loop, child.pos, tuple(sorted([*others, (at, kept)])))]
    loops, node = path
    inside: list[Loop | SegmentNode] = [*loops[1:], node]
    for loop, inner in zip(loops, inside, strict=False):
        place = loop.children.index(inner)
        missing += lacking(Frame(loop, loop.children[0].pos, ()), inner.pos)
        opened.append(Frame(loop, inner.pos, ((place, 1),)))
    return Move(node, opened[-1].loop, (*above, *opened), loops, tuple(missing), too_often)


def lacking(frame: Frame, before: int) -> Iterator[Missing]:
    """What is required of the loop from the position reached up to another one, and was not seen."""
    for at, child in enumerate(frame.loop.children):
        if child.usage is not Usage.REQUIRED or not frame.pos <= child.pos < before:
            continue
        if child.pos == frame.pos and frame.count(at):
            continue
        if isinstance(child, SegmentNode):
            yield Missing(frame.loop, child, False, frame.loop)
        else:
            opener = _opener(child)
            if opener:
                yield Missing(child, opener, True, frame.loop)


def _opener(loop: Loop) -> SegmentNode | None:
    """The segment that opens a loop; of a wrapper, the one that opens the first loop in it."""
    first = loop.children[0] if loop.children else None
    return _opener(first) if isinstance(first, Loop) else first
