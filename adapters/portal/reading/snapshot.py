"""Reads Playwright's accessibility snapshot: the YAML of ``ariaSnapshotRenderer.ts``, and nothing else of YAML.

    - main:
      - heading "Dates" [level=1]
      - textbox "Units for J1745": "40"
      - 'link "Back: member"':
        - /url: /new
      - text: Saved.

Written against Playwright 1.65. Any text is a tree or Unreadable; errors name a line and never what stands there.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NoReturn

from adapters.portal.reading.node import Node
from gateway.contract.errors import Unreadable

MOST_NODES = 20_000
DEEPEST = 100

_ROLE = re.compile(r"[a-z][a-zA-Z-]{0,40}")
_NAME = re.compile(r' ("(?:[^"\\\x00-\x1f]|\\.){0,6000}")')
_STATE = re.compile(r" \[([a-z-]{1,30})(?:=([^\]\s]{1,100}))?\]")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_PROPERTY = re.compile(r"/([a-z-]{1,30}): ")
_ESCAPE = re.compile(r'\\(?:([\\"bfnrt])|x([0-9a-f]{2})|.|$)', re.DOTALL)
_ESCAPED = {"\\": "\\", '"': '"', "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass
class _Open:
    """A node whose children are still being read. ``holds`` is false for one that has none."""

    role: str
    name: str = ""
    text: str = ""
    states: dict[str, str] = field(default_factory=dict)
    holds: bool = False
    path: str = ""
    start: int = 0
    end: int = 0
    children: list[Node] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def closed(self) -> Node:
        own = (self.role, self.name, self.text, self.states, tuple(self.children))
        return Node(*own, path=self.path, start=self.start, end=self.end)


def read_snapshot(text: str) -> Node:
    """The tree, under a root of role ``document``. Raises Unreadable."""
    if _SURROGATE.search(text):
        raise Unreadable("the snapshot of the page holds half a character")
    stack = [_Open("document", holds=True)]
    at = 0
    for number, line in enumerate(text.split("\n") if text else (), start=1):
        if number > MOST_NODES:
            raise Unreadable(f"the snapshot of the page has more than {MOST_NODES} lines")
        size = len(line.encode())
        depth, content = _indented(line, number)
        if not 0 <= depth < len(stack) or depth >= DEEPEST:
            _refuse(number, "is deeper than what it is in")
        while len(stack) - 1 > depth:
            done = stack.pop()
            stack[-1].children.append(done.closed())
        if not stack[-1].holds:
            _refuse(number, "is in what holds nothing")
        node = _node(content, number)
        if node is not None:
            parent = stack[-1]
            parent.seen[node.role] += 1
            node.path = f"{parent.path}/{node.role}[{parent.seen[node.role]}]".lstrip("/")
            node.start, node.end = at + size - len(content.encode()), at + size
            stack.append(node)
        at += size + 1
    while len(stack) > 1:
        done = stack.pop()
        stack[-1].children.append(done.closed())
    return stack[0].closed()


def _indented(line: str, number: int) -> tuple[int, str]:
    bare = line.lstrip(" ")
    blanks = len(line) - len(bare)
    if blanks % 2 or not bare.startswith("- "):
        _refuse(number, "is no item of a list")
    return blanks // 2, bare[2:]


def _node(content: str, number: int) -> _Open | None:
    """The node of a line; None for a property of the node above it."""
    if _PROPERTY.match(content):
        _value(content.partition(": ")[2], number)
        return None
    if content.startswith("text: "):
        return _Open("text", text=_value(content[len("text: ") :], number))
    key, rest = _key(content, number)
    node = _named(key, number)
    if rest == ":":
        node.holds = True
    elif rest.startswith(": "):
        node.text = _value(rest[2:], number)
    elif rest:
        _refuse(number, "goes on behind its key")
    return node


def _key(content: str, number: int) -> tuple[str, str]:
    """The key, and what stands behind it."""
    if content.startswith("'"):
        quoted = _QUOTED.match(content)
        if quoted is None:
            _refuse(number, "has a quote that does not end")
        return quoted[1].replace("''", "'"), content[quoted.end() :]
    end = _end_of_key(content)
    return content[:end], content[end:]


def _end_of_key(content: str) -> int:
    """Where role, name and states end."""
    role = _ROLE.match(content)
    end = role.end() if role else 0
    name = _NAME.match(content, end)
    end = name.end() if name else end
    while state := _STATE.match(content, end):
        end = state.end()
    return end


def _named(key: str, number: int) -> _Open:
    role = _ROLE.match(key)
    if role is None or _end_of_key(key) != len(key):
        _refuse(number, "has no role, or more than role, name and states")
    name = _NAME.match(key, role.end())
    states = {found[1]: found[2] or "" for found in _STATE.finditer(key, name.end() if name else role.end())}
    return _Open(role[0], _unquoted(name[1], number) if name else "", states=states)


def _unquoted(name: str, number: int) -> str:
    """A name, which is written as JSON has texts."""
    try:
        text = json.loads(name)
    except ValueError:
        _refuse(number, "has a name that cannot be read")
    if not isinstance(text, str) or _SURROGATE.search(text):
        _refuse(number, "has a name that cannot be read")
    return text


def _value(written: str, number: int) -> str:
    """A text: bare, or in double quotes with escapes."""
    if not written.startswith('"'):
        if not written or written.startswith("'"):
            _refuse(number, "has a text that cannot be read")
        return written
    end = len(written) - 1
    inner = written[1:end]
    if end < 1 or written[end] != '"':
        _refuse(number, "has a text that does not end")
    plain: list[str] = []
    place = 0
    for found in _ESCAPE.finditer(inner):
        if found[1] is None and found[2] is None:
            _refuse(number, "has an escape that nobody knows")
        plain += (inner[place : found.start()], _ESCAPED[found[1]] if found[1] else chr(int(found[2], 16)))
        place = found.end()
    if '"' in _ESCAPE.sub("", inner):
        _refuse(number, "has a quote within a text")
    return "".join(plain) + inner[place:]


def _refuse(number: int, why: str) -> NoReturn:
    raise Unreadable(f"line {number} of the page's snapshot {why}")
