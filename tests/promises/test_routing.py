"""Regimens, splits and re-routing: rows 1 to 5 and 12 of what was promised, and predicates 8 and 9."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from gateway.main.house import load_adapters
from tests.promises.crossroads import HOLDS, Crossroads, Json, edited, open_crossroads
from tests.running.customer import Customer, open_customer
from tests.running.pbm import ALDER, BINS, BIRCH, compose_oral, reply, reply_to_all, until_asked
from tests.running.processes import PATIENCE
from tests.running.requests import BLUESTEM, EVERGREEN, compose
from tests.unit.api_house import House
from tests.unit.api_house import open_house as open_api

CEDAR = "cedar_valley"
X12 = {"x12_278": {"receiver_id": "EVERGREEN", "umo_id": "EVERGREEN"}}
RADIOLOGY: Json = {
    **HOLDS,
    "delegation": "radiology",
    "benefit": "medical",
    "payer": CEDAR,
    "roles": ["imaging"],
    "codes": [{"system": "cpt", "first": "70336", "last": "78999"}],
}
ONE_BY_ONE: Json = {**HOLDS, "bundling": "per_service"}
EDITS: dict[str, Json] = {
    EVERGREEN: {"benefits": {"delegations": [RADIOLOGY]}},
    BLUESTEM: {"requests": [ONE_BY_ONE]},
    BIRCH: {
        "routes": [
            {"connection": "demo_birch_rx", "benefits": ["pharmacy"], "priority": 10},
            {"connection": "demo_clearinghouse", "benefits": ["pharmacy"], "priority": 20},
        ],
        "channels": {"script_epa": {}, **X12},
    },
}
_numbers = count(1)


def member(word: str) -> str:
    return f"SIM{word}{next(_numbers):05}"


@pytest.fixture(scope="module")
def crossroads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crossroads]:
    with open_crossroads(tmp_path_factory.mktemp("crossroads") / "payers.log", EDITS) as opened:
        yield opened


@pytest_asyncio.fixture
async def practice(crossroads: Crossroads) -> AsyncIterator[Customer]:
    async with open_customer(crossroads.url, crossroads.house.key) as made:
        yield made


async def filed(crossroads: Crossroads, name: str) -> Counter[str]:
    """How often each payer was asked about a member, by the payers' own count."""
    counted: Counter[str] = Counter()
    path = f"{crossroads.pbms.payer.url}/sim/filings?member={name}"
    async with ClientSession() as session, session.get(path) as response:
        for filing in (await response.json())["filings"]:
            counted[filing["payer"]] += filing["count"]
    return counted


async def routing(practice: Customer, case_id: str) -> list[Json]:
    found: list[Json] = (await practice.get(f"/v1/requests/{case_id}/routing"))["data"]
    return found


def line(name: str, code: str, system: str = "hcpcs", **over: Any) -> Json:
    return {
        "id": name,
        "role": "drug",
        "code": {"system": system, "code": code},
        "quantity": {"value": 1, "unit": "units"},
        "dates": {"start": "2026-12-01", "end": "2027-05-31"},
        "diagnoses": [1],
        **over,
    }


def scan(name: str, code: str, **over: Any) -> Json:
    return line(name, code, "cpt", role="imaging", dates={"start": "2026-12-01"}, **over)


async def dry_run(house: House, request: Json) -> Json:
    answer = await house.call("POST", "/v1/preview", request)
    assert answer.status == 200, await answer.text()
    shown: Json = await answer.json()
    return shown


def plans(shown: Json) -> list[tuple[str, str, list[str]]]:
    return [(plan["payer"], plan["benefit"], plan["line_ids"]) for plan in shown["decision"]["plans"]]


def splits(shown: Json) -> list[tuple[str, list[list[str]]]]:
    return [(split["why"]["rule"], split["parts"]) for split in shown["decision"]["splits"]]


