"""The page on which a turn ended, as the gateway's browser saw it: what a site's readers read.

It is the body of the turn's reply, as JSON. All of it may be about a patient, and is what the payer's site said:
hostile until it was read.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Base64Bytes, Field, ValidationError

from gateway.contract.errors import Unreadable
from gateway.contract.frames import Reply
from gateway.model.bounds import Bounds
from gateway.model.record import Record

MEDIA_TYPE = "application/vnd.payer-gateway.page+json"
LONGEST_HTML = 2_000_000
"""Characters of one document's HTML at most. A longer one ends its turn."""
LONGEST_SNAPSHOT = 500_000
LONGEST_DOWNLOAD = 10_000_000


class Document(Record):
    """One document of a page: the page's own, or that of an iframe with its accessible ``frame`` name.

    ``path`` is its address without host, fragment and the values of its query. ``snapshot`` is its accessibility tree
    as Playwright writes it (YAML; playwright.dev, "Snapshot testing"), which sees into open shadow trees; ``html`` does
    not.
    """

    frame: str = ""
    path: Annotated[str, Field(max_length=2000)]
    title: Annotated[str, Field(max_length=1000)] = ""
    html: Annotated[str, Field(max_length=LONGEST_HTML, repr=False)] = ""
    snapshot: Annotated[str, Field(max_length=LONGEST_SNAPSHOT, repr=False)] = ""


class Dialog(Record):
    """A dialog that the page opened (``alert``, ``confirm``, ``prompt``, ``beforeunload``), and what became of it."""

    kind: str
    says: Annotated[str, Field(max_length=2000, repr=False)]
    accepted: bool


class Download(Record):
    """A file that the page handed over."""

    name: Annotated[str, Field(max_length=300, repr=False)]
    content: Annotated[Base64Bytes, Field(max_length=LONGEST_DOWNLOAD, repr=False)]


class Committed(Record):
    """The answer to the request that a turn committed: its status, and where it sends the browser."""

    status: Annotated[int, Field(ge=100, le=599)]
    location: Annotated[str, Field(max_length=2000, repr=False)] = ""


class SettledPage(Record):
    """``documents`` begin with the page's own. ``settled`` is false where none of what the turn waited for was seen.
    ``read`` are the snapshots of its ``Read`` steps, in their order. ``warnings`` name elements that were found by
    another way than the first."""

    documents: Annotated[tuple[Document, ...], Bounds(1, 20)]
    settled: bool = True
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    read: Annotated[tuple[str, ...], Bounds(0, 50)] = ()
    dialogs: Annotated[tuple[Dialog, ...], Bounds(0, 50)] = ()
    downloads: Annotated[tuple[Download, ...], Bounds(0, 20)] = ()
    committed: Committed | None = None
    warnings: Annotated[tuple[str, ...], Bounds(0, 100)] = ()

    @property
    def main(self) -> Document:
        return self.documents[0]

    @classmethod
    def of(cls, reply: Reply) -> Self:
        """The page that a turn's reply holds. Raises Unreadable."""
        try:
            return cls.model_validate_json(reply.body)
        except ValidationError as error:
            raise Unreadable(f"the reply is no settled page ({error.error_count()} faults)") from None
