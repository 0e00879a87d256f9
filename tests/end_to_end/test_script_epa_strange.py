"""What a PBM says that cannot be read, belongs to another case or comes twice; and strangers at our door."""

from __future__ import annotations

import asyncio
import base64
import time

import pytest
from aiohttp import ClientSession

from tests.end_to_end.conftest import Pharmacy, member
from tests.end_to_end.test_script_epa import until, until_called
from tests.running.customer import Customer
from tests.running.pbm import MAPLE, compose_oral, reply_to_all
from tests.running.processes import PATIENCE


async def until_said(customer: Customer, case_id: str, times: int) -> None:
    """Wait until the filing was said so often."""
    deadline = time.monotonic() + PATIENCE
    while len(await customer.entries(case_id, "reply")) < times:
        assert time.monotonic() < deadline, await customer.case(case_id)
        await asyncio.sleep(0.2)


async def test_messages_that_come_strangely_are_heard_once(pharmacy: Pharmacy, patron: Customer) -> None:
    async def come(word: str) -> None:
        name = member(f"RX{word}")
        case_id = await patron.submit(compose_oral(name))
        await reply_to_all(patron, case_id)
        await patron.until(case_id, "approved")
        heard = [entry["meta"]["verb"] for entry in await patron.entries(case_id, "outcome")]
        assert heard.count("answer") == 2, word
        if word == "CHANGED":
            again = [each for each in await pharmacy.pbms.messages(name) if each["state"] == "refused"]
            assert {each["replies"][0] for each in again} == {"refused: 900 2000"}

    await asyncio.gather(*map(come, ("TWICE", "CHANGED", "NOREFERENCE", "UNKNOWN", "VERIFY")))


async def test_an_approval_with_nothing_but_the_payers_number_of_the_case_is_heard(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    case_id = await patron.submit(compose_oral(member("RXCASEONLY")))
    await reply_to_all(patron, case_id)
    await patron.until(case_id, "approved")


async def test_an_approval_of_another_case_is_an_operators(pharmacy: Pharmacy, patron: Customer) -> None:
    case_id = await patron.submit(compose_oral(member("RXOTHERCASE")))
    await reply_to_all(patron, case_id)
    case = await until_called(patron, case_id, "another case of the payer's")
    assert (case["status"], case["attention"]["who"]) == ("needs_information", "operator")


async def test_who_says_nothing_that_can_be_read_is_an_operators(pharmacy: Pharmacy, patron: Customer) -> None:
    says = {"OLD": "900 3000", "VERSION": "900 3000", "NOTXML": "900 500", "OVERSIZED": "HTTP 413"}

    async def come(word: str) -> None:
        name = member(f"RX{word}")
        case_id = await patron.submit(compose_oral(name))
        case = await until_called(patron, case_id, "has said nothing of it in the time its profile allows")
        assert (case["status"], case["attention"]["who"]) == ("submitting", "operator"), word
        replies = [one for each in await pharmacy.pbms.messages(name) for one in each["replies"]]
        assert replies == ([f"refused: {says[word]}"] if word in says else [])
        assert await patron.entries(case_id, "frame", "inquire") == []
        assert (await pharmacy.pbms.filing(name))["count"] == 1, word

    await asyncio.gather(*map(come, (*says, "SILENT")))


async def test_what_lies_first_in_a_mailbox_holds_up_nobody_behind_it(pharmacy: Pharmacy, patron: Customer) -> None:
    before: dict[str, str] = {}
    names = {word: member(f"RX{word}") for word in ("OLD", "VERSION", "NOTXML", "OVERSIZED", "CHANGED")}
    for word, name in names.items():
        before[word] = await patron.submit(compose_oral(name, payer=MAPLE))
        await pharmacy.pbms.until_filing(name, lambda filing: filing["count"])
    case_id = await patron.submit(compose_oral(member("RXAPPROVE"), payer=MAPLE))
    await reply_to_all(patron, case_id)
    await patron.until(case_id, "approved")
    changed = before.pop("CHANGED")
    await reply_to_all(patron, changed)
    await patron.until(changed, "approved")
    for word, held in before.items():
        assert (await patron.case(held))["status"] == "submitting", word
    for word, name in names.items():
        assert {each["state"] for each in await pharmacy.pbms.messages(name)} == {"delivered"}, word


async def test_a_pbm_that_calls_a_first_sending_a_duplicate_proves_nothing_by_calling_the_next_one_so(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    case_id = await patron.submit(compose_oral(member("RXSEENBEFORE")))
    await until(patron, case_id, lambda case: case["status"] == "uncertain" and case["attention"]["who"] == "operator")
    await until_said(patron, case_id, 3)
    case = await until_called(patron, case_id, "duplicate")
    assert (case["status"], case["attention"]["who"]) == ("uncertain", "operator")
    found = await patron.call("POST", f"/v1/requests/{case_id}/settle", {"found": "BRX-1"})
    assert found.status == 202, found.body


@pytest.mark.parametrize(("user", "password"), [("pbm", "wrong"), ("wrong", "demo-pbm-password"), ("", "")])
async def test_a_stranger_at_our_door_is_turned_away_before_anything_is_read(
    pharmacy: Pharmacy, user: str, password: str
) -> None:
    coded = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {"Content-Type": "application/xml"} | ({"Authorization": f"Basic {coded}"} if user else {})
    url = f"{pharmacy.url}/v1/inbound/demo_birch_rx"
    async with ClientSession() as session, session.post(url, data=b"<Message/>", headers=headers) as answer:
        assert answer.status == 401
        assert "Basic" in answer.headers["WWW-Authenticate"]


async def test_a_pbm_that_comes_with_the_wrong_password_first_is_heard_afterwards(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    await pharmacy.pbms.order("stranger", message="PAInitiationResponse", count=1)
    name = member("RXAPPROVE")
    case_id = await patron.submit(compose_oral(name))
    await reply_to_all(patron, case_id)
    await patron.until(case_id, "approved")
    first = (await pharmacy.pbms.messages(name))[0]
    assert first["attempts"] > 1
