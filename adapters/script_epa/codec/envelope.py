"""The envelope of every message: who says it to whom, under which id, and what it is. Read and written.

Knows no business of any message.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape

from adapters.script_epa.codec.tree import Node, Tree, leaf_of, read
from adapters.script_epa.codec.usual import usual_of
from adapters.script_epa.codec.versions import VERSIONS, Version, is_of
from adapters.script_epa.codec.writing import Xml, element, group, text
from gateway.contract.adapter import Stamp
from gateway.contract.errors import Unreadable

_SOFTWARE = ("Developer", "Product", "VersionRelease")
_MAILBOX = ("MailboxID", "DeliveredID", "AcknowledgementID")
MEDIA_TYPE = "application/xml"
_VERSION = re.compile(rb"""Version\s*=\s*["']([^"']*)["']""")
_START = 2_000
"""Within so many bytes are the attributes of nearly every message; of any other the elements tell."""
_HEAD = 65_536
"""Within so many bytes is the header of a message that cannot be read, or nobody looks for it."""
_ID = re.compile(r"(?=.*[!-~])[ -~]{1,35}")
RECEIPT = re.compile(r"(?=.*[!-~])[ -~]{1,255}")
"""Mailboxes number as they like, and let go what is given back whole; only printable ASCII can be."""
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?")


class OtherVersion(Unreadable):
    """A message of a version that nobody verified, told by its namespace or its attributes."""


@dataclass(frozen=True, slots=True)
class Party:
    """``qualifier`` says what kind of address it is (P, C, M, D, PY, ZZZ ...)."""

    address: str
    qualifier: str | None


@dataclass(frozen=True, slots=True)
class Received:
    """A message as its envelope tells. ``kind`` is our word for it, ``content`` its element."""

    tree: Tree = field(repr=False)
    version: Version
    kind: str
    content: Node = field(repr=False)
    header: Node = field(repr=False)
    id: str

    @property
    def relates_to(self) -> str | None:
        return self._told("RelatesToMessageID")

    @property
    def sender(self) -> Party:
        return self._party("From")

    @property
    def receiver(self) -> Party:
        return self._party("To")

    @property
    def sent_at(self) -> datetime | None:
        written = self._told("SentTime")
        return moment(written) if written is not None else None

    @property
    def zoned(self) -> bool:
        """False where ``sent_at`` was written without a zone."""
        written = self._told("SentTime")
        return written is None or is_zoned(written)

    @property
    def is_test(self) -> bool:
        return self._told("TestMessage") not in (None, "0")

    def _party(self, name: str) -> Party:
        tags = self.version.tags
        return _party(self.header.get(tags[name]), tags["AddressQualifier"])

    def _told(self, name: str) -> str | None:
        node = self.header.word(self.version.tags[name])
        return node.text if node is not None else None

    def word(self, *names: str) -> str | None:
        """A text of the content, under our words."""
        node = self.content.word(*(self.version.tags[name] for name in names))
        return node.text if node is not None else None


def derived(seed: str, of: str) -> str:
    """An id of 32 hex digits; a UUID with its hyphens would be too long."""
    return hashlib.sha256(f"{of}:{seed}".encode()).hexdigest()[:32]


def receive(body: bytes, *, ours: bool = False) -> Received:
    """The message in a document; ``ours`` for one that we wrote. Raises OtherVersion and Unreadable."""
    supposed = _supposed(body)
    tree = _read(body, supposed, ours)
    version = _version_of(tree.root)
    if version is not supposed:
        tree = _read(body, version, ours)
    root, tags = tree.root, version.tags
    header, content = root.get(tags["Header"]), root.get(tags["Body"])
    if header is None or content is None or len(root.children) != 2:
        raise Unreadable("the message has no header, or not one body")
    # What nobody published may stand beside what is known, as anywhere in a message.
    known = [child for child in content.children if child.name in version.kinds] or content.children
    if len(known) != 1:
        raise Unreadable("the body of the message is not one message")
    [said] = known
    own = header.word(tags["MessageID"])
    if own is None or not _ID.fullmatch(own.text):
        raise Unreadable("the message has no id that could be one")
    return Received(
        tree=tree,
        version=version,
        kind=version.kinds.get(said.name, ""),
        content=said,
        header=header,
        id=own.text,
    )


def _read(body: bytes, version: Version, ours: bool) -> Tree:
    return read(body, leaf_of(version.tags["Question"]), None if ours else usual_of(version), ours=ours)


def _supposed(body: bytes) -> Version:
    """The version that a document seems to be of, before it is parsed; the first for one of which nothing is seen."""
    first, *others = VERSIONS.values()
    if not others:
        return first
    told = [value.decode("latin-1") for value in _VERSION.findall(body[:_START])]
    return next((each for each in (first, *others) if all(is_of(each, value) for value in told)), first)


def _version_of(root: Node) -> Version:
    """The version of a message. Raises OtherVersion and Unreadable."""
    if root.name.startswith("{"):
        raise OtherVersion("the message is in a namespace, which is how SCRIPT 2013101 and older are written")
    named = [version for version in VERSIONS.values() if root.name == version.tags["Message"]]
    if not named:
        raise Unreadable("the document is no SCRIPT message")
    for version in named:
        told = (root.element.get(name, "").strip() for name in version.attributes)
        if all(is_of(version, value) for value in told if value):
            return version
    raise OtherVersion("the message is of a version of SCRIPT that is not taken here")


def receipt_in(body: bytes, asked: str) -> str | None:
    """By which name a mailbox lets a message go that cannot be read, as far as its tags tell: of another version, not
    whole, in another encoding, too long. None where there is none, and for what answers the question ``asked``."""
    return next(filter(None, (_receipt_in(body, asked, version.tags) for version in VERSIONS.values())), None)


def _receipt_in(body: bytes, asked: str, tags: Mapping[str, str]) -> str | None:
    head = re.split(_opens(tags["Body"]), body[:_HEAD].replace(b"\0", b""), maxsplit=1)[0]
    told = {name: _told_in(head, tags[name]) for name in ("RelatesToMessageID", "DeliveredID", "MessageID")}
    if told["RelatesToMessageID"] == asked:
        return None
    # A mailbox that has an id of its own lets nothing go by another.
    receipt, form = (told["DeliveredID"], RECEIPT) if told["DeliveredID"] else (told["MessageID"], _ID)
    return receipt if form.fullmatch(receipt) else None


def _opens(tag: str) -> bytes:
    return rb"<(?:[\w.-]+:)?" + tag.encode() + rb"(?:\s[^<>]*)?>"


def _told_in(head: bytes, tag: str) -> str:
    found = re.search(_opens(tag) + rb"([^<]*)<", head)
    return unescape(found[1].decode("latin-1")).strip() if found else ""


def _party(node: Node | None, attribute: str) -> Party:
    return Party("", None) if node is None else Party(node.text, node.element.get(attribute))


def moment(written: str) -> datetime | None:
    """An xsd:dateTime; one without a zone is taken as UTC, which is what the standard has messages sent in."""
    found = _MOMENT.fullmatch(written)
    if found is None:
        return None
    fraction = (found[1] or "")[:7]
    try:
        value = datetime.fromisoformat(f"{written[:19]}{fraction}{found[2] or ''}")
    except ValueError:
        return None
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def is_zoned(written: str) -> bool:
    """True for a time that names its zone."""
    found = _MOMENT.fullmatch(written)
    return found is not None and found[2] is not None


@dataclass(frozen=True)
class Header:
    """What stands on the outside of a message. ``software`` is who made it, what it is, and in which release;
    ``delivered`` and ``acknowledged`` are a mailbox's ids of this message and of the one taken before it."""

    to: Party
    from_: Party
    id: str
    sent_at: datetime
    software: tuple[str, str, str]
    versions: str
    domain: str
    relates_to: str | None = None
    mailbox: str | None = None
    delivered: str | None = None
    acknowledged: str | None = None
    test: bool | None = None


