"""Reads what is sent to a PBM: XML without surprises, the version, the header; and checks it against the guide.

Knows no case and no question: whether a message makes sense is for ``desk``.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from conformance.simulators.pbm.guide import GUIDE, VERSIONS
from conformance.simulators.pbm.notation import Fault
from conformance.simulators.pbm.partners import BY_ADDRESS, GATEWAY, Pbm

MEDIA = ("application/xml", "text/xml")
MAX_BYTES = 20_000_000
_SPOKEN = "201707"
_SCHEMA_HINT = "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"


class Unacceptable(Exception):
    """The message is refused with Error 900 (or ``code``). ``asker`` is whom the answer goes to, as far as told."""

    def __init__(self, faults: list[Fault], asker: Asker | None = None, code: str = "900") -> None:
        super().__init__(faults[0].says if faults else code)
        self.faults = faults
        self.asker = asker
        self.code = code


@dataclass(frozen=True, slots=True)
class Asker:
    """Whom an answer goes to and what it relates to, in the sender's words."""

    to: str = ""
    to_qualifier: str = ""
    sender: str = ""
    sender_qualifier: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A message in order with the guide. ``element`` is the one in Body."""

    raw: bytes
    asker: Asker
    pbm: Pbm
    kind: str
    element: etree._Element
    header: etree._Element

    def text(self, path: str) -> str:
        return (self.element.findtext(path) or "").strip()


def parse(body: bytes) -> etree._Element:
    """The root element. Raises Unacceptable for what is no XML, or brings a DTD."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unacceptable([Fault("500", "/", "is no XML")]) from None
    if root.getroottree().docinfo.doctype:
        raise Unacceptable([Fault("500", "/", "has a document type declaration")])
    return root


def read(body: bytes) -> Received:
    root = parse(body)
    asker = _asker(root)
    if faults := _version(root):
        raise Unacceptable(faults, asker)
    root.attrib.pop(_SCHEMA_HINT, None)
    if faults := GUIDE.faults(root, "Message"):
        raise Unacceptable(faults, asker)
    pbm = BY_ADDRESS.get(asker.to)
    if pbm is None or asker.sender != GATEWAY:
        place = "From" if pbm else "To"
        raise Unacceptable([Fault("1000", f"/Message/Header/{place}", "is nobody here")], asker)
    inside = root.find("Body")[0]
    return Received(body, asker, pbm, str(inside.tag), inside, root.find("Header"))


def _version(root: etree._Element) -> list[Fault]:
    if root.tag != "Message":
        namespaced = str(root.tag).startswith("{")
        return [Fault("3000", "/", "is in a namespace: 2017071 has none" if namespaced else "is no Message")]
    return [
        Fault("3000", f"/Message/@{name}", f"is not of {_SPOKEN}71: no other is spoken here")
        for name in VERSIONS
        if not str(root.get(name, "")).startswith(_SPOKEN)
    ] + ([] if root.get("TransactionDomain") == "SCRIPT" else [Fault("3000", "/Message/@TransactionDomain", "SCRIPT")])


def _asker(root: etree._Element) -> Asker:
    """As much as can be found, in any namespace: an error should find its way back."""

    def found(name: str) -> etree._Element | None:
        return next((each for each in root.iter(f"{{*}}{name}")), None)

    def told(name: str) -> tuple[str, str]:
        element = found(name)
        return ("", "") if element is None else ((element.text or "").strip(), str(element.get("Qualifier", "")))

    return Asker(*told("To"), *told("From"), told("MessageID")[0])
