"""The event feed: complete up to every cursor, whoever commits late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from gateway.contract.destination import Mode
from gateway.store.acceptance import accept
from gateway.store.cursors import BadCursor
from gateway.store.database import Database
from gateway.store.events import read_case_events, read_events
from gateway.store.records import NewEvent, Step
from tests.unit.store_cases import TENANT, do, new_request, opened, take


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


async def test_a_reader_never_skips_an_event_that_commits_late(database: Database) -> None:
    late, early = new_request(), new_request()
    async with database.transaction() as slow:
        await accept(database, slow, late)
        async with database.transaction() as quick:
            await accept(database, quick, early)
        page = await read_events(database, TENANT, Mode.TEST)
        assert page.events == ()
    page = await read_events(database, TENANT, Mode.TEST, after=page.cursor)
    assert [event.case_id for event in page.events] == [late.id, early.id]


async def test_a_reader_following_many_writers_sees_every_event_once(database: Database) -> None:
    async def work(place: int) -> None:
        for _ in range(5):
            async with database.transaction() as connection:
                await accept(database, connection, new_request())
                await asyncio.sleep(0.002 * (place % 4))

    writers = [asyncio.create_task(work(place)) for place in range(8)]
    seen: list[UUID] = []
    cursor = None
    while True:
        done = all(writer.done() for writer in writers)
        page = await read_events(database, TENANT, Mode.TEST, after=cursor, limit=3)
        seen.extend(event.id for event in page.events)
        cursor = page.cursor
        if done and not page.events:
            break
    assert len(seen) == len(set(seen)) == 40
    whole = await read_events(database, TENANT, Mode.TEST)
    assert [event.id for event in whole.events] == seen


async def test_events_of_one_step_keep_their_order(database: Database) -> None:
    case_id = await take(database)
    types = [f"case.step_{number}" for number in range(20)]
    await do(database, Step(case_id, events=tuple(NewEvent(name, {"n": name}) for name in types)))
    page = await read_events(database, TENANT, Mode.TEST)
    assert [event.type for event in page.events] == ["case.queued", *types]
    assert page.events[3].data == {"n": "case.step_2"}
    assert await read_case_events(database, TENANT, Mode.TEST, case_id) != ()


async def test_a_reader_may_ask_for_types_and_go_page_by_page(database: Database) -> None:
    case_id = await take(database)
    await do(database, Step(case_id, events=(NewEvent("case.pended", {}), NewEvent("case.approved", {}))))
    await take(database)
    first = await read_events(database, TENANT, Mode.TEST, types=["case.queued", "case.approved"], limit=2)
    assert [event.type for event in first.events] == ["case.queued", "case.approved"]
    second = await read_events(database, TENANT, Mode.TEST, after=first.cursor, types=["case.queued"], limit=2)
    assert [event.type for event in second.events] == ["case.queued"]
    end = await read_events(database, TENANT, Mode.TEST, after=second.cursor)
    assert (end.events, end.cursor) == ((), second.cursor)


async def test_tenants_and_modes_have_feeds_of_their_own(database: Database) -> None:
    mine = await take(database)
    live = await take(database, mode=Mode.LIVE)
    theirs = await take(database, tenant="clinic-two")
    for tenant, mode, case_id in [
        (TENANT, Mode.TEST, mine),
        (TENANT, Mode.LIVE, live),
        ("clinic-two", Mode.TEST, theirs),
    ]:
        page = await read_events(database, tenant, mode)
        assert [event.case_id for event in page.events] == [case_id]
    assert await read_case_events(database, "clinic-two", Mode.TEST, mine) == ()
    assert await read_case_events(database, TENANT, Mode.LIVE, mine) == ()


async def test_a_cursor_of_another_feed_or_of_nobodys_is_refused(database: Database) -> None:
    await take(database)
    page = await read_events(database, TENANT, Mode.TEST)
    assert page.cursor is not None
    await take(database, tenant="clinic-two")
    for tenant, mode in [("clinic-two", Mode.TEST), (TENANT, Mode.LIVE)]:
        with pytest.raises(BadCursor):
            await read_events(database, tenant, mode, after=page.cursor)
    for wrong in ["", "x", "é", page.cursor[:-2], page.cursor + "AAAA", "A" * len(page.cursor)]:
        with pytest.raises(BadCursor):
            await read_events(database, TENANT, Mode.TEST, after=wrong)
