"""The checker and pyx12 on the same maps: the same documents accepted and refused, but for differences with a name.

Rules and lengths of data are ours alone, and left out here. How many documents are tried is the Hypothesis profile's:
some hundreds, or thousands by `make opinion`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pyx12.map_if
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.document import Document
from adapters.x12_278.guides.faults import Fault, Report
from adapters.x12_278.guides.walk import Walk
from gateway.contract.errors import Unreadable
from tests.cases_material import shelf
from tests.unit import guide_opinion
from tests.unit.guide_documents import Segments, documents_275, documents_275_bin, interchange, verdict_824, verdict_999
from tests.unit.guide_opinion import GUIDES
from tests.unit.test_guides_x12_278 import REQUEST, RESPONSE, folder_of, request
from tests.unit.test_guides_x12_278 import faults as opinion_on_278
from tests.unit.x12_checker import checked, guides, response, told

FULL = request(
    HI_ABKC3411=[
        ["HI", "ABK:C3411", "ABF:C7801"],
        ["HSD", "VS", "6", "WK", "3", "35", "18"],
        ["CRC", "07", "Y", "09"],
        ["CR1", "LB", "155", "T", "C", "DH", "12"],
        ["PWK", "77", "EL", "", "", "AC", "DOC0001", "LETTER"],
        ["NM1", "SJ", "2", "SAMPLE CLINIC", "", "", "", "", "XX", "1234567893"],
        ["REF", "0B", "12345", "OH"],
        ["N4", "SAMPLETOWN", "OH", "43017"],
        ["PER", "IC", "DESK", "TE", "5550100199", "EX", "12"],
        ["PRV", "PE", "PXC", "207RX0202X"],
        ["NM1", "45", "2", "SAMPLE DROP OFF"],
    ],
    HL_4=[
        ["HL", "4", "3", "23", "1"],
        ["NM1", "QC", "1", "TESTPERSON", "BO"],
        ["DMG", "D8", "20150722", "M"],
        ["INS", "N", "19"],
        ["HL", "5", "4", "EV", "1"],
    ],
    HL_5=[["HL", "6", "5", "SS", "0"]],
)


def under(guide: str, purpose: str, body: Segments, *left_out: str) -> Segments:
    """The same 278 under another guide, without the segments that have no place there."""
    head = [["ST", "278", "0001", guide], ["BHT", "0007", purpose, *body[1][3:]]]
    return [*head, *(segment for segment in body[2:] if segment[0] not in left_out)]


BASES: list[tuple[str, str, Segments, str]] = [
    ("HI", "005010X217", FULL, REQUEST),
    ("HI", "005010X217", response(), RESPONSE),
    ("HI", "005010X215", under("005010X215", "28", request(), "HI", "SV1"), "278_inquiry_005010X215.xml"),
    ("HI", "005010X215", under("005010X215", "49", response()), "278_inquiry_response_005010X215.xml"),
    ("HI", "005010X216", under("005010X216", "14", FULL), "278_notification_005010X216.xml"),
    (
        "HI",
        "005010X216",
        under("005010X216", "11", response()),
        "278_notification_acknowledgement_005010X216.xml",
    ),
    ("PI", "006020X316", documents_275(), ""),
    ("FA", "005010X231A1", verdict_999(), ""),
    ("AG", "005010X186A1", verdict_824("005010X186A1"), ""),
    ("PI", "005010X210", documents_275_bin(), ""),
]
CODES = "X 1 0 A HC 20260230 20260228 D8 RD8 XX 1P 77 EV SS A:B A: :: :B 12.5 -3 +5 1E3 9999999999 ZZ 2 4 Y A^B"
VALUES = [*CODES.split(), "", "X ", " ", "\t", "\xe9", "a" * 40, "b" * 300]


def value(fault: Fault, segment: list[str]) -> str:
    return segment[fault.element] if fault.element < len(segment) else ""


def begins(fault: Fault, segment: list[str]) -> bool:
    """Whether the fault's loop begins with such a segment."""
    transaction = guides().grammar(f"{fault.guide}.xml").transaction
    first = transaction and transaction.find(fault.loop).first_segment()
    return first is not None and first.tag == segment[0]


