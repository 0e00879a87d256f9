"""kill -9 of a worker while it turns the pages of a payer's web site in a real browser: one filing each, counted by the
simulated portals; and nothing of a patient and no credential is left behind.

With DURABILITY_ROUNDS (`make proof`: 20) workers die at every turn of both sites; without at some.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle

import pytest
import pytest_asyncio

from tests.durability.turning import (
    ANY,
    MISSED,
    OF_THE_EFFECT,
    Doom,
    Moment,
    Place,
    Turned,
    died_as,
    doom,
    never_ring,
    note_turns,
    turned,
)
from tests.durability.visiting import SITES, Estate, Visited, check_that_few_were_asked, counted, open_estate, portal_of
from tests.running.portals import IRONWOOD, JUNIPER

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROUNDS = int(os.environ.get("DURABILITY_ROUNDS", "1"))
FULL = ROUNDS > 1
ALONE = {"GATEWAY_HEARTBEAT_SECONDS": "600", "GATEWAY_CONCURRENCY": "2"}
Plan = list[tuple[str, Place, Moment]]
TRIES = 4
"""A machine that is busy with other things may keep a worker from getting where it is to die."""
AT_ONCE = 4
"""Workers at a time that are about to die."""
FILES = Place("submit")
SOME: Plan = [
    (IRONWOOD, Place("submit", signs_in=True, place=1), Moment.UNDER_WAY),
    (JUNIPER, Place("submit", place=3), Moment.HEARD),
    (JUNIPER, FILES, Moment.PENDING),
    (IRONWOOD, FILES, Moment.ANSWERED),
]
"""Turns of different kinds: what every change must pass."""


@dataclass
class Death:
    """One worker's, ``whole`` with its driver and browser. ``left`` is which files held a canary then."""

    visited: Visited
    at: Place
    moment: Moment
    whole: bool
    left: set[tuple[str, str]]


@dataclass
class Aftermath:
    estate: Estate
    deaths: list[Death] = field(default_factory=list)
    turns: dict[str, list[Turned]] = field(default_factory=dict)
    """Of a filing that nobody disturbed, and the search of one whose answer was lost."""
    left: set[tuple[str, str]] = field(default_factory=set)
    litter: list[str] = field(default_factory=list)
    processes: list[int] = field(default_factory=list)
    _clock: float = field(default_factory=time.monotonic)

    def lap(self, name: str) -> None:
        now = time.monotonic()
        print(f"\n{name}: {now - self._clock:.0f} s", flush=True)
        self._clock = now


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Aftermath]:
    """Workers have died, portals have misbehaved; then a healthy worker took over, and every case was waited for."""
    async with open_estate(tmp_path_factory.mktemp("portals") / "portals.log") as estate:
        after = Aftermath(estate)
        if FULL:
            await learn(after)
            after.lap("learning the turns")
            await die(after, inquiries(after))
            after.lap("deaths while searching")
        await die_all(after, everywhere(after) if FULL else SOME)
        after.lap("deaths while filing")
        async with estate.at_work():
            await estate.until_ended(*estate.visited)
        after.lap("everything brought to its end")
        after.left = await estate.leave()
        after.litter = estate.litter()
        after.processes = estate.others_of_ours()
        tell(after)
        yield after


async def learn(after: Aftermath) -> None:
    """How a filing goes that nobody disturbs, first with a sign-in; and a search for one whose answer was lost."""
    estate = after.estate
    worker = estate.house.work(first=note_turns)
    for payer in SITES:
        plain = await estate.submit(payer)
        await estate.until_ended(plain)
        after.turns[payer] = [one for one in turned(worker.said()) if one.at.verb == "submit"]
        before = len(turned(worker.said()))
        lost = await estate.submit(payer, "APPROVE", {"kind": "drop_after_recording"})
        await estate.until_ended(lost)
        search = [one for one in turned(worker.said())[before:] if one.at.verb == "inquire"]
        after.turns[payer] += [one for place, one in enumerate(search) if one.at not in {o.at for o in search[:place]}]
        await asyncio.sleep(1)
        worker.kill()
        worker = estate.house.work(first=note_turns)
    worker.kill()


def inquiries(after: Aftermath) -> Plan:
    moments = cycle(ANY)
    return [
        (payer, one.at, next(moments))
        for payer in SITES
        for one in after.turns[payer]
        if one.at.verb == "inquire" and not one.at.signs_in
    ]


def everywhere(after: Aftermath) -> Plan:
    """Every turn of a filing, at another moment than its neighbours; that which files at all of them."""
    moments = cycle(ANY)
    plan = [
        (payer, one.at, next(moments))
        for payer in SITES
        for one in after.turns[payer]
        if one.at.verb == "submit" and not one.effect
    ]
    return [*plan, *((payer, FILES, moment) for moment in OF_THE_EFFECT for payer in SITES)]


async def die_all(after: Aftermath, plan: Plan) -> None:
    """Those that sign in one after the other, for then nobody may be signed in; the others several at a time."""
    for each in plan:
        if each[1].signs_in:
            await after.estate.portals.tell(each[0], "sessions", end=True)
            await die(after, [each])
    await die(after, [each for each in plan if not each[1].signs_in])


