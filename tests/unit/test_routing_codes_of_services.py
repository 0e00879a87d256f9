"""What no code tells to be of a drug is asked of the medical benefit."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.routing.decision import Rule
from tests.unit.test_routing import decide
from tests.x12_material import line, request


@pytest.mark.parametrize("wanted", [line("D7140", "cdt"), line("96413", "cpt"), line("0636", "revenue")])
def test_a_code_of_a_service_leads_to_the_medical_benefit(wanted: dict[str, Any]) -> None:
    (found,) = decide(request=request(lines=[wanted])).sides
    assert (found.benefit, found.why.rule) == ("medical", Rule.SERVICE_CODE)


def test_a_product_alone_does_not() -> None:
    (found,) = decide(request=request(lines=[line("00006302602", "ndc")])).sides
    assert found.benefit is None
