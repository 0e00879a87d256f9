"""A pharmacy drug inside an infused regimen, over the profiles that come with the gateway and a pharmacy manager's."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.main.house import load_adapters
from gateway.profiles.library import Library
from gateway.routing.decision import Rule
from tests.unit.routing_material import a_hcpcs, an_ndc, ask, decide

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(ROOT / "mappings", load_adapters())


@pytest.mark.parametrize(
    ("oral", "business", "plans"),
    [
        ({"supply": "self_administered"}, "commercial", [("medical", ("1", "2")), ("pharmacy", ("3",))]),
        ({"supply": "self_administered"}, "medicare_advantage", [("medical", ("1", "2", "3"))]),
        ({"benefit": "pharmacy"}, "medicare_advantage", [("medical", ("1", "2")), ("pharmacy", ("3",))]),
    ],
    ids=["dispensed", "part_b", "stated"],
)
def test_an_oral_drug_of_an_infused_regimen_goes_to_the_manager_of_the_card_unless_part_b_pays(
    library: Library, oral: dict[str, str], business: str, plans: list[tuple[str, tuple[str, ...]]]
) -> None:
    regimen = [
        a_hcpcs(),
        a_hcpcs("96413", system="cpt", role="administration"),
        an_ndc("99999-0521-30", **oral),
    ]
    wanted = ask(*regimen, business=business, supply="buy_and_bill", card={"bin": "999801", "pcn": "BRX"})
    decision = decide(wanted, library)
    assert [(plan.benefit, plan.line_ids) for plan in decision.plans] == plans
    assert {plan.payer for plan in decision.plans if plan.benefit == "pharmacy"} <= {"birch_rx"}
    assert decision.unrouted == ()


def test_a_card_of_the_paper_plan_is_told_to_go_another_way(library: Library) -> None:
    decision = decide(ask(an_ndc(benefit="pharmacy"), card={"bin": "999801", "pcn": "PAPER"}), library)
    assert [(left.why.rule, left.why.pointer) for left in decision.unrouted] == [(Rule.CARD, "/coverages/0/pharmacy")]
