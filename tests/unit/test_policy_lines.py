"""Whether a line needs authorization, its site, label, product, limits, Medicare's determinations, what it follows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.model.line import CodeSystem, ServiceCode
from gateway.policy.book import Book, age_on
from gateway.policy.check import check
from gateway.profiles.policies import Policies
from tests.unit.policy_material import a_book, a_line, a_pack, a_rule, an_order, checked, codes, line_of, wanting

DRUG = [{"system": "hcpcs", "first": "J9271"}]
GIVING = a_rule("administration", "giving", scope={"codes": [{"system": "cpt", "first": "96360", "last": "96549"}]})


def needed(rule: str = "needed", **fields: Any) -> dict[str, Any]:
    return a_rule("authorization", rule, **({"needed": True, "because": "It is reviewed."} | fields))


@pytest.mark.parametrize(
    ("rules", "likely"),
    [
        ([], "unknown"),
        ([needed()], "needed"),
        ([needed(needed=False)], "not_needed"),
        ([needed(), needed("free", needed=False)], "contradictory"),
        ([needed(), needed("free", needed=False, precedence=1)], "not_needed"),
        ([needed(scope={"codes": [{"system": "hcpcs", "first": "J9272", "last": "J9290"}]})], "unknown"),
        ([needed(scope={"codes": [{"system": "hcpcs", "first": "J9270", "last": "J9290"}]})], "needed"),
        ([needed(scope={"lines_of_business": ["medicare_advantage"]})], "unknown"),
        ([needed(effective={"start": "2026-12-02"})], "unknown"),
        ([needed(effective={"start": "2026-12-01"})], "needed"),
        ([needed(effective={"start": "2026-12-01"}, holds_on="filing")], "unknown"),
        ([needed(effective={"start": "2026-11-23", "end": "2026-11-23"}, holds_on="filing")], "needed"),
    ],
)
def test_authorization_is_needed_or_not_and_why(rules: list[Any], likely: str) -> None:
    found = line_of(an_order(), *rules or [wanting({"need": "stage"})]).authorization
    assert found.likely == likely
    assert bool(found.why) is (likely != "unknown")
    assert all(why.rule.citation.says for why in found.why)


@pytest.mark.parametrize(
    ("rules", "severity"),
    [([needed()], "blocking"), ([], "blocking"), ([needed(needed=False)], "advice")],
)
def test_what_nobody_is_asked_about_is_blocked_by_nothing(rules: list[Any], severity: str) -> None:
    report = checked(an_order(facts={}), *rules, wanting({"need": "stage"}))
    assert [finding.severity for finding in report.findings] == [severity]


@pytest.mark.parametrize(
    ("scope", "order", "applies"),
    [
        ({"roles": ["drug"]}, {}, True),
        ({"roles": ["imaging"]}, {}, False),
        ({"diagnoses": [{"first": "C34"}]}, {}, True),
        ({"diagnoses": [{"first": "C50", "last": "C60"}]}, {}, False),
        ({"diagnoses": [{"first": "C34"}]}, {"diagnoses": []}, "/diagnoses"),
        ({"sites": ["11"]}, {}, True),
        ({"sites": ["22"]}, {}, False),
        ({"sites": ["22"]}, {"site": {}}, "/site/place_of_service"),
        ({"ages": {"least": 65}}, {}, True),
        ({"ages": {"least": 66}}, {}, False),
        ({"ages": {"least": 65}}, {"patient": {}}, "/patient/birth_date"),
        ({"genders": ["male"]}, {}, False),
        ({"genders": ["male"]}, {"patient": {}}, "/patient/gender"),
        ({"intents": ["renewal"]}, {}, False),
        ({"intents": ["renewal"]}, {"intent": "renewal"}, True),
        ({"regimens": ["R-CHOP"]}, {"regimen": {"name": "r chop", "intent": "curative"}}, True),
        ({"regimens": ["R-CHOP"]}, {}, "/regimen"),
        ({"regimen_intents": ["curative"]}, {"regimen": {"name": "x", "intent": "palliative"}}, False),
        ({"regimen_intents": ["curative"]}, {}, "/regimen"),
        ({"supplies": ["buy_and_bill"]}, {"supply": "buy_and_bill"}, True),
        ({"supplies": ["buy_and_bill"]}, {}, "/supply"),
        ({"histologies": [{"first": "8140/3"}]}, {"facts": {"histology": [{"text": "x"}]}}, "/facts/histology"),
        (
            {"histologies": [{"first": "8140/3", "last": "8149/3"}]},
            {"facts": {"histology": [{"text": "x", "icd_o": "8141/3"}]}},
            True,
        ),
        (
            {"histologies": [{"first": "8140/3"}]},
            {"facts": {"histology": [{"text": "x", "icd_o": "8070/3"}]}},
            False,
        ),
    ],
)
def test_a_rule_applies_or_says_what_would_tell(scope: Any, order: Any, applies: bool | str) -> None:
    line = line_of(an_order(**order), wanting({"need": "stage"}, scope=scope))
    assert bool(line.requirements) is (applies is True)
    told = [pointer for one in line.undetermined for pointer in one.missing]
    assert told == ([applies] if isinstance(applies, str) else [])


@pytest.mark.parametrize(
    ("name", "applies"),
    [
        ("carboplatin pemetrexed pembrolizumab", True),
        ("Pembrolizumab + Carboplatin + Pemetrexed", True),
        ("pemetrexed, pembrolizumab and carboplatin", True),
        ("pembrolizumab+pemetrexed/carboplatin", True),
        ("pembrolizumab plus pemetrexed", False),
        ("pembrolizumab", False),
        ("carboplatin pemetrexed pembrolizumab bevacizumab", False),
        ("KEYNOTE-189", "/regimen/name"),
        ("pembrolizumab per protocol 7", "/regimen/name"),
        (None, "/regimen"),
    ],
)
def test_a_regimen_is_its_drugs_in_whatever_order_they_are_written(name: str | None, applies: bool | str) -> None:
    regimen = {"regimen": {"name": name, "intent": "palliative"}} if name else {}
    scope = {"regimens": ["carboplatin pemetrexed pembrolizumab"]}
    verdict = line_of(an_order(**regimen), wanting({"need": "stage"}, scope=scope))
    assert bool(verdict.requirements) is (applies is True)
    assert [each.missing for each in verdict.undetermined] == ([(applies,)] if isinstance(applies, str) else [])


def test_a_line_is_for_the_diagnoses_it_points_at() -> None:
    rule = wanting({"need": "stage"}, scope={"diagnoses": [{"first": "C34"}]})
    both = [{"code": "C34.11"}, {"code": "D70.1"}]
    assert line_of(an_order(a_line(diagnoses=[1]), diagnoses=both), rule).requirements
    assert not line_of(an_order(a_line(diagnoses=[2]), diagnoses=both), rule).requirements
    assert line_of(an_order(a_line(), diagnoses=both), rule).requirements


def test_an_ndc_beside_the_code_is_looked_at_as_well() -> None:
    rule = wanting(
        {"need": "stage"}, scope={"codes": [{"system": "ndc", "first": "99999027100", "last": "99999027199"}]}
    )
    assert line_of(an_order(a_line(ndc="99999-0271-01")), rule).requirements
    assert not line_of(an_order(a_line(ndc="99999-0272-01")), rule).requirements


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [("2000-02-29", "2018-02-28", 17), ("2000-02-29", "2018-03-01", 18), ("2000-05-05", "2018-05-05", 18)],
)
def test_an_age_is_in_whole_years(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


SITE = a_rule(
    "site_of_service",
    preferred=["11", "12"],
    acceptable=["49"],
    justified=[{"sites": ["22"], "needs": ["infusion_reaction"], "within_days": 90}],
    exempt_ages={"least": 0, "most": 17},
)


@pytest.mark.parametrize(
    ("place", "fields", "verdict"),
    [
        ("11", {}, "preferred"),
        ("49", {}, "acceptable"),
        ("22", {}, "needs_justification"),
        ("19", {}, "not_accepted"),
        ("19", {"patient": {"birth_date": "2015-01-01"}}, "exempt"),
        ("22", {"facts": {"site_needs": [{"kind": "infusion_reaction", "observed_on": "2026-10-01"}]}}, "justified"),
        (
            "22",
            {"facts": {"site_needs": [{"kind": "infusion_reaction", "observed_on": "2026-01-01"}]}},
            "needs_justification",
        ),
        (
            "22",
            {"facts": {"site_needs": [{"kind": "unsafe_home", "observed_on": "2026-10-01"}]}},
            "needs_justification",
        ),
    ],
)
def test_a_site_is_preferred_or_needs_a_reason(place: str, fields: Any, verdict: str) -> None:
    report = checked(an_order(site={"place_of_service": place}, **fields), SITE)
    (found,) = report.lines[0].site
    assert found.verdict == verdict
    mismatch = verdict in ("needs_justification", "not_accepted")
    assert codes(report) == (["SOS_MISMATCH"] if mismatch else [])
    assert bool(found.evidence) is (verdict == "justified")


def test_the_site_of_a_line_comes_before_that_of_the_request_and_none_is_no_verdict() -> None:
    assert line_of(an_order(a_line(place_of_service="22")), SITE).site[0].place_of_service == "22"
    unknown = line_of(an_order(site={}), SITE)
    assert (unknown.site, [one.missing for one in unknown.undetermined]) == ((), [("/site/place_of_service",)])


@pytest.mark.parametrize(("place", "verdict"), [("11", "preferred"), ("22", None), ("19", None)])
def test_who_may_be_exempt_by_age_is_not_refused_a_site(place: str, verdict: str | None) -> None:
    report = checked(an_order(site={"place_of_service": place}, patient={}), SITE)
    line = report.lines[0]
    assert [one.verdict for one in line.site] == ([verdict] if verdict else [])
    assert [one.missing for one in line.undetermined] == ([] if verdict else [("/patient/birth_date",)])
    assert codes(report) == []


OF_SOME = a_rule(
    "label",
    "of_some",
    scope={"codes": DRUG},
    indications=[{"diagnoses": [{"first": "C34"}], "genders": ["female"], "ages": {"least": 18}}],
)


@pytest.mark.parametrize(
    ("patient", "verdict", "missing"),
    [
        ({"birth_date": "1961-04-12", "gender": "female"}, "on_label", ()),
        ({"birth_date": "1961-04-12", "gender": "male"}, "off_label_unsupported", ()),
        ({"birth_date": "2015-04-12"}, "off_label_unsupported", ()),
        ({"birth_date": "1961-04-12"}, "undetermined", ("/patient/gender",)),
        ({"birth_date": "1961-04-12", "gender": "unknown"}, "undetermined", ("/patient/gender",)),
        ({"gender": "female"}, "undetermined", ("/patient/birth_date",)),
        ({}, "undetermined", ("/patient/gender", "/patient/birth_date")),
    ],
)
def test_a_label_of_some_patients_says_nothing_of_one_that_is_not_known(
    patient: Any, verdict: str, missing: tuple[str, ...]
) -> None:
    report = checked(an_order(patient=patient), OF_SOME, OFF)
    label = report.lines[0].label
    assert label is not None
    assert (label.verdict, label.missing) == (verdict, missing)
    told = [(one.code, one.pointer, one.severity) for one in report.findings if one.code != "OFF_LABEL_NO_COMPENDIUM"]
    assert told == [("LABEL_PATIENT_UNKNOWN", pointer, "advice") for pointer in missing], "what is not known blocks not"


def test_a_rule_for_some_genders_waits_for_one_that_is_known() -> None:
    order = an_order(patient={"gender": "unknown"})
    line = line_of(order, wanting({"need": "stage"}, scope={"genders": ["male"]}))
    assert (line.requirements, [one.missing for one in line.undetermined]) == ((), [("/patient/gender",)])


def test_a_category_is_the_same_in_small_letters() -> None:
    small = a_rule("off_label", "off", accepted=[{"compendium": "nccn", "categories": ["2b"]}])
    label = line_of(an_order(diagnoses=[{"code": "C50.911"}], facts=cited("2B")), LABEL, small).label
    assert label is not None
    assert label.verdict == "off_label_supported"


def test_a_line_points_at_a_diagnosis_that_is_there() -> None:
    assert an_order(a_line(diagnoses=[9]), diagnoses=[]).lines[0].diagnoses == (9,), "they are not told yet"
    with pytest.raises(ValidationError, match="points at a diagnosis that is not in the list"):
        an_order(a_line(diagnoses=[9]))


LABEL = a_rule(
    "label",
    "label",
    scope={"codes": DRUG},
    indications=[
        {"diagnoses": [{"first": "C34"}]},
        {
            "diagnoses": [{"first": "C18", "last": "C20"}],
            "needs": [{"need": "biomarker", "marker": "msi", "accepted": ["high"]}],
        },
    ],
)
OFF = a_rule("off_label", "off", accepted=[{"compendium": "nccn", "categories": ["1", "2A", "3"]}])


def cited(category: str, compendium: str = "nccn", **fields: Any) -> dict[str, Any]:
    return {"compendium": [{"compendium": compendium, "category": category, "context": "a use", **fields}]}


@pytest.mark.parametrize(
    ("code", "facts", "verdict", "found"),
    [
        ("C34.11", {}, "on_label", []),
        ("C50.911", {}, "off_label_unsupported", ["OFF_LABEL_NO_COMPENDIUM"]),
        ("C50.911", cited("2A"), "off_label_supported", []),
        ("C50.911", cited("2a"), "off_label_supported", []),
        ("C50.911", cited("2B"), "off_label_unsupported", ["OFF_LABEL_NO_COMPENDIUM"]),
        ("C50.911", cited("3"), "off_label_supported", []),
        ("C50.911", cited("1", "drugdex"), "off_label_unsupported", ["OFF_LABEL_NO_COMPENDIUM"]),
        ("C18.9", {}, "undetermined", ["MISSING_MARKER"]),
        ("C18.9", {"biomarkers": [{"marker": "MSI", "result": "MSI-H"}]}, "on_label", []),
        (
            "C18.9",
            {"biomarkers": [{"marker": "MSI", "result": "MSS"}]},
            "off_label_unsupported",
            ["OFF_LABEL_NO_COMPENDIUM"],
        ),
    ],
)
def test_what_no_label_has_wants_a_citation(code: str, facts: Any, verdict: str, found: list[str]) -> None:
    report = checked(an_order(diagnoses=[{"code": code}], facts=facts), LABEL, OFF)
    label = report.lines[0].label
    assert label is not None
    assert (label.verdict, codes(report)) == (verdict, found)


def test_a_citation_for_another_line_supports_nothing_here_and_an_unknown_label_says_nothing() -> None:
    other = cited("1", line_id="2")
    order = an_order(a_line(), a_line("J9299"), diagnoses=[{"code": "C50.911"}], facts=other)
    first, second = checked(order, LABEL, OFF).lines
    assert first.label is not None
    assert (first.label.verdict, second.label) == ("off_label_unsupported", None)


@pytest.mark.parametrize(
    ("quantity", "end", "limit", "verdict"),
    [
        (400, "2027-01-11", {"units": 400, "per_days": 42}, "within"),
        (401, "2027-01-11", {"units": 400, "per_days": 42}, "exceeded"),
        (800, "2027-01-12", {"units": 400, "per_days": 42}, "within"),
        (401, None, {"units": 400, "per_days": 42}, "undetermined"),
        (401, None, {"units": 400}, "exceeded"),
        (1, "2027-01-11", {"most_days": 42}, "within"),
        (1, "2027-01-12", {"most_days": 42}, "exceeded"),
        (1, None, {"most_days": 42}, "undetermined"),
    ],
)
def test_a_limit_is_kept_or_not(quantity: int, end: str | None, limit: Any, verdict: str) -> None:
    dates = {"start": "2026-12-01", **({"end": end} if end else {})}
    report = checked(an_order(a_line(quantity={"value": quantity}, dates=dates)), a_rule("limit", **limit))
    assert report.lines[0].limits[0].verdict == verdict
    assert codes(report) == (["LIMIT_EXCEEDED"] if verdict == "exceeded" else [])


@pytest.mark.parametrize(
    ("other", "verdicts"),
    [
        (a_line(quantity={"value": 150}), ["exceeded", "exceeded"]),
        (a_line(quantity={"value": 50}), ["within", "within"]),
        (a_line(quantity={"value": 150}, dates={"start": "2027-02-01", "end": "2027-02-21"}), ["within", "within"]),
        (a_line(quantity={"value": 150}, dates={"start": "2026-12-20", "end": "2027-01-31"}), ["within", "within"]),
        (a_line("J1745", quantity={"value": 150}), ["within"]),
        (a_line(quantity={"value": 150}, dates={"start": "2026-12-22", "end": "2026-12-22"}), ["exceeded", "exceeded"]),
        (a_line(quantity={"value": 150}, dates={"start": "2026-12-22"}), ["within", "undetermined"]),
    ],
)
def test_lines_of_the_same_days_have_one_limit_among_them(other: dict[str, Any], verdicts: list[str]) -> None:
    rule = a_rule("limit", units=200, per_days=42, scope={"codes": [{"system": "hcpcs", "first": "J9271"}]})
    report = checked(an_order(a_line(quantity={"value": 150}), other), rule)
    assert [one.verdict for line in report.lines for one in line.limits] == verdicts


@pytest.mark.parametrize(
    ("days", "verdicts"),
    [
        ((1, 2, 3, 4, 5), ["exceeded"] * 5),
        ((1, 22), ["within"] * 2),
        ((1, 21), ["exceeded"] * 2),
        ((1, 22, 23), ["within", "exceeded", "exceeded"]),
        ((23, 1, 2), ["within", "exceeded", "exceeded"]),
        ((1, 8, 15, 29), ["exceeded"] * 4),
    ],
)
def test_a_limit_in_so_many_days_holds_over_doses_that_are_ordered_one_by_one(
    days: tuple[int, ...], verdicts: list[str]
) -> None:
    rule = a_rule("limit", units=200, per_days=21, scope={"codes": [{"system": "hcpcs", "first": "J9271"}]})
    ordered = [
        a_line(quantity={"value": 200}, dates={"start": f"2026-12-{day:02}", "end": f"2026-12-{day:02}"})
        for day in days
    ]
    report = checked(an_order(*ordered), rule)
    assert [one.verdict for line in report.lines for one in line.limits] == verdicts


def test_a_preferred_product_comes_first_unless_it_was_tried() -> None:
    trial = {"trial": "biosimilar", "classes": ["infliximab_biosimilar"], "least_days": 90}
    rule = a_rule(
        "preferred",
        scope={"codes": [{"system": "hcpcs", "first": "J1745"}]},
        preferred=[{"system": "hcpcs", "first": "Q5103", "last": "Q5104"}],
        unless=trial,
    )
    assert codes(checked(an_order(a_line("J1745")), rule)) == ["NON_PREFERRED_PRODUCT"]
    assert codes(checked(an_order(a_line("Q5103")), rule)) == []
    tried = {
        "drug": "Inflectra",
        "started_on": "2026-01-01",
        "stopped_on": "2026-06-01",
        "outcome": "inadequate_response",
    }
    report = checked(an_order(a_line("J1745"), facts={"prior_therapies": [tried]}), rule)
    assert (report.lines[0].preferred[0].verdict, codes(report)) == ("justified", [])


def test_giving_a_drug_follows_the_drug() -> None:
    giving = a_line("96413", "cpt", role="administration")
    alone = checked(an_order(giving), GIVING)
    assert codes(alone) == ["PA_FOLLOWS_THE_DRUG"]
    together = checked(an_order(a_line(), giving), GIVING)
    assert (together.lines[1].follows, codes(together)) == (("1",), [])
    assert together.lines[1].authorization.likely == "not_needed"
    asked_for = needed(scope={"codes": [{"system": "cpt", "first": "96413"}]})
    assert checked(an_order(a_line(), giving), GIVING, asked_for).lines[1].authorization.likely == "needed"


def test_a_drug_is_no_administration_for_a_rule_that_does_not_apply_to_it() -> None:
    giving = a_line("96413", "cpt", role="administration")
    elsewhere = {"codes": [{"system": "hcpcs", "first": "J9271"}], "lines_of_business": ["medicaid_managed"]}
    beside = a_rule("administration", "elsewhere", scope=elsewhere)
    order = an_order(a_line(), giving)
    assert checked(order, GIVING, beside).lines == checked(order, GIVING).lines


def test_a_determination_is_named_where_it_holds() -> None:
    rule = a_rule(
        "determination",
        determinations=[
            {"id": "110.17", "kind": "ncd"},
            {"id": "L33394", "kind": "lcd", "jurisdiction": "JK", "states": ["NY"]},
        ],
        effective={"start": "2026-01-01", "end": "2026-12-01"},
    )

    def named(order: Any) -> list[tuple[str, bool | None]]:
        return [(each.determination.id, each.applies) for each in line_of(order, rule).determinations]

    def given_in(state: str) -> list[dict[str, Any]]:
        return [{"role": "facility", "address": {"state": state}}]

    assert named(an_order(servicing=given_in("NY"))) == [("110.17", True), ("L33394", True)]
    assert named(an_order(servicing=given_in("PA"))) == [("110.17", True)]
    assert named(an_order()) == [("110.17", True), ("L33394", None)]
    assert named(an_order(a_line(dates={"start": "2026-12-02"}))) == []


def test_a_report_names_its_packs_and_knows_when_there_is_none() -> None:
    report = checked(an_order(), needed())
    assert (report.known, report.policies) == (True, ("made_up-2026.1",))
    assert not checked(an_order(), needed(), payer="cedar_valley").known
    assert not checked(
        an_order(a_line(dates={"start": "2027-06-01"})), needed(), effective={"start": "2028-01-01"}
    ).known
    ref = report.lines[0].authorization.why[0].rule
    assert (ref.policy, ref.version, ref.rule, ref.synthetic) == ("made_up", "2026.1", "needed", True)


def test_one_version_holds_on_a_day() -> None:
    old = a_pack(needed(), effective={"start": "2026-01-01", "end": "2026-11-30"})
    new = a_pack(needed(needed=False), version="2026.2", effective={"start": "2026-12-01"})
    book = a_book(old, new)
    for start, likely in (("2026-11-30", "needed"), ("2026-12-01", "not_needed")):
        line = check(an_order(a_line(dates={"start": start})), book, date(2026, 11, 23)).lines[0]
        assert line.authorization.likely == likely


def test_a_product_is_looked_up_by_the_codes_it_is_billed_under() -> None:
    rule = a_rule("limit", units=100, scope={"codes": DRUG})
    order = an_order(a_line("99999027101", "ndc"))
    assert not check(order, a_book(a_pack(rule)), date(2026, 11, 23)).lines[0].limits
    billed = Book(
        Policies((a_pack(rule),)),
        lambda ndc, on: (ServiceCode(system=CodeSystem.HCPCS, code="J9271"),) if ndc.startswith("999990271") else (),
    )
    (limit,) = check(order, billed, date(2026, 11, 23)).lines[0].limits
    # Its quantity counts products, and the limit billing units.
    assert limit.verdict == "undetermined"
