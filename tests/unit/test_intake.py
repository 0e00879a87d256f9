"""What intake reads of clinical records, and what it says where a record is wrong."""

from __future__ import annotations

import copy
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.intake.chart import SeveralPatients
from tests.intake_material import (
    LOINC,
    SCT,
    bundle,
    concept,
    condition,
    medication,
    observation,
    oncology,
    patient,
)
from tests.unit.intake_reading import (
    ER,
    ICD,
    METHOTREXATE,
    NEGATIVE,
    POSITIVE,
    allergy,
    codes,
    order,
    read,
    taken,
)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (
            [observation("a", ER, valueCodeableConcept=POSITIVE), observation("b", ER, valueCodeableConcept=NEGATIVE)],
            "conflict_marker",
        ),
        (
            [
                observation("a", concept(LOINC, "89247-1"), valueInteger=1),
                observation("b", concept(LOINC, "89247-1"), valueInteger=2),
            ],
            "conflict_performance",
        ),
        (
            [observation("a", concept(LOINC, "89247-1"), valueInteger=1, interpretation=[concept(LOINC, "LA9624-3")])],
            "conflict_performance",
        ),
        (
            [
                observation("a", concept(LOINC, "21908-9"), valueCodeableConcept={"text": "Stage 2A"}),
                observation("b", concept(LOINC, "21908-9"), valueCodeableConcept={"text": "Stage IV"}),
            ],
            "conflict_stage",
        ),
        ([observation("a", ER, "2019", valueCodeableConcept=POSITIVE)], "partial_date"),
        ([observation("a", ER, valueRange={"low": {"value": 1}})], "unreadable"),
        ([observation("a", concept(LOINC, "89247-1"), valueQuantity={"value": 2, "comparator": ">"})], "unreadable"),
        (
            [observation("a", ER, valueCodeableConcept=POSITIVE, focus=[{"reference": "Patient/mother"}])],
            "other_patient",
        ),
        ([condition("a", ("http://hl7.org/fhir/sid/icd-10", "C50.9"))], "icd10_of_the_who"),
        ([observation("a", ER, None, valueCodeableConcept=POSITIVE)], "undated"),
        ([observation("a", ER, "2027-01-01", valueCodeableConcept=POSITIVE)], "future"),
        ([observation("a", ER, "soon", valueCodeableConcept=POSITIVE)], "unreadable"),
        ([observation("a", ER)], "no_result"),
        (
            [observation("a", ER, valueCodeableConcept=POSITIVE, modifierExtension=[{"url": "urn:x"}])],
            "modifier_extension",
        ),
        (
            [observation("a", ER, valueCodeableConcept=POSITIVE, subject={"reference": "Patient/other"})],
            "other_patient",
        ),
        (
            [observation("a", ER, valueCodeableConcept=POSITIVE), observation("a", ER, valueCodeableConcept=NEGATIVE)],
            "conflict_versions",
        ),
        ([condition("a", (SCT, "254637007"))], "no_icd10"),
        ([observation("a", concept(LOINC, "29463-7"), valueQuantity={"value": 11, "unit": "stone"})], "unknown_unit"),
        ([medication("a", "Sampletinib")], "undated"),
        ([patient(birthDate="1962-04-12")], "conflict_patient"),
        ([order("a", doNotPerform=True)], "not_to_be_done"),
        (
            [
                observation("a", concept(LOINC, "29463-7"), valueQuantity={"value": 70, "code": "kg"}),
                observation("b", concept(LOINC, "29463-7"), valueQuantity={"value": 90, "code": "kg"}),
            ],
            "conflict_size",
        ),
        (
            [observation("a", concept(LOINC, "29463-7"), valueQuantity={"value": 9, "code": "kg", "comparator": "<"})],
            "unreadable",
        ),
        ([condition("a", (ICD, "N18.4"), stage=[{"summary": {"text": "Stage 4"}}])], "stage_of_no_tumor"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(said: list[dict[str, Any]], code: str) -> None:
    found = taken(patient(), *said)
    told = [one for one in found.findings if one.code == code]
    assert told
    assert all(one.pointer.startswith("/entry/") and one.fix for one in told)


def test_conflicting_results_both_stand_and_other_peoples_and_dead_ones_do_not() -> None:
    found = taken(
        patient(),
        observation("a", ER, valueCodeableConcept=POSITIVE),
        observation("b", ER, valueCodeableConcept=NEGATIVE),
        observation("c", ER, valueCodeableConcept=NEGATIVE, status="entered-in-error"),
        observation("d", ER, valueCodeableConcept=NEGATIVE, subject={"reference": "Patient/other"}),
    )
    assert [one.result for one in found.facts.biomarkers] == ["positive", "negative"]
    assert found.counts["ignored_entered_in_error_or_cancelled"] == 1
    assert found.counts["refused_other_patient"] == 1


def test_what_is_not_to_be_done_is_no_line_and_no_therapy() -> None:
    against = medication("a", "methotrexate", effectivePeriod={"start": "2026-01-01"}, doNotPerform=True)
    found = taken(patient(), order("a"), order("b", doNotPerform=True), against)
    assert [line["code"]["code"] for line in found.draft["lines"]] == ["78815"]
    assert not found.facts.prior_therapies


@pytest.mark.parametrize(
    ("about", "taken_up"),
    [("Patient/ada", True), ("Condition/tumor", True), ("RelatedPerson/twin", False), ("Patient/mother", False)],
)
def test_a_result_about_a_relative_is_not_the_patients(about: str, taken_up: bool) -> None:
    marker = observation("a", ER, valueCodeableConcept=POSITIVE, focus=[{"reference": about}])
    assert bool(taken(patient(), marker).facts.biomarkers) is taken_up


@pytest.mark.parametrize(
    ("code", "more", "group"),
    [
        ("C50.911", {}, "IV"),
        ("D05.11", {}, "IV"),
        ("N18.4", {}, None),
        ("L89.154", {}, None),
        ("Z00.0", {"meta": {"profile": ["urn:x/mcode-primary-cancer-condition|4.0.0"]}}, "IV"),
    ],
)
def test_the_stage_of_a_kidney_is_none_of_a_tumor(code: str, more: dict[str, Any], group: str | None) -> None:
    found = taken(patient(), condition("a", (ICD, code), stage=[{"summary": {"text": "Stage 4"}}], **more))
    assert [one.group for one in found.facts.stage] == ([group] if group else [])


def fill(name: str, on: str, days: object = 30, **more: Any) -> dict[str, Any]:
    told = {"medicationCodeableConcept": {"text": "methotrexate"}, "subject": {"reference": "Patient/ada"}}
    supply = {"daysSupply": {"value": days, "unit": "days"}} if days is not None else {}
    return {"resourceType": "MedicationDispense", "id": name, "status": "completed", **told, "whenHandedOver": on} | (
        supply | more
    )


def test_fills_are_therapies_for_as_long_as_they_last() -> None:
    found = taken(
        patient(),
        fill("a", "2026-01-01"),
        fill("b", "2026-01-28"),
        fill("now", "2026-11-10"),
        fill("open", "2026-05-01", None),
        fill("c", "2026-03-01", status="cancelled"),
        fill("d", "2026-03-01", status="in-progress"),
        fill("e", "2026-03-01", subject={"reference": "Patient/other"}),
    )
    told = [(one.started_on, one.stopped_on, one.outcome) for one in found.facts.prior_therapies]
    assert told == [
        (date(2026, 1, 1), date(2026, 1, 31), "completed"),
        (date(2026, 1, 28), date(2026, 2, 27), "completed"),
        (date(2026, 5, 1), None, "completed"),
        (date(2026, 11, 10), None, "ongoing"),
    ]
    assert "conflict_therapy" not in codes(found)
    assert {"no_outcome", "other_patient"} <= codes(found)


def active(kind: str, name: str, began: str, **more: Any) -> dict[str, Any]:
    first = {"authoredOn": began} if kind == "MedicationRequest" else {"effectivePeriod": {"start": began}}
    who = {"subject": {"reference": "Patient/ada"}, "medicationCodeableConcept": {"text": "methotrexate"}}
    return {"resourceType": kind, "id": name, "status": "active", "intent": "order", **who, **first, **more}


@pytest.mark.parametrize(
    ("said", "outcome", "stopped", "told"),
    [
        (active("MedicationRequest", "a", "2026-09-01"), "ongoing", None, None),
        (active("MedicationRequest", "a", "2018-04-12"), "ongoing", None, "old_order"),
        (active("MedicationStatement", "a", "2018-04-12"), "ongoing", None, None),
        (
            active("MedicationStatement", "a", "x", effectivePeriod={"start": "2024-01-05", "end": "2024-02-05"}),
            "completed",
            date(2024, 2, 5),
            "active_past_its_end",
        ),
        (
            active("MedicationStatement", "a", "x", effectivePeriod={"start": "2024-01-05", "end": "2024"}),
            "completed",
            None,
            "partial_date",
        ),
        (
            active("MedicationRequest", "a", "x", dispenseRequest={"validityPeriod": {"end": "2036-01-01"}})
            | {"authoredOn": "2026-09-01"},
            "ongoing",
            None,
            None,
        ),
        (
            active(
                "MedicationRequest",
                "a",
                "2026-01-02",
                dosageInstruction=[
                    {"timing": {"repeat": {"boundsPeriod": {"start": "2026-01-03", "end": "2026-02-03"}}}}
                ],
            ),
            "completed",
            date(2026, 2, 3),
            "active_past_its_end",
        ),
    ],
)
def test_what_is_active_goes_on_unless_its_last_day_has_passed(
    said: dict[str, Any], outcome: str, stopped: date | None, told: str | None
) -> None:
    found = taken(patient(), said)
    [therapy] = found.facts.prior_therapies
    assert (therapy.outcome, therapy.stopped_on) == (outcome, stopped)
    assert {"old_order", "active_past_its_end", "partial_date", "future"} & codes(found) == ({told} if told else set())


def test_a_stage_of_neither_kind_is_a_stage() -> None:
    """LOINC has codes of their own for it ("other")."""
    told = (("21914-7", "Stage IIB"), ("21911-3", "T3"), ("21912-1", "N0"), ("21913-9", "M0"))
    seen = (
        observation(code, concept(LOINC, code), valueCodeableConcept={"text": text}, effectiveDateTime="2026-02-01")
        for code, text in told
    )
    [stage] = taken(patient(), *seen).facts.stage
    assert (stage.group, stage.t, stage.n, stage.m) == ("IIB", "T3", "N0", "M0")


@pytest.mark.parametrize(
    ("summary", "observed", "groups", "told"),
    [
        ("Stage IIB", "Stage IIIC", {"IIIC"}, "conflict_stage_of_condition"),
        ("Stage II", "Stage IIB", {"IIB"}, None),
        ("Stage I", "Stage III", {"III"}, "conflict_stage_of_condition"),
        ("Stage IV", None, {"IV"}, "undated"),
    ],
)
def test_the_stage_of_a_condition_has_to_fit_what_was_observed(
    summary: str, observed: str | None, groups: set[str], told: str | None
) -> None:
    category = observation("t", concept(LOINC, "21905-5"), valueCodeableConcept={"text": "cT3"})
    group = observation("g", concept(LOINC, "21908-9"), valueCodeableConcept={"text": observed})
    cancer = condition("a", (ICD, "C50.912"), stage=[{"summary": {"text": summary}}])
    found = taken(patient(), cancer, *([group, category] if observed else [category]))
    assert {stage.group for stage in found.facts.stage if stage.group} == groups
    assert {"conflict_stage_of_condition", "undated"} & codes(found) == ({told} if told else set())


@pytest.mark.parametrize(
    ("told", "outcome", "reason"),
    [
        (allergy(METHOTREXATE), "contraindicated", None),
        (allergy(METHOTREXATE, type="allergy"), "contraindicated", None),
        (
            allergy(METHOTREXATE, type="intolerance", reaction=[{"manifestation": [{"text": "Raised liver enzymes"}]}]),
            "intolerance",
            "Raised liver enzymes",
        ),
    ],
)
def test_what_the_record_says_a_patient_does_not_tolerate_is_a_fact_with_its_place(
    told: dict[str, Any], outcome: str, reason: str | None
) -> None:
    [fact] = taken(patient(), told).facts.prior_therapies
    assert (fact.drug, fact.rxnorm, fact.outcome, fact.reason) == ("methotrexate", "6851", outcome, reason)
    assert (fact.started_on, fact.stopped_on) == (None, None)
    assert fact.origin is not None
    assert (fact.origin.reference, fact.origin.path) == ("AllergyIntolerance/al", "code")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (allergy(METHOTREXATE, verificationStatus=concept("urn:x", "refuted")), "unconfirmed"),
        (allergy(METHOTREXATE, verificationStatus=concept("urn:x", "unconfirmed")), "unconfirmed"),
        (allergy(METHOTREXATE, clinicalStatus=concept("urn:x", "resolved")), "not_active"),
        (allergy(concept(SCT, "409137002", "No known drug allergy"), category=["medication"]), None),
        (allergy({"text": "methotrexate"}, category=["medication"]), "no_drug_code"),
        (allergy(concept(SCT, "91935009", "Peanut"), category=["food"]), None),
    ],
)
def test_what_is_refuted_over_or_of_no_drug_keeps_nobody_from_a_drug(told: dict[str, Any], code: str | None) -> None:
    found = taken(patient(), told)
    assert found.facts.prior_therapies == ()
    assert codes(found) == ({code} if code else set())


