"""Clinical records as drafts: rows 16, 18, 19, 25 and the records' half of 26."""

from __future__ import annotations

import copy
import io
import json
from typing import Any

import pytest

from tests.intake_material import LOINC, bundle, concept, large, medication, observation, oncology, patient
from tests.promises.test_policies import demo
from tests.unit.api_house import House


async def taken(house: House, record: Any, **headers: str) -> dict[str, Any]:
    response = await house.call("POST", "/v1/intake", record, **headers)
    assert response.status == 200, await response.text()
    found: dict[str, Any] = await response.json()
    return found


def at(record: dict[str, Any], origin: dict[str, Any]) -> Any:
    """What an origin points at."""
    [value] = [
        entry["resource"]
        for entry in record["entry"]
        if f"{entry['resource']['resourceType']}/{entry['resource']['id']}" == origin["reference"]
    ]
    for step in origin["path"].replace("[", ".").replace("]", "").split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


async def test_row_1_16_histology_and_stage_are_typed_and_reach_the_channel_or_its_losses(house: House) -> None:
    found = await taken(house, oncology())
    [stage], [histology] = found["facts"]["stage"], found["facts"]["histology"]
    assert (stage["group"], stage["t"], stage["basis"]) == ("IIIB", "cT3", "clinical")
    assert histology["icd_o"] == "8140/3"
    draft = whole(found["draft"])
    preview = await (await house.call("POST", "/v1/preview", draft)).json()
    [rendering] = preview["renderings"]
    said = json.dumps(rendering)
    assert "IIIB" in said or any(loss["pointer"].startswith("/facts/stage") for loss in rendering["losses"])
    draft["facts"]["histology"][0]["icd_o"] = "adeno"
    refused = await house.call("POST", "/v1/preview", draft)
    assert refused.status == 422
    assert (await refused.json())["faults"][0]["pointer"] == "/facts/histology/0/icd_o"


def whole(draft: dict[str, Any]) -> dict[str, Any]:
    draft = copy.deepcopy(draft)
    draft |= {"reference": "ORD-1", "site": {"place_of_service": "19"}}
    draft["lines"][0]["quantity"] = {"value": 200}
    return draft


@pytest.mark.parametrize("payer", ["evergreen_health", "fernbrook_health", "ironwood_plan", "juniper_health"])
async def test_row_1_16_and_so_do_they_over_every_channel_that_has_room_for_a_note(house: House, payer: str) -> None:
    said, kept = await rendered(house, payer)
    assert [word for word in ("IIIB", "cT3", "8140/3") if word not in said] == []
    assert (kept["/facts/stage/0"], kept["/facts/histology/0"]) == ("note", "note")


@pytest.mark.parametrize("payer", ["evergreen_health", "fernbrook_health", "ironwood_plan", "juniper_health"])
async def test_row_1_19_a_score_reaches_the_payer_on_the_scale_it_was_given(house: House, payer: str) -> None:
    said, kept = await rendered(house, payer)
    assert "Karnofsky 80, on 2026-10-03" in said
    assert "ECOG" not in said
    assert kept["/facts/performance/0"] == "note"


async def test_row_1_19_a_policy_that_wants_one_scale_takes_the_other_and_says_how_it_read_it(house: House) -> None:
    for score, state in ((80, "present"), (40, "not_met")):
        request = demo("pembrolizumab")
        request["facts"]["performance"] = [{**KARNOFSKY, "score": score}]
        response = await house.call("POST", "/v1/requirements", {**request, "filed_on": "2026-11-23"})
        wanted = (await response.json())["lines"][0]["requirements"]
        [item] = [one for one in wanted if one["rule"]["rule"] == "performance"]
        assert (item["state"], item["evidence"][0]["pointer"]) == (state, "/facts/performance/0")
        assert item["evidence"][0]["reads"] == "karnofsky"


KARNOFSKY = {"scale": "karnofsky", "score": 80, "assessed_on": "2026-10-03"}


async def rendered(house: House, payer: str) -> tuple[str, dict[str, str]]:
    """What the payer's channel says of a request with these facts, and what became of what it has no field for."""
    request = demo("pembrolizumab", payer)
    request["facts"] = {
        "stage": [{"group": "IIIB", "t": "cT3", "basis": "clinical", "staged_on": "2026-10-02"}],
        "histology": [{"icd_o": "8140/3", "text": "Made-up adenocarcinoma"}],
        "performance": [KARNOFSKY],
    }
    request["lines"] = request["lines"][:1]
    response = await house.call("POST", "/v1/preview", request)
    [rendering] = (await response.json())["renderings"]
    kept = {loss["pointer"]: loss["kept"] for loss in rendering["losses"]}
    return (rendering["document"] or rendering["body"])["text"], kept


