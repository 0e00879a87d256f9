"""What is not known is asked: who gives a drug, what Medicare pays for, whom a delegation is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.main.house import load_adapters
from gateway.profiles.library import Library
from gateway.routing.decision import Result, Rule
from tests.unit.routing_material import HOLDS, a_hcpcs, a_library, a_row, an_ndc, ask, decide, side_of, step

ROOT = Path(__file__).parents[2]
HOME = {"site": {"place_of_service": "12"}}
OFFICE = {"site": {"place_of_service": "11"}}
INFUSION = a_hcpcs("96413", system="cpt", role="administration")


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(ROOT / "mappings", load_adapters())


# who gives it


@pytest.mark.parametrize(
    ("lines", "over", "field"),
    [
        ([a_hcpcs("J1745")], OFFICE, "/site/place_of_service"),
        ([a_hcpcs("J1745")], {"site": {"place_of_service": "19"}}, "/site/place_of_service"),
        ([a_hcpcs("J1745", place_of_service="22")], HOME, "/lines/0/place_of_service"),
        ([a_hcpcs("J1745"), INFUSION], HOME, "/lines/1/code"),
        ([a_hcpcs("J1745"), INFUSION, a_hcpcs("J8522", supply="self_administered")], HOME, "/lines/1/code"),
        ([a_hcpcs("J1745"), INFUSION, a_hcpcs("J8522")], HOME, "/lines/1/code"),
        ([a_hcpcs("J1745"), INFUSION, an_ndc(supply="self_administered")], HOME, "/lines/1/code"),
        ([a_hcpcs("J1745", revenue_code="0636")], HOME, "/lines/0/revenue_code"),
        ([a_hcpcs("J0139", place_of_service="11")], OFFICE, "/lines/0/place_of_service"),
        ([a_hcpcs("J0139"), INFUSION], OFFICE, "/lines/1/code"),
    ],
    ids=[
        "office",
        "hospital",
        "place_of_the_line",
        "infused",
        "beside_tablets",
        "beside_tablets_of_no_supply",
        "beside_a_pen",
        "billed_by_a_facility",
        "pen_given_there",
        "pen_with_its_administration",
    ],
)
def test_a_drug_that_a_provider_gives_goes_without_a_question_and_it_is_told_what_tells_so(
    lines: list[dict[str, Any]], over: dict[str, Any], field: str
) -> None:
    side = decide(ask(*lines, **over)).sides[0]
    assert (side.benefit, side.why.rule) == ("medical", Rule.GIVEN)
    assert field in step(side, Rule.GIVEN).inputs


@pytest.mark.parametrize(
    ("lines", "over"),
    [
        ([a_hcpcs("J0139")], HOME),
        ([a_hcpcs("J0139", role="procedure")], HOME),
        ([a_hcpcs("90371", system="cpt")], HOME),
        ([a_hcpcs("J0139", place_of_service="12")], OFFICE),
        ([a_hcpcs("J0139")], OFFICE | {"supply": "self_administered"}),
        ([a_hcpcs("J0139"), a_hcpcs("J1745"), INFUSION], HOME),
        ([a_hcpcs("J0139")], OFFICE),
        ([a_hcpcs("J0139"), a_hcpcs("J1745"), INFUSION], {"site": {"place_of_service": "49"}}),
        ([a_hcpcs("J8522")], OFFICE),
        ([a_hcpcs("J8522"), INFUSION], OFFICE),
        ([a_hcpcs("J8999", role="supportive")], OFFICE),
    ],
    ids=[
        "home",
        "another_role",
        "product_under_cpt",
        "line_home",
        "taken",
        "of_which",
        "pen",
        "pen_beside_an_infusion",
        "tablets",
        "tablets_infused",
        "no_code_of_its_own",
    ],
)
def test_a_drug_of_which_nothing_tells_who_gives_it_is_asked_and_sent_nowhere(
    lines: list[dict[str, Any]], over: dict[str, Any]
) -> None:
    decision = decide(ask(*lines, card={"bin": "999001"}, **over))
    side = decision.sides[0]
    assert (side.benefit, side.why.rule, side.why.pointer) == (None, Rule.BENEFIT_UNCLEAR, "/lines/0/supply")
    assert not [plan for plan in decision.plans if "1" in plan.line_ids]
    assert step(side, Rule.GIVEN).otherwise


@pytest.mark.parametrize("code", ["J0139", "J3030", "J1324", "J1438", "J3590", "Q5142"])
def test_by_our_list_a_place_of_service_sends_nothing_that_patients_may_inject_to_the_medical_benefit(
    library: Library, code: str
) -> None:
    side = side_of(ask(a_hcpcs(code), **OFFICE), library)
    assert (side.benefit, side.why.rule, side.why.pointer) == (None, Rule.BENEFIT_UNCLEAR, "/lines/0/supply")


@pytest.mark.parametrize("code", ["J1745", "J9271", "J9312", "J0897", "J9999", "J3380", "Q5103"])
def test_by_our_list_an_ordinary_infusion_goes_by_the_place_of_the_request(library: Library, code: str) -> None:
    side = side_of(ask(a_hcpcs(code), site={"place_of_service": "49"}), library)
    assert (side.benefit, side.why.rule) == ("medical", Rule.GIVEN)


@pytest.mark.parametrize("supply", ["buy_and_bill", "self_administered"])
def test_the_answer_to_that_question_settles_it(supply: str) -> None:
    benefit = {"buy_and_bill": "medical", "self_administered": "pharmacy"}[supply]
    assert side_of(ask(a_hcpcs("J0139", supply=supply), **HOME)).benefit == benefit


@pytest.mark.parametrize(
    ("lines", "supply", "field"),
    [
        ([a_hcpcs(place_of_service="22", supply="self_administered")], None, "/lines/0/place_of_service"),
        ([a_hcpcs(supply="self_administered"), INFUSION], None, "/lines/1/code"),
        ([an_ndc(), INFUSION], "self_administered", "/lines/1/code"),
        ([an_ndc(revenue_code="0636")], "self_administered", "/lines/0/revenue_code"),
        ([a_hcpcs(revenue_code="0636", supply="self_administered")], None, "/lines/0/revenue_code"),
        ([a_hcpcs(revenue_code="0636", supply="specialty_pharmacy")], None, "/lines/0/revenue_code"),
    ],
    ids=["place", "infused", "product", "product_billed", "billed", "shipped_and_billed"],
)
def test_a_supply_that_the_line_itself_contradicts_is_asked(
    lines: list[dict[str, Any]], supply: str | None, field: str
) -> None:
    side = decide(ask(*lines, supply=supply)).sides[0]
    assert (side.benefit, side.why.rule) == (None, Rule.SUPPLY)
    assert field in side.steps[-1].inputs


def test_the_place_of_the_whole_request_contradicts_no_line_of_a_regimen() -> None:
    tablets = an_ndc("99999-0521-30", supply="self_administered")
    sides = decide(ask(a_hcpcs("J1745", supply="buy_and_bill"), INFUSION, tablets, **OFFICE)).sides
    assert [side.benefit for side in sides] == ["medical", "medical", "pharmacy"]


@pytest.mark.parametrize("business", ["commercial", "medicare_advantage"])
def test_a_payer_without_a_pharmacy_route_is_no_reason_to_take_a_drug_for_given(business: str) -> None:
    decision = decide(ask(a_hcpcs("J0139"), business=business, **HOME), a_library(rows=()))
    assert (decision.plans, decision.sides[0].why.rule) == ((), Rule.BENEFIT_UNCLEAR)


# Medicare


def medicare(*lines: dict[str, Any], **over: Any) -> Any:
    return ask(*lines, business="medicare_advantage", **over)


CANCER = {"diagnoses": [{"code": "C50.911"}]}
ARTHRITIS = {"diagnoses": [{"code": "M05.79"}]}
UNKNOWN = an_ndc("16729-0073-29", supply="self_administered")
RXNORM = a_hcpcs("200328", system="rxnorm", supply="self_administered")


@pytest.mark.parametrize("line", [UNKNOWN, RXNORM, a_hcpcs("J8999", supply="self_administered")])
@pytest.mark.parametrize("over", [CANCER, {"diagnoses": [{"code": "R11.2"}]}])
def test_what_medicare_may_pay_for_by_mouth_and_no_list_names_is_asked(
    line: dict[str, Any], over: dict[str, Any]
) -> None:
    side = side_of(medicare(line, **over))
    assert (side.benefit, side.why.rule, side.why.pointer) == (None, Rule.MEDICARE_PART_B, "/lines/0/benefit")
    assert step(side, Rule.MEDICARE_PART_B).result is Result.ASKS


@pytest.mark.parametrize("line", [UNKNOWN, RXNORM])
def test_for_other_diagnoses_it_is_said_what_is_not_known_and_what_would_change_it(line: dict[str, Any]) -> None:
    side = side_of(medicare(line, **ARTHRITIS))
    assert (side.benefit, side.why.rule) == ("pharmacy", Rule.SELF_ADMINISTERED)
    told = step(side, Rule.MEDICARE_PART_B)
    assert told.says.startswith("It is not known under which code the product is billed")
    assert "HCPCS code" in (told.otherwise or "")


def test_what_the_practice_buys_is_not_asked_about_as_if_it_were_taken_by_mouth() -> None:
    assert side_of(medicare(an_ndc("16729-0073-29", supply="buy_and_bill"), **CANCER)).benefit == "medical"


@pytest.mark.parametrize(
    ("over", "benefits", "rule"),
    [
        ({"evidence": [{"benefit": "pharmacy", "source": "rtpb", "told_on": "2026-11-20"}]}, {}, Rule.EVIDENCE),
        (
            {},
            {"drugs": [{"benefit": "pharmacy", "codes": [{"system": "ndc", "first": "16729-0073-29"}], **HOLDS}]},
            Rule.DRUG_LIST,
        ),
    ],
    ids=["evidence", "drug_list"],
)
def test_the_payers_own_word_answers_what_medicares_lists_leave_open(
    over: dict[str, Any], benefits: dict[str, Any], rule: Rule
) -> None:
    side = side_of(medicare(UNKNOWN | over, **CANCER), a_library(**benefits))
    assert (side.benefit, side.why.rule) == ("pharmacy", rule)


@pytest.mark.parametrize(
    ("code", "day", "named"),
    [
        ("J8521", "2024-09-30", True),
        ("J8521", "2026-12-01", False),
        ("J8522", "2024-09-30", False),
        ("J8522", "2026-12-01", True),
    ],
)
def test_capecitabine_is_part_bs_under_the_code_of_its_day(
    library: Library, code: str, day: str, *, named: bool
) -> None:
    side = side_of(medicare(a_hcpcs(code, dates={"start": day}), **CANCER), library)
    assert (side.benefit == "medical") is named
    assert side.why.rule is Rule.MEDICARE_PART_B


def test_capecitabine_by_the_ndc_of_the_sample_crosswalk_is_part_bs(library: Library) -> None:
    tablets = an_ndc("99999-0521-30", supply="self_administered")
    assert side_of(medicare(tablets, **CANCER), library).benefit == "medical"


@pytest.mark.parametrize("code", ["J8501", "J8540", "J8655", "J8670", "Q0161", "Q0162", "Q0166", "Q0167", "Q0180"])
def test_an_oral_antiemetic_is_asked_whether_it_replaces_the_intravenous_one(library: Library, code: str) -> None:
    side = side_of(medicare(a_hcpcs(code, supply="self_administered"), **CANCER), library)
    assert (side.why.rule, side.why.pointer) == (Rule.MEDICARE_PART_B, "/lines/0/antiemetic")


def test_an_immunosuppressant_after_a_transplant_is_asked_about(library: Library) -> None:
    line = a_hcpcs("J7507", supply="self_administered")
    assert side_of(medicare(line, diagnoses=[{"code": "Z94.0"}]), library).benefit is None
    assert side_of(medicare(line, **ARTHRITIS), library).benefit == "pharmacy"


# delegations by the crosswalk

TO_REVIEW = {"delegation": "oncology", "benefit": "medical", "payer": "onco_review", **HOLDS}
BY_CODE = TO_REVIEW | {"codes": [{"system": "hcpcs", "first": "J9000", "last": "J9999"}]}
BY_PACKAGE = TO_REVIEW | {"codes": [{"system": "ndc", "first": "99999-0271-01"}]}


@pytest.mark.parametrize(
    ("line", "delegation"),
    [
        (a_hcpcs("J9271"), BY_CODE),
        (an_ndc("99999-0271-01", supply="buy_and_bill"), BY_CODE),
        (a_hcpcs("J9271", ndc="99999-0271-01"), BY_PACKAGE),
    ],
    ids=["code", "product", "ndc_beside"],
)
def test_a_product_goes_to_the_delegate_however_it_is_named(line: dict[str, Any], delegation: dict[str, Any]) -> None:
    assert side_of(ask(line), a_library(delegations=[delegation])).payer == "onco_review"


def test_a_delegation_that_the_crosswalk_made_hold_names_its_file() -> None:
    side = side_of(ask(an_ndc("99999-0271-01", supply="buy_and_bill")), a_library(delegations=[BY_CODE]))
    assert step(side, Rule.DELEGATED).data == ("evergreen_health#/benefits/delegations/0", "2026q4.csv")


@pytest.mark.parametrize(
    ("line", "delegation", "pointer"),
    [
        (a_hcpcs("J9271"), BY_PACKAGE, "/lines/0/ndc"),
        (an_ndc("16729-0073-29", supply="buy_and_bill"), BY_CODE, "/lines/0/code"),
        (an_ndc("16729-0073-29"), BY_CODE, "/lines/0/code"),
    ],
    ids=["some_packages", "unknown_product", "unknown_supply"],
)
def test_a_delegation_that_turns_on_a_code_that_is_not_known_is_asked(
    line: dict[str, Any], delegation: dict[str, Any], pointer: str
) -> None:
    side = side_of(ask(line), a_library(delegations=[delegation]))
    assert (side.benefit, side.why.rule, side.why.pointer) == (None, Rule.DELEGATED, pointer)


def test_what_the_patient_takes_is_not_held_against_a_delegation_of_what_is_billed() -> None:
    line = an_ndc("16729-0073-29", supply="self_administered")
    assert side_of(ask(line), a_library(delegations=[BY_CODE])).benefit == "pharmacy"


# the card


@pytest.mark.parametrize("pcn", ["paper", "PAPER", "Paper "])
@pytest.mark.parametrize("of_row", ["PAPER", "paper"])
def test_a_card_leads_to_its_row_in_whatever_letters_it_is_written(pcn: str, of_row: str) -> None:
    rows = [a_row(), a_row(pcn=of_row, group="grp1", payer="onco_review")]
    card = {"bin": "999001", "pcn": pcn, "group": "Grp1"}
    assert side_of(ask(an_ndc(benefit="pharmacy"), card=card), a_library(rows=rows)).payer == "onco_review"
