"""A second opinion on what the cases say: the strict simulated payers, which share no code with the adapters."""

from __future__ import annotations

import pytest

from conformance.shelf import Case
from conformance.simulators.clock import Clock
from conformance.simulators.desk import Desk
from conformance.simulators.payers import PAYERS
from conformance.simulators.pbm.envelope import read
from conformance.simulators.x12 import Delimiters, cut
from tests.cases_material import shelf

SHELF = shelf()
CASES_READ = [slot.case for slot in SHELF if slot.case and slot.channel == "x12_278"]
SENT = [(case, case.document(message)) for case in CASES_READ for message in case.sent.values()]
HEARD = [
    (case, case.document(heard))
    for case in CASES_READ
    for heard in case.received
    if isinstance(heard, bytes) and case.file.raises is None
]
SCRIPTS = [
    (slot.case, slot.case.document(message))
    for slot in SHELF
    if slot.case and slot.channel == "script_epa"
    for message in slot.case.sent.values()
]


@pytest.mark.parametrize(("case", "document"), SCRIPTS, ids=[case.name for case, _ in SCRIPTS])
def test_what_a_case_sends_is_in_order_for_a_strict_pharmacy_manager(case: Case, document: bytes) -> None:
    del case
    assert read(document).kind


@pytest.mark.parametrize(("case", "document"), SENT, ids=[case.name for case, _ in SENT])
def test_what_a_case_sends_is_in_order_for_a_strict_payer(case: Case, document: bytes) -> None:
    payer = next(payer for payer in PAYERS.values() if payer.id == case.file.payer)
    heard = Desk(Clock()).read(document.decode("latin-1"), payer)
    assert heard.fault is None
    # A desk that has asked for nothing knows no control number (TRN02 of a 275); everything else must be right.
    faults = [fault for fault in heard.findings.segments if (fault.segment, case.file.verb) != ("TRN", "answer")]
    assert [faults, heard.findings.set_codes, heard.findings.group_codes] == [[], [], []]


@pytest.mark.parametrize(("case", "document"), HEARD, ids=[case.name for case, _ in HEARD])
def test_what_a_case_hears_counts_its_own_segments(case: Case, document: bytes) -> None:
    text = document.decode("latin-1")
    segments, _ = cut(text, Delimiters(text[3], text[104], text[82], text[105]))
    names = [segment[0].strip() for segment in segments]  # what stands between segments is no part of them
    assert names[-1] == "IEA"
    assert segments[-1][2] == segments[0][13]
    if "ST" in names:
        start, end = names.index("ST"), names.index("SE")
        assert int(segments[end][1]) == end - start + 1
        assert segments[names.index("GE")][2] == segments[names.index("GS")][6]