async def test_row_1_18_prior_lines_stand_in_order_and_what_overlaps_or_has_no_date_is_flagged(house: House) -> None:
    second = {"start": "2026-04-01", "end": "2026-06-15"}
    record = bundle(
        patient(),
        medication(
            "b", "carboplatin", "stopped", effectivePeriod=second, statusReason=[{"text": "Disease progression"}]
        ),
        medication("a", "pemetrexed", effectivePeriod={"start": "2026-01-05", "end": "2026-03-20"}),
        medication("c", "carboplatin", effectivePeriod={"start": "2026-05-01", "end": "2026-07-01"}),
        medication("d", "docetaxel"),
    )
    found = await taken(house, record)
    lines = found["facts"]["prior_therapies"]
    assert [one["origin"]["reference"][-1] for one in lines] == ["a", "b", "c", "d"]
    assert (lines[1]["outcome"], lines[1]["reason"], lines[1]["stopped_on"]) == (
        "progression",
        "Disease progression",
        "2026-06-15",
    )
    flagged = {(one["code"], one["reference"]) for one in found["findings"]}
    assert {("conflict_therapy", "MedicationStatement/c"), ("undated", "MedicationStatement/d")} <= flagged


async def test_row_1_19_either_scale_is_taken_and_kept_as_it_was_given(house: House) -> None:
    record = bundle(
        patient(),
        observation("e", concept(LOINC, "89247-1"), valueCodeableConcept=concept(LOINC, "LA9624-3")),
        observation("k", concept(LOINC, "89243-0"), "2026-03-02", valueQuantity={"value": 80}),
    )
    scores = (await taken(house, record))["facts"]["performance"]
    assert [(one["scale"], one["score"], one["assessed_on"]) for one in scores] == [
        ("ecog", 2, "2026-03-01"),
        ("karnofsky", 80, "2026-03-02"),
    ]


async def test_row_1_25_a_bundle_becomes_facts_that_point_at_what_they_were_read_from(house: House) -> None:
    record = oncology()
    found = await taken(house, record, Content_Type="application/fhir+json")
    origins = [
        fact["origin"]
        for facts in found["facts"].values()
        for fact in (facts if isinstance(facts, list) else [facts])
        if isinstance(fact, dict)
    ] + [one["origin"] for one in found["sources"] if one["origin"]["path"]]
    assert len(origins) > 12
    for origin in origins:
        at(record, origin)
    assert {one["pointer"] for one in found["missing"]} == {"/reference", "/site", "/lines/0/quantity"}
    accepted = await house.call("POST", "/v1/requests", whole(found["draft"]))
    assert accepted.status == 202, await accepted.text()


async def test_row_1_25_a_large_record_is_read_and_several_patients_are_a_problem_that_names_them(house: House) -> None:
    whole_life = io.BytesIO(json.dumps(large(2)).encode())
    headers = {"Authorization": f"Bearer {house.token}", "Content-Type": "application/fhir+json"}
    response = await house.client.post("/v1/intake", data=whole_life, headers=headers)
    assert response.status == 200
    found = await response.json()
    assert found["counts"]["Claim"] == 1000
    assert len(found["facts"]["laboratories"]) <= 200
    response = await house.call("POST", "/v1/intake", bundle(patient(), patient(id="bo")))
    problem = await response.json()
    assert response.status == 422
    assert [one["pointer"] for one in problem["faults"]] == ["/entry/0/resource", "/entry/1/resource"]
    named = await taken(house, {"record": bundle(patient(), patient(id="bo")), "patient": "bo"})
    assert named["sources"][0]["origin"]["reference"] == "Patient/bo"


async def test_row_1_26_activity_scores_are_typed_and_dated(house: House) -> None:
    record = bundle(
        patient(),
        observation("d", {"text": "DAS28-CRP"}, valueQuantity={"value": 5.4}),
        observation("c", {"text": "CDAI"}, valueQuantity={"value": 31}),
        observation("b", {"text": "BASDAI"}, None, valueQuantity={"value": 6.2}),
    )
    found = await taken(house, record)
    assert [(one["instrument"], one["score"], one["assessed_on"]) for one in found["facts"]["disease_activity"]] == [
        ("das28_crp", 5.4, "2026-03-01"),
        ("cdai", 31.0, "2026-03-01"),
    ]
    assert ("undated_left_out", "Observation/b") in {(one["code"], one["reference"]) for one in found["findings"]}
