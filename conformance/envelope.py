"""The payer's side of an envelope: wraps a received document so that a case need not spell the envelope out.

Written apart from ``adapters/``: what it needs of the frame it reads with a plain XML parser. Cases about envelopes
give the whole reply instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from lxml import etree

from conformance.simulators.envelope import CORE, write_response
from gateway.contract.frames import Frame, Reply
from gateway.contract.pages import MEDIA_TYPE

_KINDS = {
    b"ST*278*": "X12_278_Response_005010X217E1_2",
    b"ST*824*": "X12_824_Response_006020X257",
    b"ST*999*": "X12_999_Response_005010X231A1",
    b"TA1*": "X12_TA1_Response_00501X231A1",
}
"""PayloadType by what the document opens with. The 999's is seen in use; the others follow its pattern."""

_ANY = "X12_278_Response_005010X217E1_2"


def core_soap(document: bytes, frame: Frame) -> Reply:
    """A CORE vC2.2.0 real-time response that carries the document: sender and receiver swapped, Success."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    request = etree.fromstring(frame.redacted(), parser).find(f".//{{{CORE}}}COREEnvelopeRealTimeRequest")
    if request is None:
        raise ValueError("the frame holds no CORE real-time request")
    asked = {field.tag: field.text or "" for field in request}
    plain = document.replace(document[3:4], b"*")
    kind = next((name for opening, name in _KINDS.items() if opening in plain), _ANY)
    body = write_response(asked, asked["TimeStamp"], kind, document.decode())
    return Reply(status=200, headers=(("content-type", "application/soap+xml; charset=utf-8"),), body=body)


def plain_json(document: bytes, frame: Frame) -> Reply:
    """The document itself, under 200."""
    del frame
    return Reply(status=200, headers=(("content-type", "application/json"),), body=document)


def plain_xml(document: bytes, frame: Frame) -> Reply:
    """The document itself, under 200."""
    del frame
    return Reply(status=200, headers=(("content-type", "application/xml; charset=utf-8"),), body=document)


def page(document: bytes, frame: Frame) -> Reply:
    """A settled page. In a case its snapshots are lists of lines, for the reader."""
    del frame
    return Reply(status=200, headers=(("content-type", MEDIA_TYPE),), body=_joined(document))


def write_page(body: bytes) -> bytes:
    """A settled page as a case shows it: snapshots line by line. HTML is left out: readers read snapshots."""
    told = json.loads(body)
    for document in told["documents"]:
        document.pop("html", None)
        document["snapshot"] = document.get("snapshot", "").split("\n")
    told["read"] = [each.split("\n") for each in told.get("read", ())]
    kept = {name: value for name, value in told.items() if value not in ([], None)}
    return json.dumps(kept, ensure_ascii=False, indent=1).encode() + b"\n"


def _joined(document: bytes) -> bytes:
    """As it travels. What is no such page is left as it is."""
    try:
        told = json.loads(document)
        for each in told["documents"]:
            each["snapshot"] = "\n".join(each["snapshot"])
        told["read"] = ["\n".join(each) for each in told.get("read", ())]
        return json.dumps(told, ensure_ascii=False).encode()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return document


ENVELOPES: Mapping[str, Callable[[bytes, Frame], Reply]] = {
    "core_soap": core_soap,
    "page": page,
    "plain_json": plain_json,
    "plain_xml": plain_xml,
}
"""By the word that ``suite.yaml`` uses."""
