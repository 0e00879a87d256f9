"""One 278 of a file that is about more than one of those we sent: nobody is told of it, whatever its BHT03 says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import process_time

import pytest

from adapters.x12_278 import ADAPTER, traces
from gateway.contract.adapter import Change, ChangeKind, Filed, Stamp
from gateway.contract.drive import first_frame
from gateway.contract.mailbox import Placed, Posted
from tests.x12_material import (
    COMPANY,
    DRUG,
    EVENT,
    STAMP,
    acknowledgement,
    destination,
    request,
    response,
    sent,
    service,
    trn,
)

OTHER = Stamp(at=STAMP.at, number=23, seed="ffffffffffffffff0123456789abcdef")
OURS = Posted("ours", sent(), destination(), "case-1")
THEIRS = Posted("theirs", sent(request(reference="case-2"), stamp=OTHER), destination(), "case-2")
NEIGHBOUR = ("HL*5*2*22*1", "NM1*IL*1*NEIGHBOURSON*UMA****MI*EGH777777")
OF_OURS = f"TRN*2*{traces.event(STAMP)}*{COMPANY}"
OF_THEIRS = f"TRN*2*{traces.event(OTHER)}*{COMPANY}"
OF_NOBODY = f"TRN*2*PGAAAAAAAAAAAAAAAAAAAAE*{COMPANY}"
DENIED = ("UM*HS*I", "HCR*A3")


def place(body: bytes, *known: Posted) -> Placed:
    [placed] = ADAPTER.place(ADAPTER.open(body), known or (OURS, THEIRS))
    return placed


def told(placed: Placed) -> tuple[str | None, str | None, Sequence[str]]:
    return placed.handle, placed.reason, placed.candidates


@pytest.mark.proves("AK-06")
@pytest.mark.parametrize(
    "more",
    [
        pytest.param((*NEIGHBOUR, "HL*6*5*EV*0", OF_THEIRS, *DENIED), id="another of ours, of another patient"),
        pytest.param(("HL*5*3*EV*0", OF_THEIRS, *DENIED), id="another of ours, of the same patient"),
        pytest.param(("HL*5*4*SS*0", OF_THEIRS, "HCR*A3"), id="another of ours, at a service"),
    ],
)
def test_an_answer_to_two_filings_is_nobodys(more: Sequence[str]) -> None:
    body = response(EVENT, "HCR*A1*AUTH-1", *more)
    assert told(place(body)) == (None, "several", ("ours", "theirs"))


@pytest.mark.proves("AK-06")
@pytest.mark.parametrize(
    "more",
    [
        pytest.param((*NEIGHBOUR, "HL*6*5*EV*0", *DENIED), id="without a trace"),
        pytest.param((*NEIGHBOUR, "HL*6*5*EV*0", "TRN*1*PAYER123*9OTHER", *DENIED), id="with the payer's own trace"),
        pytest.param((*NEIGHBOUR, "HL*6*5*EV*0", OF_OURS, *DENIED), id="with our trace, of another patient"),
        pytest.param((*NEIGHBOUR, "AAA*N**75*C"), id="another patient without an event"),
        pytest.param(("HL*5*3*23*1", "NM1*QC*1*ONE*A", "HL*6*3*23*1", "NM1*QC*1*TWO*B"), id="two dependents"),
        pytest.param(("HL*5*3*EV*0", OF_NOBODY, *DENIED), id="with a trace of ours that nobody knows"),
        pytest.param(("HL*5*3*EV*0", *DENIED), id="without a trace, of the same patient"),
    ],
)
def test_an_answer_that_is_about_anybody_else_too_is_nobodys(more: Sequence[str]) -> None:
    body = response(EVENT, "HCR*A1*AUTH-1", *more)
    assert told(place(body)) == (None, "several", ("ours",))


def test_what_is_about_one_filing_alone_is_told() -> None:
    plain = response(EVENT, "HCR*A1*AUTH-1", services=[service(DRUG, "HCR*A1*AUTH-1")])
    beside = response(EVENT, "HCR*A4", "TRN*1*PAYER123*9OTHER")
    by_reference = response(EVENT, "HCR*A4", trace="")
    of_a_dependent = response(EVENT, "HCR*A4", member=["HL*9*3*23*1", "NM1*QC*1*SAMPLETON*BEN"])
    twice = response(EVENT, "HCR*A4", "HL*5*3*EV*0", trn(1), *DENIED)
    for body in (plain, beside, by_reference, of_a_dependent, twice):
        assert told(place(body)) == ("ours", None, ())


def test_between_a_filing_and_its_cancellation_the_reference_decides() -> None:
    filed = Filed(request=request(), stamp=STAMP)
    cancelled = first_frame(ADAPTER.amend(filed, Change(kind=ChangeKind.CANCEL), destination(), OTHER)).document
    assert cancelled is not None
    cancel = Posted("cancel", cancelled, destination(), "case-1")
    both = response("UM*HS*3", "HCR*C", OF_OURS, bht=traces.submission(OTHER), trace=traces.event(OTHER))
    assert told(place(both, OURS, cancel)) == ("cancel", None, ())
    of_lines = response("UM*HS*3", "HCR*C", services=[service(DRUG, "HCR*C")], bht=traces.submission(OTHER))
    of_lines = of_lines.replace(f"TRN*2*{traces.event(STAMP)}*".encode(), f"TRN*2*{traces.event(OTHER)}*".encode())
    assert told(place(of_lines, OURS, cancel)) == ("cancel", None, ())
    assert told(place(of_lines, OURS, replace(cancel, case="case-2")))[1] == "several"


def test_a_daily_file_is_placed_in_no_time_to_speak_of() -> None:
    known, whole = [], []
    for number in range(1001, 1401):
        document = sent(stamp=Stamp(at=STAMP.at, number=number, seed=f"{number:020x}abcdef012345"))
        known.append(Posted(str(number), document, destination()))
        said = ("AK2*278*0001*005010X217", "IK5*A", "AK9*A*1*1*1")
        whole.append(acknowledgement(*said, number=number))
    letters = ADAPTER.open(b"".join(whole))
    start = process_time()
    assert [each.handle for each in ADAPTER.place(letters, known)] == [each.handle for each in known]
    assert process_time() - start < 2
