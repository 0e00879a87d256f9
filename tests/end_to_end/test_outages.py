"""A payer that is away for a while: nothing is called filed or lost that is not, and nothing is filed twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.end_to_end.conftest import TEMPO, VIRTUAL, member
from tests.running.customer import Customer, open_customer
from tests.running.house import open_house
from tests.running.payer import Payer, open_payer
from tests.running.requests import BLUESTEM, EVERGREEN, compose

pytestmark = pytest.mark.asyncio(loop_scope="module")
SEVERAL = 8
RESENT = ("uncertain", "queued", "submitting", "approved")


@dataclass(frozen=True)
class Outage:
    """A payer and a gateway that no other test needs."""

    payer: Payer
    customer: Customer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outage]:
    log = tmp_path_factory.mktemp("outage") / "payer.log"
    with (
        open_payer(log, "--clock-factor", str(VIRTUAL)) as payer,
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
    await _filed_once(outage, members)


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
    await _filed_once(outage, members)


async def test_inquiries_that_get_no_usable_answer_leave_a_filing_uncertain(outage: Outage) -> None:
    kinds = {EVERGREEN: ("reset", "html_200"), BLUESTEM: ("empty", "gzip_garbage")}
    members = {payer: member("DROP") for payer in kinds}
    for payer, misbehaviours in kinds.items():
        for kind in misbehaviours:
            await outage.payer.order(kind, verb="inquiry", count=1, payer=payer)
    cases = [await outage.customer.submit(compose(name, payer=payer)) for payer, name in members.items()]
    for case_id in cases:
        await outage.customer.until(case_id, "approved")
        assert await outage.customer.trail(case_id) == ["queued", "submitting", "uncertain", "approved"]
        assert len(await outage.customer.entries(case_id, "frame", "submit")) == 1
        assert len(await outage.customer.entries(case_id, "frame", "inquire")) == 3
    await _filed_once(outage, members.values())


@pytest.mark.parametrize(
    "ways",
    [
        {"reset": ("uncertain", "approved"), "empty": ("uncertain", "approved")},
        {"gzip_garbage": ("uncertain", "approved"), "byte_order_mark": ("approved",)},
        {"qualified_children": ("approved",), "soap_fault_receiver": RESENT},
        {"core_envelope_error": RESENT, "slow": ("uncertain", "approved")},
    ],
    ids=" and ".join,
)
async def test_one_bad_answer_is_mended_by_asking(outage: Outage, ways: dict[str, tuple[str, ...]]) -> None:
    members = {kind: member("APPROVE") for kind in ways}
    cases = {}
    for payer, kind in zip((EVERGREEN, BLUESTEM), ways, strict=True):
        await outage.payer.order(kind, verb="request", count=1, payer=payer, seconds=6)
        cases[kind] = await outage.customer.submit(compose(members[kind], payer=payer))
    for kind, case_id in cases.items():
        await outage.customer.until(case_id, "approved")
        assert tuple((await outage.customer.trail(case_id))[2:]) == ways[kind], kind
    await _filed_once(outage, members.values())


async def test_a_connection_that_closes_before_anybody_read_is_not_believed_to_be_one(outage: Outage) -> None:
    name = member("APPROVE")
    await outage.payer.order("close", count=1)
    case_id = await outage.customer.submit(compose(name))
    await outage.customer.until(case_id, "approved")
    assert tuple((await outage.customer.trail(case_id))[2:]) == RESENT
    await _filed_once(outage, [name])


async def test_a_payer_that_does_not_find_what_it_holds_is_asked_until_it_does(outage: Outage) -> None:
    """Two virtual minutes blind, and the profile's settle time is three: not found is no proof before that."""
    name = member("BLIND")
    case_id = await outage.customer.submit(compose(name))
    await outage.customer.until(case_id, "approved")
    assert await outage.customer.trail(case_id) == ["queued", "submitting", "uncertain", "approved"]
    assert len(await outage.customer.entries(case_id, "frame", "inquire")) >= 2
    await _filed_once(outage, [name])


async def _filed_once(outage: Outage, members: Iterable[str]) -> None:
    filings = await outage.payer.filings()
    assert {name: filings[name] for name in members} == dict.fromkeys(members, 1)
