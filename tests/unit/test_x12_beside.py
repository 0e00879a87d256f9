"""Answers with more than the event that is ours: what is said in another one, or for another member, is never lost."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278 import traces
from gateway.model.outcome import Answer, Outcome, ReferenceKind
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import COMPANY, EVENT, LATER, STAMP, line, outcome_of, request, response, trn, words

ONE = request(lines=[line(id="drug")])
ANOTHER = LATER.model_copy(update={"number": 16, "seed": "00112233445566778899aabbccddeeff"})
"""Of another case of ours."""
FOREIGN = f"TRN*2*{traces.event(ANOTHER)}*{COMPANY}"
STORED = f"TRN*2*{traces.event(STAMP)}*{COMPANY}"
OWN = f"TRN*2*{traces.event(LATER)}*{COMPANY}"
"""Of the message that is answered, where that is not the filing."""
MEMBER = ["HL*8*2*22*1", "NM1*IL*1*SAMPLETON*ADA****MI*EGH100001"]
DEPENDENT = ["HL*8*3*23*1", "NM1*QC*1*SAMPLETON*ADA"]
SECOND = "HL*9*3*EV*1"
SERVICE = ["HL*10*9*SS*0", "SV1*HC:96413**UN*6"]


def not_understood(outcome: Outcome) -> bool:
    return (outcome.answer, outcome.attention, outcome.lines) == (Answer.UNMAPPED, Attention.OPERATOR, ())


def not_told(outcome: Outcome) -> bool:
    why = "the response decides or refuses in an event, or for a member, beside the filing's"
    return not_understood(outcome) and outcome.attention_why == why


def heard(*beside: str, said: tuple[str, ...] = ("HCR*A1*AUTH1",), **over: Any) -> Outcome:
    """What is made of our event, which says ``said``, with these segments behind it."""
    return outcome_of(response(EVENT, *said, *beside), of=ONE, **over)


# In reply to a filing


@pytest.mark.parametrize(
    "beside",
    [
        [SECOND, "HCR*A3**0F"],
        [SECOND, "UM*HS*I", "HCR*A3**0F", *SERVICE],
        [SECOND, *SERVICE, "HCR*A3**0F"],
        [SECOND, "TRN*1*PAYERNUM*9555555555", "HCR*A3**0F"],
        [SECOND, "HCR*A1*AUTH2"],
        [SECOND, "AAA*N**33*C"],
        [SECOND, *SERVICE, "AAA*N**33*C"],
        [SECOND, "NM1*SJ*2*SAMPLE CLINIC*****XX*1245319599", "AAA*N**43*C"],
        [SECOND, *SERVICE, "NM1*SJ*2*SAMPLE CLINIC*****XX*1245319599", "AAA*N**43*C"],
        [*MEMBER, SECOND, "HCR*A3**0F"],
        [*DEPENDENT, SECOND, "HCR*A3**0F"],
        [*MEMBER, "AAA*N**75*C"],
        [*DEPENDENT, "AAA*N**67*C"],
        [*MEMBER, "HCR*A3**0F"],
        [SECOND, FOREIGN, "HCR*A1*AUTH2", "HL*11*3*EV*1", "HCR*A3**0F"],
    ],
)
@pytest.mark.parametrize("said", [("HCR*A1*AUTH1",), ("HCR*A4*REV1",), ("MSG*SEE BELOW",)])
@pytest.mark.parametrize("verb", ["file", "cancel", "answer"])
def test_what_is_said_beside_the_event_that_is_ours_leaves_the_answer_to_a_person(
    beside: list[str], said: tuple[str, ...], verb: str
) -> None:
    assert not_told(heard(*beside, said=said, verb=verb))


@pytest.mark.parametrize("before", [["AAA*N**75*C"], ["HL*7*3*EV*1", "HCR*A3**0F"]])
def test_what_is_said_of_a_member_before_ours_is_said_beside_it(before: list[str]) -> None:
    assert not_told(outcome_of(response(EVENT, "HCR*A1*AUTH1", member=[*before, *MEMBER]), of=ONE))
    dependent = outcome_of(response(EVENT, "HCR*A1*AUTH1", member=[*DEPENDENT, *before, *MEMBER]), of=ONE)
    assert not_told(dependent)


def test_two_events_without_a_trace_of_which_one_is_refused_are_for_a_person() -> None:
    document = response(EVENT, "AAA*N**33*C", SECOND, "MSG*SEE ABOVE", trace=None)
    assert not_told(outcome_of(document, of=ONE))


@pytest.mark.parametrize("beside", [[SECOND, FOREIGN, "HCR*A3**0F", *SERVICE], [SECOND, "UM*HS*I", "MSG*X"]])
def test_an_event_that_is_another_cases_or_says_nothing_leaves_ours_as_it_is(beside: list[str]) -> None:
    outcome = heard(*beside)
    assert words(outcome) == {"drug": LineOutcome.CERTIFIED}
    assert (outcome.attention, outcome.messages) == (Attention.NONE, ())


def test_the_refusal_of_another_case_is_not_ours() -> None:
    outcome = heard(SECOND, FOREIGN, "AAA*N**33*C", said=())
    assert (outcome.answer, outcome.reasons) == (Answer.UNMAPPED, ())
    assert heard(SECOND, FOREIGN, "AAA*N**33*C", said=("AAA*N**15*C",)).reasons[0].code == "15"


def test_the_levels_that_ours_stands_under_are_not_beside_it() -> None:
    refused = outcome_of(response(EVENT, member=[*DEPENDENT, "AAA*N**67*C"]), of=ONE)
    assert refused.answer is Answer.REJECTED


# Found by an inquiry


def found(*event: str, trace: str | None = traces.event(LATER), number: str = "R1") -> Outcome:
    document = response(EVENT, *event, trace=trace, bht=traces.submission(LATER), purpose="49")
    return outcome_of(document, verb="inquire", of=ONE, numbers={number: ReferenceKind.REVIEW})


NUMBERED = ["REF*NT*R1", "HCR*A3**0F"]


def test_the_trace_of_another_case_beats_a_number_that_we_know() -> None:
    assert words(found(*NUMBERED)) == {"drug": LineOutcome.NOT_CERTIFIED}
    assert not_understood(found(FOREIGN, *NUMBERED))
    assert not_understood(found(FOREIGN, *NUMBERED, trace=None))


def test_a_trace_of_ours_beats_that_of_another_case() -> None:
    assert words(found(FOREIGN, STORED, *NUMBERED)) == {"drug": LineOutcome.NOT_CERTIFIED}


def test_a_trace_of_the_message_itself_is_not_that_of_another_case() -> None:
    document = response(EVENT, trn(1, LATER), "HCR*C*AUTH7", trace=None, bht=traces.submission(LATER))
    cancelled = outcome_of(document, verb="cancel", of=ONE, numbers={"AUTH7": ReferenceKind.AUTHORIZATION})
    assert cancelled.answer is Answer.CANCELLED


@pytest.mark.parametrize("trace", [traces.event(LATER), None])
def test_of_two_events_of_one_number_that_without_a_trace_of_another_case_is_ours(trace: str | None) -> None:
    other = [FOREIGN, "REF*NT*R1", "HCR*A1*AUTH9"]
    after = found(*NUMBERED, SECOND, *other, trace=trace)
    before = found(*other, SECOND, *NUMBERED, trace=trace)
    assert words(after) == words(before) == {"drug": LineOutcome.NOT_CERTIFIED}
    assert not_understood(found(*other, SECOND, *other, trace=trace))


def test_what_an_inquiry_finds_beside_our_filing_is_not_ours() -> None:
    outcome = found(STORED, "HCR*A1*AUTH1", SECOND, "HCR*A3**0F", "MSG*OF ANOTHER YEAR")
    assert words(outcome) == {"drug": LineOutcome.CERTIFIED}
    assert (outcome.attention, outcome.messages) == (Attention.NONE, ())


@pytest.mark.parametrize("text", ["PENDING", "N/A", "0000", "REVIEW", "TBD 1"])
@pytest.mark.parametrize("event", ["HCR*A3*{}*0F", "REF*NT*{}~HCR*A3**0F", "REF*BB*{}~HCR*A3**0F"])
def test_what_many_filings_have_in_a_numbers_place_finds_none(text: str, event: str) -> None:
    assert not_understood(found(*event.format(text).split("~"), number=text))
    assert words(found(*event.format("R77").split("~"), number="R77")) == {"drug": LineOutcome.NOT_CERTIFIED}
