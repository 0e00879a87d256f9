"""What a record denies, doubts or contradicts is told, and becomes no fact."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gateway.intake.stage_texts import category_of, group_of
from tests.intake_material import HCPCS, LOINC, ME, bundle, concept, condition, medication, observation, patient
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

HER2 = concept(LOINC, "85319-2")
LABORATORY = [concept("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")]
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def interpreted(word: str) -> list[dict[str, Any]]:
    return [concept(INTERPRETATION, word)]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, "unconfirmed"),
        ({"verificationStatus": {"text": "Refuted"}}, "unconfirmed"),
        ({"verificationStatus": "refuted"}, "unconfirmed"),
        ({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, None),
        ({"verificationStatus": {"text": "Entered in error"}}, None),
        ({"verificationStatus": "entered-in-error"}, None),
        ({"verificationStatus": {"text": "perhaps"}}, "unknown_status"),
        ({"clinicalStatus": {"coding": [{"code": "resolved"}]}}, "not_active"),
        ({"clinicalStatus": {"text": "Inactive"}}, "not_active"),
        ({"clinicalStatus": "resolved"}, "not_active"),
        ({"clinicalStatus": {"coding": [{"system": "urn:x", "code": "gone"}]}}, "unknown_status"),
    ],
)
def test_a_status_is_read_however_it_is_written(status: dict[str, Any], told: str | None) -> None:
    found = taken(patient(), condition("a", (ICD, "C34.11"), **status), allergy(METHOTREXATE, **status))
    assert "diagnoses" not in found.draft
    assert found.facts.prior_therapies == ()
    assert [one.code for one in found.findings] == [told] * 2 if told else codes(found) == set()


def test_what_is_in_remission_or_current_though_it_ended_is_taken_and_told() -> None:
    for status, more, code in (
        ("remission", {}, "in_remission"),
        ("active", {"abatementDateTime": "2020-01-01"}, "current_and_over"),
        ("active", {"abatementDateTime": "2027-01-01"}, None),
    ):
        told = condition("a", (ICD, "C34.11"), clinicalStatus={"coding": [{"code": status}]}, **more)
        found = taken(patient(), told)
        assert (len(found.draft["diagnoses"]), codes(found)) == (1, {code} if code else set())


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Stage IIIB", "IIIB"),
        ("Stage III-A", "IIIA"),
        ("Stage group: IIB", "IIB"),
        ("AJCC stage IA2", "IA2"),
        ("IIIB (AJCC 8)", "IIIB"),
        ("3b", "IIIB"),
        ("Stage 0", "0"),
        ("Stage IIIA non-small cell lung cancer", "IIIA"),
        ("Stage II, no nodes, without metastases", "II"),
        ("Non-small cell lung cancer, stage IV", "IV"),
        ("Stage IV - not confirmed", None),
        ("Stage IV: no", None),
        ("Stage IV excluded", None),
        ("Negative for stage IV", None),
        ("cannot exclude Stage IV", None),
        ("Stage II, now upstaged to Stage IV", None),
        ("Previously stage I; restaged IV", None),
        ("Stage II-III", None),
        ("Stage IA to IIB", None),
        ("Stage I, stage III", None),
        ("at least stage II", None),
        ("Stage IV in father", None),
        ("Stage IV disease in sibling", None),
        ("Stage IV by mistake", None),
        ("Stage 4, downgraded to 3", None),
        ("Stage IV per outside hospital, disputed", None),
        ("4 cm mass", None),
        ("3 of 14 nodes", None),
        ("I recommend surgery", None),
    ],
)
def test_a_group_is_read_where_a_text_says_one_plainly(text: str, group: str | None) -> None:
    assert group_of(text) == group
    found = taken(patient(), observation("g", concept(LOINC, "21908-9"), valueString=text))
    assert [one.group for one in found.facts.stage] == ([group] if group else [])
    assert codes(found) == (set() if group else {"unreadable"})


@pytest.mark.parametrize(
    ("text", "display", "group"),
    [
        ("Stage II", "Stage II", "II"),
        ("Staging of the lung", "Stage II", "II"),
        ("Stage II excluded", "Stage II", None),
        ("Stage II-III", "Stage II", None),
        ("Stage IV", "Stage II", None),
    ],
)
def test_a_code_says_no_more_plainly_what_its_text_doubts(text: str, display: str, group: str | None) -> None:
    told = {"text": text, "coding": [{"system": "urn:x", "code": "x", "display": display}]}
    found = taken(patient(), observation("g", concept(LOINC, "21908-9"), valueCodeableConcept=told))
    assert [one.group for one in found.facts.stage] == ([group] if group else [])
    assert codes(found) == (set() if group else {"unreadable"})
    tumor = condition("a", (ICD, "C34.11"), stage=[{"summary": told}])
    assert [one.group for one in taken(patient(), tumor).facts.stage] == ([group] if group else [])


@pytest.mark.parametrize(
    ("what", "text", "category"),
    [
        ("m", "M0: No distant metastasis", "M0"),
        ("n", "cN0 no regional nodes", "cN0"),
        ("m", "MX cannot be assessed", "MX"),
        ("t", "pT2a, pT2a", "pT2a"),
        ("m", "No evidence of M1 disease", None),
        ("m", "not M1", None),
        ("m", "M1 excluded", None),
        ("m", "M0 (M1 not excluded)", None),
        ("m", "suspected M1", None),
        ("m", "M0 vs M1", None),
        ("n", "N0 / N1", None),
        ("t", "T2, previously T4", None),
        ("t", "M1", None),
    ],
)
def test_a_category_is_read_where_a_text_says_one_plainly(what: str, text: str, category: str | None) -> None:
    found = category_of(what, text)
    assert (found and found[0]) == category


def test_one_result_that_is_called_the_opposite_stands_twice_and_is_told() -> None:
    for code, field, conflict in (
        (HER2, "biomarkers", "conflict_marker"),
        (concept(LOINC, "5196-1"), "laboratories", "conflict_laboratory"),
    ):
        for value in ({"valueCodeableConcept": NEGATIVE}, {"valueString": "Negative"}):
            told = observation("a", code, **value, interpretation=interpreted("POS"), category=LABORATORY)
            found = taken(patient(), told)
            assert {one.result.lower() for one in getattr(found.facts, field)} == {"negative", "positive"}
            assert conflict in codes(found)
        agreed = observation("a", code, valueString="Negative", interpretation=interpreted("NEG"), category=LABORATORY)
        assert codes(taken(patient(), agreed)) == set()


def test_a_value_beside_the_reason_why_there_is_none_is_no_fact() -> None:
    told = observation("a", ER, valueCodeableConcept=POSITIVE, dataAbsentReason={"coding": [{"code": "error"}]})
    found = taken(patient(), told)
    assert (found.facts.biomarkers, codes(found)) == ((), {"value_and_none"})


@pytest.mark.parametrize("text", ["Test cancelled, specimen insufficient", "Not performed", "QNS", "Pending"])
def test_a_text_that_says_why_there_is_no_result_is_none(text: str) -> None:
    found = taken(patient(), observation("a", HER2, valueString=text))
    assert [one.result for one in found.facts.biomarkers if one.result] == []
    assert codes(found) == {"no_result"} or found.facts.biomarkers[0].not_feasible


def blood(name: str, value: float, on: str | None = "2026-03-01", **more: Any) -> dict[str, Any]:
    quantity = {"value": value, "unit": "g/dL", "code": "g/dL"}
    return observation(
        name, concept(LOINC, "718-7", "Hemoglobin"), on, valueQuantity=quantity, category=LABORATORY, **more
    )


@pytest.mark.parametrize(
    ("results", "kept", "conflict"),
    [
        ([("14", "2026-03-01")] * 3 + [("6.5", "2026-03-01")], {"14", "6.5"}, True),
        ([("14", "2026-03-01T08:00:00Z"), ("6.5", "2026-03-01T12:00:00Z")], {"14", "6.5"}, False),
        ([("14", "2026-03-01T08:00:00Z"), ("6.5", "2026-03-01T08:00:00Z")], {"14", "6.5"}, True),
        (
            [("14", "2026-03-01T08:00:00Z"), ("6.5", "2026-03-01T12:00:00+02:00"), ("9", "2026-03-01T11:00:00Z")],
            {"6.5", "9"},
            False,
        ),
        ([("14", "2026-03-01"), ("14", "2026-03-01"), ("12", "2026-02-01"), ("11", "2026-01-01")], {"14"}, False),
    ],
)
def test_of_one_day_no_result_is_left_out_as_older_that_is_not(
    results: list[tuple[str, str]], kept: set[str], conflict: bool
) -> None:
    found = taken(patient(), *(blood(f"hb{n}", float(value), on) for n, (value, on) in enumerate(results)))
    assert {one.result for one in found.facts.laboratories} == kept
    assert ("conflict_laboratory" in codes(found)) is conflict


def test_screenings_and_scores_of_one_day_that_contradict_each_other_are_told() -> None:
    def screened(name: str, answer: dict[str, Any], at: str) -> dict[str, Any]:
        return observation(name, concept(LOINC, "5196-1"), at, valueCodeableConcept=answer, category=LABORATORY)

    hbsag = [screened("a", NEGATIVE, "2026-03-01T08:00:00Z"), screened("b", POSITIVE, "2026-03-01T09:00:00Z")]
    found = taken(patient(), *hbsag)
    assert {one.result for one in found.facts.laboratories} == {"negative", "positive"}
    assert codes(found) == {"conflict_laboratory"}
    das = [
        observation(name, {"text": "DAS28-CRP"}, valueQuantity={"value": value})
        for name, value in (("a", 2.1), ("b", 6.3))
    ]
    assert codes(taken(patient(), *das)) == {"conflict_activity"}
    for karnofsky, told in ((40, {"conflict_scales"}), (90, set()), (80, set())):
        scores = [
            observation("e", concept(LOINC, "89247-1"), valueInteger=0),
            observation("k", concept(LOINC, "89243-0"), valueInteger=karnofsky),
        ]
        assert codes(taken(patient(), *scores)) == told


def test_a_result_of_no_method_is_held_against_one_of_a_method() -> None:
    by_ihc = observation("a", HER2, valueCodeableConcept=POSITIVE, method={"text": "IHC"})
    for answer, told in ((NEGATIVE, {"conflict_marker"}), (POSITIVE, set())):
        assert codes(taken(patient(), by_ihc, observation("b", HER2, valueCodeableConcept=answer))) == told


def test_versions_are_compared_by_the_moment_in_whatever_zone() -> None:
    for first, second in (
        ("2026-01-01T23:00:00-05:00", "2026-01-02T01:00:00Z"),
        ("2026-01-01T10:00:00.900Z", "2026-01-01T10:00:00Z"),
    ):
        later = observation("a", ER, valueCodeableConcept=POSITIVE, meta={"lastUpdated": first})
        earlier = observation("a", ER, valueCodeableConcept=NEGATIVE, meta={"lastUpdated": second})
        for told in ((later, earlier), (earlier, later)):
            assert [one.result for one in taken(patient(), *told).facts.biomarkers] == ["positive"]


def test_what_has_one_id_on_two_servers_is_two() -> None:
    record = bundle(
        patient(),
        observation("1", HER2, valueCodeableConcept=NEGATIVE, meta={"lastUpdated": "2026-01-01T00:00:00Z"}),
        observation("1", ER, valueCodeableConcept=POSITIVE, meta={"lastUpdated": "2026-02-01T00:00:00Z"}),
    )
    record["entry"][2]["fullUrl"] = "https://other.invalid/Observation/1"
    record["entry"][2]["resource"]["subject"] = {"reference": "https://ehr.invalid/Patient/ada"}
    found = read(record)
    assert {one.result for one in found.facts.biomarkers} == {"negative", "positive"}
    assert codes(found) == set()
    record["entry"][2]["resource"]["subject"] = {"reference": "Patient/ada"}
    assert codes(read(record)) >= {"other_patient"}, "it is relative to its own server"


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ({"reference": "https://other.invalid/fhir/Patient/ada"}, "other_patient"),
        ({"identifier": {"system": "urn:mrn", "value": "999"}}, "named_otherwise"),
        ({"identifier": {"system": "urn:other", "value": "1"}}, "named_otherwise"),
        ({"identifier": {"system": "urn:mrn", "value": "1"}}, None),
        ({"reference": "https://ehr.invalid/Patient/ada"}, None),
        ({"display": "Ada"}, "whose"),
    ],
)
def test_whose_a_fact_is(subject: dict[str, Any], told: str | None) -> None:
    observed = [
        observation(name, code, valueCodeableConcept=POSITIVE, subject=subject)
        for name, code in (("a", ER), ("b", HER2))
    ]
    found = taken(patient(identifier=[{"system": "urn:mrn", "value": "1"}]), *observed)
    refused = told in ("other_patient", "named_otherwise")
    assert len(found.facts.biomarkers) == (0 if refused else 2)
    assert codes(found) - {"broken_reference"} == ({told} if told else set())
    assert sum(one.code == told for one in found.findings) == (2 if refused else 1 if told else 0)


def test_a_patient_that_is_told_twice_stays_open_where_the_two_differ() -> None:
    other = patient(gender="male", name=[{"family": "Other", "given": ["Bob"]}])
    found = taken(patient(), other)
    assert codes(found) == {"conflict_patient"}
    assert [one.path for one in found.findings] == ["gender", "name"]
    assert not {"gender", "last_name", "first_name"} & found.draft["patient"].keys()
    assert codes(taken(patient(), patient(maritalStatus={"text": "married"}))) == {"versions_unmarked"}


def test_when_a_report_was_issued_is_not_when_the_patient_was_looked_at() -> None:
    issued = {"issued": "2026-11-01T00:00:00Z"}
    found = taken(
        patient(),
        observation("a", ER, None, valueCodeableConcept=POSITIVE, **issued),
        observation("e", concept(LOINC, "89247-1"), None, valueInteger=1, **issued),
        observation("g", concept(LOINC, "21908-9"), None, valueString="Stage II", **issued),
        {**blood("h", 12, None), **issued},
    )
    assert [one.specimen_on for one in found.facts.biomarkers] == [None]
    assert [one.assessed_on for one in found.facts.performance] == [None]
    assert [one.staged_on for one in found.facts.stage] == [None]
    assert [one.resulted_on for one in found.facts.laboratories] == [date(2026, 11, 1)]
    assert [one.code for one in found.findings] == ["undated"] * 3


@pytest.mark.parametrize(("written", "held"), [("final", 1), (None, 1), ("preliminary", 0), ("entered-in-error", 0)])
def test_a_document_that_is_not_written_is_not_held(written: str | None, held: int) -> None:
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "status": "current",
        "subject": ME,
        "type": {"text": "Pathology report"},
        "date": "2026-10-01T00:00:00Z",
    }
    found = taken(patient(), document | ({"docStatus": written} if written else {}))
    assert (len(found.facts.documents), codes(found)) == (held, set() if held else {"not_final"})


def test_what_a_history_deletes_is_not_read() -> None:
    record = bundle(patient(), observation("a", ER, valueCodeableConcept=POSITIVE), kind="history")
    record["entry"].append({"request": {"method": "DELETE", "url": "Observation/a"}})
    found = read(record)
    assert (found.facts.biomarkers, codes(found)) == ((), {"deleted"})


@pytest.mark.parametrize("bad", ["a\tb", "a\nb", "a b", "x" * 300, "\x00"])
@pytest.mark.parametrize("kind", ["Patient", "Condition", "Observation", "ServiceRequest"])
def test_an_id_that_no_resource_may_have_loses_nothing(bad: str, kind: str) -> None:
    record = bundle(
        patient(),
        condition("c", (ICD, "C34.11")),
        observation("a", ER, valueCodeableConcept=POSITIVE),
        order("o"),
    )
    for entry in record["entry"]:
        entry["resource"].get("subject", {}).update(reference="https://ehr.invalid/Patient/ada")
        if entry["resource"]["resourceType"] == kind:
            entry["resource"]["id"] = bad
    found = read(record)
    assert "bad_id" in codes(found)
    assert (len(found.facts.biomarkers), len(found.draft["diagnoses"]), len(found.draft["lines"])) == (1, 1, 1)
    assert all(one.reference is None or one.reference.isprintable() for one in found.findings)


@pytest.mark.parametrize(
    ("quantity", "units"),
    [
        ({"value": 40, "unit": "units"}, "40"),
        ({"value": 40, "unit": "billing units"}, "40"),
        ({"value": 400, "code": "mg", "system": "http://unitsofmeasure.org"}, None),
        ({"value": 400, "unit": "mg"}, None),
        ({"value": 400}, None),
    ],
)
def test_an_order_counts_billing_units_where_it_says_so(quantity: dict[str, Any], units: str | None) -> None:
    found = taken(patient(), order("o", code=concept(HCPCS, "J9035"), quantityQuantity=quantity))
    [line] = found.draft["lines"]
    assert line.get("quantity", {}).get("value") == units
    assert codes(found) == (set() if units else {"quantity_of_no_units"})


def test_an_order_that_is_none_yet_is_told() -> None:
    for more in ({"status": "on-hold"}, {"status": "draft"}, {"intent": "proposal"}):
        found = taken(patient(), order("o", **more))
        assert (len(found.draft["lines"]), codes(found)) == (1, {"not_ordered_yet"})


def test_a_coverage_that_has_not_begun_is_not_in_force() -> None:
    card = {"resourceType": "Coverage", "id": "c", "status": "active", "beneficiary": ME, "subscriberId": "EVG1"}
    found = taken(patient(), {**card, "period": {"start": "2028-01-01"}, "payor": [{"display": "Evergreen Health"}]})
    assert ("coverages" in found.draft, codes(found)) == (False, {"coverage_to_come"})


def test_components_are_read_as_observations_of_their_own() -> None:
    def component(code: dict[str, Any], **value: Any) -> dict[str, Any]:
        return {"code": code, **value}

    panel = observation(
        "p",
        {"text": "IHC panel"},
        method={"text": "IHC"},
        component=[
            component(ER, valueCodeableConcept=POSITIVE),
            component(HER2, valueString="Negative", interpretation=interpreted("POS")),
            component(concept(LOINC, "89247-1"), valueInteger=1),
            component({"text": "DAS28-CRP"}, dataAbsentReason={"text": "unknown"}),
            component({"text": "Technician"}, valueString="somebody"),
        ],
    )
    found = taken(patient(), panel)
    assert [(one.marker, one.result, one.method, one.specimen_on) for one in found.facts.biomarkers] == [
        ("ER", "positive", "IHC", date(2026, 3, 1)),
        ("HER2", "Negative", "IHC", date(2026, 3, 1)),
        ("HER2", "positive", "IHC", date(2026, 3, 1)),
    ]
    origins = [one.origin.path for one in found.facts.biomarkers if one.origin]
    assert origins == [
        "component[0].valueCodeableConcept.coding[0]",
        "component[1].valueString",
        "component[1].interpretation[0].coding[0]",
    ]
    assert [one.score for one in found.facts.performance] == [1]
    assert codes(found) == {"conflict_marker", "no_result"}
    pointers = {one.code: one.pointer for one in found.findings}
    assert pointers["no_result"] == "/entry/1/resource/component/3/dataAbsentReason"


def test_a_part_of_one_is_a_share_of_a_hundred() -> None:
    for value, result in ((0.6, "60 %"), (60, "60")):
        told = observation("a", concept(LOINC, "83052-1"), valueQuantity={"value": value, "code": "1"})
        assert [one.result for one in taken(patient(), told).facts.biomarkers] == [result]


def test_a_drug_that_is_taken_and_not_tolerated_is_told() -> None:
    drug = {"medicationCodeableConcept": METHOTREXATE, "effectivePeriod": {"start": "2026-01-01"}}
    for status, told in (("active", {"taken_and_not_tolerated"}), ("completed", {"no_end"})):
        found = taken(patient(), medication("m", "", status, **drug), allergy(METHOTREXATE))
        assert (len(found.facts.prior_therapies), codes(found)) == (2, told)


def test_a_contained_resource_is_named_by_its_place_where_its_id_is_none() -> None:
    npi = {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}
    who = {
        "resourceType": "Practitioner",
        "id": "a\tb",
        "identifier": [npi],
        "name": [{"family": "Made", "given": ["Up"]}],
    }
    found = taken(patient(), order("o", contained=[who], requester={"reference": "#a\tb"}))
    assert found.draft["requester"]["npi"] == "1234567893"
    [source] = [one for one in found.sources if one.pointer == "/requester"]
    assert source.origin.reference == "ServiceRequest/o#0"
