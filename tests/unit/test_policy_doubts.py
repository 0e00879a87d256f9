"""What could be read in two ways, or is of something else, counts for nothing: neither for the patient nor against."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.policy.check import check
from tests.unit.policy_material import (
    FILED,
    a_book,
    a_line,
    a_pack,
    a_rule,
    an_order,
    checked,
    line_of,
    wanting,
)
from tests.unit.test_policy_needs import a_marker, looked
from tests.unit.test_policy_steps import MTX, TNF, judged, step_of, taken

STAGED = {"need": "stage", "groups": ["II", "III"]}
BREAST = [{"code": "C50.911"}, {"code": "C34.11"}]


def staged(group: str | None, diagnosis: str | None = None, on: str = "2026-10-01", **more: Any) -> dict[str, Any]:
    return {"group": group, "diagnosis": diagnosis, "staged_on": on, **more}


@pytest.mark.parametrize(
    ("stages", "state"),
    [
        ([staged("IIA", "C50.911"), staged("IV", "C34.11", "2026-11-01")], "present"),
        ([staged("IV", "C50.911"), staged("IIA", "C34.11", "2026-11-01")], "not_met"),
        ([staged("IV", "C34.11")], "missing"),
        ([staged("IIA", "C50.911"), staged("IV", None, "2026-11-01")], "not_met"),
        ([staged("IIA", "C79.51")], "present"),
    ],
)
def test_the_stage_of_another_tumor_says_nothing(stages: list[Any], state: str) -> None:
    scope = {"diagnoses": [{"first": "C50"}]}
    order = an_order(facts={"stage": stages}, diagnoses=BREAST)
    [found] = line_of(order, wanting(STAGED, scope=scope)).requirements
    assert found.state == state
    # A line that points at its diagnosis is told apart by that alone.
    pointing = an_order(a_line(diagnoses=[1]), facts={"stage": stages}, diagnoses=BREAST)
    assert line_of(pointing, wanting(STAGED)).requirements[0].state == state


def test_evidence_of_one_of_two_tumors_keeps_its_place() -> None:
    facts = {"stage": [staged("IV", "C34.11"), staged("IIA", "C50.911")]}
    order = an_order(a_line(diagnoses=[1]), facts=facts, diagnoses=BREAST)
    [found] = line_of(order, wanting(STAGED)).requirements
    assert [each.pointer for each in found.evidence] == ["/facts/stage/1"]


def test_a_rule_of_a_histology_looks_at_its_own_tumor() -> None:
    histology = [
        {"text": "Small cell", "icd_o": "8041/3", "diagnosis": "C34.11"},
        {"text": "Ductal", "icd_o": "8500/3", "diagnosis": "C50.911"},
    ]
    rule = a_rule("authorization", needed=True, because="It is.", scope={"histologies": [{"first": "8041/3"}]})
    for place, likely in ((1, "unknown"), (2, "needed")):
        order = an_order(a_line(diagnoses=[place]), facts={"histology": histology}, diagnoses=BREAST)
        assert line_of(order, rule).authorization.likely == likely


@pytest.mark.parametrize(
    ("stages", "state"),
    [
        ([staged("III"), staged(None, t="cT3", n="cN1", m="cM0", basis="clinical")], "present"),
        ([staged("III", on="2026-09-29"), staged(None, t="cT3", n="cN1", m="cM0")], "present"),
        ([staged("III"), staged(None, t="cT3") | {"staged_on": None}], "present"),
        ([staged("IV"), staged(None, t="cT3")], "not_met"),
        ([staged(None, t="cT3")], "ambiguous"),
        ([staged("III"), staged("odd")], "ambiguous"),
    ],
)
def test_what_names_no_group_says_nothing_beside_one(stages: list[Any], state: str) -> None:
    assert looked(STAGED, stage=stages).state == state


def test_a_group_and_its_parts_may_stand_in_two_facts() -> None:
    need = {**STAGED, "tnm": True}
    parts = staged(None, t="cT3", n="cN1", m="cM0")
    assert looked(need, stage=[staged("III"), parts]).state == "present"
    assert looked(need, stage=[staged("III")]).state == "missing"
    assert looked({"need": "stage", "tnm": True}, stage=[staged("III"), parts]).state == "present"


def test_two_scores_of_one_bone_and_day_conflict() -> None:
    need = {"need": "bone_density", "most": -2.5}
    one = {"site": "lumbar_spine", "t_score": -2.7, "measured_on": "2026-10-01"}
    assert looked(need, bone_density=[one, {**one, "t_score": -1.0}]).state == "conflicting"
    assert looked(need, bone_density=[one, {**one, "t_score": -2.6}]).state == "present"
    assert looked(need, bone_density=[one, {**one, "site": "total_hip", "t_score": -1.0}]).state == "present"


REGIMEN = {"name": "OPTIMUS 7", "intent": "curative"}


def test_what_another_payer_calls_a_regimen_is_nothing_to_this_one() -> None:
    order = an_order(regimen=REGIMEN, diagnoses=[{"code": "C34.11"}])
    rule = a_rule("authorization", needed=True, because="It is.", scope={"regimens": ["carboplatin pemetrexed"]})
    other = a_rule(
        "authorization", rule="other", needed=True, because="It is.", scope={"regimens": ["OPTIMUS 7 plus carboplatin"]}
    )
    mine = a_pack(rule)
    alone = check(order, a_book(mine), FILED).lines[0]
    beside = check(order, a_book(mine, a_pack(other, pack="theirs", payer="cedar_valley")), FILED).lines[0]
    same = check(order, a_book(a_pack(rule, other)), FILED).lines[0]
    assert [each.missing for each in alone.undetermined] == [("/regimen/name",)]
    assert beside == alone
    assert same == alone


def test_a_regimen_of_the_vocabulary_is_not_another() -> None:
    order = an_order(regimen={**REGIMEN, "name": "TCHP"})
    rule = a_rule("authorization", needed=True, because="It is.", scope={"regimens": ["AC-T"]})
    assert line_of(order, rule).undetermined == ()


DOSED = {**MTX, "least_dose": {"mg": 15, "per": "week"}}
LOW, ENOUGH = {"dose": "7.5 mg weekly"}, {"dose": "15 mg weekly"}


@pytest.mark.parametrize(
    ("step", "therapies", "state"),
    [
        (
            DOSED,
            [taken(stop="2026-03-22", **LOW), taken(start="2026-03-22", stop="2026-03-27", **ENOUGH)],
            "insufficient_dose",
        ),
        (DOSED, [taken(stop="2026-01-22", **LOW), taken(start="2026-01-22", stop="2026-04-16", **ENOUGH)], "met"),
        (DOSED, [taken(stop="2026-02-12", **ENOUGH), taken(start="2026-02-20", stop="2026-03-30", **ENOUGH)], "met"),
        (
            MTX,
            [taken(start="2026-07-01", stop="2026-07-02"), taken(start="2026-07-20", stop=None, outcome="ongoing")],
            "not_failed",
        ),
        (
            MTX,
            [taken(stop="2026-01-02"), taken(start="2026-01-05", stop="2026-05-01", outcome="completed")],
            "not_failed",
        ),
        (MTX, [taken(stop="2026-04-01"), taken(start="2026-03-10", stop="2026-04-09", outcome="completed")], "met"),
    ],
)  # fmt: skip
def test_dose_length_and_outcome_are_of_one_trial(step: dict[str, Any], therapies: list[Any], state: str) -> None:
    assert step_of({"gap_days": 30, **step}, *therapies).state == state


def test_drugs_taken_one_after_another_were_none_of_them_taken_all_the_time() -> None:
    for text in ("Humira then Enbrel", "adalimumab, switched to etanercept", "Humira before Enbrel"):
        assert step_of(TNF, taken(text, "2026-01-01", "2026-06-01")).state == "undated"
    assert step_of(TNF, taken("adalimumab and etanercept", "2026-01-01", "2026-06-01")).state == "met"
    assert step_of({**TNF, "how_many": 1}, taken("Humira, then stopped", "2026-01-01", "2026-06-01")).state == "met"


@pytest.mark.parametrize(
    "drug",
    [
        "folic acid 1 mg while on methotrexate 15 mg weekly",
        "leucovorin (methotrexate rescue)",
        "prednisone because of methotrexate toxicity",
        "ondansetron during methotrexate",
    ],
)
def test_what_is_taken_beside_a_drug_is_no_trial_of_it(drug: str) -> None:
    assert step_of(MTX, taken(drug)).state == "missing"


def test_a_name_and_a_code_of_two_drugs_are_a_trial_of_neither() -> None:
    assert step_of(MTX, taken("adalimumab", rxnorm="6851")).state == "missing"
    assert step_of(MTX, taken("Trexall", rxnorm="6851")).state == "met"
    assert step_of(MTX, taken("a tablet", rxnorm="6851")).state == "met"


def test_who_has_only_an_order_or_did_not_tolerate_the_drug_does_not_go_on() -> None:
    rule: dict[str, Any] = {"new_starts_only": {"look_back_days": 365}}
    origin = {"kind": "fhir", "reference": "MedicationRequest/1"}
    for since, verdict in (("2026-09-01", "not_met"), ("2026-03-01", "continuing")):
        ordered = taken("infliximab", since, None, "ongoing", origin=origin)
        assert judged([MTX], ordered, **rule).verdict == verdict


def test_a_reason_without_a_word_documents_nothing() -> None:
    said = taken(start=None, stop=None, outcome="contraindicated")
    for reason, state in (
        (".", "exception_undocumented"),
        ("n/", "exception_undocumented"),
        ("renal", "exception_claimed"),
    ):
        assert step_of(MTX, {**said, "reason": reason}).state == state


def test_a_drug_of_next_year_was_not_taken() -> None:
    need = {"need": "prior_therapy", "drugs": ["methotrexate"]}
    for since, state in (("2027-01-01", "missing"), ("2026-01-01", "present"), (None, "present")):
        assert looked(need, prior_therapies=[taken(start=since, stop=None, outcome="ongoing")]).state == state


@pytest.mark.parametrize(
    ("cited", "supported"),
    [
        ({"context": "pembrolizumab in pancreatic cancer"}, ["1"]),
        ({"context": "pembrolizumab in pancreatic cancer", "line_id": "2"}, ["2"]),
        ({"context": "pancreatic cancer"}, []),
        ({"context": "Keytruda and Opdivo in pancreatic cancer"}, ["1", "2"]),
        ({"context": "OPTIMUS 7 in pancreatic cancer"}, ["1", "2"]),
    ],
)
def test_a_citation_supports_the_drug_that_it_is_of(cited: dict[str, Any], supported: list[str]) -> None:
    lung = [{"diagnoses": [{"first": "C34"}]}]
    first, second = (
        a_rule(
            "label", f"label_{code.lower()}", scope={"codes": [{"system": "hcpcs", "first": code}]}, indications=lung
        )
        for code in ("J9271", "J9299")
    )
    accepts = a_rule("off_label", accepted=[{"compendium": "nccn", "categories": ["1", "2A"]}])
    order = an_order(
        a_line("J9271", id="1"),
        a_line("J9299", id="2"),
        regimen=REGIMEN,
        diagnoses=[{"code": "C25.9"}],
        facts={"compendium": [{"compendium": "nccn", "category": "2A", **cited}]},
    )
    report = checked(order, first, second, accepts)
    assert [
        line.line for line in report.lines if line.label and line.label.verdict == "off_label_supported"
    ] == supported
    alone = an_order(
        a_line("J9271", id="1"),
        diagnoses=[{"code": "C25.9"}],
        facts={"compendium": [{"compendium": "nccn", "category": "2A", "context": "pancreatic cancer"}]},
    )
    found = line_of(alone, first, accepts).label
    assert found is not None
    assert found.verdict == "off_label_supported"


@pytest.mark.parametrize(
    ("marker", "result", "state"),
    [
        ("ALK", "ALK IHC neg, FISH +", "ambiguous"),
        ("ALK", "negative (5A4 3+)", "ambiguous"),
        ("ALK", "+", "not_met"),
        ("ALK", "positive (+)", "not_met"),
        ("ALK", "negative", "present"),
        ("ALK", "negative by FISH", "present"),
        ("EGFR", "wild-type (T790M +)", "ambiguous"),
        ("EGFR", "negative (VAF 12%)", "ambiguous"),
        ("EGFR", "QNS negative", "ambiguous"),
        ("EGFR", "wild-type", "present"),
    ],
)
def test_a_plus_or_a_share_beside_a_negative_is_a_contradiction(marker: str, result: str, state: str) -> None:
    need = {"need": "biomarker", "marker": marker.lower(), "accepted": ["negative"]}
    assert looked(need, biomarkers=[a_marker(result, marker)]).state == state


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ("no less than 50%", "present"),
        ("not less than 50%", "present"),
        ("TPS not below 50%", "present"),
        ("no more than 10%", "not_met"),
        ("not over 49%", "not_met"),
        ("less than 50%", "not_met"),
        ("not 10%", "ambiguous"),
        ("tumor cells 80% viable", "ambiguous"),
        ("80% of viable tumor cells", "present"),
        ("IC 60%", "ambiguous"),
        ("80% (expected)", "ambiguous"),
    ],
)
def test_a_share_is_read_with_what_stands_before_it(result: str, state: str) -> None:
    need = {"need": "biomarker", "marker": "pd_l1", "least_percent": 50.0}
    assert looked(need, biomarkers=[a_marker(result)]).state == state


@pytest.mark.parametrize(
    ("laboratory", "name", "state"),
    [
        ("hepatitis_b", "Hepatitis B surface antigen", "present"),
        ("hepatitis_b", "Hepatitis B surface Ag [Presence] in Serum", "present"),
        ("hepatitis_b", "HBsAg screen", "present"),
        ("hepatitis_b", "Hepatitis B e antigen", "missing"),
        ("hepatitis_b", "Hepatitis B core antibody IgM", "missing"),
        ("hepatitis_b", "Hepatitis B virus DNA", "missing"),
        ("tuberculosis", "QuantiFERON-TB Gold Plus", "present"),
        ("tuberculosis", "TB screening questionnaire", "missing"),
        ("tuberculosis", "Tuberculosis, family history", "missing"),
    ],
)
def test_another_test_of_the_same_disease_is_not_the_screening(laboratory: str, name: str, state: str) -> None:
    need = {"need": "laboratory", "laboratory": laboratory, "accepted": ["negative"]}
    told = {"name": name, "result": "negative", "resulted_on": "2026-10-01"}
    assert looked(need, laboratories=[told]).state == state


def test_the_heart_has_another_ejection_fraction_than_the_gallbladder() -> None:
    need = {"need": "laboratory", "laboratory": "lvef", "least": 50.0, "unit": "%"}
    for name, state in (("Gallbladder ejection fraction", "missing"), ("LV ejection fraction by echo", "present")):
        told = {"name": name, "result": "62", "unit": "%", "resulted_on": "2026-10-01"}
        assert looked(need, laboratories=[told]).state == state


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            wanting({"need": "laboratory", "laboratory": "lvef", "least": 50.0, "most": 10.0, "unit": "%"}),
            "nobody could",
        ),
        (wanting({"need": "line_of_therapy", "least": 3, "most": 2}), "nobody could"),
        (
            wanting({"need": "disease_activity", "instruments": [{"instrument": "cdai", "least": 22.0, "most": 10.0}]}),
            "nobody could",
        ),
        (
            a_rule("step_therapy", steps=[{"trial": "one", "drugs": ["adalimumab"], "how_many": 2}]),
            "more drugs than it names",
        ),
        (a_rule("site_of_service", preferred=["11"], acceptable=["11"]), "stands twice"),
    ],
)
def test_a_rule_that_nobody_can_meet_is_refused(rule: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        a_pack(rule)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("declined, never attended", "missing"),
        ("Patient never attended", "missing"),
        ("no-show", "missing"),
        ("never improved", "present"),
        ("function declined", "present"),
        ("not improved, pain goes on", "present"),
    ],
)
def test_care_that_never_was_is_none(outcome: str, state: str) -> None:
    need = {"need": "conservative_care", "kinds": ["physical_therapy"], "least_days": 28}
    care = {"kind": "physical_therapy", "started_on": "2026-05-01", "stopped_on": "2026-07-01", "outcome": outcome}
    assert looked(need, conservative_care=[care]).state == state


def test_a_study_that_was_not_made_found_nothing() -> None:
    need = {"need": "imaging", "modalities": ["mri"]}
    study = {"modality": "mri", "region": "spine", "performed_on": "2026-10-01"}
    for finding, state in (("study cancelled, not performed", "missing"), ("no fracture", "present")):
        assert looked(need, imaging=[{**study, "finding": finding}]).state == state


@pytest.mark.parametrize(
    "dose", ["15 mg weekly for 2 weeks only, then 5 milligrams", "15 mg per week, skipped most weeks"]
)
def test_a_dose_that_was_not_kept_is_not_enough(dose: str) -> None:
    assert step_of(DOSED, taken(dose=dose)).state == "insufficient_dose"


def test_who_is_not_born_yet_has_no_age() -> None:
    rule = a_rule("site_of_service", preferred=["12"], exempt_ages={"least": 0, "most": 17})
    unborn = an_order(patient={"birth_date": "2027-01-01", "gender": "female"})
    found = line_of(unborn, rule)
    assert (found.site, [each.missing for each in found.undetermined]) == ((), [("/patient/birth_date",)])
    child = an_order(patient={"birth_date": "2015-01-01", "gender": "female"})
    assert line_of(child, rule).site[0].verdict == "exempt"
