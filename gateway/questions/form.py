"""A set of questions as JSON Schema (2020-12), for whoever builds a form of it.

The form is an object with a property for each question, named by its id; each value is an answer as the API takes it
(``QuestionAnswer``), so the values of a filled form, in any order, are the ``questions`` to send. The walk is in it
(``gateway.questions.rules``): the first question is required, and each answer on the way requires the question it
leads to. An answer on the way that leads nowhere, or to several questions at once, is refused. Answers off the way are
allowed: the walk drops and names them. A number is a JSON number in a form, though the API takes digits in a string
too. What is not in it: how many digits a number has, and sets that lead in a circle, which the walk alone sees.
"""

from __future__ import annotations

from typing import Any

from gateway.model.questions import Choice, Detail, Question, QuestionKind, QuestionSet
from gateway.questions.rules import rules
from gateway.questions.walk import Map
from gateway.questions.ways import single

Json = dict[str, Any]

_WORDS: Json = {"type": "string", "minLength": 1, "maxLength": 2000}
_SOURCE: Json = {"type": ["string", "null"], "maxLength": 200}


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
    first = way.places[way.first.id] if isinstance(way.first, Question) else way.first
    return {**schema, **rules(way, first)} if isinstance(first, Question) else {**schema, "not": {}}


def _answer(question: Question) -> Json:
    """What answers a question, whatever else is answered."""
    name, value = _VALUES[question.kind]
    return {
        "title": question.text,
        "type": "object",
        "properties": {
            "question": {"const": question.id},
            name: _choices(question) if question.kind is QuestionKind.SELECT else value,
            "taken_from": _SOURCE,
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
    usable = sorted(single(question.choices), key=lambda choice: choice.order)
    items: Json = {"oneOf": [_choice(choice, question.multiple) for choice in usable]} if usable else {"not": {}}
    most: Json = {"allOf": [_once(choice) for choice in usable]} if question.multiple and usable else {"maxItems": 1}
    return {"type": "array", "minItems": 1, "items": items, **most}


def _once(choice: Choice) -> Json:
    return {"contains": {"properties": {"choice": {"const": choice.id}}}, "minContains": 0, "maxContains": 1}


def _choice(choice: Choice, multiple: bool) -> Json:
    detail: Json = {} if choice.detail is Detail.NONE else {"detail": _WORDS}
    source: Json = {"taken_from": _SOURCE} if multiple else {}
    return {
        "title": choice.text,
        "type": "object",
        "properties": {"choice": {"const": choice.id}, **detail, **source},
        "required": ["choice", "detail"] if choice.detail is Detail.MANDATORY else ["choice"],
        "additionalProperties": False,
    }