async def test_row_1_01_an_infused_and_an_oral_drug_go_under_their_own_benefits_and_tell_why(
    crossroads: Crossroads, practice: Customer
) -> None:
    name = member("RXAPPROVE")
    request = compose(name)
    [oral] = compose_oral(name)["lines"]
    request["coverages"][0]["pharmacy"] = {"bin": BINS[BIRCH], "pcn": "TEST", "group": "RX1"}
    request["lines"].append({**oral, "id": "2", "benefit": "auto", "supply": "self_administered"})
    case_id = await practice.submit(request)
    await reply_to_all(practice, case_id)
    case = await practice.until(case_id, "approved")
    ways = [(each["payer"], each["channel"], each["benefit"], each["lines"]) for each in case["submissions"]]
    assert ways == [(EVERGREEN, "x12_278", "medical", ["1"]), (BIRCH, "script_epa", "pharmacy", ["2"])]
    medical, pharmacy = await routing(practice, case_id)
    for told, decided, read in (
        (medical, "given", "/site/place_of_service"),
        (pharmacy, "supply", "/lines/1/supply"),
    ):
        [side] = told["sides"]
        steps = side["steps"]
        rules = [step["rule"] for step in steps if step["rule"] not in ("card", "product")]
        assert rules[:2] == ["stated", "delegated"], "in the order in which they are tried"
        assert (rules[-1], steps[rules.index(decided)]["result"]) == (decided, "decides")
        assert read in steps[rules.index(decided)]["inputs"]
        assert [split["why"]["rule"] for split in told["splits"]] == ["several_benefits"]
        assert told["tried"][-1]["verdict"] == "chosen"
    assert [step["result"] for step in pharmacy["sides"][0]["steps"] if step["rule"] == "card"] == ["decides"]
    assert name not in str([medical, pharmacy])


async def test_row_1_01_routes_that_were_passed_over_are_told_with_what_speaks_against_them(
    shared_database_url: str, tmp_path: Path
) -> None:
    routes = [
        {"connection": "demo_mime", "benefits": ["medical"], "roles": ["imaging"], "priority": 5},
        {"connection": "demo_clearinghouse", "benefits": ["medical"], "priority": 10},
        {"connection": "demo_rest_x12", "benefits": ["medical"], "priority": 20},
    ]
    shelf = edited(tmp_path / "mappings", {EVERGREEN: {"routes": routes}})
    async with open_api(shared_database_url, shelf=shelf, adapters=load_adapters()) as house:
        tried = (await dry_run(house, compose("EVGREJECTED")))["decision"]["tried"]
    assert [(one["connection"], one["verdict"], [why["rule"] for why in one["reasons"]]) for one in tried] == [
        ("demo_mime", "skipped", ["role"]),
        ("demo_clearinghouse", "chosen", ["taken"]),
        ("demo_rest_x12", "skipped", ["nothing_left"]),
    ]


@pytest.mark.parametrize("order", [("x12_278", "portal", "rest_review"), ("rest_review", "x12_278", "portal")])
async def test_row_1_02_one_request_in_three_wire_forms_and_the_profile_alone_moves_it(
    shared_database_url: str, tmp_path: Path, order: tuple[str, ...]
) -> None:
    ways = {
        "x12_278": ("demo_clearinghouse", X12),
        "portal": ("demo_ironwood", {"portal": {"payer_id": "IRONWOOD"}}),
        "rest_review": ("demo_reviews", {"rest_review": {"payer_id": "FERNBROOK"}}),
    }
    request = compose("EVGTHREEWAYS")
    kept: list[bytes] = []
    said: dict[str, bytes] = {}
    for channel in order:
        connection, settings = ways[channel]
        over = {"routes": [{"connection": connection, "benefits": ["medical"], "priority": 1}], "channels": settings}
        shelf = edited(tmp_path / channel, {EVERGREEN: over})
        async with open_api(shared_database_url, shelf=shelf, adapters=load_adapters()) as house:
            [rendering] = (await dry_run(house, request))["renderings"]
            assert rendering["plan"]["channel"] == channel
            said[channel] = (rendering["document"] or rendering["body"])["text"].encode()
            taken = await (await house.call("POST", "/v1/requests", request)).json()
            entries = await (await house.call("GET", f"/v1/requests/{taken['id']}/raw")).json()
            [own] = [entry for entry in entries["data"] if entry["kind"] == "request"]
            kept.append(await (await house.call("GET", own["link"])).read())
    assert len(set(kept)) == 1, "the request is the same, byte for byte"
    assert b"J9271" in kept[0]
    assert len(set(said.values())) == 3
    assert said["x12_278"].startswith(b"ISA*")
    assert b'"payer"' in said["rest_review"]
    assert said["rest_review"].startswith(b"{")


