"""Reads JSON so that every value keeps its bytes: a tree of nodes, each with where it begins and ends.

Strict (RFC 8259), and stricter: names within an object stand once, depth and size are bounded. Knows no review.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from gateway.contract.errors import Unreadable

LARGEST = 4 << 20
DEEPEST = 16
MOST_NODES = 100_000

_TOKEN = re.compile(
    r"[ \t\n\r]*(?:"
    r'(?P<string>"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>true|false|null)"
    r"|(?P<mark>[\[\]{},:]))"
)
_BLANK = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its bytes, ``start`` to ``end``. ``path`` is a JSON Pointer into the document.

    ``text`` is that of a string or, as it is written, of a number; None for everything else.
    """

    path: str
    start: int
    end: int
    text: str | None = field(default=None, repr=False)
    named: dict[str, Node] | None = field(default=None, repr=False)
    listed: tuple[Node, ...] | None = field(default=None, repr=False)
    is_null: bool = False

    @property
    def said(self) -> str:
        """The text without blanks around it, nothing where there is none."""
        return (self.text or "").strip()

    def get(self, *names: str) -> Node | None:
        """The node under these names, None where there is none."""
        node: Node | None = self
        for name in names:
            node = node.named.get(name) if node is not None and node.named else None
        return node

    def word(self, *names: str) -> Node | None:
        """The string or number under these names, None where it is empty or something else."""
        node = self.get(*names)
        return node if node is not None and node.text and node.text.strip() else None

    def items(self, *names: str) -> tuple[Node, ...]:
        """The objects of the list under these names."""
        node = self.get(*names)
        return tuple(item for item in (node.listed if node and node.listed else ()) if item.named is not None)


def read(document: bytes) -> Node:
    """The tree of a document. Raises Unreadable."""
    if len(document) > LARGEST:
        raise Unreadable("the answer is too large")
    start = 3 if document.startswith(b"\xef\xbb\xbf") else 0
    reader = _Reader(document.decode("latin-1"), start)  # a character for each byte
    node = reader.value("", 0)
    reader.end()
    return node


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self._at = at
        self._nodes = 0

    def _fail(self, what: str) -> NoReturn:
        raise Unreadable(what, self._at)

    def _token(self) -> re.Match[str]:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            self._fail("the answer is not JSON")
        self._at = found.end()
        return found

    def end(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        if blank is None or blank.end() != len(self._text):
            self._fail("something stands behind the answer's JSON")

    def value(self, path: str, depth: int, token: re.Match[str] | None = None) -> Node:
        token = token or self._token()
        self._nodes += 1
        if depth > DEEPEST or self._nodes > MOST_NODES:
            self._fail("the answer's JSON is too deep or has too many parts")
        kind = str(token.lastgroup)
        start = token.start(kind)
        if kind == "string":
            return Node(path, start, self._at, text=self._string(token[kind]))
        if kind == "number":
            return Node(path, start, self._at, text=token[kind])
        if kind == "word":
            return Node(path, start, self._at, is_null=token[kind] == "null")
        if token[kind] == "{":
            named = dict(self._members(path, depth))
            return Node(path, start, self._at, named=named)
        if token[kind] != "[":
            self._fail("the answer is not JSON")
        listed = tuple(self._elements(path, depth))
        return Node(path, start, self._at, listed=listed)

    def _string(self, written: str) -> str:
        try:
            text: str = json.loads(written.encode("latin-1"))
            text.encode()  # half of a surrogate pair is no character
        except ValueError:
            text = None  # type: ignore[assignment]
        if text is None:
            self._fail("a text of the answer's JSON is not in UTF-8")
        return text

    def _members(self, path: str, depth: int) -> Iterator[tuple[str, Node]]:
        seen: set[str] = set()
        token = self._token()
        while token["mark"] != "}" or seen:
            if token["string"] is None:
                self._fail("the answer is not JSON")
            name = self._string(token["string"])
            if name in seen:
                self._fail("a name stands twice in one object of the answer")
            seen.add(name)
            if self._token()["mark"] != ":":
                self._fail("the answer is not JSON")
            yield name, self.value(f"{path}/{name.replace('~', '~0').replace('/', '~1')}", depth + 1)
            token = self._token()
            if token["mark"] == "}":
                return
            if token["mark"] != ",":
                self._fail("the answer is not JSON")
            token = self._token()

    def _elements(self, path: str, depth: int) -> Iterator[Node]:
        token = self._token()
        if token["mark"] == "]":
            return
        place = 0
        while True:
            yield self.value(f"{path}/{place}", depth + 1, token)
            place += 1
            token = self._token()
            if token["mark"] == "]":
                return
            if token["mark"] != ",":
                self._fail("the answer is not JSON")
            token = self._token()
