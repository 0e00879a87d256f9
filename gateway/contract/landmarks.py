"""Whether a page is the one that a site's description means: by its address, and by the controls of its main region.

Read off the accessibility snapshot as Playwright writes it (YAML). Adapter and transport both read it here, so that a
page is the same page to both. What is told of a page are roles and names of controls, which the site wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache

from gateway.contract.turns import Landmark

CONTROLS = frozenset(
    {
        "button",
        "checkbox",
        "combobox",
        "link",
        "listbox",
        "menuitem",
        "menuitemcheckbox",
        "menuitemradio",
        "radio",
        "searchbox",
        "slider",
        "spinbutton",
        "switch",
        "tab",
        "textbox",
    }
)
"""Roles of what a person can act on (WAI-ARIA 1.2, 5.3.2), without the choices that a control holds."""

Control = tuple[str, str]
"""Role and name."""

_LINE = re.compile(r"( *)- (?:'((?:[^']|'')*)'|(.*))")
_KEY = re.compile(r'([a-z]+)(?: ("(?:[^"\\]|\\.)*"))?(?=$|[ :])')
_DIGITS = re.compile(r"\d+")
_HALF = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Controls, marks that turn the way of writing, halves of characters."""


def fold(name: str) -> str:
    """A name with its numbers as ``0``."""
    return _DIGITS.sub("0", name)


def nodes_of(snapshot: str) -> Iterator[tuple[int, str, str]]:
    """Depth, role and name of each node, in their order; of text and properties none."""
    for line in snapshot.split("\n"):  # a name may hold what other ends of lines are
        found = _LINE.match(line)
        key = found and _KEY.match((found[2] or "").replace("''", "'") or found[3] or "")
        if found and key and key[1] != "text":
            try:
                name = json.loads(key[2]) if key[2] else ""
            except ValueError:
                name = key[2][1:-1]
            yield len(found[1]) // 2, key[1], name


def controls_of(snapshot: str, roles: frozenset[str] = CONTROLS) -> frozenset[Control]:
    """What stands in the page's main region, or in all of a page that has none; numbers folded."""
    nodes = list(nodes_of(snapshot))
    main = next((place for place, (_, role, _) in enumerate(nodes) if role == "main"), None)
    if main is not None:
        after = nodes[main + 1 :]
        end = next((place for place, node in enumerate(after) if node[0] <= nodes[main][0]), len(after))
        nodes = after[:end]
    return frozenset((role, fold(name)) for _, role, name in nodes if role in roles)


def differences(landmark: Landmark, path: str, snapshot: str) -> tuple[str, ...]:
    """In what a page is not the one of the landmark, in words; nothing where it is."""
    expected, optional = (
        frozenset((role, fold(name)) for role, name in controls if role not in landmark.variable)
        for controls in (landmark.controls, landmark.optional)
    )
    roles = (CONTROLS | {role for role, _ in expected | optional}) - landmark.variable
    seen = controls_of(snapshot, roles)
    told = [] if is_at(landmark.path, path) else [f"its address is not {landmark.path}"]
    told += [f'no {role} "{name}"' for role, name in sorted(expected - seen)]
    told += [f'a new {role} "{name}"' for role, name in sorted(seen - expected - optional)]
    return tuple(told)


def is_at(pattern: str, path: str) -> bool:
    """Whether a path, with or without a query, is one of the pattern: ``{}`` stands for one part of it."""
    parts = (re.escape(part) for part in pattern.split("{}"))
    return re.fullmatch("[^/]+".join(parts), path.partition("?")[0]) is not None


def masked(text: str, words: frozenset[str]) -> str:
    """A text of the page without what is in it of a request: its ``words``, whatever their case, and numbers. In one
    line, of characters that can be seen: it stands in messages, logs and terminals."""
    if words:
        text = pattern_of(words).sub("[...]", text)
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", fold(text))


@lru_cache(maxsize=16)
def pattern_of(words: frozenset[str]) -> re.Pattern[str]:
    """Any of these words, whatever their case."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)


def whole(text: str) -> str:
    """A text of the page without halves of characters: a script may cut one in two, and no file takes such."""
    return text if text.isascii() else _HALF.sub("\N{REPLACEMENT CHARACTER}", text)
