"""Asks the situational rules of a guide about one transaction, over the few of its segments that rules speak of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from adapters.x12_278.guides.grammar import Grammar, Loop, SegmentNode
from adapters.x12_278.guides.rules import Condition, Place, Rule, is_npi
from adapters.x12_278.guides.source import UnreadableGuide
from adapters.x12_278.segment import Delimiters


class Noted(NamedTuple):
    """A watched segment of a transaction: which, its number in the document, its bytes."""

    place: int
    number: int
    segment: bytes


_Path = tuple[int, ...]


class Entry(NamedTuple):
    """A watched segment with the instances of the loops it stands in."""

    path: _Path
    noted: Noted
    values: list[bytes]


class Entries(dict[int, list[Entry]]):
    """The watched segments of one transaction by which they are. There may be thousands of one kind, and a rule for
    each, so that nobody looks through all of them for those that stand together."""

    __slots__ = ("_together",)

    def __init__(self) -> None:
        super().__init__()
        self._together: dict[tuple[int, int], dict[_Path, list[Entry]]] = {}

    def within(self, place: int, path: _Path) -> Sequence[Entry]:
        """Those of one kind in the same instances of the outer loops."""
        depth = len(path)
        found = self._together.get((place, depth))
        if found is None:
            found = self._together[place, depth] = {}
            for entry in self.get(place, ()):
                found.setdefault(entry.path[:depth], []).append(entry)
        return found.get(path, ())


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold, and where: at the segment its ``at`` names, or where the loop begins that lacks it."""

    rule: Rule
    at: Place
    noted: Noted
    values: list[bytes]
    missing: bool
    condition: Condition


class Asked:
    """A place as it is looked for. ``nodes`` are its segments, ``depth`` the open loops it shares with the rule's."""

    __slots__ = ("component", "depth", "element", "nodes", "place", "same")

    def __init__(self, place: Place, nodes: tuple[int, ...], depth: int, *, same: bool) -> None:
        self.place = place
        self.nodes = nodes
        self.depth = depth
        self.same = same
        self.element = place.element
        self.component = place.component


AskedAll = tuple[Condition, tuple[Asked, ...], frozenset[bytes]]


class Compiled(NamedTuple):
    rule: Rule
    at: Place
    opener: int
    nodes: tuple[int, ...]
    when: tuple[AskedAll, ...]
    then: tuple[AskedAll, ...]
    needed: tuple[frozenset[int], ...]
    """Of each of these sets one segment must be there, or the rule has nothing to say."""


