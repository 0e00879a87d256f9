"""Questions in the usual form are not parsed: what a parser would refuse is refused all the same."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.script_epa.codec import tree
from adapters.script_epa.codec.envelope import receive
from gateway.contract.errors import Unreadable
from tests.unit.script_material import QUESTIONS, heard, opening

PIECES = (
    *("<", ">", "&", "&lt;", "&bogus;", "&#65;", "&#0;", "]]>", "]", "\x01", "\x0b", "\x7f", "\r", "\t", "é", '"', "/"),
    *("<!-- -->", "<!--", "-->", "<![CDATA[x]]>", "<![CDATA[", "]]", "<?pi x?>", "<?", "</Wrong>", "<Wrong>", "<Odd/>"),
    *("<Question>", "</Question>", "<Question/>", "<Answer>x</Answer>", "<Choice>", "</Choice>", "</Select>", " a='b'"),
    *("<NextQuestionID>END</NextQuestionID>", "<IsNumeric>Y</IsNumeric>", "<Code>1</Code>", " xmlns='u'", "<p:x/>"),
)
QUESTION = re.compile(r"<Question>.*?</Question>", re.DOTALL)


def seen(body: bytes, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the parser was given of this document."""
    given_to: list[bytes] = []
    parse = etree.fromstring

    def kept(document: bytes, parser: etree.XMLParser) -> etree._Element:
        given_to.append(document)
        return parse(document, parser)

    monkeypatch.setattr(tree.etree, "fromstring", kept)
    receive(body)
    return given_to


def test_the_parser_sees_one_empty_question_for_those_in_the_usual_form(monkeypatch: pytest.MonkeyPatch) -> None:
    [parsed] = seen(opening(QUESTIONS), monkeypatch)
    assert QUESTION.sub("", opening(QUESTIONS).decode()).split() == parsed.replace(b"<Question/>", b"").decode().split()
    assert parsed.count(b"<Question/>") == 1


def test_it_sees_those_that_are_written_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = QUESTIONS.replace("<QuestionID>20<", '<QuestionID a="b">20<')
    [parsed] = seen(opening(odd), monkeypatch)
    assert re.findall(rb"<QuestionID[^>]*>([0-9]+)<", parsed) == [b"20"]
    assert parsed.count(b"<Question/>") == 2


def test_places_are_those_of_the_document() -> None:
    odd = opening(QUESTIONS.replace("<QuestionID>20<", '<QuestionID a="b">20<'))
    found = [node for node in receive(odd).tree.root.walk() if node.name == "Question"]
    assert [odd[node.start : node.end].decode() for node in found] == QUESTION.findall(odd.decode())
    assert {node.path for node in found} == {
        "Body/PAInitiationResponse/Response/ResponseStatus/Open/QuestionSet/Question"
    }


@pytest.mark.parametrize("piece", ["&bogus;", "&", "&#0;", "]]>", "\x01", "\x0b", "\x1f", "<Odd>", "</ChoiceText>"])
@pytest.mark.parametrize("before", ["tumour?<", "Lung<", "LE<", "Stage<", "</Choice>", "</Select>"])
def test_what_no_document_may_hold_is_refused_in_a_question_too(piece: str, before: str) -> None:
    assert before in QUESTIONS
    with pytest.raises(Unreadable, match="is not XML"):
        receive(opening(QUESTIONS.replace(before, piece + before, 1)))


@pytest.mark.parametrize("name", sorted(set(re.findall("</([A-Za-z]+)>", QUESTIONS))))
def test_an_end_of_another_element_is_refused_in_a_question_too(name: str) -> None:
    for end in ("</Wrong>", f"</{name}s>", "<Wrong>", ""):
        with pytest.raises(Unreadable, match="is not XML"):
            receive(opening(QUESTIONS.replace(f"</{name}>", end, 1)))


def test_an_instruction_that_ends_in_a_question_ends_there() -> None:
    [first, *_] = QUESTION.findall(QUESTIONS)
    cut = f"<?odd {first.replace('tumour?', 'tumour?>')} ?>"
    with pytest.raises(Unreadable, match="is not XML"):
        receive(opening(QUESTIONS.replace(first, cut)))


