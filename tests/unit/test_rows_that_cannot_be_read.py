"""One row that cannot be read, changed by somebody or written by a later version, stops nobody and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from pgqueuer.errors import RetryRequested

from gateway.contract.destination import Mode
from gateway.engine import queue as queues
from gateway.engine.ledger import REST, StoreLedger
from gateway.engine.pulse import Pulse
from gateway.engine.queue import Queue
from gateway.engine.worker import Worker
from gateway.main.explain import tell
from gateway.notify.delivery import Courier
from gateway.notify.letters import Letter, Room, Tried
from gateway.notify.payload import NotKnown, describe
from gateway.store.acceptance import Accepted
from gateway.store.database import Database
from gateway.store.deliveries import list_deliveries
from gateway.store.errors import CannotOpen
from gateway.store.journal import read_journal, verify
from gateway.store.keys import Scope, authenticate, create_key, list_keys
from gateway.store.records import Due, EntryKind, NewEntry, NewEvent
from gateway.store.webhooks import Endpoint, add_endpoint
from tests.unit.api_house import House, capturing_log, open_house
from tests.unit.store_cases import TENANT, do, load, new_request, opened, routed_step, submission, take

BROKEN = "clinic-broken"
ROOM = Room(100, 100, 100, 100, {}, ())
_NOW = datetime(2026, 3, 2, tzinfo=UTC)
LATER = {"status": "withdrawn_by_plan"}
BREAK_KEY = "UPDATE data_keys SET wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20)) WHERE tenant = $1"
BREAK_SECRET = (
    "UPDATE webhook_endpoints SET secret = set_byte(secret, 30, 255 - get_byte(secret, 30)) WHERE tenant = $1"
)
BREAK_EVENT = """UPDATE events SET data = '{"status": "withdrawn_by_plan"}' WHERE tenant = $1"""
DUE = "UPDATE webhook_deliveries SET due_at = now() - interval '1 minute' WHERE endpoint_id = $1"
BREAK_SHAPE = """UPDATE events SET data = '[1]' WHERE tenant = $1"""


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with open_house(database_url) as opened_house:
        yield opened_house


async def _subscribed(database: Database, tenant: str) -> Endpoint:
    """An endpoint to which one event is due."""
    made = await add_endpoint(database, tenant, Mode.TEST, "https://receiver.example/", ["*"], "whsec_x")
    await take(database, tenant=tenant)
    return made


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        (BREAK_KEY, "data_keys.wrapped"),
        (BREAK_SECRET, "webhook_endpoints.secret"),
        (BREAK_EVENT, "events.data"),
        (BREAK_SHAPE, "events.data"),
    ],
)
async def test_a_delivery_that_cannot_be_read_rests_is_told_once_and_goes_when_it_can_be_read(
    database_url: str, statement: str, where: str
) -> None:
    async with opened(database_url) as database:
        broken = await _subscribed(database, BROKEN)
        sound = await _subscribed(database, TENANT)
        kept = await database.fetch(
            "SELECT wrapped, secret, data FROM data_keys JOIN webhook_endpoints USING (tenant) "
            "JOIN events USING (tenant) WHERE tenant = $1",
            BROKEN,
        )
        await database.fetch(statement, BROKEN)
    async with opened(database_url) as database:
        pulse = Pulse(30)
        ledger = StoreLedger(database, pulse)
        with capturing_log() as log:
            assert [letter.endpoint_id for letter in await ledger.take(ROOM)] == [sound.id]
            assert await pulse.beats()
            assert await ledger.take(ROOM) == [], "it rests"
            await database.fetch(DUE, broken.id)
            assert await ledger.take(ROOM) == []
        [said] = [json.loads(line) for line in log.getvalue().splitlines() if "delivery_not_readable" in line]
        assert (said["where"], said["endpoint_id"]) == (where, str(broken.id))
        [row] = await database.fetch("SELECT * FROM webhook_deliveries WHERE endpoint_id = $1", broken.id)
        assert (row["state"], row["error"], row["tries"]) == ("pending", "unreadable", 0)
        assert row["due_at"] > database.now() + REST / 2
        await database.fetch("UPDATE data_keys SET wrapped = $2 WHERE tenant = $1", BROKEN, kept[0]["wrapped"])
        await database.fetch("UPDATE webhook_endpoints SET secret = $2 WHERE tenant = $1", BROKEN, kept[0]["secret"])
        await database.fetch("UPDATE events SET data = $2 WHERE tenant = $1", BROKEN, kept[0]["data"])
        await database.fetch(DUE, broken.id)
        assert [letter.endpoint_id for letter in await ledger.take(ROOM)] == [broken.id]


async def test_whoever_waits_for_such_a_delivery_is_told_what_to_do(house: House) -> None:
    made = await (await house.call("POST", "/v1/webhooks", {"url": "https://hooks.example.org/pa"})).json()
    await house.submit()
    await house.database.fetch(BREAK_EVENT, house.tenant)
    await StoreLedger(house.database, Pulse(30)).take(ROOM)
    [shown] = (await (await house.call("GET", f"/v1/webhooks/{made['id']}/deliveries")).json())["data"]
    assert (shown["state"], shown["error"]) == ("pending", "unreadable")
    assert "who runs the gateway" in shown["fix"]
    page = await list_deliveries(house.database, house.tenant, Mode.TEST, UUID(made["id"]))
    assert page.deliveries[0].tries == 0


@pytest.mark.parametrize("data", [LATER, {"status": "approved", "lines": {"1": "half"}}, {}, {"status": "\ud800"}])
def test_an_event_of_unknown_words_is_not_told_and_none_of_them_is_repeated(data: dict[str, Any]) -> None:
    with pytest.raises(NotKnown) as caught:
        describe(uuid4(), "case.approved", _NOW, uuid4(), 1, False, data)
    assert caught.value.__cause__ is None
    assert "withdrawn" not in str(caught.value)


async def test_the_feed_shows_an_event_it_cannot_tell_in_its_place_and_goes_on(house: House) -> None:
    case_id = await house.submit()
    await house.write(case_id, events=(NewEvent("case.withdrawn_by_plan", LATER),))
    await house.write(case_id, events=(NewEvent("case.approved", {"status": "approved"}),))
    for path in ("/v1/events", f"/v1/requests/{case_id}/events"):
        response = await house.call("GET", path)
        assert response.status == 200
        first, odd, last = (await response.json())["data"]
        assert odd["type"] == "case.withdrawn_by_plan"
        assert odd["told"] is False
        assert odd["data"] == {"case_id": str(case_id), "livemode": False, "sequence": 2}
        assert "told" not in first
        assert (last["data"]["status"], last["data"]["sequence"]) == ("approved", 3)


async def test_a_timer_of_an_unknown_kind_rings_again_later_and_all_others_ring(database_url: str) -> None:
    async with opened(database_url) as database:
        timed = submission(due_at=database.now(), due_for=Due.POLL)
        odd = submission(due_at=database.now(), due_for=Due.RETRY)
        for one in (timed, odd):
            case_id = await take(database)
            await do(database, routed_step(case_id, one))
        await database.fetch("UPDATE submissions SET due_for = 'later_word' WHERE id = $1", odd.id)
        worker = _worker(database, Queue(database_url), _Silent())
        with capturing_log() as log:
            assert await worker.ring() == 2
            await database.fetch("UPDATE submissions SET due_at = now() - interval '1 minute' WHERE id = $1", odd.id)
            assert await worker.ring() == 1
        assert log.getvalue().count("timer_not_known") == 1
        jobs = await database.fetch("SELECT payload FROM pgqueuer")
        assert [json.loads(row["payload"])["submission"] for row in jobs] == [str(timed.id)]
        [row] = await database.fetch("SELECT due_at FROM submissions WHERE id = $1", odd.id)
        assert row["due_at"] > database.now()


async def test_a_job_that_a_later_version_wrote_is_put_back() -> None:
    async def walk(step: queues.Walk) -> None:
        raise AssertionError("nobody knows what it is for")

    for payload in (b'{"case": "%s", "due": "later_word"}' % str(uuid4()).encode(), b"{}", b"no json"):
        job = type("Job", (), {"payload": payload, "entrypoint": "walk", "attempts": 0})
        with capturing_log() as log, pytest.raises(RetryRequested):
            await queues._guard(job, walk)  # type: ignore[arg-type]
        assert "job_failed" in log.getvalue()


async def test_a_key_with_a_scope_of_a_later_version_keeps_the_others(database_url: str) -> None:
    async with opened(database_url) as database:
        key, token = await create_key(database, TENANT, Mode.TEST, "tests", [Scope.READ_CASES])
        await database.fetch("UPDATE api_keys SET scopes = scopes || 'bulk:write'::text WHERE id = $1", key.id)
        found = await authenticate(database, token)
        assert found is not None
        assert found.scopes == {Scope.READ_CASES}
        assert [one.scopes for one in await list_keys(database, TENANT)] == [{Scope.READ_CASES}]


async def test_a_journal_is_read_and_told_past_an_entry_of_a_later_version(house: House) -> None:
    case_id = await house.submit()
    await house.write(case_id, entries=(NewEntry("hint", b"{}"), NewEntry(EntryKind.OUTCOME, b'{"answer": "later"}')))  # type: ignore[arg-type]
    response = await house.call("GET", f"/v1/requests/{case_id}/raw")
    assert response.status == 200
    listed = await response.json()
    assert [entry["kind"] for entry in listed["data"]] == ["request", "hint", "outcome"]
    assert listed["changed"] == []
    assert (await house.call("GET", f"/v1/requests/{case_id}/raw/2")).status == 200
    verdict = await verify(house.database, case_id)
    assert verdict is not None
    assert verdict.whole
    shown = _Console()
    async with house.database.connection() as connection:
        journal = await read_journal(house.database, connection, case_id)
    assert journal is not None
    tell(await load(house.database, case_id), journal.entries, phi=False, console=shown)  # type: ignore[arg-type]
    assert "a later version wrote this" in shown.said


async def test_a_tenant_whose_key_cannot_be_read_spoils_no_request_of_others(house: House) -> None:
    await house.database.key_of(BROKEN)
    await house.database.fetch(BREAK_KEY, BROKEN)
    house.database._keyring._keys.clear()
    loop = asyncio.get_running_loop()
    together = [(new_request(tenant=tenant), loop.create_future()) for tenant in (TENANT, BROKEN, "clinic-two")]
    await house.desk._acceptances._settle(together)
    ours, theirs, others = (answer for _, answer in together)
    assert isinstance(ours.result(), Accepted)
    assert isinstance(others.result(), Accepted)
    with pytest.raises(CannotOpen):
        theirs.result()


class _Failing:
    """A ledger whose looks fail in ways nobody thought of, then one that goes well."""

    def __init__(self) -> None:
        self.looks = 0
        self.enough = asyncio.Event()

    async def take(self, room: Room) -> Sequence[Letter]:
        self.looks += 1
        if self.looks < 3:
            raise LookupError("CANARY")
        self.enough.set()
        return ()

    async def keep(self, tried: Sequence[Tried]) -> None:
        raise AssertionError

    async def disable(self, letter: Letter, why: str) -> int | None:
        raise AssertionError


async def test_no_failed_look_ends_the_courier() -> None:
    ledger, stopping = _Failing(), asyncio.Event()
    courier = Courier(ledger, None, lambda: _NOW)  # type: ignore[arg-type]
    with capturing_log() as log:
        running = asyncio.create_task(courier.run(asyncio.Event(), stopping, 0.01))
        async with asyncio.timeout(10):
            await ledger.enough.wait()
        stopping.set()
        await running
    assert log.getvalue().count("letters_not_looked_for") == 2
    assert "CANARY" not in log.getvalue()


async def test_no_failed_look_ends_a_worker_and_one_that_keeps_failing_is_not_ready(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*arguments: object) -> None:
        failed.append(1)
        if len(failed) == 3:
            enough.set()
        raise LookupError("CANARY")

    failed: list[int] = []
    enough = asyncio.Event()
    monkeypatch.setattr("gateway.engine.worker.claim_due", fail)
    async with opened(database_url) as database:
        pulse = Pulse(30)
        worker = _worker(database, _Idle(), _Silent(), pulse)
        with capturing_log() as log:
            running = asyncio.create_task(worker.run())
            async with asyncio.timeout(10):
                await enough.wait()
            assert not await pulse.beats()
            worker.stop()
            await running
    assert log.getvalue().count("sweep_failed") >= 3
    assert "CANARY" not in log.getvalue()


class _Idle(Queue):
    """A queue in which there is nothing to do."""

    def __init__(self) -> None:
        super().__init__("")

    async def run(self, *arguments: object, **more: object) -> None:
        await self._stopping.wait()


class _Silent:
    """A courier with nothing to do."""

    async def run(self, woken: asyncio.Event, stopping: asyncio.Event, seconds: float) -> None:
        await stopping.wait()


class _Console:
    said = ""

    def print(self, *words: object, **style: object) -> None:
        self.said += " ".join(map(str, words)) + "\n"


def _worker(database: Database, queue: Queue, courier: Any, pulse: Pulse | None = None) -> Worker:
    walker: Any = type("Walker", (), {"walk": None})
    return Worker(database, queue, walker, None, courier, pulse or Pulse(30), sweep_seconds=0.01)  # type: ignore[arg-type]
