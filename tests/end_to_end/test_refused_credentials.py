"""Credentials that the payer does not accept: tried once in a long while, so that no account gets locked, and a person
is told for every request that waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.engine import links
from tests.end_to_end.conftest import TEMPO, member
from tests.running.customer import Customer, open_customer
from tests.running.house import open_house
from tests.running.payer import Payer, open_payer
from tests.running.processes import PATIENCE
from tests.running.requests import compose

pytestmark = pytest.mark.asyncio(loop_scope="module")
AT_ONCE = 2
REST = 4
QUICK = {**TEMPO, "concurrency": str(AT_ONCE), "first_seconds": "0.2", "refused_seconds": str(REST)}


@dataclass(frozen=True)
class Place:
    payer: Payer
    customer: Customer

    async def logins(self) -> int:
        return len(await self.payer.exchanges())

    async def until_calls(self, case_id: str) -> str:
        """Why an operator is called for the case, once one is."""
        deadline = time.monotonic() + PATIENCE
        case = await self.customer.case(case_id)
        while case["attention"]["who"] != "operator":
            assert time.monotonic() < deadline, case
            await asyncio.sleep(0.1)
            case = await self.customer.case(case_id)
        return str(case["attention"]["why"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    log = tmp_path_factory.mktemp("refused") / "payer.log"
    with open_payer(log) as payer, open_house(payer.url, QUICK) as house:
        gateway = house.serve()
        async with open_customer(gateway.address(), house.key) as customer:
            yield Place(payer, customer)


@pytest.mark.proves("AU-01")
async def test_refused_credentials_are_tried_by_one_call_a_rest_and_every_request_gets_there_in_the_end(
    place: Place,
) -> None:
    await place.payer.order("core_envelope_error", code="UnAuthorized")
    members = [member("APPROVE") for _ in range(8)]
    cases = [await place.customer.submit(compose(name)) for name in members]
    for case_id in cases:
        why = await place.until_calls(case_id)
        assert "credentials were refused" in why
        assert "tries again by itself every" in why
        assert "the gateway is restarted" in why
    # What was under way together, and then one call for every rest that may have ended by now.
    first = await place.logins()
    assert first <= AT_ONCE + 1
    await asyncio.sleep(2 * REST)
    assert 1 <= await place.logins() - first <= 3
    await place.payer.reset()
    for case_id in cases:
        await place.customer.until(case_id, "approved")
        assert "uncertain" not in await place.customer.trail(case_id)
        assert (await place.customer.case(case_id))["attention"]["who"] == "none"
    filings = await place.payer.filings()
    assert {name: filings[name] for name in members} == dict.fromkeys(members, 1)


def look_often() -> None:
    """Look again every second whether the connection still rests."""
    links.LOOK_AGAIN = 1


async def test_a_request_that_comes_while_the_connection_rests_is_not_sent_and_goes_when_the_gateway_is_restarted(
    tmp_path: Path,
) -> None:
    with (
        open_payer(tmp_path / "payer.log") as payer,
        open_house(payer.url, {**QUICK, "refused_seconds": "900"}) as house,
    ):
        await payer.order("core_envelope_error", code="UnAuthorized")
        first = house.serve(first=look_often)
        async with open_customer(first.address(), house.key) as customer:
            here = Place(payer, customer)
            refused, late = member("APPROVE"), member("APPROVE")
            cases = [await customer.submit(compose(refused))]
            await here.until_calls(cases[0])
            cases.append(await customer.submit(compose(late)))
            assert "tries again by itself every 15 minutes" in await here.until_calls(cases[1])
            _, called = (await customer.get(f"/v1/requests/{cases[1]}/events"))["data"]
            [routed] = await customer.entries(cases[1], "note")
            assert called["timestamp"] == routed["at"], "called at once, not when its timer rings"
            await asyncio.sleep(3)
            assert await here.logins() == 1
        assert first.stop() == 0
        await payer.reset()
        second = house.serve(first=look_often)
        async with open_customer(second.address(), house.key) as customer:
            for case_id in cases:
                await customer.until(case_id, "approved")
        assert dict.fromkeys((refused, late), 1) == await payer.filings()


async def test_a_password_that_is_put_right_is_tried_without_a_restart(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "core-password").write_text("wrong")
    environment = {"GATEWAY_SECRET_CORE_PASSWORD": "", "GATEWAY_SECRETS_DIR": str(secrets)}
    with (
        open_payer(tmp_path / "payer.log") as payer,
        open_house(payer.url, {**QUICK, "refused_seconds": "900"}, **environment) as house,
    ):
        gateway = house.serve(first=look_often)
        async with open_customer(gateway.address(), house.key) as customer:
            here = Place(payer, customer)
            case_id = await customer.submit(compose(name := member("APPROVE")))
            assert "a file of secrets is written anew" in await here.until_calls(case_id)
            await asyncio.sleep(3)
            assert await here.logins() == 1
            (secrets / "core-password").write_text("demo-password")
            await customer.until(case_id, "approved")
            assert await payer.filings() == {name: 1}
