"""The guides one process knows: files in, and out the guide for a transaction, compiled for its delimiters and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, NamedTuple

from adapters.x12_278.guides.alteration import Unfit, altered
from adapters.x12_278.guides.automaton import Machine
from adapters.x12_278.guides.grammar import Grammar, Loop, SegmentNode, Sure
from adapters.x12_278.guides.judge import Judge
from adapters.x12_278.guides.levels import Above, above
from adapters.x12_278.guides.overlay import Layer, RuleDifference, read_layers
from adapters.x12_278.guides.patterns import Patterns
from adapters.x12_278.guides.plans import Plans, Shelf
from adapters.x12_278.guides.rules import read_rules
from adapters.x12_278.guides.source import Row, UnreadableGuide, read_map, read_rows, read_tables
from adapters.x12_278.segment import Delimiters
from gateway.contract.guides import GuideLayer, LayerFault, UnfitLayers

MOST_DELIMITERS = 32
"""Sets of delimiters that are kept compiled. There are a handful in the world."""
_LONGEST_CHOICE = 100
"""Characters of the codes that name a guide; what is longer names none, and is not kept."""


class Tags(NamedTuple):
    """The segments of a guide, the codes that tell those of one id apart, and the ids that begin a loop."""

    nodes: tuple[SegmentNode, ...]
    codes: Mapping[str, frozenset[bytes]]
    openers: frozenset[str]

    @classmethod
    def of(cls, transaction: Loop) -> Tags:
        nodes = tuple(node for _, node in transaction.segments())
        codes: defaultdict[str, set[bytes]] = defaultdict(set)
        for node in nodes:
            codes[node.tag] |= node.codes
        first = [loop.first_segment() for loop in transaction.loops()]
        openers = frozenset(node.tag for node in first if node) - {"ST"}
        return cls(nodes, {tag: frozenset(found) for tag, found in codes.items()}, openers)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A guide for one set of delimiters."""

    grammar: Grammar
    transaction: Loop
    marks: Delimiters
    patterns: Patterns
    judge: Judge
    plans: Plans
    machine: Machine
    above: Above
    tags: Tags


@dataclass(frozen=True, slots=True)
class Choice:
    """Which guide a transaction is checked against. ``by_st`` tells that GS08 named none, and ST03 did; ``sure`` how
    well it is known to be this one."""

    name: str
    by_st: bool = False
    sure: Sure = Sure.AGREED