@pytest.mark.parametrize(
    ("word", "to"),
    [("RXHANDOVER", ("alder_rx", "script_epa")), ("RXBX", (BIRCH, "x12_278"))],
    ids=["not the processor", "no electronic request"],
)
async def test_row_1_03_a_manager_that_closes_it_is_followed_by_its_profile_and_only_one_request_lives(
    crossroads: Crossroads, practice: Customer, word: str, to: tuple[str, str]
) -> None:
    name = member(word)
    case_id = await practice.submit(compose_oral(name))
    if to[0] == ALDER:  # it asks before it decides
        assert (await reply(practice, case_id, await until_asked(practice, case_id))).status == 202
    case = await practice.until(case_id, "approved")
    closed, new = case["submissions"]
    assert (closed["status"], closed["payer"], closed["channel"]) == ("closed_by_payer", BIRCH, "script_epa")
    assert (new["payer"], new["channel"], new["instead_of"]) == (*to, closed["id"])
    asked = Counter(each["pbm"] for each in await crossroads.pbms.filings(name) for _ in range(each["count"]))
    assert asked == ({BIRCH: 1, ALDER: 1} if to[0] == ALDER else {BIRCH: 1})
    assert await filed(crossroads, name) == ({} if to[0] == ALDER else {EVERGREEN: 1})
    evidence = [entry for entry in await practice.entries(case_id, "reply") if entry["submission_id"] == closed["id"]]
    assert evidence, "what the first manager said is kept"
    first, second = await routing(practice, case_id)
    assert (first["because"], second["instead_of"]) == (None, closed["id"])
    assert "another" in second["because"]


REGIMEN = ("J9271", "J9035", "J9299")
NUMBERED = [line(str(n), code) for n, code in enumerate(REGIMEN, start=1)]


async def decided(practice: Customer, payer: str, word: str, status: str) -> tuple[Json, str]:
    name = member(word)
    request = compose(name, payer=payer) | {"lines": NUMBERED}
    request["regimen"] = {"name": "three agents", "intent": "palliative", "cycle_days": 21, "cycles": 6}
    case_id = await practice.submit(request)
    return await practice.until(case_id, status), name


@pytest.mark.parametrize(
    ("whole", "apart", "status", "outcomes"),
    [
        ("APPROVE", "APPROVE", "approved", {"certified": 3}),
        ("MIXED", "APPROVE", "partially_approved", {"certified": 2, "not_certified": 1}),
        ("DENY", "DENY", "denied", {"not_certified": 3}),
    ],
)
async def test_row_1_04_a_regimen_is_one_request_or_three_and_its_status_is_the_same(
    crossroads: Crossroads, practice: Customer, whole: str, apart: str, status: str, outcomes: dict[str, int]
) -> None:
    if whole != apart:  # as its one denied line has it, one of the three requests is denied
        await crossroads.pbms.payer.order("unknown_reason", payer=BLUESTEM, verb="request", count=1)
    together, one = await decided(practice, EVERGREEN, whole, status)
    singly, three = await decided(practice, BLUESTEM, apart, status)
    assert (await filed(crossroads, one), await filed(crossroads, three)) == ({EVERGREEN: 1}, {BLUESTEM: 3})
    assert [each["lines"] for each in together["submissions"]] == [["1", "2", "3"]]
    assert [each["lines"] for each in singly["submissions"]] == [["1"], ["2"], ["3"]]
    for case in (together, singly):
        assert case["status"] == status
        assert Counter(each["outcome"] for each in case["lines"]) == outcomes
    assert await services(practice, together) == [3], "one 278 with three service loops"
    assert await services(practice, singly) == [1, 1, 1]
    assert await splits_of(practice, together) == [[]]
    parted = [("per_service", [["1"], ["2"], ["3"]], ["bluestem_mutual#/requests/0/bundling"])]
    assert await splits_of(practice, singly) == [parted] * 3


