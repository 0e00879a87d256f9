"""What a response means where nobody knows what was asked: what it means to whoever asked, as far as that shows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.x12_278 import traces
from adapters.x12_278.hearing.hear import hear
from gateway.model.outcome import Answer, Outcome, ReferenceKind
from gateway.model.status import Attention, LineOutcome
from tests.unit.test_x12_notices import NOTICE, TOLD, admission
from tests.x12_material import EVENT, LATER, asked, destination, line, outcome_of, request, response

ONE = request(lines=[line("J9271", id="drug")])
INQUIRY = "005010X215"
CANCELS = "UM*HS*3"


def unasked(document: bytes) -> Outcome:
    return hear(document, None, destination())


def told(outcome: Outcome) -> Sequence[object]:
    """What is the same whoever asked: names of lines are left out, and numbers and traces of our own."""
    lines = [each.model_copy(update={"line": None, "named": False}) for each in outcome.lines]
    asked_for = [(each.kind, each.code, each.control_number) for each in outcome.requested]
    return [outcome.answer, lines, outcome.reasons, asked_for, outcome.attention, outcome.attention_why, outcome.final]


EVENT_ALONE: dict[str, tuple[tuple[str, ...], LineOutcome]] = {
    "A1": (("HCR*A1*AUTH1",), LineOutcome.CERTIFIED),
    "A1 against itself": (("HCR*A1*AUTH1*0V",), LineOutcome.UNKNOWN),
    "A2": (("HCR*A2*AUTH1",), LineOutcome.UNKNOWN),
    "A3": (("HCR*A3**0F",), LineOutcome.NOT_CERTIFIED),
    "A3 not finished": (("HCR*A3**0W",), LineOutcome.PENDING),
    "A3 of two minds": (("HCR*A3**0F^0W",), LineOutcome.UNKNOWN),
    "A4": (("HCR*A4*REF1",), LineOutcome.PENDING),
    "A4 and 0U": (("HCR*A4*REF1*0U",), LineOutcome.INFO_REQUESTED),
    "A4 and PWK": (("HCR*A4*REF1", "PWK*77*EL***AC*ACN1"), LineOutcome.INFO_REQUESTED),
    "A4 and LOI": (("HCR*A4*REF1", "HI*LOI:18842-5"), LineOutcome.INFO_REQUESTED),
    "A6": (("HCR*A6*AUTH1",), LineOutcome.CERTIFIED_MODIFIED),
    "C": (("HCR*C*AUTH1",), LineOutcome.CANCELLED),
    "CT": (("HCR*CT",), LineOutcome.CONTACT_PAYER),
    "NA": (("HCR*NA",), LineOutcome.NOT_REQUIRED),
    "a second opinion": (("HCR*A1*AUTH1**Y",), LineOutcome.CERTIFIED),
    "two words": (("HCR*A1*AUTH1", "HCR*A3**0F"), LineOutcome.UNKNOWN),
    "a word of nobody's": (("HCR*ZZ*AUTH1",), LineOutcome.UNKNOWN),
}


@pytest.mark.parametrize("case", EVENT_ALONE)
def test_a_word_on_the_event_alone_is_what_it_is_to_whoever_asked(case: str) -> None:
    event, word = EVENT_ALONE[case]
    document = response(EVENT, *event, follows="19" if event[0].startswith("HCR*A4") else "18")
    alone, whole = unasked(document), outcome_of(document, of=ONE)
    (found,) = alone.lines
    assert (found.line, found.named, found.outcome) == (None, False, word)
    assert told(alone) == told(whole)
    assert alone.lines[0].reasons == whole.lines[0].reasons


@pytest.mark.parametrize(
    ("event", "known"),
    [(("HCR*A1*AUTH1",), ReferenceKind.AUTHORIZATION), (("HCR*A4*REF1",), ReferenceKind.REVIEW)],
)
def test_the_number_of_a_word_on_the_event_alone_is_what_it_is_to_whoever_asked(
    event: tuple[str, ...], known: ReferenceKind
) -> None:
    outcome = unasked(response(EVENT, *event))
    assert known in [each.kind for each in outcome.references]
    granted = known is ReferenceKind.AUTHORIZATION
    assert outcome.lines[0].authorization_number == ("AUTH1" if granted else None)
    source = outcome.sources["/lines/0/outcome"]
    assert response(EVENT, *event)[source.start : source.end].decode() == event[0].split("*")[1]


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        (("HCR*A1*AUTH1",), Answer.CANCELLED),
        (("HCR*C*AUTH1",), Answer.CANCELLED),
        (("HCR*A3**0F",), Answer.CANCEL_REFUSED),
        (("HCR*A4",), Answer.RECEIVED),
        (("AAA*N**33*C",), Answer.CANCEL_REFUSED),
    ],
)
def test_an_answer_that_says_so_is_read_as_that_to_a_cancellation(event: tuple[str, ...], answer: Answer) -> None:
    document = response(CANCELS, *event, bht=traces.submission(LATER))
    assert unasked(document).answer is outcome_of(document, verb="cancel").answer is answer


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        (("AAA*N**NC*C",), Answer.NOT_FOUND),
        (("AAA*N**33*C",), Answer.REJECTED),
        (("UM*HS*I",), Answer.RECEIVED),
        (("UM*HS*I", "HCR*A1*AUTH1"), Answer.REVIEWED),
    ],
)
def test_what_comes_under_x215_answers_an_inquiry(event: tuple[str, ...], answer: Answer) -> None:
    assert unasked(response(*event, guide=INQUIRY, purpose="49")).answer is answer
    if answer is Answer.NOT_FOUND:
        assert unasked(response(*event)).answer is Answer.REJECTED


@pytest.mark.parametrize("purpose", ["11", "08", "49", "53"])
def test_what_acknowledges_a_notice_says_so_itself(purpose: str) -> None:
    document = response("UM*AR*I", "REF*NT*RCPT1", guide=NOTICE, purpose=purpose)
    whole = hear(document, asked(of=admission(), notice=True), TOLD)
    for outcome in (unasked(document), whole):
        assert (outcome.answer, outcome.attention) == (Answer.RECEIVED, Attention.NONE)
    assert unasked(response("UM*AR*I", guide=NOTICE, purpose="14")).answer is Answer.UNMAPPED


def test_of_several_events_nobody_is_told_which_is_meant() -> None:
    for word in ("HCR*A1*AUTH1", "AAA*N**33*C"):
        outcome = unasked(response(EVENT, word, "HL*9*3*EV*0", "TRN*2*OTHER*9999999999", word))
        assert (outcome.answer, outcome.lines) == (Answer.UNMAPPED, ())
        assert "only the request says which is meant" in str(outcome.attention_why)


def test_what_is_refused_beside_the_event_leaves_it_to_a_person_whoever_asked() -> None:
    beside = ("AAA*N**72*C", "HL*9*2*22*1", "NM1*IL*1*SAMPLETON*ADA****MI*EGH100001")
    document = response(EVENT, "HCR*A1*AUTH1", member=beside).replace(b"HL*4*3*EV", b"HL*4*9*EV")
    for outcome in (unasked(document), outcome_of(document)):
        assert outcome.answer is Answer.UNMAPPED
        assert "beside the filing's" in str(outcome.attention_why)
