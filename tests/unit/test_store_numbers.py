"""Control numbers: no two alike, over processes, tasks and restarts."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from gateway.store.database import Database
from gateway.store.numbers import LAST, ControlNumbers
from tests.unit.store_cases import connected, opened

_TAKER = """
import asyncio, sys
from gateway.store.numbers import ControlNumbers
from tests.unit.store_cases import opened

async def main() -> None:
    async with opened(sys.argv[1]) as database:
        numbers = ControlNumbers(database)
        taken = await asyncio.gather(*(numbers.take("SENDER", "RECEIVER") for _ in range(320)))
    print(*taken)

asyncio.run(main())
"""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as opened_store:
        yield opened_store


@pytest.mark.proves("EN-06", "EN-11")
def test_eight_processes_take_no_number_twice(database_url: str) -> None:
    command = [sys.executable, "-c", _TAKER, database_url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    taken = [int(word) for process in processes for word in process.communicate()[0].split()]
    assert [process.returncode for process in processes] == [0] * 8
    assert len(taken) == len(set(taken)) == 8 * 320
    assert min(taken) == 1
    assert max(taken) <= 8 * 350


async def test_each_pair_counts_for_itself(database: Database) -> None:
    numbers = ControlNumbers(database)
    assert [await numbers.take("A", "B") for _ in range(3)] == [1, 2, 3]
    assert await numbers.take("B", "A") == 1
    assert await numbers.take("A", "C") == 1
    assert await numbers.take("A", "B") == 4


@pytest.mark.proves("EN-06", "EN-11")
async def test_after_a_restart_numbers_go_on_above(database: Database) -> None:
    before = [await ControlNumbers(database, block=5).take("A", "B") for _ in range(3)]
    assert before == [1, 6, 11]


async def test_a_block_that_would_reach_over_the_end_begins_at_one(database: Database, database_url: str) -> None:
    numbers = ControlNumbers(database, block=10)
    await numbers.take("A", "B")
    async with connected(database_url) as connection:
        await connection.execute("UPDATE control_numbers SET next = $1", LAST - 19)
    restarted = ControlNumbers(database, block=10)
    assert [await restarted.take("A", "B") for _ in range(20)] == list(range(LAST - 19, LAST + 1))
    assert [await restarted.take("A", "B") for _ in range(2)] == [1, 2]
    async with connected(database_url) as connection:
        await connection.execute("UPDATE control_numbers SET next = $1", LAST - 8)
    assert await ControlNumbers(database, block=10).take("A", "B") == 1


async def test_a_number_is_used_up_even_if_its_transaction_is_not_committed(database_url: str) -> None:
    async with opened(database_url, size=1) as database:
        numbers = ControlNumbers(database, block=1)

        async def take_and_break() -> None:
            async with asyncio.timeout(10), database.transaction():
                assert await numbers.take("A", "B") == 1  # and finds a connection though the pool has no other
                raise LookupError

        with pytest.raises(LookupError):
            await take_and_break()
        assert await numbers.take("A", "B") == 2


async def test_a_number_at_hand_is_taken_without_the_database_while_there_is_one(database: Database) -> None:
    numbers = ControlNumbers(database, block=3)
    assert numbers.take_held("SENDER", "RECEIVER") is None
    taken: list[int | None] = [await numbers.take("SENDER", "RECEIVER")]
    taken += [numbers.take_held("SENDER", "RECEIVER") for _ in range(3)]
    assert taken == [1, 2, 3, None]
    assert await numbers.take("SENDER", "RECEIVER") == 4
