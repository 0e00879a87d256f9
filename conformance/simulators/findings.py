"""What is wrong with a transaction set, in the words of a 999. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field

UNKNOWN_SEGMENT, UNEXPECTED, REQUIRED, LOOP_OVER, SEGMENT_OVER = "1", "2", "3", "4", "5"
OUT_OF_ORDER, HAS_ELEMENT_FAULTS = "7", "8"
"""IK304 values used here."""


@dataclass(frozen=True, slots=True)
class ElementFault:
    """IK4. ``copy`` repeats a code; never free text, which may be about a person."""

    place: int
    code: str
    component: int | None = None
    copy: str = ""


@dataclass(frozen=True, slots=True)
class SegmentFault:
    """IK3. ``position`` counts segments from ST as 1."""

    segment: str
    position: int
    loop: str
    code: str
    elements: tuple[ElementFault, ...] = ()


@dataclass(slots=True)
class Findings:
    """``set_codes`` are IK502, ``group_codes`` are AK905."""

    segments: list[SegmentFault] = field(default_factory=list)
    set_codes: list[str] = field(default_factory=list)
    group_codes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.segments or self.set_codes or self.group_codes)
