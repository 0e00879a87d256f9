"""A stage as the message of a 278 tells it."""

from __future__ import annotations

import pytest

from adapters.x12_278.asking.narrative import of_case
from tests.x12_material import request


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ({"t": "2", "n": "0(sn)", "m": "0"}, "T2 N0(sn) M0"),
        ({"t": "1", "n": "1mi(sn)", "m": "0(i+)"}, "T1 N1mi(sn) M0(i+)"),
        ({"t": "4d(m)", "n": "N1mi", "m": "M0(i+)"}, "T4d(m) N1mi M0(i+)"),
        ({"t": "ypT0", "n": "ypN1", "m": "cM0"}, "ypT0 ypN1 cM0"),
        ({"t": "yp0", "n": "p1", "m": "c0"}, "ypT0 pN1 cM0"),
        ({"t": "rT1", "n": "aN2", "m": "M1a"}, "rT1 aN2 M1a"),
        ({"t": "mT2", "n": "0 (i-)", "m": "1"}, "mT2 N0 (i-) M1"),
        ({"t": "is", "n": "x", "m": "X"}, "Tis Nx MX"),
        ({"t": "pTis(DCIS)", "n": "pis", "m": "pX"}, "pTis(DCIS) pNis pMX"),
        ({"t": "a", "n": "N+", "m": "m1"}, "Ta N+ m1"),
        ({"t": "pT2(m)", "n": "n1", "m": "M"}, "pT2(m) n1 M"),
        ({"t": "at least 2", "n": "n/a", "m": "unknown"}, "T at least 2 N n/a M unknown"),
    ],
)
def test_each_part_of_a_stage_is_told_under_its_letter(stage: dict[str, str], told: str) -> None:
    [clause] = of_case(request(facts={"stage": [stage]}))
    assert clause.text == f"Stage {told}"
    assert clause.pointers == ("/facts/stage/0",)
