"""kill -9 of a worker at every page of a filing over a web site: one filing each, and nobody is asked without need.

Here at the pages about the filing; by `make proof` at each, 20 times.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.engine.worker import Worker
from tests.durability import paging
from tests.durability.doomed import Point, doom
from tests.durability.rounds import ROUNDS, steps
from tests.running.customer import Customer, open_customer
from tests.running.house import IDLE, open_house
from tests.running.requests import compose

EFFECT = 2
"""How many frames go before that which files."""
STEPS = [
    *steps(
        ((point, later) for later in range(4) for point in (Point.AFTER_JOURNAL, Point.AFTER_REPLY)),
        lambda step: step[1] == EFFECT or step == (Point.AFTER_REPLY, EFFECT - 1),
    ),
    (Point.UNJOURNALED, 1),
    (Point.REPLY_READ, 3),
]
ALONE = {"GATEWAY_HEARTBEAT_SECONDS": "600"}


@dataclass
class Aftermath:
    customer: Customer
    site: paging.Site
    deaths: dict[tuple[Point, int], list[tuple[str, str, int]]] = field(default_factory=dict)
    """Member, case and exit code of each."""


async def _nothing(_worker: Worker) -> int:
    """A process that is to die takes up nothing of what others left."""
    return 0


def die(plugins: Path, point: Point, member: str, later: int) -> None:
    paging.plug_in(plugins)
    Worker.ring = _nothing  # type: ignore[method-assign]
    doom(point, member, later=later)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Aftermath]:
    """Every worker has died at its step; then a healthy one took over and every case was waited for."""
    plugins = tmp_path_factory.mktemp("plugins")
    paging.install(plugins)
    async with paging.open_site() as site:
        with open_house("http://127.0.0.1:9") as house:
            paging.add_profiles(house.folder / "mappings", site.url, "after_settle")
            door = house.serve(first=partial(paging.plug_in, plugins), **IDLE)
            async with open_customer(door.address(), house.key) as customer:
                after, numbers = Aftermath(customer, site), count(1)
                for point, later in STEPS:
                    after.deaths[point, later] = []
                    for _ in range(ROUNDS):
                        member = f"PAGES{next(numbers):04}"
                        case_id = await customer.submit(compose(member, payer=paging.PAYER))
                        worker = house.work(first=partial(die, plugins, point, member, later), **ALONE)
                        code = await asyncio.to_thread(worker.join)  # the site answers in this loop
                        after.deaths[point, later].append((member, case_id, code))
                healthy = house.work(first=partial(paging.plug_in, plugins))
                for member, case_id, _ in (one for deaths in after.deaths.values() for one in deaths):
                    case = await customer.until(case_id, "received")
                    assert [one["value"] for one in case["references"]] == [f"REF-{member}"]
                assert await asyncio.to_thread(healthy.stop) == 0
                yield after


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("point", "later"), STEPS)
async def test_a_filing_over_pages_survives_kill_9(aftermath: Aftermath, point: Point, later: int) -> None:
    for member, case_id, exit_code in aftermath.deaths[point, later]:
        assert exit_code == -signal.SIGKILL
        assert aftermath.site.filed[member] == 1
        attempts = (await aftermath.customer.case(case_id))["submissions"][0]["attempts"]
        assert sum(attempt["verb"] == "submit" for attempt in attempts) == 1
        asked = any(attempt["verb"] == "inquire" for attempt in attempts)
        assert asked is (later >= EFFECT), "who died before it could have filed anything asks nobody"
        assert ("uncertain" in await aftermath.customer.trail(case_id)) is (later >= EFFECT)
