"""Messages that a payer must refuse, each made of an inquiry, so that nothing is ever filed by one that is taken."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from xml.sax.saxutils import escape

from conformance.live.documents import NoInterchange, read_document
from conformance.live.envelopes import SOAP_11, SOAP_12
from conformance.live.heard import Heard, hear
from conformance.live.talk import Line, Said
from conformance.live.verdicts import Check
from conformance.verdict import Verdict
from gateway.contract.frames import Https, Piece

Ask = Callable[..., Https]
"""Makes an inquiry with a stamp of its own; keywords give settings of the connection other values."""
Judge = Callable[[Heard], tuple[Verdict, str]]
Ways = Iterator[tuple[str, str, Https, Judge]]

_GOOD = (Verdict.PASS, "")
_NOBODYS_VERSION = "9.9.9"


async def trials(line: Line, carrier: str, ask: Ask) -> AsyncIterator[tuple[Said, Check]]:
    """What the envelope alone must refuse: each message, and whether it was."""
    for step, assertion, frame, judge in _ways(carrier, ask):
        said = await line.say(step, frame)
        if said.reply is None:
            yield said, Check(assertion, Verdict.ERROR, step, f"no answer came: {said.error}", said.number)
        else:
            yield said, Check(assertion, *_ordered(step, judge(hear(said, said.reply, carrier))), said.number)


def _ordered(step: str, found: tuple[Verdict, str]) -> tuple[Verdict, str, str]:
    return found[0], step, found[1]


def _ways(carrier: str, ask: Ask) -> Ways:
    if carrier in ("core_soap", "core_mime"):
        yield "another rule version", "RT-13", ask(core_rule_version=_NOBODYS_VERSION), _another_version
    if carrier == "core_soap":
        yield "no XML", "RT-14", _cut(ask()), _no_xml
        yield "SOAP 1.1", "RT-02", _as_soap_11(ask()), _soap_11


def spoilt(frame: Https) -> Https | None:
    """The frame with an SE01 that counts one segment too many, None where it carries no X12."""
    document = frame.document or b""
    try:
        trailer = read_document(document).first("SE")
    except NoInterchange:
        return None
    wrong = trailer.raw[2:3].join([b"SE", b"%d" % (int(trailer.get(1)) + 1), trailer.get(2).encode()])
    body = frame.body
    for written in dict.fromkeys((_plain, _in_xml, _in_json)):
        body = _replaced(body, written(trailer.raw), written(wrong))
    return replace(frame, document=document.replace(trailer.raw, wrong), body=body)


def _plain(raw: bytes) -> bytes:
    return raw


def _in_xml(raw: bytes) -> bytes:
    return escape(raw.decode("latin-1")).encode("latin-1")


def _in_json(raw: bytes) -> bytes:
    return json.dumps(raw.decode("latin-1"))[1:-1].encode()


def _replaced(body: tuple[Piece, ...], old: bytes, new: bytes) -> tuple[Piece, ...]:
    return tuple(piece.replace(old, new) if isinstance(piece, bytes) else piece for piece in body)


def _cut(frame: Https) -> Https:
    """Without the end of the envelope."""
    *before, last = frame.body
    return replace(frame, body=(*before, last[:-20] if isinstance(last, bytes) else last))


def _as_soap_11(frame: Https) -> Https:
    kept = tuple((name, value) for name, value in frame.headers if name.lower() not in ("content-type", "soapaction"))
    headers = (*kept, ("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", '"RealTimeTransaction"'))
    return replace(frame, body=_replaced(frame.body, SOAP_12.encode(), SOAP_11.encode()), headers=headers)


def _taken(heard: Heard) -> bool:
    return heard.envelope.payload is not None or (heard.envelope.get("ErrorCode") or "").lower() == "success"


def _another_version(heard: Heard) -> tuple[Verdict, str]:
    if _taken(heard):
        return Verdict.FAIL, "a message under a rule version that nobody has was answered as any other"
    refused = (heard.envelope.get("PayloadType") or "").lower() == "coreenvelopeerror"
    if refused and heard.envelope.get("ErrorCode"):
        return _GOOD
    if heard.envelope.fault.lower() in ("versionmismatch", "sender", "client"):
        return _GOOD
    return Verdict.FAIL, f"HTTP {heard.reply.status} without an envelope error and its code"


def _no_xml(heard: Heard) -> tuple[Verdict, str]:
    if heard.envelope.fault.lower() in ("sender", "client"):
        return _GOOD
    if heard.envelope.fault:
        return Verdict.FAIL, "the SOAP fault does not blame the sender"
    if 400 <= heard.reply.status < 500:
        return Verdict.SKIP, f"refused by HTTP {heard.reply.status} alone, without a SOAP fault"
    return Verdict.FAIL, f"HTTP {heard.reply.status} without a SOAP fault"


def _soap_11(heard: Heard) -> tuple[Verdict, str]:
    if _taken(heard):
        return Verdict.FAIL, "SOAP 1.1 was answered as if it were 1.2"
    if heard.reply.status >= 400 or heard.envelope.fault:
        return _GOOD
    return Verdict.FAIL, f"SOAP 1.1 got HTTP {heard.reply.status}, which is no refusal"
