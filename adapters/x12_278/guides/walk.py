"""Walks slowly through a transaction that the happy path stopped in, and tells of every fault in it.

After a fault it goes on where the sender most likely is, so that one fault is not told twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.x12_278.codec.malformed import LIMITS, Malformed
from adapters.x12_278.guides.conclusion import concluded
from adapters.x12_278.guides.document import Document
from adapters.x12_278.guides.elements import flaws
from adapters.x12_278.guides.faults import Fault
from adapters.x12_278.guides.grammar import UNBOUNDED, Loop, SegmentNode
from adapters.x12_278.guides.judge import Noted
from adapters.x12_278.guides.levels import Level
from adapters.x12_278.guides.library import Compiled
from adapters.x12_278.guides.moves import Frames, Missing, Move, Seen, advance, lacking, start
from adapters.x12_278.guides.tell import Spot, Teller

MOST_FAULTS = 1000
"""Told of one transaction. Who sends one with more believes that it is something else."""
ENVELOPE = frozenset({b"ISA", b"IEA", b"GS", b"GE", b"ST"})


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found. ``last`` is the number of the last segment of the transaction that it came to.

    ``se`` is the SE, where there was one; ``torn`` is what stopped the walk for good; ``beyond`` is the segment
    that was too many.
    """

    faults: list[Fault]
    last: int
    se: Spot | None
    se_values: Sequence[bytes]
    torn: Malformed | None
    beyond: Spot | None = None


class _Aimed(Seen):
    """Leads to one segment of the guide, whatever code the segment has."""

    aim: SegmentNode

    def fits(self, node: SegmentNode) -> bool:
        return node is self.aim


def _aimed(node: SegmentNode) -> _Aimed:
    aimed = _Aimed(node.tag, (), b"")
    aimed.aim = node
    return aimed


