"""Codes that a payer writes otherwise than we do: the same all the same, and told in our spelling."""

from __future__ import annotations

import pytest

from gateway.model.status import Attention, LineOutcome
from tests.x12_material import EVENT, line, of_line, outcome_of, request, response

UNKNOWN = (LineOutcome.UNKNOWN, Attention.OPERATOR)
CERTIFIED = (LineOutcome.CERTIFIED, Attention.NONE)


def answered(system: str, asked: str, service: str) -> tuple[LineOutcome, Attention]:
    """A line that is known by its code alone."""
    of = request(lines=[line(asked, system, id="it"), line("96413", "cpt", id="other")])
    outcome = outcome_of(response(EVENT, "HCR*A1*AUTH1", services=[[service], ["SV1*HC:96413**UN*200"]]), of=of)
    found = of_line(outcome, "it")
    assert (found.code.code if found.code else None) == (asked if found.outcome is LineOutcome.CERTIFIED else None)
    return found.outcome, outcome.attention


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("00006302602", "00006302602"),
        ("00006302602", "00006-3026-02"),
        ("00006302602", "0006-3026-02"),
        ("57894003001", "57894-030-01"),
        ("50242004006", "50242-0040-6"),
        ("50242004006", "50242-0040-06"),
    ],
)
def test_an_ndc_is_the_same_as_on_its_label(asked: str, written: str) -> None:
    assert answered("ndc", asked, f"SV1*N4:{written}**UN*200") == CERTIFIED


@pytest.mark.parametrize("written", ["0006302602", "0006-302-602", "00006-3026-2-0", "00006-302-60", "0006-3026-2"])
def test_an_ndc_that_can_be_read_two_ways_is_not_ours(written: str) -> None:
    assert answered("ndc", "00006302602", f"SV1*N4:{written}**UN*200") == UNKNOWN


def test_a_revenue_code_is_the_same_without_its_zero() -> None:
    assert answered("revenue", "0250", "SV2*0250***UN*200") == CERTIFIED
    assert answered("revenue", "0250", "SV2*250***UN*200") == CERTIFIED
    assert answered("revenue", "0250", "SV2*2500***UN*200") == UNKNOWN
