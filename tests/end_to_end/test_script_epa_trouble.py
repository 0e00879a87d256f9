"""What goes wrong between the gateway and a PBM: nothing is filed twice, nothing is lost, and a person is called."""

from __future__ import annotations

import asyncio
import base64

import pytest

from tests.end_to_end.conftest import VIRTUAL, Pharmacy, member
from tests.end_to_end.test_script_epa import until_called
from tests.running.customer import Customer
from tests.running.pbm import ALDER, BIRCH, MAPLE, compose_oral, message_id, reply, reply_to_all, until_asked

LOST = [
    *((word, BIRCH) for word in ("DROP", "LOST", "HTML", "HTMLFILED", "FAULT", "FAULTFILED", "TRUNCATED", "OTHERS")),
    *((word, BIRCH) for word in ("COMM", "TIMEDOUT", "SYSTEM")),
    *((word, ALDER) for word in ("DROP", "OTHERS")),
    *((word, MAPLE) for word in ("DROP", "LOST")),
]


async def test_what_was_lost_on_the_way_is_said_again_in_the_same_bytes_and_filed_once(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    async def come(word: str, payer: str) -> None:
        name = member(f"RX{word}")
        case_id = await patron.submit(compose_oral(name, payer=payer))
        await reply_to_all(patron, case_id)
        await patron.until(case_id, "approved")
        filing = await pharmacy.pbms.filing(name)
        assert (filing["count"], filing["alike"], len(filing["answers"]), filing["refused"]) == (1, 1, 1, 0), word
        said = [await patron.raw(case_id, entry["n"]) for entry in await patron.entries(case_id, "frame", "submit")]
        assert len(said) > 1, word
        assert len(set(said)) == 1, word
        assert await patron.entries(case_id, "frame", "inquire") == []

    # Else some are answered before they can be said again, and need not be.
    await pharmacy.pbms.order("late", message="PAInitiationResponse", count=len(LOST), seconds=4 * VIRTUAL)
    await asyncio.gather(*(come(*each) for each in LOST))


@pytest.mark.parametrize("kind", ["drop_before_recording", "drop_after_recording", "error_after_recording", "down"])
async def test_answers_lost_on_the_way_are_answered_once(pharmacy: Pharmacy, patron: Customer, kind: str) -> None:
    name = member("RXAPPROVE")
    case_id = await patron.submit(compose_oral(name))
    await until_asked(patron, case_id)
    await pharmacy.pbms.order(kind, message="PARequest", count=1)
    await pharmacy.pbms.order("late", message="PAResponse", count=1, seconds=4 * VIRTUAL)
    await reply_to_all(patron, case_id)
    await patron.until(case_id, "approved")
    filing = await pharmacy.pbms.filing(name)
    assert (len(filing["answers"]), filing["refused"]) == (1, 0)
    said = [await patron.raw(case_id, entry["n"]) for entry in await patron.entries(case_id, "frame", "answer")]
    assert len(said) == 2
    assert said[0] == said[1]


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_answers_with_the_largest_document_are_answered_once(pharmacy: Pharmacy, patron: Customer) -> None:
    name = member("RXDOCUMENT")
    case_id = await patron.submit(compose_oral(name))
    content = base64.b64encode(bytes(10_000_000)).decode()
    scan = {"id": "d1", "kind": "other", "title": "Chart", "media_type": "application/pdf", "content": content}
    answer = await reply(patron, case_id, await until_asked(patron, case_id), attachments=[scan])
    assert answer.status == 202, answer.body
    await patron.until(case_id, "approved")
    assert len((await pharmacy.pbms.filing(name))["answers"]) == 1


async def test_a_pbm_that_takes_answers_and_never_speaks_again_is_waited_for_as_long_as_a_decision_may_take(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    name = member("RXQUIET")
    case_id = await patron.submit(compose_oral(name))
    await reply_to_all(patron, case_id)
    await pharmacy.pbms.until_filing(name, lambda filing: filing["answers"])
    await asyncio.sleep(6)  # longer than it may take to acknowledge what is left with it
    case = await patron.case(case_id)
    assert (case["status"], case["attention"]) == ("needs_information", {"who": "payer", "why": None})


async def test_a_pbm_that_is_not_set_up_for_one_prescriber_keeps_no_other_from_it(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    refused = await patron.submit(compose_oral(member("RXCONFIGURED")))
    case = await until_called(patron, refused, "Error 700")
    assert case["attention"]["who"] == "operator"
    name = member("RXAPPROVE")
    case_id = await patron.submit(compose_oral(name))
    await reply_to_all(patron, case_id)
    await patron.until(case_id, "approved")


async def test_a_pbm_that_never_can_is_tried_for_ever_and_an_operator_is_called(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    name = member("RXDOWN")
    case_id = await patron.submit(compose_oral(name))
    case = await until_called(patron, case_id, "however often")
    assert (case["status"], case["attention"]["who"]) == ("uncertain", "operator")
    frames = await patron.entries(case_id, "frame", "submit")
    said = {message_id(await patron.raw(case_id, entry["n"])) for entry in frames}
    assert len(frames) > 3
    assert len(said) == 1
