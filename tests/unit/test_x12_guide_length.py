"""Transactions longer than anybody looks at: refused with the place, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from adapters.x12_278.acknowledgement.received import received_envelopes
from adapters.x12_278.acknowledgement.writing import write_acknowledgement
from adapters.x12_278.codec.malformed import LIMITS
from adapters.x12_278.guides.check import check
from adapters.x12_278.guides.document import Document, Piece
from adapters.x12_278.guides.faults import Report, Verdict
from tests.unit.guide_documents import interchange
from tests.unit.test_guides_x12_278 import request
from tests.unit.x12_checker import guides

LENGTH = len(request()) + 1
ST = 3


def three(longer: str = "") -> bytes:
    """Three requests, of which the second has more in it."""
    text = interchange("HI", "005010X217", request())
    start, end = text.index("ST*"), text.index("GE*")
    one = text[start:end]
    many = one.replace("SV1*", f"{longer}SV1*").replace(f"SE*{LENGTH}*", f"SE*{LENGTH + longer.count('~')}*")
    bodies = [each.replace("*0001", f"*000{count}") for count, each in enumerate((one, many, one), start=1)]
    return (text[:start] + "".join(bodies) + text[end:].replace("GE*1*", "GE*3*")).encode()


def judged(document: bytes, most: int) -> Report:
    return check(document, guides(), limits=LIMITS._replace(transaction=most))


def verdicts(report: Report) -> list[Verdict]:
    return [each.verdict for each in report.interchanges[0].groups[0].transactions]


def test_a_transaction_as_long_as_may_be_is_taken() -> None:
    assert judged(three(), LENGTH).ok
    assert not judged(three(), LENGTH - 1).ok


@pytest.mark.parametrize("longer", ["REF*BB*AUTH0001~\n", "ZZZ*1~\n" * 50])
def test_a_longer_one_is_refused_where_it_is_too_long_and_those_around_it_are_not(longer: str) -> None:
    report = judged(three(longer), LENGTH)
    assert verdicts(report) == [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.ACCEPTED]
    assert report.segments == three(longer).count(b"~")
    (fault,) = [fault for fault in report.faults if fault.kind == "IK502"]
    last = ST + LENGTH + LENGTH - 1
    assert (fault.code, fault.segment, fault.refuses) == ("1", last + 1, True)
    assert f"more than {LENGTH} segments, and behind segment {last} nothing" in fault.says
    assert "several transactions" in fault.says
    assert three(longer)[: fault.offset].count(b"~") == last


def test_it_is_refused_in_the_acknowledgement() -> None:
    document = three("REF*BB*AUTH0001~\n")
    report = judged(document, LENGTH)
    written = write_acknowledgement(
        report, received_envelopes(document), None, (1,), datetime(2026, 11, 22, tzinfo=UTC)
    )
    assert written.document.count(b"IK5*A~") == 2
    assert b"IK5*R*1*" in written.document
    assert b"AK9*P*3*3*2~" in written.document


def test_one_that_never_ends_is_refused_without_keeping_more_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0
    take = Document._take

    def watched(document: Document, raw: list[bytes], start: int, gap: int, *, indented: bool) -> None:
        nonlocal most
        take(document, raw, start, gap, indented=indented)
        most = max(most, sum(len(piece.raw) for piece in document._kept if isinstance(piece, Piece)))

    def endless() -> Iterator[bytes]:
        head, _, rest = three().partition(b"SV1*")
        yield head
        for _ in range(2_000):
            yield b"SV1*HC:J9271~\n" * 10
        yield b"SV1*" + rest

    monkeypatch.setattr(Document, "_take", watched)
    report = check(endless(), guides(), lambda _: None, LIMITS._replace(transaction=200))
    assert report.segments > 20_000
    assert not report.ok
    assert most < 1_000
