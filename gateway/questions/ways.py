"""Where a question leads: by one answer, and by any.

A choice or a condition that names the next question decides; where none does, the question's default. Choices of a
question that takes several may name different ones: SCRIPT says nothing of which comes first, and to take one would
leave the other unasked, so such an answer leads nowhere and is told (``SEVERAL_WAYS``; ``COMPOUND_END`` where one of
them is the end). Knows no set: a name here may be nobody's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.model.questions import END, Choice, Question, QuestionAnswer, QuestionKind
from gateway.questions.faults import Flaw, SetFault
from gateway.questions.intervals import cells_of, holds


@dataclass(frozen=True)
class Ways:
    """``targets`` are the names that some answer leads to, each once; ``nowhere`` is true where some answer leads to
    none; ``several`` are names of which one answer may give more than one."""

    targets: tuple[str, ...]
    nowhere: bool = False
    several: tuple[str, ...] = ()


def single(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices whose id no other choice has: the others cannot be told apart in an answer."""
    times = Counter(choice.id for choice in choices)
    return tuple(choice for choice in choices if times[choice.id] == 1)


def ways_of(question: Question) -> Ways:
    """Where a question may lead, whatever is answered."""
    match question.kind:
        case QuestionKind.SELECT:
            choices = single(question.choices)
            named = _once(choice.next for choice in choices if choice.next is not None)
            falls = any(choice.next is None for choice in choices)
            several = named if question.multiple and len(named) > 1 else ()
        case QuestionKind.NUMBER:
            cells = cells_of(question.conditions)
            held = zip(question.conditions, cells.held, strict=True)
            named = _once(condition.next for condition, where in held if where)
            falls, several = bool(cells.free), ()
        case _:
            named, falls, several = (), True, ()
    default = question.default_next
    targets = _once((*named, default)) if falls and default is not None else named
    return Ways(targets, nowhere=falls and default is None, several=several)


def lead(question: Question, answer: QuestionAnswer) -> str | SetFault:
    """Where an answer that fits its question leads: the name of the next question, END, or why nowhere."""
    named: tuple[str, ...] = ()
    if question.kind is QuestionKind.SELECT:
        chosen = {one.choice for one in answer.chosen}
        named = _once(choice.next for choice in question.choices if choice.id in chosen and choice.next is not None)
    elif answer.number is not None:
        number = answer.number
        named = _once(condition.next for condition in question.conditions if holds(condition, number))
    if len(named) > 1:
        return several_ways(question, named)
    if named:
        return named[0]
    return nowhere(question) if question.default_next is None else question.default_next


def several_ways(question: Question, named: Iterable[str]) -> SetFault:
    """The fault of an answer that leads to several questions at once."""
    if question.kind is QuestionKind.NUMBER:
        says = "A number satisfies conditions that lead to different questions."
        return SetFault(question=question.id, code=Flaw.OVERLAP, says=says)
    if END in named:
        says = "Choices that may be given together lead to the end and to another question."
        return SetFault(question=question.id, code=Flaw.COMPOUND_END, says=says)
    says = "Choices that may be given together lead to different questions."
    return SetFault(question=question.id, code=Flaw.SEVERAL_WAYS, says=says)


def nowhere(question: Question) -> SetFault:
    """The fault of an answer after which no question and no end is named."""
    what = {
        QuestionKind.SELECT: "A choice names no next question, and the question has no default.",
        QuestionKind.NUMBER: "A number satisfies no condition, and the question has no default.",
    }
    says = what.get(question.kind, "The question names no next question.")
    return SetFault(question=question.id, code=Flaw.NOWHERE, says=says)


def _once(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))
