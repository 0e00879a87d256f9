"""Clocks that are wrong, and clocks that are set while a call is open: nothing is called lost that is not, and nothing
is filed twice."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.store.clock import Clock
from tests.durability.test_two_workers import Door
from tests.running.customer import open_customer
from tests.running.house import IDLE, open_house
from tests.running.payer import open_payer
from tests.running.requests import compose

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEMPO = {"deadline_seconds": "20", "settle_seconds": "5", "reconcile": "[0.5, 1, 2, 3]"}
HELD_OPEN = 4


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    log = tmp_path_factory.mktemp("clocks") / "payer.log"
    with open_payer(log) as payer, open_house(payer.url, TEMPO) as house:
        gateway = house.serve(**IDLE)
        async with open_customer(gateway.address(), house.key) as customer:
            yield Door(house, payer, customer)


def go_ahead(seconds: float) -> None:
    """Set this process's own clock ahead, wherever the gateway may look at it."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=seconds)

    for name, module in list(sys.modules.items()):
        if name.startswith("gateway.") and getattr(module, "datetime", None) is datetime:
            module.datetime = Ahead  # type: ignore[attr-defined]


def leap(hours: float, once: Path) -> None:
    """Set the time of this process's leases and timers ahead as soon as the file is there."""
    real = Clock.now

    def now(self: Clock) -> datetime:
        return real(self) + timedelta(hours=hours if once.exists() else 0)

    Clock.now = now  # type: ignore[method-assign]


async def test_a_worker_whose_clock_is_ahead_takes_no_call_of_others_for_lost(door: Door) -> None:
    members = [f"SIMAPPROVE8{number:03}" for number in range(6)]
    workers = [door.house.work(), door.house.work(first=partial(go_ahead, 90.0))]
    for worker in workers:
        worker.until("working")
    await door.payer.order("slow", verb="request", seconds=HELD_OPEN, count=len(members))
    cases = [await door.customer.submit(compose(member)) for member in members]
    for case_id in cases:
        await door.customer.until(case_id, "approved")
        assert await door.customer.trail(case_id) == ["queued", "submitting", "approved"]
    assert await door.filed(members) == [1] * len(members)
    for worker in workers:
        assert worker.stop() == 0


async def test_a_process_whose_time_leaps_while_a_call_is_open_does_not_call_it_lost(
    door: Door, tmp_path: Path
) -> None:
    members = [f"SIMAPPROVE9{number:03}" for number in range(4)]
    flag = tmp_path / "leap"
    worker = door.house.work(first=partial(leap, 1, flag))
    worker.until("working")
    await door.payer.order("slow", verb="request", seconds=HELD_OPEN, count=len(members))
    cases = [await door.customer.submit(compose(member)) for member in members]
    for member in members:
        await door.payer.until_filed(member)
    flag.touch()
    for case_id in cases:
        await door.customer.until(case_id, "approved")
        assert await door.customer.trail(case_id) == ["queued", "submitting", "approved"]
    assert await door.filed(members) == [1] * len(members)
    assert worker.stop() == 0
