"""A database is sealed by one master key, whoever comes with another and whenever."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway import store
from gateway.contract.destination import Mode
from gateway.engine.ledger import StoreLedger
from gateway.engine.pulse import Pulse
from gateway.engine.queue import Queue, Walk
from gateway.engine.worker import Worker
from gateway.notify.letters import Room
from gateway.store.database import Database
from gateway.store.errors import CannotOpen
from gateway.store.keyring import rewrap
from gateway.store.keys import create_key
from gateway.store.master_key import MasterKey, MasterKeyError
from gateway.store.records import Due
from gateway.store.webhooks import add_endpoint
from tests.unit.api_house import open_house
from tests.unit.store_cases import MASTER, TENANT, connected, do, load, opened, routed_step, submission, take

OTHER = MasterKey(b"o" * 32)
HOUSE_KEY = MasterKey(bytes(32))
"""That of tests/unit/api_house.py."""
MIGRATION = Path(store.__file__).parent / "migrations" / "versions" / "0004_one_master_key.sql"


async def test_of_two_that_start_at_once_with_two_keys_exactly_one_begins(database_url: str) -> None:
    starts = (Database.open(database_url, master) for master in (MASTER, OTHER) * 4)
    ended = await asyncio.gather(*starts, return_exceptions=True)
    begun = [one for one in ended if isinstance(one, Database)]
    try:
        assert len(begun) == 4
        assert len({one._keyring._master.fingerprint for one in begun}) == 1
        refused = [one for one in ended if isinstance(one, MasterKeyError)]
        assert len(refused) == 4
        assert "keys rewrap" in str(refused[0])
    finally:
        for one in begun:
            await one.close()


async def test_the_first_key_is_written_down_before_anything_is_sealed(database_url: str) -> None:
    async with opened(database_url) as database:
        await create_key(database, TENANT, Mode.TEST, "tests", [])
    with pytest.raises(MasterKeyError, match=MASTER.fingerprint):
        await Database.open(database_url, OTHER)


@pytest.mark.parametrize("keys", [[], [MASTER], [MASTER, MASTER], [MASTER, OTHER]])
async def test_a_database_of_before_takes_the_key_of_its_data_keys(database_url: str, keys: list[MasterKey]) -> None:
    async with connected(database_url) as psql:
        await psql.execute("DROP TABLE master_key")
        for n, master in enumerate(keys):
            tenant = f"clinic-{n}"
            await psql.execute(
                "INSERT INTO data_keys (tenant, wrapped, master_key) VALUES ($1, $2, $3)",
                tenant,
                master.wrap(tenant, bytes(32)),
                master.fingerprint,
            )
        await psql.execute(MIGRATION.read_text())
        taken = [row["fingerprint"] for row in await psql.fetch("SELECT fingerprint FROM master_key")]
    assert taken == ([MASTER.fingerprint] if set(keys) == {MASTER} else [])
    if OTHER in keys:
        for master in (MASTER, OTHER):
            with pytest.raises(MasterKeyError, match="keys rewrap"):
                await Database.open(database_url, master)
        assert await rewrap(database_url, OTHER, MASTER) == 1
    async with opened(database_url) as database:
        for n in range(len(keys)):
            await database.key_of(f"clinic-{n}")


async def test_a_process_that_runs_on_past_a_change_of_the_key_wraps_nothing_more(database_url: str) -> None:
    async with opened(database_url) as database:
        case_id = await take(database)
        await _rewrap_beside(database_url, MASTER, OTHER)
        with pytest.raises(MasterKeyError, match=OTHER.fingerprint):
            await database.key_of("clinic-new")
        assert not database.is_ours
        assert await database.fetch("SELECT master_key FROM data_keys WHERE master_key <> $1", OTHER.fingerprint) == []
        assert (await load(database, case_id)).tenant == TENANT, "what is under way can still be written down"
        await _rewrap_beside(database_url, OTHER, MASTER)
        await database.check_master_key()
        assert database.is_ours


async def test_a_process_that_runs_on_past_a_change_of_the_key_takes_no_more_and_says_so(database_url: str) -> None:
    async with open_house(database_url) as house:
        case_id = await house.submit()
        path = f"/v1/requests/{case_id}"
        await _rewrap_beside(database_url, HOUSE_KEY, OTHER)
        ready = await house.client.get("/readyz")
        assert (ready.status, (await ready.json())["checks"]["master_key"]) == (503, False)
        answer = await house.call("GET", path)
        assert answer.status == 503
        assert "master key" in (await answer.json())["detail"]
        assert answer.headers["Retry-After"]
        await _rewrap_beside(database_url, OTHER, HOUSE_KEY)
        assert (await house.client.get("/readyz")).status == 200
        assert (await house.call("GET", path)).status == 200


async def test_it_leaves_the_deliveries_to_others_too(database_url: str) -> None:
    async with opened(database_url) as database:
        await add_endpoint(database, TENANT, Mode.TEST, "https://receiver.example/", ["*"], "whsec_x")
        await take(database)
        await _rewrap_beside(database_url, MASTER, OTHER)
        with pytest.raises(MasterKeyError):
            await database.check_master_key()
        pulse = Pulse(30)
        assert await StoreLedger(database, pulse).take(Room(9, 9, 9, 9, {}, ())) == ()
        assert not await pulse.beats()
    other = await Database.open(database_url, OTHER)
    try:
        assert len(await StoreLedger(other, Pulse(30)).take(Room(9, 9, 9, 9, {}, ()))) == 1
    finally:
        await other.close()


async def test_it_leaves_jobs_and_timers_to_others_too(database_url: str) -> None:
    async with opened(database_url) as database:
        timed = submission(due_at=database.now() - timedelta(minutes=1), due_for=Due.POLL)
        case_id = await take(database)
        await do(database, routed_step(case_id, timed))
        queue = Queue(database_url)
        async with queue.transaction(database) as connection:
            await queue.put_walks(connection, [Walk(case_id)])
        await _rewrap_beside(database_url, MASTER, OTHER)
        with pytest.raises(MasterKeyError):
            await database.check_master_key()
        assert await _begun(database, queue) == []
        assert [row["count"] for row in await database.fetch("SELECT count(*) FROM pgqueuer")] == [1]
        assert not await queue.pulse.beats()
    other = await Database.open(database_url, OTHER)
    try:
        begun = await _begun(other, Queue(database_url))
        assert {(walk.case_id, walk.submission_id) for walk in begun} == {(case_id, None), (case_id, timed.id)}
    finally:
        await other.close()


async def _begun(database: Database, queue: Queue) -> list[Walk]:
    """What a worker walks in its first seconds."""
    walks: list[Walk] = []

    async def walk(step: Walk) -> None:
        walks.append(step)
        if len(walks) == 2:
            both.set()

    async def idle(woken: asyncio.Event, stopping: asyncio.Event, seconds: float) -> None:
        await stopping.wait()

    both = asyncio.Event()
    walker: Any = SimpleNamespace(walk=walk)
    links: Any = SimpleNamespace(places=dict, busy=lambda line: False)
    courier: Any = SimpleNamespace(run=idle)
    worker = Worker(database, queue, walker, links, courier, Pulse(30), concurrency=4, sweep_seconds=0.05)
    running = asyncio.create_task(worker.run())
    with suppress(TimeoutError):
        await asyncio.wait_for(both.wait(), 5 if database.is_ours else 2)
    worker.stop()
    await running
    return walks


async def test_a_database_in_which_nothing_is_sealed_takes_another_key(database_url: str) -> None:
    async with opened(database_url):
        pass
    assert await rewrap(database_url, MasterKey(b"x" * 32), OTHER) == 0
    await (await Database.open(database_url, OTHER)).close()
    with pytest.raises(MasterKeyError):
        await Database.open(database_url, MASTER)


async def test_one_data_key_that_was_changed_keeps_no_other_tenant_out(database_url: str) -> None:
    async with opened(database_url) as database:
        for tenant in ("clinic-a", "clinic-b"):
            await database.key_of(tenant)
        await database.fetch(
            "UPDATE data_keys SET wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20)), master_key = 'abc' "
            "WHERE tenant = 'clinic-b'"
        )
    async with opened(database_url) as database:
        await database.key_of("clinic-a")
        with pytest.raises(CannotOpen):
            await database.key_of("clinic-b")
        assert database.is_ours


async def _rewrap_beside(url: str, old: MasterKey, new: MasterKey) -> None:
    """As when the gateways at work are not seen: connected through another role, or away just then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.store.keyring.APPLICATION", "nobody")
        await rewrap(url, old, new)
