"""Reads a payer's questions into the model, as they were sent, sound or not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

from lxml import etree
from pydantic import ValidationError

from adapters.script_epa.codec.envelope import Received, moment
from adapters.script_epa.codec.form import all_said_at
from adapters.script_epa.codec.meaning import DETAILS, FLAGS, Illegible, condition_of, count_of, reference_of
from adapters.script_epa.codec.tree import Node, Tree
from adapters.script_epa.codec.usual import Found, Outline, usual_of
from adapters.script_epa.codec.versions import Version
from gateway.model.questions import Detail, QuestionKind, QuestionSet

Said = dict[str, Any]
Doubt = Callable[[str], object]
_MINUTE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
"""A moment without seconds, which the standard does not have and partners write."""
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_EARLIEST = timezone(timedelta(hours=-4))
"""The zone in which a day ends first of those that count: Eastern daylight time, and Puerto Rico all year."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """Where a message asks. ``asking`` is what holds the case and all of it, ``asked`` what holds header and questions;
    in one of the two shapes they go back in, the latter is a set of its own. ``deadline`` is the earliest, and
    ``several`` our words for what there is more of than can be answered."""

    asking: Node
    asked: Node
    header: Node
    questions: tuple[Node, ...]
    deadline: Node | None
    several: tuple[str, ...] = ()


def question_part(received: Received) -> QuestionPart | None:
    """The questions of an open case; None where the message asks none."""
    tags = received.version.tags
    asking = received.content.get(tags["Response"], tags["ResponseStatus"], tags["Open"])
    if asking is None:
        return None
    more = asking.all(tags["MoreInformationRequired"])
    outer = more[0] if more else asking
    sets = outer.all(tags["QuestionSet"])
    asked = sets[0] if sets else outer
    headers, questions = asked.all(tags["Header"]), asked.all(tags["Question"])
    if not headers or not questions:
        return None
    asking_too = (outer, asking) if outer is not asking else (asking,)
    deadlines = [node for each in asking_too for node in each.all(tags["DeadlineForReply"])]
    held = {"MoreInformationRequired": more, "QuestionSet": sets, "Header": headers}
    several = [word for word, found in held.items() if len(found) > 1]
    if len({node.text for node in headers[0].all(tags["AttachmentRequired"])}) > 1:
        several.append("AttachmentRequired")
    if len({said for node in deadlines for said in all_said_at(node)}) > 1:
        several.append("DeadlineForReply")
    deadline = min(deadlines, key=lambda node: due(earliest_at(node) or "") or _NEVER, default=None)
    return QuestionPart(asking, asked, headers[0], tuple(questions), deadline, tuple(several))


def read_questions(received: Received, part: QuestionPart, doubt: Doubt) -> QuestionSet:
    """``doubt`` is told what was not understood and is left out. Raises Illegible."""
    tags = received.version.tags
    header = part.header
    phone = header.get(tags["QuestionSetContactCommunicationNumber"])
    numbers = [node.text for node in phone.walk() if node.name == tags["Number"]] if phone is not None else []
    written = earliest_at(part.deadline)
    required = header.word(tags["AttachmentRequired"])
    reader, tree = _reader_of(received.version), received.tree
    try:
        return QuestionSet.model_validate(
            {
                "round": round_of(received, part),
                "title": _told(header, tags["QuestionSetTitle"]) or "",
                "description": _told(header, tags["QuestionSetDescription"]),
                "phone": next((number for number in numbers if number), None),
                "attachment_required": required is not None and _flag(required.text, doubt),
                "attachment_notes": _told(header, tags["AttachmentNotes"]),
                "deadline": due(written) if written else None,
                "deadline_as_written": written,
                "questions": [reader.question(node, tree, doubt) for node in part.questions],
            }
        )
    except ValidationError as error:
        place = "".join(f"/{step}" for step in error.errors(include_input=False, include_context=False)[0]["loc"])
        raise Illegible(f"{place} is not as it must be, or more than can be asked") from None
    except KeyError:
        raise _lacking() from None


def round_of(received: Received, part: QuestionPart) -> str:
    """The questions' round: case, deadline and all are in it."""
    return hashlib.sha256(received.tree.body[part.asking.start : part.asking.end]).hexdigest()[:32]


