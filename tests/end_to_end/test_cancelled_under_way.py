"""Requests that are cancelled while their filing is under way, and of which the payer then holds nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.end_to_end.conftest import TEMPO, member
from tests.running.customer import Customer, open_customer
from tests.running.house import open_house
from tests.running.payer import Payer, open_payer
from tests.running.requests import BLUESTEM, EVERGREEN, compose

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUICK = {**TEMPO, "first_seconds": "0.3", "longest_seconds": "1"}


@dataclass(frozen=True)
class Place:
    payer: Payer
    customer: Customer

    async def cancel(self, case_id: str) -> None:
        answer = await self.customer.call("POST", f"/v1/requests/{case_id}/cancel", {})
        assert answer.status == 202, answer.body

    async def nothing_went_again(self, case_id: str, name: str) -> None:
        case = await self.customer.case(case_id)
        assert {line["outcome"] for line in case["lines"]} == {"cancelled"}
        assert case["attention"]["who"] == "none"
        assert len(await self.customer.entries(case_id, "frame", "submit")) == 1
        assert await self.customer.entries(case_id, "frame", "amend") == []
        assert (await self.payer.filings())[name] == 0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    log = tmp_path_factory.mktemp("under_way") / "payer.log"
    with open_payer(log, "--latency", "1") as payer, open_house(payer.url, QUICK) as house:
        gateway = house.serve()
        async with open_customer(gateway.address(), house.key) as customer:
            yield Place(payer, customer)


@pytest.mark.parametrize("payer", [EVERGREEN, BLUESTEM])
async def test_a_filing_that_got_lost_is_not_sent_again_once_it_was_cancelled(place: Place, payer: str) -> None:
    name = member("APPROVE")
    await place.payer.order("drop_before_recording", count=1, verb="request", payer=payer)
    case_id = await place.customer.submit(compose(name, payer=payer))
    await place.customer.until(case_id, "uncertain")
    await place.cancel(case_id)
    await place.customer.until(case_id, "cancelled")
    await place.nothing_went_again(case_id, name)


async def test_a_filing_that_was_refused_for_now_is_not_filed_anew_once_it_was_cancelled(place: Place) -> None:
    name = member("BUSY")
    case_id = await place.customer.submit(compose(name))
    await place.customer.until(case_id, "submitting")
    await place.cancel(case_id)
    await place.customer.until(case_id, "cancelled")
    await place.nothing_went_again(case_id, name)
