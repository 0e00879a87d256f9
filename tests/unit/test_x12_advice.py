"""An 824 that comes in a file: what it says of a filing, and that what it says of documents or a change is of these."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.x12_278 import ADAPTER, traces
from gateway.contract.adapter import Answers, Change, ChangeKind, Filed, Stamp
from gateway.contract.drive import first_frame
from gateway.contract.errors import Unreadable
from gateway.contract.mailbox import Posted, Saying
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import Word
from gateway.model.standing import Heard, settle
from gateway.model.status import Attention, CaseStatus, Delivery
from tests.unit.test_x12_documents import ASKED, NUMBERED
from tests.x12_material import EVENT, LATER, STAMP, acknowledgement, destination, envelope, filed, response

FILED = filed(requested=ASKED)
CANCEL = Change(kind=ChangeKind.CANCEL)
REVISE = Change(kind=ChangeKind.REVISE, request=FILED.request.model_copy(update={"previous_review": "EVG-1"}))
REFUSED = ("AK2*278*0001*005010X217", "IK5*R*5", "AK9*R*1*1*0")
FAULT = ("TED*007**NM1*9*9", "NTE*ADD*The member's id is missing.")


def known() -> list[Posted]:
    to = destination()
    frames = {
        "filing": ADAPTER.submit(FILED.request, to, STAMP),
        "documents": ADAPTER.answer(FILED, NUMBERED, to, LATER),
    }
    return [Posted(name, first_frame(exchange).document or b"", to) for name, exchange in frames.items()]


def advice(oti: str, *behind: str, answered: str = "", number: int = 7) -> bytes:
    bgn = f"BGN*11*THEIRS*20260302{'***' + answered if answered else ''}"
    return envelope(
        [bgn, "N1*41*EVERGREEN*ZZ*EGH01", "N1*40*CLINIC*ZZ*SENDER", f"OTI*{oti}", *behind],
        kind="824",
        group="AG",
        guide="005010X186",
        number=number,
    )


def of_filing(word: str) -> str:
    return f"{word}*TN*{traces.submission(STAMP)}*A*B*20260301*1504*{STAMP.number}*0001*278*005010X217"


def of_documents(word: str) -> str:
    return f"{word}*TN*{traces.submission(LATER)}*A*B*20260302*0900*{LATER.number}*0001*275*006020X316"


def place(body: bytes) -> list[str | None]:
    return [each.handle or each.reason for each in ADAPTER.place(ADAPTER.open(body), known())]


def hear(body: bytes, work: Change | Answers | None = None, stamp: Stamp = STAMP, about: Filed = FILED) -> Outcome:
    [outcome] = ADAPTER.hear(ADAPTER.open(body), Saying(about, stamp, work), destination())
    return outcome


def test_a_refused_filing_is_rejected_with_the_payers_codes_and_words() -> None:
    body = advice(of_filing("TR"), *FAULT, "LM*BO", "LQ*EX*A7")
    assert [letter.what for letter in ADAPTER.open(body)] == ["824"]
    assert place(body) == ["filing"]
    heard = hear(body)
    assert (heard.answer, heard.of_filing, heard.attention) == (Answer.REJECTED, True, Attention.NONE)
    missing, other = heard.reasons
    assert (missing.word, missing.code, missing.code_system) == (Word.MISSING_IDENTIFIER, "007", "x12_824")
    assert missing.text == "segment NM1 (number 9), element 9: something is missing"
    assert (other.word, other.code, other.code_system) == (Word.OTHER, "A7", "x12_lq_ex")
    assert heard.messages == ("The member's id is missing.",)
    read = {pointer: body[source.start : source.end] for pointer, source in heard.sources.items()}
    assert read == {
        "/answer": b"TR",
        "/reasons/0/code": b"007",
        "/reasons/1/code": b"A7",
        "/messages/0": b"The member's id is missing.",
    }


@pytest.mark.parametrize(("word", "behind"), [("TA", ()), ("TE", FAULT)])
def test_what_was_taken_is_received_with_or_without_remarks(word: str, behind: tuple[str, ...]) -> None:
    heard = hear(advice(of_filing(word), *behind))
    assert (heard.answer, heard.of_filing, len(heard.reasons)) == (Answer.RECEIVED, False, bool(behind))


def test_the_application_may_refuse_what_the_syntax_let_through_and_not_the_reverse() -> None:
    accepts = acknowledgement("AK2*278*0001*005010X217", "IK5*A", "AK9*A*1*1*1")
    refuses = acknowledgement("AK2*278*0001*005010X217", "IK5*R*5", "AK9*R*1*1*0")
    assert hear(accepts + advice(of_filing("TR"), *FAULT)).answer is Answer.REJECTED
    assert hear(accepts + advice(of_filing("TA"))).answer is Answer.RECEIVED
    strange = hear(refuses + advice(of_filing("TA")))
    assert (strange.answer, strange.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


def test_a_decision_beside_a_refusal_is_told_beside_it() -> None:
    body = advice(of_filing("TR"), *FAULT) + response(EVENT, "HCR*A1*AUTH-1", number=31)
    heard = ADAPTER.hear(ADAPTER.open(body), Saying(FILED, STAMP, None), destination())
    assert [each.answer for each in heard] == [Answer.REJECTED, Answer.REVIEWED]


@pytest.mark.parametrize("oti", [of_filing("IR"), of_filing("")])
def test_a_verdict_in_other_words_is_for_a_person(oti: str) -> None:
    heard = hear(advice(oti))
    assert (heard.answer, heard.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


def test_two_verdicts_on_one_filing_are_for_a_person() -> None:
    heard = hear(advice(of_filing("TA"), f"OTI*{of_filing('TR')}"))
    assert (heard.answer, heard.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


@pytest.mark.parametrize("code", ["006", "817"])
def test_what_is_refused_as_a_duplicate_may_be_on_file(code: str) -> None:
    heard = hear(advice(of_filing("TR"), f"TED*{code}"))
    assert (heard.answer, heard.of_filing, heard.attention) == (Answer.UNMAPPED, False, Attention.OPERATOR)
    assert [reason.code for reason in heard.reasons] == [code]


def test_a_code_that_nobody_knows_calls_a_person_and_refuses_all_the_same() -> None:
    heard = hear(advice(of_filing("TR"), "TED*X9"))
    assert (heard.answer, heard.attention, heard.reasons[0].word) == (
        Answer.REJECTED,
        Attention.OPERATOR,
        Word.UNMAPPED,
    )


@pytest.mark.parametrize(
    ("oti", "behind", "answered", "whose"),
    [
        (of_documents("TR"), (), "", "documents"),
        (of_documents("TR"), (f"REF*EJ*{traces.event(STAMP)}",), "", "documents"),
        (f"TR*TN*{traces.submission(LATER)}*******275", (f"REF*EJ*{traces.event(STAMP)}",), "", "documents"),
        ("TR*TN*NA", (), traces.submission(STAMP), "filing"),
        (f"TR*TN*NA*****{STAMP.number}*0001", (), "", "filing"),
        ("TR*TN*NA*******278", (f"REF*2I*{traces.event(STAMP)}",), "", "filing"),
    ],
)
def test_an_824_is_read_as_being_about_what_it_is_placed_to(
    oti: str, behind: tuple[str, ...], answered: str, whose: str
) -> None:
    body = advice(oti, *behind, answered=answered)
    assert place(body) == [whose]
    mine, other = (None, STAMP), (NUMBERED, LATER)
    if whose == "documents":
        mine, other = other, mine
    assert hear(body, *mine).answer is Answer.REJECTED
    with pytest.raises(Unreadable):
        hear(body, *other)


@pytest.mark.parametrize("oti", ["TR*TN*NA*******275", "TR*TN*NA"])
def test_the_filings_trace_alone_may_stand_for_its_documents_and_refuses_nothing(oti: str) -> None:
    with pytest.raises(Unreadable):
        hear(advice(oti, f"REF*EJ*{traces.event(STAMP)}"))


@pytest.mark.parametrize(("work", "answer"), [(NUMBERED, Answer.REJECTED), (CANCEL, Answer.CANCEL_REFUSED)])
def test_refused_documents_or_a_refused_change_leave_the_filing_where_it_was(
    work: Answers | Change, answer: Answer
) -> None:
    oti = of_documents("TR")
    if work is CANCEL:
        oti = oti.replace("275*006020X316", "278*005010X217")
    refused = hear(advice(oti, *FAULT), work, LATER)
    assert (refused.answer, refused.of_filing) == (answer, False)
    taken = Heard(Outcome(answer=Answer.RECEIVED), STAMP.at)
    later = Heard(refused, STAMP.at + timedelta(days=1), filing=False)
    assert settle(("line",), Delivery.APP_ACKED, [taken, later]).status is CaseStatus.RECEIVED


@pytest.mark.parametrize("body", [advice(of_documents("TR"), *FAULT), acknowledgement(*REFUSED)])
def test_a_refused_revision_refuses_only_that(body: bytes) -> None:
    body = body.replace(b"275*006020X316", b"278*005010X217").replace(b"AK1*HI*17*", b"AK1*HI*18*")
    heard = hear(body, REVISE, LATER)
    assert (heard.answer, heard.of_filing) == (Answer.REJECTED, False)


def test_a_999_that_refuses_documents_in_a_file_refuses_only_these() -> None:
    body = acknowledgement("AK9*R*1*1*0", number=LATER.number, group="PI", guide="006020X316")
    assert place(body) == ["documents"]
    heard = hear(body, NUMBERED, LATER)
    assert (heard.answer, heard.of_filing) == (Answer.REJECTED, False)


def test_the_advice_of_somebody_else_is_not_heard() -> None:
    with pytest.raises(Unreadable):
        hear(advice(of_filing("TR")).replace(b"SENDER         ", b"SOMEBODY       "))
