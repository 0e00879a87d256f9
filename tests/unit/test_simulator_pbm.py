"""The simulated PBMs over real sockets: conversations, decisions, duplicates, appeals, cancels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from conformance.simulators.pbm.members import WORDS
from conformance.simulators.pbm.misbehaviour import Kind
from tests.unit.pbm_messages import (
    NUMBERS,
    Caller,
    answered,
    common,
    initiation,
    message,
    outcome,
    pbm_calling,
)

PLAIN: dict[str, str | list[str]] = {"1": "Y", "2": "It is needed."}


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with pbm_calling() as found:
        yield found


def cancel(member: str, reference: str, number: str, **more: str) -> bytes:
    request = f"<Request><PACaseID>{number}</PACaseID><CancelReasonCode>BW</CancelReasonCode></Request>"
    return message(f"<PACancelRequest>{common(member, reference)}{request}</PACancelRequest>", **more)


def appeal(member: str, reference: str, number: str) -> bytes:
    request = f"<Request><PACaseID>{number}</PACaseID><PANote>We disagree.</PANote></Request>"
    return message(f"<PAAppealRequest>{common(member, reference)}{request}</PAAppealRequest>")


async def decided(caller: Caller, member: str, reference: str) -> str:
    """Walks to the decision; the case number."""
    assert await caller.say(initiation(member, reference)) == "010"
    opened = await caller.hear(1)
    assert await caller.say(answered(opened, PLAIN)) == "010"
    await caller.hear(2)
    return str(opened.findtext(".//PACaseID"))


async def test_a_request_is_asked_about_answered_and_approved_with_number_and_dates(caller: Caller) -> None:
    number = f"{next(NUMBERS):032x}"
    assert await caller.say(initiation("SIMRXAPPROVE01", number=number)) == "010"
    opened = await caller.hear()
    assert outcome(opened) == "PAInitiationResponse Open"
    assert opened.findtext("Header/RelatesToMessageID") == number
    assert (opened.findtext("Header/To"), opened.find("Header/To").get("Qualifier")) == ("PAYERGW", "C")
    assert await caller.say(answered(opened, PLAIN)) == "010"
    approved = (await caller.hear(2)).find("Body/PAResponse/Response/ResponseStatus/Approved")
    assert [child.tag for child in approved] == ["PACaseID", "AuthorizationNumber", "AuthorizationPeriod", "Appeal"]
    filing = await caller.filing("SIMRXAPPROVE01")
    assert (filing["count"], filing["alike"], filing["state"], len(filing["answers"])) == (1, 1, "Approved", 1)


async def test_the_same_message_is_filed_once_and_said_to_be_a_duplicate(caller: Caller) -> None:
    sent = initiation("SIMRXAPPROVE01")
    assert [await caller.say(sent) for _ in range(3)] == ["010", "900 220", "900 220"]
    filing = await caller.filing("SIMRXAPPROVE01")
    assert (filing["count"], filing["repeats"]) == (1, 2)


async def test_another_pbm_repeats_its_status_in_the_same_bytes(caller: Caller) -> None:
    sent = initiation("SIMRXAPPROVE01", to="ALDERRX")
    assert await caller.post(sent) == await caller.post(sent)
    assert (await caller.filing("SIMRXAPPROVE01"))["count"] == 1


async def test_another_message_under_a_known_id_is_refused(caller: Caller) -> None:
    number = f"{next(NUMBERS):032x}"
    await caller.say(initiation("SIMRXAPPROVE01", number=number))
    assert await caller.say(initiation("SIMRXAPPROVE02", number=number)) == "900 2000"
    assert (await caller.get("filings"))["total"] == 1


@pytest.mark.parametrize(("member", "code"), [("SIMRXSILENT01", "CG"), ("SIMRXAPPROVE01", "CF"), ("SIMRXDENY01", "CY")])
async def test_an_initiation_for_a_live_case_is_closed_as_a_duplicate_and_counted(
    caller: Caller, member: str, code: str
) -> None:
    heard = 0
    if code == "CG":
        await caller.say(initiation(member))
    else:
        await decided(caller, member, f"{next(NUMBERS):032x}")
        heard = 2
    await caller.say(initiation(member, "ANOTHERREFERENCE"))
    closed = await caller.hear(heard + 1)
    assert outcome(closed) == f"PAInitiationResponse Closed {code}"
    assert closed.findtext("Body/*/PAReferenceID") == "ANOTHERREFERENCE"
    filing = await caller.filing(member)
    assert closed.findtext(".//PACaseID") == filing["case"]
    assert (filing["count"], filing["alike"]) == (2, 2)


@pytest.mark.parametrize("code", [word for word, member in WORDS.items() if len(word) == 2])
async def test_every_closure_is_said_at_once(caller: Caller, code: str) -> None:
    await caller.say(initiation(f"SIMRX{code}01"))
    closed = await caller.hear()
    assert outcome(closed) == f"PAInitiationResponse Closed {code}"
    assert (closed.find(".//PAProcessor") is not None) == (code in ("CP", "CO"))
    assert (closed.find(".//AuthorizationNumber") is not None) == (code in ("CF", "FQ"))


@pytest.mark.parametrize("code", [word[4:] for word in WORDS if word.startswith("THEN")])
async def test_every_closure_is_said_after_answers(caller: Caller, code: str) -> None:
    await decided(caller, f"SIMRXTHEN{code}01", "REFERENCE01")
    assert outcome(await caller.hear(2)) == f"PAResponse Closed {code}"


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("SIMRXDENY", ["Denied"]),
        ("SIMRXPARTIAL", ["PartiallyDenied"]),
        ("SIMRXINPROCESS", ["InProcess", "Approved"]),
        ("SIMRXINPROCESSDENY", ["InProcess", "Denied"]),
        ("SIMRXCORRECT", ["Approved", "PartiallyDenied"]),
        ("SIMRXRESCIND", ["Approved", "Denied"]),
        ("SIMRXCONTRADICT", ["Approved", "InProcess"]),
        ("SIMRXREORDER", ["Approved", "InProcess"]),
    ],
)
async def test_decisions_come_one_after_another(caller: Caller, member: str, said: list[str]) -> None:
    await decided(caller, member, "REFERENCE01")
    caller.clock.advance(60)
    for place, status in enumerate(said, 2):
        assert outcome(await caller.hear(place)) == f"PAResponse {status}"


async def test_an_approval_may_have_neither_number_nor_dates(caller: Caller) -> None:
    await decided(caller, "SIMRXNONUMBER", "REFERENCE01")
    approved = (await caller.hear(2)).find(".//Approved")
    assert [child.tag for child in approved] == ["PACaseID", "Appeal"]


async def test_questions_come_one_at_a_time_in_the_shape_of_further_information(caller: Caller) -> None:
    await caller.say(initiation("SIMRXONEBYONE"))
    for place, answer in enumerate(({"1": "N"}, {"M1": "11.2"}, {"M2": "2026-12-01"}, {"M3": "Y+Half"}), 1):
        opened = await caller.hear(place)
        if place > 1:
            more = opened.find("Body/PAResponse/Response/ResponseStatus/Open/MoreInformationRequired")
            assert [child.tag for child in more] == ["Header", "Question", "DeadlineForReply"]
        assert await caller.say(answered(opened, dict(answer))) == "010"
    assert outcome(await caller.hear(5)) == "PAResponse Approved"


async def test_answers_after_the_deadline_close_the_case(caller: Caller) -> None:
    await caller.say(initiation("SIMRXEXPIRE"))
    opened = await caller.hear()
    caller.clock.advance(31)
    assert await caller.say(answered(opened, PLAIN)) == "010"
    assert outcome(await caller.hear(2)) == "PAResponse Closed FL"


@pytest.mark.parametrize(("hours", "said"), [(-0.01, "Approved"), (0.01, "Closed FL")])
async def test_a_deadline_that_is_a_day_ends_with_it(caller: Caller, hours: float, said: str) -> None:
    await caller.say(initiation("SIMRXAPPROVE", to="MAPLERX"))
    caller.clock.advance(1)
    _, given = await caller.post(message("<GetMessage/>", to="MAPLERX"))
    opened = etree.fromstring(given)
    ends = datetime.fromisoformat(f"{opened.findtext('.//DeadlineForReply/Date')}T00:00:00-05:00") + timedelta(1)
    caller.clock.advance((ends + timedelta(hours=hours)).timestamp() - caller.clock.now())
    assert await caller.say(answered(opened, PLAIN, to="MAPLERX")) == "001"
    caller.clock.advance(1)
    receipt = opened.findtext("Header/Mailbox/DeliveredID")
    _, given = await caller.post(message("<GetMessage/>", to="MAPLERX", acknowledges=receipt))
    assert outcome(etree.fromstring(given)) == f"PAResponse {said}"


async def test_a_second_answer_to_the_same_questions_is_refused_and_counted(caller: Caller) -> None:
    await caller.say(initiation("SIMRXQUIET"))
    opened = await caller.hear()
    assert await caller.say(answered(opened, PLAIN)) == "010"
    assert await caller.say(answered(opened, PLAIN)) == "900 2000"
    filing = await caller.filing("SIMRXQUIET")
    assert (len(filing["answers"]), filing["refused"]) == (1, 1)


async def test_an_appeal_is_asked_about_and_then_decided(caller: Caller) -> None:
    number = await decided(caller, "SIMRXDENY", "REFERENCE01")
    assert await caller.say(appeal("SIMRXDENY", "REFERENCE01", number)) == "010"
    opened = await caller.hear(3)
    assert outcome(opened) == "PAAppealResponse Open"
    assert [child.tag for child in opened.find(".//Open")] == ["PACaseID", "AppealCaseID", "MoreInformationRequired"]
    assert await caller.say(answered(opened, {"P1": "The first.", "P2": "N"})) == "010"
    approved = await caller.hear(4)
    assert outcome(approved) == "PAAppealResponse Approved"
    assert approved.findtext(".//AppealCaseID") == opened.findtext(".//AppealCaseID")


@pytest.mark.parametrize(
    ("member", "said"),
    [("SIMRXAPPEALDENY", "Denied"), ("SIMRXAPPEALPARTIAL", "PartiallyDenied"), ("SIMRXNOAPPEAL", "Closed BY")],
)
async def test_an_appeal_with_a_note_is_decided(caller: Caller, member: str, said: str) -> None:
    number = await decided(caller, member, "REFERENCE01")
    await caller.say(appeal(member, "REFERENCE01", number))
    assert outcome(await caller.hear(3)) == f"PAAppealResponse {said}"


@pytest.mark.parametrize(
    ("member", "number", "said"),
    [
        ("SIMRXWAITING", "", "Approved"),
        ("SIMRXAPPROVE", "", "Denied CB"),
        ("SIMRXWAITING", "ANOTHER", "Denied CA"),
        ("SIMRXCANCELBZ", "", "Denied BZ"),
        ("SIMRXCANCELBY", "", "Denied BY"),
    ],
)
async def test_a_cancel_is_taken_or_refused(caller: Caller, member: str, number: str, said: str) -> None:
    case = await decided(caller, member, "REFERENCE01")
    assert await caller.say(cancel(member, "REFERENCE01", number or case)) == "010"
    answer = await caller.hear(3)
    assert answer.findtext("Body/PACancelResponse/Response/PACaseID") == (number or case)
    assert outcome(answer) == f"PACancelResponse {said}"


async def test_a_cancel_of_nothing_is_denied(caller: Caller) -> None:
    await caller.say(cancel("SIMRXAPPROVE", "NOBODYS", "NOBODYS"))
    assert outcome(await caller.hear()) == "PACancelResponse Denied BZ"


async def test_after_a_cancel_nothing_more_is_said(caller: Caller) -> None:
    number = await decided(caller, "SIMRXINPROCESS", "REFERENCE01")
    await caller.say(cancel("SIMRXINPROCESS", "REFERENCE01", number))
    await caller.hear(3)
    caller.clock.advance(120)
    await caller.get("clock")
    assert (await caller.filing("SIMRXINPROCESS"))["state"] == "cancelled"
    assert len(caller.ours.came) == 3


async def test_the_card_of_another_pbm_is_handed_to_it(caller: Caller) -> None:
    inside = common("SIMRXAPPROVE", "REFERENCE01", number="999802")
    await caller.say(message(f"<PAInitiationRequest>{inside}</PAInitiationRequest>"))
    closed = await caller.hear()
    assert outcome(closed) == "PAInitiationResponse Closed CP"
    assert closed.findtext(".//PAProcessor/PayerIdentification/IINNumber") == "999802"
    assert closed.findtext(".//BenefitsCoordination/PayerIdentification/IINNumber") == "999802"


async def test_a_mailbox_gives_the_same_message_until_it_is_acknowledged(caller: Caller) -> None:
    assert await caller.say(message("<GetMessage/>", to="MAPLERX")) == "002"
    assert await caller.say(initiation("SIMRXAPPROVE", to="MAPLERX")) == "003"
    caller.clock.advance(1)
    first = await caller.post(message("<GetMessage/>", to="MAPLERX"))
    assert first == await caller.post(message("<GetMessage/>", to="MAPLERX"))
    opened = etree.fromstring(first[1])
    receipt = opened.findtext("Header/Mailbox/DeliveredID")
    assert outcome(opened) == "PAInitiationResponse Open"
    assert await caller.say(initiation("SIMRXAPPROVE02", to="MAPLERX")) == "001"
    assert await caller.say(message("<GetMessage/>", to="MAPLERX", acknowledges=receipt)) == "002"
    assert caller.ours.came == []


async def test_an_unsolicited_request_is_asked_about(caller: Caller) -> None:
    inside = common("SIMRXAPPROVE", "REFERENCE01")
    await caller.say(message(f"<PARequest>{inside}<Request><UnSolicitedModel/></Request></PARequest>"))
    assert outcome(await caller.hear()) == "PAResponse Open"


async def test_each_pbm_writes_deadlines_in_its_own_manner(caller: Caller) -> None:
    await caller.say(initiation("SIMRXAPPROVE", "REFERENCE01"))
    birch = await caller.hear(1)
    await caller.say(initiation("SIMRXAPPROVE", "REFERENCE01", to="ALDERRX"))
    alder = await caller.hear(2)
    assert birch.findtext(".//DeadlineForReply/DateTime").endswith("Z")
    assert alder.findtext(".//DeadlineForReply/DateTime").endswith("-05:00")
    assert alder.find("Body/PAInitiationResponse/PAReferenceID") is None
    assert await caller.say(answered(alder, PLAIN, to="ALDERRX", reference="REFERENCE01")) == "000"


def test_the_readme_lists_every_member_id_and_every_order() -> None:
    text = (Path(__file__).parents[2] / "conformance/simulators/README.md").read_text()
    told = [word for word in WORDS if len(word) != 2 and not word.startswith("THEN")]
    assert [word for word in told if f"`SIMRX{word}`" not in text] == []
    assert [kind for kind in Kind if f"`{kind}`" not in text] == []
