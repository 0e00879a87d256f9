"""What can be done about a denial: rows 22 and 33 of what was promised."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from icalendar import Calendar

from gateway.model.outcome import Answer, LineResult, Outcome
from gateway.model.reasons import Reason, Word
from gateway.model.standing import settle
from gateway.model.status import CaseStatus, Delivery, LineOutcome
from gateway.model.story import Heard
from gateway.store.records import EntryKind, NewEntry
from tests.end_to_end.conftest import Town, member
from tests.running.customer import PATIENCE, Customer, open_customer
from tests.running.requests import EVERGREEN, compose
from tests.unit.api_house import House, submission


async def until_told(customer: Customer, case_id: str, kind: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while True:
        events = (await customer.get(f"/v1/requests/{case_id}/events"))["data"]
        if found := [event for event in events if event["type"] == kind]:
            return dict(found[0])
        assert time.monotonic() < deadline, [event["type"] for event in events]
        await asyncio.sleep(0.1)


async def act(customer: Customer, case_id: str, path: str, body: dict[str, Any]) -> int:
    return (await customer.call("POST", f"/v1/requests/{case_id}/{path}", body)).status


def to_come(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat().replace("+00:00", "Z")


async def test_row_1_22_a_talk_of_peers_is_offered_scheduled_held_and_what_it_overturns_is_asked_for(
    town: Town, tenant: Callable[[], str]
) -> None:
    async with open_customer(town.url, tenant()) as customer:
        case_id = await customer.submit(compose(member("DENY")))
        await customer.until(case_id, "denied")
        found = await customer.get(f"/v1/requests/{case_id}/recourse")
        [offer] = [option for option in found["options"] if option["way"] == "peer_to_peer"]
        assert (offer["phone"], offer["path"], offer["over"]) == ("2155550142", "evergreen_peer_to_peer", False)
        assert offer["until"]
        assert {option["level"] for option in found["options"] if option["way"] == "appeal"} == {1}
        assert found["evidence"]["lines"][0]["verdict"]["line"] == "1"
        assert await act(customer, case_id, "peer-to-peer", {"offered_by": "payer"}) == 202
        slot = {"slot": {"start": to_come(hours=2), "minutes": 20}}
        assert await act(customer, case_id, "peer-to-peer/1/schedule", slot) == 202
        invitation = await customer.call("GET", f"/v1/requests/{case_id}/peer-to-peer/1/invitation.ics")
        [event] = Calendar.from_ical(invitation.body).walk("VEVENT")
        assert case_id in str(event["summary"])
        assert b"Testperson" not in invitation.body
        assert await act(customer, case_id, "peer-to-peer/1/outcome", {"outcome": "overturned"}) == 202
        deadline = time.monotonic() + PATIENCE
        while not await customer.entries(case_id, "frame", "inquire"):
            assert time.monotonic() < deadline, "the payer is asked for its written word"
            await asyncio.sleep(0.1)
        assert (await customer.case(case_id))["status"] == "denied", "its written word is what counts"


async def test_row_1_22_a_window_that_passes_without_a_word_is_warned_of_and_missed(
    town: Town, tenant: Callable[[], str]
) -> None:
    async with open_customer(town.url, tenant()) as customer:
        case_id = await customer.submit(compose(member("DENY")))
        await customer.until(case_id, "denied")
        assert await act(customer, case_id, "peer-to-peer", {"offered_by": "payer", "until": to_come(seconds=5)}) == 202
        assert (await until_told(customer, case_id, "case.peer_to_peer_ending"))["data"]["talk"]["state"] == "offered"
        missed = await until_told(customer, case_id, "case.peer_to_peer_missed")
        assert (missed["data"]["talk"]["state"], missed["data"]["status"]) == ("missed", "denied")


async def recourse(
    house: House, word: Word, text: str | None = None, outcome: LineOutcome = LineOutcome.NOT_CERTIFIED
) -> dict[str, Any]:
    """What can be done about a line that was denied, or granted for less, for this reason."""
    case_id = UUID((await (await house.call("POST", "/v1/requests", compose("SIMDENY00001"))).json())["id"])
    line = LineResult(line="1", outcome=outcome, reasons=(Reason(word=word, text=text),))
    said = Outcome(answer=Answer.REVIEWED, lines=(line,))
    held = submission(
        case_id,
        payer=EVERGREEN,
        connection="demo_clearinghouse",
        channel="x12_278",
        line_ids=("1",),
        status=CaseStatus.DENIED,
    )
    standing = settle(("1",), Delivery.APP_ACKED, [Heard(said, datetime.now(UTC))])
    entry = NewEntry(EntryKind.OUTCOME, said.model_dump_json().encode(), held.id)
    await house.write(case_id, submissions=(held,), entries=(entry,), standing=standing)
    found: dict[str, Any] = await (await house.call("GET", f"/v1/requests/{case_id}/recourse")).json()
    return found


async def ways(house: House, word: Word) -> dict[str, Any]:
    return {option["way"]: option for option in (await recourse(house, word))["options"]}


async def test_row_1_33_a_denial_in_words_that_nobody_understands_may_be_appealed(house: House) -> None:
    for word in (Word.UNMAPPED, Word.CONTACT_PAYER, Word.OTHER):
        found = await ways(house, word)
        assert {"appeal", "reconsideration"} == found.keys(), word
        assert not any(option["suggested"] for option in found.values())


async def test_row_1_33_a_time_that_the_notice_names_beside_an_appeal_is_told(house: House) -> None:
    text = "Provider appeals must be received within 30 days of the date of this letter."
    [appeal] = [each for each in (await recourse(house, Word.OTHER, text))["options"] if each["way"] == "appeal"]
    assert appeal["doubt"].startswith("The payer's notice names 30 calendar days beside an appeal: read it")
    assert "A group plan may have two internal levels" in appeal["doubt"]
    [appeal] = [each for each in (await recourse(house, Word.OTHER))["options"] if each["way"] == "appeal"]
    assert "notice" not in appeal["doubt"]


async def test_row_1_33_what_is_granted_for_less_may_be_turned_against(house: House) -> None:
    found = await recourse(house, Word.MEDICAL_NECESSITY, outcome=LineOutcome.CERTIFIED_MODIFIED)
    assert (found["denied"], found["reduced"]) == ([], ["1"])
    told = {option["way"]: option for option in found["options"]}
    assert {"peer_to_peer", "reconsideration", "appeal"} == told.keys()
    assert told["appeal"]["why"] == "Granted for less than was asked: medical_necessity."
    assert [line["line"] for line in found["evidence"]["lines"]] == ["1"]
    talk = f"/v1/requests/{found['id']}/peer-to-peer"
    assert (await house.call("POST", talk, {"offered_by": "practice"})).status == 409, "nothing is denied"
    assert (await house.call("POST", talk, {"offered_by": "practice", "lines": ["1"]})).status == 202
    [offer] = [
        option
        for option in (await (await house.call("GET", f"/v1/requests/{found['id']}/recourse")).json())["options"]
        if option["way"] == "peer_to_peer"
    ]
    assert offer["talk"] == 1


async def test_row_1_33_what_the_policy_wanted_and_the_request_holds_stands_beside_it(house: House) -> None:
    found = await recourse(house, Word.MEDICAL_NECESSITY)
    evidence = found["evidence"]
    assert evidence["known"]
    assert evidence["policies"]
    [line] = evidence["lines"]
    wanted = line["verdict"]["requirements"]
    assert wanted
    for requirement in wanted:
        rule = requirement["rule"]
        assert all((rule["policy"], rule["version"], rule["citation"]["source"]))
    assert {requirement["state"] for requirement in wanted} - {"present"}, "there is something to add"
    assert line["findings"]


async def test_row_1_33_clinical_denials_offer_a_talk_and_others_a_corrected_request(house: House) -> None:
    clinical = await ways(house, Word.MEDICAL_NECESSITY)
    assert clinical["peer_to_peer"]["suggested"]
    assert {"appeal", "reconsideration"} <= clinical.keys()
    for word, change in (
        (Word.INVALID_CODE, "correct_and_resubmit"),
        (Word.MISSING_DOCUMENTATION, "send_documents"),
        (Word.SITE_OF_SERVICE, "change_site"),
        (Word.OUT_OF_NETWORK, "change_provider"),
    ):
        found = await ways(house, word)
        assert "peer_to_peer" not in found, word
        assert (found["resubmission"]["change"], found["resubmission"]["suggested"]) == (change, True)
