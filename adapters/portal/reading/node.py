"""A node of an accessibility tree: its role, its name, what it says, and where that stands in the snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """``role`` is that of WAI-ARIA, or ``text`` for a text by itself. ``path`` names the place by roles, each counted
    from 1; ``start`` and ``end`` are bytes of the snapshot in UTF-8: those of the node's own line."""

    role: str
    name: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    """What stands behind the colon: a field's value, or the whole text of a node that has nothing else."""
    states: Mapping[str, str] = field(default_factory=dict)
    """``checked``, ``disabled``, ``invalid`` and so on, with what stands behind ``=``."""
    children: tuple[Node, ...] = field(default=(), repr=False)
    path: str = ""
    start: int = 0
    end: int = 0

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the page's order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def all(self, role: str, name: str | None = None) -> tuple[Node, ...]:
        """Those of a role at or below this one, with that name where one is given."""
        return tuple(node for node in self.walk() if node.role == role and name in (None, node.name))

    def only(self, role: str, name: str | None = None) -> Node | None:
        """The one of a role at or below this one; None where there is none, or more than one."""
        found = self.all(role, name)
        return found[0] if len(found) == 1 else None

    def holding(self, text: str) -> Node:
        """The innermost node at or below this one in whose own line the text stands; this one where none has it."""
        return next((node for node in reversed([*self.walk()]) if text in (node.text or node.name)), self)

    @property
    def said(self) -> str:
        """All that it says, blanks made one: its name where it has one, else the texts in it."""
        texts = [self.name] if self.name else [node.text or node.name for node in self.walk()]
        return " ".join(" ".join(texts).split())

    @property
    def told(self) -> str:
        """The texts in it, whatever its name."""
        return " ".join(" ".join(node.text or (node.name if node is not self else "") for node in self.walk()).split())
