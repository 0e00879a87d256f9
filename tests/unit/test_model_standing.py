"""Where a submission stands after what was delivered and heard, in whatever order and however often it was heard."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from gateway.model.order import in_order
from gateway.model.outcome import Answer, LineResult, Outcome, Reference, ReferenceKind, RequestedItem, put_together
from gateway.model.reasons import Reason, Word
from gateway.model.standing import Heard, Standing, roll_up_standings, settle
from gateway.model.status import DECIDED, Attention, CaseStatus, Delivery, Ground, LineOutcome, may_move

S = CaseStatus
L = LineOutcome
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINES = ("1", "2")


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def reviewed(*outcomes: LineOutcome, **more: Any) -> Outcome:
    """A review of the lines 1, 2 and so on."""
    lines = tuple(LineResult(line=str(place), outcome=outcome) for place, outcome in enumerate(outcomes, start=1))
    return Outcome(answer=Answer.REVIEWED, lines=lines, **more)


def said(answer: Answer, **more: Any) -> Outcome:
    return Outcome(answer=answer, **more)


def stand(*heard: Outcome | Heard, delivery: Delivery = Delivery.APP_ACKED, **more: Any) -> Standing:
    """The standing after messages heard a minute apart."""
    items = [item if isinstance(item, Heard) else Heard(item, at(place)) for place, item in enumerate(heard)]
    return settle(LINES, delivery, items, **more)


SAYING_NOTHING = (Answer.NOT_FOUND, Answer.UNAVAILABLE, Answer.NUMBER_USED)
APPROVED = reviewed(L.CERTIFIED, L.CERTIFIED)
DENIED = reviewed(L.NOT_CERTIFIED, L.NOT_CERTIFIED)
PENDED = reviewed(L.PENDING, L.PENDING)
ASKED = reviewed(
    L.INFO_REQUESTED,
    L.PENDING,
    requested=(RequestedItem(kind="clinical_notes", control_number="ACN-1"),),
    reasons=(Reason(word=Word.MISSING_DOCUMENTATION, code="0U"),),
)


@pytest.mark.parametrize(
    ("delivery", "status", "attention"),
    [
        (Delivery.PLANNED, S.QUEUED, Attention.GATEWAY),
        (Delivery.RENDERED, S.QUEUED, Attention.GATEWAY),
        (Delivery.REFUSED, S.QUEUED, Attention.GATEWAY),
        (Delivery.SENT, S.SUBMITTING, Attention.GATEWAY),
        (Delivery.LOST, S.UNCERTAIN, Attention.GATEWAY),
        (Delivery.TRANSPORT_ACKED, S.SUBMITTING, Attention.PAYER),
        (Delivery.APP_ACKED, S.RECEIVED, Attention.PAYER),
        (Delivery.RECONCILED, S.RECEIVED, Attention.PAYER),
    ],
)
def test_before_any_answer_the_delivery_says_where_it_stands(
    delivery: Delivery, status: CaseStatus, attention: Attention
) -> None:
    standing = stand(delivery=delivery)
    assert (standing.status, standing.attention) == (status, attention)
    assert {result.outcome for result in standing.lines.values()} == {L.PENDING}


# what a message may be, drawn at random

_results = st.builds(
    lambda outcome, number, named: {"outcome": outcome, "authorization_number": number, "named": named},
    st.sampled_from(LineOutcome),
    st.none() | st.just("AUTH-1"),
    st.booleans(),
)


@st.composite
def messages(draw: st.DrawFn) -> Outcome:
    """Any message about lines 1 and 2, with the payer's own time."""
    answer = draw(st.sampled_from(Answer) | st.just(Answer.REVIEWED))
    lines: Sequence[LineResult] = ()
    if answer is Answer.REVIEWED:
        named = draw(st.lists(st.sampled_from(["1", "2", None]), max_size=3, unique=True))
        lines = [LineResult(line=line, **draw(_results)) for line in named]
    return Outcome(
        answer=answer,
        lines=tuple(lines),
        reasons=draw(st.sampled_from([(), (Reason(word=Word.OTHER, text="x"),)])),
        requested=draw(st.sampled_from([(), (RequestedItem(kind="other"),)])),
        references=draw(st.sampled_from([(), (Reference(kind=ReferenceKind.REVIEW, value="R-1"),)])),
        attention=draw(st.sampled_from(Attention)),
        effective_at=at(draw(st.integers(0, 50))),
    )


_heard = st.lists(st.builds(Heard, messages(), st.just(at(100)), st.booleans()), max_size=6)
_deliveries = st.sampled_from(Delivery)