@pytest.mark.parametrize("other", ["<a><b/><c/></a>", "<a><b><d/></b></a>", "<a><b/></a>", "<a><b><c/><c/></b></a>"])
def test_bytes_and_elements_that_do_not_go_together_are_refused(other: str) -> None:
    """No document is known whose do not."""
    with pytest.raises(Unreadable, match="cannot be followed"):
        tree._placed("<a><b><c/></b></a>", {}, "utf-8", etree.fromstring(other))


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("<Odd a='", "'/>"),
        ("<Odd ", "/>"),
        ("<!-- -- ", "-->"),
        ("<![CDATA[", ""),
        ("<?odd ", ""),
        ("</", ">"),
        ("&", ";"),
    ],
)
def test_a_question_where_none_can_stand_is_refused(begins: str, ends: str) -> None:
    [first, *_] = QUESTION.findall(QUESTIONS)
    with pytest.raises(Unreadable, match="is not XML"):
        receive(opening(QUESTIONS.replace(first, begins + first + ends)))


@pytest.mark.parametrize(("begins", "ends"), [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?odd ", "?>")])
def test_what_only_looks_like_a_question_is_none(begins: str, ends: str) -> None:
    [first, *_] = QUESTION.findall(QUESTIONS)
    found = heard(opening(QUESTIONS.replace(first, begins + first + ends))).questions
    assert found is not None
    assert [question.id for question in found.questions] == ["20", "30", "40"]


def test_a_sign_by_its_number_is_read_as_the_sign() -> None:
    found = heard(opening(QUESTIONS.replace("Lung", "L&#117;ng &amp;amp; &lt;heart&gt;"))).questions
    assert found is not None
    assert found.questions[0].choices[0].text == "Lung &amp; <heart>"


@given(st.data())
def test_a_document_is_refused_where_a_parser_refuses_it(data: st.DataObject) -> None:
    text = opening(data.draw(st.sampled_from((QUESTIONS, QUESTIONS.replace("\n", ""))))).decode()
    first, last = text.index("<QuestionSet>"), text.index("</QuestionSet>")
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(first, last))
        gone = data.draw(st.sampled_from((0, 0, 0, 1, 2, 20)))
        text = text[:at] + data.draw(st.sampled_from(PIECES)) + text[at + gone :]
    body, sound = text.encode(), True
    try:
        etree.fromstring(body, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True))
    except etree.XMLSyntaxError:
        sound = False
    told = ""
    try:
        receive(body)
    except Unreadable as error:
        told = error.what
    if not sound:
        assert told
    else:
        assert "is not XML" not in told


@pytest.mark.parametrize(
    "written",
    [
        "<Question>" * 150_000,
        "<Question>" + "x" * 6_000_000 + "</Question>",
        QUESTIONS.replace("</Select>", "</Choice>" * 120_000),
        QUESTIONS.replace("</Select>", f"</Choice>{' ' * 40}" * 120_000 + "</Select>"),
        QUESTIONS.replace("Lung", "&" * 6_000_000),
        QUESTIONS.replace("Lung", "]" * 6_000_000),
        QUESTIONS.replace("</QuestionType>", "<CodedReference><Code>1</Code></CodedReference>" * 40_000, 1),
        QUESTIONS.replace(
            "<QuestionType>", "<CodedReference><Qualifier>LD</Qualifier><Code>1</Code></CodedReference>" * 25_000, 1
        ),
        QUESTIONS.replace("</Numeric>", "<NextQuestionCondition>" * 150_000 + "</Numeric>"),
    ],
    ids=["open", "text", "choices", "blanks", "signs", "brackets", "codes", "sound-codes", "conditions"],
)
def test_whatever_comes_each_sign_is_looked_at_a_few_times(written: str) -> None:
    """Looked at once for each other, a few of these would take hours."""
    body = opening(written)
    began = time.process_time()
    with suppress(Unreadable):
        receive(body)
    assert time.process_time() - began < 5
