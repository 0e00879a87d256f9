"""The parts of a multipart message. Of a multipart/related one (RFC 2387) the root, which ``start`` names (else it is
the first), and those that the root points at by ``cid:``; of a form (RFC 7578) the fields by their names. And how a
message of an envelope and what it refers to is written.

Knows MIME as far as an envelope needs it; knows nothing of what a part says. The standard library reads the headers;
its reader of whole messages goes down into parts within parts, and a payer's bytes could have it go too deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value
from itertools import count as count_from
from typing import NamedTuple

from gateway.contract.errors import Unreadable
from gateway.contract.frames import Piece

_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")
_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})
_DECODED = frozenset({"base64", "quoted-printable"})
_UTF_8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
_ONE_BYTE = frozenset({"iso-8859-1", "latin1", "windows-1252"})


MOST_PARTS = 64
"""Parts looked at. A real-time reply has one, or two where its payload is attached."""


class _Part(NamedTuple):
    start: int
    headers: Message
    content: bytes


def write_related(
    root: tuple[Piece, ...], content: bytes, name: str, action: str
) -> tuple[tuple[Piece, ...], tuple[str, str]]:
    """A multipart/related message (MTOM 1.0, 3): the SOAP envelope as its root, and the content that this refers to as
    ``cid:<name>``, byte for byte. With its Content-Type header. The boundary stands in neither."""
    inside = b"".join(piece for piece in root if isinstance(piece, bytes))
    boundary = next(
        mark
        for mark in (f"part-{name.partition('@')[0]}-{count}" for count in count_from(0))
        if mark.encode() not in content and mark.encode() not in inside
    )
    line = f"\r\n--{boundary}"
    head = (
        f"{line.lstrip()}\r\nContent-Type: application/xop+xml; charset=utf-8; "
        f'type="application/soap+xml"\r\nContent-Transfer-Encoding: 8bit\r\nContent-ID: <root.{name}>\r\n\r\n'
    )
    between = (
        f"{line}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{name}>\r\n\r\n"
    )
    kind = (
        f'multipart/related; boundary="{boundary}"; type="application/xop+xml"; start="<root.{name}>"; '
        f'start-info="application/soap+xml"; action="{action}"'
    )
    body = (head.encode(), *root, between.encode(), content, f"{line}--\r\n".encode())
    return body, ("Content-Type", kind)


def root_part(body: bytes, kind: str) -> bytes:
    """The content of the root part; ``kind`` is the message's Content-Type. Raises Unreadable."""
    return _content(_root(body, kind))


def attached_part(body: bytes, kind: str, href: str) -> bytes:
    """The content of the part that a ``cid:`` URL (RFC 2392) names: one of this message, and not the root itself.
    Raises Unreadable for every other reference; nothing is ever fetched."""
    scheme, _, name = href.strip().partition(":")
    if scheme.lower() != "cid" or not name:
        raise Unreadable("the reply refers to something outside itself")
    root = _root(body, kind)
    # Some write the id as it stands in the header, some as a URL: p@x and p%40x are one.
    names = {_bare(name), _bare(_ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), name))}
    named = [part for part in _all(body, kind) if _bare(_header(part, "content-id")) in names]
    if len(named) != 1 or named[0].start == root.start:
        raise Unreadable("not exactly one part of the reply is the one it refers to")
    return _content(named[0])


def form_fields(body: bytes, kind: str) -> Mapping[str, bytes]:
    """The content of a form's fields by name, in small letters; what names no field is passed over. Text in a character
    set that is declared comes out in UTF-8. Raises Unreadable, also where a name stands twice."""
    fields: dict[str, bytes] = {}
    for part in _all(body.removeprefix(b"\xef\xbb\xbf"), kind):
        name = part.headers.get_param("name", header="content-disposition")
        if name is None:
            continue
        field = collapse_rfc2231_value(name).strip().lower()
        if field in fields:
            raise Unreadable("a field of the reply's form stands twice")
        fields[field] = _in_utf_8(_content(part), part)
    return fields


def _in_utf_8(content: bytes, part: _Part) -> bytes:
    charset = part.headers.get_param("charset")
    name = collapse_rfc2231_value(charset).strip().lower() if charset is not None else ""
    if name in _UTF_8:
        return content
    if name not in _ONE_BYTE:
        raise Unreadable("a field of the reply's form is in a character set that is not known")
    return content.decode(name, "replace").encode()


def _root(body: bytes, kind: str) -> _Part:
    start = _of(kind).get_param("start")
    if start is None:
        root = next(_all(body, kind), None)
        if root is None:
            raise Unreadable("the reply is no whole multipart message")
        return root
    name = _bare(collapse_rfc2231_value(start))
    named = [part for part in _all(body, kind) if _bare(_header(part, "content-id")) == name]
    if len(named) != 1:
        raise Unreadable(f"{len(named)} parts of the reply are the one it names as its start")
    return named[0]


def _of(kind: str) -> Message:
    header = Message()
    header["content-type"] = kind
    return header


def _all(body: bytes, kind: str) -> Iterator[_Part]:
    boundary = _of(kind).get_boundary() or ""
    if not boundary or not boundary.isascii():
        raise Unreadable("the reply is multipart and names no boundary")
    for count, part in enumerate(_parts(body, boundary.encode())):
        if count == MOST_PARTS:
            raise Unreadable(f"the reply has more than {MOST_PARTS} parts")
        yield part


def _parts(body: bytes, boundary: bytes) -> Iterator[_Part]:
    """The whole parts: those that another boundary closes. A line that only begins like the boundary is content, and
    what stands before the first boundary or after the closing one is none (RFC 2046, 5.1.1)."""
    lines = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    begun: int | None = None
    for line in lines.finditer(body):
        if begun is not None:
            part = body[begun : line.start()]
            end = _HEADERS_END.search(part)
            if end is None:
                raise Unreadable("a part of the reply does not say where its headers end")
            headers = BytesHeaderParser().parsebytes(part[: end.start()].lstrip(b"\r\n"))
            yield _Part(begun, headers, part[end.end() :])
        if line[1]:
            return
        begun = line.end()


def _header(part: _Part, name: str) -> str:
    # The library gives a header that is not ASCII back as an object of its own.
    return str(part.headers.get(name, ""))


def _bare(name: str) -> str:
    """A Content-ID without its angle brackets, which some leave out."""
    return name.strip().removeprefix("<").removesuffix(">")


def _content(part: _Part) -> bytes:
    encoding = _header(part, "content-transfer-encoding").strip().lower()
    if encoding in _AS_IT_IS:
        return part.content
    if encoding not in _DECODED:
        raise Unreadable("the envelope is encoded in a way that is not known")
    coded = Message()
    coded["content-transfer-encoding"] = encoding
    coded.set_payload(part.content.decode("ascii", "surrogateescape"))
    content = coded.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
