"""A payer that is slow, and has a long line before it, keeps no other payer's requests waiting."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

from tests.running.customer import open_customer
from tests.running.house import House, open_house
from tests.running.payer import open_payer
from tests.running.requests import BLUESTEM, EVERGREEN, compose

FEW = {"GATEWAY_CONCURRENCY": "4"}
WAITING = 30
"""Far more than such a worker takes up at once. At two places and a second they take fifteen seconds."""


def give_a_connection_of_its_own(house: House, payer: str) -> None:
    """A connection like the demo's, with this payer on it. Both have two places."""
    folder = house.folder / "mappings"
    demo = folder / "connections/demo_clearinghouse.yaml"
    text, changed = re.subn(r"(?m)^(  concurrency:) .*$", r"\1 2", demo.read_text())
    assert changed == 1
    demo.write_text(text)
    text = text.replace("connection: demo_clearinghouse", "connection: slow_clearinghouse")
    (folder / "connections/slow_clearinghouse.yaml").write_text(text)
    profile = folder / f"payers/{payer}.yaml"
    profile.write_text(profile.read_text().replace("demo_clearinghouse", "slow_clearinghouse"))


async def test_a_line_before_a_slow_payer_delays_nobody_else_and_everybody_in_it_is_filed_once(tmp_path: Path) -> None:
    with (
        open_payer(tmp_path / "slow.log", "--latency", "1") as slow,
        open_payer(tmp_path / "quick.log") as quick,
        open_house(quick.url, GATEWAY_ENDPOINT_SLOW_CLEARINGHOUSE=f"{slow.url}/core") as house,
    ):
        give_a_connection_of_its_own(house, BLUESTEM)
        gateway = house.serve(**FEW)
        async with open_customer(gateway.address(), house.key) as customer:
            members = [f"SIMAPPROVE{number:04}" for number in range(WAITING)]
            cases = [await customer.submit(compose(member, payer=BLUESTEM)) for member in members]
            began = time.monotonic()
            await customer.until(await customer.submit(compose("SIMAPPROVE9999", payer=EVERGREEN)), "approved")
            took = time.monotonic() - began
            assert (await slow.filings()).total() < WAITING // 2, (
                "the line was gone before anybody could wait behind it"
            )
            assert took < 5
            await asyncio.gather(*(customer.until(case, "approved") for case in cases))
        assert await slow.filings() == dict.fromkeys(members, 1)
        # Each of two places takes one request in a second: a line with gaps would take longer.
        assert time.monotonic() - began < WAITING / 2 * 1.5 + 5