async def die(after: Aftermath, plan: Plan) -> None:
    """As many workers as requests: each takes up one, and dies over it. Half of them die whole."""
    estate = after.estate
    for _ in range(TRIES):
        dooms: dict[str, Doom] = {}
        visits: dict[int, Visited] = {}
        for number, (payer, at, moment) in enumerate(plan):
            orders = [{"kind": "drop_after_recording"}] if at.verb == "inquire" else []
            if moment is Moment.PENDING:
                orders.append({"kind": "slow", "step": "submit", "seconds": 2})
            visits[number] = visited = await estate.submit(payer, "APPROVE", *orders)
            dooms[visited.member] = Doom(number, at, moment, whole=(number // 2 + len(after.deaths)) % 2 == 1)
        searching = any(doom.at.verb == "inquire" for doom in dooms.values())
        if searching:
            async with estate.at_work(never_ring):
                await estate.until(visits.values(), "uncertain")
        room = asyncio.Semaphore(AT_ONCE)
        deaths = await asyncio.gather(*(die_once(estate, dooms, room, searching) for _ in dooms))
        for number, left in filter(None, deaths):
            doomed = dooms[visits[number].member]
            after.deaths.append(Death(visits[number], doomed.at, doomed.moment, doomed.whole, left))
        died = {death[0] for death in deaths if death is not None}
        plan = [each for number, each in enumerate(plan) if number not in died]
        if not plan:
            return
    raise AssertionError(f"never came to where it was to die: {plan}")


async def die_once(
    estate: Estate, dooms: dict[str, Doom], room: asyncio.Semaphore, searching: bool
) -> tuple[int, set[tuple[str, str]]] | None:
    """One worker. The number of what it died of, and the files with canaries then; None where it missed that."""
    async with room:
        worker = estate.house.work(first=partial(doom, dooms, rings=searching), **ALONE)
        code = await asyncio.to_thread(worker.join, 900)
        if code == MISSED:
            return None
        number = died_as(worker.said())
        assert (code, number is None) == (-signal.SIGKILL, False), worker.said()[-2000:]
        assert number is not None
        return number, await asyncio.to_thread(estate.left)


def tell(after: Aftermath) -> None:
    """The figures, for who runs this with -s."""
    print()
    for payer in SITES:
        mine = [death for death in after.deaths if death.visited.payer == payer]
        print(f"{payer} kill -9: {counted([death.visited for death in mine])}")
        for death in mine:
            how = "whole" if death.whole else "alone"
            print(f"  {death.at}; {death.moment} ({how}): {counted([death.visited])}")


@pytest.mark.parametrize("moment", Moment if FULL else sorted({moment for _, _, moment in SOME}))
async def test_a_request_has_one_filing_wherever_in_a_turn_its_worker_dies(
    aftermath: Aftermath, moment: Moment
) -> None:
    deaths = [death for death in aftermath.deaths if death.moment is moment]
    assert deaths
    for death in deaths:
        death.visited.check()


async def test_hardly_a_person_is_asked(aftermath: Aftermath) -> None:
    check_that_few_were_asked([death.visited for death in aftermath.deaths])


async def test_a_worker_died_at_every_turn_of_both_sites(aftermath: Aftermath) -> None:
    """As far as they were tried: at all where it is asked for, at some in any case."""
    died = {payer: {death.at for death in aftermath.deaths if death.visited.payer == payer} for payer in SITES}
    for payer in SITES:
        known = {FILES if one.effect else one.at for one in aftermath.turns.get(payer, [])}
        known = {at for at in known if at.verb == "submit" or not at.signs_in}
        assert FILES in died[payer]
        assert known <= died[payer]
        assert len(died[payer]) >= (10 if FULL else 2)


async def test_no_form_was_sent_twice_and_nothing_else_is_on_file(aftermath: Aftermath) -> None:
    for payer in SITES:
        told = await aftermath.estate.portals.ledger(payer)
        assert set(told["drafts"].values()) == {1}
        mine = {one.member for one in aftermath.estate.visited if portal_of(one.payer) == payer}
        assert sorted(filing["member"] for filing in told["filings"]) == sorted(mine)


async def test_no_canary_is_left_on_the_disk_by_whoever_was_killed(aftermath: Aftermath) -> None:
    for death in aftermath.deaths:
        assert not death.left, f"{death.at}, {death.moment}"
    assert not aftermath.left


async def test_the_canaries_really_were_where_they_belong(aftermath: Aftermath) -> None:
    """What is looked for was typed into the portals, in the words that are looked for."""
    estate = aftermath.estate
    filed = (await estate.portals.ledger(IRONWOOD))["filings"][0]
    assert estate.told["note"] in estate.canaries.within(filed["comments"].encode("utf-16-le"))
    assert filed["documents"]
    assert estate.told["block"] in estate.canaries.within(filed["member"].encode())


async def test_no_process_and_no_file_of_the_dead_is_left(aftermath: Aftermath) -> None:
    """Driver and browser go when their worker does; what they kept on the disk, the next worker takes away."""
    assert aftermath.processes == []
    assert aftermath.litter == []
