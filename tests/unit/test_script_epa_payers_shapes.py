"""Questions that a payer writes in ways that nobody asked for: answers land where they belong, or are refused."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from adapters.script_epa import ADAPTER
from gateway.contract.adapter import Answers
from gateway.model.questions import QuestionAnswer
from tests.unit.script_material import FILED, LATER, TO, heard, more_wanted, opening, said

SPACES = 'xmlns:v="urn:made-up:v" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
VENDOR, NIL = "{urn:made-up:v}", "{http://www.w3.org/2001/XMLSchema-instance}nil"
TEXT = "<FreeText><IsFreeText>Y</IsFreeText></FreeText>"
DAY = "<Date><IsDateTimeRequired>N</IsDateTimeRequired></Date>"


def question(kind: str, more: str = "") -> str:
    return (
        "<Question><QuestionID>1</QuestionID><SequenceNumber>1</SequenceNumber><QuestionText>Say</QuestionText>"
        f"<DefaultNextQuestionID>END</DefaultNextQuestionID><QuestionType>{kind}</QuestionType>{more}</Question>"
    )


def answered(body: bytes, **given: Any) -> etree._Element:
    """The message that answers the one question of a message."""
    asked = heard(body).questions
    assert asked is not None
    answers = Answers(round=asked.round, questions=(QuestionAnswer.model_validate({"question": "1", **given}),))
    return etree.fromstring(said(ADAPTER.answer(FILED.model_copy(update={"asked": body}), answers, TO, LATER)))


def declared(body: bytes, old: str, new: str) -> bytes:
    """A message of a payer that declares prefixes around everything, and uses one."""
    assert old.encode() in body
    return body.replace(b"<Message ", f"<Message {SPACES} ".encode()).replace(old.encode(), new.encode(), 1)


@pytest.mark.parametrize("shape", [opening, more_wanted])
def test_a_prefix_that_is_declared_around_the_questions_means_the_same_in_the_answer(shape: Any) -> None:
    plain = shape(questions=question(TEXT))
    nil = declared(plain, "</QuestionText>", '</QuestionText><QuestionLevel xsi:nil="true"/>')
    assert answered(nil, text="x").find(".//QuestionLevel").get(NIL) == "true"
    beside = declared(plain, "</QuestionType>", "</QuestionType><v:More>1</v:More>")
    found = answered(beside, text="x")
    assert found.findtext(f".//Question/{VENDOR}More") == "1"
    assert found.findtext(".//QuestionType/FreeText/Answer/PrescriberProvidedAnswer") == "x"
    headed = declared(plain, "<QuestionSetTitle>", '<QuestionSetTitle v:of="9">')
    assert answered(headed, text="x").find(".//QuestionSetTitle").get(f"{VENDOR}of") == "9"


@pytest.mark.parametrize("name", ["PACaseID", "DeadlineForReply"])
@pytest.mark.parametrize("own", ["", ' xmlns:v="urn:made-up:v"', " xmlns:v = 'urn:made-up:other' a='>'"])
def test_case_and_deadline_keep_a_prefix_whoever_declares_it(name: str, own: str) -> None:
    body = declared(opening(question(TEXT)), f"<{name}>", f'<{name} v:of="7"{own}>')
    space = "{urn:made-up:other}" if "other" in own else VENDOR
    assert answered(body, text="x").find(f".//SolicitedModel/{name}").get(f"{space}of") == "7"


def test_a_message_without_prefixes_gets_none() -> None:
    body = declared(opening(question(TEXT)), "Be quick.", "Be quick.")
    assert "v" not in {prefix for node in answered(body, text="x").iter() for prefix in node.nsmap}