@pytest.mark.proves("AK-04", "AK-05")
@given(_heard, _deliveries, st.booleans(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_comes_to_the_same_standing(
    heard: list[Heard], delivery: Delivery, cancelling: bool, chance: random.Random
) -> None:
    arrived = [Heard(item.outcome, at(60 + place), item.filing) for place, item in enumerate(heard)]
    standing = settle(LINES, delivery, arrived, cancelling=cancelling)
    chance.shuffle(arrived)
    assert settle(LINES, delivery, arrived, cancelling=cancelling) == standing


@given(_heard, _deliveries, st.randoms(use_true_random=False))
def test_told_apart_by_the_payers_time_messages_may_arrive_in_any_order(
    heard: list[Heard], delivery: Delivery, chance: random.Random
) -> None:
    told_apart = list({item.outcome.effective_at: item for item in heard}.values())
    standing = settle(LINES, delivery, told_apart)
    chance.shuffle(told_apart)
    arrived = [Heard(item.outcome, at(60 + place), item.filing) for place, item in enumerate(told_apart)]
    # But for whom it calls: a decision that comes after one it is older than is a person's.
    assert replace(settle(LINES, delivery, arrived), attention=Attention.NONE, attention_why=None) == replace(
        standing, attention=Attention.NONE, attention_why=None
    )


@pytest.mark.proves("AK-05")
@given(_heard, _deliveries, st.lists(st.integers(0, 5), max_size=6))
def test_hearing_a_message_again_changes_nothing(heard: list[Heard], delivery: Delivery, again: list[int]) -> None:
    echoes = [
        Heard(heard[place].outcome, at(200 + number), heard[place].filing)
        for number, place in enumerate(again)
        if place < len(heard)
    ]
    assert settle(LINES, delivery, [*heard, *echoes]) == settle(LINES, delivery, heard)


@given(_heard, _deliveries, st.booleans())
def test_heard_in_order_every_step_is_a_move_of_the_table(
    heard: list[Heard], delivery: Delivery, cancelling: bool
) -> None:
    ordered = sorted(heard, key=lambda item: (item.outcome.effective_at, item.outcome.digest()))
    before = settle(LINES, delivery, []).status
    for count in range(1, len(ordered) + 1):
        after = settle(LINES, delivery, ordered[:count]).status
        assert may_move(before, after, {Ground.ORDINARY, Ground.EVIDENCE, Ground.DECISION})
        before = after
    masked = settle(LINES, delivery, ordered, cancelling=cancelling).status
    assert masked == before or (masked == S.CANCEL_PENDING and may_move(before, masked))


@given(_heard, _deliveries)
def test_every_line_has_an_outcome_and_nothing_is_lost(heard: list[Heard], delivery: Delivery) -> None:
    standing = settle(LINES, delivery, heard)
    assert list(standing.lines) == list(LINES)
    foreign = {result for item in heard for result in item.outcome.lines if result.line is None}
    refused = {result for outcome in standing.contradictions for result in outcome.lines}
    assert foreign <= set(standing.unmatched) | refused


@given(_heard, _deliveries)
def test_a_person_looks_at_whatever_was_refused_last(heard: list[Heard], delivery: Delivery) -> None:
    ordered = sorted(heard, key=lambda item: (item.outcome.effective_at, item.outcome.digest()))
    if not ordered:
        return
    before, after = settle(LINES, delivery, ordered[:-1]), settle(LINES, delivery, ordered)
    if len(after.contradictions) > len(before.contradictions):
        assert after.attention is Attention.OPERATOR
        assert after.attention_why


@given(_heard, _deliveries)
def test_unmapped_words_never_decide(heard: list[Heard], delivery: Delivery) -> None:
    only = [item for item in heard if item.outcome.answer in (*SAYING_NOTHING, Answer.UNMAPPED)]
    assert settle(LINES, delivery, only).status == settle(LINES, delivery, []).status


@given(_heard, _deliveries)
def test_a_standing_survives_being_stored(heard: list[Heard], delivery: Delivery) -> None:
    standing = settle(LINES, delivery, heard)
    adapter = TypeAdapter(Standing)
    assert adapter.validate_json(adapter.dump_json(standing)) == standing


# acknowledgements


def test_a_late_acknowledgement_takes_nothing_back() -> None:
    before = stand(ASKED)
    after = stand(ASKED, said(Answer.RECEIVED, references=(Reference(kind=ReferenceKind.REVIEW, value="R-1"),)))
    assert (after.status, after.requested, after.reasons, after.lines, after.attention) == (
        S.NEEDS_INFORMATION,
        before.requested,
        before.reasons,
        before.lines,
        Attention.PROVIDER,
    )
    assert [reference.value for reference in after.references] == ["R-1"]


@pytest.mark.proves("AK-03")
def test_an_acknowledgement_after_the_decision_is_no_contradiction() -> None:
    standing = stand(APPROVED, said(Answer.RECEIVED))
    assert (standing.status, standing.contradictions, standing.attention) == (S.APPROVED, (), Attention.NONE)


def test_an_acknowledgement_of_a_lost_filing_proves_that_it_arrived() -> None:
    assert stand(said(Answer.RECEIVED), delivery=Delivery.LOST).status == S.RECEIVED


# what leaves the status


@pytest.mark.parametrize("answer", [*SAYING_NOTHING, Answer.UNMAPPED, Answer.CANCEL_REFUSED])
@pytest.mark.parametrize("delivery", list(Delivery))
def test_an_answer_that_says_nothing_of_the_filing_leaves_it(answer: Answer, delivery: Delivery) -> None:
    assert stand(said(answer), delivery=delivery).status == stand(delivery=delivery).status


@pytest.mark.parametrize("answer", SAYING_NOTHING)
def test_a_decision_is_not_shaken_by_an_inquiry_that_fails(answer: Answer) -> None:
    assert stand(APPROVED, said(answer)) == stand(APPROVED)


def test_unmapped_words_reach_an_operator_with_what_was_said() -> None:
    raw = Reason(word=Word.UNMAPPED, code="ZZ9", text="SEE BULLETIN")
    standing = stand(ASKED, said(Answer.UNMAPPED, reasons=(raw,)))
    assert standing.attention is Attention.OPERATOR
    assert raw in standing.reasons
    assert standing.status == S.NEEDS_INFORMATION
    assert standing.requested == ASKED.requested


def test_an_operator_is_told_every_reason_and_each_once() -> None:
    one, other = (said(Answer.UNMAPPED, attention=Attention.OPERATOR, attention_why=why) for why in ("first", "second"))
    told = stand(
        reviewed(LineOutcome.PENDING, LineOutcome.PENDING), one, other, one, said(Answer.NOT_FOUND)
    ).attention_why
    assert told == "first; second"


def test_an_operator_who_was_called_stays_called_when_an_inquiry_finds_nothing() -> None:
    assert stand(PENDED, said(Answer.UNMAPPED), said(Answer.NOT_FOUND)).attention is Attention.OPERATOR


def test_a_denied_change_takes_nothing_from_what_was_granted_and_calls_a_person() -> None:
    numbered = reviewed(L.CERTIFIED, L.PENDING)
    denied = Heard(DENIED, at(5), filing=False, change=True)
    standing = stand(APPROVED, denied)
    assert (standing.status, standing.attention, standing.contradictions) == (S.APPROVED, Attention.OPERATOR, (DENIED,))
    assert {result.outcome for result in standing.lines.values()} == {L.CERTIFIED}
    # What was not granted is denied; and whatever says so of the filing itself is heard.
    assert stand(numbered, denied).status == S.PARTIALLY_APPROVED
    assert stand(APPROVED, Heard(DENIED, at(5), filing=False)).status == S.DENIED
    assert (
        stand(APPROVED, Heard(reviewed(*[L.CERTIFIED_MODIFIED] * 2), at(5), change=True)).status == S.APPROVED_MODIFIED
    )


def test_a_refused_inquiry_does_not_refuse_the_filing() -> None:
    refused = said(Answer.REJECTED, reasons=(Reason(word=Word.MISSING_IDENTIFIER),))
    assert stand(PENDED, Heard(refused, at(5), filing=False)).status == S.PENDED
    assert stand(PENDED, Heard(refused, at(5), filing=True)).status == S.REJECTED
    assert stand(Heard(refused, at(5), filing=False), delivery=Delivery.LOST).status == S.UNCERTAIN


def test_a_refusal_of_the_filing_that_an_inquiry_fetched_refuses_it() -> None:
    fetched = said(Answer.REJECTED, reasons=(Reason(word=Word.WRONG_FORMAT),), of_filing=True)
    assert stand(Heard(fetched, at(5), filing=False)).status == S.REJECTED
    assert stand(Heard(fetched, at(5), filing=False), delivery=Delivery.RECONCILED).status == S.REJECTED
    same = Heard(fetched, at(9), filing=True)
    assert len(in_order([Heard(fetched, at(5), filing=False), same])) == 1


# lines


def test_a_line_the_review_does_not_mention_is_not_called_pended() -> None:
    standing = stand(reviewed(L.CERTIFIED))
    assert standing.status == S.RECEIVED
    assert standing.lines["1"].outcome is L.CERTIFIED


def test_a_second_message_about_the_other_line_completes_the_first() -> None:
    other = Outcome(answer=Answer.REVIEWED, lines=(LineResult(line="2", outcome=L.NOT_CERTIFIED),))
    assert stand(reviewed(L.CERTIFIED), other).status == S.PARTIALLY_APPROVED


def test_a_review_under_way_is_not_taken_back_by_a_line_not_mentioned() -> None:
    first = reviewed(L.PENDING)
    standing = stand(first, reviewed(L.CERTIFIED))
    assert (standing.status, standing.contradictions) == (S.PENDED, ())
    assert standing.lines["1"].outcome is L.CERTIFIED


def test_an_unknown_word_for_a_line_is_received_and_an_operator_looks() -> None:
    standing = stand(reviewed(L.CERTIFIED, L.UNKNOWN))
    assert (standing.status, standing.attention) == (S.RECEIVED, Attention.OPERATOR)


def test_an_unknown_word_does_not_replace_a_known_one() -> None:
    raw = Reason(word=Word.UNMAPPED, code="Q7")
    unclear = Outcome(answer=Answer.REVIEWED, lines=(LineResult(line="1", outcome=L.UNKNOWN, reasons=(raw,)),))
    standing = stand(APPROVED, unclear)
    assert (standing.status, standing.attention) == (S.APPROVED, Attention.OPERATOR)
    assert standing.lines["1"].outcome is L.CERTIFIED
    assert standing.lines["1"].reasons == (raw,)


def test_a_line_that_is_none_of_ours_is_kept_and_shown_to_an_operator() -> None:
    extra = LineResult(line=None, outcome=L.CERTIFIED)
    standing = stand(Outcome(answer=Answer.REVIEWED, lines=(*DENIED.lines, extra)))
    assert (standing.status, standing.unmatched, standing.attention) == (S.DENIED, (extra,), Attention.OPERATOR)


def test_a_foreign_line_told_at_every_inquiry_is_kept_once_and_still_shown() -> None:
    extra = LineResult(line=None, outcome=L.CERTIFIED)
    answers = [
        Outcome(answer=Answer.REVIEWED, lines=(*DENIED.lines, extra), effective_at=at(-minute)) for minute in (3, 2, 1)
    ]
    standing = stand(*answers)
    assert (standing.unmatched, standing.attention) == ((extra,), Attention.OPERATOR)


def test_a_review_of_foreign_lines_alone_decides_nothing() -> None:
    standing = stand(Outcome(answer=Answer.REVIEWED, lines=(LineResult(line="9", outcome=L.CERTIFIED),)))
    assert (standing.status, standing.attention) == (S.RECEIVED, Attention.OPERATOR)


def test_a_review_that_names_no_line_decides_nothing() -> None:
    standing = stand(Outcome(answer=Answer.REVIEWED))
    assert (standing.status, standing.attention) == (S.RECEIVED, Attention.OPERATOR)


def test_one_line_may_contradict_while_the_others_move() -> None:
    before = stand(reviewed(L.CERTIFIED, L.PENDING))
    after = stand(reviewed(L.CERTIFIED, L.PENDING), reviewed(L.PENDING, L.NOT_CERTIFIED))
    assert before.status == S.PENDED
    assert after.status == S.PARTIALLY_APPROVED
    assert after.lines["1"].outcome is L.CERTIFIED
    assert after.attention is Attention.OPERATOR
    assert len(after.contradictions) == 1


# decisions


def test_an_approval_then_pended_stays_approved_and_an_operator_looks() -> None:
    standing = stand(APPROVED, PENDED)
    assert (standing.status, standing.attention) == (S.APPROVED, Attention.OPERATOR)
    assert standing.contradictions == (PENDED,)
    assert standing.attention_why == "the payer said pended of a line after approved"


@pytest.mark.proves("AK-04")
def test_an_old_pend_that_arrives_after_the_approval_is_no_contradiction() -> None:
    early = PENDED.model_copy(update={"effective_at": at(-30)})
    decided = APPROVED.model_copy(update={"effective_at": at(-10)})
    standing = stand(decided, early)
    assert (standing.status, standing.contradictions) == (S.APPROVED, ())


def test_a_denial_then_a_question_is_reopened_by_the_newer_message() -> None:
    standing = stand(DENIED, ASKED.model_copy(update={"lines": reviewed(L.INFO_REQUESTED, L.INFO_REQUESTED).lines}))
    assert (standing.status, standing.requested) == (S.NEEDS_INFORMATION, ASKED.requested)


def test_a_question_older_than_the_denial_does_not_reopen_it() -> None:
    early = ASKED.model_copy(update={"effective_at": at(-30)})
    decided = DENIED.model_copy(update={"effective_at": at(-10)})
    assert stand(decided, early).status == S.DENIED


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (DENIED, APPROVED, S.APPROVED),
        (APPROVED, DENIED, S.DENIED),
        (said(Answer.DUPLICATE), APPROVED, S.APPROVED),
        (said(Answer.CANCELLED), APPROVED, S.APPROVED),
        (said(Answer.CLOSED), DENIED, S.DENIED),
        (reviewed(L.NOT_REQUIRED, L.NOT_REQUIRED), DENIED, S.DENIED),
        (APPROVED, said(Answer.RESCINDED), S.RESCINDED),
        (said(Answer.REJECTED), APPROVED, S.APPROVED),
    ],
)
def test_a_newer_decision_supersedes(first: Outcome, second: Outcome, status: CaseStatus) -> None:
    standing = stand(first, second)
    assert (standing.status, standing.contradictions) == (status, ())


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (said(Answer.CANCELLED), PENDED, S.CANCELLED),
        (said(Answer.DUPLICATE), PENDED, S.DUPLICATE),
        (DENIED, said(Answer.CANCELLED), S.DENIED),
        (DENIED, said(Answer.RESCINDED), S.DENIED),
        (APPROVED, said(Answer.REJECTED), S.APPROVED),
        (APPROVED, said(Answer.CLOSED), S.APPROVED),
        (APPROVED, said(Answer.DUPLICATE), S.APPROVED),
        (PENDED, said(Answer.RESCINDED), S.PENDED),
    ],
)
def test_what_the_table_forbids_is_kept_as_a_contradiction(first: Outcome, second: Outcome, status: CaseStatus) -> None:
    standing = stand(first, second)
    assert (standing.status, standing.contradictions) == (status, (second,))
    assert standing.attention is Attention.OPERATOR


