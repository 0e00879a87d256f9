"""What a record says in two ways at once: told with its place, and never settled by which came first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gateway.intake.chart import SeveralPatients
from tests.intake_material import (
    HCPCS,
    LOINC,
    ME,
    RXNORM,
    SCT,
    bundle,
    concept,
    condition,
    medication,
    observation,
    patient,
)
from tests.unit.intake_reading import ER, ICD, NEGATIVE, POSITIVE, allergy, codes, read, taken

GROUP, T, N = concept(LOINC, "21908-9"), concept(LOINC, "21905-5"), concept(LOINC, "21906-3")
ECOG, KARNOFSKY = concept(LOINC, "89247-1"), concept(LOINC, "89243-0")
BREAST, LUNG = condition("breast", (ICD, "C50.911")), condition("lung", (ICD, "C34.11"))
SPINE = {"text": "Lumbar spine T-score"}
ICD_O = "http://terminology.hl7.org/CodeSystem/icd-o-3"


def of(name: str) -> dict[str, Any]:
    return {"focus": [{"reference": f"Condition/{name}"}]}


def staged(name: str, code: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
    return observation(name, code, valueCodeableConcept={"text": text}, **more)


def given(name: str, drug: str, status: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    period = {"start": start} | ({"end": end} if end else {})
    return medication(name, drug, status, effectivePeriod=period, **more)


def prescribed(name: str, drug: Any, **more: Any) -> dict[str, Any]:
    asked = {"status": "active", "intent": "order", "subject": ME, "medicationCodeableConcept": drug}
    return {"resourceType": "MedicationRequest", "id": name, **asked, **more}


def test_the_stages_of_two_tumors_are_two() -> None:
    found = taken(
        patient(),
        BREAST,
        LUNG,
        staged("t", T, "cT2", **of("breast")),
        staged("n", N, "cN2", **of("lung")),
        staged("g", GROUP, "Stage IVA", **of("lung")),
    )
    assert [(one.diagnosis, one.group, one.t, one.n) for one in found.facts.stage] == [
        ("C50.911", None, "cT2", None),
        ("C34.11", "IVA", None, "cN2"),
    ]
    assert codes(found) == {"order_of_diagnoses"}


def test_of_two_tumors_a_fact_of_neither_is_told_and_of_one_it_is_not() -> None:
    said = [staged("g", GROUP, "Stage II"), observation("er", ER, valueCodeableConcept=POSITIVE)]
    told = [one.pointer for one in taken(patient(), BREAST, LUNG, *said).findings if one.code == "tumor_unsaid"]
    assert [pointer.split("/resource")[0] for pointer in told] == ["/entry/3", "/entry/4"]
    assert "tumor_unsaid" not in codes(taken(patient(), BREAST, condition("bone", (ICD, "C79.51")), *said))
    assert "tumor_unsaid" not in codes(taken(patient(), BREAST, condition("left", (ICD, "C50.912")), *said))


def test_the_stage_of_a_condition_is_held_against_its_own_tumor() -> None:
    own = {"stage": [{"summary": {"text": "Stage II"}}]}
    lung = staged("g", GROUP, "Stage IVA", **of("lung"))
    found = taken(patient(), condition("breast", (ICD, "C50.911"), **own), LUNG, lung)
    assert [(one.diagnosis, one.group) for one in found.facts.stage] == [("C34.11", "IVA"), ("C50.911", "II")]
    assert "conflict_stage_of_condition" not in codes(found)
    other = staged("g", GROUP, "Stage IVA", **of("breast"))
    assert "conflict_stage_of_condition" in codes(taken(patient(), condition("breast", (ICD, "C50.911"), **own), other))


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (given("a", "methotrexate", "active", "2026-01-01"), ("stopped", "2026-03-01", "2026-04-01"), True),
        (given("a", "methotrexate", "active", "2026-01-01"), ("completed", "2026-03-01", "2026-04-01"), True),
        (given("a", "methotrexate", "active", "2026-01-01"), ("active", "2026-03-01", None), False),
        (given("a", "methotrexate", "completed", "2026-01-01", "2026-02-01"), ("active", "2026-03-01", None), False),
        (given("a", "methotrexate", "completed", "2026-01-01", "2026-05-01"), ("active", "2026-03-01", None), True),
        (given("a", "methotrexate", "active", "2026-01-01"), ("completed", "2026-03-01", "2026-03-01"), False),
    ],
)
def test_a_course_within_another_is_told_where_it_ended_otherwise(
    first: dict[str, Any], second: tuple[str, str, str | None], told: bool
) -> None:
    found = taken(patient(), first, given("b", "methotrexate", *second))
    assert len(found.facts.prior_therapies) == 2
    assert ("conflict_therapy" in codes(found)) is told


def test_a_course_is_held_against_all_before_it_and_not_only_the_last() -> None:
    found = taken(
        patient(),
        given("a", "methotrexate", "completed", "2026-01-01", "2026-09-01"),
        given("b", "methotrexate", "completed", "2026-02-01", "2026-02-20"),
        given("c", "methotrexate", "stopped", "2026-05-01", "2026-06-01"),
    )
    assert [one.reference for one in found.findings if one.code == "conflict_therapy"] == [
        "MedicationStatement/b",
        "MedicationStatement/c",
    ]


def test_an_order_alone_is_told_and_one_of_a_drug_that_is_taken_is_not() -> None:
    drug = {"text": "methotrexate"}
    order = prescribed("rx", drug, authoredOn="2026-03-01")
    assert codes(taken(patient(), order)) == {"order_alone"}
    assert "order_alone" not in codes(taken(patient(), order, given("a", "Methotrexate", "active", "2026-03-05")))
    for other in (
        given("a", "leflunomide", "active", "2026-03-05"),
        given("a", "methotrexate", "not-taken", "2026-03-05", statusReason=[{"text": "contraindicated"}]),
        given("a", "methotrexate", "not-taken", "2026-03-05"),
    ):
        assert "order_alone" in codes(taken(patient(), order, other))


@pytest.mark.parametrize(
    ("reasons", "outcome", "told"),
    [
        (("progression", "intolerance"), "stopped_other", True),
        (("progression", "disease progression"), "progression", False),
        (("intolerance", "patient choice"), "intolerance", False),
    ],
)
def test_reasons_that_mean_different_things_choose_no_outcome(
    reasons: tuple[str, ...], outcome: str, told: bool
) -> None:
    why = {"statusReason": [{"text": text} for text in reasons]}
    found = taken(patient(), given("a", "adalimumab", "stopped", "2026-01-01", "2026-03-01", **why))
    [therapy] = found.facts.prior_therapies
    assert (therapy.outcome, therapy.reason) == (outcome, "; ".join(reasons))
    assert ("conflict_reasons" in codes(found)) is told


TWO = {"text": "adalimumab", "coding": [{"system": RXNORM, "code": "6851"}]}
CODED_TWICE = {"coding": [{"system": RXNORM, "code": "6851"}, {"system": RXNORM, "code": "327361"}]}
BRAND = {"text": "Humira 40 mg/0.4 mL pen", "coding": [{"system": RXNORM, "code": "327361", "display": "adalimumab"}]}
BIOSIMILAR = {"text": "trastuzumab-anns", "coding": [{"system": RXNORM, "code": "224905"}]}


@pytest.mark.parametrize(("drug", "told"), [(TWO, True), (CODED_TWICE, True), (BRAND, False), (BIOSIMILAR, False)])
def test_what_is_of_two_drugs_is_of_none(drug: dict[str, Any], told: bool) -> None:
    taken_once = given("a", "x", "completed", "2026-01-01", "2026-03-01") | {"medicationCodeableConcept": drug}
    for found in (taken(patient(), taken_once), taken(patient(), allergy(drug))):
        assert ("conflict_drug" in codes(found)) is told
        assert len(found.facts.prior_therapies) == (not told)


def test_a_drug_that_is_named_twice_is_one_drug() -> None:
    stored = {"resourceType": "Medication", "id": "m", "code": {"text": "adalimumab"}}
    both = given("a", "methotrexate", "completed", "2026-01-01", "2026-03-01", medicationReference={"reference": "#m"})
    found = taken(patient(), both | {"contained": [stored]})
    assert codes(found) == {"conflict_drug"}
    assert found.facts.prior_therapies == ()


@pytest.mark.parametrize("said", ["No allergy to methotrexate", "methotrexate: not allergic", "Denies methotrexate"])
def test_an_allergy_whose_name_denies_it_is_none(said: str) -> None:
    found = taken(patient(), allergy({"text": said, "coding": [{"system": RXNORM, "code": "6851"}]}))
    assert found.facts.prior_therapies == ()
    assert codes(found) == {"unreadable"}


def test_a_reaction_that_was_none_documents_nothing() -> None:
    methotrexate = concept(RXNORM, "6851", "methotrexate")
    none = taken(patient(), allergy(methotrexate, reaction=[{"manifestation": [{"text": "No reaction"}]}]))
    rash = taken(patient(), allergy(methotrexate, reaction=[{"manifestation": [{"text": "Rash"}]}]))
    assert [one.reason for found in (none, rash) for one in found.facts.prior_therapies] == [None, "Rash"]


@pytest.mark.parametrize(
    "value",
    [
        concept(SCT, "10828004") | {"text": "Negative"},
        {"coding": [{"system": SCT, "code": "10828004"}, {"system": SCT, "code": "260385009"}]},
    ],
)
def test_a_code_of_the_opposite_of_its_text_is_a_contradiction(value: dict[str, Any]) -> None:
    found = taken(patient(), observation("er", ER, valueCodeableConcept=value))
    assert {one.result for one in found.facts.biomarkers} >= {"positive"}
    assert len(found.facts.biomarkers) == 2
    assert "conflict_marker" in codes(found)


def test_what_two_codes_and_a_text_say_alike_is_one_result() -> None:
    value = {"coding": [*POSITIVE["coding"], *concept(SCT, "10828004")["coding"]], "text": "Positive"}
    found = taken(patient(), observation("er", ER, valueCodeableConcept=value))
    assert [one.result for one in found.facts.biomarkers] == ["positive"]
    assert codes(found) == set()


def histology(name: str, text: str, code: str | None, **more: Any) -> dict[str, Any]:
    value = concept(ICD_O, code, text) if code else {"text": text}
    return observation(name, concept(LOINC, "59847-4"), valueCodeableConcept=value, **more)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (histology("a", "Adenocarcinoma", "8140/3"), histology("b", "Small cell", "8041/3"), True),
        (histology("a", "Adenocarcinoma", "8140/3", **of("lung")), histology("b", "Ductal", "8500/3", **of("x")), True),
        (histology("a", "Adenocarcinoma", "8140/3"), histology("b", "Adenocarcinoma NOS", "8140/3"), False),
        (histology("a", "Adenocarcinoma", None), histology("b", "Adenocarcinoma of lung", None), False),
        (histology("a", "Adenocarcinoma", None), histology("b", "Small cell carcinoma", None), True),
        (histology("a", "Ductal", "8500/3", **of("breast")), histology("b", "Small", "8041/3", **of("lung")), False),
    ],
)
def test_two_histologies_of_one_tumor_are_told(one: dict[str, Any], other: dict[str, Any], told: bool) -> None:
    found = taken(patient(), BREAST, LUNG, one, other)
    assert len(found.facts.histology) == 2
    assert ("conflict_histology" in codes(found)) is told


def test_two_scores_of_one_bone_and_day_are_told() -> None:
    found = taken(
        patient(),
        observation("a", SPINE, valueQuantity={"value": -2.7}),
        observation("b", SPINE, valueQuantity={"value": -1.0}),
    )
    assert len(found.facts.bone_density) == 2
    assert codes(found) == {"conflict_bone_density"}


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ("0 (not assessed)", None),
        ("1 - not yet documented", None),
        ("2 (target)", None),
        ("1, per patient goal", None),
        ("0 = expected after surgery", None),
        ("1 (prior to admission)", None),
        ("2 (before: was one)", None),
        ("2 - up and about more than half of the day, unable to work", 2),
        ("1 (wasting)", 1),
        ("0 - no restriction", 0),
    ],
)
def test_a_number_that_nobody_found_is_no_score(said: str, score: int | None) -> None:
    found = taken(patient(), observation("a", ECOG, valueString=said))
    assert [one.score for one in found.facts.performance] == ([] if score is None else [score])
    assert bool(codes(found)) is (score is None)


def test_a_code_and_a_text_of_two_scores_are_told() -> None:
    value = {"coding": [{"system": LOINC, "code": "LA9623-5"}], "text": "ECOG 2"}
    assert codes(taken(patient(), observation("a", ECOG, valueCodeableConcept=value))) == {"conflict_performance"}


@pytest.mark.parametrize(
    ("quantity", "weight", "told"),
    [
        ({"value": 180, "unit": "lb", "code": "kg"}, None, "conflict_unit"),
        ({"value": 180, "unit": "kg", "code": "[lb_av]"}, None, "conflict_unit"),
        ({"value": 180, "unit": "Pounds", "code": "[lb_av]"}, 81.65, None),
        ({"value": 80, "unit": "KG"}, 80, None),
        ({"value": 80, "unit": "kilos of body", "code": "kg"}, 80, None),
    ],
)
def test_a_unit_that_is_not_its_code_is_none(quantity: dict[str, Any], weight: float | None, told: str | None) -> None:
    found = taken(patient(), observation("w", concept(LOINC, "29463-7"), valueQuantity=quantity))
    assert (found.facts.body and found.facts.body.weight_kg) == weight
    assert codes(found) == ({told} if told else set())


def test_a_size_that_cannot_be_leaves_the_others() -> None:
    found = taken(
        patient(),
        observation("h", concept(LOINC, "8302-2"), valueQuantity={"value": 1.7, "code": "cm"}),
        observation("w", concept(LOINC, "29463-7"), valueQuantity={"value": 82, "code": "kg"}),
    )
    assert found.facts.body is not None
    assert (found.facts.body.height_cm, found.facts.body.weight_kg) == (None, 82)
    assert [(one.code, one.reference) for one in found.findings] == [("unreadable", "Observation/h")]


def bounded(start: str, end: str | None, text: str) -> dict[str, Any]:
    period = {"start": start} | ({"end": end} if end else {})
    return {"text": text, "timing": {"repeat": {"boundsPeriod": period}}}


@pytest.mark.parametrize(
    ("dosages", "dates", "told"),
    [
        (
            [bounded("2026-12-01", "2026-12-10", "loading"), bounded("2027-02-01", "2027-03-10", "maintenance")],
            {"start": "2026-12-01", "end": "2027-03-10"},
            {"several_dosages"},
        ),
        (
            [bounded("2027-02-01", None, "maintenance"), bounded("2026-12-01", "2026-12-10", "loading")],
            {"start": "2026-12-01"},
            {"several_dosages"},
        ),
        ([bounded("2026-12-10", "2026-12-01", "once")], {"start": "2026-12-10"}, {"end_before_start"}),
    ],
)
def test_an_order_of_several_dosages_lasts_until_the_last(
    dosages: list[Any], dates: dict[str, str], told: set[str]
) -> None:
    found = taken(patient(), prescribed("rx", concept(HCPCS, "J9271"), dosageInstruction=dosages))
    [line] = found.draft["lines"]
    assert line["dates"] == dates
    assert line["dose"] == "; then ".join(one["text"] for one in dosages)
    assert codes(found) == told


@pytest.mark.parametrize(
    ("drug", "told"),
    [
        ({"coding": [{"system": HCPCS, "code": "J9271"}, {"system": HCPCS, "code": "J1745"}]}, "several_codes"),
        ({"coding": [{"system": HCPCS, "code": "J9271"}], "text": "nivolumab"}, "conflict_drug"),
        ({"coding": [{"system": HCPCS, "code": "J9271"}], "text": "Keytruda 200 mg"}, None),
    ],
)
def test_an_order_of_two_drugs_is_no_line(drug: dict[str, Any], told: str | None) -> None:
    found = taken(patient(), prescribed("rx", drug, authoredOn="2026-11-01"))
    assert ("lines" in found.draft) is (told is None)
    assert codes(found) >= ({told} if told else set())


def test_results_that_a_report_contains_are_read() -> None:
    held = [
        {"resourceType": "Observation", "id": "er", "status": "final", "code": ER, "valueCodeableConcept": POSITIVE},
        observation("ecog", ECOG, "2026-05-05", valueInteger=1),
        observation("gone", ECOG, valueInteger=3) | {"status": "entered-in-error"},
        observation("hers", ECOG, valueInteger=4, focus=[{"reference": "Patient/eve"}]),
        {"resourceType": "Observation", "id": "loose", "status": "final", "code": ECOG, "valueInteger": 2},
    ]
    results = [{"reference": f"#{name}"} for name in ("er", "ecog", "gone", "hers")]
    told = {"status": "final", "subject": ME, "code": {"text": "Biopsy"}, "effectiveDateTime": "2026-10-01"}
    report = {"resourceType": "DiagnosticReport", "id": "dr", **told, "contained": held, "result": results}
    found = taken(patient(), report)
    [marker] = found.facts.biomarkers
    [score] = found.facts.performance
    assert (marker.result, marker.specimen_on) == ("positive", date(2026, 10, 1))
    assert (score.score, score.assessed_on) == (1, date(2026, 5, 5))
    assert marker.origin is not None
    assert marker.origin.reference == "DiagnosticReport/dr#er"
    panel = observation("panel", {"text": "Panel"}, contained=[held[0]], hasMember=[{"reference": "#er"}])
    assert len(taken(patient(), panel).facts.biomarkers) == 1


def test_a_record_of_two_people_is_refused_though_it_holds_no_patient() -> None:
    mine = observation("a", ECOG, valueInteger=1)
    other = observation("b", ECOG, valueInteger=3) | {"subject": {"reference": "Patient/eve"}}
    with pytest.raises(SeveralPatients) as raised:
        taken(mine, other)
    assert raised.value.pointers == ["/entry/0/resource", "/entry/1/resource"]
    by_number = {"subject": {"identifier": {"system": "urn:mrn", "value": "2"}}}
    with pytest.raises(SeveralPatients):
        taken(mine, observation("b", ECOG, valueInteger=3) | by_number)
    absolute = {"subject": {"reference": "https://ehr.invalid/Patient/ada/_history/2"}}
    assert len(taken(mine, observation("b", ECOG, "2026-02-01", valueInteger=3) | absolute).facts.performance) == 2


def test_a_contradiction_is_told_however_much_else_there_is_to_tell() -> None:
    many = [condition(f"c{place}", (SCT, "254637007")) for place in range(600)]
    markers = [observation("a", ER, valueCodeableConcept=POSITIVE), observation("b", ER, valueCodeableConcept=NEGATIVE)]
    found = taken(patient(), *many, *markers)
    assert "conflict_marker" in codes(found)
    assert found.counts["finding_no_icd10"] == 600
    assert len(found.findings) < 150


@pytest.mark.parametrize(
    ("drug", "more", "counts"),
    [
        ("ibuprofen 600 mg", {}, True),
        ("Advil (ibuprofen)", {}, True),
        ("acetaminophen (no ibuprofen)", {}, False),
        ("ketorolac 0.5% ophthalmic solution", {}, False),
        ("ketorolac", {"dosage": [{"route": {"text": "Left eye"}}]}, False),
        ("ibuprofen 600 mg", {"status": "not-taken", "statusReason": [{"text": "contraindicated"}]}, False),
    ],
)
def test_an_nsaid_that_is_not_taken_or_not_for_the_body_is_no_care(
    drug: str, more: dict[str, Any], counts: bool
) -> None:
    told = given("a", drug, "completed", "2026-05-01", "2026-11-10") | more
    assert bool(taken(patient(), told).facts.conservative_care) is counts


@pytest.mark.parametrize(
    "more",
    [
        {"link": [{"relation": "self", "url": "urn:x"}, {"relation": "next", "url": "urn:y"}]},
        {"type": "searchset", "total": 900},
    ],
)
def test_a_record_that_says_it_is_not_whole_is_told(more: dict[str, Any]) -> None:
    assert codes(read(bundle(patient()) | more)) == {"not_whole"}
    assert codes(read(bundle(patient()) | {"total": 1})) == set()
    hidden = {"resourceType": "OperationOutcome", "id": "oo", "issue": [{"severity": "warning", "code": "suppressed"}]}
    assert codes(taken(patient(), hidden)) == {"not_whole"}


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 320}}}, "1:320"),
        (
            {"valueRange": {"low": {"value": 9, "unit": "g/dL"}, "high": {"value": 10, "unit": "g/dL"}}},
            "9 g/dL to 10 g/dL",
        ),
        ({"valueRatio": {"numerator": {"value": 1}}}, None),
    ],
)
def test_a_titre_and_a_range_are_results(value: dict[str, Any], result: str | None) -> None:
    category = [concept("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")]
    found = taken(patient(), observation("a", concept(LOINC, "5048-4", "ANA"), category=category, **value))
    assert [one.result for one in found.facts.laboratories] == ([result] if result else [])


def test_a_marker_that_is_true_says_nothing() -> None:
    found = taken(patient(), observation("a", ER, valueBoolean=True))
    assert found.facts.biomarkers == ()
    assert codes(found) == {"unreadable"}


def test_one_diagnosis_of_two_onsets_and_a_patient_of_two_names_are_told() -> None:
    onsets = [
        condition(name, (ICD, "C50.911"), onsetDateTime=day) for name, day in (("a", "2020-01-01"), ("b", "2026-09-01"))
    ]
    found = taken(patient(), *onsets)
    assert found.draft["diagnoses"] == [{"code": "C50.911", "onset": "2020-01-01"}]
    assert codes(found) == {"conflict_onset"}
    two = [{"use": "official", "family": "Testperson"}, {"use": "official", "family": "Sampleton"}]
    assert codes(taken(patient(name=two))) == {"several_names"}
    lived = [
        {"use": use, "line": [f"1 {use}"], "city": "Sampleton", "state": "PA", "postalCode": "19087"}
        for use in ("work", "home")
    ]
    assert taken(patient(address=lived)).draft["patient"]["address"]["street"] == ["1 home"]


@pytest.mark.parametrize("more", [{"active": False}, {"link": [{"type": "replaced-by", "other": {"reference": "x"}}]}])
def test_that_the_record_was_replaced_is_told(more: dict[str, Any]) -> None:
    assert codes(taken(patient(**more))) == {"patient_replaced"}


def coverage(name: str = "card", **more: Any) -> dict[str, Any]:
    told = {"status": "active", "beneficiary": ME, "subscriberId": "EVG0000001"}
    return {"resourceType": "Coverage", "id": name, **told, **more}


BOB = patient(birthDate="1958-01-01", gender="male", name=[{"family": "Testperson", "given": ["Bob"]}]) | {
    "resourceType": "RelatedPerson",
    "id": "bob",
    "patient": ME,
}
HIS = {"subscriber": {"reference": "RelatedPerson/bob"}}


def related(word: str) -> dict[str, Any]:
    return {"relationship": concept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", word)}


@pytest.mark.parametrize(
    ("told", "finding", "subscriber"),
    [
        (coverage(**related("self"), **HIS), "conflict_subscriber", True),
        (coverage(**HIS), "conflict_subscriber", True),
        (coverage(**related("spouse"), subscriber=ME), "conflict_subscriber", False),
        (coverage(**related("spouse"), **HIS), None, True),
        (coverage(**related("self"), subscriber=ME), None, False),
        (
            coverage(
                identifier=[{"type": concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MB"), "value": "ZZZ999"}]
            ),
            "conflict_member",
            False,
        ),
        (coverage(status="inactive"), "coverage_status", False),
    ],
)
def test_a_coverage_that_contradicts_itself_is_told(
    told: dict[str, Any], finding: str | None, subscriber: bool
) -> None:
    found = taken(patient(), told, BOB)
    assert codes(found) == ({finding} if finding else set())
    assert ("subscriber" in found.draft) is subscriber
    # What contradicts itself is no request yet, and says where.
    wrong = [fault.pointer for fault in found.missing if fault.pointer.startswith("/subscriber")]
    assert bool(wrong) is (finding == "conflict_subscriber")


def test_of_two_coverages_in_force_nobody_says_which_is_the_first() -> None:
    assert codes(taken(patient(), coverage("a"), coverage("b"))) == {"order_of_coverages"}
    ordered = taken(patient(), coverage("a", order=2, subscriberId="SECOND1"), coverage("b", order=1))
    assert codes(ordered) == set()
    assert [one["member_id"] for one in ordered.draft["coverages"]] == ["EVG0000001", "SECOND1"]
