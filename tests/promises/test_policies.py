"""What payers want, told before they are asked: rows 9, 13, 14, 15, 17, 23, 24, 26, 27, 29, 31 and 32."""

from __future__ import annotations

import copy
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.main.config import PROJECT
from gateway.profiles.library import Library
from gateway.store.preflights import PreflightSetting, set_preflight
from tests.unit.api_house import House

DEMO = PROJECT / "gateway" / "main" / "demo_requests"
PAYERS = ("evergreen_health", "bluestem_mutual", "cedar_valley")


def demo(name: str, payer: str = "evergreen_health") -> dict[str, Any]:
    request: dict[str, Any] = json.loads((DEMO / f"{name}.json").read_text())
    request["coverages"][0]["payer"] = payer
    return request


def an_order(payer: str, code: str, diagnosis: str, **fields: Any) -> dict[str, Any]:
    """What is known at the point of order entry."""
    return {
        "coverages": [{"payer": payer, "line_of_business": fields.pop("business", "commercial")}],
        "patient": {"birth_date": "1961-04-12", "gender": "female"},
        "site": {"place_of_service": "11"},
        "diagnoses": [{"code": diagnosis}],
        "lines": [{"role": "drug", "code": {"system": "hcpcs", "code": code}}],
        "filed_on": "2026-11-23",
        **fields,
    }


async def required(house: House, order: dict[str, Any]) -> dict[str, Any]:
    response = await house.call("POST", "/v1/requirements", order)
    assert response.status == 200, await response.text()
    shown: dict[str, Any] = await response.json()
    return shown


def codes(shown: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in shown["findings"]]


def document(preview: dict[str, Any]) -> str:
    [rendering] = preview["renderings"]
    text: str = (rendering["document"] or rendering["body"])["text"]
    return text


async def previewed(house: House, request: dict[str, Any]) -> dict[str, Any]:
    response = await house.call("POST", "/v1/preview", request)
    assert response.status == 200, await response.text()
    shown: dict[str, Any] = await response.json()
    return shown


@pytest.mark.parametrize(
    ("place", "verdicts"),
    [
        ("11", ("preferred", "acceptable", "preferred")),
        ("12", ("preferred", "preferred", "needs_justification")),
        ("19", ("needs_justification", "needs_justification", "preferred")),
        ("22", ("needs_justification", "not_accepted", "preferred")),
        ("49", ("preferred", "acceptable", "preferred")),
    ],
)
async def test_row_1_09_a_site_that_the_payer_does_not_prefer_is_told_before_it_is_filed(
    house: House, place: str, verdicts: tuple[str, ...]
) -> None:
    for payer, verdict in zip(PAYERS, verdicts, strict=True):
        shown = await required(house, an_order(payer, "J1745", "M05.79", site={"place_of_service": place}))
        [site] = shown["lines"][0]["site"]
        assert (site["verdict"], site["place_of_service"]) == (verdict, place)
        mismatches = [finding for finding in shown["findings"] if finding["code"] == "SOS_MISMATCH"]
        assert bool(mismatches) is (verdict in ("needs_justification", "not_accepted"))
        for finding in mismatches:
            assert finding["pointer"] == "/site/place_of_service"
            assert (finding["rule"]["rule"], finding["rule"]["version"]) == ("site", "2026.1")
            assert finding["rule"]["citation"]["says"]


async def test_row_1_09_age_and_risk_change_what_a_site_needs(house: House) -> None:
    hospital = {"site": {"place_of_service": "22"}}
    child = {"patient": {"birth_date": "2014-05-01", "gender": "female"}}
    reaction = {"site_needs": [{"kind": "infusion_reaction", "observed_on": "2026-10-01"}]}
    for more, verdict in (({}, "needs_justification"), (child, "exempt"), ({"facts": reaction}, "justified")):
        shown = await required(house, an_order("evergreen_health", "J1745", "M05.79", **hospital, **more))
        assert shown["lines"][0]["site"][0]["verdict"] == verdict


async def test_row_1_09_one_site_has_the_code_of_each_channel(house: House) -> None:
    said = {}
    for payer in ("evergreen_health", "fernbrook_health", "ironwood_plan"):
        request = demo("pembrolizumab", payer)
        request["site"]["place_of_service"] = "22"
        request["lines"] = request["lines"][:1]
        [rendering] = (await previewed(house, request))["renderings"]
        said[rendering["plan"]["channel"]] = (rendering["document"] or rendering["body"])["text"]
    assert sorted(said) == ["portal", "rest_review", "x12_278"]
    assert re.search(r"~UM\*HS\*I\*[^*]*\*22:B", said["x12_278"])
    assert '"22"' in said["rest_review"]
    assert "22" in said["portal"]