def test_a_decision_on_one_line_after_a_cancellation_leaves_the_other_cancelled() -> None:
    standing = stand(said(Answer.CANCELLED), reviewed(L.CERTIFIED))
    assert standing.status == S.APPROVED
    assert [standing.lines[line].outcome for line in LINES] == [L.CERTIFIED, L.CANCELLED]


@pytest.mark.parametrize(
    "late", [APPROVED, DENIED, reviewed(L.CERTIFIED_MODIFIED, L.NOT_CERTIFIED), said(Answer.RESCINDED)]
)
def test_a_decision_after_a_cancellation_calls_the_practice_however_often_it_is_told(late: Outcome) -> None:
    for told in ([late], [late, late.model_copy(update={"effective_at": at(30)})]):
        standing = stand(said(Answer.CANCELLED), *told)
        assert standing.status is not S.CANCELLED
        assert standing.attention is Attention.PROVIDER
        assert "after the request was cancelled" in (standing.attention_why or "")
    again = stand(said(Answer.CANCELLED), late, said(Answer.CANCELLED, effective_at=at(40)))
    assert (again.status, again.attention) in ((S.CANCELLED, Attention.NONE), (late_status(late), Attention.OPERATOR))


def late_status(late: Outcome) -> CaseStatus:
    return stand(said(Answer.CANCELLED), late).status