class Guides:
    """``files`` are the maps and tables by file name; ``rules`` the parsed rule files by map name without ``.xml``.

    A map is read when the first document asks for it.
    """

    def __init__(self, files: Mapping[str, bytes], rules: Mapping[str, Mapping[str, Any]]) -> None:
        for needed in ("maps.xml", "dataele.xml", "codes.xml"):
            if needed not in files:
                raise UnreadableGuide(f"there is no {needed}")
        self._files = files
        self._tables = read_tables(files["dataele.xml"], files["codes.xml"])
        self.rows = read_rows(files["maps.xml"])
        for row in self.rows:
            if row.map not in files:
                raise UnreadableGuide(f"maps.xml names a map that is not there: {row.map}")
        self._rules = {name: read_rules(name, found) for name, found in rules.items()}
        names = {row.map.removesuffix(".xml") for row in self.rows}
        for name in self._rules:
            if name not in names:
                raise UnreadableGuide(f"there are rules of {name}, and no such map")
        self._names = names
        self._rows: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.guide:
                self._rows[row.version, row.group].append(row)
        self._grammars: dict[str, Grammar] = {}
        self._patterns: dict[Delimiters, Patterns] = {}
        self._compiled: dict[tuple[str, Delimiters], Compiled] = {}
        self._shelf = Shelf()
        self._choices: dict[tuple[str, str, str, str, str], Choice | None] = {}
        self.versions = frozenset(row.version for row in self.rows)
        self.control = self.grammar(next((row.map for row in self.rows if not row.guide), self.rows[0].map))
        self.envelope = {node.tag: node for _, node in self.control.envelope.segments()}

    def under(self, layers: Sequence[GuideLayer]) -> Guides:
        """The same guides with what networks, payers and lines of business want otherwise (SNIP level 7).

        Raises UnfitLayers: everything that a layer names is looked up at once.
        """
        found = read_layers(layers)
        other = copy(self)
        other._grammars, other._rules = dict(self._grammars), dict(self._rules)
        other._patterns, other._compiled, other._shelf = {}, {}, Shelf()
        faults: list[LayerFault] = []
        for name in dict.fromkeys(name for layer in found for name in layer.guides):
            if name not in self._names:
                fix = f"Write one of: {', '.join(sorted(self._names))}."
                nowhere = (number for number, layer in enumerate(found) if name in layer.guides)
                faults += [LayerFault(number, (name,), "There is no such guide.", fix) for number in nowhere]
                continue
            file = f"{name}.xml"
            try:
                grammar, rules = altered(self.grammar(file), self._rules.get(name, ()), found)
            except Unfit as unfit:
                layer, index, says, fix = unfit.fault
                faults.append(LayerFault(layer, (name, index), says, fix))
                continue
            other._grammars[file], other._rules[name] = grammar, rules
            faults += _homeless(grammar, found)
        if faults:
            raise UnfitLayers(*faults)
        return other

    def grammar(self, file: str) -> Grammar:
        found = self._grammars.get(file)
        if found is None:
            found = self._grammars[file] = read_map(file, self._files[file], self._tables)
        return found

    def choose(self, version: str, group: str, guide: str, st_guide: str, purpose: str) -> Choice | None:
        """By ISA12, GS01, GS08, or ST03 where GS08 is of no known guide, and BHT02. ``None`` where there is none."""
        key = (version, group, guide, st_guide, purpose)
        if key in self._choices:
            return self._choices[key]
        found: Choice | None = None
        for named, by_st in ((guide, False), (st_guide, True)):
            rows = [row for row in self._of(version, group) if row.guide == named and named]
            fits = [row for row in rows if row.purpose in ("", purpose)]
            if fits:
                found = Choice(fits[0].map, by_st, fits[0].sure)
            if rows:
                break
        if sum(map(len, key)) > _LONGEST_CHOICE:
            return found
        if len(self._choices) > 1000:
            self._choices.clear()
        self._choices[key] = found
        return found

    def purposes(self, version: str, group: str, guide: str) -> bool:
        """Whether the guide is known, and its direction is told by BHT02."""
        return any(row.guide == guide and row.purpose for row in self._of(version, group))

    def knows_group(self, version: str, group: str) -> bool:
        return bool(self._of(version, group))

    def knows_guide(self, version: str, group: str, guide: str) -> bool:
        return any(row.guide == guide for row in self._of(version, group))

    def _of(self, version: str, group: str) -> Sequence[Row]:
        return self._rows.get((version, group), ())

    def patterns(self, marks: Delimiters) -> Patterns:
        found = self._patterns.get(marks)
        if found is None:
            if len(self._patterns) >= MOST_DELIMITERS:
                self._patterns.clear()
                self._compiled.clear()
                self._shelf = Shelf()
            found = self._patterns[marks] = Patterns(marks)
        return found

    def compiled(self, file: str, marks: Delimiters) -> Compiled:
        found = self._compiled.get((file, marks))
        if found is None:
            grammar = self.grammar(file)
            transaction = grammar.transaction
            if transaction is None:
                raise UnreadableGuide(f"{file} holds no transaction")
            patterns = self.patterns(marks)
            judge = Judge(grammar, transaction, self._rules.get(grammar.name, ()), marks)
            machine = Machine(grammar, transaction, marks, patterns, judge.watched)
            around = above(transaction)
            plans = Plans(judge, around, marks, self._shelf)
            found = Compiled(grammar, transaction, marks, patterns, judge, plans, machine, around, Tags.of(transaction))
            self._compiled[file, marks] = found
        return found


def _homeless(grammar: Grammar, layers: Sequence[Layer]) -> Iterator[LayerFault]:
    """Rules of layers that speak of a place the guide does not have."""
    for number, layer in enumerate(layers):
        for index, each in enumerate(layer.guides.get(grammar.name, ())):
            if isinstance(each, RuleDifference) and grammar.transaction:
                try:
                    Judge(grammar, grammar.transaction, (each.rule,), Delimiters())
                except UnreadableGuide:
                    says = "The guide has no one segment for a place of this rule."
                    yield LayerFault(number, (grammar.name, index, "rule"), says, "Compare its places with the map.")
