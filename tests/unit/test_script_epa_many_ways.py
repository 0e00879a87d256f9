"""More choices or conditions than a set may have: nothing of them is walked, and a person has the payer's own words."""

from __future__ import annotations

import re

import pytest

from adapters.script_epa.asking.answering import asked_in
from gateway.model.questions import MOST_CHOICES, MOST_CONDITIONS, MOST_WAYS
from gateway.model.status import Attention, LineOutcome
from tests.unit.script_material import QUESTIONS, heard, opening

_CHOICE = "<Choice><ChoiceID>c{}</ChoiceID><SequenceNumber>3</SequenceNumber><ChoiceText>More</ChoiceText></Choice>"
_CONDITION = re.search(r"<NextQuestionCondition>.*</NextQuestionCondition>", QUESTIONS, re.DOTALL)
assert _CONDITION is not None


def choices(many: int) -> str:
    return QUESTIONS.replace(" </Select>", "".join(map(_CHOICE.format, range(many - 2))) + "</Select>")


def conditions(many: int) -> str:
    return QUESTIONS.replace(_CONDITION[0], _CONDITION[0] * many)


def together(ways: int) -> str:
    """Ten times these questions, together with so many choices and conditions."""
    return choices(ways // 10 - 1) * 10


def test_as_many_as_may_be_are_read() -> None:
    for body in (choices(MOST_CHOICES), conditions(MOST_CONDITIONS)):
        assert heard(opening(body)).questions is not None


@pytest.mark.parametrize(
    ("written", "place"),
    [(choices(MOST_CHOICES + 1), "0/choices"), (conditions(MOST_CONDITIONS + 1), "2/conditions")],
    ids=["choices", "conditions"],
)
def test_one_more_calls_a_person_names_its_place_and_loses_nothing(written: str, place: str) -> None:
    body = opening(written)
    outcome = heard(body)
    assert outcome.questions is None
    assert outcome.attention is Attention.OPERATOR
    assert f"/questions/{place} is not as it must be" in (outcome.attention_why or "")
    assert outcome.lines[0].outcome is LineOutcome.INFO_REQUESTED
    assert outcome.document == body
    assert len(asked_in(body).questions) == 4, "what was asked can still be answered in the payer's words"


def test_questions_with_too_many_ways_together_call_a_person_too() -> None:
    few, many = (heard(opening(together(ways))) for ways in (MOST_WAYS, MOST_WAYS + 10))
    assert few.questions is not None
    assert sum(len(one.choices) + len(one.conditions) for one in few.questions.questions) == MOST_WAYS
    assert (many.questions, many.attention) == (None, Attention.OPERATOR)
