"""Where an exchange goes: payer, connection, settings and code tables, all resolved before the adapter starts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

from pydantic import Field

from gateway.contract.guides import GuideLayer
from gateway.model.reasons import NextAction
from gateway.model.record import Record


class Mode(StrEnum):
    """Test and live never mix: a test key cannot reach a live connection, nor the reverse."""

    TEST = "test"
    LIVE = "live"


class CodeEntry(Record):
    """One code of a table, in our words.

    ``means`` is the canonical word (a line outcome, a reason word, a next action: the adapter says which for each
    table). ``says`` is a short sentence of ours for people. ``asks`` is set on codes that ask for documents.
    ``next`` overrides the word's own suggestion.

    In a table of reasons, ``refused`` is what a refusal for this reason comes to where nothing was denied, and
    ``granted`` what a grant comes to that gives it as its reason. Neither ever turns a word into a plain yes.
    """

    means: str
    says: str
    asks: Annotated[bool, Field(strict=True)] = False
    next: NextAction | None = None
    refused: Literal["pending", "not_required", "unknown"] | None = None
    granted: Literal["certified_modified", "unknown"] | None = None


class CodeTable(Record):
    """A code list of a channel. ``source`` says where the values were learned; no licensed text is kept."""

    table: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    source: str
    codes: Mapping[str, CodeEntry]


@runtime_checkable
class Limited(Protocol):
    """Settings of a payer by which a message to it has so many lines at most."""

    max_lines: int


class Destination(Record):
    """One payer over one connection.

    ``payer_settings`` and ``connection_settings`` are instances of the classes the adapter names, as they are on the
    day and for the line of business; ``tables`` holds the code tables the adapter asks for, by name. ``guides`` is what
    a ``Guided`` adapter made of its guides and of what this payer and connection want otherwise (``layers``).
    ``xsd`` is what a ``Schooled`` one made of the deployer's schema, where the connection has one.
    """

    payer: str
    payer_name: str
    connection: str
    mode: Mode
    endpoint: str
    payer_settings: Record
    connection_settings: Record
    tables: Mapping[str, CodeTable]
    guides: Annotated[Any, Field(repr=False, exclude=True)] = None
    layers: Annotated[tuple[GuideLayer, ...], Field(exclude=True)] = ()
    xsd: Annotated[Any, Field(repr=False, exclude=True)] = None

    @property
    def most_lines(self) -> int | None:
        """How many lines a message has at most; None where its channel says nothing of it."""
        return self.payer_settings.max_lines if isinstance(self.payer_settings, Limited) else None

    def entry(self, table: str, code: str) -> CodeEntry | None:
        """The entry of a code, or None where the table does not know it."""
        return self.tables[table].codes.get(code)


Benefit = Literal["medical", "pharmacy"]
