"""kill -9 of a worker at every step of a submit that its payer refuses for the moment: filed once, and never forgotten.

Such a refusal uses up the control number. A payer that knows its numbers says of the same bytes, sent again, only that
it has seen them; whoever took that for a receipt would wait for ever for a decision on what nobody holds. Nor may it be
filed anew by itself: what the payer has seen and does not show may be on file. A person is called, and does that here.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from tests.durability.doomed import Point, doom
from tests.durability.rounds import ROUNDS, steps
from tests.durability.test_kill_at_every_step import ALONE, OF_THE_WORKER, SILENT, TEMPO
from tests.running.customer import Customer, open_customer
from tests.running.house import IDLE, open_house
from tests.running.payer import Payer, open_payer
from tests.running.processes import PATIENCE
from tests.running.requests import compose

# What is under way when it dies is under way to a payer that answers at once: the others cover that.
STEPS = steps(
    (step for step in OF_THE_WORKER if step is not Point.AFTER_SENDING),
    lambda step: step in (Point.AFTER_JOURNAL, Point.AFTER_REPLY, Point.AFTER_STORE),
)


@dataclass
class Busy:
    """Case ids by member, members by the step at which their worker died."""

    customer: Customer
    payer: Payer
    cases: dict[str, str]
    members: dict[Point, list[str]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Busy]:
    folder: Path = tmp_path_factory.mktemp("busy")
    with open_payer(folder / "payer.log", "--duplicates", "ta1") as payer, open_house(payer.url, TEMPO) as house:
        door = house.serve(**IDLE)
        async with open_customer(door.address(), house.key) as customer:
            after = Busy(customer, payer, {}, {step: [] for step in STEPS})
            for place, step in enumerate(STEPS):
                for number in range(ROUNDS):
                    member = f"SIMBUSY{place}{number:03}"
                    after.cases[member] = await customer.submit(compose(member))
                    after.members[step].append(member)
                    doomed = house.work(first=partial(doom, step, member), **ALONE)
                    doomed.join()
                    assert doomed.exit_code == -signal.SIGKILL
            healthy = house.work()
            for member, case_id in after.cases.items():
                await _see_through(customer, member, case_id)
            assert healthy.stop() == 0
            yield after


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("step", STEPS)
async def test_a_request_refused_for_the_moment_is_filed_once_in_spite_of_kill_9_when(busy: Busy, step: Point) -> None:
    filings = await busy.payer.filings()
    assert {member: filings[member] for member in busy.members[step]} == dict.fromkeys(busy.members[step], 1)
    for member in busy.members[step]:
        trail = await busy.customer.trail(busy.cases[member])
        assert "received" not in trail, trail
        # Up to the refusal: the next sending may be under way in a worker that dies over a later request.
        refused = trail.index("queued", 1)
        assert ("uncertain" in trail[:refused]) == (step in SILENT), trail


async def _see_through(customer: Customer, member: str, case_id: str) -> None:
    """Wait for the approval. What the operator is told to cancel is cancelled and handed in anew."""
    deadline = time.monotonic() + PATIENCE
    while (case := await customer.case(case_id))["status"] != "approved":
        assert time.monotonic() < deadline, case
        if "submit it anew" in str(case["attention"]["why"]):
            answer = await customer.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "Filed anew."})
            assert answer.status == 202, answer.body
            await customer.until(case_id, "cancelled")
            case_id = await customer.submit(compose(member))
        await asyncio.sleep(0.1)
