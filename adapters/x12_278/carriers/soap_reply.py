"""What SOAP says of a reply: where its envelope is, and what a fault in it means.

Knows HTTP's part of it and no field of CORE's; real time and batch read their replies through it.
"""

from __future__ import annotations

from lxml import etree

from adapters.x12_278.carriers import core_codec
from adapters.x12_278.carriers.http import CREDENTIALS, media, refuse_compression
from adapters.x12_278.carriers.multipart import attached_part, root_part
from adapters.x12_278.carriers.refusal import EnvelopeRefused
from gateway.contract.errors import MaybeSent, NeedsPerson, Unreadable
from gateway.contract.frames import Reply

_MULTIPART = "multipart/related"
_SOAP = frozenset({"application/soap+xml", "text/xml", "application/xml", _MULTIPART, ""})
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


def root_of(reply: Reply) -> bytes:
    return root_part(reply.body, reply.header("content-type")) if media(reply) == _MULTIPART else reply.body


def part_of(reply: Reply, href: str) -> bytes:
    """What the envelope refers to (MTOM), byte for byte. Raises Unreadable where that is no part of the same reply."""
    if media(reply) != _MULTIPART:
        raise Unreadable("the reply refers to a part and has none")
    return attached_part(reply.body, reply.header("content-type"), href)


def envelope_of(reply: Reply, operation: str = core_codec.OPERATION) -> etree._Element | None:
    """The SOAP envelope of a reply, None where HTTP alone must say what happened. Raises Unreadable under 200."""
    if reply.status in CREDENTIALS or media(reply) not in _SOAP:
        return None
    try:
        refuse_compression(reply)
        envelope = core_codec.parse(root_of(reply), operation)
        if envelope.tag not in (f"{{{core_codec.SOAP_12}}}Envelope", f"{{{core_codec.SOAP_11}}}Envelope"):
            raise Unreadable("the reply is XML, but no SOAP envelope")
    except Unreadable:
        if reply.status == 200:
            raise
        return None
    return envelope


def judge_fault(envelope: etree._Element) -> None:
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
