"""A 278 against its guide: walks the segments once, notes every fault, and builds the tree of levels.

Order, use and repetition of segments and loops, the hierarchy, and the elements through ``segment_check``. Knows no
payer and no business rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.simulators.findings import (
    HAS_ELEMENT_FAULTS,
    LOOP_OVER,
    OUT_OF_ORDER,
    REQUIRED,
    SEGMENT_OVER,
    UNEXPECTED,
    UNKNOWN_SEGMENT,
    ElementFault,
    Findings,
    SegmentFault,
)
from conformance.simulators.guide_278 import SEGMENT_IDS, Guide, Level, Party
from conformance.simulators.notation import CODE, CODE_OF_GUIDE, Slot
from conformance.simulators.segment_check import element_faults
from conformance.simulators.x12 import Delimiters, Segment


@dataclass(slots=True)
class Loop:
    """A loop as found. ``children`` are the levels under it by HL02, ``parties`` its NM1 loops."""

    id: str
    segments: list[Segment]
    hl: str = ""
    parent: str = ""
    position: int = 0
    parties: list[Loop] = field(default_factory=list)
    children: list[Loop] = field(default_factory=list)

    def find(self, name: str, *qualifiers: str) -> Segment | None:
        """The first segment of that id, and of those values of element 01 if any are given."""
        return next((s for s in self.segments if s[0] == name and (not qualifiers or s[1] in qualifiers)), None)

    def all(self, name: str) -> list[Segment]:
        return [s for s in self.segments if s[0] == name]


class Walk:
    """One walk over a transaction set. ``levels`` are the HL loops found, in order."""

    def __init__(self, guide: Guide, delimiters: Delimiters, findings: Findings) -> None:
        self._guide = guide
        self._delimiters = delimiters
        self._findings = findings
        self.levels: list[Loop] = []
        self._level: Level | None = None
        self._party: Party | None = None
        self._loop = Loop("", [])
        self._at = 0
        self._used: dict[Slot, int] = {}
        self._opened = False

    def run(self, segments: list[Segment]) -> None:
        """``segments`` begin with ST; the SE is not among them."""
        self._header(segments)
        body = segments[2:] if len(segments) > 1 and segments[1][0] == "BHT" else segments[1:]
        position = len(segments) - len(body)
        for segment in body:
            position += 1
            if segment[0] == "HL":
                self._open_level(segment, position)
            elif self._level is None:
                if not self._opened:
                    self._fault(segment[0], position, UNEXPECTED)
            elif segment[0] == "NM1":
                self._open_party(segment, position)
            else:
                self._take(segment, position)
        self._close_level(position)
        self._check_levels(position)

    def _fault(self, name: str, position: int, code: str, elements: tuple[ElementFault, ...] = ()) -> None:
        self._findings.segments.append(SegmentFault(name, position, self._loop.id, code, elements))

    def _inspect(self, slot: Slot, segment: Segment, position: int) -> None:
        faults = element_faults(slot, segment, self._delimiters)
        if faults:
            self._fault(segment[0], position, HAS_ELEMENT_FAULTS, tuple(faults))

    def _header(self, segments: list[Segment]) -> None:
        if len(segments) < 2 or segments[1][0] != "BHT":
            self._fault("BHT", 2, REQUIRED)
        else:
            self._inspect(self._guide.header, segments[1], 2)

    def _open_level(self, segment: Segment, position: int) -> None:
        self._close_level(position)
        self._opened = True
        code = segment[3] if len(segment) > 3 else ""
        level = self._guide.levels.get(code)
        self._level = level
        self._loop = Loop(level.id if level else "", [])
        if level is None:
            self._fault("HL", position, HAS_ELEMENT_FAULTS, (ElementFault(3, CODE_OF_GUIDE, copy=code),))
            return
        loop = Loop(level.id, [], segment[1], segment[2], position)
        self._loop = loop
        self._inspect(level.table.first, segment, position)
        self._check_place(loop, level, position)
        self.levels.append(loop)
        if sum(other.id == level.id for other in self.levels) > level.most:
            self._fault("HL", position, LOOP_OVER)
        self._start(level.table.first, segment)

    def _check_place(self, loop: Loop, level: Level, position: int) -> None:
        """HL01 counts from 1; HL02 names a level of the right kind that stands before."""
        if loop.hl != str(len(self.levels) + 1):
            self._fault("HL", position, HAS_ELEMENT_FAULTS, (ElementFault(1, CODE),))
        if level.parents and loop.parent:
            parent = next((other for other in self.levels if other.hl == loop.parent), None)
            if parent is None or parent.id not in {self._guide.levels[code].id for code in level.parents}:
                self._fault("HL", position, HAS_ELEMENT_FAULTS, (ElementFault(2, CODE),))
            elif parent.id != loop.id:
                # A service may name another service as its parent, as a published example does: it is no child there.
                parent.children.append(loop)

    def _start(self, slot: Slot, segment: Segment) -> None:
        self._at = slot.position
        self._used = {slot: 1}
        self._loop.segments.append(segment)

    def _open_party(self, segment: Segment, position: int) -> None:
        assert self._level is not None  # noqa: S101 - run() comes here only inside a level
        self._close_party(position)
        owner = self.levels[-1]
        entity = segment[1] if len(segment) > 1 else ""
        party = next((p for p in self._level.parties if entity in p.table.first.qualifiers), None)
        self._party = party
        self._loop = Loop(party.id if party else owner.id, [], position=position)
        if party is None:
            self._fault("NM1", position, HAS_ELEMENT_FAULTS, (ElementFault(1, CODE_OF_GUIDE, copy=entity),))
            self._used = {}
            return
        owner.parties.append(self._loop)
        if sum(other.id == party.id for other in owner.parties) > party.most:
            self._fault("NM1", position, LOOP_OVER)
        self._inspect(party.table.first, segment, position)
        self._start(party.table.first, segment)

    def _take(self, segment: Segment, position: int) -> None:
        """A segment that opens no loop: find its slot, hold it to order and maximum, inspect it."""
        assert self._level is not None  # noqa: S101 - as above
        in_party = self._loop is not self.levels[-1]
        if in_party and self._party is None:
            return
        rows = (self._party or self._level).table.by_id.get(segment[0])
        if not rows:
            if segment[0] not in SEGMENT_IDS:
                self._fault(segment[0], position, UNKNOWN_SEGMENT)
            elif in_party and segment[0] in self._level.table.by_id:
                self._fault(segment[0], position, OUT_OF_ORDER)
            else:
                self._fault(segment[0], position, UNEXPECTED)
            return
        qualifier = segment[1] if len(segment) > 1 else ""
        slot = rows[0] if len(rows) == 1 else next((row for row in rows if qualifier in row.qualifiers), None)
        if slot is None:
            self._fault(segment[0], position, HAS_ELEMENT_FAULTS, (ElementFault(1, CODE_OF_GUIDE, copy=qualifier),))
            return
        if slot.position < self._at:
            self._fault(segment[0], position, OUT_OF_ORDER)
        self._at = max(self._at, slot.position)
        self._used[slot] = self._used.get(slot, 0) + 1
        if self._used[slot] > slot.most:
            self._fault(segment[0], position, SEGMENT_OVER)
        self._inspect(slot, segment, position)
        self._loop.segments.append(segment)

    def _close_party(self, position: int) -> None:
        """Also closes the level's own segments, at its first NM1."""
        owner = self._party or self._level
        if owner is not None and self._used:
            for slot in owner.table.required:
                if slot not in self._used:
                    self._fault(slot.id, position, REQUIRED)
        self._party = None
        self._used = {}

    def _close_level(self, position: int) -> None:
        self._close_party(position)
        if self._level is not None and self.levels:
            owner = self.levels[-1]
            for party in self._level.parties:
                if party.required and not any(found.id == party.id for found in owner.parties):
                    self._loop = owner
                    self._findings.segments.append(SegmentFault("NM1", position, party.id, REQUIRED))

    def _check_levels(self, position: int) -> None:
        found = {loop.id for loop in self.levels}
        for level in self._guide.levels.values():
            if level.required and level.id not in found:
                self._findings.segments.append(SegmentFault("HL", position, level.id, REQUIRED))
        for loop in self.levels:
            self._loop = loop
            declared = loop.segments[0][4] if loop.segments and len(loop.segments[0]) > 4 else ""
            if declared in ("0", "1") and (declared == "1") != bool(loop.children):
                self._fault("HL", loop.position, HAS_ELEMENT_FAULTS, (ElementFault(4, CODE, copy=declared),))
