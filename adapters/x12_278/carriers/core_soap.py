"""CAQH CORE Connectivity vC2.2.0, real time, over SOAP 1.2: one interchange in, one interchange back.

Knows envelopes and HTTP statuses; knows nothing of what an interchange says. What a reply means is decided in one
order: HTTP, then SOAP faults, then the CORE error code, then what it carries. Only words on the lists below prove that
a request was refused unread, and only where no answer stands beside them: every other failure leaves open whether it
was filed. Whose answer it is, its interchange says: SenderID and ReceiverID are what payers make of them (unswapped,
blank, a clearinghouse's own).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn

from lxml import etree

from adapters.x12_278.carriers import core_codec
from adapters.x12_278.carriers.multipart import attached_part, root_part
from adapters.x12_278.carriers.refusal import EnvelopeRefused
from adapters.x12_278.settings import ConnectionSettings, Transaction, connection_settings
from gateway.contract.adapter import Stamp
from gateway.contract.destination import Destination
from gateway.contract.errors import CannotExpress, Inexpressible, MaybeSent, NeedsPerson, NotSent, Unreadable
from gateway.contract.frames import Https, Loss, Reply

PAYLOAD_TYPES: Mapping[Transaction, str] = {
    "278_request": "X12_278_Request_005010X217E1_2",
    "278_inquiry": "X12_278_Request_005010X215",
    "275": "X12_275_Request_006020X316",
}
"""What a request's payload is called. The first and the last are seen in use (CMS esMD); the inquiry's follows their
pattern, unverified."""

ANSWERS = ("x12_278_", "x12_999_", "x12_ta1_", "x12_824_", "x12_275_")
"""How the payload type of an answer begins, in small letters: payers write 005010x231A1 as well as 005010X231A1."""

_ENVELOPE_ERROR = "coreenvelopeerror"

_FIELDS = (
    "PayloadType",
    "ProcessingMode",
    "PayloadID",
    "PayloadLength",
    "TimeStamp",
    "UserName",
    "Password",
    "SenderID",
    "ReceiverID",
    "CORERuleVersion",
    "CheckSum",
    "Payload",
)
_FIELD_ERRORS = tuple(f"{field}{fault}" for field in _FIELDS for fault in ("Required", "Illegal", "NotUnderstood"))
_REFUSALS = {code.lower(): code for code in (*_FIELD_ERRORS, "Sender", "VersionMismatch", "ChecksumMismatched")}
"""ErrorCode values by which the envelope layer says that it did not pass the request on."""

_FAULT_REFUSALS = {
    "sender": "Sender",
    "client": "Sender",
    "versionmismatch": "VersionMismatch",
    "mustunderstand": "MustUnderstand",
    "dataencodingunknown": "DataEncodingUnknown",
}
_FAULT_OPEN = frozenset({"receiver", "server"})
_FAULT_CREDENTIALS = frozenset(
    {"unauthorized", "failedauthentication", "invalidsecurity", "invalidsecuritytoken", "securitytokenunavailable"}
)
"""Subcodes of WS-Security, and CORE's own word, for a credential that was not accepted."""

_MULTIPART = "multipart/related"
_SOAP = frozenset({"application/soap+xml", "text/xml", "application/xml", _MULTIPART, ""})
_HTTP_REFUSALS = frozenset({400, 405, 406, 410, 411, 413, 414, 415, 426, 431})
_HTTP_BUSY = 429
"""Refused unread, by its definition (RFC 6585)."""
_HTTP_ASTRAY = frozenset({404, 421, 425})
"""What a front answers while the application behind it is being replaced, and no proof that it passed nothing on."""


