"""Test and live never mix: whatever routing says, a test request never reaches a live connection, nor the reverse."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.routing import route
from tests.end_to_end.conftest import TEMPO
from tests.running.customer import open_customer
from tests.running.house import IDLE, House, open_house
from tests.running.payer import Payer, open_payer
from tests.running.requests import compose


@dataclass
class Listener:
    """Stands where a live payer would. Whoever connects, even without a word, is counted."""

    port: int
    connections: int = 0


@contextmanager
def open_listener() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(server.getsockname()[1])

        def count() -> None:
            while True:
                try:
                    caller, _ = server.accept()
                except OSError:
                    return
                listener.connections += 1
                caller.close()

        counting = threading.Thread(target=count)
        counting.start()
        try:
            yield listener
        finally:
            server.shutdown(socket.SHUT_RDWR)
            counting.join()


@dataclass(frozen=True)
class Street:
    """A payer reached by two connections: first a live one, then the test clearinghouse."""

    payer: Payer
    live: Listener
    house: House


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    log = tmp_path_factory.mktemp("street") / "payer.log"
    with open_payer(log) as payer, open_listener() as live, open_house(payer.url, TEMPO) as house:
        _add_live_connection(house.folder / "mappings", live.port)
        yield Street(payer, live, house)


def _add_live_connection(mappings: Path, port: int) -> None:
    connections, payers = mappings / "connections", mappings / "payers"
    text = (connections / "demo_clearinghouse.yaml").read_text()
    text = text.replace("connection: demo_clearinghouse", "connection: live_clearinghouse")
    text = text.replace("mode: test", "mode: live")
    text = re.sub(r"endpoint: \S+", f"endpoint: https://127.0.0.1:{port}/core", text)
    (connections / "live_clearinghouse.yaml").write_text(text)
    text = (payers / "evergreen_health.yaml").read_text()
    text = text.replace("payer: evergreen_health", "payer: two_ways_health").replace(
        "synthetic: true", "synthetic: false"
    )
    text = re.sub(r"settle_seconds: \S+", "settle_seconds: 90", text)  # the least for a live connection
    text = re.sub(r"reconcile: .*", "reconcile: [1, 2, 3, 90]", text)
    live_route = "routes:\n  - connection: live_clearinghouse\n    benefits: [medical]\n    priority: 1\n"
    (payers / "two_ways_health.yaml").write_text(text.replace("routes:\n", live_route))


async def test_a_test_request_goes_by_the_test_connection_only(street: Street) -> None:
    gateway = street.house.serve()
    before = street.live.connections
    async with open_customer(gateway.address(), street.house.key) as customer:
        case_id = await customer.submit(compose("SIMAPPROVE1", payer="two_ways_health"))
        case = await customer.until(case_id, "approved")
        assert [held["connection"] for held in case["submissions"]] == ["demo_clearinghouse"]
        [note] = [entry for entry in await customer.entries(case_id, "note") if entry["meta"]["note"] == "routed"]
        told = json.loads(await customer.raw(case_id, note["n"]))
        assert "live" in json.dumps(told)
        preview = await customer.call("POST", "/v1/preview", compose("SIMAPPROVE1", payer="two_ways_health"))
        assert b"It is a live connection and the request is a test one." in preview.body
    assert gateway.stop() == 0
    assert street.live.connections == before
    assert (await street.payer.filings())["SIMAPPROVE1"] == 1


async def test_a_live_request_goes_by_the_live_connection_only(street: Street) -> None:
    key = _new_key(street.house, "live")
    gateway = street.house.serve()
    async with open_customer(gateway.address(), key) as customer:
        case_id = await customer.submit(compose("SIMAPPROVE2", payer="two_ways_health"))
        await customer.until_trail(case_id, "submitting", "queued")
        case = await customer.case(case_id)
        assert case["livemode"]
        assert [held["connection"] for held in case["submissions"]] == ["live_clearinghouse"]
        # Another mode's key of the same tenant does not even see it.
        async with open_customer(customer.url, _new_key(street.house, "test")) as tester:
            assert (await tester.call("GET", f"/v1/requests/{case_id}")).status == 404
        assert (await customer.call("POST", f"/v1/requests/{case_id}/cancel")).status == 202
    assert gateway.stop() == 0
    assert street.live.connections > 0
    assert (await street.payer.filings())["SIMAPPROVE2"] == 0


async def test_a_live_key_is_told_at_once_that_a_payer_has_a_test_connection_only(street: Street) -> None:
    gateway = street.house.serve(**IDLE)
    async with open_customer(gateway.address(), _new_key(street.house, "live")) as customer:
        answer = await customer.call("POST", "/v1/requests", compose("SIMAPPROVE4"))
        assert answer.status == 422
        [fault] = json.loads(answer.body)["faults"]
        assert (fault["pointer"], fault["code"]) == ("/coverages/0/payer", "no_connection")
        assert json.loads((await customer.call("GET", "/v1/requests?payer=evergreen_health")).body)["data"] == []
    gateway.kill()


async def test_lines_that_no_route_takes_say_why_in_the_case_itself(street: Street) -> None:
    gateway = street.house.serve()
    key = _new_key(street.house, "test", "--scope", "cases:write", "--scope", "cases:read")
    request = compose("SIMAPPROVE5")
    lines = [
        {**request["lines"][0], "id": "given", "benefit": "medical"},
        {**request["lines"][0], "id": "dispensed", "benefit": "pharmacy"},
    ]
    async with open_customer(gateway.address(), key) as customer:
        case_id = await customer.submit({**request, "lines": lines})
        async with asyncio.timeout(60):
            while (case := await customer.case(case_id))["lines"][0]["outcome"] != "certified":  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    assert gateway.stop() == 0
    says = "No route of this payer carries the pharmacy benefit."
    given, dispensed = case["lines"]
    assert given["no_route"] is None
    assert dispensed["no_route"]["why"] == says
    assert "pharmacy manager" in dispensed["no_route"]["fix"]
    assert case["attention"]["why"].startswith(f"Line dispensed: {says} File it with")


async def test_a_test_request_that_routing_sends_to_a_live_connection_is_stopped_at_the_last_door(
    street: Street,
) -> None:
    before = street.live.connections
    gateway = street.house.serve(**IDLE)
    worker = street.house.work(first=route_blindly)
    async with open_customer(gateway.address(), street.house.key) as customer:
        case_id = await customer.submit(compose("SIMAPPROVE3", payer="two_ways_health"))
        worker.until('"job_failed"')
        assert (await customer.case(case_id))["status"] == "queued"
        assert await customer.entries(case_id, "frame") == []
    worker.kill()
    gateway.kill()
    assert street.live.connections == before
    assert (await street.payer.filings())["SIMAPPROVE3"] == 0


def route_blindly() -> None:
    """Make this process take the first route of a payer whatever speaks against it."""
    route._against = lambda *_: []  # type: ignore[assignment]


def _new_key(house: House, mode: str, *words: str) -> str:
    command = house.command("keys", "create", "--tenant", "modes", "--mode", mode, *words)
    assert command.join() == 0, command.said()
    return command.said().strip().splitlines()[-1]
