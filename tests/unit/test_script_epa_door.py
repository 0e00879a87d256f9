"""Messages that come to our door or lie in a mailbox, and which of what was said they answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.script_epa import ADAPTER
from adapters.script_epa.settings import PayerSettings
from gateway.contract.destination import Mode
from gateway.contract.errors import NeedsPerson, NotSent, Unreadable
from gateway.contract.guides import Schooled
from gateway.contract.inbound import Collector, Doorkeeper, Message, Partner, Refused
from gateway.contract.mailbox import Correspondent, Saying
from tests.contract.material import damaged
from tests.unit.script_material import (
    CANCEL,
    FILED,
    INITIATION,
    LATER,
    REFERENCE,
    STAMP,
    TO,
    US,
    answer,
    error,
    heard,
    id_of,
    message,
    opening,
    partner,
    posted,
    reply,
    said,
    status,
    told,
)

AT = partner()
XML = "application/xml"


def admitted(body: bytes, at: Partner = AT) -> Message:
    return ADAPTER.admit(body, XML, at, LATER)


def refusal(body: bytes, at: Partner = AT) -> list[str | None]:
    """Code and description code of the Error that a message gets."""
    with pytest.raises(Refused) as refused:
        admitted(body, at)
    assert refused.value.answer.status == 200
    return [told(refused.value.answer.body, name) for name in ("Code", "DescriptionCode")]


def test_it_is_all_that_the_contract_asks_of_such_a_channel() -> None:
    for kind in (Correspondent, Doorkeeper, Collector, Schooled):
        assert isinstance(ADAPTER, kind)
    assert ADAPTER.repeats(TO)
    assert not ADAPTER.answers_inquiries(TO)


@pytest.mark.proves("EP-71")
def test_an_answer_is_taken_and_acknowledged_in_the_same_bytes_each_time() -> None:
    taken = admitted(opening())
    assert (taken.id, taken.body, taken.keep) == ("THEIRS1", opening(), True)
    one, other = (ADAPTER.acknowledge(taken, AT, LATER) for _ in range(2))
    assert one == other
    assert (one.status, told(one.body, "Code")) == (200, "000")
    header = etree.fromstring(one.body).find("Header")
    assert header.findtext("RelatesToMessageID") == "THEIRS1"
    assert (header.findtext("To"), header.findtext("From")) == ("PBM1", US)


@pytest.mark.proves("EP-71")
def test_another_message_under_the_same_id_is_refused() -> None:
    again = ADAPTER.contradict(admitted(opening()), AT, LATER)
    assert [told(again.body, name) for name in ("Code", "DescriptionCode")] == ["900", "2000"]


@pytest.mark.proves("EP-73")
def test_receipts_are_taken_and_not_kept() -> None:
    assert not admitted(status()).keep
    assert not admitted(message("<Verify><VerifyStatus><Code>010</Code></VerifyStatus></Verify>")).keep
    assert admitted(error("900", "4000")).keep


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"no xml", "500"),
        (b"<a/>", "500"),
        (message("<PAResponse/>", own=" "), "500"),
        (opening().replace(b"<Message ", b'<Message xmlns="http://www.ncpdp.org/schema/SCRIPT" '), "3000"),
        (opening().replace(b'TransactionVersion="20170715"', b'TransactionVersion="20130715"'), "3000"),
        (answer("PAResponse", "<InProcess/>", sender="SOMEBODY"), "4030"),
        (answer("PAResponse", "<InProcess/>", receiver="ELSEWHERE"), "4030"),
        (message("<PAInitiationRequest/>"), "4040"),
        (message("<NewRx/>"), "4040"),
    ],
)
def test_what_is_not_taken_gets_the_error_that_says_why(body: bytes, fault: str) -> None:
    assert refusal(body) == ["900", fault]


def test_a_test_message_does_not_come_through_a_live_door() -> None:
    test = opening().replace(b"</SentTime>", b"</SentTime><TestMessage>1</TestMessage>")
    assert refusal(test, partner(Mode.LIVE)) == ["900", "4030"]


def test_a_partner_may_have_several_addresses() -> None:
    from_other = answer("PAResponse", "<InProcess/>", sender="PBM2")
    assert refusal(from_other) == ["900", "4030"]
    at = partner(answers_from=["PBM2"])
    header = etree.fromstring(ADAPTER.acknowledge(admitted(from_other, at), at, LATER).body).find("Header")
    assert header.findtext("To") == "PBM2"


@pytest.mark.parametrize("written", ["PBM", "PY\u00c9", "x" * 300, ""])
def test_a_qualifier_that_the_standard_does_not_have_does_not_go_back(written: str) -> None:
    body = opening().replace(b'Qualifier="PY"', f'Qualifier="{written}"'.encode())
    for answered in (ADAPTER.acknowledge(admitted(body), AT, LATER), ADAPTER.contradict(admitted(body), AT, LATER)):
        to = etree.fromstring(answered.body).find("Header/To")
        assert (to.text, dict(to.attrib)) == ("PBM1", {})
    kept = etree.fromstring(ADAPTER.acknowledge(admitted(opening()), AT, LATER).body).find("Header/To")
    assert kept.get("Qualifier") == "PY"


def test_a_payers_own_address_behind_a_network_is_the_partners_too() -> None:
    own = answer("PAResponse", "<InProcess/>", sender="ROWAN")
    at = partner(payers=(PayerSettings(payer_id="1"), PayerSettings(payer_id="2", to="ROWAN")))
    taken = admitted(own, at)
    assert (taken.id, taken.sender) == ("THEIRS1", "ROWAN")
    header = etree.fromstring(ADAPTER.acknowledge(taken, at, LATER).body).find("Header")
    assert header.findtext("To") == "ROWAN"
    assert refusal(own) == ["900", "4030"]


HOSTILE = [
    opening().replace(b"<Message ", b'<!DOCTYPE Message [<!ENTITY b "Be quick.">]><Message '),
    b'<!DOCTYPE a [<!ENTITY b "c">]><Message>&b;</Message>',
    b'<?xml version="1.0"?><!DOCTYPE Message SYSTEM "http://127.0.0.1:9/x.dtd"><Message/>',
    b"<a>" * 5000 + b"</a>" * 5000,
    b"<Message>" + b"<b/>" * 200_001 + b"</Message>",
    b"<Message>" + b" " * (9 << 20) + b"</Message>",
    opening().decode().encode("utf-16"),
    opening().replace(b'"UTF-8"', b'"IBM037"'),
    opening().replace(b"Be quick.", b"\xff\xfe"),
    opening().replace(b"Be quick.", b"&nothing;"),
    opening().replace(b"Be quick.", b"<x>" * 30 + b"</x>" * 30),
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.proves("EP-27")
def test_hostile_xml_is_refused(body: bytes) -> None:
    assert refusal(body) == ["900", "500"]
    with pytest.raises(Unreadable):
        ADAPTER.open(body)


@settings(max_examples=2 * settings().max_examples)
@given(st.binary(max_size=200) | damaged(opening()) | damaged(answer("PAResponse", "<InProcess/>")))
def test_any_bytes_are_taken_or_refused_with_an_error(body: bytes) -> None:
    try:
        taken = admitted(body)
    except Refused as refused:
        code = told(refused.answer.body, "Code")
    else:
        code = told(ADAPTER.acknowledge(taken, AT, LATER).body, "Code")
    assert code in ("000", "900")


CANCELLATION = said(ADAPTER.amend(FILED, CANCEL, TO, LATER))


def test_an_answer_is_placed_by_the_case_and_by_what_kind_it_is() -> None:
    known = [posted(INITIATION, "filing"), posted(CANCELLATION, "cancel")]
    bodies = (
        opening(),
        answer("PAResponse", "<InProcess/>"),
        answer("PACancelResponse", "<Approved/>", mirrored=""),
        answer("PAAppealResponse", "<Denied/>"),
    )
    letters = [letter for body in bodies for letter in ADAPTER.open(body)]
    found = ADAPTER.place(letters, known)
    assert [each.handle for each in found] == ["filing", "filing", "cancel", None]
    assert found[3].reason == "no_answer"


def test_an_answer_without_our_name_of_the_case_is_placed_by_what_it_relates_to() -> None:
    [letter] = ADAPTER.open(answer("PAInitiationResponse", "<Open/>", reference=None, relates=id_of(INITIATION)))
    assert letter.keys & ADAPTER.registered(INITIATION, TO)
    assert ADAPTER.place([letter], [posted(INITIATION, "filing")])[0].handle == "filing"


def test_keys_say_nothing_and_are_those_of_what_was_said() -> None:
    keys = ADAPTER.registered(INITIATION, TO)
    [letter] = ADAPTER.open(opening())
    assert letter.keys <= keys
    assert all(REFERENCE not in key and len(key) <= 200 for key in keys)


def test_an_error_is_placed_by_the_message_that_it_names() -> None:
    known = [posted(INITIATION, "filing"), posted(CANCELLATION, "cancel")]
    letters = [*ADAPTER.open(error("900", relates=id_of(CANCELLATION))), *ADAPTER.open(error("900", relates="nobody"))]
    assert [each.handle for each in ADAPTER.place(letters, known)] == ["cancel", None]


def test_what_cannot_be_placed_says_why() -> None:
    known = [posted(INITIATION, "filing")]
    bodies = {
        "unknown": answer("PAResponse", "<InProcess/>", reference="0" * 32),
        "contradiction": answer("PAResponse", "<InProcess/>", reference="0" * 32, relates=id_of(INITIATION)),
        "other_parties": answer("PAResponse", "<InProcess/>", sender="SOMEBODY"),
    }
    for reason, body in bodies.items():
        [found] = ADAPTER.place(ADAPTER.open(body), known)
        assert (found.handle, found.reason) == (None, reason)
    twice = [posted(INITIATION, "one", "case 1"), posted(INITIATION, "two", "case 2")]
    [found] = ADAPTER.place(ADAPTER.open(opening()), twice)
    assert (found.reason, found.candidates) == ("ambiguous", ("one", "two"))


@pytest.mark.proves("EP-72")
def test_mail_is_asked_for_one_at_a_time_and_what_was_taken_is_named() -> None:
    frame = ADAPTER.collect(partner(mailbox_id="BOX1"), LATER, "D7")
    root = etree.fromstring(frame.body[0])
    assert [child.tag for child in root.find("Body")] == ["GetMessage"]
    assert root.findtext("Header/Mailbox/MailboxID") == "BOX1"
    assert root.findtext("Header/Mailbox/AcknowledgementID") == "D7"
    assert not frame.effect


@pytest.mark.proves("EP-72")
def test_mail_is_a_message_or_the_end_of_it() -> None:
    boxed = answer("PAResponse", "<InProcess/>", more="<Mailbox><DeliveredID>D8</DeliveredID></Mailbox>")
    found = ADAPTER.collected(reply(boxed), AT, LATER)
    assert found is not None
    assert (found[0].body, found[1]) == (boxed, "D8")
    for code in ("002", "003"):
        assert ADAPTER.collected(reply(status(code)), AT, LATER) is None
    foreign = ADAPTER.collected(reply(answer("PAResponse", "<InProcess/>", sender="SOMEBODY")), AT, LATER)
    assert foreign is not None  # kept, so that it is not in the way


ASKED = id_of(ADAPTER.collect(AT, LATER, None).body[0])


@pytest.mark.parametrize(
    ("body", "code", "raised"),
    [
        (error("600", relates=None), 200, NotSent),
        (error("700", relates=ASKED), 200, NeedsPerson),
        (error("900", "1000", relates=None), 200, Unreadable),
        (error("900", "1000", relates=ASKED), 200, Unreadable),
        (error("900", relates=ASKED, more="<Mailbox><DeliveredID>D1</DeliveredID></Mailbox>"), 200, Unreadable),
        (error("900", relates=ASKED).replace(b"20170715", b"20230115"), 200, Unreadable),
        (status("000"), 200, Unreadable),
        (b"", 503, NotSent),
        (b"", 401, NeedsPerson),
        (b"<html>", 200, Unreadable),
    ],
)
def test_a_mailbox_that_cannot_answer_says_so(body: bytes, code: int, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        ADAPTER.collected(reply(body, code), AT, LATER)


@pytest.mark.parametrize("code", ["600", "602", "700", "900"])
@pytest.mark.parametrize("boxed", [None, "D8"])
def test_an_error_to_a_message_of_ours_is_mail_with_a_receipt(code: str, boxed: str | None) -> None:
    more = f"<Mailbox><DeliveredID>{boxed}</DeliveredID></Mailbox>" if boxed else ""
    body = error(code, relates=id_of(INITIATION), more=more)
    found = ADAPTER.collected(reply(body), AT, LATER)
    assert found is not None  # or it would lie before all that waits behind it
    assert (found[0].body, found[0].keep, found[1]) == (body, True, boxed or "THEIRS1")


def test_of_two_answers_each_is_told_with_the_time_that_orders_them() -> None:
    early = answer("PAResponse", "<InProcess/>", own="A")
    late = answer("PAResponse", "<Denied/>", own="B", sent="2026-11-22T11:00:00Z")
    letters = [*ADAPTER.open(late), *ADAPTER.open(early)]
    told = ADAPTER.hear(letters, Saying(FILED, STAMP), TO)
    assert told == (heard(late), heard(early))
    assert [each.effective_at and each.effective_at.hour for each in told] == [11, 10]