def read_outlines(received: Received, part: QuestionPart) -> tuple[Outline, ...]:
    """What must be known of the questions to answer them. Raises Illegible."""
    reader, tree = _reader_of(received.version), received.tree
    try:
        return tuple(reader.outline(node, tree) for node in part.questions)
    except KeyError:
        raise _lacking() from None


def _lacking() -> Illegible:
    return Illegible("a question lacks what every question has")


def _told(node: Node, name: str) -> str | None:
    found = node.word(name)
    return found.text if found is not None else None


def due(written: str) -> datetime | None:
    """The latest time that is meant, a day being till its end; None for what cannot be read.

    What has no zone is taken to be of the zone in which it comes first, of those that can be meant, for what is done by
    then is in time in all of them. A moment may be of UTC, in which the standard has messages write their times, and
    comes first there. A day is one of a calendar that hangs in the United States, and ends first in their east.
    """
    short = _MINUTE.fullmatch(written)
    at = moment(f"{short[1]}:00{short[2] or ''}" if short else written)
    if at is not None:
        return at
    found = _DAY.fullmatch(written)
    if found is None:
        return None
    try:
        end = datetime.fromisoformat(f"{found[1]}T23:59:59{found[2] or ''}")
    except ValueError:
        return None
    if not 1900 < end.year < 9999:
        return None
    return (end if found[2] else end.replace(tzinfo=_EARLIEST)).astimezone(UTC)


def earliest_at(node: Node | None) -> str | None:
    """What stands in a deadline, as it is written; of several the one that ends first."""
    said = all_said_at(node) if node is not None else []
    return min(said, key=lambda each: due(each) or _NEVER, default=None)


