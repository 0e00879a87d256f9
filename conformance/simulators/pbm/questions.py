"""What a question set is, and its XML as a PBM sends it. Knows no particular question: those are ``question_sets``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml import etree

from conformance.simulators.pbm.writing import Node, make, optional

END = "END"
PHONE = "5550100190"


@dataclass(frozen=True, slots=True)
class Code:
    qualifier: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Choice:
    """``words`` is AdditionalFreeTextIndicator."""

    id: str
    text: str
    next: str = ""
    words: str = "NA"
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str
    value: str
    next: str


@dataclass(frozen=True, slots=True)
class Between:
    """Lower and upper bounds; where they point away from each other, one of them is enough."""

    lower: tuple[str, str]
    upper: tuple[str, str]
    next: str


@dataclass(frozen=True, slots=True)
class Question:
    """``kind``: select, multiple, date, moment, number or text."""

    id: str
    text: str
    kind: str = "text"
    next: str = ""
    choices: tuple[Choice, ...] = ()
    conditions: tuple[Compare | Between, ...] = ()
    codes: tuple[Code, ...] = ()
    level: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class QuestionSet:
    id: str
    title: str
    description: str
    questions: tuple[Question, ...]
    attachment: bool = False
    notes: str = ""

    def of(self, *ids: str) -> QuestionSet:
        """Only these questions, each ending the set: how a PBM asks one at a time."""
        kept = tuple(replace(each, next=END) for each in self.questions if each.id in ids)
        return replace(self, questions=kept)


def header(asked: QuestionSet) -> Node:
    return (
        "Header",
        [
            ("QuestionSetID", asked.id),
            ("QuestionSetTitle", asked.title),
            ("QuestionSetDescription", asked.description),
            ("QuestionSetContactCommunicationNumber", [("PrimaryTelephone", [("Number", PHONE)])]),
            ("AttachementRequired", "Y" if asked.attachment else "N"),
            optional("AttachmentNotes", asked.notes),
        ],
    )


def questions(asked: QuestionSet) -> list[Node]:
    return [_question(place, each) for place, each in enumerate(asked.questions, 1)]


def question_set(asked: QuestionSet) -> etree._Element:
    return make(("QuestionSet", [header(asked), *questions(asked)]))


def _question(place: int, asked: Question) -> Node:
    return (
        "Question",
        [
            ("QuestionID", asked.id),
            ("SequenceNumber", str(asked.sequence or place)),
            optional("QuestionLevel", asked.level),
            ("QuestionText", asked.text),
            *map(_code, asked.codes),
            optional("DefaultNextQuestionID", asked.next),
            ("QuestionType", [_type(asked)]),
        ],
    )


def _type(asked: Question) -> Node:
    match asked.kind:
        case "select" | "multiple":
            many = "Y" if asked.kind == "multiple" else "N"
            return ("Select", [("SelectMultiple", many), *map(_choice, range(1, 1000), asked.choices)])
        case "date" | "moment":
            return ("Date", [("IsDateTimeRequired", "Y" if asked.kind == "moment" else "N")])
        case "number":
            return ("Numeric", [("IsNumeric", "Y"), *map(_condition, asked.conditions)])
        case _:
            return ("FreeText", [("IsFreeText", "Y")])


def _choice(place: int, choice: Choice) -> Node:
    return (
        "Choice",
        [
            ("ChoiceID", choice.id),
            ("SequenceNumber", str(place)),
            ("ChoiceText", choice.text),
            ("AdditionalFreeTextIndicator", choice.words),
            *map(_code, choice.codes),
            optional("NextQuestionID", choice.next),
        ],
    )


def _condition(condition: Compare | Between) -> Node:
    to: Node = ("NextQuestionID", condition.next)
    if isinstance(condition, Compare):
        inside: Node = (
            "SingleComparison",
            [("ComparisonOperator", condition.operator), ("ComparisonValue", condition.value), to],
        )
        return ("NextQuestionCondition", [inside])
    bounds: list[Node] = []
    for name, (operator, value) in (("LowerBound", condition.lower), ("UpperBound", condition.upper)):
        bounds += [(f"{name}ComparisonValue", value), (f"{name}ComparisonOperator", operator)]
    return ("NextQuestionCondition", [("RangeComparison", [*bounds, to])])


def _code(code: Code) -> Node:
    return (
        "CodedReference",
        [("Qualifier", code.qualifier), ("Code", code.code), ("Description", code.description)],
    )
