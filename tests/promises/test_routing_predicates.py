"""Predicates by which real payers route: rows 1c_01 to 1c_07 and 1c_11 of what was promised."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from gateway.main.config import PROJECT
from gateway.main.house import load_adapters
from gateway.profiles.library import Library
from tests.promises.delegating import (
    CANCER,
    ONCOLOGY,
    VENDOR,
    Json,
    asked,
    delegation,
    previewed,
    question,
    step,
    wanted,
    written,
)
from tests.unit.api_house import House, open_house

PUMPS = [{"system": "hcpcs", "first": "E0779", "last": "E0783"}, {"system": "cpt", "first": "96416"}]
PUMP: Json = {"role": "administration", "code": {"system": "cpt", "code": "96416"}}
OUTPATIENT = ["11", "19", "22", "24"]
HEARD_OF = ["Northshore Physicians IPA", "NSP01"]

PAYERS: dict[str, Json] = {
    VENDOR: {},
    "childrens_vendor": {
        "routes": [
            {"connection": "demo_mime", "benefits": ["medical"], "lines_of_business": ["commercial"], "priority": 1},
            {
                "connection": "demo_rest_x12",
                "benefits": ["medical"],
                "lines_of_business": ["medicare_advantage"],
                "priority": 1,
            },
        ]
    },
    "lakeside_ipa": {},
    "setting_health": {
        "benefits": {
            "delegations": [
                delegation(
                    "oncology",
                    codes=ONCOLOGY,
                    places_of_service=OUTPATIENT,
                    unless=[{"exception": "pump", "with_codes": PUMPS}],
                )
            ]
        }
    },
    "stay_health": {
        "benefits": {
            "delegations": [
                delegation(
                    "oncology",
                    codes=ONCOLOGY,
                    unless=[{"exception": "inpatient", "places_of_service": ["21", "51", "61"]}],
                )
            ]
        }
    },
    "diagnosis_health": {
        "benefits": {
            "delegations": [
                delegation(
                    "oncology",
                    diagnoses=[
                        CANCER,
                        {"first": "D50", "last": "D64"},
                        {"first": "D70", "last": "D77"},
                        {"first": "R11", "beside": [CANCER]},
                        {"first": "Z41.8"},
                    ],
                )
            ]
        }
    },
    "age_health": {
        "benefits": {
            "delegations": [
                delegation("oncology", ages={"least": 18}),
                delegation("children", "childrens_vendor", ages={"most": 17}),
            ]
        }
    },
    "group_health": {
        "benefits": {
            "medical_groups": [
                {"group": "northshore", "names": HEARD_OF},
                {"group": "lakeside", "names": ["Lakeside Medical Associates"]},
                {"group": "hillside", "names": ["Hillside Clinic"]},
            ],
            "delegations": [
                delegation(
                    "oncology",
                    codes=ONCOLOGY,
                    unless=[{"exception": "managed", "medical_groups": ["northshore", "lakeside"]}],
                ),
                delegation("ipa", "lakeside_ipa", medical_groups=["lakeside"]),
            ],
        }
    },
    "area_health": {
        "benefits": {
            "delegations": [
                delegation(
                    "oncology",
                    areas=[{"state": "GA"}, {"state": "FL", "counties": ["Miami-Dade", "St. Lucie"]}],
                )
            ]
        }
    },
    "date_health": {
        "benefits": {
            "delegations": [delegation("oncology", effective={"start": "2026-10-01"}, earlier_stay=True)],
        }
    },
    "both_health": {
        "benefits": {
            "delegations": [
                delegation("infused", codes=ONCOLOGY),
                delegation(
                    "tablets",
                    also="pharmacy",
                    codes=[{"system": "ndc", "first": "99999-0000-00", "last": "99999-9999-99"}],
                ),
            ]
        }
    },
    "address_health": {
        "routes": [{"connection": "demo_rest_x12", "benefits": ["medical"], "priority": 1}],
        "layers": [
            {
                "lines_of_business": [business],
                "effective": {"start": "2026-01-01"},
                "provenance": {"source": "a test", "date": "2026-11-23", "by": "a test"},
                "connections": {"demo_rest_x12": {"rest": {"paths": {"278_request": f"ADDR1/{path}/x12"}}}},
            }
            for business, path in (("commercial", "COMM"), ("medicare_advantage", "MA"))
        ],
    },
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library.load(written(tmp_path_factory.mktemp("profiles") / "mappings", PAYERS), load_adapters())


@pytest.fixture
async def house(shared_database_url: str, shelf: Library) -> AsyncIterator[House]:
    async with open_house(shared_database_url, shelf=shelf, adapters=load_adapters()) as opened:
        yield opened


def at(place: str) -> Json:
    return {"site": {"place_of_service": place}, "supply": "buy_and_bill"}


@pytest.mark.parametrize(("place", "to"), [("11", VENDOR), ("22", VENDOR), ("24", VENDOR), ("21", None), ("12", None)])
async def test_row_1c_01_a_family_of_drugs_is_delegated_in_some_settings(
    house: House, place: str, to: str | None
) -> None:
    payer = "setting_health"
    assert await asked(house, wanted(payer, **at(place))) == {"1": to or payer}
    found = await step(house, wanted(payer, **at(place)))
    assert {"/lines/0/code", "/lines/0/place_of_service", "/site/place_of_service"} <= set(found["inputs"])
    if to is None:
        assert found["otherwise"] == "The delegation oncology fails by the place of service alone."


async def test_row_1c_01_what_a_line_says_of_its_place_goes_before_the_request(house: House) -> None:
    inpatient = wanted("setting_health", {"place_of_service": "21"})
    assert await asked(house, inpatient) == {"1": VENDOR, "2": "setting_health"}
    for place, to in (("12", VENDOR), ("21", "stay_health"), ("61", "stay_health")):
        assert await asked(house, wanted("stay_health", **at(place))) == {"1": to}


async def test_row_1c_01_a_request_with_a_pump_stays_with_the_payer(house: House) -> None:
    payer = "setting_health"
    infusion: Json = {"role": "administration", "code": {"system": "cpt", "code": "96413"}}
    assert await asked(house, wanted(payer, infusion)) == {"1": VENDOR, "2": payer}
    for pump in (PUMP, {"role": "other", "code": {"system": "hcpcs", "code": "E0781"}}):
        assert await asked(house, wanted(payer, pump)) == {"1": payer, "2": payer}
    found = await step(house, wanted(payer, PUMP))
    assert found["otherwise"] == "The delegation oncology fails by the exception pump alone."
    assert "/lines/1/code" in found["inputs"]


@pytest.mark.parametrize(
    ("codes", "delegated"),
    [
        (["C00.0"], True),
        (["D49.9"], True),
        (["D63.0"], True),
        (["D65"], False),
        (["D77"], True),
        (["D78.01"], False),
        (["R11.2"], False),
        (["R11.2", "C34.11"], True),
        (["R11.2", "K21.9"], False),
        (["Z41.8"], True),
        (["Z41.9"], False),
        (["M05.79"], False),
    ],
)
async def test_row_1c_02_diagnoses_are_delegated_some_of_them_beside_another_only(
    house: House, codes: list[str], delegated: bool
) -> None:
    payer = "diagnosis_health"
    request = wanted(payer, diagnoses=[{"code": code} for code in codes])
    assert await asked(house, request) == {"1": VENDOR if delegated else payer}
    found = await step(house, request)
    assert {f"/diagnoses/{place}/code" for place in range(len(codes))} <= set(found["inputs"])
    assert not any(code in json.dumps(found) for code in codes), "a step points, and tells no value"


async def test_row_1c_02_for_which_diagnosis_a_line_is_is_asked(house: House) -> None:
    request = wanted("diagnosis_health", diagnoses=[{"code": "M05.79"}, {"code": "C34.11"}])
    del request["lines"][0]["diagnoses"]
    pointer, fix = await question(house, request)
    assert pointer == "/lines/0/diagnoses"
    assert "line's diagnoses" in fix


@pytest.mark.parametrize(
    ("born", "business", "to", "connection"),
    [
        ("2008-12-01", "commercial", VENDOR, "demo_clearinghouse"),
        ("2008-12-02", "commercial", "childrens_vendor", "demo_mime"),
        ("2020-02-29", "medicare_advantage", "childrens_vendor", "demo_rest_x12"),
    ],
)
async def test_row_1c_03_children_go_to_another_delegate_at_the_address_of_their_line_of_business(
    house: House, born: str, business: str, to: str, connection: str
) -> None:
    request = wanted("age_health")
    request["patient"]["birth_date"] = born
    request["coverages"][0]["line_of_business"] = business
    shown = await previewed(house, request)
    assert [(plan["payer"], plan["connection"]) for plan in shown["decision"]["plans"]] == [(to, connection)]
    [rendering] = shown["renderings"]
    assert (
        rendering["url"]
        == {
            "demo_clearinghouse": "http://127.0.0.1:9810/core",
            "demo_mime": "http://127.0.0.1:9810/mime",
            "demo_rest_x12": "http://127.0.0.1:9810/x12/submission/x12",
        }[connection]
    )
    assert "/patient/birth_date" in (await step(house, request))["inputs"]


def managed(by: str | None) -> Json:
    request = wanted("group_health")
    request["coverages"][0] |= {} if by is None else {"medical_group": by}
    return request


@pytest.mark.parametrize(
    ("by", "to"),
    [
        ("NORTHSHORE PHYSICIANS IPA", "group_health"),
        ("nsp-01", "group_health"),
        ("Lakeside Medical Associates", "lakeside_ipa"),
        ("Hillside Clinic", VENDOR),
        ("none", VENDOR),
    ],
)
async def test_row_1c_04_members_of_a_medical_group_go_to_it_or_stay(house: House, by: str, to: str) -> None:
    assert await asked(house, managed(by)) == {"1": to}


@pytest.mark.parametrize("by", [None, "Northshore Doctors"])
async def test_row_1c_04_a_group_that_is_not_told_or_not_known_is_asked_about(house: House, by: str | None) -> None:
    pointer, fix = await question(house, managed(by))
    assert pointer == "/coverages/0/medical_group"
    assert HEARD_OF[0] in fix
    assert "none" in fix


async def test_row_1c_04_the_group_is_on_every_channels_list_of_losses(house: House) -> None:
    [rendering] = (await previewed(house, managed("none")))["renderings"]
    assert "/coverages/0/medical_group" in {loss["pointer"] for loss in rendering["losses"]}


def living(state: str, county: str | None = None) -> Json:
    request = wanted("area_health")
    request["patient"]["address"] |= {"state": state} | ({"county": county} if county else {})
    return request


@pytest.mark.parametrize(
    ("state", "county", "delegated"),
    [
        ("GA", None, True),
        ("GA", "Fulton", True),
        ("PA", None, False),
        ("FL", "miami-dade county", True),
        ("FL", "Saint Lucie", True),
        ("FL", "Alachua", False),
        ("PA", "Miami-Dade", False),
    ],
)
async def test_row_1c_05_a_state_or_some_of_its_counties_are_delegated(
    house: House, state: str, county: str | None, delegated: bool
) -> None:
    request = living(state, county)
    assert await asked(house, request) == {"1": VENDOR if delegated else "area_health"}
    read = set((await step(house, request))["inputs"])
    assert "/patient/address/state" in read, "the plan is of the member's market, wherever it is given"
    assert not any(pointer.startswith(("/requester", "/servicing")) for pointer in read)


async def test_row_1c_05_the_county_is_asked_where_it_matters_and_the_address_where_there_is_none(
    house: House,
) -> None:
    assert (await question(house, living("FL")))[0] == "/patient/address/county"
    nowhere = wanted("area_health")
    del nowhere["patient"]["address"]
    assert (await question(house, nowhere))[0] == "/patient/address"
    [rendering] = (await previewed(house, living("GA", "Fulton")))["renderings"]
    assert "/patient/address/county" in {loss["pointer"] for loss in rendering["losses"]}


def later(intent: str, start: str, decided: str | None = None, ends: str | None = None) -> Json:
    """A request of that intent, of an authorization of that day, for a service from another on."""
    request = wanted("date_health", intent=intent)
    request["lines"][0]["dates"] = {"start": start}
    if intent != "initial":
        request["previous_authorization"] = "AUTH-1"
    if decided is not None:
        request["previous_decision"] = {"decided_on": decided} | ({"ends_on": ends} if ends else {})
    return request


@pytest.mark.parametrize(
    ("request_", "delegated"),
    [
        (later("initial", "2026-09-30"), False),
        (later("initial", "2026-10-01"), True),
        (later("renewal", "2026-12-01", "2026-06-15", "2026-12-15"), True),
        (later("revision", "2026-12-01", "2026-06-15", "2026-12-15"), False),
        (later("extension", "2026-12-15", "2026-06-15", "2026-12-15"), False),
        (later("extension", "2026-12-16", "2026-06-15", "2026-12-15"), True),
        (later("revision", "2026-12-01", "2026-10-01", "2027-03-31"), True),
        (later("appeal", "2026-12-01", "2026-09-30"), False),
    ],
    ids=lambda value: value["intent"] if isinstance(value, dict) else "",
)
async def test_row_1c_06_what_the_payer_authorized_before_stays_with_it_to_its_end(
    house: House, request_: Json, delegated: bool
) -> None:
    assert await asked(house, request_) == {"1": VENDOR if delegated else "date_health"}


async def test_row_1c_06_when_the_earlier_decision_was_made_is_asked(house: House) -> None:
    assert (await question(house, later("revision", "2026-12-01")))[0] == "/previous_decision"
    unended = later("revision", "2026-12-01", "2026-06-15")
    assert (await question(house, unended))[0] == "/previous_decision/ends_on"


async def test_row_1c_07_a_drug_in_a_delegated_regimen_is_asked_of_the_delegate_and_of_the_pharmacy_manager(
    house: House,
) -> None:
    request: Json = json.loads(
        (PROJECT / "gateway/main/demo_requests/carboplatin_pemetrexed_inventinib.json").read_text()
    )
    request["coverages"][0]["payer"] = "both_health"
    infused, tablets = {"1", "2"}, "3"
    plans = (await previewed(house, request))["decision"]["plans"]
    told = {(plan["payer"], plan["benefit"]): set(plan["line_ids"]) for plan in plans}
    assert told == {(VENDOR, "medical"): infused | {tablets}, ("birch_rx", "pharmacy"): {tablets}}
    del request["coverages"][0]["pharmacy"]
    [alone] = (await previewed(house, request))["decision"]["plans"]
    assert (alone["payer"], set(alone["line_ids"])) == (VENDOR, infused), "asked of both, or of neither"


@pytest.mark.parametrize(("business", "path"), [("commercial", "COMM"), ("medicare_advantage", "MA")])
async def test_row_1c_11_the_line_of_business_is_in_the_address(house: House, business: str, path: str) -> None:
    request = wanted("address_health")
    request["coverages"][0]["line_of_business"] = business
    [rendering] = (await previewed(house, request))["renderings"]
    assert rendering["url"] == f"http://127.0.0.1:9810/x12/ADDR1/{path}/x12"
