"""The store's SQL, by name: every statement stands in queries.sql under a line ``-- name --``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_HEADING = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


def parse(text: str) -> Mapping[str, str]:
    """The statements of a file. Raises ValueError when two have one name."""
    _, *parts = _HEADING.split(text)
    names, statements = parts[::2], [statement.strip() for statement in parts[1::2]]
    if len(set(names)) != len(names):
        raise ValueError("two statements have one name")
    return MappingProxyType(dict(zip(names, statements, strict=True)))


SQL = parse(Path(__file__).with_name("queries.sql").read_text())
