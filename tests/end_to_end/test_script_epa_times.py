"""What time does to a conversation with a PBM: deadlines that pass, and messages that overtake each other."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession, encode_basic_auth

from tests.end_to_end.conftest import TEMPO, Pharmacy, member
from tests.end_to_end.test_script_epa import until_called
from tests.running.customer import open_customer
from tests.running.house import open_house
from tests.running.pbm import compose_oral, open_pbms, reply, reply_to_all, until_asked
from tests.running.processes import PATIENCE

AS_THE_PBM = {"Authorization": encode_basic_auth("pbm", "demo-pbm-password"), "Content-Type": "application/xml"}


@pytest.fixture(scope="module")
def unhurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pharmacy]:
    """PBMs whose clock is ours: what they say of the future comes."""
    log = tmp_path_factory.mktemp("unhurried") / "pbms.log"
    with open_pbms(log, "--clock-factor", "1") as pbms, open_house(pbms.payer.url, TEMPO, **pbms.environment) as house:
        gateway = house.serve()
        asyncio.run(pbms.send_to(gateway.address()))
        yield Pharmacy(pbms, house, gateway.address())
        assert gateway.stop() == 0, gateway.said()[-3000:]


async def test_a_deadline_that_passes_without_answers_calls_the_practice_and_late_answers_are_kept_back(
    unhurried: Pharmacy,
) -> None:
    name = member("RXBRIEF")
    async with open_customer(unhurried.url, unhurried.house.key) as patron:
        case_id = await patron.submit(compose_oral(name))
        asked = await until_asked(patron, case_id)
        assert not asked["overdue"]
        before = await patron.case(case_id)
        assert "must be answered by" in before["attention"]["why"]
        case = await until_called(patron, case_id, "and were not: submit the request anew")
        assert (case["status"], case["attention"]["who"]) == ("needs_information", "provider")
        assert (await until_asked(patron, case_id))["overdue"]
        told = (await patron.get(f"/v1/requests/{case_id}/events"))["data"]
        assert told[-1]["data"]["attention_why"] == case["attention"]["why"]
        late = await reply(patron, case_id, asked)
        assert (late.status, "Submit the request anew" in late.json()["detail"]) == (409, True)
        assert (await unhurried.pbms.filing(name))["answers"] == []


async def test_a_decision_that_the_pbm_wrote_before_the_one_we_know_changes_nothing(unhurried: Pharmacy) -> None:
    name = member("RXPARTIAL")
    async with open_customer(unhurried.url, unhurried.house.key) as patron, ClientSession() as pbm:
        case_id = await patron.submit(compose_oral(name))
        await _between_minutes()
        await reply_to_all(patron, case_id)
        before = await patron.until(case_id, "approved_modified")
        known = len(await patron.entries(case_id, "outcome"))
        (decision,) = await unhurried.pbms.said("PAResponse", name)
        older, changed = re.subn(rb"<(SentTime|MessageID|NumberOfRefills|Value)>([^<]+)<", _written_before, decision)
        assert changed >= 3, decision
        url = f"{unhurried.url}/v1/inbound/demo_birch_rx"
        async with pbm.post(url, data=older, headers=AS_THE_PBM) as taken:
            assert b"<Code>000<" in await taken.read()
        deadline = time.monotonic() + PATIENCE
        while len(await patron.entries(case_id, "outcome")) == known:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        after = await patron.case(case_id)
    assert after["lines"] == before["lines"]
    assert (after["status"], after["attention"]) == (before["status"], before["attention"])


async def test_a_case_shows_by_when_its_payer_said_that_it_will_decide(unhurried: Pharmacy) -> None:
    name = member("RXWAITING")
    async with open_customer(unhurried.url, unhurried.house.key) as patron:
        case_id = await patron.submit(compose_oral(name))
        assert (await until_asked(patron, case_id))["overdue"] is False
        assert (await patron.case(case_id))["expected_by"] is None
        await reply_to_all(patron, case_id)
        case = await patron.until(case_id, "pended")
    (said,) = await unhurried.pbms.said("PAResponse", name)
    (day,) = re.findall(rb"<ExpectedResponseDate><Date>([0-9-]+)<", said)
    # A day without a zone ends where it ends first in the United States: at UTC-4.
    ends = datetime.fromisoformat(day.decode()).replace(tzinfo=UTC) + timedelta(days=1, hours=4, seconds=-1)
    assert datetime.fromisoformat(case["expected_by"]) == ends
    assert case["sources"]["/expected_by"]["entry"]


async def _between_minutes() -> None:
    """Not near the turn of a minute: a time whose seconds are 00 may be one without seconds, and then nobody knows."""
    now = datetime.now(UTC).second
    if not 2 <= now < 50:
        await asyncio.sleep((62 - now) % 60)


def _written_before(found: re.Match[bytes]) -> bytes:
    match found[1]:
        case b"SentTime":
            earlier = datetime.fromisoformat(found[2].decode()) - timedelta(seconds=1)
            return f"<SentTime>{earlier:%Y-%m-%dT%H:%M:%SZ}<".encode()
        case b"MessageID":
            return b"<MessageID>" + b"0" * 31 + b"7<"
    return b"<" + found[1] + b">3<"
