"""The loop tree of a 278: which segment stands in which loop, by the HL and NM1 segments that open them.

Lenient where payers are: an HL's parent is not believed, a service belongs to the event before it, and what stands
behind a party without being part of it is read as if it stood before. Knows no meanings.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from adapters.x12_278.interchange import Transaction
from adapters.x12_278.segment import Segment
from gateway.contract.errors import Unreadable

_LEVELS = {"20": "2000A", "21": "2000B", "22": "2000C", "23": "2000D", "EV": "2000E", "SS": "2000F"}
_CONTACTS = frozenset({"1P", "2B", "ABG", "PR", "X3"})
"""NM101 of who gives or takes additional information in a response. FA is there too, and is read as a provider."""
_MOST_SEGMENTS = 200
"""Segments that stand in one loop, and parties of one level: the guide has room for some sixty, and a service that is
99 lines has their traces. What stands at the event is held against every line and service."""
_TRANSPORT = frozenset({"45", "FS", "ND", "PW", "R3"})
_OF_PARTIES = frozenset({"NM1", "N2", "N3", "N4", "PER", "AAA", "PRV", "DMG", "INS"})
"""What stands in the loop of a party, with REF and DTP of some qualifiers."""
_NUMBERS_OF_LEVELS = frozenset({"BB", "NT"})
"""REF01 of a level: numbers of the review, which no party has."""
_DATE_OF_PARTIES = "598"
"""DTP01: when another reviewer (2010EC of a request) denied."""


@dataclass(slots=True)
class Loop:
    """A loop by its name (``2000E``, ``2010EA``) and the segments that stand in it, its sub-loops' not counted."""

    name: str
    segments: list[Segment] = field(default_factory=list)
    parties: list[Loop] = field(default_factory=list)

    _by_tag: dict[str, list[Segment]] = field(default_factory=dict)
    _dated: dict[str, list[Segment]] = field(default_factory=dict)

    def add(self, segment: Segment) -> None:
        self.segments.append(segment)
        self._by_tag.setdefault(segment.tag, []).append(segment)
        if segment.tag == "DTP":
            self._dated.setdefault(segment.text(1), []).append(segment)

    def first(self, tag: str) -> Segment | None:
        found = self._by_tag.get(tag)
        return found[0] if found else None

    def all(self, tag: str) -> Sequence[Segment]:
        return self._by_tag.get(tag, ())

    def refuses(self) -> bool:
        """True when there is an AAA in it or at a party of its."""
        return any(part.first("AAA") for part in (self, *self.parties))

    def tags(self) -> Collection[str]:
        """The ids of its segments, each once."""
        return self._by_tag.keys()

    def date_qualifiers(self) -> Collection[str]:
        """DTP01 of its dates, each once."""
        return self._dated.keys()

    def dated(self, qualifier: str) -> Sequence[Segment]:
        """The DTP segments of this qualifier."""
        return self._dated.get(qualifier, ())


@dataclass(slots=True)
class Event:
    """A patient event and its services."""

    loop: Loop
    services: list[Loop] = field(default_factory=list)


@dataclass(slots=True)
class Tree:
    """``tags`` are the ids of all segments, ``above`` holds the loops of payer, requester, subscriber and dependent, in
    their order."""

    bht: Segment
    tags: Collection[str]
    above: list[Loop] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def tree_of(transaction: Transaction) -> Tree:
    """The tree of a 278. Raises Unreadable where it has none."""
    body = transaction.body
    if not body or body[0].tag != "BHT":
        raise Unreadable("the 278 has no BHT", at=transaction.st.end)
    tree = Tree(body[0], frozenset([segment.tag for segment in body]))
    level: Loop | None = None
    here: Loop | None = None
    for segment in body[1:]:
        if segment.tag == "HL":
            level = here = _open(tree, segment)
        elif level is None or here is None:
            raise Unreadable(f"segment {segment.number}: {segment.tag} stands outside of every level", at=segment.start)
        elif segment.tag == "NM1":
            here = Loop(_party(level.name, segment.text(1)))
            level.parties.append(here)
        loop = here if here is level or _of_party(segment) else level
        if len(loop.segments) >= _MOST_SEGMENTS or len(level.parties) > _MOST_SEGMENTS:
            raise Unreadable(f"segment {segment.number}: more stands in its loop than any guide has", at=segment.start)
        loop.add(segment)
    return tree


def _of_party(segment: Segment) -> bool:
    """True for what the guide lets stand behind an NM1. Else a decision, a code or a date there would go unread."""
    tag = segment.tag
    if tag in _OF_PARTIES:
        return True
    if tag == "REF":
        return segment.text(1) not in _NUMBERS_OF_LEVELS
    return tag == "DTP" and segment.text(1) == _DATE_OF_PARTIES


def _open(tree: Tree, segment: Segment) -> Loop:
    name = _LEVELS.get(segment.text(3))
    if name is None:
        raise Unreadable(f"segment {segment.number}: HL03 is no level of a 278", at=segment.start)
    loop = Loop(name)
    if name == "2000E":
        tree.events.append(Event(loop))
    elif name == "2000F":
        if not tree.events:
            raise Unreadable(f"segment {segment.number}: a service without an event", at=segment.start)
        tree.events[-1].services.append(loop)
    else:
        tree.above.append(loop)
    return loop


def _party(level: str, entity: str) -> str:
    letter = level[-1]
    if letter not in "EF":
        return f"2010{letter}"
    if entity in _CONTACTS:
        return f"2010{letter}B"
    return f"2010{letter}C" if entity in _TRANSPORT else f"2010{letter}A"
