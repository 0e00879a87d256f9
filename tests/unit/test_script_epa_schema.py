"""A deployer's own schema: every message is held against it, whichever way it goes and comes."""

from __future__ import annotations

import base64
import sys
import threading

import pytest

from adapters.script_epa import ADAPTER
from adapters.script_epa.codec.schema import check
from gateway.contract.adapter import Change, ChangeKind
from gateway.contract.drive import drive, first_frame
from gateway.contract.errors import CannotExpress, MaybeSent, Unreadable
from gateway.contract.guides import SchemaFiles
from gateway.contract.inbound import Message, Partner, Refused
from gateway.model.outcome import Answer, Outcome
from gateway.model.request import Attachment
from gateway.model.status import Attention
from tests.unit.script_material import (
    FILED,
    INITIATION,
    LATER,
    REQUEST,
    STAMP,
    destination,
    error,
    heard,
    message,
    opening,
    partner,
    reply,
    said,
    status,
    told,
)


def admitted(body: bytes, at: Partner) -> Message:
    return ADAPTER.admit(body, "application/xml", at, LATER)


def refusal(body: bytes, at: Partner) -> list[str | None]:
    """Code and description code of the Error that a message gets."""
    with pytest.raises(Refused) as refused:
        admitted(body, at)
    return [told(refused.value.answer.body, name) for name in ("Code", "DescriptionCode")]


SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="parts/made_up.xsd"/>
<xs:element name="Message"><xs:complexType><xs:sequence><xs:element name="Header" type="Any"/>
<xs:element name="Body" type="Any"/></xs:sequence><xs:anyAttribute processContents="skip"/></xs:complexType>
</xs:element></xs:schema>"""
PARTS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:complexType name="Any"><xs:sequence>
<xs:any processContents="skip" maxOccurs="{}"/></xs:sequence></xs:complexType></xs:schema>"""


def schema(most: str) -> object:
    files = {"main.xsd": SCHEMA.encode(), "made_up.xsd": PARTS.format(most).encode()}
    return ADAPTER.read_schema(SchemaFiles("main.xsd", files))


def schema_without(name: str) -> object:
    """One that allows every message but those of this name."""
    allowed = {"Status", "Error", "GetMessage", "PAInitiationRequest", "PAInitiationResponse", "PAAppealRequest"} - {
        name
    }
    kinds = "".join(f'<xs:element name="{each}" type="Any"/>' for each in sorted(allowed))
    most = f'<xs:complexType name="One"><xs:choice>{kinds}</xs:choice></xs:complexType></xs:schema>'
    inside = PARTS.format('unbounded" minOccurs="0').replace("</xs:schema>", most).encode()
    main = SCHEMA.replace('name="Body" type="Any"', 'name="Body" type="One"').encode()
    return ADAPTER.read_schema(SchemaFiles("main.xsd", {"main.xsd": main, "made_up.xsd": inside}))


@pytest.mark.proves("EP-77")
def test_with_a_schema_of_the_deployers_every_message_is_held_against_it() -> None:
    wide, narrow = schema("20"), schema("1")
    assert said(ADAPTER.submit(REQUEST, destination(xsd=wide), STAMP)) == INITIATION
    with pytest.raises(Exception, match="does not follow the schema"):
        first_frame(ADAPTER.submit(REQUEST, destination(xsd=narrow), STAMP))
    assert admitted(opening(), partner(xsd=wide)).body == opening()
    with pytest.raises(CannotExpress, match="does not follow the schema"):
        admitted(opening(), partner(xsd=narrow))  # the Error that says so would not follow it either


def test_messages_that_are_held_against_it_at_once_are_each_told_their_own_fault() -> None:
    made, told = schema_without("PAInitiationResponse"), dict[int, set[str | None]]()
    wrong = {lines: opening().replace(b"<Body>", b"<Body>" + b"\n" * lines) for lines in (0, 3)}

    def hold(lines: int) -> None:
        told[lines] = {check(wrong[lines], made) for _ in range(300)}

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=hold, args=(lines,)) for lines in wrong]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert told == {lines: {check(wrong[lines], made)} for lines in wrong}
    assert len(set.union(*told.values())) == 2


