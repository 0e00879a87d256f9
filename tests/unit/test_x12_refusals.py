"""AAA: what a payer could not process. A refusal is no denial, and what to do next is the payer's word."""

from __future__ import annotations

import pytest

from adapters.x12_278 import traces
from adapters.x12_278.asked import Verb
from adapters.x12_278.hearing.hear import hear
from gateway.contract.adapter import Stamp
from gateway.contract.errors import MaybeSent
from gateway.model.outcome import Answer, Outcome
from gateway.model.reasons import NextAction, Scope, Word
from gateway.model.status import Attention, LineOutcome
from tests.x12_material import LATER, STAMP, destination, outcome_of, response, trn


def refused(*segments: str) -> Outcome:
    return outcome_of(response(member=segments))


@pytest.mark.parametrize(
    ("code", "follow", "answer"),
    [
        ("72", "C", Answer.REJECTED),
        ("72", "N", Answer.REJECTED),
        ("72", "S", Answer.REJECTED),
        ("43", "R", Answer.REJECTED),
        ("72", "", Answer.REJECTED),
        ("42", "P", Answer.UNAVAILABLE),
        ("T4", "P", Answer.UNAVAILABLE),
        ("T4", "R", Answer.REJECTED),
        ("T4", "", Answer.REJECTED),
        ("42", "Y", Answer.RECEIVED),
        ("80", "Y", Answer.RECEIVED),
        ("T4", "Y", Answer.RECEIVED),
    ],
)
def test_what_is_next_is_told_by_the_payer(code: str, follow: str, answer: Answer) -> None:
    outcome = refused(f"AAA*N**{code}*{follow}")
    assert outcome.answer is answer
    assert outcome.lines == ()
    assert outcome.attention is Attention.NONE


NOBODY_ANSWERED = [
    *(f"AAA*N**80*{follow}" for follow in ("", "R", "P", "W", "C", "N")),
    *(f"AAA*N**42*{follow}" for follow in ("", "R", "C", "N", "S")),
]


@pytest.mark.parametrize("aaa", NOBODY_ANSWERED)
@pytest.mark.parametrize("where", ["payer", "requester", "member", "event", "services"])
def test_that_nobody_answered_in_time_does_not_prove_that_nothing_was_filed(aaa: str, where: str) -> None:
    """Whoever stands between gave up waiting, which says nothing of what the payer did: the gateway asks first."""
    parts = {"services": [[trn(1), aaa]]} if where == "services" else {} if where == "event" else {where: [aaa]}
    event = [aaa] if where == "event" else []
    verbs: dict[Verb, Stamp] = {"file": STAMP, "cancel": LATER, "answer": LATER}
    for verb, stamp in verbs.items():
        document = response(*event, bht=traces.submission(stamp), **parts)  # type: ignore[arg-type]
        with pytest.raises(MaybeSent):
            outcome_of(document, verb=verb)
    unasked = hear(document, None, destination())
    assert (unasked.answer, unasked.attention) == (Answer.UNMAPPED, Attention.OPERATOR)


def test_that_nobody_answered_in_time_weighs_more_than_a_refusal_beside_it() -> None:
    with pytest.raises(MaybeSent):
        refused("AAA*N**72*C", "AAA*N**80*R")
    with pytest.raises(MaybeSent):
        refused("AAA*N**42*P", "AAA*N**42*R")


@pytest.mark.parametrize("aaa", NOBODY_ANSWERED[:3])
def test_an_inquiry_that_nobody_answered_in_time_has_no_effect_and_is_made_again(aaa: str) -> None:
    outcome = outcome_of(response(payer=[aaa], bht=traces.submission(LATER)), verb="inquire")
    assert (outcome.answer, outcome.attention) == (Answer.UNAVAILABLE, Attention.NONE)


@pytest.mark.parametrize(("follow", "days"), [("W", 30), ("X", 10)])
def test_a_wait_is_kept_in_seconds(follow: str, days: int) -> None:
    outcome = refused(f"AAA*N**42*{follow}")
    assert (outcome.answer, outcome.retry_after) == (Answer.UNAVAILABLE, days * 86400)


def test_the_payers_advice_counts_over_ours() -> None:
    (reason,) = refused("AAA*N**72*N").reasons
    assert (reason.word, reason.suggested, reason.scope) == (Word.MEMBER_NOT_FOUND, NextAction.NONE, Scope.CASE)
    (alone,) = refused("AAA*N**72").reasons
    assert alone.next_action is NextAction.CORRECT_AND_RESUBMIT


@pytest.mark.parametrize(
    "where",
    [
        {"payer": ["AAA*N**79*C"]},
        {"requester": ["AAA*N**43*C"]},
        {"member": ["AAA*N**72*C"]},
        {"event": ["AAA*N**33*C"]},
        {"event": ["UM*HS*I", "NM1*SJ*1*A*B", "AAA*N**47*C"]},
        {"services": [["AAA*N**AG*C"]]},
        {"services": [["SV1*HC:J9271", "NM1*SJ*1*A*B", "AAA*N**47*C"]]},
    ],
)
def test_a_refusal_counts_wherever_it_stands(where: dict[str, list[str]]) -> None:
    outcome = outcome_of(response(*where.pop("event", []), **where))  # type: ignore[arg-type]
    assert outcome.answer is Answer.REJECTED
    assert len(outcome.reasons) == 1


