"""Messages in a mailbox that cannot be read: they are kept, and let go there by what their tags tell."""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.script_epa import ADAPTER
from gateway.contract.destination import Mode
from gateway.contract.errors import Unreadable
from gateway.model.outcome import Answer
from gateway.model.status import Attention
from tests.unit.script_material import (
    CASE,
    LATER,
    answer,
    destination,
    error,
    heard,
    id_of,
    message,
    opening,
    partner,
    reply,
    status,
)

AT = partner()
ASKED = id_of(ADAPTER.collect(AT, LATER, None).body[0])
TEST = "<TestMessage>1</TestMessage>"
WHOLE = answer(
    "PAResponse", "<InProcess/>", relates="OURS", more="<Mailbox><DeliveredID> D&amp;8\n</DeliveredID></Mailbox>"
)
UNREADABLE = {
    "2023011": WHOLE.replace(b"20170715", b"20230115"),
    "2013101": WHOLE.replace(b"<Message ", b'<Message xmlns="http://www.ncpdp.org/schema/SCRIPT" '),
    "prefixed": WHOLE.replace(b"<", b"<t:").replace(b"<t:/", b"</t:").replace(b"<t:?", b"<?"),
    "cut off": WHOLE[: WHOLE.index(b"<PAReferenceID")],
    "koi8-r": WHOLE.replace(b'"UTF-8"', b'"koi8-r"'),
    "utf-16": WHOLE.decode().replace('"UTF-8"', '"UTF-16"').encode("utf-16"),
    "a long MessageID": WHOLE.replace(b"THEIRS1", b"T" * 36),
    "10 MB": WHOLE.replace(b"</Message>", b" " * 10_000_000 + b"</Message>"),
    "document type": WHOLE.replace(b"<Message ", b"<!DOCTYPE Message><Message "),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_a_message_with_its_receipt(body: bytes) -> None:
    found = ADAPTER.collected(reply(body), AT, LATER)
    assert found is not None
    told, receipt = found
    assert (told.body, told.keep, receipt) == (body, True, "D&8")
    with pytest.raises(Unreadable):
        ADAPTER.open(body)
    assert ADAPTER.collected(reply(body), AT, LATER) == found


def test_of_two_that_cannot_be_read_each_is_one() -> None:
    one, other = (ADAPTER.collected(reply(UNREADABLE[name]), AT, LATER) for name in ("2023011", "2013101"))
    assert one is not None
    assert other is not None
    assert one[0].id != other[0].id


@pytest.mark.parametrize("code", [200, 202])
def test_mail_is_mail_under_every_http_status_of_success(code: int) -> None:
    found = ADAPTER.collected(reply(opening(), code), AT, LATER)
    assert found is not None
    assert found[0].body == opening()


def test_a_mailbox_that_has_no_ids_of_its_own_is_told_the_messages() -> None:
    found = ADAPTER.collected(reply(opening().replace(b"20170715", b"20230115")), AT, LATER)
    assert found is not None
    assert found[1] == "THEIRS1"


def test_a_test_message_in_a_live_mailbox_is_kept_and_decides_nothing() -> None:
    live, at = destination(Mode.LIVE), partner(Mode.LIVE)
    bodies = (
        answer("PAResponse", f"<Approved><PACaseID>{CASE}</PACaseID></Approved>", more=TEST),
        answer("PAResponse", f"<Denied><PACaseID>{CASE}</PACaseID></Denied>", more=TEST),
        error("900", "4000", more=TEST),
    )
    for body in bodies:
        found = ADAPTER.collected(reply(body), at, LATER)
        assert found is not None  # or it would lie before all that waits behind it
        assert found[0].keep
        outcome = heard(found[0].body, to=live)
        assert (outcome.answer, outcome.attention, outcome.lines) == (Answer.UNMAPPED, Attention.OPERATOR, ())
        assert outcome.references == ()
        assert heard(body).answer is not Answer.UNMAPPED
        assert heard(body.replace(TEST.encode(), b""), to=live).answer is not Answer.UNMAPPED


@pytest.mark.parametrize("body", [status("002", more=TEST), error("600", relates=ASKED, more=TEST)])
def test_a_live_mailbox_that_answers_with_a_test_message_is_trouble_of_the_connection(body: bytes) -> None:
    with pytest.raises(Unreadable, match="test message"):
        ADAPTER.collected(reply(body), partner(Mode.LIVE), LATER)


@pytest.mark.parametrize("length", [36, 40, 255])
def test_a_mailbox_is_told_its_own_id_of_a_message_whole(length: int) -> None:
    long = "D" * length
    whole = WHOLE.replace(b" D&amp;8\n", long.encode())
    for body in (whole, whole.replace(b"20170715", b"20230115")):
        found = ADAPTER.collected(reply(body), AT, LATER)
        assert found is not None
        question = ADAPTER.collect(AT, LATER, found[1]).body[0]
        assert etree.fromstring(question).findtext("Header/Mailbox/AcknowledgementID") == long


BODY = "<PAResponse><Mailbox><DeliveredID>D9</DeliveredID></Mailbox></PAResponse>"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Welcome</body></html>",
        b"",
        message("<Status><Code>002</Code></Status>", relates=ASKED).replace(b"20170715", b"20230115"),
        message(BODY, own="T" * 36),
        WHOLE.replace(b"D&amp;8", b"D" * 256).replace(b"THEIRS1", b"T" * 36),
        WHOLE.replace(b"D&amp;8", b"D" * 256),
        WHOLE.replace(b"D&amp;8", b"D" * 256).replace(b"20170715", b"20230115"),
        WHOLE.replace(b"D&amp;8", "D\u00c98".encode()),
        WHOLE.replace(b"D&amp;8", b"D\n8"),
    ],
    ids=[
        "html",
        "nothing",
        "no more mail",
        "in the body",
        "too long",
        "too long, read",
        "too long, with an id",
        "no ASCII",
        "of two lines",
    ],
)
def test_without_a_receipt_it_is_trouble_of_the_connection(body: bytes) -> None:
    with pytest.raises(Unreadable):
        ADAPTER.collected(reply(body), AT, LATER)
