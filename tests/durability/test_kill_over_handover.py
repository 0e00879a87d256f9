"""kill -9 between a PBM's word that another has to be asked, and the filing there: it is made, and made once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.engine import sorting
from tests.durability import doomed, scripted
from tests.durability.test_kill_over_script import ALONE, TEMPO
from tests.running.customer import Customer, open_customer
from tests.running.house import IDLE, House, open_house
from tests.running.pbm import ALDER, BIRCH, Pbms, compose_oral, message_id, open_pbms, reply, until_asked

FIRST, SECOND = "SIMRXHANDOVER0001", "SIMRXHANDOVER0002"


def _doom_once_told() -> None:
    """Dies with the closure committed, and what follows from it not begun. The closure does not name the member."""
    scripted.hasten()
    real = sorting.Sorter._tell

    async def wrapped(*given: Any) -> None:
        await real(*given)
        os.kill(os.getpid(), signal.SIGKILL)

    sorting.Sorter._tell = wrapped  # type: ignore[method-assign]


def _doom_before_sending(member: str) -> None:
    """Dies with the filing journaled and not sent."""
    scripted.hasten()
    doomed.doom(doomed.Point.AFTER_JOURNAL, member)


@pytest.mark.asyncio
async def test_a_closure_that_leads_elsewhere_survives_kill_9(tmp_path: Path) -> None:
    with (
        open_pbms(tmp_path / "pbms.log", "--clock-factor", "10") as pbms,
        open_house(pbms.payer.url, TEMPO, **pbms.environment) as house,
    ):
        door = house.serve(first=scripted.hasten, **IDLE)
        async with open_customer(door.address(), house.key) as customer:
            first = await _die(house, pbms, customer, _doom_once_told, FIRST)
            assert [each["pbm"] for each in await pbms.filings(FIRST)] == [BIRCH]
            await _die(house, pbms, customer, partial(_doom_before_sending, FIRST))
            assert [each["pbm"] for each in await pbms.filings(FIRST)] == [BIRCH]
            doom = partial(scripted.doom, scripted.Point.UNCOMMITTED, SECOND, 1)
            second = await _die(house, pbms, customer, doom, SECOND)
            assert [each["pbm"] for each in await pbms.filings(SECOND)] == [BIRCH]
            healthy = house.serve(first=scripted.hasten)
            await pbms.send_to(healthy.address())
            for name, case_id in ((FIRST, first), (SECOND, second)):
                assert (await reply(customer, case_id, await until_asked(customer, case_id))).status == 202
                assert (await customer.until(case_id, "approved"))["attention"]["who"] == "none"
                filings = await pbms.filings(name)
                assert [(each["pbm"], each["count"], each["refused"]) for each in filings] == [
                    (BIRCH, 1, 0),
                    (ALDER, 1, 0),
                ]
                frames = await customer.entries(case_id, "frame", "submit")
                said = {message_id(await customer.raw(case_id, entry["n"])) for entry in frames}
                assert len(said) == 2
            assert healthy.stop() == 0


async def _die(
    house: House, pbms: Pbms, customer: Customer, doom: Callable[[], None], member: str | None = None
) -> str:
    """A process that dies, over a new case of this member where one is named; the case."""
    process = house.serve(first=doom, **ALONE)
    await pbms.send_to(process.address() if member else "")
    case_id = await customer.submit(compose_oral(member)) if member else ""
    await asyncio.to_thread(process.join)
    assert process.exit_code == -signal.SIGKILL
    await pbms.send_to("")
    return case_id
