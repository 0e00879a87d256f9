"""kill -9 of a worker between the frames of one inquiry that fetches a batch's answer: asked again, and filed once.

What is confirmed may be gone: only what was fetched, and recorded as the answer, is confirmed. What was not recorded
was not confirmed, and is there to be fetched again.
"""

from __future__ import annotations

import re
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from conformance.simulators.batch import RESULTS_AFTER
from tests.durability.doomed import Point, doom, hurry
from tests.durability.rounds import ROUNDS, WHOLE
from tests.durability.test_kill_at_every_step import ALONE, TEMPO
from tests.running.customer import Customer, open_customer
from tests.running.house import IDLE, open_house
from tests.running.payer import Payer, open_payer
from tests.running.requests import compose

GONE = "the receipt is confirmed, and the payer has no file any more"
STEPS = {
    # First: no earlier case is there that would be asked about meanwhile, and meet the loss that is meant for this one.
    GONE: (Point.AFTER_LOSS, 2, 1),
    "the results are heard and not journaled": (Point.AFTER_REPLY, 1, 1),
    "the results are recorded and their receipt is not confirmed": (Point.AFTER_JOURNAL, 2, 0),
    "the receipt is confirmed and that is not recorded": (Point.AFTER_REPLY, 2, 1),
}
"""Where the worker dies, how many frames of the inquiry went before, and how often the payer hears the confirmation."""
if not WHOLE:
    del STEPS["the results are heard and not journaled"]


QUICK = TEMPO | {"first_seconds": "0.5", "factor": "1"}


@dataclass
class Fetched:
    """Case ids by step."""

    customer: Customer
    payer: Payer
    cases: dict[str, dict[str, str]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fetched(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fetched]:
    folder: Path = tmp_path_factory.mktemp("batches")
    with open_payer(folder / "payer.log") as payer, open_house(payer.url, QUICK) as house:
        door = house.serve(**IDLE)
        async with open_customer(door.address(), house.key) as customer:
            after = Fetched(customer, payer, {})
            for place, (step, (point, later, _)) in enumerate(STEPS.items()):
                after.cases[step] = {}
                for number in range(max(1, ROUNDS // 2)):
                    member = f"SIMAPPROVE{place}{number:03}"
                    after.cases[step][member] = await customer.submit(compose(member, payer="goldenrod_health"))
                    if step == GONE:
                        await payer.order("confirmed_gone", payer="goldenrod_health", verb="confirmation", count=1)
                    doomed = house.work(first=partial(doom, point, member, "inquire", later=later), **ALONE)
                    await payer.until_filed(member)
                    await payer.advance(RESULTS_AFTER)
                    doomed.join()
                    assert doomed.exit_code == -signal.SIGKILL
            healthy = house.work(first=hurry)
            healthy.until("working")  # most is recorded already: nothing else waits for it
            for cases in after.cases.values():
                for case_id in cases.values():
                    await customer.until(case_id, "approved")
            assert healthy.stop() == 0
            yield after


@pytest.mark.proves("BA-06", "BA-07")
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("step", STEPS)
async def test_a_batch_is_filed_once_and_its_answer_heard_in_spite_of_kill_9_when(fetched: Fetched, step: str) -> None:
    filings, exchanges = await fetched.payer.filings(), await fetched.payer.exchanges()
    confirmations = b"".join(each["received"] for each in exchanges if each["verb"] == "confirmation")
    for member, case_id in fetched.cases[step].items():
        assert filings[member] == 1
        trail = await fetched.customer.trail(case_id)
        assert trail[-1] == "approved"
        assert "uncertain" not in trail
        case = await fetched.customer.case(case_id)
        assert case["attention"]["who"] == "none"
        assert case["lines"][0]["authorization_number"]
        [filed] = await fetched.customer.entries(case_id, "frame", "submit")
        name = re.search(rb"<PayloadID>(.+?)</PayloadID>", await fetched.customer.raw(case_id, filed["n"]))
        assert name is not None
        assert confirmations.count(name[0]) == STEPS[step][2]
