"""Batches: nobody waits for company, and nobody suffers from it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.engine.batches import Batches


class Kitchen:
    """Doubles numbers, one batch after the other when told to, and keeps what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()

    async def double(self, numbers: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(numbers))
        await self.open.wait()
        if 13 in numbers:
            raise ValueError("thirteen")
        if 17 in numbers:
            raise OSError("seventeen")
        return [number * 2 for number in numbers]


async def test_what_comes_meanwhile_goes_together_in_its_order() -> None:
    kitchen = Kitchen()
    batches = Batches(kitchen.double, lanes=1, most=3)
    asked = [asyncio.create_task(batches.ask(number)) for number in range(6)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(batches.ask(number)) for number in range(6, 8)]
    await asyncio.sleep(0)
    kitchen.open.set()
    assert await asyncio.gather(*asked, *later) == [number * 2 for number in range(8)]
    assert [number for batch in kitchen.batches for number in batch] == list(range(8))
    assert max(len(batch) for batch in kitchen.batches) == 3


async def test_whoever_comes_when_nothing_is_under_way_goes_at_once() -> None:
    kitchen = Kitchen()
    kitchen.open.set()
    batches = Batches(kitchen.double)
    for number in range(3):
        assert await batches.ask(number) == number * 2
    assert kitchen.batches == [[0], [1], [2]]


async def test_only_so_many_batches_are_under_way() -> None:
    kitchen = Kitchen()
    batches = Batches(kitchen.double, lanes=2, most=1)
    asked = [asyncio.create_task(batches.ask(number)) for number in range(5)]
    await asyncio.sleep(0.01)
    assert kitchen.batches == [[0], [1]]
    kitchen.open.set()
    await asyncio.gather(*asked)


async def test_one_that_fails_in_company_fails_alone() -> None:
    kitchen = Kitchen()
    kitchen.open.set()
    batches = Batches(kitchen.double, lanes=1, divide=(ValueError,))
    results = await asyncio.gather(*(batches.ask(number) for number in (1, 13, 2)), return_exceptions=True)
    assert (results[0], results[2]) == (2, 4)
    assert isinstance(results[1], ValueError)


async def test_a_failure_of_the_whole_is_everybodys() -> None:
    kitchen = Kitchen()
    kitchen.open.set()
    batches = Batches(kitchen.double, lanes=1, divide=(ValueError,))
    results = await asyncio.gather(*(batches.ask(number) for number in (1, 17, 2)), return_exceptions=True)
    assert [type(result) for result in results] == [OSError] * 3
    assert len(kitchen.batches) == 1
    assert await batches.ask(4) == 8


async def test_who_stops_waiting_leaves_the_others_their_answers() -> None:
    kitchen = Kitchen()
    batches = Batches(kitchen.double, lanes=1)
    impatient, patient = (asyncio.create_task(batches.ask(number)) for number in (1, 2))
    await asyncio.sleep(0.01)
    impatient.cancel()
    kitchen.open.set()
    assert await patient == 4
    with pytest.raises(asyncio.CancelledError):
        await impatient
