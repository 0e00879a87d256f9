"""Reads a question that is written as nearly all are: every element in the standard's order, no attributes.

Read in one go it comes to the same as element by element, and takes a quarter of the time. What is written in any
other way is nothing here, and is left to whoever reads the elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from adapters.script_epa.codec.meaning import DETAILS, condition_of, reference_of
from gateway.model.questions import Detail, QuestionKind

_BOUND = (
    *("LowerBoundComparisonValue", "LowerBoundComparisonOperator"),
    *("UpperBoundComparisonValue", "UpperBoundComparisonOperator"),
)
_ENDS = "</[^<]*+"
"""A tag that ends an element, and what is behind it. In a sound document it ends the element that is open."""
_ANY_LEAF = f"<[A-Za-z]+>[^<]*+{_ENDS}"
_REST = "|(.)"
"""Put behind a form, finds what is between its occurrences: there must be nothing."""
_FLAG, _DETAIL = r"\s*[YN]?\s*", rf"\s*(?:{'|'.join(DETAILS)}|)\s*"
_NO_DETAIL = "NA"
_TYPED = 11
"""The group of a question's form that is the element in QuestionType; what it holds are those behind it."""
_OUTLINED = (1, _TYPED + 1, _TYPED + 2, _TYPED + 3, _TYPED + 4)
"""Its id, whether it takes several choices, its choices, whether its day has a time, and whether it is a number."""
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_REFERENCE = re.compile("&[^;]*;?")
Said = dict[str, Any]


class Outline(NamedTuple):
    """``choices`` are the ids of those that are offered, ``place`` where in its text the element lies that takes
    answers, where that was seen."""

    id: str
    kind: QuestionKind
    multiple: bool
    choices: frozenset[str]
    place: tuple[int, int] | None = None


class Unusual(Exception):
    """It is written in another way."""


