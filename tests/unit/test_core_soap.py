"""The CORE SOAP carrier: what it writes, byte for byte, and what it makes of every kind of reply."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.x12_278.carriers import CARRIERS, EnvelopeRefused, core_codec
from adapters.x12_278.carriers.core_soap import CoreSoap
from adapters.x12_278.settings import ConnectionSettings, PayerSettings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination, Mode
from gateway.contract.errors import CannotExpress, ExchangeError, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Https, Loss, Reply, Secret
from gateway.transport.secrets import Secrets

SOAP = "http://www.w3.org/2003/05/soap-envelope"
CORE = "http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
NAMES = {"s": SOAP, "c": CORE, "w": WSSE}
X12 = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*1200*^*00501*000000001*0*T*:~"
STAMP = Stamp(at=datetime(2026, 11, 21, 15, 4, 5, 678901, tzinfo=UTC), number=7, seed="0123456789abcdef" * 2)
CARRIER = CoreSoap()


def destination(**settings: Any) -> Destination:
    return Destination(
        payer="evergreen_health",
        payer_name="Evergreen Health",
        connection="demo_clearinghouse",
        mode=Mode.TEST,
        endpoint="https://clearinghouse.example/core",
        payer_settings=PayerSettings(umo_id="EVERGREEN"),
        connection_settings=ConnectionSettings(
            **{
                "isa_sender_id": "SENDER",
                "isa_receiver_id": "RECEIVER",
                "company_id": "1999999999",
                "core_sender_id": "SENDER",
                "core_receiver_id": "RECEIVER",
                "username_secret": "demo-user",
                "password_secret": "demo-password",
            }
            | settings
        ),
        tables={},
    )


TO = destination()


def wrap(interchange: bytes = X12, to: Destination = TO, stamp: Stamp = STAMP, **changed: Any) -> Https:
    said: dict[str, Any] = {"transaction": "278_request", "effect": True, "losses": ()} | changed
    return CARRIER.wrap(interchange, to=to, stamp=stamp, **said)


def on_the_wire(frame: Https) -> bytes:
    return Secrets({"GATEWAY_SECRET_DEMO_USER": "clinic", "GATEWAY_SECRET_DEMO_PASSWORD": 'p<&>"word'}).fill(frame.body)


def parsed(frame: Https) -> etree._Element:
    return etree.fromstring(on_the_wire(frame))


def field(frame: Https, name: str) -> str:
    return parsed(frame).findtext(f".//{name}")


def envelope(fields: dict[str, str | None] | None = None, *, inside: str | None = None, head: str = "") -> bytes:
    """A response; ``fields`` changes the usual one, None leaves a field out."""
    usual: dict[str, str | None] = {
        "PayloadType": "X12_278_Response_005010X217E1_2",
        "ProcessingMode": "RealTime",
        "PayloadID": "f6a1a9a0-7a36-4d5e-9a51-6a0f0f7f0001",
        "TimeStamp": "2026-11-21T15:04:06Z",
        "SenderID": "RECEIVER",
        "ReceiverID": "SENDER",
        "CORERuleVersion": "2.2.0",
        "Payload": X12.decode(),
        "ErrorCode": "Success",
        "ErrorMessage": "None",
    }
    rows = (usual | (fields or {})).items()
    written = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in rows if text is not None)
    body = inside or f'<c:COREEnvelopeRealTimeResponse xmlns:c="{CORE}">{written}</c:COREEnvelopeRealTimeResponse>'
    return f'<s:Envelope xmlns:s="{SOAP}">{head}<s:Body>{body}</s:Body></s:Envelope>'.encode()


def reply(
    body: bytes | None = None, status: int = 200, kind: str = "application/soap+xml; charset=utf-8", **more: str
) -> Reply:
    headers = (("content-type", kind), *((name.replace("_", "-"), value) for name, value in more.items()))
    return Reply(status, headers, envelope() if body is None else body)


def unwrap(heard: Reply, to: Destination = TO, effect: bool = True) -> bytes:
    return CARRIER.unwrap(heard, to, STAMP, effect)


def fault(code: str, subcode: str | None = None, words: str = "words of the payer") -> bytes:
    under = f"<s:Subcode><s:Value>{subcode}</s:Value></s:Subcode>" if subcode else ""
    return envelope(
        inside=f"<s:Fault><s:Code><s:Value>{code}</s:Value>{under}</s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{words}</s:Text></s:Reason></s:Fault>'
    )


# What is written.


def test_the_carrier_is_found_under_its_name() -> None:
    assert isinstance(CARRIERS["core_soap"], CoreSoap)


def test_the_children_of_a_request_are_unqualified_and_in_the_rules_order() -> None:
    request = parsed(wrap()).find("s:Body/c:COREEnvelopeRealTimeRequest", NAMES)
    assert [child.tag for child in request] == [
        "PayloadType",
        "ProcessingMode",
        "PayloadID",
        "TimeStamp",
        "SenderID",
        "ReceiverID",
        "CORERuleVersion",
        "Payload",
    ]


def test_a_request_is_valid_against_the_packages_own_schema() -> None:
    from importlib.resources import files

    schema = etree.XMLSchema(
        etree.fromstring(files("adapters.x12_278.carriers").joinpath("core_soap.xsd").read_bytes())
    )
    assert schema.validate(parsed(wrap()).find("s:Body", NAMES)[0]), schema.error_log


@pytest.mark.proves("RT-02")
def test_a_request_is_soap_1_2_with_its_action_in_the_content_type() -> None:
    frame = wrap()
    assert frame.method == "POST"
    assert frame.url == "https://clearinghouse.example/core"
    assert dict(frame.headers)["Content-Type"] == 'application/soap+xml; charset=utf-8; action="RealTimeTransaction"'
    assert parsed(frame).tag == f"{{{SOAP}}}Envelope"


def test_the_user_name_token_stands_in_the_wsse_namespace_with_its_password_as_text() -> None:
    token = parsed(wrap()).find("s:Header/w:Security/w:UsernameToken", NAMES)
    assert token.findtext("w:Username", namespaces=NAMES) == "clinic"
    password = token.find("w:Password", NAMES)
    assert password.text == 'p<&>"word'
    assert password.get("Type").endswith("username-token-profile-1.0#PasswordText")


def test_without_a_password_no_security_header_is_sent() -> None:
    frame = wrap(to=destination(username_secret=None, password_secret=None))
    assert all(isinstance(piece, bytes) for piece in frame.body)
    assert parsed(frame).find("s:Header", NAMES) is None


def test_a_credential_is_a_name_in_the_frame_and_in_the_journal() -> None:
    frame = wrap()
    assert [piece for piece in frame.body if isinstance(piece, Secret)] == [
        Secret("demo-user", escape="xml"),
        Secret("demo-password", escape="xml"),
    ]
    assert b"[secret demo-password]" in frame.redacted()
    assert b"p&lt;&amp;&gt;" in on_the_wire(frame)
    assert b"word" not in frame.redacted().replace(b"[secret demo-password]", b"").replace(b"Password", b"").replace(
        b"password", b""
    )


def test_a_payload_that_looks_like_a_placeholder_is_carried_as_it_is() -> None:
    tricky = X12 + b">the-user-name<>the-password</w:Password>[secret demo-password]<soap-env:Body>]]>&amp;&#13;~"
    frame = wrap(tricky)
    assert field(frame, "Payload").encode() == tricky
    assert parsed(frame).findtext("s:Header/w:Security/w:UsernameToken/w:Username", namespaces=NAMES) == "clinic"
    assert sum(isinstance(piece, Secret) for piece in frame.body) == 2


@pytest.mark.proves("RT-08")
def test_carriage_returns_and_a_trailing_line_end_survive_the_envelope() -> None:
    lines = X12.replace(b"~", b"~\r\n") + b"GS*HI~\r\n\r\t~\n"
    frame = wrap(lines)
    assert b"~&#13;\n" in on_the_wire(frame)
    assert field(frame, "Payload").encode() == lines


@pytest.mark.proves("RT-08")
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=200))
def test_any_payload_arrives_as_it_left_or_cannot_be_expressed(text: str) -> None:
    interchange = text.encode()
    try:
        frame = wrap(interchange)
    except CannotExpress:
        assert re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)
    else:
        assert (field(frame, "Payload") or "").encode() == interchange
        assert frame.document == interchange


@pytest.mark.parametrize("mark", [b"\x1c", b"\x1d", b"\x1e", b"\x1f", b"\x00", b"\xff"])
def test_x12_with_control_characters_as_delimiters_cannot_be_expressed(mark: bytes) -> None:
    with pytest.raises(CannotExpress) as caught:
        wrap(X12.replace(b"~", mark) + b"TESTPERSON")
    assert "delimiters" in caught.value.items[0].fix
    assert "TESTPERSON" not in f"{caught.value!r} {caught.value.__context__!r}"


@pytest.mark.proves("RT-05")
def test_the_same_stamp_gives_the_same_bytes_and_another_gives_another_payload_id() -> None:
    assert wrap() == wrap()
    other = STAMP.model_copy(update={"seed": "f" * 32})
    assert field(wrap(), "PayloadID") != field(wrap(stamp=other), "PayloadID")


def test_two_documents_of_one_attempt_have_two_payload_ids() -> None:
    assert field(wrap(X12), "PayloadID") != field(wrap(X12 + b"GS~"), "PayloadID")


@pytest.mark.proves("RT-05")
@given(st.binary(min_size=16, max_size=16))
def test_the_payload_id_is_always_a_version_4_uuid(seed: bytes) -> None:
    written = field(wrap(stamp=STAMP.model_copy(update={"seed": seed.hex()})), "PayloadID")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", written)


@pytest.mark.proves("RT-06")
def test_the_time_stamp_is_utc_with_seconds_whatever_zone_the_stamp_is_in() -> None:
    evening = STAMP.model_copy(update={"at": datetime(2026, 11, 21, 23, 4, 5, tzinfo=timezone(timedelta(hours=-5)))})
    assert field(wrap(), "TimeStamp") == "2026-11-21T15:04:05Z"
    assert field(wrap(stamp=evening), "TimeStamp") == "2026-11-22T04:04:05Z"


def test_version_parties_and_payload_type_come_from_the_connections_settings() -> None:
    to = destination(
        core_rule_version="v2.2.0",
        core_sender_id=None,
        core_receiver_id="NETWORK",
        payload_types={"275": "X12_275_Own"},
    )
    assert field(wrap(to=to), "CORERuleVersion") == "v2.2.0"
    assert field(wrap(to=to), "SenderID") == "SENDER"
    assert field(wrap(to=to), "ReceiverID") == "NETWORK"
    assert field(wrap(to=to), "PayloadType") == "X12_278_Request_005010X217E1_2"
    assert field(wrap(to=to, transaction="275"), "PayloadType") == "X12_275_Own"


def test_effect_losses_deadline_and_document_are_told_with_the_frame() -> None:
    lost = Loss(pointer="/lines/0/note", what="a note")
    frame = wrap(effect=False, losses=[lost], to=destination(deadline=45))
    assert (frame.effect, frame.losses, frame.deadline, frame.document) == (False, (lost,), 45, X12)


def test_nothing_is_read_or_resolved_once_the_codec_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    wrap()
    unwrap(reply())

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("I/O at call time")

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(core_codec._NoNetwork, "load", refuse)
    assert unwrap(reply()) == X12
    assert wrap().document == X12


@pytest.mark.parametrize("url", ["https://payer.example/core?wsdl", "/etc/passwd", "core_soap.wsdl.bak"])
def test_zeeps_transport_gives_its_two_files_and_refuses_everything_else(url: str) -> None:
    transport = core_codec._NoNetwork()
    with pytest.raises(RuntimeError):
        transport.load(url)
    with pytest.raises(RuntimeError):
        transport.post_xml(url, None, {})


# What is read: success.


@pytest.mark.parametrize("code", ["Success", "SUCCESS", " success "])
def test_error_code_success_is_success_whatever_the_message_says(code: str) -> None:
    assert unwrap(reply(envelope({"ErrorCode": code, "ErrorMessage": "No Error"}))) == X12
    assert unwrap(reply(envelope({"ErrorCode": code, "ErrorMessage": None}))) == X12


def test_a_reply_with_unqualified_children_is_read() -> None:
    assert b"<PayloadType>" in envelope()
    assert unwrap(reply()) == X12


def test_a_reply_with_wrongly_qualified_children_is_read_too() -> None:
    qualified = re.sub(rb"<(/?)(?=[A-Z])", rb"<\1c:", envelope())
    assert b"<c:PayloadType>" in qualified
    assert unwrap(reply(qualified)) == X12


@pytest.mark.proves("RT-11")
@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("X12_999_Response_005010X231A1", b"ISA*999~"),
        ("X12_999_Response_005010x231A1", b"ISA*999~"),
        ("X12_TA1_Response_00501X231A1", b"ISA*TA1~"),
        ("x12_278_RESPONSE_005010X217", X12),
    ],
)
def test_a_999_or_ta1_instead_of_a_278_is_given_back_as_it_is(kind: str, payload: bytes) -> None:
    assert unwrap(reply(envelope({"PayloadType": kind, "Payload": payload.decode()}))) == payload


@pytest.mark.parametrize("kind", ["text/xml; charset=utf-8", "application/xml", "APPLICATION/SOAP+XML", ""])
def test_a_soap_reply_under_a_neighbouring_content_type_is_read(kind: str) -> None:
    assert unwrap(reply(kind=kind)) == X12


def test_a_reply_in_cdata_a_byte_order_mark_or_another_order_is_read() -> None:
    cdata = envelope().replace(X12, b"<![CDATA[" + X12 + b"]]>")
    moved = envelope({"ErrorCode": None}).replace(b"<PayloadType>", b"<ErrorCode>Success</ErrorCode><PayloadType>")
    assert unwrap(reply(cdata)) == X12
    assert unwrap(reply(b"\xef\xbb\xbf" + envelope())) == X12
    assert unwrap(reply(moved)) == X12


def test_line_ends_in_a_payload_come_back_as_they_were_escaped() -> None:
    body = envelope({"Payload": "ISA~@GS~@"}).replace(b"@", b"&#13;\n")
    assert unwrap(reply(body)) == b"ISA~\r\nGS~\r\n"


def test_a_field_the_schema_does_not_know_is_passed_over() -> None:
    assert unwrap(reply(envelope().replace(b"<ErrorCode>", b"<CheckSum>00</CheckSum><ErrorCode>"))) == X12


def test_a_header_in_a_reply_is_passed_over() -> None:
    head = f'<s:Header><w:Security xmlns:w="{WSSE}"><w:Timestamp/></w:Security></s:Header>'
    assert unwrap(reply(envelope(head=head))) == X12


@pytest.mark.proves("RT-10")
def test_the_payload_id_of_a_reply_need_not_be_ours() -> None:
    assert unwrap(reply(envelope({"PayloadID": "anything"}))) == X12


# What is read: refused unread.


@pytest.mark.parametrize(
    "code",
    [
        "PayloadTypeRequired",
        "PayloadIDIllegal",
        "senderidnotunderstood",
        "VersionMismatch",
        "ChecksumMismatched",
        "Sender",
    ],
)
def test_a_listed_error_code_under_http_200_refuses_the_envelope(code: str) -> None:
    body = envelope(
        {"PayloadType": "CoreEnvelopeError", "Payload": None, "ErrorCode": code, "ErrorMessage": "why it is"}
    )
    with pytest.raises(EnvelopeRefused) as caught:
        unwrap(reply(body))
    assert caught.value.code.lower() == code.lower()
    assert caught.value.words == "why it is"
    assert "why it is" not in str(caught.value)


@pytest.mark.proves("RT-14")
@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("s:Sender", "Sender"),
        ("s:VersionMismatch", "VersionMismatch"),
        ("s:MustUnderstand", "MustUnderstand"),
        ("env:DataEncodingUnknown", "DataEncodingUnknown"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_soap_fault_of_the_senders_kind_refuses_the_envelope(code: str, ours: str, status: int) -> None:
    with pytest.raises(EnvelopeRefused) as caught:
        unwrap(reply(fault(code, subcode="x:Whatever"), status=status))
    assert caught.value.code == ours
    assert caught.value.words == "words of the payer"


def test_a_soap_1_1_fault_from_a_node_that_knows_no_1_2_refuses_the_envelope() -> None:
    body = (
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>'
        b"<faultcode>e:VersionMismatch</faultcode><faultstring>1.1 only</faultstring></e:Fault></e:Body></e:Envelope>"
    )
    with pytest.raises(EnvelopeRefused) as caught:
        unwrap(reply(body, status=500, kind="text/xml"))
    assert (caught.value.code, caught.value.words) == ("VersionMismatch", "1.1 only")


@pytest.mark.parametrize("status", [400, 405, 413, 415])
def test_an_http_status_that_refuses_the_message_refuses_the_envelope(status: int) -> None:
    with pytest.raises(EnvelopeRefused) as caught:
        unwrap(reply(b"<html>no</html>", status=status, kind="text/html"))
    assert caught.value.code == f"HTTP {status}"


# What is read: a person, not now, unknown.


@pytest.mark.proves("RT-14")
@pytest.mark.parametrize(
    "heard",
    [
        reply(b"", status=401, kind=""),
        reply(b"<html>", status=403, kind="text/html"),
        reply(fault("s:Receiver"), status=401),
        reply(fault("s:Sender", subcode="wsse:FailedAuthentication"), status=500),
        reply(fault("wsse:InvalidSecurity"), status=500),
        reply(envelope({"PayloadType": "CoreEnvelopeError", "Payload": None, "ErrorCode": "UnAuthorized"})),
    ],
)
def test_a_refused_credential_needs_a_person(heard: Reply) -> None:
    with pytest.raises(NeedsPerson):
        unwrap(heard)


def test_too_many_requests_was_not_sent_and_says_when_to_come_back() -> None:
    with pytest.raises(NotSent) as caught:
        unwrap(reply(b"", status=429, kind="", retry_after="17"))
    assert caught.value.retry_after == 17


@pytest.mark.proves("RT-14")
@pytest.mark.parametrize(
    "heard",
    [
        reply(fault("s:Receiver"), status=500),
        reply(fault("s:Receiver"), status=200),
        reply(envelope({"PayloadType": "CoreEnvelopeError", "Payload": None, "ErrorCode": "Receiver"})),
        reply(envelope(), status=502),
        reply(b"", status=500, kind=""),
        reply(b"<s:Envelope", status=500),
        reply(b"<html>down for maintenance</html>", status=503, kind="text/html"),
        # CONNECT's answer when its own call further on failed: an envelope error without a code.
        reply(envelope({"PayloadType": "CoreEnvelopeError", "Payload": None, "ErrorCode": None})),
    ],
)
def test_a_failure_on_the_payers_side_leaves_open_whether_it_was_filed(heard: Reply) -> None:
    with pytest.raises(MaybeSent):
        unwrap(heard)


@pytest.mark.proves("RT-15")
def test_html_under_200_is_unreadable_and_html_under_503_may_have_been_sent() -> None:
    page = b"<html><body>Please sign in, TESTPERSON</body></html>"
    with pytest.raises(Unreadable) as caught:
        unwrap(reply(page, kind="text/html"))
    assert "TESTPERSON" not in str(caught.value)
    with pytest.raises(Unreadable):
        unwrap(reply(page))
    with pytest.raises(MaybeSent):
        unwrap(reply(page, status=503, kind="text/html"))


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.proves("RT-15")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        envelope()[:-1],
        envelope()[:400],
        b"\x1f\x8b\x08\x00garbage",
        b"\xff\xfe<",
        b"ISA*00*~",
        b"{}",
        b"<a/>",
        envelope(inside="<other/>"),
        envelope(inside=f'<c:COREEnvelopeRealTimeRequest xmlns:c="{CORE}"/>'),
        f'<s:Envelope xmlns:s="{SOAP}"/>'.encode(),
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>'.encode(),
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault/></s:Body></s:Envelope>'.encode(),
        fault("s:Unheard"),
        BOMB + envelope(),
        BOMB + envelope({"Payload": "@"}).replace(b"@", b"&c;"),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + envelope(),
        envelope({"Payload": "@"}).replace(b"@", b"&unknown;"),
        envelope().replace(b"<ErrorCode>", b"<ErrorCode>Sender</ErrorCode><ErrorCode>"),
        envelope().replace(b"</ErrorCode>", b"</ErrorCode><ErrorCode>Sender</ErrorCode>"),
        envelope().replace(b"Success", b"<b>Success</b>"),
        envelope().replace(X12, X12 + b"<b/>GS~"),
        envelope().replace(b"RealTimeResponse", b"RealTimeRequest"),
        envelope().replace(b"CORERule2.2.0.xsd", b"CORERule4.0.0.xsd"),
        envelope().replace(X12, b"<![CDATA[" + b"<" * core_codec.MAX_TAGS + b"]]>"),
        envelope().replace(X12, b'<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:1"/>'),
        envelope(inside="<a>" * 5000 + "</a>" * 5000),
        envelope({"Payload": "x" * (core_codec.MAX_BYTES + 1)}),
        envelope(inside="<a/>" * (core_codec.MAX_TAGS + 1)),
    ],
)
def test_what_is_no_response_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        unwrap(reply(body))


@pytest.mark.proves("RT-15")
def test_a_compressed_reply_that_was_not_asked_for_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        unwrap(reply(content_encoding="gzip"))


@pytest.mark.parametrize("status", [202, 204, 302, 307, 409, 418])
def test_a_status_no_real_time_reply_has_is_unreadable(status: int) -> None:
    with pytest.raises(Unreadable):
        unwrap(reply(b"", status=status, kind=""))


@pytest.mark.parametrize(
    "fields",
    [
        {"ErrorCode": None},
        {"ErrorCode": ""},
        {"ErrorCode": "Timeout", "Payload": None},
        {"ErrorCode": "Timeout", "PayloadType": "CoreEnvelopeError"},
        {"PayloadType": "CoreEnvelopeError"},
        {"PayloadType": "X12_271_Response_005010X279A1"},
        {"PayloadType": None},
        {"Payload": None},
        {"Payload": ""},
        {"ErrorCode": "PayloadTypeIllegal"},
    ],
    ids=str,
)
def test_a_response_that_does_not_say_clearly_what_happened_is_unreadable(fields: dict[str, str | None]) -> None:
    with pytest.raises(Unreadable):
        unwrap(reply(envelope(fields)))


@pytest.mark.proves("RT-10")
@pytest.mark.parametrize(
    "fields",
    [
        {"SenderID": "SENDER", "ReceiverID": "RECEIVER"},
        {"SenderID": "SOMEBODY"},
        {"ReceiverID": "SOMEBODY"},
        {"SenderID": "", "ReceiverID": None},
    ],
    ids=str,
)
def test_whoever_an_envelope_is_from_and_to_its_interchange_says_whose_it_is(fields: dict[str, str | None]) -> None:
    assert unwrap(reply(envelope(fields))) == X12


@pytest.mark.parametrize("name", ["PayloadID", "SenderID", "ErrorCode", "ErrorMessage", "Payload", "PayloadType"])
def test_no_value_of_a_reply_gets_into_an_exception(name: str) -> None:
    canary = "TESTPERSON-19700101"
    for broken in (
        envelope({name: canary, "ErrorCode": canary}),
        envelope({name: canary})[:-1],
        fault("s:Odd", words=canary),
    ):
        with pytest.raises(ExchangeError) as caught:
            unwrap(reply(broken))
        error: BaseException | None = caught.value
        while error is not None:
            assert canary not in f"{error} {error!r}"
            error = error.__cause__ or error.__context__


@given(st.binary(max_size=300), st.sampled_from([200, 400, 500]), st.sampled_from(["text/xml", "text/html", ""]))
def test_any_bytes_give_a_payload_or_one_of_the_named_errors(body: bytes, status: int, kind: str) -> None:
    with pytest.raises((ExchangeError, EnvelopeRefused)):
        unwrap(reply(body, status=status, kind=kind))


@given(st.data())
def test_a_damaged_response_gives_the_payload_or_one_of_the_named_errors(data: st.DataObject) -> None:
    body = bytearray(envelope())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=3))
    try:
        unwrap(reply(bytes(body)))
    except (ExchangeError, EnvelopeRefused):
        return
