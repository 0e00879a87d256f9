"""A transaction of which only rules and levels can say something is not walked through, and is told just the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x12_278.guides import check as checking
from adapters.x12_278.guides import plans
from adapters.x12_278.guides.faults import Fault, Kind
from tests.unit.guide_documents import Segments, interchange
from tests.unit.test_guides_x12_278 import request
from tests.unit.test_x12_guide_growth import asked_twice_over, hanging_on_nothing
from tests.unit.test_x12_guide_opinion import FULL, mutated, slowly
from tests.unit.test_x12_guide_rules import BAD_NPI, PAPER
from tests.unit.x12_checker import checked, response

WARNED: dict[str, Segments] = {
    "admission without a date": request(UM_HS=[["UM", "AR", "I", "1"]]),
    "a number that is no NPI": request(NM1_1P=[BAD_NPI]),
    "a document without its number": request(HI_ABKC3411=[PAPER]),
    "an appeal of nothing": request(UM_HS=[["UM", "HS", "4", "1"]]),
    "a service twice over": request(SV1_HCJ9271=[["SV1", "HC:J9271"], ["SV2", "0300"]]),
    "a grant without a number": response(HCR_A1=[["HCR", "A1"]]),
    "no decision": response(HCR_A1=[], HCR_A3=[]),
    "a level that says nothing hangs on it": request(HL_4=[["HL", "4", "3", "EV", "0"]]),
    "both": request(HL_4=[["HL", "4", "3", "EV", "0"]], UM_HS=[["UM", "AR", "4", "1"]], NM1_1P=[BAD_NPI]),
}


def of_transactions(document: bytes) -> tuple[list[Fault], list[Fault]]:
    """What is told, and what the slow walk says, of numbers and counts in ST and SE nothing."""
    report = checked(document)
    told = [
        fault
        for interchange_ in report.interchanges
        for group in interchange_.groups
        for each in group.transactions
        for fault in each.faults
        if each.guide and fault.kind is not Kind.TRANSACTION
    ]
    return told, slowly(document, report)


@pytest.mark.parametrize("body", WARNED.values(), ids=WARNED)
@pytest.mark.parametrize("longest", [0, 1000])
def test_what_is_told_is_what_the_walk_tells_and_nobody_walks(
    monkeypatch: pytest.MonkeyPatch, longest: int, body: Segments
) -> None:
    """With a plan and without."""
    monkeypatch.setattr(plans, "LONGEST", longest)
    document = interchange("HI", "005010X217", body).encode()
    told, walked = of_transactions(document)
    assert told == walked != []

    def never(*_: Any) -> None:
        pytest.fail("nobody needs to walk")

    monkeypatch.setattr(checking, "Walk", never)
    assert checked(document).faults == tuple(told)


@pytest.mark.parametrize("document", [hanging_on_nothing(40), asked_twice_over(40)], ids=["levels", "rules"])
def test_so_it_is_for_many_services(document: str) -> None:
    told, walked = of_transactions(document.encode())
    assert told == walked
    assert len(told) >= 40


RULED = [FULL, *WARNED.values()]
CODES = [
    "AR",
    "HS",
    "SC",
    "I",
    "1",
    "3",
    "4",
    "R",
    "EV",
    "0",
    "A1",
    "A3",
    "AUTH0001",
    "1234567890",
    "EL",
    "FX",
    "",
    "RD8",
]


@st.composite
def against_rules(draw: st.DrawFn) -> bytes:
    """Of right form nearly always: what stands is exchanged for other codes."""
    body = [list(segment) for segment in draw(st.sampled_from(RULED))]
    for _ in range(draw(st.integers(1, 4))):
        segment = body[draw(st.integers(2, len(body) - 1))]
        if len(segment) > 1:
            segment[draw(st.integers(1, len(segment) - 1))] = draw(st.sampled_from(CODES))
    return interchange("HI", "005010X217", body).encode()


@given(against_rules() | mutated().map(lambda drawn: drawn[0].encode("latin-1")))
def test_whatever_is_wrong_the_walk_tells_the_same(document: bytes) -> None:
    told, walked = of_transactions(document)
    assert told == walked