def test_a_refusal_before_any_party_is_read() -> None:
    document = response().replace(b"HL*1**20*1~", b"HL*1**20*1~AAA*N**42*P~").replace(b"SE*9*", b"SE*10*")
    assert outcome_of(document).answer is Answer.UNAVAILABLE


def test_one_thing_to_mend_counts_over_another_that_only_asks_for_patience() -> None:
    outcome = refused("AAA*N**42*P", "AAA*N**72*C")
    assert outcome.answer is Answer.REJECTED
    assert [reason.word for reason in outcome.reasons] == [Word.PAYER_UNAVAILABLE, Word.MEMBER_NOT_FOUND]


def test_where_the_answer_will_follow_nothing_may_be_sent_again() -> None:
    outcome = refused("AAA*N**72*C", "AAA*N**42*Y")
    assert (outcome.answer, outcome.attention) == (Answer.RECEIVED, Attention.OPERATOR)


def test_the_real_reason_in_the_message_goes_with_the_code() -> None:
    outcome = outcome_of(response("AAA*N**33*C", "MSG*UNITS EXCEED 12 PER DAY"))
    assert outcome.reasons[0].text == "UNITS EXCEED 12 PER DAY"
    assert outcome.messages == ("UNITS EXCEED 12 PER DAY",)


@pytest.mark.parametrize("aaa", ["AAA*N**Q9*C", "AAA*N**72*Q", "AAA*N***C", "AAA"])
def test_a_refusal_in_unknown_words_is_for_a_person(aaa: str) -> None:
    outcome = refused(aaa)
    assert outcome.answer in (Answer.REJECTED, Answer.UNMAPPED)
    assert outcome.attention is Attention.OPERATOR


def test_an_unknown_code_is_kept_as_it_came() -> None:
    (reason,) = refused("AAA*N**Q9*C").reasons
    assert (reason.word, reason.code, reason.code_system) == (Word.UNMAPPED, "Q9", "x12_aaa03")


def test_a_refused_service_beside_decided_ones_is_unknown_and_the_practice_is_asked() -> None:
    outcome = outcome_of(
        response("UM*HS*I", "HCR*A1*AUTH1", services=[[trn(1), "HCR*A1"], [trn(2), "AAA*N**AG*C", "SV1*HC:96413"]])
    )
    words = {result.line: result.outcome for result in outcome.lines}
    assert outcome.answer is Answer.REVIEWED
    assert words == {
        "drug": LineOutcome.CERTIFIED,
        "infusion": LineOutcome.UNKNOWN,
        "more": LineOutcome.CERTIFIED,
    }
    (reason,) = next(result.reasons for result in outcome.lines if result.line == "infusion")
    assert (reason.word, reason.scope) == (Word.INVALID_CODE, Scope.LINE)
    assert outcome.attention is Attention.PROVIDER


def test_a_decision_with_a_refusal_above_it_is_for_a_person() -> None:
    outcome = outcome_of(response("UM*HS*I", "HCR*A1*AUTH1", member=["AAA*N**72*C"]))
    assert outcome.answer is Answer.REVIEWED
    assert outcome.attention is Attention.OPERATOR
    assert [reason.word for reason in outcome.reasons] == [Word.MEMBER_NOT_FOUND]


def test_a_refusal_that_also_calls_itself_not_considered_is_no_denial() -> None:
    """X12's RFI 2477: AAA with A3 and reason 25 beside it."""
    outcome = outcome_of(response("AAA*N**33*C", "UM*HS*I", "HCR*A3**25", services=[[trn(1), "HCR*A3**25"]]))
    assert outcome.answer is Answer.REJECTED
    assert [reason.word for reason in outcome.reasons] == [Word.WRONG_FORMAT]


def test_not_considered_without_a_refusal_that_says_why_is_for_a_person() -> None:
    outcome = outcome_of(response("UM*HS*I", "HCR*A3**25"))
    assert outcome.answer is Answer.REVIEWED
    assert {result.outcome for result in outcome.lines} == {LineOutcome.UNKNOWN}
    assert outcome.attention is Attention.OPERATOR


def test_a_service_that_is_granted_and_refused_at_once_is_for_a_person() -> None:
    outcome = outcome_of(response("UM*HS*I", services=[[trn(1), "AAA*N**AG*C", "HCR*A1*AUTH1"]]))
    drug = outcome.lines[0]
    assert (drug.outcome, [reason.code for reason in drug.reasons]) == (LineOutcome.CERTIFIED, ["AG"])
    assert outcome.attention is Attention.OPERATOR
