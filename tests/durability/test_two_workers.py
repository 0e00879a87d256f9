"""Several workers on one database: nothing is handled twice, and what a dead or stalled one left is taken over."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from tests.durability.doomed import Point, doom, hurry
from tests.running.customer import Customer, open_customer, open_receiver, subscribe
from tests.running.house import IDLE, House, open_house
from tests.running.payer import Payer, open_payer
from tests.running.processes import PATIENCE, Running
from tests.running.requests import BLUESTEM, EVERGREEN, compose

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEMPO = {"deadline_seconds": "2", "settle_seconds": "1", "reconcile": "[0.5, 1, 1, 2]"}


@dataclass(frozen=True)
class Door:
    """A gateway that takes requests and leaves the work to those that a test starts."""

    house: House
    payer: Payer
    customer: Customer

    async def filed(self, members: list[str]) -> list[int]:
        """How often each of these is on file."""
        filings = await self.payer.filings()
        return [filings[member] for member in members]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    log: Path = tmp_path_factory.mktemp("workers") / "payer.log"
    with open_payer(log, "--latency", "0,0.02,0.1") as payer, open_house(payer.url, TEMPO) as house:
        gateway = house.serve(**IDLE)
        async with open_customer(gateway.address(), house.key) as customer:
            yield Door(house, payer, customer)
        assert gateway.stop() == 0


async def test_a_worker_that_is_told_to_stop_the_moment_it_works_ends_well(door: Door) -> None:
    worker = door.house.work()
    worker.until("working")
    assert worker.stop() == 0


async def test_two_workers_handle_no_request_twice(door: Door) -> None:
    customer = door.customer
    members = [f"SIMAPPROVE1{number:03}" for number in range(80)]
    workers = [door.house.work(), door.house.work()]
    async with open_receiver() as receiver:
        endpoint = await subscribe(customer, receiver)
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
        assert await door.filed(members) == [1] * len(members)
        assert len(await door.payer.exchanges()) == len(members)
        await receiver.until_taken(events)
        assert set(receiver.taken.values()) == {1}
        await customer.call("DELETE", f"/v1/webhooks/{endpoint}")
    for worker in workers:
        assert '"webhook_tried"' in worker.said(), "one worker did all the work"
        assert worker.stop() == 0


async def test_the_jobs_of_a_killed_worker_are_taken_over(door: Door) -> None:
    members = [f"SIMAPPROVE2{number:03}" for number in range(20)]
    await door.payer.order("slow", verb="request", seconds=60, count=len(members))
    cases = [await door.customer.submit(compose(member)) for member in members]
    first = door.house.work(first=hurry)
    for member in members:
        await door.payer.until_filed(member)
    first.kill()
    second = door.house.work(first=hurry)
    for case_id in cases:
        await door.customer.until(case_id, "approved")
        assert len(await door.customer.entries(case_id, "frame", "submit")) == 1
    assert await door.filed(members) == [1] * len(members)
    assert second.stop() == 0


async def test_a_stalled_worker_that_goes_on_sends_nothing_that_others_have_sent(door: Door) -> None:
    """A process that stands still between journal and network (a suspended machine, say) is taken for dead. When it
    goes on, its request has long been filed by another."""
    member = "SIMAPPROVE3000"
    case_id, stalled = await _stall(door, member, Point.AFTER_JOURNAL)
    healthy = door.house.work(first=hurry)
    await door.customer.until(case_id, "approved")
    assert await door.filed([member]) == [1]
    stalled.signal(signal.SIGCONT)
    assert stalled.stop() == 0  # which lets it finish what it was about
    assert await door.filed([member]) == [1]
    assert (await door.customer.case(case_id))["status"] == "approved"
    assert healthy.stop() == 0


async def test_a_reply_that_a_stalled_worker_heard_still_counts(door: Door) -> None:
    """Stalled with the reply in its hands and taken for dead: what it heard is kept, and contradicts nothing."""
    member = "SIMAPPROVE4000"
    case_id, stalled = await _stall(door, member, Point.AFTER_REPLY)
    healthy = door.house.work(first=hurry)
    await door.customer.until(case_id, "approved")
    before = await door.customer.entries(case_id, "reply")
    stalled.signal(signal.SIGCONT)
    assert stalled.stop() == 0
    assert len(await door.customer.entries(case_id, "reply")) == len(before) + 1
    case = await door.customer.case(case_id)
    assert (case["status"], case["contradictions"]) == ("approved", 0)
    assert case["attention"]["who"] == "none"
    assert await door.filed([member]) == [1]
    assert healthy.stop() == 0


async def _stall(door: Door, member: str, point: Point) -> tuple[str, Running]:
    """A case whose worker stands still at this point, and the worker."""
    stalled = door.house.work(
        first=partial(doom, point, member, number=signal.SIGSTOP), GATEWAY_HEARTBEAT_SECONDS="600"
    )
    case_id = await door.customer.submit(compose(member))
    await _wait(lambda: _stands_still(stalled.pid))
    return case_id, stalled


async def _wait(until: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await until():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.05)


async def _stands_still(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as file:  # noqa: ASYNC230 - not a file on any disk
        return file.read().rpartition(")")[2].split()[0] == "T"
