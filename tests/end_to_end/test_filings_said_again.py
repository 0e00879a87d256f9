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

    async def until_called(self, case_id: str, says: str = "sent twice") -> str:
        """Why an operator is called for it, once it is for this."""
        deadline = time.monotonic() + PATIENCE
        while says not in (why := str((await self.customer.case(case_id))["attention"]["why"])):
            assert time.monotonic() < deadline, why
            await asyncio.sleep(0.1)
        assert (await self.customer.case(case_id))["attention"]["who"] == "operator"
        return why

    async def cancel(self, case_id: str) -> None:
        answer = await self.customer.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "Filed anew."})
        assert answer.status == 202, answer.body


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    log = tmp_path_factory.mktemp("said_again") / "payer.log"
    with open_payer(log, "--duplicates", "ta1") as payer, open_house(payer.url, QUICK) as house:
        gateway = house.serve()
        async with open_customer(gateway.address(), house.key) as customer:
            yield Place(payer, customer)


async def test_a_filing_that_was_sent_again_and_is_still_not_found_waits_for_a_person_who_cancels_it(
    place: Place,
) -> None:
    members, cases = {}, {}
    for payer in (EVERGREEN, BLUESTEM):
        members[payer] = member("BUSY")
        # The refusal uses up the number, and is not heard: the same bytes go again and get TA1 025, as they would if
        # the first sending were on file and no inquiry showed it.
        await place.payer.order("drop_after_recording", count=1, verb="request", payer=payer)
        cases[payer] = await place.customer.submit(compose(members[payer], payer=payer))
    for payer, case_id in cases.items():
        assert "cancel this one and submit it anew" in await place.until_called(case_id)
        assert (await place.customer.trail(case_id))[2:] == LOST_AGAIN
        first, again = await place.filed(case_id)
        assert first == again
        await place.cancel(case_id)
        await place.customer.until(case_id, "cancelled")
        anew = await place.customer.submit({**compose(members[payer], payer=payer), "reference": "anew"})
        await place.customer.until(anew, "approved")
        assert (await place.payer.filings())[members[payer]] == 1


async def test_what_was_filed_by_the_first_sending_is_adopted_when_an_inquiry_finds_it(place: Place) -> None:
    """Found only after it was sent again: however long the payer does not show it, it is not filed a second time."""
    name = member("BLIND")
    case_id = await place.customer.submit(compose(name))
    await place.until_called(case_id)
    asked = await place.customer.entries(case_id, "frame", "inquire")
    await asyncio.sleep(7)
    assert len(await place.customer.entries(case_id, "frame", "inquire")) > len(asked), "the payer is asked no more"
    assert len(await place.filed(case_id)) == 2
    await place.payer.advance(200)
    case = await place.customer.until(case_id, "approved")
    assert case["attention"]["who"] == "none"
    assert (await place.customer.trail(case_id))[2:] == [*LOST_AGAIN, "approved"]
    assert len(set(await place.filed(case_id))) == 1
    assert (await place.payer.filings())[name] == 1


async def test_an_operator_is_called_once_for_a_reply_nobody_can_read_and_stays_called(place: Place) -> None:
    name = member("APPROVE")
    await place.payer.order("html_200", verb="request")
    case_id = await place.customer.submit(compose(name))
    await place.until_called(case_id, "it is not sent again")
    await place.payer.reset()
    await asyncio.sleep(2)
    assert len(await place.filed(case_id)) == 2, "a payer that is well again gets it no third time either"
    events = (await place.customer.get(f"/v1/requests/{case_id}/events"))["data"]
    calls = [(event["data"]["attention"], event["data"]["attention_why"]) for event in events]
    called = [who for who, _ in calls].index("operator")
    assert events[called]["data"]["status"] == "uncertain"
    assert [event["data"]["status"] for event in events[:called]] == ["queued", "submitting"], "at once"
    assert {who for who, _ in calls[called:]} == {"operator"}
    assert all("HTTP 200 without a SOAP envelope" in (why or "") for _, why in calls[called:])
    await place.cancel(case_id)
    case = await place.customer.until(case_id, "cancelled")
    assert case["attention"]["who"] == "none"
    assert (await place.payer.filings())[name] == 0


async def test_an_earlier_filing_of_the_member_is_not_taken_for_one_that_was_lost(place: Place) -> None:
    """The payer never had the second, and finds the first, granted for the same service: a person looks."""
    for payer in (EVERGREEN, BLUESTEM):
        name = member("APPROVE")
        earlier = await place.customer.submit(compose(name, payer=payer))
        await place.customer.until(earlier, "approved")
        await place.payer.order("drop_before_recording", count=1, verb="request", payer=payer)
        lost = await place.customer.submit({**compose(name, payer=payer), "reference": "renewed"})
        await place.until_called(lost, says="does not carry our trace")
        case = await place.customer.case(lost)
        assert (case["status"], [line["authorization_number"] for line in case["lines"]]) == ("uncertain", [None])
        assert (await place.payer.filings())[name] == 1