@pytest.mark.parametrize("payer", PAYERS)
@pytest.mark.parametrize(
    ("code", "diagnosis", "regimen"),
    [
        ("J9271", "C34.11", "carboplatin pemetrexed pembrolizumab"),
        ("J9355", "C50.911", "TCHP"),
        ("J9055", "C18.9", "FOLFIRI cetuximab"),
        ("J9312", "C83.30", "R-CHOP"),
    ],
)
async def test_row_1_13_a_regimen_and_a_tumour_tell_what_is_wanted_with_policy_version_and_citation(
    house: House, payer: str, code: str, diagnosis: str, regimen: str
) -> None:
    order = an_order(payer, code, diagnosis, regimen={"name": regimen, "intent": "palliative"})
    shown = await required(house, order)
    wanted = shown["lines"][0]["requirements"]
    assert shown["known"]
    own = [item for item in wanted if item["rule"]["policy"].endswith("_oncology")]
    assert len(own) >= 3
    assert {item["state"] for item in own} == {"missing"}
    for item in own:
        assert item["what"]
        assert item["rule"]["version"] == "2026.1"
        assert "synthetic policy" in item["rule"]["citation"]["source"]
        assert item["rule"]["synthetic"] is True
    # Each thing that is missing is among what is to be mended, with its place and the fix.
    told = {(finding["rule"]["rule"], finding["message"].partition(". ")[0]) for finding in shown["findings"]}
    assert {(item["rule"]["rule"], f"The policy wants {item['what']}") for item in own} <= told
    of_regimen = [item for item in own if item["rule"]["rule"] not in ("records", "stage", "performance")]
    other = await required(house, {**order, "regimen": {"name": "something else", "intent": "palliative"}})
    assert of_regimen
    assert len(other["lines"][0]["requirements"]) < len(wanted)
    # Who has not said yet which regimen it is learns that more may be wanted, and what would tell.
    unsaid = await required(house, {name: value for name, value in order.items() if name != "regimen"})
    assert ["/regimen"] in [one["missing"] for one in unsaid["lines"][0]["undetermined"]]


async def test_row_1_14_the_answer_comes_at_once_and_no_payer_is_asked(house: House) -> None:
    order = an_order("evergreen_health", "J9271", "C34.11")
    for missing in ("patient", "site", "diagnoses", "filed_on"):
        order.pop(missing)
    shown = await required(house, order)
    pointers = {pointer for each in shown["lines"][0]["undetermined"] for pointer in each["missing"]}
    assert "/diagnoses" in pointers
    best = 1.0
    for _ in range(20):
        began = time.perf_counter()
        await required(house, order)
        best = min(best, time.perf_counter() - began)
    assert best < 0.1  # of a whole round trip, on a machine that does other things
    listed = await (await house.call("GET", "/v1/requests")).json()
    events = await (await house.call("GET", "/v1/events")).json()
    assert (listed["data"], events["data"]) == ([], [])


@pytest.mark.parametrize("file", sorted(DEMO.glob("*.json")), ids=lambda file: file.stem)
async def test_row_1_14_a_whole_request_may_be_sent_as_it_is(house: House, file: Path) -> None:
    request = demo(file.stem)
    shown = await required(house, {**request, "filed_on": "2026-11-23"})
    preflight = (await previewed(house, request))["preflight"]
    assert [line["line"] for line in shown["lines"]] == [str(n + 1) for n in range(len(request["lines"]))]
    assert len(shown["findings"]) == len(preflight["findings"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"coverages": []}, "/coverages"),
        ({"lines": []}, "/lines"),
        ({"coverages": [{"payer": "nobody_at_all", "line_of_business": "commercial"}]}, "/coverages/0/payer"),
        ({"lines": [{"code": {"system": "hcpcs", "code": "9271"}}]}, "/lines/0/code/code"),
        ({"diagnoses": [{"code": "lung"}]}, "/diagnoses/0/code"),
        ({"wishes": 1}, "/wishes"),
        (
            {"lines": [{"id": "a", "code": {"system": "hcpcs", "code": "J9271"}}] * 2},
            "/lines/1/id",
        ),
    ],
)
async def test_row_1_14_what_cannot_be_read_is_refused_with_its_place(
    house: House, change: dict[str, Any], pointer: str
) -> None:
    response = await house.call("POST", "/v1/requirements", an_order("evergreen_health", "J9271", "C34.11") | change)
    assert response.status == 422
    assert pointer in [fault["pointer"] for fault in (await response.json())["faults"]]


