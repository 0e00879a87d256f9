"""The CORE MIME carrier: the form it writes, byte for byte, and what it makes of every kind of reply."""

from __future__ import annotations

import re
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.x12_278.carriers import CARRIERS, EnvelopeRefused
from adapters.x12_278.carriers.core_mime import CoreMime
from gateway.contract.errors import ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Https, Reply, Secret
from tests.unit.test_core_soap import STAMP, X12, destination, on_the_wire

TO = destination()
CARRIER = CoreMime()
USUAL = {
    "PayloadType": "X12_278_Response_005010X217E1_2",
    "ProcessingMode": "RealTime",
    "PayloadID": "f6a1a9a0-7a36-4d5e-9a51-6a0f0f7f0001",
    "TimeStamp": "2026-11-21T15:04:06Z",
    "SenderID": "RECEIVER",
    "ReceiverID": "SENDER",
    "CORERuleVersion": "2.2.0",
    "ErrorCode": "Success",
    "ErrorMessage": "None",
    "Payload": X12.decode(),
}


def wrap(interchange: bytes = X12, **settings: Any) -> Https:
    to = destination(carrier="core_mime", **settings)
    return CARRIER.wrap(interchange, "278_request", True, (), to, STAMP)


def parts(frame: Https) -> list[tuple[str, bytes, list[str]]]:
    """Name, content and header names of each part, by the standard library's reader of whole messages."""
    [(_, kind)] = frame.headers
    message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + on_the_wire(frame))
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_payload(decode=True),  # type: ignore[misc]
            part.keys(),
        )
        for part in message.get_payload()  # type: ignore[union-attr]
    ]


def form(fields: dict[str, str | None] | None = None, *, boundary: str = "b", newline: str = "\r\n") -> bytes:
    """A response; ``fields`` changes the usual one, None leaves a field out."""
    written = "".join(
        f'--{boundary}{newline}Content-Disposition: form-data; name="{name}"{newline}{newline}{value}{newline}'
        for name, value in (USUAL | (fields or {})).items()
        if value is not None
    )
    return f"{written}--{boundary}--{newline}".encode()


def reply(
    body: bytes | None = None, status: int = 200, kind: str = "multipart/form-data; boundary=b", **more: str
) -> Reply:
    headers = (("content-type", kind), *((name.replace("_", "-"), value) for name, value in more.items()))
    return Reply(status, headers, form() if body is None else body)


def unwrap(heard: Reply, effect: bool = True) -> bytes:
    return CARRIER.unwrap(heard, TO, STAMP, effect)


# What is written.


def test_the_carrier_is_found_under_its_name() -> None:
    assert isinstance(CARRIERS["core_mime"], CoreMime)


@pytest.mark.proves("MI-01")
def test_each_field_is_one_part_with_a_name_and_nothing_else_and_the_payload_is_last() -> None:
    told = parts(wrap())
    assert [name for name, _, _ in told] == [
        "PayloadType",
        "ProcessingMode",
        "PayloadID",
        "TimeStamp",
        "UserName",
        "Password",
        "SenderID",
        "ReceiverID",
        "CORERuleVersion",
        "Payload",
    ]
    assert {tuple(headers) for _, _, headers in told} == {("Content-Disposition",)}
    fields = {name: content for name, content, _ in told}
    assert fields["UserName"] == b"clinic"
    assert fields["Password"] == b'p<&>"word'
    assert fields["TimeStamp"] == b"2026-11-21T15:04:05Z"
    assert fields["Payload"] == X12


@pytest.mark.proves("MI-01")
def test_lines_end_with_carriage_return_and_line_feed() -> None:
    assert re.search(rb"(?<!\r)\n", on_the_wire(wrap())) is None


@pytest.mark.proves("MI-01")
def test_credentials_stand_in_the_frame_by_name_only() -> None:
    frame = wrap()
    assert [piece.name for piece in frame.body if isinstance(piece, Secret)] == ["demo-user", "demo-password"]
    assert b"[secret demo-password]" in frame.redacted()


def test_without_credentials_there_are_no_fields_for_them() -> None:
    names = [name for name, _, _ in parts(wrap(username_secret=None, password_secret=None))]
    assert not {"UserName", "Password"} & set(names)


@pytest.mark.proves("RT-08")
@given(st.binary(max_size=300))
def test_any_interchange_arrives_as_it_is(tail: bytes) -> None:
    frame = wrap(X12 + tail)
    boundary = frame.headers[0][1].rpartition("=")[2].encode()
    assert boundary not in X12 + tail
    assert on_the_wire(frame).endswith(b"\r\n\r\n" + X12 + tail + b"\r\n--" + boundary + b"--\r\n")
    assert frame == wrap(X12 + tail)


# What is heard.


