"""Which benefit pays for a line: each rule, their order, and that every one of them tells what it read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gateway.model.request import PARequest
from gateway.routing.decision import Result, Rule
from tests.unit.routing_material import DAYS, HOLDS, a_hcpcs, a_library, an_ndc, ask, decide, side_of, step

OUT = "Z79.899"
CANCER = "C34.11"


def listed(benefit: str, *codes: dict[str, str], **over: Any) -> dict[str, Any]:
    return {"benefit": benefit, "codes": codes, **HOLDS} | over


def evidence(benefit: str, told_on: str = "2026-11-20", source: str = "rtpb") -> dict[str, str]:
    return {"benefit": benefit, "source": source, "told_on": told_on}


def of_diagnoses(*codes: str) -> list[dict[str, str]]:
    return [{"code": code} for code in codes]


ALL_DRUGS = {
    "drugs": [listed("pharmacy", {"system": "ndc", "first": "00000000000", "last": "99999999999"})],
    "white_bagging": [{"benefit": "pharmacy", **HOLDS}],
}


def test_a_stated_benefit_ends_it_whatever_the_profile_says() -> None:
    delegation = {"delegation": "all", "benefit": "medical", "payer": "onco_review", **HOLDS}
    library = a_library(delegations=[delegation], **ALL_DRUGS)
    side = side_of(ask(an_ndc(benefit="medical", supply="self_administered")), library)
    assert (side.benefit, side.payer, side.why.rule) == ("medical", None, Rule.STATED)
    assert [each.rule for each in side.steps] == [Rule.STATED]


def test_the_rules_are_tried_in_their_order_and_each_says_what_it_read_and_what_would_change_it() -> None:
    side = side_of(ask(an_ndc()))
    assert [each.rule for each in side.steps] == [
        Rule.STATED,
        Rule.DELEGATED,
        Rule.MEDICARE_PART_B,
        Rule.SUPPLY,
        Rule.DRUG_LIST,
        Rule.EVIDENCE,
        Rule.SERVICE_CODE,
        Rule.GIVEN,
        Rule.BENEFIT_UNCLEAR,
    ]
    assert [each.result for each in side.steps] == [*[Result.PASSES] * 8, Result.ASKS]
    assert all(each.otherwise for each in side.steps)
    assert step(side, Rule.SUPPLY).inputs == ("/lines/0/code", "/lines/0/supply", "/supply")
    assert step(side, Rule.SUPPLY).otherwise == "The line's supply."
    assert (side.benefit, side.why.pointer) == (None, "/lines/0/benefit")


# supply


@pytest.mark.parametrize(
    ("line", "of_request", "benefit", "rule"),
    [
        (an_ndc(supply="self_administered"), "buy_and_bill", "pharmacy", Rule.SELF_ADMINISTERED),
        (an_ndc(supply="buy_and_bill"), "self_administered", "medical", Rule.BUY_AND_BILL),
        (an_ndc(), "buy_and_bill", "medical", Rule.BUY_AND_BILL),
        (a_hcpcs(supply="self_administered"), None, "pharmacy", Rule.SELF_ADMINISTERED),
        (a_hcpcs(), "buy_and_bill", "medical", Rule.BUY_AND_BILL),
        (a_hcpcs(), "self_administered", None, Rule.BENEFIT_UNCLEAR),
        (a_hcpcs("J8522"), "self_administered", "pharmacy", Rule.SELF_ADMINISTERED),
        (a_hcpcs("J1100", role="supportive"), "buy_and_bill", "medical", Rule.BUY_AND_BILL),
        (a_hcpcs(), "specialty_pharmacy", None, Rule.BENEFIT_UNCLEAR),
        (a_hcpcs("G0498", role="administration"), "specialty_pharmacy", "medical", Rule.SERVICE_CODE),
        (a_hcpcs("J1100", role="supportive"), "specialty_pharmacy", "medical", Rule.GIVEN),
        (an_ndc(revenue_code="0636"), None, "medical", Rule.GIVEN),
        (an_ndc(supply="specialty_pharmacy"), None, None, Rule.BENEFIT_UNCLEAR),
    ],
)
def test_who_supplies_a_drug_tells_its_benefit(
    line: dict[str, Any], of_request: str | None, benefit: str | None, rule: Rule
) -> None:
    side = side_of(ask(line, supply=of_request))
    assert (side.benefit, side.why.rule) == (benefit, rule)


@pytest.mark.parametrize(
    ("fact", "business", "benefit"),
    [
        ({"benefit": "pharmacy"}, "commercial", "pharmacy"),
        ({"benefit": "medical"}, "commercial", "medical"),
        ({"benefit": "medical", "lines_of_business": ["medicare_advantage"]}, "commercial", None),
        ({"benefit": "medical", "effective": {"start": "2026-12-02"}}, "commercial", None),
        ({"benefit": "medical", "effective": {"start": "2026-01-01", "end": "2026-12-01"}}, "commercial", "medical"),
    ],
)
def test_white_bagging_follows_what_the_plan_says_for_the_day_of_service(
    fact: dict[str, Any], business: str, benefit: str | None
) -> None:
    library = a_library(white_bagging=[HOLDS | fact])
    side = side_of(ask(a_hcpcs(supply="specialty_pharmacy"), business=business), library)
    assert side.benefit == benefit
    if benefit:
        assert side.why.rule is Rule.WHITE_BAGGING
        assert step(side, Rule.SUPPLY).data == ("evergreen_health#/benefits/white_bagging/0",)


def test_where_the_plan_says_nothing_of_white_bagging_the_payers_own_word_still_counts() -> None:
    side = side_of(ask(a_hcpcs(supply="specialty_pharmacy", evidence=[evidence("pharmacy")])))
    assert (side.benefit, side.why.rule) == ("pharmacy", Rule.EVIDENCE)


# Medicare

TABLETS = an_ndc("99999-0521-30", supply="self_administered")


@pytest.mark.parametrize(
    ("line", "diagnoses", "business", "benefit", "rule"),
    [
        (a_hcpcs("J8522"), [CANCER], "medicare_advantage", "medical", Rule.MEDICARE_PART_B),
        (a_hcpcs("J8522"), [OUT], "medicare_advantage", "pharmacy", Rule.MEDICARE_PART_B),
        (a_hcpcs("J8522"), [OUT], "commercial", None, Rule.BENEFIT_UNCLEAR),
        (TABLETS, [CANCER], "medicare_advantage", "medical", Rule.MEDICARE_PART_B),
        (TABLETS, [CANCER], "commercial", "pharmacy", Rule.SELF_ADMINISTERED),
        (a_hcpcs("J8522"), [OUT, CANCER], "medicare_advantage", None, Rule.MEDICARE_PART_B),
        (a_hcpcs("J8522"), [CANCER, OUT], "medicare_advantage", "medical", Rule.MEDICARE_PART_B),
        (a_hcpcs("J8522", diagnoses=[2]), [OUT, CANCER], "medicare_advantage", "medical", Rule.MEDICARE_PART_B),
        (a_hcpcs("J8522", diagnoses=[1]), [OUT, CANCER], "medicare_advantage", "pharmacy", Rule.MEDICARE_PART_B),
        (a_hcpcs("J8522", dates={"start": "2025-12-31"}), [OUT], "medicare_advantage", None, Rule.BENEFIT_UNCLEAR),
    ],
)
def test_an_oral_anticancer_drug_is_part_b_where_the_injectable_is_covered_for_it(
    line: dict[str, Any], diagnoses: list[str], business: str, benefit: str | None, rule: Rule
) -> None:
    side = side_of(ask(line, business=business, diagnoses=of_diagnoses(*diagnoses)))
    assert (side.benefit, side.why.rule) == (benefit, rule)
    if benefit is None and rule is Rule.MEDICARE_PART_B:
        assert side.why.pointer == "/lines/0/diagnoses"


@pytest.mark.parametrize(
    ("antiemetic", "benefit"),
    [
        (None, None),
        ({"replaces_intravenous": True, "last_dose_hours": 48}, "medical"),
        ({"replaces_intravenous": True, "last_dose_hours": 49}, "pharmacy"),
        ({"replaces_intravenous": False, "last_dose_hours": 24}, "pharmacy"),
    ],
)
def test_an_oral_antiemetic_is_part_b_in_full_place_of_the_intravenous_one_within_two_days(
    antiemetic: dict[str, Any] | None, benefit: str | None
) -> None:
    wanted = a_hcpcs("Q0162", supply="self_administered", **({"antiemetic": antiemetic} if antiemetic else {}))
    side = side_of(ask(wanted, business="medicare_advantage"))
    assert (side.benefit, side.why.rule) == (benefit, Rule.MEDICARE_PART_B)
    if benefit is None:
        assert side.why.pointer == "/lines/0/antiemetic"
        assert [each.rule for each in side.steps][-1] is Rule.MEDICARE_PART_B


@pytest.mark.parametrize(
    "line",
    [
        a_hcpcs("J8522"),
        a_hcpcs("Q0162", supply="self_administered", antiemetic={"replaces_intravenous": True, "last_dose_hours": 24}),
    ],
)
def test_what_part_b_pays_for_is_not_asked_of_a_plan_of_part_d_alone(line: dict[str, Any]) -> None:
    side = side_of(ask(line, diagnoses=of_diagnoses(CANCER), business="medicare_part_d"))
    assert (side.benefit, side.why.rule) == (None, Rule.MEDICARE_PART_B)
    assert side.why.pointer == "/coverages/0/line_of_business"
    assert side_of(ask({**line, "benefit": "pharmacy"}, business="medicare_part_d")).benefit == "pharmacy"


# the drug list


PLAIN = {"system": "hcpcs", "first": "J9271"}
CHEMOTHERAPY = {"system": "hcpcs", "first": "J9000", "last": "J9999"}
PRODUCT = {"system": "ndc", "first": "99999-0123-30"}
OF_MEDICARE = listed("pharmacy", PLAIN, lines_of_business=["medicare_advantage"])


@pytest.mark.parametrize(
    ("rows", "line", "benefit", "rule"),
    [
        ([listed("pharmacy", CHEMOTHERAPY)], a_hcpcs(), "pharmacy", Rule.DRUG_LIST),
        ([listed("pharmacy", {"system": "hcpcs", "first": "J9272"})], a_hcpcs(), "medical", Rule.GIVEN),
        ([listed("medical", PRODUCT)], an_ndc(), "medical", Rule.DRUG_LIST),
        ([listed("pharmacy", PRODUCT)], a_hcpcs(ndc="99999012330"), "pharmacy", Rule.DRUG_LIST),
        ([listed("pharmacy", PLAIN, effective={"start": "2026-12-02"})], a_hcpcs(), "medical", Rule.GIVEN),
        ([OF_MEDICARE], a_hcpcs(), "medical", Rule.GIVEN),
        ([listed("pharmacy", PLAIN), listed("medical", CHEMOTHERAPY)], a_hcpcs(), None, Rule.DRUG_LIST),
    ],
    ids=["range", "outside", "ndc", "ndc_beside", "another_day", "another_business", "both"],
)
def test_the_payers_drug_list_tells_with_its_days(
    rows: list[dict[str, Any]], line: dict[str, Any], benefit: str | None, rule: Rule
) -> None:
    side = side_of(ask(line), a_library(drugs=rows))
    assert (side.benefit, side.why.rule) == (benefit, rule)


BOTH_PACKAGES = {"system": "ndc", "first": "99999-0271-01", "last": "99999-0271-02"}


@pytest.mark.parametrize(
    ("codes", "line", "benefit", "pointer"),
    [
        (BOTH_PACKAGES, a_hcpcs(), "pharmacy", None),
        ({"system": "ndc", "first": "99999-0271-01"}, a_hcpcs(), None, "/lines/0/ndc"),
        ({"system": "ndc", "first": "99999-0271-01"}, a_hcpcs(ndc="99999-0271-01"), "pharmacy", None),
        ({"system": "hcpcs", "first": "J9271"}, an_ndc("99999-0271-02"), "pharmacy", None),
    ],
    ids=["all_products", "some_products", "the_product", "the_code"],
)
def test_the_crosswalk_leads_from_a_code_to_its_products_on_the_list_and_back(
    codes: dict[str, str], line: dict[str, Any], benefit: str | None, pointer: str | None
) -> None:
    side = side_of(ask(line), a_library(drugs=[listed("pharmacy", codes)]))
    assert (side.benefit, side.why.rule, side.why.pointer) == (benefit, Rule.DRUG_LIST, pointer)


def test_a_decision_by_the_crosswalk_names_its_file_and_without_one_nothing_is_concluded() -> None:
    rows = [listed("pharmacy", BOTH_PACKAGES)]
    told = step(side_of(ask(a_hcpcs()), a_library(drugs=rows)), Rule.DRUG_LIST)
    assert told.data == ("evergreen_health#/benefits/drugs/0", "2026q4.csv")
    assert side_of(ask(a_hcpcs()), a_library(drugs=rows, crosswalk=False)).why.rule is Rule.GIVEN
    before = a_hcpcs(dates={"start": "2026-09-30"})
    assert side_of(ask(before), a_library(drugs=rows)).why.rule is Rule.GIVEN


# evidence


@pytest.mark.parametrize(
    ("items", "benefit", "rule"),
    [
        ([evidence("pharmacy")], "pharmacy", Rule.EVIDENCE),
        ([evidence("pharmacy", "2026-11-01"), evidence("medical", "2026-11-02", "x12_271")], "medical", Rule.EVIDENCE),
        ([evidence("pharmacy"), evidence("medical", source="x12_271")], None, Rule.EVIDENCE),
        ([evidence("pharmacy", "2026-10-22")], "pharmacy", Rule.EVIDENCE),
        ([evidence("pharmacy", "2026-10-21")], "medical", Rule.GIVEN),
        ([evidence("pharmacy", "2026-11-22")], "medical", Rule.GIVEN),
    ],
    ids=["one", "the_latest", "contradicting", "thirty_days_old", "too_old", "of_tomorrow"],
)
def test_the_payers_latest_word_counts_while_it_is_fresh(
    items: list[dict[str, str]], benefit: str | None, rule: Rule
) -> None:
    side = side_of(ask(a_hcpcs(evidence=items)))
    assert (side.benefit, side.why.rule) == (benefit, rule)


def test_no_rule_tells_a_value_of_the_request() -> None:
    wanted = ask(
        a_hcpcs(
            "J8522", ndc="99999-0271-01", evidence=[evidence("pharmacy", "2026-11-19") | {"reference": "QZCANARY"}]
        ),
        an_ndc("99999-0521-30", dates=DAYS),
        business="medicare_advantage",
        card={"bin": "999001", "pcn": "QZPCN", "group": "QZGROUP"},
        diagnoses=of_diagnoses("L40.59", "C7A.00"),
    )
    delegation = {
        "delegation": "all",
        "benefit": "medical",
        "payer": "onco_review",
        "ages": {"least": 90},
        "specialties": ["207RX0202X"],
        **HOLDS,
    }
    told = decide(wanted, a_library(delegations=[delegation], **ALL_DRUGS)).as_json().decode()
    for value in ("QZ", "999001", "99999", "L40", "C7A", "J8522", "1961", "2026-11-19", "2026-12-01", "EGH100001"):
        assert value not in told


def test_days_are_those_of_the_service_and_not_of_asking() -> None:
    rows = [listed("pharmacy", {"system": "hcpcs", "first": "J9271"}, effective={"start": "2027-01-01"})]
    wanted: PARequest = ask(a_hcpcs(dates={"start": "2027-01-02"}))
    assert side_of(wanted, a_library(drugs=rows), on=date(2026, 12, 20)).benefit == "pharmacy"
