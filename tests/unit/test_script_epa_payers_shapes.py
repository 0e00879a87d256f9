"""Questions that a payer writes in ways that nobody asked for: answers land where they belong, or are refused."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from adapters.script_epa import ADAPTER
from gateway.contract.adapter import Answers
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.contract.frames import Https
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


@pytest.mark.parametrize("where", ["before", "behind"])
def test_an_answer_stands_in_the_question_and_never_in_what_nobody_knows(where: str) -> None:
    strange = "<More><FreeText>z</FreeText></More>"
    body = opening(question(TEXT, strange if where == "behind" else ""))
    if where == "before":
        body = body.replace(b"<QuestionType>", strange.encode() + b"<QuestionType>")
    found = answered(body, text="x").find(".//Question")
    assert found.findtext("QuestionType/FreeText/Answer/PrescriberProvidedAnswer") == "x"
    assert etree.tostring(found.find("More")) == strange.encode()


def test_a_date_is_wrapped_where_it_is_and_not_where_it_seems_to_be() -> None:
    body = opening(question(DAY)).replace(b"<QuestionType>", b"<More><Date>z</Date></More><QuestionType>")
    found = answered(body, date="2026-01-02").find(".//Question")
    assert etree.tostring(found.find("More")) == b"<More><Date>z</Date></More>"
    assert found.findtext("QuestionType/Date/Date/IsDateTimeRequired") == "N"


def test_an_answer_for_which_there_are_two_places_is_refused() -> None:
    strange = f"<More><QuestionType>{TEXT}</QuestionType></More>"
    with pytest.raises(CannotExpress, match="in its own words"):
        answered(opening(question(TEXT, strange)), text="x")


def test_a_date_that_the_payer_wrote_as_in_a_request_is_not_wrapped_again() -> None:
    found = answered(opening(question(f"<Date>\n {DAY}\n</Date>")), date="2026-01-02").find(".//QuestionType")
    assert [child.tag for child in found.find("Date")] == ["Date", "Answer"]
    assert [child.tag for child in found.find("Date/Date")] == ["IsDateTimeRequired"]
    assert found.findtext("Date/Answer/PrescriberProvidedAnswer/Date") == "2026-01-02"


LEFT = "<Answer>\n<PrescriberProvidedAnswer>{}</PrescriberProvidedAnswer></Answer><Answer a='/>'/>"


@pytest.mark.parametrize(
    ("kind", "left", "given"),
    [
        (TEXT, "old", {"text": "x"}),
        (DAY, "<Date>2020-01-01</Date>", {"date": "2026-01-02"}),
        (f"<Date>{DAY}</Date>", "<Date>2020-01-01</Date>", {"date": "2026-01-02"}),
        ("<Numeric><IsNumeric>Y</IsNumeric></Numeric>", "1", {"number": "2"}),
    ],
)
def test_what_the_payer_left_as_an_answer_is_none_of_ours(kind: str, left: str, given: dict[str, Any]) -> None:
    at = kind.rindex("</")
    written = question(kind[:at] + LEFT.format(left) + kind[at:])
    root = answered(opening(written), **given)
    [answer] = root.findall(".//Answer")
    assert [*answer.itertext()] == [*given.values()]
    assert b"Answer" in etree.tostring(root.find(".//QuestionType")[0][-1])
    unanswered = answered_none(opening(written))
    assert unanswered.find(".//Answer") is None
    assert unanswered.find(f".//QuestionType/{etree.fromstring(kind).tag}") is not None


def answered_none(body: bytes) -> etree._Element:
    asked = heard(body).questions
    assert asked is not None
    exchange = ADAPTER.answer(FILED.model_copy(update={"asked": body}), Answers(round=asked.round, note="n"), TO, LATER)
    frame = first_frame(exchange)
    assert isinstance(frame, Https)
    assert "answers that the payer left" in " ".join(loss.what for loss in frame.losses)
    assert frame.document is not None
    return etree.fromstring(frame.document)


def test_a_choice_whose_id_holds_a_line_end_is_refused_and_another_is_not() -> None:
    choices = "".join(
        f"<Choice><ChoiceID>{name}</ChoiceID><SequenceNumber>{place}</SequenceNumber><ChoiceText>c</ChoiceText>"
        "<AdditionalFreeTextIndicator>NA</AdditionalFreeTextIndicator></Choice>"
        for place, name in enumerate(("a\nx", "b c"), 1)
    )
    body = opening(question(f"<Select><SelectMultiple>N</SelectMultiple>{choices}</Select>"))
    assert answered(body, chosen=[{"choice": "b c"}]).findtext(".//Answer/PrescriberProvidedAnswer/ChoiceID") == "b c"
    with pytest.raises(CannotExpress, match="/questions/0/chosen/0/choice"):
        answered(body, chosen=[{"choice": "a\nx"}])


@pytest.mark.parametrize("opened", ["<ChoiceID >", '<ChoiceID xml:lang="en">'])
def test_a_choice_can_be_made_whose_id_begins_unlike_the_others(opened: str) -> None:
    choices = "".join(
        f"<Choice>{tag}{place}</ChoiceID><SequenceNumber>{place}</SequenceNumber><ChoiceText>c</ChoiceText>"
        "<AdditionalFreeTextIndicator>NA</AdditionalFreeTextIndicator></Choice>"
        for place, tag in enumerate(("<ChoiceID>", opened), 1)
    )
    body = opening(question(f"<Select><SelectMultiple>N</SelectMultiple>{choices}</Select>"))
    assert answered(body, chosen=[{"choice": "2"}]).findtext(".//Answer/PrescriberProvidedAnswer/ChoiceID") == "2"


@pytest.mark.parametrize("flag", ["<IsDateTimeRequired></IsDateTimeRequired>", "<IsDateTimeRequired/>"])
def test_a_date_whose_flag_is_empty_is_answered_by_a_date_and_by_no_words(flag: str) -> None:
    body = opening(question(f"<Date>{flag}</Date>"))
    assert answered(body, date="2026-01-02").findtext(".//Answer/PrescriberProvidedAnswer/Date") == "2026-01-02"
    with pytest.raises(CannotExpress, match="kind of answer"):
        answered(body, text="last spring")


def test_a_choice_can_be_made_whose_id_ends_with_a_blank_in_its_tag() -> None:
    choice = (
        "<Choice><ChoiceID>a</ChoiceID\n><SequenceNumber>1</SequenceNumber><ChoiceText>c</ChoiceText>"
        "<AdditionalFreeTextIndicator>NA</AdditionalFreeTextIndicator></Choice>"
    )
    body = opening(question(f"<Select><SelectMultiple>N</SelectMultiple>{choice}</Select>"))
    assert answered(body, chosen=[{"choice": "a"}]).findtext(".//Answer/PrescriberProvidedAnswer/ChoiceID") == "a"


@pytest.mark.parametrize("held", ["<!-- <Answer>x</Answer> -->", "<p:Answer xmlns:p='urn:p'>x</p:Answer>"])
def test_what_only_looks_like_an_answer_goes_back_and_is_not_told_as_lost(held: str) -> None:
    body = opening(question(TEXT.replace("<FreeText>", f"<FreeText>{held}")))
    asked = heard(body).questions
    assert asked is not None
    exchange = ADAPTER.answer(FILED.model_copy(update={"asked": body}), Answers(round=asked.round, note="n"), TO, LATER)
    frame = first_frame(exchange)
    assert isinstance(frame, Https)
    assert frame.document is not None
    assert held.encode() in frame.document
    assert "answers that the payer left" not in " ".join(loss.what for loss in frame.losses)


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1"])
def test_an_element_that_nobody_knows_may_have_any_name(encoding: str) -> None:
    body = opening(question(TEXT)).decode().replace("UTF-8", encoding).replace("<PANote>", "<né>x</né><PANote>")
    assert answered(body.encode(encoding), text="x").findtext(".//Answer/PrescriberProvidedAnswer") == "x"


BESIDE = '<Footer of="1">Thank <b>you</b></Footer><!-- printed by hand -->'


def test_what_nobody_knows_of_a_set_goes_back_as_it_came() -> None:
    body = opening(f"{question(TEXT)}\n {BESIDE}\n")
    body = body.replace(b"<QuestionSet>", b"<QuestionSet Language='en'  Revision=\"4\" >\n  ")
    asked = heard(body).questions
    assert asked is not None
    answers = Answers(round=asked.round, questions=(QuestionAnswer(question="1", text="x"),))
    document = said(ADAPTER.answer(FILED.model_copy(update={"asked": body}), answers, TO, LATER))
    own = body[body.index(b"<QuestionSet ") : body.index(b"</QuestionSet>")]
    put = b"<Answer><PrescriberProvidedAnswer>x</PrescriberProvidedAnswer></Answer>"
    sent = document[document.index(b"<QuestionSet ") : document.index(b"</QuestionSet>")]
    assert sent.count(put) == 1
    assert sent.replace(put, b"") == own


def test_a_prefix_of_what_nobody_knows_of_a_set_is_declared_there() -> None:
    body = declared(
        opening(question(TEXT)), "</Question></QuestionSet>", "</Question><v:Footer>1</v:Footer></QuestionSet>"
    )
    assert answered(body, text="x").findtext(f".//QuestionSet/{VENDOR}Footer") == "1"
    body = declared(opening(question(TEXT)), "<QuestionSet>", "<QuestionSet v:of='1'>")
    assert answered(body, text="x").find(".//QuestionSet").get(f"{VENDOR}of") == "1"


@pytest.mark.parametrize("turned", [False, True])
def test_what_stands_beside_questions_without_a_set_is_told_as_lost(turned: bool) -> None:
    body = more_wanted(questions=question(TEXT))
    beside = body.replace(b"</Question><", f"</Question>{BESIDE}<".encode())
    if turned:
        beside = body.replace(b"<MoreInformationRequired>", b"<MoreInformationRequired Language='en'>")
    for written, lost in ((body, False), (beside, True)):
        asked = heard(written).questions
        assert asked is not None
        answers = Answers(round=asked.round, questions=(QuestionAnswer(question="1", text="x"),))
        frame = first_frame(ADAPTER.answer(FILED.model_copy(update={"asked": written}), answers, TO, LATER))
        assert isinstance(frame, Https)
        told = [loss.pointer for loss in frame.losses if "beside its questions" in loss.what]
        assert told == (["/questions"] if lost else [])


NUMBER = "<Numeric><IsNumeric>Y</IsNumeric></Numeric>"


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("123456789012345678", True),
        ("-12345678901234567", True),
        ("1234567890123456.7", True),
        ("-123456789012345678", False),
        ("12345678901234567.8", False),
        ("0.12345678901234567", False),
    ],
)
def test_a_number_has_eighteen_characters_with_its_sign_and_its_point(number: str, fits: bool) -> None:
    body = opening(question(NUMBER))
    if fits:
        assert answered(body, number=number).findtext(".//Answer/PrescriberProvidedNumericAnswer") == number
        return
    with pytest.raises(CannotExpress, match="/questions/0/number: it has more than 18 characters"):
        answered(body, number=number)