async def test_row_1_15_what_is_off_label_is_blocked_without_a_citation_and_the_citation_travels(house: House) -> None:
    await set_preflight(house.database, house.tenant, PreflightSetting.BLOCK)
    request = demo("pembrolizumab", "cedar_valley")
    request["diagnoses"] = [{"code": "C61"}]  # prostate: the label has it only with high instability
    request["lines"] = request["lines"][:1]
    request["facts"]["biomarkers"].append({"marker": "MSI", "result": "MSS", "specimen_on": "2026-10-14"})
    request["facts"]["documents"] = [{"kind": "clinical_notes", "dated_on": "2026-11-01"}]
    refused = await house.call("POST", "/v1/requests", request)
    problem = await refused.json()
    assert (refused.status, problem["type"]) == (422, "urn:payer-gateway:problem:policy-not-met")
    [fault] = problem["faults"]
    assert (fault["code"], fault["pointer"]) == ("OFF_LABEL_NO_COMPENDIUM", "/facts/compendium")
    assert "nccn 1, 2A, 2B, 3" in fault["fix"]
    assert fault["rule"] == "cedar_oncology 2026.1 off_label"
    cited = {"compendium": "nccn", "category": "2A", "context": "castration-resistant, later line"}
    request["facts"]["compendium"] = [cited]
    taken = await house.call("POST", "/v1/requests", request)
    assert taken.status == 202, await taken.text()
    for payer in ("cedar_valley", "fernbrook_health", "juniper_health", "ironwood_plan"):
        request["coverages"][0]["payer"] = payer
        preview = await previewed(house, request)
        # None of these channels has a field for it; each has room for a note.
        assert "NCCN 2A, castration-resistant, later line" in document(preview)
        [loss] = [one for one in preview["renderings"][0]["losses"] if "compendium" in one["pointer"]]
        assert loss["kept"] == "note"
    wrong = {**cited, "category": "2B"}
    order = an_order("bluestem_mutual", "J9271", "C61", facts={**request["facts"], "compendium": [wrong]})
    shown = await required(house, order)
    assert shown["lines"][0]["label"]["verdict"] == "off_label_unsupported"


@pytest.mark.parametrize(
    ("markers", "code"),
    [
        ([], "MISSING_MARKER"),
        ([("HER2", "IHC 3+")], None),
        ([("HER2/neu", "FISH amplified")], None),
        ([("HER2", "IHC 3+"), ("ERBB2", "FISH not amplified")], "AMBIGUOUS_MARKER"),
        ([("HER2", "IHC 2+")], "UNMET_MARKER"),
        ([("HER2", "sent out")], "AMBIGUOUS_MARKER"),
    ],
)
async def test_row_1_17_a_marker_is_missing_or_contradicts_itself(
    house: House, markers: list[tuple[str, str]], code: str | None
) -> None:
    facts = {"biomarkers": [{"marker": name, "result": says, "specimen_on": "2026-10-01"} for name, says in markers]}
    regimen = {"name": "TCHP", "intent": "neoadjuvant"}
    shown = await required(house, an_order("evergreen_health", "J9355", "C50.911", facts=facts, regimen=regimen))
    told = [finding for finding in shown["findings"] if finding["rule"]["rule"] == "breast_tchp"]
    assert [one["code"] for one in told if "MARKER" in one["code"]] == ([code] if code else [])
    [item] = [one for one in shown["lines"][0]["requirements"] if one["what"].startswith("HER2")]
    assert [each["pointer"] for each in item["evidence"]] == [f"/facts/biomarkers/{n}" for n in range(len(markers))]


def taken(
    drug: str, start: str, stop: str | None, outcome: str = "inadequate_response", **fields: Any
) -> dict[str, Any]:
    stopped = {"stopped_on": stop} if stop else {}
    return {"drug": drug, "started_on": start, **stopped, "outcome": outcome, **fields}