DIFFERENCES: dict[str, Callable[[Fault, list[str]], bool]] = {
    "pyx12 sees a loop begin again before it asks what the last one lacked": lambda fault, segment: (
        (fault.kind, fault.code) == ("IK304", "3") and begins(fault, segment)
    ),
    "pyx12 knows no repetition separator": lambda fault, segment: (
        fault.kind == "IK403" and "^" in value(fault, segment)
    ),
    "pyx12 takes any level that is open for the one above": lambda fault, _: (
        fault.at.endswith("/HL02") and fault.code == "I12"
    ),
    "pyx12 counts levels by whatever Python takes for a number": lambda fault, segment: (
        fault.at.endswith("/HL01") and fault.code == "I12" and value(fault, segment).startswith("+")
    ),
    "pyx12 is told the direction of a 278, and does not find it by BHT02": lambda fault, _: (
        (fault.tag, fault.element, fault.at) == ("BHT", 2, "") and "of no purpose" in fault.says
    ),
    "pyx12 takes an element of nothing but spaces": lambda fault, _: "spaces" in fault.says,
    "pyx12 reads no date in a composite": lambda fault, _: fault.component > 0 and fault.code in ("8", "9"),
    "pyx12 asks for no first component of a situational composite": lambda fault, _: (
        fault.component == 1 and fault.code == "1"
    ),
    "pyx12 checks no syntax note of a composite": lambda fault, _: fault.component > 0 and fault.code == "2",
    "pyx12 does not count the bytes of data": lambda fault, _: (
        fault.kind in ("TA105", "IK502") and UNCOUNTED.search(fault.says) is not None
    ),
}
"""What the checker refuses and pyx12 does not, by the fault and its segment. There is nothing the other way round."""
UNCOUNTED = re.compile(r"B(IN01|DS02)|cannot be read to its end, for the interchange cannot")


def unnamed(text: str, faults: list[Fault]) -> list[Fault]:
    segments = [segment.split("*") for segment in text.split("~\n")]
    return [
        fault
        for fault in faults
        if not any(named(fault, segments[fault.segment - 1]) for named in DIFFERENCES.values())
    ]


@pytest.fixture(autouse=True, scope="module")
def _kept_maps() -> Iterator[None]:
    """pyx12 reads its maps anew for each document; here it keeps them."""
    read = pyx12.map_if.load_map_file
    kept: dict[tuple[str, str | None], Any] = {}

    def load(name: str, param: Any, folder: str | None = None) -> Any:
        if (name, folder) not in kept:
            kept[name, folder] = read(name, param, folder)
        return kept[name, folder]

    pyx12.map_if.load_map_file = load
    yield
    pyx12.map_if.load_map_file = read


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    kind, guide, body, file = draw(st.sampled_from(BASES))
    body = [list(segment) for segment in body]
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):  # one alone tells most: whatever is beside it refuses too
        _mutate(body, draw)
    return interchange(kind, guide, body), file


def _mutate(body: Segments, draw: st.DrawFn) -> None:
    at = draw(st.integers(1, len(body) - 1))
    segment = body[at]
    way = draw(st.sampled_from(["drop", "double", "swap", "stray", "cut", "widen", *["alter"] * 4]))
    if way == "drop" and len(body) > 3:
        del body[at]
    elif way == "double":
        body.insert(at, list(segment))
    elif way in ("swap", "stray"):
        other = draw(st.integers(1, len(body) - 1))
        if way == "swap":
            body[at], body[other] = body[other], body[at]
        else:
            body.insert(at, list(body[other]))
    elif len(segment) > 1:
        place = draw(st.integers(1, len(segment) - 1))
        if way == "cut":
            del segment[place]
        elif way == "widen":
            segment.insert(place, segment[place])
        else:
            segment[place] = draw(st.sampled_from(VALUES))


