"""Webhook endpoints and deliveries: sealed secrets, one owner, and nothing forgotten."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.contract.destination import Mode
from gateway.store.cursors import BadCursor
from gateway.store.database import Database
from gateway.store.deliveries import (
    Allowance,
    DeliveryState,
    Ended,
    claim_due_deliveries,
    end_deliveries,
    list_deliveries,
    resend,
)
from gateway.store.events import DELIVERY_LEASE, read_events
from gateway.store.records import NewEvent, Step
from gateway.store.webhooks import (
    Bearing,
    Endpoint,
    Seen,
    add_endpoint,
    change_endpoint,
    disable_endpoint,
    get_endpoint,
    list_endpoints,
    note_bearings,
    remove_endpoint,
    replace_secret,
)
from tests.unit.store_cases import TENANT, connected, do, opened, take

URL = "https://receiver.example/hook"
SECRET = "whsec_CANARY"
HOUR = timedelta(hours=1)
STRANGERS = [("clinic-two", Mode.TEST), (TENANT, Mode.LIVE)]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


@pytest.fixture
async def endpoint(database: Database) -> Endpoint:
    return await add_endpoint(database, TENANT, Mode.TEST, URL, ["case.approved"], SECRET)


@pytest.fixture
async def deliveries(database: Database, endpoint: Endpoint) -> list[UUID]:
    """Three deliveries of three events of one case."""
    case_id = await take(database)
    written = [await do(database, Step(case_id, events=(NewEvent("case.approved", {"round": n}),))) for n in range(3)]
    return [delivery for step in written for delivery in step.delivery_ids]


AMPLE = Allowance(limit=100, doubtful=100, many=100, few=100)


async def claim(database: Database, after: timedelta = timedelta()) -> list[UUID]:
    found = await claim_due_deliveries(database, AMPLE, now=database.now() + after)  # the time that is written in them
    return [delivery.id for delivery in found]


async def end(
    database: Database, delivery: UUID, due_at: datetime | None, error: str | None, status: int | None
) -> None:
    await end_deliveries(database, [Ended(delivery, due_at, error, status)])


async def test_an_endpoint_can_be_listed_changed_and_removed(database: Database, endpoint: Endpoint) -> None:
    assert await list_endpoints(database, TENANT, Mode.TEST) == (endpoint,)
    changed = await change_endpoint(database, TENANT, Mode.TEST, endpoint.id, event_types=["*"], enabled=False)
    assert changed is not None
    assert (changed.url, changed.event_types, changed.disabled_why) == (URL, ("*",), "disabled by its owner")
    changed = await change_endpoint(database, TENANT, Mode.TEST, endpoint.id, url="https://other.example/")
    assert changed is not None
    assert (changed.url, changed.event_types, changed.disabled_why) == (
        "https://other.example/",
        ("*",),
        "disabled by its owner",
    )
    changed = await change_endpoint(database, TENANT, Mode.TEST, endpoint.id, enabled=True)
    assert changed is not None
    assert changed.disabled_why is None
    assert await get_endpoint(database, TENANT, Mode.TEST, endpoint.id) == changed
    assert await remove_endpoint(database, TENANT, Mode.TEST, endpoint.id)
    assert not await remove_endpoint(database, TENANT, Mode.TEST, endpoint.id)
    assert await list_endpoints(database, TENANT, Mode.TEST) == ()


@pytest.mark.parametrize(("tenant", "mode"), STRANGERS)
async def test_nobody_reaches_anothers_endpoint(
    database: Database, endpoint: Endpoint, deliveries: list[UUID], tenant: str, mode: Mode
) -> None:
    assert await list_endpoints(database, tenant, mode) == ()
    assert await get_endpoint(database, tenant, mode, endpoint.id) is None
    assert await change_endpoint(database, tenant, mode, endpoint.id, url="https://thief.example/") is None
    assert await replace_secret(database, tenant, mode, endpoint.id, "x", datetime.now(UTC)) is None
    assert not await remove_endpoint(database, tenant, mode, endpoint.id)
    assert (await list_deliveries(database, tenant, mode, endpoint.id)).deliveries == ()
    async with database.transaction() as connection:
        assert await resend(database, connection, tenant, mode, deliveries[0]) is None
    assert await get_endpoint(database, TENANT, Mode.TEST, endpoint.id) == endpoint


async def test_a_delivery_holds_all_that_sending_needs(
    database: Database, endpoint: Endpoint, deliveries: list[UUID]
) -> None:
    [letter, *more] = await claim_due_deliveries(database, AMPLE)
    assert [letter.id, *(other.id for other in more)] == deliveries, "in the order of their events"
    assert (letter.endpoint_id, letter.url, letter.secrets, letter.tries) == (endpoint.id, URL, (SECRET,), 0)
    assert (letter.tenant, letter.mode) == (TENANT, Mode.TEST)
    assert (letter.event.type, letter.event.data) == ("case.approved", {"round": 0})
    [_, event, *_] = (await read_events(database, TENANT, Mode.TEST)).events
    assert (event.id, event.case_id, event.sequence) == (letter.event.id, letter.event.case_id, letter.event.sequence)
    assert SECRET not in repr(letter)


async def test_a_replaced_secret_signs_as_well_until_its_time_is_over(
    database: Database, endpoint: Endpoint, deliveries: list[UUID]
) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    await replace_secret(database, TENANT, Mode.TEST, endpoint.id, "whsec_two", soon)
    one = replace(AMPLE, limit=1)
    [letter] = await claim_due_deliveries(database, one)
    assert letter.secrets == ("whsec_two", SECRET)
    await replace_secret(database, TENANT, Mode.TEST, endpoint.id, "whsec_three", database.now())
    [letter] = await claim_due_deliveries(database, one)
    assert letter.secrets == ("whsec_three",)


async def test_a_delivery_is_due_at_once_and_again_when_nothing_came_of_it(
    database: Database, deliveries: list[UUID]
) -> None:
    assert await claim(database) == deliveries
    assert await claim(database) == [], "somebody has them"
    later = DELIVERY_LEASE + timedelta(seconds=9)
    assert await claim(database, later) == deliveries
    assert await claim(database, later) == []


async def test_two_workers_never_take_the_same_delivery(database: Database, deliveries: list[UUID]) -> None:
    taken = await asyncio.gather(*(claim(database) for _ in range(8)))
    assert sorted(delivery for some in taken for delivery in some) == sorted(deliveries)


async def test_a_delivery_goes_through_its_tries(
    database: Database, endpoint: Endpoint, deliveries: list[UUID]
) -> None:
    good, bad, waiting = await claim(database)
    soon = datetime.now(UTC) + timedelta(seconds=30)
    await end(database, good, soon, "timeout", None)
    [letter] = await claim_due_deliveries(database, AMPLE, now=soon + timedelta(seconds=1))
    assert (letter.id, letter.tries) == (good, 1)
    await end_deliveries(database, [Ended(good, None, None, 204), Ended(bad, None, "status", 500)])
    page = await list_deliveries(database, TENANT, Mode.TEST, endpoint.id)
    found = {item.id: (item.state, item.tries, item.error, item.http_status) for item in page.deliveries}
    assert found == {
        good: (DeliveryState.DELIVERED, 2, None, 204),
        bad: (DeliveryState.DEAD, 1, "status", 500),
        waiting: (DeliveryState.PENDING, 0, None, None),
    }
    assert await claim(database, timedelta(days=1)) == [waiting]


async def test_what_was_delivered_stays_delivered(database: Database, deliveries: list[UUID]) -> None:
    await end(database, deliveries[0], None, None, 200)
    await end(database, deliveries[0], datetime.now(UTC), "timeout", None)
    await end(database, deliveries[0], None, "timeout", None)
    assert deliveries[0] not in await claim(database)
    [row] = await database.fetch("SELECT state, http_status FROM webhook_deliveries WHERE id = $1", deliveries[0])
    assert tuple(row) == ("delivered", 200)


async def test_what_was_given_up_can_be_sent_again(
    database: Database, endpoint: Endpoint, deliveries: list[UUID]
) -> None:
    await claim(database)
    await end(database, deliveries[0], None, "status", 500)
    async with database.transaction() as connection:
        again = await resend(database, connection, TENANT, Mode.TEST, deliveries[0])
        assert await resend(database, connection, TENANT, Mode.TEST, uuid4()) is None
    [letter] = await claim_due_deliveries(database, AMPLE)
    assert letter.id == again
    assert (letter.event.data, letter.tries) == ({"round": 0}, 0)


async def test_an_endpoint_that_is_gone_gets_nothing_more(
    database: Database, endpoint: Endpoint, deliveries: list[UUID]
) -> None:
    await end(database, deliveries[0], None, None, 200)
    assert await disable_endpoint(database, endpoint.id, "the receiver answered 410", endpoint.updated_at) == 2
    await end(database, deliveries[1], None, "gone", 410)
    states = {
        item.id: (item.state, item.error, item.http_status)
        for item in (await list_deliveries(database, TENANT, Mode.TEST, endpoint.id)).deliveries
    }
    assert states == {
        deliveries[0]: (DeliveryState.DELIVERED, None, 200),
        deliveries[1]: (DeliveryState.DEAD, "gone", 410),
        deliveries[2]: (DeliveryState.DEAD, "endpoint_disabled", None),
    }
    case_id = await take(database)
    written = await do(database, Step(case_id, events=(NewEvent("case.approved", {}),)))
    assert written.delivery_ids == ()
    async with database.transaction() as connection:
        assert await resend(database, connection, TENANT, Mode.TEST, deliveries[1]) is None


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("act", [disable_endpoint, remove_endpoint, end_deliveries])
async def test_what_is_written_at_the_same_time_waits_for_each_other_and_never_in_a_circle(
    database: Database, database_url: str, endpoint: Endpoint, deliveries: list[UUID], order: tuple[int, ...], act: Any
) -> None:
    """A third party holds one row until both are at work on the others; PostgreSQL would end one of a circle."""
    first, held, last = (deliveries[place] for place in order)
    soon = datetime.now(UTC) + timedelta(seconds=30)
    arguments: dict[Any, tuple[Any, ...]] = {
        disable_endpoint: (endpoint.id, "the receiver answered 410", endpoint.updated_at),
        remove_endpoint: (TENANT, Mode.TEST, endpoint.id),
        end_deliveries: ([Ended(id_, soon, "status", 500) for id_ in (first, held, last)],),
    }
    async with connected(database_url) as holder:
        async with holder.transaction():
            await holder.execute("SELECT FROM webhook_deliveries WHERE id = $1 FOR UPDATE", held)
            one = asyncio.create_task(act(database, *arguments[act]))
            await asyncio.sleep(0.1)
            other = asyncio.create_task(
                end_deliveries(database, [Ended(id_, soon, "timeout", None) for id_ in (last, first)])
            )
            await asyncio.sleep(0.1)
        await asyncio.gather(one, other)


@pytest.mark.parametrize("change", ["moved", "enabled again", "another secret"])
async def test_an_endpoint_that_was_changed_meanwhile_is_not_given_up_for_what_it_was(
    database: Database, endpoint: Endpoint, deliveries: list[UUID], change: str
) -> None:
    [letter, *_] = await claim_due_deliveries(database, AMPLE)
    if change == "moved":
        await change_endpoint(database, TENANT, Mode.TEST, endpoint.id, url="https://new.example/")
    elif change == "enabled again":
        await change_endpoint(database, TENANT, Mode.TEST, endpoint.id, enabled=True)
    else:
        await replace_secret(database, TENANT, Mode.TEST, endpoint.id, "whsec_two", datetime.now(UTC))
    assert await disable_endpoint(database, endpoint.id, "the receiver answered 410", letter.as_of) is None
    await note_bearings(database, [Seen(endpoint.id, letter.as_of, Bearing.SILENT, 5, datetime.now(UTC) + HOUR)])
    now = await get_endpoint(database, TENANT, Mode.TEST, endpoint.id)
    assert now is not None
    assert now.disabled_why is None
    assert await claim(database, DELIVERY_LEASE * 2) == deliveries


async def test_what_waits_for_a_disabled_endpoint_goes_on_when_it_is_enabled(
    database: Database, endpoint: Endpoint, deliveries: list[UUID]
) -> None:
    await change_endpoint(database, TENANT, Mode.TEST, endpoint.id, enabled=False)
    assert await claim(database) == []
    await change_endpoint(database, TENANT, Mode.TEST, endpoint.id, enabled=True)
    assert await claim(database) == deliveries


async def test_deliveries_are_listed_page_by_page(
    database: Database, endpoint: Endpoint, deliveries: list[UUID]
) -> None:
    first = await list_deliveries(database, TENANT, Mode.TEST, endpoint.id, limit=2)
    assert [item.id for item in first.deliveries] == [deliveries[2], deliveries[1]]
    second = await list_deliveries(database, TENANT, Mode.TEST, endpoint.id, after=first.next, limit=2)
    assert [item.id for item in second.deliveries] == [deliveries[0]]
    assert second.next is None
    await end(database, deliveries[1], None, "status", 500)
    dead = await list_deliveries(database, TENANT, Mode.TEST, endpoint.id, state=DeliveryState.DEAD)
    assert [item.id for item in dead.deliveries] == [deliveries[1]]
    with pytest.raises(BadCursor):
        await list_deliveries(database, TENANT, Mode.TEST, uuid4(), after=first.next)


async def test_a_removed_endpoint_takes_its_deliveries_along(
    database: Database, endpoint: Endpoint, deliveries: list[UUID]
) -> None:
    assert await remove_endpoint(database, TENANT, Mode.TEST, endpoint.id)
    assert await claim(database, timedelta(days=1)) == []
