"""A gateway whose control numbers begin again, as after a restore: its payer has seen them, under other messages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.end_to_end.conftest import TEMPO, member
from tests.running.customer import Customer, open_customer
from tests.running.house import open_house
from tests.running.payer import Payer, open_payer
from tests.running.processes import PATIENCE
from tests.running.requests import compose

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUICK = {**TEMPO, "first_seconds": "0.3"}
BEFORE = 4
"""Interchanges that the payer has of an earlier database: more than are refused before an operator is called."""


@dataclass(frozen=True)
class Restored:
    payer: Payer
    customer: Customer


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["ta1", "999"])
async def restored(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> AsyncIterator[Restored]:
    """``params``: whether the payer says so of the interchange, or of its group."""
    log = tmp_path_factory.mktemp("restored") / "payer.log"
    with open_payer(log, "--duplicates", request.param) as payer:
        with open_house(payer.url, QUICK) as lost:
            gateway = lost.serve()
            async with open_customer(gateway.address(), lost.key) as customer:
                for _ in range(BEFORE):
                    case_id = await customer.submit(compose(member("APPROVE")))
                    await customer.until(case_id, "approved")
            assert gateway.stop() == 0
        with open_house(payer.url, QUICK) as house:
            gateway = house.serve()
            async with open_customer(gateway.address(), house.key) as customer:
                yield Restored(payer, customer)


@pytest.mark.proves("EN-06")
async def test_a_request_is_filed_once_under_the_first_number_the_payer_has_not_seen(restored: Restored) -> None:
    name = member("APPROVE")
    case_id = await restored.customer.submit(compose(name))
    await restored.customer.until(case_id, "approved")
    trail = await restored.customer.trail(case_id)
    assert trail == ["queued", "submitting"] * (BEFORE + 1) + ["approved"], "never called received or uncertain"
    assert (await restored.payer.filings())[name] == 1
    events = (await restored.customer.get(f"/v1/requests/{case_id}/events"))["data"]
    assert "operator" in {event["data"]["attention"] for event in events}
    assert events[-1]["data"]["attention"] == "none"


async def test_a_cancellation_refused_for_its_number_is_said_again_under_another(restored: Restored) -> None:
    case_id = await restored.customer.submit(compose(member("APPROVE")))
    await restored.customer.until(case_id, "approved")
    await restored.payer.order("number_used", count=1, verb="request")
    answer = await restored.customer.call("POST", f"/v1/requests/{case_id}/cancel", {})
    assert answer.status == 202, answer.body
    await restored.customer.until(case_id, "cancelled")
    frames = await restored.customer.entries(case_id, "frame", "amend")
    said = [await restored.customer.raw(case_id, frame["n"]) for frame in frames]
    assert len(said) == len(set(said)) == 2


async def test_a_filing_whose_number_was_used_by_its_own_first_sending_is_not_refused(restored: Restored) -> None:
    """The payer did not take it for the moment, the answer got lost, and no inquiry finds it: a person asks."""
    await restored.payer.order("drop_after_recording", count=1, verb="request")
    case_id = await restored.customer.submit(compose(member("BUSY")))
    deadline = time.monotonic() + PATIENCE
    while "sent twice" not in str((case := await restored.customer.case(case_id))["attention"]["why"]):
        assert time.monotonic() < deadline, case
        await asyncio.sleep(0.1)
    assert (case["status"], case["attention"]["who"]) == ("uncertain", "operator")
    frames = await restored.customer.entries(case_id, "frame", "submit")
    said = [await restored.customer.raw(case_id, frame["n"]) for frame in frames]
    assert (len(said), len(set(said))) == (2, 1)
