"""An SFTP server that refuses our login, and one that is another than it was: one login, and then a person."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.engine import links
from tests.end_to_end.conftest import TEMPO, member
from tests.running.customer import Customer, open_customer
from tests.running.house import open_house
from tests.running.payer import Payer, open_payer
from tests.running.processes import PATIENCE
from tests.running.requests import compose

HAWTHORN = "hawthorn_health"


def look_often() -> None:
    """Look again every second whether the connection still rests."""
    links.LOOK_AGAIN = 1


async def until_called(customer: Customer, case_id: str, says: str) -> None:
    deadline = time.monotonic() + PATIENCE
    attention: Any = {}
    while attention.get("who") != "operator" or says not in attention["why"]:
        assert time.monotonic() < deadline, attention
        await asyncio.sleep(0.1)
        attention = (await customer.case(case_id))["attention"]


async def submit(customer: Customer) -> tuple[str, str]:
    name = member("APPROVE")
    return name, await customer.submit(compose(name, payer=HAWTHORN))


async def logins(payer: Payer) -> tuple[int, int]:
    told = await payer.post()
    return told["logins"], told["refused_logins"]


@pytest.mark.proves("SF-03", "SF-04")
async def test_a_refused_login_is_not_tried_again_and_a_changed_host_hears_nothing_until_a_person_has_acted(
    tmp_path: Path,
) -> None:
    tempo = {**TEMPO, "first_seconds": "0.2", "refused_seconds": "900"}
    with (
        open_payer(tmp_path / "payer.log", "--clock-factor", "60", "--sftp-port", "0") as payer,
        open_house(payer.url, tempo, GATEWAY_ENDPOINT_DEMO_SFTP=payer.files) as house,
    ):
        first = house.serve(first=look_often)
        await payer.post(refusing=True)
        async with open_customer(first.address(), house.key) as customer:
            made = [await submit(customer) for _ in range(4)]
            for _, case_id in made:
                await until_called(customer, case_id, "credentials")
            await asyncio.sleep(2)
            assert await logins(payer) == (0, 1)
        assert first.stop() == 0

        await payer.post(refusing=False)
        second = house.serve(first=look_often)
        async with open_customer(second.address(), house.key) as customer:
            for _, case_id in made:
                await customer.until(case_id, "approved")
            before = (await logins(payer))[0]
            await payer.post(host_key="somebody else")
            made.append(await submit(customer))
            await until_called(customer, made[-1][1], "host key")
            await payer.post(host_key="payers")
            await asyncio.sleep(2)
            assert await logins(payer) == (before, 1)
            assert (await payer.filings())[made[-1][0]] == 0
