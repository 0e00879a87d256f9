"""Writes answers into the questions as the payer sent them: its bytes stay, and answers are put in between.

Questions come in two shapes: in a set of their own (the answer to an initiation or an appeal), or directly below
what asks for more. They go back in a set. A question for a date has one element more around it than it came with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from functools import cache

from lxml import etree

from adapters.script_epa.asking.draft import Draft
from adapters.script_epa.codec.envelope import Received, receive
from adapters.script_epa.codec.meaning import Illegible
from adapters.script_epa.codec.questions import QuestionPart, question_part, read_outlines, round_of
from adapters.script_epa.codec.tree import Node
from adapters.script_epa.codec.usual import Outline
from adapters.script_epa.codec.versions import Version
from adapters.script_epa.codec.writing import Xml, element, ends, escaped, leaf, text
from gateway.contract.adapter import Answers
from gateway.contract.errors import CannotExpress, Inexpressible, Unreadable
from gateway.model.questions import QuestionAnswer, QuestionKind

_MOST_TEXT, _MOST_NUMBER = 2000, 18
_TAGS = {
    QuestionKind.SELECT: "Select",
    QuestionKind.DATE: "Date",
    QuestionKind.MOMENT: "Date",
    QuestionKind.NUMBER: "Numeric",
    QuestionKind.TEXT: "FreeText",
}
_GIVEN = {
    QuestionKind.SELECT: "chosen",
    QuestionKind.DATE: "date",
    QuestionKind.MOMENT: "moment",
    QuestionKind.NUMBER: "number",
    QuestionKind.TEXT: "text",
}
"""What an answer to it has; it has one of these."""
_FIRST_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_INSIDE = rb"""(?:[^>"'/]|"[^"]*"|'[^']*'|/(?!>))*"""
_ASIDE = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)


@dataclass(frozen=True)
class _Forms:
    """Elements in the payer's bytes, by one version's names: where a question's type begins and ends, and a date as it
    stands in requests, for a payer may have written it so already; and the tags around an answer and a number."""

    type: re.Pattern[bytes]
    type_ends: re.Pattern[bytes]
    doubled: re.Pattern[bytes]
    answer: tuple[Xml, Xml]
    number: tuple[Xml, Xml]


@cache
def _forms_of(version: Version) -> _Forms:
    type_, date = (version.tags[name].encode() for name in ("QuestionType", "Date"))
    return _Forms(
        re.compile(rb"<" + type_ + rb"(?=[\s/>])"),
        re.compile(rb"</" + type_ + rb"\s*>"),
        re.compile(rb"<" + date + rb"(?:\s" + _INSIDE + rb")?>\s*<" + date + rb"(?=[\s/>])"),
        ends(version.tags["Answer"], version.tags["AnswerProvided"]),
        ends(version.tags["Answer"], version.tags["NumericAnswerProvided"]),
    )


@dataclass(frozen=True)
class Asked:
    """What the payer asked last: ``case``, ``appeal_case`` and ``deadline`` are its elements, byte for byte."""

    received: Received = field(repr=False)
    part: QuestionPart = field(repr=False)
    round: str
    questions: tuple[Outline, ...] = field(repr=False)
    case: Xml = field(repr=False)
    appeal_case: Xml | None = field(repr=False)
    deadline: Xml | None = field(repr=False)
    appeal: bool


def asked_in(document: bytes) -> Asked:
    """Raises CannotExpress for a document whose questions cannot be answered in its own words."""
    try:
        received = receive(document)
        part = question_part(received)
        if part is None:
            raise Illegible
        questions = read_outlines(received, part)
    except (Unreadable, Illegible):
        raise CannotExpress(
            Inexpressible("/questions", "what the payer asked cannot be read", "Answer it by the payer's own way.")
        ) from None
    tags = received.version.tags
    case = part.asking.word(tags["PACaseID"])
    if case is None:
        raise CannotExpress(
            Inexpressible("/questions", "the payer named no case with its questions", "Call the payer.")
        )
    return Asked(
        received=received,
        part=part,
        round=round_of(received, part),
        questions=questions,
        case=_cut(received, case),
        appeal_case=_cut(received, appeal) if (appeal := part.asking.word(tags["AppealCaseID"])) else None,
        deadline=_cut(received, part.deadline) if part.deadline is not None else None,
        appeal=received.kind == "PAAppealResponse",
    )


def _bytes(received: Received, node: Node) -> Xml:
    return received.tree.utf8(node.start, node.end)


def _cut(received: Received, node: Node) -> Xml:
    """An element that is to stand elsewhere, with the prefixes declared that it has from what was around it."""
    said = _bytes(received, node)
    return _declared(node, said, [said])


def _declared(node: Node, said: Xml, parts: Sequence[Xml]) -> Xml:
    """The beginning of an element with those prefixes declared that ``parts`` of it use and what was around it has."""
    around = _prefixes(node.element.getparent(), parts)
    if not around:
        return said
    first = _FIRST_TAG.match(said)
    own = first[0] if first else b""
    more = {name: space for name, space in around.items() if not re.search(rb"\s" + name.encode() + rb"\s*=", own)}
    at = 1 + len(node.name.encode())
    return said[:at] + "".join(f' {name}="{escaped(space)}"' for name, space in more.items()).encode() + said[at:]


def _prefixes(around: etree._Element, parts: Sequence[Xml]) -> dict[str, str]:
    """Declarations of those prefixes that an element has, or is within reach of, and that these parts of it use."""
    known = {prefix: space for prefix, space in around.nsmap.items() if prefix is not None}
    used = [prefix for prefix in known if any(f"{prefix}:".encode() in part for part in parts)]
    return {f"xmlns:{prefix}": known[prefix] for prefix in sorted(used)}


def answered(draft: Draft, asked: Asked, answers: Answers) -> Xml:
    """QuestionSet with the answers in it: the payer's own, or one around questions that came without."""
    tags = draft.version.tags
    known = {question.id: question for question in asked.questions}
    written: dict[str, Xml] = {}
    for place, answer in enumerate(answers.questions):
        at = f"/questions/{place}"
        question = known.get(answer.question)
        if question is None:
            draft.refuse(f"{at}/question", "the payer asked no such question", "Answer the questions as they are now.")
        elif answer.question in written:
            draft.refuse(f"{at}/question", "this question is answered twice", "Send one answer.")
        else:
            written[answer.question] = _answer(draft, at, question, answer)
    header, *questions = parts = _parts(asked)
    around = asked.part.asked.element
    # To look among the elements first is ten times quicker, and few payers leave any.
    held = next(around.iter(f"{{*}}{tags['Answer']}"), None) is not None
    left = held and any(b"<" + tags["Answer"].encode() in part for part in questions)
    if left:
        draft.lose("/questions", "answers that the payer left in its own questions do not go back")
    header = _header(draft, header, answers.note)
    inserted = _inserted(asked, questions, written, tags["Answer"] if left else None)
    if asked.part.asked.name == tags["QuestionSet"]:
        return _in_its_set(asked, header, list(inserted))
    if _holds_more(asked.part, tags):
        draft.lose("/questions", "what the payer wrote beside its questions does not go back")
    return element(tags["QuestionSet"], header, *inserted, **_prefixes(around, parts))


def _in_its_set(asked: Asked, header: Xml, questions: Sequence[Xml]) -> Xml:
    """The payer's set with all that stands between its parts, known or not, and with these in the places of them."""
    whole, tree = asked.part.asked, asked.received.tree
    parts = [(asked.part.header, header), *zip(asked.part.questions, questions, strict=True)]
    said, at = [], whole.start
    for node, written in sorted(parts, key=lambda part: part[0].start):
        said += [tree.utf8(at, node.start), written]
        at = node.end
    said.append(tree.utf8(at, whole.end))
    return b"".join((_declared(whole, said[0], said), *said[1:]))


def _holds_more(part: QuestionPart, tags: Mapping[str, str]) -> bool:
    """Whether what asks holds anything that has no place in a set around its questions."""
    known = {tags[name] for name in ("Header", "Question", "DeadlineForReply")}
    return bool(part.asked.element.attrib) or any(child.name not in known for child in part.asked.children)


def _parts(asked: Asked) -> list[Xml]:
    return [_bytes(asked.received, node) for node in (asked.part.header, *asked.part.questions)]


def _header(draft: Draft, header: Xml, note: str | None) -> Xml:
    """The header with a comment of ours, which is the last that it may hold."""
    comment = draft.version.tags["QuestionSetComment"]
    if note is None:
        return header
    if f"<{comment}".encode() in header or not header.rstrip().endswith(f"</{draft.version.tags['Header']}>".encode()):
        draft.lose("/note", "the payer left no place for a comment")
        return header
    said = text(comment, draft.written("/note", note, _MOST_TEXT)) or b""
    end = header.rindex(b"</")
    return header[:end] + said + header[end:]


def _inserted(asked: Asked, questions: Sequence[Xml], written: Mapping[str, Xml], left: str | None) -> Iterator[Xml]:
    """The questions with the answers; ``left`` is what holds those that their payer has left in them."""
    # Where the document is no text letter by letter, places in the one are none in the other.
    same = asked.received.tree.letters is not None and left is None
    tags, forms = asked.received.version.tags, _forms_of(asked.received.version)
    opened, closed = ends(tags["Date"])
    for question, said in zip(asked.questions, questions, strict=True):
        dated, answer = question.kind in (QuestionKind.DATE, QuestionKind.MOMENT), written.get(question.id, b"")
        name = tags[_TAGS[question.kind]]
        if left is not None:
            said = _without_answers(said, left, forms)
        elif not answer and not dated:
            yield said
            continue
        start, end = question.place if same and question.place else _outer(said, name, forms)
        if dated and not forms.doubled.match(said if same else _shown(said), start):
            yield b"".join((said[:start], opened, said[start:end], answer, closed, said[end:]))
        elif said[end - 2 : end] == b"/>":
            yield b"".join((said[: end - 2], b">", answer, f"</{name}>".encode(), said[end:]))
        else:
            at = said.rindex(b"</", start, end)
            yield said[:at] + answer + said[at:]


def _shown(question: Xml) -> Xml:
    """A question of the same length without comments and the like, for what is in them is no element."""
    if b"<!" not in question and b"<?" not in question:
        return question
    return _ASIDE.sub(lambda found: b" " * len(found[0]), question)


def _type(shown: Xml, forms: _Forms) -> tuple[int, int]:
    """Where QuestionType begins and ends; which of several is meant, nobody can say."""
    begins, ends = list(forms.type.finditer(shown)), list(forms.type_ends.finditer(shown))
    if len(begins) != 1 or len(ends) != 1:
        raise _not_there()
    return begins[0].start(), ends[0].end()


def _without_answers(question: Xml, name: str, forms: _Forms) -> Xml:
    """A question without what its payer has left in it as if we had answered."""
    shown = _shown(question)
    start, end = _type(shown, forms)
    tag = name.encode()
    one = re.compile(rb"<" + tag + rb"(?=[\s/>])(?:" + _INSIDE + rb"/>|.*?</" + tag + rb"\s*>)", re.DOTALL)
    kept, at = [], 0
    for found in one.finditer(shown, start, end):
        kept.append(question[at : found.start()])
        at = found.end()
    return b"".join((*kept, question[at:]))


def _outer(question: Xml, name: str, forms: _Forms) -> tuple[int, int]:
    """Where the element of this name in QuestionType begins and ends. It is the only one that stands there."""
    shown, tag = _shown(question), name.encode()
    within = _type(shown, forms)
    found = re.compile(rb"<" + tag + rb"(?=[\s/>])").search(shown, *within)
    last = None
    for last in re.compile(rb"</" + tag + rb"\s*>").finditer(shown, *within):  # noqa: B007
        pass
    if found is None or (last is not None and last.start() < found.start()):
        raise _not_there()
    end = last.end() if last is not None else shown.index(b"/>", found.start()) + 2
    return found.start(), end


def _not_there() -> CannotExpress:
    return CannotExpress(
        Inexpressible("/questions", "a question of the payer's cannot be answered in its own words", "Call the payer.")
    )


def _answer(draft: Draft, at: str, question: Outline, answer: QuestionAnswer) -> Xml:
    if getattr(answer, _GIVEN[question.kind]) in (None, ()):
        fix = f"Send a {question.kind.value}."
        draft.refuse(at, "this is not the kind of answer that the question takes", fix)
        return b""
    if answer.chosen:
        return _chosen(draft, at, question, answer)
    tags, forms = draft.version.tags, _forms_of(draft.version)
    opened, closed = forms.answer
    if answer.number is not None:
        number = format(answer.number, "f")
        if len(number) > _MOST_NUMBER:
            draft.refuse(f"{at}/number", f"it has more than {_MOST_NUMBER} characters", "Send fewer digits.")
        opened, closed = forms.number
        return opened + number.encode() + closed
    if answer.text is not None:
        said = draft.written(f"{at}/text", answer.text, _MOST_TEXT, whole=True)
        return opened + escaped(said).encode() + closed
    if answer.date is not None:
        return opened + leaf(tags["Date"], answer.date.isoformat()) + closed
    assert answer.moment is not None  # noqa: S101
    moment = answer.moment.astimezone(UTC)  # whose year strftime would not pad
    return opened + leaf(tags["DateTime"], f"{moment.date().isoformat()}T{moment:%H:%M:%S}Z") + closed


def _chosen(draft: Draft, at: str, question: Outline, answer: QuestionAnswer) -> Xml:
    """An answer for each choice."""
    tags = draft.version.tags
    if len(answer.chosen) > 1 and not question.multiple:
        draft.refuse(f"{at}/chosen", "one choice is to be made, and several are", "Choose one.")
    opened, closed = _forms_of(draft.version).answer
    said: list[Xml] = []
    made = set[str]()
    for place, chosen in enumerate(answer.chosen):
        if chosen.choice not in question.choices or chosen.choice in made:
            why = "the payer offers no such choice, or it is made twice"
            draft.refuse(f"{at}/chosen/{place}/choice", why, "Choose among the choices of the question.")
        elif not chosen.choice.isprintable():
            why = "the payer has given this choice an id that cannot travel"
            draft.refuse(f"{at}/chosen/{place}/choice", why, "Answer it by the payer's own way.")
        made.add(chosen.choice)
        # Its id as the payer wrote it: ids are echoed, whatever stands in them.
        given = leaf(tags["ChoiceID"], chosen.choice)
        if chosen.detail is not None:
            words = draft.written(f"{at}/chosen/{place}/detail", chosen.detail, _MOST_TEXT, whole=True)
            given += leaf(tags["AdditionalFreeText"], words)
        said += (opened, given, closed)
    return b"".join(said)
