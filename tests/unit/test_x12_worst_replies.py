"""Replies made to cost time. Counted are calls, not seconds: twice the bytes never cost much more than twice that."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from adapters.x12_278.hearing.hear import hear
from adapters.x12_278.hearing.pairs import most_services
from gateway.contract.errors import MaybeSent, Unreadable
from gateway.model.outcome import Answer
from gateway.model.request import PARequest
from tests.x12_material import asked, destination, envelope, line, outcome_of, request, response, trn

_EVENT = ("UM*HS*I", "HCR*A1*AUTH1")
_LINES = 99
_TRACES = [trn(place + 1) for place in range(_LINES)]


def alike() -> PARequest:
    """Lines of one code, told apart only by their quantities."""
    return request(lines=[line(id=f"l{n}", quantity={"value": n + 1}) for n in range(_LINES)])


def work(document: bytes) -> int:
    """How many calls it takes to read the reply."""
    counted = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    told, to = asked(of=alike()), destination()
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        hear(document, told, to)
    except (Unreadable, MaybeSent):
        pass
    finally:
        sys.setprofile(before)
    return counted


def services(count: int, *segments: str) -> list[str]:
    return [each for n in range(count) for each in (f"HL*{n + 5}*4*SS*0", *segments)]


Shape = Callable[[int], bytes]

SHAPES: dict[str, Shape] = {
    "services of one code": lambda n: response(*_EVENT, *services(n, "HCR*A1", "SV1*HC:J9271**UN*7")),
    "services without anything": lambda n: response(*_EVENT, *services(n)),
    "services with one trace": lambda n: response(*_EVENT, *services(n, trn(1), "SV1*HC:J9271")),
    "services that are many lines": lambda n: response(*_EVENT, *services(n // 10, *_TRACES, "SV1*HC:J9271")),
    "events": lambda n: response(*_EVENT, *[f"HL*{k}*3*EV*0" for k in range(n)]),
    "members": lambda n: response(*_EVENT, *[f"HL*{k}*2*22*0" for k in range(n)]),
    "codes": lambda n: response(*_EVENT, *services(1, *_TRACES, *["SV1*HC:J9271**UN*7"] * n)),
    "rates": lambda n: response(*_EVENT, *services(1, *_TRACES, *["HSD*VS*1*WK"] * n)),
    "refusals": lambda n: response("UM*HS*I", *["AAA*N**ZZ*Q"] * n),
    "refusals of the payer": lambda n: response(payer=["AAA*N**42*P"] * n),
    "documents": lambda n: response("UM*HS*I", "HCR*A4", *[f"PWK*B3*EL***AC*N{k}" for k in range(n)]),
    "numbers": lambda n: response(*_EVENT, *[f"REF*NT*N{k}" for k in range(n)]),
    "dates": lambda n: response(*_EVENT, *[f"DTP*{k}*D8*x" for k in range(n)]),
    "parties": lambda n: response(*_EVENT, *[f"NM1*SJ*2*N{k}" for k in range(n)]),
    "messages": lambda n: response(*_EVENT, *["MSG*A"] * n),
    "a long message": lambda n: response(*_EVENT, *["MSG*" + "A" * 100 * n]),
    "elements": lambda n: response(*_EVENT, "HI" + "*ABK:C3411" * n),
    "reasons": lambda n: response("UM*HS*I", "HCR*A1**" + "^".join(["0F"] * n), *services(20, "SV1*HC:J9271")),
    "components": lambda n: response(*_EVENT, *services(1, *_TRACES, "SV1*HC:J9271**UN*7***" + ":".join(["1"] * n))),
}


@pytest.mark.parametrize("name", SHAPES)
def test_twice_the_reply_costs_no_more_than_about_twice_the_work(name: str) -> None:
    once, twice = (work(SHAPES[name](count)) for count in (300, 600))
    assert twice < 3 * once


@pytest.mark.parametrize("name", SHAPES)
def test_the_work_is_in_proportion_to_the_bytes(name: str) -> None:
    """What is held against every line and service is bounded, so many small ones do not add up."""
    document = SHAPES[name](5000)
    assert work(document) < 20 * len(document)


def test_far_more_services_than_lines_are_not_held_against_the_lines() -> None:
    of = alike()
    fits, over = (
        outcome_of(response(*_EVENT, *services(count, "SV1*HC:J9271**UN*7")), of=of)
        for count in (most_services(_LINES), most_services(_LINES) + 1)
    )
    assert (fits.answer, over.answer) == (Answer.REVIEWED, Answer.UNMAPPED)


@pytest.mark.parametrize(
    "segments",
    [
        ["MSG*A"] * 300,
        ["NM1*SJ*2*X"] * 300,
        ["HI" + "*ABK:C3411" * 200],
        ["HCR*A1**" + "^".join(["0F"] * 200)],
    ],
)
def test_more_than_any_guide_has_room_for_is_unreadable(segments: Sequence[str]) -> None:
    with pytest.raises(Unreadable):
        outcome_of(response("UM*HS*I", *segments))


def test_a_reply_of_too_many_segments_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="more than 50000 segments"):
        outcome_of(envelope(["N3"] * 50_001))


def test_ninety_nine_lines_written_out_in_full_are_read() -> None:
    full = ["HCR*A1*AUTH1", "DTP*472*RD8*20260301-20260831", "REF*NT*R1", *["PWK*B3*EL***AC*N1"] * 10, "MSG*A"]
    parties = ["NM1*SJ*2*X", "N3*A", "N4*B"] * 14
    written = [[trn(n + 1), *full, f"SV1*HC:J9271**UN*{n + 1}", *parties] for n in range(_LINES)]
    outcome = outcome_of(response("UM*HS*I", "HCR*A1*AUTH1", services=written), of=alike())
    assert [result.line for result in outcome.lines] == [f"l{n}" for n in range(_LINES)]
