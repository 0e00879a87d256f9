"""An authorization that a payer grants for half a year: its end is told by itself, once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.end_to_end.conftest import TEMPO, member
from tests.running.customer import open_customer
from tests.running.house import open_house
from tests.running.payer import open_payer
from tests.running.requests import EVERGREEN, compose

SOON = "courses:\n  remind_days: 200\n"
"""The simulated payer grants 180 days."""


async def test_the_end_of_an_authorization_is_told_once(tmp_path: Path) -> None:
    with open_payer(tmp_path / "payer.log") as payer, open_house(payer.url, TEMPO) as house:
        profile = house.folder / "mappings" / "payers" / f"{EVERGREEN}.yaml"
        profile.write_text(f"{profile.read_text()}{SOON}")
        gateway = house.serve()
        async with open_customer(gateway.address(), house.key) as customer:
            case_id = await customer.submit(compose(member("APPROVE")))
            await customer.until(case_id, "approved")

            async def told() -> list[dict[str, str]]:
                found = (await customer.get(f"/v1/requests/{case_id}/events"))["data"]
                return [one["data"]["expiring"] for one in found if one["type"] == "authorization.expiring"]

            for _ in range(40):
                if await told():
                    break
                await asyncio.sleep(0.25)
            await asyncio.sleep(1.5)  # several sweeps more
            assert await told() == [{"1": "ends"}]
        assert gateway.stop() == 0
