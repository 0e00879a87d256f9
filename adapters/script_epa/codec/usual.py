"""Reads a question that is written as nearly all are: every element in the standard's order, no attributes.

Read in one go it comes to the same as element by element, and takes a fifth of the time. What has the form is sound
XML besides, whatever stands around it, so that no parser need look at it. What is written in any other way is nothing
here, and is left to whoever reads the elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from adapters.script_epa.codec.meaning import DETAILS, condition_of, reference_of
from adapters.script_epa.codec.versions import Version
from gateway.model.questions import Detail, QuestionKind

_BOUNDS = ("LowerBoundComparison", "UpperBoundComparison")
_TEXT, _WORD = "[^<]*+", "[^<]++"
_FLAG, _DETAIL = r"\s*[YN]?\s*", rf"\s*(?:{'|'.join(DETAILS)}|)\s*"
_NO_DETAIL = "NA"
_TYPED, _CHOICES = 11, 13
"""Groups of a question's form: the element in QuestionType, and the choices in that."""
_CODE = 6
"""Where the code of its first coded reference is among what its groups say; with it are version, system, description
and those after the first."""
_OUTLINED = (1, _TYPED, _TYPED + 1, _CHOICES, _CHOICES + 1)
"""Its id, that element, whether it takes several choices, these, and whether its day has a time."""
_GROUP = re.compile(r"\((?!\?)")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
_NO_TEXT = re.compile(rf"&(?!{'|'.join(name[1:] for name in _ENTITIES)})|\]\]>")
"""What makes a document unsound, or may do so: a sign by its number, which can be none of XML's."""
_SELECT, _NUMBER, _TEXTUAL = QuestionKind.SELECT, QuestionKind.NUMBER, QuestionKind.TEXT
_MOMENTS = {"Y": QuestionKind.MOMENT, "N": QuestionKind.DATE}
"""By name each is looked up in the enumeration, in Python."""
Said = dict[str, Any]
Texts = tuple[str, ...]


class Outline(NamedTuple):
    """``choices`` are the ids of those that are offered, ``place`` where in its text the element lies that takes
    answers, where that was seen."""

    id: str
    kind: QuestionKind
    multiple: bool
    choices: frozenset[str]
    place: tuple[int, int] | None = None


Found = tuple[re.Match[str], bool]
"""A question in the usual form: what its form found, and whether some texts of it hold signs that cannot stand in
XML."""


