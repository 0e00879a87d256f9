"""An authorization that a payer grants for a few weeks: its end is told by itself, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from tests.end_to_end.conftest import Town, member
from tests.running.customer import Customer
from tests.running.requests import compose


async def test_the_end_of_a_short_authorization_is_told_once(town: Town, customer: Customer) -> None:
    today = datetime.now(UTC).date()
    request = compose(member("APPROVE"))
    request["lines"][0]["dates"] = {"start": today.isoformat(), "end": (today + timedelta(days=20)).isoformat()}
    case_id = await customer.submit(request)
    await customer.until(case_id, "approved")

    async def told() -> list[dict[str, str]]:
        found = (await customer.get(f"/v1/requests/{case_id}/events"))["data"]
        return [one["data"]["expiring"] for one in found if one["type"] == "authorization.expiring"]

    for _ in range(40):
        if await told():
            break
        await asyncio.sleep(0.25)
    await asyncio.sleep(2.5)  # two sweeps more
    assert await told() == [{"1": "ends"}]