def test_a_line_that_is_decided_after_it_was_cancelled_calls_the_practice_though_the_request_stands_as_it_did() -> None:
    half = reviewed(L.CERTIFIED, L.CANCELLED)
    before, after = stand(half), stand(half, APPROVED)
    assert (before.status, after.status) == (S.APPROVED, S.APPROVED)
    assert (before.attention, after.attention) == (Attention.NONE, Attention.PROVIDER)
    assert stand(APPROVED, said(Answer.CANCELLED)).attention is Attention.NONE


def test_a_withdrawn_approval_leaves_no_line_certified_and_no_number_to_bill_on() -> None:
    reason = Reason(word=Word.COVERAGE_INACTIVE)
    line = LineResult(line="1", outcome=L.CERTIFIED, authorization_number="AUTH-1")
    approved = Outcome(answer=Answer.REVIEWED, lines=(line, *APPROVED.lines[1:]))
    standing = stand(approved, said(Answer.RESCINDED, reasons=(reason,)))
    assert {result.authorization_number for result in standing.lines.values()} == {None}
    assert {result.outcome for result in standing.lines.values()} == {L.NOT_CERTIFIED}
    assert {result.reasons for result in standing.lines.values()} == {(reason,)}


def test_a_payer_clock_that_runs_ahead_does_not_freeze_the_case() -> None:
    ahead = PENDED.model_copy(update={"effective_at": datetime(2099, 1, 1, tzinfo=UTC)})
    standing = settle(LINES, Delivery.APP_ACKED, [Heard(ahead, at(0)), Heard(APPROVED, at(60))])
    assert (standing.status, standing.contradictions) == (S.APPROVED, ())
    garbled = APPROVED.model_copy(update={"effective_at": datetime(2099, 1, 1, tzinfo=UTC)})
    assert settle(LINES, Delivery.APP_ACKED, [Heard(garbled, at(0)), Heard(DENIED, at(60))]).status == S.DENIED


