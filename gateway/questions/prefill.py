"""Answers that the gateway proposes from what the request states, each with the place it was taken from.

Only codes are compared, never words: a question's own code says which value it asks for, a choice's own code which
thing it names. What several facts would answer differently, what a second code narrows down, what is asked in another
unit or in one that nobody names: nothing of that is proposed, and the reason is told. A proposal is sent only when
somebody gives it as an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Annotated

from pydantic import Field

from gateway.model.questions import (
    Choice,
    Chosen,
    CodedReference,
    Detail,
    Question,
    QuestionAnswer,
    QuestionKind,
    QuestionSet,
)
from gateway.model.record import Record
from gateway.model.request import PARequest
from gateway.questions.facts import DIAGNOSIS, UCUM, Code, Measured, Named, code_of, measured, named
from gateway.questions.ways import single

_UNITLESS = frozenset({"1", "{score}"})


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
    named: tuple[Named, ...]


def propose(asked: QuestionSet, request: PARequest, lines: Collection[str]) -> Proposals:
    """What the request answers of these questions. ``lines`` are the ids of the lines that were filed where it is
    asked; pointers lead into the whole request."""
    known = _Known(tuple(measured(request)), tuple(named(request, lines)))
    answers, unproposed = list[QuestionAnswer](), list[Unproposed]()
    for question in asked.questions:
        if question.codes or any(choice.codes for choice in question.choices):
            try:
                answers.append(_proposed(question, known))
            except _Nothing as nothing:
                unproposed.append(Unproposed(question=question.id, why=str(nothing)))
    return Proposals(tuple(answers), tuple(unproposed))


def is_vouched(answer: QuestionAnswer, proposals: Proposals) -> bool:
    """Whether what an answer says of where it was taken from is so: it says nothing, or it is what was proposed."""
    return answer.taken_from is None or answer in proposals.answers


def _proposed(question: Question, known: _Known) -> QuestionAnswer:
    codes = [code for code in question.codes if code.system != UCUM]
    if not codes and question.kind is QuestionKind.SELECT:
        return _by_choices(question, known.named)
    if not codes:
        raise _Nothing("only a unit is given in code, and not what is asked for")
    if len(codes) > 1:
        raise _Nothing("several codes refine each other, and the request has no fact for all of them together")
    wanted = code_of(codes[0].system, codes[0].code)
    if question.kind is QuestionKind.SELECT and wanted == DIAGNOSIS:
        return _by_choices(question, [thing for thing in known.named if thing.what == "diagnosis"])
    if question.kind is QuestionKind.DATE and (things := [one for one in known.named if one.code == wanted]):
        return _onset(question, things)
    facts = [fact for fact in known.measured if fact.code == wanted]
    if not facts:
        raise _Nothing("the request states nothing under this code")
    match question.kind:
        case QuestionKind.NUMBER:
            return _number(question, facts)
        case QuestionKind.DATE:
            return _date(question, facts)
        case QuestionKind.TEXT:
            return _words(question, facts)
        case QuestionKind.SELECT:
            return _by_value(question, facts)
        case QuestionKind.MOMENT:
            raise _Nothing("a time of day is asked for, and the request states days")


def _number(question: Question, facts: Sequence[Measured]) -> QuestionAnswer:
    if any(fact.number is None for fact in facts):
        raise _Nothing("what the request states is no plain number")
    unit = _unit_of(question.codes)
    if any(_unit(fact.unit) != unit for fact in facts):
        raise _Nothing(
            "the question does not say in code in which unit it is asked"
            if unit is None
            else "the request states it in another unit"
        )
    fact = _one({fact.number for fact in facts}, facts)
    return QuestionAnswer(question=question.id, number=fact.number, taken_from=fact.pointer)


def _date(question: Question, facts: Sequence[Measured]) -> QuestionAnswer:
    fact = _one({fact.on for fact in facts}, facts)
    if fact.on is None:
        raise _Nothing("the request states no date of it")
    return QuestionAnswer(question=question.id, date=fact.on, taken_from=fact.pointer)


def _onset(question: Question, things: Sequence[Named]) -> QuestionAnswer:
    """A diagnosis has one date. A drug has several: when it was begun, when it was stopped."""
    if any(thing.what != "diagnosis" for thing in things):
        raise _Nothing("it is not said in code which date of the drug is asked for")
    dates = {thing.on for thing in things if thing.on is not None}
    if len(dates) != 1:
        raise _Nothing("the request states several dates of it" if dates else "the request states no date of it")
    [thing] = [thing for thing in things if thing.on is not None][:1]
    return QuestionAnswer(question=question.id, date=thing.on, taken_from=f"{thing.pointer}/onset")


def _words(question: Question, facts: Sequence[Measured]) -> QuestionAnswer:
    fact = _one({(fact.words, fact.unit) for fact in facts}, facts)
    if fact.words is None:
        raise _Nothing("the request states no words for it")
    words = fact.words if fact.unit is None else f"{fact.words} {fact.unit}"
    return QuestionAnswer(question=question.id, text=words, taken_from=fact.pointer)


def _by_value(question: Question, facts: Sequence[Measured]) -> QuestionAnswer:
    """The choice whose code is the value itself."""
    fact = _one({fact.words for fact in facts}, facts)
    values = ([fact.words], [fact.coded])
    found = [choice for choice in single(question.choices) if [code.code for code in choice.codes] in values]
    return _chosen(question, found, fact.pointer)


def _by_choices(question: Question, things: Sequence[Named]) -> QuestionAnswer:
    """The choices whose own code names something in the request."""
    found: dict[str, Choice] = {}
    by: list[Named] = []
    for choice in single(question.choices):
        wanted = {code_of(code.system, code.code) for code in choice.codes}
        if len(wanted) == 1 and (fits := _naming(wanted, things)):
            found[choice.id] = choice
            by += fits
    if len({thing.what for thing in by}) > 1:
        raise _Nothing("the choices fit facts of several kinds, and nothing says in code which are asked for")
    return _chosen(question, tuple(found.values()), _together([thing.pointer for thing in by]))


def _naming(wanted: Collection[Code], things: Sequence[Named]) -> list[Named]:
    """What has this code, once for every kind of thing."""
    first = {thing.what: thing for thing in reversed(things) if thing.code in wanted}
    return [*first.values()]


def _chosen(question: Question, found: Sequence[Choice], taken_from: str) -> QuestionAnswer:
    if not found:
        raise _Nothing("no choice has the code of what the request states")
    if len(found) > 1 and not question.multiple:
        raise _Nothing("several choices fit what the request states, and one is asked for")
    if any(choice.detail is Detail.MANDATORY for choice in found):
        raise _Nothing("the choice that fits must be explained in words")
    chosen = tuple(Chosen(choice=choice.id) for choice in found)
    return QuestionAnswer(question=question.id, chosen=chosen, taken_from=taken_from)


def _one(values: Collection[object], facts: Sequence[Measured]) -> Measured:
    """The fact to take, where all of them say the same; the latest of them."""
    if len(values) > 1:
        raise _Nothing("the request states several values under this code, and they differ")
    return max(facts, key=lambda fact: (fact.on is not None, fact.on))


def _unit_of(codes: Sequence[CodedReference]) -> str | None:
    """The one unit in which a number is asked for; None for a number without one."""
    units = {_unit(code.code) for code in codes if code.system == UCUM}
    if len(units) > 1:
        raise _Nothing("several units are given for the number")
    return next(iter(units), None)


def _unit(unit: str | None) -> str | None:
    return None if unit is None or unit in _UNITLESS else unit


def _together(pointers: Sequence[str]) -> str:
    """The place that holds all of them: the place itself where there is one."""
    if len(set(pointers)) == 1:
        return pointers[0]
    steps = zip(*(pointer.split("/") for pointer in pointers), strict=False)
    return "/".join(same[0] for same in takewhile(lambda step: len(set(step)) == 1, steps))
