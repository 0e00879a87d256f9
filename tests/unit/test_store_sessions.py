"""Sessions at payers' sites: kept sealed, and one process at a time signs in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from gateway.engine.portals import StoreVault
from gateway.store.database import Database
from gateway.transport.browser.vault import Session
from tests.unit.store_cases import opened

MADE = datetime(2026, 3, 1, tzinfo=UTC)
COOKIE = {"cookies": [{"name": "sid", "value": "CANARY-cookie"}], "origins": []}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as store:
        yield store


async def test_a_session_comes_back_as_it_was_kept_and_is_sealed(database: Database) -> None:
    vault = StoreVault(database)
    assert await vault.load("site") is None
    await vault.save("site", Session(COOKIE, MADE, 58_000_001))
    assert await vault.load("site") == Session(COOKIE, MADE, 58_000_001)
    assert await vault.load("other") is None
    row = await database.fetchrow("SELECT * FROM site_sessions")
    assert row is not None
    assert b"CANARY" not in row["state"]
    assert "CANARY" not in repr(await vault.load("site"))


async def test_a_code_that_was_used_stays_used(database: Database) -> None:
    vault = StoreVault(database)
    await vault.save("site", Session(COOKIE, MADE, 7))
    await vault.save("site", Session({"cookies": []}, MADE, 5))
    held = await vault.load("site")
    assert held is not None
    assert (held.state, held.last_code) == ({"cookies": []}, 7)
    await vault.forget("site")
    held = await vault.load("site")
    assert held is not None
    assert (held.state, held.last_code) == ({}, 7)


async def test_a_session_moved_to_another_connection_is_none(database: Database) -> None:
    vault = StoreVault(database)
    await vault.save("site", Session(COOKIE, MADE))
    await database.fetch("UPDATE site_sessions SET connection = 'other'")
    assert await vault.load("other") is None


async def test_one_at_a_time_signs_in_over_a_connection_whatever_the_process(
    database: Database, database_url: str
) -> None:
    order: list[str] = []
    entered, leave = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with StoreVault(database).sign_in("site"):
            order.append("first in")
            entered.set()
            await leave.wait()
            order.append("first out")

    async def second(other: Database) -> None:
        await entered.wait()
        async with StoreVault(other).sign_in("site"):
            order.append("second in")

    async with opened(database_url) as other, asyncio.TaskGroup() as group:
        group.create_task(first())
        waiting = group.create_task(second(other))
        await entered.wait()
        async with asyncio.timeout(20), StoreVault(other).sign_in("elsewhere"):
            order.append("elsewhere in")
        await asyncio.sleep(0.2)
        assert not waiting.done()
        leave.set()
    assert order == ["first in", "elsewhere in", "first out", "second in"]


async def test_who_gives_up_waiting_or_fails_holds_nothing(database: Database) -> None:
    vault = StoreVault(database)
    with pytest.raises(LookupError):
        async with vault.sign_in("site"):
            raise LookupError
    async with vault.sign_in("site"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3), vault.sign_in("site"):
                raise AssertionError("it is held")
    async with asyncio.timeout(20), vault.sign_in("site"):
        pass
