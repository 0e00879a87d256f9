"""What wraps a payer's answer, read without mercy and without failing: fields as they stand, and what was wrong.

Written apart from ``adapters/``, which forgive much: here nothing is forgiven, it is told. Every reply is hostile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any

from lxml import etree

from gateway.contract.frames import Https, Reply

SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
FIELDS = (
    "PayloadType",
    "ProcessingMode",
    "PayloadID",
    "TimeStamp",
    "SenderID",
    "ReceiverID",
    "CORERuleVersion",
    "Payload",
    "ErrorCode",
    "ErrorMessage",
)
"""In the order of the schema's real-time response."""
_MOST_BYTES = 8 << 20
_CORE = re.compile(r"COREEnvelope\w*Response")


@dataclass(frozen=True)
class Field:
    """``namespace`` is empty for a child that is not qualified, as the schema wants it."""

    name: str
    value: str
    namespace: str = ""


@dataclass(frozen=True)
class Envelope:
    """``wrong`` says why no envelope could be read; ``fault`` is the code of a SOAP fault."""

    fields: tuple[Field, ...] = ()
    payload: bytes | None = None
    fault: str = ""
    version: str = ""
    wrong: str = ""

    def get(self, name: str) -> str | None:
        return next((field.value.strip() for field in self.fields if field.name == name), None)


def media(reply: Reply) -> str:
    return reply.header("content-type").partition(";")[0].strip().lower()


def read_envelope(carrier: str, reply: Reply) -> Envelope:
    """The envelope of a reply, as the carrier has it."""
    if len(reply.body) > _MOST_BYTES:
        return Envelope(wrong="the answer is larger than 8 MB")
    if not reply.body.strip():
        return Envelope(wrong="the answer has no body")
    return _READERS[carrier](reply)


def sent_fields(carrier: str, frame: Https) -> Mapping[str, str]:
    """The CORE fields of what was sent; none of other carriers."""
    body, kind = frame.redacted(), {name.lower(): value for name, value in frame.headers}.get("content-type", "")
    if carrier == "core_soap":
        root = _parsed(body)
        found = root.iter() if root is not None else iter(())
        return {etree.QName(each).localname: each.text or "" for each in found if isinstance(each.tag, str)}
    if carrier == "core_mime":
        return {field.name: field.value for field in _form(body, kind)}
    return {}


def _soap(reply: Reply) -> Envelope:
    root = _parsed(_root_part(reply))
    if root is None:
        return Envelope(wrong="the body is not XML without a document type")
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in (SOAP_11, SOAP_12):
        return Envelope(wrong="the body is XML, but no SOAP envelope")
    version = "1.2" if name.namespace == SOAP_12 else "1.1"
    fault = root.find(f"{{{name.namespace}}}Body/{{{name.namespace}}}Fault")
    if fault is not None:
        code = fault.findtext(f"{{{SOAP_12}}}Code/{{{SOAP_12}}}Value") or fault.findtext("faultcode") or "none"
        return Envelope(fault=code.strip().rpartition(":")[2][:40], version=version, wrong="the answer is a SOAP fault")
    for element in root.iter():
        if isinstance(element.tag, str) and _CORE.fullmatch(etree.QName(element).localname):
            fields = tuple(_field(child) for child in element if isinstance(child.tag, str))
            payload = next((field.value.encode() for field in fields if field.name == "Payload"), None)
            return Envelope(fields, payload, version=version)
    return Envelope(version=version, wrong="the SOAP body holds no CORE response")


def _field(element: Any) -> Field:
    name = etree.QName(element)
    return Field(name.localname, "".join(element.itertext()), name.namespace or "")


def _parsed(body: bytes) -> Any:
    """The root of the XML, None where it is none, or has a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if root.getroottree().docinfo.doctype else root


def _root_part(reply: Reply) -> bytes:
    if media(reply) != "multipart/related":
        return reply.body
    parts = list(_parts(reply.body, reply.header("content-type")))
    return _content(parts[0]) if parts else b""


def _mime(reply: Reply) -> Envelope:
    if media(reply) != "multipart/form-data":
        return Envelope(wrong="the answer is no multipart form by its content type")
    fields = tuple(_form(reply.body, reply.header("content-type")))
    if not fields:
        return Envelope(wrong="the body is no form")
    payload = next((field.value.encode("latin-1") for field in fields if field.name == "Payload"), None)
    return Envelope(fields, payload)


def _form(body: bytes, kind: str) -> Iterator[Field]:
    for part in _parts(body, kind):
        name = part.get_param("name", "", "content-disposition")
        yield Field(str(name), _content(part).decode("latin-1"))


def _parts(body: bytes, kind: str) -> Iterator[Message]:
    head = b"Content-Type: " + kind.replace("\r", " ").replace("\n", " ").encode("latin-1", "replace")
    message: Message = BytesParser(policy=compat32).parsebytes(head + b"\r\n\r\n" + body)
    inside = message.get_payload()
    yield from (each for each in inside if isinstance(each, Message)) if isinstance(inside, list) else ()


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _json_x12(reply: Reply) -> Envelope:
    told = _object(reply)
    if told is None:
        return Envelope(wrong="the answer is no JSON object by its content type and its body")
    for inside in (told, *(value for value in told.values() if isinstance(value, dict))):
        if isinstance(x12 := inside.get("x12"), str):
            return Envelope(payload=x12.encode("utf-8", "replace"))
    return Envelope(wrong="the JSON object names no x12")


def _json(reply: Reply) -> Envelope:
    return Envelope() if _object(reply) is not None else Envelope(wrong="the answer is no JSON object")


def _object(reply: Reply) -> dict[str, Any] | None:
    try:
        told = json.loads(reply.body) if media(reply) == "application/json" else None
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


_READERS: Mapping[str, Callable[[Reply], Envelope]] = {
    "core_soap": _soap,
    "core_mime": _mime,
    "rest_x12": _json_x12,
    "rest_review": _json,
}
