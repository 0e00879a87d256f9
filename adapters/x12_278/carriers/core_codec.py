"""The CORE messages as XML, real-time and batch, through zeep. The only module that knows zeep.

zeep is used as a codec: its WSDL comes from this package, its transport refuses, and nothing is read at call time.
``binding._create`` is private, so zeep's version is held to 4.3 and tests/contract/test_zeep.py holds it to account.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, NamedTuple, NoReturn

from lxml import etree

from gateway.contract.errors import Unreadable
from gateway.contract.frames import Piece, Secret

OPERATION = "RealTimeTransaction"
RESPONSES: Mapping[str, str] = {
    OPERATION: "COREEnvelopeRealTimeResponse",
    "BatchSubmitTransaction": "COREEnvelopeBatchSubmissionResponse",
    "BatchSubmitAckRetrievalTransaction": "COREEnvelopeBatchSubmissionAckRetrievalResponse",
    "BatchResultsRetrievalTransaction": "COREEnvelopeBatchResultsRetrievalResponse",
    "BatchResultsAckSubmitTransaction": "COREEnvelopeBatchResultsAckSubmissionResponse",
}
"""The operations, and the element in which each is answered."""
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
_CORE = "http://www.caqh.org/SOAP/WSDL/CORERule2.2.0.xsd"
_BINDING = "{http://www.caqh.org/SOAP/WSDL/}CoreSoapBinding"
_REQUEST_FIELDS = (
    "PayloadType",
    "ProcessingMode",
    "PayloadID",
    "TimeStamp",
    "SenderID",
    "ReceiverID",
    "CORERuleVersion",
    "Payload",
)
FIELDS = frozenset({*_REQUEST_FIELDS, "PayloadLength", "CheckSum", "ErrorCode", "ErrorMessage"})
_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"

MAX_BYTES = 8 << 20
MAX_TAGS = 50_000
"""A real-time response has some 25 tags; the rest of the room is for X12 in CDATA whose component mark is ``<``."""
MAX_BATCH_BYTES = 100 << 20
MAX_BATCH_TAGS = 250
"""Base64 has no ``<``. Fewer than libxml2's 256 levels too, which are not counted in documents that may be large."""

_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_USERNAME, _PASSWORD = "the-user-name", "the-password"
"""Stand where the credentials go. They are looked for in the envelope's header only, where nobody else writes."""


class _NoNetwork:
    """zeep's transport: gives the two files of this package and refuses everything else."""

    def load(self, url: str) -> bytes:
        name = url.rpartition("/")[2]
        if name not in ("core_soap.wsdl", "core_soap.xsd"):
            self.refuse()
        return files(__package__).joinpath(name).read_bytes()

    def refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError("zeep must not touch the network")

    get = post = post_xml = refuse


class _Zeep(NamedTuple):
    """zeep's parts, half typed by itself and so not at all here."""

    client: Any
    binding: Any


@cache
def _zeep(signed_in: bool) -> _Zeep:
    """The codec, with or without a UsernameToken. Made once, at the first envelope: zeep takes 0.3 s to import."""
    zeep: Any = import_module("zeep")
    wsdl: Any = import_module("zeep.wsdl")
    username: Any = import_module("zeep.wsse.username")
    # Not strict and in any order: what a reply leaves out or adds is judged by the carrier, field by field.
    settings = zeep.Settings(
        strict=False,
        xsd_ignore_sequence_order=True,
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
        force_https=False,
    )
    refusing = _NoNetwork()
    document = wsdl.Document("/core_soap.wsdl", refusing, settings=settings)
    token = username.UsernameToken(_USERNAME, _PASSWORD) if signed_in else None
    binding = document.bindings[_BINDING]
    client = zeep.Client(document, wsse=token, transport=refusing, settings=settings)
    return _Zeep(client, binding)


class _Form(NamedTuple):
    """An envelope as zeep writes it, taken apart where fields and credentials stand. What stands between is the same
    in every message, and zeep takes a hundred times longer to write it than to join it."""

    head: tuple[bytes, ...]
    fields: tuple[str, ...]
    between: tuple[bytes, ...]
    headers: tuple[tuple[str, str], ...]


def _mark(name: str, operation: str) -> tuple[object, str]:
    """What zeep is given in the place of a field, and what it writes for it."""
    if name == "PayloadLength":
        return 987_654_321, "987654321"
    text = f"the-{name}"
    if name == "Payload" and operation != OPERATION:
        return text.encode(), base64.b64encode(text.encode()).decode()
    return text, text


@cache
def _form(operation: str, names: frozenset[str], signed_in: bool) -> _Form:
    zeep = _zeep(signed_in)
    given = {name: _mark(name, operation)[0] for name in names}
    marks = {name: _mark(name, operation)[1] for name in names}
    envelope, headers = zeep.binding._create(operation, (), given, client=zeep.client, options={})
    text: bytes = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    head, tag, body = text.partition(b"<soap-env:Body>")
    parts = re.split(b"|".join(f">{word}<".encode() for word in (_USERNAME, _PASSWORD)), head)
    between = re.split(b"|".join(f">{mark}<".encode() for mark in marks.values()), body)
    if len(parts) != (3 if signed_in else 1) or len(between) != len(marks) + 1 or not tag:
        raise RuntimeError("zeep wrote an envelope of another shape")
    order = sorted(marks, key=lambda name: body.index(f">{marks[name]}<".encode()))
    parts[-1] += tag
    return _Form(tuple(parts), tuple(order), tuple(between), tuple(headers.items()))