class Walk:
    """``most`` are the segments that it goes; ``closely`` looks at those too that their pattern matches: tests hold one
    against the other."""

    def __init__(
        self,
        compiled: Compiled,
        document: Document,
        first: int,
        most: int = LIMITS.transaction,
        *,
        closely: bool = False,
    ) -> None:
        self._compiled = compiled
        self._document = document
        self._closely = closely
        self._most = most
        self._first = first
        self._marks = compiled.marks
        self._judge = compiled.judge
        self._tell = Teller(compiled.grammar)
        self._frames: Frames = start(compiled.transaction)
        self._faults: list[Fault] = []
        self._missing: list[tuple[SegmentNode, Fault]] = []
        self._noted: list[Noted] = []
        self._levels: list[Level] = []
        self._spots: dict[int, Spot] = {}
        self._lost = ""
        self._indented = False
        self._st, self._se = compiled.tags.nodes[0], compiled.transaction.children[-1]
        self._nodes, self._codes, self._openers = compiled.tags

    def walk(self) -> Walked:
        last = self._first
        torn: Malformed | None = None
        try:
            for number, segment in self._document.segments(self._first):
                values = segment.split(self._marks.element)
                if number > self._first and values[0] in ENVELOPE:
                    break
                if number - self._first >= self._most:
                    spot = Spot(number, self._document.place, number - self._first + 1, "")
                    return Walked(self._sorted(), last, None, (), None, beyond=spot)
                last = number
                spot = Spot(number, self._document.place, number - self._first + 1, values[0].decode())
                if self._segment(spot, values):
                    broken = self._judge.broken(self._judge.entries(self._noted))
                    of_all = concluded(self._compiled, self._levels, broken, self._spots.__getitem__, self._faults)
                    self._faults += of_all
                    return Walked(self._sorted(), last, spot, values, None)
        except Malformed as error:
            torn = error
        return Walked(self._sorted(), last, None, (), torn)

    def _segment(self, spot: Spot, values: list[bytes]) -> bool:
        """Whether this was the SE."""
        if len(self._faults) >= MOST_FAULTS:
            return values[0] == b"SE"
        if not self._indented and self._document.indented(spot.number):
            self._indented = True
            says = f"{spot.tag} has spaces in front of it. Leave them out."
            self._faults.append(self._tell.segment("1", 1, says, spot, self._frames[-1].loop))
        if spot.number == self._first:
            self._look(self._st, self._compiled.transaction, spot, values)
            return False
        seen = Seen(spot.tag, values, self._marks.component)
        move = None
        if (
            not self._lost
            or spot.tag == self._lost
            or spot.tag == "SE"
            or (spot.tag in self._openers and self._lost != "HL")
        ):
            move = advance(self._frames, seen)
        if move is not None:
            self._lost = ""
            self._go(move, spot, values)
            return move.node is self._se
        if not self._lost or spot.tag == self._lost:
            self._recover(seen, spot, values)
        elif spot.tag == "HL":
            self._levels.append(Level(spot.number, values, None, None))
            self._spots[spot.number] = spot
        return False

    def _go(self, move: Move, spot: Spot, values: list[bytes]) -> None:
        self._frames = move.frames
        for missing in move.missing:
            self._lacks(missing, spot)
        self._faults += self._tell.move(move, spot)
        self._look(move.node, move.loop, spot, values)
        place = self._judge.watched.get(move.node)
        if place is not None:
            self._noted.append(Noted(place, spot.number, self._marks.element.join(values)))
            self._spots[spot.number] = spot
        if spot.tag == "HL":
            self._levels.append(Level(spot.number, values, move.loop, move.node))

    def _lacks(self, missing: Missing, spot: Spot) -> None:
        fault = self._tell.missing(missing, spot)
        self._missing.append((missing.node, fault))
        self._faults.append(fault)

    def _look(self, node: SegmentNode, loop: Loop, spot: Spot, values: list[bytes]) -> None:
        whole = self._marks.element.join(values)
        if not self._closely and self._compiled.patterns.of(node).fullmatch(whole):
            return
        for flaw in flaws(node, values, self._marks, self._compiled.grammar.known):
            self._faults.append(self._tell.element(flaw, node, loop.id, spot))

    def _recover(self, seen: Seen, spot: Spot, values: list[bytes]) -> None:
        if spot.tag not in self._codes:
            says = "This segment is none that the guide knows. Leave it out, or correct its first characters."
            self._faults.append(self._tell.segment("1", 1, says, spot, self._frames[-1].loop))
            return
        if self._taken_for(seen, spot, values):
            return
        if spot.tag in self._openers and self._deeper(seen, spot, values):
            return
        if self._opened_silently(seen, spot, values) or self._out_of_order(seen, spot, values):
            return
        says = f"{spot.tag} has no place here, at least not with its code. Correct the code, or leave the segment out."
        self._faults.append(self._tell.segment("2", 2, says, spot, self._frames[-1].loop))
        if spot.tag in self._openers:
            self._lost = spot.tag
            if spot.tag == "HL":
                self._levels.append(Level(spot.number, values, None, None))
                self._spots[spot.number] = spot

    def _taken_for(self, seen: Seen, spot: Spot, values: list[bytes]) -> bool:
        """Only the code is another than the one segment of this id that can stand here has: it is taken for that."""
        near = [node for node in self._nodes if node.tag == spot.tag and self._reach(node)]
        due = self._due(spot.tag, values)
        if due in near:
            near = [due]
        if len(near) != 1 or near[0].key is None:
            return False
        known = seen.code(near[0].key) in self._codes[spot.tag]
        if known and (spot.tag == "HL" or near[0] is not due):
            return False
        move = advance(self._frames, _aimed(near[0]))
        if move is not None:
            self._go(move, spot, values)
        return move is not None

    def _reach(self, node: SegmentNode) -> bool:
        move = advance(self._frames, _aimed(node))
        return move is not None and move.too_often is None

    def _due(self, tag: str, values: list[bytes]) -> SegmentNode | None:
        """The segment that opens the next loop that is required, or is the only one under the level that HL02 names."""
        for frame in reversed(self._frames):
            for missing in lacking(frame, UNBOUNDED):
                if missing.whole and missing.node.tag == tag:
                    return missing.node
        if tag != "HL" or not self._levels:
            return None
        above = self._levels[-1]
        parent = values[2] if len(values) > 2 else b""
        below = [loop for loop, outer in self._compiled.above.items() if outer is above.loop and above.loop]
        return below[0].first_segment() if len(below) == 1 and parent == above.value(1) else None

    def _deeper(self, seen: Seen, spot: Spot, values: list[bytes]) -> bool:
        """The segment begins a loop in one that was not begun: that one is missing."""
        for frame in reversed(self._frames):
            for child in frame.loop.children:
                if not isinstance(child, Loop) or child.pos < frame.pos:
                    continue
                for loop, node in child.segments():
                    if node is loop.children[0] and seen.fits(node):
                        return self._into(self._between(child, loop), seen, spot, values)
        return False

    def _between(self, top: Loop, bottom: Loop) -> list[Loop]:
        """The loops from the top down to the one around the bottom, where each begins with a segment."""
        around = [loop for loop in top.loops() if bottom in loop.loops() and loop is not bottom]
        return [loop for loop in around if loop.first_segment()]

    def _into(self, loops: list[Loop], seen: Seen, spot: Spot, values: list[bytes]) -> bool:
        before = self._frames
        told: list[tuple[Missing, bool]] = []
        for loop in loops:
            first = loop.first_segment()
            move = advance(self._frames, _aimed(first)) if first else None
            if move is None or first is None:
                self._frames = before
                return False
            told += [(missing, False) for missing in move.missing]
            told.append((Missing(loop, first, True, loop), True))
            self._frames = move.frames
        move = advance(self._frames, seen)
        if move is None:
            self._frames = before
            return False
        for missing, _ in told:
            self._lacks(missing, spot)
        self._go(move, spot, values)
        return True

    def _opened_silently(self, seen: Seen, spot: Spot, values: list[bytes]) -> bool:
        """The segment belongs into a loop that is due, whose first segment did not come."""
        for frame in reversed(self._frames):
            for missing in lacking(frame, UNBOUNDED):
                if missing.whole and any(
                    isinstance(child, SegmentNode) and seen.fits(child) for child in missing.loop.children[1:]
                ):
                    return self._into([missing.loop], seen, spot, values)
        return False

    def _out_of_order(self, seen: Seen, spot: Spot, values: list[bytes]) -> bool:
        for frame in reversed(self._frames):
            for child in frame.loop.children:
                if isinstance(child, SegmentNode) and child.pos < frame.pos and seen.fits(child):
                    if child is frame.loop.children[0]:
                        continue
                    says = f"{child.label()} ({child.name}) comes too late in loop {frame.loop.id}. Put it further up."
                    told = [fault for node, fault in self._missing if node is child]
                    self._faults = [fault for fault in self._faults if fault not in told]
                    self._faults.append(self._tell.segment("7", 2, says, spot, frame.loop, child))
                    self._look(child, frame.loop, spot, values)
                    return True
        return False

    def _sorted(self) -> list[Fault]:
        return sorted(self._faults, key=lambda fault: (fault.segment, fault.element, fault.component))
