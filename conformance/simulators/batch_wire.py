"""CAQH CORE vC2.2.0 batch messages on the wire: SOAP 1.2 with its payload in a part of its own (MTOM) or as base64.

A strict reader, and a writer. Knows no X12 and no mailbox. Written apart from ``adapters/``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiohttp import web

from conformance.simulators.carriage import Wrapped
from conformance.simulators.envelope import (
    CORE,
    RULE,
    CoreError,
    Credentials,
    SoapFault,
    authorize,
    check_sender,
    open_envelope,
    write_enveloped,
    write_fault,
)
from conformance.simulators.reception import Delivery

SUBMIT, ACKNOWLEDGEMENT, RESULTS, CONFIRM = (
    "BatchSubmitTransaction",
    "BatchSubmitAckRetrievalTransaction",
    "BatchResultsRetrievalTransaction",
    "BatchResultsAckSubmitTransaction",
)
ELEMENTS = {
    SUBMIT: ("BatchSubmission", "BatchSubmissionResponse"),
    ACKNOWLEDGEMENT: ("BatchSubmissionAckRetrievalRequest", "BatchSubmissionAckRetrievalResponse"),
    RESULTS: ("BatchResultsRetrievalRequest", "BatchResultsRetrievalResponse"),
    CONFIRM: ("BatchResultsAckSubmission", "BatchResultsAckSubmissionResponse"),
}
_KINDS = {
    ACKNOWLEDGEMENT: "X12_999_RetrievalRequest_005010X231A1",
    RESULTS: "X12_005010_Request_Batch_Results_278",
    CONFIRM: "X12_999_SubmissionRequest_005010X231A1",
}
_FIELDS = (
    "PayloadType",
    "ProcessingMode",
    "PayloadID",
    "PayloadLength",
    "TimeStamp",
    "SenderID",
    "ReceiverID",
    "CORERuleVersion",
    "CheckSum",
    "Payload",
)
_OF_PAYLOAD = frozenset({"PayloadLength", "CheckSum", "Payload"})
_XOP = "{http://www.w3.org/2004/08/xop/include}Include"
_PARAMETER = re.compile(r';\s*([a-z-]+)\s*=\s*(?:"([^"]*)"|([^";\s]+))', re.I)


class Answer(NamedTuple):
    """What an answer carries, and what is wrong with it on purpose."""

    kind: str
    payload: bytes | None = None
    wrong_sum: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class _Parts:
    root: bytes
    named: dict[str, bytes]


class BatchCarriage:
    """One message of one operation. ``keep`` is given what a submission is answered with, and says what goes back."""

    def __init__(self, operation: str, kind: str, keep: Callable[[dict[str, str], str, str], Answer]) -> None:
        self.operation = operation
        self._kind = kind
        self._keep = keep
        self._media = "application/soap+xml; charset=utf-8"

    @property
    def media(self) -> str:
        return self._media

    def read(self, body: bytes, credentials: Credentials) -> dict[str, str]:
        """The fields, and the payload as text, a character a byte in UTF-8. Raises SoapFault or CoreError."""
        parts = _parts(body, self._kind)
        request, security = open_envelope(parts.root)
        if request.tag != f"{{{CORE}}}COREEnvelope{ELEMENTS[self.operation][0]}":
            raise SoapFault("Sender", "The body does not hold the message of the action.")
        children = [child for child in request if isinstance(child.tag, str)]
        fields = {child.tag: "".join(child.itertext()) for child in children if child.tag in _FIELDS}
        authorize(security, credentials, fields)
        carried = self.operation in (SUBMIT, CONFIRM)
        wanted = [name for name in _FIELDS if carried or name not in _OF_PAYLOAD]
        for name in wanted:
            if name != "Payload" and not fields.get(name, "").strip():
                raise CoreError(f"{name}Required", f"{name} is missing or empty.", fields)
        if [child.tag for child in children] != wanted:
            raise SoapFault("Sender", "The message's fields are not those of the schema, once each and in its order.")
        if self.operation in _KINDS and fields["PayloadType"] != _KINDS[self.operation]:
            raise CoreError("PayloadTypeIllegal", "The value of PayloadType is not one this payer takes.", fields)
        if fields["ProcessingMode"] != "Batch":
            raise CoreError("ProcessingModeIllegal", "A batch is not in real time.", fields)
        check_sender(fields)
        if carried:
            payload = _payload(children[-1], parts)
            _check_payload(payload, fields)
            fields["Payload"] = payload.decode("latin-1")
        return fields

    def answer(
        self,
        asked: dict[str, str],
        timestamp: str,
        payload_type: str,
        payload: str,
        *,
        otherwise: bool = False,
        payload_id: str = "",
    ) -> Wrapped:
        told = self._keep(asked, payload_type, payload)
        return 200, self.write(asked, timestamp, told, otherwise=otherwise)

    def refuse(self, error: CoreError, timestamp: str) -> Wrapped:
        return 200, self.write(error.fields, timestamp, Answer("CoreEnvelopeError"), (error.code, error.text))

    def fail(self, fault: SoapFault) -> Wrapped:
        return fault.status, write_fault(fault)

    def write(
        self,
        asked: dict[str, str],
        timestamp: str,
        answer: Answer,
        error: tuple[str, str] = ("Success", "None"),
        *,
        otherwise: bool = False,
    ) -> bytes:
        """``otherwise``: the payload as base64 in the envelope, and the fields in the namespace."""
        payload, name = answer.payload, f"{uuid.uuid4()}@payer"
        values: dict[str, str | None] = {
            "PayloadType": answer.kind,
            "ProcessingMode": "Batch",
            "PayloadID": asked.get("PayloadID") or str(uuid.uuid4()),
            "PayloadLength": None if payload is None else str(len(payload)),
            "TimeStamp": timestamp,
            "SenderID": asked.get("ReceiverID") or "UNKNOWN",
            "ReceiverID": asked.get("SenderID") or "UNKNOWN",
            "CORERuleVersion": RULE,
            "CheckSum": None if payload is None else hashlib.sha1(payload + b"!" * answer.wrong_sum).hexdigest(),  # noqa: S324
            "Payload": None,
            "ErrorCode": error[0],
            "ErrorMessage": error[1],
        }
        if payload is not None:
            href = f"nobody.{name}" if answer.broken else name
            reference = f'<xop:Include xmlns:xop="{_XOP[1:-8]}" href="cid:{href}"/>'
            values["Payload"] = base64.b64encode(payload).decode() if otherwise else reference
        element, prefix = f"core:COREEnvelope{ELEMENTS[self.operation][1]}", "core:" if otherwise else ""
        fields = "".join(f"<{prefix}{n}>{v}</{prefix}{n}>" for n, v in values.items() if v is not None)
        root = write_enveloped(f'<{element} xmlns:core="{CORE}">{fields}</{element}>')
        if payload is None or otherwise:
            return root
        mark = f"payer-{uuid.uuid4().hex}"
        self._media = (
            f'multipart/related; boundary={mark}; type="application/xop+xml"; start="<root@payer>"; '
            'start-info="application/soap+xml"'
        )
        head = (
            f"--{mark}\r\nContent-ID: <root@payer>\r\n"
            'Content-Type: application/xop+xml; charset=utf-8; type="application/soap+xml"\r\n\r\n'
        )
        between = (
            f"\r\n--{mark}\r\nContent-ID: <{name}>\r\nContent-Type: application/octet-stream\r\n"
            "Content-Transfer-Encoding: binary\r\n\r\n"
        )
        return b"".join((head.encode(), root, between.encode(), payload, f"\r\n--{mark}--\r\n".encode()))


def opened_operation(request: web.Request) -> tuple[str, str] | Delivery | web.Response:
    """The operation that a message's header names and its content type, or what refuses it."""
    kind = request.headers.get("Content-Type", "")
    media = kind.partition(";")[0].strip().lower()
    told = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(kind)}
    if media not in ("application/soap+xml", "multipart/related"):
        return web.Response(status=415, text="SOAP 1.2 is spoken here: application/soap+xml, or MTOM.")
    if media == "multipart/related" and told.get("type") != "application/xop+xml":
        return web.Response(status=415, text="A multipart message is MTOM here: application/xop+xml.")
    if told.get("action") not in ELEMENTS:
        fault = SoapFault("Sender", "The content type's action is none of a batch.")
        return Delivery(fault.status, write_fault(fault), "application/soap+xml; charset=utf-8")
    return told["action"], kind