class Usual:
    """The forms of one version's names."""

    def __init__(self, tags: Mapping[str, str]) -> None:
        def element(name: str, inside: str) -> str:
            return f"<{tags[name]}>{inside}</{tags[name]}>"

        def leaf(name: str, text: str = _TEXT) -> str:
            return element(name, f"({text})") + _TEXT

        def unread(form: str) -> str:
            return _GROUP.sub("(?:", form)

        def holder(name: str, inside: str) -> str:
            return element(name, _TEXT + inside) + _TEXT

        def perhaps(form: str) -> str:
            return f"(?:{form}|)"  # which is quicker than a question mark behind it

        place = leaf("SequenceNumber", r"\s*[0-9]{1,9}\s*")
        code = perhaps(leaf("CodeSystemVersion")) + leaf("Qualifier") + leaf("Code", _WORD)
        code = holder("CodedReference", code + perhaps(leaf("Description")))
        codes = perhaps(f"{code}((?:{unread(code)})*)")
        choice = holder(
            "Choice",
            leaf("ChoiceID")
            + place
            + leaf("ChoiceText")
            + perhaps(leaf("AdditionalFreeTextIndicator", _DETAIL))
            + codes
            + perhaps(leaf("NextQuestionID")),
        )
        target = leaf("NextQuestionID")
        single = leaf("ComparisonOperator") + leaf("ComparisonValue")
        bounds = "".join(leaf(f"{bound}{part}") for bound in _BOUNDS for part in ("Value", "Operator"))
        compared = f"{holder('SingleComparison', single + target)}|{holder('RangeComparison', bounds + target)}"
        condition = holder("NextQuestionCondition", f"(?:{compared})")
        choices = f"((?:{unread(choice)})++)"
        select = element("Select", _TEXT + leaf("SelectMultiple", _FLAG) + choices)
        date = element("Date", _TEXT + leaf("IsDateTimeRequired", r"\s*[NY]\s*"))
        conditions = f"((?:{unread(condition)})*+)"
        number = element("Numeric", _TEXT + perhaps(unread(leaf("IsNumeric"))) + conditions)
        text = element("FreeText", _TEXT + perhaps(unread(leaf("IsFreeText"))))
        question = (
            leaf("QuestionID")
            + place
            + perhaps(leaf("QuestionLevel"))
            + leaf("QuestionText")
            + codes
            + perhaps(leaf("DefaultNextQuestionID"))
            + holder("QuestionType", f"({select}|{date}|{number}|{text}){_TEXT}")
        )
        self._question = re.compile(element("Question", _TEXT + question))
        self._code, self._choice, self._condition = map(re.compile, (code, choice, condition))
        self._offered = re.compile(f"<{tags['ChoiceID']}>({_TEXT})")
        self._begins = f"<{tags['Question']}>"
        self._number = f"<{tags['Numeric']}>"

    def find_all(self, document: str) -> list[tuple[int, int, Found]]:
        """Where questions begin and end that are in this form, and sound; each sign is looked at a few times, whatever
        comes. Expects that all signs of the document are XML's."""
        found: list[tuple[int, int, Found]] = []
        odd = "&" in document or "]" in document
        start = document.find(self._begins)
        while start >= 0:
            end = start + 1
            if (one := self._find(document, start, odd)) is not None:
                end = one[0].end()
                found.append((start, end, one))
            start = document.find(self._begins, end)
        return found

    def find(self, written: str) -> Found | None:
        """The question that this is; None where it is not in this form."""
        found = self._find(written, 0, odd=True)
        return found if found is not None and found[0].end() == len(written) else None

    def _find(self, document: str, start: int, odd: bool) -> Found | None:
        """``odd`` says that it may hold what is not written as it is meant, or not sound."""
        found = self._question.match(document, start)
        if found is None:
            return None
        if odd and _NO_TEXT.search(document, start, found.end()):
            return None
        return found, odd and document.find("&", start, found.end()) >= 0

    def question(self, found: Found) -> Said:
        """What it says. Raises Illegible."""
        form, escaped = found
        groups = form.groups("")
        own, place, level, words = groups[:4]
        target, typed, many, choices, moment, conditions = groups[_TYPED - 2 :]
        # The model makes numbers of digits, and takes blanks away.
        said: Said = {"id": own, "order": place, "text": words}
        if level:
            said["level"] = level.strip() or None
        if target:
            said["default_next"] = target.strip() or None
        if groups[_CODE]:
            said["codes"] = self._codes(*groups[_CODE - 2 : _CODE + 3])
        said["kind"] = self._kind(choices, moment, typed)
        if choices:
            said["multiple"] = many.strip() == "Y"
            said["choices"] = list(map(self._choice_of, self._choice.findall(choices)))
        elif conditions:
            said["conditions"] = list(map(_condition_of, self._condition.findall(conditions)))
        return _unescaped(said) if escaped else said

    def outline(self, found: Found) -> Outline:
        """What must be known of it to be answered."""
        form, escaped = found
        own, typed, many, choices, moment = form.group(*_OUTLINED)
        ids = list(map(str.strip, self._offered.findall(choices))) if choices else []
        if escaped:
            own, ids = _told(own), list(map(_told, ids))
        start, (first, last) = form.start(), form.span(_TYPED)
        kind, multiple = self._kind(choices, moment, typed), bool(ids) and many.strip() == "Y"
        return Outline(own.strip(), kind, multiple, frozenset(ids), (first - start, last - start))

    def _kind(self, choices: str | None, moment: str | None, typed: str) -> QuestionKind:
        if choices:
            return _SELECT
        if moment:
            return _MOMENTS[moment.strip()]
        return _NUMBER if typed.startswith(self._number) else _TEXTUAL

    def _choice_of(self, texts: Texts) -> Said:
        own, place, words, detail, version, system, code, about, more, target = texts
        said: Said = {"id": own, "order": place, "text": words}
        if detail and detail != _NO_DETAIL:
            said["detail"] = DETAILS.get(detail.strip(), Detail.NONE)  # which may be blank
        if code:
            said["codes"] = self._codes(version, system, code, about, more)
        if target:
            said["next"] = target.strip() or None
        return said

    def _codes(self, version: str, system: str, code: str, about: str, more: str) -> list[Said]:
        """``more`` are those after the first; most have none."""
        said = [reference_of(system, code, about, version)]
        for version, system, code, about in self._code.findall(more) if more else ():
            said.append(reference_of(system, code, about, version))
        return said


@cache
def usual_of(version: Version) -> Usual:
    return Usual(version.tags)


def _condition_of(texts: Texts) -> Said:
    operator, value, target, low, of, high, at, end = texts
    limits = [(operator, value)] if operator else [(of, low), (at, high)]
    return condition_of(limits, target or end)


def _unescaped(said: Said) -> Said:
    """With the signs that cannot stand in XML."""
    return {name: _told(value) for name, value in said.items()}


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_unescaped(each) for each in value]
    return _ENTITY.sub(_sign, value) if type(value) is str and "&" in value else value


def _sign(found: re.Match[str]) -> str:
    return _ENTITIES[found[0]]
