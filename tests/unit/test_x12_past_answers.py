"""Answers that come back to another message than they answer: copies, echoes, what an earlier inquiry was told."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.x12_278 import traces
from gateway.model.outcome import Answer, Outcome, ReferenceKind
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import (
    COMPANY,
    DRUG,
    EVENT,
    LATER,
    STAMP,
    line,
    outcome_of,
    request,
    response,
    service,
    trn,
    words,
)

ONE = request(lines=[line(id="drug")])
EARLIER = LATER.model_copy(update={"number": 16, "seed": "00112233445566778899aabbccddeeff"})
"""Of another inquiry, which was sent before this one."""
OLD = ["HCR*A1*OLD2025", "SV1*HC:J9271**UN*200"]
STORED = f"TRN*2*{traces.event(STAMP)}*{COMPANY}"


def heard(verb: str, *event: str, bht: Any = LATER, trace: str | None = None, **over: Any) -> Outcome:
    """What is made of an answer that repeats this BHT03 (a stamp's, or any) and this trace."""
    known = over.pop("numbers", {})
    named = bht if isinstance(bht, str) else traces.submission(bht)
    document = response(EVENT, *event, bht=named, trace=trace, **over)
    return outcome_of(document, verb=verb, of=ONE, numbers=known)


def not_applied(outcome: Outcome) -> bool:
    return (outcome.answer, outcome.attention, outcome.lines) == (Answer.UNMAPPED, Attention.OPERATOR, ())


# Found by an inquiry


@pytest.mark.parametrize("word", ["A1", "A3", "A4", "A6", "C"])
def test_an_echo_of_the_inquiry_does_not_make_an_earlier_case_ours(word: str) -> None:
    """The payer never had the filing. It finds last year's for this member and code, and echoes what it was sent."""
    outcome = heard("inquire", f"HCR*{word}*OLD2025", trace=traces.event(LATER), services=[OLD[1:]], purpose="49")
    assert not_applied(outcome)
    assert outcome.attention_why == "the payer holds a filing like this one that does not carry our trace"


@pytest.mark.parametrize(
    "found",
    [
        {"event": [STORED, "HCR*A1*AUTH1"]},
        {"event": ["HCR*A1*AUTH1"], "services": [list(DRUG)]},
        {"event": ["HCR*A1*AUTH1", "REF*NT*RV7"], "numbers": {"RV7": ReferenceKind.REVIEW}},
    ],
)
def test_a_filing_is_found_by_what_the_payer_has_stored_of_it(found: dict[str, Any]) -> None:
    outcome = heard("inquire", *found.pop("event"), trace=traces.event(LATER), purpose="49", **found)
    assert words(outcome) == {"drug": LineOutcome.CERTIFIED}


@pytest.mark.parametrize(("first", "ours"), [(LATER, True), (STAMP, False)])
def test_of_several_filings_that_are_found_the_one_with_our_trace_is_ours(first: Any, ours: bool) -> None:
    document = response(EVENT, "HCR*A3**0F", bht=traces.submission(LATER), trace=traces.event(first), purpose="49")
    second = f"HL*5*3*EV*0~{STORED}~{EVENT}~HCR*A1*AUTH1~SE*16*"
    count = document.count(b"~", document.index(b"ST*"), document.index(b"SE*")) + 1
    both = document.replace(b"SE*%d*" % count, second.replace("SE*16*", f"SE*{count + 4}*").encode())
    outcome = outcome_of(both, verb="inquire", of=ONE)
    assert words(outcome) == ({"drug": LineOutcome.CERTIFIED} if ours else {})
    assert not_applied(outcome) is not ours


def test_what_an_earlier_inquiry_found_of_our_filing_still_counts() -> None:
    late = heard("inquire", STORED, "HCR*A1*AUTH1", bht=EARLIER, trace=traces.event(EARLIER), purpose="49")
    assert words(late) == {"drug": LineOutcome.CERTIFIED}
    assert words(heard("inquire", "HCR*A1*AUTH1", bht=STAMP, trace=traces.event(STAMP))) == words(late)


def test_what_an_earlier_inquiry_found_without_our_trace_does_not() -> None:
    assert not_applied(heard("inquire", *OLD[:1], bht=EARLIER, trace=traces.event(EARLIER), purpose="49"))


# Not found by an inquiry


NOT_FOUND = "AAA*N**NC*N"


@pytest.mark.parametrize(
    ("bht", "trace"), [(LATER, traces.event(LATER)), (LATER, None), ("THEIR-OWN-7", traces.event(LATER))]
)
def test_an_answer_that_names_this_inquiry_proves_absence(bht: Any, trace: str | None) -> None:
    assert heard("inquire", NOT_FOUND, bht=bht, trace=trace).answer is Answer.NOT_FOUND


@pytest.mark.parametrize("refusal", [NOT_FOUND, "AAA*N**42*P", "AAA*N**75*C", "AAA*N**AA*C"])
@pytest.mark.parametrize(
    ("bht", "trace"),
    [
        (EARLIER, traces.event(EARLIER)),
        (EARLIER, None),
        (LATER, traces.event(EARLIER)),
        (EARLIER, traces.event(STAMP)),
        (STAMP, traces.event(STAMP)),
        (STAMP, None),
        ("THEIR-OWN-7", None),
        ("THEIR-OWN-7", traces.event(STAMP)),
    ],
)
def test_a_refusal_that_names_another_message_says_nothing_of_this_inquiry(
    refusal: str, bht: Any, trace: str | None
) -> None:
    assert not_applied(heard("inquire", refusal, bht=bht, trace=trace))


@pytest.mark.parametrize(
    ("bht", "trace", "beside"),
    [
        (STAMP, traces.event(LATER), []),
        (LATER, traces.event(LATER), [STORED]),
        (LATER, traces.event(LATER), [f"TRN*2*{traces.event(EARLIER)}*{COMPANY}"]),
    ],
)
def test_what_is_said_to_be_absent_and_named_is_not_proved_absent(bht: Any, trace: str, beside: list[str]) -> None:
    assert not_applied(heard("inquire", *beside, NOT_FOUND, bht=bht, trace=trace))


def test_a_service_with_our_trace_is_not_proved_absent() -> None:
    assert not_applied(heard("inquire", trace=traces.event(LATER), services=[[trn(1), NOT_FOUND]]))


# In reply to a cancellation or to documents


@pytest.mark.parametrize("verb", ["cancel", "answer"])
@pytest.mark.parametrize("bht", [STAMP, "THEIR-OWN-7"])
@pytest.mark.parametrize(
    "event", ["HCR*A4*REV1", "HCR*CT", "HCR*Z9", "AAA*N**42*Y", "AAA*N**33*N", "AAA*N**42*P", "MSG*X"]
)
def test_a_copy_of_the_answer_to_the_filing_answers_nothing_that_was_said_since(
    verb: str, bht: Any, event: str
) -> None:
    outcome = heard(verb, event, bht=bht, trace=traces.event(STAMP), follows="19")
    assert not_applied(outcome)
    assert outcome.attention_why == "the answer names the filing, and not what was sent about it since"


@pytest.mark.parametrize("decision", ["HCR*A1*AUTH1", "HCR*A3**0F"])
def test_a_copy_of_a_decision_does_not_say_that_a_cancellation_was_heard(decision: str) -> None:
    assert not_applied(heard("cancel", decision, bht=STAMP, trace=traces.event(STAMP)))


@pytest.mark.parametrize(
    ("bht", "trace"),
    [
        (LATER, traces.event(STAMP)),
        (LATER, traces.event(LATER)),
        (LATER, None),
        (STAMP, traces.event(LATER)),
        ("THEIR-OWN-7", traces.event(LATER)),
    ],
)
@pytest.mark.parametrize(
    ("event", "answer"),
    [("HCR*C*AUTH1", Answer.CANCELLED), ("HCR*A3**0M", Answer.CANCEL_REFUSED), ("HCR*A4*REV1", Answer.RECEIVED)],
)
def test_an_answer_that_names_the_cancellation_by_either_name_answers_it(
    bht: Any, trace: str | None, event: str, answer: Answer
) -> None:
    assert heard("cancel", event, bht=bht, trace=trace).answer is answer


def test_no_answer_before_the_cancellation_says_that_the_filing_is_cancelled() -> None:
    assert heard("cancel", "HCR*C*AUTH1", bht=STAMP, trace=traces.event(STAMP)).answer is Answer.CANCELLED


def test_no_answer_before_the_documents_decides_a_filing_that_waits_for_them() -> None:
    services = [service(DRUG, "HCR*A1*AUTH1")]
    for bht in (STAMP, LATER):
        outcome = heard("answer", bht=bht, trace=traces.event(STAMP), services=services)
        assert words(outcome) == {"drug": LineOutcome.CERTIFIED}


def test_an_answer_to_a_cancellation_that_names_another_case_of_ours_beside_it_is_not_applied() -> None:
    strange = f"TRN*2*{traces.event(EARLIER)}*{COMPANY}"
    assert not_applied(heard("cancel", strange, "HCR*C*AUTH1", trace=traces.event(LATER)))


# In reply to a filing


def test_an_answer_to_a_filing_may_name_it_by_a_line_alone() -> None:
    outcome = heard("file", bht="THEIR-OWN-7", services=[service(DRUG, "HCR*A1*AUTH1")])
    assert words(outcome) == {"drug": LineOutcome.CERTIFIED}


@pytest.mark.parametrize("event", [["HCR*A1*AUTH1"], ["AAA*N**33*C"], ["AAA*N**42*Y"], ["AAA*N**42*P"]])
@pytest.mark.parametrize("where", ["event", "service"])
def test_an_answer_under_our_number_with_the_trace_of_another_case_of_ours_is_not_applied(
    event: list[str], where: str
) -> None:
    """The trace is our company's, and the filing's is nowhere: refused or decided is that other case."""
    strange = f"TRN*2*{traces.event(EARLIER)}*{COMPANY}"
    if where == "event":
        document = response(EVENT, strange, *event, trace=None)
    else:
        document = response(EVENT, *event, trace=None, services=[[strange]])
    assert not_applied(outcome_of(document, of=ONE))