# numbers and requests


def test_an_approval_without_a_number_waits_for_its_reference() -> None:
    assert stand(APPROVED).reference_pending


def test_a_number_on_a_line_or_on_the_event_ends_the_wait() -> None:
    line = LineResult(line="1", outcome=L.CERTIFIED, authorization_number="AUTH-1")
    assert not stand(Outcome(answer=Answer.REVIEWED, lines=(line, *APPROVED.lines[1:]))).reference_pending
    event = Reference(kind=ReferenceKind.AUTHORIZATION, value="AUTH-1")
    assert not stand(APPROVED.model_copy(update={"references": (event,)})).reference_pending


def test_a_review_number_is_not_an_authorization() -> None:
    review = Reference(kind=ReferenceKind.REVIEW, value="R-1")
    assert stand(APPROVED.model_copy(update={"references": (review,)})).reference_pending


def test_a_denial_waits_for_no_number() -> None:
    assert not stand(DENIED).reference_pending


def test_an_approval_told_again_without_its_number_keeps_it() -> None:
    line = LineResult(line="1", outcome=L.CERTIFIED, authorization_number="AUTH-1")
    numbered = Outcome(answer=Answer.REVIEWED, lines=(line, *APPROVED.lines[1:]))
    assert stand(numbered, APPROVED).lines["1"].authorization_number == "AUTH-1"