@pytest.mark.parametrize(
    "heard",
    [
        reply(),
        reply(form(newline="\n")),
        reply(form(boundary="a b=c"), kind='Multipart/Form-Data; charset=utf-8; Boundary="a b=c"'),
        reply(form({"PayloadType": "X12_999_Response_005010x231a1", "ErrorMessage": "No Error"})),
        reply(form().replace(b"Content-Disposition", b"CONTENT-DISPOSITION")),
        reply(form().replace(b"Content-Disposition: form-data; ", b"content-type: text/plain\r\ncontent-disposition:")),
        reply(form().replace(b'name="Payload"', b"Name=Payload")),
        reply(form().replace(b'name="Payload"', b'name="payload"; filename="a.edi"')),
        reply(b"a preamble\r\n" + form() + b"an epilogue"),
        reply(b"\xef\xbb\xbf" + form()),
        reply(form({"Vendor": "a field of their own"})),
        reply(form().replace(b"\r\n\r\nISA", b"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n\r\nISA")),
    ],
)
def test_the_payload_is_taken_out_of_every_way_to_write_the_form(heard: Reply) -> None:
    assert unwrap(heard) == X12


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("payload", ["ISA~\r\n", "ISA~\n", "\r\nISA~", "ISA~\r\n--bb\r\n~", "ISA~\r\n\r\nGS~"])
def test_line_breaks_of_the_payload_itself_stay(payload: str, newline: str) -> None:
    assert unwrap(reply(form({"Payload": payload}, newline=newline))) == payload.encode()


def test_a_declared_character_set_is_read_and_an_unknown_one_refused() -> None:
    head = b"\r\nContent-Type: text/plain; charset=%b\r\n\r\nISA"
    named = form({"Payload": "ISA Z\u00eb"}).replace("\u00eb".encode(), b"\xeb")
    assert unwrap(reply(named.replace(b"\r\n\r\nISA", head % b"iso-8859-1"))) == "ISA Z\u00eb".encode()
    with pytest.raises(Unreadable):
        unwrap(reply(named.replace(b"\r\n\r\nISA", head % b"utf-7")))


@pytest.mark.proves("RT-15")
@pytest.mark.parametrize(
    "heard",
    [
        reply(b"<html>We are working on it.</html>", kind="text/html"),
        reply(b"<html>We are working on it.</html>"),
        reply(b""),
        reply(kind=""),
        reply(kind="multipart/form-data"),
        reply(kind="multipart/related; boundary=b"),
        reply(X12, kind="application/edi-x12"),
        reply(form({"Payload": None})),
        reply(form({"Payload": " \r\n"})),
        reply(form({"ErrorCode": None})),
        reply(form({"ErrorCode": "Unheard"})),
        reply(form({"PayloadType": None})),
        reply(form({"PayloadType": "CoreEnvelopeError"})),
        reply(form()[:-20]),
        reply(form().replace(b"--b--", b"")),
        reply(form()[:-7] + form()),
        reply(content_encoding="gzip"),
        reply(form({f"Field{number}": "x" for number in range(100)})),
        reply(status=202),
        reply(status=302),
        reply(status=400),
        reply(status=429),
        reply(form({"ErrorCode": "PayloadIDIllegal"})),
    ],
)
def test_what_is_no_whole_answer_is_unreadable(heard: Reply) -> None:
    with pytest.raises(Unreadable):
        unwrap(heard)


NOTHING = {"Payload": None, "PayloadType": "CoreEnvelopeError"}


@pytest.mark.parametrize(
    ("heard", "error"),
    [
        (reply(form(NOTHING | {"ErrorCode": "PasswordRequired"})), EnvelopeRefused),
        (reply(form(NOTHING | {"ErrorCode": "payloadidillegal"})), EnvelopeRefused),
        (reply(form(NOTHING | {"ErrorCode": "VersionMismatch"})), EnvelopeRefused),
        (reply(form(NOTHING | {"ErrorCode": "UnAuthorized"})), NeedsPerson),
        (reply(form(NOTHING | {"ErrorCode": "Receiver"})), MaybeSent),
        (reply(form(NOTHING | {"ErrorCode": ""})), MaybeSent),
        (reply(b"", 400, ""), EnvelopeRefused),
        (reply(b"", 415, "text/plain"), EnvelopeRefused),
        (reply(b"", 401, ""), NeedsPerson),
        (reply(b"<html>", 403, "text/html"), NeedsPerson),
        (reply(b"<html>", 404, "text/html"), MaybeSent),
        (reply(b"<html>", 429, "text/html"), NotSent),
        (reply(b"<html>", 500, "text/html"), MaybeSent),
        (reply(b"<html>", 503, "text/html"), MaybeSent),
    ],
)
def test_a_refusal_is_told_by_what_happens_next(heard: Reply, error: type[Exception]) -> None:
    with pytest.raises(error):
        unwrap(heard)


def test_the_words_of_a_refusal_are_for_the_outcome_and_not_for_a_log() -> None:
    with pytest.raises(EnvelopeRefused) as caught:
        unwrap(reply(form(NOTHING | {"ErrorCode": "SenderIDIllegal", "ErrorMessage": "Ada Testperson"})))
    assert caught.value.words == "Ada Testperson"
    assert "Ada" not in str(caught.value)


@given(
    st.sampled_from([200, 202, 400, 401, 404, 429, 500]),
    st.sampled_from(["multipart/form-data; boundary=b", "multipart/form-data; boundary*=x''b", "text/html", ""]),
    st.lists(
        st.sampled_from([b"--b", b"--b--", b"\r\n", b"\n", b'Content-Disposition: form-data; name="Payload"', X12])
        | st.binary(max_size=8),
        max_size=14,
    ).map(b"".join),
    st.booleans(),
)
def test_any_reply_is_a_payload_or_an_error_of_the_contract(status: int, kind: str, body: bytes, effect: bool) -> None:
    try:
        payload = unwrap(Reply(status, (("content-type", kind),), body), effect)
    except (ExchangeError, EnvelopeRefused):
        return
    assert status == 200
    assert payload