class Usual:
    """The forms of one version's names."""

    def __init__(self, tags: Mapping[str, str]) -> None:
        def leaf(name: str, text: str = "[^<]*+") -> str:
            return f"<{tags[name]}>({text}){_ENDS}"

        def perhaps(form: str) -> str:
            return f"(?:{form}|)"  # which is quicker than a question mark behind it

        def begins(name: str) -> str:
            return f"<{tags[name]}>[^<]*+"

        def holder(name: str, inside: str) -> str:
            return begins(name) + inside + _ENDS

        place = leaf("SequenceNumber", r"\s*[0-9]{1,9}\s*")
        code = perhaps(leaf("CodeSystemVersion")) + leaf("Qualifier") + leaf("Code", "[^<]+")
        code = holder("CodedReference", code + perhaps(leaf("Description")))
        codes = perhaps(code + f"((?:{holder('CodedReference', f'(?:{_ANY_LEAF})+')})*)")
        select = begins("Select") + leaf("SelectMultiple", _FLAG) + rf"(<{tags['Choice']}>.*</{tags['Choice']}>\s*)"
        select += f"</{tags['Select']}>"
        date = begins("Date") + leaf("IsDateTimeRequired", r"\s*[NY]\s*") + f"</{tags['Date']}>"
        number = rf"(<{tags['Numeric']}>)\s*{perhaps(_ANY_LEAF)}((?:<{tags['NextQuestionCondition']}>.*)?)"
        number += f"</{tags['Numeric']}>"
        text = rf"(<{tags['FreeText']}>)\s*{perhaps(_ANY_LEAF)}</{tags['FreeText']}>"
        question = (
            leaf("QuestionID")
            + place
            + perhaps(leaf("QuestionLevel"))
            + leaf("QuestionText")
            + codes
            + perhaps(leaf("DefaultNextQuestionID"))
            + holder("QuestionType", rf"({select}|{date}|{number}|{text})\s*")
        )
        choice = (
            leaf("ChoiceID")
            + place
            + leaf("ChoiceText")
            + perhaps(leaf("AdditionalFreeTextIndicator", _DETAIL))
            + codes
        )
        choice = holder("Choice", choice + perhaps(leaf("NextQuestionID")))
        target = leaf("NextQuestionID")
        single = leaf("ComparisonOperator") + leaf("ComparisonValue")
        bounds = "".join(f"<{name}>([^<]*){_ENDS}" for name in _BOUND)
        compared = f"{holder('SingleComparison', single + target)}|{holder('RangeComparison', bounds + target)}"
        condition = holder("NextQuestionCondition", f"(?:{compared})")
        self._question = re.compile(holder("Question", question), re.DOTALL)
        self._code = re.compile(code + _REST, re.DOTALL)
        self._choice = re.compile(choice + _REST, re.DOTALL)
        self._condition = re.compile(condition + _REST, re.DOTALL)

    def question(self, plain: str | None) -> Said:
        """What a question says whose text in the document this is. Raises Unusual, and Illegible."""
        found = self._question.fullmatch(plain) if plain is not None else None
        if plain is None or found is None:
            raise Unusual
        own, place, level, words, *coded, target, _, many, choices, moment, number, conditions, _ = found.groups("")
        # The model makes numbers of digits, and takes blanks away.
        said: Said = {"id": own, "order": place, "text": words, "kind": _kind(choices, moment, number)}
        if level:
            said["level"] = level.strip() or None
        if target:
            said["default_next"] = target.strip() or None
        if coded[2]:
            said["codes"] = self._codes(*coded)
        if choices:
            said["multiple"] = many.strip() == "Y"
            said["choices"] = self._choices(choices)
        elif conditions:
            said["conditions"] = self._conditions(conditions)
        return _unescaped(said) if "&" in plain else said

    def outline(self, plain: str | None) -> Outline:
        """What must be known of a question to answer it. Raises Unusual."""
        found = self._question.fullmatch(plain) if plain is not None else None
        if plain is None or found is None:
            raise Unusual
        own, many, choices, moment, number = found.group(*_OUTLINED)
        ids = [choice[0] for choice in _each(self._choice, choices)] if choices else []
        if "&" in plain:
            own, ids = _told(own), [_told(name) for name in ids]
        multiple = bool(choices) and many.strip() == "Y"
        kind, offered = _kind(choices, moment, number), frozenset(map(str.strip, ids))
        return Outline(own.strip(), kind, multiple, offered, found.span(_TYPED))

    def _choices(self, written: str) -> list[Said]:
        said = []
        for own, place, words, detail, version, system, code, about, more, target in _each(self._choice, written):
            choice: Said = {"id": own, "order": place, "text": words}
            if detail and detail != _NO_DETAIL:
                choice["detail"] = DETAILS.get(detail.strip(), Detail.NONE)  # which may be blank
            if code:
                choice["codes"] = self._codes(version, system, code, about, more)
            if target:
                choice["next"] = target.strip() or None
            said.append(choice)
        return said

    def _codes(self, version: str, system: str, code: str, about: str, more: str) -> list[Said]:
        """``more`` are those after the first; most have none."""
        said = [reference_of(system, code, about, version)]
        for version, system, code, about in _each(self._code, more):
            said.append(reference_of(system, code, about, version))
        return said

    def _conditions(self, written: str) -> list[Said]:
        said = []
        for operator, value, target, low, of, high, at, end in _each(self._condition, written):
            limits = [(operator, value)] if operator else [(of, low), (at, high)]
            said.append(condition_of(limits, target or end))
        return said


def _each(form: re.Pattern[str], written: str) -> Iterator[tuple[str, ...]]:
    """What each occurrence of a form says. Raises Unusual at the first thing between them: there may be megabytes."""
    for found in form.finditer(written):
        *said, other = found.groups("")
        if other:
            raise Unusual
        yield tuple(said)


def _kind(choices: str | None, moment: str | None, number: str | None) -> QuestionKind:
    if choices:
        return QuestionKind.SELECT
    if number:
        return QuestionKind.NUMBER
    if moment:
        return QuestionKind.MOMENT if moment.strip() == "Y" else QuestionKind.DATE
    return QuestionKind.TEXT


def _unescaped(said: Said) -> Said:
    """With the signs that cannot stand in XML. Raises Unusual for what is written by its number."""
    return {name: _told(value) for name, value in said.items()}


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_unescaped(each) for each in value]
    return _REFERENCE.sub(_sign, value) if type(value) is str and "&" in value else value


def _sign(found: re.Match[str]) -> str:
    sign = _ENTITIES.get(found[0])
    if sign is None:
        raise Unusual
    return sign
