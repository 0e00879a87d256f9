"""Lines of one product that would go to both benefits are asked; lines of two drugs, or of two supplies, are not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gateway.routing.decision import Rule
from tests.unit.routing_material import CROSSWALK, DAYS, HOLDS, a_hcpcs, a_library, a_line, an_ndc, ask, decide

EARLY = {"start": "2026-09-01"}
"""Before the first crosswalk holds."""
LATE = {"start": "2027-02-01"}


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
        (a_hcpcs("J9271"), an_ndc("99999-0271-03", supply="self_administered")),
        (a_hcpcs("J3490", ndc="99999-0271-03", place_of_service="11"), a_hcpcs("J9271", supply="self_administered")),
        (a_line("90371", "cpt", dates=DAYS), an_ndc("99999-0371-02", supply="self_administered")),
        (a_hcpcs("J9271", dates=EARLY), an_ndc("99999-0271-01", supply="self_administered", dates=EARLY)),
        (a_hcpcs("J9271", dates=EARLY), an_ndc("99999-0271-03", supply="self_administered", dates=EARLY)),
        (a_line("90371", "cpt", dates=EARLY), an_ndc("99999-0371-01", supply="self_administered", dates=EARLY)),
        (a_hcpcs("J9271", ndc="11111-1111-11"), a_hcpcs("J9271", ndc="22222-2222-22", supply="self_administered")),
        (a_hcpcs("J9271", ndc="11111-1111-11"), an_ndc("99999-0271-01", supply="self_administered")),
    ],
    ids=[
        "by_the_crosswalk",
        "another_package",
        "package_beside_the_code",
        "code_alone",
        "product_of_no_code",
        "one_code",
        "one_stated",
        "package_of_no_crosswalk",
        "package_of_no_crosswalk_beside_another_code",
        "package_of_no_crosswalk_under_cpt",
        "before_the_first_crosswalk",
        "package_before_the_first_crosswalk",
        "cpt_before_the_first_crosswalk",
        # A code that is not for whatever has none is one drug given one way, whoever made the package: a practice that
        # names two labelers for one drug has not said that both benefits are to be asked.
        "two_labelers_of_one_code",
        "two_labelers_of_one_code_by_the_crosswalk",
    ],
)
def test_lines_of_one_product_that_would_go_under_both_benefits_are_asked(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    decision = decide(ask(one, other, a_hcpcs("J1745"), card={"bin": "999001"}))
    assert [plan.line_ids for plan in decision.plans] == [("3",)]
    assert [(side.benefit, side.why.rule) for side in decision.sides[:2]] == [(None, Rule.ONE_PRODUCT)] * 2
    assert [side.why.pointer for side in decision.sides[:2]] == ["/lines/0/benefit", "/lines/1/benefit"]


def test_a_product_is_known_by_what_any_quarter_says_of_it() -> None:
    """A later one has left it out."""
    rows = CROSSWALK.replace(b"October 2026", b"January 2027").splitlines(keepends=True)
    days = (b"October 1, 2026 through December 31, 2026", b"January 1, 2027 through March 31, 2027")
    later = b"".join(row.replace(*days) for row in rows if b"99999-0271" not in row)
    lines = [a_hcpcs("J9271", dates=LATE), an_ndc("99999-0271-01", supply="self_administered", dates=LATE)]
    library = a_library(later=later)
    assert library.reference.crosswalk(date.fromisoformat(LATE["start"]))[0] == "later.csv"
    sides = decide(ask(*lines, card={"bin": "999001"}), library).sides
    assert [side.why.rule for side in sides] == [Rule.ONE_PRODUCT] * 2
    assert sides[1].steps[-1].data == ("2026q4.csv",), "whoever is asked is told which file says that they are one"


@pytest.mark.parametrize("turned", [False, True], ids=["first", "second"])
def test_a_line_that_its_payer_wants_under_both_benefits_is_not_asked_because_another_names_its_product(
    turned: bool,
) -> None:
    also = {"codes": [{"system": "hcpcs", "first": "J9271"}], "benefit": "medical", "payer": "onco_review"}
    library = a_library(delegations=[{"delegation": "onco", "also": "pharmacy", **also, **HOLDS}])
    lines = [a_hcpcs("J9271", ndc="99999-0271-01"), an_ndc("99999-0271-01", benefit="pharmacy")]
    decision = decide(ask(*(lines[::-1] if turned else lines), card={"bin": "999001"}), library)
    both, alone = ("2", "1") if turned else ("1", "2")
    assert sorted((side.line_id, side.benefit, side.why.rule) for side in decision.sides) == sorted(
        [
            (both, "medical", Rule.DELEGATED),
            (both, "pharmacy", Rule.ALSO),
            (alone, "pharmacy", Rule.STATED),
        ]
    )
    assert decision.unrouted == ()


@pytest.mark.parametrize("turned", [False, True], ids=["first", "second"])
def test_a_line_that_is_asked_for_something_else_is_asked_for_that_and_holds_up_no_other(turned: bool) -> None:
    lines = [an_ndc("99999-0271-01"), a_hcpcs("J9271")]
    decision = decide(ask(*(lines[::-1] if turned else lines), card={"bin": "999001"}))
    asked = decision.sides[1 if turned else 0]
    assert (asked.benefit, asked.why.rule) == (None, Rule.BENEFIT_UNCLEAR)
    assert [plan.line_ids for plan in decision.plans] == [("1",) if turned else ("2",)]


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
    ],
    ids=["infused_then_injected", "products", "no_code_of_its_own", "no_code_with_products"],
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