async def services(practice: Customer, case: Json) -> list[int]:
    """How many services (2000F) each 278 has that was filed."""
    frames = await practice.entries(case["id"], "frame", "submit")
    bodies = [await practice.raw(case["id"], entry["n"]) for entry in frames]
    return [len(re.findall(rb"HL([*|])\d+\1\d+\1SS\1", body)) for body in bodies]


async def splits_of(practice: Customer, case: Json) -> list[list[tuple[str, list[list[str]], list[str]]]]:
    told = await routing(practice, case["id"])
    return [[(each["why"]["rule"], each["parts"], each["data"]) for each in one["splits"]] for one in told]


async def test_row_1_05_what_goes_in_no_one_submission_is_parted_in_the_dry_run_with_a_reason_each(
    house: House,
) -> None:
    request = compose("BSTBUNDLE", payer=BLUESTEM)
    request["coverages"][0]["pharmacy"] = {"bin": BINS[BIRCH], "pcn": "TEST", "group": "RX1"}
    infusion = line("3", "96413", "cpt", role="administration")
    tablets = line("5", "99999052130", "ndc", supply="self_administered", description="Examplinib 100 mg tablet")
    request["lines"] = [*NUMBERED[:2], infusion, line("4", "J1745"), tablets]
    shown = await dry_run(house, request)
    assert plans(shown) == [
        (BLUESTEM, "medical", ["1", "2", "3"]),
        (BLUESTEM, "medical", ["4"]),
        (BIRCH, "pharmacy", ["5"]),
    ]
    told = shown["decision"]["splits"]
    assert [(split["why"]["rule"], split["parts"]) for split in told] == [
        ("several_benefits", [["1", "2", "3", "4"], ["5"]]),
        ("most_lines", [["1", "2", "3"], ["4"]]),
    ]
    assert told[1]["why"]["says"] == "bluestem_mutual takes 3 lines in one request over demo_clearinghouse."
    assert [one["plan"]["line_ids"] for one in shown["renderings"]] == [["1", "2", "3"], ["4"], ["5"]]
    request["coverages"][0]["line_of_business"] = "medicare_advantage"
    narrower = await dry_run(house, request | {"lines": request["lines"][:4]})
    assert plans(narrower) == [
        (BLUESTEM, "medical", ["1", "4"]),
        (BLUESTEM, "medical", ["2", "3"]),
    ], "two lines for its Medicare members, and a drug stays with what gives it"


SCANS = ("70551", "70552", "70553", "71250", "71260", "71270", "72141", "72146", "72148", "73721", "74176", "78815")


