"""A short notation for content models of XML, and the reading of an element against one. Knows no message.

One line a type: its children in order, with commas between. A child is a name, a type and how often it comes (``?``,
``*``, ``+``, ``1-9``, ``0-4``; nothing means once). ``Date date | DateTime dateTime`` is a choice. A type is a name of
this table, else a kind of ``values``. ``any`` is not looked into.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from conformance.simulators.pbm.values import fault_of

_MANY = 10**6
_TIMES = {"?": (0, 1), "*": (0, _MANY), "+": (1, _MANY), "": (1, 1)}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where. ``code`` is a DescriptionCode; no text holds a value of a message."""

    code: str
    path: str
    says: str


@dataclass(frozen=True, slots=True)
class _Place:
    """One place in a sequence: the types of the names that may stand there, and how often."""

    types: dict[str, str]
    least: int
    most: int


@dataclass(slots=True)
class Guide:
    """Content models by type. ``attributes`` of elements by name: attribute to the kind of its value."""

    table: Mapping[str, str]
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _models: dict[str, tuple[_Place, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._models = {name: tuple(_places(line)) for name, line in self.table.items()}

    def faults(self, element: etree._Element, kind: str) -> list[Fault]:
        return list(self._read(element, kind, f"/{element.tag}"))

    def _read(self, element: etree._Element, kind: str, path: str) -> Iterator[Fault]:
        for name, value in element.attrib.items():
            known = self.attributes.get(str(element.tag), {}).get(str(name))
            if known is None:
                yield Fault("3000", path, "has an attribute that does not belong there")
            elif fault_of(known, str(value)):
                yield Fault("3000", f"{path}/@{name}", "holds what may not stand there")
        if kind == "any":
            return
        children = list(element)
        model = self._models.get(kind)
        if model is None:
            if children:
                yield Fault("3000", path, "has elements where a value belongs")
            elif says := fault_of(kind, element.text or ""):
                yield Fault("3000", path, says)
            return
        if any((text or "").strip() for text in (element.text, *(child.tail for child in children))):
            yield Fault("3000", path, "has text between its elements")
        yield from self._sequence(children, model, path)

    def _sequence(self, children: list[etree._Element], model: tuple[_Place, ...], path: str) -> Iterator[Fault]:
        at, seen = 0, dict[str, int]()
        for place in model:
            found = 0
            while at < len(children) and str(children[at].tag) in place.types and found < place.most:
                name = str(children[at].tag)
                seen[name] = seen.get(name, 0) + 1
                yield from self._read(children[at], place.types[name], f"{path}/{name}[{seen[name]}]")
                at, found = at + 1, found + 1
            if found < place.least:
                yield Fault("3000", f"{path}/{'|'.join(place.types)}", "is missing, or out of order")
                return
        if at < len(children):
            yield Fault("3000", f"{path}/{children[at].tag}", "is unknown, out of order or too many")


def _places(line: str) -> Iterator[_Place]:
    for each in filter(None, (part.strip() for part in line.split(","))):
        choices = [choice.split() for choice in each.split("|")]
        times = choices[-1][2] if len(choices[-1]) > 2 else ""
        least, most = _TIMES[times] if times in _TIMES else map(int, times.split("-"))
        yield _Place({name: kind for name, kind, *_ in choices}, least, most)
