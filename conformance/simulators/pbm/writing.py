"""Writes what a PBM says: envelopes, Status and Error, and elements from nested pairs. Knows no case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias

from lxml import etree

from conformance.simulators.pbm.envelope import Asker
from conformance.simulators.pbm.guide import VERSIONS
from conformance.simulators.pbm.notation import Fault
from conformance.simulators.pbm.partners import Pbm

VERSION = "20170715"
_EASTERN = timezone(timedelta(hours=-5))
Node: TypeAlias = "tuple[str, str | Iterable[Node | etree._Element | None]]"


def make(node: Node) -> etree._Element:
    """An element of a name and its text, or its children; a child may be made already, or nothing."""
    name, content = node
    element = etree.Element(name)
    if isinstance(content, str):
        element.text = content
        return element
    for child in content:
        if child is not None:
            element.append(make(child) if isinstance(child, tuple) else child)
    return element


def optional(name: str, text: str) -> Node | None:
    return (name, text) if text else None


def envelope(
    pbm: Pbm, asker: Asker, message_id: str, sent: float, body: etree._Element, *, mailbox: etree._Element | None = None
) -> bytes:
    """A whole message to whom ``asker`` is, related to the message of theirs that it names."""
    to = make(("To", asker.sender or "UNKNOWN"))
    sender = make(("From", asker.to or pbm.address))
    for element, qualifier in ((to, asker.sender_qualifier), (sender, asker.to_qualifier)):
        if qualifier:
            element.set("Qualifier", qualifier)
    header: Node = (
        "Header",
        [
            to,
            sender,
            ("MessageID", message_id),
            optional("RelatesToMessageID", asker.message_id),
            ("SentTime", moment(sent, pbm)),
            (
                "SenderSoftware",
                [
                    ("SenderSoftwareDeveloper", "Nobody"),
                    ("SenderSoftwareProduct", "Simulated PBM"),
                    ("SenderSoftwareVersionRelease", "1"),
                ],
            ),
            mailbox,
        ],
    )
    message = make(("Message", [header, ("Body", [body])]))
    for name in VERSIONS:
        message.set(name, VERSION)
    message.set("TransactionDomain", "SCRIPT")
    written: bytes = etree.tostring(message, xml_declaration=True, encoding="UTF-8", pretty_print=pbm.indented)
    return written


def status(code: str) -> etree._Element:
    return make(("Status", [("Code", code)]))


def error(code: str, faults: list[Fault]) -> etree._Element:
    codes = list(dict.fromkeys(fault.code for fault in faults))[:10]
    says = "; ".join(f"{fault.path} {fault.says}".strip() for fault in faults)
    return make(
        ("Error", [("Code", code), *(("DescriptionCode", each) for each in codes), optional("Description", says)])
    )


def moment(seconds: float, pbm: Pbm) -> str:
    if pbm.deadline == "offset":
        return datetime.fromtimestamp(seconds, _EASTERN).isoformat(timespec="milliseconds")
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, _EASTERN):%Y-%m-%d}"


def end_of_day(seconds: float) -> float:
    """The last moment of that day, where the PBMs are."""
    ends = datetime.fromtimestamp(seconds, _EASTERN).replace(hour=23, minute=59, second=59, microsecond=999_999)
    return ends.timestamp()


def when(name: str, seconds: float, pbm: Pbm) -> Node:
    """A DateType in the PBM's manner."""
    if pbm.deadline == "date":
        return (name, [("Date", day(seconds))])
    return (name, [("DateTime", moment(seconds, pbm))])
