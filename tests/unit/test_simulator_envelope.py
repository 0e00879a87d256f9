"""The simulated payers refuse wrong HTTP, wrong SOAP and wrong CORE fields, each on its own level."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from conformance.simulators.envelope import FIELDS
from tests.unit.simulator_messages import (
    PASSWORD,
    Caller,
    Wrapper,
    calling,
    envelope,
    request_278,
    soap,
)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


def body(**fields: str) -> bytes:
    return envelope(Wrapper().wrap(request_278()), **fields)


async def test_a_right_envelope_is_answered_with_success_and_swapped_parties(caller: Caller) -> None:
    sent = "0a1b2c3d-0000-4000-8000-000000000001"
    answer = await caller.post(body(PayloadID=sent))
    assert answer.status == 200
    assert (answer.field("ErrorCode"), answer.field("PayloadID")) == ("Success", sent)
    assert (answer.field("SenderID"), answer.field("ReceiverID")) == ("EVERGREEN", "PAYERGW")
    assert answer.field("PayloadType") == "X12_278_Response_005010X217E1_2"
    assert b"<PayloadType>" in answer.body, "the children are unqualified"


@pytest.mark.proves("RT-02")
@pytest.mark.parametrize("content_type", ["text/xml; charset=utf-8", "application/json", "text/plain", ""])
async def test_any_content_type_but_soap_12_gets_415(caller: Caller, content_type: str) -> None:
    answer = await caller.post(body(), {"Content-Type": content_type or "application/octet-stream"})
    assert answer.status == 415
    assert await caller.filed() == []


@pytest.mark.proves("RT-02")
async def test_another_method_gets_405(caller: Caller) -> None:
    async with caller.session.get(f"{caller.url}/core") as response:
        assert response.status == 405


@pytest.mark.parametrize(
    "content_type",
    [
        "application/soap+xml; charset=utf-8",
        'application/soap+xml; charset=utf-8; action="BatchSubmitTransaction"',
        'application/soap+xml; charset=iso-8859-1; action="RealTimeTransaction"',
    ],
)
async def test_a_wrong_action_or_charset_is_the_senders_fault(caller: Caller, content_type: str) -> None:
    answer = await caller.post(body(), {"Content-Type": content_type})
    assert answer.status == 400
    assert b"soap:Sender" in answer.body


@pytest.mark.parametrize(
    ("message", "code", "status"),
    [
        (b"ISA*00*", "Sender", 400),
        (body()[:-20], "Sender", 400),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + body(), "Sender", 400),
        (body().replace(b"2003/05/soap-envelope", b"2001/12/other-envelope"), "VersionMismatch", 500),
        (b"<a/>", "Sender", 400),
        (soap("<x/>"), "Sender", 400),
        (soap(""), "Sender", 400),
        (body().replace(b"COREEnvelopeRealTimeRequest", b"COREEnvelopeBatchSubmission"), "Sender", 400),
        (body().replace(b"</s:Envelope>", b"<s:Body/></s:Envelope>"), "Sender", 400),
        (
            body().replace(b"<s:Header>", b'<s:Header><x:Hop xmlns:x="urn:x" s:mustUnderstand="1"/>'),
            "MustUnderstand",
            500,
        ),
    ],
    ids=[
        "no XML", "cut short", "document type", "other SOAP", "no envelope", "other request", "empty body", "batch",
        "two bodies", "header",
    ],
)  # fmt: skip
async def test_a_malformed_envelope_gets_a_soap_fault(caller: Caller, message: bytes, code: str, status: int) -> None:
    answer = await caller.post(message)
    assert answer.status == status
    assert f"soap:{code}".encode() in answer.body
    assert await caller.filed() == []


@pytest.mark.parametrize("name", FIELDS)
async def test_each_field_of_the_envelope_is_required(caller: Caller, name: str) -> None:
    answer = await caller.post(body(**{name: ""}))
    assert (answer.field("PayloadType"), answer.field("ErrorCode")) == ("CoreEnvelopeError", f"{name}Required")


async def test_qualified_children_are_not_the_fields_of_the_schema(caller: Caller) -> None:
    qualified = body()
    for name in FIELDS:
        qualified = qualified.replace(f"<{name}>".encode(), f"<c:{name}>".encode())
        qualified = qualified.replace(f"</{name}>".encode(), f"</c:{name}>".encode())
    answer = await caller.post(qualified)
    assert answer.field("ErrorCode") == "PayloadTypeRequired"
    assert await caller.filed() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<SenderID>PAYERGW</SenderID><ReceiverID>EVERGREEN</ReceiverID>",
         b"<ReceiverID>EVERGREEN</ReceiverID><SenderID>PAYERGW</SenderID>"),
        (b"<SenderID>", b"<UserName>x</UserName><SenderID>"),
        (b"<SenderID>", b"<PayloadLength>5</PayloadLength><SenderID>"),
        (b"<SenderID>PAYERGW</SenderID>", b"<SenderID>PAYERGW</SenderID><SenderID>PAYERGW</SenderID>"),
        (b"<SenderID>PAYERGW</SenderID>", b"<SenderID><a>PAYERGW</a></SenderID>"),
    ],
    ids=["order", "unknown field", "a field of batch", "repeated", "nested"],
)  # fmt: skip
async def test_fields_out_of_order_or_unknown_break_the_schema(caller: Caller, old: bytes, new: bytes) -> None:
    answer = await caller.post(body().replace(old, new))
    assert answer.status == 400
    assert b"soap:Sender" in answer.body
    assert await caller.filed() == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"PayloadType": "X12_278_Request"}, "PayloadTypeIllegal"),
        ({"PayloadType": "X12_275_Request_006020X316"}, "PayloadTypeIllegal"),
        ({"ProcessingMode": "Realtime"}, "ProcessingModeIllegal"),
        ({"PayloadID": "12345"}, "PayloadIDIllegal"),
        ({"TimeStamp": "2026-03-02T09:30:00"}, "TimeStampIllegal"),
        ({"TimeStamp": "2026-02-30T09:30:00Z"}, "TimeStampIllegal"),
        ({"TimeStamp": "2026-03-02T09:30:22:123Z"}, "TimeStampIllegal"),
        ({"SenderID": "SOMEBODY"}, "SenderIDIllegal"),
        ({"receiver": "NOBODY"}, "ReceiverIDIllegal"),
        ({"CORERuleVersion": "v2.2.0"}, "VersionMismatch"),
        ({"Payload": "HL7|is|something|else"}, "PayloadIllegal"),
    ],
)
async def test_a_wrong_value_is_told_by_its_field(caller: Caller, fields: dict[str, str], code: str) -> None:
    answer = await caller.post(body(**fields))
    assert (answer.status, answer.field("ErrorCode")) == (200, code)
    assert answer.field("PayloadType") == "CoreEnvelopeError"
    assert answer.payload == ""
    assert await caller.filed() == []


async def test_a_wrong_password_no_token_and_a_digest_are_unauthorized(caller: Caller) -> None:
    right = body()
    for message in (
        body(password="wrong"),
        right.replace(right[right.index(b"<s:Header>") : right.index(b"<s:Body>")], b""),
        right.replace(b"#PasswordText", b"#PasswordDigest"),
        right.replace(b"<w:Username>gateway", b"<w:Username>guest"),
    ):
        answer = await caller.post(message)
        assert answer.field("ErrorCode") == "UnAuthorized"
        assert PASSWORD not in answer.body.decode()
    assert await caller.filed() == []


async def test_a_payload_id_comes_again_only_with_its_own_payload(caller: Caller) -> None:
    same = "0a1b2c3d-0000-4000-8000-000000000002"
    await caller.post(body(PayloadID=same))
    answer = await caller.post(body(PayloadID=same))
    assert answer.field("ErrorCode") == "PayloadIDIllegal"


async def test_two_interchanges_or_two_transactions_are_no_real_time_payload(caller: Caller) -> None:
    once = Wrapper().wrap(request_278())
    inside = once[once.index("ST*") : once.index("GE*")]
    for payload in (once + Wrapper().wrap(request_278()), once.replace("GE*", inside + "GE*")):
        answer = await caller.post(envelope(payload))
        assert answer.field("ErrorCode") == "PayloadIllegal"
    assert await caller.filed() == []


async def test_line_breaks_in_the_payload_survive_the_envelope(caller: Caller) -> None:
    """BLUESTEM takes carriage returns between segments; they travel as character references."""
    wrapper = Wrapper(receiver="BLUESTEM", between="\r\n")
    answer = await caller.post(envelope(wrapper.wrap(request_278(receiver="BLUESTEM")), receiver="BLUESTEM"))
    assert answer.first("HCR")[1] == "A1"
    assert "~\n" in answer.payload
