"""The envelope of every message: who says it to whom, under which id, and what it is. Read and written.

Knows no business of any message.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from adapters.script_epa.codec.tree import Node, Tree, read
from adapters.script_epa.codec.versions import VERSIONS, Version, is_of
from adapters.script_epa.codec.writing import Xml, element, text
from gateway.contract.adapter import Stamp
from gateway.contract.errors import Unreadable

ATTRIBUTES = ("DatatypesVersion", "TransportVersion", "TransactionVersion", "StructuresVersion", "ECLVersion")
"""Those that name a version; a message has TransactionDomain besides."""
MEDIA_TYPE = "application/xml"
_ID = re.compile(r"(?=.*[!-~])[ -~]{1,35}")
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
    relates_to: str | None
    sender: Party
    receiver: Party
    sent_at: datetime | None
    is_test: bool

    def word(self, *names: str) -> str | None:
        """A text of the content, under our words."""
        node = self.content.word(*(self.version.tags[name] for name in names))
        return node.text if node is not None else None


def derived(seed: str, of: str) -> str:
    """An id of 32 hex digits; a UUID with its hyphens would be too long."""
    return hashlib.sha256(f"{of}:{seed}".encode()).hexdigest()[:32]


def receive(body: bytes) -> Received:
    """The message in a document. Raises OtherVersion and Unreadable."""
    tree = read(body)
    root = tree.root
    if root.name.startswith("{"):
        raise OtherVersion("the message is in a namespace, which is how SCRIPT 2013101 and older are written")
    version = VERSIONS["2017071"]
    tags = version.tags
    if root.name != tags["Message"]:
        raise Unreadable("the document is no SCRIPT message")
    told = [value for name in ATTRIBUTES if (value := root.element.get(name, "").strip())]
    if not all(is_of(version, value) for value in told):
        raise OtherVersion("the message is of a version of SCRIPT that is not taken here")
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
    relates = header.word(tags["RelatesToMessageID"])
    sent, test = header.word(tags["SentTime"]), header.word(tags["TestMessage"])
    return Received(
        tree=tree,
        version=version,
        kind=version.kinds.get(said.name, ""),
        content=said,
        header=header,
        id=own.text,
        relates_to=relates.text if relates is not None else None,
        sender=_party(header.get(tags["From"])),
        receiver=_party(header.get(tags["To"])),
        sent_at=moment(sent.text) if sent is not None else None,
        is_test=test is not None and test.text != "0",
    )


def _party(node: Node | None) -> Party:
    return Party("", None) if node is None else Party(node.text, node.element.get("Qualifier"))


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


@dataclass(frozen=True)
class Address:
    """What stands on the outside of what we say."""

    to: Party
    from_: Party
    software: tuple[str, str, str]
    versions: str
    domain: str
    test: bool
    mailbox: str | None = None
    acknowledged: str | None = None
    """The mailbox's id of the message that was taken from it last."""


def write(
    version: Version,
    address: Address,
    content: Xml,
    stamp: Stamp,
    *,
    of: str = "message",
    relates_to: str | None = None,
) -> bytes:
    """A whole message. ``of`` tells apart messages of one stamp."""
    tags = version.tags
    box = None
    if address.mailbox is not None:
        box = element(
            tags["Mailbox"],
            text(tags["MailboxID"], address.mailbox),
            text(tags["AcknowledgementID"], address.acknowledged),
        )
    header = element(
        tags["Header"],
        text(tags["To"], address.to.address, Qualifier=address.to.qualifier),
        text(tags["From"], address.from_.address, Qualifier=address.from_.qualifier),
        text(tags["MessageID"], derived(stamp.seed, of)),
        text(tags["RelatesToMessageID"], relates_to),
        text(tags["SentTime"], f"{stamp.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
        element(
            tags["SenderSoftware"],
            *(
                text(tags[f"SenderSoftware{name}"], value)
                for name, value in zip(("Developer", "Product", "VersionRelease"), address.software, strict=True)
            ),
        ),
        box,
        text(tags["TestMessage"], "1" if address.test else None),
    )
    versions = dict.fromkeys(ATTRIBUTES, address.versions)
    message = element(
        tags["Message"], header, element(tags["Body"], content), TransactionDomain=address.domain, **versions
    )
    return b'<?xml version="1.0" encoding="UTF-8"?>' + message