class CoreSoap:
    """The carrier ``core_soap``."""

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
        sender, receiver = _parties(settings)
        fields = {
            "PayloadType": settings.payload_types.get(transaction, PAYLOAD_TYPES[transaction]),
            "ProcessingMode": "RealTime",
            "PayloadID": _payload_id(stamp, interchange),
            "TimeStamp": stamp.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "SenderID": sender,
            "ReceiverID": receiver,
            "CORERuleVersion": settings.core_rule_version,
        }
        credentials = None
        if settings.username_secret and settings.password_secret:
            credentials = settings.username_secret, settings.password_secret
        written = None
        with suppress(ValueError):  # a UnicodeDecodeError is one too; its text quotes the interchange
            written = core_codec.write(fields | {"Payload": interchange.decode()}, credentials)
        if written is None:
            raise CannotExpress(
                Inexpressible(
                    pointer="",
                    why="the interchange holds characters that an XML string cannot carry",
                    fix="Choose printable delimiters in the connection's settings, or a connection that takes bytes.",
                )
            )
        return Https(
            method="POST",
            url=to.endpoint,
            effect=effect,
            headers=written[1],
            body=written[0],
            document=interchange,
            document_type="application/edi-x12",
            losses=tuple(losses),
            deadline=settings.deadline,
        )

    def unwrap(self, reply: Reply, to: Destination, stamp: Stamp | None, effect: bool) -> bytes:
        """The payload of a reply, as it stands. Raises EnvelopeRefused besides the errors of the contract."""
        try:
            return _payload(reply, effect)
        except (EnvelopeRefused, NotSent, NeedsPerson):
            if _carries_answer(reply):
                raise Unreadable("the reply refuses what was sent and carries an answer") from None
            raise


def _parties(settings: ConnectionSettings) -> tuple[str, str]:
    return settings.core_sender_id or settings.isa_sender_id, settings.core_receiver_id or settings.isa_receiver_id


def _payload_id(stamp: Stamp, interchange: bytes) -> str:
    """A UUID in the form of version 4, the same for every retransmission and for no other interchange.

    The rule asks for a MAC address inside (version 1); partners take any UUID, and a MAC tells about our machines.
    """
    digest = hashlib.sha256(stamp.seed.encode() + interchange).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def _payload(reply: Reply, effect: bool) -> bytes:
    envelope = _envelope(reply)
    if envelope is None:
        _fail(reply, effect)
    _judge_fault(envelope)
    if reply.status != 200:
        _fail(reply, effect)
    response = core_codec.read(envelope)
    _judge_error_code(response.fields)
    if response.href is not None:
        return _attached(reply, response.href)
    if not response.fields["Payload"]:
        raise Unreadable("the reply says Success and carries nothing")
    return response.fields["Payload"].encode()


def _attached(reply: Reply, href: str) -> bytes:
    """The payload that stands in a part of its own (MTOM), byte for byte. CORE has no such thing in real time."""
    if _media(reply) != _MULTIPART:
        raise Unreadable("the reply refers to a part and has none")
    payload = attached_part(reply.body, reply.header("content-type"), href)
    if not payload or len(payload) > core_codec.MAX_BYTES:
        raise Unreadable("the part that the reply refers to is empty or too large")
    return payload


def _carries_answer(reply: Reply) -> bool:
    """True when a CORE response with a payload, and not as an envelope error, stands anywhere in the body."""
    with suppress(Unreadable):
        return any(kind.lower() != _ENVELOPE_ERROR for kind in core_codec.claims(core_codec.parse(_root(reply))))
    return False


def _root(reply: Reply) -> bytes:
    return root_part(reply.body, reply.header("content-type")) if _media(reply) == _MULTIPART else reply.body


def _media(reply: Reply) -> str:
    return reply.header("content-type").partition(";")[0].strip().lower()


def _envelope(reply: Reply) -> etree._Element | None:
    """The SOAP envelope of a reply, None where HTTP alone must say what happened. Raises Unreadable under 200."""
    if reply.status in (401, 403, 407) or _media(reply) not in _SOAP:
        return None
    try:
        if reply.header("content-encoding").lower() not in ("", "identity"):
            raise Unreadable("the reply is compressed, which was not asked for")
        envelope = core_codec.parse(_root(reply))
        if envelope.tag not in (f"{{{core_codec.SOAP_12}}}Envelope", f"{{{core_codec.SOAP_11}}}Envelope"):
            raise Unreadable("the reply is XML, but no SOAP envelope")
    except Unreadable:
        if reply.status == 200:
            raise
        return None
    return envelope


