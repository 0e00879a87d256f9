"""The simulated service-review API: strict at its door, and honest about what the payers decided."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from adapters.rest_review import ADAPTER
from gateway.contract.drive import first_frame
from tests.unit.review_material import STAMP, destination, request
from tests.unit.test_simulator_carriages import CLIENT, serving, token

PATH = "/v2/service-reviews"


def review(member: str = "SIMAPPROVE01", **over: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(first_frame(ADAPTER.submit(request(), destination(), STAMP)).redacted())
    told["payer"] = {"id": "FERNBROOK"}
    told["subscriber"]["memberId"] = member
    return {name: value for name, value in (told | over).items() if value is not None}


async def headers(url: str, session: aiohttp.ClientSession) -> dict[str, str]:
    _, given = await token(url, session, CLIENT)
    return {"Authorization": f"Bearer {given['access_token']}", "X-Customer-Id": "demo-customer"}


async def test_a_review_is_taken_read_when_it_is_ready_and_voided() -> None:
    async with serving(clock_factor=0) as (url, session):
        own = await headers(url, session)
        async with session.post(url + PATH, json=review(), headers=own) as taken:
            assert taken.status == 202
            place = taken.headers["Location"]
        async with session.get(place, headers=own) as early:
            assert early.status == 202
        async with session.post(f"{url}/sim/clock", json={"advance_seconds": 2}):
            pass
        async with session.get(place, headers=own) as read:
            told = await read.json()
        assert (told["statusCode"], told["certificationNumber"]) == ("A1", "FRNA0000001")
        assert {procedure["statusCode"] for procedure in told["procedures"]} == {"A1"}
        query = f"{url}{PATH}?payer.id=FERNBROOK&referenceNumber={told['referenceNumber']}"
        async with session.get(query, headers=own) as found:
            assert (await found.json())["totalCount"] == 1
        async with session.delete(place, headers=own) as voided:
            assert voided.status == 204
        async with session.get(place, headers=own) as read:
            assert (await read.json())["statusCode"] == "C"


async def test_what_a_payer_refuses_stands_in_the_review() -> None:
    async with serving(clock_factor=0) as (url, session):
        own = await headers(url, session)
        async with session.post(url + PATH, json=review("SIMNOTFOUND01"), headers=own) as taken:
            place = taken.headers["Location"]
        async with session.post(f"{url}/sim/clock", json={"advance_seconds": 2}):
            pass
        async with session.get(place, headers=own) as read:
            told = await read.json()
        assert "statusCode" not in told
        assert told["validationMessages"][0]["code"] == "75"


@pytest.mark.parametrize(
    ("over", "status"),
    [
        ({"payer": {"id": "NOBODY"}}, 400),
        ({"procedures": None}, 422),
        ({"referenceNumber": None}, 422),
        ({"vendorField": "x"}, 400),
        ({"fromDate": "20261201"}, 400),
        ({"requestingProvider": {"npi": "1234567890"}}, 422),
        ({"diagnoses": []}, 400),
    ],
)
async def test_a_review_that_is_not_in_order_is_refused_in_the_apis_envelope(over: dict[str, Any], status: int) -> None:
    async with serving() as (url, session):
        own = await headers(url, session)
        async with session.post(url + PATH, json=review(**over), headers=own) as refused:
            told = await refused.json()
        assert (refused.status, told["statusCode"]) == (status, status)
        assert told["errors"]


async def test_nobody_comes_in_without_a_token_and_a_customer() -> None:
    async with serving() as (url, session):
        own = await headers(url, session)
        async with session.get(f"{url}{PATH}/1") as refused:
            assert refused.status == 401
        async with session.get(f"{url}{PATH}/1", headers=own | {"X-Customer-Id": "x"}) as refused:
            assert refused.status == 403
        async with session.get(f"{url}{PATH}?patient.lastName=x", headers=own) as refused:
            assert refused.status == 400