def test_what_was_filled_says_how_long_it_was_taken_and_the_prescription_how_much() -> None:
    said = {"authorizingPrescription": [{"reference": "MedicationRequest/rx"}]}
    weekly = {"dosageInstruction": [{"text": "15 mg weekly"}]}
    fills = [fill("a", "2026-01-05", **said), fill("b", "2026-09-01", **said)]
    found = taken(patient(), prescription(**weekly), *fills).facts.prior_therapies
    assert [(one.started_on, one.stopped_on, one.dose) for one in found] == [
        (date(2026, 1, 5), date(2026, 2, 4), "15 mg weekly"),
        (date(2026, 9, 1), date(2026, 10, 1), "15 mg weekly"),
    ]
    # What the prescription alone tells is not lost for it: why it was ended, and what was never said to be filled.
    ended = prescription("stopped", statusReason={"text": "adverse reaction"})
    told = [one.outcome for one in taken(patient(), ended, *fills).facts.prior_therapies]
    assert sorted(told) == ["completed", "completed", "intolerance"]
    # A fill that names no prescription, of the same drug and later, fills it too; an earlier one does not.
    unlinked = taken(patient(), prescription(**weekly), fill("a", "2026-01-05")).facts.prior_therapies
    assert [one.outcome for one in unlinked] == ["completed"]
    before = taken(patient(), prescription(**weekly), fill("a", "2025-10-05")).facts.prior_therapies
    assert [one.outcome for one in before] == ["completed", "ongoing"]
    no_days = taken(patient(), prescription(), fill("a", "2026-01-05", None, **said)).facts.prior_therapies
    assert sorted(one.outcome for one in no_days) == ["completed", "ongoing"]


