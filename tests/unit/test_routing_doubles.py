"""Lines of one product that would go to both benefits are asked; lines of two drugs, or of two supplies, are not."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.routing.decision import Rule
from tests.unit.routing_material import HOLDS, a_hcpcs, a_library, an_ndc, ask, decide


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_hcpcs("J9271"), an_ndc("99999-0271-01", supply="self_administered")),
        (an_ndc("99999-0123-10", supply="buy_and_bill"), an_ndc("99999-0123-30", benefit="pharmacy")),
        (a_hcpcs("J9271", ndc="99999-0271-01"), an_ndc("99999-0271-02", supply="self_administered")),
        (a_hcpcs("J9271", ndc="99999-0271-01"), a_hcpcs("J9271", supply="self_administered")),
        (a_hcpcs("J3490", ndc="99999-3490-10", place_of_service="11"), an_ndc("99999-3490-30", benefit="pharmacy")),
        (a_hcpcs("J9312"), a_hcpcs("J9312", supply="self_administered")),
        (a_hcpcs("J9271", benefit="medical"), an_ndc("99999-0271-01", supply="self_administered")),
    ],
    ids=[
        "by_the_crosswalk",
        "another_package",
        "package_beside_the_code",
        "code_alone",
        "product_of_no_code",
        "one_code",
        "one_stated",
    ],
)
def test_lines_of_one_product_that_would_go_under_both_benefits_are_asked(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    decision = decide(ask(one, other, a_hcpcs("J1745"), card={"bin": "999001"}))
    assert [plan.line_ids for plan in decision.plans] == [("3",)]
    assert [(side.benefit, side.why.rule) for side in decision.sides[:2]] == [(None, Rule.ONE_PRODUCT)] * 2
    assert [side.why.pointer for side in decision.sides[:2]] == ["/lines/0/benefit", "/lines/1/benefit"]


def test_where_both_lines_state_their_benefit_it_is_meant() -> None:
    lines = [a_hcpcs("J0139", benefit="medical"), a_hcpcs("J0139", benefit="pharmacy")]
    assert [side.benefit for side in decide(ask(*lines)).sides] == ["medical", "pharmacy"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_hcpcs("J3380", supply="buy_and_bill"), a_hcpcs("J3380", supply="self_administered")),
        (an_ndc("99999-0123-10", supply="buy_and_bill"), an_ndc("99999-0123-30", supply="self_administered")),
        (a_hcpcs("J3490", place_of_service="11"), a_hcpcs("J3490", supply="self_administered")),
        (
            a_hcpcs("J3490", ndc="11111-1111-11", place_of_service="11"),
            a_hcpcs("J3490", ndc="22222-2222-22", supply="self_administered"),
        ),
        (
            a_hcpcs("J9271", ndc="11111-1111-11"),
            a_hcpcs("J9271", ndc="22222-2222-22", supply="self_administered"),
        ),
    ],
    ids=["infused_then_injected", "products", "no_code_of_its_own", "no_code_with_products", "products_of_one_code"],
)
def test_lines_of_different_drugs_or_of_a_different_supply_each_go_under_their_own_benefit(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    decision = decide(ask(one, other, card={"bin": "999001"}))
    assert [side.benefit for side in decision.sides] == ["medical", "pharmacy"]
    assert [(plan.benefit, plan.line_ids) for plan in decision.plans] == [("medical", ("1",)), ("pharmacy", ("2",))]


@pytest.mark.parametrize("shipped", ["specialty_pharmacy", "buy_and_bill"])
def test_one_supply_of_both_lines_does_not_say_that_both_benefits_are_meant(shipped: str) -> None:
    lines = [a_hcpcs("J1745", supply=shipped), a_hcpcs("J1745", supply=shipped, benefit="pharmacy")]
    sides = decide(ask(*lines), a_library(white_bagging=[{"benefit": "medical", **HOLDS}])).sides
    assert [side.why.rule for side in sides] == [Rule.ONE_PRODUCT] * 2


@pytest.mark.parametrize(
    "other", [an_ndc("99999-0521-30", supply="self_administered"), an_ndc("99999-0271-02", supply="buy_and_bill")]
)
def test_lines_of_other_products_or_of_one_benefit_go_their_way(other: dict[str, Any]) -> None:
    decision = decide(ask(a_hcpcs("J9271"), other, card={"bin": "999001"}))
    assert decision.unrouted == ()
