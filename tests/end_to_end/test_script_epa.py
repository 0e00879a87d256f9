"""A drug of the pharmacy benefit, asked of a PBM: a conversation of hours, or days, in seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.end_to_end.conftest import Pharmacy, member
from tests.running.customer import Customer
from tests.running.pbm import ALDER, BIRCH, MAPLE, Pbms, compose_oral, reply, reply_to_all, until_asked
from tests.running.processes import PATIENCE


async def _once(pbms: Pbms, name: str, *, answers: int) -> None:
    """It was asked for once, and each round was answered once."""
    filing = await pbms.filing(name)
    assert (filing["count"], filing["alike"], len(filing["answers"]), filing["refused"]) == (1, 1, answers, 0)


async def until(customer: Customer, case_id: str, holds: Callable[[Any], bool]) -> Any:
    """Wait until that holds of the case."""
    deadline = time.monotonic() + PATIENCE
    while not holds(case := await customer.case(case_id)):
        assert time.monotonic() < deadline, (case["status"], case["attention"])
        await asyncio.sleep(0.2)
    return case


async def until_called(customer: Customer, case_id: str, says: str) -> Any:
    """Wait until somebody must act for that reason."""
    return await until(customer, case_id, lambda case: says in (case["attention"]["why"] or ""))


@pytest.mark.parametrize("payer", [BIRCH, ALDER, MAPLE])
async def test_questions_are_answered_and_the_drug_is_approved(
    pharmacy: Pharmacy, patron: Customer, payer: str
) -> None:
    name = member("RXAPPROVE")
    case_id = await patron.submit(compose_oral(name, payer=payer))
    asked = await until_asked(patron, case_id)
    assert (await patron.case(case_id))["attention"]["who"] == "provider"
    assert (await reply(patron, case_id, asked)).status == 202
    case = await patron.until(case_id, "approved")
    assert case["lines"][0]["authorization_number"] == (await pharmacy.pbms.filing(name))["authorization"]
    assert await patron.entries(case_id, "frame", "inquire") == []
    await _once(pharmacy.pbms, name, answers=1)
    again = await reply(patron, case_id, asked)
    assert again.status == 409, again.body


@pytest.mark.parametrize(("word", "payer", "rounds"), [("MORE", BIRCH, 2), ("ONEBYONE", MAPLE, 4), ("KINDS", ALDER, 1)])
async def test_every_round_of_questions_is_answered_once(
    pharmacy: Pharmacy, patron: Customer, word: str, payer: str, rounds: int
) -> None:
    name = member(f"RX{word}")
    case_id = await patron.submit(compose_oral(name, payer=payer))
    await reply_to_all(patron, case_id, rounds)
    await patron.until(case_id, "approved")
    await _once(pharmacy.pbms, name, answers=rounds)


async def test_questions_that_are_asked_again_in_the_same_words_are_answered_again(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    name = member("RXSAMEAGAIN")
    case_id = await patron.submit(compose_oral(name, payer=MAPLE))
    rounds = []
    for _ in range(3):
        asked = await until_asked(patron, case_id)
        rounds.append(asked["round"])
        case = await patron.case(case_id)
        assert (case["status"], case["attention"]["who"]) == ("needs_information", "provider")
        assert (await reply(patron, case_id, asked)).status == 202
        assert (await reply(patron, case_id, asked)).status == 409, "nothing is sent twice"
    await patron.until(case_id, "approved")
    assert rounds[0] != rounds[1] == rounds[2], "Maple asked the same again"
    await _once(pharmacy.pbms, name, answers=3)


async def test_what_pbms_decide_is_what_the_case_says(pharmacy: Pharmacy, patron: Customer) -> None:
    ends = {
        "NONUMBER": ("approved", None),
        "NODATES": ("approved", None),
        "PARTIAL": ("approved_modified", ("appeal", None)),
        "DENY": ("denied", ("appeal", None)),
        "NOAPPEAL": ("denied", ("appeal", None)),
        "INPROCESS": ("approved", None),
        "INPROCESSDENY": ("denied", ("appeal", None)),
        "THENCH": ("closed_by_payer", None),
        "THENCK": ("closed_by_payer", None),
        "THENCN": ("closed_by_payer", None),
    }

    async def come(word: str) -> tuple[str, tuple[str, str | None] | None]:
        name = member(f"RX{word}")
        case_id = await patron.submit(compose_oral(name))
        await reply_to_all(patron, case_id)
        case = await patron.until(case_id, ends[word][0])
        await _once(pharmacy.pbms, name, answers=1)
        follow = [(each["action"], each["code"]) for each in case["follow_up"]]
        return case["status"], follow[0] if follow else None

    told = await asyncio.gather(*map(come, ends))
    assert dict(zip(ends, told, strict=True)) == ends


CLOSED = ("closed_by_payer", "provider")
CLOSURES = {
    **dict.fromkeys(("CC", "FN"), ("not_required", "none", None)),
    **dict.fromkeys(("FO", "FP"), ("not_required", "provider", None)),
    **dict.fromkeys(("CF", "FQ"), ("approved", "none", None)),
    "CG": ("pended", "provider", None),
    "CY": ("denied", "none", None),
    **dict.fromkeys(("FM", "CD", "CE", "FL", "FR", "TWOCODES"), (*CLOSED, None)),
    "BX": (*CLOSED, None),
    "BY": ("closed_by_payer", "operator", None),
    "UNMAPPED": ("submitting", "operator", None),
}
"""Status, who must act, and the processor that is to be asked instead."""


async def test_every_closure_comes_to_its_status_and_nothing_is_filed_elsewhere_where_nobody_is_named(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    async def come(word: str) -> tuple[str, str, str | None]:
        name = member(f"RX{word}")
        case_id = await patron.submit(compose_oral(name))
        status, who, _ = CLOSURES[word]
        case = await until(patron, case_id, lambda case: (case["status"], case["attention"]["who"]) == (status, who))
        assert [each["pbm"] for each in await pharmacy.pbms.filings(name)] == [BIRCH]
        codes = [each["code"] for each in case["follow_up"] if each["action"] == "reroute"]
        return case["status"], case["attention"]["who"], codes[0] if codes else None

    told = await asyncio.gather(*map(come, CLOSURES))
    assert dict(zip(CLOSURES, told, strict=True)) == CLOSURES


async def test_before_the_pbm_has_named_its_case_nothing_can_be_cancelled_and_afterwards_it_is(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    name = member("RXLATE")
    case_id = await patron.submit(compose_oral(name))
    await pharmacy.pbms.until_filing(name, lambda filing: filing["count"])
    refused = await patron.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "another drug"})
    assert refused.status == 422, refused.body
    assert refused.json()["faults"][0]["fix"]
    await pharmacy.pbms.advance(3600)
    await until_asked(patron, case_id)
    taken = await patron.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "another drug"})
    assert taken.status == 202, taken.body
    await patron.until(case_id, "cancelled")
    filing = await pharmacy.pbms.filing(name)
    assert (filing["state"], len(filing["cancels"])) == ("cancelled", 1)


@pytest.mark.parametrize(("word", "then"), [("CANCELCB", "approved"), ("CANCELBZ", "pended"), ("CANCELBY", "pended")])
async def test_a_refused_cancel_leaves_the_case_to_its_decision(
    pharmacy: Pharmacy, patron: Customer, word: str, then: str
) -> None:
    name = member(f"RX{word}")
    case_id = await patron.submit(compose_oral(name))
    await reply_to_all(patron, case_id)
    await patron.until(case_id, "pended")
    taken = await patron.call("POST", f"/v1/requests/{case_id}/cancel")
    assert taken.status == 202, taken.body
    await pharmacy.pbms.until_filing(name, lambda filing: filing["cancels"])
    case = await until(patron, case_id, lambda case: case["status"] == then)
    assert len((await pharmacy.pbms.filing(name))["cancels"]) == 1
    if then == "pended":
        assert (await until_called(patron, case_id, "cancellation"))["attention"]["who"] == "provider", case


async def test_answers_after_the_deadline_close_the_case_and_the_practice_is_told_to_begin_anew(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    name = member("RXEXPIRE")
    case_id = await patron.submit(compose_oral(name))
    asked = await until_asked(patron, case_id)
    await pharmacy.pbms.advance(60)
    assert (await reply(patron, case_id, asked)).status == 202
    await patron.until(case_id, "closed_by_payer")
    case = await until_called(patron, case_id, "submit the request anew")
    assert case["attention"]["who"] == "provider"