def test_a_denial_after_an_approval_does_not_keep_the_number() -> None:
    line = LineResult(line="1", outcome=L.CERTIFIED, authorization_number="AUTH-1")
    numbered = Outcome(answer=Answer.REVIEWED, lines=(line, *APPROVED.lines[1:]))
    assert stand(numbered, DENIED).lines["1"].authorization_number is None


def test_a_question_repeated_without_its_items_still_asks_for_them() -> None:
    assert stand(ASKED, ASKED.model_copy(update={"requested": ()})).requested == ASKED.requested


def test_once_the_payer_reviews_again_nothing_is_asked_for() -> None:
    assert stand(ASKED, PENDED).requested == ()


# cancelling


@pytest.mark.parametrize("heard", [(), (PENDED,), (ASKED,), (APPROVED,), (said(Answer.RECEIVED),)])
def test_a_cancellation_without_an_answer_is_pending(heard: tuple[Outcome, ...]) -> None:
    standing = stand(*heard, cancelling=True)
    assert standing.status == S.CANCEL_PENDING


@pytest.mark.parametrize(
    ("heard", "delivery", "status"),
    [
        ((), Delivery.LOST, S.UNCERTAIN),
        ((), Delivery.PLANNED, S.QUEUED),
        ((), Delivery.SENT, S.SUBMITTING),
        ((DENIED,), Delivery.APP_ACKED, S.DENIED),
        ((said(Answer.REJECTED),), Delivery.REFUSED, S.REJECTED),
        ((said(Answer.CANCELLED),), Delivery.APP_ACKED, S.CANCELLED),
        ((said(Answer.CLOSED),), Delivery.APP_ACKED, S.CLOSED_BY_PAYER),
    ],
)
def test_what_cannot_be_cancelled_now_is_not_called_cancel_pending(
    heard: tuple[Outcome, ...], delivery: Delivery, status: CaseStatus
) -> None:
    assert stand(*heard, delivery=delivery, cancelling=True).status == status


def test_a_confirmed_cancellation_cancels_every_line() -> None:
    standing = stand(PENDED, said(Answer.CANCELLED))
    assert standing.status == S.CANCELLED
    assert {result.outcome for result in standing.lines.values()} == {L.CANCELLED}
    assert standing.attention is Attention.NONE