def _parts(body: bytes, kind: str) -> _Parts:
    """The envelope, and the other parts by their Content-ID. Raises SoapFault."""
    told = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(kind)}
    if not kind.lower().startswith("multipart/"):
        return _Parts(body, {})
    mark = b"--" + told.get("boundary", "").encode()
    if not body.startswith(mark + b"\r\n") or not body.endswith(b"\r\n" + mark + b"--\r\n"):
        raise SoapFault("Sender", "The body is not between the boundaries that its header names.")
    inner = body[len(mark) + 2 : -len(mark) - 6]
    named: dict[str, bytes] = {}
    root = ""
    for part in inner.split(b"\r\n" + mark + b"\r\n"):
        head, gap, content = part.partition(b"\r\n\r\n")
        headers = dict(re.findall(r"(?m)^([A-Za-z-]+): (.*?)\r?$", head.decode("latin-1")))
        name = headers.get("Content-ID", "")
        if not gap or not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", name) or name in named:
            raise SoapFault("Sender", "A part has no Content-ID of its own.")
        if name == told.get("start"):
            root = name
            if not headers.get("Content-Type", "").startswith("application/xop+xml"):
                raise SoapFault("Sender", "The root part is not application/xop+xml.")
        elif headers.get("Content-Transfer-Encoding") != "binary":
            raise SoapFault("Sender", "A payload's part is not binary.")
        named[name] = content
    if not root:
        raise SoapFault("Sender", "No part is the one that start names.")
    return _Parts(named.pop(root), named)


def _payload(element: Any, parts: _Parts) -> bytes:
    inside = [child for child in element if isinstance(child.tag, str)]
    if [child.tag for child in inside] == [_XOP]:
        name = f"<{(inside[0].get('href') or '').removeprefix('cid:')}>"
        if set(parts.named) != {name}:
            raise SoapFault("Sender", "The reference does not lead to the one part beside the root.")
        return parts.named[name]
    if inside or parts.named:
        raise SoapFault("Sender", "The payload is neither base64 nor a reference to the part beside the root.")
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except binascii.Error:
        raise SoapFault("Sender", "The payload is not base64.") from None


def _check_payload(payload: bytes, fields: dict[str, str]) -> None:
    if not payload:
        raise CoreError("PayloadRequired", "Payload is missing or empty.", fields)
    if fields["PayloadLength"] != str(len(payload)):
        raise CoreError("PayloadLengthIllegal", "PayloadLength is not that of the decoded payload.", fields)
    if fields["CheckSum"].lower() != hashlib.sha1(payload).hexdigest():  # noqa: S324 - what vC2.2.0 asks for
        raise CoreError("ChecksumMismatched", "CheckSum is not the SHA-1 of the decoded payload.", fields)
