"""Several workers on one database: nothing is handled twice, and what a dead or stalled one left is taken over."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from tests.durability.doomed import Point, doom, hurry
from tests.running.customer import open_customer, open_receiver, subscribe
from tests.running.house import IDLE, open_house
from tests.running.payer import open_payer
from tests.running.processes import PATIENCE
from tests.running.requests import BLUESTEM, EVERGREEN, compose


async def test_two_workers_handle_no_request_twice(tmp_path: Path) -> None:
    members = [f"SIMAPPROVE{number:04}" for number in range(80)]
    with open_payer(tmp_path / "payer.log", "--latency", "0,0.02,0.1") as payer, open_house(payer.url) as house:
        gateway = house.serve(**IDLE)
        workers = [house.work(), house.work()]
        async with open_customer(gateway.address(), house.key) as customer, open_receiver() as receiver:
            await subscribe(customer, receiver)
            for worker in workers:
                worker.until("working")
            payers = (EVERGREEN, BLUESTEM)
            cases = await asyncio.gather(
                *(customer.submit(compose(member, payer=payers[place % 2])) for place, member in enumerate(members))
            )
            events: set[str] = set()
            for case_id in cases:
                await customer.until(case_id, "approved")
                assert await customer.trail(case_id) == ["queued", "submitting", "approved"]
                assert len(await customer.entries(case_id, "frame", "submit")) == 1
                assert len(await customer.entries(case_id, "reply")) == 1
                told = (await customer.get(f"/v1/requests/{case_id}/events"))["data"]
                events |= {event["id"] for event in told}
            assert await payer.filings() == dict.fromkeys(members, 1)
            assert len(await payer.exchanges()) == len(members)
            await receiver.until_taken(events)
            assert set(receiver.taken.values()) == {1}
        for worker in workers:
            assert '"webhook_tried"' in worker.said(), "one worker did all the work"
            assert worker.stop() == 0


async def test_the_jobs_of_a_killed_worker_are_taken_over(tmp_path: Path) -> None:
    members = [f"SIMAPPROVE{number:04}" for number in range(20)]
    tempo = {"deadline_seconds": "3", "settle_seconds": "1", "reconcile": "[0.5, 1, 1, 2]"}
    with open_payer(tmp_path / "payer.log") as payer, open_house(payer.url, tempo) as house:
        gateway = house.serve(**IDLE)
        async with open_customer(gateway.address(), house.key) as customer:
            await payer.order("slow", verb="request", seconds=60, count=len(members))
            cases = [await customer.submit(compose(member)) for member in members]
            first = house.work(first=hurry)
            await payer.until_filed(members[-1])
            first.kill()
            second = house.work(first=hurry)
            for case_id in cases:
                await customer.until(case_id, "approved")
                assert len(await customer.entries(case_id, "frame", "submit")) == 1
            assert await payer.filings() == dict.fromkeys(members, 1)
            assert second.stop() == 0


async def test_a_stalled_worker_that_comes_back_sends_nothing_that_others_have_sent(tmp_path: Path) -> None:
    """A process that stands still (a suspended machine, a full disk) between journal and network is taken for dead;
    when it goes on, its case has long been filed by another."""
    tempo = {"deadline_seconds": "2", "settle_seconds": "1", "reconcile": "[0.5, 1, 1, 2]"}
    with open_payer(tmp_path / "payer.log") as payer, open_house(payer.url, tempo) as house:
        gateway = house.serve(**IDLE)
        async with open_customer(gateway.address(), house.key) as customer:
            stalled = house.work(
                first=partial(doom, Point.AFTER_JOURNAL, "SIMAPPROVE1", number=signal.SIGSTOP),
                GATEWAY_HEARTBEAT_SECONDS="600",
            )
            case_id = await customer.submit(compose("SIMAPPROVE1"))
            await _wait(lambda: _stands_still(stalled.pid))
            healthy = house.work(first=hurry)
            await customer.until(case_id, "approved")
            assert (await payer.filings())["SIMAPPROVE1"] == 1
            stalled.signal(signal.SIGCONT)
            # It is awake when it does something else again.
            other = await customer.submit(compose("SIMAPPROVE2"))
            await customer.until(other, "approved")
            await asyncio.sleep(3)
            assert stalled.stop() == 0
            assert await payer.filings() == {"SIMAPPROVE1": 1, "SIMAPPROVE2": 1}
            assert (await customer.case(case_id))["status"] == "approved"
            assert healthy.stop() == 0


async def test_a_reply_that_a_stalled_worker_heard_still_counts(tmp_path: Path) -> None:
    """Stalled with the reply in its hands and taken for dead: what it heard is kept, and contradicts nothing."""
    tempo = {"deadline_seconds": "2", "settle_seconds": "1", "reconcile": "[0.5, 1, 1, 2]"}
    with open_payer(tmp_path / "payer.log") as payer, open_house(payer.url, tempo) as house:
        gateway = house.serve(**IDLE)
        async with open_customer(gateway.address(), house.key) as customer:
            stalled = house.work(
                first=partial(doom, Point.AFTER_REPLY, "SIMAPPROVE1", number=signal.SIGSTOP),
                GATEWAY_HEARTBEAT_SECONDS="600",
            )
            case_id = await customer.submit(compose("SIMAPPROVE1"))
            await _wait(lambda: _stands_still(stalled.pid))
            house.work(first=hurry)
            await customer.until(case_id, "approved")
            before = await customer.entries(case_id, "reply")
            stalled.signal(signal.SIGCONT)

            async def kept() -> bool:
                return len(await customer.entries(case_id, "reply")) == len(before) + 1

            await _wait(kept)
            case = await customer.case(case_id)
            assert case["status"] == "approved"
            assert case["contradictions"] == 0
            assert case["attention"]["who"] == "none"
            assert (await payer.filings())["SIMAPPROVE1"] == 1


async def _wait(until: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await until():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.05)


async def _stands_still(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as file:  # noqa: ASYNC230
        return file.read().rpartition(")")[2].split()[0] == "T"
