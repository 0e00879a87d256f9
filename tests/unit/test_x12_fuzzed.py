"""Inputs that fuzzing found (tests/fuzz), each as small as it can be, and what must become of it."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.x12_278.acknowledgement.received import received_envelopes
from adapters.x12_278.acknowledgement.writing import write_acknowledgement
from adapters.x12_278.codec.malformed import LIMITS, Malformed
from adapters.x12_278.codec.stream import stream
from adapters.x12_278.codec.tokens import split
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.library import Guides
from adapters.x12_278.tools.normalising import outcomes
from gateway.model.outcome import Answer, Outcome
from tests.unit.guide_documents import interchange
from tests.unit.token_material import PLAIN, chunked
from tests.unit.x12_checker import checked, files, guides, judged, response, rule_files, told
from tests.x12_material import destination, envelope


@pytest.mark.parametrize(
    ("number", "code", "at", "level"),
    [("2" * 5000, "I12", "2000B/HL01", 1), ("0" * 5000 + "2", "7", "2000B/HL04", 4)],
)
def test_a_level_whose_number_has_thousands_of_digits_is_told_of(number: str, code: str, at: str, level: int) -> None:
    report = judged(response(HL_2=[["HL", number, "1", "21", "1"]]))
    assert told(report) == [("IK403", "5", "2000B/HL01", 1), ("IK403", code, at, level)]


@pytest.mark.parametrize("document", [b" " * 70_000 + PLAIN, PLAIN + b"\n" * 70_000])
@pytest.mark.parametrize("size", [1000, 4093, 70_000])
def test_too_many_blanks_are_refused_at_the_same_byte_however_the_file_comes(document: bytes, size: int) -> None:
    with pytest.raises(Malformed) as whole:
        split(document)
    with pytest.raises(Malformed) as parts:
        list(stream(chunked(document, size)))
    before = 0 if document.startswith(b" ") else len(PLAIN)
    assert parts.value.at == whole.value.at == before + LIMITS.between


def test_names_of_guides_that_nobody_knows_are_not_kept_however_many_come() -> None:
    text = interchange("HI", "005010X217", response())
    head, _, _ = text.partition("ST*")

    def chunks() -> Iterator[bytes]:
        yield head.encode()
        for count in range(300):
            yield b"ST*278*%06d*" % count + b"%06d" % count * 5000 + b"~SE*2*%06d~" % count
        yield b"GE*300*43~IEA*1*000000043~"

    own = Guides(files(), rule_files())
    check(text.encode(), own)
    tracemalloc.start()
    try:
        check(chunks(), own, lambda _: None)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 << 20


def test_a_999_that_nobody_asked_for_and_whose_number_is_too_long_names_no_reference() -> None:
    document = envelope([f"AK1*HI*{'1' * 90}*005010X217", "AK9*A*1*1*1"], kind="999", guide="005010X231A1")
    ((_, outcome, _),) = outcomes(document, destination())
    assert isinstance(outcome, Outcome)
    assert outcome.answer is Answer.RECEIVED
    assert outcome.references == ()


def test_writing_a_999_takes_no_look_at_every_member_for_each_fault() -> None:
    """Ten seconds for these, and minutes for the largest file that is read."""
    member = [["HL", "3", "2", "22", "1"], ["NM1", "IL", "1", "TESTPERSON", "ADA", "", "", "", "MI", "SIMCASE01"]]
    document = interchange("HI", "005010X217", response(NM1_IL=member * 2000)).encode()
    report, received = check(document, guides()), received_envelopes(document)
    (group,) = received[0].groups
    (transaction,) = group.transactions
    many = replace(transaction, subscribers=transaction.subscribers[:1] * 100_000)
    larger = replace(received[0], groups=(replace(group, transactions=(many,)),))
    before = time.process_time()
    written = write_acknowledgement(report, (larger,), None, [1, 2, 3], datetime(2026, 3, 1, tzinfo=UTC))
    assert time.process_time() - before < 2
    assert b"CTX*SUBSCRIBER NAME NM109:SIMCASE01" in written.document


def test_a_rule_that_is_broken_in_thousands_of_places_takes_no_look_at_all_faults_for_each() -> None:
    document = interchange("HI", "005010X217", response(HL_1=[["HL", "1", "", "20", "1"]] * 8000)).encode()

    def taken(*, ruled: bool) -> float:
        checked(document[:2000], ruled=ruled)
        before = time.process_time()
        report = checked(document, ruled=ruled)
        assert ("payer_named" in [fault.rule for fault in report.faults]) == ruled
        return time.process_time() - before

    ruled, bare = (min(taken(ruled=each) for _ in range(3)) for each in (True, False))
    assert ruled < 4 * bare
