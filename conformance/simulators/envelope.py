"""CAQH CORE vC2.2.0 real-time envelopes over SOAP 1.2: a strict reader, and a writer. Knows no X12 and no HTTP.

Fields, their order and their unqualified children: as the vC2.2.0 schema has them. Values: as the rule's constraints
are reported in public material (see README.md, Sources).
"""

from __future__ import annotations

import hmac
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from conformance.simulators.payers import PAYERS, SENDER

SOAP = "http://www.w3.org/2003/05/soap-envelope"
CORE = "http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_PASSWORD_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"  # noqa: S105

ACTION = "RealTimeTransaction"
RULE = "2.2.0"
FIELDS = (
    "PayloadType",
    "ProcessingMode",
    "PayloadID",
    "TimeStamp",
    "SenderID",
    "ReceiverID",
    "CORERuleVersion",
    "Payload",
)
_REQUEST = f"{{{CORE}}}COREEnvelopeRealTimeRequest"
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TIMESTAMP = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?Z")
_PAYLOAD_TYPES = re.compile(
    r"X12_(278_Request_005010X217E1_2|278_Request_005010X21[56]\w*|275_Request_006020X316\w*)", re.I
)
_PARSER_LIMIT = 9_000_000


class SoapFault(Exception):
    """A SOAP 1.2 fault: Sender, Receiver, VersionMismatch or MustUnderstand. The text is ours."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

    @property
    def status(self) -> int:
        return 400 if self.code == "Sender" else 500


class CoreError(Exception):
    """Refused by the envelope's rules: CoreEnvelopeError with this ErrorCode. ``fields`` are those that could be
    read."""

    def __init__(self, code: str, text: str, fields: dict[str, str]) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Credentials:
    """``required`` is false where the client certificate has already said who calls."""

    username: str
    password: str
    required: bool = True

    def match(self, username: str, password: str) -> bool:
        known = hmac.compare_digest(username.encode(), self.username.encode())
        return hmac.compare_digest(password.encode(), self.password.encode()) and known


def read_envelope(body: bytes, credentials: Credentials) -> dict[str, str]:
    """The fields of a real-time request, every one checked by itself. Raises SoapFault or CoreError."""
    request, security = _request(body)
    fields = {child.tag: _text(child) for child in request if isinstance(child.tag, str) and child.tag in FIELDS}
    authorize(security, credentials, fields)
    _check_fields(request, fields)
    check_values(fields)
    return fields


def _request(body: bytes) -> tuple[Any, Any]:
    """The request element and the wsse:Security header, or SoapFault."""
    request, security = open_envelope(body)
    if request.tag != _REQUEST:
        raise SoapFault("Sender", "The body does not hold one CORE real-time request.")
    return request, security


def open_envelope(body: bytes) -> tuple[Any, Any]:
    """The one element in the body of an envelope, and the wsse:Security header, or SoapFault."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=len(body) > _PARSER_LIMIT
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise SoapFault("Sender", "The body is not well-formed XML.") from None
    if root.getroottree().docinfo.doctype:
        raise SoapFault("Sender", "A SOAP message has no document type declaration.")
    if root.tag != f"{{{SOAP}}}Envelope":
        if etree.QName(root).localname == "Envelope":
            raise SoapFault("VersionMismatch", "The envelope is not SOAP 1.2.")
        raise SoapFault("Sender", "The body is not a SOAP envelope.")
    parts = [child for child in root if isinstance(child.tag, str)]
    header = parts.pop(0) if parts and parts[0].tag == f"{{{SOAP}}}Header" else None
    if [part.tag for part in parts] != [f"{{{SOAP}}}Body"]:
        raise SoapFault("Sender", "The envelope is not one Body after at most one Header.")
    content = [child for child in parts[0] if isinstance(child.tag, str)]
    if len(content) != 1:
        raise SoapFault("Sender", "The body does not hold one CORE message.")
    return content[0], _security(header)


def _security(header: Any) -> Any:
    found = None
    for block in header if header is not None else ():
        if block.tag == f"{{{WSSE}}}Security":
            found = block
        elif isinstance(block.tag, str) and block.get(f"{{{SOAP}}}mustUnderstand") in ("true", "1"):
            raise SoapFault("MustUnderstand", "A header that must be understood is not.")
    return found