def _fail(reply: Reply, effect: bool) -> NoReturn:
    """What HTTP alone says of a reply that carries no answer. ``effect`` says whether it answers a frame with one."""
    status = reply.status
    said = f"HTTP {status}"
    if status in (401, 403, 407):
        raise NeedsPerson(f"the connection's credentials were refused ({said})")
    if status in _HTTP_ASTRAY and effect:
        raise MaybeSent(f"nobody says whether it was passed on ({said})")
    if status == _HTTP_BUSY or status in _HTTP_ASTRAY:
        raise NotSent(f"refused for now ({said})", _wait(reply))
    if status in _HTTP_REFUSALS:
        raise EnvelopeRefused(said)
    if status >= 500:
        raise MaybeSent(f"the payer's server failed ({said})")
    if status == 200:
        raise Unreadable(f"{said} without a SOAP envelope")
    raise Unreadable(f"{said} is no answer to a real-time request")


def _wait(reply: Reply) -> int | None:
    """Retry-After in seconds, which may be a date too (RFC 9110, 10.2.3): from the reply's own Date, for there is no
    clock here. None where it cannot be read, or names no time to come."""
    said = reply.header("retry-after").strip()
    if said.isascii() and said.isdigit():
        return int(said) or None if len(said) < 7 else None
    until, now = _date(said), _date(reply.header("date"))
    if until is None or now is None or until <= now:
        return None
    return int((until - now).total_seconds())


def _date(said: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(said)
        # Naive where the zone is written -0000, which HTTP does not have.
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _judge_fault(envelope: etree._Element) -> None:
    """Raise what a SOAP fault means; nothing for an envelope without one."""
    soap = etree.QName(envelope).namespace
    fault = envelope.find(f"{{{soap}}}Body/{{{soap}}}Fault")
    if fault is None:
        return
    if soap == core_codec.SOAP_11:  # what a node that knows only 1.1 must answer
        code, words, more = fault.findtext("faultcode"), fault.findtext("faultstring"), []
    else:
        code = fault.findtext(f"{{{soap}}}Code/{{{soap}}}Value")
        words = fault.findtext(f"{{{soap}}}Reason/{{{soap}}}Text")
        more = [value.text for value in fault.iterfind(f"{{{soap}}}Code/{{{soap}}}Subcode//{{{soap}}}Value")]
    name, *under = [(text or "").strip().rpartition(":")[2].lower() for text in (code, *more)]
    if not _FAULT_CREDENTIALS.isdisjoint((name, *under)):
        raise NeedsPerson("the connection's credentials were refused (SOAP fault)")
    if name in _FAULT_REFUSALS:
        raise EnvelopeRefused(_FAULT_REFUSALS[name], words)
    if name in _FAULT_OPEN:
        raise MaybeSent("the payer's server failed (SOAP fault Receiver)")
    raise Unreadable("the reply is a SOAP fault whose code is not known")


def _judge_error_code(fields: Mapping[str, str | None]) -> None:
    """Raise unless the CORE error code says success, which is a word, of what answers a request."""
    code = (fields["ErrorCode"] or "").strip().lower()
    kind = (fields["PayloadType"] or "").strip().lower()
    if code == "unauthorized":
        raise NeedsPerson("the connection's credentials were refused (CORE UnAuthorized)")
    if code == "receiver":
        raise MaybeSent("the payer's server failed (CORE Receiver)")
    if code in _REFUSALS:
        raise EnvelopeRefused(_REFUSALS[code], fields["ErrorMessage"])
    if not code and kind == _ENVELOPE_ERROR:
        # CONNECT, the gateway of a federal payer, writes this when its own call further on failed.
        raise MaybeSent("the reply is an envelope error without a code")
    if code != "success":
        raise Unreadable("the reply's ErrorCode is missing or not known")
    if not kind.startswith(ANSWERS):
        raise Unreadable("the reply's PayloadType is not one that answers a request")
