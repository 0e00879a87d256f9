"""The event feed and the journal over HTTP, on a real database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from gateway.api.examples import REQUEST
from gateway.store.cases import load_case
from gateway.store.records import EntryKind, NewEntry, NewEvent
from gateway.store.shelf import Shelf
from tests.unit.api_house import House, capturing_log, open_house
from tests.unit.store_cases import connected


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url) as opened:
        yield opened


async def test_the_feed_gives_every_event_once_in_order_and_says_when_there_is_more(house: House) -> None:
    made = [await house.submit(reference=str(place)) for place in range(3)]
    await house.write(made[0], events=(NewEvent("case.approved", {"status": "approved", "previous_status": "queued"}),))
    seen: list[dict[str, Any]] = []
    after, more = "", True
    while more:
        page = await (await house.call("GET", f"/v1/events?limit=3{after}")).json()
        seen += page["data"]
        after, more = f"&after={page['next_cursor']}", page["has_more"]
    assert [event["data"]["case_id"] for event in seen] == [str(case) for case in [*made, made[0]]]
    assert seen[-1]["data"]["previous_status"] == "queued"
    empty = await (await house.call("GET", f"/v1/events?limit=3{after}")).json()
    assert empty == {"data": [], "next_cursor": after.removeprefix("&after="), "has_more": False}
    some = await (await house.call("GET", "/v1/events?types=case.approved,case.denied")).json()
    assert [event["type"] for event in some["data"]] == ["case.approved"]
    assert (await house.call("GET", "/v1/events?types=approved")).status == 400


async def test_a_journal_is_listed_without_bytes_and_read_byte_for_byte(house: House) -> None:
    case_id = await house.submit()
    heard = bytes(range(256))
    await house.write(
        case_id,
        entries=(
            NewEntry(EntryKind.REPLY, heard, meta={"status": 200, "content_type": "text/html"}),
            NewEntry(EntryKind.REPLY, b"x", meta={"content_type": 'text/html"\r\nX-Evil: 1'}),
            NewEntry(EntryKind.NOTE, b"{}"),
            NewEntry(
                EntryKind.FRAME, b"<soap/>", meta={"content_type": 'application/soap+xml;charset=UTF-8;action="x"'}
            ),
        ),
    )
    path = f"/v1/requests/{case_id}/raw"
    listed = (await (await house.call("GET", path)).json())["data"]
    assert [(entry["n"], entry["kind"], entry["bytes"]) for entry in listed][1:] == [
        (2, "reply", 256),
        (3, "reply", 1),
        (4, "note", 2),
        (5, "frame", 7),
    ]
    assert listed[4]["media_type"] == "application/soap+xml"
    assert listed[1]["link"] == f"{path}/2"
    response = await house.call("GET", f"{path}/2")
    assert await response.read() == heard
    assert response.headers["Content-Type"] == "text/html"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    odd = await house.call("GET", f"{path}/3")
    assert odd.headers["Content-Type"] == "application/octet-stream"
    assert "X-Evil" not in odd.headers
    assert (await house.call("GET", f"{path}/4")).headers["Content-Type"] == "application/json"
    assert (await house.call("GET", f"{path}/5")).headers["Content-Type"] == "application/soap+xml"
    for missing in ("6", "0", "-1", "1e3", "99999999999"):
        assert (await house.call("GET", f"{path}/{missing}")).status == 404


async def test_the_first_entry_is_the_request_as_it_was_sent_and_is_read_again_the_same(house: House) -> None:
    """Names in the sender's order, figures as they were written, blanks and escapes and all."""
    body = {**REQUEST, "lines": [{**REQUEST["lines"][0], "quantity": {"value": "QUANTITY", "unit": "units"}}]}
    text = json.dumps(dict(reversed(body.items())), indent=3).replace('"QUANTITY"', "40.100")
    sent = text.replace('"reference"', '"\\u0072eference"').encode()
    response = await house.call("POST", "/v1/requests", sent)
    assert response.status == 202, await response.text()
    case_id = UUID((await response.json())["id"])
    assert await (await house.call("GET", f"/v1/requests/{case_id}/raw/1")).read() == sent
    at_the_door = house.database.requests.get(case_id)
    house.database.requests = Shelf()
    async with house.database.transaction() as connection:
        case = await load_case(house.database, connection, case_id)
    assert case is not None
    assert case.request == at_the_door
    assert case.request.model_dump_json() == at_the_door.model_dump_json()


async def test_a_changed_entry_is_named_and_the_others_are_read(house: House, shared_database_url: str) -> None:
    case_id = await house.submit()
    await house.write(case_id, entries=(NewEntry(EntryKind.REPLY, b"heard"), NewEntry(EntryKind.NOTE, b"{}")))
    async with connected(shared_database_url) as psql, psql.transaction():
        await psql.execute("ALTER TABLE journal DISABLE TRIGGER USER")
        await psql.execute("UPDATE journal SET at = at - interval '1 day' WHERE n = 2 AND request_id = $1", case_id)
        await psql.execute("ALTER TABLE journal ENABLE TRIGGER USER")
    path = f"/v1/requests/{case_id}/raw"
    listed = await (await house.call("GET", path)).json()
    assert [entry["n"] for entry in listed["data"]] == [1, 3]
    assert listed["changed"] == [2]
    assert await (await house.call("GET", f"{path}/3")).read() == b"{}"
    with capturing_log() as log:
        response = await house.call("GET", f"{path}/2")
    problem = await response.json()
    assert (response.status, problem["retryable"]) == (500, False)
    assert problem["type"] == "urn:payer-gateway:problem:stored-data-changed"
    [said] = [line for line in log.getvalue().splitlines() if "stored_data_changed" in line]
    assert '"level":"error"' in said.replace(" ", "")
    assert "heard" not in said
