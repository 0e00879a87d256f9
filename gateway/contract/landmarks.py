"""What a landmark compares: which roles are controls, how names and addresses are held against a description.

The transport and the adapters look at a page with the same eyes. Pure.
"""

from __future__ import annotations

import re

CONTROLS = frozenset(
    {
        *("button", "checkbox", "combobox", "link", "listbox", "menuitem", "menuitemcheckbox", "menuitemradio"),
        *("radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "treeitem"),
    }
)
"""Roles of WAI-ARIA 1.2 that somebody types into, chooses or clicks."""

_DIGIT = re.compile(r"[0-9]")
_PART = "{}"


def folded(name: str) -> str:
    """A name with every digit as ``0`` and each run of blanks as one: what of it is the page's, and not the case's."""
    return " ".join(_DIGIT.sub("0", name).split())


def is_at(template: str, path: str) -> bool:
    """True when an address is the described one; ``{}`` stands for one part of it that is not empty."""
    wanted, seen = template.rstrip("/").split("/"), path.rstrip("/").split("/")
    return len(wanted) == len(seen) and all(
        bool(there) if part == _PART else part == there for part, there in zip(wanted, seen, strict=True)
    )