class Judge:
    """``watched`` numbers the segments that are to be noted."""

    def __init__(self, grammar: Grammar, transaction: Loop, rules: Sequence[Rule], marks: Delimiters) -> None:
        self._name = grammar.name
        self._marks = marks
        self._chains = dict(_chains(transaction, ()))
        self._segments = [(loop, node) for loop, node in transaction.segments() if loop in self._chains]
        self.watched: dict[SegmentNode, int] = {}
        self._loops: list[Loop] = []
        self._nodes: list[SegmentNode] = []
        self.levels = frozenset(self._watch(loop, node) for loop, node in self._segments if node.tag == "HL")
        self.rules = [self._compiled(rule) for rule in rules]

    def node(self, place: int) -> tuple[Loop, SegmentNode]:
        return self._loops[place], self._nodes[place]

    def above(self, loop: Loop) -> tuple[Loop, ...]:
        """The loops that begin with a segment and hold this one, itself the last."""
        return self._chains[loop]

    def entries(self, noted: Sequence[Noted]) -> Entries:
        """The noted segments by which they are, each with its place in the tree of loops."""
        current: dict[Loop, int] = {}
        found = Entries()
        last: Loop | None = None
        path: _Path = ()
        for count, each in enumerate(noted):
            loop = self._loops[each.place]
            opens = self._nodes[each.place] is loop.children[0]
            if opens:
                current[loop] = count
            if opens or loop is not last:  # those of one instance share it
                last, path = loop, tuple([current.get(above, -1) for above in self._chains[loop]])
            found.setdefault(each.place, []).append(Entry(path, each, each.segment.split(self._marks.element)))
        return found

    def broken(self, entries: Entries) -> Iterator[Broken]:
        there = entries.keys()
        for compiled in self.rules:
            if compiled.opener in there and not any(there.isdisjoint(nodes) for nodes in compiled.needed):
                yield from self._asked(compiled, entries)

    def _asked(self, compiled: Compiled, entries: Entries) -> Iterator[Broken]:
        at = [
            entry
            for node in compiled.nodes
            for entry in entries.get(node, ())
            if not compiled.at.code or self._code(node, entry) == compiled.at.code
        ]
        if compiled.opener not in compiled.nodes:
            inside = {entry.path for entry in at}
            openers = [entry for entry in entries[compiled.opener] if entry.path not in inside]
        else:
            openers = []
        for entry, missing in [*((each, False) for each in at), *((each, True) for each in openers)]:
            if all(self._holds(each, entry, missing, entries) for each in compiled.when):
                for each in compiled.then:
                    if not self._holds(each, entry, missing, entries):
                        yield Broken(compiled.rule, compiled.at, entry.noted, entry.values, missing, each[0])
                        break

    def _holds(self, asked: AskedAll, entry: Entry, missing: bool, entries: Entries) -> bool:
        condition, places, wanted = asked
        for place in places:
            if any(_meets(condition, wanted, value) for value in self._values(place, entry, missing, entries)):
                return condition.is_ != "absent"
        return condition.is_ == "absent"

    def _values(self, asked: Asked, entry: Entry, missing: bool, entries: Entries) -> Iterator[bytes]:
        if asked.same:
            if not missing:
                yield self._value(asked, entry.values)
            return
        path = entry.path[: asked.depth]
        for node in asked.nodes:
            for other in entries.within(node, path):
                if not asked.place.code or self._code(node, other) == asked.place.code:
                    yield self._value(asked, other.values)

    def _value(self, asked: Asked, values: list[bytes]) -> bytes:
        if not asked.element:
            return values[0]
        value = values[asked.element] if asked.element < len(values) else b""
        if not asked.component:
            return value
        parts = value.split(self._marks.component)
        return parts[asked.component - 1] if asked.component <= len(parts) else b""

    def _code(self, node: int, entry: Entry) -> bytes:
        key = self._nodes[node].key
        place = key.place if key else 1
        value = entry.values[place] if place < len(entry.values) else b""
        return value.partition(self._marks.component)[0] if key and key.part else value

    def _watch(self, loop: Loop, node: SegmentNode) -> int:
        for above in self._chains[loop]:
            first = above.children[0]
            if isinstance(first, SegmentNode) and first.tag != "ST" and first not in self.watched:
                self._add(above, first)
        return self._add(loop, node)

    def _add(self, loop: Loop, node: SegmentNode) -> int:
        if node not in self.watched:
            self.watched[node] = len(self._nodes)
            self._loops.append(loop)
            self._nodes.append(node)
        return self.watched[node]

    def _find(self, place: Place) -> tuple[Loop, tuple[int, ...]]:
        found = [
            (loop, node)
            for loop, node in self._segments
            if loop.id == place.loop and node.tag == place.tag and (not place.code or place.code in node.codes)
        ]
        if not found or len({loop for loop, _ in found}) > 1:
            raise UnreadableGuide(f"rules of {self._name}: there is no one {place.loop}/{place.tag} in the map")
        return found[0][0], tuple(self._watch(loop, node) for loop, node in found)

    def _compiled(self, rule: Rule) -> Compiled:
        at = Place.of(rule.at)
        loop, nodes = self._find(at)
        opener = self._chains[loop][-1].first_segment()
        if opener is None or opener not in self.watched:
            raise UnreadableGuide(f"rules of {self._name}: the loop of {rule.at} begins with no segment")
        when = tuple(self._condition(each, at, loop) for each in rule.when)
        needed = tuple(
            frozenset(node for place in places for node in place.nodes)
            for condition, places, _ in when
            if condition.is_ != "absent"
        )
        then = tuple(self._condition(each, at, loop) for each in rule.then)
        return Compiled(rule, at, self.watched[opener], nodes, when, then, needed)

    def _condition(self, condition: Condition, at: Place, loop: Loop) -> AskedAll:
        places = []
        for text in condition.at:
            place = Place.of(text)
            other, nodes = self._find(place)
            depth = 0
            for one, two in zip(self._chains[loop], self._chains[other], strict=False):
                if one is not two:
                    break
                depth += 1
            places.append(Asked(place, nodes, depth, same=place.same_segment(at)))
        return condition, tuple(places), frozenset(value.encode() for value in condition.values)


def _meets(condition: Condition, wanted: frozenset[bytes], value: bytes) -> bool:
    if condition.is_ in ("present", "absent"):
        return bool(value)
    return is_npi(value) if condition.is_ == "format" else value in wanted


def _chains(loop: Loop, above: tuple[Loop, ...]) -> Iterator[tuple[Loop, tuple[Loop, ...]]]:
    own = (*above, loop) if loop.first_segment() else above
    yield loop, own
    for child in loop.children:
        if isinstance(child, Loop):
            yield from _chains(child, own)
