"""Whether answers fit the questions they are for: each by itself, wherever the walk goes.

What the characters of an answer may be is the business of the channel that carries it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gateway.model.faults import Finding
from gateway.model.questions import Detail, Question, QuestionAnswer, QuestionKind, QuestionSet
from gateway.questions.ways import single

_FIELDS = {
    QuestionKind.SELECT: "chosen",
    QuestionKind.DATE: "date",
    QuestionKind.MOMENT: "moment",
    QuestionKind.NUMBER: "number",
    QuestionKind.TEXT: "text",
}
_MOST_DIGITS = 18
"""Of a number, with sign and point: no more travel in an answer."""


def judge(asked: QuestionSet, answers: Sequence[QuestionAnswer]) -> tuple[Finding, ...]:
    """Every fault of these answers, each at its place in the list."""
    return tuple(_findings(asked, answers))


def fitting(asked: QuestionSet, answers: Sequence[QuestionAnswer]) -> dict[str, QuestionAnswer]:
    """The answers that fit, by their questions."""
    unfit = {finding.at[0] for finding in _findings(asked, answers)}
    return {answer.question: answer for place, answer in enumerate(answers) if place not in unfit}


def _findings(asked: QuestionSet, answers: Sequence[QuestionAnswer]) -> Iterator[Finding]:
    questions = {question.id: question for question in asked.questions}
    times = Counter(answer.question for answer in answers)
    for place, answer in enumerate(answers):
        question = questions.get(answer.question)
        if question is None:
            says = "There is no such question in this round."
            yield Finding((place, "question"), "unknown_question", says, "Send the id of a question of this round.")
        elif times[answer.question] > 1:
            says = "This question is answered more than once."
            yield Finding((place, "question"), "answered_twice", says, "Answer each question once.")
        else:
            for found in _unfit(question, answer):
                yield Finding((place, *found.at), found.code, found.message, found.fix)


def _unfit(question: Question, answer: QuestionAnswer) -> Iterator[Finding]:
    given = _FIELDS[answer.kind]
    if answer.kind is not question.kind:
        wanted = _FIELDS[question.kind]
        yield Finding((given,), "wrong_kind", "The question asks for another kind of answer.", f"Send {wanted}.")
    elif question.kind is QuestionKind.SELECT:
        yield from _unfit_choices(question, answer)
    elif answer.number is not None and len(format(answer.number, "f")) > _MOST_DIGITS:
        says = "The number is longer than an answer can be."
        yield Finding(("number",), "number_too_long", says, f"Send at most {_MOST_DIGITS} characters.")


def _unfit_choices(question: Question, answer: QuestionAnswer) -> Iterator[Finding]:
    known = {choice.id: choice for choice in single(question.choices)}
    listed = {choice.id for choice in question.choices}
    times = Counter(one.choice for one in answer.chosen)
    if len(answer.chosen) > 1 and not question.multiple:
        yield Finding(("chosen",), "several_choices", "The question takes one choice.", "Send one choice.")
    for place, one in enumerate(answer.chosen):
        at, choice = ("chosen", place), known.get(one.choice)
        if choice is None and one.choice in listed:
            says = "Several choices have this id, and nothing says which is meant."
            yield Finding((*at, "choice"), "duplicate_choice", says, "Send another choice, or call the payer.")
        elif choice is None:
            says = "The question has no such choice."
            yield Finding((*at, "choice"), "unknown_choice", says, "Send the id of a choice of the question.")
        elif times[one.choice] > 1:
            yield Finding((*at, "choice"), "choice_twice", "This choice is given twice.", "Send each choice once.")
        elif choice.detail is Detail.MANDATORY and one.detail is None:
            says = "This choice must be explained in words."
            yield Finding((*at, "detail"), "detail_missing", says, "Send detail beside the choice.")
        elif choice.detail is Detail.NONE and one.detail is not None:
            says = "This choice takes no words beside it."
            yield Finding((*at, "detail"), "detail_not_taken", says, "Leave detail out.")
