"""How much a payer may ask at once, and how a number is written in an answer."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from pydantic import ValidationError

from gateway.model.faults import faults_of
from gateway.model.questions import MOST_CHOICES, MOST_CONDITIONS, MOST_WAYS, Question, QuestionAnswer, QuestionSet
from gateway.questions.answers import judge
from tests.unit.questions_material import a_set, choice, condition, number, select


def choices(many: int) -> Question:
    return select("1", 1, *(choice(str(place)) for place in range(many)))


def conditions(many: int) -> Question:
    return number("1", 1, *(condition("END", f"eq {place}") for place in range(many)))


@pytest.mark.parametrize(
    "value",
    [
        *("0", "-1", "1700000000", '"1700000000"', '"-1"', '"2026-03-09"', '"2026-03-09T08:00:00"'),
        *('"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:00:00-10:00"'),
    ],
)
def test_a_moment_that_is_not_written_as_one_or_lies_outside_of_the_years_is_no_answer(value: str) -> None:
    assert [place for place, _ in refused(QuestionAnswer, f'{{"question": "1", "moment": {value}}}')] == ["/moment"]


@pytest.mark.parametrize("value", ["2026-03-09T08:00:00Z", "2026-03-09T10:00:00+02:00"])
def test_a_moment_is_kept_in_utc_and_read_again_as_it_was_kept(value: str) -> None:
    answer = QuestionAnswer.model_validate_json(f'{{"question": "1", "moment": "{value}"}}')
    assert json.loads(answer.model_dump_json())["moment"] == "2026-03-09T08:00:00Z"
    assert QuestionAnswer.model_validate_json(answer.model_dump_json()) == answer


def test_all_choices_that_a_question_may_have_can_be_given_and_no_more() -> None:
    every = [{"choice": str(place)} for place in range(MOST_CHOICES)]
    answer = QuestionAnswer.model_validate({"question": "1", "chosen": every})
    asked = a_set(choices(MOST_CHOICES).model_copy(update={"multiple": True}))
    assert judge(asked, (answer,)) == ()
    body = json.dumps({"question": "1", "chosen": [*every, {"choice": "more"}]})
    assert refused(QuestionAnswer, body) == [("/chosen", "too_long")]


def written(value: str) -> str:
    return f'{{"question": "1", "number": {value}}}'


def refused(model: type[QuestionSet | Question | QuestionAnswer], body: str) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as raised:
        model.model_validate_json(body)
    return [(fault.pointer, fault.code) for fault in faults_of(raised.value)]


def test_a_question_has_so_many_choices_and_conditions_and_no_more() -> None:
    assert len(choices(MOST_CHOICES).choices) == MOST_CHOICES
    assert len(conditions(MOST_CONDITIONS).conditions) == MOST_CONDITIONS
    for most, name, made in ((MOST_CHOICES, "choices", choices), (MOST_CONDITIONS, "conditions", conditions)):
        body = json.loads(made(most).model_dump_json())
        body[name].append(body[name][0])
        assert refused(Question, json.dumps(body)) == [(f"/{name}", "too_long")]


def test_a_set_has_so_many_choices_and_conditions_together_and_no_more() -> None:
    each = [choices(MOST_CHOICES).model_copy(update={"id": str(place)}) for place in range(MOST_WAYS // MOST_CHOICES)]
    assert len(a_set(*each).questions) == len(each)
    body = json.loads(a_set(*each).model_dump_json())
    body["questions"].append(json.loads(conditions(1).model_dump_json()))
    assert refused(QuestionSet, json.dumps(body)) == [("/questions", "too_many_ways")]


@pytest.mark.parametrize(
    "value",
    ['"1_0"', '"1E+15"', '"1e3"', '"+5"', '".5"', '"5."', '"0x1"', '"１２"', '"٣"', '" 5 "', '"1,4"', "true", "1e20"],
    ids=ascii,
)
def test_a_number_that_is_not_written_in_plain_digits_is_no_answer(value: str) -> None:
    assert [place for place, _ in refused(QuestionAnswer, written(value))] == ["/number"]


@pytest.mark.parametrize(
    ("value", "kept"), [('"118.50"', "118.50"), ('"-3"', "-3"), ("4.2", "4.2"), ("1e16", "10000000000000000")]
)
def test_a_number_in_plain_digits_is_kept_as_it_was_written(value: str, kept: str) -> None:
    answer = QuestionAnswer.model_validate_json(written(value))
    assert json.loads(answer.model_dump_json())["number"] == kept
    assert QuestionAnswer.model_validate_json(answer.model_dump_json()) == answer


def test_a_very_small_number_is_read_again_as_it_was_kept() -> None:
    answer = QuestionAnswer(question="1", number=Decimal("0.00000001"))
    assert QuestionAnswer.model_validate_json(answer.model_dump_json()) == answer
