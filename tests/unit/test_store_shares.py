"""Who gets how much when deliveries are claimed: fairly, and little for endpoints that fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gateway.contract.destination import Mode
from gateway.store.database import Database
from gateway.store.deliveries import (
    Allowance,
    Outgoing,
    claim_due_deliveries,
    list_deliveries,
    resend_events,
)
from gateway.store.webhooks import (
    Bearing,
    Endpoint,
    Seen,
    add_endpoint,
    change_endpoint,
    find_late_endpoints,
    note_bearings,
)
from tests.unit.store_cases import TENANT, opened, take

ROOM = Allowance(limit=12, doubtful=6, many=4, few=2)
AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


async def endpoint(database: Database, tenant: str = TENANT, bearing: Bearing | None = None) -> Endpoint:
    """One to which ten deliveries are due."""
    made = await add_endpoint(database, tenant, Mode.TEST, "https://receiver.example/", ["case.approved"], "whsec_x")
    await take(database, tenant=tenant)
    for _ in range(10):
        await resend_events(database, tenant, Mode.TEST, made.id, since=AGO, limit=1)
    if bearing is not None:
        await bear(database, made, bearing)
    return made


async def bear(
    database: Database, made: Endpoint, bearing: Bearing, silences: int = 0, rests_until: datetime | None = None
) -> None:
    silences = max(silences, bearing is Bearing.SILENT)
    await note_bearings(database, [Seen(made.id, made.updated_at, bearing, silences, rests_until)])


async def claim(database: Database, room: Allowance = ROOM, after: timedelta = timedelta()) -> Sequence[Outgoing]:
    return await claim_due_deliveries(database, room, now=database.now() + after)


def count(found: Sequence[Outgoing]) -> dict[UUID, int]:
    return dict(Counter(letter.endpoint_id for letter in found))


@pytest.mark.parametrize(("bearing", "share"), [(Bearing.GOOD, 4), (None, 2), (Bearing.POOR, 2), (Bearing.SILENT, 1)])
async def test_an_endpoint_gets_as_much_at_a_time_as_it_bore_itself(
    database: Database, bearing: Bearing | None, share: int
) -> None:
    made = await endpoint(database, bearing=bearing)
    assert count(await claim(database)) == {made.id: share}
    assert count(await claim(database, replace(ROOM, held={made.id: share}))) == {}
    assert count(await claim(database, replace(ROOM, held={made.id: share - 1}))) == {made.id: 1}


async def test_a_good_endpoint_that_is_slow_now_gets_as_little_as_any_other(database: Database) -> None:
    made = await endpoint(database, bearing=Bearing.GOOD)
    assert count(await claim(database, replace(ROOM, held={made.id: 1}, slow=[made.id]))) == {made.id: 1}
    assert count(await claim(database, replace(ROOM, held={made.id: 2}, slow=[made.id]))) == {}


async def test_endpoints_that_are_not_known_to_be_good_get_a_part_of_the_room(database: Database) -> None:
    doubtful = [await endpoint(database) for _ in range(5)]
    good = await endpoint(database, bearing=Bearing.GOOD)
    found = count(await claim(database))
    assert found[good.id] == ROOM.many
    assert sum(found.get(made.id, 0) for made in doubtful) == ROOM.doubtful
    assert set(count(await claim(database, replace(ROOM, doubtful=0)))) == {good.id}


@pytest.mark.parametrize("bearing", [Bearing.GOOD, None])
async def test_tenants_take_turns_however_much_one_of_them_has(database: Database, bearing: Bearing | None) -> None:
    for _ in range(6):
        await endpoint(database, bearing=bearing)
    late_comer = await endpoint(database, "clinic-two", bearing)
    found = count(await claim(database, replace(ROOM, limit=4, doubtful=4)))
    assert found[late_comer.id] == 2
    assert sum(found.values()) == 4


async def test_what_is_due_longest_goes_first(database: Database) -> None:
    await endpoint(database, bearing=Bearing.GOOD)
    rows = await database.fetch("SELECT id FROM webhook_deliveries ORDER BY due_at LIMIT 4")
    assert {letter.id for letter in await claim(database)} == {row["id"] for row in rows}


async def test_an_endpoint_that_rests_gets_nothing_until_then_and_its_deliveries_say_so(database: Database) -> None:
    made = await endpoint(database)
    until = database.now() + timedelta(minutes=5)
    await bear(database, made, Bearing.SILENT, 2, until)
    assert count(await claim(database)) == {}
    page = await list_deliveries(database, TENANT, Mode.TEST, made.id)
    assert {delivery.due_at for delivery in page.deliveries} == {until}
    assert count(await claim(database, after=timedelta(minutes=6))) == {made.id: 1}


@pytest.mark.parametrize("act", ["moved", "enabled", "answers", "resend"])
async def test_a_rest_ends_when_there_is_reason_to_think_that_it_works(database: Database, act: str) -> None:
    made = await endpoint(database)
    await bear(database, made, Bearing.SILENT, 9, database.now() + timedelta(minutes=5))
    match act:
        case "moved":
            await change_endpoint(database, TENANT, Mode.TEST, made.id, url="https://new.example/")
        case "enabled":
            await change_endpoint(database, TENANT, Mode.TEST, made.id, enabled=True)
        case "answers":
            await bear(database, made, Bearing.GOOD)
        case "resend":
            await resend_events(database, TENANT, Mode.TEST, made.id, since=AGO, limit=1)
    assert set(count(await claim(database))) == {made.id}


async def test_silences_that_began_together_are_one(database: Database) -> None:
    made = await endpoint(database)
    await bear(database, made, Bearing.SILENT, 3, database.now() + timedelta(minutes=5))
    await bear(database, made, Bearing.SILENT, 1)
    [row] = await database.fetch("SELECT silences, rests_until IS NOT NULL AS rests FROM webhook_endpoints")
    assert tuple(row) == (3, True)


async def test_only_endpoints_that_are_not_at_fault_are_late(database: Database) -> None:
    good, unknown = await endpoint(database, bearing=Bearing.GOOD), await endpoint(database)
    for bearing in (Bearing.POOR, Bearing.SILENT):
        await endpoint(database, bearing=bearing)
    disabled = await endpoint(database)
    await change_endpoint(database, TENANT, Mode.TEST, disabled.id, enabled=False)
    assert await find_late_endpoints(database, AGO) == frozenset()
    assert await find_late_endpoints(database, database.now()) == {good.id, unknown.id}
