"""The payer's questions: read as they were sent, and answered in the payer's own words."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.script_epa import ADAPTER
from adapters.script_epa.codec import tree
from gateway.contract.adapter import Answers, Filed
from gateway.contract.drive import first_frame
from gateway.contract.errors import CannotExpress
from gateway.model.outcome import Answer, Outcome
from gateway.model.questions import Comparison, Detail, QuestionAnswer, QuestionKind, QuestionSet
from gateway.model.request import Attachment
from gateway.model.status import Attention, LineOutcome
from tests.benchmarks.epa_documents import asked as thirty
from tests.unit.script_material import (
    CASE,
    DEADLINE,
    FILED,
    HEADER,
    LATER,
    QUESTIONS,
    TO,
    answer,
    heard,
    more_wanted,
    opening,
    posted,
    said,
)

SET, MORE = opening(), more_wanted()


def asked(body: bytes = SET) -> QuestionSet:
    questions = heard(body).questions
    assert questions is not None
    return questions


def filed(body: bytes = SET) -> Filed:
    return FILED.model_copy(update={"asked": body})


def answers(*given: dict[str, Any], body: bytes = SET, **over: Any) -> Answers:
    return Answers(
        round=asked(body).round, questions=tuple(QuestionAnswer.model_validate(each) for each in given), **over
    )


ALL = (
    {"question": "10", "chosen": [{"choice": "b", "detail": "Sarcoma"}]},
    {"question": "20", "date": "2026-03-09"},
    {"question": "30", "number": "118.50"},
    {"question": "40", "text": "No."},
)


def answered(*given: dict[str, Any], body: bytes = SET, **over: Any) -> bytes:
    return said(ADAPTER.answer(filed(body), answers(*given, body=body, **over), TO, LATER))


def test_questions_are_read_as_they_were_sent() -> None:
    found = asked()
    tumour, since, platelets, more = found.questions
    assert (found.title, found.description, found.phone) == ("Examplinib", "Decided within a day.", "8005550100")
    assert [question.kind for question in found.questions] == [
        *(QuestionKind.SELECT, QuestionKind.DATE, QuestionKind.NUMBER, QuestionKind.TEXT),
    ]
    assert [choice.next for choice in tumour.choices] == ["20", "END"]
    assert [choice.detail for choice in tumour.choices] == [Detail.NONE, Detail.MANDATORY]
    assert tumour.choices[1].text == "Other & rare"
    assert (tumour.codes[0].system, tumour.codes[0].code) == ("loinc", "21908-9")
    assert (since.default_next, more.default_next, platelets.default_next) == ("30", "END", None)


def test_a_range_that_looks_away_from_itself_is_one_of_two_and_another_is_both() -> None:
    [condition] = asked().questions[2].conditions
    assert condition.either
    assert [(limit.comparison, limit.value) for limit in condition.limits] == [
        (Comparison.AT_MOST, Decimal(120)),
        (Comparison.AT_LEAST, Decimal(160)),
    ]
    between = QUESTIONS.replace(">LE<", ">swap<").replace(">GE<", ">LE<").replace(">swap<", ">GE<")
    [condition] = asked(opening(between)).questions[2].conditions
    assert not condition.either


@pytest.mark.parametrize(
    ("written", "as_sent"),
    [
        (">LE<", ">&#76;E<"),
        (">LE<", ">&#x4c;E<"),
        (">GE<", "> &#71;&#69; <"),
        (">120<", ">12&#48;<"),
        (">160<", "><!-- about -->160<"),
        (">40</NextQuestionID></RangeComparison>", ">&#52;0</NextQuestionID></RangeComparison>"),
    ],
)
def test_a_sign_by_its_number_means_the_same_in_a_comparison(written: str, as_sent: str) -> None:
    assert written in QUESTIONS
    plain, sent = asked(), asked(opening(QUESTIONS.replace(written, as_sent)))
    assert sent.questions[2].conditions == plain.questions[2].conditions != ()
    assert sent.questions == plain.questions


def test_a_question_for_a_moment_is_told_from_one_for_a_day() -> None:
    moment = QUESTIONS.replace("<IsDateTimeRequired>N", "<IsDateTimeRequired>Y")
    assert asked(opening(moment)).questions[1].kind is QuestionKind.MOMENT


def test_a_round_is_known_by_what_was_asked_of_which_case() -> None:
    part = SET[SET.index(b"<Open>") : SET.index(b"</Open>") + len(b"</Open>")]
    assert asked().round == hashlib.sha256(part).hexdigest()[:32]
    assert asked(MORE).round != asked().round


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("<Date>2026-11-25</Date>", datetime(2026, 11, 26, 3, 59, 59, tzinfo=UTC)),
        ("<DateTime>2026-11-25T17:00:00-06:00</DateTime>", datetime(2026, 11, 25, 23, tzinfo=UTC)),
        ("<DateTime>2026-11-25T17:00:00</DateTime>", datetime(2026, 11, 25, 17, tzinfo=UTC)),
        ("<DateTime>2026-11-25T08:00</DateTime>", datetime(2026, 11, 25, 8, tzinfo=UTC)),
        ("<DateTime>2026-11-25T08:00-05:00</DateTime>", datetime(2026, 11, 25, 13, tzinfo=UTC)),
        ("<DateTime>2026-11-25T8:00</DateTime>", None),
        ("<DateTime>2026-11-25T25:00</DateTime>", None),
        ("<Date>2026-11-25Z</Date>", datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)),
        ("<Date>2026-11-25-06:00</Date>", datetime(2026, 11, 26, 5, 59, 59, tzinfo=UTC)),
        ("<Date>2026-11-25+05:30</Date>", datetime(2026, 11, 25, 18, 29, 59, tzinfo=UTC)),
        ("<Date>2026-11-25+99:00</Date>", None),
        ("<Date>2026-11-25 06:00</Date>", None),
        ("<Date>soon</Date>", None),
    ],
)
def test_a_deadline_ends_in_its_zone_and_without_one_where_it_comes_first(written: str, due: datetime | None) -> None:
    found = heard(opening(deadline=f"<DeadlineForReply>{written}</DeadlineForReply>"))
    assert found.questions is not None
    assert found.questions.deadline == due
    assert found.questions.deadline_as_written == etree.fromstring(written).text
    assert (found.attention is Attention.OPERATOR) is (due is None)


def test_of_two_days_in_one_deadline_the_earlier_counts_and_a_person_is_called() -> None:
    both = DEADLINE.replace("<Date>", "<Date>2026-11-28</Date><Date>")
    outcome = heard(opening(deadline=both))
    assert outcome.questions is not None
    assert outcome.questions.deadline == asked().deadline
    assert outcome.questions.deadline_as_written == "2026-11-25"
    assert outcome.attention is Attention.OPERATOR
    assert "several DeadlineForReply" in str(outcome.attention_why)


def test_answers_are_put_into_the_payers_own_bytes() -> None:
    document = answered(*ALL)
    questions = etree.fromstring(document).findall("Body/PARequest/Request/SolicitedModel/QuestionSet/Question")
    assert [question.findtext("QuestionID") for question in questions] == ["10", "20", "30", "40"]
    tumour, since, platelets, more = (question.find("QuestionType") for question in questions)
    provided = "Answer/PrescriberProvidedAnswer"
    assert tumour.findtext(f"Select/{provided}/ChoiceID") == "b"
    assert tumour.findtext(f"Select/{provided}/AdditionalFreeText") == "Sarcoma"
    assert since.findtext("Date/Date/IsDateTimeRequired") == "N"
    assert since.findtext(f"Date/{provided}/Date") == "2026-03-09"
    assert platelets.findtext("Numeric/Answer/PrescriberProvidedNumericAnswer") == "118.50"
    assert more.findtext(f"FreeText/{provided}") == "No."
    stripped = re.sub(rb"<Answer>.*?</Answer>", b"", document)
    stripped = stripped.replace(b"<Date><Date>", b"<Date>").replace(b"</Date></Date></Question", b"</Date></Question")
    sent = SET[SET.index(b"<Question>") : SET.rindex(b"</Question>")]
    kept = stripped[stripped.index(b"<Question>") : stripped.rindex(b"</Question>")]
    assert kept == sent


def test_case_and_deadline_go_back_as_they_came() -> None:
    document = answered(*ALL)
    assert DEADLINE.encode() in document
    assert f"<PACaseID>{CASE}</PACaseID>".encode() in document
    assert HEADER.encode() in document


def test_a_question_that_was_not_reached_has_no_answer() -> None:
    document = answered(ALL[0])
    answered_ones = [
        question.findtext("QuestionID")
        for question in etree.fromstring(document).iter("Question")
        if question.find(".//Answer") is not None
    ]
    assert answered_ones == ["10"]


def test_questions_without_a_set_around_them_go_back_in_one() -> None:
    found = heard(MORE)
    assert found.lines[0].outcome is LineOutcome.INFO_REQUESTED
    root = etree.fromstring(answered(*ALL, body=MORE))
    assert [child.tag for child in root.find("Body/PARequest/Request/SolicitedModel")] == [
        *("PACaseID", "DeadlineForReply", "QuestionSet"),
    ]
    assert len(root.findall(".//Question")) == 4


def test_what_an_appeal_needs_is_answered_as_the_appeal() -> None:
    body = more_wanted("PAAppealResponse", appeal="<AppealCaseID>AP1</AppealCaseID>")
    root = etree.fromstring(answered(*ALL, body=body))
    assert [child.tag for child in root.find("Body/PAAppealRequest/Request")] == [
        *("PACaseID", "AppealCaseID", "DeadlineForReply", "QuestionSet"),
    ]


def test_a_note_is_the_headers_comment_and_a_document_goes_before_the_answers() -> None:
    pdf = Attachment(id="d1", kind="other", title="Notes", media_type="image/jpeg", content=b"jpeg")
    root = etree.fromstring(answered(*ALL, note="Call – please", attachments=(pdf,)))
    header = root.find(".//QuestionSet/Header")
    assert header[-1].tag == "QuestionSetComment"
    assert header[-1].text == "Call - please"
    request = root.find("Body/PARequest")
    assert [child.tag for child in request][-2:] == ["Attachment", "Request"]
    assert request.findtext("Attachment/MIMEType") == "application/jpeg"


def test_the_largest_document_leaves_with_its_answers_and_what_comes_of_them_finds_its_way() -> None:
    scan = Attachment(
        id="d1", kind="other", title="Chart", media_type="application/pdf", content=base64.b64encode(bytes(10_000_000))
    )
    document = answered(*ALL, attachments=(scan,))
    assert len(document) > 13_000_000
    keys = ADAPTER.registered(document, TO)
    letters = ADAPTER.open(answer("PAResponse", "<InProcess/>"))
    assert letters[0].keys & keys
    assert ADAPTER.place(letters, [posted(document, "answers")])[0].handle == "answers"


def test_what_could_not_be_read_back_is_refused_before_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_OF_OURS", 8000)
    scan = Attachment(
        id="d1", kind="other", title="Chart", media_type="application/pdf", content=base64.b64encode(bytes(8000))
    )
    assert answered(*ALL)
    with pytest.raises(CannotExpress, match="is too large, as it would be sent"):
        answered(*ALL, attachments=(scan,))


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        (({"question": "99", "text": "x"},), "/questions/0/question"),
        ((ALL[3], ALL[3]), "/questions/1/question"),
        (({"question": "10", "text": "Lung"},), "/questions/0"),
        (({"question": "10", "chosen": [{"choice": "z"}]},), "/questions/0/chosen/0/choice"),
        (({"question": "10", "chosen": [{"choice": "a"}, {"choice": "b"}]},), "/questions/0/chosen"),
        (({"question": "40", "text": "テスト"},), "/questions/0/text"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_at_its_place(given: tuple[dict[str, Any], ...], pointer: str) -> None:
    with pytest.raises(CannotExpress) as refused:
        answered(*given)
    assert pointer in {item.pointer for item in refused.value.items}


def test_answers_to_another_round_or_to_nothing_are_refused() -> None:
    late = answers(*ALL)
    with pytest.raises(CannotExpress, match="/round"):
        first_frame(ADAPTER.answer(filed(MORE), late, TO, LATER))
    with pytest.raises(CannotExpress, match="has not asked"):
        first_frame(ADAPTER.answer(FILED, late, TO, LATER))


def test_questions_that_cannot_be_read_are_asked_all_the_same() -> None:
    found = heard(opening(QUESTIONS.replace("<SequenceNumber>3<", "<SequenceNumber>three<")))
    assert (found.answer, found.lines[0].outcome) == (Answer.REVIEWED, LineOutcome.INFO_REQUESTED)
    assert found.questions is None
    assert found.attention is Attention.OPERATOR


TWICE = [
    ("<DefaultNextQuestionID>30</DefaultNextQuestionID>", "<DefaultNextQuestionID>END</DefaultNextQuestionID>"),
    ("<QuestionID>20</QuestionID>", "<QuestionID>21</QuestionID>"),
    ("<SequenceNumber>3</SequenceNumber>", "<SequenceNumber>0</SequenceNumber>"),
    ("<QuestionText>Since when?</QuestionText>", "<QuestionText>Until when?</QuestionText>"),
    ("<NextQuestionID>20</NextQuestionID>", "<NextQuestionID>END</NextQuestionID>"),
    ("<ChoiceID>a</ChoiceID>", "<ChoiceID>c</ChoiceID>"),
    ("<ChoiceText>Lung</ChoiceText>", "<ChoiceText>Liver</ChoiceText>"),
    ("<AdditionalFreeTextIndicator>M</AdditionalFreeTextIndicator>", "<AdditionalFreeTextIndicator/>"),
    ("<SelectMultiple>N</SelectMultiple>", "<SelectMultiple>Y</SelectMultiple>"),
    ("<IsDateTimeRequired>N</IsDateTimeRequired>", "<IsDateTimeRequired>Y</IsDateTimeRequired>"),
    (
        "<LowerBoundComparisonValue>120</LowerBoundComparisonValue>",
        "<LowerBoundComparisonValue>9</LowerBoundComparisonValue>",
    ),
    ("<Code>21908-9</Code>", "<Code>29308-4</Code>"),
]


@pytest.mark.parametrize(("written", "other"), TWICE)
def test_of_two_that_stand_where_one_may_none_is_taken(written: str, other: str) -> None:
    assert written in QUESTIONS
    outcome = heard(opening(QUESTIONS.replace(written, written + other)))
    assert outcome.questions is None
    assert outcome.attention is Attention.OPERATOR
    assert "says two things where one may stand" in str(outcome.attention_why)
    assert asked(opening(QUESTIONS.replace(written, written * 2))).questions == asked().questions


def test_of_two_words_on_whether_a_document_is_required_nobody_knows_which_counts() -> None:
    flag = "<AttachementRequired>N</AttachementRequired>"
    outcome = heard(opening(header=HEADER.replace(flag, flag + flag.replace("N<", "Y<"))))
    assert outcome.attention is Attention.OPERATOR
    assert "several AttachmentRequired" in str(outcome.attention_why)


def test_comments_and_cdata_are_no_questions() -> None:
    words = "<QuestionText><![CDATA[</Question><Question> </Select>]]><!-- <Question> --></QuestionText>"
    odd = QUESTIONS.replace("<QuestionText>Kind of tumour?</QuestionText>", words)
    assert asked(opening(odd)).questions[0].text == "</Question><Question> </Select>"
    root = etree.fromstring(answered(*ALL, body=opening(odd)))
    assert root.findtext(".//Select/Answer/PrescriberProvidedAnswer/ChoiceID") == "b"


def test_a_choice_in_a_processing_instruction_is_not_offered() -> None:
    """Not even where it is the only one of a document that has no declaration."""
    odd = QUESTIONS.replace("<Choice><ChoiceID>b", "<?pbm <ChoiceID>z</ChoiceID>?><Choice><ChoiceID>b")
    body = opening(odd).partition(b"?>\n")[2]
    assert body.count(b"<?") == 1
    with pytest.raises(CannotExpress, match="/questions/0/chosen/0/choice"):
        answered({"question": "10", "chosen": [{"choice": "z"}]}, body=body)


def test_another_encoding_goes_back_as_utf_8() -> None:
    body = opening(QUESTIONS.replace("Lung", "Lüng")).decode().replace('"UTF-8"', '"ISO-8859-1"').encode("latin-1")
    document = answered(*ALL, body=body)
    assert "Lüng" in document.decode()
    assert b'encoding="UTF-8"' in document


@given(st.data())
def test_a_question_in_the_usual_form_is_read_as_element_by_element(data: st.DataObject) -> None:
    """A comment in it makes it unusual, and says nothing."""
    written = data.draw(sets() | st.just(QUESTIONS) | st.just(QUESTIONS.replace(" <", "<").replace("\n", "")))
    swapped = data.draw(st.sampled_from(("Choice", "QuestionText", "SequenceNumber", "nothing")))
    written = written.replace(f"</{swapped}>", f"</{swapped}>  ").replace("<QuestionLevel/>", "")
    one = heard(opening(written)).questions
    other = heard(opening(written.replace("</Question>", "<!-- --></Question>"))).questions
    assert (one is None) is (other is None)
    if one is not None and other is not None:
        assert one.questions == other.questions


def test_thirty_questions_in_the_usual_form_are_read_as_element_by_element() -> None:
    usual = thirty().replace(b"1, in so", b"1 &lt; 2 &amp;amp; so")
    one, other = heard(usual).questions, heard(usual.replace(b"</Question>", b"<!-- --></Question>")).questions
    assert one is not None
    assert other is not None
    assert one.questions == other.questions
    assert len(one.questions) == 30
    assert one.questions[0].choices[0].text == "The possibility 1 < 2 &amp; so many words"


@st.composite
def sets(draw: st.DrawFn) -> str:
    """Questions as a payer may send them, sound or not."""
    names = st.sampled_from(("1", "2", "3", "END", "a b", "x" * 300))
    count = draw(st.integers(1, 4))
    written = []
    for place in range(count):
        own, leads = draw(names), draw(names)
        kind = draw(
            st.sampled_from(
                (
                    "<Select><SelectMultiple>Y</SelectMultiple><Choice><ChoiceID>a</ChoiceID>"
                    "<SequenceNumber>1</SequenceNumber><ChoiceText>A</ChoiceText></Choice></Select>",
                    "<Select/>",
                    "<Date><IsDateTimeRequired>N</IsDateTimeRequired></Date>",
                    "<Date/>",
                    "<Numeric><IsNumeric>Y</IsNumeric><NextQuestionCondition><SingleComparison>"
                    "<ComparisonValue>1</ComparisonValue><ComparisonOperator>LT</ComparisonOperator>"
                    f"<NextQuestionID>{leads}</NextQuestionID></SingleComparison></NextQuestionCondition></Numeric>",
                    "<FreeText><IsFreeText>Y</IsFreeText></FreeText>",
                    "<FreeText/>",
                    "<Riddle/>",
                )
            )
        )
        written.append(
            f"<Question><QuestionID>{own}</QuestionID><SequenceNumber>{place}</SequenceNumber>"
            f"<QuestionText>?</QuestionText><DefaultNextQuestionID>{leads}</DefaultNextQuestionID>"
            f"<QuestionType>{kind}</QuestionType></Question>"
        )
    return "".join(written)


GIVEN = {
    QuestionKind.SELECT: {"chosen": [{"choice": "a"}]},
    QuestionKind.DATE: {"date": date(2026, 1, 2)},
    QuestionKind.NUMBER: {"number": 1},
    QuestionKind.TEXT: {"text": "x"},
}


@given(sets())
def test_any_set_is_read_or_called_illegible_and_what_was_read_can_be_answered_or_is_refused(written: str) -> None:
    body = opening(written)
    outcome: Outcome = heard(body)
    assert outcome.lines[0].outcome is LineOutcome.INFO_REQUESTED
    found = outcome.questions
    if found is None:
        assert outcome.attention is Attention.OPERATOR
        return
    given_to = {question.id: {"question": question.id} | GIVEN[question.kind] for question in found.questions}
    refused = None
    try:
        document = answered(*given_to.values(), body=body)
    except CannotExpress as error:
        refused = error
    if refused is None:
        # Where two questions have one id, both get the answer: which of them is meant nobody knows.
        assert document.count(b"<Answer>") >= len(given_to)
        assert len(etree.fromstring(document).findall(".//Question")) == len(found.questions)
