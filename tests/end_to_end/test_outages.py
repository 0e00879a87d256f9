"""A payer that is away for a while: nothing is called filed or lost that is not, and nothing is filed twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.end_to_end.conftest import TEMPO, VIRTUAL, member
from tests.running.customer import Customer, open_customer
from tests.running.house import open_house
from tests.running.payer import Payer, open_payer
from tests.running.requests import compose

SEVERAL = 8


@dataclass(frozen=True)
class Outage:
    """A payer and a gateway that no other test needs."""

    payer: Payer
    customer: Customer


@pytest_asyncio.fixture
async def outage(tmp_path: Path) -> AsyncIterator[Outage]:
    with (
        open_payer(tmp_path / "payer.log", "--clock-factor", str(VIRTUAL)) as payer,
        open_house(payer.url, TEMPO) as house,
    ):
        gateway = house.serve()
        async with open_customer(gateway.address(), house.key) as customer:
            yield Outage(payer, customer)


async def test_while_nobody_can_connect_requests_wait_and_are_not_uncertain(outage: Outage) -> None:
    """Behind a breaker that opens after five failures and closes again."""
    await outage.payer.order("refuse", seconds=5)
    await asyncio.sleep(0.3)
    members = [member("APPROVE") for _ in range(SEVERAL)]
    cases = [await outage.customer.submit(compose(name)) for name in members]
    waiting = [await outage.customer.case(case_id) for case_id in cases]
    assert {case["status"] for case in waiting} <= {"queued", "submitting"}
    for case_id in cases:
        await outage.customer.until(case_id, "approved")
        assert "uncertain" not in await outage.customer.trail(case_id)
    assert await outage.payer.filings() == dict.fromkeys(members, 1)


async def test_behind_a_front_that_answers_503_requests_wait_until_the_payer_is_back(outage: Outage) -> None:
    """A 503 page says that nobody was home; whether it is believed or asked about, nothing is filed twice."""
    await outage.payer.order("down")
    members = [member("APPROVE") for _ in range(SEVERAL)]
    cases = [await outage.customer.submit(compose(name)) for name in members]
    for case_id in cases:
        await outage.customer.until(case_id, "uncertain", "queued")
    await asyncio.sleep(3)
    for case_id in cases:
        case = await outage.customer.case(case_id)
        assert case["status"] in ("queued", "submitting", "uncertain")
        assert case["attention"]["who"] in ("gateway", "operator")
    await outage.payer.reset()  # nothing was on file; only the order is forgotten
    for case_id in cases:
        await outage.customer.until(case_id, "approved")
    assert await outage.payer.filings() == dict.fromkeys(members, 1)


@pytest.mark.parametrize("kind", ["reset", "truncated", "empty", "gzip_garbage", "html_after_recording"])
async def test_inquiries_that_get_no_usable_answer_leave_a_filing_uncertain(outage: Outage, kind: str) -> None:
    name = member("DROP")
    await outage.payer.order(kind, verb="inquiry", count=2)
    case_id = await outage.customer.submit(compose(name))
    await outage.customer.until(case_id, "approved")
    assert await outage.customer.trail(case_id) == ["queued", "submitting", "uncertain", "approved"]
    assert len(await outage.customer.entries(case_id, "frame", "submit")) == 1
    assert len(await outage.customer.entries(case_id, "frame", "inquire")) == 3
    assert await outage.payer.filings() == {name: 1}


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("drop_before_recording", ("uncertain", "queued", "submitting", "approved")),
        ("drop_after_recording", ("uncertain", "approved")),
        ("reset", ("uncertain", "approved")),
        ("empty", ("uncertain", "approved")),
        ("byte_order_mark", ("approved",)),
        ("close", ("uncertain", "queued", "submitting", "approved")),
        ("twice", ("approved",)),
        ("core_envelope_error", ("uncertain", "queued", "submitting", "approved")),
        ("soap_fault_receiver", ("uncertain", "queued", "submitting", "approved")),
        ("html_200", ("uncertain", "queued", "submitting", "approved")),
        ("wrong_correlation", ("uncertain", "approved")),
    ],
)
async def test_one_bad_answer_is_mended_by_asking(outage: Outage, kind: str, first: tuple[str, ...]) -> None:
    name = member("APPROVE")
    await outage.payer.order(kind, count=1)
    case_id = await outage.customer.submit(compose(name))
    await outage.customer.until(case_id, "approved")
    assert tuple((await outage.customer.trail(case_id))[2:]) == first
    assert await outage.payer.filings() == {name: 1}


async def test_a_payer_that_does_not_find_what_it_holds_is_asked_until_it_does(outage: Outage) -> None:
    """Two virtual minutes blind, and the profile's settle time is three: not found is no proof before that."""
    name = member("BLIND")
    case_id = await outage.customer.submit(compose(name))
    await outage.customer.until(case_id, "approved")
    assert await outage.customer.trail(case_id) == ["queued", "submitting", "uncertain", "approved"]
    assert len(await outage.customer.entries(case_id, "frame", "inquire")) >= 2
    assert await outage.payer.filings() == {name: 1}
