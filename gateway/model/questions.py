"""Questions that a payer asks before it decides, and what the practice answers to them.

A set is a graph: each question names the next one by what was answered. It is kept as the payer sent it, sound or not:
whether it can be walked is the business of ``gateway.questions``. Knows no channel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from gateway.model.bounds import Bounds
from gateway.model.codes import CalendarDate, Instant
from gateway.model.faults import Finding, merged, raise_findings
from gateway.model.record import Record, refuse
from gateway.model.sent import field

END = "END"
"""Named as the next question where there is none."""

MOST_QUESTIONS = 999
"""Of a set: payers number them with up to three digits."""

MOST_CHOICES = 500
MOST_CONDITIONS = 200
"""Of a question. A list of diagnoses may be long; a number is not cut finer than that."""

MOST_WAYS = 5000
"""Choices and conditions of a set together: what is made of a set grows with them, and whoever reads it waits."""

Name = Annotated[str, Field(min_length=1, max_length=255)]
"""A payer's own id of a question or a choice."""


class QuestionKind(StrEnum):
    """What answers a question."""

    SELECT = "select"
    DATE = "date"
    MOMENT = "moment"
    """A date with its time."""
    NUMBER = "number"
    TEXT = "text"


class Detail(StrEnum):
    """Whether words may stand beside a choice."""

    MANDATORY = "mandatory"
    OPTIONAL = "optional"
    NONE = "none"


class Comparison(StrEnum):
    EQUAL = "eq"
    NOT_EQUAL = "ne"
    LESS = "lt"
    AT_MOST = "le"
    MORE = "gt"
    AT_LEAST = "ge"


class CodedReference(Record):
    """What a question or a choice is about, by code; several refine each other. ``system`` is our word where we have
    one (``loinc``, ``snomed``, ``icd10``, ``hcpcs``, ``ndc``, ``rxnorm``, ``ucum``), else the payer's in lower case."""

    system: str
    code: str
    description: str | None = None
    version: str | None = None


class Choice(Record):
    id: Name
    order: int
    text: str
    detail: Detail = Detail.NONE
    codes: tuple[CodedReference, ...] = ()
    next: str | None = None


class Limit(Record):
    comparison: Comparison
    value: Decimal


class Condition(Record):
    """Where a number leads. It holds when all ``limits`` do, or where ``either`` is true when one of them does."""

    limits: Annotated[tuple[Limit, ...], Bounds(1, 2)]
    either: bool = False
    next: str


class Question(Record):
    """``order`` says where it is shown; the lowest is asked first. ``level`` groups only (``1.1``)."""

    id: Name
    order: int
    level: str | None = None
    text: str
    kind: QuestionKind
    codes: tuple[CodedReference, ...] = ()
    multiple: bool = False
    choices: Annotated[tuple[Choice, ...], Bounds(0, MOST_CHOICES)] = ()
    conditions: Annotated[tuple[Condition, ...], Bounds(0, MOST_CONDITIONS)] = ()
    default_next: str | None = None


class QuestionSet(Record):
    """What a payer asks in one round.

    ``round`` tells it apart from every other round of any case, and is given back with the answers. ``deadline`` is
    when the answers must be there at the latest, worked out from the payer's own words ``deadline_as_written``.
    ``description`` is to be shown: payers write there how long they take. ``attachment_required`` says that a document
    must come with the answers.
    """

    round: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    title: str
    description: str | None = None
    phone: str | None = None
    attachment_required: bool = False
    attachment_notes: str | None = None
    deadline: AwareDatetime | None = None
    deadline_as_written: str | None = None
    questions: Annotated[tuple[Question, ...], Bounds(1, MOST_QUESTIONS)]

    @field_validator("questions")
    @classmethod
    def _within_reach(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        if sum(len(question.choices) + len(question.conditions) for question in questions) > MOST_WAYS:
            says = f"The questions have more than {MOST_WAYS} choices and conditions together."
            refuse("too_many_ways", says, "Ask fewer questions at once.")
        return questions


class OpenRound(Record):
    """Questions that wait for answers, in short. ``payer`` is who asks, where a case tells of it; ``overdue`` says that
    the deadline passed without answers."""

    round: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    title: str
    attachment_required: bool = False
    deadline: AwareDatetime | None = None
    deadline_as_written: str | None = None
    payer: str | None = None
    overdue: bool = False

    @classmethod
    def of(cls, asked: QuestionSet) -> Self:
        return cls(
            round=asked.round,
            title=asked.title,
            attachment_required=asked.attachment_required,
            deadline=asked.deadline,
            deadline_as_written=asked.deadline_as_written,
        )


Pointer = Annotated[str, Field(max_length=200)]


class Chosen(Record):
    """``taken_from`` stands here, and not at the answer, where the choices of one answer were taken from different
    places."""

    choice: Name
    detail: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    taken_from: Pointer | None = None


_PLAIN = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


def _number(value: object) -> object:
    """A JSON number, or a string of plain digits: ``Decimal`` alone would take ``1_0``, ``1E+15`` and other scripts."""
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        refuse("number", "This is not a plain number.", "Send digits, with a point before decimals.")
    return value


Number = Annotated[
    Decimal,
    Field(max_digits=18, allow_inf_nan=False),
    BeforeValidator(_number),
    PlainSerializer(lambda number: format(number, "f"), return_type=str, when_used="json"),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{_PLAIN.pattern}$"}]}),
]


class QuestionAnswer(Record):
    """The answer to one question: one of ``chosen``, ``date``, ``moment``, ``number`` and ``text``, as its kind asks.

    ``taken_from`` is a JSON Pointer to the fact of the request that it was taken from, where the gateway proposed it;
    choices taken from several facts name theirs each.
    """

    question: Name
    chosen: Annotated[tuple[Chosen, ...], Bounds(0, MOST_CHOICES)] = ()
    date: CalendarDate | None = None
    moment: Instant | None = None
    number: Number | None = None
    text: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    taken_from: Pointer | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _one(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Reports that there is none, or more than one, beside the faults of the fields."""
        try:
            answer = handler(value)
        except ValidationError as error:
            raise merged(error, _contradictions(value)) from None
        raise_findings(cls.__name__, _contradictions(value))
        return answer

    @property
    def kind(self) -> QuestionKind:
        """What kind of question it answers."""
        return next(kind for kind, name in _FIELDS.items() if getattr(self, name) not in (None, ()))


_FIELDS = {
    QuestionKind.SELECT: "chosen",
    QuestionKind.DATE: "date",
    QuestionKind.MOMENT: "moment",
    QuestionKind.NUMBER: "number",
    QuestionKind.TEXT: "text",
}


def _contradictions(answer: Any) -> Iterator[Finding]:
    """Takes an answer, or raw input of which it believes nothing it has not looked at."""
    given = [name for name in _FIELDS.values() if field(answer, name) not in (None, (), [])]
    fix = f"Send one of {', '.join(_FIELDS.values())}, as the question's kind asks."
    if not given:
        yield Finding((), "no_answer", "There is no answer in it.", fix)
    for name in given[1:]:
        yield Finding((name,), "several_answers", "This question is answered in two ways.", fix)
