"""Documents, acknowledgments and verdicts for the tests of the guides: synthetic, written by hand, as segments."""

from __future__ import annotations

import base64

Segments = list[list[str]]

DATA = base64.b64encode(b"Content-Type: text/plain\r\n\r\nsynthetic report").decode()


def interchange(kind: str, guide: str, body: Segments, *, version: str = "00501") -> str:
    """The transaction in its envelope. ``body`` runs from ST to the segment in front of SE."""
    head = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'PAYERGW':15}*ZZ*{'EVERGREEN':15}*261124*1004*^*{version}*000000043*0*T*:"
    group = f"GS*{kind}*PAYERGW*EVERGREEN*20261124*1004*43*X*{guide}"
    segments = [*map("*".join, body), f"SE*{len(body) + 1}*{body[0][2]}"]
    return "~\n".join([head, group, *segments, "GE*1*43", "IEA*1*000000043", ""])


def documents_275() -> Segments:
    """006020X316: two documents, of which the payer asked for the first."""
    return [
        ["ST", "275", "0001", "006020X316"],
        ["BGN", "11", "SUB0001", "20261124", "1004"],
        ["NM1", "ACV", "2", "SAMPLE CLINIC", "", "", "", "", "XX", "1234567893", "67", "1P"],
        ["PER", "IC", "FRONT DESK", "TE", "5550100199", "EM", "desk@clinic.example"],
        ["NM1", "40", "2", "SAMPLE PLAN", "", "", "", "", "PI", "EVERGREEN", "67", "X3"],
        ["NM1", "QC", "1", "TESTPERSON", "ALEX", "", "", "", "MI", "SIMCASE01"],
        ["REF", "EJ", "PG0123456789ABCDEF0123E"],
        ["REF", "2I", "EVENT0001"],
        ["LX", "1"],
        ["TRN", "2", "EVGDOC0001"],
        ["STC", "R4:11502-2::LOI"],
        ["REF", "FJ", "SERVICE0001"],
        ["SVC", "HC:J9271", "100"],
        ["HI", "LOI:11502-2"],
        ["DTP", "368", "D8", "20261124"],
        ["CAT", "LR", "TX"],
        ["OOI", "1", "47", "ATTACHMENT"],
        ["BDS", "B64", str(len(DATA)), DATA],
        ["LX", "2"],
        ["TRN", "2", "EVGDOC0002"],
        ["DTP", "368", "D8", "20261124"],
        ["CAT", "AE", "HL"],
        ["OOI", "1", "47", "ATTACHMENT"],
        ["BDS", "B64", str(len(DATA)), DATA],
    ]


def documents_275_bin() -> Segments:
    """005010X210: the parties in the order an older document was seen to have, the provider's address with them."""
    return [
        ["ST", "275", "0001", "005010X210"],
        ["BGN", "02", "SUB0002", "20261124"],
        ["NM1", "PR", "2", "SAMPLE PLAN", "", "", "", "", "PI", "EVERGREEN"],
        ["PER", "IC", "REVIEW DESK"],
        ["NM1", "1P", "2", "SAMPLE CLINIC", "", "", "", "", "XX", "1234567893"],
        ["NX1", "1P"],
        ["N3", "1 SAMPLE STREET"],
        ["N4", "SAMPLETOWN", "OH", "43017"],
        ["NM1", "41", "2", "SAMPLE CLINIC", "", "", "", "", "46", "PAYERGW"],
        ["NM1", "QC", "1", "TESTPERSON", "ALEX", "", "", "", "MI", "SIMCASE01"],
        ["REF", "EJ", "ACCOUNT0001"],
        ["DTP", "472", "RD8", "20261101-20261111"],
        ["LX", "1"],
        ["TRN", "1", "ACN0001"],
        ["DTP", "472", "D8", "20261101"],
        ["DTP", "368", "D8", "20261124"],
        ["CAT", "AE", "TX"],
        ["EFI", "05"],
        ["BIN", str(len(DATA)), DATA],
    ]


def verdict_999() -> Segments:
    """005010X231A1: one transaction taken, one refused, with everything a refusal can say."""
    return [
        ["ST", "999", "0001", "005010X231A1"],
        ["AK1", "HI", "42", "005010X217"],
        ["AK2", "278", "0001", "005010X217"],
        ["IK5", "A"],
        ["AK2", "278", "0002", "005010X217"],
        ["IK3", "HI", "17", "2000E", "8"],
        ["CTX", "SITUATIONAL TRIGGER", "UM", "14", "", "4:2", "C023:1332"],
        ["CTX", "SUBSCRIBER NAME NM109:SIMCASE01"],
        ["IK4", "2:2", "1271", "7", "C3411"],
        ["CTX", "SITUATIONAL TRIGGER", "UM", "14", "2000E", "4:1", "1332"],
        ["IK3", "PER", "9", "2010EA", "I4"],
        ["IK5", "R", "5", "I5"],
        ["AK9", "P", "2", "2", "1"],
    ]


def verdict_824(guide: str) -> Segments:
    """What an application says of a 275 it could read and could not use."""
    return [
        ["ST", "824", "0001", guide],
        ["BGN", "11", "EVG824001", "20261124", "1004", "", "SUB0001", "", "WQ"],
        ["N1", "41", "SAMPLE PLAN", "46", "EVERGREEN"],
        ["PER", "IC", "HELP DESK", "TE", "5550100150", "EX", "12"],
        ["N1", "40", "SAMPLE CLINIC", "46", "PAYERGW"],
        ["OTI", "TR", "TN", "NA", "", "", "20261124", "1004", "43", "0001", "275", "006020X316"],
        ["REF", "EJ", "PG0123456789ABCDEF0123E"],
        ["TED", "024", "", "TRN", "10", "2", "", "EVGDOC0001"],
        ["RED", "NA", "", "94", "", "IBP", "E054"],
        ["NTE", "ADD", "NO REVIEW HOLDS THIS NUMBER"],
        ["OTI", "TA", "TN", "SUB0003"],
    ]