NO_STATUS, NO_ERROR, NO_ANSWER, NO_QUESTION = (
    schema_without(name) for name in ("Status", "Error", "PAInitiationResponse", "GetMessage")
)


@pytest.mark.proves("EP-77")
def test_what_is_said_at_our_door_is_held_against_it() -> None:
    assert refusal(opening(), partner(xsd=NO_ANSWER)) == ["900", "3000"]
    with pytest.raises(CannotExpress, match="does not follow the schema"):
        admitted(message("<NewRx/>"), partner(xsd=NO_ERROR))
    taken = admitted(opening(), partner(xsd=NO_STATUS))
    with pytest.raises(CannotExpress, match="does not follow the schema"):
        ADAPTER.acknowledge(taken, partner(xsd=NO_STATUS), LATER)
    with pytest.raises(CannotExpress, match="does not follow the schema"):
        ADAPTER.contradict(taken, partner(xsd=NO_ERROR), LATER)


@pytest.mark.proves("EP-77")
def test_the_question_for_mail_and_its_answers_are_held_against_it() -> None:
    assert ADAPTER.collect(partner(xsd=NO_STATUS), LATER, None)
    with pytest.raises(CannotExpress, match="does not follow the schema"):
        ADAPTER.collect(partner(xsd=NO_QUESTION), LATER, None)
    for body, wanting in ((status("002"), NO_STATUS), (error("600", relates=None), NO_ERROR)):
        with pytest.raises(Unreadable, match="does not follow the schema"):
            ADAPTER.collected(reply(body), partner(xsd=wanting), LATER)


@pytest.mark.proves("EP-77")
@pytest.mark.parametrize(("body", "wanting"), [(opening(), NO_ANSWER), (error("900", "1000"), NO_ERROR)])
def test_mail_that_does_not_follow_it_is_kept_and_says_nothing_but_that(body: bytes, wanting: object) -> None:
    boxed = body.replace(b"</SentTime>", b"</SentTime><Mailbox><DeliveredID>D8</DeliveredID></Mailbox>")
    kept = ADAPTER.collected(reply(boxed), partner(xsd=wanting), LATER)
    assert kept is not None  # or it would lie before all that waits behind it
    found = heard(kept[0].body, to=destination(xsd=wanting))
    assert (found.answer, found.attention, found.questions) == (Answer.UNMAPPED, Attention.OPERATOR, None)
    assert "does not follow the schema" in (found.attention_why or "")
    assert heard(kept[0].body, to=destination(xsd=NO_QUESTION)).answer is not Answer.UNMAPPED


@pytest.mark.proves("EP-77")
@pytest.mark.parametrize(("body", "wanting"), [(status(), NO_STATUS), (error("900", "1000"), NO_ERROR)])
def test_a_reply_that_does_not_follow_it_says_nothing(body: bytes, wanting: object) -> None:
    def submit(xsd: object) -> Outcome:
        return drive(ADAPTER.submit(REQUEST, destination(xsd=xsd), STAMP), lambda frame: reply(body))

    assert submit(NO_QUESTION).answer in (Answer.PLACED, Answer.REJECTED)
    with pytest.raises(MaybeSent, match="does not follow the schema"):
        submit(wanting)


def test_a_large_document_is_held_against_it_too() -> None:
    scan = Attachment(
        id="d1", kind="other", title="Chart", media_type="application/pdf", content=base64.b64encode(bytes(10_000_000))
    )
    appeal = Change(kind=ChangeKind.APPEAL, reason="Wrong.", attachments=(scan,))
    assert len(said(ADAPTER.amend(FILED, appeal, destination(xsd=NO_STATUS), LATER))) > 13_000_000


@pytest.mark.parametrize(
    "files",
    [
        {"main.xsd": b"no xml"},
        {"main.xsd": SCHEMA.encode()},
        {"main.xsd": SCHEMA.encode(), "made_up.xsd": b'<!DOCTYPE a [<!ENTITY b SYSTEM "/etc/passwd">]><a>&b;</a>'},
        {},
    ],
)
def test_a_schema_that_is_not_whole_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="no XML schema"):
        ADAPTER.read_schema(SchemaFiles("main.xsd", files))
