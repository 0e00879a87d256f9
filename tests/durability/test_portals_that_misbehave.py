"""Payers' web sites that break off over what is filed in a real browser: before they record it, after, or by an error.

One filing each, counted by the simulated portals. By `make proof` each site does each thing 20 times
(DURABILITY_ROUNDS); here each thing is done once, by one site or the other.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import cycle

import pytest
import pytest_asyncio

from tests.durability.rounds import ROUNDS, steps
from tests.durability.visiting import (
    CAUTIOUS,
    ENDS,
    SITES,
    Estate,
    Visited,
    check_that_few_were_asked,
    counted,
    open_estate,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOT_RECORDED = "drop_before_recording"
MISDEEDS = (NOT_RECORDED, "drop_after_recording", "server_error_after_recording")
PLAN = steps(
    [(payer, kind) for kind in MISDEEDS for payer in SITES],
    lambda one: MISDEEDS.index(one[1]) % 2 == SITES.index(one[0]),
)


@dataclass
class Aftermath:
    estate: Estate
    runs: dict[tuple[str, str], list[Visited]] = field(default_factory=dict)
    before_a_person: list[tuple[bool, int]] = field(default_factory=list)
    """Of the cautious payer's: whether a person was asked, and how many filings there were then."""
    left: set[tuple[str, str]] = field(default_factory=set)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aftermath(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Aftermath]:
    """Every site has done everything so often, and every case was waited for."""
    began = time.monotonic()
    async with open_estate(tmp_path_factory.mktemp("portals") / "portals.log") as estate:
        after, words = Aftermath(estate), cycle(ENDS)
        async with estate.at_work():
            for payer, kind in (*PLAN, (CAUTIOUS, NOT_RECORDED)):
                after.runs[payer, kind] = [
                    await estate.submit(payer, next(words), {"kind": kind}) for _ in range(ROUNDS)
                ]
            for visited in after.runs[CAUTIOUS, NOT_RECORDED]:
                await estate.until([visited], "uncertain")
                await estate.until_ended(visited, patient=False)
                after.before_a_person.append((bool(visited.asked), len(visited.filings)))
                await estate.say_absent(visited)
                visited.asked = ""
            await estate.until_ended(*estate.visited)
        after.left = await estate.leave()
        print(f"\n{time.monotonic() - began:.0f} s")
        for (payer, kind), runs in after.runs.items():
            print(f"{payer} {kind}: {counted(runs)}")
        yield after


@pytest.mark.parametrize(("payer", "kind"), PLAN)
async def test_what_is_filed_is_filed_once(aftermath: Aftermath, payer: str, kind: str) -> None:
    assert len(aftermath.runs[payer, kind]) == ROUNDS
    for visited in aftermath.runs[payer, kind]:
        visited.check()
        assert visited.doubted


async def test_hardly_a_person_is_asked(aftermath: Aftermath) -> None:
    check_that_few_were_asked([visited for runs in aftermath.runs.values() for visited in runs])


async def test_where_nothing_goes_again_by_itself_a_person_is_asked_and_then_it_is_filed_once(
    aftermath: Aftermath,
) -> None:
    assert aftermath.before_a_person == [(True, 0)] * ROUNDS
    for visited in aftermath.runs[CAUTIOUS, NOT_RECORDED]:
        visited.check()


async def test_no_form_is_sent_twice(aftermath: Aftermath) -> None:
    """Nor what was cut off before it was recorded: a browser by itself sends it up to seven times."""
    for payer in SITES:
        told = await aftermath.estate.portals.ledger(payer)
        cut_off = len(aftermath.runs.get((payer, NOT_RECORDED), ()))
        if payer == SITES[1]:
            cut_off += len(aftermath.runs[CAUTIOUS, NOT_RECORDED])
        assert set(told["drafts"].values()) == {1}
        assert told["final_posts"] == told["total"] + cut_off


async def test_nothing_of_a_patient_and_no_credential_is_left_in_a_file(aftermath: Aftermath) -> None:
    assert not aftermath.left
