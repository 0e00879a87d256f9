"""The interchange and its group: what is refused with a TA1, and what the envelope of the group must hold.

Knows ISA, GS, GE and IEA; knows nothing of what stands between ST and SE. TA105 codes: the meanings of the code list
as open X12 parsers publish them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.simulators.payers import SENDER, Payer
from conformance.simulators.shapes import is_date, is_time
from conformance.simulators.x12 import ISA_LENGTH, ISA_WIDTHS, Delimiters, Segment, cut

VERSIONS = {"00501": ("005010X217", "005010X215", "005010X216", "006020X316"), "00602": ("006020X316",)}
"""ISA12 and the guides it may carry. Open 275 writers differ on the ISA12 of a 006020X316: both are taken."""


class NoInterchange(Exception):
    """The payload cannot be answered with a TA1: there is no interchange to acknowledge, or more than one message."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a TA1 repeats of the interchange it answers."""

    control: str
    date: str
    time: str


class InterchangeFault(Exception):
    """The interchange is refused: TA104 R and this TA105."""

    def __init__(self, code: str, header: Header) -> None:
        super().__init__(code)
        self.code = code
        self.header = header


@dataclass(frozen=True, slots=True)
class Interchange:
    """One interchange with one group and one transaction set. ``st`` runs from ST to the last segment before GE."""

    header: Header
    version: str
    delimiters: Delimiters
    gs: Segment
    st: list[Segment]
    ge: Segment | None

    @property
    def guide(self) -> str:
        return self.gs[8]


def read_interchange(text: str, payer: Payer) -> Interchange:
    """The interchange, or InterchangeFault, or NoInterchange. ``text`` is Latin-1, one character a byte."""
    isa, header, delimiters = _header(text)
    _check_header(isa, header, delimiters, payer)
    segments, broken = cut(text, delimiters)
    if broken and payer.refuses_line_breaks:
        raise InterchangeFault("024", header)
    names = [segment[0] for segment in segments]
    if names.count("ISA") > 1:
        raise NoInterchange("more than one interchange in a real-time payload")
    _check_trailer(isa, segments, names, header)
    if names[1] != "GS":
        raise InterchangeFault("024", header)
    if names.count("GS") > 1 or names.count("ST") > 1:
        raise NoInterchange("more than one transaction in a real-time payload")
    gs = segments[1]
    _check_group(gs, isa, header)
    has_ge = names[-2] == "GE"
    inner = segments[2 : -2 if has_ge else -1]
    return Interchange(header, isa[11], delimiters, gs, inner, segments[-2] if has_ge else None)


def _header(text: str) -> tuple[list[str], Header, Delimiters]:
    if text[:3] != "ISA" or len(text) < 4:
        raise NoInterchange("the payload does not begin with ISA")
    separator = text[3]
    loose = text[:400].split(separator)
    if len(loose) < 17 or not re.fullmatch(r"\d{1,9}", loose[13].strip()):
        raise NoInterchange("the payload's ISA cannot be read")
    header = Header(loose[13].strip().zfill(9), loose[9].strip()[:6], loose[10].strip()[:4])
    isa, at = [], 3
    for width in ISA_WIDTHS:
        if text[at : at + 1] != separator:
            raise InterchangeFault("022", header)
        isa.append(text[at + 1 : at + 1 + width])
        at += width + 1
    if len(text) < ISA_LENGTH or any(separator in element for element in isa):
        raise InterchangeFault("022", header)
    return isa, header, Delimiters(separator, isa[15], isa[10], text[ISA_LENGTH - 1])


def _check_header(isa: list[str], header: Header, delimiters: Delimiters, payer: Payer) -> None:
    def unless(right: bool, code: str) -> None:
        if not right:
            raise InterchangeFault(code, header)

    unless(_is_separator(delimiters.segment), "004")
    unless(_is_separator(delimiters.element), "026")
    unless(_is_separator(delimiters.component), "027")
    # 00402 and later: ISA11 separates repetitions. A letter there is the older element of that place ("U").
    unless(_is_separator(delimiters.repetition), "016")
    unless(len(set(delimiters.reserved)) == 4, "027")
    if payer.takes_only is not None:
        unless(delimiters.segment == payer.takes_only.segment, "004")
        unless(delimiters.element == payer.takes_only.element, "026")
        unless(delimiters.component == payer.takes_only.component, "027")
        unless(delimiters.repetition == payer.takes_only.repetition, "016")
    unless(isa[0] == "00", "010")
    unless(isa[1] == " " * 10, "011")
    unless(isa[2] == "00", "012")
    unless(isa[3] == " " * 10, "013")
    unless(isa[4] == "ZZ", "005")
    unless(isa[5] == SENDER.ljust(15), "006")
    unless(isa[6] == payer.qualifier, "007")
    unless(isa[7] == payer.receiver.ljust(15), "009")
    unless(is_date("20" + isa[8]), "014")
    unless(is_time(isa[9]) and len(isa[9].strip()) == 4, "015")
    unless(isa[11] in VERSIONS, "017")
    unless(re.fullmatch(r"\d{9}", isa[12]) is not None and int(isa[12]) > 0, "018")
    unless(isa[13] in ("0", "1"), "019")
    unless(isa[14] == "T", "020")


def _check_trailer(isa: list[str], segments: list[Segment], names: list[str], header: Header) -> None:
    if "IEA" not in names:
        raise InterchangeFault("023", header)
    if names[-1] != "IEA" or len(segments) < 3:
        raise InterchangeFault("022", header)
    iea = segments[-1]
    if len(iea) != 3:
        raise InterchangeFault("022", header)
    if iea[2] != isa[12]:
        raise InterchangeFault("001", header)
    if not iea[1].isdigit() or int(iea[1]) != names.count("GS"):
        raise InterchangeFault("021", header)


def _check_group(gs: Segment, isa: list[str], header: Header) -> None:
    right = (
        len(gs) == 9
        and gs[2] == isa[5].rstrip()
        and gs[3] == isa[7].rstrip()
        and is_date(gs[4])
        and is_time(gs[5])
        and re.fullmatch(r"[1-9]\d{0,8}", gs[6]) is not None
        and gs[7] == "X"
    )
    if not right:
        raise InterchangeFault("024", header)


def _is_separator(character: str) -> bool:
    return len(character) == 1 and not character.isalnum() and character not in " \r\n"
