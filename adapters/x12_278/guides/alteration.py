"""A guide with differences in it: its tree made again, with what is otherwise at some places.

An element that was changed knows in what, so that its faults are told as the payer's and not the guide's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar, cast

from adapters.x12_278.guides import overlay
from adapters.x12_278.guides.grammar import UNBOUNDED, Composite, Element, Grammar, Loop, SegmentNode, Usage
from adapters.x12_278.guides.overlay import Layer, LiftDifference, PlaceDifference, RuleDifference
from adapters.x12_278.guides.rules import Place, Rule
from adapters.x12_278.guides.source import key_of

Node = Loop | SegmentNode | Composite | Element
SomeNode = TypeVar("SomeNode", bound=Node)
_USAGES = {"required": Usage.REQUIRED, "situational": Usage.SITUATIONAL, "not_used": Usage.NOT_USED}
_LOOP = re.compile(r"\w+")
_LENGTHS_OF = ("AN", "ID", "R", "N")
"""Kinds of data whose length somebody may change. Dates and times have theirs from their form."""


class Unfit(Exception):
    """A difference that cannot be, or makes none: which of its layer for this guide, why, and what to do."""

    def __init__(self, layer: int, index: int, says: str, fix: str) -> None:
        super().__init__(says)
        self.fault = layer, index, says, fix


def altered(grammar: Grammar, rules: Sequence[Rule], layers: Sequence[Layer]) -> tuple[Grammar, tuple[Rule, ...]]:
    """Raises Unfit for a difference that cannot be, or that makes no difference."""
    for number, layer in enumerate(layers):
        alteration, kept, index = _Alteration(grammar, layer.name), {rule.id: rule for rule in rules}, 0
        try:
            for index, each in enumerate(layer.guides.get(grammar.name, ())):  # noqa: B007 - told below
                if isinstance(each, PlaceDifference):
                    alteration.take(each)
                else:
                    _rule(kept, each, layer.name)
            grammar, rules = alteration.done(), tuple(kept.values())
        except _Wrong as wrong:
            raise Unfit(number, index, f"{wrong.says}.", wrong.fix) from None
    return grammar, tuple(rules)


def _rule(kept: dict[str, Rule], each: LiftDifference | RuleDifference, name: str) -> None:
    if isinstance(each, LiftDifference):
        if kept.pop(each.rule, None) is None:
            raise _Wrong("The guide has no such rule", "Write the id of one of its rules.")
    elif each.rule.id in kept:
        raise _Wrong("There is a rule of this id already", "Give it another id.")
    else:
        kept[each.rule.id] = each.rule.model_copy(update={"source": _origin(name, each.rule.source)})


def _origin(name: str, source: str) -> str:
    return f"{name}: {source}"


class _Wrong(Exception):
    def __init__(self, says: str, fix: str) -> None:
        super().__init__(says)
        self.says = says
        self.fix = fix


class _Alteration:
    """Of one grammar by one layer. ``_made`` has what stands in the place of a node, by its identity."""

    def __init__(self, grammar: Grammar, name: str) -> None:
        self._grammar = grammar
        self._name = name
        self._made: dict[int, Node] = {}
        self._known = {number: set(codes) for number, codes in grammar.known.items()}
        self._seen: set[tuple[str, str]] = set()

    def take(self, each: PlaceDifference) -> None:
        if (each.at, each.kind) in self._seen:
            raise _Wrong("This is said twice", "Keep one of them.")
        self._seen.add((each.at, each.kind))
        self._change(each)

    def done(self) -> Grammar:
        if not self._made:
            return self._grammar
        envelope = self._loop(self._grammar.envelope)
        transaction = self._grammar.transaction and envelope.find(self._grammar.transaction.id)
        known = {number: frozenset(codes) for number, codes in self._known.items()}
        return Grammar(self._grammar.name, envelope, transaction, known)

    def _now(self, node: SomeNode) -> SomeNode:
        return cast(SomeNode, self._made.get(id(node), node))

    def _change(self, each: PlaceDifference) -> None:
        old, opens = self._find(each)
        now = self._now(old)
        match each:
            case overlay.UsageDifference():
                new = self._usage(each, old, now, opens)
            case overlay.CodesDifference():
                new = self._codes(each, now)
            case overlay.MostDifference():
                new = self._most(each, now)
            case overlay.LengthDifference():
                new = self._length(each, now)
        if new is now:
            raise _Wrong("This is so already", "Remove it: a layer holds differences only.")
        self._made[id(old)] = replace(new, changed={**now.changed, each.kind: _origin(self._name, each.source)})

    def _find(self, each: PlaceDifference) -> tuple[Node, bool]:
        """The node, and whether nothing can tell its segment or loop without it."""
        transaction = self._grammar.transaction
        loops = list(transaction.loops()) if transaction else []
        if _LOOP.fullmatch(each.at):
            fits: list[Node] = [loop for loop in loops if loop.id == each.at]
            if len(fits) != 1:
                raise _Wrong("The guide has no one such loop", "Write a loop of the guide, like 2010EA.")
            return fits[0], False
        try:
            place = Place.of(each.at)
        except ValueError:
            raise _Wrong("This is no place of a guide", "Write a place as 2000E/UM04-2, or a loop as 2010EA.") from None
        found = [
            (loop, node)
            for loop in loops
            for node in loop.children
            if isinstance(node, SegmentNode)
            and (loop.id, node.tag) == (place.loop, place.tag)
            and (not place.code or place.code in node.codes)
        ]
        if len(found) != 1:
            raise _Wrong("The guide has no one such segment", "Where there are several, give a code: REF[BB].")
        loop, node = found[0]
        if not place.element:
            return node, node is loop.children[0]
        if place.element > len(node.elements):
            raise _Wrong("The segment has no such element", "Write an element that it has.")
        element = node.elements[place.element - 1]
        is_key = node.key is not None and node.key.place == place.element
        if not place.component:
            return element, is_key
        if not isinstance(element, Composite) or place.component > len(element.parts):
            raise _Wrong("The element has no such component", "Write a component that it has.")
        return element.parts[place.component - 1], is_key and place.component == 1

    def _usage(self, each: overlay.UsageDifference, old: Node, now: Node, opens: bool) -> Node:
        if opens:
            raise _Wrong(
                "By this the segment or the loop is told, so its usage cannot be another", "Name the loop itself."
            )
        usage = _USAGES[each.usage]
        if usage is Usage.NOT_USED and old.usage is Usage.REQUIRED and "usage" not in now.changed:
            raise _Wrong(
                "The guide requires this, so no document of it can be without",
                "Write situational where it may be missing.",
            )
        return now if now.usage is usage else replace(now, usage=usage)

    def _codes(self, each: overlay.CodesDifference, now: Node) -> Node:
        if not isinstance(now, Element) or (each.open is None and each.only is None and now.any_code):
            raise _Wrong("No codes stand here", "Write only: these are then all that may stand.")
        codes, outside = now.codes, now.outside
        if each.open:
            codes = outside = frozenset()
        elif each.only:
            codes, outside = frozenset(code.encode() for code in each.only), frozenset()
        else:
            added = frozenset(code.encode() for code in each.add or ())
            removed = frozenset(code.encode() for code in each.remove or ())
            if not removed <= codes | outside or added & (codes | outside):
                raise _Wrong(
                    "This removes a code that does not stand here, or adds one that does", "Compare with the map."
                )
            codes, outside = (codes | added) - removed, outside - removed
            if not codes | outside:
                raise _Wrong("No code is left", "Write usage: not_used.")
        if any(not now.shortest <= len(code) <= now.longest for code in codes):
            raise _Wrong("A code is shorter or longer than the element may be", "Compare with the map.")
        self._known.setdefault(now.number, set()).update(codes)
        return now if (codes, outside) == (now.codes, now.outside) else replace(now, codes=codes, outside=outside)

    def _most(self, each: overlay.MostDifference, now: Node) -> Node:
        most = UNBOUNDED if each.most == "any" else each.most
        if isinstance(now, Loop | SegmentNode):
            return now if now.most == most else replace(now, most=most)
        return now if now.repeat == most else replace(now, repeat=most)

    def _length(self, each: overlay.LengthDifference, now: Node) -> Node:
        if not isinstance(now, Element) or not now.any_code or not now.kind.startswith(_LENGTHS_OF):
            raise _Wrong("Only a text or a number has a length that can be another", "Compare with the map.")
        shortest, longest = each.shortest or now.shortest, each.longest or now.longest
        if shortest > longest:
            raise _Wrong("The shortest would be longer than the longest", "Give both.")
        same = (shortest, longest) == (now.shortest, now.longest)
        return now if same else replace(now, shortest=shortest, longest=longest)

    def _loop(self, loop: Loop) -> Loop:
        now = self._now(loop)
        children = tuple(self._loop(each) if isinstance(each, Loop) else self._segment(each) for each in loop.children)
        return replace(now, children=children)

    def _segment(self, node: SegmentNode) -> SegmentNode:
        now = self._now(node)
        elements = tuple(
            self._composite(each) if isinstance(each, Composite) else self._now(each) for each in node.elements
        )
        if node.key is None:  # nothing had to tell it from others, and codes that it gets now need not either
            return replace(now, elements=elements)
        key, codes = key_of(node.tag, elements)
        if key is None:
            raise _Wrong(
                "Without its codes nothing tells this segment from others", "Write the codes that it may have."
            )
        return replace(now, elements=elements, key=key, codes=codes)

    def _composite(self, node: Composite) -> Composite:
        now = self._now(node)
        return replace(now, parts=tuple(self._now(part) for part in node.parts))
