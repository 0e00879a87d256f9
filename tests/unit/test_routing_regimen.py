"""A pharmacy drug inside an infused regimen, over the profiles that come with the gateway and a pharmacy manager's."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

import pytest

from adapters.rest_review import ADAPTER as REVIEWS
from adapters.x12_278 import ADAPTER as X12
from gateway.contract.adapter import Adapter
from gateway.model.record import Record
from gateway.profiles.library import Library
from gateway.routing.decision import Rule
from tests.unit.profile_material import Pigeon
from tests.unit.routing_material import a_hcpcs, an_ndc, ask, decide

ROOT = Path(__file__).parents[2]


class AnyPayer(Record):
    """Settings of a payer; none."""


class Script(Pigeon):
    """Stands for the channel of pharmacy managers."""

    channel: ClassVar[str] = "script_epa"
    payer_settings: ClassVar[type[Record]] = AnyPayer
    code_tables: ClassVar[Mapping[str, type[StrEnum]]] = {}


ADAPTERS: Mapping[str, Adapter] = {"script_epa": Script(), "x12_278": X12, "rest_review": REVIEWS}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("mappings")
    shutil.copytree(ROOT / "mappings", folder, dirs_exist_ok=True)
    shutil.copytree(ROOT / "tests" / "running" / "larkspur", folder, dirs_exist_ok=True)
    return Library.load(folder, ADAPTERS)


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
    wanted = ask(*regimen, business=business, supply="buy_and_bill", card={"bin": "999001", "pcn": "RXPCN"})
    decision = decide(wanted, library)
    assert [(plan.benefit, plan.line_ids) for plan in decision.plans] == plans
    assert {plan.payer for plan in decision.plans if plan.benefit == "pharmacy"} <= {"larkspur_rx"}
    assert decision.unrouted == ()


def test_a_card_of_the_paper_plan_is_told_to_go_another_way(library: Library) -> None:
    decision = decide(ask(an_ndc(benefit="pharmacy"), card={"bin": "999001", "pcn": "PAPER"}), library)
    assert [(left.why.rule, left.why.pointer) for left in decision.unrouted] == [(Rule.CARD, "/coverages/0/pharmacy")]
