"""The checker with the guides of this project, for its tests, and documents to check."""

from __future__ import annotations

from functools import cache
from typing import Any

from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.faults import Fault, Report
from adapters.x12_278.guides.library import Guides
from gateway.profiles.document import read
from tests.unit.guide_documents import Segments, interchange
from tests.unit.guide_opinion import GUIDES


def files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in GUIDES.glob("*.xml")}


def rule_files() -> dict[str, Any]:
    return {path.stem: read(path, path.name).value for path in (GUIDES / "rules").glob("*.yaml")}


@cache
def guides(*, ruled: bool = True) -> Guides:
    return Guides(files(), rule_files() if ruled else {})


def checked(text: str | bytes, *, ruled: bool = True) -> Report:
    return check(text.encode("latin-1") if isinstance(text, str) else text, guides(ruled=ruled))


def judged(body: Segments, kind: str = "HI", guide: str = "005010X217", *, ruled: bool = True) -> Report:
    return checked(interchange(kind, guide, body), ruled=ruled)


def told(report: Report) -> list[tuple[str, str, str, int]]:
    """Each fault in short: the element of the acknowledgment, the code, the place, the level."""
    return [short(fault) for fault in report.faults]


def short(fault: Fault) -> tuple[str, str, str, int]:
    return str(fault.kind), fault.code, fault.at or f"{fault.tag}{fault.element:02d}", fault.level


def response(**over: list[list[str]]) -> Segments:
    """A plain response; ``over`` has what stands in the place of a segment, by its first two parts (``NM1_X3``)."""
    plain = [
        ["ST", "278", "0001", "005010X217"],
        ["BHT", "0007", "11", "SUB0001", "20261121", "1004", "18"],
        ["HL", "1", "", "20", "1"],
        ["NM1", "X3", "2", "SAMPLE PLAN", "", "", "", "", "PI", "EVERGREEN"],
        ["PER", "IC", "DESK", "TE", "5550100199"],
        ["HL", "2", "1", "21", "1"],
        ["NM1", "1P", "1", "SAMPLETON", "ORLA", "", "", "", "XX", "1234567893"],
        ["HL", "3", "2", "22", "1"],
        ["NM1", "IL", "1", "TESTPERSON", "ADA", "", "", "", "MI", "SIMCASE01"],
        ["DMG", "D8", "19700101", "F"],
        ["HL", "4", "3", "EV", "1"],
        ["TRN", "2", "TRACE0001", "1999999999"],
        ["UM", "HS", "I", "1", "11:B"],
        ["HCR", "A1", "AUTH0001"],
        ["REF", "BB", "AUTH0000"],
        ["DTP", "AAH", "RD8", "20261201-20261231"],
        ["HI", "ABK:C3411"],
        ["MSG", "SYNTHETIC"],
        ["HL", "5", "4", "SS", "0"],
        ["TRN", "2", "TRACE0002", "1999999999"],
        ["HCR", "A3", "", "0F^0G"],
        ["DTP", "472", "D8", "20261201"],
        ["SV1", "HC:J9271", "", "UN", "200"],
        ["NM1", "SJ", "2", "SAMPLE CLINIC", "", "", "", "", "XX", "1234567893"],
        ["REF", "0B", "12345", "OH"],
    ]
    out: Segments = []
    for segment in plain:
        out += over.get("_".join(segment[:2]).replace(":", ""), [segment])
    return out
