"""Answers that the gateway proposes from what the request states, each with the place it was taken from.

Only codes are compared, never words, and a code is the same only in the same system: a question's own code says which
value it asks for, a choice's own code which thing it names. A choice alone does not say whether what it names is asked
for as there, as ruled out or as never taken. A number is proposed in the unit that question and request
both name. What several facts would answer differently, what a second code narrows down, what could be meant in two
ways: nothing of that is proposed, and the reason is told. A proposal is sent only when somebody gives it as an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from gateway.model.questions import Choice, Chosen, Detail, Question, QuestionAnswer, QuestionKind, QuestionSet
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.questions.facts import DIAGNOSIS, SCORE, UCUM, Code, Measured, code_of, diagnoses, measured
from gateway.questions.ways import single

_ONE = "1"
"""UCUM's unit of what has none."""


class Unproposed(Record):
    """A question that has codes, and why nothing is proposed for it."""

    question: str
    why: Annotated[str, Field(description="In the gateway's words.")]


@dataclass(frozen=True)
class Proposals:
    answers: tuple[QuestionAnswer, ...]
    unproposed: tuple[Unproposed, ...]


class _Nothing(Exception):
    """There is nothing to propose. The text says why."""


@dataclass(frozen=True)
class _Known:
    measured: tuple[Measured, ...]
    diagnoses: Mapping[Code, str]


def propose(asked: QuestionSet, request: PARequest, line_ids: Collection[str]) -> Proposals:
    """What the request answers of these questions, which are asked of these of its lines."""
    known = _Known(tuple(measured(request)), diagnoses(request, line_ids))
    answers, unproposed = list[QuestionAnswer](), list[Unproposed]()
    for question in asked.questions:
        if question.codes or any(choice.codes for choice in question.choices):
            try:
                answers.append(_proposed(question, known))
            except _Nothing as nothing:
                unproposed.append(Unproposed(question=question.id, why=str(nothing)))
    return Proposals(tuple(answers), tuple(unproposed))


def unvouched(answer: QuestionAnswer, proposals: Proposals) -> Iterator[tuple[str | int, ...]]:
    """Where an answer says that it was taken from the request, and it is not what was proposed."""
    if answer.taken_from is not None and answer not in proposals.answers:
        yield ("taken_from",)
    proposed = {one for made in proposals.answers if made.question == answer.question for one in made.chosen}
    for place, one in enumerate(answer.chosen):
        if one.taken_from is not None and one not in proposed:
            yield ("chosen", place, "taken_from")


def _proposed(question: Question, known: _Known) -> QuestionAnswer:
    unit = _unit_of(question)
    codes = [code for code in question.codes if code.system != UCUM]
    if len(codes) > 1:
        raise _Nothing("several codes refine each other, and the request has no fact for all of them together")
    if not codes:
        raise _Nothing("nothing says in code what is asked for")
    wanted = code_of(codes[0].system, codes[0].code)
    if question.kind is QuestionKind.SELECT and wanted == DIAGNOSIS and unit is None:
        return _by_choices(question, known.diagnoses)
    facts = [fact for fact in known.measured if fact.code == wanted]
    if not facts:
        raise _Nothing("the request states no value under this code")
    if unit is not None and not all(_is_in(unit, fact) for fact in facts):
        raise _Nothing("the request states it in another unit, or in none")
    match question.kind:
        case QuestionKind.NUMBER:
            return _number(question, facts, unit)
        case QuestionKind.DATE:
            return _day(question, facts)
        case QuestionKind.TEXT:
            return _words(question, facts)
        case QuestionKind.SELECT:
            return _by_value(question, facts)
        case QuestionKind.MOMENT:
            raise _Nothing("a time of day is asked for, and the request states days")


def _unit_of(question: Question) -> str | None:
    """The one unit in which it is asked; None where no code says one."""
    units = {code.code for code in question.codes if code.system == UCUM}
    if len(units) > 1:
        raise _Nothing("several units are given in code")
    return next(iter(units), None)


