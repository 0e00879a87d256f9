"""Filings that are sent again to a payer that refuses a control number it has seen: none is lost, none filed twice."""

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
from tests.running.requests import BLUESTEM, EVERGREEN, compose

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUICK = {**TEMPO, "first_seconds": "0.3", "longest_seconds": "1"}
LOST_AGAIN = ["uncertain", "queued", "submitting", "uncertain"]


@dataclass(frozen=True)
class Place:
    payer: Payer
    customer: Customer

    async def filed(self, case_id: str) -> list[bytes]:
        """Every filing as it was about to leave, in order."""
        frames = await self.customer.entries(case_id, "frame", "submit")
        return [await self.customer.raw(case_id, frame["n"]) for frame in frames]

    async def until_filed(self, case_id: str, times: int) -> list[bytes]:
        deadline = time.monotonic() + PATIENCE
        while len(filed := await self.filed(case_id)) < times:
            assert time.monotonic() < deadline, f"it was sent {len(filed)} times"
            await asyncio.sleep(0.1)
        return filed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    log = tmp_path_factory.mktemp("said_again") / "payer.log"
    with open_payer(log, "--duplicates", "ta1") as payer, open_house(payer.url, QUICK) as house:
        gateway = house.serve()
        async with open_customer(gateway.address(), house.key) as customer:
            yield Place(payer, customer)


async def test_what_was_refused_for_now_in_an_answer_that_got_lost_is_filed_anew_under_another_number(
    place: Place,
) -> None:
    members, cases = {}, {}
    for payer in (EVERGREEN, BLUESTEM):
        members[payer] = member("BUSY")
        # The refusal uses up the number, and is not heard: the same bytes go again and get TA1 025.
        await place.payer.order("drop_after_recording", count=1, verb="request", payer=payer)
        cases[payer] = await place.customer.submit(compose(members[payer], payer=payer))
    for payer, case_id in cases.items():
        await place.customer.until(case_id, "approved")
        assert (await place.customer.trail(case_id))[2:] == [*LOST_AGAIN, "queued", "submitting", "approved"]
        first, again, anew = await place.filed(case_id)
        assert first == again != anew
        assert (await place.payer.filings())[members[payer]] == 1


async def test_what_was_filed_by_the_first_sending_is_adopted_when_an_inquiry_finds_it(place: Place) -> None:
    """Found only after it was sent again: that its number is used is no reason to file it a second time."""
    name = member("BLIND")
    case_id = await place.customer.submit(compose(name))
    await place.until_filed(case_id, 2)
    await place.payer.advance(200)
    await place.customer.until(case_id, "approved")
    assert (await place.customer.trail(case_id))[2:] == [*LOST_AGAIN, "approved"]
    assert len(set(await place.filed(case_id))) == 1
    assert (await place.payer.filings())[name] == 1


async def test_an_operator_is_called_once_for_a_reply_nobody_can_read_and_stays_called(place: Place) -> None:
    name = member("APPROVE")
    await place.payer.order("html_200", verb="request")
    case_id = await place.customer.submit(compose(name))
    await place.until_filed(case_id, 3)
    events = (await place.customer.get(f"/v1/requests/{case_id}/events"))["data"]
    calls = [(event["data"]["attention"], event["data"]["attention_why"]) for event in events]
    called = [who for who, _ in calls].index("operator")
    assert events[called]["data"]["status"] == "uncertain"
    assert [event["data"]["status"] for event in events[:called]] == ["queued", "submitting"], "at once"
    assert {who for who, _ in calls[called:]} == {"operator"}
    assert all("HTTP 200 without a SOAP envelope" in (why or "") for _, why in calls[called:])
    await place.payer.reset()
    case = await place.customer.until(case_id, "approved")
    assert case["attention"]["who"] == "none"
    assert (await place.payer.filings())[name] == 1
