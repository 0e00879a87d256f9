"""kill -9 at random instants under load: gateway, worker and PostgreSQL. One filing each, every webhook delivered.

DURABILITY_SEED repeats a run's order of victims; the instants within them are the machine's.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.durability.doomed import hurry, stumble
from tests.durability.rounds import WHOLE
from tests.running.customer import Customer, Receiver, open_customer, open_receiver, subscribe
from tests.running.house import open_house
from tests.running.payer import Payer, open_payer
from tests.running.processes import Running
from tests.running.requests import BLUESTEM, EVERGREEN, compose

TEMPO = {"deadline_seconds": "2", "settle_seconds": "2", "reconcile": "[0.5, 1, 1, 2]"}
KILLS, REQUESTS, FEWER = (10, 60, 24) if WHOLE else (4, 24, 12)
EVERY = 0.5
SEED = int(os.environ.get("DURABILITY_SEED", "20261121"))

ENDS = {
    "APPROVE": "approved",
    "DENY": "denied",
    "PEND": "approved",
    "PARTIAL": "partially_approved",
    "DROP": "approved",
    "LOST": "approved",
    "GARBAGE": "approved",
    "TRUNCATED": "approved",
    "HTML": "approved",
    "BUSY": "approved",
    "MODIFY": "approved_modified",
    "NOTREQUIRED": "not_required",
}
"""Where each word of a member id leads, whatever happens to the gateway on the way."""

Wishes = dict[str, tuple[dict[str, Any], str]]
"""What is handed in and where it must end, by member id."""


def wish(count: int) -> Wishes:
    words = list(ENDS)
    wishes: Wishes = {}
    for number in range(count):
        word = words[number % len(words)]
        payer = (EVERGREEN, BLUESTEM)[number // len(words) % 2]
        member = f"SIM{word}{number:04}"
        wishes[member] = compose(member, payer=payer, lines=3 if word == "PARTIAL" else 1), ENDS[word]
    return wishes


def free_port() -> int:
    """A port that the next process can take, again and again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def hand_in(customer: Customer, wishes: Wishes) -> dict[str, str]:
    """All of them, a few at a time, repeating what got no answer. Case ids by member."""
    turns = asyncio.Semaphore(6)

    async def one(member: str) -> tuple[str, str]:
        async with turns:
            await asyncio.sleep(0.2)
            return member, await customer.submit(wishes[member][0], f"key-{member}")

    return dict(await asyncio.gather(*(one(member) for member in wishes)))


async def check(customer: Customer, payer: Payer, receiver: Receiver, wishes: Wishes, cases: dict[str, str]) -> None:
    """Every case ends where it must, was filed once, and everything that happened to it was told."""
    assert len(set(cases.values())) == len(wishes)
    happened: set[str] = set()
    for member, case_id in cases.items():
        await customer.until(case_id, wishes[member][1])
        events = (await customer.get(f"/v1/requests/{case_id}/events"))["data"]
        assert [event["data"]["sequence"] for event in events] == list(range(1, len(events) + 1))
        happened |= {event["id"] for event in events}
    filings = await payer.filings()
    assert {member: filings[member] for member in wishes} == dict.fromkeys(wishes, 1)
    assert filings.total() == len(wishes)
    await receiver.until_taken(happened)
    assert set(receiver.taken) == happened
    assert receiver.refused == 0
    for member, case_id in cases.items():
        told = receiver.events[case_id]
        assert told[max(told)]["status"] == wishes[member][1]


async def test_random_kills_of_gateway_and_worker_lose_nothing_and_file_nothing_twice(tmp_path: Path) -> None:
    """Every webhook fails the first time, so that processes die over its delivery too."""
    chance = random.Random(SEED)  # noqa: S311 - which process dies next is no secret
    wishes = wish(REQUESTS)
    with (
        open_payer(tmp_path / "payer.log", "--clock-factor", "30", "--latency", "0,0.05,0.2") as payer,
        open_house(payer.url, TEMPO) as house,
    ):
        port = free_port()
        start: dict[str, Callable[[], Running]] = {
            "serve": lambda: house.serve(port=port, first=hurry),
            "work": lambda: house.work(first=hurry),
        }
        processes = {name: begin() for name, begin in start.items()}
        url = processes["serve"].address()
        async with open_customer(url, house.key) as customer, open_receiver(failures=1, seconds=0.1) as receiver:
            await subscribe(customer, receiver)
            handing_in = asyncio.create_task(hand_in(customer, wishes))
            for _ in range(KILLS):
                await asyncio.sleep(chance.uniform(0.5, 1.5) * EVERY)
                for name in chance.choice((["serve"], ["work"], ["serve", "work"])):
                    processes[name].kill()
                    assert processes[name].exit_code == -signal.SIGKILL
                    processes[name] = start[name]()
            await check(customer, payer, receiver, wishes, await handing_in)


async def test_a_gateway_brings_its_postgresql_back_and_goes_on(tmp_path: Path) -> None:
    wishes = wish(FEWER)
    with (
        open_payer(tmp_path / "payer.log", "--clock-factor", "30", "--latency", "0,0.05,0.2") as payer,
        open_house(payer.url, TEMPO) as house,
    ):
        gateway = house.serve(first=hurry)
        async with open_customer(gateway.address(), house.key) as customer, open_receiver() as receiver:
            await subscribe(customer, receiver)
            handing_in = asyncio.create_task(hand_in(customer, wishes))
            for _ in range(2):
                await asyncio.sleep(1)
                await asyncio.to_thread(house.kill_postgresql)
            await check(customer, payer, receiver, wishes, await handing_in)
        assert gateway.stop() == 0


async def test_a_job_that_fails_and_cannot_be_put_back_is_done_all_the_same(tmp_path: Path) -> None:
    """PgQueuer by itself deletes such a job, and with it the request would stand still for ever."""
    with open_payer(tmp_path / "payer.log") as payer, open_house(payer.url, TEMPO) as house:
        gateway = house.serve(first=stumble)
        async with open_customer(gateway.address(), house.key) as customer:
            case_id = await customer.submit(compose("SIMAPPROVE1"))
            await customer.until(case_id, "approved")
            assert await payer.filings() == {"SIMAPPROVE1": 1}
        assert "job_failed" in gateway.said()


async def test_whoever_starts_next_brings_postgresql_back_after_everything_was_killed(tmp_path: Path) -> None:
    wishes = wish(FEWER)
    with (
        open_payer(tmp_path / "payer.log", "--clock-factor", "30", "--latency", "0,0.05,0.2") as payer,
        open_house(payer.url, TEMPO) as house,
    ):
        port = free_port()
        gateway = house.serve(port=port, first=hurry)
        async with open_customer(gateway.address(), house.key) as customer, open_receiver() as receiver:
            await subscribe(customer, receiver)
            handing_in = asyncio.create_task(hand_in(customer, wishes))
            await asyncio.sleep(1)
            house.kill_postgresql()
            gateway.kill()
            house.serve(port=port, first=hurry)
            await check(customer, payer, receiver, wishes, await handing_in)
