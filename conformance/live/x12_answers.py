"""The X12 of an answer, held against its envelope's rules, against what was asked and against the payer's profile.

The guide is not looked at here: ``guide`` asks the channel's own checker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from conformance.live.documents import Document
from conformance.live.heard import Finding, Heard, hear, held
from conformance.live.talk import Said
from conformance.live.verdicts import Check
from conformance.verdict import Verdict

_LEGS = {"278": "HI", "999": "FA"}
_GUIDES = {"278": ("005010X217", "005010X215"), "999": ("005010X231", "005010X231A1")}
_TWICE = re.compile(rb"&(amp|lt|gt|quot|apos|#13|#10|#xD|#xA);")
_CONTROL = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1b\x7f]")


def payload(heard: Heard) -> Iterator[Finding]:
    """RT-08, RT-09 and RT-11."""
    document = heard.document
    if document is None:
        if heard.envelope.payload is not None:
            yield "RT-11", Verdict.FAIL, heard.why
        return
    wrong = []
    if not document.text.startswith(b"ISA"):
        wrong.append("something stands in front of the ISA")
    if document.rest.strip():
        wrong.append("something stands behind the last terminator")
    if _TWICE.search(document.text):
        wrong.append("character references stand in the interchange: it was escaped twice")
    yield held("RT-08", not wrong, "; ".join(wrong))
    counts = len(document.all("ISA")), len(document.all("ST"))
    one = counts == (1, 1) or (counts == (1, 0) and document.kind == "TA1")
    yield held("RT-09", one, f"the answer holds {counts[0]} interchanges and {counts[1]} transactions")
    allowed = ("999", "TA1") if heard.faulty else ("278", "999", "TA1")
    what = "a faulty interchange is answered by" if heard.faulty else "the answer is"
    yield held("RT-11", document.kind in allowed, f"{what} no {' and no '.join(allowed)}")


def interchange(heard: Heard) -> Iterator[Finding]:
    """EN-01 to EN-08 but EN-03."""
    document = heard.document
    if document is None:
        return
    isa = document.isa
    yield held("EN-01", len(isa) == 106, f"the ISA has {len(isa)} bytes")
    marks = [isa[3:4], document.first("ISA").get(11).encode("latin-1"), isa[-2:-1], isa[-1:]]
    distinct = len(set(marks)) == len(marks) and not any(mark.isalnum() or not mark.strip(b" ") for mark in marks)
    yield held("EN-02", distinct, "two delimiters are the same, or one is a letter, a digit or a blank")
    right = document.gaps <= {b""} or document.gaps in ({b"\n"}, {b"\r\n"})
    yield held("EN-04", right, "blanks stand behind terminators, or line ends behind some and not behind others")
    usage = document.first("ISA").get(15)
    yield held("EN-05", usage == "T", f"ISA15 is {'P' if usage == 'P' else 'neither T nor P'} in an answer to a test")
    strange = _CONTROL.search(document.text.replace(isa[3:4], b"").replace(isa[-1:], b"").replace(isa[-2:-1], b""))
    yield held("EN-07", strange is None, "a control character stands in the answer's data")
    if document.kind in _LEGS:
        gs, st = document.first("GS"), document.first("ST")
        right = gs.get(1) == _LEGS[document.kind] and gs.get(8) == st.get(3) and gs.get(8) in _GUIDES[document.kind]
        guides = " or ".join(_GUIDES[document.kind])
        yield held("EN-08", right, f"GS01, GS08 and ST03 are not those of a {document.kind} under {guides}")


def controls(heard: Heard) -> Iterator[Finding]:
    """EN-03."""
    document = heard.document
    if document is None:
        return
    isa, iea, gs, ge = (document.first(name) for name in ("ISA", "IEA", "GS", "GE"))
    wrong = []
    if isa.get(13) != iea.get(2):
        wrong.append("IEA02 is not ISA13")
    if iea.get(1) != str(len(document.all("GS"))):
        wrong.append("IEA01 does not count the groups")
    if document.all("GS"):
        if gs.get(6) != ge.get(2):
            wrong.append("GE02 is not GS06")
        if ge.get(1) != str(len(document.all("ST"))):
            wrong.append("GE01 does not count the transactions")
    if document.all("ST"):
        ids = [segment.values[0] for segment in document.segments]
        count = ids.index("SE") - ids.index("ST") + 1 if "SE" in ids else 0
        if document.first("ST").get(2) != document.first("SE").get(2):
            wrong.append("SE02 is not ST02")
        if document.first("SE").get(1) != str(count):
            wrong.append(f"SE01 does not count the {count} segments from ST to SE")
    yield held("EN-03", not wrong, "; ".join(wrong))


def days(heard: Heard) -> Iterator[Finding]:
    """EN-09. A day before and behind is another time zone's."""
    document, today = heard.document, heard.said.at.date()
    if document is None:
        return
    wrong = []
    for name, place, form in (("ISA", 9, "%y%m%d"), ("GS", 4, "%Y%m%d"), ("BHT", 4, "%Y%m%d")):
        if document.all(name) and (told := document.first(name).get(place)):
            near = [f"{today + timedelta(days=by):{form}}" for by in (-1, 0, 1)]
            wrong += [] if told in near else [f"{name}{place:02} is not the day of the answer"]
    yield held("EN-09", not wrong, "; ".join(wrong))


