"""kill -9 of a gateway or a worker at every step of a submit: one filing each, and every request gets there.

At each step a worker or a gateway dies here; by `make proof` both, 20 times each.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from aiohttp import ClientError

from gateway.engine.retelling import find_doubts
from gateway.store.cases import load_case
from gateway.store.database import Database
from gateway.store.journal import read_journal
from gateway.store.master_key import load_master_key
from tests.durability.doomed import Point, doom
from tests.durability.rounds import ROUNDS, steps
from tests.running.customer import Customer, open_customer
from tests.running.house import IDLE, House, open_house
from tests.running.payer import Payer, open_payer
from tests.running.processes import Running
from tests.running.requests import compose

TEMPO = {"deadline_seconds": "5", "settle_seconds": "1", "reconcile": "[0.5, 1, 1, 2]"}

SILENT = {Point.AFTER_JOURNAL, Point.AFTER_SENDING, Point.AFTER_REPLY, Point.REPLY_READ}
"""Died there, nobody knows what the payer has: the case must say so."""

_ELSEWHERE = (Point.ACCEPTANCE_WRITTEN, Point.ACCEPTANCE_UNANSWERED, Point.AFTER_LOSS)
"""Steps of the API; and one that these payers, who lose no reply, never come to."""
OF_THE_WORKER = [step for step in Point if step not in _ELSEWHERE]
STEPS = [
    *steps((("work", step) for step in OF_THE_WORKER), lambda step: OF_THE_WORKER.index(step[1]) % 2 == 0),
    *steps((("serve", step) for step in OF_THE_WORKER), lambda step: OF_THE_WORKER.index(step[1]) % 2 == 1),
    ("serve", Point.ACCEPTANCE_WRITTEN),
    # Last: what it leaves behind is taken up by the next process, which may die over it at any step.
    ("serve", Point.ACCEPTANCE_UNANSWERED),
]

UNLUCKY = "LOST"
"""What died before it sent is sent again; then the payer's line breaks, and it is still sent once more."""

ALONE = {"GATEWAY_HEARTBEAT_SECONDS": "600"}
"""A process that is to die takes no jobs of the dead: what it does not touch stays as they left it."""


@dataclass
class Death:
    """One process killed over one request. ``case_id`` is empty when the caller got no answer."""

    member: str
    key: str
    case_id: str = ""
    exit_code: int | None = None


@dataclass
class Aftermath:
    customer: Customer
    payer: Payer
    house: House
    deaths: dict[tuple[str, Point], list[Death]] = field(default_factory=dict)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Aftermath]:
    """Every process has died at its step; then a healthy one took over and every case was waited for."""
    folder: Path = tmp_path_factory.mktemp("kills")
    with open_payer(folder / "payer.log", "--slow-seconds", "60") as payer, open_house(payer.url, TEMPO) as house:
        door = house.serve(**IDLE)
        url = door.address()
        async with open_customer(url, house.key) as customer:
            after = Aftermath(customer, payer, house)
            numbers = count(1)
            for command, step in STEPS:
                after.deaths[command, step] = [await _die(after, command, step, next(numbers)) for _ in range(ROUNDS)]
            healthy = house.work()
            for death in _all(after):
                # Who got no answer asks again with the same key, as the API says.
                death.case_id = await customer.submit(_request(death), death.key)
                await customer.until(death.case_id, "approved")
            assert healthy.stop() == 0
            yield after


async def _die(after: Aftermath, command: str, step: Point, number: int) -> Death:
    slow = step is Point.AFTER_SENDING
    word = {Point.AFTER_SENDING: "SLOW", Point.AFTER_JOURNAL: UNLUCKY}.get(step, "APPROVE")
    member = f"SIM{word}{number:04}"
    death = Death(member, f"key-{member}")
    first = None if slow else partial(doom, step, member)
    if command == "serve":
        process = after.house.serve(first=first, **ALONE)
        async with open_customer(process.address(), after.house.key) as caller:
            await _submit_once(caller, death)
            await _wait_for_end(after, step, death, process)
    else:
        await _submit_once(after.customer, death)
        process = after.house.work(first=first, **ALONE)
        await _wait_for_end(after, step, death, process)
    death.exit_code = process.exit_code
    return death


async def _submit_once(caller: Customer, death: Death) -> None:
    try:
        answer = await caller.call("POST", "/v1/requests", _request(death), headers={"Idempotency-Key": death.key})
    except ClientError:
        return
    assert answer.status == 202, answer.body
    death.case_id = answer.json()["id"]


async def _wait_for_end(after: Aftermath, step: Point, death: Death, process: Running) -> None:
    if step is Point.AFTER_SENDING:
        await after.payer.until_filed(death.member)
        process.kill()
    else:
        process.join()


def _request(death: Death) -> dict[str, object]:
    """The same for the same death: a repetition must be the same body."""
    return {**compose(death.member), "reference": f"order-{death.member}"}


def _all(after: Aftermath) -> list[Death]:
    return [death for deaths in after.deaths.values() for death in deaths]


@pytest.mark.proves("RT-18", "RT-19")
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("command", "step"), STEPS)
async def test_a_request_survives_kill_9_when(aftermath: Aftermath, command: str, step: Point) -> None:
    deaths = aftermath.deaths[command, step]
    assert [death.exit_code for death in deaths] == [-signal.SIGKILL] * ROUNDS
    filings = await aftermath.payer.filings()
    assert {death.member: filings[death.member] for death in deaths} == {death.member: 1 for death in deaths}
    for death in deaths:
        trail = await aftermath.customer.trail(death.case_id)
        assert trail[-1] == "approved"
        if step is not Point.ACCEPTANCE_UNANSWERED:
            assert ("uncertain" in trail) == (step in SILENT), trail
        attempts = (await aftermath.customer.case(death.case_id))["submissions"][0]["attempts"]
        assert sum(attempt["verb"] == "submit" for attempt in attempts) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_every_request_has_one_case_however_often_it_was_handed_in(aftermath: Aftermath) -> None:
    deaths = _all(aftermath)
    assert len({death.case_id for death in deaths}) == len(deaths)
    listed = 0
    cursor = ""
    while True:
        page = await aftermath.customer.get(f"/v1/requests?limit=100{cursor}")
        listed += len(page["data"])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert listed == len(deaths)
    assert (await aftermath.payer.filings()).total() == len(deaths)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_journal_of_every_case_is_whole_and_its_rows_say_the_same(aftermath: Aftermath) -> None:
    house = aftermath.house
    key = load_master_key({}, house.data / "master.key", create=False)
    database = await Database.open(house.server.url(), key)
    try:
        for death in _all(aftermath):
            async with database.snapshot() as connection:
                journal = await read_journal(database, connection, UUID(death.case_id))
                case = await load_case(database, connection, UUID(death.case_id))
                assert journal is not None
                assert case is not None
                assert journal.verdict.whole, journal.verdict
                assert await find_doubts(database, connection, case, journal) == ()
    finally:
        await database.close()
