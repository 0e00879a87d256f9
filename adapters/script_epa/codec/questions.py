"""Reads a payer's questions into the model, as they were sent, sound or not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from lxml import etree
from pydantic import ValidationError

from adapters.script_epa.codec.envelope import Received, moment
from adapters.script_epa.codec.tree import Node
from adapters.script_epa.codec.usual import forms_of
from gateway.model.questions import Comparison, Detail, QuestionKind, QuestionSet

_COMPARISONS = {
    "EQ": Comparison.EQUAL,
    "NE": Comparison.NOT_EQUAL,
    "LT": Comparison.LESS,
    "LE": Comparison.AT_MOST,
    "GT": Comparison.MORE,
    "GE": Comparison.AT_LEAST,
}
_BELOW, _ABOVE = frozenset({Comparison.LESS, Comparison.AT_MOST}), frozenset({Comparison.MORE, Comparison.AT_LEAST})
_DETAILS = {"M": Detail.MANDATORY, "O": Detail.OPTIONAL}
_SYSTEMS = {
    **dict.fromkeys(("LOINC", "LN"), "loinc"),
    **dict.fromkeys(("NDC", "ND"), "ndc"),
    **dict.fromkeys(("SCD", "SBD", "GPK", "BPK"), "rxnorm"),
    "LD": "snomed",
    "ABF": "icd10",
}
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_COUNT = re.compile(r"[0-9]{1,9}")
_ZONED = re.compile(r".*(Z|[+-][0-9]{2}:[0-9]{2})")
_EARLIEST = timezone(timedelta(hours=-4))
"""The zone in which a day ends first of those that count: Eastern daylight time, and Puerto Rico all year."""


class Illegible(ValueError):
    """Questions that cannot be taken into the model at all."""


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """Where a message asks. ``asking`` is what holds the case and all of it, ``asked`` what holds header and questions;
    in one of the two shapes they go back in, the latter is a set of its own."""

    asking: Node
    asked: Node
    header: Node
    questions: tuple[Node, ...]
    deadline: Node | None


def question_part(received: Received) -> QuestionPart | None:
    """The questions of an open case; None where the message asks none."""
    tags = received.version.tags
    asking = received.content.get(tags["Response"], tags["ResponseStatus"], tags["Open"])
    if asking is None:
        return None
    more = asking.get(tags["MoreInformationRequired"])
    outer = more if more is not None else asking
    asked = outer.get(tags["QuestionSet"])
    asked = outer if asked is None else asked
    header, questions = asked.get(tags["Header"]), asked.all(tags["Question"])
    if header is None or not questions:
        return None
    deadline = next((node for each in (outer, asking) if (node := each.get(tags["DeadlineForReply"]))), None)
    return QuestionPart(asking, asked, header, tuple(questions), deadline)


def read_questions(received: Received, part: QuestionPart) -> QuestionSet:
    """Raises Illegible."""
    tags = received.version.tags
    header = part.header
    phone = header.get(tags["QuestionSetContactCommunicationNumber"])
    numbers = [node.text for node in phone.walk() if node.name == tags["Number"]] if phone is not None else []
    written = said_at(part.deadline)
    asking = received.tree.body[part.asking.start : part.asking.end]
    required = header.word(tags["AttachmentRequired"])
    reader = _Reader(tags)
    plain = received.tree.plain
    try:
        return QuestionSet.model_validate(
            {
                "round": hashlib.sha256(asking).hexdigest()[:32],
                "title": _told(header, tags["QuestionSetTitle"]) or "",
                "description": _told(header, tags["QuestionSetDescription"]),
                "phone": next((number for number in numbers if number), None),
                "attachment_required": required is not None and required.text == "Y",
                "attachment_notes": _told(header, tags["AttachmentNotes"]),
                "deadline": due(written) if written else None,
                "deadline_as_written": written,
                "questions": [reader.question(node.element, plain(node.start, node.end)) for node in part.questions],
            }
        )
    except (ValidationError, KeyError):
        raise Illegible("a question lacks what every question has") from None


def _told(node: Node, name: str) -> str | None:
    found = node.word(name)
    return found.text if found is not None else None


def said_at(node: Node | None) -> str | None:
    """A day or a time as it is written, in an element of its own or not."""
    if node is None:
        return None
    inner = node.children[0] if node.children else node
    return inner.text[:64] or None


def due(written: str) -> datetime | None:
    """When answers must be there at the latest. What has no zone is meant in the one where it ends first."""
    at = moment(written)
    if at is not None:
        return at if _ZONED.fullmatch(written) else at.replace(tzinfo=_EARLIEST).astimezone(UTC)
    try:
        day = date.fromisoformat(written[:10]) if len(written) in (10, 11, 16) else None
    except ValueError:
        return None
    if day is None or not 1900 < day.year < 9999:
        return None
    return datetime.combine(day, time(23, 59, 59), _EARLIEST).astimezone(UTC)


class _Reader:
    """Names are looked up once: a set has a thousand elements."""

    def __init__(self, tags: Mapping[str, str]) -> None:
        self._tags = tags
        self._kinds = {
            tags["Select"]: QuestionKind.SELECT,
            tags["Date"]: QuestionKind.DATE,
            tags["Numeric"]: QuestionKind.NUMBER,
            tags["FreeText"]: QuestionKind.TEXT,
        }
        self._choice, self._reference = tags["Choice"], tags["CodedReference"]
        self._id, self._order, self._level = tags["QuestionID"], tags["SequenceNumber"], tags["QuestionLevel"]
        self._text, self._default = tags["QuestionText"], tags["DefaultNextQuestionID"]
        self._next = tags["NextQuestionID"]
        self._forms = forms_of(tags)

    def question(self, element: etree._Element, plain: str | None) -> dict[str, Any]:
        """``plain`` is its text in the document, where that holds nothing that stands for something else."""
        usual = self._usual(plain) if plain is not None else None
        if usual is not None:
            return usual
        tags, held, codes = self._tags, dict[str, str](), []
        kinds: list[etree._Element] = []
        for child in element:
            if child.tag == tags["QuestionType"]:
                kinds += child
            elif child.tag == self._reference:
                codes.append(self._code(child))
            else:
                held[child.tag] = (child.text or "").strip()
        if len(kinds) != 1 or kinds[0].tag not in self._kinds:
            raise Illegible("a question is of no kind, or of several")
        kind, typed = self._kinds[kinds[0].tag], kinds[0]
        said: dict[str, Any] = {
            "id": held[self._id],
            "order": _count(held.get(self._order, "")),
            "level": held.get(self._level) or None,
            "text": held.get(self._text, ""),
            "kind": kind,
            "codes": codes,
            "default_next": held.get(self._default) or None,
        }
        if kind is QuestionKind.SELECT:
            said["multiple"] = _flag(typed, tags["SelectMultiple"])
            said["choices"] = [self._choice_of(child) for child in typed if child.tag == self._choice]
        elif kind is QuestionKind.NUMBER:
            conditions = [child for child in typed if child.tag == tags["NextQuestionCondition"]]
            said["conditions"] = [self._condition(each) for child in conditions for each in child]
        elif kind is QuestionKind.DATE and _flag(typed, f".//{tags['IsDateTimeRequired']}"):
            said["kind"] = QuestionKind.MOMENT
        return said

    def _usual(self, plain: str) -> dict[str, Any] | None:
        """What ``question`` says of the same question; None for one that is written otherwise."""
        found = self._forms.question.fullmatch(plain)
        if found is None:
            return None
        own, order, level, text, coded, target, many, choices, moment, free = found.groups("")
        kind = QuestionKind.SELECT if choices else QuestionKind.TEXT if free else QuestionKind.DATE
        said: dict[str, Any] = {
            "id": own,
            "order": _count(order.strip()),
            "level": level.strip() or None,
            "text": text,
            "kind": QuestionKind.MOMENT if moment.strip() == "Y" else kind,
            "default_next": target.strip() or None,
        }
        if coded:
            said["codes"] = [
                _code(system.strip(), code, description.strip(), version.strip())
                for version, system, code, description in self._forms.code.findall(coded)
            ]
        if choices:
            said["multiple"] = many.strip() == "Y"
            said["choices"] = [
                {
                    "id": own,
                    "order": _count(order.strip()),
                    "text": text,
                    "detail": _DETAILS.get(detail.strip(), Detail.NONE),
                    "next": target.strip() or None,
                }
                for own, order, text, detail, target in self._forms.choice.findall(choices)
            ]
        return said

    def _choice_of(self, element: etree._Element) -> dict[str, Any]:
        tags, held, codes = self._tags, dict[str, str](), []
        for child in element:
            if child.tag == self._reference:
                codes.append(self._code(child))
            else:
                held[child.tag] = (child.text or "").strip()
        return {
            "id": held[tags["ChoiceID"]],
            "order": _count(held.get(self._order, "")),
            "text": held.get(tags["ChoiceText"], ""),
            "detail": _DETAILS.get(held.get(tags["AdditionalFreeTextIndicator"], ""), Detail.NONE),
            "codes": codes,
            "next": held.get(self._next) or None,
        }

    def _code(self, element: etree._Element) -> dict[str, Any]:
        tags = self._tags
        held = {child.tag: (child.text or "").strip() for child in element}
        names = ("Qualifier", "Code", "Description", "CodeSystemVersion")
        return _code(*(held.get(tags[name], "") for name in names))

    def _condition(self, element: etree._Element) -> dict[str, Any]:
        held = {str(child.tag): (child.text or "").strip() for child in element}
        target = held.pop(self._next)
        if element.tag == self._tags["SingleComparison"]:
            limits = [_limit(held, "")]
        else:
            limits = [_limit(held, "Lower"), _limit(held, "Upper")]
        # A payer writes "up to 120, or 160 and more" as a range with 120 below and 160 above.
        either = len(limits) == 2 and limits[0]["comparison"] in _BELOW and limits[1]["comparison"] in _ABOVE
        return {"limits": limits, "either": either, "next": target}


def _limit(held: Mapping[str, str], bound: str) -> dict[str, Any]:
    of = {name: text for name, text in held.items() if name.startswith(bound)}
    value = next((text for name, text in of.items() if name.endswith("Value")), "")
    comparison = next((text for name, text in of.items() if name.endswith("Operator")), "")
    if not _NUMBER.fullmatch(value) or comparison not in _COMPARISONS:
        raise Illegible("a condition compares with something that is no number, or in no known way")
    return {"comparison": _COMPARISONS[comparison], "value": Decimal(value)}


def _code(system: str, code: str, description: str, version: str) -> dict[str, Any]:
    return {
        "system": _SYSTEMS.get(system.upper(), system.lower()),
        "code": code,
        "description": description or None,
        "version": version or None,
    }


def _count(written: str) -> int:
    if not _COUNT.fullmatch(written):
        raise Illegible("a question or a choice has no place")
    return int(written)


def _flag(element: etree._Element, name: str) -> bool:
    found = element.findtext(name)
    return found is not None and found.strip() == "Y"
