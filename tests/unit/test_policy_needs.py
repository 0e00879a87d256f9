"""What a policy wants of facts: present, missing, stale, undated, ambiguous, conflicting, not met; and where."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policy.verdict import Requirement
from tests.unit.policy_material import an_order, checked, codes, line_of, wanting

MARKER = {"need": "biomarker", "marker": "pd_l1", "least_percent": 50.0, "within_days": 180}
ORIGIN = {"kind": "fhir", "reference": "Observation/1", "path": "valueString"}


def looked(need: dict[str, Any], **facts: Any) -> Requirement:
    (found,) = line_of(an_order(facts=facts), wanting(need)).requirements
    return found


def a_marker(
    result: str | None = "TPS 80%", marker: str = "PD-L1", on: str | None = "2026-10-14", **fields: Any
) -> Any:
    return {"marker": marker, "result": result, "specimen_on": on, **fields}


@pytest.mark.parametrize(
    ("markers", "state"),
    [
        ([], "missing"),
        ([a_marker(marker="EGFR")], "missing"),
        ([a_marker()], "present"),
        ([a_marker("TPS 30%")], "not_met"),
        ([a_marker("TPS >20%")], "ambiguous"),
        ([a_marker("see report")], "ambiguous"),
        ([a_marker(on="2026-01-14")], "stale"),
        ([a_marker(on=None)], "undated"),
        ([a_marker(on="2026-12-24")], "undated"),
        ([a_marker(), a_marker("TPS 10%", on="2026-09-14")], "conflicting"),
        ([a_marker(), a_marker("TPS 10%", on="2026-01-14")], "present"),
        ([a_marker(), a_marker("see report")], "ambiguous"),
        ([a_marker(None, not_feasible=True)], "not_met"),
    ],
)
def test_a_marker_stands_as_its_results_say(markers: list[Any], state: str) -> None:
    assert looked(MARKER, biomarkers=markers).state == state


def test_the_latest_result_holds_where_the_policy_says_so() -> None:
    older = a_marker("TPS 10%", on="2026-09-14")
    assert looked({**MARKER, "several": "latest"}, biomarkers=[older, a_marker()]).state == "present"
    same_day = a_marker("TPS 10%")
    assert looked({**MARKER, "several": "latest"}, biomarkers=[same_day, a_marker()]).state == "conflicting"


def test_an_equivocal_result_gives_way_to_the_test_that_it_called_for() -> None:
    need = {"need": "biomarker", "marker": "her2", "accepted": ["positive"]}
    first = a_marker("IHC 2+", "HER2")
    assert looked(need, biomarkers=[first, a_marker("FISH amplified", "HER2")]).state == "present"
    assert looked(need, biomarkers=[first]).state == "not_met"


def test_results_that_say_the_opposite_conflict_whatever_is_accepted() -> None:
    need = {"need": "biomarker", "marker": "er"}
    both = [a_marker("positive", "ER"), a_marker("negative", "ER")]
    found = looked(need, biomarkers=both)
    assert (found.state, len(found.evidence)) == ("conflicting", 2)


def test_evidence_points_at_the_fact_and_says_where_that_was_read() -> None:
    (evidence,) = looked(MARKER, biomarkers=[a_marker(origin=ORIGIN)]).evidence
    assert (evidence.pointer, str(evidence.dated_on)) == ("/facts/biomarkers/0", "2026-10-14")
    assert evidence.origin is not None
    assert (evidence.origin.reference, evidence.origin.path) == ("Observation/1", "valueString")


@pytest.mark.parametrize(
    ("scale", "worst", "given", "score", "state"),
    [
        ("ecog", 2, "ecog", 2, "present"),
        ("ecog", 2, "ecog", 3, "not_met"),
        ("ecog", 1, "karnofsky", 80, "present"),
        ("ecog", 1, "karnofsky", 60, "not_met"),
        ("ecog", 2, "karnofsky", 50, "present"),
        ("karnofsky", 70, "ecog", 1, "present"),
        ("karnofsky", 70, "ecog", 2, "not_met"),
        ("karnofsky", 60, "ecog", 2, "ambiguous"),
        ("karnofsky", 60, "karnofsky", 60, "present"),
        ("ecog", 4, "karnofsky", 0, "not_met"),
    ],
)
def test_performance_is_compared_on_one_scale_and_kept_on_its_own(
    scale: str, worst: int, given: str, score: int, state: str
) -> None:
    need = {"need": "performance", "scale": scale, "worst": worst}
    found = looked(need, performance=[{"scale": given, "score": score, "assessed_on": "2026-11-02"}])
    assert (found.state, found.evidence[0].reads) == (state, given)


@pytest.mark.parametrize(
    ("groups", "group", "state"),
    [
        (["III"], "IIIB", "present"),
        (["III"], "III", "present"),
        (["I"], "II", "not_met"),
        (["IIIB"], "III", "not_met"),
        (["IV"], "Stage IV", "present"),
        (["IV"], "ypT2", "ambiguous"),
        (None, "ypT2", "present"),
    ],
)
def test_a_stage_is_in_a_group_or_not(groups: list[str] | None, group: str, state: str) -> None:
    need = {"need": "stage", **({"groups": groups} if groups else {})}
    assert looked(need, stage=[{"group": group}]).state == state


@pytest.mark.parametrize(
    ("laboratory", "state"),
    [
        ({"name": "LVEF", "result": "55", "unit": "%", "resulted_on": "2026-11-01"}, "present"),
        ({"name": "LVEF", "result": "45", "unit": "%", "resulted_on": "2026-11-01"}, "not_met"),
        ({"name": "LVEF", "result": "55", "resulted_on": "2026-11-01"}, "ambiguous"),
        ({"name": "LVEF", "result": "55-60", "unit": "%", "resulted_on": "2026-11-01"}, "ambiguous"),
        ({"name": "an echo", "loinc": "10230-1", "result": "55", "unit": "%", "resulted_on": "2026-11-01"}, "present"),
        ({"name": "LVEF", "result": "55", "unit": "%", "resulted_on": "2026-01-01"}, "stale"),
    ],
)
def test_a_laboratory_value_is_compared_in_its_unit(laboratory: Any, state: str) -> None:
    need = {"need": "laboratory", "laboratory": "lvef", "least": 50.0, "unit": "%", "within_days": 120}
    assert looked(need, laboratories=[laboratory]).state == state


def test_of_laboratories_the_latest_holds() -> None:
    need = {"need": "laboratory", "laboratory": "tuberculosis", "accepted": ["negative"], "within_days": 365}
    days = [("2026-05-01", "positive"), ("2026-10-01", "negative")]
    results = [{"name": "QuantiFERON", "result": says, "resulted_on": on} for on, says in days]
    assert looked(need, laboratories=results).state == "present"


def test_any_instrument_will_do_for_disease_activity_and_it_must_be_fresh() -> None:
    need = {
        "need": "disease_activity",
        "within_days": 90,
        "instruments": [{"instrument": "das28_crp", "least": 3.2}, {"instrument": "cdai", "least": 10.0}],
    }
    low = {"instrument": "das28_crp", "score": 2.9, "assessed_on": "2026-11-01"}
    high = {"instrument": "cdai", "score": 23.0, "assessed_on": "2026-11-01"}
    assert looked(need, disease_activity=[low]).state == "not_met"
    assert looked(need, disease_activity=[low, high]).state == "present"
    assert looked(need, disease_activity=[{**high, "assessed_on": "2026-08-24"}]).state == "stale"
    assert looked(need, disease_activity=[{**high, "assessed_on": "2026-08-25"}]).state == "present"


def test_conservative_care_counts_each_day_once() -> None:
    need = {"need": "conservative_care", "kinds": ["physical_therapy"], "least_days": 42, "within_days": 180}

    def care(*periods: tuple[str | None, str | None], kind: str = "physical_therapy") -> str:
        facts = [{"kind": kind, "started_on": a, "stopped_on": b, "outcome": "no better"} for a, b in periods]
        return looked(need, conservative_care=facts).state

    assert care(("2026-09-01", "2026-10-13")) == "present"
    assert care(("2026-09-01", "2026-10-12")) == "not_met"
    assert care(("2026-09-01", "2026-10-01"), ("2026-09-01", "2026-10-01")) == "not_met"
    assert care(("2026-09-01", "2026-09-22"), ("2026-10-01", "2026-10-22")) == "present"
    assert care(("2026-01-01", "2026-05-01")) == "stale"
    assert care((None, None)) == "undated"
    assert care(("2026-09-01", "2026-10-13"), kind="bracing") == "missing"
    assert care(("2026-09-01", None)) == "present", "it goes on"
    for over in ("completed 2 visits, then stopped by patient", "Discharged."):
        fact = {"kind": "physical_therapy", "started_on": "2026-09-01", "outcome": over}
        assert looked(need, conservative_care=[fact]).state == "undated", "when it ended is not told"


def test_any_of_takes_the_nearest_and_all_of_the_farthest() -> None:
    density = {"need": "bone_density", "most": -2.5, "within_days": 730}
    fracture = {"need": "diagnosis", "diagnoses": [{"first": "M80"}]}
    measured = [{"site": "total_hip", "t_score": -2.7, "measured_on": "2026-06-01"}]
    either = {"need": "any_of", "needs": [density, fracture]}
    both = {"need": "all_of", "needs": [density, fracture]}
    assert looked(either, bone_density=measured).state == "present"
    found = looked(both, bone_density=measured)
    assert (found.state, [part.state for part in found.parts]) == ("missing", ["present", "missing"])
    assert looked(either).state == "missing"


def test_the_lowest_bone_density_decides() -> None:
    need = {"need": "bone_density", "most": -2.5}
    scores = [{"site": "total_hip", "t_score": -1.0}, {"site": "lumbar_spine", "t_score": -2.5}]
    assert looked(need, bone_density=scores).state == "present"
    assert looked(need, bone_density=scores[:1]).state == "not_met"


def test_a_document_is_attached_or_on_record_and_not_too_old() -> None:
    need = {"need": "document", "kinds": ["pathology_report"], "within_days": 90}
    rule = wanting(need)
    attached = an_order(attachments=[{"kind": "pathology_report", "dated_on": "2026-10-01"}])
    assert line_of(attached, rule).requirements[0].evidence[0].pointer == "/attachments/0"
    assert looked(need, documents=[{"kind": "pathology_report", "dated_on": "2026-10-01"}]).state == "present"
    assert looked(need, documents=[{"kind": "pathology_report", "dated_on": "2026-08-01"}]).state == "stale"
    assert looked(need, documents=[{"kind": "pathology_report"}]).state == "undated"
    assert looked(need, documents=[{"kind": "imaging_report", "dated_on": "2026-10-01"}]).state == "missing"


def test_an_age_is_counted_from_service_where_the_policy_says_so() -> None:
    need = {"need": "document", "kinds": ["pathology_report"], "within_days": 90, "counted_from": "service"}
    # 2026-09-02 is 90 days before the service of 2026-12-01.
    assert looked(need, documents=[{"kind": "pathology_report", "dated_on": "2026-09-02"}]).state == "present"
    assert looked(need, documents=[{"kind": "pathology_report", "dated_on": "2026-09-01"}]).state == "stale"


def test_a_histology_without_its_code_is_ambiguous_where_the_policy_names_codes() -> None:
    need = {"need": "histology", "morphologies": [{"first": "8140/3"}]}
    assert looked(need, histology=[{"text": "adenocarcinoma", "icd_o": "8140/3"}]).state == "present"
    assert looked(need, histology=[{"text": "squamous", "icd_o": "8070/3"}]).state == "not_met"
    assert looked(need, histology=[{"text": "adenocarcinoma"}]).state == "ambiguous"
    assert looked(need).state == "missing"


@pytest.mark.parametrize(
    ("facts", "code", "pointer"),
    [
        ({}, "MISSING_MARKER", "/facts/biomarkers"),
        ({"biomarkers": [a_marker(), a_marker("TPS 10%")]}, "AMBIGUOUS_MARKER", "/facts/biomarkers/0"),
        ({"biomarkers": [a_marker("see report")]}, "AMBIGUOUS_MARKER", "/facts/biomarkers/0"),
        ({"biomarkers": [a_marker("TPS 10%")]}, "UNMET_MARKER", "/facts/biomarkers/0"),
        ({"biomarkers": [a_marker(on="2026-01-14")]}, "STALE_MARKER", "/facts/biomarkers/0"),
    ],
)
def test_what_is_wrong_has_a_code_a_place_and_a_fix_and_no_value(facts: Any, code: str, pointer: str) -> None:
    (finding,) = checked(an_order(facts=facts), wanting(MARKER)).findings
    assert (finding.code, finding.pointer, finding.severity) == (code, pointer, "blocking")
    assert finding.fix.endswith(".")
    for told in (finding.message, finding.fix):
        assert "10%" not in told
        assert "report" not in told


def test_what_is_advised_blocks_nothing() -> None:
    report = checked(an_order(), wanting(MARKER, weight="advised"))
    assert codes(report) == ["MISSING_MARKER"]
    assert report.blocking == ()


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ("Negative; tumor cellularity 80%", "ambiguous"),
        ("Pending; tumor content 70%", "ambiguous"),
        ("No expression in 100% of tumor cells", "ambiguous"),
        ("Not detected, specimen adequacy 100%", "ambiguous"),
        ("Positive, tumor purity 90%", "ambiguous"),
        ("positive, 60% of tumor cells", "present"),
        ("negative (TPS <1%)", "not_met"),
    ],
)
def test_a_share_beside_a_denial_or_of_something_else_says_nothing_for_the_marker(result: str, state: str) -> None:
    assert looked(MARKER, biomarkers=[a_marker(result)]).state == state


@pytest.mark.parametrize(
    ("result", "unit", "state"),
    [
        ("0.8", "10*9/L", "present"),
        ("0.8", "10*3/uL", "present"),
        ("0.8", "K/uL", "present"),
        ("1.6", "10^3/uL", "not_met"),
        ("800", "/uL", "present"),
        ("1600", "cells/uL", "not_met"),
        ("0.8", "mg/L", "ambiguous"),
        ("0.8", None, "ambiguous"),
    ],
)
def test_a_count_is_compared_in_whichever_unit_of_counts_it_was_reported(
    result: str, unit: str | None, state: str
) -> None:
    need = {"need": "laboratory", "laboratory": "absolute_neutrophils", "most": 1.5, "unit": "10*9/L"}
    count = {"name": "ANC", "result": result, "resulted_on": "2026-11-20"} | ({"unit": unit} if unit else {})
    assert looked(need, laboratories=[count]).state == state


def test_milligrams_in_a_decilitre_are_ten_times_as_many_in_a_litre() -> None:
    need = {"need": "laboratory", "laboratory": "c_reactive_protein", "least": 5.0, "unit": "mg/L"}
    for result, state in (("0.6", "present"), ("0.5", "present"), ("0.4", "not_met")):
        protein = {"name": "CRP", "result": result, "unit": "mg/dL", "resulted_on": "2026-11-20"}
        assert looked(need, laboratories=[protein]).state == state


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("completed", "present"), ("intolerance", "present"), ("ongoing", "present"), ("contraindicated", "missing")],
)
def test_a_drug_that_must_not_be_taken_was_not_taken(outcome: str, state: str) -> None:
    need = {"need": "prior_therapy", "drugs": ["carboplatin"]}
    assert looked(need, prior_therapies=[{"drug": "carboplatin", "outcome": outcome}]).state == state
