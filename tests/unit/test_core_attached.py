"""A reply whose payload stands in a part of its own (XOP, MTOM): found by its Content-ID, in the same message only."""

from __future__ import annotations

import base64
import time

import pytest

from adapters.x12_278.carriers import core_codec, multipart
from gateway.contract.errors import Unreadable
from tests.unit.test_core_multipart import KIND, message, part
from tests.unit.test_core_soap import X12, envelope, reply, unwrap

XOP = "http://www.w3.org/2004/08/xop/include"
ID = "Content-ID: <payload@payer.example>"
PAYLOAD = part(X12, "Content-Type: application/octet-stream", ID)


def root(href: str = "cid:payload@payer.example", payload: str | None = None) -> bytes:
    """The envelope's part; ``payload`` stands for all that its Payload holds."""
    held = f'<x:Include xmlns:x="{XOP}" href="{href}"/>' if payload is None else payload
    written = envelope({"Payload": "@"}).replace(b"@", held.encode())
    return part(written, "Content-Type: application/xop+xml", "Content-ID: <root@payer.example>")


def heard(*parts: bytes, start: str = '"<root@payer.example>"') -> bytes:
    return unwrap(reply(message(*parts), kind=f"{KIND}; start={start}" if start else KIND))


@pytest.mark.parametrize(
    "href", ["cid:payload@payer.example", "cid:payload%40payer.example", "CID:payload@payer.example"]
)
def test_an_attached_payload_is_found_by_its_content_id(href: str) -> None:
    assert heard(root(href), PAYLOAD) == heard(PAYLOAD, root(href)) == heard(root(href), PAYLOAD, start="") == X12


def test_a_content_id_with_a_percent_sign_of_its_own_is_found_as_it_stands() -> None:
    odd = PAYLOAD.replace(b"payload@", b"pay%40load@")
    assert heard(root("cid:pay%40load@payer.example"), odd) == X12


def test_a_payload_with_blanks_around_the_reference_is_read() -> None:
    assert heard(root(payload=f'\n  <x:Include xmlns:x="{XOP}" href="cid:payload@payer.example"/>\n'), PAYLOAD) == X12


@pytest.mark.parametrize(
    "payload", [X12 + b"\r\n  GS~\r\n", X12 + "é".encode("cp1252"), X12 + bytes(range(256)), b"\x1d\x1e" + X12, b"\r\n"]
)
def test_the_bytes_of_an_attached_payload_come_out_as_they_stand(payload: bytes) -> None:
    assert heard(root(), part(payload, ID)) == payload


def test_an_encoded_payload_is_decoded() -> None:
    coded = part(base64.encodebytes(X12), ID, "Content-Transfer-Encoding: base64")
    assert heard(root(), coded) == X12


@pytest.mark.parametrize(
    "href",
    [
        "cid:none@payer.example",
        "cid:PAYLOAD@payer.example",
        "cid:root@payer.example",
        "cid:",
        "",
        "payload@payer.example",
        "https://payer.example/payload",
        "file:///etc/passwd",
    ],
)
def test_a_reference_to_anything_but_one_other_part_is_unreadable(href: str) -> None:
    with pytest.raises(Unreadable):
        heard(root(href), PAYLOAD)


@pytest.mark.parametrize(
    "parts",
    [
        (root(),),
        (root(), PAYLOAD, PAYLOAD),
        (root(), PAYLOAD, part(b"ISA*OTHER~", "Content-ID: payload@payer.example")),
        (root(), part(b"", ID)),
        (root(), part(X12)),
        (root(payload="ISA<x:Include xmlns:x='" + XOP + "' href='cid:payload@payer.example'/>"), PAYLOAD),
        (root(payload=f"<x:Include xmlns:x='{XOP}' href='cid:payload@payer.example'/>" * 2), PAYLOAD),
        (root(payload="<x:Include xmlns:x='urn:other' href='cid:payload@payer.example'/>"), PAYLOAD),
        (root(payload=f"<x:Include xmlns:x='{XOP}'/>"), PAYLOAD),
    ],
)
def test_a_payload_that_is_missing_or_not_one_is_unreadable(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(Unreadable):
        heard(*parts)


def test_a_part_named_again_by_a_field_that_is_no_payload_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        heard(root().replace(b"Success", f'<x:Include xmlns:x="{XOP}" href="cid:root"/>'.encode()), PAYLOAD)


def test_without_parts_a_reference_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        unwrap(reply(root().partition(b"\r\n\r\n")[2]))


def test_an_attached_payload_larger_than_an_envelope_may_be_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        heard(root(), part(b"x" * (core_codec.MAX_BYTES + 1), ID))


def test_a_message_of_very_many_parts_is_refused_in_little_time() -> None:
    begun = time.process_time()
    with pytest.raises(Unreadable, match=f"more than {multipart.MOST_PARTS} parts"):
        heard(root(), *[part(b"x")] * 200_000, PAYLOAD)
    assert time.process_time() - begun < 5
