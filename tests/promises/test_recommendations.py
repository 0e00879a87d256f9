"""A determination code is not the authorization, and lines of business have addresses of their own: rows 1c_10 and
1c_11 of what was promised, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from hashlib import sha256

import pytest
import pytest_asyncio

from tests.end_to_end.conftest import TEMPO, VIRTUAL, member
from tests.promises.delegating import ONCOLOGY, Json, delegation, write_payers
from tests.running.customer import Customer, open_customer
from tests.running.house import House, open_house
from tests.running.payer import Payer, open_payer
from tests.running.requests import BLUESTEM, EVERGREEN, compose

DELEGATE = "cedar_valley"
PAYERS: dict[str, Json] = {
    EVERGREEN: {"benefits": {"delegations": [delegation("oncology", DELEGATE, codes=ONCOLOGY, recommends=True)]}},
    BLUESTEM: {
        "routes": [
            {"connection": connection, "benefits": ["medical"], "lines_of_business": [business], "priority": 10}
            for connection, business in (("demo_clearinghouse", "commercial"), ("demo_mime", "medicare_advantage"))
        ]
    },
}


@dataclass(frozen=True)
class Quarter:
    """A gateway whose payer has its delegate recommend, and the payers."""

    payer: Payer
    house: House
    url: str


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quarter]:
    log = tmp_path_factory.mktemp("quarter") / "payer.log"
    with (
        open_payer(log, "--clock-factor", str(VIRTUAL)) as payer,
        open_house(payer.url, TEMPO) as house,
    ):
        write_payers(house.folder / "mappings", PAYERS)
        gateway = house.serve()
        yield Quarter(payer, house, gateway.address())
        assert gateway.stop() == 0, gateway.said()[-3000:]
        assert "simulator fault" not in payer.running.said()


@pytest_asyncio.fixture
async def practice(quarter: Quarter) -> AsyncIterator[Customer]:
    async with open_customer(quarter.url, quarter.house.key) as made:
        yield made


def order(delegate: str, own: str, lines: int = 1) -> Json:
    """A request of a member whom delegate and payer know under an id each."""
    request = compose(member(own), lines=lines)
    asked = request["coverages"][0]
    request["coverages"].append({**asked, "payer": DELEGATE, "member_id": member(delegate)})
    return request


def by_payer(case: Json) -> dict[str, Json]:
    return {one["payer"]: one for one in case["submissions"]}


async def test_row_1c_10_a_code_of_the_delegate_is_no_authorization_and_the_payers_answer_decides(
    quarter: Quarter, practice: Customer
) -> None:
    request = order("APPROVE", "PEND")
    case_id = await practice.submit(request)
    waiting = await practice.until(case_id, "recommended")
    [line] = waiting["lines"]
    assert (line["outcome"], line["authorization_number"]) == ("recommended", None)
    [code] = [one["value"] for one in waiting["references"] if one["kind"] == "determination"]
    decided = await practice.until(case_id, "approved")
    [line] = decided["lines"]
    number = line["authorization_number"]
    assert number
    assert number != code
    assert {payer: one["status"] for payer, one in by_payer(decided).items()} == {
        DELEGATE: "recommended",
        EVERGREEN: "approved",
    }
    delegate, confirming = (by_payer(decided)[payer] for payer in (DELEGATE, EVERGREEN))
    assert (delegate["recommends"], confirming["confirms"]) == (True, delegate["id"])
    said = [entry["sent"] + entry["received"] for entry in await quarter.payer.exchanges()]
    own = request["coverages"][0]["member_id"].encode()
    [filed] = [text for text in said if own in text and b"BHT*0007*13" in text]
    assert b"REF*NT*" + code.encode() in filed, "the payer is told by which determination"
    filings = await quarter.payer.filings()
    assert [filings[coverage["member_id"]] for coverage in request["coverages"]] == [1, 1]
    told = quarter.house.command("explain", case_id)
    assert told.join() == 0, told.said()
    assert "A delegate of the payer recommended it" in told.said()


async def test_row_1c_10_the_payer_may_deny_what_its_delegate_recommended(practice: Customer) -> None:
    case_id = await practice.submit(order("APPROVE", "PENDDENY"))
    await practice.until(case_id, "recommended")
    denied = await practice.until(case_id, "denied")
    assert by_payer(denied)[DELEGATE]["status"] == "recommended"
    assert denied["lines"][0]["reasons"]


async def test_row_1c_10_what_the_delegate_denies_the_payer_is_not_asked_for(practice: Customer) -> None:
    case_id = await practice.submit(order("DENY", "APPROVE"))
    denied = await practice.until(case_id, "denied")
    assert [one["payer"] for one in denied["submissions"]] == [DELEGATE]


async def test_row_1c_10_the_payer_is_asked_once_the_code_is_there(practice: Customer) -> None:
    case_id = await practice.submit(order("NONUMBER", "APPROVE"))
    approved = await practice.until(case_id, "approved")
    assert set(by_payer(approved)) == {DELEGATE, EVERGREEN}
    assert [one["kind"] for one in approved["references"]].count("determination") >= 1


async def test_row_1c_10_a_recommendation_is_taken_back_with_the_request(practice: Customer) -> None:
    case_id = await practice.submit(order("APPROVE", "PEND"))
    await practice.until(case_id, "recommended")
    assert (
        await practice.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "the patient moved"})
    ).status == 202
    cancelled = await practice.until(case_id, "cancelled")
    assert {one["status"] for one in cancelled["submissions"]} == {"cancelled"}
    assert cancelled["attention"]["who"] == "none"


async def test_row_1c_10_of_several_lines_those_that_are_recommended_are_asked_for(practice: Customer) -> None:
    case_id = await practice.submit(order("MIXED", "APPROVE", lines=2))
    partial = await practice.until(case_id, "partially_approved")
    assert by_payer(partial)[EVERGREEN]["lines"] == ["1"]
    assert [line["outcome"] for line in partial["lines"]] == ["certified", "not_certified"]


@pytest.mark.parametrize(
    ("business", "connection", "path"),
    [("commercial", "demo_clearinghouse", "/core"), ("medicare_advantage", "demo_mime", "/mime")],
)
async def test_row_1c_11_each_line_of_business_is_filed_at_its_address(
    quarter: Quarter, practice: Customer, business: str, connection: str, path: str
) -> None:
    request = compose(member("APPROVE"), payer=BLUESTEM)
    request["coverages"][0]["line_of_business"] = business
    case = await practice.until(await practice.submit(request), "approved")
    assert [one["connection"] for one in case["submissions"]] == [connection]
    [frame] = await practice.entries(case["id"], "frame", "submit")
    assert frame["meta"]["address"] == sha256(f"{quarter.payer.url}{path}".encode()).hexdigest()
    assert (await quarter.payer.filings())[request["coverages"][0]["member_id"]] == 1