@dataclass(frozen=True)
class Address:
    """What stands on the outside of all that we say."""

    to: Party
    from_: Party
    software: tuple[str, str, str]
    versions: str
    domain: str
    test: bool
    mailbox: str | None = None
    acknowledged: str | None = None
    """The mailbox's id of the message that was taken from it last."""

    def header(self, stamp: Stamp, *, of: str = "message", relates_to: str | None = None) -> Header:
        """Of one message; ``of`` tells apart messages of one stamp."""
        return Header(
            to=self.to,
            from_=self.from_,
            id=derived(stamp.seed, of),
            sent_at=stamp.at,
            software=self.software,
            versions=self.versions,
            domain=self.domain,
            relates_to=relates_to,
            mailbox=self.mailbox,
            acknowledged=self.acknowledged,
            test=self.test or None,
        )


def header_of(received: Received) -> Header:
    """Raises Unreadable for a header that lacks what every one has."""
    tags, header, root = received.version.tags, received.header, received.tree.root.element
    if received.sent_at is None:
        raise Unreadable("the message does not say when it was sent")
    made = [header.word(tags["SenderSoftware"], tags[f"SenderSoftware{name}"]) for name in _SOFTWARE]
    box = {name: header.word(tags["Mailbox"], tags[name]) for name in _MAILBOX}
    told = {name: node.text for name, node in box.items() if node is not None}
    return Header(
        to=received.receiver,
        from_=received.sender,
        id=received.id,
        sent_at=received.sent_at,
        software=(made[0].text if made[0] else "", made[1].text if made[1] else "", made[2].text if made[2] else ""),
        versions=next((value for name in received.version.attributes if (value := root.get(name, "").strip())), ""),
        domain=root.get(tags["TransactionDomain"], "").strip(),
        relates_to=received.relates_to,
        mailbox=told.get("MailboxID"),
        delivered=told.get("DeliveredID"),
        acknowledged=told.get("AcknowledgementID"),
        test=received.is_test or None,
    )


def enclose(version: Version, header: Header, content: Xml) -> bytes:
    """A whole message."""
    tags = version.tags
    written = element(
        tags["Header"],
        text(tags["To"], header.to.address, **{tags["AddressQualifier"]: header.to.qualifier}),
        text(tags["From"], header.from_.address, **{tags["AddressQualifier"]: header.from_.qualifier}),
        text(tags["MessageID"], header.id),
        text(tags["RelatesToMessageID"], header.relates_to),
        text(tags["SentTime"], _moment_of(header.sent_at)),
        element(
            tags["SenderSoftware"],
            *(
                text(tags[f"SenderSoftware{name}"], value)
                for name, value in zip(_SOFTWARE, header.software, strict=True)
            ),
        ),
        group(
            tags["Mailbox"],
            text(tags["MailboxID"], header.mailbox),
            text(tags["DeliveredID"], header.delivered),
            text(tags["AcknowledgementID"], header.acknowledged),
        ),
        text(tags["TestMessage"], "1" if header.test else None),
    )
    attributes = {tags["TransactionDomain"]: header.domain, **dict.fromkeys(version.attributes, header.versions)}
    message = element(tags["Message"], written, element(tags["Body"], content), **attributes)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + message


def _moment_of(at: datetime) -> str:
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
