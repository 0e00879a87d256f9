"""A set as JSON Schema says of answers what the walk says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.model.questions import END, Chosen, Detail, Question, QuestionAnswer, QuestionKind, QuestionSet
from gateway.questions.answers import judge
from gateway.questions.check import check
from gateway.questions.form import form
from gateway.questions.walk import walk
from tests.unit.questions_material import (
    a_set,
    answers_to,
    choice,
    condition,
    number,
    said,
    select,
    sound_sets,
    text,
    wild_sets,
)


def filled(answers: list[QuestionAnswer]) -> dict[str, Any]:
    """As a form would send it."""
    written = {}
    for answer in answers:
        value = json.loads(answer.model_dump_json(exclude_defaults=True))
        if answer.number is not None:
            value["number"] = float(answer.number)
        written[answer.question] = value
    return written


def accepts(asked: QuestionSet, answers: list[QuestionAnswer]) -> bool:
    schema = form(asked)
    return Draft202012Validator(json.loads(json.dumps(schema))).is_valid(filled(answers))


def test_a_form_shows_the_questions_in_their_order_with_what_answers_them() -> None:
    asked = a_set(text("b", 2), select("a", 1, choice("1", detail=Detail.MANDATORY), choice("2"), to="b"))
    schema = form(asked)
    assert list(schema["properties"]) == ["a", "b"]
    assert schema["required"] == ["a", "b"]
    assert not accepts(asked, [said("a", "1"), said("b", text="So.")]), "its words are wanting"
    assert accepts(asked, [said("a", "2"), said("b", text="So.")])
    assert not accepts(asked, [said("a", "2")])


def test_a_form_follows_numbers_as_the_walk_does() -> None:
    asked = a_set(
        number("1", 1, condition("2", "le 120", "ge 160", either=True), condition("3", "gt 130", "lt 140")),
        text("2", 2),
        text("3", 3),
    )
    for value in (Decimal(one) for one in ("119", "120", "120.5", "130", "135", "140", "159", "160")):
        answers = [said("1", number=value)]
        assert accepts(asked, answers) is walk(asked, answers).complete
        assert accepts(asked, [*answers, said("2", text="a"), said("3", text="a")])


def whole(asked: QuestionSet, data: st.DataObject) -> list[QuestionAnswer]:
    """Answers that are walked as far as they lead."""
    answers: list[QuestionAnswer] = []
    while (way := walk(asked, answers)).next is not None:
        answers.append(data.draw(answers_to(way.next)))
    return answers


def leftovers(asked: QuestionSet, answers: list[QuestionAnswer], data: st.DataObject) -> list[QuestionAnswer]:
    """Answers that were given before another one was changed."""
    given = {answer.question for answer in answers}
    ids = [one.id for one in asked.questions]
    others = [one for one in asked.questions if one.id not in given and ids.count(one.id) == 1 and _usable(one)]
    return [data.draw(answers_to(one)) for one in others if data.draw(st.booleans())]


@given(sound_sets(), st.data())
def test_form_and_walk_take_the_same_answers_with_whatever_is_left_beside_the_way(
    asked: QuestionSet, data: st.DataObject
) -> None:
    path = whole(asked, data)
    answers = data.draw(st.permutations([*path, *leftovers(asked, path, data)]))
    assert not judge(asked, answers)
    assert walk(asked, answers).complete
    assert accepts(asked, answers)
    assert not walk(asked, cut := [one for one in answers if one != path[-1]]).complete
    assert not accepts(asked, cut)
    changed = data.draw(st.sampled_from(answers))
    [question] = [one for one in asked.questions if one.id == changed.question]
    again = [data.draw(answers_to(question)) if one == changed else one for one in answers]
    assert accepts(asked, again) is walk(asked, again).complete
    fewer = [one for one in answers if data.draw(st.booleans())]
    assert accepts(asked, fewer) is walk(asked, fewer).complete


@given(wild_sets, st.data())
def test_a_form_of_any_set_takes_what_can_be_walked_to_its_end_and_beside_circles_nothing_else(
    asked: QuestionSet, data: st.DataObject
) -> None:
    Draft202012Validator.check_schema(form(asked))
    path = whole(asked, data)
    circles = any(fault.code == "loop" for fault in check(asked))
    for more in (path, [*path, *leftovers(asked, path, data)], path[:-1]):
        complete = walk(asked, more).complete
        assert accepts(asked, more) is complete or (circles and not complete)


def test_a_way_back_to_the_question_itself_requires_it_once() -> None:
    """What JSON Schema requires is each named once; validators refuse the whole form otherwise."""
    first = select("1", 1, choice("Y", "2"), choice("N", END))
    for back in ([text("2", 2, "2")], [text("2", 2, "3"), text("3", 3, "2")]):
        asked = a_set(first, *back)
        Draft202012Validator.check_schema(form(asked))
        assert accepts(asked, [said("1", "N")])
        assert not accepts(asked, [said("1", "Y")])


def test_an_answer_that_was_changed_leaves_nothing_behind_that_a_form_asks_for() -> None:
    for after_b in ("c", "nobody"):
        asked = a_set(select("a", 1, choice("Y", "b"), choice("N", END)), text("b", 2, after_b), text("c", 3))
        changed = [said("a", "N"), said("b", text="Before.")]
        assert walk(asked, changed).complete
        assert accepts(asked, changed)
        assert not accepts(asked, [said("a", "Y"), said("b", text="Before.")])


def test_a_first_question_that_shares_its_id_is_filled_in_by_nobody() -> None:
    asked = a_set(text("a", 1), text("a", 2))
    assert walk(asked, [said("a", text="So.")]).fault is not None
    assert not accepts(asked, [said("a", text="So.")])


@pytest.mark.parametrize(
    "name", ["a/b", "~1", "100 %", "%41", "#", "\N{LATIN SMALL LETTER U WITH DIAERESIS}", '"'], ids=ascii
)
def test_a_payers_own_ids_may_be_anything(name: str) -> None:
    asked = a_set(
        select(name, 1, choice(name, f"{name}2"), choice("N", END), choice("M", "3"), multiple=True),
        text(f"{name}2", 2),
        text("3", 3),
    )
    assert accepts(asked, [said(name, "N")])
    assert not accepts(asked, [said(name, name)])
    assert not accepts(asked, [said(name, name, "M"), said(f"{name}2", text="So."), said("3", text="So.")])
    assert accepts(asked, [said(name, name), said(f"{name}2", text="So.")])


def test_a_choice_is_given_once_whatever_is_said_beside_it() -> None:
    asked = a_set(select("1", 1, choice("a", detail=Detail.OPTIONAL), choice("b"), multiple=True))
    twice = QuestionAnswer(question="1", chosen=(Chosen(choice="a"), Chosen(choice="a", detail="So.")))
    assert judge(asked, [twice])
    assert not accepts(asked, [twice])
    sourced = (Chosen(choice="a", taken_from="/diagnoses/0"), Chosen(choice="b", taken_from="/diagnoses/1"))
    assert accepts(asked, [QuestionAnswer(question="1", chosen=sourced)])


def choices_with_their_own_ways(many: int) -> QuestionSet:
    choices = (choice(str(place), f"to {place}") for place in range(many))
    return a_set(select("q", 1, *choices, multiple=True), *(text(f"to {place}", place + 2) for place in range(many)))


def conditions_with_their_own_ways(many: int) -> QuestionSet:
    conditions = (condition(f"to {place}", f"ge {place}", f"lt {place + 1}") for place in range(many))
    return a_set(number("q", 1, *conditions), *(text(f"to {place}", place + 2) for place in range(many)))


def questions_that_each_may_end(many: int) -> QuestionSet:
    return a_set(
        *(select(str(place), place, choice("Y", str(place + 1)), choice("N", END)) for place in range(many - 1)),
        text(str(many - 1), many),
    )


@pytest.mark.parametrize(
    ("made", "many"),
    [
        (choices_with_their_own_ways, 200),
        (conditions_with_their_own_ways, 200),
        (questions_that_each_may_end, 300),
    ],
)
def test_a_form_grows_with_what_is_asked_and_not_with_its_square(made: Callable[[int], QuestionSet], many: int) -> None:
    sizes = [len(json.dumps(form(made(count)))) for count in (many // 2, many)]
    assert sizes[1] < 2.2 * sizes[0]
    assert sizes[1] < 300_000
    asked, times = made(many), []
    for _ in range(3):
        begun = time.process_time()
        form(asked)
        times.append(time.process_time() - begun)
    assert min(times) < 0.1


def test_a_form_is_looked_through_one_way_only() -> None:
    """Fourteen times two ways that come together again: a form that is not filled in yet leads into none of them."""
    asked = a_set(
        *(
            question
            for place in range(0, 42, 3)
            for question in (
                select(str(place), place, choice("Y", str(place + 1)), choice("N", str(place + 2)), multiple=True),
                text(str(place + 1), place + 1, str(place + 3)),
                text(str(place + 2), place + 2, str(place + 3)),
            )
        ),
        text("42", 42),
    )
    validator = Draft202012Validator(form(asked))
    both = {"chosen": [{"choice": "Y"}, {"choice": "N"}]}
    begun = time.process_time()
    for value in ({}, {"chosen": []}, both):
        filling = {question.id: {"question": question.id, **value} for question in asked.questions}
        assert [*validator.iter_errors(filling)]
    assert [*validator.iter_errors({})]
    assert time.process_time() - begun < 1


def _usable(question: Question) -> bool:
    ids = [one.id for one in question.choices]
    return question.kind is not QuestionKind.SELECT or any(ids.count(name) == 1 for name in ids)
