"""A refusal and an answer in one reply of the CORE carrier: neither is believed, so that nothing that was answered is
filed a second time."""

from __future__ import annotations

import pytest

from adapters.x12_278.carriers import EnvelopeRefused
from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from tests.unit.test_core_soap import CORE, envelope, fault, reply, unwrap

SENDER_FAULT = fault("s:Sender").partition(b"<s:Body>")[2].partition(b"</s:Body>")[0]
CREDENTIAL_FAULT = fault("s:Sender", subcode="w:FailedAuthentication").partition(b"<s:Body>")[2]
CREDENTIAL_FAULT = CREDENTIAL_FAULT.partition(b"</s:Body>")[0]
MISNAMED = envelope({"PayloadType": "X12_005010X217_278_Response"})
INCLUDED = envelope({"Payload": "@"}).replace(
    b"@", b'<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:p@payer.example"/>'
)


def beside(first: bytes, body: bytes) -> bytes:
    return body.replace(b"<s:Body>", b"<s:Body>" + first)


@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize("status", [400, 401, 403, 405, 407, 413, 415, 429])
@pytest.mark.parametrize(
    "body",
    [
        envelope(),
        envelope({"ErrorCode": "Sender"}),
        envelope({"ErrorCode": "Sender", "PayloadType": "CoreEnvelopeError"}),
        MISNAMED,
        INCLUDED,
        envelope().replace(CORE.encode(), b"urn:another:version"),
        beside(SENDER_FAULT, envelope()),
    ],
)
def test_a_status_that_refuses_what_its_body_answers_is_unreadable(body: bytes, status: int, effect: bool) -> None:
    with pytest.raises(Unreadable):
        unwrap(reply(body, status=status), effect=effect)


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/json"])
def test_the_answer_counts_under_any_media_type(kind: str) -> None:
    with pytest.raises(Unreadable):
        unwrap(reply(status=400, kind=kind))


def test_the_answer_counts_in_a_multipart_message() -> None:
    body = b"--b\r\nContent-ID: <root>\r\n\r\n" + envelope() + b"\r\n--b--\r\n"
    with pytest.raises(Unreadable):
        unwrap(reply(body, status=400, kind='multipart/related; boundary="b"; start="<root>"'))


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("first", [SENDER_FAULT, CREDENTIAL_FAULT])
def test_a_fault_beside_an_answer_is_unreadable(first: bytes, status: int) -> None:
    with pytest.raises(Unreadable):
        unwrap(reply(beside(first, envelope()), status=status))


def test_a_fault_that_holds_an_answer_is_unreadable() -> None:
    inside = envelope().partition(b"<s:Body>")[2].partition(b"</s:Body>")[0]
    body = fault("s:Sender").replace(b"</s:Fault>", b"<s:Detail>" + inside + b"</s:Detail></s:Fault>")
    with pytest.raises(Unreadable):
        unwrap(reply(body, status=400))


@pytest.mark.parametrize("code", ["Sender", "PayloadTypeIllegal", "UnAuthorized"])
def test_an_error_code_beside_an_answer_is_unreadable(code: str) -> None:
    with pytest.raises(Unreadable):
        unwrap(reply(envelope({"ErrorCode": code})))


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"PayloadType": "CoreEnvelopeError", "Payload": None, "ErrorCode": "PayloadIDIllegal"}, 400, EnvelopeRefused),
        ({"PayloadType": "CoreEnvelopeError", "Payload": "", "ErrorCode": "Sender"}, 200, EnvelopeRefused),
        ({"PayloadType": "CoreEnvelopeError", "Payload": "No.", "ErrorCode": "Sender"}, 400, EnvelopeRefused),
        ({"Payload": None, "ErrorCode": "Sender"}, 413, EnvelopeRefused),
        ({"Payload": " \n "}, 401, NeedsPerson),
        ({"Payload": None}, 429, NotSent),
        ({}, 502, MaybeSent),
    ],
    ids=str,
)
def test_a_refusal_without_an_answer_is_still_one(
    fields: dict[str, str | None], status: int, error: type[ExchangeError | EnvelopeRefused]
) -> None:
    with pytest.raises(error):
        unwrap(reply(envelope(fields), status=status))
