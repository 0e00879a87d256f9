"""kill -9 between every two steps of a conversation with a PBM: nothing is filed or answered twice, nothing is lost.

Here at steps that differ in kind; by `make proof` at every one.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import pytest
import pytest_asyncio
from aiohttp import ClientError

from tests.durability import doomed, scripted
from tests.durability.rounds import steps
from tests.running.customer import Answer, Customer, open_customer
from tests.running.house import IDLE, House, open_house
from tests.running.pbm import ALDER, BIRCH, MAPLE, Pbms, compose_oral, message_id, open_pbms, reply, until_asked

TEMPO = {"deadline_seconds": "3", "settle_seconds": "1", "reconcile": "[0.5, 1, 1, 2]", "acknowledge_seconds": "60"}
ALONE = {"GATEWAY_HEARTBEAT_SECONDS": "600"}
"""A process that is to die takes no jobs of the dead: what it does not touch stays as they left it."""


@dataclass(frozen=True)
class Step:
    """Where a process dies: over what is said (``verb``), or over the ``nth`` message that came."""

    point: doomed.Point | scripted.Point
    verb: str = ""
    nth: int = 1
    payer: str = BIRCH
    word: str = "APPROVE"
    cancels: bool = False
    """Nobody answers; it is cancelled."""

    def __str__(self) -> str:
        of = {"DENY": " of an appeal", "HANDOVER": " of what is handed on"}.get(self.word, "")
        return f"{self.verb or self.nth} {self.point}{' of a cancellation' if self.cancels else of}"

    @property
    def appeals(self) -> bool:
        return self.word == "DENY"

    @property
    def handed_on(self) -> bool:
        return self.word == "HANDOVER"

    def doom(self, member: str) -> None:
        if isinstance(self.point, doomed.Point):
            scripted.hasten()
            doomed.doom(self.point, member, self.verb, place=2 if self.handed_on else None)
        else:
            scripted.doom(self.point, member, self.nth)


_SAID = [
    doomed.Point.BEFORE_JOURNAL,
    doomed.Point.UNJOURNALED,
    doomed.Point.AFTER_JOURNAL,
    doomed.Point.AFTER_REPLY,
    doomed.Point.AFTER_LOSS,
    doomed.Point.REPLY_READ,
    doomed.Point.AFTER_STORE,
]
_CAME = scripted.Point
_EVERY = [
    *(Step(point, "submit") for point in _SAID),
    *(Step(point, "answer") for point in _SAID[2:]),  # before that, they are taken and no more
    *(Step(point, nth=1) for point in (_CAME.UNKEPT, _CAME.KEPT, _CAME.UNOPENED, _CAME.UNCOMMITTED, _CAME.TOLD)),
    *(Step(point, nth=2) for point in (_CAME.KEPT, _CAME.UNCOMMITTED, _CAME.TOLD)),
    Step(_CAME.UNTAKEN),
    Step(_CAME.TAKEN),
    Step(_CAME.UNFETCHED, payer=MAPLE),
    *(Step(_CAME.FETCHED, nth=nth, payer=MAPLE) for nth in (1, 2)),
    *(Step(point, "amend", word="DENY") for point in (_SAID[2], doomed.Point.AFTER_LOSS, doomed.Point.REPLY_READ)),
    Step(_CAME.UNCOMMITTED, nth=3, word="DENY"),
]
_SHORT = {
    Step(doomed.Point.AFTER_LOSS, "submit"),
    Step(doomed.Point.AFTER_REPLY, "answer"),
    Step(_CAME.UNOPENED),
    Step(_CAME.UNCOMMITTED),
    Step(_CAME.KEPT, nth=2),
    Step(_CAME.TAKEN),
    Step(_CAME.FETCHED, nth=1, payer=MAPLE),
    Step(doomed.Point.AFTER_LOSS, "amend", word="DENY"),
}
assert set(_EVERY) >= _SHORT
STEPS = steps(_EVERY, _SHORT.__contains__)
CANCELLATIONS = steps(
    [Step(doomed.Point.AFTER_LOSS, "amend", cancels=True), Step(_CAME.UNCOMMITTED, nth=2, cancels=True)],
    lambda step: step.nth == 2,
)
HANDOVERS = steps(
    [
        *(Step(point, nth=1, word="HANDOVER") for point in (_CAME.UNCOMMITTED, _CAME.TOLD)),
        Step(doomed.Point.AFTER_JOURNAL, "submit", word="HANDOVER"),
    ],
    lambda step: step.point is _CAME.TOLD,
)
_NAMES = {"submit": "PAInitiationRequest", "answer": "PARequest", "amend": "PAAppealRequest"}


@dataclass
class Death:
    member: str
    case_id: str
    exit_code: int | None


@dataclass
class Aftermath:
    customer: Customer
    pbms: Pbms
    deaths: dict[Step, Death] = field(default_factory=dict)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Aftermath]:
    """A process has died at every step, each over a case of its own; then a healthy one brought all to their end."""
    log = tmp_path_factory.mktemp("kills") / "pbms.log"
    with (
        open_pbms(log, "--clock-factor", "10") as pbms,
        open_house(pbms.payer.url, TEMPO, **pbms.environment) as house,
    ):
        door = house.serve(first=scripted.hasten, **IDLE)
        async with open_customer(door.address(), house.key) as customer:
            after = Aftermath(customer, pbms)
            numbers = count(1)
            for step in (*STEPS, *CANCELLATIONS, *HANDOVERS):
                after.deaths[step] = await _die(after, house, step, f"SIMRX{step.word}{next(numbers):04}")
            healthy = house.serve(first=scripted.hasten)
            await pbms.send_to(healthy.address())
            await asyncio.gather(
                *(_bring_to_its_end(customer, death.case_id, step) for step, death in after.deaths.items())
            )
            assert healthy.stop() == 0
            yield after


async def _die(after: Aftermath, house: House, step: Step, member: str) -> Death:
    process = house.serve(first=partial(step.doom, member), **ALONE)
    url = process.address()
    await after.pbms.send_to(url)
    if step.point is doomed.Point.AFTER_LOSS:
        dropped = "PACancelRequest" if step.cancels else _NAMES[step.verb]
        await after.pbms.order("drop_after_recording", message=dropped, count=1)
    case_id = await after.customer.submit(compose_oral(member, payer=step.payer))
    async with open_customer(url, house.key) as doomed_one:
        through = doomed_one if step.point in (_CAME.UNTAKEN, _CAME.TAKEN) else after.customer
        answering = asyncio.create_task(_answer(through, after.customer, case_id, step))
        await asyncio.to_thread(process.join)
        answering.cancel()
        with suppress(asyncio.CancelledError, ClientError):
            await answering
    await after.pbms.send_to("")
    return Death(member, case_id, process.exit_code)


async def _answer(through: Customer, customer: Customer, case_id: str, step: Step) -> None:
    asked = await until_asked(customer, case_id)
    if step.cancels:
        assert (await _act(customer, case_id, "cancel")).status == 202
        return
    await reply(through, case_id, asked)
    if step.appeals:
        await customer.until(case_id, "denied")
        assert (await _act(customer, case_id, "appeal")).status == 202
        await reply(through, case_id, await until_asked(customer, case_id, asked["round"]))


async def _act(customer: Customer, case_id: str, act: str) -> Answer:
    """Under one key, however often: whoever died may have taken it."""
    body, key = {"reason": "Two drugs failed."}, {"Idempotency-Key": f"{act}-{case_id}"}
    return await customer.call("POST", f"/v1/requests/{case_id}/{act}", body, headers=key)


async def _bring_to_its_end(customer: Customer, case_id: str, step: Step) -> None:
    if step.cancels:
        assert (await _act(customer, case_id, "cancel")).status == 202
        await customer.until(case_id, "cancelled")
        return
    while (case := await customer.case(case_id))["status"] != "approved":
        if step.appeals and case["status"] == "denied":
            assert (await _act(customer, case_id, "appeal")).status == 202
        rounds = (await customer.get(f"/v1/requests/{case_id}/questions"))["data"]
        if rounds:
            assert (await reply(customer, case_id, rounds[0])).status in (202, 409)
        await asyncio.sleep(0.3)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("step", STEPS, ids=str)
async def test_a_conversation_survives_kill_9_when(aftermath: Aftermath, step: Step) -> None:
    death, customer = aftermath.deaths[step], aftermath.customer
    assert death.exit_code == -signal.SIGKILL
    filing = await aftermath.pbms.filing(death.member)
    assert (filing["count"], filing["alike"], len(filing["answers"]), filing["refused"]) == (1, 1, 1, 0)
    assert len(filing["appeals"]) == (2 if step.appeals else 0)  # the question, and the answers
    for verb, times in {"submit": 1, "answer": 1 + step.appeals, "amend": int(step.appeals)}.items():
        frames = await customer.entries(death.case_id, "frame", verb)
        assert len({message_id(await customer.raw(death.case_id, entry["n"])) for entry in frames}) == times
    heard = await customer.entries(death.case_id, "outcome")
    said = [entry for entry in heard if b'"reviewed"' in await customer.raw(death.case_id, entry["n"])]
    assert len(said) == (4 if step.appeals else 2)
    case = await customer.case(death.case_id)
    assert (case["status"], case["attention"]["who"]) == ("approved", "none")


async def _numbers(customer: Customer, case_id: str, verb: str) -> set[str]:
    """The ids of all messages that were written for a verb."""
    frames = await customer.entries(case_id, "frame", verb)
    return {message_id(await customer.raw(case_id, entry["n"])) for entry in frames}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("step", CANCELLATIONS, ids=str)
async def test_a_cancellation_survives_kill_9_when(aftermath: Aftermath, step: Step) -> None:
    death, customer = aftermath.deaths[step], aftermath.customer
    assert death.exit_code == -signal.SIGKILL
    filing = await aftermath.pbms.filing(death.member)
    assert (filing["count"], len(filing["cancels"]), len(filing["answers"]), filing["refused"]) == (1, 1, 0, 0)
    assert len(await _numbers(customer, death.case_id, "amend")) == 1
    heard = await customer.entries(death.case_id, "outcome")
    said = [entry for entry in heard if b'"cancelled"' in await customer.raw(death.case_id, entry["n"])]
    assert len(said) == 1
    assert (await customer.case(death.case_id))["attention"]["who"] == "none"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("step", HANDOVERS, ids=str)
async def test_a_case_is_handed_on_once_over_kill_9_when(aftermath: Aftermath, step: Step) -> None:
    death, customer = aftermath.deaths[step], aftermath.customer
    assert death.exit_code == -signal.SIGKILL
    filings = {each["pbm"]: each for each in await aftermath.pbms.filings(death.member)}
    assert {pbm: (each["count"], each["alike"]) for pbm, each in filings.items()} == {BIRCH: (1, 1), ALDER: (1, 1)}
    assert len(filings[ALDER]["answers"]) == 1
    assert len(await _numbers(customer, death.case_id, "submit")) == 2
    notes = [entry["meta"].get("note") for entry in await customer.entries(death.case_id, "note")]
    assert (notes.count("rerouted"), notes.count("not_rerouted")) == (1, 0)
    case = await customer.case(death.case_id)
    assert [each["status"] for each in case["submissions"]] == ["closed_by_payer", "approved"]
    assert (case["status"], case["attention"]["who"]) == ("approved", "none")
