"""What a PBM denied is appealed: asked about, answered, decided anew; the denial stands until then."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession

from tests.end_to_end.conftest import Pharmacy, member
from tests.end_to_end.test_script_epa import until
from tests.end_to_end.test_script_epa_times import AS_THE_PBM
from tests.running.customer import Answer, Customer
from tests.running.pbm import compose_oral, reply, reply_to_all, until_asked

REASON = "Two preferred drugs failed, and both are in the chart with their dates."


async def appeal(patron: Customer, case_id: str, **body: Any) -> Answer:
    return await patron.call("POST", f"/v1/requests/{case_id}/appeal", {"reason": REASON, **body})


async def decided(patron: Customer, word: str, status: str = "denied") -> tuple[str, str]:
    """A member and the case that was decided for it."""
    name = member(f"RX{word}")
    case_id = await patron.submit(compose_oral(name))
    await reply_to_all(patron, case_id)
    await patron.until(case_id, status)
    return name, case_id


def states(case: Any) -> list[str]:
    return [appeal["state"] for appeal in case["appeals"]]


async def test_an_appeal_is_asked_about_and_the_denial_stands_until_it_is_overturned(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    name, case_id = await decided(patron, "DENY")
    taken = await appeal(patron, case_id)
    assert taken.status == 202, taken.body
    asked = await until_asked(patron, case_id)
    assert asked["appeal"]
    case = await patron.case(case_id)
    assert (case["status"], states(case)) == ("denied", ["needs_information"])
    assert (case["lines"][0]["outcome"], case["attention"]["who"]) == ("not_certified", "provider")
    second = await appeal(patron, case_id)
    assert second.status == 409, second.body
    assert (await reply(patron, case_id, asked)).status == 202
    case = await patron.until(case_id, "approved")
    assert states(case) == ["overturned"]
    filing = await pharmacy.pbms.filing(name)
    assert (filing["count"], len(filing["appeals"]), filing["refused"]) == (1, 2, 0)
    assert case["lines"][0]["authorization_number"] == filing["authorization"]
    trail = await patron.trail(case_id)
    assert trail[trail.index("denied") :] == ["denied", "approved"]
    first, answers = await pharmacy.pbms.heard("PAAppealRequest", name)
    assert REASON.encode() in first
    assert b"<QuestionSet>" in answers


async def test_an_old_denial_that_comes_again_takes_nothing_from_an_appeal_that_was_won(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    name, case_id = await decided(patron, "PARTIAL", "approved_modified")
    assert (await appeal(patron, case_id, lines=["1"])).status == 202
    won = await patron.until(case_id, "approved")
    (decision,) = await pharmacy.pbms.said("PAResponse", name)
    for tag, new in (("MessageID", uuid4().hex), ("SentTime", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")):
        decision = re.sub(f"(?<=<{tag}>)[^<]+".encode(), new.encode(), decision)
    async with ClientSession() as pbm:
        url = f"{pharmacy.url}/v1/inbound/demo_birch_rx"
        async with pbm.post(url, data=decision, headers=AS_THE_PBM) as taken:
            assert b"<Code>000<" in await taken.read()
    case = await until(patron, case_id, lambda case: case["attention"]["who"] == "operator")
    assert (case["status"], case["lines"], states(case)) == ("approved", won["lines"], ["overturned"])


@pytest.mark.parametrize(
    ("word", "before", "state", "status", "outcome"),
    [
        ("APPEALDENY", "denied", "upheld", "denied", "not_certified"),
        ("APPEALPARTIAL", "denied", "partly_overturned", "approved_modified", "certified_modified"),
        ("APPEALBY", "denied", "closed", "denied", "not_certified"),
    ],
)
async def test_what_a_pbm_says_of_an_appeal_is_what_the_case_says(
    pharmacy: Pharmacy, patron: Customer, word: str, before: str, state: str, status: str, outcome: str
) -> None:
    name, case_id = await decided(patron, word, before)
    assert (await appeal(patron, case_id)).status == 202
    case = await until(patron, case_id, lambda case: states(case) == [state])
    assert (case["status"], case["lines"][0]["outcome"]) == (status, outcome)
    assert len((await pharmacy.pbms.filing(name))["appeals"]) == 1
    assert case["contradictions"] == 0


async def test_a_pbm_that_takes_no_appeal_this_way_is_sent_none(pharmacy: Pharmacy, patron: Customer) -> None:
    name, case_id = await decided(patron, "NOAPPEAL")
    refused = await appeal(patron, case_id)
    assert (refused.status, b"takes no appeal of line 1 through this channel" in refused.body) == (409, True)
    found = (await patron.call("GET", f"/v1/requests/{case_id}/recourse")).json()
    [way] = [option for option in found["options"] if option["way"] == "appeal"]
    assert way["how"].startswith("Send it as the payer's notice says")
    assert (await pharmacy.pbms.filing(name))["appeals"] == []