def test_a_cancellation_said_line_by_line_is_the_same() -> None:
    assert stand(PENDED, reviewed(L.CANCELLED, L.CANCELLED)).status == S.CANCELLED


CONFIRMED = Heard(said(Answer.CANCELLED), at(0), filing=False, change=True)
CLOSED = said(Answer.CLOSED, attention=Attention.PROVIDER, attention_why="submit the request anew")


@pytest.mark.parametrize("over", [CLOSED, said(Answer.DUPLICATE), reviewed(L.NOT_REQUIRED, L.NOT_REQUIRED)])
@pytest.mark.parametrize("closed_first", [True, False])
def test_a_cancellation_that_crosses_with_an_end_leaves_nobody_anything_to_do(
    over: Outcome, closed_first: bool
) -> None:
    order = [Heard(over, at(0)), CONFIRMED] if closed_first else [CONFIRMED, Heard(over, at(0))]
    standing = stand(*(replace(item, at=at(place)) for place, item in enumerate(order)))
    cancelled = over.answer is Answer.CLOSED or not closed_first
    assert (standing.status is CaseStatus.CANCELLED) is cancelled
    assert (standing.attention, standing.contradictions) == (Attention.NONE, ())


def test_a_cancellation_that_nobody_asked_for_contradicts_a_closure() -> None:
    standing = stand(CLOSED, said(Answer.CANCELLED))
    assert (standing.status, standing.attention) == (CaseStatus.CLOSED_BY_PAYER, Attention.OPERATOR)
    late = stand(CONFIRMED, CLOSED.model_copy(update={"attention": Attention.OPERATOR}))
    assert (late.status, late.attention) == (CaseStatus.CANCELLED, Attention.OPERATOR)


def test_a_refused_cancellation_leaves_the_review_and_tells_the_practice() -> None:
    reason = Reason(word=Word.OTHER, text="x")
    standing = stand(APPROVED, said(Answer.CANCEL_REFUSED, reasons=(reason,)))
    assert (standing.status, standing.attention) == (S.APPROVED, Attention.PROVIDER)
    assert standing.attention_why == "the payer refused the cancellation"
    assert reason in standing.reasons


# cases of several submissions

_standings = st.builds(lambda heard, delivery: settle(LINES, delivery, heard), _heard, _deliveries)


