"""The checker and pyx12 on the same maps: the same documents accepted and refused, but for differences with a name.

Rules and lengths of data are ours alone, and left out here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pyx12.map_if
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.document import Document
from adapters.x12_278.guides.faults import Fault, Report
from adapters.x12_278.guides.walk import Walk
from conformance.bench import CASES
from conformance.shelf import read_shelf
from gateway.contract.errors import Unreadable
from tests.unit import guide_opinion
from tests.unit.guide_documents import Segments, documents_275_bin, interchange, verdict_824, verdict_999
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
BASES: list[tuple[str, str, Segments, str]] = [
    ("HI", "005010X217", FULL, REQUEST),
    ("HI", "005010X217", response(), RESPONSE),
    ("FA", "005010X231A1", verdict_999(), ""),
    ("AG", "005010X186A1", verdict_824("005010X186A1"), ""),
    ("PI", "005010X210", documents_275_bin(), ""),
]
VALUES = [
    *(
        "",
        "X",
        "1",
        "0",
        "A",
        "HC",
        "20260230",
        "20260228",
        "D8",
        "RD8",
        "XX",
        "1P",
        "77",
        "EV",
        "SS",
        "A:B",
        "A:",
        "::",
    ),
    *(
        ":B",
        "12.5",
        "-3",
        "1E3",
        "X ",
        " ",
        "a" * 40,
        "b" * 300,
        "\xe9",
        "9999999999",
        "ZZ",
        "2",
        "4",
        "Y",
        "\t",
        "A^B",
    ),
]

DIFFERENCES: dict[str, Callable[[Fault], bool]] = {
    "pyx12 sees a loop begin again before it asks what the last one lacked": lambda fault: (
        (fault.kind, fault.code) == ("IK304", "3")
    ),
    "pyx12 knows no repetition separator": lambda fault: (fault.kind, fault.code) == ("IK403", "12"),
    "pyx12 takes any level that is open for the one above": lambda fault: fault.at.endswith("/HL02"),
    "pyx12 takes an element of nothing but spaces": lambda fault: "spaces" in fault.says,
    "pyx12 reads no date in a composite": lambda fault: fault.component > 0 and fault.code in ("8", "9"),
    "pyx12 asks for no first component of a situational composite": lambda fault: (
        fault.component == 1 and fault.code == "1"
    ),
    "pyx12 checks no syntax note of a composite": lambda fault: fault.component > 0 and fault.code == "2",
    "pyx12 does not count the bytes of data": lambda fault: (
        (fault.kind, fault.code) in (("TA105", "024"), ("IK304", "8")) or "BIN01 counts" in fault.says
    ),
}
"""What the checker refuses and pyx12 does not. There is nothing the other way round."""


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
    for _ in range(draw(st.integers(1, 3))):
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
    for _ in read.segments(1):
        pass
    found: list[Fault] = []
    for interchange_ in report.interchanges:
        for group in interchange_.groups:
            for each in group.transactions:
                if not each.guide:
                    continue
                compiled = guides().compiled(f"{each.guide}.xml", read.marks(each.segment))
                found += Walk(compiled, read, each.segment, closely=True).walk().faults
    return found


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_pyx12_and_the_checker_accept_and_refuse_the_same(drawn: tuple[str, str]) -> None:
    text, file = drawn
    ours = [fault for fault in checked(text, ruled=False).faults if fault.refuses]
    their = theirs(text, file)
    if their is None or bool(ours) == bool(their):
        return
    assert not their, f"accepted here, refused there: {their}"
    unnamed = [fault for fault in ours if not any(named(fault) for named in DIFFERENCES.values())]
    assert unnamed == [] or len(unnamed) < len(ours), unnamed


@settings(max_examples=300, deadline=None)
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


@settings(max_examples=400, deadline=None)
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
    for slot in read_shelf(CASES)
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