def prescription(status: str = "active", **more: Any) -> dict[str, Any]:
    drug = {"medicationCodeableConcept": {"text": "methotrexate"}, "subject": {"reference": "Patient/ada"}}
    return {"resourceType": "MedicationRequest", "id": "rx", "status": status, "intent": "order", **drug} | (
        {"authoredOn": "2026-01-05"} | more
    )


def taken_for(*periods: tuple[str | None, str | None]) -> dict[str, Any]:
    """Dosages, each over the days of its own."""
    bounds = [{key: day for key, day in (("start", start), ("end", end)) if day} for start, end in periods]
    return {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": one}}} for one in bounds]}


def valid(start: str, end: str) -> dict[str, Any]:
    return {"dispenseRequest": {"validityPeriod": {"start": start, "end": end}}}


@pytest.mark.parametrize(
    ("told", "since", "until", "outcome", "findings"),
    [
        (prescription(**valid("2026-01-05", "2027-01-05")), "2026-01-05", None, "ongoing", {"order_alone"}),
        (prescription(**taken_for(("2026-02-01", "2027-02-01"))), "2026-02-01", None, "ongoing", {"order_alone"}),
        (
            prescription(**valid("2026-01-05", "2026-04-05")),
            "2026-01-05", None, "completed", {"order_expired"},
        ),
        (
            prescription("completed", **valid("2026-01-05", "2026-04-05")), "2026-01-05", None, "completed", {"no_end"},
        ),
        (
            prescription(**taken_for(("2026-01-05", "2026-06-05"))),
            "2026-01-05", "2026-06-05", "completed", {"active_past_its_end"},
        ),
        (
            prescription("completed", **taken_for(("2026-01-05", "2026-02-05"), ("2026-02-06", "2026-06-05"))),
            "2026-01-05", "2026-06-05", "completed", set(),
        ),
        (
            prescription("completed", **taken_for(("2026-01-05", "2026-02-05"), ("2026-02-06", None))),
            "2026-01-05", None, "completed", {"no_end"},
        ),
        (prescription("completed"), "2026-01-05", None, "completed", {"no_end"}),
        (prescription("completed", **valid("2026-01-05", "2027-01-05")), "2026-01-05", None, "completed", {"no_end"}),
        (
            medication("m", "methotrexate", "active", effectivePeriod={"start": "2026-01-05", "end": "2027-01-05"}),
            "2026-01-05", None, "ongoing", set(),
        ),
        (
            medication("m", "methotrexate", "active", effectivePeriod={"start": "2026-01-05", "end": "2026-02-05"}),
            "2026-01-05", "2026-02-05", "completed", {"active_past_its_end"},
        ),
        (medication("m", "methotrexate", effectiveDateTime="2026-01-05"), "2026-01-05", None, "completed", {"no_end"}),
    ],
)  # fmt: skip
def test_a_therapy_ends_when_its_record_says_and_goes_on_where_that_is_still_to_come(
    told: dict[str, Any], since: str, until: str | None, outcome: str, findings: set[str]
) -> None:
    found = taken(patient(), told)
    [therapy] = found.facts.prior_therapies
    day = date.fromisoformat(until) if until else None
    assert (therapy.started_on, therapy.stopped_on, therapy.outcome) == (date.fromisoformat(since), day, outcome)
    assert codes(found) == findings


@pytest.mark.parametrize("status", ["completed", "stopped"])
def test_care_that_is_over_does_not_go_on_because_nobody_wrote_down_its_end(status: str) -> None:
    exercises = {
        "resourceType": "Procedure",
        "id": "pt",
        "status": "completed",
        "subject": {"reference": "Patient/ada"},
    }
    exercises |= {"code": concept(SCT, "91251008"), "performedPeriod": {"start": "2020-02-01"}}
    naproxen = prescription(status, medicationCodeableConcept={"text": "Naproxen 500 MG"}, authoredOn="2016-03-01")
    found = taken(patient(), naproxen, exercises)
    assert [(one.started_on, one.stopped_on) for one in found.facts.conservative_care] == [(None, None)] * 2
    assert [one.started_on for one in found.facts.prior_therapies] == [date(2016, 3, 1)]
    assert codes(found) == {"no_end"}
    going_on = taken(patient(), {**naproxen, "status": "active"}, {**exercises, "status": "in-progress"})
    days = [(one.started_on, one.stopped_on) for one in going_on.facts.conservative_care]
    assert days == [(date(2016, 3, 1), None), (date(2020, 2, 1), None)]


@pytest.mark.parametrize("category", ["imaging", "procedure", "exam", "laboratory", None])
def test_what_policies_ask_of_the_heart_is_a_result_whoever_measured_it(category: str | None) -> None:
    told = [concept("http://terminology.hl7.org/CodeSystem/observation-category", category)] if category else []
    for code in (concept(LOINC, "10230-1"), {"text": "LVEF"}):
        found = taken(patient(), observation("a", code, valueQuantity={"value": 60, "code": "%"}, category=told))
        assert [(one.result, one.unit) for one in found.facts.laboratories] == [("60", "%")]


@pytest.mark.parametrize(
    ("more", "taken_in"),
    [
        ({"abatementDateTime": "2019-01-01"}, False),
        ({"abatementString": "in childhood"}, False),
        ({"abatementBoolean": True}, False),
        ({"abatementBoolean": False}, True),
        ({"abatementDateTime": "2027-01-01"}, True),
        ({"clinicalStatus": {"coding": [{"system": "urn:x", "code": "active"}]}, "abatementDateTime": "2019"}, True),
        ({}, True),
    ],
)
def test_a_condition_that_ended_is_over_where_no_status_says_otherwise(more: dict[str, Any], taken_in: bool) -> None:
    found = taken(patient(), condition("a", (ICD, "C18.9"), **more))
    assert ("diagnoses" in found.draft, "not_active" in codes(found)) == (taken_in, not taken_in)


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ("1", 1),
        ("ECOG 1", 1),
        ("ECOG PS: 2", 2),
        ("1 - Restricted in strenuous activity but ambulatory", 1),
        ("2 = Up and about more than 50% of waking hours", 2),
        ("Grade 0: fully active", 0),
        ("0-1", None),
        ("1 or 2", None),
        ("1 - was 3 in May", None),
        ("not 1", None),
        ("12", None),
        ("7", None),
    ],
)
def test_a_grade_is_read_from_a_text_that_begins_with_it_and_names_no_other(said: str, score: int | None) -> None:
    for told in ({"valueString": said}, {"valueCodeableConcept": {"text": said}}):
        found = taken(patient(), observation("a", concept(LOINC, "89247-1"), **told))
        assert [one.score for one in found.facts.performance] == ([] if score is None else [score])
        assert codes(found) == (set() if score is not None else {"unreadable"})