def theirs(text: str, file: str) -> list[str] | None:
    """What pyx12 says; nothing at all where it stumbles over its own feet."""
    folder = Path(folder_of(file).name) if file else GUIDES
    try:
        return guide_opinion.faults(text, folder)
    except (IndexError, ValueError, AssertionError):
        return None


def slowly(document: bytes, report: Report) -> list[Fault]:
    """What the slow walk says of every transaction with a guide, whether the happy path was left or not."""
    read = Document(document)
    with suppress(Unreadable):
        deque(read.segments(1), maxlen=0)
    found: list[Fault] = []
    for interchange_ in report.interchanges:
        for group in interchange_.groups:
            for each in group.transactions:
                if not each.guide:
                    continue
                compiled = guides().compiled(f"{each.guide}.xml", read.marks(each.segment))
                found += Walk(compiled, read, each.segment, closely=True).walk().faults
    return found


@settings(max_examples=4 * settings().max_examples)
@given(mutated())
def test_pyx12_and_the_checker_accept_and_refuse_the_same(drawn: tuple[str, str]) -> None:
    text, file = drawn
    ours = [fault for fault in checked(text, ruled=False).faults if fault.refuses]
    their = theirs(text, file)
    if their is None or bool(ours) == bool(their):
        return
    assert not their, f"accepted here, refused there: {their}"
    assert unnamed(text, ours) == []


@settings(max_examples=3 * settings().max_examples)
@given(mutated())
def test_the_happy_path_accepts_nothing_that_a_close_look_refuses(drawn: tuple[str, str]) -> None:
    document = drawn[0].encode("latin-1")
    report = checked(document)
    if not report.faults:
        assert slowly(document, report) == []


@pytest.mark.parametrize(("kind", "guide", "body", "file"), BASES, ids=lambda base: str(base)[:12])
def test_the_documents_the_mutations_begin_with_have_no_fault(kind: str, guide: str, body: Segments, file: str) -> None:
    text = interchange(kind, guide, body)
    assert told(checked(text, ruled=False)) == []
    assert theirs(text, file) == []


@settings(max_examples=4 * settings().max_examples)
@given(
    st.sampled_from([interchange(kind, guide, body).encode() for kind, guide, body, _ in BASES]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=4),
)
def test_whatever_the_bytes_are_there_is_a_report_or_unreadable(
    document: bytes, cuts: list[tuple[float, int, bytes]]
) -> None:
    for where, length, put in cuts:
        at = int(where * len(document))
        document = document[:at] + put + document[at + length :]
    try:
        report = check(document, guides())
    except Unreadable:
        return
    for fault in report.faults:
        assert 0 <= fault.offset <= len(document)
        assert fault.segment >= 1
        assert fault.level in (1, 2, 4, 5, 7)


DOCUMENTS = [
    (slot.name, slot.case.document(document))
    for slot in shelf()
    if slot.case and slot.channel == "x12_278"
    for document in (*slot.case.sent.values(), *slot.case.received)
    if isinstance(document, bytes) and re.search(rb"ISA.00", document[:20]) and b"ST" in document
]


@pytest.mark.parametrize(("case", "document"), DOCUMENTS, ids=[name for name, _ in DOCUMENTS])
def test_a_document_of_a_case_is_judged_as_pyx12_judges_it(case: str, document: bytes) -> None:
    text = document.decode("latin-1").removeprefix("\xef\xbb\xbf").replace("*00602*", "*00501*", 1)
    report = checked(document)
    refused = [fault for fault in report.faults if fault.refuses]
    their = opinion_on_278(text) if re.search(r"ST.278.", text) else guide_opinion.faults(text)
    assert bool(refused) == bool(their)
