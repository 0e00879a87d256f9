"""Urgency and the time that payers take: rows 28 and 30 of what was promised."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from gateway.main.config import PROJECT
from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer, open_customer
from tests.running.requests import EVERGREEN, compose
from tests.unit.api_house import House

URGENT = {"level": "expedited", "reason": "Spinal cord compression.", "attested_by": "Orla Sampleton"}
DEMO = PROJECT / "gateway" / "main" / "demo_requests"
_WON = ("certified", "certified_modified")


async def said(house: House, request: dict[str, Any]) -> str:
    shown = await (await house.call("POST", "/v1/preview", request)).json()
    [rendering] = shown["renderings"]
    payload = rendering["document"] or rendering["body"]
    text: str | None = payload.get("text")
    return text if text is not None else base64.b64decode(payload["base64"]).decode()


async def test_row_1_28_urgency_reaches_the_payer_over_each_channel(house: House) -> None:
    over = {"x12": ("pembrolizumab", "UM*", 6), "script": ("inventinib", "PAPriorityIndicator", None)}
    for name, mark, _ in over.values():
        request = json.loads((DEMO / f"{name}.json").read_text())
        request.pop("urgency", None)
        standard = await said(house, request)
        urgent = await said(house, {**request, "urgency": URGENT})
        if mark == "UM*":
            levels = [text.partition("UM*")[2].partition("~")[0].split("*") for text in (standard, urgent)]
            assert [level[5] if len(level) > 5 else "" for level in levels] == ["", "U"]
        else:
            marks = [text.partition(f"<{mark}>")[2][:1] for text in (standard, urgent)]
            assert marks == ["S", "X"]


async def test_row_1_28_what_is_urgent_has_72_hours_and_what_is_not_has_days(town: Town, customer: Customer) -> None:
    limits = {}
    for level in ("standard", "expedited"):
        request = compose(member("PEND"))
        request["lines"][0] |= {"role": "procedure", "code": {"system": "hcpcs", "code": "G0463"}}
        request["coverages"][0]["line_of_business"] = "medicare_advantage"
        if level == "expedited":
            request["urgency"] = URGENT
        case = await customer.until(await customer.submit(request), "approved")
        [clock] = case["submissions"][0]["clocks"]
        assert (clock["state"], clock["urgency"], clock["outcomes"]) == ("met", level, ["certified"])
        due, received = (datetime.fromisoformat(clock[name]) for name in ("due_at", "received_at"))
        limits[level] = clock["limit"], clock["source"], due - received
    assert limits["expedited"] == ("72 hours", "42 CFR 422.572(a)", timedelta(hours=72))
    words, source, length = limits["standard"]
    assert (words, source) == ("7 calendar days", "42 CFR 422.568(b)(1), as of CMS-0057-F")
    assert timedelta(days=7) < length < timedelta(days=9)


def counted(events: list[dict[str, Any]]) -> dict[tuple[str, str], Counter[str]]:
    """What somebody who keeps the feed, in whatever order, counts of it."""
    latest: dict[str, dict[str, Any]] = {}
    for event in events:
        told = event["data"]
        if told["sequence"] > latest.get(told["case_id"], {"sequence": 0})["sequence"]:
            latest[told["case_id"]] = told
    rows: dict[tuple[str, str], Counter[str]] = {}
    for told in latest.values():
        for timing in told["clocks"]:
            for clock in timing["clocks"]:
                for place, _ in enumerate(clock["lines"]):
                    row = rows.setdefault((timing["payer"], clock["urgency"]), Counter())
                    outcome = clock["outcomes"][place] if clock["outcomes"] else "undecided"
                    row["items"] += 1
                    row["approved"] += outcome in _WON
                    row["denied"] += outcome == "not_certified"
                    row["undecided"] += outcome == "undecided"
                    if outcome in (*_WON, "not_certified"):
                        spent = datetime.fromisoformat(clock["decided_at"]) - datetime.fromisoformat(
                            clock["received_at"]
                        )
                        row["seconds"] += int(spent.total_seconds() * 1000)
    return rows


async def test_row_1_30_how_long_payers_take_can_be_counted_again_from_the_events(
    town: Town, tenant: Callable[[], str]
) -> None:
    async with open_customer(town.url, tenant()) as customer:
        wanted = [("APPROVE", "approved"), ("DENY", "denied"), ("PEND", "approved"), ("DOCS", "needs_information")]
        for word, status in wanted:
            request = compose(member(word))
            if word == "PEND":
                request["urgency"] = URGENT
            await customer.until(await customer.submit(request), status)
        events = (await customer.get("/v1/events?limit=500"))["data"]
        report = await customer.get("/v1/reports/timeliness?by=payer,urgency")
        rows = {(row["of"]["payer"], row["of"]["urgency"]): row for row in report["rows"]}
        own = counted(list(reversed(events)))
        assert rows.keys() == own.keys() == {(EVERGREEN, "standard"), (EVERGREEN, "expedited")}
        for key, row in rows.items():
            figures = own[key]
            assert {name: row[name] for name in ("items", "approved", "denied", "undecided")} == {
                name: figures[name] for name in ("items", "approved", "denied", "undecided")
            }
            decided = row["approved"] + row["denied"]
            assert row["mean_hours"] == round(figures["seconds"] / 3_600_000 / decided, 2)
        assert report["total"]["items"] == 4
        assert report["total"]["undecided"] == 1, "the payer asks, and has decided nothing"
        table = await customer.call("GET", "/v1/reports/timeliness.csv?by=payer,urgency")
        [header, *lines] = csv.reader(io.StringIO(table.body.decode()))
        assert [dict(zip(header, line, strict=True))["items"] for line in lines] == [
            str(row["items"]) for row in report["rows"]
        ]
        by_service = await customer.get("/v1/reports/timeliness?by=channel,service&service=drug")
        assert [row["of"] for row in by_service["rows"]] == [{"channel": "x12_278", "service": "drug"}]
        assert (await customer.get("/v1/reports/timeliness?payer=bluestem_mutual"))["rows"] == []
        hidden = await customer.get("/v1/reports/timeliness?by=payer,urgency&least=2")
        assert [row["of"]["urgency"] for row in hidden["rows"]] == ["standard"]
        assert (hidden["withheld"], hidden["total"]) == (1, None), "the total would tell what is withheld"
    async with open_customer(town.url, tenant()) as stranger:
        assert (await stranger.get("/v1/reports/timeliness"))["rows"] == []


async def test_row_1_30_a_payer_that_takes_longer_as_it_may_is_not_late(town: Town, customer: Customer) -> None:
    request = compose(member("DOCS"))
    request["lines"][0] |= {"role": "procedure", "code": {"system": "hcpcs", "code": "G0463"}}
    request["coverages"][0]["line_of_business"] = "medicare_advantage"
    case = await customer.until(await customer.submit(request), "needs_information")
    [clock] = case["submissions"][0]["clocks"]
    due = datetime.fromisoformat(clock["due_at"])
    day = (due - timedelta(hours=12)).date()
    path = f"/v1/requests/{case['id']}/extension"
    refused = await customer.call("POST", path, {"until": day.isoformat()})
    assert (refused.status, [fault["pointer"] for fault in refused.json()["faults"]]) == (422, ["/until"])
    word = {"until": (day + timedelta(days=10)).isoformat()}
    first = await customer.call("POST", path, word, headers={"Idempotency-Key": "letter"})
    again = await customer.call("POST", path, word, headers={"Idempotency-Key": "letter"})
    assert [answer.status for answer in (first, again)] == [202, 202]
    case = await customer.case(case["id"])
    [longer] = case["submissions"][0]["clocks"]
    assert (longer["state"], longer["extended_days"]) == ("running", 10)
    assert datetime.fromisoformat(longer["due_at"]) == due + timedelta(days=10)
    assert case["expected_by"] == longer["due_at"]
    assert case["status"] == "needs_information"
    [*_, event] = (await customer.get(f"/v1/requests/{case['id']}/events"))["data"]
    assert datetime.fromisoformat(event["data"]["expected_by"]) == due + timedelta(days=10)
    assert event["data"]["clocks"][0]["clocks"] == [longer]
    [row] = (await customer.get("/v1/reports/timeliness?by=payer&service=procedure"))["rows"]
    assert row["extended"] == 1
