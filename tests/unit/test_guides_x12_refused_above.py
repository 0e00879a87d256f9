"""An answer may end below where it refuses, at whatever level that was; each of the rules knows every refusal above."""

from __future__ import annotations

import pytest

from tests.unit.guide_documents import Segments
from tests.unit.x12_checker import judged, response

AAA = {
    "2000A": (2, ["AAA", "N", "", "42", "Y"]),
    "2010A": (4, ["AAA", "N", "", "42", "Y"]),
    "2010B": (6, ["AAA", "N", "", "51", "N"]),
    "2010C": (8, ["AAA", "N", "", "72", "C"]),
}
"""Behind which segment of ``response()`` a refusal of that level stands."""
ENDS = {"requester": 5, "subscriber": 7, "event": 10, "undecided": 18}
"""How many segments of ``response()`` are left of one that ends above this level."""


def cut(end: str, refused: str | None) -> Segments:
    body = response(HCR_A1=[])[: ENDS[end]]
    if refused:
        at, segment = AAA[refused]
        body.insert(at + 1, segment)
    last = max(count for count, segment in enumerate(body) if segment[0] == "HL")
    body[last] = [*body[last][:4], "0"]
    return body


def missing(body: Segments) -> list[str]:
    rules = ("requester_level", "subscriber_level", "event_level", "decision_or_refusal")
    return [fault.rule for fault in judged(body).faults if fault.rule in rules]


CASES = [(end, level) for end, most in zip(ENDS, (2, 3, 4, 4), strict=True) for level in list(AAA)[:most]]


@pytest.mark.parametrize(("end", "refused"), CASES)
def test_a_refusal_at_any_level_above_excuses_what_does_not_follow(end: str, refused: str) -> None:
    assert missing(cut(end, refused)) == []


@pytest.mark.parametrize("end", ENDS)
def test_an_answer_that_ends_and_refuses_nothing_is_told_of(end: str) -> None:
    assert len(missing(cut(end, None))) == 1
