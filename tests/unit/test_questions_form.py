"""A set as JSON Schema says of answers what the walk says."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.model.questions import Detail, QuestionAnswer, QuestionSet
from gateway.questions.answers import judge
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
    assert schema["required"] == ["a"]
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


@settings(max_examples=40)
@given(sound_sets(), st.data())
def test_a_form_of_a_sound_set_is_whole_exactly_where_the_walk_is(asked: QuestionSet, data: st.DataObject) -> None:
    picked = [one for one in asked.questions if data.draw(st.booleans())]
    answers = [data.draw(answers_to(one)) for one in picked]
    assert not judge(asked, answers)
    assert accepts(asked, answers) is walk(asked, answers).complete


@settings(max_examples=40)
@given(wild_sets, st.data())
def test_a_form_takes_no_answers_with_which_a_walk_cannot_be_finished(asked: QuestionSet, data: st.DataObject) -> None:
    answers: list[QuestionAnswer] = []
    Draft202012Validator.check_schema(form(asked))
    while (way := walk(asked, answers)).next is not None:
        if answers:
            assert not accepts(asked, answers)
        answers.append(data.draw(answers_to(way.next)))
    if way.fault is None or way.fault.code != "loop":
        assert accepts(asked, answers) is way.complete