def write(
    fields: Mapping[str, str | bytes], credentials: tuple[str, str] | None, operation: str = OPERATION
) -> tuple[tuple[Piece, ...], tuple[tuple[str, str], ...]]:
    """The envelope of a request, and its HTTP headers. ``credentials`` names the secrets of user and password.

    A field in bytes is XML already (a reference to a part, or base64, which needs no escape). Raises ValueError when a
    field holds a character that XML cannot carry.
    """
    form = _form(operation, frozenset(fields), credentials is not None)
    body = [form.between[0]]
    for name, after in zip(form.fields, form.between[1:], strict=True):
        value = fields[name]
        body += (b">", value if isinstance(value, bytes) else _escaped(value), b"<", after)
    if credentials is None:
        return (b"".join((*form.head, *body)),), form.headers
    before, between, after = form.head
    return (
        before + b">",
        Secret(credentials[0], escape="xml"),
        b"<" + between + b">",
        Secret(credentials[1], escape="xml"),
        b"".join((b"<", after, *body)),
    ), form.headers


def _escaped(text: str) -> bytes:
    """As lxml writes an element's text in UTF-8. Raises ValueError for what XML 1.0 has no character for (2.2)."""
    if _NO_CHARACTER.search(text):
        raise ValueError("a character that XML cannot carry")
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\r", "&#13;").encode()


def parse(body: bytes, operation: str = OPERATION) -> etree._Element:
    """The root of an XML document without DTD, entities or network. Raises Unreadable for everything else."""
    batch = operation != OPERATION
    most, tags = (MAX_BATCH_BYTES, MAX_BATCH_TAGS) if batch else (MAX_BYTES, MAX_TAGS)
    if len(body) > most or body.count(b"<") > tags:
        raise Unreadable(f"the reply is too large for a {'batch' if batch else 'real-time'} envelope")
    # libxml2 refuses more than 256 levels and text of more than 10 MB by itself, unless told that a tree may be huge.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=batch,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    root = None
    with suppress(etree.XMLSyntaxError, ValueError):  # kept out of what is raised: their texts quote the document
        root = etree.fromstring(body, parser)
    if root is None:
        raise Unreadable("the reply is not XML")
    if root.getroottree().docinfo.doctype:
        raise Unreadable("the reply holds a document type declaration")
    return root


class Response(NamedTuple):
    """A response's fields, None for what is absent or empty. ``href`` refers to a payload that stands outside the
    envelope (XOP); ``Payload`` is None then. In a batch it is base64 as it stands, and its length no number yet."""

    fields: Mapping[str, str | None]
    href: str | None


def claims(envelope: etree._Element, operation: str = OPERATION) -> Iterator[str]:
    """The PayloadType of every CORE response that stands anywhere in the document and has a payload."""
    for response in envelope.iter(f"{{*}}{RESPONSES[operation]}"):
        payload, kind = response.find("{*}Payload"), response.findtext("{*}PayloadType")
        if payload is not None and (len(payload) or (payload.text or "").strip()):
            yield (kind or "").strip()


def read(envelope: etree._Element, operation: str = OPERATION) -> Response:
    """Raises Unreadable when it is not a response to that operation."""
    kind = "real-time" if operation == OPERATION else "batch"
    body = envelope.find(f"{{{SOAP_12}}}Body")
    response = body[0] if body is not None and len(body) == 1 else None
    if response is None or response.tag != f"{{{_CORE}}}{RESPONSES[operation]}":
        raise Unreadable(f"the reply is not the CORE {kind} response that was asked for")
    seen, href = set(), None
    held: dict[str, str | None] = {}
    for child in list(response):
        # Payers qualify the fields against the schema, and add some of their own: the first is read, the second passed.
        name = etree.QName(child).localname
        if name not in FIELDS:
            response.remove(child)
        elif name == "Payload" and name not in seen and _is_included(child):
            href = child[0].get("href", "")
            response.remove(child)
        elif name in seen or len(child):
            raise Unreadable(f"the reply's field {name} stands twice or holds tags")
        elif name in ("Payload", "PayloadLength") and kind == "batch":
            # zeep takes base64 that is none, logs a number that is none, and need not copy what may be large.
            held[name] = child.text or None
            response.remove(child)
        seen.add(name)
    answer = None
    with suppress(Exception):  # zeep raises what it likes, and its texts quote the reply
        answer = _zeep(False).binding.get(operation).process_reply(envelope)
    if answer is None:
        raise Unreadable(f"the reply is not the CORE {kind} response that was asked for")
    told = {name: getattr(answer, name, None) for name in FIELDS}
    fields = {name: str(value) if value else None for name, value in told.items()}
    return Response(fields | held, href)


def _is_included(payload: etree._Element) -> bool:
    """True where the element holds a reference to a part of the message (XOP 1.0, 2.1) and nothing else."""
    texts = [payload.text, *(child.tail for child in payload)]
    return [child.tag for child in payload] == [_INCLUDE] and not any((text or "").strip() for text in texts)
