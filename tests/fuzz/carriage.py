"""A payer's document in a reply of each carrier, at once: bytes put where an envelope has its payload."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha1
from xml.sax.saxutils import escape

from conformance.simulators.envelope import write_response
from gateway.contract.frames import Reply

_KIND = "X12_278_Response_005010X217E1_2"
_PAYLOAD = b"the-payload"
_PAYLOAD_ID = "00000000-0000-4000-8000-000000000017"
_SOAP = write_response({"PayloadID": _PAYLOAD_ID}, "2026-03-01T15:04:05Z", _KIND, _PAYLOAD.decode())
_INCLUDE = b'<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:payload@payer"/>'
_FORM = {"PayloadType": _KIND, "ProcessingMode": "RealTime", "PayloadID": _PAYLOAD_ID, "ErrorCode": "Success"}


def soap(document: bytes) -> Reply:
    """The payload as text: what is no UTF-8 is Windows-1252, and what XML cannot carry stays, for nobody to read."""
    try:
        text = document.decode()
    except UnicodeDecodeError:
        text = document.decode("cp1252", "replace")
    written = escape(text, {"\r": "&#13;"}).encode("utf-8", "replace")
    return Reply(200, (("content-type", "application/soap+xml; charset=utf-8"),), _SOAP.replace(_PAYLOAD, written))


def mtom(document: bytes) -> Reply:
    """The payload as it is, in a part of its own."""
    return _in_parts(_SOAP, document)


def _in_parts(envelope: bytes, document: bytes) -> Reply:
    root = b"Content-Type: application/xop+xml\r\nContent-ID: <root>\r\n\r\n" + envelope.replace(_PAYLOAD, _INCLUDE)
    part = b"Content-Type: application/octet-stream\r\nContent-ID: <payload@payer>\r\n\r\n" + document
    kind = 'multipart/related; boundary=edge; type="application/xop+xml"; start="<root>"'
    return Reply(200, (("content-type", kind),), b"--edge\r\n%b\r\n--edge\r\n%b\r\n--edge--\r\n" % (root, part))


def form(document: bytes) -> Reply:
    fields = {name: value.encode() for name, value in _FORM.items()} | {"Payload": document}
    parts = b"".join(
        b'--edge\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), value)
        for name, value in fields.items()
    )
    return Reply(200, (("content-type", "multipart/form-data; boundary=edge"),), parts + b"--edge--\r\n")


def json_x12(document: bytes) -> Reply:
    """What is no UTF-8 becomes halves of surrogate pairs, which JSON can say and nobody can write."""
    text = document.decode("utf-8", "surrogateescape")
    body = json.dumps({"authorizationId": _PAYLOAD_ID, "submission": {"x12": text, "json": {}}}).encode()
    return Reply(200, (("content-type", "application/json"),), body)


def receipt(document: bytes) -> Reply:
    """The payload with the receipt of a batch, where it has no place."""
    return _in_parts(_batch("BatchSubmissionResponse", document), document)


def fetched(document: bytes) -> Reply:
    """The payload as the file that an inquiry fetches first."""
    return _in_parts(_batch("BatchSubmissionAckRetrievalResponse", document), document)


def fetched_inline(document: bytes) -> Reply:
    written = _batch("BatchSubmissionAckRetrievalResponse", document).replace(_PAYLOAD, b64encode(document))
    return Reply(200, (("content-type", "application/soap+xml; charset=utf-8"),), written)


def _batch(answer: str, document: bytes) -> bytes:
    """The envelope of a batch's answer, in which length and sum are right."""
    counted = (
        f"<PayloadLength>{len(document)}</PayloadLength><CheckSum>{sha1(document).hexdigest()}</CheckSum><Payload>"  # noqa: S324
    )
    named = _SOAP.replace(b"RealTimeResponse", answer.encode()).replace(b">RealTime<", b">Batch<")
    return named.replace(b"<Payload>", counted.encode())


CARRIAGES: Mapping[str, tuple[Callable[[bytes], Reply], ...]] = {
    "core_soap": (soap, mtom),
    "core_mime": (form,),
    "rest_x12": (json_x12,),
    "core_batch": (receipt, fetched, fetched_inline),
}
"""By the carrier that reads them."""
