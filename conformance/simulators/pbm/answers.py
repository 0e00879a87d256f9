"""Checks answers against the questions that were asked: echoed as they were, answered along the walk and nowhere else.

Reads XML on both sides, what was sent and what came back, and walks by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from lxml import etree

from conformance.simulators.pbm.notation import Fault

_HOLDS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "EQ": lambda a, b: a == b,
    "NE": lambda a, b: a != b,
    "LT": lambda a, b: a < b,
    "LE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GE": lambda a, b: a >= b,
}
Shape = tuple[str, str, tuple["Shape", ...]]


def faults_of_answers(asked: etree._Element, given: etree._Element, path: str) -> list[Fault]:
    """``asked`` and ``given`` hold Header and Questions. Nothing when all is as it must be."""
    faults = list(_echo(asked, given, path))
    return faults or list(_walk(given, path))


def same(one: etree._Element | None, other: etree._Element | None) -> bool:
    """Whether two elements say the same, but for blanks between elements."""
    if one is None or other is None:
        return one is other
    return _shape(one)[1:] == _shape(other)[1:]


def _shape(element: etree._Element) -> Shape:
    """What an element says, without answers and comments to the set; a date's form as it was asked for."""
    children = [child for child in element if child.tag not in ("Answer", "QuestionSetComment")]
    if element.tag == "Date" and len(children) == 1 and children[0].tag == "Date" and len(children[0]):
        children = list(children[0])
    text = "" if len(element) else element.text or ""
    return (str(element.tag), text, tuple(_shape(child) for child in children))


def _echo(asked: etree._Element, given: etree._Element, path: str) -> Iterator[Fault]:
    if not same(asked.find("Header"), given.find("Header")):
        yield Fault("2000", f"{path}/Header", "is not as it was sent")
    were, are = asked.findall("Question"), given.findall("Question")
    if len(were) != len(are):
        yield Fault("2000", f"{path}/Question", "not all questions are echoed, or more")
    for place, (was, now) in enumerate(zip(were, are, strict=False), 1):
        if not same(was, now):
            yield Fault("2000", f"{path}/Question[{place}]", "is not as it was sent")


def _walk(given: etree._Element, path: str) -> Iterator[Fault]:
    questions = given.findall("Question")
    places = {question.findtext("QuestionID"): place for place, question in enumerate(questions, 1)}
    at: etree._Element | None = min(questions, key=lambda each: int(each.findtext("SequenceNumber") or 0))
    walked: set[str | None] = set()
    while at is not None:
        name = at.findtext("QuestionID")
        if name in walked:
            yield Fault("2000", path, "the questions lead in a circle")
            return
        walked.add(name)
        where = f"{path}/Question[{places[name]}]"
        kind = at.find("QuestionType")[0]
        if not kind.findall("Answer"):
            yield Fault("2000", where, "was reached and is not answered")
            return
        if says := _fault(kind):
            yield Fault("2000", where, says)
            return
        following = _next(kind) or at.findtext("DefaultNextQuestionID") or "END"
        at = None if following == "END" else questions[places[following] - 1] if following in places else None
        if at is None and following != "END":
            yield Fault("2000", where, "leads to no question")
    for question in questions:
        name = question.findtext("QuestionID")
        if name not in walked and question.find("QuestionType//Answer") is not None:
            yield Fault("2000", f"{path}/Question[{places[name]}]", "was not reached and is answered")


def _fault(kind: etree._Element) -> str:
    """What is wrong with an answer in itself."""
    if kind.tag == "Select":
        return _fault_of_choices(kind)
    if kind.tag == "Date":
        wanted = "DateTime" if kind.findtext("Date/IsDateTimeRequired") == "Y" else "Date"
        if kind.find(f"Answer/PrescriberProvidedAnswer/{wanted}") is None:
            return f"wants a {wanted}"
    return ""


def _fault_of_choices(kind: etree._Element) -> str:
    choices = {choice.findtext("ChoiceID"): choice for choice in kind.findall("Choice")}
    chosen = kind.findall("Answer/PrescriberProvidedAnswer")
    ids = [answer.findtext("ChoiceID") for answer in chosen]
    if len(ids) > 1 and kind.findtext("SelectMultiple") == "N":
        return "takes one choice"
    if len(set(ids)) != len(ids):
        return "has a choice twice"
    for name, answer in zip(ids, chosen, strict=True):
        if name not in choices:
            return "has a choice that was not offered"
        words, free = answer.find("AdditionalFreeText"), choices[name].findtext("AdditionalFreeTextIndicator")
        if words is None and free == "M":
            return "wants words beside the choice"
        if words is not None and free == "NA":
            return "takes no words beside the choice"
    return ""


def _next(kind: etree._Element) -> str:
    """Where an answer leads by itself, if anywhere."""
    if kind.tag == "Select":
        chosen = {each.text for each in kind.findall("Answer/PrescriberProvidedAnswer/ChoiceID")}
        leads = (choice.findtext("NextQuestionID") for choice in kind.findall("Choice") if _id(choice) in chosen)
        return next((lead for lead in leads if lead), "")
    if kind.tag == "Numeric":
        number = Decimal(kind.findtext("Answer/PrescriberProvidedNumericAnswer") or "0")
        for condition in kind.findall("NextQuestionCondition"):
            if _met(condition[0], number):
                return condition[0].findtext("NextQuestionID") or ""
    return ""


def _id(choice: etree._Element) -> str | None:
    name: str | None = choice.findtext("ChoiceID")
    return name


def _met(comparison: etree._Element, number: Decimal) -> bool:
    def holds(name: str) -> bool:
        operator = _HOLDS[comparison.findtext(f"{name}ComparisonOperator") or ""]
        return operator(number, Decimal(comparison.findtext(f"{name}ComparisonValue") or "0"))

    if comparison.tag == "SingleComparison":
        return holds("")
    apart = (comparison.findtext("LowerBoundComparisonOperator") or "")[0] == "L"
    return (any if apart else all)([holds("LowerBound"), holds("UpperBound")])
