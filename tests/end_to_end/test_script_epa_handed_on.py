"""A PBM that is not the processor names another: the gateway asks that one by itself, once, and in no circle."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Pharmacy, member
from tests.end_to_end.test_script_epa import until_called
from tests.running.customer import Customer
from tests.running.pbm import ALDER, BIRCH, compose_oral, reply, reply_to_all, until_asked


async def test_a_drug_is_asked_of_the_processor_that_is_named(pharmacy: Pharmacy, patron: Customer) -> None:
    name = member("RXHANDOVER")
    case_id = await patron.submit(compose_oral(name))
    assert (await reply(patron, case_id, await until_asked(patron, case_id))).status == 202
    case = await patron.until(case_id, "approved")
    assert case["attention"]["who"] == "none"
    filings = {each["pbm"]: each["count"] for each in await pharmacy.pbms.filings(name)}
    assert filings == {BIRCH: 1, ALDER: 1}
    first, second = case["submissions"]
    assert (first["payer"], first["status"], first["instead_of"]) == (BIRCH, "closed_by_payer", None)
    assert (second["payer"], second["status"], second["instead_of"]) == (ALDER, "approved", first["id"])
    assert case["follow_up"] == []
    trail = await patron.trail(case_id)
    assert ("closed_by_payer" in trail, "partially_approved" in trail) == (False, False)
    filed = await patron.entries(case_id, "frame", "submit")
    bins = [b"<IINNumber>999801<", b"<IINNumber>999802<"]
    assert [number in await patron.raw(case_id, entry["n"]) for entry, number in zip(filed, bins, strict=True)] == [
        True,
        True,
    ]
    [note] = [entry for entry in await patron.entries(case_id, "note") if entry["meta"].get("note") == "rerouted"]
    assert name.encode() not in await patron.raw(case_id, note["n"])
    told = pharmacy.house.command("explain", case_id)
    assert told.join() == 0, told.said()
    assert "goes on by itself: another processor has to be asked, and the payer named it" in told.said()


@pytest.mark.parametrize("word", ["CP", "CO"])
async def test_processors_that_name_each_other_are_asked_once_each_and_a_person_is_told(
    pharmacy: Pharmacy, patron: Customer, word: str
) -> None:
    name = member(f"RX{word}")
    case_id = await patron.submit(compose_oral(name))
    case = await until_called(patron, case_id, "another processor has to be asked, which follow_up names")
    assert [each["pbm"] for each in await pharmacy.pbms.filings(name)] == [BIRCH, ALDER]
    assert (case["status"], case["attention"]["who"]) == ("closed_by_payer", "provider")
    assert case["follow_up"][0]["code"].startswith("999801/")
    notes = [entry for entry in await patron.entries(case_id, "note") if "rerouted" in entry["meta"].get("note", "")]
    assert [entry["meta"]["note"] for entry in notes] == ["rerouted", "not_rerouted"]


async def test_a_case_that_is_closed_after_its_questions_goes_on_too_and_can_be_cancelled_there(
    pharmacy: Pharmacy, patron: Customer
) -> None:
    name = member("RXTHENCP")
    case_id = await patron.submit(compose_oral(name))
    await reply_to_all(patron, case_id)
    asked = await until_asked(patron, case_id)
    assert asked["payer"] == ALDER
    taken = await patron.call("POST", f"/v1/requests/{case_id}/cancel", {"reason": "another drug"})
    assert taken.status == 202, taken.body
    case = await patron.until(case_id, "cancelled")
    assert [each["status"] for each in case["submissions"]] == ["closed_by_payer", "cancelled"]
    filings = await pharmacy.pbms.filings(name)
    assert [(each["pbm"], len(each["answers"]), len(each["cancels"])) for each in filings] == [
        (BIRCH, 1, 0),
        (ALDER, 0, 1),
    ]
