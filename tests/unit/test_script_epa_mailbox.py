"""Messages in a mailbox that cannot be read: they are kept, and let go there by what their tags tell."""

from __future__ import annotations

import pytest

from adapters.script_epa import ADAPTER
from gateway.contract.errors import Unreadable
from tests.unit.script_material import LATER, answer, id_of, message, opening, partner, reply

AT = partner()
ASKED = id_of(ADAPTER.collect(AT, LATER, None).body[0])
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
    "9 MB": WHOLE.replace(b"</Message>", b" " * (9 << 20) + b"</Message>"),
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


BODY = "<PAResponse><Mailbox><DeliveredID>D9</DeliveredID></Mailbox></PAResponse>"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Welcome</body></html>",
        b"",
        message("<Status><Code>002</Code></Status>", relates=ASKED).replace(b"20170715", b"20230115"),
        message(BODY, own="T" * 36),
        WHOLE.replace(b"D&amp;8", b"D" * 36).replace(b"THEIRS1", b"T" * 36),
    ],
    ids=["html", "nothing", "no more mail", "in the body", "too long"],
)
def test_without_a_receipt_it_is_trouble_of_the_connection(body: bytes) -> None:
    with pytest.raises(Unreadable):
        ADAPTER.collected(reply(body), AT, LATER)