def matching(heard: Heard) -> Iterator[Finding]:
    """AK-01, and AK-02 where what was asked had a fault."""
    document, asked = heard.document, heard.asked
    if document is None or asked is None:
        return
    match document.kind:
        case "278":
            yield held("AK-01", not (wrong := _unnamed(document, asked)), wrong)
        case "999":
            ak1, ak2, gs, st = (document.first("AK1"), document.first("AK2"), asked.first("GS"), asked.first("ST"))
            named = (ak1.get(1), ak1.get(2)) == (gs.get(1), gs.get(6)) and ak2.get(2) in ("", st.get(2))
            yield held("AK-01", named, "AK1 or AK2 does not name the group and transaction that were sent")
        case "TA1":
            named = document.first("TA1").get(1) == asked.first("ISA").get(13)
            yield held("AK-01", named, "TA101 is not the ISA13 that was sent")
    if heard.faulty and document.kind == "999":
        words = document.first("IK5").get(1), document.first("AK9").get(1)
        yield held("AK-02", words == ("R", "R"), "IK501 or AK901 does not reject a transaction whose SE01 is wrong")


def _unnamed(document: Document, asked: Document) -> str:
    """What does not name the request in an answer; nothing where all does."""
    if document.first("BHT").get(3) != asked.first("BHT").get(3):
        return "BHT03 is not that of the request"
    ours = asked.traces("1")
    # An AAA ends the answer at its loop: above the event nothing carries a trace.
    if ours and "EV" in document.levels() and not ours & document.traces("2"):
        return "no TRN02 of the request comes back under TRN01 2"
    return ""


def profile(heard: Heard) -> Iterator[Finding]:
    """PP-01 and PP-02."""
    document, asked = heard.document, heard.asked
    if document is None or asked is None:
        return
    (isa, sent), wrong = (document.first("ISA"), asked.first("ISA")), []
    if [isa.get(n) for n in (5, 6, 7, 8)] != [sent.get(n) for n in (7, 8, 5, 6)]:
        wrong.append("ISA05 to ISA08 are not the profile's, swapped")
    if document.all("GS"):
        gs, sent = document.first("GS"), asked.first("GS")
        if (gs.get(2), gs.get(3)) != (sent.get(3), sent.get(2)):
            wrong.append("GS02 and GS03 are not the profile's, swapped")
    yield held("PP-01", not wrong, "; ".join(wrong))
    if document.kind == "278" and (told := _payer(document)) is not None and (wanted := _payer(asked)) is not None:
        yield held("PP-02", told == wanted, "NM108 and NM109 of 2010A are not umo_qualifier and umo_id of the profile")


def _payer(document: Document) -> tuple[str, str] | None:
    """NM108 and NM109 of the payer, by its entity code."""
    found = next((each for each in document.all("NM1") if each.get(1) in ("X3", "36")), None)
    return (found.get(8), found.get(9)) if found else None


def numbers(said: Sequence[Said], carrier: str) -> Iterator[Check]:
    """EN-06, over all answers of a run."""
    seen: dict[str, int] = {}
    for each in said:
        document = hear(each, each.reply, carrier).document if each.reply is not None else None
        if document is None:
            continue
        number = document.first("ISA").get(13)
        first = seen.setdefault(number, each.number)
        why = f"ISA13 is that of message {first}" if first != each.number else ""
        yield Check("EN-06", Verdict.FAIL if why else Verdict.PASS, each.step, why, each.number)


LOOKS = (payload, interchange, controls, days, matching, profile)
