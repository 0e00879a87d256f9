"""The deployer's own copy of the licensed schema, where there is one: every message is held against it.

None is part of this project. What it says is told by line and error class alone, for its texts quote the document.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from lxml import etree

from gateway.contract.errors import CannotExpress, Inexpressible
from gateway.contract.guides import SchemaFiles


@dataclass(frozen=True)
class Schema:
    """A schema, ready for use. What it says of a document it keeps until the next one, so each has its turn."""

    made: etree.XMLSchema
    turn: Lock = field(default_factory=Lock, repr=False, compare=False)


class _Folder(etree.Resolver):  # type: ignore[misc]
    """Gives the files of one folder, whatever path or host they are asked for under, and nothing else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self._files = files

    def resolve(self, url: str | None, public_id: str | None, context: Any) -> Any:
        name = (url or "").replace("\\", "/").rpartition("/")[2]
        return self.resolve_string(self._files.get(name, b"<none/>"), context, base_url=f"schema:/{name}")


def _parser(files: Mapping[str, bytes]) -> etree.XMLParser:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parser.resolvers.add(_Folder(files))
    return parser


def read_schema(files: SchemaFiles) -> Schema:
    """Raises ValueError."""
    made = None
    with suppress(etree.Error, KeyError, ValueError):
        tree = etree.parse(io.BytesIO(files.files[files.main]), _parser(files.files), base_url=f"schema:/{files.main}")
        made = etree.XMLSchema(tree)
    if made is None:
        raise ValueError("the file is no XML schema, or one that it includes is not beside it")
    return Schema(made)


def approve(body: bytes, schema: Any) -> None:
    """Hold what is about to be said against the deployer's schema. Raises CannotExpress."""
    if (fault := check(body, schema)) is not None:
        why = f"the message does not follow the schema of this connection ({fault})"
        raise CannotExpress(Inexpressible("", why, "Tell whoever keeps the gateway; it is a fault of the channel."))


def check(body: bytes, schema: Any) -> str | None:
    """What is wrong with a document, as a place; None where nothing is, or there is no schema. Expects a document that
    was read."""
    if not isinstance(schema, Schema):
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    document = etree.fromstring(body, parser)
    with schema.turn:
        if schema.made.validate(document):
            return None
        first = next(iter(schema.made.error_log), None)
    return f"line {first.line}, {first.type_name}" if first is not None else "nobody knows where"
