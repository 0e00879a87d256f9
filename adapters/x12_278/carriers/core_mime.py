"""CAQH CORE Connectivity vC2.2.0, real time, as an HTTP MIME multipart form: the fields of SOAP, one part each.

The form is written by hand: what HTTP clients write has a Content-Type in each part, which strict receivers refuse.
Replies are judged as ``core_soap`` judges them: HTTP, then the CORE error code, then what is carried; only listed words
prove that a request was refused unread, and only where no answer stands beside them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from adapters.x12_278.carriers.core_fields import is_envelope_error, judge_error_code, request_fields
from adapters.x12_278.carriers.http import fail, media, refuse_compression
from adapters.x12_278.carriers.multipart import form_fields
from adapters.x12_278.carriers.refusal import believed_alone
from adapters.x12_278.settings import Transaction, connection_settings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import Unreadable
from gateway.contract.frames import Https, Loss, Piece, Reply, Secret

MAX_BYTES = 8 << 20
_FORM = "multipart/form-data"
_ENVELOPE = "a CORE form"
_FIELDS = ("PayloadType", "ErrorCode", "ErrorMessage")


class CoreMime:
    """The carrier ``core_mime``."""

    def wrap(
        self,
        interchange: bytes,
        transaction: Transaction,
        effect: bool,
        losses: Sequence[Loss],
        to: Destination,
        stamp: Stamp,
    ) -> Https:
        """The frame that carries the interchange; the same stamp and interchange give the same bytes."""
        settings = connection_settings(to)
        fields: dict[str, Piece] = {}
        for name, value in request_fields(interchange, transaction, settings, stamp).items():
            fields[name] = value.encode()
            if name == "TimeStamp" and settings.username_secret and settings.password_secret:
                fields |= {"UserName": Secret(settings.username_secret), "Password": Secret(settings.password_secret)}
        boundary = _boundary(stamp, interchange)
        return Https(
            method="POST",
            url=to.endpoint,
            effect=effect,
            headers=(("Content-Type", f"{_FORM}; boundary={boundary}"),),
            body=tuple(_written(fields | {"Payload": interchange}, boundary.encode())),
            document=interchange,
            document_type="application/edi-x12",
            losses=tuple(losses),
            deadline=settings.deadline,
        )

    def unwrap(self, reply: Reply, to: Destination, stamp: Stamp | None, effect: bool) -> bytes:
        """The payload of a reply, as it stands. Raises EnvelopeRefused besides the errors of the contract."""
        with believed_alone(lambda: _carries_answer(reply)):
            return _payload(reply, effect)


def _boundary(stamp: Stamp, interchange: bytes) -> str:
    """The same for the same bytes, and nowhere in them."""
    for attempt in range(1000):
        digest = hashlib.sha256(f"{stamp.seed}{attempt}".encode() + interchange).hexdigest()
        if digest[:40].encode() not in interchange:
            return digest[:40]
    raise AssertionError("no boundary is free of the interchange")


def _written(fields: Mapping[str, Piece], boundary: bytes) -> Iterator[Piece]:
    """A form (RFC 7578) in which what stands between two values is one piece."""
    before = b""
    for name, value in fields.items():
        yield before + b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n' % (boundary, name.encode())
        yield value
        before = b"\r\n"
    yield b"\r\n--%b--\r\n" % boundary


def _payload(reply: Reply, effect: bool) -> bytes:
    if reply.status != 200 or media(reply) != _FORM:
        fail(reply, effect, _ENVELOPE)
    fields = _fields(reply)
    judge_error_code({name: fields.get(name.lower(), b"").decode(errors="replace") for name in _FIELDS})
    payload = fields.get("payload", b"")
    if not payload.strip():
        raise Unreadable("the reply says Success and carries nothing")
    return payload


def _fields(reply: Reply) -> Mapping[str, bytes]:
    refuse_compression(reply)
    if len(reply.body) > MAX_BYTES:
        raise Unreadable("the reply is too large for a real-time envelope")
    return form_fields(reply.body, reply.header("content-type"))


def _carries_answer(reply: Reply) -> bool:
    """True when a form with a payload, and not as an envelope error, is the body."""
    fields = _fields(reply) if media(reply) == _FORM else {}
    kind = fields.get("payloadtype", b"").decode(errors="replace")
    return bool(fields.get("payload", b"").strip()) and not is_envelope_error(kind)
