"""The time that workers share: the database's, carried on by seconds that only grow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from gateway.store.clock import Clock
from gateway.store.database import Database
from gateway.store.master_key import MasterKey

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


class Telling:
    """A database that tells this time, after so many seconds of the process's own."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.time = NOON
        self.takes = 0.0

    async def fetchval(self, _statement: str) -> datetime:
        self.seconds += self.takes
        return self.time


async def test_the_time_is_the_databases_and_goes_on_with_our_seconds() -> None:
    telling = Telling()
    clock = Clock(lambda: telling.seconds)
    await clock.read(telling)  # type: ignore[arg-type]
    assert clock.now() == NOON
    telling.seconds += 90
    assert clock.now() == NOON + timedelta(seconds=90)


async def test_a_new_reading_replaces_the_old_one() -> None:
    telling = Telling()
    clock = Clock(lambda: telling.seconds)
    await clock.read(telling)  # type: ignore[arg-type]
    telling.time, telling.takes = NOON + timedelta(seconds=30), 0.5
    await clock.read(telling)  # type: ignore[arg-type]
    assert clock.now() == NOON + timedelta(seconds=30.25), "told between question and answer"


async def test_a_reading_that_took_long_changes_nothing() -> None:
    telling = Telling()
    clock = Clock(lambda: telling.seconds)
    await clock.read(telling)  # type: ignore[arg-type]
    telling.time, telling.takes = NOON + timedelta(hours=1), 1.5
    await clock.read(telling)  # type: ignore[arg-type]
    assert clock.now() == NOON + timedelta(seconds=1.5)


def test_nobody_is_told_a_time_that_was_not_read() -> None:
    with pytest.raises(RuntimeError):
        Clock().now()


async def test_an_open_database_knows_its_servers_time(database_url: str) -> None:
    database = await Database.open(database_url, MasterKey(bytes(32)))
    connection = await asyncpg.connect(database_url)
    try:
        theirs = await connection.fetchval("SELECT clock_timestamp()")
        assert abs(database.now() - theirs) < timedelta(seconds=1)
        assert database.now().utcoffset() == timedelta(0)
    finally:
        await connection.close()
        await database.close()
