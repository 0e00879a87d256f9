"""Sets of questions for tests: small ones by hand, and wild ones drawn at random, sound or not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from gateway.model.questions import (
    END,
    Choice,
    Chosen,
    Comparison,
    Condition,
    Detail,
    Limit,
    Question,
    QuestionAnswer,
    QuestionKind,
    QuestionSet,
)

ROUND = "5" * 32
_IDS = st.sampled_from([*"abcdefgh", END])
_NAMES = st.sampled_from([*"abcdefghz", END, END, END])
_VALUES = st.sampled_from([Decimal(word) for word in ("-1", "0", "0.5", "1", "2", "2.0", "100")])


def a_set(*questions: Question, **fields: Any) -> QuestionSet:
    return QuestionSet(round=ROUND, title="About the drug", questions=questions, **fields)


def text(name: str, order: int, to: str | None = END, **fields: Any) -> Question:
    return Question(id=name, order=order, text="Say more.", kind=QuestionKind.TEXT, default_next=to, **fields)


def number(name: str, order: int, *conditions: Condition, to: str | None = END, **fields: Any) -> Question:
    return Question(
        id=name,
        order=order,
        text="How much?",
        kind=QuestionKind.NUMBER,
        conditions=conditions,
        default_next=to,
        **fields,
    )


def select(name: str, order: int, *choices: Choice, to: str | None = END, **fields: Any) -> Question:
    return Question(
        id=name, order=order, text="Which?", kind=QuestionKind.SELECT, choices=choices, default_next=to, **fields
    )


def choice(name: str, to: str | None = None, **fields: Any) -> Choice:
    return Choice(id=name, order=1, text="This one.", next=to, **fields)


def condition(to: str, *limits: str, either: bool = False) -> Condition:
    """Limits are written as ``ge 18``."""
    parts = [limit.split() for limit in limits]
    made = tuple(Limit(comparison=Comparison(word), value=Decimal(value)) for word, value in parts)
    return Condition(limits=made, either=either, next=to)


def said(name: str, *chosen: str, **fields: Any) -> QuestionAnswer:
    return QuestionAnswer(question=name, chosen=tuple(Chosen(choice=one) for one in chosen), **fields)


@st.composite
def wild_questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from(QuestionKind))
    choices = st.builds(
        Choice,
        id=st.sampled_from("1234"),
        order=st.integers(0, 3),
        text=st.just("This one."),
        detail=st.sampled_from(Detail),
        next=st.none() | _NAMES,
    )
    limits = st.builds(Limit, comparison=st.sampled_from(Comparison), value=_VALUES)
    conditions = st.builds(
        Condition, limits=st.lists(limits, min_size=1, max_size=2).map(tuple), either=st.booleans(), next=_NAMES
    )
    return Question(
        id=draw(_IDS),
        order=draw(st.integers(0, 9)),
        text="Anything.",
        kind=kind,
        multiple=draw(st.booleans()),
        choices=tuple(draw(st.lists(choices, max_size=4))) if kind is QuestionKind.SELECT else (),
        conditions=tuple(draw(st.lists(conditions, max_size=3))) if kind is QuestionKind.NUMBER else (),
        default_next=draw(st.none() | _NAMES),
    )


wild_sets = st.lists(wild_questions(), min_size=1, max_size=9).map(lambda made: a_set(*made))


@st.composite
def sound_sets(draw: st.DrawFn) -> QuestionSet:
    """Sets of which every answer leads on to the end: ids and places are each one's own, and all lead forwards."""
    made = draw(st.lists(wild_questions(), min_size=1, max_size=7))
    whole = []
    for place, one in enumerate(made):
        later = [str(number) for number in range(place + 1, len(made))]
        targets = st.sampled_from([*later, END])
        default = draw(targets)
        shared = draw(targets)
        choices = tuple(
            each.model_copy(update={"id": str(name), "next": shared if one.multiple else draw(st.none() | targets)})
            for name, each in enumerate((*one.choices, choice("x")))
        )
        whole.append(
            one.model_copy(
                update={
                    "id": str(place),
                    "order": place,
                    "default_next": default,
                    "choices": choices if one.kind is QuestionKind.SELECT else (),
                    "conditions": tuple(each.model_copy(update={"next": shared}) for each in one.conditions),
                }
            )
        )
    return a_set(*draw(st.permutations(whole)))


@st.composite
def answers_to(draw: st.DrawFn, question: Question) -> QuestionAnswer:
    """An answer that fits a question with choices that can be told apart."""
    match question.kind:
        case QuestionKind.DATE:
            return QuestionAnswer(question=question.id, date=date(2026, 3, 2))
        case QuestionKind.MOMENT:
            return QuestionAnswer(question=question.id, moment=datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
        case QuestionKind.NUMBER:
            return QuestionAnswer(question=question.id, number=draw(_VALUES | st.just(Decimal(7))))
        case QuestionKind.TEXT:
            return QuestionAnswer(question=question.id, text="Since last spring.")
    ids = [one.id for one in question.choices]
    usable = [one for one in question.choices if ids.count(one.id) == 1]
    chosen = draw(
        st.lists(
            st.sampled_from(usable), min_size=1, max_size=3 if question.multiple else 1, unique_by=lambda one: one.id
        )
    )
    return QuestionAnswer(
        question=question.id,
        chosen=tuple(
            Chosen(choice=one.id, detail="Because." if one.detail is Detail.MANDATORY else None) for one in chosen
        ),
    )