def by_step(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    [therapy] = shown["lines"][0]["step_therapy"]
    return {step["step"]: step for step in therapy["steps"]}


async def test_row_1_23_each_step_is_met_missing_too_short_or_excepted_with_its_evidence(house: House) -> None:
    origin = {"kind": "fhir", "reference": "MedicationStatement/41", "path": "effectivePeriod"}
    long_enough = taken("methotrexate", "2026-01-05", "2026-06-01", dose="20 mg weekly", origin=origin)
    too_short = taken("Humira", "2026-07-01", "2026-09-01")
    order = an_order("evergreen_health", "Q5103", "M05.79", facts={"prior_therapies": [long_enough, too_short]})
    shown = await required(house, order)
    steps = by_step(shown)
    assert steps["methotrexate"]["state"] == "met"
    assert steps["methotrexate"]["trials"][0]["evidence"][0]["pointer"] == "/facts/prior_therapies/0"
    assert steps["methotrexate"]["trials"][0]["evidence"][0]["origin"]["reference"] == "MedicationStatement/41"
    assert (steps["tnf_inhibitor"]["state"], steps["tnf_inhibitor"]["days_short"]) == ("insufficient_duration", 22)
    [finding] = [one for one in shown["findings"] if one["code"].startswith("STEP")]
    assert (finding["code"], finding["pointer"]) == ("STEP_INSUFFICIENT_DURATION", "/facts/prior_therapies/1")
    assert "22 days are missing" in finding["message"]

    order["facts"] = {"prior_therapies": [long_enough]}
    assert by_step(await required(house, order))["tnf_inhibitor"]["state"] == "missing"
    excepted = taken("Enbrel", "2026-07-01", "2026-07-08", "contraindicated", reason="demyelinating disease")
    order["facts"] = {"prior_therapies": [long_enough, excepted]}
    claimed = by_step(await required(house, order))["tnf_inhibitor"]
    assert (claimed["state"], claimed["trials"][0]["evidence"][0]["pointer"]) == (
        "exception_claimed",
        "/facts/prior_therapies/1",
    )


async def test_row_1_24_fills_are_merged_or_split_by_the_payers_rule(house: House) -> None:
    fills = [
        taken("methotrexate", "2026-01-05", "2026-02-15", dose="20 mg weekly"),
        taken("methotrexate", "2026-03-10", "2026-05-01", dose="20 mg weekly"),
    ]
    found = {}
    for payer in ("evergreen_health", "bluestem_mutual"):
        shown = await required(house, an_order(payer, "J1745", "M05.79", facts={"prior_therapies": fills}))
        step = by_step(shown)["methotrexate"]
        found[payer] = (step["state"], step["trials"][0]["days"], step["days_short"])
    # 23 days lie between them: one trial where 30 may, two where only 14 may.
    assert found == {"evergreen_health": ("met", 116, None), "bluestem_mutual": ("insufficient_duration", 52, 38)}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "exception_undocumented"),
        ({"origin": {"kind": "caller", "reference": "front desk"}}, "exception_undocumented"),
        ({"reason": "hepatotoxicity"}, "exception_claimed"),
        ({"origin": {"kind": "document", "reference": "letter-7", "page": 2}}, "exception_claimed"),
    ],
)
async def test_row_1_24_an_intolerance_stands_in_only_where_it_is_documented(
    house: House, more: dict[str, Any], state: str
) -> None:
    short = taken("methotrexate", "2026-01-05", "2026-01-20", "intolerance", **more)
    shown = await required(house, an_order("evergreen_health", "Q5103", "M05.79", facts={"prior_therapies": [short]}))
    assert by_step(shown)["methotrexate"]["state"] == state
    assert ("STEP_EXCEPTION_UNDOCUMENTED" in codes(shown)) is (state == "exception_undocumented")


@pytest.mark.parametrize(
    ("fact", "value", "states"),
    [
        ("disease_activity", {"instrument": "das28_crp", "score": 5.4, "assessed_on": "2026-10-01"}, "psp"),
        ("disease_activity", {"instrument": "das28_crp", "score": 5.4, "assessed_on": "2026-07-01"}, "ssp"),
        ("disease_activity", {"instrument": "cdai", "score": 25.0, "assessed_on": "2026-11-10"}, "ppp"),
        ("disease_activity", {"instrument": "cdai", "score": 5.0, "assessed_on": "2026-11-10"}, "nnp"),
    ],
)
async def test_row_1_26_scores_are_typed_dated_and_fresh_enough_for_each_payer(
    house: House, fact: str, value: dict[str, Any], states: str
) -> None:
    words = {"p": "present", "s": "stale", "n": "not_met"}
    for payer, state in zip(PAYERS, states, strict=True):
        shown = await required(house, an_order(payer, "J1745", "M05.79", facts={fact: [value]}))
        [item] = [one for one in shown["lines"][0]["requirements"] if one["need"] == "disease_activity"]
        assert item["state"] == words[state], payer
    refused = await house.call(
        "POST",
        "/v1/requirements",
        an_order("evergreen_health", "J1745", "M05.79", facts={fact: [{**value, "assessed_on": "10/2026"}]}),
    )
    assert refused.status == 422