@given(st.lists(_standings, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_a_case_does_not_depend_on_the_order_of_its_submissions(
    standings: list[Standing], chance: random.Random
) -> None:
    shuffled = chance.sample(standings, len(standings))
    one, other = roll_up_standings(standings), roll_up_standings(shuffled)
    assert (one.status, one.attention, one.reference_pending) == (
        other.status,
        other.attention,
        other.reference_pending,
    )
    assert {line: result.outcome for line, result in one.lines.items()} == {
        line: result.outcome for line, result in other.lines.items()
    }


@given(_standings)
def test_a_case_of_one_submission_stands_where_the_submission_stands(standing: Standing) -> None:
    assert roll_up_standings([standing]) == standing


def test_a_line_filed_twice_takes_the_more_demanding_outcome() -> None:
    whole = roll_up_standings([stand(APPROVED), stand(reviewed(L.NOT_CERTIFIED, L.INFO_REQUESTED))])
    assert [whole.lines[line].outcome for line in LINES] == [L.NOT_CERTIFIED, L.INFO_REQUESTED]


def test_where_one_payer_grants_what_another_denies_nothing_is_called_approved() -> None:
    whole = roll_up_standings([stand(APPROVED), stand(DENIED)])
    assert (whole.status, {result.outcome for result in whole.lines.values()}) == (S.DENIED, {L.NOT_CERTIFIED})
    half = roll_up_standings([stand(APPROVED), stand(reviewed(L.CERTIFIED, L.NOT_CERTIFIED))])
    assert half.status is S.PARTIALLY_APPROVED


def test_a_line_that_a_closed_submission_never_spoke_of_steps_back() -> None:
    whole = roll_up_standings([stand(said(Answer.CLOSED)), stand(APPROVED)])
    assert {result.outcome for result in whole.lines.values()} == {L.CERTIFIED}


def test_the_case_asks_for_whoever_is_most_urgent() -> None:
    whole = roll_up_standings([stand(PENDED), stand(said(Answer.UNMAPPED)), stand(ASKED)])
    assert whole.attention is Attention.OPERATOR


def test_a_case_without_submissions_stands_nowhere() -> None:
    with pytest.raises(ValueError, match="empty"):
        roll_up_standings([])


def test_decided_cases_ask_for_nobody() -> None:
    for outcome in (APPROVED, DENIED, reviewed(L.CERTIFIED, L.NOT_CERTIFIED)):
        standing = stand(outcome)
        assert standing.status in DECIDED
        assert standing.attention is Attention.NONE


def by(kind: str, answer: Answer) -> Outcome:
    return said(answer, sources={"/answer": {"path": f"{kind}/01", "start": 0, "end": 1}})


@pytest.mark.parametrize("first", [(), (by("TA1", Answer.RECEIVED),)])
def test_who_says_that_it_has_what_it_refused_by_the_same_kind_of_message_calls_an_operator(
    first: tuple[Outcome, ...],
) -> None:
    refused = stand(*first, by("999", Answer.REJECTED), by("999", Answer.RECEIVED))
    assert (refused.status, refused.attention) == (S.REJECTED, Attention.OPERATOR)
    assert "refused" in (refused.attention_why or "")
    late = stand(*first, by("999", Answer.REJECTED), by("999", Answer.RECEIVED), APPROVED)
    assert (late.status, late.attention) == (S.APPROVED, Attention.NONE)


@pytest.mark.parametrize(("refusing", "taking"), [("999", "TA1"), ("824", "999"), ("2000E", "999"), ("999", "")])
def test_what_another_kind_of_message_takes_may_be_refused_all_the_same(refusing: str, taking: str) -> None:
    taken = by(taking, Answer.RECEIVED) if taking else said(Answer.RECEIVED)
    standing = stand(by(refusing, Answer.REJECTED), taken)
    assert (standing.status, standing.attention) == (S.REJECTED, Attention.PROVIDER)


def test_a_refused_inquiry_is_no_refusal_of_the_filing_that_was_taken() -> None:
    standing = stand(by("999", Answer.RECEIVED), Heard(by("999", Answer.REJECTED), at(3), filing=False))
    assert (standing.status, standing.attention) == (S.RECEIVED, Attention.PROVIDER)


def test_a_request_that_the_payer_closes_asks_nothing_of_its_lines_and_keeps_what_was_decided() -> None:
    half = reviewed(LineOutcome.CERTIFIED, LineOutcome.INFO_REQUESTED)
    standing = stand(half, said(Answer.CLOSED))
    assert standing.status is CaseStatus.CLOSED_BY_PAYER
    assert [result.outcome for result in standing.lines.values()] == [LineOutcome.CERTIFIED, LineOutcome.PENDING]


def test_by_when_the_payer_will_decide_is_what_it_said_last() -> None:
    soon, later = at(60), at(600)
    pended = PENDED.model_copy(update={"expected_by": soon})
    assert stand(pended).expected_by == soon
    assert stand(pended, PENDED.model_copy(update={"expected_by": later})).expected_by == later
    assert stand(pended, said(Answer.UNMAPPED)).expected_by == soon
    assert stand(pended, ASKED).expected_by is None
    assert stand(pended, said(Answer.CLOSED)).expected_by is None
    assert stand(pended, APPROVED).expected_by is None
    both = [stand(pended), stand(PENDED.model_copy(update={"expected_by": later})), stand(APPROVED)]
    assert roll_up_standings(both).expected_by == soon
    assert roll_up_standings(both[1:]).expected_by == later
    assert roll_up_standings(both[2:]).expected_by is None
    sealed = TypeAdapter(Standing).dump_json(stand(pended))
    assert TypeAdapter(Standing).validate_json(sealed).expected_by == soon


def test_each_reason_for_which_an_operator_is_called_is_told_once_whatever_stands_in_it() -> None:
    """A reason may hold what stands between reasons, and be a part of another."""
    long, short = "the number is odd; it may be words", "it may be words"
    one = said(Answer.UNMAPPED, attention=Attention.OPERATOR, **put_together((long,)))
    two = said(Answer.UNMAPPED, attention=Attention.OPERATOR, **put_together((short, "another drug")))
    assert (one.whys, two.whys) == ((long,), (short, "another drug"))
    assert (two.attention_why, one.attention_whys) == ("it may be words; another drug", ())
    assert said(Answer.UNMAPPED).whys == ()
    assert stand(one, two).attention_why == f"{long}; it may be words; another drug"
    assert stand(one, two, one, two).attention_why == stand(one, two).attention_why
    told = [two, two.model_copy(update={"attention_whys": ()})]
    assert len({each.digest() for each in told}) == 1, "how it is kept is no part of what it says"
