"""CAQH CORE vC2.2.0 real time as an HTTP MIME multipart form: a strict reader, and a writer. Knows no X12.

Strict on what receivers of the field are known to refuse: line ends other than CRLF, a Content-Type in a part, fields
that stand twice or are unknown. Written apart from ``adapters/``.
"""

from __future__ import annotations

import re
import uuid

from aiohttp import web

from conformance.simulators.carriage import Wrapped
from conformance.simulators.door import Opened
from conformance.simulators.envelope import FIELDS, RULE, CoreError, Credentials, SoapFault, check_values

_HEADER = re.compile(rb'Content-Disposition: form-data; name="([A-Za-z]+)"')
_CREDENTIALS = ("UserName", "Password")


class Denied(SoapFault):
    """HTTP 403: access is denied before the envelope is looked at any further."""

    @property
    def status(self) -> int:
        return 403


class MimeCarriage:
    """``boundary`` is the request's; each answer has one of its own."""

    def __init__(self, boundary: str) -> None:
        self._asked = boundary.encode()
        self._boundary = f"payer-{uuid.uuid4().hex}"

    @property
    def media(self) -> str:
        return f'multipart/form-data; charset=utf-8; boundary="{self._boundary}"'

    def read(self, body: bytes, credentials: Credentials) -> dict[str, str]:
        form = self._form(body)
        fields = {name: form[name] for name in FIELDS if name in form}
        _authorize(form, credentials, fields)
        for name in FIELDS:
            if not fields.get(name, "").strip():
                raise CoreError(f"{name}Required", f"{name} is missing or empty.", fields)
        if form.keys() - {*FIELDS, *_CREDENTIALS}:
            raise SoapFault("Sender", "The form has fields that are none of a real-time request's.")
        check_values(fields)
        return fields

    def _form(self, body: bytes) -> dict[str, str]:
        """The fields of the form, or SoapFault: each in a part of one header, between lines that end in CRLF."""
        opening, closing = b"--" + self._asked + b"\r\n", b"\r\n--" + self._asked + b"--\r\n"
        if not body.startswith(opening) or not body.endswith(closing):
            raise SoapFault("Sender", "The body is not a form between the boundaries that its header names.")
        inner = body.removeprefix(opening).removesuffix(closing)
        form: dict[str, str] = {}
        for part in inner.split(b"\r\n--" + self._asked + b"\r\n"):
            head, gap, content = part.partition(b"\r\n\r\n")
            header = _HEADER.fullmatch(head)
            if not gap or header is None or header[1].decode() in form:
                raise SoapFault("Sender", "A part is not one field with its Content-Disposition, once.")
            try:
                form[header[1].decode()] = content.decode()
            except UnicodeDecodeError:
                raise SoapFault("Sender", "A field is not in UTF-8.") from None
        return form

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
        return 200, self._write(asked, timestamp, payload_type, payload, ("Success", "None"), otherwise, payload_id)

    def refuse(self, error: CoreError, timestamp: str) -> Wrapped:
        return 200, self._write(error.fields, timestamp, "CoreEnvelopeError", None, (error.code, error.text))

    def fail(self, fault: SoapFault) -> Wrapped:
        return fault.status, b""

    def _write(
        self,
        asked: dict[str, str],
        timestamp: str,
        payload_type: str,
        payload: str | None,
        error: tuple[str, str],
        otherwise: bool = False,
        payload_id: str = "",
    ) -> bytes:
        """A response: sender and receiver swapped. ``otherwise``: header names in small letters, and a type."""
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
        name_of, kind = "Content-Disposition", ""
        if otherwise:
            name_of, kind = "content-disposition", "content-type: text/plain; charset=UTF-8\r\n"
        parts = "".join(
            f'--{self._boundary}\r\n{kind}{name_of}: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in values.items()
            if value is not None
        )
        return f"{parts}--{self._boundary}--\r\n".encode()


def open_mime(request: web.Request) -> Opened:
    media = request.headers.get("Content-Type", "")
    boundary = re.fullmatch(r'multipart/form-data;\s*boundary=("?)([0-9A-Za-z_-]{1,70})\1', media)
    if boundary is None:
        return web.Response(status=415, text="A form is spoken here: multipart/form-data with a boundary.")
    return MimeCarriage(boundary[2])


def _authorize(form: dict[str, str], credentials: Credentials, fields: dict[str, str]) -> None:
    name, password = (form.get(field, "") for field in _CREDENTIALS)
    if not credentials.required and not name and not password:
        return
    for field, value in zip(_CREDENTIALS, (name, password), strict=True):
        if not value:
            raise CoreError(f"{field}Required", f"{field} is missing or empty.", fields)
    if not credentials.match(name, password):
        raise Denied("Sender", "The user name or password is not known here.")