@pytest.mark.parametrize("called", ["HER2 FISH", "KRAS gene mutations found", "NRAS", "BRAF V600E", "MMR", "CD20"])
def test_a_marker_that_is_called_by_a_name_alone_is_no_laboratory_value(called: str) -> None:
    lab = [concept("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")]
    facts = taken(patient(), observation("a", {"text": called}, valueString="Not detected", category=lab)).facts
    assert (len(facts.biomarkers), len(facts.laboratories)) == (1, 0)


@pytest.mark.parametrize(
    ("said", "group"),
    [
        ("Stage IV B", "IVB"),
        ("stage iiia", "IIIA"),
        ("Stage I a breast cancer", "I"),
        ("not stage IV", None),
        ("Stage II or III", None),
        ("Stage III vs IV", None),
        ("possible stage IV", None),
        ("Stage IV?", None),
    ],
)
def test_a_stage_that_is_denied_or_doubted_is_none(said: str, group: str | None) -> None:
    observed = observation("g", concept(LOINC, "21908-9"), valueCodeableConcept={"text": said})
    found = taken(patient(), observed)
    assert [stage.group for stage in found.facts.stage] == ([group] if group else [])
    assert ("unreadable" in codes(found)) is (group is None)


def test_names_and_addresses_of_former_days_are_not_todays() -> None:
    once = {"period": {"end": "2015-06-01"}}
    names = [
        {"use": "official", "family": "Formerly", "given": ["Ada"], **once},
        {"use": "official", "family": "Testperson", "given": ["Ada"], "period": {"start": "2015-06-01"}},
    ]
    home = {"line": ["1 Made Up Way"], "city": "Sampleton", "state": "PA", "postalCode": "19087"}
    before = {**home, "line": ["9 Former Road"]}
    found = taken(patient(name=names, address=[{**before, "use": "old"}, {**before, **once}, home])).draft["patient"]
    assert (found["last_name"], found["address"]["street"]) == ("Testperson", ["1 Made Up Way"])
    assert "address" not in taken(patient(address=[{**before, "use": "old"}])).draft["patient"]


