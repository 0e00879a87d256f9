"""A refusal in one reply with X12, however that is wrapped: no carrier believes it, and nothing that was answered goes
again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from time import perf_counter

import pytest

from adapters.x12_278.carriers import CARRIERS, EnvelopeRefused, core_batch
from gateway.contract.errors import NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Reply
from tests.unit.test_core_soap import STAMP, destination

TO = destination()
ISA = "ISA*00*          *00*          *ZZ*EVERGREEN      *ZZ*PAYERGW        *261121*1004*^*00501*900000101*0*T*:~"
X12 = f"{ISA}GS*HI*EVERGREEN*PAYERGW*20261121*1004*1*X*005010X217~ST*278*0001*005010X217~HCR*A1*AUTH1~"
FIELD = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
FORM = "".join(
    FIELD.format(*field)
    for field in {"PayloadType": "CoreEnvelopeError", "ErrorCode": "Sender", "Payload": X12}.items()
)

Unwrap = Callable[[Reply], object]


def _unwrapped(name: str) -> Unwrap:
    return lambda reply: CARRIERS[name].unwrap(reply, TO, STAMP, True)


CARRIED: dict[str, Unwrap] = {
    **{name: _unwrapped(name) for name in ("core_soap", "core_mime", "rest_x12")},
    "core_batch": lambda reply: core_batch.read_receipt(reply, TO),
}
EVERY = pytest.mark.parametrize("carrier", sorted(CARRIED))


def heard(status: int, kind: str, body: bytes | str, **more: str) -> Reply:
    headers = (("content-type", kind), *((name.replace("_", "-"), value) for name, value in more.items()))
    return Reply(status, headers, body if isinstance(body, bytes) else body.encode())


BESIDE = {
    "bare": heard(400, "text/plain", X12),
    "bare, under its own type": heard(415, "application/edi-x12", X12),
    "broken off before its first segment ends": heard(413, "", X12[:9]),
    "without its interchange": heard(400, "text/plain", X12[len(ISA) :]),
    "other separators": heard(400, "text/plain", X12.replace("*", "\x1d").replace("~", "\x1c")),
    "separators of JSON's escapes": heard(400, "text/plain", json.dumps(X12.replace("*", "\x1d"))),
    "separators of XML's entities": heard(400, "text/xml", f"<a>{X12.replace('*', '&#x1D;')}</a>"),
    "in UTF-16": heard(400, "application/json; charset=utf-16", json.dumps({"x12": X12}).encode("utf-16")),
    "in base64": heard(400, "application/json", json.dumps({"payload": base64.b64encode(X12.encode()).decode()})),
    "in base64, after a line": heard(400, "text/plain", base64.encodebytes(b"\r\n" + X12.encode())),
    "in quoted-printable": heard(400, "text/plain", X12.replace("*", "=2A")),
    "in a list": heard(400, "application/json", json.dumps([{"x12": X12}])),
    "two levels down": heard(422, "application/json", json.dumps({"data": {"submission": {"x12": X12}}})),
    "in a problem": heard(400, "application/problem+json", json.dumps({"title": "No.", "x12": X12})),
    "in a form": heard(400, "multipart/form-data; boundary=b", FORM + "--b--\r\n"),
    "in a form cut before its end": heard(400, "multipart/form-data; boundary=b", FORM[:-2]),
    "in a form that is called something else": heard(400, "multipart/mixed; boundary=b", FORM + "--b--\r\n"),
    "with refused credentials": heard(401, "text/plain", X12),
    "with a refusal for now": heard(429, "text/plain", X12),
    "with a token that had ended": Reply(401, (), X12.encode(), stale_token=True),
    "out of sight": heard(400, "application/json", b"\x1f\x8b", content_encoding="gzip"),
}


@pytest.mark.proves("RT-15")
@EVERY
@pytest.mark.parametrize("beside", sorted(BESIDE))
def test_a_refusal_beside_x12_in_whatever_wrapping_is_unreadable(carrier: str, beside: str) -> None:
    with pytest.raises(Unreadable):
        CARRIED[carrier](BESIDE[beside])


def test_an_error_code_that_refuses_beside_x12_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        CARRIED["core_mime"](heard(200, "multipart/form-data; boundary=b", FORM + "--b--\r\n"))


@pytest.mark.parametrize(
    "told",
    [
        {"authorizationId": "AUTH77", "errors": []},
        {"data": {"authorization_id": 77}},
        {"errors": ["already on file"], "authorizationNumber": "AUTH77"},
        {"errors": ["duplicate"], "reviewId": "77"},
        {"X12": "broken off bef"},
        {"submission": {"x12": ["BHT"]}},
    ],
)
def test_a_refusal_that_names_what_only_an_answer_has_is_unreadable(told: object) -> None:
    plain = json.dumps(told)
    escaped = "".join(f"\\u{ord(each):04X}" if each.isalpha() else each for each in plain)
    for body in (plain, escaped, json.dumps(told, indent=2).encode("utf-16"), plain[:-1]):
        with pytest.raises(Unreadable):
            CARRIED["rest_x12"](heard(400, "application/json", body))


PLAIN = {
    "nothing": "",
    "a page": "<html><body>ISA, GS and ST must be there. See ISA-05 and ST 278.</body></html>",
    "an empty answer": json.dumps({"x12": None, "authorizationId": "", "errors": ["no"]}),
    "a long id": json.dumps({"trace": "SVNBc2l0cw" * 8, "errors": ["Not JSON."]}),
}


@EVERY
@pytest.mark.parametrize("plain", sorted(PLAIN))
def test_a_refusal_in_plain_words_is_believed(carrier: str, plain: str) -> None:
    for status, error in ((400, EnvelopeRefused), (403, NeedsPerson), (429, NotSent)):
        with pytest.raises(error):
            CARRIED[carrier](heard(status, "text/plain", PLAIN[plain]))


@pytest.mark.parametrize("piece", [b"A", b"ISA*", b"ISA****", b'"x12" : ', b"ST*27", b"ISA*00", b" "])
def test_a_long_refusal_is_looked_through_in_no_time(piece: bytes) -> None:
    long = heard(400, "text/plain", piece * (2_000_000 // len(piece)))
    began = perf_counter()
    with pytest.raises((EnvelopeRefused, Unreadable)):
        CARRIED["rest_x12"](long)
    assert perf_counter() - began < 5
