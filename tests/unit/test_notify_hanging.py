"""Receivers that hang, over real sockets and a real database: whatever they do, others get their events."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from gateway.contract.destination import Mode
from gateway.engine.ledger import LATE, StoreLedger
from gateway.engine.pulse import Pulse
from gateway.notify.delivery import Courier
from gateway.notify.letters import Room
from gateway.notify.places import FEW
from gateway.notify.reach import Reach
from gateway.notify.sender import Sender
from gateway.notify.signature import draw_secret
from gateway.store.database import Database
from gateway.store.deliveries import resend_events
from gateway.store.webhooks import (
    Bearing,
    Endpoint,
    Seen,
    add_endpoint,
    change_endpoint,
    get_endpoint,
    note_bearings,
)
from tests.unit.store_cases import TENANT, opened, take
from tests.unit.test_notify_sender import serving

OTHER = "clinic-two"
AGO = datetime(2026, 1, 1, tzinfo=UTC)
SOON = 12.0
"""Seconds. The sender's patience is 15, and the heap took minutes."""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


class Receiver:
    """Hangs until it is let go, and counts."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.status = 204
        self.taken: Counter[str] = Counter()

    async def take(self, request: web.Request) -> web.Response:
        self.taken[request.path] += 1
        await self.go.wait()
        return web.Response(status=self.status)


@asynccontextmanager
async def delivering(database: Database, seconds: float = 15.0) -> AsyncIterator[StoreLedger]:
    ledger = StoreLedger(database, Pulse(30))
    woken, stopping = asyncio.Event(), asyncio.Event()
    async with Sender(Reach(private=True), seconds=seconds) as sender:
        courier = Courier(ledger, sender, database.now, lambda: 0.0)
        running = asyncio.create_task(courier.run(woken, stopping, 1.0))
        try:
            yield ledger
        finally:
            stopping.set()
            woken.set()
            await running


async def add(database: Database, url: str, due: int, tenant: str = TENANT, good: bool = False) -> Endpoint:
    """An endpoint to which so many deliveries are due."""
    made = await add_endpoint(database, tenant, Mode.TEST, url, ["case.approved"], draw_secret())
    while due:
        due -= await resend_events(database, tenant, Mode.TEST, made.id, since=AGO, limit=due)
    if good:
        await note_bearings(database, [Seen(made.id, made.updated_at, Bearing.GOOD)])
    return made


async def until(true: Callable[[], bool]) -> float:
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - many things are waited for
            await asyncio.sleep(0.02)
    return asyncio.get_running_loop().time() - began


@pytest.mark.parametrize("good_before", [False, True])
async def test_while_receivers_of_one_tenant_hang_with_a_thousand_events_another_tenant_gets_its_own(
    database: Database, good_before: bool
) -> None:
    hanging, quick = Receiver(), Receiver()
    quick.go.set()
    for _ in range(30):
        await take(database)
    async with AsyncExitStack() as stack:
        slow_url, quick_url = [await stack.enter_async_context(serving(each.take)) for each in (hanging, quick)]
        for place in range(6):
            await add(database, f"{slow_url}/{place}", 180, good=good_before)
        await stack.enter_async_context(delivering(database))
        stack.callback(hanging.go.set)
        await until(lambda: hanging.taken.total() >= 6 * FEW)
        for _ in range(9):
            await take(database, tenant=OTHER)
        await add(database, f"{quick_url}/other", 9, OTHER)
        assert await until(lambda: quick.taken["/hook/other"] == 9) < SOON
        # Nor does it hold up what else the tenant has.
        await add(database, f"{quick_url}/own", 9)
        assert await until(lambda: quick.taken["/hook/own"] == 9) < SOON
        if not good_before:
            assert max(hanging.taken.values()) <= FEW


async def test_many_endpoints_that_hang_for_the_first_time_do_not_hold_up_a_new_one(database: Database) -> None:
    hanging, quick = Receiver(), Receiver()
    quick.go.set()
    await take(database)
    await take(database, tenant=OTHER)
    async with AsyncExitStack() as stack:
        slow_url, quick_url = [await stack.enter_async_context(serving(each.take)) for each in (hanging, quick)]
        for place in range(60):
            await add(database, f"{slow_url}/{place}", 3)
        await stack.enter_async_context(delivering(database))
        stack.callback(hanging.go.set)
        await until(lambda: hanging.taken.total() >= 32)
        await add(database, f"{quick_url}/other", 3, OTHER)
        assert await until(lambda: quick.taken["/hook/other"] == 3) < SOON


async def test_what_waits_for_a_receiver_that_goes_on_hanging_waits_together_and_comes_when_it_works_again(
    database: Database,
) -> None:
    hanging = Receiver()
    for _ in range(5):
        await take(database)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(hanging.take))
        made = await add(database, url, 60)
        await stack.enter_async_context(delivering(database, seconds=0.3))
        stack.callback(hanging.go.set)
        await asyncio.sleep(4)
        assert 2 <= hanging.taken.total() <= 5, "each of the sixty would have waited for an answer"
        [row] = await database.fetch("SELECT rests_until > now() AS rests FROM webhook_endpoints")
        assert row["rests"]
        hanging.go.set()
        await asyncio.sleep(0.5)
        assert hanging.taken.total() <= 5, "it rests"
        await resend_events(database, TENANT, Mode.TEST, made.id, since=AGO, limit=1)
        await until(lambda: hanging.taken.total() >= 61)
    [row] = await database.fetch("SELECT bearing, silences, rests_until FROM webhook_endpoints")
    assert tuple(row) == ("good", 0, None)


async def test_a_heap_for_a_receiver_that_takes_its_time_is_worked_off_without_pauses(database: Database) -> None:
    async def handler(request: web.Request) -> web.Response:
        nonlocal taken
        await asyncio.sleep(0.1)
        taken += 1
        return web.Response()

    taken = 0
    await take(database)
    async with serving(handler) as url:
        await add(database, url, 200)
        async with delivering(database):
            assert await until(lambda: taken == 200) < SOON


async def test_a_late_410_of_the_old_address_leaves_an_endpoint_that_has_moved_alone(database: Database) -> None:
    old, new = Receiver(), Receiver()
    old.status = 410
    new.go.set()
    await take(database)
    async with AsyncExitStack() as stack:
        old_url, new_url = [await stack.enter_async_context(serving(each.take)) for each in (old, new)]
        made = await add(database, old_url, 5)
        await stack.enter_async_context(delivering(database))
        await until(lambda: old.taken.total() == FEW)
        await change_endpoint(database, TENANT, Mode.TEST, made.id, url=new_url)
        old.go.set()
        await until(lambda: new.taken.total() == 5)
    now = await get_endpoint(database, TENANT, Mode.TEST, made.id)
    assert now is not None
    assert now.disabled_why is None
    [row] = await database.fetch("SELECT array_agg(DISTINCT state) FROM webhook_deliveries")
    assert row[0] == ["delivered"]


async def test_webhooks_are_not_ready_when_what_could_go_is_late_whoever_else_hangs(database: Database) -> None:
    await take(database)
    now, pulse = 100.0, Pulse(30)
    ledger = StoreLedger(database, pulse, lambda: now)
    assert not await ledger.delivers(), "nobody has looked yet"
    pulse.beat()
    dead = await add(database, "http://127.0.0.1:9/dead", 3)
    slow = await add(database, "http://127.0.0.1:9/slow", 3)
    await note_bearings(
        database,
        [Seen(dead.id, dead.updated_at, Bearing.SILENT, 1), Seen(slow.id, slow.updated_at, Bearing.POOR)],
    )
    await database.fetch("UPDATE webhook_deliveries SET due_at = due_at - $1::interval", timedelta(days=1))
    assert await ledger.delivers(), "what fails may wait"
    await take(database, tenant=OTHER)
    await add(database, "http://127.0.0.1:9/good", 20, OTHER, good=True)
    assert await ledger.delivers()
    await database.fetch("UPDATE webhook_deliveries SET due_at = due_at - $1::interval", LATE * 2)
    assert not await ledger.delivers()
    async with Sender(Reach(), seconds=1) as sender:  # tries some, and they fail
        await Courier(ledger, sender, database.now).deliver_due()
    await database.fetch("UPDATE webhook_endpoints SET bearing = 'good', rests_until = NULL WHERE tenant = $1", OTHER)
    assert await ledger.delivers(), "a heap is being worked off"
    now += 61
    pulse.beat()
    assert not await ledger.delivers()


async def test_an_endpoint_whose_secret_was_changed_gets_nothing_and_holds_up_no_other(database: Database) -> None:
    meddled, other = [
        await add_endpoint(database, TENANT, Mode.TEST, "https://receiver.example/", ["*"], secret)
        for secret in ("whsec_one", "whsec_two")
    ]
    await database.fetch("UPDATE webhook_endpoints SET secret = '\\x00' WHERE id = $1", meddled.id)
    await take(database)
    letters = await StoreLedger(database, Pulse(30)).take(Room(10, 10, 10, 10, {}, ()))
    assert [(letter.endpoint_id, letter.secrets) for letter in letters] == [(other.id, ("whsec_two",))]
