"""A payer's message with thirty questions, as `epa_codec` reads and answers it: ten that offer four choices, and five
or six each for several choices, a number, a day and words. Everything in it is made up."""

from __future__ import annotations

from itertools import cycle, islice

from gateway.contract.adapter import Answers
from gateway.model.questions import Question, QuestionAnswer, QuestionKind, QuestionSet
from tests.unit.script_material import HEADER, opening

QUESTIONS = 30
_KINDS = ("one", "several", "number", "one", "day", "words")
_NUMBER = "<Number>8005550100</Number>"
_CODE = (
    "<CodedReference><Qualifier>LOINC</Qualifier><Code>4{0:03}-{1}</Code>"
    "<Description>Made-up finding {0}</Description></CodedReference>"
)


def asked() -> bytes:
    """A PAInitiationResponse that is Open."""
    questions = (_question(place, kind) for place, kind in enumerate(islice(cycle(_KINDS), QUESTIONS), 1))
    return opening("".join(questions), HEADER.replace(_NUMBER, f"<PrimaryTelephone>{_NUMBER}</PrimaryTelephone>"))


def answers_to(questions: QuestionSet) -> Answers:
    """An answer to each."""
    return Answers(round=questions.round, questions=tuple(_answer(question) for question in questions.questions))


def _question(place: int, kind: str) -> str:
    target = f"Q{place + 1}" if place < QUESTIONS else "END"
    types = {
        "one": _select("N", place, target),
        "several": _select("Y", place, target),
        "number": (
            "<Numeric><IsNumeric>Y</IsNumeric><NextQuestionCondition><SingleComparison>"
            "<ComparisonOperator>GE</ComparisonOperator><ComparisonValue>1.5</ComparisonValue>"
            f"<NextQuestionID>{target}</NextQuestionID></SingleComparison></NextQuestionCondition></Numeric>"
        ),
        "day": "<Date><IsDateTimeRequired>N</IsDateTimeRequired></Date>",
        "words": "<FreeText><IsFreeText>Y</IsFreeText></FreeText>",
    }
    return (
        f"<Question><QuestionID>Q{place}</QuestionID><SequenceNumber>{place}</SequenceNumber>"
        f"<QuestionText>What does the practice know of made-up finding {place} of this patient?</QuestionText>"
        f"{_CODE.format(place, 1)}<DefaultNextQuestionID>{target}</DefaultNextQuestionID>"
        f"<QuestionType>{types[kind]}</QuestionType></Question>"
    )


def _select(several: str, place: int, target: str) -> str:
    choices = "".join(
        f"<Choice><ChoiceID>Q{place}-{number}</ChoiceID><SequenceNumber>{number}</SequenceNumber>"
        f"<ChoiceText>The possibility {number}, in so many words</ChoiceText>"
        f"<AdditionalFreeTextIndicator>{'O' if number == 4 else 'NA'}</AdditionalFreeTextIndicator>"
        f"<NextQuestionID>{target}</NextQuestionID></Choice>"
        for number in range(1, 5)
    )
    return f"<Select><SelectMultiple>{several}</SelectMultiple>{choices}</Select>"


def _answer(question: Question) -> QuestionAnswer:
    given = {
        QuestionKind.SELECT: {"chosen": [{"choice": choice.id} for choice in question.choices[:1]]},
        QuestionKind.NUMBER: {"number": "118.5"},
        QuestionKind.DATE: {"date": "2026-03-09"},
        QuestionKind.TEXT: {"text": "Nothing that is not in the notes."},
    }
    return QuestionAnswer.model_validate({"question": question.id} | given[question.kind])
