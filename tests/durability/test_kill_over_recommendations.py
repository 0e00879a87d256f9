"""kill -9 between a delegate's recommendation and the filing at its payer: the payer is asked, and asked once."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import pytest

from tests.durability.doomed import Point, doom
from tests.durability.test_kill_at_every_step import ALONE, TEMPO
from tests.promises.delegating import write_payers
from tests.promises.test_recommendations import DELEGATE, PAYERS
from tests.running.customer import open_customer
from tests.running.house import IDLE, open_house
from tests.running.payer import open_payer
from tests.running.requests import EVERGREEN, compose

STEPS = (
    (Point.REPLY_READ, None),  # what the delegate said is read, and neither it nor what follows from it is written
    (Point.AFTER_STORE, None),  # both are, and nothing that follows has begun
    (Point.AFTER_JOURNAL, 2),
    (Point.AFTER_REPLY, 2),
)
"""Where a worker dies, and over which submission of its case: its first filing, where none is told."""


@pytest.mark.asyncio
async def test_a_recommendation_is_brought_to_the_payer_once_in_spite_of_kill_9(tmp_path: Path) -> None:
    with open_payer(tmp_path / "payer.log") as payer, open_house(payer.url, TEMPO) as house:
        write_payers(house.folder / "mappings", PAYERS)
        door = house.serve(**IDLE)
        async with open_customer(door.address(), house.key) as customer:
            cases: list[tuple[str, list[str]]] = []
            for number, (point, place) in enumerate(STEPS):
                request = compose(f"SIMAPPROVE1{number:03}")
                asked = request["coverages"][0]
                request["coverages"].append({**asked, "payer": DELEGATE, "member_id": f"SIMAPPROVE2{number:03}"})
                case_id = await customer.submit(request)
                cases.append((case_id, [each["member_id"] for each in request["coverages"]]))
                worker = house.work(first=partial(doom, point, asked["member_id"], place=place), **ALONE)
                worker.join()
                assert worker.exit_code == -signal.SIGKILL
            healthy = house.work()
            for case_id, members in cases:
                case = await customer.until(case_id, "approved")
                told = {one["payer"]: one["status"] for one in case["submissions"]}
                assert told == {DELEGATE: "recommended", EVERGREEN: "approved"}
                filings = await payer.filings()
                assert [filings[member] for member in members] == [1, 1]
                notes = [entry["meta"].get("note") for entry in await customer.entries(case_id, "note")]
                assert notes.count("confirming") == 1
            assert healthy.stop() == 0
        for case_id, _ in cases:
            explained = house.command("explain", case_id)
            assert explained.join() == 0, explained.said()
