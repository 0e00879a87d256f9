"""A set of questions as JSON Schema (2020-12), for whoever builds a form of it.

The form is an object with a property for each question, named by its id; each value is an answer as the API takes it
(``QuestionAnswer``), so the values of a filled form, in any order, are the ``questions`` to send. The walk is in it:
the first question is required, and each answer requires the question it leads to. An answer that leads nowhere, or to
several questions at once, is refused. A number is a JSON number in a form, though the API takes digits in a string
too. What is not in it: answers off the way are allowed (the walk drops and names
them), and a set that leads in a circle is seen by the walk alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from gateway.model.questions import (
    END,
    Choice,
    Comparison,
    Condition,
    Detail,
    Question,
    QuestionKind,
    QuestionSet,
)
from gateway.questions.walk import Map
from gateway.questions.ways import single, ways_of

Json = dict[str, Any]

_COMPARED = {
    Comparison.LESS: "exclusiveMaximum",
    Comparison.AT_MOST: "maximum",
    Comparison.MORE: "exclusiveMinimum",
    Comparison.AT_LEAST: "minimum",
    Comparison.EQUAL: "const",
}
_MOST = sys.float_info.max
_WORDS: Json = {"type": "string", "minLength": 1, "maxLength": 2000}


def form(asked: QuestionSet) -> Json:
    """The schema. The properties are in the order in which the payer shows its questions."""
    way = Map.of(asked)
    shown = sorted(asked.questions, key=lambda question: question.order)
    schema: Json = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": asked.title,
        **({"description": asked.description} if asked.description else {}),
        "type": "object",
        "properties": {question.id: _answer(question) for question in shown},
        "additionalProperties": False,
    }
    if not isinstance(way.first, Question):
        return {**schema, "not": {}}
    schema["required"] = [way.first.id]
    found = [way.places[question.id] for question in shown]
    rules = [rule for one in found if isinstance(one, Question) for rule in _rules(way, one)]
    return {**schema, "allOf": rules} if rules else schema


def _answer(question: Question) -> Json:
    """What answers a question, whatever else is answered."""
    name, value = _VALUES[question.kind]
    return {
        "title": question.text,
        "type": "object",
        "properties": {
            "question": {"const": question.id},
            name: _choices(question) if question.kind is QuestionKind.SELECT else value,
            "taken_from": {"type": ["string", "null"], "maxLength": 200},
        },
        "required": ["question", name],
        "additionalProperties": False,
    }


_VALUES: dict[QuestionKind, tuple[str, Json]] = {
    QuestionKind.SELECT: ("chosen", {}),
    QuestionKind.DATE: ("date", {"type": "string", "format": "date"}),
    QuestionKind.MOMENT: ("moment", {"type": "string", "format": "date-time"}),
    QuestionKind.NUMBER: ("number", {"type": "number"}),
    QuestionKind.TEXT: ("text", _WORDS),
}


def _choices(question: Question) -> Json:
    choices = [_choice(choice) for choice in sorted(single(question.choices), key=lambda choice: choice.order)]
    most: Json = {} if question.multiple else {"maxItems": 1}
    items: Json = {"oneOf": choices} if choices else {"not": {}}
    return {"type": "array", "minItems": 1, **most, "uniqueItems": True, "items": items}


def _choice(choice: Choice) -> Json:
    detail: Json = {} if choice.detail is Detail.NONE else {"detail": _WORDS}
    return {
        "title": choice.text,
        "type": "object",
        "properties": {"choice": {"const": choice.id}, **detail},
        "required": ["choice", "detail"] if choice.detail is Detail.MANDATORY else ["choice"],
        "additionalProperties": False,
    }


def _rules(way: Map, question: Question) -> list[Json]:
    """Where the answers of a question lead: each rule holds where it is answered in one of some ways."""
    branches = _branches(question)
    decided: Json = {"anyOf": [when for when, _ in branches]} if branches else {"not": {}}
    rules = [_rule(question, when, _then(way, question, to)) for when, to in branches]
    if question.default_next is not None or ways_of(question).nowhere:
        rules.append(_rule(question, {"not": decided}, _then(way, question, question.default_next)))
    named = {to for _, to in branches}
    if len(named) > 1 and (question.multiple or question.kind is QuestionKind.NUMBER):
        for target in sorted(named):
            own = {"anyOf": [when for when, to in branches if to == target]}
            other = {"anyOf": [when for when, to in branches if to != target]}
            rules.append(_rule(question, {"allOf": [own, other]}, {"not": {}}))
    return [rule for rule in rules if rule["then"]]


def _rule(question: Question, when: Json, then: Json) -> Json:
    answered = {"properties": {question.id: when}, "required": [question.id]}
    return {"if": answered, "then": then}


def _then(way: Map, question: Question, to: str | None) -> Json:
    if to == END:
        return {}
    found = None if to is None else way.find(to, question)
    return {"required": [found.id]} if isinstance(found, Question) else {"not": {}}


def _branches(question: Question) -> list[tuple[Json, str]]:
    """What of an answer names the next question itself."""
    if question.kind is QuestionKind.NUMBER:
        return [({"properties": {"number": _holding(one)}}, one.next) for one in question.conditions]
    by_target: dict[str, list[str]] = {}
    for choice in single(question.choices):
        if choice.next is not None:
            by_target.setdefault(choice.next, []).append(choice.id)
    return [(_chosen(names), to) for to, names in by_target.items()]


def _chosen(names: Sequence[str]) -> Json:
    return {"properties": {"chosen": {"contains": {"properties": {"choice": {"enum": list(names)}}}}}}


def _holding(condition: Condition) -> Json:
    limits = [_limit(limit.comparison, limit.value) for limit in condition.limits]
    return {"anyOf" if condition.either else "allOf": limits}


def _limit(comparison: Comparison, value: Decimal) -> Json:
    number = max(-_MOST, min(float(value), _MOST))  # a payer may write a number that JSON has none for
    if comparison is Comparison.NOT_EQUAL:
        return {"not": {"const": number}}
    return {_COMPARED[comparison]: number}
