"""Webhook endpoints over HTTP, and one delivered event from the store to a receiver that verifies it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.api.app import Settings
from gateway.api.examples import REQUEST
from gateway.contract.destination import Mode
from gateway.engine.ledger import StoreLedger
from gateway.engine.pulse import Pulse
from gateway.model.status import CaseStatus
from gateway.notify.delivery import Courier
from gateway.notify.reach import Reach
from gateway.notify.sender import Sender
from gateway.store.records import NewEvent
from tests.unit.api_house import House, open_house
from tests.unit.test_notify_sender import serving

LOCAL = Reach(private=True)

BEYOND_TIME = (
    {"since": "0001-01-01T00:00:00+14:00"},
    {"since": "2026-01-01T00:00:00Z", "until": "9999-12-31T23:59:59-14:00"},
)
"""Times with an offset that no time in UTC is."""


@pytest.fixture
async def house(shared_database_url: str) -> AsyncIterator[House]:
    async with open_house(shared_database_url, Settings(reach=LOCAL)) as opened:
        yield opened


@pytest.fixture
async def lone_house(database_url: str) -> AsyncIterator[House]:
    """On a database of its own: a courier takes whatever is due in it."""
    async with open_house(database_url, Settings(reach=LOCAL)) as opened:
        yield opened


@pytest.fixture
async def courier(lone_house: House) -> AsyncIterator[Courier]:
    async with Sender(LOCAL, seconds=2) as sender:
        yield Courier(StoreLedger(lone_house.database, Pulse(30)), sender, lambda: datetime.now(UTC), lambda: 0.5)


async def make(house: House, url: str = "https://hooks.example.org/pa", **more: Any) -> dict[str, Any]:
    response = await house.call("POST", "/v1/webhooks", {"url": url, **more})
    assert response.status == 201, await response.text()
    made: dict[str, Any] = await response.json()
    assert response.headers["Location"] == f"/v1/webhooks/{made['id']}"
    return made


async def deliveries(house: House, endpoint: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    page = await (await house.call("GET", f"/v1/webhooks/{endpoint['id']}/deliveries{query}")).json()
    found: list[dict[str, Any]] = page["data"]
    return found


async def test_a_secret_is_shown_once_and_never_again(house: House) -> None:
    made = await make(house, types=["case.approved"])
    assert made["secret"].startswith("whsec_")
    assert made["livemode"] is False
    assert made["types"] == ["case.approved"]
    shown = await (await house.call("GET", f"/v1/webhooks/{made['id']}")).json()
    assert "secret" not in shown
    listed = await (await house.call("GET", "/v1/webhooks")).json()
    assert listed["data"] == [shown]


async def test_an_endpoint_is_changed_disabled_enabled_and_removed(house: House) -> None:
    path = f"/v1/webhooks/{(await make(house))['id']}"
    changed = await (await house.call("PATCH", path, {"types": ["case.denied"], "url": "https://a.example.org"})).json()
    assert changed["types"] == ["case.denied"]
    assert changed["url"] == "https://a.example.org"
    off = await (await house.call("PATCH", path, {"enabled": False})).json()
    assert (off["enabled"], off["types"]) == (False, ["case.denied"])
    assert off["disabled_why"]
    on = await (await house.call("PATCH", path, {"enabled": True, "types": []})).json()
    assert (on["enabled"], on["types"]) == (True, [])
    assert (await house.call("DELETE", path)).status == 204
    for method, more in [("GET", ""), ("DELETE", ""), ("GET", "/deliveries")]:
        assert (await house.call(method, path + more)).status == 404


async def test_another_tenants_endpoint_is_not_there(house: House) -> None:
    path = f"/v1/webhooks/{(await make(house))['id']}"
    for token in (await house.key(tenant=f"{house.tenant}-other"), await house.key(mode=Mode.LIVE)):
        for method, more, body in [
            ("GET", "", None),
            ("PATCH", "", {"enabled": False}),
            ("DELETE", "", None),
            ("POST", "/secret", {}),
            ("POST", "/resend", {"since": "2026-01-01T00:00:00Z"}),
            ("GET", "/deliveries", None),
        ]:
            assert (await house.call(method, path + more, body, token=token)).status == 404
    assert (await (await house.call("GET", path)).json())["enabled"] is True


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "ftp://a.example.org/x",
        "https://user:word@a.example.org/",
        "no-url-at-all",
    ],
)
async def test_a_url_out_of_bounds_is_refused_when_it_is_given(shared_database_url: str, url: str) -> None:
    async with open_house(shared_database_url) as house:
        response = await house.call("POST", "/v1/webhooks", {"url": url})
        assert response.status == 422
        assert (await response.json())["faults"][0]["pointer"] == "/url"


async def test_a_name_of_this_machine_is_refused_together_with_every_other_fault(shared_database_url: str) -> None:
    async with open_house(shared_database_url) as house:
        bad = {"url": " https://localhost:9000/hook ", "types": ["approved"]}
        faults = (await (await house.call("POST", "/v1/webhooks", bad)).json())["faults"]
        assert [fault["pointer"] for fault in faults] == ["/types/0", "/url"]
        assert "GATEWAY_WEBHOOK_ALLOW_PRIVATE" in faults[1]["fix"]
        made = await make(house)
        response = await house.call("PATCH", f"/v1/webhooks/{made['id']}", bad)
        assert (response.status, len((await response.json())["faults"])) == (422, 2)
        for silly in (["https://localhost/"], {"url": None}, {"url": 7}, "https://localhost/"):
            assert (await house.call("POST", "/v1/webhooks", silly)).status == 422


async def test_a_receiver_that_moved_out_of_bounds_is_tried_again_and_told_which_setting_forbids_it(
    lone_house: House,
) -> None:
    made = await make(lone_house, "http://127.0.0.1:9/hook")
    await lone_house.submit()
    async with Sender(Reach()) as sender:
        await Courier(
            StoreLedger(lone_house.database, Pulse(30)), sender, lambda: datetime.now(UTC), lambda: 0.5
        ).deliver_due()
    [shown] = await deliveries(lone_house, made)
    assert (shown["state"], shown["error"]) == ("pending", "forbidden")
    assert "GATEWAY_WEBHOOK_ALLOW_PRIVATE" in shown["fix"]


async def test_a_live_endpoint_must_be_https(house: House) -> None:
    live = await house.key(mode=Mode.LIVE)
    body = {"url": "http://hooks.example.org/pa"}
    assert (await house.call("POST", "/v1/webhooks", body, token=live)).status == 422
    assert (await house.call("POST", "/v1/webhooks", body)).status == 201


@pytest.mark.parametrize("types", [["approved"], ["case.approved", "case.approved"], ["*"], "case.approved"])
async def test_event_types_that_are_none_are_refused(house: House, types: Any) -> None:
    assert (await house.call("POST", "/v1/webhooks", {"url": "https://a.example.org", "types": types})).status == 422


async def test_an_event_goes_from_the_store_to_a_receiver_that_verifies_it(lone_house: House, courier: Courier) -> None:
    got: list[dict[str, Any]] = []

    async def handler(request: web.Request) -> web.Response:
        got.append(Webhook(made["secret"]).verify(await request.read(), dict(request.headers)))
        return web.Response()

    async with serving(handler) as url:
        made = await make(lone_house, url)
        case_id = await lone_house.submit()
        await courier.deliver_due()
        await courier.deliver_due()
    [event] = got
    assert event["type"] == "case.queued"
    assert event["data"]["case_id"] == str(case_id)
    assert event["data"]["sequence"] == 1
    [done] = await deliveries(lone_house, made)
    assert (done["state"], done["tries"], done["http_status"]) == ("delivered", 1, 200)
    [listed] = (await (await lone_house.call("GET", "/v1/events")).json())["data"]
    assert listed == event, "the feed and the webhook say the same"


async def test_a_failing_receiver_is_tried_again_later_and_the_failure_is_shown(
    lone_house: House, courier: Courier
) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=503)

    async with serving(handler) as url:
        made = await make(lone_house, url)
        await lone_house.submit()
        await courier.deliver_due()
    [shown] = await deliveries(lone_house, made)
    assert (shown["state"], shown["tries"], shown["error"], shown["http_status"]) == ("pending", 1, "status", 503)
    assert datetime.fromisoformat(shown["due_at"]) > datetime.now(UTC)


async def test_a_410_disables_the_endpoint_and_leaves_a_dead_letter(lone_house: House, courier: Courier) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=410)

    async with serving(handler) as url:
        made = await make(lone_house, url)
        await lone_house.submit()
        await courier.deliver_due()
    shown = await (await lone_house.call("GET", f"/v1/webhooks/{made['id']}")).json()
    assert (shown["enabled"], shown["disabled_why"]) == (False, "the receiver answered 410")
    [letter] = await deliveries(lone_house, made, "?state=dead")
    assert letter["http_status"] == 410
    response = await lone_house.call("POST", f"/v1/webhooks/{made['id']}/resend", {"since": "2026-01-01T00:00:00Z"})
    assert response.status == 409


async def test_a_replaced_secret_signs_beside_the_new_one_for_the_overlap(lone_house: House, courier: Courier) -> None:
    got: list[tuple[bytes, dict[str, str]]] = []

    async def handler(request: web.Request) -> web.Response:
        got.append((await request.read(), dict(request.headers)))
        return web.Response()

    async with serving(handler) as url:
        made = await make(lone_house, url)
        path = f"/v1/webhooks/{made['id']}/secret"
        rotated = await (await lone_house.call("POST", path)).json()
        await lone_house.submit()
        await courier.deliver_due()
        at_once = await (await lone_house.call("POST", path, {"overlap_hours": 0})).json()
        await lone_house.submit(reference="second")
        await courier.deliver_due()
    (first, second) = got
    Webhook(made["secret"]).verify(*first)
    Webhook(rotated["secret"]).verify(*first)
    Webhook(at_once["secret"]).verify(*second)
    assert second[1]["webhook-signature"].count("v1,") == 1


async def test_a_secret_drawn_twice_breaks_no_overlap_that_was_promised(lone_house: House, courier: Courier) -> None:
    got: list[tuple[bytes, dict[str, str]]] = []

    async def handler(request: web.Request) -> web.Response:
        got.append((await request.read(), dict(request.headers)))
        return web.Response()

    async with serving(handler) as url:
        made = await make(lone_house, url)
        path = f"/v1/webhooks/{made['id']}/secret"
        drawn = [made["secret"]]
        for hours in (24, 1, 24, 24, 24):
            drawn.append((await (await lone_house.call("POST", path, {"overlap_hours": hours})).json())["secret"])
        await lone_house.submit()
        await courier.deliver_due()
    [letter] = got
    for promised in (0, 2, 3, 4, 5):
        Webhook(drawn[promised]).verify(*letter)
    with pytest.raises(WebhookVerificationError):
        Webhook(drawn[1]).verify(*letter)  # four at most, and its promise ends first
    assert letter[1]["webhook-signature"].count("v1,") == 5


async def test_a_live_event_is_not_sent_again_to_an_endpoint_for_tests(house: House) -> None:
    live = await house.key(mode=Mode.LIVE)
    of_live = (await (await house.call("POST", "/v1/requests", {**REQUEST}, token=live)).json())["id"]
    path = f"/v1/webhooks/{(await make(house))['id']}/resend"
    hour = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert (await (await house.call("POST", path, {"since": hour})).json())["count"] == 0
    assert (await house.call("POST", path, {"case_id": of_live})).status == 404
    other = await (await house.call("POST", "/v1/webhooks", {"url": "https://b.example.org"}, token=live)).json()
    again = await house.call("POST", f"/v1/webhooks/{other['id']}/resend", {"since": hour}, token=live)
    assert (await again.json())["count"] == 1


async def test_events_are_sent_again_by_case_by_event_and_by_time(house: House) -> None:
    one, two = await house.submit(reference="one"), await house.submit(reference="two")
    await house.write(one, events=(NewEvent("case.approved", {"status": "approved"}),))
    made = await make(house, types=["case.denied"])
    path = f"/v1/webhooks/{made['id']}/resend"

    async def resend(body: dict[str, Any]) -> int:
        response = await house.call("POST", path, body)
        assert response.status == 202, await response.text()
        count: int = (await response.json())["count"]
        return count

    events = (await (await house.call("GET", f"/v1/requests/{one}/events")).json())["data"]
    assert [event["data"]["sequence"] for event in events] == [1, 2]
    assert await resend({"case_id": str(one)}) == 2
    assert await resend({"case_id": str(one), "event_id": events[1]["id"]}) == 1
    assert await resend({"case_id": str(two), "since": datetime.now(UTC).isoformat()}) == 0
    now = datetime.now(UTC)
    assert await resend({"since": (now - timedelta(hours=1)).isoformat()}) == 3
    assert await resend({"since": (now + timedelta(hours=1)).isoformat()}) == 0
    assert (
        await resend({"since": (now - timedelta(hours=2)).isoformat(), "until": (now - timedelta(hours=1)).isoformat()})
        == 0
    )
    found = await deliveries(house, made)
    assert len(found) == 6
    assert {delivery["state"] for delivery in found} == {"pending"}
    for broken in (
        {"since": "2026-01-01"},
        *BEYOND_TIME,
    ):
        assert (await house.call("POST", path, broken)).status == 422


async def test_what_is_not_there_is_not_sent_again_and_nobody_is_told_that_it_was(house: House) -> None:
    one, two = await house.submit(reference="one"), await house.submit(reference="two")
    event = (await (await house.call("GET", f"/v1/requests/{one}/events")).json())["data"][0]["id"]
    path = f"/v1/webhooks/{(await make(house))['id']}/resend"
    strange = await house.key(tenant=f"{house.tenant}-other")
    other = (await (await house.call("POST", "/v1/webhooks", {"url": "https://b.example.org"}, token=strange)).json())[
        "id"
    ]
    for where, body, token in (
        (path, {"case_id": str(uuid4())}, None),
        (path, {"case_id": str(two), "event_id": event}, None),
        (f"/v1/webhooks/{other}/resend", {"case_id": str(one)}, strange),
    ):
        response = await house.call("POST", where, body, token=token)
        assert (response.status, response.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, [""]),
        ({"event_id": str(UUID(int=1))}, ["", "/event_id"]),
        ({"until": "2026-01-01T00:00:00Z"}, ["", "/until"]),
        ({"event_id": str(UUID(int=1)), "until": "2026-01-01T00:00:00Z"}, ["", "/event_id", "/until"]),
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, ["/until"]),
        (
            {
                "case_id": "x",
                "event_id": "y",
                "since": "2026-01-02T00:00:00Z",
                "until": "2026-01-02T00:00:00Z",
                "or": 1,
            },
            ["/case_id", "/event_id", "/or", "/until"],
        ),
        ({"event_id": str(UUID(int=1)), "until": "soon"}, ["", "/event_id", "/until"]),
        ({"since": 0, "until": "1767225600"}, ["/since", "/until"]),
    ],
)
async def test_every_fault_of_what_is_to_be_sent_again_is_told_at_once(
    house: House, body: dict[str, Any], places: list[str]
) -> None:
    response = await house.call("POST", f"/v1/webhooks/{(await make(house))['id']}/resend", body)
    assert response.status == 422
    faults = (await response.json())["faults"]
    assert [fault["pointer"] for fault in faults] == places
    assert all(fault["fix"] for fault in faults)


async def test_an_id_that_is_none_is_told_without_repeating_it(house: House) -> None:
    path = f"/v1/webhooks/{(await make(house))['id']}/resend"
    response = await house.call("POST", path, {"case_id": str(UUID(int=1)), "event_id": "x"})
    [fault] = (await response.json())["faults"]
    assert fault["pointer"] == "/event_id"
    assert fault["message"] == "The value has not the form of this field."
    assert fault["fix"] == "Send a UUID, as the API shows it."


async def test_a_change_of_nothing_changes_nothing(house: House) -> None:
    made = await make(house)
    path = f"/v1/webhooks/{made['id']}"
    for nothing in ({}, {"url": None, "enabled": None}):
        response = await house.call("PATCH", path, nothing)
        assert response.status == 200
        assert (await response.json())["updated_at"] == made["updated_at"]
    changed = await (await house.call("PATCH", path, {"enabled": False})).json()
    assert changed["updated_at"] > made["updated_at"]
    assert (await house.call("PATCH", f"/v1/webhooks/{UUID(int=1)}", {})).status == 404


async def test_an_event_type_that_does_not_exist_is_refused_with_those_that_do(house: House) -> None:
    made = await make(house, types=[f"case.{status}" for status in CaseStatus])
    refused = [
        await house.call("POST", "/v1/webhooks", {"url": "https://a.example.org", "types": ["case.approvedd"]}),
        await house.call("PATCH", f"/v1/webhooks/{made['id']}", {"types": ["case.approvedd"]}),
    ]
    for response in refused:
        [fault] = (await response.json())["faults"]
        assert (response.status, fault["pointer"]) == (422, "/types/0")
        assert "case.approved, " in fault["fix"]
        assert "approvedd" not in fault["message"] + fault["fix"]
    response = await house.call("GET", "/v1/events?types=case.approved,case.x")
    [fault] = (await response.json())["faults"]
    assert (response.status, fault["parameter"]) == (400, "types")
    assert "case.approved, " in fault["fix"]
    assert (await house.call("GET", "/v1/events?types=case.approved,case.queued")).status == 200


@pytest.mark.parametrize("word", ["yes", "true", 1, 0, "off"])
async def test_an_endpoint_is_enabled_by_true_and_false_alone(house: House, word: Any) -> None:
    path = f"/v1/webhooks/{(await make(house))['id']}"
    response = await house.call("PATCH", path, {"enabled": word})
    assert response.status == 422
    [fault] = (await response.json())["faults"]
    assert (fault["pointer"], fault["fix"]) == ("/enabled", "Send true or false.")


async def test_deliveries_page_through_newest_first(house: House) -> None:
    made = await make(house)
    for place in range(3):
        await house.submit(reference=str(place))
    path = f"/v1/webhooks/{made['id']}/deliveries"
    first = await (await house.call("GET", f"{path}?limit=2")).json()
    second = await (await house.call("GET", f"{path}?limit=2&cursor={first['next_cursor']}")).json()
    seen = [*first["data"], *second["data"]]
    assert second["next_cursor"] is None
    assert len({delivery["id"] for delivery in seen}) == 3
    assert sorted((delivery["created_at"] for delivery in seen), reverse=True) == [d["created_at"] for d in seen]
