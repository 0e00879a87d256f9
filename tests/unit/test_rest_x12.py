"""X12 in JSON: what the carrier writes, and what it makes of every kind of reply."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.x12_278.carriers import CARRIERS, EnvelopeRefused
from adapters.x12_278.carriers.rest_x12 import RestX12
from gateway.contract.errors import CannotExpress, ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Https, Reply
from gateway.model.faults import faults_of
from tests.unit.test_core_soap import STAMP, X12, destination

REST: dict[str, Any] = {
    "paths": {"278_request": "submission/x12", "278_inquiry": "inquiry/x12"},
    "headers": {"X-Tenant-Id": "demo"},
    "correlation_header": "X-Correlation-Id",
}
CARRIER = RestX12()
SETTINGS: dict[str, Any] = {"carrier": "rest_x12", "username_secret": None, "password_secret": None}
TO = destination(**SETTINGS, rest=REST)
ISA = X12.decode()


def wrap(interchange: bytes = X12, transaction: Any = "278_request", rest: dict[str, Any] = REST) -> Https:
    to = destination(**SETTINGS, rest=rest)
    return CARRIER.wrap(interchange, transaction, True, (), to, STAMP)


def reply(value: Any = None, status: int = 200, kind: str = "application/json", **more: str) -> Reply:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    headers = (("content-type", kind), *((name.replace("_", "-"), text) for name, text in more.items()))
    return Reply(status, headers, body)


def unwrap(heard: Reply, effect: bool = True) -> bytes:
    return CARRIER.unwrap(heard, TO, STAMP, effect)


# What is written.


def test_the_interchange_goes_to_the_path_of_its_kind_with_the_headers_the_partner_asks_for() -> None:
    frame = wrap()
    assert isinstance(CARRIERS["rest_x12"], RestX12)
    assert frame.url == "https://clearinghouse.example/core/submission/x12"
    assert wrap(transaction="278_inquiry").url.endswith("/core/inquiry/x12")
    headers = dict(frame.headers)
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Tenant-Id"] == "demo"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["X-Correlation-Id"])
    assert "authorization" not in {name.lower() for name in headers}
    assert frame.document == X12


def test_a_kind_without_a_path_cannot_be_carried() -> None:
    with pytest.raises(CannotExpress) as caught:
        wrap(transaction="275")
    assert "rest.paths.275" in caught.value.items[0].fix


def test_bytes_that_are_no_text_cannot_be_carried() -> None:
    with pytest.raises(CannotExpress, match="only text"):
        wrap(X12 + b"\xff")


@pytest.mark.proves("RT-08")
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_arrives_as_it_is_and_the_same_bytes_are_written_again(tail: str) -> None:
    frame = wrap(X12 + tail.encode())
    assert json.loads(frame.redacted()) == {"x12": ISA + tail}
    assert frame == wrap(X12 + tail.encode())


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"paths": {}}, "/rest/paths"),
        ({"paths": {"278_request": "/x12"}}, "/rest/paths/278_request"),
        ({"paths": {"278_request": "a/../../token"}}, "/rest/paths/278_request"),
        ({"paths": {"278_request": "x12?key=1"}}, "/rest/paths/278_request"),
        ({"paths": {"837": "x12"}}, "/rest/paths/837"),
        ({"headers": {"Authorization": "Basic x"}}, "/rest"),
        ({"headers": {"content-type": "text/plain"}}, "/rest"),
        ({"headers": {"X-A": "one\r\nX-B: two"}}, "/rest/headers/X-A"),
        ({"correlation_header": "x-tenant-id"}, "/rest"),
        ({"token": "x"}, "/rest/token"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changed: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationError) as caught:
        destination(**SETTINGS, rest=REST | changed)
    assert pointer in {re.sub(r"/\[key\]$", "", fault.pointer) for fault in faults_of(caught.value)}


@pytest.mark.parametrize("settings", [SETTINGS, {"carrier": "core_soap", "rest": REST}])
def test_the_carriers_settings_are_there_with_it_and_not_without(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        destination(**settings)


# What is heard.


@pytest.mark.parametrize(
    "heard",
    [
        reply({"authorizationId": "a1", "submission": {"x12": ISA, "json": {}}}),
        reply({"x12": ISA}),
        reply({"inquiry": {"x12": ISA}}, kind="Application/JSON; charset=utf-8"),
        reply({"x12": ISA}, status=201),
        reply({"x12": ISA, "submission": {"x12": None}, "other": {"x12": " "}}),
        reply(b"\xef\xbb\xbf" + json.dumps({"x12": ISA}).encode()),
    ],
)
def test_the_interchange_is_taken_out_of_every_way_to_write_the_answer(heard: Reply) -> None:
    assert unwrap(heard) == X12


@pytest.mark.proves("RT-15")
@pytest.mark.parametrize(
    "heard",
    [
        reply(b""),
        reply(b"<html>We are working on it.</html>", kind="text/html"),
        reply(b"<html>We are working on it.</html>"),
        reply({"x12": ISA}, kind="text/plain"),
        reply([{"x12": ISA}]),
        reply({"errors": ["Nothing came back."]}),
        reply({"submission": {"json": {}}}),
        reply({"submission": {"x12": ""}}),
        reply({"submission": {"x12": [ISA]}}),
        reply({"x12": ISA, "submission": {"x12": ISA}}),
        reply(b'{"x12": "ISA*1", "x12": "ISA*2"}'),
        reply(b'{"x12": "\\ud800"}'),
        reply(b'{"a":' * 50_000),
        reply(b'{"x12": 1' + b"0" * 5000 + b"}"),
        reply({"x12": ISA}, content_encoding="gzip"),
        reply({"x12": ISA}, status=202),
        reply({"x12": ISA}, status=400),
        reply({"x12": ISA}, status=401),
        reply({"x12": ISA}, status=429),
        reply({"errors": ["moved"]}, status=302),
        reply({"errors": ["exists"]}, status=409),
    ],
)
def test_what_is_no_single_answer_is_unreadable(heard: Reply) -> None:
    with pytest.raises(Unreadable):
        unwrap(heard)


@pytest.mark.parametrize("body", [None, b"", {"errors": ["expired"]}])
def test_a_token_that_had_ended_lets_a_filing_go_again_unless_an_answer_stands_beside(body: Any) -> None:
    with pytest.raises(NotSent):
        unwrap(replace(reply(body, status=401), stale_token=True))
    with pytest.raises(Unreadable):
        unwrap(replace(reply({"x12": ISA}, status=401), stale_token=True))


@pytest.mark.parametrize(
    ("status", "effect", "error"),
    [
        (400, True, EnvelopeRefused),
        (422, True, EnvelopeRefused),
        (415, True, EnvelopeRefused),
        (401, True, NeedsPerson),
        (403, True, NeedsPerson),
        (404, True, MaybeSent),
        (404, False, NotSent),
        (429, True, NotSent),
        (500, True, MaybeSent),
        (503, True, MaybeSent),
    ],
)
@pytest.mark.parametrize("body", [{"errors": ["Ada Testperson"]}, ["Ada Testperson"], b"<html>Ada Testperson</html>"])
def test_a_refusal_is_told_by_what_happens_next_and_not_by_its_words(
    status: int, effect: bool, error: type[Exception], body: Any
) -> None:
    with pytest.raises(error) as caught:
        unwrap(reply(body, status=status), effect)
    assert "Ada" not in str(caught.value)
    if isinstance(caught.value, EnvelopeRefused):
        assert caught.value.words == (None if isinstance(body, bytes) else "Ada Testperson")


@given(
    st.sampled_from([200, 201, 202, 400, 401, 404, 422, 429, 500]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(ISA),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x12", "errors", "submission"]), inner)
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=40),
    st.booleans(),
)
def test_any_reply_is_a_payload_or_an_error_of_the_contract(status: int, body: bytes, effect: bool) -> None:
    try:
        payload = unwrap(reply(body, status=status), effect)
    except (ExchangeError, EnvelopeRefused):
        return
    assert status in (200, 201)
    assert json.dumps(payload.decode()) in json.dumps(json.loads(body))