async def test_row_1_26_conservative_care_and_imaging_have_their_windows(house: House) -> None:
    care = {"kind": "physical_therapy", "started_on": "2026-09-01", "stopped_on": "2026-10-15", "outcome": "no better"}
    film = {"modality": "xray", "region": "lumbar spine", "finding": "narrowing", "performed_on": "2026-10-20"}
    states = {}
    for day in ("2026-11-23", "2027-02-20", "2027-06-01"):
        order = an_order(
            "bluestem_mutual", "72148", "M54.16", facts={"conservative_care": [care], "imaging": [film]}, filed_on=day
        )
        order["lines"] = [{"role": "imaging", "code": {"system": "cpt", "code": "72148"}}]
        [item] = (await required(house, order))["lines"][0]["requirements"]
        states[day] = [part["state"] for part in item["parts"]]
    assert states == {
        "2026-11-23": ["present", "present"],
        "2027-02-20": ["stale", "stale"],
        "2027-06-01": ["stale", "stale"],
    }


async def test_row_1_27_authorization_follows_the_drug(house: House) -> None:
    giving = {"role": "administration", "code": {"system": "cpt", "code": "96365"}}
    order = an_order("evergreen_health", "J1745", "M05.79")
    drug = order["lines"][0]
    alone = await required(house, {**order, "lines": [giving]})
    assert codes(alone) == ["PA_FOLLOWS_THE_DRUG"]
    assert alone["findings"][0]["severity"] == "advice"
    together = await required(house, {**order, "lines": [drug, giving]})
    assert "PA_FOLLOWS_THE_DRUG" not in codes(together)
    first, second = together["lines"]
    assert (first["authorization"]["likely"], second["authorization"]["likely"]) == ("needed", "not_needed")
    assert second["follows"] == ["1"]


async def test_row_1_27_a_product_is_reviewed_as_the_code_it_is_billed_under(house: House, shelf: Library) -> None:
    order = an_order("evergreen_health", "J9271", "C34.11")
    by_code = await required(house, order)
    order["lines"] = [{"role": "drug", "code": {"system": "ndc", "code": "99999-0271-01"}}]
    by_product = await required(house, order)
    assert by_product["lines"][0]["code"] == {"system": "ndc", "code": "99999027101"}
    assert by_product["lines"][0]["authorization"]["likely"] == "needed"
    assert codes(by_product) == codes(by_code)


async def test_row_1_29_a_dry_run_tells_everything_and_sends_nothing(house: House) -> None:
    request = demo("pembrolizumab")
    preview = await previewed(house, request)
    assert "~ST*278*" in document(preview)
    preflight = preview["preflight"]
    assert (preflight["setting"], preflight["blocking"]) == ("warn", 3)
    assert {finding["code"] for finding in preflight["findings"]} == {"MISSING_DOCUMENT", "MISSING_MARKER"}
    listed = await (await house.call("GET", "/v1/requests")).json()
    assert listed["data"] == []

    taken = await house.call("POST", "/v1/requests", request, Idempotency_Key="taken-before")
    case_id = (await taken.json())["id"]
    case = await (await house.call("GET", f"/v1/requests/{case_id}")).json()
    assert case["preflight"] == preflight
    [event] = (await (await house.call("GET", f"/v1/requests/{case_id}/events")).json())["data"]
    assert event["data"]["preflight"] == ["evergreen_oncology/records", "evergreen_oncology/nsclc_single"]

    await set_preflight(house.database, house.tenant, PreflightSetting.BLOCK)
    refused = await house.call("POST", "/v1/requests", request, Idempotency_Key="a-dry-run")
    problem = await refused.json()
    assert refused.status == 422
    # What was taken before the setting was changed is answered as it was then.
    repeated = await house.call("POST", "/v1/requests", request, Idempotency_Key="taken-before")
    assert (repeated.status, (await repeated.json())["id"]) == (202, case_id)
    assert [(fault["pointer"], fault["code"]) for fault in problem["faults"]] == [
        (finding["pointer"], finding["code"]) for finding in preflight["findings"]
    ]
    assert all(fault["fix"] and fault["rule"] and fault["source"] for fault in problem["faults"])
    assert (await previewed(house, request))["preflight"]["setting"] == "block"
    mended = copy.deepcopy(request)
    mended["facts"]["biomarkers"].append(
        {"marker": "ALK", "result": "no rearrangement found", "specimen_on": "2026-10-14"}
    )
    mended["facts"]["documents"] = [
        {"kind": "clinical_notes", "dated_on": "2026-11-01"},
        {"kind": "pathology_report", "dated_on": "2026-10-20"},
    ]
    again = await house.call("POST", "/v1/requests", mended, Idempotency_Key="a-dry-run")
    assert again.status == 202, await again.text()

    await set_preflight(house.database, house.tenant, PreflightSetting.OFF)
    quiet = await house.submit(**request)
    assert (await (await house.call("GET", f"/v1/requests/{quiet}")).json())["preflight"] is None
    assert (await previewed(house, request))["preflight"] is None


