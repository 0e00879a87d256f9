"""A multipart reply (RFC 2387, RFC 2046): which part is the envelope, and where it begins and ends."""

from __future__ import annotations

import base64
import contextlib
import quopri

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.x12_278.carriers.multipart import attached_part, root_part
from gateway.contract.errors import MaybeSent, Unreadable
from tests.unit.test_core_soap import X12, envelope, reply, unwrap

OTHER = envelope({"Payload": "ISA*OF ANOTHER PART~"})
KIND = 'multipart/related; type="application/xop+xml"; boundary="b 1"'


def part(content: bytes, *headers: str) -> bytes:
    return "".join(f"{header}\r\n" for header in headers).encode() + b"\r\n" + content


def message(*parts: bytes, before: bytes = b"", after: bytes = b"\r\n") -> bytes:
    return before + b"".join(b"--b 1\r\n" + each + b"\r\n" for each in parts) + b"--b 1--" + after


def heard(body: bytes, start: str = "", kind: str = KIND) -> bytes:
    return unwrap(reply(body, kind=kind + (f"; start={start}" if start else "")))


ROOT = part(envelope(), "Content-Type: application/xop+xml", "Content-ID: <root@payer.example>")
SIDE = part(OTHER, "Content-Type: application/xop+xml", "Content-ID: <side@payer.example>")


def test_without_a_start_the_first_part_is_the_envelope() -> None:
    assert heard(message(ROOT)) == heard(message(ROOT, SIDE)) == X12
    assert heard(message(SIDE, ROOT)) == b"ISA*OF ANOTHER PART~"


@pytest.mark.parametrize(
    "start", ['"<root@payer.example>"', "<root@payer.example>", '"root@payer.example"', "root@payer.example"]
)
def test_the_part_that_start_names_is_the_envelope_wherever_it_stands(start: str) -> None:
    assert heard(message(SIDE, ROOT), start) == heard(message(ROOT, SIDE), start) == X12
    bare = ROOT.replace(b"<root@payer.example>", b"root@payer.example").replace(b"Content-ID", b"content-id")
    assert heard(message(SIDE, bare), start) == X12


@pytest.mark.parametrize("start", ['"<none@payer.example>"', '"<ROOT@payer.example>"', '""', '"<>"'])
def test_a_start_that_names_no_part_is_unreadable(start: str) -> None:
    with pytest.raises(Unreadable):
        heard(message(ROOT, SIDE), start)


def test_a_start_that_names_two_parts_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        heard(message(ROOT, ROOT), '"<root@payer.example>"')


@pytest.mark.parametrize(
    "before", [b"\r\n", b"This is a message in several parts.\r\n", b"--b 12\r\n\r\nnot yet\r\n", b"see --b 1\r\n"]
)
def test_what_stands_before_the_first_boundary_is_no_part(before: bytes) -> None:
    assert heard(message(ROOT, before=before)) == X12


def test_what_stands_after_the_closing_boundary_is_no_part() -> None:
    tail = b"\r\n--b 1\r\n" + SIDE + b"\r\n--b 1--\r\n"
    with pytest.raises(Unreadable):
        heard(message(ROOT, after=tail), '"<side@payer.example>"')


@pytest.mark.parametrize("line", ["--b 12", "--b 1x--", " --b 1", "--b", "x--b 1"])
def test_a_line_that_is_only_like_the_boundary_is_content(line: str) -> None:
    interchange = f"ISA~\n{line}\nGS~"
    told = part(envelope({"Payload": interchange}), "Content-ID: <root>")
    assert heard(message(told, SIDE)).decode() == interchange


def test_a_boundary_may_be_followed_by_blanks_and_lines_may_end_plainly() -> None:
    assert heard(message(ROOT).replace(b"--b 1\r\n", b"--b 1 \t\r\n")) == X12
    assert heard(message(ROOT).replace(b"\r\n", b"\n")) == X12


def test_a_boundary_of_signs_is_taken_as_it_stands() -> None:
    kind = 'multipart/related; boundary="=_(.*)+?:1"'
    assert heard(message(ROOT, SIDE).replace(b"--b 1", b"--=_(.*)+?:1"), kind=kind) == X12


def test_a_part_without_headers_and_one_with_folded_headers_are_read() -> None:
    assert heard(message(part(envelope()))) == X12
    folded = part(envelope(), "Content-Type: application/xop+xml;\r\n charset=utf-8", "Content-ID:\r\n <root>")
    assert heard(message(SIDE, folded), '"<root>"') == X12


@pytest.mark.parametrize(
    ("encoding", "coded"),
    [
        ("binary", envelope()),
        ("8BIT", envelope()),
        ("base64", base64.encodebytes(envelope())),
        ("Quoted-Printable", quopri.encodestring(envelope())),
    ],
)
def test_an_encoded_part_is_decoded(encoding: str, coded: bytes) -> None:
    assert heard(message(part(coded, f"Content-Transfer-Encoding: {encoding}"))) == X12


def test_an_encoding_nobody_knows_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        heard(message(part(envelope(), "Content-Transfer-Encoding: x-odd")))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        envelope(),
        b"--b 1\r\n" + ROOT,
        b"--b 1--\r\n" + ROOT + b"\r\n--b 1--",
        b"--b 1\r\nContent-ID: <root>\r\n--b 1--",
        b"--b 1\r\n--b 1--",
        message(part(b"garbage")),
        message(part(b"!", "Content-Transfer-Encoding: base64")),
    ],
)
def test_what_is_no_whole_multipart_message_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        heard(body)


@pytest.mark.parametrize(
    "kind", ["multipart/related", 'multipart/related; boundary=""', "multipart/related; boundary=é"]
)
def test_a_multipart_reply_without_a_boundary_is_unreadable(kind: str) -> None:
    with pytest.raises(Unreadable):
        heard(b"--\r\n" + ROOT + b"\r\n----\r\n", kind=kind)


def test_a_multipart_reply_of_a_failing_server_says_nothing() -> None:
    with pytest.raises(MaybeSent):
        unwrap(reply(message(SIDE, ROOT), status=502, kind=f'{KIND}; start="<none>"'))


@given(st.binary(max_size=200), st.text(max_size=60))
@example(b"--b\n\xe9: \xe9\nContent-ID: \xe9\n\nx\n--b--", "boundary=b; start=x")
@example(b"--b\nContent-Transfer-Encoding: \xe9\n\nx\n--b--", "boundary=b")
@example(b"--b\n\n\n--b--", "boundary=b; start*=odd''%e9")
@example(b"--b\n\n\n--b--", "boundary*0=b; boundary*1=c; start*0*=utf-8''%ff; start*1=x")
@example(b"", "boundary=\udce9")
@example(b"", "boundary*=utf-8''%e9")
def test_any_bytes_are_a_part_or_unreadable(body: bytes, parameters: str) -> None:
    for read in (root_part, lambda body, kind: attached_part(body, kind, "cid:x")):
        with contextlib.suppress(Unreadable):
            assert isinstance(read(body, f"multipart/related; {parameters}"), bytes)