@pytest.fixture(scope="module")
def delegated(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Evergreen's imaging is decided by Cedar Valley, which takes ten codes of one day and one place in a request."""
    limits = {**HOLDS, "max_codes": 10, "same_dates": True, "same_place": True}
    roomy = {"receiver_id": "CEDAR", "umo_id": "CEDAR", "max_lines": 99}
    return edited(
        tmp_path_factory.mktemp("delegated") / "mappings",
        {
            EVERGREEN: {"benefits": {"delegations": [RADIOLOGY]}},
            CEDAR: {"requests": [limits], "channels": {"x12_278": roomy}},
        },
    )


async def test_row_1c_08_a_delegates_limits_for_one_request_part_the_lines(
    shared_database_url: str, delegated: Any
) -> None:
    async with open_api(shared_database_url, shelf=delegated, adapters=load_adapters()) as house:
        ten = compose("EVGTENCODES") | {"lines": [scan(str(n), code) for n, code in enumerate(SCANS[:10], start=1)]}
        assert plans(await dry_run(house, ten)) == [(CEDAR, "medical", [str(n) for n in range(1, 11)])]
        again = compose("EVGSAMECODE") | {"lines": [*ten["lines"], scan("11", SCANS[0])]}
        assert len(plans(await dry_run(house, again))) == 1, "a code that comes twice is one code"
        lines = [scan(str(n), code) for n, code in enumerate(SCANS, start=1)]
        lines[2]["dates"] = {"start": "2026-12-08"}
        lines[4]["place_of_service"] = "22"
        drug = line("13", "J9271")
        shown = await dry_run(house, compose("EVGPARTED") | {"lines": [*lines, drug]})
        answer = await house.call("POST", "/v1/preview", compose("EVGPARTED") | {"lines": [*lines, drug]})
        assert (await answer.json())["decision"] == shown["decision"], "the same again"
    rest = [str(n) for n in (1, 2, 4, 6, 7, 8, 9, 10, 11, 12)]
    assert plans(shown) == [
        (EVERGREEN, "medical", ["13"]),
        (CEDAR, "medical", rest),
        (CEDAR, "medical", ["3"]),
        (CEDAR, "medical", ["5"]),
    ]
    assert splits(shown) == [
        ("several_payers", [["13"], [*rest, "3", "5"]]),
        ("same_dates", [sorted([*rest, "5"], key=int), ["3"]]),
        ("same_place", [rest, ["5"]]),
    ]


async def test_row_1c_08_eleven_codes_are_two_requests_and_none_is_lost(
    shared_database_url: str, delegated: Any
) -> None:
    request = compose("EVGELEVEN") | {"lines": [scan(str(n), code) for n, code in enumerate(SCANS, start=1)]}
    async with open_api(shared_database_url, shelf=delegated, adapters=load_adapters()) as house:
        shown = await dry_run(house, request)
    ten, two = [str(n) for n in range(1, 11)], ["11", "12"]
    assert plans(shown) == [(CEDAR, "medical", ten), (CEDAR, "medical", two)]
    [split] = shown["decision"]["splits"]
    assert (split["why"]["rule"], split["parts"], split["data"]) == (
        "most_codes",
        [ten, two],
        ["cedar_valley#/requests/0/max_codes"],
    )
    assert split["why"]["says"] == "cedar_valley takes 10 different codes in one request."


async def test_row_1c_09_an_answer_that_names_a_vendor_leads_to_the_vendors_profile(
    crossroads: Crossroads, practice: Customer
) -> None:
    name = member("VENDOR")
    case_id = await practice.submit(compose(name))
    case = await practice.until(case_id, "approved")
    closed, new = case["submissions"]
    assert (closed["payer"], closed["status"], new["payer"], new["status"], new["instead_of"]) == (
        EVERGREEN,
        "closed_by_payer",
        CEDAR,
        "approved",
        closed["id"],
    )
    assert await filed(crossroads, name) == {EVERGREEN: 1, CEDAR: 1}
    assert await practice.trail(case_id) == ["queued", "submitting", "queued", "submitting", "approved"]
    assert [text for text in case["messages"] if "vendor partner, Cedar Valley" in text]
    first, second = await routing(practice, case_id)
    assert [side["why"]["rule"] for side in (*first["sides"], *second["sides"])] == ["given", "handed_on"]
    assert second["because"] == "the payer says that another one decides it"


async def test_row_1c_09_a_vendor_takes_what_it_is_handed_in_as_many_requests_as_it_wants(
    crossroads: Crossroads, practice: Customer
) -> None:
    name = member("VENDOR")
    lines = [line(str(n), f"J{9000 + n}") for n in range(1, 9)]
    case_id = await practice.submit(compose(name) | {"lines": lines})
    case = await practice.until(case_id, "approved")
    closed, *new = case["submissions"]
    assert [(each["payer"], len(each["lines"]), each["instead_of"]) for each in new] == [
        (CEDAR, 6, closed["id"]),
        (CEDAR, 2, closed["id"]),
    ], "Cedar Valley takes six lines in a request"
    assert await filed(crossroads, name) == {EVERGREEN: 1, CEDAR: 2}
    told = await routing(practice, case_id)
    assert [[each["why"]["rule"] for each in one["splits"]] for one in told] == [[], ["most_lines"], ["most_lines"]]
    assert [each["outcome"] for each in case["lines"]] == ["certified"] * 8


async def test_row_1c_09_a_vendor_whom_no_profile_knows_is_a_persons_with_the_payers_words(
    crossroads: Crossroads, practice: Customer
) -> None:
    name = member("NEWVENDOR")
    case_id = await practice.submit(compose(name))
    case = await practice.until(case_id, "contact_payer")
    assert (case["attention"]["who"], "does not know" in case["attention"]["why"]) == ("provider", True)
    assert [text for text in case["messages"] if "vendor partner, Teasel Review" in text]
    assert "Teasel" not in case["attention"]["why"]
    [only] = await routing(practice, case_id)
    assert only["not_rerouted"] == case["attention"]["why"]
    deadline = time.monotonic() + PATIENCE
    while len(await practice.entries(case_id, "outcome", "inquire")) < 2:
        assert time.monotonic() < deadline, "the payer is asked on"
        await asyncio.sleep(0.2)
    notes = [entry for entry in await practice.entries(case_id, "note") if entry["meta"]["note"] == "not_rerouted"]
    assert len(notes) == 1, "it is told once, however often the payer says it"
    assert (await practice.call("GET", f"/v1/requests/{'0' * 8}-0000-4000-8000-{'0' * 12}/routing")).status == 404
    assert await filed(crossroads, name) == {EVERGREEN: 1}


async def test_row_1_12_imaging_goes_to_the_delegate_and_not_to_the_plan(
    crossroads: Crossroads, practice: Customer
) -> None:
    name = member("APPROVE")
    case_id = await practice.submit(compose(name) | {"lines": [scan("1", "78815"), scan("2", "70553")]})
    case = await practice.until(case_id, "approved")
    assert [(each["payer"], each["lines"]) for each in case["submissions"]] == [(CEDAR, ["1", "2"])]
    assert await filed(crossroads, name) == {CEDAR: 1}, "the plan was not asked"
    [told] = await routing(practice, case_id)
    steps = [step for step in told["sides"][0]["steps"] if step["rule"] == "delegated"]
    assert [(step["result"], step["data"]) for step in steps] == [
        ("decides", ["evergreen_health#/benefits/delegations/0"])
    ]


async def test_row_1_12_a_plan_that_is_the_wrong_payer_for_it_is_left_and_its_answer_kept(
    crossroads: Crossroads, practice: Customer
) -> None:
    name = member("WRONGPAYER")
    case_id = await practice.submit(compose(name, payer=BLUESTEM) | {"lines": [scan("1", "78815")]})
    case = await practice.until(case_id, "approved")
    closed, new = case["submissions"]
    assert [(each["payer"], each["status"]) for each in (closed, new)] == [
        (BLUESTEM, "closed_by_payer"),
        (CEDAR, "approved"),
    ]
    assert new["instead_of"] == closed["id"]
    assert await filed(crossroads, name) == {CEDAR: 1}, "the plan refused it, and holds nothing"
    kept = [entry for entry in await practice.entries(case_id, "outcome") if entry["submission_id"] == closed["id"]]
    assert b'"79"' in await practice.raw(case_id, kept[-1]["n"])
    assert "denied" not in await practice.trail(case_id)