class _Reader:
    """Names are looked up once: a set has a thousand elements."""

    def __init__(self, version: Version) -> None:
        self._tags = tags = version.tags
        self._kinds = {
            tags["Select"]: QuestionKind.SELECT,
            tags["Date"]: QuestionKind.DATE,
            tags["Numeric"]: QuestionKind.NUMBER,
            tags["FreeText"]: QuestionKind.TEXT,
        }
        self._choice, self._reference = tags["Choice"], tags["CodedReference"]
        self._order, self._next = tags["SequenceNumber"], tags["NextQuestionID"]
        self._known = frozenset(tags.values())
        self._usual, self._version = usual_of(version), version

    def question(self, node: Node, tree: Tree, doubt: Doubt) -> Said:
        found = self._found(node, tree)
        return self._usual.question(found) if found is not None else self._question(node.element, doubt)

    def outline(self, node: Node, tree: Tree) -> Outline:
        found = self._found(node, tree)
        if found is not None:
            return self._usual.outline(found)
        said = self._question(node.element, _nobody)
        choices = frozenset(choice["id"] for choice in said.get("choices", ()))
        return Outline(said["id"], said["kind"], said.get("multiple", False), choices)

    def _found(self, node: Node, tree: Tree) -> Found | None:
        """The question in its usual form."""
        if (found := tree.usual.get(node.start)) is not None:
            return found
        plain = tree.plain(node.start, node.end)
        return self._usual.find(plain) if plain is not None else None

    def _question(self, element: etree._Element, doubt: Doubt) -> Said:
        tags, held, codes = self._tags, dict[str, str](), []
        kinds: list[etree._Element] = []
        for child in element:
            if child.tag == tags["QuestionType"]:
                kinds += child
            elif child.tag == self._reference:
                codes.append(self._code(child))
            else:
                self._hold(held, child)
        if len(kinds) != 1 or kinds[0].tag not in self._kinds:
            raise Illegible("a question is of no kind, or of several")
        kind, typed = self._kinds[kinds[0].tag], kinds[0]
        said: Said = {
            "id": held[tags["QuestionID"]],
            "order": count_of(held.get(self._order, "")),
            "level": held.get(tags["QuestionLevel"]) or None,
            "text": held.get(tags["QuestionText"], ""),
            "kind": kind,
            "codes": codes,
            "default_next": held.get(tags["DefaultNextQuestionID"]) or None,
        }
        if kind is QuestionKind.SELECT:
            said["multiple"] = self._flag(typed, tags["SelectMultiple"], doubt)
            said["choices"] = [self._choice_of(child, doubt) for child in typed if child.tag == self._choice]
        elif kind is QuestionKind.NUMBER:
            conditions = [child for child in typed if child.tag == tags["NextQuestionCondition"]]
            said["conditions"] = [self._condition(each) for child in conditions for each in child]
        elif kind is QuestionKind.DATE and self._flag(typed, tags["IsDateTimeRequired"], doubt):
            said["kind"] = QuestionKind.MOMENT
        return said

    def _choice_of(self, element: etree._Element, doubt: Doubt) -> Said:
        tags, held, codes = self._tags, dict[str, str](), []
        for child in element:
            if child.tag == self._reference:
                codes.append(self._code(child))
            else:
                self._hold(held, child)
        detail = held.get(tags["AdditionalFreeTextIndicator"], "")
        if detail and detail not in DETAILS:
            doubt("whether a choice wants words of its own cannot be read")
        return {
            "id": held[tags["ChoiceID"]],
            "order": count_of(held.get(self._order, "")),
            "text": held.get(tags["ChoiceText"], ""),
            "detail": DETAILS.get(detail, Detail.NONE),
            "codes": codes,
            "next": held.get(self._next) or None,
        }

    def _code(self, element: etree._Element) -> Said:
        tags, held = self._tags, dict[str, str]()
        for child in element:
            self._hold(held, child)
        names = ("Qualifier", "Code", "Description", "CodeSystemVersion")
        return reference_of(*(held.get(tags[name], "") for name in names))

    def _condition(self, element: etree._Element) -> Said:
        held = dict[str, str]()
        for child in element:
            self._hold(held, child)
        target = held.pop(self._next)
        bounds = ("",) if element.tag == self._tags["SingleComparison"] else self._version.bounds
        return condition_of([_limit(held, bound, *self._version.limits) for bound in bounds], target)

    def _hold(self, held: dict[str, str], child: etree._Element) -> None:
        """Keep a text; of two that are not alike nobody knows which counts. What is not known may stand there often."""
        said = (child.text or "").strip()
        if held.setdefault(child.tag, said) != said and child.tag in self._known:
            raise Illegible("a question, or a part of it, says two things where one may stand")

    def _flag(self, typed: etree._Element, name: str, doubt: Doubt) -> bool:
        held = dict[str, str]()
        for child in typed.iter(name):
            self._hold(held, child)
        return _flag(held.get(name), doubt)


@cache
def _reader_of(version: Version) -> _Reader:
    return _Reader(version)


def _limit(held: Mapping[str, str], bound: str, operator: str, value: str) -> tuple[str, str]:
    """The operator and the value of a comparison, or of one end of a range."""
    of = {name: text for name, text in held.items() if name.startswith(bound)}
    return (
        next((text for name, text in of.items() if name.endswith(operator)), ""),
        next((text for name, text in of.items() if name.endswith(value)), ""),
    )


def _flag(written: str | None, doubt: Doubt) -> bool:
    said = (written or "").strip()
    if said and said not in FLAGS:
        doubt("a yes or no of the payer's questions cannot be read")
    return FLAGS.get(said, False)


def _nobody(doubt: str) -> None:
    """For whoever reads what somebody was called for already."""