def authorize(security: Any, credentials: Credentials, fields: dict[str, str]) -> None:
    if security is None and not credentials.required:
        return
    token = security.find(f"{{{WSSE}}}UsernameToken") if security is not None else None
    name = token.findtext(f"{{{WSSE}}}Username") if token is not None else None
    password = token.find(f"{{{WSSE}}}Password") if token is not None else None
    right = (
        name is not None
        and password is not None
        and password.get("Type", _PASSWORD_TEXT) == _PASSWORD_TEXT
        and credentials.match(name, password.text or "")
    )
    if not right:
        raise CoreError("UnAuthorized", "The user name or password is not known here.", fields)


def _check_fields(request: Any, fields: dict[str, str]) -> None:
    """Each once, in order, unqualified, nothing else. A qualified field is not the field: it counts as missing."""
    tags = [child.tag for child in request if isinstance(child.tag, str)]
    for name in FIELDS:
        if not fields.get(name, "").strip():
            raise CoreError(f"{name}Required", f"{name} is missing or empty.", fields)
    if tags != list(FIELDS):
        raise SoapFault("Sender", "The request's fields are not those of the schema, once each and in its order.")
    if any(len(child) for child in request):
        raise SoapFault("Sender", "A field of the request holds elements.")


def check_values(fields: dict[str, str]) -> None:
    """CORE's rules for the values of a real-time request, whatever wraps the fields. Raises CoreError."""
    rules = (
        ("CORERuleVersion", fields["CORERuleVersion"] == RULE),
        ("PayloadType", _PAYLOAD_TYPES.fullmatch(fields["PayloadType"]) is not None),
        ("ProcessingMode", fields["ProcessingMode"] == "RealTime"),
    )
    _check(rules, fields)
    check_sender(fields)


def check_sender(fields: dict[str, str]) -> None:
    """The same for what every message has, in real time or in a batch. Raises CoreError."""
    rules = (
        ("CORERuleVersion", fields["CORERuleVersion"] == RULE),
        ("PayloadID", _UUID.fullmatch(fields["PayloadID"]) is not None),
        ("TimeStamp", _is_timestamp(fields["TimeStamp"])),
        ("SenderID", fields["SenderID"] == SENDER),
        ("ReceiverID", fields["ReceiverID"] in PAYERS),
    )
    _check(rules, fields)


def _check(rules: Iterable[tuple[str, bool]], fields: dict[str, str]) -> None:
    for name, right in rules:
        if not right:
            code = "VersionMismatch" if name == "CORERuleVersion" else f"{name}Illegal"
            raise CoreError(code, f"The value of {name} is not one this payer takes.", fields)


def _is_timestamp(value: str) -> bool:
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        return False
    try:
        datetime.fromisoformat(match[1])
    except ValueError:
        return False
    return True


def _text(element: Any) -> str:
    return "".join(element.itertext())


def write_response(
    asked: dict[str, str],
    timestamp: str,
    payload_type: str,
    payload: str | None,
    error: tuple[str, str] = ("Success", "None"),
    *,
    qualified: bool = False,
    payload_id: str = "",
) -> bytes:
    """A real-time response: sender and receiver swapped, the request's PayloadID repeated."""
    values = {
        "PayloadType": payload_type,
        "ProcessingMode": "RealTime",
        "PayloadID": payload_id or asked.get("PayloadID") or str(uuid.uuid4()),
        "TimeStamp": timestamp,
        "SenderID": asked.get("ReceiverID") or "UNKNOWN",
        "ReceiverID": asked.get("SenderID") or "UNKNOWN",
        "CORERuleVersion": RULE,
        "Payload": payload,
        "ErrorCode": error[0],
        "ErrorMessage": error[1],
    }
    prefix = "core:" if qualified else ""
    # A line feed survives XML; a carriage return only as a character reference.
    fields = "".join(
        f"<{prefix}{name}>{escape(value, {chr(13): '&#13;'})}</{prefix}{name}>"
        for name, value in values.items()
        if value is not None
    )
    body = f'<core:COREEnvelopeRealTimeResponse xmlns:core="{CORE}">{fields}</core:COREEnvelopeRealTimeResponse>'
    return write_enveloped(body)


def write_fault(fault: SoapFault) -> bytes:
    code, text = fault.code, escape(fault.text)
    return write_enveloped(
        f"<soap:Fault><soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code>"
        f'<soap:Reason><soap:Text xml:lang="en">{text}</soap:Text></soap:Reason></soap:Fault>'
    )


def write_enveloped(body: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>{body}</soap:Body></soap:Envelope>'
    ).encode()
