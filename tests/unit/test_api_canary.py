"""Made-up people travel through the API; nothing of them may be in the log, the metrics or a problem document."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from gateway.api.app import Settings
from gateway.api.examples import REQUEST
from tests.unit.api_house import House, capturing_log, open_house

CANARIES = ("Quetzalperson", "Xochipilla", "ZQX-8812-canary", "1947-09-23", "QQ77CANARY", "Sarsaparilla Lane")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with capturing_log() as stream:
        yield stream


@pytest.fixture
async def house(log: io.StringIO, shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url, Settings(metrics_token="scrape-me")) as opened:
        yield opened


def request() -> dict[str, Any]:
    body: dict[str, Any] = json.loads(json.dumps(dict(REQUEST)))
    body["reference"] = "ZQX-8812-canary"
    body["patient"] |= {"last_name": "Quetzalperson", "first_name": "Xochipilla", "birth_date": "1947-09-23"}
    body["patient"]["address"] = {
        "street": ["12 Sarsaparilla Lane"],
        "city": "Sampleton",
        "state": "PA",
        "zip_code": "19087",
    }
    body["coverages"][0]["member_id"] = "QQ77CANARY"
    return body


async def test_nothing_of_a_person_reaches_log_metrics_or_problems(house: House, log: io.StringIO) -> None:
    problems: list[str] = []

    async def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
        response = await house.call(method, path, body, **headers)
        if response.status >= 400:
            problems.append(await response.text())
        return response

    good = request()
    case_id = (await (await call("POST", "/v1/requests", good, Idempotency_Key="once")).json())["id"]
    await call("POST", "/v1/requests", {**good, "note": "Quetzalperson"}, Idempotency_Key="once")
    await call("POST", "/v1/preview", good)
    await call("POST", "/v1/requests/search", {"member_id": "QQ77CANARY", "reference": "ZQX-8812-canary"})
    await call("GET", f"/v1/requests/{case_id}")
    await call("GET", f"/v1/requests/{case_id}/raw/1")
    await call("POST", f"/v1/requests/{case_id}/answers", {"attachments": [], "note": "Quetzalperson"})
    for place in ("patient", "requester", "site", "lines", "coverages"):
        await call("POST", "/v1/requests", {**good, place: "Quetzalperson"})
        await call("POST", "/v1/requests", {**good, place: ["Quetzalperson"]})
    await call("POST", "/v1/requests", {**good, "patient": {**good["patient"], "birth_date": "1947-09-23T00:00"}})
    await call("POST", "/v1/requests", json.dumps(good).encode().replace(b'"gender"', b'"Xochipilla", "gender"'))
    await call("GET", "/v1/requests/QQ77CANARY")
    await call("GET", "/Quetzalperson")
    await call("GET", "/v1/requests?status=Quetzalperson&payer=QQ77CANARY&cursor=ZQX-8812-canary")
    metrics = await (await house.client.get("/metrics", headers={"Authorization": "Bearer scrape-me"})).text()

    assert len(problems) >= 15
    assert log.getvalue().count('"event":"request_answered"') >= 20
    for written in (log.getvalue(), metrics, *problems):
        assert not [canary for canary in CANARIES if canary in written]


async def test_the_access_log_names_route_key_and_request_and_nothing_else(house: House, log: io.StringIO) -> None:
    response = await house.call("GET", "/v1/requests/QQ77CANARY")
    [line] = [json.loads(line) for line in log.getvalue().splitlines() if "request_answered" in line]
    assert line["route"] == "/v1/requests/{id}"
    assert line["method"] == "GET"
    assert line["status"] == 404
    assert line["request_id"] == response.headers["X-Request-Id"]
    assert line["key_id"] == house.token.split("_")[2]
    assert set(line) == {
        "event",
        "level",
        "time",
        "logger",
        "method",
        "route",
        "status",
        "ms",
        "request_id",
        "key_id",
    }
