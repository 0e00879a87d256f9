"""The 275 these payers read: 006020X316, additional information for a review they asked it for.

Structure as the public writer and companion-guide readings give it (see README.md, Sources); no text of X12. Code
sets of NM101 are wider than any one source, because the sources disagree.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from conformance.simulators.findings import (
    HAS_ELEMENT_FAULTS,
    OUT_OF_ORDER,
    REQUIRED,
    SEGMENT_OVER,
    UNEXPECTED,
    UNKNOWN_SEGMENT,
    ElementFault,
    Findings,
    SegmentFault,
)
from conformance.simulators.notation import CODE, MISSING, PATTERN, Table, table
from conformance.simulators.segment_check import element_faults
from conformance.simulators.x12 import Delimiters, Segment

_NAME = "S1-60 S1-35 S1-25 S1-10 S1-10"
_CONTACT = "PER S1  R=IC S1-60 S=EM/FX/TE/UR S1-256 S=EM/EX/FX/TE/UR S1-256 S=EM/EX/FX/TE/UR S1-256 N ; P0304 P0506"

HEADER = table("BGN R1 R=02/11 R1-50 Rdate Stime 5:N")
PARTIES: tuple[tuple[str, Table], ...] = (
    (
        "1000A",
        table(f"""NM1 R1 R=1P/41/ACV/FA R=1/2 {_NAME} R=24/34/46/XX R2-80 S2 S2-3 ; NPI
{_CONTACT}
REF S9 R2-3 R1-50"""),
    ),
    (
        "1000B",
        table(f"""NM1 R1 R=40/PR/X3 R=1/2 {_NAME} R=24/46/PI/XV R2-80 S2 S2-3
{_CONTACT}
REF S9 R2-3 R1-50"""),
    ),
    (
        "1000C",
        table(f"""NM1 R1 R=IL/QC R=1 {_NAME} R=MI R2-80
REF S9 R2-3 R1-50"""),
    ),
)
DOCUMENT = table("""LX R1 R#1-6
TRN R1 R=1/2 R2-50
STC S1 R1-80 S1-80
REF S2 R2-3 R1-50
SVC S1 R1-80 S.1-18
HI S1 R1-80
DTP R1 R=368 R=D8/RD8 Rperiod
CAT R1 R1-2 R1-2 S1-30
OOI S1 R1-9 R1-3 R1-80
BDS R1 R=ASC/B64 R#1-15 R1-100000000""")
_COMPOSITES = {"STC", "SVC", "HI"}
"""Read as whole segments: what their composites hold says nothing about which document this is."""


@dataclass(frozen=True, slots=True)
class Document:
    """One LX loop: the control number it answers, and how many bytes of data it brought."""

    control: str
    size: int


@dataclass(frozen=True, slots=True)
class Attachment:
    reference: str
    member: str
    documents: tuple[Document, ...]


def read_attachment(segments: list[Segment], delimiters: Delimiters, findings: Findings) -> Attachment:
    """``segments`` run from ST up to, not including, SE."""
    reader = _Reader(delimiters, findings)
    loops: list[tuple[str, Table]] = [("", HEADER), *PARTIES]
    position, rest = 1, segments[1:]
    found: dict[str, list[Segment]] = {}
    for loop, rules in loops:
        if not rest or rest[0][0] != rules.first.id:
            findings.segments.append(SegmentFault(rules.first.id, position + 1, loop, REQUIRED))
            continue
        stop = next((n for n, s in enumerate(rest) if n and s[0] in ("NM1", "LX")), len(rest))
        found[loop] = reader.take(loop, rules, rest[:stop], position)
        position, rest = position + stop, rest[stop:]
    documents: list[Document] = []
    if not rest or rest[0][0] != "LX":
        findings.segments.append(SegmentFault("LX", position + 1, "2000A", REQUIRED))
        rest = []
    while rest:
        stop = next((n for n, s in enumerate(rest) if n and s[0] == "LX"), len(rest))
        taken = reader.take("2000A", DOCUMENT, rest[:stop], position)
        solicited = _at(found.get("", []), "BGN", 1) == "11"
        documents.append(reader.document(taken, rest[:stop], position, solicited))
        position, rest = position + stop, rest[stop:]
    return Attachment(_at(found.get("", []), "BGN", 2), _at(found.get("1000C", []), "NM1", 9), tuple(documents))


def _at(segments: list[Segment], name: str, place: int) -> str:
    segment = next((s for s in segments if s[0] == name), [])
    return segment[place] if place < len(segment) else ""


class _Reader:
    def __init__(self, delimiters: Delimiters, findings: Findings) -> None:
        self._delimiters = delimiters
        self._findings = findings

    def _fault(self, name: str, position: int, loop: str, code: str, *elements: ElementFault) -> None:
        self._findings.segments.append(SegmentFault(name, position, loop, code, elements))

    def take(self, loop: str, rules: Table, segments: list[Segment], before: int) -> list[Segment]:
        """Holds a loop's segments to their table; ``before`` is the position of the segment in front."""
        used: dict[str, int] = {}
        at = 0
        for position, segment in enumerate(segments, start=before + 1):
            name = segment[0]
            rows = rules.by_id.get(name)
            if rows is None:
                known = name in DOCUMENT.by_id or name in ("NM1", "PER", "BGN")
                self._fault(name, position, loop, UNEXPECTED if known else UNKNOWN_SEGMENT)
                continue
            slot = rows[0]
            used[name] = used.get(name, 0) + 1
            if slot.position < at:
                self._fault(name, position, loop, OUT_OF_ORDER)
            if used[name] > slot.most:
                self._fault(name, position, loop, SEGMENT_OVER)
            at = max(at, slot.position)
            if name == "BDS":
                continue
            if name in _COMPOSITES:
                if not any(segment[1:]):
                    self._fault(name, position, loop, HAS_ELEMENT_FAULTS, ElementFault(1, MISSING))
                continue
            faults = element_faults(slot, segment, self._delimiters)
            if faults:
                self._fault(name, position, loop, HAS_ELEMENT_FAULTS, *faults)
        for slot in rules.required:
            if slot.id not in used:
                self._fault(slot.id, before + len(segments) + 1, loop, REQUIRED)
        return segments

    def document(self, taken: list[Segment], segments: list[Segment], before: int, solicited: bool) -> Document:
        """The document of an LX loop, its trace type and the length and form of its data checked."""
        size = 0
        for position, segment in enumerate(segments, start=before + 1):
            if segment[0] == "TRN" and segment[1:2] != ["2" if solicited else "1"]:
                self._fault("TRN", position, "2000A", HAS_ELEMENT_FAULTS, ElementFault(1, CODE))
            if segment[0] == "BDS":
                fault = _data_fault(segment)
                if fault:
                    self._fault("BDS", position, "2110A", HAS_ELEMENT_FAULTS, fault)
                else:
                    size += int(segment[2])
        return Document(_at(taken, "TRN", 2), size)


def _data_fault(segment: Segment) -> ElementFault | None:
    if len(segment) < 4 or segment[1] not in ("ASC", "B64"):
        return ElementFault(1 if len(segment) > 1 and segment[1] else 3, CODE if len(segment) > 1 else MISSING)
    if not segment[2].isdigit() or int(segment[2]) != len(segment[3]) or not segment[3]:
        return ElementFault(2, CODE)
    if segment[1] == "B64":
        try:
            base64.b64decode("".join(segment[3].split()), validate=True)
        except (binascii.Error, ValueError):
            return ElementFault(3, PATTERN)
    return None