@pytest.mark.parametrize("said", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-10-01"}])
def test_that_the_patient_has_died_is_told(said: dict[str, Any]) -> None:
    assert "deceased" in codes(taken(patient(**said)))
    assert "deceased" not in codes(taken(patient(deceasedBoolean=False)))


@pytest.mark.parametrize(("district", "county"), [("Delaware", "Delaware"), ("X", None), (7, None), (None, None)])
def test_the_county_is_the_district_of_the_address(district: Any, county: str | None) -> None:
    home = {"line": ["1 Made Up Way"], "city": "Sampleton", "state": "PA", "postalCode": "19087", "district": district}
    address = taken(patient() | {"address": [home]}).draft["patient"]["address"]
    assert address.get("county") == county
    assert address["zip_code"] == "19087"


def test_a_birth_date_that_is_told_twice_stays_open() -> None:
    found = taken(patient(), patient(birthDate="1962-04-12"))
    assert "birth_date" not in found.draft["patient"]
    assert "/patient/birth_date" in {one.pointer for one in found.missing}


def test_the_latest_version_is_read() -> None:
    older = observation("a", ER, valueCodeableConcept=POSITIVE, meta={"versionId": "1"})
    newer = observation("a", ER, valueCodeableConcept=NEGATIVE, meta={"versionId": "2"})
    found = taken(patient(), newer, older)
    assert [one.result for one in found.facts.biomarkers] == ["negative"]
    assert "versions" in codes(found)


@pytest.mark.parametrize(
    ("code", "value", "unit", "field", "metric"),
    [
        ("29463-7", 155, "[lb_av]", "weight_kg", 70.31),
        ("29463-7", 70310, "g", "weight_kg", 70.31),
        ("8302-2", 65, "[in_i]", "height_cm", 165.1),
        ("8302-2", 1.651, "m", "height_cm", 165.1),
        ("3140-1", 1.8, "m2", "bsa_m2", 1.8),
    ],
)
def test_sizes_are_converted(code: str, value: float, unit: str, field: str, metric: float) -> None:
    found = taken(patient(), observation("a", concept(LOINC, code), valueQuantity={"value": value, "code": unit}))
    assert getattr(found.facts.body, field) == metric


def test_contained_and_absolute_and_uuid_references_lead_somewhere() -> None:
    drug = {"resourceType": "Medication", "id": "m", "code": {"text": "methotrexate"}}
    dated = {"effectivePeriod": {"start": "2026-01-01", "end": "2026-03-01"}}
    inside = medication("a", "", contained=[drug], medicationReference={"reference": "#m"}, **dated)
    beside = medication("b", "", medicationReference={"reference": "https://ehr.invalid/Medication/m"}, **dated)
    by_uuid = medication("c", "", medicationReference={"reference": "urn:uuid:5"}, **dated)
    for one in (inside, beside, by_uuid):
        del one["medicationCodeableConcept"]
    record = bundle(patient(), inside, beside, by_uuid, drug)
    record["entry"].append({"fullUrl": "urn:uuid:5", "resource": {**drug, "id": "n"}})
    found = read(record)
    assert [one.drug for one in found.facts.prior_therapies] == ["methotrexate"] * 3


def test_of_several_patients_one_must_be_named() -> None:
    other = patient(id="bo") | {"birthDate": "1970-01-01"}
    with pytest.raises(SeveralPatients):
        taken(patient(), other)
    with pytest.raises(SeveralPatients):
        taken(patient(), other, who="nobody")
    assert taken(patient(), other, who="bo").draft["patient"]["birth_date"] == "1970-01-01"


def test_a_rheumatology_record() -> None:
    found = taken(
        patient(),
        observation("das", {"text": "DAS28-CRP"}, valueQuantity={"value": 5.4, "code": "{score}"}),
        observation("tb", concept(LOINC, "71773-6", "TB test"), valueCodeableConcept=concept(SCT, "260385009")),
        observation("dxa", concept(LOINC, "80948-3"), valueQuantity={"value": -2.7, "code": "1"}),
        medication("n", "Naproxen 500 MG Oral Tablet", effectivePeriod={"start": "2026-01-01", "end": "2026-02-01"}),
        {"resourceType": "Procedure", "id": "pt", "status": "completed", "subject": {"reference": "Patient/ada"},
         "code": concept(SCT, "91251008"), "performedPeriod": {"start": "2026-02-01", "end": "2026-03-20"}},
    )  # fmt: skip
    facts = found.facts
    [activity], [screening], [bone] = facts.disease_activity, facts.laboratories, facts.bone_density
    assert (activity.instrument, activity.score, activity.assessed_on) == ("das28_crp", 5.4, date(2026, 3, 1))
    assert (screening.result, screening.loinc, bone.t_score) == ("negative", "71773-6", -2.7)
    assert [one.kind for one in facts.conservative_care] == ["nsaid", "physical_therapy"]


_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.just([]),
    st.just({}),
    st.lists(st.text(max_size=3), max_size=2),
    st.sampled_from(["2019", "2026-13-40", "#x", "urn:uuid:", "Patient/ada", "\ud800", "9" * 5000]),
)


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [place for key, one in inner for place in _places(one, (*at, key))]


PLACES = _places(oncology())


@settings(max_examples=2 * settings().max_examples, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), _JUNK), min_size=1, max_size=5))
def test_a_record_that_is_broken_anywhere_ends_with_facts_or_a_place(broken: list[tuple[tuple[Any, ...], Any]]) -> None:
    record: Any = copy.deepcopy(oncology())
    for place, junk in broken:
        target = record
        try:
            for step in place[:-1]:
                target = target[step]
            target[place[-1]] = junk
        except (KeyError, IndexError, TypeError):
            continue
    with suppress(SeveralPatients):
        assert read(record).model_dump_json()


@given(_JUNK)
def test_what_is_no_record_is_no_crash(junk: Any) -> None:
    found = read(junk)
    assert not found.draft["facts"]
    assert "no_patient" in codes(found)
