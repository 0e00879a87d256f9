"""Which page this is: its address and every control of it, held against what the site's description says.

A page that differs stops everything before anything was done on it (drift). What is told of it is roles and names of
controls, with digits folded, without any word of the request, and of links no name at all: theirs are often data.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from adapters.portal.page import Page
from adapters.portal.reading.node import Node
from gateway.contract.errors import NeedsPerson
from gateway.contract.landmarks import CONTROLS, Control, fold, is_at, masked
from gateway.contract.turns import Landmark

_MOST_TOLD = 12
_WORD = re.compile(r"\w+")
_SHORTEST = 2
_OF_DATA = "link"
"""A control whose name is often a patient's, or another request's."""


@dataclass(frozen=True)
class Shape:
    """A page of a site: its ``path`` below the site's root (``{}`` is any one part) and its controls, each as often as
    it stands there. ``optional`` ones may be missing and may repeat; their names are compared with folded digits.
    ``frames`` are the documents in it, by name."""

    name: str
    path: str
    controls: tuple[Control, ...]
    optional: frozenset[Control] = frozenset()
    frames: tuple[tuple[str, Shape], ...] = ()
    heading: str = ""
    dialog: Shape | None = None
    """The one dialog that is open on the page, by its name; no other may be."""

    def landmark(self, root: str) -> Landmark:
        """As the transport looks at it once more before it commits."""
        return Landmark(
            name=self.name,
            path=f"{root}{self.path}",
            controls=frozenset((role, fold(name)) for role, name in self.controls),
            optional=frozenset((role, fold(name)) for role, name in self.optional),
        )


@dataclass(frozen=True)
class Eye:
    """Looks at the pages of one visit. ``words`` are those of the request: none of them is ever told."""

    site: str
    root: str
    words: frozenset[str] = field(repr=False)

    def is_on(self, page: Page, shape: Shape) -> bool:
        """True when the page is the one described, in every control."""
        return not any(self._faults(page, shape))

    def expect(self, page: Page, shape: Shape) -> None:
        """Raises NeedsPerson for this message alone when the page is not the one described."""
        faults = list(self._faults(page, shape))
        if faults:
            raise self.drift(shape.name, *faults)

    def drift(self, name: str, *faults: str) -> NeedsPerson:
        """What is told of a page that is not as it was."""
        says = "; ".join(faults)
        return NeedsPerson(
            f"{self.site}: the page '{name}' is not as it was, nothing was done on it: {says}", only_this=True
        )

    def _faults(self, page: Page, shape: Shape) -> Iterator[str]:
        if not page.settled.settled:
            yield "what it should show did not appear"
        if not is_at(f"{self.root}{shape.path}", page.path):
            yield "its address is another"
        if shape.heading and not page.says(shape.heading):
            yield f"expected the heading '{shape.heading}'"
        dialogs = [node for role in ("dialog", "alertdialog") for node in page.tree.all(role)]
        if [node.name for node in dialogs] != ([shape.dialog.name] if shape.dialog else []):
            yield f"expected the dialog '{shape.dialog.name}'" if shape.dialog else "seen a dialog"
        elif shape.dialog:
            yield from self.compare(dialogs[0], shape.dialog)
        yield from self.compare(page.main, shape)
        for name, inner in shape.frames:
            frame = page.frames.get(name)
            if frame is None:
                yield f"expected the frame '{name}'"
            else:
                yield from self.compare(frame, inner)

    def compare(self, region: Node, shape: Shape) -> Iterator[str]:
        """What of a region's controls is missing, and what there is beside."""
        seen, wanted = Counter(controls_of(region)), Counter(shape.controls)
        optional = {(role, fold(name)) for role, name in shape.optional}
        missing = wanted - seen
        extra = [control for control in (seen - wanted).elements() if (control[0], fold(control[1])) not in optional]
        if missing:
            yield f"expected {_listed(f'{role} {fold(name)!r}' for role, name in missing.elements())}"
        if extra:
            yield f"seen {_listed(map(self._told, extra))}"

    def _told(self, control: Control) -> str:
        role, name = control
        return role if role == _OF_DATA or not name else f"{role} '{masked(name, self.words)}'"


def controls_of(region: Node) -> Iterator[Control]:
    """Every control at or below a node."""
    for node in region.walk():
        if node.role in CONTROLS:
            yield node.role, node.name


def words_of(value: Any) -> frozenset[str]:
    """Every word of a value as JSON has it, for masking."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list | tuple):
            waiting.extend(each)
        elif each is not None and not isinstance(each, bool):
            found.update(word.casefold() for word in _WORD.findall(str(each)) if len(word) >= _SHORTEST)
    return frozenset(found)


def _listed(told: Iterable[str]) -> str:
    each = list(told)
    more = len(each) - _MOST_TOLD
    return ", ".join(each[:_MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
