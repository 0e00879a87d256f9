"""The root part of a multipart/related message (RFC 2387): the one that ``start`` names, else the first.

Knows MIME as far as an envelope needs it; knows nothing of what the part says. The standard library reads the headers;
its reader of whole messages goes down into parts within parts, and a payer's bytes could have it go too deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value
from typing import NamedTuple

from gateway.contract.errors import Unreadable

_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})
_DECODED = frozenset({"base64", "quoted-printable"})


class _Part(NamedTuple):
    headers: Message
    content: bytes


def root_part(body: bytes, kind: str) -> bytes:
    """The content of the root part; ``kind`` is the message's Content-Type. Raises Unreadable."""
    header = Message()
    header["content-type"] = kind
    boundary, start = header.get_boundary() or "", header.get_param("start")
    if not boundary or not boundary.isascii():
        raise Unreadable("the reply is multipart and names no boundary")
    parts = _parts(body, boundary.encode())
    if start is None:
        root = next(parts, None)
        if root is None:
            raise Unreadable("the reply is no whole multipart message")
        return _content(root)
    name = _bare(collapse_rfc2231_value(start))
    named = [part for part in parts if _bare(_header(part, "content-id")) == name]
    if len(named) != 1:
        raise Unreadable(f"{len(named)} parts of the reply are the one it names as its start")
    return _content(named[0])


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
            yield _Part(headers, part[end.end() :])
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