async def test_row_1_29_what_one_tenant_wants_is_not_what_another_wants(house: House) -> None:
    await set_preflight(house.database, house.tenant, PreflightSetting.BLOCK)
    other = await house.key(tenant=f"{house.tenant}-other")
    response = await house.call("POST", "/v1/requests", demo("pembrolizumab"), token=other)
    assert response.status == 202


SPECIALTIES = {
    "oncology": ("J9271", "C34.11"),
    "rheumatology": ("J1745", "M05.79"),
    "bone_and_support": ("J0897", "M81.0"),
    "imaging": ("78815", "C34.11"),
}


@pytest.mark.parametrize("payer", PAYERS)
@pytest.mark.parametrize("specialty", SPECIALTIES)
async def test_row_1_31_each_payer_and_each_specialty_is_a_file_of_its_own(
    house: House, shelf: Library, payer: str, specialty: str
) -> None:
    code, diagnosis = SPECIALTIES[specialty]
    order = an_order(payer, code, diagnosis)
    if specialty == "imaging":
        order["lines"] = [{"role": "imaging", "code": {"system": "cpt", "code": code}}]
    shown = await required(house, order)
    word = f"{payer.partition('_')[0]}_{specialty}"
    refs = json.dumps(shown["lines"])
    assert f'"policy": "{word}"' in refs
    assert f"{word}-2026.1" in shown["policies"]
    [pack] = [one for one in shelf.policies.packs if one.pack == word]
    assert (pack.payer, pack.version, shelf.payer(payer).payer) == (payer, "2026.1", payer)
    others = [each for each in PAYERS if each != payer]
    assert not any(f'"policy": "{each.partition("_")[0]}_' in refs for each in others)


async def test_row_1_32_a_guideline_family_is_a_tag_of_a_rule(house: House) -> None:
    order = an_order("evergreen_health", "72148", "M54.16")
    order["lines"] = [{"role": "imaging", "code": {"system": "cpt", "code": "72148"}}]
    [item] = (await required(house, order))["lines"][0]["requirements"]
    assert item["rule"]["guidelines"] == ["acr_appropriateness", "aaos"]
    for file in (PROJECT / "gateway" / "policy").glob("*.py"):
        assert not re.search(r"aaos|acr_|nccn", file.read_text()), file.name


async def test_row_1_21_a_medicare_plan_is_told_which_determinations_hold_and_in_whose_jurisdiction(
    house: House,
) -> None:
    async def told(code: str, state: str | None, business: str = "medicare_advantage") -> list[tuple[Any, ...]]:
        order = an_order("evergreen_health", code, "C34.11", business=business)
        if state:
            order["servicing"] = [{**demo("pembrolizumab")["servicing"][0], "role": "facility"}]
            order["servicing"][0]["address"]["state"] = state
        if code.isdigit():
            order["lines"] = [{"role": "imaging", "code": {"system": "cpt", "code": code}}]
        found = (await required(house, order))["lines"][0]["determinations"]
        for each in found:
            assert (each["rule"]["policy"], each["rule"]["version"]) == ("medicare_determinations", "2026.1")
            assert each["rule"]["citation"]["source"]
        return [
            (each["determination"]["id"], each["determination"].get("jurisdiction"), each["applies"]) for each in found
        ]

    local = "J6 and JK (National Government Services)"
    assert await told("J9271", "NY") == [("L33394", local, True)]
    assert await told("J9271", "TX") == []
    assert await told("J9271", None) == [("L33394", local, None)]
    assert await told("J9271", "NY", "commercial") == []
    assert await told("78815", "TX") == [("220.6.17", None, True)]
