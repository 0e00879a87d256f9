"""The walk as rules of JSON Schema: which questions a form must hold the answers of, whatever else it holds.

Each question that something leads to has its own definition, which is applied only where the answers lead there: an
answer that is off the way requires nothing. Questions that follow each other whatever is answered share one. What is
written grows with the questions, choices and conditions and not with their square. A way back, which no walk goes, is
followed one question far: else a circle would have no end.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from gateway.model.questions import END, Comparison, Condition, Question, QuestionKind
from gateway.questions.circles import finished
from gateway.questions.walk import Map
from gateway.questions.ways import single, ways_of

Json = dict[str, Any]
_Branch = tuple[Json | None, str | None]
"""What of an answer leads there, and None where every answer does; the name of what comes next, and None for nothing
that a walk could go on to."""

_COMPARED = {
    Comparison.LESS: "exclusiveMaximum",
    Comparison.AT_MOST: "maximum",
    Comparison.MORE: "exclusiveMinimum",
    Comparison.AT_LEAST: "minimum",
    Comparison.EQUAL: "const",
}
_MOST = sys.float_info.max
_REFUSED: Json = {"not": {}}


def rules(way: Map, first: Question) -> Json:
    """What a form's schema says beside its properties: the definitions, and what holds from the first question on."""
    course = _Course(way, first)
    definitions = dict(course.definitions())
    return {**course.segment(first.id), **({"$defs": definitions} if definitions else {})}


class _Course:
    """The part of a set that some walk comes to."""

    def __init__(self, way: Map, first: Question) -> None:
        self._branches: dict[str, tuple[_Branch, ...]] = {}
        self._clashing: set[str] = set()
        waiting = [first]
        while waiting:
            question = waiting.pop()
            if question.id not in self._branches:
                self._branches[question.id] = found = tuple(_known(way, _branches(question)))
                waiting += _questions(way, found)
                if len(found) > 1 and (question.multiple or question.kind is QuestionKind.NUMBER):
                    self._clashing.add(question.id)
        edges = {name: [to for _, to in found if to in self._branches] for name, found in self._branches.items()}
        self._place = {name: place for place, name in enumerate(finished(edges, [first.id]))}
        into = Counter(to for name, targets in edges.items() for to in targets if not self._is_back(name, to))
        chosen = {to for found in self._branches.values() for when, to in found if when is not None}
        self._heads = {name for name in self._branches if name in chosen or into[name] > 1}
        self._names = {name: str(place) for place, name in enumerate(self._branches)}

    def definitions(self) -> Iterator[tuple[str, Json]]:
        for name, branches in self._branches.items():
            if name in self._heads:
                yield f"way{self._names[name]}", self.segment(name)
            if name in self._clashing:
                one_of = [when for when, _ in branches]
                yield f"fit{self._names[name]}", {"$ref": f"#/properties/{_step(name)}", "oneOf": one_of}

    def segment(self, name: str) -> Json:
        """From a question on, as far as there is one way only."""
        required = [name]
        while True:
            name = required[-1]
            branches = self._branches[name]
            [(when, to), *others] = branches
            if others or when is not None:
                return {"required": required, **self._parting(name, branches)}
            after = self._then(name, to)
            if "$ref" not in after or to is None or to in self._heads:
                # A question may lead back to itself, or to one just before it: what is required is named once.
                return {"required": [*dict.fromkeys([*required, *after.pop("required", ())])], **after}
            required.append(to)

    def _parting(self, name: str, branches: Sequence[_Branch]) -> Json:
        """One of the branches is gone, and none where the answer is not one that the question takes."""
        where = f"$defs/fit{self._names[name]}" if name in self._clashing else f"properties/{_step(name)}"
        fit: Json = {"$ref": f"#/{where}"}
        leads = [(when, self._then(name, to)) for when, to in branches]
        found = [
            {"if": {"required": [name], "properties": {name: {"allOf": [when, fit]}}}, "then": then}
            for when, then in leads
            if then
        ]
        alone = [{"properties": {name: fit}}] if name in self._clashing else []
        return {"allOf": [*alone, *found]}

    def _then(self, name: str, to: str | None) -> Json:
        if to == END:
            return {}
        if to is None:
            return dict(_REFUSED)
        if self._is_back(name, to):
            return {"required": [to]}
        return {"$ref": f"#/$defs/way{self._names[to]}"}

    def _is_back(self, name: str, to: str) -> bool:
        return self._place[to] >= self._place[name]


def _known(way: Map, branches: Iterable[_Branch]) -> Iterator[_Branch]:
    for when, to in branches:
        yield when, to if to == END or isinstance(way.places.get(to or ""), Question) else None


def _questions(way: Map, branches: Iterable[_Branch]) -> Iterator[Question]:
    for _, to in branches:
        found = way.places.get(to or "") if to != END else None
        if isinstance(found, Question):
            yield found


def _branches(question: Question) -> list[_Branch]:
    """Where an answer leads: those that name the next question themselves, and the others. What no answer leads to is
    left out."""
    ways = ways_of(question)
    if len(ways.targets) < 2 and not (ways.targets and ways.nowhere):
        return [(None, ways.targets[0] if ways.targets else None)]
    named, other = _by_number(question) if question.kind is QuestionKind.NUMBER else _by_choice(question)
    branches: list[_Branch] = [(when, to) for to, when in named.items() if to in ways.targets]
    default = question.default_next
    return [*branches, (other, default)] if ways.nowhere or default in ways.targets else branches


def _by_number(question: Question) -> tuple[dict[str, Json], Json]:
    held: dict[str, list[Json]] = {}
    for condition in question.conditions:
        held.setdefault(condition.next, []).append(_holding(condition))
    named = {to: {"properties": {"number": {"anyOf": limits}}} for to, limits in held.items()}
    every = [limits for found in held.values() for limits in found]
    return named, {"properties": {"number": {"not": {"anyOf": every}}}}


def _by_choice(question: Question) -> tuple[dict[str, Json], Json]:
    names: dict[str, list[str]] = {}
    for choice in single(question.choices):
        if choice.next is not None:
            names.setdefault(choice.next, []).append(choice.id)
    named = {to: {"properties": {"chosen": _among(found)}} for to, found in names.items()}
    every = [name for found in names.values() for name in found]
    return named, {"properties": {"chosen": {"not": _among(every)}}}


def _among(names: Sequence[str]) -> Json:
    return {"contains": {"properties": {"choice": {"enum": names}}}}


def _holding(condition: Condition) -> Json:
    limits = [_limit(limit.comparison, limit.value) for limit in condition.limits]
    return {"anyOf" if condition.either else "allOf": limits}


def _limit(comparison: Comparison, value: Decimal) -> Json:
    number = max(-_MOST, min(float(value), _MOST))  # a payer may write a number that JSON has none for
    if comparison is Comparison.NOT_EQUAL:
        return {"not": {"const": number}}
    return {_COMPARED[comparison]: number}


def _step(name: str) -> str:
    """A name as a step of a JSON Pointer in a URI (RFC 6901, 6)."""
    return quote(name.replace("~", "~0").replace("/", "~1"), safe="")
