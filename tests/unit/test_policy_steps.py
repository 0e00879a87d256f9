"""Step therapy: trials long enough, of enough, in time; gaps that are merged or not; exceptions that are documented."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policy.verdict import Step, StepTherapy
from tests.unit.policy_material import a_line, a_rule, an_order, checked, line_of

MTX = {"trial": "methotrexate", "drugs": ["methotrexate"], "least_days": 84}
TNF = {"trial": "tnf", "classes": ["tnf_inhibitor"], "how_many": 2, "least_days": 90}


def judged(steps: list[dict[str, Any]], *therapies: dict[str, Any], **fields: Any) -> StepTherapy:
    rule = a_rule("step_therapy", steps=steps, **fields)
    order = an_order(a_line("J1745"), facts={"prior_therapies": list(therapies)}, diagnoses=[{"code": "M05.79"}])
    (found,) = line_of(order, rule).step_therapy
    return found


def step_of(step: dict[str, Any], *therapies: dict[str, Any]) -> Step:
    return judged([step], *therapies).steps[0]


def taken(
    drug: str = "methotrexate",
    start: str | None = "2026-01-01",
    stop: str | None = "2026-04-01",
    outcome: str = "inadequate_response",
    **fields: Any,
) -> dict[str, Any]:
    return {"drug": drug, "started_on": start, "stopped_on": stop, "outcome": outcome, **fields}


@pytest.mark.parametrize(
    ("therapies", "state", "short"),
    [
        ([], "missing", None),
        ([taken()], "met", None),
        ([taken(stop="2026-03-26")], "met", None),
        ([taken(stop="2026-03-25")], "insufficient_duration", 1),
        ([taken(stop="2026-03-02")], "insufficient_duration", 24),
        ([taken(outcome="completed")], "not_failed", None),
        ([taken(stop=None)], "undated", None),
        ([taken(start=None)], "undated", None),
        ([taken(start="2026-09-01", stop=None, outcome="ongoing")], "insufficient_duration", 1),
        ([taken("adalimumab")], "missing", None),
        ([taken(start="2027-01-01", stop="2027-06-01")], "missing", None),
    ],
)
def test_a_step_is_met_or_says_how_many_days_are_missing(therapies: list[Any], state: str, short: int | None) -> None:
    found = step_of(MTX, *therapies)
    assert (found.state, found.days_short) == (state, short)


@pytest.mark.parametrize(
    ("gap_days", "state", "short"),
    [(30, "met", None), (29, "insufficient_duration", 25), (0, "insufficient_duration", 25)],
)
def test_fills_are_one_trial_where_the_gap_between_them_is_small(gap_days: int, state: str, short: int | None) -> None:
    first, second = taken(stop="2026-03-01"), taken(start="2026-03-31", stop="2026-05-01")
    found = step_of({**MTX, "gap_days": gap_days}, second, first)
    assert (found.state, found.days_short) == (state, short)


def test_fills_that_overlap_are_counted_once() -> None:
    (trial,) = step_of(MTX, taken(stop="2026-02-01"), taken(start="2026-01-15", stop="2026-03-01")).trials
    assert (trial.days, trial.days_short, len(trial.evidence)) == (59, 25, 2)


def test_a_trial_that_ended_too_long_ago_counts_for_nothing() -> None:
    recent = {**MTX, "look_back_days": 236}  # back to 2026-04-01
    assert step_of(recent, taken()).state == "met"
    assert step_of({**recent, "look_back_days": 235}, taken()).state == "missing"


def test_two_products_of_one_substance_are_one_drug_of_a_class_and_two_where_each_is_named() -> None:
    products = [taken("Remicade"), taken("Inflectra", "2026-04-10", "2026-07-20")]
    one = step_of(TNF, *products)
    assert (one.state, one.counted) == ("missing", 1)
    assert (one.trials[0].days, len(one.trials[0].evidence)) == (200, 2), "a switch goes on with it"
    assert step_of(TNF, *products, taken("Humira")).state == "met"
    named = {"trial": "both", "drugs": ["infliximab", "infliximab_dyyb"], "how_many": 2, "least_days": 90}
    assert step_of(named, *products).state == "met"
    assert step_of(named, products[0], taken("Renflexis")).state == "missing"


def test_several_drugs_of_a_class_are_counted_each_once() -> None:
    first = taken("adalimumab")
    assert step_of(TNF, first, taken("Humira", "2026-05-01", "2026-09-01")).state == "missing"
    found = step_of(TNF, first, taken("Enbrel", "2026-05-01", "2026-07-01"))
    assert (found.state, found.counted, found.wanted, found.days_short) == ("insufficient_duration", 1, 2, 29)
    assert step_of(TNF, first, taken("Enbrel", "2026-05-01", "2026-09-01")).state == "met"


@pytest.mark.parametrize(
    ("dose", "state"),
    [
        ("15 mg weekly", "met"),
        ("20 mg once a week", "met"),
        ("2.5 mg daily", "met"),
        ("10 mg weekly", "insufficient_dose"),
        ("as directed", "insufficient_dose"),
        ("15 mg every other week", "insufficient_dose"),
        ("20 mg by mouth every second week", "insufficient_dose"),
        ("20 mg bi-weekly", "insufficient_dose"),
        ("20 mg every 2 weeks", "insufficient_dose"),
        ("7.5 mg twice a week", "met"),
        ("20 mg PO q week", "met"),
        (None, "insufficient_dose"),
        ("15 mg weekly, then 5 mg weekly", "insufficient_dose"),
    ],
)
def test_a_dose_is_enough_where_it_can_be_read(dose: str | None, state: str) -> None:
    step = {**MTX, "least_dose": {"mg": 15.0, "per": "week"}}
    assert step_of(step, taken(dose=dose)).state == state


@pytest.mark.parametrize("outcome", ["contraindicated", "intolerance"])
def test_an_exception_counts_where_the_record_says_why(outcome: str) -> None:
    bare = taken(outcome=outcome, stop="2026-01-10")
    said = {**bare, "reason": "liver enzymes"}
    read = {**bare, "origin": {"kind": "fhir", "reference": "MedicationStatement/7"}}
    word = {**bare, "origin": {"kind": "caller", "reference": "us"}}
    assert step_of(MTX, said).state == "exception_claimed"
    assert step_of(MTX, read).trials[0].evidence[0].origin is not None
    assert step_of(MTX, read).state == "exception_claimed"
    assert step_of(MTX, bare).state == "exception_undocumented"
    assert step_of(MTX, word).state == "exception_undocumented"
    refused = step_of({**MTX, "exceptions": []}, said).state
    assert refused == ("missing" if outcome == "contraindicated" else "insufficient_duration")
    assert judged([MTX], said).verdict == "met"


def test_only_new_starts_take_the_steps_where_the_policy_says_so() -> None:
    rule: dict[str, Any] = {"new_starts_only": {"look_back_days": 365}}
    going_on = taken("Remicade", "2026-06-01", None, "ongoing")
    assert judged([MTX], going_on, **rule).verdict == "continuing"
    assert judged([MTX], taken("Inflectra", "2026-06-01", "2026-10-01", "completed"), **rule).verdict == "continuing"
    for failed in ("inadequate_response", "intolerance", "contraindicated"):
        assert judged([MTX], taken("Inflectra", "2026-06-01", "2026-10-01", failed), **rule).verdict == "not_met"
    assert judged([MTX], taken("Remicade", "2024-06-01", "2025-10-01"), **rule).verdict == "not_met"
    assert judged([MTX], taken("abatacept", "2026-06-01", None, "ongoing"), **rule).verdict == "not_met"
    assert judged([MTX], going_on).verdict == "not_met"


@pytest.mark.parametrize(
    ("therapies", "code", "pointer"),
    [
        ([], "STEP_MISSING", "/facts/prior_therapies"),
        ([taken(stop="2026-03-25")], "STEP_INSUFFICIENT_DURATION", "/facts/prior_therapies/0"),
        ([taken("adalimumab"), taken(stop=None)], "STEP_UNDATED", "/facts/prior_therapies/1"),
    ],
)
def test_a_step_that_is_not_met_says_where_it_is_mended(therapies: list[Any], code: str, pointer: str) -> None:
    order = an_order(a_line("J1745"), facts={"prior_therapies": therapies})
    (finding,) = checked(order, a_rule("step_therapy", steps=[MTX])).findings
    assert (finding.code, finding.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("origin", "since", "verdict"),
    [
        ("MedicationRequest/1", "2026-11-20", "not_met"),
        ("MedicationRequest/1", None, "not_met"),
        ("MedicationRequest/1", "2026-05-20", "continuing"),
        ("MedicationAdministration/1", "2026-11-20", "continuing"),
        ("MedicationStatement/1", "2026-11-20", "continuing"),
    ],
)
def test_the_order_that_authorization_is_asked_for_is_no_treatment_that_goes_on(
    origin: str, since: str | None, verdict: str
) -> None:
    read = {"origin": {"kind": "fhir", "reference": origin, "path": "medicationCodeableConcept"}}
    ordered = taken("infliximab", since, None, "ongoing", **read)
    assert judged([MTX], ordered, new_starts_only={"look_back_days": 365}).verdict == verdict


@pytest.mark.parametrize(
    "dose",
    [
        "10-20 mg weekly",
        "10 to 20 mg weekly",
        "10 mg, increase to 20 mg weekly",
        "up to 20 mg weekly",
        "titrate to 20 mg weekly",
        "20 mg weekly as needed",
        "20 mg weekly, hold when ill",
        "20 mg week on, week off",
        "not 20 mg weekly",
    ],
)
def test_a_dose_that_was_aimed_at_or_taken_now_and_then_is_not_one_that_was_taken(dose: str) -> None:
    assert step_of({**MTX, "least_dose": {"mg": 15.0, "per": "week"}}, taken(dose=dose)).state == "insufficient_dose"