def _is_in(unit: str, fact: Measured) -> bool:
    return fact.unit == unit or (fact.unit == SCORE and unit == _ONE)


def _number(question: Question, facts: Sequence[Measured], unit: str | None) -> QuestionAnswer:
    if any(fact.number is None for fact in facts):
        raise _Nothing("what the request states is no plain number")
    if any(fact.unit is None for fact in facts):
        raise _Nothing("the request does not state its unit")
    if unit is None and any(fact.unit != SCORE for fact in facts):
        raise _Nothing("the question does not say in code in which unit it is asked")
    fact = _one({fact.number for fact in facts}, facts)
    return QuestionAnswer(question=question.id, number=fact.number, taken_from=fact.pointer)


def _day(question: Question, facts: Sequence[Measured]) -> QuestionAnswer:
    """Only a day that is the value itself: of another, no code says whether it is that of the specimen, of the result
    or of what comes next."""
    if any(fact.day is None for fact in facts):
        raise _Nothing("it is not said in code which date of it is asked for")
    fact = _one({fact.day for fact in facts}, facts)
    return QuestionAnswer(question=question.id, date=fact.day, taken_from=fact.pointer)


def _words(question: Question, facts: Sequence[Measured]) -> QuestionAnswer:
    """With the unit beside them: a figure without one would be read in the one that the question's words name."""
    fact = _one({(fact.words, fact.unit) for fact in facts}, facts)
    if fact.words is None:
        raise _Nothing("the request states no words for it")
    if fact.unit is None and any(map(str.isnumeric, fact.words)):
        raise _Nothing("the request does not state its unit")
    words = fact.words if fact.unit in (None, SCORE) else f"{fact.words} {fact.unit}"
    return QuestionAnswer(question=question.id, text=words, taken_from=fact.pointer)


def _by_value(question: Question, facts: Sequence[Measured]) -> QuestionAnswer:
    """The choice whose code is the value itself. A figure is no code: what a payer numbers 1 is not the value 1."""
    fact = _one({fact.coded for fact in facts}, facts)
    if fact.coded is None:
        raise _Nothing("the request does not state its value as a code")
    return _chosen(question, {fact.coded: fact.pointer})


def _by_choices(question: Question, places: Mapping[Code, str]) -> QuestionAnswer:
    """The choices whose own code is that of a diagnosis."""
    if len(places) > 1 and not question.multiple:
        raise _Nothing("several diagnoses may be meant, and one is asked for")
    return _chosen(question, places)


def _codes(choice: Choice) -> set[Code]:
    return {code_of(code.system, code.code) for code in choice.codes}


def _chosen(question: Question, places: Mapping[Code, str]) -> QuestionAnswer:
    """The choices whose own code is one of these, each with its place in the request: one place stands at the answer,
    several at their choices. What tells choices of one code apart, and what another code of a choice narrows down, only
    words or further facts say."""
    coded = [_codes(choice) for choice in question.choices]
    usable = single(question.choices)
    found = [(choice, code) for choice in usable for code in places if _codes(choice) == {code}]
    if not found:
        raise _Nothing("no choice has the code of what the request states")
    if any(sum(code in codes for codes in coded) > 1 for _, code in found):
        raise _Nothing("several choices have the code of what the request states")
    if any(choice.detail is Detail.MANDATORY for choice, _ in found):
        raise _Nothing("the choice that fits must be explained in words")
    one = places[found[0][1]] if len(found) == 1 else None
    chosen = tuple(Chosen(choice=choice.id, taken_from=None if one else places[code]) for choice, code in found)
    return QuestionAnswer(question=question.id, chosen=chosen, taken_from=one)


def _one(values: Collection[object], facts: Sequence[Measured]) -> Measured:
    """The fact to take, where all of them say the same; the latest of them."""
    if len(values) > 1:
        raise _Nothing("the request states several values under this code, and they differ")
    return max(facts, key=lambda fact: (fact.on is not None, fact.on))
